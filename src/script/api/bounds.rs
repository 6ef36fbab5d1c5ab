//! How large the values may get that natives make: a script's mistake shall not take all memory.

use crate::music::{Multitrack, Track};
use crate::script::options::{Fallible, refuse};
use crate::script::show::count;

/// Most steps of a piece, counted in every track, as of a MIDI file: some 200 MB.
const PIECE_STEPS: usize = 1 << 22;

/// Most items of arrays that natives make out of a few numbers.
pub(super) const ITEMS: usize = 1_000_000;

/// Checks the size of a piece before it is made.
///
/// # Errors
/// A message naming the limit.
pub(super) fn check_piece(tracks: usize, steps: usize) -> Fallible<()> {
    let size = tracks.saturating_mul(steps);
    if size <= PIECE_STEPS {
        return Ok(());
    }
    Err(refuse(format!(
        "the piece would have {} of {steps} steps, more than the {PIECE_STEPS} steps of all tracks that a \
         piece may have: make and save it in parts",
        count(tracks, "track")
    )))
}

/// Checks the size of `times` pieces end to end.
pub(super) fn check_repeated(piece: &Multitrack, times: usize) -> Fallible<()> {
    let bars = piece.bar_lines().last().copied().unwrap_or(0);
    check_piece(piece.tracks().len(), bars.saturating_mul(times))
}

/// Checks the size of a piece of these tracks, the shorter ones padded to the longest.
pub(super) fn check_tracks<'a>(tracks: impl IntoIterator<Item = &'a Track>) -> Fallible<()> {
    let lengths = tracks.into_iter().map(|track| track.roll.steps());
    let (count, longest) = lengths.fold((0, 0), |(count, longest), steps| (count + 1, steps.max(longest)));
    check_piece(count, longest)
}
