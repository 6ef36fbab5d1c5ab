//! Multitracks to MIDI files.

use std::path::Path;

use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};

use super::error::MidiError;
use super::marker::{Marker, Written};
use super::reader::{DRUM_CHANNEL, micros_of};
use crate::base::{Stamp, write_atomically};
use crate::music::{Multitrack, PHRASE_BARS, Track};

/// A file has at least so many ticks per beat, which other programs expect.
const TICKS_PER_BEAT: usize = 480;
/// Channels that are not the drums'.
const PITCHED_CHANNELS: usize = 15;

/// How to write a file; `WriteOptions::default()` is the piece as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Silent bars between one phrase of four bars and the next, to hear phrases apart: 0 unless asked.
    pub silent_bars: usize,
    /// What makes the file, to be said in it.
    pub stamp: Option<Stamp>,
}

/// Writes a piece as a MIDI file of format 1: a track with tempo and meter, then one for each track.
/// [`read`](super::read) and [`Score::to_multitrack`](super::Score::to_multitrack) at the piece's
/// resolution give back an equal piece, but for what MIDI cannot say: velocities that change within a
/// note, and changes of tempo or meter at or after the end.
///
/// # Errors
/// [`MidiError::Unwritable`] when the piece is too long or has too many tracks for MIDI,
/// [`MidiError::File`] when the file cannot be written; nothing is left half-written.
pub fn write(path: &Path, piece: &Multitrack, options: &WriteOptions) -> Result<(), MidiError> {
    Ok(write_atomically(path, &to_bytes(piece, options)?)?)
}

/// The bytes of the file that [`write()`] makes.
///
/// # Errors
/// [`MidiError::Unwritable`] when the piece is too long or has too many tracks for MIDI.
pub fn to_bytes(piece: &Multitrack, options: &WriteOptions) -> Result<Vec<u8>, MidiError> {
    let spaced;
    let piece = match options.silent_bars {
        0 => piece,
        bars => {
            spaced = space_phrases(piece, bars)?;
            &spaced
        }
    };
    // A multiple of the resolution, so that every step is a whole number of ticks.
    let ticks_per_step = TICKS_PER_BEAT.div_ceil(piece.resolution().steps());
    let division = ticks_per_step * piece.resolution().steps();
    let writer = Writer { ticks_per_step, end: piece.steps() };

    let lines = Lines::of(piece, options.stamp.clone());
    let timing = Timing::Metrical(u15::from(division as u16));
    let mut file = Smf::new(Header::new(Format::Parallel, timing));
    file.tracks.push(writer.conductor(piece, &lines)?);
    for (track, channel) in piece.tracks().iter().zip(channels(piece.tracks())) {
        file.tracks.push(writer.track(track, channel, &lines)?);
    }
    let mut bytes = Vec::new();
    file.write_std(&mut bytes).map_err(|error| MidiError::Unwritable(error.to_string()))?;
    Ok(bytes)
}

/// The piece with silent bars, of the meter before them, between its phrases of four bars.
fn space_phrases(piece: &Multitrack, silent_bars: usize) -> Result<Multitrack, MidiError> {
    let bars = piece.bar_count();
    let mut spaced: Option<Multitrack> = None;
    for start in (0..bars).step_by(PHRASE_BARS) {
        let phrase = piece.bars(start as i64, (start + PHRASE_BARS).min(bars) as i64)?;
        spaced = Some(match spaced {
            None => phrase,
            Some(before) => {
                let lines = before.bar_lines();
                let end = lines.last().copied().unwrap_or(0);
                let bar = end - lines.iter().rev().nth(1).copied().unwrap_or(0);
                before.padded_to(end + silent_bars * bar).concat(&phrase)?
            }
        });
    }
    let spaced = spaced.unwrap_or_else(|| piece.clone());
    Ok(spaced.with_name(piece.name()).with_origin(piece.origin().cloned()))
}

