//! Multitracks to sound: built-in voices or the user's SoundFont, written as WAV.
//!
//! The only home of hound, fundsp and rustysynth. Depends on `base` and `music`.
//!
//! A piece becomes `strokes` (notes in samples instead of steps); each distinct stroke becomes a
//! short sound (`voice`) once, by the instrument of its program or percussion key; the sounds are
//! mixed (`mix`) into a stereo picture with a shared `room`; and a `master` stage sets loudness
//! and keeps the peak under -1 dBFS. `loudness` measures what a listener hears of it. Nothing here
//! draws on time or chance: the same music gives the same samples.

mod compact;
mod error;
mod loudness;
mod master;
mod mix;
mod resample;
mod room;
mod soundfont;
mod strokes;
mod voice;
mod wav;

use std::path::Path;

pub use error::AudioError;
pub use loudness::loudness;
pub use soundfont::SoundFont;
pub use wav::{Audio, Comments, read_comments, read_wav, save_wav};

use crate::base::{Cancel, Stamp};
use crate::music::{Multitrack, Tempo};

/// Samples per second of everything rendered here.
pub const SAMPLE_RATE: u32 = 44_100;
/// Samples per second that sound can be written with.
pub const RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;
/// The longest piece that is rendered, in seconds.
pub const LONGEST: f64 = 3600.0;
/// Highest sample value of rendered sound: -1 dBFS.
pub const PEAK: f32 = 0.891_250_9;

/// How a piece is turned into sound.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// One tempo throughout instead of the piece's own.
    pub tempo: Option<Tempo>,
    /// Play with this SoundFont instead of the built-in voices.
    pub soundfont: Option<SoundFont>,
    /// Seconds after the end of the piece in which the last notes fade out.
    pub tail: f64,
    /// Samples per second; [`SAMPLE_RATE`] unless asked.
    pub rate: u32,
    /// Write one channel, the mean of both, instead of two.
    pub mono: bool,
    /// What makes the file, to be said in it.
    pub stamp: Option<Stamp>,
}

impl Default for RenderOptions {
    /// The piece's own tempo, the built-in voices, a tail of 1.5 seconds, stereo.
    fn default() -> Self {
        Self { tempo: None, soundfont: None, tail: 1.5, rate: SAMPLE_RATE, mono: false, stamp: None }
    }
}

/// The piece as stereo sound at the rate of the options: as long as the piece and its tail, peak at most [`PEAK`].
///
/// # Errors
/// [`AudioError::TooLong`] beyond [`LONGEST`], [`AudioError::Tail`] for a tail that is not a time of
/// up to a minute, [`AudioError::Rate`] for a rate outside [`RATES`], [`AudioError::SoundFontPlay`] when the SoundFont cannot play, and
/// [`AudioError::Cancelled`] soon after `cancel` is raised.
pub fn render(music: &Multitrack, options: &RenderOptions, cancel: &Cancel) -> Result<Audio, AudioError> {
    if !(0.0..=60.0).contains(&options.tail) {
        return Err(AudioError::Tail(options.tail));
    }
    if !RATES.contains(&options.rate) {
        return Err(AudioError::Rate(options.rate));
    }
    let music = options.tempo.map_or_else(|| music.clone(), |tempo| music.with_tempo(tempo));
    let seconds = music.seconds();
    if seconds > LONGEST {
        return Err(AudioError::TooLong { seconds, longest: LONGEST });
    }
    let score = strokes::Score::of(&music, options.tail);
    let mut audio = match &options.soundfont {
        Some(font) => font.play(&score, cancel)?,
        None => mix::play(&score, cancel)?,
    };
    master::finish(&mut audio, score.music_samples, cancel)?;
    audio.at_rate(options.rate, cancel)
}

/// Renders the piece and writes it to `path` as 16-bit WAV, which says where a model's piece came
/// from and what makes the file.
///
/// # Errors
/// Those of [`render`] and [`save_wav`]; on any of them nothing is written.
pub fn write(
    path: &Path,
    music: &Multitrack,
    options: &RenderOptions,
    cancel: &Cancel,
) -> Result<(), AudioError> {
    let comments = Comments {
        source: music.origin().map(ToString::to_string),
        software: options.stamp.as_ref().map(ToString::to_string),
    };
    let audio = render(music, options, cancel)?;
    let mean = if options.mono { audio.mean() } else { Vec::new() };
    let channels: &[&[f32]] = if options.mono { &[&mean] } else { &[&audio.left, &audio.right] };
    wav::save(path, audio.sample_rate, channels, &comments, cancel)
}

/// An error once `cancel` is raised.
fn check(cancel: &Cancel) -> Result<(), AudioError> {
    if cancel.is_raised() { Err(AudioError::Cancelled) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
