//! Clips that sound alike in all but their notes.

use rayon::prelude::*;

use super::{Clip, ListeningOptions};
use crate::audio::{Audio, AudioError, PEAK, RenderOptions, render};
use crate::base::Cancel;
use crate::experiment::ExperimentError;
use crate::music::{Family, Multitrack, Track};

/// Samples a second that are rendered; the file has half as many.
const RATE: u32 = 32_000;
/// Seconds in which the last notes fade out.
const TAIL: f64 = 1.0;
/// Lengths that differ by more seconds give a source away.
const SAME: f64 = 0.05;

/// A clip under a name that says nothing, with its WAV file.
pub(super) type Anonymous<'a> = (String, &'a Clip, Vec<u8>);

/// Every clip, in the order of the names.
pub(super) fn named<'a>(
    clips: &'a [Clip],
    options: &ListeningOptions,
    cancel: &Cancel,
) -> Result<Vec<Anonymous<'a>>, ExperimentError> {
    let wrong = |what: String| Err(ExperimentError::Listening(what));
    if clips.len() < 2 {
        return wrong(format!("a listening test needs at least two clips, got {}", clips.len()));
    }
    let songs: Vec<Multitrack> = clips.iter().map(|clip| alike(&clip.music, options)).collect();
    let length = songs[0].seconds();
    if let Some(place) = songs.iter().position(|song| (song.seconds() - length).abs() > SAME) {
        let Clip { source, piece, .. } = &clips[place];
        return wrong(format!(
            "clips of a listening test are equally long, as length would tell them apart: {source} {piece} has {:.2} \
             seconds at the common tempo, the first has {length:.2}",
            songs[place].seconds()
        ));
    }
    let how = RenderOptions { tail: TAIL, rate: RATE, ..RenderOptions::default() };
    let sound = |song: &Multitrack| match render(song, &how, cancel) {
        Err(AudioError::Cancelled) => Err(ExperimentError::Stopped),
        Err(error) => Err(ExperimentError::Listening(error.to_string())),
        Ok(audio) => Ok(one_channel(&audio)),
    };
    let mut sounds: Vec<Audio> = songs.par_iter().map(sound).collect::<Result<_, _>>()?;
    if let Some(place) = sounds.iter().position(|sound| sound.rms() == 0.0) {
        let Clip { source, piece, .. } = &clips[place];
        return wrong(format!("{source} {piece} is silent: there is nothing to rate"));
    }
    // As loud as the one of them that can be made least loud without clipping.
    let loudness = sounds.iter().map(|sound| sound.rms() * PEAK / sound.peak()).fold(f32::MAX, f32::min);
    sounds.iter_mut().for_each(|sound| scale(sound, loudness));
    let mut names: Vec<String> = Vec::new();
    let mut rng = options.seed.stream("listening/names");
    while names.len() < clips.len() {
        let name = format!("c{:07x}", rng.next_u64() >> 36);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let wav = |((name, clip), sound): ((String, &'a Clip), &Audio)| {
        let bytes = sound.compact_wav().map_err(|error| ExperimentError::Listening(error.to_string()))?;
        Ok((name, clip, bytes))
    };
    let mut made =
        names.into_iter().zip(clips).zip(&sounds).map(wav).collect::<Result<Vec<_>, ExperimentError>>()?;
    made.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(made)
}

/// The notes at the common tempo in 4/4, each family on its usual instrument, all equally loud, and nothing
/// of where it came from.
fn alike(music: &Multitrack, options: &ListeningOptions) -> Multitrack {
    let family = |track: &Track| Family::from_name(&track.name).ok().or_else(|| track.family());
    let plain = |track: &Track| {
        Track::of_family(family(track).unwrap_or(Family::Strings), track.roll.without_velocities())
    };
    let tracks = music.tracks().iter().map(plain).collect();
    Multitrack::new(tracks, music.resolution()).with_tempo(options.tempo)
}

fn one_channel(audio: &Audio) -> Audio {
    let mean = audio.mean();
    Audio { sample_rate: audio.sample_rate, left: mean.clone(), right: mean }
}

fn scale(sound: &mut Audio, rms: f32) {
    let gain = rms / sound.rms();
    sound.left.iter_mut().chain(&mut sound.right).for_each(|sample| *sample *= gain);
}
