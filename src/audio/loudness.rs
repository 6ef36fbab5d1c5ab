//! How loud sound is to a listener: integrated loudness after Recommendation ITU-R BS.1770-4 (2015),
//! "Algorithms to measure audio programme loudness and true-peak audio level", annex 1. Depends on `base`.

use super::{Audio, AudioError, RATES, check};
use crate::base::Cancel;

/// Blocks last four tenths of a second, and a new one begins with every tenth.
const STEPS_PER_SECOND: usize = 10;
/// Steps that a block lasts.
const STEPS_PER_BLOCK: usize = 4;
/// Blocks as loud as this, in LUFS, or less count as silence.
const ABSOLUTE_GATE: f64 = -70.0;
/// Blocks that are so many LU below the mean of those that sound, or more, do not count.
const RELATIVE_GATE: f64 = 10.0;
/// What makes a full-scale sine of 997 Hz in one channel -3.01 LUFS, its level in dB.
const OFFSET: f64 = -0.691;

impl Audio {
    /// Integrated loudness of both channels together in LUFS; `None` for silence.
    ///
    /// # Errors
    /// As [`loudness`].
    pub fn loudness(&self, cancel: &Cancel) -> Result<Option<f64>, AudioError> {
        loudness(&[&self.left, &self.right], self.sample_rate, cancel)
    }
}

/// Integrated loudness in LUFS of channels of equal length, of one (mono) or two (left and right), full
/// scale being -1.0..=1.0; `None` when nothing is louder than -70 LUFS. Sound of less than 0.4 seconds is one
/// block.
///
/// The lower the rate, the more the bilinear transform bends the weighting: at 8 kHz it takes 0.2 LU from a
/// tone of 1 kHz.
///
/// # Errors
/// [`AudioError::Rate`] for a rate outside [`RATES`], [`AudioError::Cancelled`] soon after `cancel` is
/// raised.
pub fn loudness(channels: &[&[f32]], sample_rate: u32, cancel: &Cancel) -> Result<Option<f64>, AudioError> {
    if !RATES.contains(&sample_rate) {
        return Err(AudioError::Rate(sample_rate));
    }
    let (rate, samples) =
        (sample_rate as usize, channels.iter().map(|channel| channel.len()).min().unwrap_or(0));
    // Where steps end; what is left after the last whole one is in no block.
    let steps = samples * STEPS_PER_SECOND / rate;
    let (bounds, span): (Vec<usize>, usize) = match steps >= STEPS_PER_BLOCK {
        true => ((0..=steps).map(|step| step * rate / STEPS_PER_SECOND).collect(), STEPS_PER_BLOCK),
        false => (vec![0, samples], 1),
    };
    let mut energies = vec![0.0; bounds.len() - 1];
    for channel in channels {
        let mut weighting = Weighting::at(sample_rate);
        for (energy, ends) in energies.iter_mut().zip(bounds.windows(2)) {
            check(cancel)?;
            let weighted = channel[ends[0]..ends[1]].iter().map(|x| weighting.next(f64::from(*x)));
            *energy += weighted.map(|x| x * x).sum::<f64>();
        }
    }
    let blocks = energies.windows(span).zip(bounds.windows(span + 1));
    let powers =
        blocks.map(|(energies, ends)| energies.iter().sum::<f64>() / (ends[span] - ends[0]).max(1) as f64);
    Ok(gated(&powers.collect::<Vec<_>>()))
}

/// The loudness of the blocks of these powers that pass both gates.
fn gated(powers: &[f64]) -> Option<f64> {
    let level = |power: f64| OFFSET + 10.0 * power.log10();
    let above = |gate: f64| {
        let passed: Vec<f64> = powers.iter().copied().filter(|power| level(*power) > gate).collect();
        (!passed.is_empty()).then(|| level(passed.iter().sum::<f64>() / passed.len() as f64))
    };
    above((above(ABSOLUTE_GATE)? - RELATIVE_GATE).max(ABSOLUTE_GATE))
}

/// The "K" weighting of one channel: a shelf for the effect of the head, then a high-pass.
struct Weighting([Filter; 2]);

