//! Music at the latents that a run comes back to again and again.

use std::sync::Arc;

use super::corpus::Corpus;
use super::{TrainConfig, TrainError};
use crate::base::{Cancel, Rng, Seed};
use crate::model::{DecodeOptions, Latent, LatentLayout, Model};
use crate::music::Multitrack;

/// Plays a run's models at latents that depend on its seed alone.
#[derive(Clone, Copy)]
pub struct Player<'a> {
    /// The run.
    pub config: &'a TrainConfig,
    /// Phrases that an accompanying model answers.
    pub corpus: &'a Corpus,
}

impl Player<'_> {
    /// The latents `0..count` of `stream`.
    pub fn latents(&self, stream: &str, count: u64) -> Vec<Latent> {
        let layout = Arc::new(LatentLayout::of(&self.config.model));
        let seed = |i| Seed(self.config.seed).child(stream, i);
        (0..count).map(|i| Latent::draw(&layout, seed(i))).collect()
    }

    /// Music at fixed latents; an accompanying model plays around fixed tracks of the corpus.
    ///
    /// # Errors
    /// [`TrainError`] when the device fails, or there is nothing to answer.
    pub fn play(&self, model: &Model, stream: &str, count: u64) -> Result<Vec<Multitrack>, TrainError> {
        let latents = self.latents(stream, count);
        let options = DecodeOptions::default();
        if !model.accompanies() {
            return Ok(model.decode(&latents, &options, &Cancel::new())?);
        }
        let mut rng = Seed(self.config.seed).stream(&format!("{stream}/given"));
        let mut music = Vec::with_capacity(latents.len());
        for latent in latents {
            let (phrase, sounding) = self.sounding_phrase(&mut rng)?;
            let chosen = match self.config.accompany.given.is_empty() {
                true => vec![sounding[rng.below(sounding.len())].clone()],
                false => sounding,
            };
            let given = phrase.only(&chosen).map_err(crate::model::ModelError::from)?;
            music.extend(model.accompany(&given, &[latent], &options, &Cancel::new())?);
        }
        Ok(music)
    }

    /// A phrase of the corpus, drawn by `rng`, and the names of its tracks that sound and may be given:
    /// the next phrase that has any.
    fn sounding_phrase(&self, rng: &mut Rng) -> Result<(Multitrack, Vec<String>), TrainError> {
        let (grid, count) = (&self.config.model.grid, self.corpus.len());
        let start = rng.below(count);
        for i in 0..count {
            let phrase = self.corpus.cells((start + i) % count).to_music(grid);
            let given = &self.config.accompany.given;
            let may = |name: &str| given.is_empty() || given.iter().any(|given| given == name);
            let sounding = phrase.tracks().iter().filter(|t| !t.roll.is_silent() && may(&t.name));
            let sounding: Vec<String> = sounding.map(|t| t.name.to_string()).collect();
            if !sounding.is_empty() {
                return Ok((phrase, sounding));
            }
        }
        Err(TrainError::Samples(
            "no phrase has a sounding track to give, so that there is nothing to answer".into(),
        ))
    }
}
