//! A piece as messages to an instrument, each at its time, and the way through them.

use midly::MidiMessage;
use midly::live::LiveEvent;
use midly::num::{u4, u7};

use super::write::channels;
use crate::music::Multitrack;

/// Controller that ends every note of a channel.
const ALL_NOTES_OFF: u8 = 123;

/// One message to an instrument.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Seconds from the start of the piece.
    pub at: f64,
    /// The bytes that go through the port: a program change, a note that begins or one that ends.
    pub bytes: Vec<u8>,
}

/// How a performance ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Performed {
    /// With its last note.
    Whole,
    /// Before that, because somebody did not want to wait.
    Stopped,
}

/// The piece as messages in the order of their times, after its own tempos; channels are those of a MIDI
/// file. At one time notes end before others begin.
pub fn messages(piece: &Multitrack) -> Vec<Message> {
    let mut messages = Vec::new();
    for (track, channel) in piece.tracks().iter().zip(channels(piece.tracks())) {
        let program = MidiMessage::ProgramChange { program: u7::from(track.program.number()) };
        messages.push((0, 0, Message { at: 0.0, bytes: bytes(channel, program) }));
        for note in track.roll.notes() {
            let (key, vel) = (u7::from(note.pitch.number()), u7::from(note.velocity));
            let on = bytes(channel, MidiMessage::NoteOn { key, vel });
            let off = bytes(channel, MidiMessage::NoteOff { key, vel: u7::from(0) });
            messages.push((note.end, 1, Message { at: piece.seconds_at(note.end), bytes: off }));
            messages.push((note.start, 2, Message { at: piece.seconds_at(note.start), bytes: on }));
        }
    }
    messages.sort_by_key(|(step, order, _)| (*step, *order));
    messages.into_iter().map(|(_, _, message)| message).collect()
}

/// Sends every message at its time. `wait` comes back when so many seconds have passed since the start, or
/// at once with `false` when nobody wants to wait longer; then, and when a message cannot be sent, every
/// channel that was played on is told to end its notes.
///
/// # Errors
/// Those of `send`.
pub fn perform<E>(
    messages: &[Message],
    mut wait: impl FnMut(f64) -> bool,
    mut send: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Performed, E> {
    let mut sounding: Vec<(u8, u8)> = Vec::new();
    for message in messages {
        let ended = match wait(message.at) {
            false => Ok(Performed::Stopped),
            true => match send(&message.bytes) {
                Ok(()) => {
                    note(&mut sounding, &message.bytes);
                    continue;
                }
                Err(error) => Err(error),
            },
        };
        // What cannot be sent here either is told by the first error.
        silence(messages, &sounding).iter().for_each(|bytes| _ = send(bytes));
        return ended;
    }
    Ok(Performed::Whole)
}

/// Keeps the notes that sound, as channel and key.
fn note(sounding: &mut Vec<(u8, u8)>, bytes: &[u8]) {
    if let [status, key, _] = bytes {
        let (kind, note) = (status >> 4, (status & 15, *key));
        match kind {
            9 => sounding.push(note),
            8 => sounding.retain(|other| *other != note),
            _ => {}
        }
    }
}

/// What ends every note: each by itself, as not every instrument knows the controller, then all of a
/// channel.
fn silence(messages: &[Message], sounding: &[(u8, u8)]) -> Vec<Vec<u8>> {
    let off = |(channel, key): &(u8, u8)| {
        bytes(*channel, MidiMessage::NoteOff { key: u7::from(*key), vel: u7::from(0) })
    };
    let mut channels: Vec<u8> =
        messages.iter().filter_map(|message| message.bytes.first()).map(|status| status & 15).collect();
    channels.sort_unstable();
    channels.dedup();
    let all_off = |channel: u8| {
        let controller = u7::from(ALL_NOTES_OFF);
        bytes(channel, MidiMessage::Controller { controller, value: u7::from(0) })
    };
    sounding.iter().map(off).chain(channels.into_iter().map(all_off)).collect()
}

fn bytes(channel: u8, message: MidiMessage) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(3);
    // Only a full disk could refuse, and a vector is none.
    let _ = LiveEvent::Midi { channel: u4::from(channel), message }.write_std(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Note, Pianoroll, Pitch, Program, Resolution, Tempo, Track};

    /// A bass of two notes at 120 beats a minute, 4 steps a beat, then half as fast; and a drum at the start.
    fn piece() -> Multitrack {
        let note = |pitch, start, end| Note { pitch: Pitch::new(pitch).unwrap(), start, end, velocity: 90 };
        let track = |program, is_drum, notes: &[Note]| Track {
            name: "x".into(),
            program: Program::new(program).unwrap(),
            is_drum,
            roll: Pianoroll::from_notes(8, notes),
        };
        let bass = track(33, false, &[note(36, 0, 4), note(43, 4, 8)]);
        let drums = track(0, true, &[note(38, 0, 1)]);
        Multitrack::new(vec![bass, drums], Resolution::new(4).unwrap())
            .with_tempos(vec![(0, Tempo::new(120.0).unwrap()), (4, Tempo::new(60.0).unwrap())])
    }

    /// What a port was sent, and when; somebody presses Ctrl-C at `stop`.
    fn played(stop: f64) -> (Performed, Vec<(f64, Vec<u8>)>) {
        let now = std::cell::Cell::new(0.0);
        let mut heard = Vec::new();
        let wait = |until: f64| {
            now.set(f64::min(until, stop));
            until < stop
        };
        let performed = perform(&messages(&piece()), wait, |bytes| {
            heard.push((now.get(), bytes.to_vec()));
            Ok::<_, ()>(())
        });
        (performed.unwrap(), heard)
    }

    #[test]
    fn notes_begin_and_end_at_the_times_of_the_piece() {
        let (performed, heard) = played(f64::INFINITY);
        assert_eq!(performed, Performed::Whole);
        assert_eq!(
            heard,
            [
                (0.0, vec![0xC0, 33]),
                (0.0, vec![0xC9, 0]),
                (0.0, vec![0x90, 36, 90]),
                (0.0, vec![0x99, 38, 90]),
                (0.125, vec![0x89, 38, 0]),
                (0.5, vec![0x80, 36, 0]),
                (0.5, vec![0x90, 43, 90]),
                (1.5, vec![0x80, 43, 0]),
            ]
        );
    }

    #[test]
    fn whoever_stops_it_leaves_no_note_sounding() {
        let (performed, heard) = played(0.3);
        assert_eq!(performed, Performed::Stopped);
        let last: Vec<Vec<u8>> = heard.into_iter().skip(5).map(|(_, bytes)| bytes).collect();
        assert_eq!(last, [vec![0x80, 36, 0], vec![0xB0, 123, 0], vec![0xB9, 123, 0]]);
    }

    #[test]
    fn a_port_that_is_lost_ends_the_performance_with_its_error() {
        let mut sent = 0;
        let lost = perform(
            &messages(&piece()),
            |_| true,
            |_| {
                sent += 1;
                if sent == 4 { Err("unplugged") } else { Ok(()) }
            },
        );
        assert_eq!(lost, Err("unplugged"));
        assert_eq!(sent, 4 + 3, "the bass and both channels are told to end");
    }
}
