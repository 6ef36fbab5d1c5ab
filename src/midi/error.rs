//! What can be wrong with a MIDI file.

use crate::base::FileError;
use crate::music::MusicError;

/// A MIDI file that cannot be read or written.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum MidiError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("`{file}` {fault}")]
    Fault { file: String, fault: Fault },
    #[error(
        "the song would need {tracks} tracks of {steps} steps at {resolution} steps a beat: read it at a lower resolution"
    )]
    TooLong { tracks: usize, steps: u64, resolution: usize },
    #[error("the piece does not fit into a MIDI file: {0}")]
    Unwritable(String),
    #[error(transparent)]
    Music(#[from] MusicError),
}

/// Why bytes are not a MIDI file; the messages go on from the file's name.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("is empty: a MIDI file begins with `MThd`")]
    Empty,
    #[error("is not a MIDI file: it begins with {found}, a MIDI file with `MThd`")]
    NotMidi { found: String },
    #[error("is cut short at byte {byte}: {what} needs {needed} bytes, {left} are left")]
    Truncated { byte: usize, what: String, needed: usize, left: usize },
    #[error("has a header of {0} bytes at byte 4: at least 6 are needed")]
    Header(usize),
    #[error("is of MIDI format {0}: only 0 and 1 are songs, save it as one of these")]
    Format(u16),
    #[error("has a time division that means nothing ({0:#06x} at byte 12)")]
    Division(u16),
    #[error("has no tracks")]
    NoTracks,
}
