//! Playing with the user's SoundFont, through rustysynth.

mod tables;

use std::fmt;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustysynth::{Synthesizer, SynthesizerSettings};

use super::strokes::{Instrument, Score};
use super::voice::seat;
use super::{Audio, AudioError, SAMPLE_RATE, check};
use crate::base::{Cancel, read_file};

/// Pitched tracks that one synthesizer plays: 16 channels, one of them for drums.
const PITCHED_CHANNELS: usize = 15;
/// The drums' channel, channel 10 as musicians count.
const DRUM_CHANNEL: i32 = 9;
/// Notes that may sound at once in one synthesizer.
const POLYPHONY: usize = 256;
/// Samples rendered between looks at the flag.
const BLOCK: usize = 4096;

/// A SoundFont in memory; clones share it.
#[derive(Clone)]
pub struct SoundFont {
    path: Arc<PathBuf>,
    font: Arc<rustysynth::SoundFont>,
}

impl SoundFont {
    /// Loads a `.sf2` file.
    ///
    /// # Errors
    /// [`AudioError::File`] when it cannot be read, [`AudioError::SoundFont`] when it is cut off,
    /// compressed (`.sf3`) or otherwise not a SoundFont 2 file.
    pub fn load(path: &Path) -> Result<Self, AudioError> {
        let bytes = read_file(path)?;
        let refuse = |reason: String| AudioError::SoundFont { path: path.to_owned(), reason };
        tables::check(&bytes).map_err(refuse)?;
        // The parser may still panic on a damaged file: that is the file's fault, not the program's.
        let parsed = catch_unwind(|| rustysynth::SoundFont::new(&mut Cursor::new(&bytes)))
            .map_err(|_| refuse("its tables point outside the file".to_owned()))?;
        let font = parsed.map_err(|error| refuse(error.to_string()))?;
        Ok(Self { path: Arc::new(path.to_owned()), font: Arc::new(font) })
    }

    /// The file it was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name inside the file.
    pub fn name(&self) -> &str {
        self.font.get_info().get_bank_name()
    }

    /// Plays every stroke of the score.
    pub(super) fn play(&self, score: &Score, cancel: &Cancel) -> Result<Audio, AudioError> {
        let parts = parts_of(score);
        let played: Vec<Audio> = parts
            .par_iter()
            .map(|part| {
                let rendered = catch_unwind(AssertUnwindSafe(|| self.play_part(part, score.samples, cancel)));
                let panicked = || self.failed("its tables point outside its samples".to_owned());
                rendered.unwrap_or_else(|_| Err(panicked()))
            })
            .collect::<Result<_, AudioError>>()?;
        let mut mix = Audio::silent(SAMPLE_RATE, score.samples);
        for part in played {
            mix.left.iter_mut().zip(part.left).for_each(|(x, y)| *x += y);
            mix.right.iter_mut().zip(part.right).for_each(|(x, y)| *x += y);
        }
        Ok(mix)
    }

    fn play_part(&self, part: &Part, samples: usize, cancel: &Cancel) -> Result<Audio, AudioError> {
        let mut settings = SynthesizerSettings::new(SAMPLE_RATE as i32);
        settings.maximum_polyphony = POLYPHONY;
        let mut synth =
            Synthesizer::new(&self.font, &settings).map_err(|error| self.failed(error.to_string()))?;
        for (channel, command, first, second) in &part.setup {
            synth.process_midi_message(*channel, *command, *first, *second);
        }
        let mut audio = Audio::silent(SAMPLE_RATE, samples);
        let mut events = part.events.iter().peekable();
        let mut at = 0;
        while at < samples {
            check(cancel)?;
            while let Some(event) = events.next_if(|event| event.at <= at) {
                synth.process_midi_message(event.channel, event.command(), event.key, event.velocity);
            }
            let next = events.peek().map_or(samples, |event| event.at);
            let until = next.min(at + BLOCK).min(samples);
            synth.render(&mut audio.left[at..until], &mut audio.right[at..until]);
            at = until;
        }
        Ok(audio)
    }

    fn failed(&self, reason: String) -> AudioError {
        AudioError::SoundFontPlay { path: self.path.to_path_buf(), reason }
    }
}

impl fmt::Debug for SoundFont {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("SoundFont").field("path", &self.path).field("name", &self.name()).finish()
    }
}

/// What one synthesizer plays.
#[derive(Default)]
struct Part {
    /// Messages before the first sample: (channel, command, data, data).
    setup: Vec<(i32, i32, i32, i32)>,
    /// In order; a key is let go before it is struck again.
    events: Vec<Event>,
}

/// A key struck or, with velocity 0, let go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    at: usize,
    struck: bool,
    channel: i32,
    key: i32,
    velocity: i32,
}

impl Event {
    fn command(self) -> i32 {
        if self.struck { 0x90 } else { 0x80 }
    }
}

/// Tracks shared out to synthesizers: up to fifteen pitched tracks each, all drums in the first.
fn parts_of(score: &Score) -> Vec<Part> {
    let mut seats: Vec<(usize, i32)> = Vec::with_capacity(score.instruments.len());
    let mut pitched = 0;
    for instrument in &score.instruments {
        if *instrument == Instrument::Kit {
            seats.push((0, DRUM_CHANNEL));
        } else {
            let place = pitched % PITCHED_CHANNELS;
            let channel = if place < DRUM_CHANNEL as usize { place } else { place + 1 };
            seats.push((pitched / PITCHED_CHANNELS, channel as i32));
            pitched += 1;
        }
    }
    let count = seats.iter().map(|(part, _)| part + 1).max().unwrap_or(0);
    let mut parts: Vec<Part> = (0..count).map(|_| Part::default()).collect();
    for (track, (part, channel)) in seats.iter().enumerate() {
        if let Instrument::Program(number) = score.instruments[track] {
            let pan = 64 + (seat(track, &score.instruments) * 63.0) as i32;
            parts[*part].setup.push((*channel, 0xC0, i32::from(number), 0));
            parts[*part].setup.push((*channel, 0xB0, 0x0A, pan));
        }
    }
    for stroke in &score.strokes {
        let (part, channel) = seats[stroke.track];
        let (key, velocity) = (i32::from(stroke.key), i32::from(stroke.velocity));
        let event = Event { at: stroke.start, struck: true, channel, key, velocity };
        parts[part].events.push(event);
        let end = stroke.end.max(stroke.start + 1);
        parts[part].events.push(Event { at: end, struck: false, velocity: 0, ..event });
    }
    for part in &mut parts {
        part.events.sort_unstable();
    }
    parts
}

#[cfg(test)]
mod tests;
