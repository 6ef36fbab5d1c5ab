//! What can go wrong between a piece and its sound.

use std::path::PathBuf;

use crate::base::FileError;

/// A piece that could not be rendered, or a file that could not be read or written.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    #[error(
        "the piece lasts {seconds:.0} seconds, at most {longest:.0} are rendered: cut it with `.bars(a..b)` or set a faster tempo"
    )]
    TooLong { seconds: f64, longest: f64 },
    #[error("a tail is 0 to 60 seconds, got {0}")]
    Tail(f64),
    #[error("sound has 8000 to 192000 samples a second, got {0}")]
    Rate(u32),
    #[error(
        "`{path}` is not a SoundFont that can be played: {reason}; give a `.sf2` file (SoundFont 2, uncompressed samples)"
    )]
    SoundFont { path: PathBuf, reason: String },
    #[error("`{path}` failed while playing: {reason}; try another SoundFont")]
    SoundFontPlay { path: PathBuf, reason: String },
    #[error("`{path}` would be larger than a WAV file can be (4 GiB): render fewer bars")]
    WavSize { path: PathBuf },
    #[error("`{path}` is not a whole WAV file")]
    NoWav { path: PathBuf },
    #[error("rendering was stopped")]
    Cancelled,
    #[error(transparent)]
    File(#[from] FileError),
}
