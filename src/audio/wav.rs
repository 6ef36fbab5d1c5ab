//! Stereo sound in memory, and as a 16-bit WAV file.

use std::io::{Cursor, Write};
use std::path::Path;

use super::AudioError;
use super::check;
use crate::base::{Cancel, FileError, read_file, write_atomically_with};

/// Samples that are turned into bytes, and bytes that are written, between two looks at Ctrl-C.
const BLOCK: usize = 1 << 20;

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

    /// Both channels in one.
    pub fn mean(&self) -> Vec<f32> {
        self.left.iter().zip(&self.right).map(|(left, right)| 0.5 * (left + right)).collect()
    }

    /// Largest absolute sample of either channel.
    pub fn peak(&self) -> f32 {
        self.left.iter().chain(&self.right).fold(0.0, |peak, x| peak.max(x.abs()))
    }

    /// The sound as a 16-bit WAV file in stereo.
    ///
    /// # Errors
    /// [`AudioError::TooLong`] when it does not fit into a WAV file.
    pub fn wav(&self) -> Result<Vec<u8>, AudioError> {
        let bytes = bytes(self.sample_rate, &[&self.left, &self.right], &Cancel::new());
        bytes.map_err(|_| AudioError::TooLong { seconds: self.seconds(), longest: super::LONGEST })
    }
}

/// Writes `audio` to `path` as 16-bit stereo PCM, whole or not at all.
///
/// # Errors
/// [`AudioError::WavSize`] when it does not fit into a WAV file, [`AudioError::File`] when the file
/// cannot be written.
pub fn save_wav(path: &Path, audio: &Audio) -> Result<(), AudioError> {
    save(path, audio.sample_rate, &[&audio.left, &audio.right], &Comments::default(), &Cancel::new())
}

/// Writes channels of equal length with comments, in a list of the file's own.
///
/// # Errors
/// As [`save_wav`], and [`AudioError::Cancelled`] when `cancel` is raised before it is done.
pub(super) fn save(
    path: &Path,
    sample_rate: u32,
    channels: &[&[f32]],
    comments: &Comments,
    cancel: &Cancel,
) -> Result<(), AudioError> {
    let wav = bytes(sample_rate, channels, cancel);
    check(cancel)?;
    let bytes = comments.added_to(wav.map_err(|_| AudioError::WavSize { path: path.to_owned() })?);
    write_atomically_with(path, |file| {
        bytes.chunks(BLOCK).try_for_each(|block| {
            check(cancel)?;
            let failed = |source| FileError::Write { path: path.to_owned(), source };
            Ok(file.write_all(block).map_err(failed)?)
        })
    })
}

/// What a WAV file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// Where the music came from.
    pub source: Option<String>,
    /// What made the file.
    pub software: Option<String>,
}

impl Comments {
    /// The file with a `LIST` chunk of type `INFO` after its samples, which players pass over. The sizes
    /// in front are those of hound, which leaves 64 bytes less than RIFF can count; more than that is not
    /// said of sounds of such a length.
    fn added_to(&self, mut wav: Vec<u8>) -> Vec<u8> {
        let entries = [(b"ICMT", &self.source), (b"ISFT", &self.software)];
        let mut list = b"INFO".to_vec();
        for (name, text) in entries.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?))) {
            list.extend(chunk(name, &[text.as_bytes(), &[0]].concat()));
        }
        let size = u32::try_from(wav.len() - 8 + 8 + list.len());
        if let (true, Ok(size)) = (list.len() > 4, size) {
            wav.extend(chunk(b"LIST", &list));
            wav[4..8].copy_from_slice(&size.to_le_bytes());
        }
        wav
    }
}

/// A chunk, filled up to an even length.
fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = [name.as_slice(), &(body.len() as u32).to_le_bytes(), body].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

/// What a WAV file says about itself; nothing where it is silent about it.
///
/// # Errors
/// [`AudioError::File`] when it cannot be read, [`AudioError::NoWav`] when it is no WAV file.
pub fn read_comments(path: &Path) -> Result<Comments, AudioError> {
    let bytes = read_file(path)?;
    comments_in(&bytes).ok_or_else(|| AudioError::NoWav { path: path.to_owned() })
}

fn comments_in(bytes: &[u8]) -> Option<Comments> {
    let body = bytes.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
    let mut comments = Comments::default();
    for (name, body) in chunks(body) {
        let Some(entries) = body.strip_prefix(b"INFO").filter(|_| name == *b"LIST") else { continue };
        for (name, text) in chunks(entries) {
            let text = || Some(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned());
            match &name {
                b"ICMT" => comments.source = text(),
                b"ISFT" => comments.software = text(),
                _ => {}
            }
        }
    }
    Some(comments)
}

