//! How a conversation begins: with which model, beside which music, from which seed.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::DialogueError;
use super::corpus::Corpus;
use super::maker::Makers;
use super::setting::Setting;
use crate::base::{Cancel, Seed};
use crate::data::Dataset;

/// What a conversation begins with; with it and the person's lines it can be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Name of the model.
    pub model: String,
    /// File of real phrases that it did not learn from.
    pub real: String,
    /// Most of them that are looked at.
    pub phrases: usize,
    /// File of phrases that it learnt from.
    pub training: Option<String>,
    /// Phrases, pairs or walks of an experiment.
    pub count: usize,
    /// Seed of everything that is drawn.
    pub seed: u64,
}

impl Default for Opening {
    /// The hybrid model beside the held-out phrases that come with the program.
    fn default() -> Self {
        Self {
            model: "hybrid".into(),
            real: "examples/held_out/phrases.npz".into(),
            phrases: 300,
            training: Some("examples/data/tour_256.npz".into()),
            count: 100,
            seed: 0,
        }
    }
}

impl Opening {
    /// Loads the model and the music. `place` gives the path of a file that is named.
    ///
    /// # Errors
    /// What is wrong with the model or the files.
    pub fn setting(
        &self,
        makers: &dyn Makers,
        place: impl Fn(&str) -> Result<PathBuf, String>,
        cancel: &Cancel,
    ) -> Result<Setting, DialogueError> {
        let load = |name: &String| -> Result<Arc<Corpus>, DialogueError> {
            let path = place(name).map_err(DialogueError::Untestable)?;
            let unusable = |error: crate::data::DataError| DialogueError::Untestable(error.to_string());
            let set = Dataset::load(&path).map_err(unusable)?.watching(cancel);
            let set = set.to_song_set().map_err(unusable)?;
            // The same phrases whatever is drawn, so that conversations can be compared.
            Ok(Arc::new(Corpus::new(name, set.sample(self.phrases, Seed(0)), cancel)?))
        };
        Ok(Setting {
            maker: makers.load(&self.model)?,
            real: load(&self.real)?,
            training: self.training.as_ref().map(load).transpose()?,
            count: self.count,
            seed: Seed(self.seed),
            cancel: cancel.clone(),
        })
    }
}
