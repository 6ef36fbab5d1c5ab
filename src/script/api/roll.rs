//! `Pianoroll`: which pitches sound at which step.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::edit::semitones;
use crate::music::{Note, Pianoroll, pitches_of};
use crate::script::options::{Fallible, refuse};

/// A note as a map.
fn note(note: &Note) -> Dynamic {
    let entries = [
        ("start", note.start as i64),
        ("pitch", i64::from(note.pitch.number())),
        ("end", note.end as i64),
        ("velocity", i64::from(note.velocity)),
    ];
    let map: Map = entries.into_iter().map(|(key, value)| (key.into(), Dynamic::from(value))).collect();
    map.into()
}

/// Every note as a map.
pub(super) fn notes_of(roll: &Pianoroll) -> Array {
    roll.notes().iter().map(note).collect()
}

/// What a pianoroll can do.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod roll {
    /// Length in steps.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2").roll.steps, 24);
    /// ```
    #[rhai_fn(get = "steps", pure)]
    pub fn steps(roll: &mut Pianoroll) -> i64 {
        roll.steps() as i64
    }

    /// Number of notes.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2").roll.note_count, 2);
    /// ```
    #[rhai_fn(get = "note_count", pure)]
    pub fn note_count(roll: &mut Pianoroll) -> i64 {
        roll.note_count() as i64
    }

    /// Every note as a map with `start` and `end` (in steps), `pitch` and `velocity`.
    ///
    /// ```rhai
    /// let notes = music::line("bass", "C2 . G2").roll.notes();
    /// assert_eq(notes[1].pitch, 43);
    /// assert_eq(notes[1].start, 24);
    /// ```
    #[rhai_fn(pure)]
    pub fn notes(roll: &mut Pianoroll) -> Array {
        notes_of(roll)
    }

    /// The pitches that sound at a step, lowest first: `roll[0]`.
    ///
    /// ```rhai
    /// assert_eq(music::line("piano", "C4+E4").roll[0], [60, 64]);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn pitches_at(roll: &mut Pianoroll, step: i64) -> Fallible<Array> {
        let set = usize::try_from(step).ok().and_then(|step| roll.sounding().get(step));
        let set = set.ok_or_else(|| refuse(format!("step {step} does not lie in 0..{}", roll.steps())))?;
        Ok(pitches_of(*set).map(|pitch| Dynamic::from(i64::from(pitch))).collect())
    }

    /// Lowest and highest pitch as an array of two; empty when nothing sounds.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2 E2").roll.pitch_range, [36, 43]);
    /// ```
    #[rhai_fn(get = "pitch_range", pure)]
    pub fn pitch_range(roll: &mut Pianoroll) -> Array {
        let ends = roll.pitch_range().map(|(low, high)| [low, high]);
        let number = |pitch: crate::music::Pitch| Dynamic::from(i64::from(pitch.number()));
        ends.into_iter().flatten().map(number).collect()
    }

    /// All notes moved by `semitones`; what leaves 0..=127 is dropped.
    ///
    /// ```rhai
    /// let line = music::line("bass", "C2");
    /// assert_eq(line.roll.transpose(12), line.transpose(12).roll);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn transpose(roll: &mut Pianoroll, semitones: i64) -> Fallible<Pianoroll> {
        Ok(roll.transpose(super::semitones(semitones)?))
    }

    /// Both rolls at once.
    ///
    /// ```rhai
    /// let a = music::line("piano", "C4").roll;
    /// assert_eq(a.union(a.transpose(4)), music::line("piano", "C4+E4").roll);
    /// ```
    #[rhai_fn(pure)]
    pub fn union(roll: &mut Pianoroll, other: Pianoroll) -> Pianoroll {
        roll.union(&other)
    }

    /// Whether both rolls hold the same notes.
    ///
    /// ```rhai
    /// assert(music::line("bass", "C2").roll == music::line("piano", "C2").roll);
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn equals(roll: &mut Pianoroll, other: Pianoroll) -> bool {
        *roll == other
    }

    /// Whether the rolls differ.
    ///
    /// ```rhai
    /// assert(music::line("bass", "C2").roll != music::line("bass", "D2").roll);
    /// ```
    #[rhai_fn(name = "!=", pure)]
    pub fn differs(roll: &mut Pianoroll, other: Pianoroll) -> bool {
        *roll != other
    }
}
