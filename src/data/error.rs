//! What can be wrong with a set of phrases.

use std::path::PathBuf;

use crate::base::FileError;
use crate::metrics::MetricsError;
use crate::midi::MidiError;
use crate::music::MusicError;
use crate::npz::NpzError;

/// A set that cannot be read, put together, measured or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // every variant's message says what it is
pub enum DataError {
    #[error("`{path}`, line {line}: {reason}")]
    Table { path: PathBuf, line: usize, reason: String },
    #[error("there is no phrase {index}: {}", numbered(*count))]
    NoPhrase { index: i64, count: usize },
    #[error("{phrases} phrases were described by {described} rows: there must be one for each")]
    Described { phrases: usize, described: usize },
    #[error(
        "the phrases differ, {left} and {right}: sets are joined only when bars, steps, pitches and tracks agree"
    )]
    Layouts { left: String, right: String },
    #[error("{0}")]
    Split(String),
    #[error("{0}")]
    Augmentation(String),
    #[error("nothing is known of the phrases' {what}: load the set with a song table")]
    Unknown { what: &'static str },
    #[error("no {what} `{name}`: there are {known}{hint}")]
    NoSuch { what: &'static str, name: String, known: String, hint: String },
    #[error("`{path}` exists already and is no empty folder: choose another name, or remove it first")]
    Occupied { path: PathBuf },
    #[error(
        "`{path}` has {phrases} phrases, {size:.1} GB of bits, more than the {memory:.1} GB allowed, and they \
         cannot be laid out beside it ({reason}): name a file for that as `cache`, or allow more `memory`"
    )]
    Cache { path: PathBuf, phrases: usize, size: f64, memory: f64, reason: String },
    #[error(transparent)]
    Npz(#[from] NpzError),
    #[error(transparent)]
    Midi(#[from] MidiError),
    #[error(transparent)]
    Music(#[from] MusicError),
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    #[error(transparent)]
    File(#[from] FileError),
}

fn numbered(count: usize) -> String {
    match count {
        0 => "the set is empty".to_owned(),
        n => format!("the set's are numbered from 0 to {}", n - 1),
    }
}
