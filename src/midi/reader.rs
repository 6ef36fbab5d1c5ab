//! Events to a score: what each event does, and what cannot be read.

use std::collections::BTreeMap;

use midly::{EventIter, MetaMessage, MidiMessage, TrackEventKind};

use super::account::{Account, Repair};
use super::chunks::{Container, TrackChunk};
use super::error::Fault;
use super::marker::{Marker, Written};
use super::notes::{Ended, OpenNotes};
use super::score::{Division, Instrument, Key, Score, TempoChange};
use crate::music::{Meter, Origin, Pitch, Program, Tempo};

/// The channel of the drums: 10, counted from 1.
pub(super) const DRUM_CHANNEL: u8 = 9;
/// Microseconds per quarter note at 120 beats a minute.
const DEFAULT_MICROS: u32 = 500_000;

/// Reads every track of a file.
pub(super) fn read_score(container: Container) -> Result<Score, Fault> {
    let mut reader = Reader { account: Account::new(container.repairs), ..Reader::default() };
    for (index, chunk) in container.tracks.iter().enumerate() {
        reader.read_track(index + 1, chunk);
    }
    if let Division::Timecode { .. } = container.division {
        reader.account.add(Repair::Timecode);
    }
    for (what, count) in reader.ignored {
        reader.account.add(Repair::Ignored { what, count });
    }
    let conducts = container.format == 1 && reader.instruments.iter().all(|i| i.track > 1);
    let name = reader.first_name.filter(|name| conducts && (reader.written.is_some() || !name.is_empty()));
    reader.meters.sort_by_key(|(tick, _)| *tick);
    reader.keys.sort_by_key(|(tick, _)| *tick);
    Ok(Score {
        division: container.division,
        name,
        instruments: reader.instruments,
        tempos: tidy_tempos(reader.tempos),
        meters: reader.meters,
        keys: reader.keys,
        end: reader.end,
        account: reader.account.finish(),
        origin: reader.origin,
        written: reader.written,
    })
}

/// Changes in order of tick, the later of two at one tick, none that changes nothing; from tick 0 on.
fn tidy_tempos(mut changes: Vec<TempoChange>) -> Vec<TempoChange> {
    changes.sort_by_key(|change| change.tick);
    let mut tidy = vec![TempoChange { tick: 0, micros: DEFAULT_MICROS, tempo: Tempo::default() }];
    for change in changes {
        if tidy.last().is_some_and(|last| last.tick == change.tick) {
            tidy.pop();
        }
        if tidy.last().is_none_or(|last| last.tempo != change.tempo) {
            tidy.push(change);
        }
    }
    tidy
}

#[derive(Default)]
struct Reader {
    instruments: Vec<Instrument>,
    tempos: Vec<TempoChange>,
    meters: Vec<(u64, Meter)>,
    keys: Vec<(u64, Key)>,
    end: u64,
    first_name: Option<String>,
    account: Account,
    ignored: BTreeMap<&'static str, usize>,
    origin: Option<Origin>,
    written: Option<Written>,
}

/// What holds while one track is read.
struct TrackState {
    number: usize,
    tick: u64,
    name: Option<String>,
    /// The program in force on each channel.
    programs: [Program; 16],
    /// The notes that sound.
    open: OpenNotes,
    /// Whether this crate wrote the track, and if so whether with velocities.
    written: Option<bool>,
}

