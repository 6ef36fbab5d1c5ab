//! Songs made by hand, for tests.

use super::SongOptions;
use crate::midi::{Instrument, Score, ScoreNote};
use crate::music::{Pitch, Program};

/// Ticks of a beat in every song here.
pub const BEAT: u64 = 480;
/// Ticks of a bar of 4/4.
pub const BAR: u64 = 4 * BEAT;

/// An empty song.
pub fn song() -> Score {
    Score::new(BEAT as u16)
}

/// A note from tick to tick.
pub fn note(start: u64, end: u64, pitch: u8) -> ScoreNote {
    ScoreNote { start, pitch: Pitch::new(pitch.into()).unwrap(), end, velocity: 90 }
}

/// A pitched part.
pub fn part(program: u8, notes: Vec<ScoreNote>) -> Instrument {
    Instrument::new(Program::new(program.into()).unwrap(), false, notes)
}

/// A part on the drum channel.
pub fn drums(notes: Vec<ScoreNote>) -> Instrument {
    Instrument::new(Program::default(), true, notes)
}

/// Kick, snare and hats for so many bars from a bar on, all `late` ticks late.
pub fn beat(bars: std::ops::Range<u64>, late: u64) -> Vec<ScoreNote> {
    let mut notes = Vec::new();
    for quarter in bars.start * 4..bars.end * 4 {
        let at = quarter * BEAT + late;
        notes.push(note(at, at + 60, if quarter % 2 == 0 { 36 } else { 38 }));
        notes.extend([0, BEAT / 2].map(|half| note(at + half, at + half + 60, 42)));
    }
    notes.sort_unstable();
    notes
}

/// A chord of three notes a bar and its root below, over I-vi-IV-V in a key `up` semitones above C.
pub fn chords(bars: std::ops::Range<u64>, up: u8, late: u64) -> [Vec<ScoreNote>; 2] {
    let (mut high, mut low) = (Vec::new(), Vec::new());
    for bar in bars {
        let chord: [u8; 3] = [[0, 4, 7], [9, 12, 16], [5, 9, 12], [7, 11, 14]][bar as usize % 4];
        let at = bar * BAR + late;
        high.extend(chord.map(|pitch| note(at, at + BAR, 60 + up + pitch)));
        for quarter in [0, 2, 3] {
            low.push(note(at + quarter * BEAT, at + (quarter + 1) * BEAT, 36 + up + chord[0]));
        }
    }
    [high, low]
}

/// A band of drums, piano and bass that plays I-vi-IV-V for so many bars.
pub fn band(bars: u64) -> Score {
    let mut song = song();
    let [high, low] = chords(0..bars, 0, 0);
    song.instruments = vec![drums(beat(0..bars, 0)), part(0, high), part(33, low)];
    song
}

/// The defaults, but equal phrases stay.
pub fn options() -> SongOptions {
    SongOptions::default()
}
