//! What a NumPy file holds, found out by looking.

use std::path::Path;

use super::archive::Archive;
use super::multitrack::multitrack_in;
use super::sparse::{NONZERO, SHAPE, phrases_in};
use super::{NpzError, PhraseArray, npy_from_bytes};
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
