//! Which pitches sound at which step of one track, onsets apart from holds.
//!
//! A step is two sets of 128 bits, *sounding* and *onset*, so repeated notes survive, comparing is
//! exact and measuring is `and` and popcount. Velocities are optional and beside.

mod change;

use std::ops::Range;
use std::sync::Arc;

use super::Pitch;
use super::velocities::Velocities;

/// Velocity of notes whose roll has no velocities of its own.
pub const DEFAULT_VELOCITY: u8 = 100;

/// One note: `start..end` in steps, velocity 1..=127.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Note {
    /// First step.
    pub start: usize,
    /// The pitch.
    pub pitch: Pitch,
    /// The step after the last one.
    pub end: usize,
    /// 1..=127.
    pub velocity: u8,
}

/// A grid of steps x 128 pitches. Invariants: every onset sounds, and a pitch that sounds without
/// sounding in the step before has its onset there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pianoroll {
    sounding: Arc<Vec<u128>>,
    onset: Arc<Vec<u128>>,
    velocities: Option<Arc<Velocities>>,
}

/// The pitches in a step's set, from low to high.
pub fn pitches_of(set: u128) -> impl Iterator<Item = u8> {
    std::iter::successors(Some(set), |rest| Some(rest & rest.wrapping_sub(1)))
        .take_while(|rest| *rest != 0)
        .map(|rest| rest.trailing_zeros() as u8)
}

/// The sounding and onset sets of a run of steps, borrowed from a roll.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    /// One set of pitches per step.
    pub sounding: &'a [u128],
    /// The pitches among them that start there.
    pub onset: &'a [u128],
}

/// A sounding cell with its velocity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    pub step: u32,
    pub pitch: Pitch,
    /// 1 to 127.
    pub velocity: u8,
}

/// A roll that notes are being played into.
pub(crate) struct Planes {
    sounding: Vec<u128>,
    onset: Vec<u128>,
}

impl Planes {
    /// `steps` steps without a note.
    pub fn silent(steps: usize) -> Self {
        Self { sounding: vec![0; steps], onset: vec![0; steps] }
    }

    /// Plays a note, which ends after it starts; what lies beyond the end is cut.
    #[inline]
    pub fn play(&mut self, start: usize, end: usize, pitch: Pitch) {
        let cell = 1 << pitch.number();
        let steps = self.sounding.len();
        if let (Some(onset), Some(held)) =
            (self.onset.get_mut(start), self.sounding.get_mut(start..end.min(steps)))
        {
            *onset |= cell;
            held.iter_mut().for_each(|set| *set |= cell);
        }
    }

    /// The roll, without velocities. Every run of cells begins with a note, so it keeps the invariants.
    pub fn finish(self) -> Pianoroll {
        let onset = (self.onset != self.sounding).then(|| Arc::new(self.onset));
        let sounding = Arc::new(self.sounding);
        // Where every note is one step long, as of drums, one plane does for both.
        Pianoroll { onset: onset.unwrap_or_else(|| sounding.clone()), sounding, velocities: None }
    }
}

impl Pianoroll {
    /// Silence of `steps` steps.
    pub fn silent(steps: usize) -> Self {
        let plane = Arc::new(vec![0; steps]);
        Self { sounding: plane.clone(), onset: plane, velocities: None }
    }

    /// A roll from its two planes, made to keep the invariants: an onset sounds, and what begins to
    /// sound is an onset. The shorter plane is padded with silence.
    pub fn from_planes(mut sounding: Vec<u128>, mut onset: Vec<u128>) -> Self {
        let steps = sounding.len().max(onset.len());
        sounding.resize(steps, 0);
        onset.resize(steps, 0);
        let mut before = 0;
        for (sounds, starts) in sounding.iter_mut().zip(&mut onset) {
            *sounds |= *starts;
            *starts |= *sounds & !before;
            before = *sounds;
        }
        Self { sounding: Arc::new(sounding), onset: Arc::new(onset), velocities: None }
    }

    /// A roll from the sounding plane alone: a note is a maximal run.
    pub fn from_sounding(sounding: Vec<u128>) -> Self {
        Self::from_planes(sounding, Vec::new())
    }

