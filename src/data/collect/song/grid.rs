//! Notes of a section on its grid of steps.

use super::SongOptions;
use super::sections::Section;
use crate::midi::ScoreNote;

/// A note on the grid; steps from the section's first bar line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GridNote {
    /// First step.
    pub start: u32,
    /// MIDI pitch.
    pub pitch: u8,
    /// Step after the last, after `start`.
    pub end: u32,
    /// 1..=127.
    pub velocity: u8,
}

/// The notes of a section.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// For each track its notes, by start.
    pub tracks: Vec<Vec<GridNote>>,
    /// Steps of a beat.
    pub beat: u32,
    /// Steps up to the section's end: whole bars unless a change of meter cuts the last one.
    pub steps: u32,
}

impl Grid {
    /// The grid of `section`, of whose bars the first `bars` count. `tracks` has the notes of each
    /// track in ticks, by start. A note belongs to the section in which it begins, and ends with it.
    pub fn new(
        tracks: &[Vec<ScoreNote>],
        section: &Section,
        bars: usize,
        ticks_per_beat: f64,
        options: &SongOptions,
    ) -> Self {
        let beat = options.resolution as u32;
        let beats = |tick: u64| (tick as f64 - section.start as f64) / ticks_per_beat;
        let most = bars as u32 * 4 * beat;
        let steps = match bars < section.bars {
            true => most,
            false => (((beats(section.end) * f64::from(beat)) + 0.5) as u32).clamp(1, most),
        };
        // Up to half a sixteenth early is still the section's first step.
        let early = (ticks_per_beat * options.snap.max(0.5 / f64::from(beat))) as u64;
        let place = |note: &ScoreNote| {
            let start = step_of_onset(beats(note.start), beat, options.snap);
            // A note that is moved keeps its length.
            let length = ((beats(note.end) - beats(note.start)) * f64::from(beat)).round().max(1.0) as u32;
            let end = start.saturating_add(length).min(most);
            let pitch = note.pitch.number();
            (start < most).then_some(GridNote { start, pitch, end, velocity: note.velocity })
        };
        let place_track = |notes: &Vec<ScoreNote>| {
            let first = notes.partition_point(|n| n.start.saturating_add(early) < section.start);
            let last = notes.partition_point(|n| n.start.saturating_add(early) < section.end);
            let mut placed: Vec<GridNote> = notes[first..last.max(first)].iter().filter_map(place).collect();
            placed.sort_unstable();
            placed
        };
        Self { tracks: tracks.iter().map(place_track).collect(), beat, steps }
    }

    /// The same with bars that begin `beats` beats later; what lies before is cut off.
    pub fn starting_at(&self, beats: usize) -> Self {
        let shift = beats as u32 * self.beat;
        let later = |note: &GridNote| {
            let start = note.start.saturating_sub(shift);
            (note.end > shift).then_some(GridNote { start, end: note.end - shift, ..*note })
        };
        let tracks = self.tracks.iter().map(|notes| notes.iter().filter_map(later).collect()).collect();
        Self { tracks, beat: self.beat, steps: self.steps.saturating_sub(shift) }
    }

    /// Steps of a bar.
    pub fn bar(&self) -> u32 {
        4 * self.beat
    }
}

/// The step of a note that begins so many beats after the bar line: that of the sixteenth that is
/// nearer than `snap`, otherwise the nearest step.
fn step_of_onset(beats: f64, resolution: u32, snap: f64) -> u32 {
    let sixteenth = (beats * 4.0).round() / 4.0;
    let at = if (beats - sixteenth).abs() < snap { sixteenth } else { beats };
    (at * f64::from(resolution)).round().max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{note, options};
    use super::*;

    fn section(start: u64, bars: usize) -> Section {
        Section { start, end: start + 1920 * bars as u64, first_bar: 0, bars, is_common: true, is_last: true }
    }

    fn place(notes: &[(u64, u64)], section: &Section) -> Vec<(u32, u32)> {
        let notes = notes.iter().map(|&(start, end)| note(start, end, 60)).collect();
        let grid = Grid::new(&[notes], section, section.bars, 480.0, &options());
        grid.tracks[0].iter().map(|n| (n.start, n.end)).collect()
    }

    #[test]
    fn onsets_near_a_sixteenth_go_there_and_triplets_and_swing_stay() {
        let step = |beats| step_of_onset(beats, 12, 0.06);
        assert_eq!([step(0.0), step(0.05), step(0.2), step(0.3), step(0.7)], [0, 0, 3, 3, 9]);
        assert_eq!([step(1.0 / 3.0), step(2.0 / 3.0), step(0.6), step(-0.04)], [4, 8, 7, 0]);
        assert_eq!(step_of_onset(0.05, 12, 0.0), 1, "without snapping the nearest step");
    }

    #[test]
    fn a_note_lasts_at_least_a_step_and_ends_with_its_section() {
        let notes = [(0, 1), (480, 960), (1900, 5000)];
        assert_eq!(place(&notes, &section(0, 2)), [(0, 1), (12, 24), (48, 96)]);
    }

    #[test]
    fn a_section_counts_from_its_own_bar_line_and_takes_notes_that_come_a_little_early() {
        let notes = [(900, 1000), (990, 1480), (1480, 1960), (4840, 4900)];
        assert_eq!(place(&notes, &section(1000, 2)), [(0, 12), (12, 24)]);
    }

    #[test]
    fn a_later_first_beat_cuts_off_what_lies_before() {
        let notes = vec![note(0, 240, 60), note(240, 960, 62), note(480, 960, 64)];
        let grid = Grid::new(&[notes], &section(0, 2), 2, 480.0, &options()).starting_at(1);
        let placed: Vec<_> = grid.tracks[0].iter().map(|n| (n.start, n.end, n.pitch)).collect();
        assert_eq!((placed, grid.steps), (vec![(0, 12, 62), (0, 12, 64)], 84));
    }
}
