//! What every type has: its texts, and a few helpers for plain values.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, FuncRegistration, Module};

use super::bounds::ITEMS;
use super::{Dialogue, Difference, Encoding, Number, Sheet, Track};
use crate::base::Seed;
use crate::data::Dataset;
use crate::experiment::Table;
use crate::experiment::run::Run;
use crate::metrics::against::Comparison;
use crate::metrics::{Features, Metrics, PieceMetrics, TrackMetrics};
use crate::model::{Latent, Model};
use crate::music::{Multitrack, Pianoroll, Scale};
use crate::script::options::{Fallible, Options, number, refuse};
use crate::script::{Context, Rich, show};
use crate::view::chart::Chart;

/// Helpers for plain values.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod values {
    /// The numbers of a range as an array.
    ///
    /// ```rhai
    /// assert_eq((1..4).to_array(), [1, 2, 3]);
    /// ```
    #[rhai_fn(name = "to_array", return_raw)]
    pub fn range_to_array(range: std::ops::Range<i64>) -> Fallible<Array> {
        super::numbers(range)
    }

    /// The numbers of a range with both ends as an array.
    ///
    /// ```rhai
    /// assert_eq((1..=3).to_array(), [1, 2, 3]);
    /// ```
    #[rhai_fn(name = "to_array", return_raw)]
    pub fn inclusive_to_array(range: std::ops::RangeInclusive<i64>) -> Fallible<Array> {
        super::numbers(*range.start()..range.end().saturating_add(1))
    }

    /// `count` different seeds, the same for every run with the same `--seed`.
    ///
    /// ```rhai
    /// assert_eq(seeds(3).len(), 3);
    /// assert_eq(seeds(3), seeds(3));
    /// ```
    #[rhai_fn(name = "seeds", return_raw)]
    pub fn seeds(context: NativeCallContext, count: i64) -> Fallible<Array> {
        super::children(Context::of(&context).seed, count)
    }

    /// `count` different seeds that follow from `seed`.
    ///
    /// ```rhai
    /// assert_eq(seeds(3, 7), seeds(3, 7));
    /// assert(seeds(3, 7) != seeds(3, 8));
    /// ```
    #[rhai_fn(name = "seeds", return_raw)]
    pub fn seeds_of(count: i64, seed: i64) -> Fallible<Array> {
        super::children(Seed(seed.cast_unsigned()), count)
    }

    /// Whether two numbers, whole or not, differ by at most `tolerance`.
    ///
    /// ```rhai
    /// assert(is_near(0.1 + 0.2, 0.3, 1e-9));
    /// assert(!is_near(1, 2, 0.5));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn is_near(left: Number, right: Number, tolerance: Number) -> Fallible<bool> {
        let (left, right) = (number("left", &left)?, number("right", &right)?);
        Ok((left - right).abs() <= number("tolerance", &tolerance)?)
    }

    /// Refuses a map of options that has another key than `known`; for functions written in rhai.
    ///
    /// ```rhai
    /// check_options("mine", #{ steps: 3 }, ["steps", "mode"]);
    /// assert_error(|| check_options("mine", #{ stpes: 3 }, ["steps"]), "no option `stpes`");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn check_options(owner: &str, options: rhai::Map, known: Array) -> Fallible<()> {
        let known: Vec<String> = known.iter().map(ToString::to_string).collect();
        Options::of_script(owner, options, known).finish()
    }

    /// Shows a value as a session shows that of an entry: in a terminal as `print` does, in a notebook as a
    /// picture, a table or a player.
    ///
    /// ```rhai
    /// show(music::line("bass", "C2 G2"));
    /// ```
    #[rhai_fn(name = "show")]
    pub fn show_value(context: NativeCallContext, value: Dynamic) {
        super::shown(&Context::of(&context), &value);
    }

    /// The value on one line, as it stands inside an array.
    ///
    /// ```rhai
    /// assert_eq(describe(music::line("bass", "C2")), "Track bass, 1 bar, 1 note");
    /// ```
    pub fn describe(value: Dynamic) -> String {
        show::summary(&value)
    }
}

