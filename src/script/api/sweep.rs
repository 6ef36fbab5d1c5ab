//! `sweep::`: one row of a table for each of many settings.

use std::collections::HashMap;
use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, FnPtr, Map};

use super::latent::seed_or;
use super::lift;
use super::measure::thresholds;
use super::model::decoding;
use super::table::{cell, point_map, results};
use super::values::children;
use crate::base::Seed;
use crate::experiment::sweep::{
    Finished, Outcome, Plan, Point, Resume, Scale, Settings, Space, Sweep, Take, Values, decode_takes,
    measured,
};
use crate::experiment::{Cell, Table};
use crate::metrics::Options as Thresholds;
use crate::model::{DecodeOptions, Latent, Model};
use crate::music::Multitrack;
use crate::script::Context;
use crate::script::options::{Fallible, Options, number, refuse, stopped};
use crate::script::session::SOURCE as SESSION;
use crate::script::types::plain_name;

/// Axes that `sweep::generate` knows: the options of `generate`.
const GENERATE_AXES: [&str; 5] = ["seed", "threshold", "temperature", "truncate", "tempo"];
/// Latents that go through the networks at once, and phrases that are held at once: bounds of memory.
const LATENTS: usize = 64;
const PHRASES: usize = 1024;

/// Axes from a map of names, or from an array of pairs of a name and values.
pub(super) fn space(axes: &Dynamic) -> Fallible<Space> {
    if let Some(map) = axes.read_lock::<Map>() {
        let axis =
            |(name, given): (&rhai::Identifier, &Dynamic)| Ok((name.as_str().into(), values(name, given)?));
        return lift(Space::new(map.iter().map(axis).collect::<Fallible<_>>()?));
    }
    let Some(pairs) = axes.read_lock::<Array>() else {
        let kind = plain_name(axes.type_name());
        return Err(refuse(format!("axes are a map from names to values, or an array of pairs, got {kind}")));
    };
    let axis = |(index, pair): (usize, &Dynamic)| {
        let pair = pair.read_lock::<Array>();
        let named = pair.as_deref().and_then(|pair| match pair.as_slice() {
            [name, given] => Some((name.clone().into_string().ok()?, given)),
            _ => None,
        });
        let (name, given) = named.ok_or_else(|| {
            refuse(format!("axis {index} is a pair of a name and its values, such as [\"seed\", 0..8]"))
        })?;
        Ok((Arc::from(name.as_str()), values(&name, given)?))
    };
    lift(Space::new(pairs.iter().enumerate().map(axis).collect::<Fallible<_>>()?))
}

/// The values of an axis: an array, a range of whole numbers, a map `low`, `high` and `scale`, or one value.
fn values(name: &str, given: &Dynamic) -> Fallible<Values> {
    if let Some(items) = given.read_lock::<Array>() {
        return Ok(Values::List(items.iter().map(|item| cell(name, item)).collect::<Fallible<_>>()?));
    }
    let ints = |first: i64, last: i128| Values::Ints {
        first,
        count: usize::try_from((last - i128::from(first)).max(0)).unwrap_or(usize::MAX),
    };
    if let Some(range) = given.read_lock::<std::ops::Range<i64>>() {
        return Ok(ints(range.start, range.end.into()));
    }
    if let Some(range) = given.read_lock::<std::ops::RangeInclusive<i64>>() {
        return Ok(ints(*range.start(), i128::from(*range.end()) + 1));
    }
    if let Some(map) = given.read_lock::<Map>() {
        let mut options = Options::new("a range", map.clone());
        let low = options.value("low").map(|value| number("low", &value)).transpose()?;
        let high = options.value("high").map(|value| number("high", &value)).transpose()?;
        let scale = options.choice("scale", &["linear", "log"])?;
        options.finish()?;
        let scale = if scale == Some("log") { Scale::Log } else { Scale::Linear };
        let (Some(low), Some(high)) = (low, high) else {
            return Err(refuse(format!(
                "axis `{name}` needs `low` and `high`, as in sweep::between(0.1, 0.9)"
            )));
        };
        return lift(Values::between(low, high, scale));
    }
    Ok(Values::List(vec![cell(name, given)?]))
}

/// What every sweep's options say, and whether the first failed cell ends it.
struct Keeping {
    settings: Settings,
    stops: bool,
}