impl Weighting {
    /// Tables 1 and 2 of the recommendation, for 48 kHz.
    const GIVEN: [Coefficients; 2] = [
        Coefficients {
            b: [1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85],
            a: [1.0, -1.690_659_293_182_41, 0.732_480_774_215_85],
        },
        Coefficients { b: [1.0, -2.0, 1.0], a: [1.0, -1.990_047_454_833_98, 0.990_072_250_366_21] },
    ];

    fn at(rate: u32) -> Self {
        Self(Self::GIVEN.map(|given| Filter { coefficients: given.at(rate), state: [0.0; 2] }))
    }

    fn next(&mut self, x: f64) -> f64 {
        self.0.iter_mut().fold(x, |x, filter| filter.next(x))
    }
}

/// A filter of second order: (b0 + b1 z⁻¹ + b2 z⁻²) / (a0 + a1 z⁻¹ + a2 z⁻²).
#[derive(Clone, Copy)]
struct Coefficients {
    b: [f64; 3],
    a: [f64; 3],
}

impl Coefficients {
    /// Of the same analogue filter, by the bilinear transform, at another rate than 48 kHz. The frequency of
    /// its poles stays where it is; the transform bends the others as far as the rate makes it.
    fn at(self, rate: u32) -> Self {
        // In u = (1 - z⁻¹) / (1 + z⁻¹), which is s up to a factor.
        let analogue = |[c0, c1, c2]: [f64; 3]| [c0 + c1 + c2, 2.0 * (c0 - c2), c0 - c1 + c2];
        let (b, a) = (analogue(self.b), analogue(self.a));
        // The tangent of half the angle that the poles' frequency has at 48 kHz.
        let corner = (a[0] / a[2]).sqrt();
        let k = corner / (corner.atan() * 48_000.0 / f64::from(rate)).tan();
        let digital = |[c0, c1, c2]: [f64; 3]| {
            let (c1, c2) = (c1 * k, c2 * k * k);
            [c0 + c1 + c2, 2.0 * (c0 - c2), c0 - c1 + c2]
        };
        let (b, a) = (digital(b), digital(a));
        Self { b: b.map(|b| b / a[0]), a: a.map(|c| c / a[0]) }
    }
}

/// A filter at work (transposed direct form II).
struct Filter {
    coefficients: Coefficients,
    state: [f64; 2],
}

