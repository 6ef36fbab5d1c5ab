//! Music as a page draws it.

use std::fmt::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::music::Multitrack;
use crate::view::track_colours;

/// Hex digits that name a piece's content.
const DIGITS: usize = 16;

/// A piece: the notes of its tracks, and what belongs to drawing and hearing them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Music {
    /// The same for the same sound, and for no other: the start of a SHA-256 in hex.
    pub version: String,
    /// Steps from its beginning to its end.
    pub steps: usize,
    /// Steps of a beat.
    pub steps_per_beat: usize,
    /// Beats (quarter notes) of the first bar; bars of other lengths are not drawn apart.
    pub beats_per_bar: f64,
    /// Beats a minute, at its beginning.
    pub tempo: f64,
    /// How long it sounds.
    pub seconds: f64,
    /// Its tracks.
    pub tracks: Vec<MusicTrack>,
}

/// One track of [`Music`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MusicTrack {
    /// Its name.
    pub name: String,
    /// General MIDI program, from 0; of no meaning for drums.
    pub program: u8,
    /// Whether pitches are percussion keys.
    pub is_drum: bool,
    /// The colour of its notes on white, such as `#d62828`.
    pub colour: String,
    /// First step, length in steps, pitch and velocity of each note.
    pub notes: Vec<[usize; 4]>,
}

impl Music {
    /// What a page draws of `piece`.
    pub fn of(piece: &Multitrack) -> Self {
        let colours = track_colours(piece.tracks());
        let tracks = piece.tracks().iter().zip(colours).map(|(track, colour)| MusicTrack {
            name: track.name.to_string(),
            program: track.program.number(),
            is_drum: track.is_drum,
            colour: colour.hex(),
            notes: track
                .roll
                .notes()
                .iter()
                .map(|note| {
                    [note.start, note.end - note.start, note.pitch.number().into(), note.velocity.into()]
                })
                .collect(),
        });
        let music = Self {
            version: String::new(),
            steps: piece.steps(),
            steps_per_beat: piece.resolution().steps(),
            beats_per_bar: piece.meter_at(0).quarters(),
            tempo: piece.tempo().bpm(),
            seconds: piece.seconds(),
            tracks: tracks.collect(),
        };
        let mut hash = Sha256::new();
        // Everything that is heard or drawn, tempo changes included, which `seconds` alone would not tell.
        hash.update(format!("{music:?} {:?} {:?}", piece.tempos(), piece.meters()));
        let version = hash.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self { version: version[..DIGITS].to_owned(), ..music }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch, Resolution, Tempo, Track};

    fn piece(pitch: i64) -> Multitrack {
        let note = Note { start: 4, pitch: Pitch::new(pitch).unwrap(), end: 8, velocity: 90 };
        let roll = Pianoroll::from_notes(16, &[note]);
        Multitrack::new(vec![Track::of_family(Family::Bass, roll)], Resolution::new(4).unwrap())
    }

    #[test]
    fn notes_are_start_length_pitch_and_velocity() {
        let music = Music::of(&piece(36));
        assert_eq!(music.tracks[0].notes, [[4, 4, 36, 90]]);
        assert_eq!((music.steps, music.steps_per_beat, music.beats_per_bar), (16, 4, 4.0));
        assert_eq!((music.tempo, music.seconds), (120.0, 2.0));
    }

    #[test]
    fn the_version_follows_the_sound() {
        let version = |piece: &Multitrack| Music::of(piece).version;
        assert_eq!(version(&piece(36)), version(&piece(36)));
        assert_ne!(version(&piece(36)), version(&piece(37)));
        assert_ne!(version(&piece(36)), version(&piece(36).with_tempo(Tempo::new(90.0).unwrap())));
    }
}