impl Reader {
    fn read_track(&mut self, number: usize, chunk: &TrackChunk) {
        let mut track = TrackState {
            number,
            tick: 0,
            name: None,
            programs: [Program::default(); 16],
            open: OpenNotes::default(),
            written: None,
        };
        let mut events = EventIter::new(chunk.events);
        let mut ended = false;
        loop {
            let (rest, status) = (events.unread(), events.running_status());
            let byte = chunk.byte + chunk.events.len() - rest.len();
            let Some(Ok(event)) = events.next() else {
                if rest.is_empty() {
                    break;
                }
                // midly stops without a word; a meta event can be stepped over by its length.
                match split_meta(rest) {
                    Some((delta, after)) => {
                        track.tick += delta;
                        self.account.add(Repair::BadMeta { track: number, byte });
                        events = EventIter::new(after);
                        *events.running_status_mut() = status;
                        continue;
                    }
                    None => {
                        self.account.add(Repair::Unreadable { track: number, byte, bytes: rest.len() });
                        break;
                    }
                }
            };
            if ended && event.kind != TrackEventKind::Meta(MetaMessage::EndOfTrack) {
                self.account.add(Repair::AfterEnd { track: number, count: 1 });
            }
            track.tick += u64::from(event.delta.as_int());
            match event.kind {
                TrackEventKind::Midi { channel, message } => {
                    self.channel_event(&mut track, channel.as_int(), message);
                }
                TrackEventKind::Meta(MetaMessage::EndOfTrack) => ended = true,
                TrackEventKind::Meta(meta) => self.meta_event(&mut track, meta, byte),
                TrackEventKind::SysEx(_) | TrackEventKind::Escape(_) => self.ignore("system exclusive"),
            }
            if events.running_status().is_none() {
                // Against the standard, many writers let the running status survive a meta event.
                *events.running_status_mut() = status;
            }
        }
        if !ended {
            self.account.add(Repair::NoEnd { track: number });
        }
        self.end_track(track);
    }

    fn channel_event(&mut self, track: &mut TrackState, channel: u8, message: MidiMessage) {
        match message {
            MidiMessage::NoteOn { key, vel } if vel.as_int() > 0 => {
                track.open.begin(channel, pitch(key), track.tick, vel.as_int());
            }
            MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                self.note_off(track, channel, pitch(key));
            }
            MidiMessage::ProgramChange { program } => {
                let program = Program::new(program.as_int().into()).unwrap_or_default();
                track.programs[usize::from(channel)] = program;
                if track.written.is_some() && self.instruments.iter().all(|i| i.track != track.number) {
                    // A track of ours is there even if it has no notes.
                    self.instrument(track, channel);
                }
            }
            MidiMessage::Controller { .. } => self.ignore("controller"),
            MidiMessage::PitchBend { .. } => self.ignore("pitch bend"),
            MidiMessage::Aftertouch { .. } | MidiMessage::ChannelAftertouch { .. } => {
                self.ignore("aftertouch")
            }
        }
    }

    fn note_off(&mut self, track: &mut TrackState, channel: u8, pitch: Pitch) {
        let (number, tick) = (track.number, track.tick);
        match track.open.end(channel, pitch, tick) {
            None => self.account.add(Repair::StrayNoteOffs { track: number, count: 1, pitch, tick }),
            Some(ended) => self.keep(track, ended),
        }
    }

    /// Puts notes that have ended into their instrument.
    fn keep(&mut self, track: &TrackState, ended: Ended) {
        let Ended { channel, pitch, notes, empty } = ended;
        if empty > 0 {
            self.account.add(Repair::EmptyNotes {
                track: track.number,
                count: empty,
                pitch,
                tick: track.tick,
            });
        }
        if !notes.is_empty() {
            self.instrument(track, channel).notes.extend(notes);
        }
    }

    /// The instrument of this track, channel and program; made when its first note ends.
    fn instrument(&mut self, track: &TrackState, channel: u8) -> &mut Instrument {
        let program = track.programs[usize::from(channel)];
        let is_it = |i: &Instrument| i.track == track.number && i.channel == channel && i.program == program;
        let index = self.instruments.iter().position(is_it).unwrap_or_else(|| {
            self.instruments.push(Instrument {
                track: track.number,
                channel,
                name: track.name.clone().unwrap_or_default(),
                program,
                is_drum: channel == DRUM_CHANNEL,
                notes: Vec::new(),
                written: track.written,
            });
            self.instruments.len() - 1
        });
        &mut self.instruments[index]
    }

    fn meta_event(&mut self, track: &mut TrackState, meta: MetaMessage, byte: usize) {
        let (number, tick) = (track.number, track.tick);
        match meta {
            MetaMessage::TrackName(name) => track.name = Some(text(name)),
            MetaMessage::Tempo(micros) => {
                let micros = micros.as_int();
                match Tempo::new(6e7 / f64::from(micros)) {
                    Ok(tempo) => self.tempos.push(TempoChange { tick, micros, tempo }),
                    Err(_) => self.account.add(Repair::Tempo { track: number, tick, micros }),
                }
            }
            MetaMessage::TimeSignature(numerator, power, ..) => {
                let denominator = 1u8.checked_shl(power.into()).unwrap_or(0);
                match Meter::new(numerator, denominator) {
                    Ok(meter) => self.meters.push((tick, meter)),
                    Err(_) => self.account.add(Repair::Meter { track: number, tick, numerator, power }),
                }
            }
            MetaMessage::KeySignature(sharps, is_minor) => self.keys.push((tick, Key { sharps, is_minor })),
            MetaMessage::Unknown(0x51 | 0x58, _) => {
                self.account.add(Repair::BadMeta { track: number, byte });
            }
            MetaMessage::Text(bytes) => match Marker::parse(bytes) {
                Some(marker) => self.marker(track, marker),
                None => self.ignore("text"),
            },
            MetaMessage::Lyric(_) => self.ignore("lyric"),
            MetaMessage::Marker(_) | MetaMessage::CuePoint(_) => self.ignore("marker"),
            _ => self.ignore("other meta"),
        }
    }

    fn marker(&mut self, track: &mut TrackState, marker: Marker) {
        match marker {
            Marker::Piece { written, origin } if track.number == 1 => {
                self.written = Some(written);
                self.origin = origin;
            }
            Marker::Piece { .. } => self.ignore("text"),
            Marker::Track { has_velocities } => track.written = Some(has_velocities),
            Marker::Tempo(exact) => {
                // Another program may have changed the tempo and left our line: then the event counts.
                if let Some(change) = self.tempos.last_mut()
                    && (change.tick, change.micros) == (track.tick, micros_of(exact))
                {
                    change.tempo = exact;
                }
            }
        }
    }

    fn end_track(&mut self, mut track: TrackState) {
        let end = track.tick;
        for ended in track.open.end_all(end) {
            if let Some(first) = ended.notes.first() {
                let (number, count) = (track.number, ended.notes.len());
                let (pitch, tick) = (ended.pitch, first.start);
                self.account.add(Repair::HangingNotes { track: number, count, pitch, tick, end });
            }
            self.keep(&track, ended);
        }
        for instrument in self.instruments.iter_mut().filter(|i| i.track == track.number) {
            instrument.notes.sort();
            if let (true, Some(name)) = (instrument.name.is_empty(), &track.name) {
                instrument.name = name.clone();
            }
        }
        self.end = self.end.max(track.tick);
        if track.number == 1 {
            self.first_name = track.name;
        }
    }

    fn ignore(&mut self, what: &'static str) {
        *self.ignored.entry(what).or_default() += 1;
    }
}

