//! Which note-off ends which notes, by pretty_midi's rules.

use std::collections::BTreeMap;

use super::score::ScoreNote;
use crate::music::Pitch;

/// The notes of one track that have begun and not ended, by channel and pitch.
#[derive(Default)]
pub(super) struct OpenNotes(BTreeMap<(u8, Pitch), Vec<Open>>);

#[derive(Clone, Copy)]
struct Open {
    start: u64,
    velocity: u8,
}

/// What an end did to the notes of one channel and pitch.
#[derive(Debug, PartialEq)]
pub(super) struct Ended {
    pub channel: u8,
    pub pitch: Pitch,
    /// Notes that have ended, by start.
    pub notes: Vec<ScoreNote>,
    /// Notes that began and ended at one tick: dropped.
    pub empty: usize,
}

impl OpenNotes {
    /// A note begins.
    pub fn begin(&mut self, channel: u8, pitch: Pitch, start: u64, velocity: u8) {
        self.0.entry((channel, pitch)).or_default().push(Open { start, velocity });
    }

    /// A note-off at `tick` ends every note of its channel and pitch that began before. One that began
    /// at this tick goes on if others ended, and is dropped if it is alone. `None` when none sounds.
    pub fn end(&mut self, channel: u8, pitch: Pitch, tick: u64) -> Option<Ended> {
        let open = self.0.remove(&(channel, pitch))?;
        let (now, before): (Vec<_>, Vec<_>) = open.into_iter().partition(|note| note.start == tick);
        let goes_on = !before.is_empty() && !now.is_empty();
        let empty = if goes_on { 0 } else { now.len() };
        if goes_on {
            self.0.insert((channel, pitch), now);
        }
        Some(Ended { channel, pitch, notes: ended(pitch, tick, &before), empty })
    }

    /// The track ends at `tick`, and every note with it.
    pub fn end_all(&mut self, tick: u64) -> Vec<Ended> {
        let all = std::mem::take(&mut self.0).into_iter();
        all.map(|((channel, pitch), open)| {
            let (now, before): (Vec<_>, Vec<_>) = open.into_iter().partition(|note| note.start == tick);
            Ended { channel, pitch, notes: ended(pitch, tick, &before), empty: now.len() }
        })
        .collect()
    }
}

fn ended(pitch: Pitch, end: u64, open: &[Open]) -> Vec<ScoreNote> {
    open.iter().map(|&Open { start, velocity }| ScoreNote { start, pitch, end, velocity }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c4() -> Pitch {
        Pitch::new(60).unwrap()
    }

    /// Notes begun at these ticks, then a note-off: starts that ended, and how many were empty.
    fn off(starts: &[u64], tick: u64) -> (OpenNotes, Vec<u64>, usize) {
        let mut open = OpenNotes::default();
        for start in starts {
            open.begin(0, c4(), *start, 90);
        }
        let ended = open.end(0, c4(), tick).unwrap();
        (open, ended.notes.iter().map(|n| n.start).collect(), ended.empty)
    }

    #[test]
    fn one_note_off_ends_all_that_began_before() {
        let (mut open, starts, empty) = off(&[0, 5], 9);
        assert_eq!((starts, empty), (vec![0, 5], 0));
        assert_eq!(open.end(0, c4(), 10), None, "nothing sounds any more");
    }

    #[test]
    fn a_note_begun_at_the_same_tick_goes_on_if_others_ended() {
        let (mut open, starts, empty) = off(&[0, 9], 9);
        assert_eq!((starts, empty), (vec![0], 0));
        assert_eq!(open.end(0, c4(), 12).unwrap().notes[0].start, 9);
    }

    #[test]
    fn a_note_begun_at_the_same_tick_is_dropped_if_it_is_alone() {
        let (mut open, starts, empty) = off(&[9, 9], 9);
        assert_eq!((starts, empty), (vec![], 2));
        assert_eq!(open.end(0, c4(), 12), None);
    }

    #[test]
    fn channels_and_pitches_are_apart_and_all_end_with_the_track() {
        let mut open = OpenNotes::default();
        open.begin(0, c4(), 0, 90);
        open.begin(1, c4(), 7, 90);
        assert_eq!(open.end(2, c4(), 3), None);
        let ended = open.end_all(7);
        assert_eq!((ended[0].notes.len(), ended[0].empty), (1, 0));
        assert_eq!((ended[1].notes.len(), ended[1].empty), (0, 1));
    }
}