/// Names and bodies of chunks, up to the first that is not whole.
fn chunks(mut bytes: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut found = Vec::new();
    while let Some((name, rest)) = bytes.split_first_chunk::<4>()
        && let Some((size, rest)) = rest.split_first_chunk::<4>()
        && let Some(body) = rest.get(..u32::from_le_bytes(*size) as usize)
    {
        found.push((*name, body));
        bytes = rest.get(body.len().next_multiple_of(2)..).unwrap_or(&[]);
    }
    found
}

/// A whole 16-bit WAV file of channels that are equally long. The only error a cursor in memory leaves
/// to hound is the size; another one ends the work early when `cancel` is raised.
pub(super) fn bytes(sample_rate: u32, channels: &[&[f32]], cancel: &Cancel) -> Result<Vec<u8>, hound::Error> {
    let spec = hound::WavSpec {
        channels: channels.len() as u16,
        sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let frames = channels.iter().map(|channel| channel.len()).min().unwrap_or(0);
    let count = frames * channels.len();
    let samples = u32::try_from(count).ok().filter(|n| *n < u32::MAX / 2 - 64);
    let samples = samples.ok_or(hound::Error::TooWide)?;
    let mut file = Cursor::new(Vec::with_capacity(44 + count * 2));
    let mut writer = hound::WavWriter::new(&mut file, spec)?;
    let mut pcm = writer.get_i16_writer(samples);
    for frame in 0..frames {
        if frame % BLOCK == 0 && cancel.is_raised() {
            return Err(hound::Error::UnfinishedSample);
        }
        for channel in channels {
            pcm.write_sample(to_i16(channel[frame]));
        }
    }
    pcm.flush()?;
    writer.finalize()?;
    Ok(file.into_inner())
}

/// Reads a 16-bit WAV file of one or two channels; one is heard on both sides.
///
/// # Errors
/// [`AudioError::File`] when it cannot be read, [`AudioError::NoWav`] when it is none of these.
pub fn read_wav(path: &Path) -> Result<Audio, AudioError> {
    let no_wav = || AudioError::NoWav { path: path.to_owned() };
    let mut reader = hound::WavReader::new(Cursor::new(read_file(path)?)).map_err(|_| no_wav())?;
    let spec = reader.spec();
    let samples: Result<Vec<i16>, _> = reader.samples::<i16>().collect();
    let samples: Vec<f32> =
        samples.map_err(|_| no_wav())?.into_iter().map(|x| f32::from(x) / 32_767.0).collect();
    let channel = |first: usize, step: usize| samples.iter().skip(first).step_by(step).copied().collect();
    match spec.channels {
        1 => Ok(Audio { sample_rate: spec.sample_rate, left: channel(0, 1), right: channel(0, 1) }),
        2 => Ok(Audio { sample_rate: spec.sample_rate, left: channel(0, 2), right: channel(1, 2) }),
        _ => Err(no_wav()),
    }
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
    fn comments_are_read_back_and_leave_the_samples_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let audio = Audio { sample_rate: 44_100, left: vec![0.5; 3], right: vec![0.25; 3] };
        let comments =
            Comments { source: Some("odd".into()), software: Some("ricercar-made: program=x".into()) };
        save(&path, 44_100, &[&audio.left, &audio.right], &comments, &Cancel::new()).unwrap();
        assert_eq!(read_comments(&path).unwrap(), comments);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize, bytes.len() - 8);
        assert_eq!(hound::WavReader::open(&path).unwrap().into_samples::<i16>().count(), 6);
        save_wav(&path, &audio).unwrap();
        assert_eq!(read_comments(&path).unwrap(), Comments::default());
        std::fs::write(&path, b"RIFFxxxxAVI ").unwrap();
        assert!(read_comments(&path).unwrap_err().to_string().contains("a.wav"));
    }

    #[test]
    fn one_channel_is_the_mean_of_both() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let audio = Audio { sample_rate: 22_050, left: vec![0.0, 0.5, -1.0], right: vec![0.0, 0.25, 1.0] };
        save(&path, 22_050, &[&audio.mean()], &Comments::default(), &Cancel::new()).unwrap();
        let read = read_wav(&path).unwrap();
        assert_eq!((read.sample_rate, hound::WavReader::open(&path).unwrap().spec().channels), (22_050, 1));
        assert!(read.left.iter().zip([0.0, 0.375, 0.0]).all(|(a, b)| (a - b).abs() < 1e-4), "{read:?}");
    }

    #[test]
    fn a_stop_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let cancel = Cancel::new();
        cancel.raise();
        let path = folder.path().join("a.wav");
        let stopped = save(&path, 44_100, &[&[0.0; 4]], &Comments::default(), &cancel);
        assert!(matches!(stopped, Err(AudioError::Cancelled)));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
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