/// Reads `save`, `resume`, `on_error` and `columns`.
fn keeping(context: &Context, options: &mut Options) -> Fallible<Keeping> {
    let save = options.text("save")?;
    let resume = match options.value("resume") {
        None => Resume::No,
        Some(value) => match (value.as_bool(), value.clone().into_string().as_deref()) {
            (Ok(false), _) => Resume::No,
            (Ok(true), _) => Resume::All,
            (_, Ok("failed")) => Resume::Good,
            _ => {
                return Err(refuse("`resume` is true, false, or \"failed\", which tries failed cells again"));
            }
        },
    };
    let stops = options.choice("on_error", &["row", "stop"])? == Some("stop");
    let columns = options.texts("columns")?.unwrap_or_default();
    if resume != Resume::No && save.is_none() {
        return Err(refuse("`resume` needs `save`: the rows of before are kept beside that file"));
    }
    let save = save.map(|path| context.output_path(&path)).transpose().map_err(refuse)?;
    Ok(Keeping { settings: Settings { save, resume, shard: context.shard, columns }, stops })
}

/// How a cell's work went: its row, or why there is none.
type Work = Fallible<Vec<(String, Cell)>>;

/// A sweep that is running for a script.
struct Running {
    context: Arc<Context>,
    sweep: Sweep,
    stops: bool,
    /// Whether errors have lines that a person can find: those of a session count from elsewhere.
    has_lines: bool,
    first_error: Option<Box<EvalAltResult>>,
}

impl Running {
    fn begin(call: &NativeCallContext, plan: Plan, keeping: Keeping) -> Fallible<Self> {
        let context = Context::of(call);
        let has_lines = call.call_source() != Some(SESSION);
        let plan = plan.of(&format!("seed {}", context.seed.0));
        let sweep = lift(Sweep::begin(plan, keeping.settings))?;
        Ok(Self { context, sweep, stops: keeping.stops, has_lines, first_error: None })
    }

