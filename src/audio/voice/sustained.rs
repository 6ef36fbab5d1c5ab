//! What is bowed, blown or held by a key: strings, organs, brass, reeds, pipes, leads, pads.

use fundsp::F32x;
use fundsp::prelude32::{bandpass_hz, lowpass_hz, noise};
use fundsp::wavetable::Wavetable;

use super::{Sound, Touch, samples};
use crate::audio::{AudioError, SAMPLE_RATE, check};
use crate::base::Cancel;

/// Settings of an instrument that sounds as long as its key is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sustained {
    pub wave: Wave,
    /// Cents of each of the players in unison; more than one are spread left and right.
    pub unison: &'static [f32],
    /// Seconds to full level.
    pub attack: f32,
    /// Seconds in which it falls to `sustain`, after the attack.
    pub decay: f32,
    /// Level held, of the attack's.
    pub sustain: f32,
    /// Seconds to silence after the key is let go.
    pub release: f32,
    /// Rate in Hz and depth in cents; it sets in over the first half second.
    pub vibrato: (f32, f32),
    /// Rate in Hz and depth 0..=1 of a swelling and fading.
    pub tremolo: (f32, f32),
    /// A low-pass that moves from one multiple of the pitch to another within some seconds:
    /// `(from, to, seconds)`; `to` is reached at full force.
    pub sweep: Option<(f32, f32, f32)>,
    /// Level of breath or bow noise around the pitch.
    pub breath: f32,
    /// Loudness beside the other instruments.
    pub level: f32,
}

/// The spectrum of one period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wave {
    /// Levels of the first harmonics, where they do not follow the slope.
    pub drawbars: &'static [f32],
    /// Harmonic n has level 1/n^slope.
    pub slope: f32,
    /// Level of even harmonics: 1 for a sawtooth, 0 for a square.
    pub even: f32,
    /// Frequency in Hz above which harmonics weaken by 12 dB an octave.
    pub bright: f32,
    /// Resonances that stay where they are whatever the pitch: (Hz, width in Hz, gain).
    pub formants: &'static [(f32, f32, f32)],
}

/// Samples over which pitch and filter stand still.
const BLOCK: usize = 64;
/// Blocks between looks at the flag.
const CHECK: usize = 1024;

/// One held note.
pub(super) fn hold(voice: &Sustained, touch: Touch, cancel: &Cancel) -> Result<Sound, AudioError> {
    let len = touch.held + samples(voice.release) + 1;
    let table = voice.wave.table(touch.hz);
    let scale = voice.level * 0.25 / rms(&table);
    let players = voice.unison.len().max(1);
    let sides = players.min(2);
    let mut channels = vec![vec![0.0f32; len.next_multiple_of(BLOCK)]; sides];
    let share = scale / (players as f32 / sides as f32).sqrt();
    for (player, cents) in voice.unison.iter().enumerate() {
        let hz = touch.hz * 2.0f32.powf(cents / 1200.0);
        // The golden ratio spreads the phases of the players; a single one begins at 0.
        let phase = player as f32 * 0.618_034 % 1.0;
        play(&mut channels[player % sides], &table, voice, hz, phase, share, cancel)?;
    }
    for (side, channel) in channels.iter_mut().enumerate() {
        channel.truncate(len);
        if voice.breath > 0.0 {
            breathe(channel, voice, touch, side as u64, cancel)?;
        }
        if let Some(sweep) = voice.sweep {
            filter(channel, sweep, touch, cancel)?;
        }
    }
    if let [left, right] = &mut channels[..] {
        lean(left, right);
    }
    shape(&mut channels, voice, touch.held, cancel)?;
    let right = if sides == 2 { channels.pop() } else { None };
    Ok(Sound { left: channels.pop().unwrap_or_default(), right })
}

/// Adds one player's oscillator.
fn play(
    out: &mut [f32],
    table: &Wavetable,
    voice: &Sustained,
    hz: f32,
    mut phase: f32,
    level: f32,
    cancel: &Cancel,
) -> Result<(), AudioError> {
    let rate = SAMPLE_RATE as f32;
    let (wobble, cents) = voice.vibrato;
    for (index, block) in out.chunks_exact_mut(BLOCK).enumerate() {
        if index % CHECK == 0 {
            check(cancel)?;
        }
        let time = (index * BLOCK) as f32 / rate;
        let depth = cents * (time * 2.0).min(1.0);
        let bend = (depth * (std::f32::consts::TAU * wobble * time).sin() / 1200.0).exp2();
        let step = (hz * bend / rate).min(0.5);
        let ahead = F32x::new(std::array::from_fn(|k| step * k as f32));
        for frame in block.chunks_exact_mut(8) {
            let phases = F32x::splat(phase) + ahead;
            let values = table.at_simd(0, phases - phases.floor()).to_array();
            for (x, value) in frame.iter_mut().zip(values) {
                *x += value * level;
            }
            phase = (phase + step * 8.0) % 1.0;
        }
    }
    Ok(())
}