/// A channel for each track: drums on 10, the others on their own while 15 are enough; then tracks of
/// one program share a channel, and after that programs of one General MIDI group of eight, or
/// whatever comes round.
pub(super) fn channels(tracks: &[Track]) -> Vec<u8> {
    let pitched = |index: usize| {
        let channel = (index % PITCHED_CHANNELS) as u8;
        channel + u8::from(channel >= DRUM_CHANNEL)
    };
    let alone = tracks.iter().filter(|t| !t.is_drum).count() <= PITCHED_CHANNELS;
    let mut programs: Vec<u8> = Vec::new();
    let mut channels = Vec::with_capacity(tracks.len());
    for track in tracks {
        let program = track.program.number();
        channels.push(if track.is_drum {
            DRUM_CHANNEL
        } else if alone {
            programs.push(program);
            pitched(programs.len() - 1)
        } else if let Some(index) = programs.iter().position(|p| *p == program) {
            pitched(index)
        } else {
            let full = programs.len() >= PITCHED_CHANNELS;
            let group = programs.iter().take(PITCHED_CHANNELS).position(|p| full && p / 8 == program / 8);
            programs.push(program);
            pitched(group.unwrap_or(programs.len() - 1))
        });
    }
    channels
}

/// The texts of a piece's marker events, which the events borrow.
struct Lines {
    piece: String,
    made: Option<String>,
    tempos: Vec<Option<String>>,
    with_velocities: String,
    without_velocities: String,
}

impl Lines {
    fn of(piece: &Multitrack, stamp: Option<Stamp>) -> Self {
        let written = Written { resolution: piece.resolution(), steps: piece.steps() as u64 };
        let exact = |tempo| (6e7 / f64::from(micros_of(tempo)) != tempo.bpm()).then_some(tempo);
        Self {
            piece: Marker::Piece { written, origin: piece.origin().cloned() }.to_line(),
            made: stamp.map(|stamp| Marker::Made(stamp).to_line()),
            tempos: piece
                .tempos()
                .iter()
                .map(|(_, tempo)| exact(*tempo).map(|t| Marker::Tempo(t).to_line()))
                .collect(),
            with_velocities: Marker::Track { has_velocities: true }.to_line(),
            without_velocities: Marker::Track { has_velocities: false }.to_line(),
        }
    }
}

struct Writer {
    ticks_per_step: usize,
    /// Length of the piece in steps.
    end: usize,
}

