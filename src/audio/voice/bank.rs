//! A bank of decaying sines: the modes of a string, bar, bell or cymbal.

use fundsp::F32x;

use crate::audio::SAMPLE_RATE;

/// One mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Partial {
    pub hz: f32,
    pub level: f32,
    /// Seconds until it has fallen by 60 dB.
    pub decay: f32,
}

/// What happens to all modes when the key is let go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Damper {
    /// Sample at which it falls.
    pub at: usize,
    /// Seconds until the sound has fallen by 60 dB more.
    pub decay: f32,
}

/// Samples between looks whether anything is still audible.
const BLOCK: usize = 64;
/// Level under which a group of modes is silent (-100 dB).
const INAUDIBLE: f32 = 1e-5;

/// The sum of the partials, each starting at phase 0, for at most `samples` samples; shorter when
/// all have died away.
pub(super) fn ring(mut partials: Vec<Partial>, damper: Option<Damper>, samples: usize) -> Vec<f32> {
    let nyquist = SAMPLE_RATE as f32 / 2.0;
    partials.retain(|p| p.hz < nyquist * 0.95 && p.level != 0.0);
    partials.sort_by(|a, b| b.decay.total_cmp(&a.decay));
    let mut out = vec![0.0; samples];
    let mut sounding = 0;
    for group in partials.chunks(Lanes::COUNT) {
        let mut lanes = Lanes::new(group);
        let mut at = 0;
        while at < samples {
            let until = match damper {
                Some(damper) if damper.at > at => (at + BLOCK).min(damper.at),
                _ => at + BLOCK,
            };
            let until = until.min(samples);
            if damper.is_some_and(|damper| damper.at == at) {
                lanes.damp(damper.map_or(1.0, |d| d.decay));
            }
            lanes.add_to(&mut out[at..until]);
            at = until;
            if lanes.is_silent() {
                break;
            }
        }
        sounding = sounding.max(at);
    }
    out.truncate(sounding);
    out
}

/// Two registers of rotating phasors: each is multiplied by `radius·(cos + i·sin)` every sample.
struct Lanes {
    pair: [Phasors; 2],
}

/// One register of them.
#[derive(Clone, Copy)]
struct Phasors {
    re: F32x,
    im: F32x,
    cos: F32x,
    sin: F32x,
}

impl Lanes {
    /// Modes rotated together.
    const COUNT: usize = 16;

    fn new(partials: &[Partial]) -> Self {
        let lane = |register: usize, value: &dyn Fn(&Partial) -> f64| {
            let at = |k: usize| partials.get(register * 8 + k).map_or(0.0, |p| value(p) as f32);
            F32x::new(std::array::from_fn(at))
        };
        let angle = |p: &Partial| std::f64::consts::TAU * f64::from(p.hz) / f64::from(SAMPLE_RATE);
        let register = |r: usize| Phasors {
            re: lane(r, &|p| f64::from(p.level)),
            im: F32x::splat(0.0),
            cos: lane(r, &|p| per_sample(p.decay) * angle(p).cos()),
            sin: lane(r, &|p| per_sample(p.decay) * angle(p).sin()),
        };
        Self { pair: [register(0), register(1)] }
    }

    fn damp(&mut self, decay: f32) {
        let radius = F32x::splat(per_sample(decay) as f32);
        for phasors in &mut self.pair {
            phasors.cos *= radius;
            phasors.sin *= radius;
        }
    }

    fn add_to(&mut self, out: &mut [f32]) {
        let [mut low, mut high] = self.pair;
        for y in out {
            *y += (low.turn() + high.turn()).reduce_add();
        }
        self.pair = [low, high];
    }

    fn is_silent(&self) -> bool {
        let limit = F32x::splat(INAUDIBLE);
        self.pair.iter().all(|p| p.re.abs().max(p.im.abs()).simd_lt(limit).all())
    }
}

impl Phasors {
    /// Turns by one sample; the new imaginary parts are the sines' values.
    fn turn(&mut self) -> F32x {
        let re = self.re * self.cos - self.im * self.sin;
        self.im = self.re * self.sin + self.im * self.cos;
        self.re = re;
        self.im
    }
}

/// Factor per sample that loses 60 dB in `seconds`.
fn per_sample(seconds: f32) -> f64 {
    0.001f64.powf(1.0 / (f64::from(seconds.max(1e-4)) * f64::from(SAMPLE_RATE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_keeps_its_pitch_and_falls_by_60_db_in_its_time() {
        let partial = Partial { hz: 441.0, level: 1.0, decay: 2.0 };
        let sound = ring(vec![partial], None, 88_200);
        let exact = |i: usize| {
            let t = (i + 1) as f64 / 44_100.0;
            0.001f64.powf(t / 2.0) * (std::f64::consts::TAU * 441.0 * t).sin()
        };
        for i in (0..88_000).step_by(997) {
            assert!((f64::from(sound[i]) - exact(i)).abs() < 2e-3, "sample {i}");
        }
    }

    #[test]
    fn a_damper_shortens_the_sound_and_what_is_above_hearing_is_left_out() {
        let partial = |hz| Partial { hz, level: 1.0, decay: 3.0 };
        let damper = Damper { at: 4_410, decay: 0.1 };
        let damped = ring(vec![partial(300.0)], Some(damper), 100_000);
        assert!(damped.len() < 4_410 + 10_000, "{}", damped.len());
        assert!(ring(vec![partial(23_000.0)], None, 1000).is_empty());
    }
}