fn shown(context: &Context, value: &Dynamic) {
    let look = context.look();
    let text = show::show(value, &look);
    context.ledger.printed(&text);
    if !context.output.show(&|| Rich::of(value, &look)) {
        context.output.print(&text);
    }
}

fn numbers(range: std::ops::Range<i64>) -> Fallible<Array> {
    const MOST: i64 = ITEMS as i64;
    match range.end.saturating_sub(range.start) {
        ..=MOST => Ok(range.map(Dynamic::from).collect()),
        count => Err(refuse(format!("an array of {count} numbers is too long: at most {MOST}"))),
    }
}

/// Seeds that follow from a seed.
pub(super) fn children(seed: Seed, count: i64) -> Fallible<Array> {
    let fits = u64::try_from(count).ok().filter(|count| *count <= ITEMS as u64);
    let count = fits.ok_or_else(|| refuse(format!("`count` must lie in 0..={ITEMS}, got {count}")))?;
    // 31 bits: easy to read, to type and to keep in a file's name.
    let short = |index| (seed.child("seeds", index).0 >> 33).cast_signed();
    Ok((0..count).map(|index| Dynamic::from(short(index))).collect())
}

/// The texts of every type that scripts can hold.
pub(super) fn texts() -> Module {
    let mut module = Module::new();
    texts_of::<Multitrack>(&mut module, "song: Multitrack");
    texts_of::<Track>(&mut module, "track: Track");
    texts_of::<Pianoroll>(&mut module, "roll: Pianoroll");
    texts_of::<Scale>(&mut module, "scale: Scale");
    texts_of::<Difference>(&mut module, "difference: Difference");
    texts_of::<Latent>(&mut module, "latent: Latent");
    texts_of::<Encoding>(&mut module, "encoding: Encoding");
    texts_of::<Model>(&mut module, "model: Model");
    texts_of::<Chart>(&mut module, "chart: Chart");
    texts_of::<Sheet>(&mut module, "sheet: Sheet");
    texts_of::<Dataset>(&mut module, "set: Dataset");
    texts_of::<Table>(&mut module, "table: Table");
    texts_of::<Comparison>(&mut module, "comparison: Comparison");
    texts_of::<Dialogue>(&mut module, "dialogue: Dialogue");
    texts_of::<Run>(&mut module, "run: Run");
    texts_of::<Metrics>(&mut module, "metrics: Metrics");
    texts_of::<TrackMetrics>(&mut module, "metrics: TrackMetrics");
    texts_of::<PieceMetrics>(&mut module, "features: PieceMetrics");
    texts_of::<Features>(&mut module, "features: Features");
    texts_of::<rhai::Map>(&mut module, "map: map");
    texts_of::<Array>(&mut module, "array: array");
    module
}

/// `print` shows the whole value, `to_string` and `to_debug` give one line.
pub(super) fn texts_of<T: Clone + Send + Sync + 'static>(module: &mut Module, parameter: &str) {
    let comments = |text: &str, example: &str| {
        vec![
            format!("/// {text}"),
            "///".into(),
            "/// ```rhai".into(),
            format!("/// {example}"),
            "/// ```".into(),
        ]
    };
    FuncRegistration::new("print")
        .with_params_info([parameter, "()"])
        .with_comments(comments(
            "Shows the value; music is drawn.",
            "print(music::line(\"bass\", \"C2 G2\"));",
        ))
        .set_into_module(module, |context: NativeCallContext, value: &mut T| {
            let settings = Context::of(&context);
            show::show(&Dynamic::from(value.clone()), &settings.look())
        });
    for name in ["to_string", "to_debug", "debug"] {
        FuncRegistration::new(name)
            .with_params_info([parameter, "string"])
            .with_comments(comments(
                "The value on one line.",
                "assert_eq(`${music::line(\"bass\", \"C2\")}`, \"Track bass, 1 bar, 1 note\");",
            ))
            .set_into_module(module, |value: &mut T| show::summary(&Dynamic::from(value.clone())));
    }
}

/// All of the above as modules that need no name.
pub(super) fn modules() -> [Arc<Module>; 2] {
    [Arc::new(exported_module!(values)), Arc::new(texts())]
}
