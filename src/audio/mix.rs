//! Built-in voices: every distinct stroke is rendered once, then placed in the stereo picture.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::strokes::{Instrument, Score, Stroke};
use super::voice::{Place, Sound, layer_of, sound_of};
use super::{Audio, AudioError, SAMPLE_RATE, check, room};
use crate::base::Cancel;

/// Strokes whose sounds are in memory at once.
const BATCH: usize = 256;
/// Strokes end on multiples of this many samples (6 ms), so that more of them are alike.
const GRAIN: usize = 256;
/// Samples over which a choked drum falls silent (9 ms).
const CHOKE: usize = 400;
/// Share of the wet room in the mix.
const ROOM: f32 = 0.3;

/// What makes two strokes sound the same but for their loudness.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SoundKey {
    instrument: Instrument,
    key: u8,
    layer: u8,
    held: usize,
}

impl SoundKey {
    fn of(stroke: &Stroke) -> Self {
        let held = match stroke.instrument {
            Instrument::Kit => 0,
            Instrument::Program(_) => (stroke.end - stroke.start).div_ceil(GRAIN) * GRAIN,
        };
        Self { instrument: stroke.instrument, key: stroke.key, layer: layer_of(stroke), held }
    }
}

/// Plays every stroke of the score.
pub(super) fn play(score: &Score, cancel: &Cancel) -> Result<Audio, AudioError> {
    let mut audio = Audio::silent(SAMPLE_RATE, score.samples);
    let mut send = vec![0.0; score.samples];
    let mut sounds: HashMap<SoundKey, Sound> = HashMap::new();
    for batch in score.strokes.chunks(BATCH) {
        check(cancel)?;
        let needed: HashSet<SoundKey> = batch.iter().map(SoundKey::of).collect();
        sounds.retain(|key, _| needed.contains(key));
        let missing: Vec<SoundKey> = needed.into_iter().filter(|key| !sounds.contains_key(key)).collect();
        let rendered: Vec<(SoundKey, Sound)> = missing
            .into_par_iter()
            .map(|key| Ok((key, sound_of(key.instrument, key.key, key.layer, key.held, cancel)?)))
            .collect::<Result<_, AudioError>>()?;
        sounds.extend(rendered);
        for stroke in batch {
            check(cancel)?;
            let place = Place::of(stroke, &score.instruments);
            if let Some(sound) = sounds.get(&SoundKey::of(stroke)) {
                add(stroke, sound, place, &mut audio, &mut send);
            }
        }
    }
    room::add_room(&send, &mut audio.left, &mut audio.right, cancel)?;
    Ok(audio)
}

/// Adds one stroke to both channels and to what the room hears.
fn add(stroke: &Stroke, sound: &Sound, place: Place, audio: &mut Audio, send: &mut [f32]) {
    let room_left = audio.left.len().saturating_sub(stroke.start);
    let until = stroke.choked.map_or(usize::MAX, |at| at - stroke.start);
    let len = sound.left.len().min(room_left).min(until.saturating_add(CHOKE));
    let right_source = sound.right.as_ref().unwrap_or(&sound.left);
    let span = stroke.start..stroke.start + len;
    let left = &mut audio.left[span.clone()];
    let right = &mut audio.right[span.clone()];
    let send = &mut send[span];
    let plain = len.min(until);
    let wet = place.room * ROOM * 0.5;
    for i in 0..plain {
        let (l, r) = (sound.left[i] * place.left, right_source[i] * place.right);
        left[i] += l;
        right[i] += r;
        send[i] += (l + r) * wet;
    }
    for i in plain..len {
        let falling = 1.0 - (i - plain + 1) as f32 / CHOKE as f32;
        let (l, r) = (sound.left[i] * place.left * falling, right_source[i] * place.right * falling);
        left[i] += l;
        right[i] += r;
        send[i] += (l + r) * wet;
    }
}