    /// The same cells with velocities `[step][pitch]` beside them; silent cells are cleared, and
    /// sounding cells without a velocity get [`DEFAULT_VELOCITY`].
    pub fn with_velocities(&self, velocities: Vec<[u8; 128]>) -> Self {
        self.with_velocity_of(|step, pitch| velocities.get(step).map_or(0, |row| row[usize::from(pitch)]))
    }

    /// The same cells with the velocities that `velocity(step, pitch)` gives; 0 is the usual one.
    fn with_velocity_of(&self, velocity: impl FnMut(usize, u8) -> u8) -> Self {
        let velocities = Velocities::of(&self.sounding, velocity);
        Self { velocities: Some(Arc::new(velocities)), ..self.clone() }
    }

    /// The same cells without velocities.
    pub fn without_velocities(&self) -> Self {
        Self { velocities: None, ..self.clone() }
    }

    /// A roll of `steps` steps that plays `notes`; what lies beyond the end is cut, and a note that
    /// starts while the same pitch sounds is a new onset there.
    pub fn from_notes(steps: usize, notes: &[Note]) -> Self {
        let mut planes = Planes::silent(steps);
        let mut spans = Vec::with_capacity(notes.len());
        for note in notes.iter().filter(|n| n.end > n.start) {
            planes.play(note.start, note.end, note.pitch);
            spans.push((note.start..note.end.min(steps), note.pitch.number(), note.velocity.clamp(1, 127)));
        }
        let roll = planes.finish();
        let mut velocities = Velocities::default_of(&roll.sounding);
        for (span, pitch, velocity) in spans {
            span.for_each(|step| velocities.set(roll.sounding[step], step, pitch, velocity));
        }
        Self { velocities: Some(Arc::new(velocities)), ..roll }
    }

    /// A roll of `steps` steps from its sounding cells with their velocities; of a cell that comes twice
    /// the last counts. Quickest when they come by pitch and then step, each once.
    pub(crate) fn from_cells(steps: usize, mut cells: Vec<Cell>) -> Self {
        let place = |cell: &Cell| (cell.pitch, cell.step);
        if !cells.is_sorted_by(|a, b| place(a) < place(b)) {
            cells.reverse();
            cells.sort_by_key(place);
            cells.dedup_by_key(|cell| place(cell));
        }
        let mut sounding = vec![0u128; steps];
        let mut counts = vec![0u8; steps];
        for cell in &cells {
            sounding[cell.step as usize] |= 1 << cell.pitch.number();
            counts[cell.step as usize] += 1;
        }
        let cells = cells.iter().map(|cell| (cell.step as usize, cell.velocity));
        let velocities = Velocities::of_columns(&counts, cells);
        Self { velocities: Some(Arc::new(velocities)), ..Self::from_sounding(sounding) }
    }

    /// A roll of `steps` steps from its sounding cells, each once, by pitch and then step: `rows` are their
    /// steps, and those of pitch `p` lie from `bounds[p]` to `bounds[p + 1]`.
    pub(crate) fn from_columns(
        steps: usize,
        bounds: &[usize],
        rows: &[u32],
        velocities: Option<&[u8]>,
    ) -> Self {
        if rows.is_empty() {
            let velocities = velocities.map(|_| Arc::new(Velocities::default_of(&vec![0; steps])));
            return Self { velocities, ..Self::silent(steps) };
        }
        let mut planes = Planes::silent(steps);
        // A note is a maximal run of cells; so is a stretch of velocities.
        let mut runs: Vec<Range<usize>> = Vec::new();
        let pitches = (0..128).filter_map(|number| Pitch::new(number).ok());
        for (column, pitch) in bounds.windows(2).zip(pitches) {
            let mut rest = &rows[column[0]..column[1]];
            while let Some(first) = rest.first() {
                let length = rest.iter().zip(*first..).take_while(|(row, step)| *row == step).count();
                let start = *first as usize;
                planes.play(start, start + length, pitch);
                runs.push(start..start + length);
                rest = &rest[length..];
            }
        }
        let velocities = velocities.map(|values| Arc::new(Velocities::of_runs(steps, &runs, values)));
        Self { velocities, ..planes.finish() }
    }

