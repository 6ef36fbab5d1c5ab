//! The events of a track: notes and what else a channel does decoded here, the rest by midly.
//!
//! Nearly all events of a song are channel messages without anything odd about them; reading those in
//! place is what makes reading fast. Whatever is odd goes to midly, so that both agree on what it is.

use midly::{EventIter, MetaMessage, MidiMessage, TrackEventKind};

/// An event and the ticks since the one before it.
pub(super) struct Event<'a> {
    pub ticks: u64,
    pub kind: Kind<'a>,
}

/// What an event is.
pub(super) enum Kind<'a> {
    /// A note begins; the velocity is not 0. Numbers are of seven bits.
    NoteOn { channel: u8, pitch: u8, velocity: u8 },
    /// A note ends.
    NoteOff { channel: u8, pitch: u8 },
    /// A channel changes its program.
    Program { channel: u8, program: u8 },
    /// A channel does something else.
    Control(Control),
    /// A system-exclusive or escape event.
    System,
    /// A meta event.
    Meta(MetaMessage<'a>),
    /// A meta event whose data mean nothing.
    BadMeta,
}

/// What a channel does that makes no note.
#[derive(Clone, Copy)]
pub(super) enum Control {
    Aftertouch,
    Controller,
    PitchBend,
}

/// Reads a track's bytes event by event; what cannot be read is the last item, with its bytes left.
pub(super) struct Events<'a> {
    left: &'a [u8],
    /// The status of the last channel message. Against the standard, many writers let it survive a meta
    /// event.
    status: Option<u8>,
}

/// No event begins here, or it is cut short.
pub(super) struct Unreadable;

impl<'a> Events<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes, status: None }
    }

    /// The bytes that are still to be read.
    pub fn left(&self) -> &'a [u8] {
        self.left
    }

    /// The channel message at the front, when nothing is odd about it.
    #[inline]
    fn channel_message(&mut self) -> Option<Event<'a>> {
        let (ticks, rest) = variable_length(self.left)?;
        let (status, rest) = match *rest {
            [0..=0x7f, ..] => (self.status?, rest),
            [status @ 0x80..=0xef, ref rest @ ..] => (status, rest),
            _ => return None,
        };
        let channel = status & 0x0f;
        let (kind, rest) = match (status >> 4, rest) {
            (0x9, &[pitch @ 0..=0x7f, velocity @ 1..=0x7f, ref rest @ ..]) => {
                (Kind::NoteOn { channel, pitch, velocity }, rest)
            }
            (0x8, &[pitch @ 0..=0x7f, 0..=0x7f, ref rest @ ..])
            | (0x9, &[pitch @ 0..=0x7f, 0, ref rest @ ..]) => (Kind::NoteOff { channel, pitch }, rest),
            (0xa, [0..=0x7f, 0..=0x7f, rest @ ..]) => (Kind::Control(Control::Aftertouch), rest),
            (0xb, [0..=0x7f, 0..=0x7f, rest @ ..]) => (Kind::Control(Control::Controller), rest),
            (0xc, &[program @ 0..=0x7f, ref rest @ ..]) => (Kind::Program { channel, program }, rest),
            (0xd, [0..=0x7f, rest @ ..]) => (Kind::Control(Control::Aftertouch), rest),
            (0xe, [0..=0x7f, 0..=0x7f, rest @ ..]) => (Kind::Control(Control::PitchBend), rest),
            _ => return None,
        };
        (self.left, self.status) = (rest, Some(status));
        Some(Event { ticks, kind })
    }

    /// The event at the front as midly reads it.
    #[cold]
    fn other(&mut self) -> Option<Result<Event<'a>, Unreadable>> {
        if self.left.is_empty() {
            return None;
        }
        let mut events = EventIter::new(self.left);
        *events.running_status_mut() = self.status;
        let Some(Ok(event)) = events.next() else {
            // midly stops without a word; a meta event can be stepped over by its length.
            return Some(match split_meta(self.left) {
                Some((ticks, rest)) => {
                    self.left = rest;
                    Ok(Event { ticks, kind: Kind::BadMeta })
                }
                None => Err(Unreadable),
            });
        };
        self.left = events.unread();
        self.status = events.running_status().or(self.status);
        let kind = match event.kind {
            TrackEventKind::Midi { channel, message } => channel_kind(channel.as_int(), message),
            TrackEventKind::Meta(meta) => Kind::Meta(meta),
            TrackEventKind::SysEx(_) | TrackEventKind::Escape(_) => Kind::System,
        };
        Some(Ok(Event { ticks: event.delta.as_int().into(), kind }))
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<Event<'a>, Unreadable>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self.channel_message() {
            Some(event) => Some(Ok(event)),
            None => self.other(),
        }
    }
}