    /// Keeps what a cell gave; an error ends the sweep when it is a stop, or when the first one shall.
    fn keep(&mut self, cell: usize, work: Work) -> Fallible<()> {
        let (outcome, error) = match work {
            Ok(row) => (Outcome::Row(row), None),
            Err(error) if is_stop(&error) => return Err(error),
            Err(error) => (Outcome::Failed(brief(&error, self.has_lines)), Some(error)),
        };
        lift(self.sweep.keep(cell, outcome, &*self.context.output))?;
        match error {
            Some(error) if self.stops => Err(error),
            Some(error) => {
                self.first_error.get_or_insert(error);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Ends the sweep with what `work` came to; rows that were finished are kept whatever it was.
    fn end(self, work: Fallible<()>) -> Fallible<Table> {
        let finished: Finished = lift(self.sweep.finish())?;
        let summary = finished.summary();
        // A share may have nothing but bad cells while the sweep goes well.
        let is_hopeless = self.context.shard.is_none() && finished.is_hopeless();
        match work {
            Err(error) => {
                self.context.note(&format!("the sweep ended early: {summary}"));
                self.context.kept.put(Some(finished.table).filter(|table| !table.is_empty()));
                Err(error)
            }
            Ok(()) if is_hopeless => {
                self.context.note(&format!("every cell failed: {summary}"));
                self.context.kept.put(Some(finished.table));
                let first = finished.first_error.unwrap_or_default();
                Err(self.first_error.unwrap_or_else(|| refuse(format!("every cell failed: {first}"))))
            }
            Ok(()) => {
                if finished.failed > 0 || finished.written.is_some() || finished.journal.is_some() {
                    self.context.note(&summary);
                }
                Ok(finished.table)
            }
        }
    }
}

/// Whether somebody pressed Ctrl-C.
fn is_stop(error: &EvalAltResult) -> bool {
    matches!(innermost(error), EvalAltResult::ErrorTerminated(..))
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(.., inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
            innermost(inner)
        }
        other => other,
    }
}

/// An error on one line, with the line of the script that it comes from.
fn brief(error: &EvalAltResult, has_lines: bool) -> String {
    let inner = innermost(error);
    let message = match inner {
        EvalAltResult::ErrorRuntime(value, _) => value.to_string(),
        other => {
            let text = other.to_string();
            text.rfind(" (line ").map_or(text.clone(), |end| text[..end].to_owned())
        }
    };
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match inner.position().line().filter(|_| has_lines) {
        Some(line) => format!("{message} (line {line})"),
        None => message,
    }
}

/// Runs `work` at every cell that has no row yet.
fn run(
    context: &NativeCallContext,
    plan: Plan,
    keeping: Keeping,
    mut work: impl FnMut(&Point) -> Fallible<Dynamic>,
) -> Fallible<Table> {
    let mut running = Running::begin(context, plan, keeping)?;
    let mut cells = || {
        for cell in running.sweep.pending() {
            if running.context.cancel.is_raised() {
                return Err(stopped());
            }
            let row = work(&running.sweep.point(cell)).and_then(|given| results(&given));
            running.keep(cell, row)?;
        }
        Ok(())
    };
    let done = cells();
    running.end(done)
}

/// A sweep over a plan with the options that are left.
fn swept(context: &NativeCallContext, plan: Plan, work: &FnPtr, mut options: Options) -> Fallible<Table> {
    let keeping = keeping(&Context::of(context), &mut options)?;
    options.finish()?;
    run(context, plan, keeping, |point| work.call_within_context(context, (point_map(point.clone()),)))
}

/// How many points, and which, from `count` and `seed`.
fn drawn(context: &NativeCallContext, owner: &str, options: &mut Options) -> Fallible<(usize, Seed)> {
    let count = options.count("count", 1..=10_000_000)?;
    let seed = options.seed("seed")?.unwrap_or_else(|| Context::of(context).seed);
    let count = count.ok_or_else(|| refuse(format!("`{owner}` needs `count`: the number of points")))?;
    Ok((count, seed))
}

/// A cell whose phrase is to be made.
struct Wanted {
    cell: usize,
    model: usize,
    seed: Seed,
    truncate: Option<f64>,
    options: DecodeOptions,
}

impl Wanted {
    /// What the options of `generate` at a cell say; a first axis `model` chooses among several models.
    fn at(
        context: &NativeCallContext,
        models: &[(String, Model)],
        cell: usize,
        point: &Point,
    ) -> Fallible<Self> {
        let mut settings = point_map(point.clone());
        let name = settings.remove("model").map(|name| name.to_string());
        let is_named = |(known, _): &(String, Model)| name.as_ref().is_none_or(|name| name == known);
        let model = models.iter().position(is_named).unwrap_or(0);
        let mut options = Options::new("sweep::generate", settings);
        let seed = seed_or(context, &mut options)?;
        let truncate = options.float("truncate", 0.1..=100.0)?;
        let decoding = decoding(&mut options, seed)?;
        options.finish()?;
        Ok(Self { cell, model, seed, truncate, options: decoding })
    }

    /// Cells with the same key share a latent.
    fn key(&self) -> (usize, u64, Option<u64>) {
        (self.model, self.seed.0, self.truncate.map(f64::to_bits))
    }
}

/// Refuses axes and values that `generate` would refuse, before anything is computed.
fn check_axes(context: &NativeCallContext, plan: &Plan) -> Fallible<()> {
    lift(plan.space().check_axes(&GENERATE_AXES))?;
    for name in plan.space().names().filter(|name| &***name != "seed") {
        for value in plan.values(name) {
            Wanted::at(context, &[], 0, &vec![(name.clone(), value)])?;
        }
    }
    Ok(())
}

/// A sweep of what models generate.
struct Generating<'a> {
    context: &'a NativeCallContext<'a>,
    models: Vec<(String, Model)>,
    work: Option<FnPtr>,
    measures: Thresholds,
}

impl<'a> Generating<'a> {
    fn sweep(
        context: &'a NativeCallContext<'a>,
        models: Vec<(String, Model)>,
        plan: Plan,
        options: Map,
        owner: &'static str,
    ) -> Fallible<Table> {
        let settings = Context::of(context);
        let mut options = Options::new(owner, options);
        let work = options.function("work")?;
        let metrics = options.value("metrics");
        let keeping = keeping(&settings, &mut options)?;
        options.finish()?;
        let told = metrics.as_ref().map(|metrics| format!("{metrics:?}"));
        let metrics =
            match metrics.map(|metrics| (plain_name(metrics.type_name()), metrics.try_cast::<Map>())) {
                None => Map::new(),
                Some((_, Some(map))) => map,
                Some((kind, None)) => {
                    return Err(refuse(format!("`metrics` are the options of `metrics`, got {kind}")));
                }
            };
        let generating = Self { context, models, work, measures: thresholds(metrics)? };
        let hashes: Vec<&str> = generating.models.iter().map(|(_, model)| model.hash()).collect();
        let plan = plan.of(&format!("models {}, metrics {told:?}", hashes.join(" ")));
        let mut running = Running::begin(context, plan, keeping)?;
        let done = generating.cells(&mut running);
        running.end(done)
    }

