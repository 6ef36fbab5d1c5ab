//! `train::`: training runs from configs.

use std::path::Path;

use rhai::Map;
use rhai::plugin::*;

use super::latent::seed_or;
use super::lift;
use crate::experiment::{Cell, Table};
use crate::model::Model;
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};
use crate::train::config::Data;
use crate::train::{Comparison, LogLine, Observer, RunOptions, TrainConfig, real_phrases};

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

    /// Sets a model's music beside real phrases of a sparse training array. Options: `given` (a track:
    /// an accompanying model then answers that track of each real phrase), `count` (phrases, 500),
    /// `seed`, and to choose among the phrases `songs` (a song table), `split` and `exclude_sets`.
    /// Gives a map: `made` and `real` (Metrics), `overlap` (mean pairwise overlap of phrases, made and
    /// real), `pairs` (a table of tonal distances, own and with phrases shuffled), `follows` (for a
    /// given track: the p of each answer being nearer to its own given track than to others') and
    /// `markdown`, the page with all of it.
    ///
    /// ```rhai
    /// let told = train::compare(model::load("hybrid"), "examples/data/tour_256.npz", #{ count: 8 });
    /// print(told.pairs);
    /// assert(told.made.piano.notes > 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn compare(context: NativeCallContext, model: Model, file: &str, options: Map) -> Fallible<Map> {
        let settings = Context::of(&context);
        let mut options = Options::new("train::compare", options);
        let given = options.text("given")?;
        let count = options.count("count", 2..=100_000)?.unwrap_or(500);
        let seed = seed_or(&context, &mut options)?;
        let data = Data {
            file: file.into(),
            songs: options.text("songs")?.map(Into::into),
            split: options.text("split")?,
            exclude_sets: options.texts("exclude_sets")?.unwrap_or_default(),
        };
        options.finish()?;
        let real = lift(real_phrases(&data, given.as_deref(), count, seed))?;
        let told = lift(Comparison::of(&model, &real, given.as_deref(), seed, &settings.cancel))?;
        let mut pairs = Table::new();
        for (pair, [made, shuffled, real, real_shuffled]) in &told.pairs {
            pairs.add([
                ("pair", Cell::from(pair.clone())),
                ("made", Cell::from(*made)),
                ("made_shuffled", Cell::from(*shuffled)),
                ("real", Cell::from(*real)),
                ("real_shuffled", Cell::from(*real_shuffled)),
            ]);
        }
        let number = |x: Option<f64>| x.map_or(Dynamic::UNIT, Dynamic::from);
        let follows = told.follows.iter().map(|(track, p)| (track.as_str().into(), Dynamic::from(*p)));
        let mut result = Map::new();
        result.insert("markdown".into(), told.to_markdown().into());
        result.insert("overlap".into(), Dynamic::from_array(told.overlap.map(number).to_vec()));
        result.insert("follows".into(), Dynamic::from_map(follows.collect()));
        result.insert("made".into(), Dynamic::from(told.made));
        result.insert("real".into(), Dynamic::from(told.real));
        result.insert("pairs".into(), Dynamic::from(pairs));
        Ok(result)
    }
}
