//! `train::`: training runs from configs.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rhai::plugin::*;
use rhai::{Array, FnPtr, Map};

use super::config::to_config;
use super::latent::seed_or;
use super::lift;
use super::model::{allowed, decoding, library};
use crate::base::write_atomically;
use crate::experiment::{Cell, Table};
use crate::model::{DeviceName, Model};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::train::config::Data;
use crate::train::{
    CompareOptions, Comparison, Facts, InverseOptions, LogLine, Observer, Reference, RunOptions, StepReport,
    TrainConfig, load_data, train_inverse,
};

/// Keeps the log as a table, tells of files on the side and hands every step to the script.
struct Watcher<'a, 'c> {
    log: Table,
    /// The last losses that were logged, for the progress.
    losses: String,
    settings: &'a Context,
    context: &'a NativeCallContext<'c>,
    on_step: Option<FnPtr>,
    /// What went wrong in the script's function.
    failed: Option<Box<EvalAltResult>>,
}

impl Watcher<'_, '_> {
    /// Whether the script wants the run to go on.
    fn ask(&self, report: &StepReport<'_>) -> Fallible<bool> {
        let Some(on_step) = &self.on_step else { return Ok(true) };
        let [critic, generator, penalty] = lift(report.losses())?.map(f64::from);
        let whole = |number: u64| Dynamic::from(number.cast_signed());
        let told: Map = [
            ("step", whole(report.step)),
            ("steps", whole(report.steps)),
            ("critic", critic.into()),
            ("generator", generator.into()),
            ("penalty", penalty.into()),
            ("learning_rate", report.learning_rate.into()),
        ]
        .map(|(name, value)| (name.into(), value))
        .into();
        let answer: Dynamic = on_step.call_within_context(self.context, (told,))?;
        Ok(answer.as_bool().unwrap_or(true))
    }
}