    /// Makes the phrases of all cells that have no row yet, those of one latent together.
    fn cells(&self, running: &mut Running) -> Fallible<()> {
        let mut groups: Vec<Vec<Wanted>> = Vec::new();
        let mut known: HashMap<_, usize> = HashMap::new();
        for cell in running.sweep.pending() {
            match Wanted::at(self.context, &self.models, cell, &running.sweep.point(cell)) {
                Err(error) => running.keep(cell, Err(error))?,
                Ok(wanted) => {
                    let group = *known.entry(wanted.key()).or_insert_with(|| {
                        groups.push(Vec::new());
                        groups.len() - 1
                    });
                    groups[group].push(wanted);
                }
            }
        }
        let mut rest: &[Vec<Wanted>] = &groups;
        while !rest.is_empty() {
            let mut phrases = 0;
            let fits = |group: &&Vec<Wanted>| {
                phrases += group.len();
                phrases <= PHRASES
            };
            let count = rest.iter().take(LATENTS).take_while(fits).count().max(1);
            let (batch, later) = rest.split_at(count);
            // One latent with very many phrases is decoded again for each part of them.
            let parts: Vec<&[Wanted]> = batch.iter().flat_map(|group| group.chunks(PHRASES)).collect();
            for parts in if parts.len() > count { parts.chunks(1) } else { parts.chunks(parts.len().max(1)) }
            {
                self.batch(running, parts)?;
            }
            rest = later;
        }
        Ok(())
    }

    /// Makes, measures and keeps some cells.
    fn batch(&self, running: &mut Running, groups: &[&[Wanted]]) -> Fallible<()> {
        let models: Vec<Model> = self.models.iter().map(|(_, model)| model.clone()).collect();
        let takes: Vec<Take> = groups
            .iter()
            .filter_map(|group| {
                let first = group.first()?;
                let layout = models.get(first.model)?.layout();
                let latent = match first.truncate {
                    Some(bound) => Latent::draw_truncated(layout, first.seed, bound),
                    None => Latent::draw(layout, first.seed),
                };
                let options = group.iter().map(|wanted| wanted.options.clone()).collect();
                Some(Take { model: first.model, latent, options })
            })
            .collect();
        let songs = super::model::lift(decode_takes(&models, &takes, &running.context.cancel))?;
        let songs: Vec<Multitrack> = songs.into_iter().flatten().collect();
        let cells = groups.iter().flat_map(|group| group.iter().map(|wanted| wanted.cell));
        match &self.work {
            None => {
                let rows = measured(&songs, &self.measures);
                cells.zip(rows).try_for_each(|(cell, row)| running.keep(cell, Ok(row)))
            }
            Some(work) => cells.zip(songs).try_for_each(|(cell, song)| {
                let point = point_map(running.sweep.point(cell));
                let given = work.call_within_context::<Dynamic>(self.context, (song, point));
                running.keep(cell, given.and_then(|given| results(&given)))
            }),
        }
    }
}

/// The models that an array names or holds.
fn named_models(context: &NativeCallContext, given: &Array) -> Fallible<Vec<(String, Model)>> {
    let mut named: Vec<(String, Model)> = Vec::new();
    for (index, item) in given.iter().enumerate() {
        let kind = plain_name(item.type_name());
        let model = match (item.clone().try_cast::<Model>(), item.clone().into_string()) {
            (Some(model), _) => (model.name().to_owned(), model),
            (None, Ok(name)) => {
                let model = super::model::load(context, &name)?;
                (name, model)
            }
            _ => return Err(refuse(format!("models are names or models, item {index} is a {kind}"))),
        };
        if named.iter().any(|(name, _)| *name == model.0) {
            return Err(refuse(format!("the model `{}` comes twice: give each once", model.0)));
        }
        named.push(model);
    }
    if named.is_empty() {
        return Err(refuse("there are no models to compare: give at least one"));
    }
    Ok(named)
}

/// Sweeps of what models generate.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod generating {
    /// The measures of what a model generates at every combination of settings: the axes are options of
    /// `generate` (`seed`, `threshold`, `temperature`, `truncate`, `tempo`). As `sweep::grid` with
    /// `|p| g.generate(p).metrics()` and the same rows, but faster: cells that share a latent share its way
    /// through the networks, and many are computed at once.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let results = sweep::generate(g, #{ seed: 0..2, threshold: [0.4, 0.6] });
    /// assert_eq(results.len, 4);
    /// assert_error(|| sweep::generate(g, #{ sede: 0..2 }), "did you mean `seed`?");
    /// ```
    #[rhai_fn(name = "generate", return_raw)]
    pub fn generate(context: NativeCallContext, model: Model, axes: Dynamic) -> Fallible<Table> {
        generate_with(context, model, axes, Map::new())
    }

