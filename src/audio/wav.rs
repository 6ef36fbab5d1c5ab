//! Stereo sound in memory, and as a 16-bit WAV file.

use std::io::Cursor;
use std::path::Path;

use super::AudioError;
use crate::base::write_atomically;

/// Stereo sound; both channels have the same length, full scale is -1.0..=1.0.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    /// Samples per second.
    pub sample_rate: u32,
    /// The left channel.
    pub left: Vec<f32>,
    /// The right channel.
    pub right: Vec<f32>,
}

impl Audio {
    /// `samples` samples of silence.
    pub fn silent(sample_rate: u32, samples: usize) -> Self {
        Self { sample_rate, left: vec![0.0; samples], right: vec![0.0; samples] }
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.left.len() as f64 / f64::from(self.sample_rate)
    }

    /// Largest absolute sample of either channel.
    pub fn peak(&self) -> f32 {
        self.left.iter().chain(&self.right).fold(0.0, |peak, x| peak.max(x.abs()))
    }

    /// Root of the mean square over both channels.
    pub fn rms(&self) -> f32 {
        let sum: f64 = self.left.iter().chain(&self.right).map(|x| f64::from(x * x)).sum();
        (sum / (2 * self.left.len()).max(1) as f64).sqrt() as f32
    }
}

/// Writes `audio` to `path` as 16-bit stereo PCM, whole or not at all.
///
/// # Errors
/// [`AudioError::WavSize`] when it does not fit into a WAV file, [`AudioError::File`] when the file
/// cannot be written.
pub fn save_wav(path: &Path, audio: &Audio) -> Result<(), AudioError> {
    let bytes = wav_bytes(audio).map_err(|_| AudioError::WavSize { path: path.to_owned() })?;
    Ok(write_atomically(path, &bytes)?)
}

/// A whole WAV file. The only error a cursor in memory leaves to hound is the size.
fn wav_bytes(audio: &Audio) -> Result<Vec<u8>, hound::Error> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: audio.sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let frames = audio.left.len().min(audio.right.len());
    let samples = u32::try_from(frames * 2).ok().filter(|n| *n < u32::MAX / 2 - 64);
    let samples = samples.ok_or(hound::Error::TooWide)?;
    let mut file = Cursor::new(Vec::with_capacity(44 + frames * 4));
    let mut writer = hound::WavWriter::new(&mut file, spec)?;
    let mut pcm = writer.get_i16_writer(samples);
    for (left, right) in audio.left.iter().zip(&audio.right) {
        pcm.write_sample(to_i16(*left));
        pcm.write_sample(to_i16(*right));
    }
    pcm.flush()?;
    writer.finalize()?;
    Ok(file.into_inner())
}

/// The nearest 16-bit value; silence stays exactly 0.
fn to_i16(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_reads_back_sample_for_sample() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let audio =
            Audio { sample_rate: 44_100, left: vec![0.0, 0.5, -1.0], right: vec![0.25, 1.5, f32::MIN] };
        save_wav(&path, &audio).unwrap();
        let mut reader = hound::WavReader::open(&path).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 44_100));
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [0, 8192, 16384, 32767, -32767, -32767]);
    }

    #[test]
    fn an_unwritable_place_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let error = save_wav(&file.join("a.wav"), &Audio::silent(44_100, 4)).unwrap_err();
        assert!(error.to_string().contains("a.wav"), "{error}");
    }
}
