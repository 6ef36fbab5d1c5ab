//! `compare::`: sets of phrases against each other.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::latent::seed_or;
use super::measure::thresholds;
use super::{lift, songs};
use crate::data::Dataset;
use crate::experiment::Table;
use crate::experiment::report::{closer_table, results, together};
use crate::metrics::against::{
    Comparison, Features, Options as Choices, SongSet, Statistic, Training, against, closer, points,
};
use crate::metrics::{CellSet, MetricsError};
use crate::script::Context;
use crate::script::options::{Fallible, Options, number, refuse, stopped};
use crate::script::types::plain_name;
use crate::statistics::{
    Clusters, Covariance, Neighbourhood, Neighbours, classify, frechet, frechet_extrapolated, overlap,
};

/// A set of phrases or an array of pieces; `owner` takes it as `name`.
pub(super) fn set(owner: &str, name: &str, value: &Dynamic) -> Fallible<SongSet> {
    if let Some(set) = value.read_lock::<Dataset>() {
        return lift(set.to_song_set());
    }
    match value.read_lock::<Array>() {
        Some(items) => Ok(SongSet::new(songs(owner, &items)?)),
        None => {
            let kind = plain_name(value.type_name());
            Err(refuse(format!("`{owner}` takes {name} as a set or an array of pieces, got {kind}")))
        }
    }
}

/// Options of comparisons: `features`, `statistics`, `neighbours`, `resamples`, `seed`, and `metrics`, the
/// definitions.
pub(super) fn choices(context: &NativeCallContext, options: &mut Options) -> Fallible<Choices> {
    let mut choices = Choices { seed: seed_or(context, options)?, ..Choices::default() };
    choices.features = options.texts("features")?.unwrap_or_default();
    if let Some(names) = options.texts("statistics")? {
        choices.statistics =
            names.iter().map(|name| lift(Statistic::from_name(name))).collect::<Fallible<_>>()?;
    }
    choices.neighbours = options.count("neighbours", 1..=1_000)?.unwrap_or(choices.neighbours);
    choices.resamples = options.count("resamples", 1..=1_000_000)?.unwrap_or(choices.resamples);
    if let Some(definitions) = options.value("metrics") {
        let kind = plain_name(definitions.type_name());
        let map = definitions.try_cast::<Map>();
        choices.definitions =
            thresholds(map.ok_or_else(|| refuse(format!("`metrics` is a map, got {kind}")))?)?;
    }
    Ok(choices)
}

/// What `training` says: nothing, `"real"`, or phrases.
pub(super) enum Learnt {
    Unknown,
    Real,
    Other(CellSet),
}

impl Learnt {
    pub fn of(owner: &str, options: &mut Options) -> Fallible<Self> {
        let Some(value) = options.value("training").filter(|value| !value.is_unit()) else {
            return Ok(Self::Unknown);
        };
        if value.is_string() {
            let text = value.into_string().unwrap_or_default();
            return match text.as_str() {
                "real" => Ok(Self::Real),
                _ => Err(refuse(format!(
                    "`training` is a set, an array of pieces or \"real\", got \"{text}\""
                ))),
            };
        }
        if let Some(set) = value.read_lock::<Dataset>() {
            return Ok(Self::Other(lift(set.to_cell_set())?));
        }
        Ok(Self::Other(set(owner, "`training`", &value)?.to_cell_set()))
    }

    pub fn training(&self) -> Training<'_> {
        match self {
            Self::Unknown => Training::Unknown,
            Self::Real => Training::Real,
            Self::Other(cells) => Training::Other(cells),
        }
    }
}

/// A library's answer; the end of the script when it was stopped.
pub(super) fn answer<T>(result: Result<T, MetricsError>) -> Fallible<T> {
    match result {
        Err(MetricsError::Stopped) => Err(stopped()),
        other => lift(other),
    }
}

fn compared(
    context: &NativeCallContext,
    made: &Dynamic,
    real: &Dynamic,
    options: Map,
) -> Fallible<Comparison> {
    const OWNER: &str = "compare::sets";
    let settings = Context::of(context);
    let mut options = Options::new(OWNER, options);
    let choices = choices(context, &mut options)?;
    let learnt = Learnt::of(OWNER, &mut options)?;
    options.finish()?;
    let (made, real) = (set(OWNER, "`made`", made)?, set(OWNER, "`real`", real)?);
    answer(against(&made, &real, learnt.training(), &choices, &*settings.output, &settings.cancel))
}

