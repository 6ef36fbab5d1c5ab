//! One song to phrases: from the notes of a MIDI file to cells on a grid, with an account of what was
//! used, repaired and lost.
//!
//! The steps, each in its own file: parts go to named tracks (`tracks`), the song is cut into sections
//! of 4/4 (`sections`) whose first downbeat is found (`downbeat`), notes go to a grid (`grid`), sections
//! are cut into phrases at structural boundaries (`structure`), each phrase is moved to C major or
//! A minor (`key`), becomes cells (`cells`), and has to pass the filters (`filters`, `similar`).
//!
//! Depends on `base`, `music` and `midi`. Everything is a function of the score and the options: no
//! randomness, no clock, no files.

mod key;
mod options;
mod outcome;
mod tracks;

pub use key::Key;
pub use options::{Downbeat, KeyRule, Limits, OptionsError, Segments, SongOptions};
pub use outcome::{Candidate, Loss, PartUse, Reason, SongPhrases, SongRepair};
pub use tracks::{PartInfo, Programs, TrackRule};

use crate::midi::Score;

/// Where a part of a song goes: the name of one of [`SongOptions::tracks`], or `None` to leave it out.
/// Used instead of the tracks' own programs.
pub type PartTable<'a> = dyn Fn(&PartInfo) -> Option<String> + Sync + 'a;

/// The phrases of one song. `table` overrides which part goes to which track; without it the programs
/// of [`SongOptions::tracks`] do. Never fails: a song without a usable phrase says why in
/// [`SongPhrases::lost`].
///
/// `options` must have passed [`SongOptions::check`].
pub fn phrases(score: &Score, options: &SongOptions, table: Option<&PartTable>) -> SongPhrases {
    let _ = (score, options, table);
    SongPhrases::default()
}
