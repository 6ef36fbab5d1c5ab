//! The account of what reading a file repaired and dropped.

use std::fmt;

use crate::music::Pitch;

/// One repair, or some dropped events of one kind. Tracks count from 1, in the file's order.
#[allow(missing_docs)] // the fields are what the message says
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Notes that nothing ended end with their track; `tick` and `pitch` are the first one's.
    HangingNotes { track: usize, count: usize, pitch: Pitch, tick: u64, end: u64 },
    /// Notes that began and ended at once, dropped.
    EmptyNotes { track: usize, count: usize, pitch: Pitch, tick: u64 },
    /// Note-offs of pitches that did not sound, dropped.
    StrayNoteOffs { track: usize, count: usize, pitch: Pitch, tick: u64 },
    /// A tempo that music cannot have, dropped.
    Tempo { track: usize, tick: u64, micros: u32 },
    /// A meter that music cannot have, dropped; the denominator is a power of two.
    Meter { track: usize, tick: u64, numerator: u8, power: u8 },
    /// A meta event whose data mean nothing, dropped.
    BadMeta { track: usize, byte: usize },
    /// An event that cannot be read; the rest of its track was dropped.
    Unreadable { track: usize, byte: usize, bytes: usize },
    /// Events after the end-of-track event, read as if it came last.
    AfterEnd { track: usize, count: usize },
    /// A track without an end-of-track event; it ends with its last event.
    NoEnd { track: usize },
    /// The header states another number of tracks.
    TrackCount { promised: usize, found: usize },
    /// A chunk that is not a track, left out.
    ForeignChunk { id: String, bytes: usize },
    /// Bytes after the last chunk, left out.
    TrailingBytes { bytes: usize },
    /// Timing by SMPTE frames: the file has no beats.
    Timecode,
    /// Events that do not become notes (controllers, bends, texts …), left out: nothing is wrong.
    Ignored { what: &'static str, count: usize },
}

impl Repair {
    /// Whether this is no damage: events of kinds that a pianoroll does not hold.
    pub fn is_routine(&self) -> bool {
        matches!(self, Self::Ignored { .. })
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let s = |count: &usize| if *count == 1 { "" } else { "s" };
        match self {
            Self::HangingNotes { track, count, pitch, tick, end } => write!(
                f,
                "track {track}: {count} note{} never ended (first {pitch} at tick {tick}): made to end with the track at tick {end}",
                s(count)
            ),
            Self::EmptyNotes { track, count, pitch, tick } => {
                write!(
                    f,
                    "track {track}: {count} note{} of no length dropped (first {pitch} at tick {tick})",
                    s(count)
                )
            }
            Self::StrayNoteOffs { track, count, pitch, tick } => write!(
                f,
                "track {track}: {count} note-off{} without a note dropped (first {pitch} at tick {tick})",
                s(count)
            ),
            Self::Tempo { track, tick, micros } => write!(
                f,
                "track {track}: a tempo of {micros} microseconds a beat at tick {tick} dropped: it is above 2000 beats a minute"
            ),
            Self::Meter { track, tick, numerator, power } => {
                write!(f, "track {track}: a meter of {numerator}/2^{power} at tick {tick} dropped")
            }
            Self::BadMeta { track, byte } => {
                write!(f, "track {track}: a meta event without meaning at byte {byte} dropped")
            }
            Self::Unreadable { track, byte, bytes } => write!(
                f,
                "track {track}: the event at byte {byte} cannot be read: the rest of the track, {bytes} byte{}, dropped",
                s(bytes)
            ),
            Self::AfterEnd { track, count } => {
                write!(f, "track {track}: {count} event{} after the end of the track kept", s(count))
            }
            Self::NoEnd { track } => {
                write!(f, "track {track}: no end-of-track event: made to end with the last event")
            }
            Self::TrackCount { promised, found } => {
                write!(f, "the header says {promised} track{}, the file has {found}", s(promised))
            }
            Self::ForeignChunk { id, bytes } => {
                write!(f, "a chunk `{id}` of {bytes} byte{} left out", s(bytes))
            }
            Self::TrailingBytes { bytes } => {
                write!(f, "{bytes} byte{} after the last track left out", s(bytes))
            }
            Self::Timecode => {
                write!(f, "timing is by SMPTE frames, without beats: taken as 120 beats a minute")
            }
            Self::Ignored { what, count } => {
                write!(f, "{count} {what} event{} left out: a pianoroll has none", s(count))
            }
        }
    }
}

/// Repairs as they are found; many of one kind in one track become one line.
#[derive(Default)]
pub(super) struct Account {
    repairs: Vec<Repair>,
    /// The last repair of each kind that is counted, by its place in `repairs`: tracks come one after the
    /// other, so no other can be of the same track.
    last: [Option<usize>; 4],
}

impl Account {
    /// An account that goes on from `repairs`.
    pub fn new(repairs: Vec<Repair>) -> Self {
        Self { repairs, last: [None; 4] }
    }

    /// Adds a repair, to the count of an earlier one of the same kind and track if there is one.
    pub fn add(&mut self, new: Repair) {
        use Repair::{AfterEnd, EmptyNotes, HangingNotes, StrayNoteOffs};
        let kind = match &new {
            HangingNotes { .. } => 0,
            EmptyNotes { .. } => 1,
            StrayNoteOffs { .. } => 2,
            AfterEnd { .. } => 3,
            _ => return self.repairs.push(new),
        };
        let old = self.last[kind].and_then(|index| self.repairs.get_mut(index));
        match (old, &new) {
            (Some(HangingNotes { track, count, .. }), HangingNotes { track: same, count: more, .. })
            | (Some(EmptyNotes { track, count, .. }), EmptyNotes { track: same, count: more, .. })
            | (Some(StrayNoteOffs { track, count, .. }), StrayNoteOffs { track: same, count: more, .. })
            | (Some(AfterEnd { track, count }), AfterEnd { track: same, count: more })
                if track == same =>
            {
                *count += more;
            }
            _ => {
                self.last[kind] = Some(self.repairs.len());
                self.repairs.push(new);
            }
        }
    }

    /// Everything in it.
    pub fn finish(self) -> Vec<Repair> {
        self.repairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_of_one_kind_and_track_are_counted_together() {
        let stray = |track, tick| {
            let pitch = Pitch::new(60).unwrap();
            Repair::StrayNoteOffs { track, count: 1, pitch, tick }
        };
        let mut account = Account::default();
        for repair in [stray(1, 5), Repair::NoEnd { track: 1 }, stray(1, 7), stray(2, 6)] {
            account.add(repair);
        }
        let lines: Vec<String> = account.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "track 1: 2 note-offs without a note dropped (first C4 at tick 5)",
                "track 1: no end-of-track event: made to end with the last event",
                "track 2: 1 note-off without a note dropped (first C4 at tick 6)",
            ]
        );
    }
}