impl Filter {
    fn next(&mut self, x: f64) -> f64 {
        let Coefficients { b, a } = self.coefficients;
        let y = b[0] * x + self.state[0];
        self.state = [b[1] * x - a[1] * y + self.state[1], b[2] * x - a[2] * y];
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sines of levels in dB below full scale, one after the other: (level, seconds).
    fn sines(hertz: f64, rate: u32, parts: &[(f64, f64)]) -> Vec<f32> {
        let levels = parts.iter().flat_map(|&(level, seconds)| {
            std::iter::repeat_n(10f64.powf(level / 20.0), (seconds * f64::from(rate)) as usize)
        });
        let turn = std::f64::consts::TAU * hertz / f64::from(rate);
        levels.enumerate().map(|(i, level)| (level * (turn * i as f64).sin()) as f32).collect()
    }

    fn mono(sound: &[f32], rate: u32) -> Option<f64> {
        loudness(&[sound], rate, &Cancel::new()).unwrap()
    }

    fn stereo(hertz: f64, rate: u32, parts: &[(f64, f64)]) -> Option<f64> {
        let sound = sines(hertz, rate, parts);
        Audio { sample_rate: rate, left: sound.clone(), right: sound }.loudness(&Cancel::new()).unwrap()
    }

    fn assert_lufs(measured: Option<f64>, expected: f64) {
        let measured = measured.unwrap();
        assert!((measured - expected).abs() < 0.1, "{measured}, not {expected}");
    }

    #[test]
    fn a_full_scale_sine_of_997_hertz_in_one_channel_is_3_01_below_zero() {
        for rate in [16_000, 22_050, 44_100, 48_000, 96_000] {
            assert_lufs(mono(&sines(997.0, rate, &[(0.0, 2.0)]), rate), -3.01);
        }
        let sound = sines(997.0, 48_000, &[(0.0, 1.0)]);
        let alone = loudness(&[&sound, &vec![0.0; 48_000]], 48_000, &Cancel::new()).unwrap();
        assert_lufs(alone, -3.01);
        assert_lufs(loudness(&[&sound, &sound], 48_000, &Cancel::new()).unwrap(), 0.0);
    }

    /// Cases 1 to 5 of EBU Tech 3341, "Loudness metering: 'EBU mode' metering", table 1.
    #[test]
    fn the_meter_passes_the_minimum_requirements_of_the_ebu() {
        assert_lufs(stereo(1000.0, 48_000, &[(-23.0, 20.0)]), -23.0);
        assert_lufs(stereo(1000.0, 48_000, &[(-33.0, 20.0)]), -33.0);
        assert_lufs(stereo(1000.0, 16_000, &[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)]), -23.0);
        let faint = [(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)];
        assert_lufs(stereo(1000.0, 16_000, &faint), -23.0);
        assert_lufs(stereo(1000.0, 16_000, &[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)]), -23.0);
    }

    #[test]
    fn a_sound_is_as_loud_at_every_rate() {
        for hertz in [30.0, 100.0, 440.0, 1_700.0, 4_000.0, 10_000.0] {
            let at = |rate| mono(&sines(hertz, rate, &[(-20.0, 1.0)]), rate);
            assert_lufs(at(44_100), at(48_000).unwrap());
            assert_lufs(at(96_000), at(48_000).unwrap());
        }
    }

    #[test]
    fn the_weighting_hears_little_of_the_bass_and_more_of_the_treble() {
        let level = |hertz| mono(&sines(hertz, 48_000, &[(0.0, 1.0)]), 48_000).unwrap() + 3.01 + 0.691;
        assert!((level(10_000.0) - 4.0).abs() < 0.1, "the shelf is 4 dB high: {}", level(10_000.0));
        assert!(level(20.0) < -13.0, "{}", level(20.0));
    }

    #[test]
    fn coefficients_at_48_kilohertz_are_those_of_the_recommendation() {
        for given in Weighting::GIVEN {
            let again = given.at(48_000);
            let pairs = given.b.iter().chain(&given.a).zip(again.b.iter().chain(&again.a));
            pairs.for_each(|(given, again)| assert!((given - again).abs() < 1e-12, "{given} {again}"));
        }
    }

    #[test]
    fn silence_has_no_loudness() {
        assert_eq!(mono(&[], 48_000), None);
        assert_eq!(mono(&[0.0; 48_000], 48_000), None);
        assert_eq!(mono(&sines(997.0, 48_000, &[(-75.0, 1.0)]), 48_000), None);
        assert_eq!(loudness(&[], 48_000, &Cancel::new()).unwrap(), None);
    }

    #[test]
    fn a_quiet_tail_does_not_make_a_sound_less_loud() {
        let loud = mono(&sines(997.0, 16_000, &[(-20.0, 10.0)]), 16_000).unwrap();
        assert_lufs(mono(&sines(997.0, 16_000, &[(-20.0, 10.0), (-50.0, 30.0)]), 16_000), loud);
        assert_lufs(mono(&sines(997.0, 16_000, &[(-20.0, 10.0), (-120.0, 30.0)]), 16_000), loud);
    }

    #[test]
    fn sound_that_is_shorter_than_a_block_is_one() {
        assert_lufs(mono(&sines(997.0, 48_000, &[(0.0, 0.2)]), 48_000), -3.01);
    }

    #[test]
    fn rates_that_sound_cannot_have_and_ctrl_c_are_errors() {
        assert!(matches!(loudness(&[&[0.0]], 4_000, &Cancel::new()), Err(AudioError::Rate(4_000))));
        let cancel = Cancel::new();
        cancel.raise();
        assert!(matches!(loudness(&[&[0.0; 48_000]], 48_000, &cancel), Err(AudioError::Cancelled)));
    }
}
