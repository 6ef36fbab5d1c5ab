//! Which note-off ends which notes, by pretty_midi's rules.

use super::score::{Instrument, ScoreNote};
use crate::music::Pitch;

const CHANNELS: usize = 16;
const PITCHES: usize = 128;

/// The notes of one track in the order in which they begin, and which of them still sound.
pub(super) struct TrackNotes {
    notes: Vec<TrackNote>,
    /// For each channel and pitch the note that began last among those that sound.
    sounding: Vec<Link>,
}

/// A note by its place in the list plus one; 0 is none.
type Link = u32;

struct TrackNote {
    start: u64,
    end: u64,
    /// Its instrument once it has ended; none while it sounds and when it is dropped.
    instrument: Option<u32>,
    /// The note of this channel and pitch that began before it and sounds too.
    before: Link,
    pitch: Pitch,
    velocity: u8,
}

/// What an end did to the notes of one channel and pitch.
#[derive(Debug, PartialEq)]
pub(super) struct Ended {
    /// How many notes have ended.
    pub count: usize,
    /// How many began and ended at one tick: dropped.
    pub empty: usize,
    /// Tick at which the first of the ended ones began.
    pub first: u64,
    /// The last of the ended ones.
    last: Link,
}

impl Default for TrackNotes {
    fn default() -> Self {
        Self { notes: Vec::new(), sounding: vec![0; CHANNELS * PITCHES] }
    }
}

impl TrackNotes {
    /// A note begins. Ticks never go back, nor does a track have 2^32 notes: a chunk has as many bytes.
    #[inline]
    pub fn begin(&mut self, channel: u8, pitch: Pitch, start: u64, velocity: u8) {
        let head = &mut self.sounding[slot(channel, pitch)];
        self.notes.push(TrackNote { start, end: start, instrument: None, before: *head, pitch, velocity });
        *head = self.notes.len() as Link;
    }

    /// A note-off at `tick` ends every note of its channel and pitch that began before. One that began
    /// at this tick goes on if others ended, and is dropped if it is alone. `None` when none sounds.
    /// The ended ones still need their instrument.
    #[inline]
    pub fn end(&mut self, channel: u8, pitch: Pitch, tick: u64) -> Option<Ended> {
        let head = self.sounding[slot(channel, pitch)];
        if head == 0 {
            return None;
        }
        let (mut last, mut now) = (head, 0);
        let mut goes_on = 0;
        while let Some(note) = self.at(last).filter(|note| note.start == tick) {
            (goes_on, now, last) = (last, now + 1, note.before);
        }
        match (last, goes_on) {
            // Those that go on are the head of the list, without what came before.
            (1.., 1..) => self.notes[goes_on as usize - 1].before = 0,
            _ => self.sounding[slot(channel, pitch)] = 0,
        }
        let empty = if last == 0 { now } else { 0 };
        Some(self.finish(last, tick, empty))
    }

    /// The track ends at `tick`, and every note with it; by channel and pitch.
    pub fn end_all(&mut self, tick: u64) -> Vec<(u8, Pitch, Ended)> {
        let mut all = Vec::new();
        for index in 0..self.sounding.len() {
            let (mut last, mut empty) = (std::mem::take(&mut self.sounding[index]), 0);
            let Some(pitch) = self.at(last).map(|note| note.pitch) else { continue };
            while let Some(note) = self.at(last).filter(|note| note.start == tick) {
                (empty, last) = (empty + 1, note.before);
            }
            all.push(((index / PITCHES) as u8, pitch, self.finish(last, tick, empty)));
        }
        all
    }

    /// Ends the note `last` and all before it.
    #[inline]
    fn finish(&mut self, last: Link, tick: u64, empty: usize) -> Ended {
        let mut ended = Ended { count: 0, empty, first: tick, last };
        let mut next = last;
        while let Some(note) = self.at_mut(next) {
            note.end = tick;
            (ended.count, ended.first, next) = (ended.count + 1, note.start, note.before);
        }
        ended
    }

