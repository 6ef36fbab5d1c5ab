//! What a conversation is about: a maker, real music, and how much of each is looked at.

use std::sync::Arc;

use super::DialogueError;
use super::corpus::Corpus;
use super::distance::Sketch;
use super::maker::Maker;
use crate::base::{Cancel, Seed};
use crate::model::Latent;
use crate::music::Multitrack;

/// Everything that an experiment needs.
#[derive(Clone)]
pub struct Setting {
    /// Who makes the music.
    pub maker: Arc<dyn Maker>,
    /// Real music that the maker did not learn from.
    pub real: Arc<Corpus>,
    /// What it did learn from, or a part of that.
    pub training: Option<Arc<Corpus>>,
    /// Phrases, pairs or walks of an experiment.
    pub count: usize,
    /// Seed of everything that is drawn.
    pub seed: Seed,
    /// Stops experiments when it is raised.
    pub cancel: Cancel,
}

impl Setting {
    /// The latents of `count` of the experiment that `seed` belongs to.
    pub(super) fn latents(&self, seed: Seed, name: &str, count: usize) -> Vec<Latent> {
        let layout = self.maker.layout();
        (0..count as u64).map(|index| Latent::draw(layout, seed.child(name, index))).collect()
    }

    /// Their phrases, at the resolution of the real ones.
    pub(super) fn decode(&self, latents: &[Latent]) -> Result<Vec<Multitrack>, DialogueError> {
        let phrases = self.maker.decode(latents, &self.cancel)?;
        let wanted = self.real.set().phrases()[0].resolution();
        let fit = |phrase: Multitrack| match phrase.resolution() == wanted {
            true => phrase,
            false => phrase.resample(wanted),
        };
        Ok(phrases.into_iter().map(fit).collect())
    }

    /// Phrases ready to be compared.
    pub(super) fn sketch(&self, latents: &[Latent]) -> Result<Vec<Sketch>, DialogueError> {
        self.real.sketch(&self.decode(latents)?, &self.cancel)
    }

    /// Stops here when somebody wants it.
    pub(super) fn check(&self) -> Result<(), DialogueError> {
        if self.cancel.is_raised() { Err(DialogueError::Stopped) } else { Ok(()) }
    }

    /// What tells one setting from another, for records.
    pub fn describe(&self) -> String {
        let real = self.real.set();
        let training = self.training.as_ref().map_or(String::new(), |known| {
            format!(", {} phrases of its training data ({})", known.set().len(), known.name())
        });
        format!(
            "model `{}` ({}), {} real phrases of {} songs ({}){training}, {} units an experiment, seed {}",
            self.maker.name(),
            self.maker.hash(),
            real.len(),
            real.song_count(),
            self.real.name(),
            self.count,
            self.seed.0
        )
    }
}
