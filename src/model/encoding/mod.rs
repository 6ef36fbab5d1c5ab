//! From music to a latent: the best of many random ones, gradient steps from there, and a climb.
//!
//! Whatever is tried is decoded as music is, and judged by the notes that it shares with the phrase; what
//! is found is therefore never worse than the best random latent that was looked at.

mod climb;
mod judge;
mod starts;
mod walk;

use rayon::prelude::*;

use self::judge::{Judge, Met};
use self::walk::Walk;
use super::target::Target;
use super::{Cells, Latent, Model, ModelError};
use crate::base::{Cancel, Progress, Seed};
use crate::metrics::Agreement;
use crate::music::{Meter, Multitrack};

/// Where the search for a latent begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Start {
    /// At what the model's inverse network says, if it has one, and at the best of many random latents.
    #[default]
    Any,
    /// At what the model's inverse network says.
    Network,
    /// At the best of many random latents.
    Random,
    /// At a latent of one's own.
    Latent(Latent),
}

/// How to look for the latent of a phrase.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodeOptions {
    /// Gradient steps.
    pub steps: usize,
    /// Length of a step (Adam's rate), falling to a tenth at the last one.
    pub rate: f64,
    /// Weight of half the squared length of the latent. A greater one keeps the latent where drawn ones
    /// are, or shorter, which makes it a better base for variations, and meets the phrase less well.
    pub prior: f64,
    /// Where to begin.
    pub start: Start,
    /// Random latents to choose from.
    pub candidates: usize,
    /// Starts that are followed side by side; the best place counts.
    pub starts: usize,
    /// Neighbours of the best place that are tried at the end.
    pub climb: usize,
    /// What random latents come from.
    pub seed: Seed,
    /// Tracks that are given to an accompanying model; the latent then answers for the others.
    pub given: Vec<String>,
    /// First bar of the phrase in the song, from 0.
    pub bar: usize,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            steps: 150,
            rate: 0.1,
            prior: 0.25,
            start: Start::default(),
            candidates: 400,
            starts: 4,
            climb: 600,
            seed: Seed(0),
            given: Vec::new(),
            bar: 0,
        }
    }
}

/// The latent of a phrase, and how well it was met.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoding {
    /// The latent.
    pub latent: Latent,
    /// What it decodes to.
    pub music: Multitrack,
    /// The phrase that was asked for.
    pub phrase: Multitrack,
    /// The loss at the start and after every step of the walk that came by the best place: wanted cells
    /// that are missed, softly counted, and the prior.
    pub losses: Vec<f32>,
    /// What phrase and music share, by track that was asked for.
    pub tracks: Vec<(String, Agreement)>,
}

impl Encoding {
    /// What phrase and music share in all tracks that were asked for.
    pub fn overall(&self) -> Agreement {
        self.tracks.iter().map(|(_, agreement)| *agreement).sum()
    }

    /// Length of the latent as a share of the length that drawn ones have (the square root of how many
    /// numbers it has).
    pub fn length(&self) -> f64 {
        self.latent.norm() / (self.latent.values().len() as f64).sqrt()
    }
}

