//! Events to a score: what each event does, and what cannot be read.

use midly::MetaMessage;

use super::account::{Account, Repair};
use super::chunks::{Container, TrackChunk};
use super::error::Fault;
use super::events::{Control, Events, Kind, Unreadable};
use super::marker::{Marker, Written};
use super::notes::{Ended, TrackNotes};
use super::score::{Division, Instrument, Key, Score, TempoChange};
use crate::base::Stamp;
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
    reader.ignored.into_repairs().for_each(|repair| reader.account.add(repair));
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
        stamp: reader.stamp,
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
    /// The notes of the track that is being read.
    notes: TrackNotes,
    tempos: Vec<TempoChange>,
    meters: Vec<(u64, Meter)>,
    keys: Vec<(u64, Key)>,
    end: u64,
    first_name: Option<String>,
    account: Account,
    ignored: IgnoredCounts,
    origin: Option<Origin>,
    stamp: Option<Box<Stamp>>,
    written: Option<Written>,
}

/// What holds while one track is read.
struct TrackState {
    number: usize,
    tick: u64,
    name: Option<String>,
    /// The program in force on each channel, and the instrument that it has made.
    programs: [(Program, Option<u32>); 16],
    /// Where the track's instruments begin.
    first_instrument: usize,
    /// Whether this crate wrote the track, and if so whether with velocities.
    written: Option<bool>,
}

/// How many events of each kind were left out.
#[derive(Default)]
struct IgnoredCounts([usize; Ignored::NAMES.len()]);

/// Kinds of events that do not become notes, in the order of their names.
#[derive(Clone, Copy)]
enum Ignored {
    Aftertouch,
    Controller,
    Lyric,
    Marker,
    OtherMeta,
    PitchBend,
    System,
    Text,
}

impl Ignored {
    const NAMES: [&str; 8] = [
        "aftertouch",
        "controller",
        "lyric",
        "marker",
        "other meta",
        "pitch bend",
        "system exclusive",
        "text",
    ];
}

impl IgnoredCounts {
    fn into_repairs(self) -> impl Iterator<Item = Repair> {
        let counted = Ignored::NAMES.into_iter().zip(self.0).filter(|(_, count)| *count > 0);
        counted.map(|(what, count)| Repair::Ignored { what, count })
    }
}

impl Reader {
    fn read_track(&mut self, number: usize, chunk: &TrackChunk) {
        let mut track = TrackState {
            number,
            tick: 0,
            name: None,
            programs: [(Program::default(), None); 16],
            first_instrument: self.instruments.len(),
            written: None,
        };
        let mut events = Events::new(chunk.events);
        let mut ended = false;
        loop {
            let left = events.left();
            let byte = || chunk.byte + chunk.events.len() - left.len();
            let event = match events.next() {
                None => break,
                Some(Ok(event)) => event,
                Some(Err(Unreadable)) => {
                    let (byte, bytes) = (byte(), left.len());
                    self.account.add(Repair::Unreadable { track: number, byte, bytes });
                    break;
                }
            };
            track.tick += event.ticks;
            if ended && !matches!(event.kind, Kind::Meta(MetaMessage::EndOfTrack) | Kind::BadMeta) {
                self.account.add(Repair::AfterEnd { track: number, count: 1 });
            }
            match event.kind {
                Kind::NoteOn { channel, pitch, velocity } => {
                    self.notes.begin(channel, seven_bits(pitch), track.tick, velocity);
                }
                Kind::NoteOff { channel, pitch } => self.note_off(&mut track, channel, seven_bits(pitch)),
                Kind::Program { channel, program } => self.program(&mut track, channel, program),
                Kind::Control(Control::Controller) => self.ignore(Ignored::Controller),
                Kind::Control(Control::PitchBend) => self.ignore(Ignored::PitchBend),
                Kind::Control(Control::Aftertouch) => self.ignore(Ignored::Aftertouch),
                Kind::System => self.ignore(Ignored::System),
                Kind::Meta(MetaMessage::EndOfTrack) => ended = true,
                Kind::Meta(meta) => self.meta_event(&mut track, meta, byte()),
                Kind::BadMeta => self.account.add(Repair::BadMeta { track: number, byte: byte() }),
            }
        }
        if !ended {
            self.account.add(Repair::NoEnd { track: number });
        }
        self.end_track(track);
    }

