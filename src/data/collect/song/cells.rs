//! Notes of a phrase to cells.

use super::SongOptions;
use super::grid::{Grid, GridNote};

/// What happened to notes on the way to cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Moved {
    /// Pitched notes moved by octaves.
    pub folded: usize,
    /// Notes for which there is no row: drums outside the range, pitched notes where no octave fits.
    pub outside: usize,
}

/// The cells of the phrase that begins at `bar` of a section, pitched tracks moved by `semitones`: for
/// each track a set for each step, bit `p` for pitch `lowest_pitch + p`. A note that is held from before
/// sounds from the first step on.
pub(super) fn cells(
    grid: &Grid,
    bar: usize,
    semitones: i8,
    options: &SongOptions,
    moved: &mut Moved,
) -> Vec<Vec<u128>> {
    let start = bar as u32 * grid.bar();
    let steps = options.steps();
    let end = start + steps as u32;
    let fill_track = |(rule, notes): (&super::TrackRule, &Vec<GridNote>)| {
        let is_drums = rule.is_drums();
        // One step more than the phrase has: what begins right after it also parts repeated notes.
        let mut onset = vec![0u128; steps + 1];
        let mut sounding = vec![0u128; steps + 1];
        let first = if is_drums { notes.partition_point(|note| note.start < start) } else { 0 };
        let last = notes.partition_point(|note| note.start <= end);
        for note in notes[first..last.max(first)].iter().filter(|note| note.end > start) {
            let pitch = i32::from(note.pitch) + if is_drums { 0 } else { i32::from(semitones) };
            let row = if is_drums { row(pitch, options) } else { folded_row(pitch, options) };
            let counts = usize::from(note.start < end);
            let Some(row) = row else {
                moved.outside += counts;
                continue;
            };
            if !is_drums && pitch != i32::from(options.lowest_pitch) + row as i32 {
                moved.folded += counts;
            }
            if note.start >= start {
                onset[(note.start - start) as usize] |= 1 << row;
            }
            let from = note.start.max(start) - start;
            let till = if is_drums && options.drum_onsets { from + 1 } else { note.end - start };
            for set in &mut sounding[from as usize..(till as usize).min(steps + 1)] {
                *set |= 1 << row;
            }
        }
        let apart = options.gap && !(is_drums && options.drum_onsets);
        for step in (1..=steps).filter(|_| apart) {
            let repeated = onset[step] & sounding[step - 1] & !onset[step - 1];
            sounding[step - 1] &= !repeated;
        }
        sounding.truncate(steps);
        sounding
    };
    options.tracks.iter().zip(&grid.tracks).map(fill_track).collect()
}

/// The row of a pitch; `None` outside the range.
fn row(pitch: i32, options: &SongOptions) -> Option<usize> {
    let row = usize::try_from(pitch - i32::from(options.lowest_pitch)).ok()?;
    (row < options.pitches).then_some(row)
}

/// The row of a pitch or of its nearest octave inside the range; `None` where the range has none.
fn folded_row(pitch: i32, options: &SongOptions) -> Option<usize> {
    let low = i32::from(options.lowest_pitch);
    let high = low + options.pitches as i32 - 1;
    let pitch = match pitch {
        _ if pitch < low => pitch + (low - pitch + 11) / 12 * 12,
        _ if pitch > high => pitch - (pitch - high + 11) / 12 * 12,
        _ => pitch,
    };
    row(pitch, options)
}

