//! A pianoroll file as notes: no roll is laid out, so that memory goes with the notes and not with the
//! length that a file claims.

use super::NpzError;
use super::archive::Archive;
use super::info::{Info, MEMBER};
use super::multitrack::{Columns, meters, read_downbeats, read_tempos};
use crate::music::{Meter, Note, Pitch, Program, Resolution, Tempo};

/// A pianoroll file's notes.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteRolls {
    /// The piece's name.
    pub name: Option<String>,
    /// Steps per beat.
    pub resolution: Resolution,
    /// The rolls, in the file's order.
    pub tracks: Vec<NoteRoll>,
    /// Tempo changes by step; none when the file says nothing, which means 120.
    pub tempos: Vec<(usize, Tempo)>,
    /// Meter changes by step, from the bar lines; empty when there are none, which means 4/4.
    pub meters: Vec<(usize, Meter)>,
}

/// One roll of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteRoll {
    /// Its name, or that of its family.
    pub name: String,
    /// Its program.
    pub program: Program,
    /// Whether it is drums.
    pub is_drum: bool,
    /// A note for each maximal run of cells, by start, then pitch.
    pub notes: Vec<Note>,
}

/// The notes in the bytes of a pypianoroll file, of the 0.x or the 1.x layout; `file` is its name in
/// errors. The same notes as those of [`multitrack_from_bytes`](super::multitrack_from_bytes), with the
/// velocity of their first cell.
///
/// # Errors
/// Every [`NpzError`] but the writing ones, naming the member; [`NpzError::Damaged`] when its members
/// unpack to more than `most_bytes` together.
pub fn notes_from_bytes(file: &str, bytes: &[u8], most_bytes: u64) -> Result<NoteRolls, NpzError> {
    notes_in(Archive::new(file, bytes)?, most_bytes)
}

/// The notes in an open archive.
pub(super) fn notes_in(mut archive: Archive, most_bytes: u64) -> Result<NoteRolls, NpzError> {
    archive.check_unpacked(most_bytes)?;
    let info = Info::parse(archive.place(MEMBER), &archive.text(MEMBER)?)?;
    let mut tracks = Vec::with_capacity(info.tracks.len());
    let mut steps = 0;
    for (number, track) in info.tracks.into_iter().enumerate() {
        let columns = Columns::read(&mut archive, number)?;
        steps = steps.max(columns.steps);
        let notes = notes_of(&columns)?;
        tracks.push(NoteRoll { name: track.name, program: track.program, is_drum: track.is_drum, notes });
    }
    let tempos = read_tempos(&mut archive, steps)?;
    let downbeats = read_downbeats(&mut archive, steps)?;
    let meters = meters(&downbeats, info.resolution);
    Ok(NoteRolls { name: info.name, resolution: info.resolution, tracks, tempos, meters })
}

fn notes_of(columns: &Columns) -> Result<Vec<Note>, NpzError> {
    let mut notes: Vec<Note> = Vec::new();
    let mut rows: Vec<(usize, u8)> = Vec::new();
    for number in 0..128 {
        let pitch = Pitch::new(number as i64)?;
        rows.clear();
        columns.each(number, |step, velocity| rows.push((step, velocity)))?;
        // NumPy's writers sort the rows of a column, the format does not say so.
        if !rows.is_sorted() {
            rows.sort_unstable();
        }
        let first = notes.len();
        for (start, velocity) in &rows {
            match notes[first..].last_mut() {
                Some(last) if last.end >= *start => last.end = last.end.max(start + 1),
                _ => notes.push(Note { start: *start, pitch, end: start + 1, velocity: *velocity }),
            }
        }
    }
    notes.sort_by_key(|note| (note.start, note.pitch));
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::super::{multitrack_from_bytes, multitrack_to_bytes};
    use super::*;
    use crate::music::{DEFAULT_VELOCITY, Family, Multitrack, Pianoroll, Track};

    fn piece() -> Multitrack {
        let note =
            |start, pitch, end, velocity| Note { start, pitch: Pitch::new(pitch).unwrap(), end, velocity };
        let loud =
            Pianoroll::from_notes(192, &[note(0, 60, 24, 90), note(24, 62, 30, 40), note(190, 60, 192, 1)]);
        let plain = Pianoroll::from_notes(192, &[note(5, 36, 6, DEFAULT_VELOCITY)]).without_velocities();
        let tracks = vec![Track::of_family(Family::Piano, loud), Track::of_family(Family::Drums, plain)];
        Multitrack::new(tracks, Resolution::MIDI).with_tempo(Tempo::new(97.0).unwrap())
    }

    #[test]
    fn the_notes_are_those_of_the_rolls() {
        let bytes = multitrack_to_bytes(&piece()).unwrap();
        let rolls = notes_from_bytes("x.npz", &bytes, 1 << 20).unwrap();
        let piece = multitrack_from_bytes("x.npz", &bytes).unwrap();
        assert_eq!(rolls.tracks.len(), 2);
        for (roll, track) in rolls.tracks.iter().zip(piece.tracks()) {
            assert_eq!(roll.notes, track.roll.notes());
            assert_eq!((roll.is_drum, roll.program), (track.is_drum, track.program));
        }
        assert_eq!(rolls.tempos, piece.tempos());
        assert_eq!(rolls.meters.first(), Some(&(0, Meter::COMMON)));
    }

    #[test]
    fn a_file_that_unpacks_to_too_much_is_refused() {
        let bytes = multitrack_to_bytes(&piece()).unwrap();
        let error = notes_from_bytes("x.npz", &bytes, 100).unwrap_err().to_string();
        assert!(
            error.starts_with("`x.npz`: it unpacks to ") && error.ends_with("at most 100 are read"),
            "{error}"
        );
    }
}
