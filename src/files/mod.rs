//! Music in files of every format, which the extension names.
//!
//! Depends on what each format lives in: `midi`, `npz`, `audio`, `view`.

mod error;
mod read;
mod write;

use std::path::Path;

pub use error::FilesError;
pub use read::{Music, Reading, read};
pub use write::{WriteOptions, phrases_of, write};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A MIDI file: `.mid`, `.midi`.
    Midi,
    /// A NumPy archive: a pypianoroll multitrack, or phrases in the sparse training layout.
    Npz,
    /// A NumPy array of phrases, `[phrase, bar, step, pitch, track]`.
    Npy,
    /// A picture in pixels.
    Png,
    /// A picture in lines.
    Svg,
    /// Sound.
    Wav,
}

impl Format {
    /// Extensions of the formats that can be written, in the order that messages list them.
    const EXTENSIONS: [(&str, Self); 7] = [
        ("mid", Self::Midi),
        ("midi", Self::Midi),
        ("npz", Self::Npz),
        ("npy", Self::Npy),
        ("png", Self::Png),
        ("svg", Self::Svg),
        ("wav", Self::Wav),
    ];

    /// The format that `path` is written in.
    ///
    /// # Errors
    /// [`FilesError::Extension`] naming the extensions there are.
    pub fn written_to(path: &Path) -> Result<Self, FilesError> {
        Self::among(path, |_| true, "can be written")
    }

    /// The format of a file of music that can be read.
    ///
    /// # Errors
    /// [`FilesError::Extension`] naming the extensions that are read.
    pub fn read_from(path: &Path) -> Result<Self, FilesError> {
        Self::among(path, |format| matches!(format, Self::Midi | Self::Npz | Self::Npy), "can be read")
    }

    fn among(path: &Path, suits: impl Fn(Self) -> bool, can: &'static str) -> Result<Self, FilesError> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        let known = Self::EXTENSIONS.iter().filter(|(_, format)| suits(*format));
        match known.clone().find(|(name, _)| *name == extension) {
            Some((_, format)) => Ok(*format),
            None => Err(FilesError::Extension {
                path: path.to_owned(),
                can,
                known: known.map(|(name, _)| format!(".{name}")).collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_name_formats_in_any_case() {
        assert_eq!(Format::written_to(Path::new("a/b.MIDI")).unwrap(), Format::Midi);
        assert_eq!(Format::read_from(Path::new("b.npz")).unwrap(), Format::Npz);
    }

    #[test]
    fn an_unknown_extension_names_the_known_ones() {
        let message = |result: Result<Format, FilesError>| result.unwrap_err().to_string();
        assert_eq!(
            message(Format::written_to(Path::new("a.mp3"))),
            "`a.mp3` has an extension of no format that can be written: .mid, .midi, .npz, .npy, .png, .svg, .wav"
        );
        assert_eq!(
            message(Format::read_from(Path::new("a.png"))),
            "`a.png` has an extension of no format that can be read: .mid, .midi, .npz, .npy"
        );
    }
}