/// Points of a script: numbers, or arrays of numbers.
fn numbers(name: &str, items: &Array) -> Fallible<Vec<Vec<f64>>> {
    let point = |item: &Dynamic| match item.read_lock::<Array>() {
        Some(parts) => parts.iter().map(|part| number(name, part)).collect(),
        None => Ok(vec![number(name, item)?]),
    };
    items.iter().map(point).collect()
}

fn map<const N: usize>(entries: [(&str, f64); N]) -> Map {
    entries.map(|(name, value)| (name.into(), Dynamic::from(value))).into()
}

/// Both sets and their features together as points, in deviations of the real ones.
fn joint(owner: &str, made: &Dynamic, real: &Dynamic) -> Fallible<[(SongSet, Vec<Vec<f64>>); 2]> {
    let (made, real) = (set(owner, "`made`", made)?, set(owner, "`real`", real)?);
    let [made_points, real_points] = lift(points(&made, &real, &Choices::default().definitions))?;
    Ok([(made, made_points), (real, real_points)])
}

/// Comparing sets.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod compare {
    /// How near made phrases are to real ones, beside how near other real ones are (the floor); both are
    /// sets or arrays of pieces. Pieces of an array count as songs of their own.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let made = data::phrases("examples/data/tour_256.npz", #{ count: 20, seed: 1 }).map(|song| song.transpose(1));
    /// let c = compare::sets(made, real, #{ statistics: "coverage", resamples: 50 });
    /// assert(c.value("coverage") >= 0.0);
    /// ```
    #[rhai_fn(name = "sets", return_raw)]
    pub fn sets(context: NativeCallContext, made: Dynamic, real: Dynamic) -> Fallible<Comparison> {
        compared(&context, &made, &real, Map::new())
    }

    /// The same with options: `statistics` and `features` (only these; a feature is a name such as
    /// "bass.notes", a track or a measure), `training` (what the maker learnt from, a set or an array, for
    /// the copy rate; "real" when that is the real set), `neighbours` (5), `resamples` (2,000 for each
    /// interval), `seed`, `metrics` (the definitions, as of `metrics`).
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let made = data::phrases("examples/data/tour_256.npz", #{ count: 20, seed: 1 }).map(|song| song.transpose(1));
    /// let c = compare::sets(made, real, #{ statistics: ["shift", "overlap"], features: "bass.notes", resamples: 50 });
    /// print(c);
    /// assert_eq(c.table().columns.extract(0, 3), ["statistic", "feature", "made"]);
    /// ```
    #[rhai_fn(name = "sets", return_raw)]
    pub fn sets_with(
        context: NativeCallContext,
        made: Dynamic,
        real: Dynamic,
        options: Map,
    ) -> Fallible<Comparison> {
        compared(&context, &made, &real, options)
    }

    /// Whether the made set `a` is closer to the real one than `b`, feature by feature: permutation tests
    /// that shuffle songs between `a` and `b`, corrected over the features (Holm). A table with `feature`,
    /// the Wasserstein distances `a` and `b` in real standard deviations, `p` and `p_holm`, the surest first.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let near = data::phrases("examples/data/tour_256.npz", #{ count: 12, seed: 1 });
    /// let far = near.map(|song| song.first_bars(1) * 4);
    /// let tested = compare::closer(near, far, real[20..50], #{ features: "bass", resamples: 99 });
    /// assert(tested.column("p").all(|p| p > 0.0));
    /// ```
    #[rhai_fn(name = "closer", return_raw)]
    pub fn closer_of(
        context: NativeCallContext,
        a: Dynamic,
        b: Dynamic,
        real: Dynamic,
        options: Map,
    ) -> Fallible<Table> {
        const OWNER: &str = "compare::closer";
        let settings = Context::of(&context);
        let mut options = Options::new(OWNER, options);
        let choices = choices(&context, &mut options)?;
        options.finish()?;
        let (a, b) = (set(OWNER, "`a`", &a)?, set(OWNER, "`b`", &b)?);
        let real = set(OWNER, "`real`", &real)?;
        let rows = closer([&a, &b], &real, &choices, &*settings.output, &settings.cancel);
        Ok(closer_table(&answer(rows)?))
    }

    /// What phrases are compared by: a table with a row for each phrase and a column for each feature of
    /// one number, empty where it is undefined.
    ///
    /// ```rhai
    /// let table = compare::features([music::line("bass", "C2 G2").to_song()]);
    /// assert_eq(table.column("bass.notes"), [2.0]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn features(context: NativeCallContext, songs: Dynamic) -> Fallible<Table> {
        let set = set("compare::features", "music", &songs)?;
        let cancel = &Context::of(&context).cancel;
        let features = lift(Features::of(set.phrases(), &Choices::default().definitions, cancel))?;
        let single = |name: &&String| features.values(name).iter().all(|value| value.len() < 2);
        let names: Vec<&String> = features.names().iter().filter(single).collect();
        let columns: Vec<Vec<&[f64]>> = names.iter().map(|name| features.values(name)).collect();
        let mut table = Table::new();
        for phrase in 0..features.len() {
            let value = |column: &Vec<&[f64]>| column[phrase].first().copied().unwrap_or(f64::NAN);
            table.add(names.iter().map(|name| name.as_str()).zip(columns.iter().map(value)));
        }
        Ok(table)
    }

    /// Overlap area and divergence of a feature's distances within and between two sets (Yang and Lerch
    /// 2020), of numbers or of arrays of numbers: `area` and `divergence` (within the made set, and between
    /// the sets), `area_within` and `divergence_within` (within the made and within the real set),
    /// `area_normal` (the same, were they normal).
    ///
    /// ```rhai
    /// let made = (0..20).to_array().map(|i| i * 7 % 20);
    /// let same = compare::overlap(made, made);
    /// assert_near(same.area_within, 1.0);
    /// assert(compare::overlap(made, made.map(|x| x + 100)).area < 0.01);
    /// ```
    #[rhai_fn(name = "overlap", return_raw)]
    pub fn overlap_of(made: Array, real: Array) -> Fallible<Map> {
        let found = lift(overlap(&numbers("made", &made)?, &numbers("real", &real)?))?;
        Ok(map([
            ("area", found.area),
            ("divergence", found.divergence),
            ("area_within", found.area_within),
            ("divergence_within", found.divergence_within),
            ("area_normal", found.area_normal),
        ]))
    }

    /// Precision, recall, density and coverage of made phrases (Kynkäänniemi et al. 2019; Naeem et al.
    /// 2020), by all features together and neighbourhoods of `k`.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let n = compare::neighbourhood(real[0..30], real[30..60], 5);
    /// assert(n.coverage > 0.2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn neighbourhood(made: Dynamic, real: Dynamic, k: i64) -> Fallible<Map> {
        let [(_, made), (_, real)] = joint("compare::neighbourhood", &made, &real)?;
        let k = usize::try_from(k).unwrap_or(0);
        let values = lift(Neighbours::new(&made, &real, k))?.whole().values();
        Ok(map(std::array::from_fn::<_, 4, _>(|i| (Neighbourhood::NAMES[i], values[i]))))
    }

    /// Fréchet distance of two sets by all features together, in squared real standard deviations, with
    /// covariances after Ledoit and Wolf. It falls with the number of phrases: compare equal numbers only.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// assert_near(compare::frechet(real[0..40], real[0..40]), 0.0);
    /// ```
    #[rhai_fn(name = "frechet", return_raw)]
    pub fn frechet_of(made: Dynamic, real: Dynamic) -> Fallible<f64> {
        let [(_, made), (_, real)] = joint("compare::frechet", &made, &real)?;
        Ok(lift(frechet(&made, &real, Covariance::LedoitWolf))?.distance)
    }

    /// The Fréchet distance of sets without end: a line through the distances at 20 sizes, drawn out
    /// (Chong and Forsyth 2020). From about 120 phrases each: twice the number of features.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let all = compare::frechet(real[0..128], real[128..256]);
    /// assert(compare::frechet_extrapolated(real[0..128], real[128..256]) < all + 10.0);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn frechet_extrapolated(context: NativeCallContext, made: Dynamic, real: Dynamic) -> Fallible<f64> {
        let [(_, made), (_, real)] = joint("compare::frechet_extrapolated", &made, &real)?;
        lift(super::frechet_extrapolated(&made, &real, Context::of(&context).seed))
    }

    /// How well a classifier that has learnt from other songs tells made from real phrases (Lopez-Paz and
    /// Oquab 2017): `auc` (0.5 is perfect, 1 means always), `accuracy`, and `p` by shuffling songs.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let songs = data::phrases("examples/data/tour_256.npz", #{ count: 30, seed: 1 });
    /// let test = compare::classifier(songs.map(|song| song.first_bars(1) * 4), real[30..60]);
    /// assert(test.auc > 0.5);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn classifier(context: NativeCallContext, made: Dynamic, real: Dynamic) -> Fallible<Map> {
        let seed = Context::of(&context).seed;
        let [(made, made_points), (real, real_points)] = joint("compare::classifier", &made, &real)?;
        let clusters: [Clusters; 2] = [made.clusters(), real.clusters()];
        let clusters = clusters.each_ref();
        let found = lift(classify(&made_points, &real_points, clusters, seed))?;
        Ok(map([("auc", found.auc()), ("accuracy", found.accuracy()), ("p", found.p(clusters, seed, 999))]))
    }

    /// Names of the statistics of `sets`.
    ///
    /// ```rhai
    /// assert("coverage" in compare::statistics());
    /// ```
    pub fn statistics() -> Array {
        Statistic::ALL.map(|statistic| Dynamic::from(statistic.name().to_owned())).to_vec()
    }

    /// What a statistic is, and what is good.
    ///
    /// ```rhai
    /// print(compare::about("classifier"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn about(statistic: &str) -> Fallible<String> {
        Ok(lift(Statistic::from_name(statistic))?.about().to_owned())
    }
}