impl Observer for Watcher<'_, '_> {
    fn stepped(&mut self, report: &StepReport<'_>) -> ControlFlow<()> {
        self.settings.output.report(report.step, report.steps, &self.losses);
        match self.ask(report) {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn logged(&mut self, line: &LogLine) {
        self.losses = format!("critic {:.2}  generator {:.2}", line.critic, line.generator);
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

/// Trains by a config, with the options of `train::run`.
fn start(context: &NativeCallContext, mut config: TrainConfig, options: Map) -> Fallible<Map> {
    let settings = Context::of(context);
    let mut options = Options::new("train::run", options);
    let folder = options.text("folder")?;
    let resume = options.flag("resume")?.unwrap_or(false);
    let steps = options.count("steps", 1..=usize::MAX)?;
    let seed = options.seed("seed")?;
    let on_step = options.function("on_step")?;
    options.finish()?;
    let folder = folder.ok_or_else(|| refuse("`train::run` needs `folder`: where the run is kept"))?;
    config.steps = steps.map_or(config.steps, |steps| steps as u64);
    config.seed = seed.map_or(config.seed, |seed| seed.0);
    let folder = settings.output_path(&folder).map_err(refuse)?;
    let device: DeviceName = lift(settings.device.parse())?;
    if let Some(from) = &config.warm_start {
        let name = from.display().to_string();
        // A checkpoint, or a model that the library knows.
        settings
            .check_read(from)
            .or_else(|refused| {
                let is_name = from.components().count() == 1 && !from.exists();
                if is_name { allowed(&settings, &name).map(drop) } else { Err(refused) }
            })
            .map_err(refuse)?;
        if let Ok(hash) = library(&settings).hash(&name) {
            settings.ledger.loaded(&name, &hash, &device.to_string());
        }
    }
    for data in std::iter::once(&mut config.data).chain(&mut config.held_out) {
        data.file = settings.input_path(&data.file).map_err(refuse)?;
        data.songs = data.songs.take().map(|songs| settings.input_path(songs)).transpose().map_err(refuse)?;
    }
    let (log, losses) = (Table::new(), String::new());
    let mut watcher = Watcher { log, losses, settings: &settings, context, on_step, failed: None };
    let run = RunOptions { folder, resume, device, library: library(&settings), stamp: settings.stamp() };
    let end = crate::train::run(&config, &run, &mut watcher, &settings.cancel);
    settings.output.report(config.steps, config.steps, "");
    // What the script's function said comes first: it is why the run ended.
    if let Some(error) = watcher.failed {
        return Err(error);
    }
    let end = lift(end)?;
    if !end.finished && settings.cancel.is_raised() {
        settings.note(&format!(
            "stopped after step {}; `train::run` with `resume: true` goes on from there",
            end.step
        ));
        settings.kept.put(Some(watcher.log).filter(|log| !log.is_empty()));
        return Err(stopped());
    }
    let model = end.model.map(|folder| Dynamic::from(folder.display().to_string()));
    let mut result = Map::new();
    result.insert("step".into(), Dynamic::from(end.step.cast_signed()));
    result.insert("finished".into(), end.finished.into());
    result.insert("model".into(), model.unwrap_or(Dynamic::UNIT));
    result.insert("log".into(), Dynamic::from(watcher.log));
    Ok(result)
}

/// Training.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod training {
    /// Trains from a YAML config into a folder, until its steps are taken. Whatever ends it before, Ctrl-C
    /// too, the last state is kept. Options: `folder` (needed), `resume` (go on from the folder's
    /// checkpoint), `steps` and `seed` in place of the config's, and `on_step`, a function that is
    /// called after every step with a map: `step`, `steps`, `critic`, `generator` and `penalty` (the
    /// losses), `learning_rate`. The run stops when it gives `false`, or with its error when it fails;
    /// `resume` goes on from there. Gives a map: `step`, `finished`, `model` (the folder to load,
    /// `()` unless finished) and `log`, a table of the losses.
    ///
    /// ```rhai
    /// let run = train::run("scripts/tiny.yaml", #{ folder: "tiny", steps: 1 });
    /// assert(run.finished);
    /// print(run.log);
    /// let first = train::run("scripts/tiny.yaml", #{ folder: "first", on_step: |at| at.step < 1 });
    /// assert_eq([first.step, first.finished], [1, false]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn run(context: NativeCallContext, config: &str, options: Map) -> Fallible<Map> {
        start(
            &context,
            lift(TrainConfig::read(&Context::of(&context).input_path(config).map_err(refuse)?))?,
            options,
        )
    }

    /// Trains by a config that is a map: from `config::read`, `config::named`, or written in the script.
    /// The rest is as with a file.
    ///
    /// ```rhai
    /// let cfg = config::read("scripts/tiny.yaml");
    /// cfg.batch_size = 4;
    /// cfg.micro_batch = 0;
    /// cfg.steps = 1;
    /// let run = train::run(cfg, #{ folder: "changed" });
    /// assert(run.finished);
    /// ```
    #[rhai_fn(name = "run", return_raw)]
    pub fn run_map(context: NativeCallContext, config: Map, options: Map) -> Fallible<Map> {
        start(&context, to_config(config)?, options)
    }

    /// Trains the network that leads from a model's music back to its latents, on the model's own samples,
    /// and keeps it in the model's folder, where `encode` finds it. Options: `steps` (3000), `batch_size`
    /// (64), `fresh` (new samples in a batch, 16), `learning_rate` (0.002), `regression` (0.05, the weight
    /// of the latents' own error beside the music's), `mixed` (0.75, the share of samples that are put
    /// together from tracks of several), `seed`. Gives what is missed at every step, as an
    /// array: 1 less the softly counted F1 of the cells.
    ///
    /// ```rhai
    /// let run = train::run("scripts/tiny.yaml", #{ folder: "tiny-inverse", steps: 1 });
    /// let errors = train::inverse(run.model, #{ steps: 2, batch_size: 2, fresh: 1 });
    /// assert_eq(errors.len(), 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn inverse(context: NativeCallContext, folder: &str, options: Map) -> Fallible<Array> {
        let settings = Context::of(&context);
        let mut options = Options::new("train::inverse", options);
        let defaults = InverseOptions::default();
        let asked = InverseOptions {
            steps: options.count("steps", 1..=usize::MAX)?.map_or(defaults.steps, |steps| steps as u64),
            batch_size: options.count("batch_size", 1..=65_536)?.unwrap_or(defaults.batch_size),
            fresh: options.count("fresh", 1..=65_536)?.unwrap_or(defaults.fresh),
            learning_rate: options.float("learning_rate", 0.0..=1.0)?.unwrap_or(defaults.learning_rate),
            mixed: options.float("mixed", 0.0..=1.0)?.unwrap_or(defaults.mixed),
            regression: options.float("regression", 0.0..=1e6)?.unwrap_or(defaults.regression),
            seed: seed_or(&context, &mut options)?,
            ..defaults
        };
        options.finish()?;
        let folder = settings.output_path(folder).map_err(refuse)?;
        let asked_device: DeviceName = lift(settings.device.parse())?;
        let opened = lift(asked_device.open())?;
        let output: &dyn crate::base::Progress = &*settings.output;
        let losses = train_inverse(&folder, &asked, &opened.device, opened.is_cpu, output, &settings.cancel);
        let losses = lift(losses)?;
        settings.note(&format!("wrote {}", folder.join("inverse.safetensors").display()));
        Ok(losses.into_iter().map(|loss| Dynamic::from(f64::from(loss))).collect())
    }

    /// Real phrases of a sparse training array, drawn at random. Options: `count` (500), `seed`, and to
    /// choose among the phrases `songs` (a song table), `split` and `exclude_sets`.
    ///
    /// ```rhai
    /// let phrases = train::phrases("examples/data/tour_256.npz", #{ count: 3, seed: 1 });
    /// assert_eq(phrases.map(|song| song.bar_count), [4, 4, 4]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn phrases(context: NativeCallContext, file: &str, options: Map) -> Fallible<Array> {
        let mut options = Options::new("train::phrases", options);
        let count = options.count("count", 1..=10_000_000)?.unwrap_or(500);
        let seed = seed_or(&context, &mut options)?;
        let settings = Context::of(&context);
        let data = Data {
            file: settings.input_path(file).map_err(refuse)?,
            songs: options
                .text("songs")?
                .map(|songs| settings.input_path(songs))
                .transpose()
                .map_err(refuse)?,
            split: options.text("split")?,
            exclude_sets: options.texts("exclude_sets")?.unwrap_or_default(),
        };
        options.finish()?;
        let drawn = lift(load_data(&data))?.sample(count, seed);
        drawn.iter().map(|phrase| lift(phrase).map(Dynamic::from)).collect()
    }

