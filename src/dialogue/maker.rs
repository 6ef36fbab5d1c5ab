//! Who makes the music that claims are about.

use std::sync::Arc;

use super::DialogueError;
use crate::base::Cancel;
use crate::model::{DecodeOptions, Latent, LatentLayout, Model};
use crate::music::Multitrack;

/// Something that turns latents into phrases: a trained model, or a stand-in whose truth is known.
pub trait Maker: Send + Sync {
    /// What it is called.
    fn name(&self) -> &str;

    /// What tells it from others of its name.
    fn hash(&self) -> &str;

    /// The parts of its latents.
    fn layout(&self) -> &Arc<LatentLayout>;

    /// Names of its tracks.
    fn tracks(&self) -> &[String];

    /// Whether it answers to given tracks.
    fn accompanies(&self) -> bool;

    /// The phrase of each latent, in order; the same latent is always the same phrase.
    ///
    /// # Errors
    /// [`DialogueError::Stopped`] when `cancel` is raised, and what the maker itself refuses.
    fn decode(&self, latents: &[Latent], cancel: &Cancel) -> Result<Vec<Multitrack>, DialogueError>;

    /// The given tracks with others around them.
    ///
    /// # Errors
    /// As [`Maker::decode`].
    fn accompany(
        &self,
        given: &Multitrack,
        latent: &Latent,
        cancel: &Cancel,
    ) -> Result<Multitrack, DialogueError>;
}

/// Makers by name, for "another model".
pub trait Makers: Send + Sync {
    /// The names there are.
    fn names(&self) -> Vec<String>;

    /// The one called `name`.
    ///
    /// # Errors
    /// That there is none, or that it cannot be loaded.
    fn load(&self, name: &str) -> Result<Arc<dyn Maker>, DialogueError>;
}

impl Maker for Model {
    fn name(&self) -> &str {
        Model::name(self)
    }

    fn hash(&self) -> &str {
        Model::hash(self)
    }

    fn layout(&self) -> &Arc<LatentLayout> {
        Model::layout(self)
    }

    fn tracks(&self) -> &[String] {
        &self.architecture().grid.tracks
    }

    fn accompanies(&self) -> bool {
        Model::accompanies(self)
    }

    fn decode(&self, latents: &[Latent], cancel: &Cancel) -> Result<Vec<Multitrack>, DialogueError> {
        Ok(Model::decode(self, latents, &DecodeOptions::default(), cancel)?)
    }

    fn accompany(
        &self,
        given: &Multitrack,
        latent: &Latent,
        cancel: &Cancel,
    ) -> Result<Multitrack, DialogueError> {
        let latents = std::slice::from_ref(latent);
        let mut answers = Model::accompany(self, given, latents, &DecodeOptions::default(), cancel)?;
        answers.pop().ok_or(DialogueError::Stopped)
    }
}
