//! Clips that sound alike in all but their notes.

use rayon::prelude::*;

use super::{Clip, ListeningOptions};
use crate::audio::{Audio, AudioError, PEAK, RenderOptions, loudness, render};
use crate::base::Cancel;
use crate::experiment::ExperimentError;
use crate::music::{Family, Multitrack, Track};

/// Samples a second that are rendered, and of the clips.
const RATES: [u32; 2] = [32_000, 16_000];
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
    let how = RenderOptions { tail: TAIL, rate: RATES[0], ..RenderOptions::default() };
    let sound = |(song, clip): (&Multitrack, &Clip)| {
        let audio = render(song, &how, cancel).and_then(|audio| audio.at_rate(RATES[1], cancel));
        let sound = audio.and_then(|audio| Sound::of(&audio, cancel));
        sound.map_err(refused)?.ok_or_else(|| {
            let Clip { source, piece, .. } = clip;
            ExperimentError::Listening(format!("{source} {piece} is silent: there is nothing to rate"))
        })
    };
    let mut sounds: Vec<Sound> = songs.par_iter().zip(clips).map(sound).collect::<Result<_, _>>()?;
    // As loud as the one of them that can be made least loud without clipping.
    let most = sounds.iter().map(Sound::most).fold(f64::INFINITY, f64::min);
    sounds.iter_mut().for_each(|sound| sound.bring_to(most));
    let mut names: Vec<String> = Vec::new();
    let mut rng = options.seed.stream("listening/names");
    while names.len() < clips.len() {
        let name = format!("c{:07x}", rng.next_u64() >> 36);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let wav = |((name, clip), sound): ((String, &'a Clip), &Sound)| {
        Ok((name, clip, sound.audio.mono_wav().map_err(refused)?))
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

/// What is heard of a clip, with its loudness in LUFS.
struct Sound {
    audio: Audio,
    loudness: f64,
}

impl Sound {
    /// A clip in one channel; `None` for silence.
    fn of(audio: &Audio, cancel: &Cancel) -> Result<Option<Self>, AudioError> {
        let mean = audio.mean();
        let heard = loudness(&[&mean], audio.sample_rate, cancel)?;
        let audio = Audio { sample_rate: audio.sample_rate, left: mean.clone(), right: mean };
        Ok(heard.map(|loudness| Self { audio, loudness }))
    }

    /// How loud it can be without clipping.
    fn most(&self) -> f64 {
        self.loudness + 20.0 * f64::from(PEAK / self.audio.peak()).log10()
    }

    fn bring_to(&mut self, loudness: f64) {
        let gain = 10f64.powf((loudness - self.loudness) / 20.0) as f32;
        self.audio.left.iter_mut().chain(&mut self.audio.right).for_each(|sample| *sample *= gain);
        self.loudness = loudness;
    }
}

fn refused(error: AudioError) -> ExperimentError {
    match error {
        AudioError::Cancelled => ExperimentError::Stopped,
        other => ExperimentError::Listening(other.to_string()),
    }
}
