//! `ricercar train CONFIG`: trains a model, and goes on with one that was stopped.

use std::io::{IsTerminal, stderr};
use std::path::Path;

use super::failure::Failure;
use super::terminal::Terminal;
use super::{Program, args};
use crate::train::{LogLine, Observer, RunOptions, TrainConfig, run as run_training};

/// Folder of run folders, each called after its model, unless `--out` names a run's own.
const RUNS: &str = "runs";

/// Trains by a config until its steps are taken; the model's folder is the result.
///
/// # Errors
/// What is wrong with the config, the data or the run folder; [`Failure::Stopped`] after Ctrl-C, with
/// a checkpoint kept.
pub(super) fn run(program: &Program, train: &args::Train) -> Result<(), Failure> {
    let globals = &program.arguments.globals;
    let mut config = TrainConfig::read(&train.config)?;
    config.seed = globals.seed.unwrap_or(config.seed);
    let folder = globals.out.clone().unwrap_or_else(|| Path::new(RUNS).join(&config.name));
    let options =
        RunOptions { folder: folder.clone(), resume: train.resume, device: globals.device.parse()? };
    let terminal = &program.terminal;
    terminal.note(&format!("training in {}; Ctrl-C stops and keeps a checkpoint", folder.display()));
    let mut teller = Teller { terminal, steps: config.steps, has_bar: stderr().is_terminal() };
    let end = run_training(&config, &options, &mut teller, terminal.bar(), program.interrupt.cancel());
    terminal.bar().clear();
    let end = end?;
    match end.model {
        Some(model) => terminal.line(&model.display().to_string()),
        None => Err(Failure::Stopped(Some(format!(
            "stopped after step {} of {}; the same command with `--resume` goes on",
            end.step, config.steps
        )))),
    }
}

/// Tells on stderr what happens. Losses go to the progress bar where there is one, and are lines
/// elsewhere.
struct Teller<'a> {
    terminal: &'a Terminal,
    steps: u64,
    has_bar: bool,
}

impl Observer for Teller<'_> {
    fn logged(&mut self, line: &LogLine) {
        if !self.has_bar {
            self.terminal.note(&format!(
                "step {} of {}: critic {:.3}, generator {:.3}, penalty {:.3}",
                line.step, self.steps, line.critic, line.generator, line.penalty
            ));
        }
    }

    fn wrote(&mut self, path: &Path) {
        if path.extension().is_none_or(|extension| extension != "safetensors") {
            self.terminal.note(&format!("wrote {}", path.display()));
        }
    }

    fn noted(&mut self, note: &str) {
        self.terminal.note(note);
    }
}
