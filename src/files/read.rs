//! Music out of a file.

use std::path::Path;

use super::{FilesError, Format};
use crate::midi;
use crate::music::{Multitrack, Resolution};
use crate::npz::{self, Contents, PhraseArray};

/// Phrases that are joined to one piece at most.
const MOST_PHRASES: usize = 256;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Music {
    /// One piece.
    Piece(Multitrack),
    /// Phrases of the five families, side by side.
    Phrases(PhraseArray),
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it holds.
    pub music: Music,
    /// What was repaired or dropped, one line each.
    pub repairs: Vec<String>,
}

/// Reads a file of music. MIDI is put on a grid of `midi_resolution` steps per beat; the other
/// formats have steps of their own.
///
/// # Errors
/// [`FilesError::Extension`] when no reader takes such names, and what is wrong with the file.
pub fn read(path: &Path, midi_resolution: Resolution) -> Result<Reading, FilesError> {
    let whole = |music| Reading { music, repairs: Vec::new() };
    match Format::read_from(path)? {
        Format::Midi => {
            let score = midi::read(path)?;
            let music = Music::Piece(score.to_multitrack(midi_resolution)?);
            let repairs = score.repairs().filter(|repair| !repair.is_routine()).map(ToString::to_string);
            Ok(Reading { music, repairs: repairs.collect() })
        }
        _ => Ok(whole(match npz::read_any(path)? {
            Contents::Multitrack(piece) => Music::Piece(piece),
            Contents::Phrases(phrases) => Music::Phrases(phrases),
        })),
    }
}

impl Music {
    /// One piece: phrases are joined end to end. `path` is its name in errors.
    ///
    /// # Errors
    /// [`FilesError::NoPhrases`], and [`FilesError::TooManyPhrases`] beyond 256.
    pub fn into_piece(self, path: &Path) -> Result<Multitrack, FilesError> {
        let phrases = match self {
            Self::Piece(piece) => return Ok(piece),
            Self::Phrases(phrases) => phrases,
        };
        if phrases.len() > MOST_PHRASES {
            return Err(FilesError::TooManyPhrases {
                path: path.to_owned(),
                phrases: phrases.len(),
                most: MOST_PHRASES,
            });
        }
        let mut joined = phrases.iter();
        let first = joined.next().ok_or_else(|| FilesError::NoPhrases { path: path.to_owned() })?;
        joined.try_fold(first, |piece, phrase| Ok(piece.concat(&phrase)?))
    }

    /// The same music at another resolution.
    ///
    /// # Errors
    /// Those of [`Music::into_piece`], because phrases keep the steps of their layout.
    pub fn at(self, path: &Path, resolution: Option<Resolution>) -> Result<Self, FilesError> {
        match (self, resolution) {
            (Self::Phrases(phrases), Some(resolution)) if phrases.resolution() != resolution => {
                Ok(Self::Piece(Self::Phrases(phrases).into_piece(path)?.resample(resolution)))
            }
            (Self::Piece(piece), Some(resolution)) => Ok(Self::Piece(piece.resample(resolution))),
            (music, _) => Ok(music),
        }
    }
}
