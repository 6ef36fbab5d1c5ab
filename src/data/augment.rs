//! Random changes of a phrase: bars in another order, beats moved, another key, a track silent.
//!
//! Training makes these changes in tensors as it goes; sets make them for good.

use serde::{Deserialize, Serialize};

use crate::base::Rng;

/// Semitones by which a phrase is transposed: every key once.
pub const TRANSPOSITIONS: std::ops::RangeInclusive<i32> = -5..=6;

/// How often phrases are changed, each a probability for a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// All tracks moved by a whole number of beats, the end coming round to the beginning.
    pub beat_shift: f64,
    /// The bars in another order.
    pub bar_permutation: f64,
    /// One track silent.
    pub track_drop_out: f64,
    /// Pitched tracks moved by -5 to +6 semitones.
    pub transpose: f64,
}

impl Augmentation {
    /// Whether anything can happen.
    pub fn is_on(&self) -> bool {
        *self != Self::default()
    }

    /// Checks that these are probabilities that make sense for phrases of so many tracks.
    ///
    /// # Errors
    /// A message that names the wrong one.
    pub fn check(&self, tracks: usize) -> Result<(), String> {
        let Augmentation { beat_shift, bar_permutation, track_drop_out, transpose } = *self;
        for (name, value) in [
            ("beat_shift", beat_shift),
            ("bar_permutation", bar_permutation),
            ("track_drop_out", track_drop_out),
            ("transpose", transpose),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(format!("`augmentation.{name}` is a probability, 0 to 1, got {value}"));
            }
        }
        if track_drop_out > 0.0 && tracks < 2 {
            return Err("`augmentation.track_drop_out` would silence the only track".into());
        }
        Ok(())
    }
}

/// What happens to one phrase, to all of its tracks alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which bar comes at each place.
    pub bars: Vec<usize>,
    /// Beats by which the phrase then moves later; what leaves at its end comes in at its beginning.
    pub beats: usize,
    /// Semitones by which pitched tracks move up; what leaves the grid is gone.
    pub semitones: i32,
    /// The track that is silent.
    pub silent: Option<usize>,
}

/// Beats of a bar.
const BAR: usize = 4;

impl Change {
    /// Draws what happens to a phrase of so many bars and tracks.
    pub fn draw(chances: &Augmentation, bars: usize, tracks: usize, rng: &mut Rng) -> Self {
        let mut order: Vec<usize> = (0..bars).collect();
        if rng.uniform() < chances.bar_permutation {
            rng.shuffle(&mut order);
        }
        let mut happens = |chance: f64| rng.uniform() < chance;
        let [shifts, transposes, drops] =
            [chances.beat_shift, chances.transpose, chances.track_drop_out].map(&mut happens);
        Self {
            bars: order,
            beats: if shifts { rng.below(bars * BAR) } else { 0 },
            semitones: if transposes { draw_transposition(rng) } else { 0 },
            silent: drops.then(|| rng.below(tracks)),
        }
    }

    /// The beat that is heard at `beat`.
    pub fn source_beat(&self, beat: usize) -> usize {
        let beats = self.bars.len() * BAR;
        let place = (beat + beats - self.beats) % beats;
        self.bars[place / BAR] * BAR + place % BAR
    }
}

/// One of [`TRANSPOSITIONS`], each as likely.
pub fn draw_transposition(rng: &mut Rng) -> i32 {
    TRANSPOSITIONS.start() + rng.below(TRANSPOSITIONS.count()) as i32
}