    /// Gives the notes that have ended to an instrument.
    #[inline]
    pub fn assign(&mut self, ended: &Ended, instrument: u32) {
        let mut next = ended.last;
        while let Some(note) = self.at_mut(next) {
            (note.instrument, next) = (Some(instrument), note.before);
        }
    }

    /// Moves all notes into their instruments, by start, pitch, end and velocity, and is empty again.
    pub fn move_into(&mut self, instruments: &mut [Instrument]) {
        let mut counts = vec![0; instruments.len()];
        self.notes.iter().filter_map(|note| note.instrument).for_each(|i| counts[i as usize] += 1);
        for (instrument, count) in instruments.iter_mut().zip(counts) {
            instrument.notes.reserve_exact(count);
        }
        for note in self.notes.drain(..) {
            let TrackNote { start, end, instrument, pitch, velocity, .. } = note;
            if let Some(index) = instrument {
                instruments[index as usize].notes.push(ScoreNote { start, pitch, end, velocity });
            }
        }
        // They lie by start already: only what begins at once needs an order.
        for instrument in instruments {
            for chord in instrument.notes.chunk_by_mut(|a, b| a.start == b.start).filter(|c| c.len() > 1) {
                chord.sort_unstable();
            }
        }
    }

    fn at(&self, link: Link) -> Option<&TrackNote> {
        self.notes.get((link as usize).wrapping_sub(1))
    }

    fn at_mut(&mut self, link: Link) -> Option<&mut TrackNote> {
        self.notes.get_mut((link as usize).wrapping_sub(1))
    }
}

fn slot(channel: u8, pitch: Pitch) -> usize {
    usize::from(channel) % CHANNELS * PITCHES + usize::from(pitch.number()) % PITCHES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c4() -> Pitch {
        Pitch::new(60).unwrap()
    }

    /// Notes begun at these ticks, then a note-off: how many ended, from when, and how many were empty.
    fn off(starts: &[u64], tick: u64) -> (TrackNotes, usize, u64, usize) {
        let mut notes = TrackNotes::default();
        for start in starts {
            notes.begin(0, c4(), *start, 90);
        }
        let ended = notes.end(0, c4(), tick).unwrap();
        (notes, ended.count, ended.first, ended.empty)
    }

    #[test]
    fn one_note_off_ends_all_that_began_before() {
        let (mut notes, count, first, empty) = off(&[0, 5], 9);
        assert_eq!((count, first, empty), (2, 0, 0));
        assert_eq!(notes.end(0, c4(), 10), None, "nothing sounds any more");
    }

    #[test]
    fn a_note_begun_at_the_same_tick_goes_on_if_others_ended() {
        let (mut notes, count, first, empty) = off(&[0, 9], 9);
        assert_eq!((count, first, empty), (1, 0, 0));
        let ended = notes.end(0, c4(), 12).unwrap();
        assert_eq!((ended.count, ended.first, ended.empty), (1, 9, 0));
    }

    #[test]
    fn a_note_begun_at_the_same_tick_is_dropped_if_it_is_alone() {
        let (mut notes, count, _, empty) = off(&[9, 9], 9);
        assert_eq!((count, empty), (0, 2));
        assert_eq!(notes.end(0, c4(), 12), None);
    }

    #[test]
    fn channels_and_pitches_are_apart_and_all_end_with_the_track() {
        let mut notes = TrackNotes::default();
        notes.begin(0, c4(), 0, 90);
        notes.begin(1, c4(), 7, 90);
        assert_eq!(notes.end(2, c4(), 3), None);
        let ended = notes.end_all(7);
        let counts: Vec<_> = ended.iter().map(|(channel, _, e)| (*channel, e.count, e.empty)).collect();
        assert_eq!(counts, [(0, 1, 0), (1, 0, 1)]);
        assert_eq!(notes.end_all(9), []);
    }
}
