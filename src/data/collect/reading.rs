//! A file's bytes to a song's notes, or to phrases that somebody made before.

use crate::base::read_file;
use crate::midi::{self, Fault, Instrument, Score, ScoreNote, TempoChange};
use crate::music::Note;
use crate::npz::{self, NoteRolls, NpzError, PhraseArray, Rolls};

use super::source::{Data, Kind, Refusal};

/// What was in a file.
#[derive(Debug)]
pub(super) enum Song {
    /// One song.
    Score(Box<Score>),
    /// Phrases of an array.
    Phrases(PhraseArray),
}

/// Most bytes that the arrays of a pianoroll unpack to: of an hour of dense music at 24 steps a beat
/// about half as many.
const MOST_UNPACKED: u64 = 32 << 20;
/// Memory that the phrases of an array may take, whatever the file's size, and times that size beyond.
const ARRAY: (u64, u64) = (64 << 20, 64);

/// Reads a file.
///
/// # Errors
/// A [`Refusal`] saying what is wrong with it.
pub(super) fn read(kind: Kind, data: Data) -> Result<Song, Refusal> {
    let bytes = match data {
        Data::Bytes(bytes) => bytes,
        Data::File(path) => {
            read_file(&path).map_err(|error| Refusal::new("unreadable", error.to_string()))?
        }
    };
    match kind {
        Kind::Midi => midi::parse(&bytes).map(Box::new).map(Song::Score).map_err(|fault| of_fault(&fault)),
        _ => {
            let most_array = ARRAY.0.saturating_add(ARRAY.1.saturating_mul(bytes.len() as u64));
            match npz::rolls_from_bytes("", &bytes, MOST_UNPACKED, most_array) {
                Ok(Rolls::Notes(rolls)) => Ok(Song::Score(Box::new(score(&rolls)))),
                Ok(Rolls::Phrases(phrases)) => Ok(Song::Phrases(phrases)),
                Err(error) => Err(of_npz(kind, &error)),
            }
        }
    }
}

fn of_fault(fault: &Fault) -> Refusal {
    let code = match fault {
        Fault::Empty | Fault::NotMidi { .. } => "not_music",
        Fault::Format(_) => "midi_format_2",
        Fault::Truncated { .. } | Fault::Header(_) | Fault::Division(_) | Fault::NoTracks => "damaged_midi",
    };
    Refusal::new(code, format!("it {fault}"))
}

fn of_npz(kind: Kind, error: &NpzError) -> Refusal {
    let code = match (kind, error) {
        // Any array may be called so; only those of phrases are music.
        (Kind::Npy, _) | (_, NpzError::Unknown { .. }) => "not_music",
        _ => "damaged_npz",
    };
    // The file is named beside it.
    let sentence =
        error.to_string().replacen("``, ", "", 1).replacen("``: ", "", 1).replacen("`` ", "it ", 1);
    Refusal::new(code, sentence)
}

/// A pianoroll as a score whose ticks are its steps.
fn score(rolls: &NoteRolls) -> Score {
    // Resolutions go up to 960.
    let mut score = Score::new(u16::try_from(rolls.resolution.steps()).unwrap_or(u16::MAX));
    let tick = |step: usize| step as u64;
    for (number, roll) in rolls.tracks.iter().enumerate().filter(|(_, roll)| !roll.notes.is_empty()) {
        let note = |note: &Note| ScoreNote {
            start: tick(note.start),
            pitch: note.pitch,
            end: tick(note.end),
            velocity: note.velocity,
        };
        let mut part = Instrument::new(roll.program, roll.is_drum, roll.notes.iter().map(note).collect());
        part.track = number + 1;
        part.name.clone_from(&roll.name);
        score.instruments.push(part);
    }
    let changes = rolls.tempos.iter().map(|&(step, tempo)| TempoChange {
        tick: tick(step),
        micros: (6e7 / tempo.bpm()).round() as u32,
        tempo,
    });
    // A file that says something says it from its first step on.
    if !rolls.tempos.is_empty() {
        score.tempos = changes.collect();
    }
    score.meters = rolls.meters.iter().map(|(step, meter)| (tick(*step), *meter)).collect();
    score.end = score.last_note_end();
    score
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Meter, Multitrack, Note, Pianoroll, Pitch, Resolution, Track};
    use crate::npz::{multitrack_to_bytes, phrases_to_bytes};

    fn piece() -> Multitrack {
        let note = Note { start: 24, pitch: Pitch::new(60).unwrap(), end: 48, velocity: 90 };
        let roll = Pianoroll::from_notes(192, &[note]);
        let silent = Track::of_family(Family::Drums, Pianoroll::silent(192));
        Multitrack::new(vec![silent, Track::of_family(Family::Bass, roll)], Resolution::MIDI)
    }

    #[test]
    fn a_pianoroll_is_a_score_in_steps() {
        let bytes = multitrack_to_bytes(&piece()).unwrap();
        let Song::Score(score) = read(Kind::Npz, Data::Bytes(bytes)).unwrap() else { panic!("a song") };
        assert_eq!((score.instruments.len(), score.instruments[0].program.number()), (1, 33));
        assert_eq!((score.instruments[0].notes[0].start, score.last_note_end()), (24, 48));
        assert_eq!(score.division.ticks_per_beat(), 24.0);
        assert_eq!(score.meters, [(0, Meter::COMMON)]);
    }

    #[test]
    fn phrases_are_phrases() {
        let bytes = phrases_to_bytes(&PhraseArray::standard()).unwrap();
        assert!(
            matches!(read(Kind::Npz, Data::Bytes(bytes)), Ok(Song::Phrases(phrases)) if phrases.is_empty())
        );
    }

    #[test]
    fn what_is_wrong_is_told_without_a_name() {
        let told = |kind, bytes: &[u8]| {
            let refusal = read(kind, Data::Bytes(bytes.to_vec())).unwrap_err();
            format!("{}: {}", refusal.code, refusal.sentence)
        };
        assert_eq!(
            told(Kind::Midi, b"MThd\0\0"),
            "damaged_midi: it is cut short at byte 0: the head of a chunk needs 8 bytes, 6 are left"
        );
        let damaged = told(Kind::Npz, b"PK\x03\x04");
        assert!(damaged.starts_with("damaged_npz: it is not an npz archive"), "{damaged}");
        assert!(told(Kind::Npy, b"\x93NUMPY").starts_with("not_music: "));
    }
}