    /// The same with options: `work`, a function of a phrase and its settings that gives the row in place
    /// of all measures; `metrics`, options of `metrics`; and those of `grid`.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let work = |song, p| #{ notes: song.drums.metrics().notes };
    /// let results = sweep::generate(g, #{ seed: 0..2 }, #{ work: work });
    /// assert_eq(results.columns, ["seed", "notes"]);
    /// ```
    #[rhai_fn(name = "generate", return_raw)]
    pub fn generate_with(
        context: NativeCallContext,
        model: Model,
        axes: Dynamic,
        options: Map,
    ) -> Fallible<Table> {
        let plan = lift(Plan::grid(space(&axes)?))?;
        check_axes(&context, &plan)?;
        let models = vec![(model.name().to_owned(), model)];
        Generating::sweep(&context, models, plan, options, "sweep::generate")
    }

    /// The measures of what several models (their names, or the models) generate at the same settings;
    /// the name is in the column `model`. The axes are those of `sweep::generate`.
    ///
    /// ```rhai
    /// let results = sweep::compare(["hybrid", "composer"], #{ seed: 0..2 });
    /// assert_eq(results.column("model"), ["hybrid", "hybrid", "composer", "composer"]);
    /// ```
    #[rhai_fn(name = "compare", return_raw)]
    pub fn compare_models(context: NativeCallContext, models: Array, axes: Dynamic) -> Fallible<Table> {
        compare_models_with(context, models, axes, Map::new())
    }

    /// The same with the options of `sweep::generate`.
    ///
    /// ```rhai
    /// let options = #{ work: |song, p| #{ notes: song.metrics().mix.notes } };
    /// assert_eq(sweep::compare(["hybrid", "composer"], #{ seed: 0..2 }, options).len, 4);
    /// ```
    #[rhai_fn(name = "compare", return_raw)]
    pub fn compare_models_with(
        context: NativeCallContext,
        models: Array,
        axes: Dynamic,
        options: Map,
    ) -> Fallible<Table> {
        let space = space(&axes)?;
        check_axes(&context, &lift(Plan::grid(space.clone()))?)?;
        let models = named_models(&context, &models)?;
        let names = models.iter().map(|(name, _)| Cell::from(name.as_str())).collect();
        let axes = [("model".into(), Values::List(names))].into_iter().chain(space.axes().iter().cloned());
        let plan = lift(Plan::grid(lift(Space::new(axes.collect()))?))?;
        Generating::sweep(&context, models, plan, options, "sweep::compare")
    }
}

