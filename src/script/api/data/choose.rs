//! Choosing among the phrases of a set, and dividing it.

use rhai::plugin::*;
use rhai::{FnPtr, Map};

use super::hold::info_of;
use crate::base::Seed;
use crate::data::{Dataset, Wanted};
use crate::script::Context;
use crate::script::api::latent::seed_or;
use crate::script::api::{call, lift};
use crate::script::options::{Fallible, Options, number};
use crate::script::show::count;

/// Whether the script's function says yes to a phrase.
fn says(context: &NativeCallContext, set: &Dataset, keep: &FnPtr, place: usize) -> Fallible<bool> {
    call(context, keep, Dynamic::from(lift(set.phrase(place))?), "bool")
}

/// The parts that a map of shares asks for, and the seed in it.
fn shares(context: &NativeCallContext, mut options: Map) -> Fallible<(Vec<(String, f64)>, Seed)> {
    let seed = match options.remove("seed") {
        Some(seed) => Options::new("split", Map::from([("seed".into(), seed)])).seed("seed")?,
        None => None,
    };
    let share = |(name, value): (rhai::Identifier, Dynamic)| Ok((name.to_string(), number(&name, &value)?));
    let shares = options.into_iter().map(share).collect::<Fallible<_>>()?;
    Ok((shares, seed.unwrap_or_else(|| Context::of(context).seed)))
}

/// Choosing and dividing.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in crate::script::api) mod choosing {
    /// The phrases that `keep`, a function of a phrase, says true of.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..32];
    /// let loud = set.filter(|phrase| phrase.drums.note_count > 32);
    /// assert(loud.len < set.len);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn filter(context: NativeCallContext, set: &mut Dataset, keep: FnPtr) -> Fallible<Dataset> {
        set.filter(|place| says(&context, set, &keep, place))
    }

    /// The phrases that `keep`, a function of what is known of a phrase (see `info`), says true of.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..4].transpose_each(-1..=1);
    /// assert_eq(set.filter_info(|info| info.transposed == 0).len, 4);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn filter_info(context: NativeCallContext, set: &mut Dataset, keep: FnPtr) -> Fallible<Dataset> {
        set.filter(|place| call(&context, &keep, Dynamic::from(info_of(set, place)), "bool"))
    }

    /// The same as `filter`, with the number of phrases left out written down under `reason`: printing the
    /// set shows it.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..32];
    /// let set = set.keep_if("too empty", |phrase| phrase.metrics().empty_bar_rate < 0.5);
    /// print(set);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn keep_if(
        context: NativeCallContext,
        set: &mut Dataset,
        reason: &str,
        keep: FnPtr,
    ) -> Fallible<Dataset> {
        set.keep_if(reason, |place| says(&context, set, &keep, place))
    }

    /// The phrases of the named sets, songs, tags or parts of a split: options `set`, `song`, `tag`,
    /// `split`, each a name or an array of names. All that are given must hold.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// let parts = set.split(#{ train: 0.9, valid: 0.1, seed: 1 });
    /// let all = parts.train + parts.valid;
    /// assert_eq(all.only(#{ split: "valid" }).len, parts.valid.len);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn only(set: &mut Dataset, options: Map) -> Fallible<Dataset> {
        let mut options = Options::new("only", options);
        let mut names = |key| Ok::<_, Box<EvalAltResult>>(options.texts(key)?.unwrap_or_default());
        let wanted = Wanted {
            sets: names("set")?,
            songs: names("song")?,
            tags: names("tag")?,
            splits: names("split")?,
        };
        options.finish()?;
        lift(set.only(&wanted))
    }

    /// The set without phrases that are equal to an earlier one, or nearly: that share more than `near`
    /// (0.92) of the cells that sound at their sixteenths with it; `near: 1.0` for equal ones only. Printing
    /// the set shows how many were left out.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..16];
    /// assert_eq((set + set).dedupe(#{ near: 1.0 }).len, 16);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn dedupe(set: &mut Dataset, options: Map) -> Fallible<Dataset> {
        let mut options = Options::new("dedupe", options);
        let near = options.float("near", 0.0..=1.0)?.unwrap_or(0.92);
        options.finish()?;
        lift(set.dedupe(near))
    }

    /// Phrases drawn without replacement, as a set: options `count` (1), `seed`. All phrases in random
    /// order when there are fewer.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set.sample(#{ count: 16, seed: 1 }).len, 16);
    /// print(set.sample(#{ seed: 1 }));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn sample(context: NativeCallContext, set: &mut Dataset, options: Map) -> Fallible<Dataset> {
        let mut options = Options::new("sample", options);
        let wanted = options.count("count", 1..=usize::MAX)?.unwrap_or(1);
        let seed = seed_or(&context, &mut options)?;
        options.finish()?;
        Ok(set.sample(wanted, seed))
    }

    /// The phrases in an order that `seed` draws.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set.shuffle(7)[0], set.shuffle(7)[0]);
    /// ```
    #[rhai_fn(pure)]
    pub fn shuffle(set: &mut Dataset, seed: i64) -> Dataset {
        set.shuffle(Seed(seed.cast_unsigned()))
    }

    /// The set in parts: a map from names to shares, which add up to at most 1, and `seed`; the result is a
    /// map from the same names to sets. Groups of songs stay in one part, such as a song and its covers;
    /// where no groups are known songs do, and where these are not known phrases with their copies in
    /// other keys. Which of these it was is told on the side.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// let parts = set.split(#{ train: 0.75, valid: 0.25, seed: 42 });
    /// assert_eq([parts.train.len, parts.valid.len], [192, 64]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn split(context: NativeCallContext, set: &mut Dataset, options: Map) -> Fallible<Map> {
        let (shares, seed) = shares(&context, options)?;
        let split = lift(set.split(&shares, seed))?;
        let told: Vec<String> = split
            .parts
            .iter()
            .map(|(name, part)| match part.songs().len() {
                0 => format!("{name} {}", count(part.len(), "phrase")),
                songs => format!("{name} {} of {}", count(part.len(), "phrase"), count(songs, "song")),
            })
            .collect();
        Context::of(&context).note(&format!("split by {}: {}", split.by, told.join(", ")));
        let part = |(name, part): (String, Dataset)| (name.into(), Dynamic::from(part));
        Ok(split.parts.into_iter().map(part).collect())
    }

    /// The phrases of both sets, one after another.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set[0..8].concat(set[8..16]).len, 16);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn concat(set: &mut Dataset, next: Dataset) -> Fallible<Dataset> {
        lift(set.concat(&next))
    }

    /// The phrases of both sets, one after another.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq((set[0..8] + set[8..16])[15], set[15]);
    /// ```
    #[rhai_fn(name = "+", pure, return_raw)]
    pub fn add(set: &mut Dataset, next: Dataset) -> Fallible<Dataset> {
        lift(set.concat(&next))
    }
}