impl Model {
    /// The latent whose music comes nearest to a phrase of `song`: as many bars as the model has from
    /// [`EncodeOptions::bar`] on, quantized to its grid. Tracks are found by name; those that the song
    /// lacks should be silent.
    ///
    /// # Errors
    /// [`ModelError::Unsupported`] when the model and the song have no track in common, or nothing sounds
    /// in these bars; [`ModelError::Music`] when they are not there or not in 4/4;
    /// [`ModelError::Layouts`] for a start of another model; [`ModelError::Stopped`].
    pub fn encode(
        &self,
        song: &Multitrack,
        options: &EncodeOptions,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Encoding, ModelError> {
        let phrase = self.phrase_of(song, options.bar)?;
        let target = Target {
            generator: self.generator(),
            matrices: self.matrices().on_tape(),
            cells: Cells::from_music(&self.architecture().grid, &phrase),
            given: self.given_of(&phrase, &options.given)?,
            prior: options.prior,
            device: self.device(),
        };
        let units = starts::candidates(options) + starts::walks(options) * options.steps + options.climb;
        let judge = Judge::new(self, &phrase, options, units as u64, progress, cancel)?;
        let starts = starts::starts(self, &judge, &target, options)?;
        let parts = starts.par_chunks(if self.on_cpu() { 1 } else { starts.len().max(1) });
        let walks = parts.map(|part| walk::walk(&judge, &target, part, options));
        let walks: Vec<Vec<Walk>> = walks.collect::<Result<_, _>>()?;
        let better = |a: Walk, b: Walk| if b.best.met.order(&a.best.met).is_gt() { b } else { a };
        let walk = walks.into_iter().flatten().reduce(better);
        let Walk { best, losses } =
            walk.ok_or_else(|| ModelError::Config("`starts` must be at least 1".into()))?;
        let best = climb::climb(&judge, best, options)?;
        judge.tell_end();
        let latent = judge.latent(best.values)?;
        let music = judge.music(std::slice::from_ref(&latent))?.into_iter().next();
        let music = music.ok_or(ModelError::Stopped)?;
        let Met(tracks) = judge.met(&music);
        Ok(Encoding { latent, music, phrase, losses, tracks })
    }

    /// The bars of a song that a phrase of this model is, checked.
    fn phrase_of(&self, song: &Multitrack, bar: usize) -> Result<Multitrack, ModelError> {
        let grid = &self.architecture().grid;
        let unsupported = |reason: String| ModelError::Unsupported { model: self.name().to_owned(), reason };
        let last = (bar + grid.bars).min(song.bar_count().max(bar + 1));
        let phrase = song.bars(bar as i64, last as i64)?;
        let lines = phrase.bar_lines();
        if let Some(odd) =
            lines[..lines.len() - 1].iter().position(|line| phrase.meter_at(*line) != Meter::COMMON)
        {
            let meter = phrase.meter_at(lines[odd]);
            return Err(unsupported(format!(
                "plays 4/4 only; bar {} of the song (from 0) is in {meter}: choose other bars with `bar`",
                bar + odd
            )));
        }
        let known = |name: &String| grid.tracks.iter().any(|track| track.eq_ignore_ascii_case(name));
        let names = phrase.track_names();
        if !names.iter().any(known) {
            return Err(unsupported(format!(
                "has {}; the song has {}: rename its tracks, or merge them to families",
                grid.tracks.join(", "),
                if names.is_empty() { "no track".into() } else { names.join(", ") }
            )));
        }
        let sounds = |track: &crate::music::Track| known(&track.name.to_string()) && !track.roll.is_silent();
        if !phrase.tracks().iter().any(sounds) {
            return Err(unsupported(format!(
                "finds nothing to encode: its tracks are silent in bars {bar}..{last} of the song"
            )));
        }
        Ok(phrase)
    }

    /// Which tracks are given, when some are; another one must sound.
    fn given_of(&self, phrase: &Multitrack, names: &[String]) -> Result<Option<Vec<bool>>, ModelError> {
        if names.is_empty() {
            return Ok(None);
        }
        let mask = self.given_tracks(&phrase.only(names)?)?;
        let asked = self.architecture().grid.tracks.iter().zip(&mask).filter(|(_, given)| !**given);
        let sounds = |name: &String| phrase.track(name).is_ok_and(|track| !track.roll.is_silent());
        if !asked.map(|(name, _)| name).any(sounds) {
            return Err(ModelError::Unsupported {
                model: self.name().to_owned(),
                reason: format!("finds nothing to encode beside {}: the others are silent", names.join(", ")),
            });
        }
        Ok(Some(mask))
    }
}

#[cfg(test)]
mod tests;
