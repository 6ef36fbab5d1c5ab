//! The same sound at another number of samples per second.

use std::f64::consts::PI;

use super::{Audio, AudioError, check};
use crate::base::Cancel;

/// Zero crossings of the sinc on each side of a sample.
const CROSSINGS: f64 = 16.0;
/// Samples between two looks at the flag.
const LOOK: usize = 1 << 16;

impl Audio {
    /// The sound at `rate` samples per second, as long as before; what the new rate cannot hold is left
    /// out. Louder peaks than the sound had before are scaled down to its own.
    ///
    /// Interpolates with a Hann-windowed sinc of 16 zero crossings on each side (J. O. Smith, "Digital Audio
    /// Resampling").
    ///
    /// # Errors
    /// [`AudioError::Rate`] for a rate outside [`super::RATES`], [`AudioError::Cancelled`] soon after
    /// `cancel` is raised.
    pub fn at_rate(self, rate: u32, cancel: &Cancel) -> Result<Self, AudioError> {
        if !super::RATES.contains(&rate) {
            return Err(AudioError::Rate(rate));
        }
        if rate == self.sample_rate {
            return Ok(self);
        }
        let filter = Filter::between(self.sample_rate, rate);
        let (left, right) = (filter.apply(&self.left, cancel)?, filter.apply(&self.right, cancel)?);
        let mut audio = Self { sample_rate: rate, left, right };
        let (before, after) = (self.peak(), audio.peak());
        if after > before && before > 0.0 {
            let gain = before / after;
            audio.left.iter_mut().chain(&mut audio.right).for_each(|sample| *sample *= gain);
        }
        Ok(audio)
    }
}

/// The weights of the samples around each new one: as the rates are whole numbers, their places between
/// the old samples come round.
struct Filter {
    /// Old samples and new ones in one round.
    old: usize,
    new: usize,
    /// Samples on each side that count.
    reach: usize,
    /// `2 * reach + 1` weights for each new sample of a round.
    weights: Vec<f32>,
}

impl Filter {
    fn between(from: u32, to: u32) -> Self {
        let (mut common, mut rest) = (from, to);
        while rest > 0 {
            (common, rest) = (rest, common % rest);
        }
        let (old, new) = ((from / common) as usize, (to / common) as usize);
        // Below the lower of the two Nyquist frequencies.
        let cutoff = (f64::from(to) / f64::from(from)).min(1.0);
        let width = CROSSINGS / cutoff;
        let weight = |x: f64| {
            let window = if x.abs() < width { 0.5 + 0.5 * (PI * x / width).cos() } else { 0.0 };
            let sinc = if x == 0.0 { 1.0 } else { (PI * cutoff * x).sin() / (PI * cutoff * x) };
            (cutoff * sinc * window) as f32
        };
        let reach = width.ceil() as usize;
        let place = |index: usize| (index * old % new) as f64 / new as f64;
        let weights = (0..new)
            .flat_map(|index| (0..=2 * reach).map(move |tap| tap as f64 - reach as f64 - place(index)))
            .map(weight)
            .collect();
        Self { old, new, reach, weights }
    }

    fn apply(&self, samples: &[f32], cancel: &Cancel) -> Result<Vec<f32>, AudioError> {
        let count = (samples.len() * self.new).div_ceil(self.old);
        let taps = 2 * self.reach + 1;
        let mut resampled = Vec::with_capacity(count);
        for index in 0..count {
            if index % LOOK == 0 {
                check(cancel)?;
            }
            let centre = index * self.old / self.new;
            let weights = &self.weights[index % self.new * taps..][..taps];
            // Beyond its ends the sound is silent.
            let missing = self.reach.saturating_sub(centre);
            let near = samples.get((centre + missing).saturating_sub(self.reach)..).unwrap_or(&[]);
            let sum: f32 = weights[missing..].iter().zip(near).map(|(weight, sample)| weight * sample).sum();
            resampled.push(sum);
        }
        Ok(resampled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f64, rate: u32) -> Audio {
        let sample = |index: usize| (2.0 * PI * hertz * index as f64 / f64::from(rate)).sin() as f32 * 0.5;
        let left: Vec<f32> = (0..rate as usize / 5).map(sample).collect();
        Audio { sample_rate: rate, right: left.iter().map(|sample| -sample).collect(), left }
    }

    #[test]
    fn a_tone_is_the_same_tone_at_another_rate() {
        for rate in [22_050, 48_000] {
            let (heard, wanted) =
                (tone(1000.0, 44_100).at_rate(rate, &Cancel::new()).unwrap(), tone(1000.0, rate));
            assert_eq!((heard.sample_rate, heard.left.len()), (rate, wanted.left.len()));
            // The edges miss what is beyond them.
            let inside = 100..heard.left.len() - 100;
            for (a, b) in heard.left[inside.clone()].iter().zip(&wanted.left[inside]) {
                assert!((a - b).abs() < 2e-3, "{a} {b} at {rate}");
            }
            assert!(heard.peak() <= 0.5);
        }
    }

    #[test]
    fn a_tone_that_a_rate_cannot_hold_is_left_out() {
        let heard = tone(15_000.0, 44_100).at_rate(22_050, &Cancel::new()).unwrap();
        let inside = &heard.left[100..heard.left.len() - 100];
        assert!(inside.iter().all(|sample| sample.abs() < 2e-3));
    }

    #[test]
    fn the_own_rate_and_silence_change_nothing_and_odd_rates_are_refused() {
        let at = |sound: Audio, rate| sound.at_rate(rate, &Cancel::new());
        assert_eq!(at(tone(1000.0, 44_100), 44_100).unwrap(), tone(1000.0, 44_100));
        assert_eq!(at(Audio::silent(44_100, 441), 22_050).unwrap(), Audio::silent(22_050, 221));
        assert_eq!(at(Audio::silent(44_100, 0), 48_000).unwrap().left.len(), 0);
        assert!(at(Audio::silent(44_100, 9), 7).unwrap_err().to_string().contains("got 7"));
        let stopped = Cancel::new();
        stopped.raise();
        assert!(matches!(tone(1.0, 44_100).at_rate(48_000, &stopped), Err(AudioError::Cancelled)));
    }
}
