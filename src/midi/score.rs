//! What a MIDI file says, in ticks: instruments with notes, tempos, meters, keys.

use super::account::Repair;
use super::marker::Written;
use crate::base::Stamp;
use crate::music::{Meter, Origin, Pitch, Program, Tempo};

/// A MIDI file's music in ticks. Fields are in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// How long a tick is.
    pub division: Division,
    /// The piece's name: the name of a first track that has no notes.
    pub name: Option<String>,
    /// One for each track, channel and program that has notes.
    pub instruments: Vec<Instrument>,
    /// Tempo changes by tick; the first is at tick 0, at 120 beats a minute unless the file says else.
    pub tempos: Vec<TempoChange>,
    /// Meter changes by tick; empty when the file has none, which means 4/4.
    pub meters: Vec<(u64, Meter)>,
    /// Key signatures by tick.
    pub keys: Vec<(u64, Key)>,
    /// Tick of the last event of all.
    pub end: u64,
    /// What was repaired or dropped.
    pub account: Vec<Repair>,
    /// Where the piece came from, when this crate wrote the file.
    pub origin: Option<Origin>,
    /// What made the file, when it says so.
    pub stamp: Option<Box<Stamp>>,
    /// What else this crate wrote down about the piece.
    pub(super) written: Option<Written>,
}

/// Notes of one track, channel and program.
#[derive(Clone, Debug, PartialEq)]
pub struct Instrument {
    /// Number of the track in the file, from 1.
    pub track: usize,
    /// MIDI channel, 0..=15.
    pub channel: u8,
    /// The track's name; often empty.
    pub name: String,
    /// The program in force when the notes ended.
    pub program: Program,
    /// Whether the channel is the drums' (number 9, which musicians call 10).
    pub is_drum: bool,
    /// By start, then pitch.
    pub notes: Vec<ScoreNote>,
    /// Whether this crate wrote the track, and if so whether with velocities.
    pub(super) written: Option<bool>,
}

/// A note in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScoreNote {
    /// Tick at which it begins.
    pub start: u64,
    /// The pitch.
    pub pitch: Pitch,
    /// Tick at which it has ended, after `start`.
    pub end: u64,
    /// 1..=127.
    pub velocity: u8,
}

/// How long a tick is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Division {
    /// Ticks per quarter note.
    TicksPerBeat(u16),
    /// SMPTE: fixed time, without beats; read as 120 beats a minute.
    Timecode {
        /// 24, 25, 29.97 or 30.
        frames_per_second: f64,
        /// Ticks per frame.
        ticks_per_frame: u8,
    },
}

impl Division {
    /// Ticks per quarter note; may be fractional for SMPTE timing.
    pub fn ticks_per_beat(self) -> f64 {
        match self {
            Self::TicksPerBeat(ticks) => f64::from(ticks),
            Self::Timecode { frames_per_second, ticks_per_frame } => {
                frames_per_second * f64::from(ticks_per_frame) / 2.0
            }
        }
    }
}

/// A tempo from some tick on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TempoChange {
    /// Tick at which it begins.
    pub tick: u64,
    /// Microseconds per quarter note, as MIDI counts.
    pub micros: u32,
    /// The same in beats per minute; exact when this crate wrote the file.
    pub tempo: Tempo,
}

/// A key signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Sharps, or flats when negative.
    pub sharps: i8,
    /// Whether it is minor.
    pub is_minor: bool,
}

impl Instrument {
    /// A part without a name on the first channel that fits; `notes` are sorted.
    pub fn new(program: Program, is_drum: bool, mut notes: Vec<ScoreNote>) -> Self {
        notes.sort_unstable();
        let channel = if is_drum { 9 } else { 0 };
        Self { track: 1, channel, name: String::new(), program, is_drum, notes, written: None }
    }
}

impl Score {
    /// A song without notes at 120 beats a minute; at least one tick a beat.
    pub fn new(ticks_per_beat: u16) -> Self {
        Self {
            division: Division::TicksPerBeat(ticks_per_beat.max(1)),
            name: None,
            instruments: Vec::new(),
            tempos: vec![TempoChange { tick: 0, micros: 500_000, tempo: Tempo::default() }],
            meters: Vec::new(),
            keys: Vec::new(),
            end: 0,
            account: Vec::new(),
            origin: None,
            stamp: None,
            written: None,
        }
    }

    /// Time of a tick in seconds.
    pub fn seconds(&self, tick: u64) -> f64 {
        if let Division::Timecode { .. } = self.division {
            return tick as f64 / (2.0 * self.division.ticks_per_beat());
        }
        let ends = self.tempos.iter().skip(1).map(|change| change.tick).chain([u64::MAX]);
        let lasts = |(change, end): (&TempoChange, u64)| {
            let ticks = end.min(tick).saturating_sub(change.tick) as f64;
            ticks * f64::from(change.micros) / 1e6 / self.division.ticks_per_beat()
        };
        self.tempos.iter().zip(ends).map(lasts).sum()
    }

    /// Number of notes of all instruments.
    pub fn note_count(&self) -> usize {
        self.instruments.iter().map(|i| i.notes.len()).sum()
    }

    /// Tick at which the last note has ended; 0 without notes.
    pub fn last_note_end(&self) -> u64 {
        self.instruments.iter().flat_map(|i| &i.notes).map(|n| n.end).max().unwrap_or(0)
    }

    /// The account without what is left out of every file: damage and repairs only.
    pub fn repairs(&self) -> impl Iterator<Item = &Repair> {
        self.account.iter().filter(|repair| !repair.is_routine())
    }
}
