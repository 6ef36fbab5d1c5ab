//! What a NumPy file holds, found out by looking.

use std::path::Path;

use super::archive::Archive;
use super::multitrack::multitrack_in;
use super::notes::notes_in;
use super::sparse::{NONZERO, SHAPE, phrases_in, read_shape};
use super::{NoteRolls, NpzError, PhraseArray, npy_from_bytes};
use crate::base::read_file;
use crate::music::Multitrack;

/// Music out of a NumPy file.
#[derive(Clone, Debug, PartialEq)]
pub enum Contents {
    /// A pypianoroll file: one piece.
    Multitrack(Multitrack),
    /// A file of phrases: the sparse layout, or a dense `.npy` array.
    Phrases(PhraseArray),
}

/// The music in an npz file of either layout, or in a dense npy array of phrases.
///
/// # Errors
/// [`NpzError::Unknown`] when it holds neither, and the errors of [`super::read_multitrack`] and
/// [`super::read_phrases`].
pub fn read_any(path: &Path) -> Result<Contents, NpzError> {
    any_from_bytes(&path.display().to_string(), &read_file(path)?)
}

/// The music in the bytes of a NumPy file; `file` is its name in errors.
///
/// # Errors
/// As [`read_any`].
pub fn any_from_bytes(file: &str, bytes: &[u8]) -> Result<Contents, NpzError> {
    if bytes.starts_with(b"\x93NUMPY") {
        let array = npy_from_bytes(file, bytes)?;
        return Ok(Contents::Phrases(PhraseArray::from_dense(file, &array)?));
    }
    let archive = Archive::new(file, bytes)?;
    if archive.has(super::info::MEMBER) {
        Ok(Contents::Multitrack(multitrack_in(archive)?))
    } else if archive.has(SHAPE) || archive.has(NONZERO) {
        Ok(Contents::Phrases(phrases_in(archive)?))
    } else {
        Err(NpzError::Unknown { file: file.to_owned(), known: archive.members() })
    }
}

/// Music out of a NumPy file, a piece as notes.
#[derive(Clone, Debug, PartialEq)]
pub enum Rolls {
    /// A pypianoroll file: one piece.
    Notes(NoteRolls),
    /// A file of phrases, or a dense `.npy` array.
    Phrases(PhraseArray),
}

/// As [`any_from_bytes`], but a piece is notes and laid out nowhere: for files that nobody vouches for.
/// The arrays of a piece may unpack to `most_notes` bytes, phrases may take `most_phrases`.
///
/// # Errors
/// As [`any_from_bytes`], and when a file would take more.
pub fn rolls_from_bytes(
    file: &str,
    bytes: &[u8],
    most_notes: u64,
    most_phrases: u64,
) -> Result<Rolls, NpzError> {
    if bytes.starts_with(b"\x93NUMPY") {
        return match any_from_bytes(file, bytes)? {
            Contents::Phrases(phrases) => Ok(Rolls::Phrases(phrases)),
            Contents::Multitrack(_) => Err(NpzError::Unknown { file: file.to_owned(), known: String::new() }),
        };
    }
    let mut archive = Archive::new(file, bytes)?;
    if archive.has(super::info::MEMBER) {
        return Ok(Rolls::Notes(notes_in(archive, most_notes)?));
    }
    if !archive.has(SHAPE) {
        return Err(NpzError::Unknown { file: file.to_owned(), known: archive.members() });
    }
    let (phrases, layout) = read_shape(&mut archive)?;
    let needed = (phrases as u64).saturating_mul(layout.bytes() as u64);
    if needed > most_phrases {
        let expected = format!("phrases that take at most {most_phrases} bytes, after the file's size");
        return Err(archive.place(SHAPE).unexpected(expected, format!("{phrases} that take {needed}")));
    }
    // The indices of a cell take 20 to 40 bytes, and a phrase has more cells than bytes of bits.
    archive.check_unpacked(most_phrases.saturating_mul(16))?;
    Ok(Rolls::Phrases(phrases_in(archive)?))
}
