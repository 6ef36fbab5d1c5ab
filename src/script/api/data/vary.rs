//! More phrases out of those of a set.

use rhai::Map;
use rhai::plugin::*;

use crate::data::{Augmentation, Dataset};
use crate::script::api::edit::semitones;
use crate::script::api::latent::seed_or;
use crate::script::api::lift;
use crate::script::options::{Fallible, Options, refuse};

/// Most copies of a phrase.
const MOST_COPIES: usize = 1000;

/// Every phrase in each of the keys `start` to before `end`.
fn in_keys(set: &Dataset, start: i64, end: i64) -> Fallible<Dataset> {
    let (first, last) = (semitones(start)?, semitones(end.saturating_sub(1).max(start))?);
    match end > start {
        true => Ok(set.transpose_each(first..=last)),
        false => Err(refuse(format!(
            "`transpose_each` needs a range of semitones such as -5..=6, got {start}..{end}"
        ))),
    }
}

/// Varying phrases.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in crate::script::api) mod varying {
    /// Every phrase once for each number of semitones in `range`, moved up by it: `-5..=6` gives every key.
    /// Drums stay, and what leaves the pitch range is gone. Split before, or copies are told apart only by
    /// `split` itself, which keeps them together. The copies take almost no memory.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8].transpose_each(-5..=6);
    /// assert_eq(set.len, 96);
    /// assert_eq(set[5].bass.transpose(2), set[7].bass);
    /// ```
    #[rhai_fn(name = "transpose_each", pure, return_raw)]
    pub fn transpose_each_to(set: &mut Dataset, range: std::ops::RangeInclusive<i64>) -> Fallible<Dataset> {
        in_keys(set, *range.start(), range.end().saturating_add(1))
    }

    /// Every phrase once for each number of semitones in `range`, of which the end is left out.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8];
    /// assert_eq(set.transpose_each(0..2)[0], set[0]);
    /// ```
    #[rhai_fn(name = "transpose_each", pure, return_raw)]
    pub fn transpose_each(set: &mut Dataset, range: std::ops::Range<i64>) -> Fallible<Dataset> {
        in_keys(set, range.start, range.end)
    }

    /// Every phrase changed at random: options `beat_shift` (all tracks move by whole beats, the end coming
    /// round to the beginning), `bar_permutation` (bars in another order), `track_drop_out` (one track
    /// silent), `transpose` (pitched tracks move by -5 to 6 semitones), each a probability, 0 unless given;
    /// `copies` (1), `keep` (the phrase itself before its copies, false), `seed`. Training does the same as
    /// it goes with `augmentation` in its config.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8];
    /// let more = set.augment(#{ beat_shift: 0.5, transpose: 1, copies: 3, keep: true, seed: 1 });
    /// assert_eq(more.len, 32);
    /// assert_eq(more[4], set[1]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn augment(context: NativeCallContext, set: &mut Dataset, options: Map) -> Fallible<Dataset> {
        let mut options = Options::new("augment", options);
        let mut chance = |key| Ok::<_, Box<EvalAltResult>>(options.float(key, 0.0..=1.0)?.unwrap_or(0.0));
        let chances = Augmentation {
            beat_shift: chance("beat_shift")?,
            bar_permutation: chance("bar_permutation")?,
            track_drop_out: chance("track_drop_out")?,
            transpose: chance("transpose")?,
        };
        let copies = options.count("copies", 1..=MOST_COPIES)?.unwrap_or(1);
        let keeps = options.flag("keep")?.unwrap_or(false);
        let seed = seed_or(&context, &mut options)?;
        options.finish()?;
        lift(set.augment(&chances, copies, keeps, seed))
    }
}
