//! Drums, cymbals and hand percussion: tones that may fall in pitch, hiss in a band, clusters of
//! inharmonic partials.

use fundsp::prelude32::{highpass_hz, lowpass_hz, noise};

use super::bank::{Partial, ring};
use super::modal::ramp_ends;
use super::{Sound, Touch, samples};
use crate::audio::SAMPLE_RATE;
use crate::base::Seed;

/// Settings of one drum.
#[derive(Clone, Debug)]
pub(in crate::audio) struct Percussion {
    pub tones: Vec<Tone>,
    pub hiss: Vec<Hiss>,
    pub cluster: Option<Cluster>,
    /// Saturation of the sum, 0 for none.
    pub drive: f32,
    /// Peak of a full stroke.
    pub level: f32,
    /// -1 left to 1 right, as the audience sees a kit.
    pub pan: f32,
    /// How much of it the room hears.
    pub room: f32,
}

/// A sine: a membrane, a wooden or a metal body.
#[derive(Clone, Copy, Debug)]
pub(in crate::audio) struct Tone {
    pub hz: f32,
    pub level: f32,
    /// Seconds until it has fallen by 60 dB.
    pub decay: f32,
    /// Multiple of `hz` that it begins at and falls (or rises) from.
    pub from: f32,
    /// Seconds in which two thirds of that way are done.
    pub bend: f32,
}

/// Noise between two frequencies, in one burst or several.
#[derive(Clone, Copy, Debug)]
pub(in crate::audio) struct Hiss {
    pub low: f32,
    pub high: f32,
    pub level: f32,
    /// Seconds to full level.
    pub attack: f32,
    /// Seconds until the last burst has fallen by 60 dB.
    pub decay: f32,
    pub bursts: u32,
    /// Seconds between bursts.
    pub every: f32,
}

/// Inharmonic partials of a metal plate, spread at random between two frequencies.
#[derive(Clone, Copy, Debug)]
pub(in crate::audio) struct Cluster {
    pub low: f32,
    pub high: f32,
    pub count: u32,
    pub level: f32,
    /// Seconds until the lowest has fallen by 60 dB; the highest takes half of it.
    pub decay: f32,
}

/// One stroke; all frequencies of tones are multiplied by `ratio`.
pub(super) fn strike(drum: &Percussion, ratio: f32, touch: Touch) -> Sound {
    let mut wave = Vec::new();
    for tone in &drum.tones {
        add_tone(&mut wave, tone, ratio);
    }
    for (index, hiss) in drum.hiss.iter().enumerate() {
        add_hiss(&mut wave, hiss, touch.seed * 8 + index as u64, touch.force);
    }
    if let Some(cluster) = &drum.cluster {
        add_cluster(&mut wave, cluster, ratio, touch.force);
    }
    if drum.drive > 0.0 {
        wave.iter_mut().for_each(|x| *x = (*x * drum.drive).tanh());
    }
    let peak = wave.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    if peak > 0.0 {
        wave.iter_mut().for_each(|x| *x *= drum.level / peak);
    }
    ramp_ends(&mut wave, 12, samples(0.01));
    Sound { left: wave, right: None }
}

/// Makes room for `seconds` and returns it.
fn room_for(wave: &mut Vec<f32>, seconds: f32) -> &mut [f32] {
    let len = samples(seconds);
    wave.resize(wave.len().max(len), 0.0);
    &mut wave[..len]
}

fn add_tone(wave: &mut Vec<f32>, tone: &Tone, ratio: f32) {
    let rate = SAMPLE_RATE as f32;
    let fall = 0.001f32.powf(1.0 / (tone.decay * rate));
    let settle = (-1.0 / (tone.bend.max(1e-3) * rate)).exp();
    let hz = (tone.hz * ratio).min(rate * 0.4);
    let mut away = (tone.from - 1.0).min(rate * 0.45 / hz - 1.0);
    let (mut phase, mut level) = (0.0f32, tone.level);
    for x in room_for(wave, tone.decay * 1.1) {
        *x += (std::f32::consts::TAU * phase).sin() * level;
        phase = (phase + hz * (1.0 + away) / rate) % 1.0;
        away *= settle;
        level *= fall;
    }
}

fn add_hiss(wave: &mut Vec<f32>, hiss: &Hiss, seed: u64, force: f32) {
    let rate = SAMPLE_RATE as f32;
    let last = hiss.every * hiss.bursts.saturating_sub(1) as f32;
    let mut source = noise().seed(seed);
    let mut high = highpass_hz(hiss.low, 0.7);
    let mut low = lowpass_hz((hiss.high * (0.7 + 0.3 * force)).min(18_000.0), 0.7);
    let attack = (hiss.attack * rate).max(8.0);
    let fall = |seconds: f32| 0.001f32.powf(1.0 / (seconds * rate));
    let (early, late) = (fall(hiss.decay.min(hiss.every.max(1e-3) * 1.5)), fall(hiss.decay));
    let every = samples(hiss.every).max(1);
    let last_start = samples(last);
    let mut envelope = 0.0f32;
    for (i, x) in room_for(wave, last + hiss.attack + hiss.decay * 1.1).iter_mut().enumerate() {
        let burst = (i / every).min(hiss.bursts.saturating_sub(1) as usize);
        let since = i - (burst * every).min(i);
        if (since as f32) < attack {
            envelope = envelope.max((since + 1) as f32 / attack);
        } else {
            envelope *= if i >= last_start { late } else { early };
        }
        *x += low.filter_mono(high.filter_mono(source.get_mono())) * envelope * hiss.level;
    }
}

fn add_cluster(wave: &mut Vec<f32>, cluster: &Cluster, ratio: f32, force: f32) {
    let mut rng = Seed(u64::from(cluster.count)).stream("cymbal partials");
    let span = (cluster.high / cluster.low).log2();
    let partials = (0..cluster.count).map(|k| {
        // One partial at random in each of `count` equal bands.
        let place = (k as f32 + rng.uniform() as f32) / cluster.count as f32;
        // Weak at the bottom, so that no single low partial rings on as a tone.
        let tilt = (1.0 - (0.5 - 0.4 * force) * place) * (0.35 + 2.6 * place).min(1.0);
        let sign = if rng.below(2) == 0 { 1.0 } else { -1.0 };
        Partial {
            hz: cluster.low * (span * place).exp2() * ratio,
            level: sign * tilt * cluster.level / (cluster.count as f32).sqrt(),
            decay: cluster.decay * (1.0 - 0.5 * place),
        }
    });
    let sound = ring(partials.collect(), None, samples(cluster.decay * 1.2));
    let len = sound.len();
    wave.resize(wave.len().max(len), 0.0);
    wave.iter_mut().zip(sound).for_each(|(x, y)| *x += y);
}
