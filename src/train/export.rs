//! From a run to a model that plays: averaged weights, folded normalization, calibration.

use std::path::Path;

use burn::tensor::Tensor;

use super::batch::{Batch, Sampler, mask_tensor};
use super::corpus::Corpus;
use super::{TrainError, Trainer};
use crate::base::Seed;
use crate::model::{
    Calibration, Description, Given, Model, ModelError, Norm, Parts, Training, Weights, by_phrase, calibrate,
    save_model,
};
use crate::music::{Family, Tempo};

/// Phrases that normalization and calibration are fitted on.
const FITTED_ON: usize = 1024;

impl Trainer {
    /// The averaged generator with its normalization folded in, and the calibration at which its music
    /// (around the basses of `corpus`, for an accompanying model) is as dense as `fitted`.
    ///
    /// # Errors
    /// [`TrainError`] when the device fails.
    pub fn finished(&self, corpus: &Corpus, fitted: &Corpus) -> Result<(Weights, Calibration), TrainError> {
        let batch = self.usual_batch(corpus);
        let given = self.given(&batch).map(|(given, _)| given);
        let folded = self.generator.fold(&self.averaged(), batch.latents.clone(), given.as_ref())?;
        let phrases = self.logits(&folded, &batch, given.as_ref())?;
        let calibration = calibrate(&self.config.model.grid, &phrases, &fitted.densities());
        Ok((folded, calibration))
    }

    /// Logits of every phrase of a batch, a part of it at a time: all layers of all of it take gigabytes.
    fn logits(
        &self,
        folded: &Weights,
        batch: &Batch,
        given: Option<&Given>,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        const PART: usize = 64;
        let (matrices, grid) = (folded.matrices(), &self.config.model.grid);
        let mut phrases = Vec::with_capacity(batch.size);
        for start in (0..batch.size).step_by(PART) {
            let part = start..(start + PART).min(batch.size);
            let given = given.map(|given| given.part(part.clone(), grid.rows()));
            let latents = batch.latents.clone().slice_dim(0, part.clone());
            let logits = self.generator.forward(&matrices, latents, given.as_ref(), &mut Norm::Folded);
            // As steep as the neurons made it: probabilities are the sigmoids of what is played.
            let logits = logits * self.neurons().map_or(1.0, |neurons| neurons.slope);
            let values =
                logits.try_into_vec_as::<f32>().map_err(|error| ModelError::Device(error.to_string()))?;
            phrases.extend(by_phrase(&values, grid.track_count(), part.len()));
        }
        Ok(phrases)
    }

    /// Latents (and phrases of `corpus` to answer) that normalization and calibration are fitted on.
    pub(super) fn usual_batch(&self, corpus: &Corpus) -> Batch {
        let seed = Seed(self.config.seed).child("export", 0);
        let sampler = Sampler::plain(&self.config.model, seed, 0.0);
        let mut batch = sampler.draw(corpus, [0, 0, 0], FITTED_ON.min(corpus.len().max(16)), &self.device);
        batch.mask = self.usual_mask(batch.size);
        batch
    }

    /// The tracks that the config gives in every phrase, or else the bass (the last track where there is
    /// none): what an accompanying model is mostly asked, and so what it is fitted for.
    fn usual_mask(&self, phrases: usize) -> Tensor<2> {
        if let Some(given) = self.config.given_mask() {
            return mask_tensor(&vec![given; phrases], &self.device);
        }
        let tracks = &self.config.model.grid.tracks;
        let bass = tracks.iter().position(|name| name == Family::Bass.name()).unwrap_or(tracks.len() - 1);
        let mask = (0..tracks.len()).map(|track| track == bass).collect();
        mask_tensor(&vec![mask; phrases], &self.device)
    }

    /// The model as it stands, to listen to.
    ///
    /// # Errors
    /// [`TrainError`] when the device fails.
    pub fn model(&self, corpus: &Corpus, on_cpu: bool) -> Result<Model, TrainError> {
        let (weights, calibration) = self.finished(corpus, corpus)?;
        let parts = Parts {
            name: self.config.name.clone(),
            about: format!("after step {}", self.step),
            hash: format!("step-{}", self.step),
            architecture: self.config.model.clone(),
            values: weights.values()?,
            calibration,
            neurons: self.neurons(),
            tempo: Tempo::new(self.config.midi.tempo).map_err(ModelError::from)?,
            instruments: self.config.instruments(),
            training: self.training(corpus),
        };
        Ok(Model::new(parts, &self.device, on_cpu)?)
    }

    /// What a model says of its training so far.
    fn training(&self, corpus: &Corpus) -> Training {
        Training {
            steps: self.step,
            batch_size: self.config.batch_size,
            phrases: corpus.len(),
            seed: self.config.seed,
        }
    }

    /// Writes the model folder; its calibration is fitted to the density of `fitted`.
    ///
    /// # Errors
    /// [`TrainError`] when the device or the disk fails.
    pub fn export(
        &self,
        folder: &Path,
        about: &str,
        corpus: &Corpus,
        fitted: &Corpus,
    ) -> Result<(), TrainError> {
        let (weights, calibration) = self.finished(corpus, fitted)?;
        let description = Description {
            format: 1,
            name: self.config.name.clone(),
            about: about.to_owned(),
            architecture: self.config.model.clone(),
            calibration,
            neurons: self.neurons(),
            tempo: self.config.midi.tempo,
            instruments: self.config.instruments(),
            training: self.training(corpus),
            inverse: None,
        };
        Ok(save_model(folder, &description, &weights.values()?)?)
    }
}