/// Whole microseconds per quarter note, as far as MIDI's 24 bits go.
pub(super) fn micros_of(tempo: Tempo) -> u32 {
    (6e7 / tempo.bpm()).round().clamp(1.0, 16_777_215.0) as u32
}

/// Delta time of the meta event that `bytes` begin with, and what follows it.
fn split_meta(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (delta, rest) = variable_length(bytes)?;
    let (&[0xff, _], rest) = rest.split_first_chunk()? else { return None };
    let (length, rest) = variable_length(rest)?;
    Some((delta, rest.get(usize::try_from(length).ok()?..)?))
}

/// A variable-length number of at most four bytes, and what follows it.
fn variable_length(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let end = bytes.iter().take(4).position(|byte| byte & 0x80 == 0)?;
    let number = bytes[..=end].iter().fold(0, |n, byte| n << 7 | u64::from(byte & 0x7f));
    Some((number, &bytes[end + 1..]))
}

/// UTF-8 where it is, Latin-1 otherwise.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Seven bits are always a pitch.
fn pitch(key: midly::num::u7) -> Pitch {
    Pitch::new(key.as_int().into()).expect("a MIDI key has seven bits")
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// A file of format 1 with 96 ticks a beat and these tracks; each gets an end-of-track event.
    fn file(tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"MThd\0\0\0\x06\0\x01\0".to_vec();
        bytes.extend([tracks.len() as u8, 0, 96]);
        for track in tracks {
            bytes.extend_from_slice(b"MTrk");
            bytes.extend((track.len() as u32 + 4).to_be_bytes());
            bytes.extend_from_slice(track);
            bytes.extend(b"\0\xff\x2f\0");
        }
        bytes
    }

    fn notes(score: &Score) -> Vec<(u64, u8, u64)> {
        let all = score.instruments.iter().flat_map(|i| &i.notes);
        all.map(|n| (n.start, n.pitch.number(), n.end)).collect()
    }

    fn told(score: &Score) -> Vec<String> {
        score.repairs().map(ToString::to_string).collect()
    }

    #[test]
    fn running_status_survives_a_meta_event() {
        let score = parse(&file(&[b"\0\x90\x3c\x40\0\xff\x01\x01a\x60\x3c\0"])).unwrap();
        assert_eq!(notes(&score), [(0, 60, 96)]);
        assert_eq!(told(&score), [""; 0]);
    }

    #[test]
    fn a_meta_event_without_meaning_is_stepped_over() {
        let track = b"\0\x90\x3c\x40\x10\xff\x59\x01\0\x10\xff\x51\x01\x07\x40\x80\x3c\0";
        let score = parse(&file(&[track])).unwrap();
        assert_eq!(notes(&score), [(0, 60, 96)]);
        assert_eq!(
            told(&score),
            [
                "track 1: a meta event without meaning at byte 26 dropped",
                "track 1: a meta event without meaning at byte 31 dropped"
            ]
        );
    }

    #[test]
    fn damage_costs_the_rest_of_its_track_only() {
        let hurt = b"\0\x90\x3c\x40\x60\x90\xf0\xf0\0\0";
        let whole = b"\0\x91\x3e\x40\x60\x81\x3e\0";
        let score = parse(&file(&[hurt, whole])).unwrap();
        assert_eq!(notes(&score), [(0, 62, 96)]);
        assert_eq!(
            told(&score),
            [
                "track 1: the event at byte 26 cannot be read: the rest of the track, 10 bytes, dropped",
                "track 1: no end-of-track event: made to end with the last event",
                "track 1: 1 note of no length dropped (first C4 at tick 0)",
            ]
        );
    }

    #[test]
    fn tempos_of_all_tracks_are_one_map() {
        let first = b"\0\xff\x51\x03\x07\xa1\x20\x60\xff\x51\x03\x07\xa1\x20";
        let second = b"\x30\xff\x51\x03\x0f\x42\x40\0\xff\x51\x03\0\0\x01";
        let score = parse(&file(&[first, second])).unwrap();
        let tempos: Vec<_> = score.tempos.iter().map(|t| (t.tick, t.micros)).collect();
        assert_eq!(tempos, [(0, 500_000), (48, 1_000_000), (96, 500_000)]);
        assert_eq!(score.seconds(192), 0.25 + 0.5 + 0.5);
        assert_eq!(told(&score).len(), 1, "a tempo of a microsecond a beat is dropped: {:?}", told(&score));
    }

    #[test]
    fn a_name_is_a_name_wherever_it_stands() {
        let track = b"\0\x90\x3c\x40\x60\x80\x3c\0\0\xff\x03\x04G\xfcte";
        let score = parse(&file(&[b"\0\xff\x03\x03The", track])).unwrap();
        assert_eq!((score.name.as_deref(), &*score.instruments[0].name), (Some("The"), "G\u{fc}te"));
    }

    #[test]
    fn events_after_the_end_of_track_are_kept_and_told() {
        let track = b"\0\xff\x2f\0\0\x90\x3c\x40\x60\x80\x3c\0";
        let score = parse(&file(&[track])).unwrap();
        assert_eq!(notes(&score), [(0, 60, 96)]);
        assert_eq!(told(&score), ["track 1: 2 events after the end of the track kept"]);
    }

    #[test]
    fn smpte_time_is_a_hundred_and_twenty_beats_a_minute() {
        let mut bytes = file(&[b"\0\x90\x3c\x40\x64\x80\x3c\0"]);
        bytes[12..14].copy_from_slice(&[0xe7, 40]); // 25 frames of 40 ticks: a thousand a second
        let score = parse(&bytes).unwrap();
        assert_eq!((score.seconds(100), score.division.ticks_per_beat()), (0.1, 500.0));
        let piece = score.to_multitrack(crate::music::Resolution::MODEL).unwrap();
        assert_eq!(piece.tracks()[0].roll.notes()[0].end, 2, "100 of 500 ticks are 2.4 of 12 steps");
        assert_eq!(told(&score), [Repair::Timecode.to_string()]);
    }
}
