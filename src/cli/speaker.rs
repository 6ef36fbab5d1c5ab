//! Sound through the system's own audio.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{Device, FromSample, SampleFormat, SizedSample, Stream, StreamConfig, SupportedStreamConfig};

use super::alsa;
use super::player::Programs;
use crate::audio::{Audio, SAMPLE_RATE, read_wav};
use crate::base::Cancel;
use crate::script::{Heard, Player};

/// Between two looks at Ctrl-C and at the device.
const TICK: Duration = Duration::from_millis(20);
/// A device that takes nothing for so long takes nothing at all.
const PATIENCE: Duration = Duration::from_secs(3);
/// What the device still holds when it has taken the last sample.
const REST: Duration = Duration::from_millis(150);

/// The usual device of the system, and the programs that play where it does not.
#[derive(Debug)]
pub(super) struct Speaker(Option<Programs>);

impl Speaker {
    /// The device, or `programs` where there is none.
    pub(super) fn or(programs: Option<Programs>) -> Self {
        Self(programs)
    }
}

impl Player for Speaker {
    fn play(&self, wav: &Path, cancel: &Cancel) -> Heard {
        match (play(wav, cancel), &self.0) {
            (Ok(heard), _) => heard,
            (Err(_), Some(programs)) => programs.play(wav, cancel),
            (Err(why), None) => Heard::Failed(why),
        }
    }
}

/// Plays to the end; an error is why the device did not.
fn play(wav: &Path, cancel: &Cancel) -> Result<Heard, String> {
    alsa::mute();
    let device = cpal::default_host().default_output_device();
    let device = device.ok_or("the system has no audio device")?;
    let config = config_of(&device).map_err(|error| format!("the audio device cannot be used: {error}"))?;
    let sound = read_wav(wav).and_then(|sound| sound.at_rate(config.sample_rate(), cancel));
    let sound = match sound {
        Ok(sound) => sound,
        Err(_) if cancel.is_raised() => return Ok(Heard::Stopped),
        Err(error) => return Err(error.to_string()),
    };
    let (frames, heard) = (sound.left.len(), Arc::new(Heads::default()));
    let stream = stream(&device, config, sound, &heard);
    let stream = stream.map_err(|error| format!("the audio device cannot be opened: {error}"))?;
    stream.play().map_err(|error| format!("the audio device does not play: {error}"))?;
    let (mut before, mut moved) = (0, Instant::now());
    loop {
        if cancel.is_raised() {
            return Ok(Heard::Stopped);
        }
        if let Some(why) = heard.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(format!("the audio device was lost: {why}"));
        }
        let at = heard.frame.load(Ordering::SeqCst);
        if at >= frames {
            sleep(REST);
            return Ok(Heard::Played);
        }
        if at != before {
            (before, moved) = (at, Instant::now());
        } else if moved.elapsed() > PATIENCE {
            return Err("the audio device takes no sound".to_owned());
        }
        sleep(TICK);
    }
}

/// What the device's own thread tells.
#[derive(Debug, Default)]
struct Heads {
    /// The next frame that it takes.
    frame: AtomicUsize,
    /// Why it gave up.
    failed: Mutex<Option<String>>,
}

/// Our own rate where the device has it, in floats if it can, otherwise what it likes best.
fn config_of(device: &Device) -> Result<SupportedStreamConfig, cpal::Error> {
    let ours = device.supported_output_configs()?.filter(|range| range.channels() == 2);
    let ours = ours.filter_map(|range| range.try_with_sample_rate(SAMPLE_RATE));
    let rank = |format: SampleFormat| match format {
        SampleFormat::F32 => 0,
        SampleFormat::I16 => 1,
        SampleFormat::I32 => 2,
        _ => 3,
    };
    match ours.min_by_key(|config| rank(config.sample_format())) {
        Some(config) if rank(config.sample_format()) < 3 => Ok(config),
        _ => device.default_output_config(),
    }
}

fn stream(
    device: &Device,
    config: SupportedStreamConfig,
    sound: Audio,
    heard: &Arc<Heads>,
) -> Result<Stream, cpal::Error> {
    let (format, config) = (config.sample_format(), config.config());
    match format {
        SampleFormat::F32 => typed_stream::<f32>(device, config, sound, heard),
        SampleFormat::F64 => typed_stream::<f64>(device, config, sound, heard),
        SampleFormat::I8 => typed_stream::<i8>(device, config, sound, heard),
        SampleFormat::I16 => typed_stream::<i16>(device, config, sound, heard),
        SampleFormat::I24 => typed_stream::<cpal::I24>(device, config, sound, heard),
        SampleFormat::I32 => typed_stream::<i32>(device, config, sound, heard),
        SampleFormat::U8 => typed_stream::<u8>(device, config, sound, heard),
        SampleFormat::U16 => typed_stream::<u16>(device, config, sound, heard),
        SampleFormat::U32 => typed_stream::<u32>(device, config, sound, heard),
        _ => Err(cpal::ErrorKind::UnsupportedConfig.into()),
    }
}

fn typed_stream<T: SizedSample + FromSample<f32>>(
    device: &Device,
    config: StreamConfig,
    sound: Audio,
    heard: &Arc<Heads>,
) -> Result<Stream, cpal::Error> {
    let (channels, taken, lost) = (usize::from(config.channels), Arc::clone(heard), Arc::clone(heard));
    device.build_output_stream(
        config,
        move |out: &mut [T], _| {
            let from = taken.frame.load(Ordering::SeqCst);
            let taking = fill(out, channels, &sound, from);
            taken.frame.store(from + taking, Ordering::SeqCst);
        },
        move |error| *lost.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string()),
        None,
    )
}

/// Fills a buffer of the device with the sound from the frame `from` on, and with silence behind its end;
/// how many frames it took. The first two channels are left and right, one channel is their mean.
fn fill<T: SizedSample + FromSample<f32>>(
    out: &mut [T],
    channels: usize,
    sound: &Audio,
    from: usize,
) -> usize {
    let frames = out.chunks_exact_mut(channels.max(1));
    let count = frames.len();
    for (at, frame) in (from..).zip(frames) {
        let sample = |channel: &[f32]| channel.get(at).copied().unwrap_or(0.0);
        let (left, right) = (sample(&sound.left), sample(&sound.right));
        frame.fill(T::EQUILIBRIUM);
        match frame {
            [one] => *one = T::from_sample((left + right) / 2.0),
            [first, second, ..] => (*first, *second) = (T::from_sample(left), T::from_sample(right)),
            [] => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_of_any_shape_are_filled_and_silent_behind_the_end() {
        let sound = Audio { sample_rate: 44_100, left: vec![0.5, -0.5], right: vec![0.0, 0.5] };
        let mut two = [9.0_f32; 4];
        assert_eq!((fill(&mut two, 2, &sound, 1), two), (2, [-0.5, 0.5, 0.0, 0.0]));
        let mut one = [9_i16; 2];
        assert_eq!((fill(&mut one, 1, &sound, 0), one), (2, [8192, 0]));
        let mut six = [9_u8; 6];
        assert_eq!((fill(&mut six, 6, &sound, 0), six), (1, [192, 128, 128, 128, 128, 128]));
    }
}
