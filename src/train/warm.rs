//! A warm start: the weights of a checkpoint or of a finished model, as far as they fit.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::batch::normals;
use super::{Corpus, TrainConfig, TrainError, Trainer};
use crate::base::{Seed, read_file};
use crate::model::config::Architecture;
use crate::model::{
    Cells, Critic, Generator, Given, LatentLayout, Layout, Library, ModelError, Weights, decode, to_tensor,
};

/// The networks that weights are taken from.
struct Source {
    generator: Weights,
    /// A finished model has none.
    critic: Option<Weights>,
}

impl Trainer {
    /// Starts from the weights of `from`: a checkpoint, the folder of a model, or the name of a model of
    /// `library`. Every matrix that both have, by name and shape, is taken over; the rest stays fresh. Of
    /// a checkpoint the average is taken for the generator. A model has no critic, and its
    /// normalization is taken out of its weights again by what its layers are like over latents (and
    /// given tracks of `corpus`).
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] when it is none of these, or has nothing to take.
    pub fn warm_start(&mut self, from: &Path, library: &Library, corpus: &Corpus) -> Result<(), TrainError> {
        let wrong = |reason: String| TrainError::Checkpoint { path: from.to_owned(), reason };
        let Source { generator, critic } = match from.is_file() {
            true => checkpoint(from, &self.device)?,
            false => Source { generator: self.unfolded(from, library, corpus)?, critic: None },
        };
        let (g, of_generator) = take_over(&self.g, &generator)?;
        let (d, of_critic) = match critic {
            Some(critic) => take_over(&self.d, &critic)?,
            None => (self.d.clone(), 0),
        };
        if of_generator + of_critic == 0 {
            let (theirs, ours) = (told(generator.layout()), told(self.g.layout()));
            return Err(wrong(format!("no matrix fits these networks: it has {theirs}, they have {ours}")));
        }
        self.check_frozen(generator.layout()).map_err(wrong)?;
        self.average = g.flat().clone();
        self.g = g;
        self.d = d;
        self.frozen = None;
        Ok(())
    }

    /// The weights of a finished model as they are in training, normalization taken out.
    fn unfolded(&self, from: &Path, library: &Library, corpus: &Corpus) -> Result<Weights, TrainError> {
        let (architecture, values) =
            library.weights(&from.to_string_lossy()).map_err(|error| match error {
                ModelError::Missing { known, hint, .. } => TrainError::Checkpoint {
                    path: from.to_owned(),
                    reason: format!("there is no such file, model folder or model; of models {known}{hint}"),
                },
                other => other.into(),
            })?;
        let generator = Generator::new(&architecture);
        let folded = Weights::new(Arc::new(generator.layout().clone()), values, &self.device)?;
        let batch = self.usual_batch(corpus);
        let size = LatentLayout::of(&architecture).size();
        let latents = match size == batch.latents.dims()[1] {
            true => batch.latents.clone(),
            false => {
                let mut rng = Seed(self.config.seed).stream("warm start");
                normals(&mut rng, [batch.size, size], &self.device)
            }
        };
        // Tracks of another grid cannot be given.
        let usual = self.given(&batch).filter(|_| architecture.grid == self.config.model.grid);
        let given = architecture.accompanies().then(|| match usual {
            Some((given, _)) => given,
            None => nothing(&architecture, batch.size, &self.device),
        });
        Ok(generator.unfold(&folded, latents, given.as_ref())?)
    }
}

/// Both networks of a checkpoint.
fn checkpoint(path: &Path, device: &Device) -> Result<Source, TrainError> {
    let wrong = |reason: String| TrainError::Checkpoint { path: path.to_owned(), reason };
    let (mut tensors, texts) = decode(path, &read_file(path)?)?;
    let config = texts.get("config").ok_or_else(|| {
        wrong("it has no config, so it is no checkpoint; a finished model is named by its folder".into())
    })?;
    let config: TrainConfig = serde_yaml::from_str(config).map_err(|error| wrong(error.to_string()))?;
    config.check().map_err(wrong)?;
    let mut weights = |name: &str, layout: &Layout| -> Result<Weights, TrainError> {
        let found = tensors.iter_mut().find(|tensor| tensor.name == name);
        let values = found.map(|tensor| std::mem::take(&mut tensor.values));
        let values = values.ok_or_else(|| wrong(format!("`{name}` is missing")))?;
        Ok(Weights::new(Arc::new(layout.clone()), values, device)?)
    };
    let generator = Generator::new(&config.model);
    let critic = Critic::new(&config.model.grid, &config.critic);
    Ok(Source {
        generator: weights("average", generator.layout())?,
        critic: Some(weights("critic", critic.layout())?),
    })
}

/// No tracks given, for `phrases` phrases.
fn nothing(architecture: &Architecture, phrases: usize, device: &Device) -> Given {
    let silent = Cells::silent(&architecture.grid);
    Given {
        roll: to_tensor(&architecture.grid, &vec![&silent; phrases], device),
        mask: Tensor::zeros([phrases, architecture.grid.track_count()], device),
    }
}

/// `weights` with every matrix that `from` has too, by name and shape, and how many these are.
fn take_over(weights: &Weights, from: &Weights) -> Result<(Weights, usize), ModelError> {
    let (mut values, given) = (weights.values()?, from.values()?);
    let mut taken = 0;
    for entry in weights.layout().entries() {
        let fits = from.layout().entries().iter().find(|e| e.name == entry.name && e.shape == entry.shape);
        let size = entry.shape.iter().product::<usize>();
        if let Some(part) = fits.and_then(|e| given.get(e.offset..e.offset + size)) {
            values[entry.offset..entry.offset + size].copy_from_slice(part);
            taken += 1;
        }
    }
    Ok((Weights::new(weights.layout().clone(), values, &weights.flat().device())?, taken))
}

/// What matrices there are, by their number and the first of them.
fn told(layout: &Layout) -> String {
    let entries = layout.entries();
    let first = entries.first().map(|e| format!(", the first `{}` of {:?}", e.name, e.shape));
    format!("{} matrices{}", entries.len(), first.unwrap_or_default())
}
