//! A whole training run: its folder, what it tells while it runs, and going on after a stop.
//!
//! A run folder holds, beside the checkpoints:
//! * `resolved.yaml`, the config with every key and whole paths, written before the first step; a
//!   `config.yaml` beside it is its author's and stays as it is;
//! * `run.yaml`: program, data, device, steps taken;
//! * `log.csv` (losses), `speed.csv` (pace) and `losses.png`;
//! * `metrics.csv` (measures of generated music beside real music) and `metrics.png`;
//! * `samples/` and `evolution.png`;
//! * `best/`, the model of the step nearest to real music, and when all steps are taken `model/`, both of
//!   which [`Library::load`](crate::model::Library::load) reads.
//!
//! Whatever is written is written whole, and a checkpoint only if every number in it is one: whoever
//! ends the process, at most the steps since the last checkpoint are lost.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::config::Data;
use super::corpus::Corpus;
use super::evaluation::Evaluations;
use super::folder::RunFolder;
use super::log::{Log, LogLine};
use super::manifest::{Best, Manifest};
use super::play::Player;
use super::samples::Samples;
use super::{Losses, TrainConfig, TrainError, Trainer, resolved};
use crate::base::{Cancel, Stamp};
use crate::data::Dataset;
use crate::model::config::Grid;
use crate::model::{DeviceName, Library, ModelError, Opened};

/// What the manifest is called.
pub const MANIFEST: &str = "run.yaml";
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
    /// Where `warm_start` finds models by name.
    pub library: Library,
    /// What the run's pictures and arrays say that made them; the run's name is added where there is none.
    pub stamp: Stamp,
}

/// A step that a run has just taken.
#[derive(Clone, Copy, Debug)]
pub struct StepReport<'a> {
    /// Generator steps taken in all, this one among them.
    pub step: u64,
    /// Generator steps that the run will take in all.
    pub steps: u64,
    /// The learning rate of the step.
    pub learning_rate: f64,
    losses: &'a Losses,
}

impl StepReport<'_> {
    /// The losses of the step: critic (without the penalty), generator, penalty (unweighted). They are
    /// still on the device, and reading them waits for it; no need to read them in every step.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails to give them.
    pub fn losses(&self) -> Result<[f32; 3], ModelError> {
        self.losses.read()
    }
}

