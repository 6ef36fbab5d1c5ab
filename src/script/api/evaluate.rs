//! `metrics::evaluate`: the evaluator of the original programs.

use std::path::Path;

use rhai::plugin::*;
use rhai::{Array, Map};

use super::{lift, songs};
use crate::base::Cancel;
use crate::data::Dataset;
use crate::experiment::{pair_table, save_evaluation, score_table};
use crate::metrics::evaluate::{EvalMap, EvalOptions, Evaluation, Evaluator};
use crate::metrics::{Options as Thresholds, TrackMetrics};
use crate::music::Multitrack;
use crate::script::Context;
use crate::script::api::measure::thresholds;
use crate::script::options::{Fallible, Options, refuse, stopped, texts};
use crate::script::show::count;
use crate::script::types::plain_name;

/// A value in a list: `()` where it is undefined.
fn list(values: &[Option<f64>]) -> Dynamic {
    let values = values.iter().map(|value| value.map_or(Dynamic::UNIT, Dynamic::from));
    Dynamic::from_array(values.collect())
}

/// Which measure of which track: a map from measures to names of tracks, or rows of `true` and `false`.
fn eval_map(value: &Dynamic) -> Fallible<EvalMap> {
    let wrong = || {
        refuse(format!(
            "`map` is a map from measures to names of tracks, or an array with a row of `true` and `false` for \
             each measure, got {}",
            plain_name(value.type_name())
        ))
    };
    if let Some(map) = value.read_lock::<Map>() {
        let row =
            |(name, tracks): (&rhai::Identifier, &Dynamic)| Ok((name.to_string(), texts(name, tracks)?));
        return Ok(EvalMap::Named(map.iter().map(row).collect::<Fallible<_>>()?));
    }
    let rows = value.read_lock::<Array>().ok_or_else(wrong)?;
    let row = |row: &Dynamic| -> Fallible<Vec<bool>> {
        let cells = row.read_lock::<Array>().ok_or_else(wrong)?;
        cells
            .iter()
            .map(|cell| cell.as_bool().or_else(|_| cell.as_int().map(|n| n != 0)).map_err(|_| wrong()))
            .collect()
    };
    Ok(EvalMap::Matrix(rows.iter().map(row).collect::<Fallible<_>>()?))
}

/// Pairs of tracks: arrays of two names, or names with a hyphen between.
fn pairs(value: &Dynamic) -> Fallible<Vec<(String, String)>> {
    let wrong = |got: &Dynamic| {
        refuse(format!("a pair is two names, [\"piano\", \"bass\"], or \"piano-bass\", got {got:?}"))
    };
    let items = value.read_lock::<Array>().ok_or_else(|| {
        refuse(format!("`pairs` is an array of pairs of tracks, got {}", plain_name(value.type_name())))
    })?;
    let pair = |item: &Dynamic| {
        let names = match item.clone().into_string() {
            Ok(text) => {
                text.split_once('-').map(|(a, b)| vec![a.to_owned(), b.to_owned()]).unwrap_or_default()
            }
            Err(_) => texts("pairs", item)?,
        };
        <[String; 2]>::try_from(names).map(|[a, b]| (a, b)).map_err(|_| wrong(item))
    };
    items.iter().map(pair).collect()
}

/// Evaluates a song, an array of songs or a set.
fn evaluated(music: &Dynamic, options: &EvalOptions, cancel: &Cancel) -> Fallible<Evaluation> {
    if let Some(set) = music.read_lock::<Dataset>() {
        let mut evaluator = lift(Evaluator::new(options, set.layout().resolution()))?;
        for index in 0..set.len() {
            lift(evaluator.add(&lift(set.phrase(index))?))?;
        }
        return lift(evaluator.finish());
    }
    let pieces = match (music.read_lock::<Multitrack>(), music.read_lock::<Array>()) {
        (Some(song), _) => vec![song.clone()],
        (_, Some(items)) => songs("metrics::evaluate", &items)?,
        _ => {
            return Err(refuse(format!(
                "`metrics::evaluate` takes a piece, an array of pieces or a set of phrases, got {}",
                plain_name(music.type_name())
            )));
        }
    };
    let first = pieces.first().ok_or_else(|| refuse(crate::metrics::MetricsError::NoPhrases))?;
    let mut evaluator = lift(Evaluator::new(options, first.resolution()))?;
    for piece in &pieces {
        if cancel.is_raised() {
            return Err(stopped());
        }
        lift(evaluator.add(piece))?;
    }
    lift(evaluator.finish())
}

