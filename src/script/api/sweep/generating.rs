//! Sweeps of what models generate, whose cells go through the networks together.

use std::collections::HashMap;

use rhai::plugin::*;
use rhai::{Array, FnPtr, Map};

use super::super::latent::seed_or;
use super::super::lift;
use super::super::measure::thresholds;
use super::super::model::{self, decoding};
use super::super::table::{point_map, results};
use super::axes::space;
use super::running::{Running, keeping};
use crate::base::Seed;
use crate::experiment::sweep::{Plan, Point, Space, Take, Values, decode_takes, measured};
use crate::experiment::{Cell, Table};
use crate::metrics::Options as Thresholds;
use crate::model::{DecodeOptions, Latent, Model};
use crate::music::Multitrack;
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::types::plain_name;

/// Axes that `sweep::generate` knows: the options of `generate`.
const GENERATE_AXES: [&str; 5] = ["seed", "threshold", "temperature", "truncate", "tempo"];
/// Latents that go through the networks at once, and phrases that are held at once: bounds of memory.
const LATENTS: usize = 64;
const PHRASES: usize = 1024;

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
            if running.context.cancel.is_raised() {
                return Err(stopped());
            }
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
        let songs = model::lift(decode_takes(&models, &takes, &running.context.cancel))?;
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
                let model = model::load(context, &name)?;
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
pub(in crate::script::api) mod generating {
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
