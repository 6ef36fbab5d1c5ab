//! What can be wrong with a file of music.

use std::path::PathBuf;

use crate::audio::AudioError;
use crate::midi::MidiError;
use crate::music::MusicError;
use crate::npz::NpzError;
use crate::view::ViewError;

/// A file that cannot be read or written; the errors of each format say what is wrong with theirs.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("`{path}` has an extension of no format that {can}: {known}")]
    Extension { path: PathBuf, can: &'static str, known: String },
    #[error("`{path}` holds no phrases")]
    NoPhrases { path: PathBuf },
    #[error(
        "`{path}` holds {phrases} phrases, too many for one piece of at most {most}: take some of them in a script"
    )]
    TooManyPhrases { path: PathBuf, phrases: usize, most: usize },
    #[error(
        "`{path}` is an array of four-bar phrases in 4/4, but bar {bar} of the piece is in {meter}: write it as .npz"
    )]
    Meter { path: PathBuf, bar: usize, meter: String },
    #[error(transparent)]
    Midi(#[from] MidiError),
    #[error(transparent)]
    Npz(#[from] NpzError),
    #[error(transparent)]
    Audio(#[from] AudioError),
    #[error(transparent)]
    View(#[from] ViewError),
    #[error(transparent)]
    Music(#[from] MusicError),
}
