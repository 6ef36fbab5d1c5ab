//! Sound for pages, where every byte is carried along: one channel, half the rate.

use super::{Audio, AudioError, wav};
use crate::base::Cancel;

impl Audio {
    /// The sound as a 16-bit WAV file of a quarter of the size: both channels in one, at half the rate.
    ///
    /// # Errors
    /// [`AudioError::TooLong`] when it does not fit into a WAV file.
    pub fn compact_wav(&self) -> Result<Vec<u8>, AudioError> {
        self.clone().at_rate(self.sample_rate / 2, &Cancel::new())?.mono_wav()
    }

    /// The sound as a 16-bit WAV file of half the size: both channels in one.
    ///
    /// # Errors
    /// [`AudioError::TooLong`] when it does not fit into a WAV file.
    pub fn mono_wav(&self) -> Result<Vec<u8>, AudioError> {
        let bytes = wav::bytes(self.sample_rate, &[&self.mean()], &Cancel::new());
        bytes.map_err(|_| AudioError::TooLong { seconds: self.seconds(), longest: super::LONGEST })
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;

    fn tone(hertz: f32) -> Vec<f32> {
        (0..44_100).map(|i| (2.0 * PI * hertz * i as f32 / 44_100.0).sin()).collect()
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
