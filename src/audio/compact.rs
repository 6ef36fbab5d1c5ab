//! Sound for pages, where every byte is carried along: one channel, half the rate.

use std::f32::consts::PI;

use super::{Audio, AudioError, wav};

/// Taps on each side of the middle of the filter.
const REACH: usize = 24;

impl Audio {
    /// The sound as a 16-bit WAV file of a quarter of the size: both channels in one, at half the rate.
    ///
    /// # Errors
    /// [`AudioError::TooLong`] when it does not fit into a WAV file.
    pub fn compact_wav(&self) -> Result<Vec<u8>, AudioError> {
        let mono: Vec<f32> = self.left.iter().zip(&self.right).map(|(l, r)| 0.5 * (l + r)).collect();
        let bytes = wav::bytes(self.sample_rate / 2, &[&halved(&mono)]);
        bytes.map_err(|_| AudioError::TooLong { seconds: self.seconds(), longest: super::LONGEST })
    }
}

/// Every second sample, after what the lower rate cannot hold is filtered out.
fn halved(samples: &[f32]) -> Vec<f32> {
    let taps = low_pass();
    let at = |i: usize| -> f32 {
        let first = REACH.saturating_sub(i);
        let start = i + first - REACH;
        taps[first..].iter().zip(&samples[start..]).map(|(tap, sample)| tap * sample).sum()
    };
    (0..samples.len()).step_by(2).map(at).collect()
}

/// A sinc that ends at 0.45 of the lower rate, under a Hann window; its taps sum to 1.
fn low_pass() -> Vec<f32> {
    const CUTOFF: f32 = 0.45 / 2.0;
    let middle = REACH as f32;
    let tap = |i: usize| {
        let x = i as f32 - middle;
        let sinc = if x == 0.0 { 2.0 * CUTOFF } else { (2.0 * PI * CUTOFF * x).sin() / (PI * x) };
        sinc * (0.5 + 0.5 * (PI * x / (middle + 1.0)).cos())
    };
    let taps: Vec<f32> = (0..=2 * REACH).map(tap).collect();
    let sum: f32 = taps.iter().sum();
    taps.into_iter().map(|tap| tap / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32) -> Vec<f32> {
        (0..44_100).map(|i| (2.0 * PI * hertz * i as f32 / 44_100.0).sin()).collect()
    }

    /// Root of the mean square, away from the ends.
    fn loudness(samples: &[f32]) -> f32 {
        let inner = &samples[100..samples.len() - 100];
        (inner.iter().map(|x| x * x).sum::<f32>() / inner.len() as f32).sqrt()
    }

    #[test]
    fn what_the_lower_rate_holds_stays_and_the_rest_goes() {
        let full = loudness(&tone(440.0));
        assert!((loudness(&halved(&tone(440.0))) - full).abs() < 0.01);
        assert!(loudness(&halved(&tone(15_000.0))) < 0.01 * full);
        assert_eq!(halved(&[]).len(), 0);
    }

    #[test]
    fn the_file_has_one_channel_at_half_the_rate() {
        let audio = Audio { sample_rate: 44_100, left: tone(440.0), right: tone(440.0) };
        let bytes = audio.compact_wav().unwrap();
        assert_eq!(bytes.len(), 44 + 44_100);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        std::fs::write(&path, &bytes).unwrap();
        let read = wav::read_wav(&path).unwrap();
        assert_eq!((read.sample_rate, read.left.len()), (22_050, 22_050));
        assert_eq!(read.left, read.right);
    }
}
