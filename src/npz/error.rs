//! What can be wrong with a NumPy file.

use crate::base::FileError;
use crate::music::MusicError;

/// A NumPy file that cannot be read or written; every message names the file and the member.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum NpzError {
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
    /// The disk.
    #[error(transparent)]
    File(#[from] FileError),
    #[error("`{file}` is not an npz archive: {reason}")]
    NotZip { file: String, reason: String },
    #[error("`{file}` has no member `{member}`: it holds {known}")]
    Missing { file: String, member: String, known: String },
    #[error(
        "`{file}` holds neither a multitrack (`info.json`) nor phrases (`shape.npy` and `nonzero.npy`): it holds {known}"
    )]
    Unknown { file: String, known: String },
    #[error("{}: {reason}", at(file, member))]
    Damaged { file: String, member: String, reason: String },
    #[error("{}: expected {expected}, got {got}", at(file, member))]
    Unexpected { file: String, member: String, expected: String, got: String },
    #[error("`{file}`, member `{member}`: {axis} {index} does not lie below {size}")]
    Index { file: String, member: String, axis: &'static str, index: i64, size: usize },
    #[error("`{file}`: expected {expected}, got {got}")]
    Array { file: String, expected: String, got: String },
    #[error("an array of shape {shape:?} cannot have {got} elements")]
    Elements { shape: Vec<usize>, got: usize },
    #[error("a phrase here has {expected}, this piece has {got}: {advice}")]
    Phrase { expected: String, got: String, advice: &'static str },
    #[error("there is no phrase {phrase}: there are {count}, numbered from 0")]
    NoPhrase { phrase: usize, count: usize },
    #[error("cannot write `{file}`: {reason}")]
    Write { file: String, reason: String },
    #[error(transparent)]
    Music(#[from] MusicError),
}

/// The file, and the member of it unless the file is the array itself.
fn at(file: &str, member: &str) -> String {
    if member.is_empty() { format!("`{file}`") } else { format!("`{file}`, member `{member}`") }
}

/// A file, and perhaps a member of it, to put into errors.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub file: &'a str,
    pub member: &'a str,
}

impl Place<'_> {
    /// Expected one thing, got another.
    pub fn unexpected(self, expected: impl Into<String>, got: impl Into<String>) -> NpzError {
        NpzError::Unexpected {
            file: self.file.to_owned(),
            member: self.member.to_owned(),
            expected: expected.into(),
            got: got.into(),
        }
    }

    /// Bytes that mean nothing.
    pub fn damaged(self, reason: impl ToString) -> NpzError {
        NpzError::Damaged {
            file: self.file.to_owned(),
            member: self.member.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// An index outside its axis.
    pub fn index(self, axis: &'static str, index: i64, size: usize) -> NpzError {
        NpzError::Index { file: self.file.to_owned(), member: self.member.to_owned(), axis, index, size }
    }
}