impl Writer {
    /// Name, marker, tempos and meters.
    fn conductor<'a>(
        &self,
        piece: &'a Multitrack,
        lines: &'a Lines,
    ) -> Result<Vec<TrackEvent<'a>>, MidiError> {
        let meta = TrackEventKind::Meta;
        let mut events = Vec::new();
        if let Some(name) = piece.name() {
            events.push((0, meta(MetaMessage::TrackName(name.as_bytes()))));
        }
        events.push((0, meta(MetaMessage::Text(lines.piece.as_bytes()))));
        events.extend(lines.made.as_ref().map(|line| (0, meta(MetaMessage::Text(line.as_bytes())))));
        for (step, meter) in piece.meters() {
            let power = meter.denominator().trailing_zeros() as u8;
            let clocks = 96 / meter.denominator();
            events.push((*step, meta(MetaMessage::TimeSignature(meter.numerator(), power, clocks, 8))));
        }
        for ((step, tempo), line) in piece.tempos().iter().zip(&lines.tempos) {
            events.push((*step, meta(MetaMessage::Tempo(u24::from(micros_of(*tempo))))));
            events.extend(line.as_ref().map(|line| (*step, meta(MetaMessage::Text(line.as_bytes())))));
        }
        events.retain(|(step, _)| *step == 0 || *step < self.end);
        events.sort_by_key(|(step, _)| *step);
        self.timed(events)
    }

    /// Name, marker, program and notes.
    fn track<'a>(
        &self,
        track: &'a Track,
        channel: u8,
        lines: &'a Lines,
    ) -> Result<Vec<TrackEvent<'a>>, MidiError> {
        let line = match track.roll.velocities() {
            Some(_) => &lines.with_velocities,
            None => &lines.without_velocities,
        };
        let midi = |message| TrackEventKind::Midi { channel: u4::from(channel), message };
        let mut events = vec![
            (0, TrackEventKind::Meta(MetaMessage::TrackName(track.name.as_bytes()))),
            (0, TrackEventKind::Meta(MetaMessage::Text(line.as_bytes()))),
            (0, midi(MidiMessage::ProgramChange { program: u7::from(track.program.number()) })),
        ];
        let mut notes = Vec::new();
        for note in track.roll.notes() {
            let (key, vel) = (u7::from(note.pitch.number()), u7::from(note.velocity));
            notes.push((note.end, 0, midi(MidiMessage::NoteOff { key, vel: u7::from(0) })));
            notes.push((note.start, 1, midi(MidiMessage::NoteOn { key, vel })));
        }
        // At one step the note before ends first.
        notes.sort_by_key(|(step, order, _)| (*step, *order));
        events.extend(notes.into_iter().map(|(step, _, kind)| (step, kind)));
        self.timed(events)
    }

    /// Steps to delta times, and the end of the track at the end of the piece.
    fn timed<'a>(
        &self,
        mut events: Vec<(usize, TrackEventKind<'a>)>,
    ) -> Result<Vec<TrackEvent<'a>>, MidiError> {
        events.push((self.end, TrackEventKind::Meta(MetaMessage::EndOfTrack)));
        let mut before = 0;
        let timed = events.into_iter().map(|(step, kind)| {
            let ticks = (step - before) * self.ticks_per_step;
            before = step;
            let delta = u32::try_from(ticks).ok().and_then(u28::try_from);
            Ok(TrackEvent { delta: delta.ok_or_else(too_long)?, kind })
        });
        timed.collect()
    }
}

fn too_long() -> MidiError {
    MidiError::Unwritable("nothing happens for more than 268,435,455 ticks".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Pianoroll, Program, Resolution};

    fn tracks(programs: impl IntoIterator<Item = i64>) -> Vec<Track> {
        let track = |program| Track {
            name: "x".into(),
            program: Program::new(program).unwrap(),
            is_drum: false,
            roll: Pianoroll::silent(12),
        };
        programs.into_iter().map(track).collect()
    }

    #[test]
    fn channels_pass_over_the_drums() {
        let mut band = tracks([0, 0, 33]);
        band[1].is_drum = true;
        assert_eq!(channels(&band), [0, 9, 1]);
        assert_eq!(channels(&tracks(0..15)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]);
    }

    #[test]
    fn more_than_fifteen_tracks_share_by_program_and_then_by_group() {
        let doubled = channels(&tracks((0..16).map(|n| n / 2)));
        assert_eq!(doubled, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
        let many = channels(&tracks((0..16).map(|n| n * 8).chain([42])));
        assert_eq!(many[15], 0, "the sixteenth comes round");
        assert_eq!(many[16], many[5], "program 42 goes with 40, a string too");
    }

    #[test]
    fn equal_pieces_give_equal_bytes() {
        let piece = Multitrack::new(tracks([3]), Resolution::MODEL);
        let bytes = || to_bytes(&piece, &WriteOptions::default()).unwrap();
        assert_eq!(bytes(), bytes());
    }

    #[test]
    fn a_silence_too_long_for_midi_is_refused() {
        let steps = 268_435_456usize.div_ceil(480);
        let piece = Multitrack::new(
            vec![Track { roll: Pianoroll::silent(steps), ..tracks([0])[0].clone() }],
            Resolution::new(1).unwrap(),
        );
        let error = to_bytes(&piece, &WriteOptions::default()).unwrap_err().to_string();
        assert!(error.contains("268,435,455 ticks"), "{error}");
    }
}
