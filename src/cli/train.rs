//! `ricercar train CONFIG`: trains a model, and goes on with one that was stopped.

use std::io::{IsTerminal, stderr};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::Program;
use super::failure::Failure;
use super::lists::library;
use super::terminal::Terminal;
use crate::base::{Progress, Stamp};
use crate::train::{LogLine, Observer, RunOptions, StepReport, TrainConfig, run as run_training};

/// Train a model.
#[derive(Debug, Args)]
pub(super) struct Train {
    /// What to train, and on what: a YAML file, or a folder with config.yaml (and params.yaml); it is
    /// never written to, the run's folder has all keys as resolved.yaml
    config: PathBuf,
    /// Go on from the checkpoint of a run that was stopped
    #[arg(long)]
    resume: bool,
}

/// Folder of run folders, each called after its model, unless `--out` names a run's own.
const RUNS: &str = "runs";

/// Trains by a config until its steps are taken; the model's folder is the result.
///
/// # Errors
/// What is wrong with the config, the data or the run folder; [`Failure::Stopped`] after Ctrl-C, with
/// a checkpoint kept.
pub(super) fn run(program: &Program, train: &Train) -> Result<(), Failure> {
    let globals = &program.arguments.globals;
    let mut config = TrainConfig::read(&train.config)?;
    config.seed = globals.seed.unwrap_or(config.seed);
    let folder = globals.out.clone().unwrap_or_else(|| Path::new(RUNS).join(&config.name));
    let options = RunOptions {
        folder: folder.clone(),
        resume: train.resume,
        device: globals.device.parse()?,
        library: library(program),
        stamp: Stamp::of_program(),
    };
    let terminal = &program.terminal;
    terminal.note(&format!("training in {}; Ctrl-C stops and keeps a checkpoint", folder.display()));
    let mut teller = Teller::new(terminal, config.steps);
    let end = run_training(&config, &options, &mut teller, program.interrupt.cancel());
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
pub(super) struct Teller<'a> {
    terminal: &'a Terminal,
    steps: u64,
    /// The last losses that were logged, for the bar.
    losses: String,
    has_bar: bool,
    start: Instant,
}

impl<'a> Teller<'a> {
    /// A teller of a run of `steps` steps that begins now.
    pub(super) fn new(terminal: &'a Terminal, steps: u64) -> Self {
        let (has_bar, start) = (stderr().is_terminal(), Instant::now());
        Self { terminal, steps, losses: String::new(), has_bar, start }
    }
}

impl Observer for Teller<'_> {
    fn stepped(&mut self, report: &StepReport<'_>) -> ControlFlow<()> {
        self.terminal.bar().report(report.step, report.steps, &self.losses);
        ControlFlow::Continue(())
    }

    fn logged(&mut self, line: &LogLine) {
        self.losses = format!("critic {:.2}  generator {:.2}", line.critic, line.generator);
        if !self.has_bar {
            let pace = line.steps_per_second.map_or_else(String::new, |pace| {
                let left = self.steps.saturating_sub(line.step) as f64 / pace;
                format!("; {pace:.2} steps/s, {} left", duration(left))
            });
            self.terminal.note(&format!(
                "step {} of {}: critic {:.3}, generator {:.3}, penalty {:.3}{pace}",
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

    fn seconds(&mut self) -> Option<f64> {
        Some(self.start.elapsed().as_secs_f64())
    }
}

/// Hours, minutes and seconds: `2:03:20`.
fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_in_hours_minutes_and_seconds() {
        assert_eq!(
            [0.4, 75.0, 7400.0, 360_000.0].map(duration),
            ["0:00:00", "0:01:15", "2:03:20", "100:00:00"]
        );
    }
}