fn channel_kind(channel: u8, message: MidiMessage) -> Kind<'static> {
    match message {
        MidiMessage::NoteOn { key, vel } if vel.as_int() > 0 => {
            Kind::NoteOn { channel, pitch: key.as_int(), velocity: vel.as_int() }
        }
        MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
            Kind::NoteOff { channel, pitch: key.as_int() }
        }
        MidiMessage::ProgramChange { program } => Kind::Program { channel, program: program.as_int() },
        MidiMessage::Controller { .. } => Kind::Control(Control::Controller),
        MidiMessage::PitchBend { .. } => Kind::Control(Control::PitchBend),
        MidiMessage::Aftertouch { .. } | MidiMessage::ChannelAftertouch { .. } => {
            Kind::Control(Control::Aftertouch)
        }
    }
}

/// Delta time of the meta event that `bytes` begin with, and what follows it.
fn split_meta(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (delta, rest) = variable_length(bytes)?;
    let (&[0xff, _], rest) = rest.split_first_chunk()? else { return None };
    let (length, rest) = variable_length(rest)?;
    Some((delta, rest.get(usize::try_from(length).ok()?..)?))
}

/// A variable-length number of at most four bytes, and what follows it.
#[inline]
fn variable_length(bytes: &[u8]) -> Option<(u64, &[u8])> {
    if let [byte @ 0..=0x7f, rest @ ..] = bytes {
        return Some((u64::from(*byte), rest));
    }
    let end = bytes.iter().take(4).position(|byte| byte & 0x80 == 0)?;
    let number = bytes[..=end].iter().fold(0, |n, byte| n << 7 | u64::from(byte & 0x7f));
    Some((number, &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reader and midly alone say about a track, as text.
    fn both(bytes: &[u8]) -> [Vec<String>; 2] {
        let name = |kind: &Kind| match kind {
            Kind::NoteOn { channel, pitch, velocity } => format!("on {channel} {pitch} {velocity}"),
            Kind::NoteOff { channel, pitch } => format!("off {channel} {pitch}"),
            Kind::Program { channel, program } => format!("program {channel} {program}"),
            Kind::Control(control) => format!("control {}", *control as u8),
            Kind::System => "system".to_owned(),
            Kind::Meta(meta) => format!("{meta:?}"),
            Kind::BadMeta => "bad".to_owned(),
        };
        let told = |event: Result<Event, Unreadable>| {
            event.ok().map(|event| format!("{} {}", event.ticks, name(&event.kind)))
        };
        let (mut ours, mut midly) = (Events::new(bytes), Events::new(bytes));
        [
            std::iter::from_fn(|| ours.next().and_then(told)).collect(),
            std::iter::from_fn(|| midly.other().and_then(told)).collect(),
        ]
    }

    #[test]
    fn the_short_way_reads_what_midly_reads() {
        let mut rng = crate::base::Seed(7).stream("events");
        for _ in 0..2000 {
            // Bytes in which statuses, long deltas and meta events are frequent.
            let bytes: Vec<u8> = (0..40)
                .map(|_| match rng.below(4) {
                    0 => [0x80, 0x90, 0x95, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xff, 0xf0, 0xf7, 0xfe]
                        [rng.below(12)],
                    1 => 0x80 | rng.below(128) as u8,
                    _ => rng.below(128) as u8,
                })
                .collect();
            let [ours, midly] = both(&bytes);
            assert_eq!(ours, midly, "{bytes:02x?}");
        }
    }

    #[test]
    fn every_channel_message_is_told_apart() {
        let bytes = b"\0\x93\x3c\x40\x81\0\x3c\0\x05\x83\x3c\x40\0\xb3\x07\x40\0\xc3\x21\0\xa3\x3c\x01\0\xd3\x01\0\xe3\0\x40";
        let [ours, midly] = both(bytes);
        let wanted = [
            "0 on 3 60 64",
            "128 off 3 60",
            "5 off 3 60",
            "0 control 1",
            "0 program 3 33",
            "0 control 0",
            "0 control 0",
            "0 control 2",
        ];
        assert_eq!(ours, wanted);
        assert_eq!(midly, wanted);
    }
}