/// Hears what happens in a run, and may end it; every method has an empty default.
pub trait Observer {
    /// A step was taken, and what was due after it is written. [`ControlFlow::Break`] ends the run there
    /// as a stop from outside does, with a checkpoint kept.
    fn stepped(&mut self, _report: &StepReport<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    /// A line was logged.
    fn logged(&mut self, _line: &LogLine) {}
    /// A file was written.
    fn wrote(&mut self, _path: &Path) {}
    /// Something to tell a person.
    fn noted(&mut self, _note: &str) {}
    /// Seconds since any fixed moment, for the pace; `None` where nobody measures the time.
    fn seconds(&mut self) -> Option<f64> {
        None
    }
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
/// [`TrainError::NoPhrases`] when there is no such file, [`TrainError::Data`] when it cannot be read,
/// [`TrainError::TooFew`] when too few are left.
pub fn load_data(data: &Data) -> Result<Dataset, TrainError> {
    if !data.file.exists() {
        return Err(TrainError::NoPhrases { path: data.file.clone() });
    }
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

/// Refuses phrases that lack what the grid wants.
fn check_data(grid: &Grid, set: &Dataset, path: &Path) -> Result<(), TrainError> {
    let mismatch = |wanted: String, got: String, advice| {
        Err(TrainError::Mismatch { path: path.to_owned(), wanted, got, advice })
    };
    let known = set.layout().track_names();
    let is_known = |name: &&String| known.iter().any(|other| other.eq_ignore_ascii_case(name));
    if !grid.tracks.iter().all(|name| is_known(&name)) {
        let count = |names: &[String]| format!("{} tracks ({})", names.len(), names.join(", "));
        let advice = "name tracks of the data in `model.grid.tracks`";
        return mismatch(count(&grid.tracks), count(&known), advice);
    }
    let bars = set.layout().bars();
    if grid.bars > bars {
        let phrases = |bars| format!("phrases of {bars} bars");
        return mismatch(phrases(grid.bars), phrases(bars), "set `model.grid.bars` to at most that");
    }
    Ok(())
}

/// Share of the phrases that `use_train_test_split` keeps from training.
const HELD_OUT: f64 = 0.1;

/// The phrases that a config learns from, and those held out of it, if any.
///
/// # Errors
/// As [`load_data`].
pub fn load_sets(config: &TrainConfig) -> Result<(Dataset, Option<Dataset>), TrainError> {
    let set = load_data(&config.data)?;
    if !config.use_train_test_split {
        return Ok((set, config.held_out.as_ref().map(load_data).transpose()?));
    }
    let (kept, held_out) = set.split_off(HELD_OUT);
    match kept.len() < FEWEST {
        true => Err(TrainError::TooFew { path: config.data.file.clone(), needed: FEWEST, got: kept.len() }),
        false => Ok((kept, Some(held_out))),
    }
}

/// Trains until the config's steps are taken, `cancel` is raised or `observer` ends it; in any case the
/// last state is kept.
///
/// # Errors
/// [`TrainError`], among them [`TrainError::Exists`] when the folder holds a run that is not to be
/// resumed, [`TrainError::Diverged`] when losses or weights are no longer numbers, and
/// [`TrainError::Collapsed`] when the config wants the run to stop at signs of that.
pub fn run(
    config: &TrainConfig,
    options: &RunOptions,
    observer: &mut dyn Observer,
    cancel: &Cancel,
) -> Result<RunEnd, TrainError> {
    let folder = RunFolder::new(&options.folder, config.keep_checkpoints);
    if !options.resume && folder.newest().exists() {
        return Err(TrainError::Exists { path: options.folder.clone() });
    }
    resolved::check(&folder.path(resolved::FILE), config)?;
    Manifest::check(&folder.path(MANIFEST))?;
    let (set, held_out) = load_sets(config)?;
    check_data(&config.model.grid, &set, &config.data.file)?;
    let corpus = Corpus::new(&config.model.grid, &set)?;
    // What training needs of it is in the corpus.
    drop(set);
    let held_out = match held_out {
        Some(set) => {
            let file = config.held_out.as_ref().map_or(&config.data.file, |data| &data.file);
            check_data(&config.model.grid, &set, file)?;
            Some(Corpus::new(&config.model.grid, &set)?)
        }
        None => None,
    };
    let Opened { device, is_cpu, remark } = options.device.open()?;
    if let Some(remark) = remark {
        observer.noted(&remark);
    }
    let mut trainer = Trainer::new(config, &corpus, &device)?;
    let player = Player { config, corpus: &corpus };
    let real = held_out.as_ref().unwrap_or(&corpus);
    let mut run = Run {
        config,
        log: Log::new(&options.folder),
        samples: Samples::new(player, &options.folder, is_cpu),
        evaluations: match config.evaluate_steps {
            0 => None,
            _ => Some(Evaluations::new(player, &options.folder, real, is_cpu)?),
        },
        manifest: Manifest::new(config, corpus.len())?,
        stamp: options.stamp.clone().in_run(&config.name),
        corpus: &corpus,
        real,
        folder,
        observer,
    };
    if options.resume {
        run.resume(&mut trainer)?;
    } else if let Some(from) = &config.warm_start {
        trainer.warm_start(from, &options.library, &corpus)?;
    }
    run.begin(&trainer, options.device)?;
    while trainer.step() < config.steps && !cancel.is_raised() {
        let learning_rate = config.learning_rate(trainer.step());
        let losses = trainer.advance(&corpus);
        corpus.check()?;
        run.after(&trainer, &losses)?;
        let report = StepReport { step: trainer.step(), steps: config.steps, learning_rate, losses: &losses };
        if run.observer.stepped(&report).is_break() {
            break;
        }
    }
    run.end(&trainer)
}

/// A run that goes on, and everything that it writes.
struct Run<'a> {
    config: &'a TrainConfig,
    folder: RunFolder,
    corpus: &'a Corpus,
    /// What the model is fitted to and set beside.
    real: &'a Corpus,
    log: Log,
    samples: Samples<'a>,
    evaluations: Option<Evaluations<'a>>,
    manifest: Manifest,
    stamp: Stamp,
    observer: &'a mut dyn Observer,
}

impl Run<'_> {
    /// Takes up what an earlier part of the run left.
    fn resume(&mut self, trainer: &mut Trainer) -> Result<(), TrainError> {
        trainer.restore(&self.folder.newest()).map_err(|error| match error {
            TrainError::Checkpoint { path, reason } => {
                TrainError::Checkpoint { path, reason: format!("{reason}; {}", self.folder.way_back()) }
            }
            other => other,
        })?;
        let step = trainer.step();
        self.log.resume(step)?;
        self.samples.resume(step)?;
        if let Some(evaluations) = &mut self.evaluations {
            evaluations.resume(step)?;
        }
        for file in self.manifest.resume(&self.folder.path(MANIFEST), step)? {
            let file = file.display();
            self.observer.noted(&format!(
                "`{file}` is not what this run began with: it learns from other phrases now"
            ));
        }
        Ok(())
    }

    /// Writes what the run is, before its first step.
    fn begin(&mut self, trainer: &Trainer, device: DeviceName) -> Result<(), TrainError> {
        resolved::write(&self.folder.path(resolved::FILE), self.config)?;
        self.manifest.sit_down(trainer.step(), device);
        self.manifest.write(&self.folder.path(MANIFEST), trainer.step())?;
        self.log.start(trainer.step(), self.observer.seconds());
        Ok(())
    }

    /// Does what is due after a step.
    fn after(&mut self, trainer: &Trainer, losses: &Losses) -> Result<(), TrainError> {
        let (config, step) = (self.config, trainer.step());
        let is_last = step == config.steps;
        let every = |interval: u64| interval > 0 && step.is_multiple_of(interval);
        let logs = every(config.log_loss_steps) || is_last;
        let samples = every(config.save_samples_steps);
        let evaluates = every(config.evaluate_steps);
        let keeps = every(config.save_checkpoint_steps) || is_last;
        let summarizes = config.draws(false, |interval| every(interval) || (interval > 0 && is_last));
        if !(logs || samples || evaluates || keeps || summarizes) {
            return Ok(());
        }
        // Nothing is written of a state that is no good.
        let losses = losses.read()?;
        if losses.iter().any(|loss| !loss.is_finite()) {
            return Err(TrainError::Diverged { step });
        }
        trainer.check()?;
        if logs || summarizes {
            let rate = config.learning_rate(step - 1);
            let line = self.log.add(step, losses, rate, self.observer.seconds());
            self.observer.logged(&line);
        }
        if samples {
            self.samples.draw(trainer, &self.stamp, self.observer)?;
        }
        let collapse = if evaluates { self.evaluate(trainer)? } else { None };
        if summarizes {
            self.summarize()?;
        }
        if keeps || collapse.is_some() {
            self.keep(trainer)?;
        }
        match collapse {
            Some(reason) => Err(TrainError::Collapsed { step, reason }),
            None => Ok(()),
        }
    }

    /// Writes and draws the losses and metrics so far.
    fn summarize(&mut self) -> Result<(), TrainError> {
        self.log.write()?;
        self.observer.wrote(&self.log.draw(&self.config.name, &self.stamp)?);
        if let Some(evaluations) = self.evaluations.as_ref().filter(|evaluations| !evaluations.is_empty()) {
            self.observer.wrote(&evaluations.draw(&self.stamp)?);
        }
        Ok(())
    }

    /// Sets samples beside real music; the reason to stop, if there is one and the config wants it.
    fn evaluate(&mut self, trainer: &Trainer) -> Result<Option<String>, TrainError> {
        let Some(evaluations) = &mut self.evaluations else { return Ok(None) };
        let (verdict, is_best) = evaluations.add(trainer)?;
        self.observer.wrote(&self.folder.path("metrics.csv"));
        if self.config.draws(true, |_| false) {
            self.observer.wrote(&evaluations.draw(&self.stamp)?);
        }
        if let (true, Some(distance)) = (is_best, verdict.distance) {
            trainer.save(&self.folder.best())?;
            self.export(trainer, "best")?;
            self.manifest.best = Some(Best { step: trainer.step(), distance });
        }
        let advice = verdict.advice(trainer.step(), self.config.steps);
        if let Some(advice) = &advice {
            self.observer.noted(&format!("step {}: {advice}", trainer.step()));
        }
        Ok(advice.filter(|_| self.config.stop_on_collapse))
    }

    /// Keeps a checkpoint, and what tells of the steps up to it.
    fn keep(&mut self, trainer: &Trainer) -> Result<(), TrainError> {
        // The log first: a run that goes on forgets what is later than its checkpoint, but cannot know
        // what is missing.
        self.log.write()?;
        self.folder.keep(trainer)?;
        self.manifest.write(&self.folder.path(MANIFEST), trainer.step())?;
        if self.config.draws(true, |_| false) {
            self.log.draw(&self.config.name, &self.stamp)?;
        }
        self.observer.wrote(&self.folder.newest());
        Ok(())
    }

    /// The model when all steps are taken, else a checkpoint.
    fn end(mut self, trainer: &Trainer) -> Result<RunEnd, TrainError> {
        let step = trainer.step();
        if step < self.config.steps {
            trainer.check()?;
            self.keep(trainer)?;
            return Ok(RunEnd { step, finished: false, model: None });
        }
        let model = self.export(trainer, "model")?;
        self.observer.wrote(&model);
        self.manifest.finished = true;
        self.manifest.write(&self.folder.path(MANIFEST), step)?;
        Ok(RunEnd { step, finished: true, model: Some(model) })
    }

    fn export(&self, trainer: &Trainer, name: &str) -> Result<PathBuf, TrainError> {
        let file = &self.config.data.file;
        let file = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        let folder = self.folder.path(name);
        trainer.export(&folder, &format!("trained on {file}"), self.corpus, self.real)?;
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npz::PhraseArray;

    #[test]
    fn what_the_data_lacks_is_named_on_both_sides() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.npz");
        let mut phrases = PhraseArray::new(2, 48, 84).unwrap();
        let tour = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz");
        let phrase = crate::npz::read_phrases(&tour).unwrap().phrase(0).unwrap();
        phrases.push(&phrase.first_bars(2).unwrap()).unwrap();
        crate::npz::write_phrases(&path, &phrases, None).unwrap();
        let set = Dataset::load(&path).unwrap();
        let check = |grid: &Grid| check_data(grid, &set, &path).map_err(|error| error.to_string());
        let two = Grid { bars: 2, ..Grid::small() };
        assert_eq!(check(&two), Ok(()));
        let error = check(&Grid::small()).unwrap_err();
        assert!(
            error.contains("wants phrases of 4 bars") && error.contains("has phrases of 2 bars"),
            "{error}"
        );
        let error = check(&Grid { tracks: vec!["drums".into(), "choir".into()], ..two }).unwrap_err();
        assert!(
            error.contains("2 tracks (drums, choir)") && error.contains("5 tracks (drums, piano"),
            "{error}"
        );
        assert!(error.contains("two.npz"), "{error}");
    }
}
