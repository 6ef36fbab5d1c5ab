//! Which phrases a run learns from, and how they are changed on the way.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Which phrases to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// A sparse training array; relative to the config's folder.
    pub file: PathBuf,
    /// A table with a row for each phrase (columns `split`, `phrase`, `set`, `song`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub songs: Option<PathBuf>,
    /// The `split` that the file's phrases have in the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// Sets of the table to leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_sets: Vec<String>,
}

/// How often real and made phrases are changed before the critic sees them, each a probability for a
/// phrase.
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

    pub(super) fn check(&self, tracks: usize) -> Result<(), String> {
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