fn run(context: &NativeCallContext, music: &Dynamic, given: Map) -> Fallible<Map> {
    let settings = Context::of(context);
    let mut options = Options::new("metrics::evaluate", given);
    let is_list = options.choice("output", &["mean", "list"])? == Some("list");
    let figures = options.text("figures")?;
    let quiet = options.flag("quiet")?.unwrap_or(false);
    let map = options.value("map").as_ref().map(eval_map).transpose()?.unwrap_or_default();
    let pairs = options.value("pairs").as_ref().map(pairs).transpose()?;
    let measures = match options.value("measures") {
        None => Thresholds::default(),
        Some(value) => thresholds(value.try_cast::<Map>().ok_or_else(|| {
            refuse("`measures` is a map of the options of `metrics()`, such as #{ family: \"paper\" }")
        })?)?,
    };
    options.finish()?;
    let evaluation = evaluated(music, &EvalOptions { measures, map, pairs }, &settings.cancel)?;
    if !quiet {
        settings.output.print(&evaluation.to_string());
    }
    if let Some(folder) = figures {
        let place = settings.output_path(&folder).map_err(refuse)?;
        let files = lift(save_evaluation(&evaluation, Path::new(&place), is_list, Some(&settings.stamp())))?;
        settings.note(&format!("wrote {} into {}", count(files.len(), "file"), place.display()));
    }
    Ok(values(&evaluation, is_list))
}

/// The matrices as values.
fn values(evaluation: &Evaluation, is_list: bool) -> Map {
    let mut map = Map::new();
    let names =
        |names: &[String]| Dynamic::from_array(names.iter().map(|n| Dynamic::from(n.clone())).collect());
    map.insert("family".into(), evaluation.metrics.family.name().into());
    map.insert("bars".into(), (evaluation.metrics.bars as i64).into());
    map.insert("tracks".into(), names(&evaluation.tracks));
    if !is_list {
        map.insert("scores".into(), Dynamic::from(score_table(evaluation)));
        map.insert("pairs".into(), Dynamic::from(pair_table(evaluation)));
        return map;
    }
    let rows = TrackMetrics::NAMES.iter().zip(&evaluation.scores).filter_map(|(name, row)| {
        let cells = evaluation.tracks.iter().zip(row);
        let asked =
            cells.filter_map(|(track, score)| Some((track.as_str().into(), list(&score.as_ref()?.bars))));
        let row: Map = asked.collect();
        (!row.is_empty()).then(|| ((*name).into(), Dynamic::from_map(row)))
    });
    let pairs = evaluation.pairs.iter().map(|pair| {
        let name = format!("{}-{}", pair.first, pair.second);
        (name.into(), list(&pair.bars))
    });
    map.insert("scores".into(), Dynamic::from_map(rows.collect()));
    map.insert("pairs".into(), Dynamic::from_map(pairs.collect()));
    map
}

/// Evaluating music.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod evaluating {
    /// Measures a piece, an array of pieces or a set, prints the matrix of measures by tracks and that of the
    /// tonal distances of pairs, and gives them back: a map with `family`, `bars`, `tracks`, and the tables
    /// `scores` and `pairs`.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2 G2"), music::line("piano", "C4+E4 G4")]);
    /// let told = metrics::evaluate(song);
    /// assert_eq(told.scores.columns, ["measure", "bass", "piano", "mix"]);
    /// assert_eq(told.pairs.column("first"), ["piano"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn evaluate(context: NativeCallContext, music: Dynamic) -> Fallible<Map> {
        run(&context, &music, Map::new())
    }

    /// The same with options: `output`, "mean" for one value a cell or "list" for those of all bars, as
    /// arrays by measure and track; `figures`, a folder for the matrices as npy and for pictures of them and of
    /// each measure; `quiet`, not to print; `map`, which measures of which tracks: names of tracks by
    /// measure, or a row of `true` and `false` for each measure; `pairs`, which pairs of tracks; `measures`,
    /// a map of the options of `metrics()`, such as `family`.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2 G2"), music::line("piano", "C4+E4 G4")]);
    /// let told = metrics::evaluate(song, #{
    ///     output: "list", quiet: true, figures: "evaluation",
    ///     map: #{ notes: ["bass", "piano"], in_scale_rate: "mix" },
    ///     pairs: [["bass", "piano"]],
    /// });
    /// assert_eq(told.scores.notes.piano, [3.0]);
    /// assert_eq(told.pairs["bass-piano"].len(), 1);
    /// ```
    #[rhai_fn(name = "evaluate", return_raw)]
    pub fn evaluate_with(context: NativeCallContext, music: Dynamic, options: Map) -> Fallible<Map> {
        run(&context, &music, options)
    }
}