    /// Sets a model's music beside real phrases of a sparse training array. Options: `given` (a track or
    /// several: an accompanying model then answers those of each real phrase in turn), `count` (phrases
    /// made, 500), `seed`, `threshold`, `temperature` and `tempo` as for `generate`; to choose among the real phrases `songs` (a song table), `split` and
    /// `exclude_sets`; and `training` (the array that the model was trained on, to look for copies, of
    /// the split `training_split`, "train").
    /// With a song table every figure comes with that of two halves of the real phrases that have no
    /// song in common.
    /// Gives a map: `goals` (a table: goal, wanted, made, halves, met), `cells` (a table: every measure
    /// of every track, its distance in real standard deviations), `pairs` (a table of tonal distances,
    /// own and with phrases shuffled), `made` and `real` (Metrics), `overlap` (mean overlap of two
    /// phrases, made and real), `onsets` (shares of drum onsets in the sixteen parts of a bar, made and
    /// real), `copies` (of training phrases: `threshold`, `made`, `real`; `()` without training
    /// phrases), `follows` (for given tracks: the p of each answer being nearer to its own given track
    /// than to others') and `markdown`, the page with all of it.
    ///
    /// ```rhai
    /// let told = train::compare(model::load("hybrid"), "examples/data/tour_256.npz", #{ count: 8 });
    /// print(told.goals);
    /// assert(told.made.piano.notes > 0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn compare(context: NativeCallContext, model: Model, file: &str, options: Map) -> Fallible<Map> {
        let settings = Context::of(&context);
        let mut options = Options::new("train::compare", options);
        let given = options.texts("given")?.unwrap_or_default();
        let count = options.count("count", 2..=100_000)?.unwrap_or(500);
        let seed = seed_or(&context, &mut options)?;
        let songs: Option<PathBuf> =
            options.text("songs")?.map(|songs| settings.input_path(songs)).transpose().map_err(refuse)?;
        let exclude_sets = options.texts("exclude_sets")?.unwrap_or_default();
        let data = |file: String, split: Option<String>| {
            let (songs, exclude_sets) = (songs.clone(), exclude_sets.clone());
            let file = settings.input_path(file).map_err(refuse)?;
            Ok::<_, Box<EvalAltResult>>(Data { file, songs, split, exclude_sets })
        };
        let real = data(file.to_owned(), options.text("split")?)?;
        let split = options.text("training_split")?.unwrap_or_else(|| "train".to_owned());
        let training = options.text("training")?.map(|file| data(file, Some(split))).transpose()?;
        let decoding = decoding(&mut options, seed)?;
        options.finish()?;
        let reference = lift(Reference::load(&real, &given, training.as_ref(), seed))?;
        let asked = CompareOptions { given, count, decoding, seed };
        Ok(told(lift(Comparison::of(&model, &reference, &asked, &settings.cancel))?))
    }

    /// Writes the card of a model into its folder, as `card.md`: what the folder's `facts.yaml` says
    /// (`does`, `data`, `training`, `runs` with steps, seed, hardware, hours and watts, `weak_sides`),
    /// and what was measured, such as the `markdown` of `train::compare`.
    ///
    /// ```rhai
    /// train::card(model::load("hybrid"), "models/hybrid", "| figures |");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn card(context: NativeCallContext, model: Model, folder: &str, measured: &str) -> Fallible<()> {
        let settings = Context::of(&context);
        let facts =
            lift(Facts::read(&settings.input_path(Path::new(folder).join("facts.yaml")).map_err(refuse)?))?;
        let path = settings.output_path(&format!("{folder}/card.md")).map_err(refuse)?;
        lift(write_atomically(&path, facts.card(&model, measured).as_bytes()))?;
        settings.note(&format!("wrote {}", path.display()));
        Ok(())
    }
}