/// Number of notes: cells with silence, or the phrase's beginning, before them.
pub(super) fn note_count(cells: &[Vec<u128>]) -> usize {
    let begun = |(step, set): (usize, &u128), track: &[u128]| {
        let before = if step == 0 { 0 } else { track[step - 1] };
        (set & !before).count_ones() as usize
    };
    cells.iter().map(|track| track.iter().enumerate().map(|cell| begun(cell, track)).sum::<usize>()).sum()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::options;
    use super::super::{Programs, TrackRule};
    use super::*;

    /// A grid of drums and one pitched track with notes `(start, end, pitch)`.
    fn grid(drums: &[(u32, u32, u8)], pitched: &[(u32, u32, u8)]) -> (Grid, SongOptions) {
        let note = |&(start, end, pitch): &(u32, u32, u8)| GridNote { start, pitch, end, velocity: 90 };
        let tracks = [drums, pitched].map(|notes| notes.iter().map(note).collect()).to_vec();
        let rule = |name: &str, programs| TrackRule { name: name.into(), programs };
        let rules = vec![rule("Drums", Programs::Drums), rule("Rest", Programs::Pitched(vec![(0, 127)]))];
        (Grid { tracks, beat: 12, steps: 384 }, SongOptions { tracks: rules, ..options() })
    }

    /// Runs `(start, end, pitch)` of a track of the first phrase.
    fn runs(track: &[u128]) -> Vec<(usize, usize, u8)> {
        let mut runs = Vec::new();
        for row in 0..84u8 {
            let on = |step: usize| track.get(step).is_some_and(|set| set >> row & 1 == 1);
            for start in (0..track.len()).filter(|step| on(*step) && (*step == 0 || !on(step - 1))) {
                let end = (start..).find(|step| !on(*step)).unwrap();
                runs.push((start, end, row + 24));
            }
        }
        runs.sort_unstable();
        runs
    }

    #[test]
    fn a_note_that_the_same_pitch_follows_at_once_loses_its_last_step() {
        let (grid, mut options) =
            grid(&[], &[(0, 12, 60), (12, 24, 60), (24, 36, 62), (36, 37, 62), (37, 40, 62)]);
        let moved = &mut Moved::default();
        let apart = cells(&grid, 0, 0, &options, moved);
        // A note of one step has none to lose.
        assert_eq!(runs(&apart[1]), [(0, 11, 60), (12, 24, 60), (24, 35, 62), (36, 40, 62)]);
        options.gap = false;
        assert_eq!(runs(&cells(&grid, 0, 0, &options, moved)[1]), [(0, 24, 60), (24, 40, 62)]);
    }

    #[test]
    fn a_repeated_note_right_after_the_phrase_parts_the_last_one_too() {
        let (grid, options) = grid(&[], &[(180, 192, 60), (192, 200, 60)]);
        assert_eq!(runs(&cells(&grid, 0, 0, &options, &mut Moved::default())[1]), [(180, 191, 60)]);
    }

    #[test]
    fn drums_keep_their_key_and_their_onset_only() {
        let (grid, mut options) = grid(&[(0, 12, 36), (12, 24, 36)], &[(0, 12, 60)]);
        let moved = &mut Moved::default();
        let moved_up = cells(&grid, 0, 5, &options, moved);
        assert_eq!(runs(&moved_up[0]), [(0, 1, 36), (12, 13, 36)]);
        assert_eq!(runs(&moved_up[1]), [(0, 12, 65)]);
        options.drum_onsets = false;
        assert_eq!(runs(&cells(&grid, 0, 0, &options, moved)[0]), [(0, 11, 36), (12, 24, 36)]);
    }

    #[test]
    fn pitches_outside_the_range_move_by_octaves_and_drums_are_left_out() {
        let (grid, options) = grid(&[(0, 1, 20), (0, 1, 38)], &[(0, 12, 20), (0, 12, 2), (12, 24, 127)]);
        let mut moved = Moved::default();
        let cells = cells(&grid, 0, 0, &options, &mut moved);
        assert_eq!(runs(&cells[0]), [(0, 1, 38)]);
        assert_eq!(runs(&cells[1]), [(0, 12, 26), (0, 12, 32), (12, 24, 103)]);
        assert_eq!(moved, Moved { folded: 3, outside: 1 });
    }

    #[test]
    fn a_held_note_sounds_on_in_the_next_phrase() {
        let (grid, options) = grid(&[(190, 200, 36)], &[(180, 200, 60), (0, 384, 40)]);
        let second = cells(&grid, 4, 0, &options, &mut Moved::default());
        assert_eq!(runs(&second[0]), [], "a drum is no longer struck");
        assert_eq!(runs(&second[1]), [(0, 8, 60), (0, 192, 40)]);
        assert_eq!(note_count(&second), 2);
    }
}
