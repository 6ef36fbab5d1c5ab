//! The built-in voices: one stroke of one instrument as a short sound.
//!
//! Three kinds of instrument cover General MIDI: what is struck or plucked and left to ring
//! ([`modal`]), what is held ([`sustained`]), and percussion ([`percussion`]). Their settings are
//! tables: [`programs`] for the 128 programs, [`kit`] for the percussion keys.

mod bank;
pub(super) mod kit;
mod modal;
mod percussion;
mod programs;
mod sustained;

use super::strokes::{Instrument, Stroke};
use super::{AudioError, SAMPLE_RATE};
use crate::base::Cancel;
use modal::Modal;
use percussion::Percussion;
use sustained::Sustained;

/// One stroke's sound from its first sample to silence; mono unless it has a right channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sound {
    pub left: Vec<f32>,
    pub right: Option<Vec<f32>>,
}

/// An instrument's settings.
#[derive(Clone, Debug)]
enum Voice {
    Modal(Modal),
    Sustained(Sustained),
    /// Drums that follow the pitch, with their settings for C4.
    Percussion(Percussion),
}

/// What every voice is told of a stroke.
#[derive(Clone, Copy, Debug)]
struct Touch {
    /// Frequency of the pitch in Hz.
    hz: f32,
    /// How hard, 0..=1: louder strokes are brighter. Loudness itself is applied in the mix.
    force: f32,
    /// Samples until the key is let go.
    held: usize,
    /// The stream of noise that this stroke draws from.
    seed: u64,
}

/// Steps of velocity that sound different apart from their loudness.
const LAYERS: u8 = 8;

/// Which of the [`LAYERS`] a stroke's velocity lies in.
pub(super) fn layer_of(stroke: &Stroke) -> u8 {
    stroke.velocity.min(127) * LAYERS / 128
}

/// The sound of an instrument's key held for `held` samples.
pub(super) fn sound_of(
    instrument: Instrument,
    key: u8,
    layer: u8,
    held: usize,
    cancel: &Cancel,
) -> Result<Sound, AudioError> {
    super::check(cancel)?;
    let touch = Touch {
        hz: pitch_hz(key),
        force: (f32::from(layer) + 0.5) / f32::from(LAYERS),
        held,
        seed: u64::from(key) * 256 + u64::from(layer),
    };
    match instrument {
        Instrument::Kit => Ok(percussion::strike(&kit::drum(key), 1.0, touch)),
        Instrument::Program(number) => match programs::voice(number) {
            Voice::Modal(modal) => Ok(modal::strike(&modal, touch)),
            Voice::Sustained(sustained) => sustained::hold(&sustained, touch, cancel),
            Voice::Percussion(drum) => Ok(percussion::strike(&drum, touch.hz / pitch_hz(60), touch)),
        },
    }
}

/// Equal temperament, A4 at 440 Hz.
fn pitch_hz(key: u8) -> f32 {
    440.0 * 2.0f32.powf((f32::from(key) - 69.0) / 12.0)
}

fn samples(seconds: f32) -> usize {
    (seconds * SAMPLE_RATE as f32) as usize
}

/// Where a stroke stands: gain of each channel, and how much of it the room hears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub left: f32,
    pub right: f32,
    pub room: f32,
}

impl Place {
    /// The place of a stroke among the instruments of its piece, with its loudness.
    pub fn of(stroke: &Stroke, instruments: &[Instrument]) -> Self {
        let (pan, room) = match stroke.instrument {
            Instrument::Kit => kit::place(stroke.key),
            Instrument::Program(32..=39) => (0.0, 0.15),
            Instrument::Program(0..=7) => {
                let across = (f32::from(stroke.key) - 60.0) / 120.0;
                (seat(stroke.track, instruments) + across, 0.9)
            }
            Instrument::Program(_) => (seat(stroke.track, instruments), 0.9),
        };
        let angle = (pan.clamp(-1.0, 1.0) + 1.0) * std::f32::consts::FRAC_PI_4;
        let loudness = (f32::from(stroke.velocity) / 127.0).powf(1.6);
        Self { left: angle.cos() * loudness, right: angle.sin() * loudness, room }
    }
}

/// Pitched tracks other than basses sit left and right in turn; the only one sits in the middle.
pub(super) fn seat(track: usize, instruments: &[Instrument]) -> f32 {
    const SEATS: [f32; 6] = [-0.3, 0.42, -0.12, 0.24, -0.5, 0.6];
    let seated = |i: &&Instrument| !matches!(i, Instrument::Kit | Instrument::Program(32..=39));
    match instruments.iter().filter(seated).count() {
        0 | 1 => 0.0,
        _ => SEATS[instruments[..track].iter().filter(seated).count() % SEATS.len()],
    }
}
