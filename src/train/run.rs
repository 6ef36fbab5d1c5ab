//! A whole training run: its folder, its log, its samples, and going on after a stop.
//!
//! A run folder holds `config.yaml` (written before the first step), `checkpoint.safetensors`,
//! `log.csv` (losses), `metrics.csv` (measures of generated music), `samples/`, `evolution.png`, and
//! when it has ended `model/`, which [`Library::load`](crate::model::Library::load) reads.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::batch::Corpus;
use super::config::Data;
use super::samples::Samples;
use super::{TrainConfig, TrainError, Trainer};
use crate::base::{Cancel, Progress, read_file, write_atomically};
use crate::data::Dataset;
use crate::model::{DeviceName, Opened};

/// Fewest phrases that anything can be learnt from.
const FEWEST: usize = 16;

/// Where a run goes, and on what.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOptions {
    /// The run's folder.
    pub folder: PathBuf,
    /// Whether to go on from the folder's checkpoint.
    pub resume: bool,
    /// Where it computes.
    pub device: DeviceName,
}

/// One line of the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogLine {
    /// Generator steps taken.
    pub step: u64,
    /// The critic's loss, without the penalty.
    pub critic: f32,
    /// The generator's loss.
    pub generator: f32,
    /// The gradient penalty, unweighted.
    pub penalty: f32,
    /// The learning rate.
    pub learning_rate: f64,
}

/// Hears what happens in a run; every method has an empty default.
pub trait Observer {
    /// A line was logged.
    fn logged(&mut self, _line: &LogLine) {}
    /// A file was written.
    fn wrote(&mut self, _path: &Path) {}
    /// Something to tell a person.
    fn noted(&mut self, _note: &str) {}
}

/// An observer that does nothing.
pub struct Unobserved;

impl Observer for Unobserved {}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEnd {
    /// Generator steps taken in all.
    pub step: u64,
    /// Whether all steps were taken; otherwise it was stopped, and its checkpoint kept.
    pub finished: bool,
    /// The model, once all steps were taken.
    pub model: Option<PathBuf>,
}

/// Loads the phrases that a config names.
///
/// # Errors
/// [`TrainError::Data`] when they cannot be read, [`TrainError::TooFew`] when too few are left.
pub fn load_data(data: &Data) -> Result<Dataset, TrainError> {
    let mut set = Dataset::load(&data.file)?;
    if let Some(songs) = &data.songs {
        set =
            set.with_songs(songs, data.split.as_deref().unwrap_or("train"))?.without_sets(&data.exclude_sets);
    }
    if set.len() < FEWEST {
        return Err(TrainError::TooFew { path: data.file.clone(), needed: FEWEST, got: set.len() });
    }
    Ok(set)
}

/// Trains until the config's steps are taken or `cancel` is raised; either way the last state is
/// kept.
///
/// # Errors
/// [`TrainError`], among them [`TrainError::Exists`] when the folder holds a run that is not to be
/// resumed, and [`TrainError::Diverged`] when the losses are no longer numbers.
pub fn run(
    config: &TrainConfig,
    options: &RunOptions,
    observer: &mut dyn Observer,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<RunEnd, TrainError> {
    let checkpoint = options.folder.join("checkpoint.safetensors");
    if !options.resume && checkpoint.exists() {
        return Err(TrainError::Exists { path: options.folder.clone() });
    }
    let set = load_data(&config.data)?;
    let corpus = Corpus::new(&config.model.grid, &set);
    let Opened { device, is_cpu, remark } = options.device.open()?;
    if let Some(remark) = remark {
        observer.noted(&remark);
    }
    let mut trainer = Trainer::new(config, &corpus, &device)?;
    let mut log = Log::new(options.folder.join("log.csv"));
    if options.resume {
        trainer.restore(&checkpoint)?;
        log.resume(trainer.step())?;
    } else if let Some(from) = &config.warm_start {
        trainer.warm_start(from)?;
    }
    write_atomically(&options.folder.join("config.yaml"), config.to_yaml()?.as_bytes())?;
    let mut samples = Samples::new(config, &options.folder, &corpus, is_cpu);
    samples.resume(trainer.step())?;
    let every = |interval: u64, step: u64| interval > 0 && step.is_multiple_of(interval);
    while trainer.step() < config.steps && !cancel.is_raised() {
        let losses = trainer.advance(&corpus);
        let step = trainer.step();
        let is_last = step == config.steps;
        if every(config.log_loss_steps, step) || is_last {
            let line = log.add(step, losses.read()?, config.learning_rate(step - 1))?;
            observer.logged(&line);
            let note = format!("critic {:.2}  generator {:.2}", line.critic, line.generator);
            progress.report(step, config.steps, &note);
        }
        if every(config.save_samples_steps, step) {
            samples.draw(&trainer, observer)?;
        }
        if every(config.evaluate_steps, step) {
            samples.measure(&trainer, observer)?;
        }
        if every(config.save_checkpoint_steps, step) || is_last {
            keep(&trainer, &checkpoint, &log)?;
            observer.wrote(&checkpoint);
        }
    }
    progress.report(config.steps, config.steps, "");
    let finished = trainer.step() >= config.steps;
    if !finished {
        keep(&trainer, &checkpoint, &log)?;
        observer.wrote(&checkpoint);
        return Ok(RunEnd { step: trainer.step(), finished, model: None });
    }
    let folder = options.folder.join("model");
    let held_out = config.held_out.as_ref().map(load_data).transpose()?;
    let fitted = held_out.map(|set| Corpus::new(&config.model.grid, &set));
    let about = format!("trained on {}", file_name(&config.data.file));
    trainer.export(&folder, &about, &corpus, fitted.as_ref().unwrap_or(&corpus))?;
    observer.wrote(&folder);
    Ok(RunEnd { step: trainer.step(), finished, model: Some(folder) })
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn keep(trainer: &Trainer, checkpoint: &Path, log: &Log) -> Result<(), TrainError> {
    trainer.save(checkpoint)?;
    log.write()
}

/// The losses as CSV, written whole with every checkpoint so that both tell of the same steps.
struct Log {
    path: PathBuf,
    rows: Vec<(u64, String)>,
}

impl Log {
    fn new(path: PathBuf) -> Self {
        Self { path, rows: Vec::new() }
    }

    fn add(&mut self, step: u64, losses: [f32; 3], learning_rate: f64) -> Result<LogLine, TrainError> {
        let [critic, generator, penalty] = losses;
        if losses.iter().any(|loss| !loss.is_finite()) {
            return Err(TrainError::Diverged { step });
        }
        self.rows.push((step, format!("{step},{critic},{generator},{penalty},{learning_rate}")));
        Ok(LogLine { step, critic, generator, penalty, learning_rate })
    }

    /// Reads back the rows up to `step`.
    fn resume(&mut self, step: u64) -> Result<(), TrainError> {
        if !self.path.exists() {
            return Ok(());
        }
        let bytes = read_file(&self.path)?;
        let text = String::from_utf8_lossy(&bytes);
        let rows = text.lines().skip(1).filter_map(|row| {
            let at: u64 = row.split(',').next()?.parse().ok()?;
            (at <= step).then(|| (at, row.to_owned()))
        });
        self.rows = rows.collect();
        Ok(())
    }

    fn write(&self) -> Result<(), TrainError> {
        let mut text = String::from("step,critic_loss,generator_loss,gradient_penalty,learning_rate\n");
        for (_, row) in &self.rows {
            let _ = writeln!(text, "{row}");
        }
        Ok(write_atomically(&self.path, text.as_bytes())?)
    }
}