/// A comparison as a map.
fn told(told: Comparison) -> Map {
    let number = |x: Option<f64>| x.map_or(Dynamic::UNIT, Dynamic::from);
    let mut result = Map::new();
    let mut goals = Table::new();
    for goal in told.goals() {
        goals.add([
            ("goal", Cell::from(goal.name.clone())),
            ("wanted", goal.wanted.into()),
            ("at_least", Cell::Bool(goal.at_least)),
            ("made", goal.made.into()),
            ("halves", goal.floor.map_or(Cell::Missing, Cell::from)),
            ("met", Cell::Bool(goal.is_met())),
        ]);
    }
    let mut cells = Table::new();
    for cell in &told.cells {
        cells.add([
            ("track", Cell::from(cell.track.clone())),
            ("measure", Cell::from(cell.measure.to_owned())),
            ("made", cell.made.map_or(Cell::Missing, Cell::from)),
            ("real", cell.real.mean.into()),
            ("deviation", cell.real.of_bars.into()),
            ("distance", cell.distance.into()),
            ("in_phrases", cell.in_phrases.into()),
            ("on_grid", cell.on_grid.into()),
            ("halves", cell.floor.map_or(Cell::Missing, Cell::from)),
        ]);
    }
    let mut pairs = Table::new();
    for pair in &told.pairs {
        pairs.add([
            ("pair", Cell::from(pair.pair.clone())),
            ("made", pair.distance.made.into()),
            ("made_shuffled", pair.made_shuffled.into()),
            ("real", pair.distance.real.into()),
            ("real_shuffled", pair.real_shuffled.into()),
        ]);
    }
    let overlap = told.diversity.map_or([None; 2], |d| [d.made, d.real].map(|x| Some(1.0 - x)));
    let onsets = told.onsets.map_or(Dynamic::UNIT, |onsets| {
        let shares = |shares: [f64; 16]| Dynamic::from_array(shares.map(Dynamic::from).to_vec());
        Dynamic::from_array(vec![shares(onsets.made), shares(onsets.real)])
    });
    let copies = told.copies.map_or(Dynamic::UNIT, |copies| {
        let figures = [("threshold", copies.threshold), ("made", copies.made), ("real", copies.real)];
        Dynamic::from_map(figures.into_iter().map(|(name, x)| (name.into(), x.into())).collect())
    });
    let follows = told.follows().into_iter().map(|(track, p)| (track.into(), Dynamic::from(p)));
    result.insert("markdown".into(), told.to_markdown().into());
    result.insert("overlap".into(), Dynamic::from_array(overlap.map(number).to_vec()));
    result.insert("onsets".into(), onsets);
    result.insert("copies".into(), copies);
    result.insert("follows".into(), Dynamic::from_map(follows.collect()));
    result.insert("made".into(), Dynamic::from(told.metrics.made));
    result.insert("real".into(), Dynamic::from(told.metrics.real));
    result.insert("goals".into(), Dynamic::from(goals));
    result.insert("cells".into(), Dynamic::from(cells));
    result.insert("pairs".into(), Dynamic::from(pairs));
    result
}
