//! What is struck or plucked and left to ring: strings, bars, bells.

use fundsp::prelude32::{bandpass_hz, lowpass_hz, noise};

use super::bank::{Damper, Partial, ring};
use super::{Sound, Touch, samples};

/// Settings of a struck or plucked instrument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modal {
    pub body: Body,
    /// Frequency in Hz above which the blow excites less and less, at full force.
    pub bright: f32,
    /// Seconds until the lowest mode of C4 has fallen by 60 dB.
    pub ring: f32,
    /// Factor on `ring` for each octave up.
    pub per_octave: f32,
    /// How much sooner higher modes die: the mode at `n` times the pitch lasts `1/(1 + dull·(n-1))`.
    pub dull: f32,
    /// Seconds until a note that is let go has fallen by 60 dB.
    pub release: f32,
    /// Level and frequency in Hz of the hammer's or pick's noise.
    pub knock: (f32, f32),
    /// Cents between the two strings of a note; 0 for one string.
    pub twin: f32,
    /// Overdrive, 0 for none.
    pub drive: f32,
    /// Loudness beside the other instruments.
    pub level: f32,
}

/// Where the modes lie.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body {
    /// A stiff string hit at `point` of its length: mode n at `n·√(1 + stiffness·n²)` times the
    /// pitch with level `sin(nπ·point)/n^slope` (Fletcher and Rossing, The Physics of Musical
    /// Instruments, chapters 2 and 12).
    String { point: f32, slope: f32, stiffness: f32 },
    /// Modes as (multiple of the pitch, level).
    Bars(&'static [(f32, f32)]),
}

/// Most modes of a string.
const MODES: usize = 48;
/// Seconds over which the blow sets in.
const ONSET: f32 = 0.002;

/// One blow.
pub(super) fn strike(modal: &Modal, touch: Touch) -> Sound {
    let partials = partials(modal, touch);
    let power: f32 = partials.iter().map(|p| p.level * p.level / 2.0).sum();
    if power == 0.0 {
        return Sound::default();
    }
    let longest = partials.iter().fold(0.0f32, |most, p| most.max(p.decay));
    let damper = Damper { at: touch.held, decay: modal.release };
    let len = samples(longest * 1.4).min(touch.held + samples(modal.release * 1.4)) + samples(0.03);
    let mut wave = ring(partials, Some(damper), len);
    let scale = modal.level * 0.25 / power.sqrt();
    wave.iter_mut().for_each(|x| *x *= scale);
    if modal.drive > 0.0 {
        overdrive(&mut wave, modal);
    }
    knock(&mut wave, modal, touch);
    ramp_ends(&mut wave, samples(ONSET), samples(0.012));
    Sound { left: wave, right: None }
}

fn partials(modal: &Modal, touch: Touch) -> Vec<Partial> {
    let octaves = (touch.hz / 261.63).log2();
    let lowest = modal.ring * modal.per_octave.powf(octaves);
    let bright = modal.bright * (0.35 + 0.65 * touch.force);
    let top = if modal.drive > 0.0 { 5_000.0 } else { 17_000.0 };
    let mode = |ratio: f32, level: f32| {
        let hz = touch.hz * ratio;
        let excited = 1.0 / (1.0 + (hz / bright).powi(2));
        Partial { hz, level: level * excited, decay: lowest / (1.0 + modal.dull * (ratio - 1.0).max(0.0)) }
    };
    let mut partials: Vec<Partial> = match modal.body {
        Body::String { point, slope, stiffness } => (1..=MODES)
            .map(|n| {
                let n = n as f32;
                let shape = (n * std::f32::consts::PI * point).sin() / n.powf(slope);
                mode(n * (1.0 + stiffness * n * n).sqrt(), shape)
            })
            .collect(),
        Body::Bars(modes) => modes.iter().map(|(ratio, level)| mode(*ratio, *level)).collect(),
    };
    // The lowest mode stays even when it lies above the range, so that no pitch is mute.
    let audible: Vec<Partial> = partials.iter().copied().filter(|p| p.hz < top).collect();
    partials = if audible.is_empty() { partials.into_iter().take(1).collect() } else { audible };
    if modal.twin > 0.0 {
        let apart = 2.0f32.powf(modal.twin / 1200.0);
        let second: Vec<Partial> = partials
            .iter()
            .take(16)
            .map(|p| Partial { hz: p.hz * apart, level: p.level * 0.6, ..*p })
            .collect();
        partials.extend(second);
    }
    partials
}

/// The blow's own noise: a short band of it around the knock's frequency.
fn knock(wave: &mut Vec<f32>, modal: &Modal, touch: Touch) {
    let (level, hz) = modal.knock;
    if level == 0.0 {
        return;
    }
    let len = samples(0.05);
    wave.resize(wave.len().max(len), 0.0);
    let mut source = noise().seed(touch.seed);
    let mut band = bandpass_hz(hz, 1.0);
    let fall = 0.001f32.powf(1.0 / len as f32);
    let mut loud = level * modal.level * (0.3 + 0.7 * touch.force);
    for x in &mut wave[..len] {
        *x += band.filter_mono(source.get_mono()) * loud;
        loud *= fall;
    }
}

/// A clipping amplifier and the low-pass of its loudspeaker.
fn overdrive(wave: &mut [f32], modal: &Modal) {
    let mut speaker = lowpass_hz(4_500.0, 0.8);
    for x in wave {
        let driven = (*x / modal.level * modal.drive).tanh();
        *x = speaker.filter_mono(driven) * modal.level * 0.3;
    }
}

/// Lets a sound begin and end at zero without a step.
pub(super) fn ramp_ends(wave: &mut [f32], onset: usize, end: usize) {
    let len = wave.len();
    for (i, x) in wave.iter_mut().take(onset).enumerate() {
        *x *= (i as f32 / onset as f32 * std::f32::consts::FRAC_PI_2).sin();
    }
    for (i, x) in wave[len.saturating_sub(end)..].iter_mut().rev().enumerate() {
        *x *= i as f32 / end as f32;
    }
}
