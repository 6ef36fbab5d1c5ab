//! Pieces into files.

use std::path::{Path, PathBuf};

use super::{FilesError, Format};
use crate::audio::{self, RenderOptions, SoundFont};
use crate::base::{Cancel, Stamp};
use crate::midi;
use crate::music::{Meter, Multitrack, PHRASE_BARS, Resolution};
use crate::npz::{self, PhraseArray};
use crate::view::image::{ImageOptions, save_roll};

/// How a piece is written; what does not concern a format is ignored by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Silent bars between phrases of four bars in a MIDI file.
    pub silent_bars: usize,
    /// The SoundFont that plays a WAV file; the built-in voices otherwise.
    pub soundfont: Option<PathBuf>,
    /// Samples per second of a WAV file; 44,100 otherwise.
    pub rate: Option<u32>,
    /// Whether a WAV file has one channel instead of two.
    pub mono: bool,
    /// What makes the file, to be said in it where the format can: everywhere but in .npy.
    pub stamp: Option<Stamp>,
}

/// Writes a piece in the format that the extension names.
///
/// # Errors
/// [`FilesError::Extension`] for other names, and what each format cannot write. Nothing is left
/// half-written.
pub fn write(
    path: &Path,
    piece: &Multitrack,
    options: &WriteOptions,
    cancel: &Cancel,
) -> Result<(), FilesError> {
    let stamp = options.stamp.clone();
    match Format::written_to(path)? {
        Format::Midi => {
            midi::write(path, piece, &midi::WriteOptions { silent_bars: options.silent_bars, stamp })?;
        }
        Format::Npz => npz::write_stamped_multitrack(path, piece, stamp.as_ref())?,
        Format::Npy => npz::write_npy(path, &phrases_of(path, piece)?.to_dense())?,
        Format::Png | Format::Svg => {
            save_roll(path, piece, &ImageOptions { stamp, ..ImageOptions::default() })?;
        }
        Format::Wav => {
            let soundfont = options.soundfont.as_deref().map(SoundFont::load).transpose()?;
            let rate = options.rate.unwrap_or(audio::SAMPLE_RATE);
            let sound =
                RenderOptions { soundfont, rate, mono: options.mono, stamp, ..RenderOptions::default() };
            audio::write(path, piece, &sound, cancel)?;
        }
    }
    Ok(())
}

/// The piece as phrases of four bars at 12 steps per beat, the last one filled up with silence; its
/// tracks are merged into the five families. `path` is the file that is to hold them, for errors.
///
/// # Errors
/// [`FilesError::Meter`] unless all is in 4/4.
pub fn phrases_of(path: &Path, piece: &Multitrack) -> Result<PhraseArray, FilesError> {
    let lines = piece.bar_lines();
    for (bar, line) in lines.iter().take(piece.bar_count()).enumerate() {
        let meter = piece.meter_at(*line);
        if meter != Meter::COMMON {
            let meter = meter.to_string();
            return Err(FilesError::Meter { path: path.to_owned(), bar: bar + 1, meter });
        }
    }
    let piece = piece.resample(Resolution::MODEL);
    let mut phrases = PhraseArray::standard();
    let length = phrases.steps();
    let count = piece.bar_count().div_ceil(PHRASE_BARS);
    let piece = piece.padded_to(count * length);
    for phrase in 0..count {
        let from = (phrase * PHRASE_BARS) as i64;
        phrases.push(&piece.bars(from, from + PHRASE_BARS as i64)?)?;
    }
    Ok(phrases)
}
