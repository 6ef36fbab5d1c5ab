//! `train::`: training runs from configs.

use std::path::Path;

use rhai::Map;
use rhai::plugin::*;

use super::lift;
use crate::experiment::{Cell, Table};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};
use crate::train::{LogLine, Observer, RunOptions, TrainConfig};

/// Keeps the log as a table and tells of files on the side.
struct Watcher<'a> {
    log: Table,
    settings: &'a Context,
}

impl Observer for Watcher<'_> {
    fn logged(&mut self, line: &LogLine) {
        let number = |value: f32| Cell::from(f64::from(value));
        self.log.add([
            ("step", Cell::Int(line.step.cast_signed())),
            ("critic", number(line.critic)),
            ("generator", number(line.generator)),
            ("penalty", number(line.penalty)),
            ("learning_rate", line.learning_rate.into()),
        ]);
    }

    fn wrote(&mut self, path: &Path) {
        self.settings.note(&format!("wrote {}", path.display()));
    }

    fn noted(&mut self, note: &str) {
        self.settings.note(note);
    }
}

/// Training.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod training {
    /// Trains from a YAML config into a folder, until its steps are taken or somebody stops it; either
    /// way the last state is kept. Options: `folder` (needed), `resume` (go on from the folder's
    /// checkpoint), and `steps` and `seed` in place of the config's. Gives a map: `step`,
    /// `finished`, `model` (the folder to load, `()` unless finished) and `log`, a table of the losses.
    ///
    /// ```rhai
    /// let run = train::run("scripts/tiny.yaml", #{ folder: "tiny", steps: 1 });
    /// assert(run.finished);
    /// print(run.log);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn run(context: NativeCallContext, config: &str, options: Map) -> Fallible<Map> {
        let settings = Context::of(&context);
        let mut options = Options::new("train::run", options);
        let folder = options.text("folder")?;
        let resume = options.flag("resume")?.unwrap_or(false);
        let steps = options.count("steps", 1..=usize::MAX)?;
        let seed = options.seed("seed")?;
        options.finish()?;
        let folder = folder.ok_or_else(|| refuse("`train::run` needs `folder`: where the run is kept"))?;
        let mut config = lift(TrainConfig::read(Path::new(config)))?;
        config.steps = steps.map_or(config.steps, |steps| steps as u64);
        config.seed = seed.map_or(config.seed, |seed| seed.0);
        let folder = settings.output_path(&folder).map_err(refuse)?;
        let device = lift(settings.device.parse())?;
        let mut watcher = Watcher { log: Table::new(), settings: &settings };
        let run = RunOptions { folder, resume, device };
        let output: &dyn crate::base::Progress = &*settings.output;
        let end = lift(crate::train::run(&config, &run, &mut watcher, output, &settings.cancel))?;
        let model = end.model.map(|folder| Dynamic::from(folder.display().to_string()));
        let mut result = Map::new();
        result.insert("step".into(), Dynamic::from(end.step.cast_signed()));
        result.insert("finished".into(), end.finished.into());
        result.insert("model".into(), model.unwrap_or(Dynamic::UNIT));
        result.insert("log".into(), Dynamic::from(watcher.log));
        Ok(result)
    }
}