/// Adds noise in a band around the pitch.
fn breathe(
    channel: &mut [f32],
    voice: &Sustained,
    touch: Touch,
    side: u64,
    cancel: &Cancel,
) -> Result<(), AudioError> {
    let mut source = noise().seed(touch.seed * 2 + side);
    let mut band = bandpass_hz((touch.hz * 2.0).clamp(300.0, 8_000.0), 0.7);
    let level = voice.breath * voice.level;
    for block in channel.chunks_mut(BLOCK * CHECK) {
        check(cancel)?;
        block.iter_mut().for_each(|x| *x += band.filter_mono(source.get_mono()) * level);
    }
    Ok(())
}

/// The moving low-pass.
fn filter(
    channel: &mut [f32],
    (from, to, seconds): (f32, f32, f32),
    touch: Touch,
    cancel: &Cancel,
) -> Result<(), AudioError> {
    let mut low = lowpass_hz(1_000.0, 0.9);
    let to = if to > from { from + (to - from) * (0.3 + 0.7 * touch.force) } else { to };
    for (index, block) in channel.chunks_mut(BLOCK).enumerate() {
        if index % CHECK == 0 {
            check(cancel)?;
        }
        let time = (index * BLOCK) as f32 / SAMPLE_RATE as f32;
        let at = to + (from - to) * (-time / seconds).exp();
        low.set_cutoff((touch.hz * at).clamp(150.0, 16_000.0));
        for x in block {
            *x = low.filter_mono(*x);
        }
    }
    Ok(())
}

/// Lets each side be heard a little on the other, so that neither sounds torn off.
fn lean(left: &mut [f32], right: &mut [f32]) {
    const ACROSS: f32 = 0.4;
    let keep = (1.0 + ACROSS * ACROSS).sqrt().recip();
    for (l, r) in left.iter_mut().zip(right) {
        (*l, *r) = ((*l + *r * ACROSS) * keep, (*r + *l * ACROSS) * keep);
    }
}

/// Attack, decay, sustain, release and tremolo, the same on every channel.
fn shape(
    channels: &mut [Vec<f32>],
    voice: &Sustained,
    held: usize,
    cancel: &Cancel,
) -> Result<(), AudioError> {
    let rate = SAMPLE_RATE as f32;
    // A short note must still speak: the attack takes at most 60 % of it.
    let attack = (voice.attack * rate).min(held as f32 * 0.6 + 0.01 * rate).max(1.0);
    let fall = (-1.0 / (voice.decay.max(0.01) * rate / 3.0)).exp();
    let release = samples(voice.release).max(1) as f32;
    let (speed, depth) = voice.tremolo;
    let mut above = 1.0 - voice.sustain;
    let mut level = 0.0;
    let len = channels.first().map_or(0, Vec::len);
    for i in 0..len {
        if i % (BLOCK * CHECK) == 0 {
            check(cancel)?;
        }
        if i <= held {
            let t = i as f32;
            level = if t < attack {
                let rising = t / attack;
                rising * rising * (3.0 - 2.0 * rising)
            } else {
                above *= fall;
                voice.sustain + above
            };
        }
        let released = (1.0 - i.saturating_sub(held) as f32 / release).max(0.0);
        let mut gain = level * released * released * released;
        if depth > 0.0 {
            let swing = (std::f32::consts::TAU * speed * i as f32 / rate).sin();
            gain *= 1.0 - depth * (0.5 + 0.5 * swing);
        }
        channels.iter_mut().for_each(|channel| channel[i] *= gain);
    }
    Ok(())
}

impl Wave {
    /// One period without harmonics above hearing, so that nothing folds back.
    fn table(&self, hz: f32) -> Wavetable {
        let amplitude = |pitch: f64, n: u32| f64::from(self.harmonic(n, pitch as f32 * n as f32));
        // Phases that grow with n² keep the peak of the wave low (Schroeder 1970).
        let phase = |n: u32| f64::from(n * n % 64) / 64.0 * 0.37;
        Wavetable::new(f64::from(hz), f64::from(hz) * 1.5, 1.0, &phase, &amplitude)
    }

    /// Level of harmonic `n`, which lies at `hz`.
    fn harmonic(&self, n: u32, hz: f32) -> f32 {
        let slope = match self.drawbars.get(n as usize - 1) {
            Some(level) => *level,
            None if !self.drawbars.is_empty() && self.slope == 0.0 => 0.0,
            None => (n as f32).powf(-self.slope) * if n.is_multiple_of(2) { self.even } else { 1.0 },
        };
        let dull = 1.0 / (1.0 + (hz / self.bright).powi(2));
        let resonance = |(at, width, gain): &(f32, f32, f32)| gain / (1.0 + ((hz - at) / width).powi(2));
        let formants: f32 = self.formants.iter().map(resonance).sum();
        slope * dull * if self.formants.is_empty() { 1.0 } else { 0.12 + formants }
    }
}

/// Root mean square of one period.
fn rms(table: &Wavetable) -> f32 {
    let sum: f32 = (0..256).map(|k| table.at(0, k as f32 / 256.0).powi(2)).sum();
    (sum / 256.0).sqrt().max(1e-6)
}
