//! The last stage: no constant offset, an even loudness, a peak under -1 dBFS, a faded tail.

use std::collections::VecDeque;

use super::{Audio, AudioError, PEAK, SAMPLE_RATE, check};
use crate::base::Cancel;

/// Root mean square that the sounding parts are brought to: -18.5 dBFS, which is near the -16 LUFS of
/// streamed music for the spectra that bands have.
const LOUDNESS: f32 = 0.119;
/// Quiet music is raised by at most this much (12 dB): a pianissimo stays one.
const MOST_RAISE: f32 = 4.0;
/// Peaks are pulled down by at most this much (8 dB); beyond it, the whole piece is lowered.
const MOST_LIMITING: f32 = 0.4;
/// Reach of the limiter before and after a peak, in samples (4 ms).
const REACH: usize = 176;
/// Samples between looks at the flag.
const BLOCK: usize = 65_536;

/// Finishes `audio`, whose music ends at sample `music_end`.
pub(super) fn finish(audio: &mut Audio, music_end: usize, cancel: &Cancel) -> Result<(), AudioError> {
    for channel in [&mut audio.left, &mut audio.right] {
        remove_offset(channel, cancel)?;
        fade(channel, music_end);
    }
    let loudness = loudness(audio);
    if loudness == 0.0 {
        return Ok(());
    }
    let gain = (LOUDNESS / loudness).min(MOST_RAISE).min(PEAK / MOST_LIMITING / audio.peak());
    for channel in [&mut audio.left, &mut audio.right] {
        channel.iter_mut().for_each(|x| *x *= gain);
    }
    limit(audio, cancel)
}

/// Lets the last two thirds of the tail fade to nothing.
fn fade(channel: &mut [f32], music_end: usize) {
    let tail = channel.len().saturating_sub(music_end);
    let faded = tail * 2 / 3;
    let start = channel.len() - faded;
    for (i, x) in channel[start..].iter_mut().enumerate() {
        let left = 1.0 - (i + 1) as f32 / faded as f32;
        *x *= left * left;
    }
}

/// A first-order high-pass at 8 Hz.
fn remove_offset(channel: &mut [f32], cancel: &Cancel) -> Result<(), AudioError> {
    let mut filter = fundsp::prelude32::dcblock_hz(8.0);
    filter.set_sample_rate(f64::from(SAMPLE_RATE));
    for block in channel.chunks_mut(BLOCK) {
        check(cancel)?;
        block.iter_mut().for_each(|x| *x = filter.filter_mono(*x));
    }
    Ok(())
}

/// Root mean square over the parts that sound: blocks of 0.4 s within 20 dB of the loudest, as
/// loudness meters gate them (ITU-R BS.1770).
fn loudness(audio: &Audio) -> f32 {
    let block = SAMPLE_RATE as usize * 2 / 5;
    let power = |(l, r): (&[f32], &[f32])| {
        let sum: f32 = l.iter().zip(r).map(|(l, r)| l * l + r * r).sum();
        sum / (2 * l.len()) as f32
    };
    let powers: Vec<f32> = audio.left.chunks(block).zip(audio.right.chunks(block)).map(power).collect();
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    let sounding: Vec<f32> = powers.into_iter().filter(|p| *p > 0.0 && *p >= loudest * 0.01).collect();
    (sounding.iter().sum::<f32>() / sounding.len().max(1) as f32).sqrt()
}

/// Keeps every sample within [`PEAK`] by a gain that moves smoothly around each peak.
///
/// The gain at a sample is the mean of the least gains needed within [`REACH`]; every one of those
/// is at most what the sample itself needs, so their mean is too.
fn limit(audio: &mut Audio, cancel: &Cancel) -> Result<(), AudioError> {
    if audio.peak() <= PEAK {
        return Ok(());
    }
    let need = |i: usize| PEAK / audio.left[i].abs().max(audio.right[i].abs()).max(PEAK);
    let mut least = least_around(audio.left.len(), need, cancel)?;
    let recover = 1.0 / (0.08 * SAMPLE_RATE as f32);
    let mut held = 1.0f32;
    for gain in &mut least {
        held = gain.min(held + (1.0 - held) * recover);
        *gain = held;
    }
    let width = (2 * REACH + 1) as f64;
    let at = |i: usize, by: isize| match i.checked_add_signed(by) {
        Some(i) if i < least.len() => f64::from(least[i]),
        _ => 1.0,
    };
    let mut sum: f64 = (0..=2 * REACH).map(|k| at(0, k as isize - REACH as isize)).sum();
    for i in 0..audio.left.len() {
        let gain = (sum / width).min(1.0) as f32;
        for x in [&mut audio.left[i], &mut audio.right[i]] {
            *x = (*x * gain).clamp(-PEAK, PEAK);
        }
        sum += at(i, REACH as isize + 1) - at(i, -(REACH as isize));
    }
    Ok(())
}

/// The least of `value` within [`REACH`] of each index, by a queue of candidates.
fn least_around(len: usize, value: impl Fn(usize) -> f32, cancel: &Cancel) -> Result<Vec<f32>, AudioError> {
    let mut least = Vec::with_capacity(len);
    let mut queue: VecDeque<(usize, f32)> = VecDeque::new();
    for ahead in 0..len + REACH {
        if ahead % BLOCK == 0 {
            check(cancel)?;
        }
        if ahead < len {
            let new = value(ahead);
            while queue.back().is_some_and(|(_, old)| *old >= new) {
                queue.pop_back();
            }
            queue.push_back((ahead, new));
        }
        if ahead >= REACH {
            let centre = ahead - REACH;
            while queue.front().is_some_and(|(at, _)| *at + REACH < centre) {
                queue.pop_front();
            }
            least.push(queue.front().map_or(1.0, |(_, gain)| *gain));
        }
    }
    Ok(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(level: f32, samples: usize) -> Audio {
        let wave: Vec<f32> = (0..samples).map(|i| level * (i as f32 * 0.05).sin()).collect();
        Audio { sample_rate: SAMPLE_RATE, left: wave.clone(), right: wave }
    }

    #[test]
    fn a_burst_is_pulled_under_the_peak_and_what_is_far_from_it_is_not() {
        let mut audio = tone(0.15, 3 * 44_100);
        for x in &mut audio.left[60_000..60_050] {
            *x = 1.6;
        }
        let before = audio.left[10_000];
        limit(&mut audio, &Cancel::new()).unwrap();
        assert!(audio.peak() <= PEAK);
        assert_eq!(audio.left[10_000], before);
        assert!(audio.left[60_020] > 0.8, "the burst itself reaches the ceiling");
    }

    #[test]
    fn loud_and_quiet_music_come_near_each_other() {
        let level = |level: f32| {
            let mut audio = tone(level, 2 * 44_100);
            finish(&mut audio, 2 * 44_100, &Cancel::new()).unwrap();
            loudness(&audio)
        };
        assert!((level(20.0) - LOUDNESS).abs() < 0.02);
        assert!((level(0.2) - LOUDNESS).abs() < 0.02);
        assert!(level(0.001) < 0.01, "a whisper stays one");
    }

    #[test]
    fn a_constant_offset_is_removed() {
        let mut audio = tone(0.2, 4 * 44_100);
        audio.left.iter_mut().for_each(|x| *x += 0.3);
        finish(&mut audio, 3 * 44_100, &Cancel::new()).unwrap();
        let second = &audio.left[44_100..2 * 44_100];
        assert!((second.iter().sum::<f32>() / 44_100.0).abs() < 1e-3);
        assert_eq!(audio.left.last(), Some(&0.0), "the tail ends in silence");
    }
}