    fn program(&mut self, track: &mut TrackState, channel: u8, program: u8) {
        let program = Program::new(program.into()).unwrap_or_default();
        track.programs[usize::from(channel)] = (program, None);
        if track.written.is_some() && self.instruments.len() == track.first_instrument {
            // A track of ours is there even if it has no notes.
            self.instrument(track, channel);
        }
    }

    #[inline]
    fn note_off(&mut self, track: &mut TrackState, channel: u8, pitch: Pitch) {
        let (number, tick) = (track.number, track.tick);
        match self.notes.end(channel, pitch, tick) {
            None => self.account.add(Repair::StrayNoteOffs { track: number, count: 1, pitch, tick }),
            Some(ended) => self.keep(track, channel, pitch, &ended),
        }
    }

    /// Gives notes that have ended to their instrument.
    #[inline]
    fn keep(&mut self, track: &mut TrackState, channel: u8, pitch: Pitch, ended: &Ended) {
        if ended.empty > 0 {
            let (number, tick) = (track.number, track.tick);
            self.account.add(Repair::EmptyNotes { track: number, count: ended.empty, pitch, tick });
        }
        if ended.count > 0 {
            let instrument = self.instrument(track, channel);
            self.notes.assign(ended, instrument);
        }
    }

    /// The number, within the track, of the instrument of this channel and its program; made when its
    /// first note ends.
    #[inline]
    fn instrument(&mut self, track: &mut TrackState, channel: u8) -> u32 {
        let (program, known) = track.programs[usize::from(channel)];
        known.unwrap_or_else(|| {
            let index = self.find_instrument(track, channel, program);
            track.programs[usize::from(channel)].1 = Some(index);
            index
        })
    }

    #[cold]
    fn find_instrument(&mut self, track: &TrackState, channel: u8, program: Program) -> u32 {
        let of_track = &self.instruments[track.first_instrument..];
        let index = of_track.iter().position(|i| i.channel == channel && i.program == program);
        index.unwrap_or_else(|| {
            self.instruments.push(Instrument {
                track: track.number,
                channel,
                name: track.name.clone().unwrap_or_default(),
                program,
                is_drum: channel == DRUM_CHANNEL,
                notes: Vec::new(),
                written: track.written,
            });
            self.instruments.len() - 1 - track.first_instrument
        }) as u32
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
                None => self.ignore(Ignored::Text),
            },
            MetaMessage::Lyric(_) => self.ignore(Ignored::Lyric),
            MetaMessage::Marker(_) | MetaMessage::CuePoint(_) => self.ignore(Ignored::Marker),
            _ => self.ignore(Ignored::OtherMeta),
        }
    }

    fn marker(&mut self, track: &mut TrackState, marker: Marker) {
        match marker {
            Marker::Piece { written, origin } if track.number == 1 => {
                self.written = Some(written);
                self.origin = origin;
            }
            Marker::Made(stamp) if track.number == 1 => self.stamp = Some(Box::new(stamp)),
            Marker::Piece { .. } | Marker::Made(_) => self.ignore(Ignored::Text),
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
        for (channel, pitch, ended) in self.notes.end_all(end) {
            if ended.count > 0 {
                let (number, count, tick) = (track.number, ended.count, ended.first);
                self.account.add(Repair::HangingNotes { track: number, count, pitch, tick, end });
            }
            self.keep(&mut track, channel, pitch, &ended);
        }
        let instruments = &mut self.instruments[track.first_instrument..];
        self.notes.move_into(instruments);
        if let Some(name) = &track.name {
            instruments.iter_mut().filter(|i| i.name.is_empty()).for_each(|i| i.name.clone_from(name));
        }
        self.end = self.end.max(track.tick);
        if track.number == 1 {
            self.first_name = track.name;
        }
    }

    #[inline]
    fn ignore(&mut self, what: Ignored) {
        self.ignored.0[what as usize] += 1;
    }
}

/// Whole microseconds per quarter note, as far as MIDI's 24 bits go.
pub(super) fn micros_of(tempo: Tempo) -> u32 {
    (6e7 / tempo.bpm()).round().clamp(1.0, 16_777_215.0) as u32
}

/// UTF-8 where it is, Latin-1 otherwise.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Seven bits are always a pitch.
#[inline]
fn seven_bits(number: u8) -> Pitch {
    Pitch::new(number.into()).expect("the key of a note event has seven bits")
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