    /// Length in steps.
    pub fn steps(&self) -> usize {
        self.sounding.len()
    }

    /// Whether no cell sounds.
    pub fn is_silent(&self) -> bool {
        self.sounding.iter().all(|set| *set == 0)
    }

    /// The sounding sets, one per step.
    pub fn sounding(&self) -> &[u128] {
        &self.sounding
    }

    /// The onset sets, one per step.
    pub fn onset(&self) -> &[u128] {
        &self.onset
    }

    /// Both planes.
    pub fn cells(&self) -> Cells<'_> {
        Cells { sounding: &self.sounding, onset: &self.onset }
    }

    /// Velocities of the sounding cells, where the roll has them.
    pub fn velocities(&self) -> Option<&Velocities> {
        self.velocities.as_deref()
    }

    /// Velocity of a cell: 0 when silent, [`DEFAULT_VELOCITY`] when the roll has no velocities.
    pub fn velocity(&self, step: usize, pitch: u8) -> u8 {
        match (&self.velocities, self.sounding.get(step)) {
            (_, None) => 0,
            (_, Some(set)) if set >> pitch & 1 == 0 => 0,
            (None, _) => DEFAULT_VELOCITY,
            (Some(velocities), Some(set)) => velocities.get(*set, step, pitch),
        }
    }

    /// Every note, by start and then pitch; a note's velocity is that of its first cell.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut open = [usize::MAX; 128];
        let mut held = 0u128;
        for step in 0..=self.steps() {
            let (sounds, starts) = match step < self.steps() {
                true => (self.sounding[step], self.onset[step]),
                false => (0, 0),
            };
            for pitch in pitches_of(held & (!sounds | starts)) {
                let start = open[usize::from(pitch)];
                let velocity = self.velocity(start, pitch);
                if let Ok(pitch) = Pitch::new(i64::from(pitch)) {
                    notes.push(Note { start, pitch, end: step, velocity });
                }
            }
            for pitch in pitches_of(starts) {
                open[usize::from(pitch)] = step;
            }
            held = sounds;
        }
        notes.sort_unstable();
        notes
    }

    /// Number of notes.
    pub fn note_count(&self) -> usize {
        self.onset.iter().map(|set| set.count_ones() as usize).sum()
    }

    /// Lowest and highest pitch that sounds.
    pub fn pitch_range(&self) -> Option<(Pitch, Pitch)> {
        let used = self.sounding.iter().fold(0, |all, set| all | set);
        let pitch = |n: u32| Pitch::new(i64::from(n)).ok();
        match used {
            0 => None,
            _ => Some((pitch(used.trailing_zeros())?, pitch(127 - used.leading_zeros())?)),
        }
    }

    /// Sounding cells with one silent step before each repeated onset where the note before is long
    /// enough: the convention of one-plane files (pypianoroll, the training arrays).
    pub fn separated(&self) -> Vec<u128> {
        let mut plane = self.sounding.to_vec();
        for step in 1..plane.len() {
            let repeats = self.onset[step] & self.sounding[step - 1];
            plane[step - 1] &= !(repeats & !self.onset[step - 1]);
        }
        plane
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Resolution;

    fn note(start: usize, pitch: i64, end: usize) -> Note {
        Note { start, pitch: Pitch::new(pitch).unwrap(), end, velocity: 90 }
    }

    #[test]
    fn notes_survive_the_grid_even_when_they_touch() {
        let notes = vec![note(0, 60, 4), note(2, 64, 3), note(4, 60, 8)];
        let roll = Pianoroll::from_notes(8, &notes);
        assert_eq!(roll.notes(), notes);
        assert_eq!(roll.note_count(), 3);
        assert_eq!(roll.separated()[3], 0, "one-plane files need a gap before a repeated note");
    }

    #[test]
    fn what_begins_to_sound_is_an_onset_and_an_onset_sounds() {
        let roll = Pianoroll::from_planes(vec![1, 1, 0, 1], vec![0, 0, 2, 0]);
        assert_eq!(roll.onset(), [1, 0, 2, 1]);
        assert_eq!(roll.sounding(), [1, 1, 2, 1]);
    }

    #[test]
    fn a_slice_and_its_rest_join_to_the_whole_with_the_cut_note_begun_again() {
        let roll = Pianoroll::from_notes(8, &[note(0, 60, 8)]);
        let joined = roll.slice(0, 4).unwrap().concat(&roll.slice(4, 8).unwrap());
        assert_eq!(joined.sounding(), roll.sounding());
        assert_eq!(joined.notes(), vec![note(0, 60, 4), note(4, 60, 8)]);
        assert!(roll.slice(4, 9).is_err());
    }

    #[test]
    fn transposing_there_and_back_changes_nothing_inside_the_range() {
        let roll = Pianoroll::from_notes(4, &[note(0, 60, 2), note(1, 127, 3)]);
        assert_eq!(roll.transpose(-5).transpose(5), roll);
        assert_eq!(roll.transpose(1).notes(), vec![note(0, 61, 2)]);
        assert!(roll.transpose(200).is_silent());
    }

    #[test]
    fn velocities_stay_with_their_cells() {
        let loud = |start, pitch, end, velocity| Note { velocity, ..note(start, pitch, end) };
        let notes = [loud(0, 60, 4, 1), loud(2, 64, 6, 90), loud(4, 60, 8, 127)];
        let roll = Pianoroll::from_notes(8, &notes);
        assert_eq!(roll.notes(), notes);
        let dense = (0..8).map(|step| std::array::from_fn(|p| roll.velocity(step, p as u8))).collect();
        assert_eq!(roll.with_velocities(dense), roll);
        let cell = |step: usize, pitch: u8| {
            let velocity = roll.velocity(step, pitch);
            Cell { step: step as u32, pitch: Pitch::new(pitch.into()).unwrap(), velocity }
        };
        let mut cells: Vec<Cell> = (0..8).map(|step| cell(step, 60)).collect();
        cells.extend((2..6).map(|step| cell(step, 64)));
        let of_cells = Pianoroll::from_cells(8, cells.clone());
        assert_eq!((of_cells.sounding(), of_cells.velocities()), (roll.sounding(), roll.velocities()));
        cells.swap(0, 3);
        cells.insert(0, Cell { velocity: 5, ..cells[4] });
        assert_eq!(Pianoroll::from_cells(8, cells), of_cells, "in any order, the last of two counts");
        assert_eq!(roll.transpose(-3).transpose(3), roll);
        assert_eq!(roll.transpose(5).velocity(4, 65), 127);
        let cut = roll.slice(2, 5).unwrap();
        assert_eq!(cut.notes(), [loud(0, 60, 2, 1), loud(0, 64, 3, 90), loud(2, 60, 3, 127)]);
        assert_eq!(
            roll.slice(0, 4).unwrap().concat(&roll.slice(4, 8).unwrap()).velocities(),
            roll.velocities()
        );
        assert_eq!(roll.resized(12).resized(8), roll);
        let both = roll.union(&Pianoroll::from_notes(8, &[loud(3, 60, 5, 100)]));
        assert_eq!([2, 3, 4].map(|step| both.velocity(step, 60)), [1, 100, 127]);
        assert_eq!([2, 4].map(|step| roll.monophonic().velocity(step, 64)), [90, 90]);
    }

    #[test]
    fn resampling_to_half_and_back_keeps_even_notes() {
        let (fine, coarse) = (Resolution::MIDI, Resolution::MODEL);
        let roll = Pianoroll::from_notes(48, &[note(0, 60, 24), note(24, 60, 26)]);
        assert_eq!(roll.resample(fine, coarse).resample(coarse, fine), roll);
    }

    #[test]
    fn pitches_come_from_low_to_high() {
        assert_eq!(pitches_of(1 | 1 << 127 | 1 << 60).collect::<Vec<_>>(), [0, 60, 127]);
        assert_eq!(pitches_of(0).count(), 0);
    }
}