fn found(comparison: &Comparison, statistic: &str, feature: Option<&str>) -> Fallible<f64> {
    let known = lift(Statistic::from_name(statistic))?;
    let row = comparison.row(known, feature).ok_or_else(|| {
        let of = feature.map(|feature| format!(" of `{feature}`")).unwrap_or_default();
        refuse(format!("the comparison has no `{statistic}`{of}: `.table()` shows what it has"))
    })?;
    Ok(lift(row.made.clone())?.value)
}

/// What a comparison holds.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod comparisons {
    /// Every number as a table: `statistic`, `feature`, `made`, `made_low`, `made_high`, `floor`, `floor_low`,
    /// `floor_high`, `p`, and `note`, which says why a number is missing.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let c = compare::sets(real[0..20], real[20..60], #{ statistics: "coverage", resamples: 50 });
    /// c.table().save("comparison.csv");
    /// ```
    #[rhai_fn(pure)]
    pub fn table(comparison: &mut Comparison) -> Table {
        results(comparison)
    }

    /// The statistics of all features together, to be read.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let c = compare::sets(real[0..20], real[20..60], #{ statistics: "coverage", resamples: 50 });
    /// assert_eq(c.summary().len, 1);
    /// ```
    #[rhai_fn(name = "summary", pure)]
    pub fn summary_of(comparison: &mut Comparison) -> Table {
        together(comparison)
    }

    /// A statistic of the made phrases, of all features together.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let c = compare::sets(real[0..20], real[20..60], #{ statistics: "density", resamples: 50 });
    /// assert(c.value("density") > 0.0);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn value(comparison: &mut Comparison, statistic: &str) -> Fallible<f64> {
        found(comparison, statistic, None)
    }

    /// A statistic of one feature of the made phrases.
    ///
    /// ```rhai
    /// let real = data::load("examples/data/tour_256.npz");
    /// let c = compare::sets(real[0..20], real[20..60], #{ statistics: "shift", resamples: 50 });
    /// assert(c.value("shift", "bass.notes").abs() < 3.0);
    /// ```
    #[rhai_fn(name = "value", pure, return_raw)]
    pub fn value_of(comparison: &mut Comparison, statistic: &str, feature: &str) -> Fallible<f64> {
        found(comparison, statistic, Some(feature))
    }
}
