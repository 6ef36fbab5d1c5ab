//! `Difference`: what one piece has that another has not.

use rhai::Array;
use rhai::plugin::*;

use crate::music::{self, Multitrack};

/// What scripts call a difference: the cells that differ, with the piece whose bars they lie in.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::script) struct Difference {
    /// The cells, track by track.
    pub cells: music::Difference,
    /// The longer of the two pieces.
    pub grid: Multitrack,
}

/// Comparing pieces.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod difference {
    /// What `after` has that `before` has not, and the other way round, track by track.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// print(diff(song, song.transpose(12)));
    /// assert(diff(song, song).is_empty);
    /// ```
    pub fn diff(before: Multitrack, after: Multitrack) -> Difference {
        let cells = before.diff(&after);
        Difference { cells, grid: if before.steps() >= after.steps() { before } else { after } }
    }

    /// Whether nothing differs.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// assert(!diff(song, song.transpose(12)).is_empty);
    /// ```
    #[rhai_fn(get = "is_empty", pure)]
    pub fn is_empty(difference: &mut Difference) -> bool {
        difference.cells.is_empty()
    }

    /// Names of the tracks that differ.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("drums", "36")]);
    /// assert_eq(diff(song, song.transpose(1)).changed, ["bass"]);
    /// ```
    #[rhai_fn(get = "changed", pure)]
    pub fn changed(difference: &mut Difference) -> Array {
        let changed = difference.cells.tracks.iter().filter(|track| track.counts() != (0, 0));
        changed.map(|track| Dynamic::from(track.name.clone())).collect()
    }

    /// Number of cells (pitches at steps) that only the second piece has.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 .").to_song();
    /// assert_eq(diff(song, music::line("bass", "C2 D2").to_song()).added, 12);
    /// ```
    #[rhai_fn(get = "added", pure)]
    pub fn added(difference: &mut Difference) -> i64 {
        difference.cells.tracks.iter().map(|track| i64::from(track.counts().0)).sum()
    }

    /// Number of cells (pitches at steps) that only the first piece has.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 .").to_song();
    /// assert_eq(diff(song, song.mute("bass")).removed, 12);
    /// ```
    #[rhai_fn(get = "removed", pure)]
    pub fn removed(difference: &mut Difference) -> i64 {
        difference.cells.tracks.iter().map(|track| i64::from(track.counts().1)).sum()
    }
}