/// Trying many settings.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod sweeping {
    /// Runs `work` at every combination of the settings in `axes` and keeps what it gives (measures of
    /// music, or a map) as a row beside the settings. Axes are a map from names to arrays or ranges of
    /// whole numbers, or an array of pairs, whose order is kept: the last axis moves fastest. A cell whose
    /// work fails is a row with the reason in the column `error`.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 1..=2, b: [0.5, 1.0] }, |p| #{ product: p.a * p.b });
    /// assert_eq(results.len, 4);
    /// assert_eq(results.column("product"), [0.5, 1.0, 1.0, 2.0]);
    /// ```
    #[rhai_fn(name = "grid", return_raw)]
    pub fn grid(context: NativeCallContext, axes: Dynamic, work: FnPtr) -> Fallible<Table> {
        grid_with(context, axes, work, Map::new())
    }

    /// The same with options: `save` (a .csv, .json or .parquet file; each row is safe in a journal beside
    /// it as soon as it is there), `resume` (true goes on where an earlier run stopped, and keeps the
    /// journal for the next; "failed" tries failed cells again too), `on_error` ("row", or "stop", which
    /// ends the sweep), `columns` (that stand first). With `--shard 3/16` only that share is done and left
    /// as a journal, for `ricercar merge`.
    ///
    /// ```rhai
    /// let results = sweep::grid(#{ a: 1..=3 }, |p| #{ square: p.a * p.a }, #{ save: "squares.csv" });
    /// assert_eq(results.len, 3);
    /// let ordered = sweep::grid([["b", [1, 2]], ["a", [3]]], |p| #{}, #{ columns: "a" });
    /// assert_eq(ordered.columns, ["a", "b"]);
    /// ```
    #[rhai_fn(name = "grid", return_raw)]
    pub fn grid_with(
        context: NativeCallContext,
        axes: Dynamic,
        work: FnPtr,
        options: Map,
    ) -> Fallible<Table> {
        let plan = lift(Plan::grid(space(&axes)?))?;
        swept(&context, plan, &work, Options::new("sweep::grid", options))
    }

    /// A range of numbers for an axis of `sweep::random` or `sweep::sobol`.
    ///
    /// ```rhai
    /// let axes = #{ threshold: sweep::between(0.2, 0.8) };
    /// let results = sweep::random(axes, |p| #{}, #{ count: 5 });
    /// assert(results.column("threshold").all(|t| t > 0.2 && t < 0.8));
    /// ```
    #[rhai_fn(name = "between", return_raw)]
    pub fn between(low: Dynamic, high: Dynamic) -> Fallible<Map> {
        between_on(low, high, "linear")
    }

    /// The same on a scale, "linear" or "log".
    ///
    /// ```rhai
    /// let axes = #{ rate: sweep::between(1e-4, 1e-2, "log") };
    /// assert_eq(sweep::sobol(axes, |p| #{}, #{ count: 4 }).len, 4);
    /// ```
    #[rhai_fn(name = "between", return_raw)]
    pub fn between_on(low: Dynamic, high: Dynamic, scale: &str) -> Fallible<Map> {
        let map: Map = [("low".into(), low), ("high".into(), high), ("scale".into(), scale.into())].into();
        values("between", &Dynamic::from(map.clone()))?;
        Ok(map)
    }

    /// Runs `work` at points that a seed chooses: different combinations where every axis is a list or a
    /// range of whole numbers, independent draws where one is `sweep::between(…)`. Options: `count`,
    /// `seed`, and those of `grid`.
    ///
    /// ```rhai
    /// let axes = #{ a: 0..100, b: sweep::between(0, 1) };
    /// let results = sweep::random(axes, |p| #{ sum: p.a + p.b }, #{ count: 5, seed: 1 });
    /// assert_eq(results.len, 5);
    /// ```
    #[rhai_fn(name = "random", return_raw)]
    pub fn random(context: NativeCallContext, axes: Dynamic, work: FnPtr, options: Map) -> Fallible<Table> {
        let mut options = Options::new("sweep::random", options);
        let (count, seed) = drawn(&context, "sweep::random", &mut options)?;
        swept(&context, lift(Plan::random(space(&axes)?, count, seed))?, &work, options)
    }

    /// The same without other options.
    ///
    /// ```rhai
    /// let results = sweep::random(#{ a: 0..100, b: 0..100 }, 5, 1, |p| #{ sum: p.a + p.b });
    /// assert_eq(results.len, 5);
    /// ```
    #[rhai_fn(name = "random", return_raw)]
    pub fn random_plain(
        context: NativeCallContext,
        axes: Dynamic,
        count: i64,
        seed: i64,
        work: FnPtr,
    ) -> Fallible<Table> {
        let options = [("count".into(), count.into()), ("seed".into(), seed.into())].into();
        random(context, axes, work, options)
    }

    /// Runs `work` at points of Sobol's sequence, which fill the space of all settings more evenly than
    /// random ones; best at a `count` of 16, 32, 64 …. Options as for `random`.
    ///
    /// ```rhai
    /// let axes = #{ threshold: sweep::between(0.2, 0.8), seed: 0..16 };
    /// let results = sweep::sobol(axes, |p| #{}, #{ count: 16 });
    /// assert_eq(results.unique("seed").len, 16);
    /// ```
    #[rhai_fn(name = "sobol", return_raw)]
    pub fn sobol(context: NativeCallContext, axes: Dynamic, work: FnPtr, options: Map) -> Fallible<Table> {
        let mut options = Options::new("sweep::sobol", options);
        let (count, seed) = drawn(&context, "sweep::sobol", &mut options)?;
        swept(&context, lift(Plan::sobol(space(&axes)?, count, seed))?, &work, options)
    }

    /// Runs `work` at `count` seeds, the same for every run with the same `--seed`.
    ///
    /// ```rhai
    /// let results = sweep::seeds(4, |p| #{ odd: p.seed % 2 });
    /// assert_eq(results.len, 4);
    /// ```
    #[rhai_fn(name = "seeds", return_raw)]
    pub fn seeds(context: NativeCallContext, count: i64, work: FnPtr) -> Fallible<Table> {
        let seeds = children(Context::of(&context).seed, count)?;
        grid(context, Dynamic::from(Map::from([("seed".into(), seeds.into())])), work)
    }

    /// Runs each of `makers` (a map from names to functions) at the same `count` seeds; the name is in the
    /// column `name`.
    ///
    /// ```rhai
    /// let results = sweep::compare(#{ plain: |p| #{ n: 1 }, double: |p| #{ n: 2 } }, 3);
    /// assert_eq(results.len, 6);
    /// assert_eq(results.columns, ["name", "seed", "n"]);
    /// ```
    #[rhai_fn(name = "compare", return_raw)]
    pub fn compare(context: NativeCallContext, makers: Map, count: i64) -> Fallible<Table> {
        compare_with(context, makers, count, Map::new())
    }

    /// The same with the options of `grid`.
    ///
    /// ```rhai
    /// let makers = #{ plain: |p| #{ n: 1 }, double: |p| #{ n: 2 } };
    /// assert_eq(sweep::compare(makers, 3, #{ columns: "seed" }).columns, ["seed", "name", "n"]);
    /// ```
    #[rhai_fn(name = "compare", return_raw)]
    pub fn compare_with(
        context: NativeCallContext,
        makers: Map,
        count: i64,
        options: Map,
    ) -> Fallible<Table> {
        let mut options = Options::new("sweep::compare", options);
        let keeping = keeping(&Context::of(&context), &mut options)?;
        options.finish()?;
        let functions = makers.into_iter().map(|(name, maker)| {
            let kind = plain_name(maker.type_name());
            let function = maker.try_cast::<FnPtr>();
            let function =
                function.ok_or_else(|| refuse(format!("`{name}` must be a function, got {kind}")))?;
            Ok((name.to_string(), function))
        });
        let functions: HashMap<String, FnPtr> = functions.collect::<Fallible<_>>()?;
        let mut names: Vec<&str> = functions.keys().map(String::as_str).collect();
        names.sort_unstable();
        let seeds = children(Context::of(&context).seed, count)?;
        let axes = vec![
            ("name".into(), Values::List(names.into_iter().map(Cell::from).collect())),
            ("seed".into(), values("seed", &seeds.into())?),
        ];
        let plan = lift(Plan::grid(lift(Space::new(axes))?))?;
        run(&context, plan, keeping, |point| {
            let name = point.first().map(|(_, name)| name.to_string()).unwrap_or_default();
            match functions.get(&name) {
                Some(maker) => maker.call_within_context(&context, (point_map(point.clone()),)),
                None => Err(refuse(format!("no function `{name}`"))),
            }
        })
    }

    /// Which share of every sweep is done here: a map `index` (from 1) and `count`; `()` without `--shard`.
    ///
    /// ```rhai
    /// if sweep::shard() == () { print("the whole sweep"); }
    /// ```
    pub fn shard(context: NativeCallContext) -> Dynamic {
        Context::of(&context).shard.map_or(Dynamic::UNIT, |shard| {
            let number = |number: usize| Dynamic::from(number as i64);
            Map::from([("index".into(), number(shard.index())), ("count".into(), number(shard.count()))])
                .into()
        })
    }
}
