//! What the generator makes of a batch, as the critic sees it.
//!
//! Three things decide: binary neurons or probabilities, a refiner that learns alone or with the
//! generator, and given tracks, which stay as they are.

use burn::tensor::{Tensor, activation};

use super::Trainer;
use super::batch::Batch;
use super::config::RefinerTraining;
use super::corpus::Corpus;
use crate::base::Seed;
use crate::model::{Entry, Layout, Matrices, NeuronKind, Neurons, Norm, neurons};

/// How the names of a refiner's matrices start.
const REFINER: &str = "refiner/";

/// A batch of the generator's phrases, `[track, batch·step·octave, 12·plane]`, given tracks in their
/// places.
pub struct Made {
    /// Probabilities of the cells; absent where binary neurons decide and nobody asks for them.
    pub probabilities: Option<Tensor<3>>,
    /// What the critic sees: the probabilities, or the cells of binary neurons.
    pub seen: Tensor<3>,
}

impl Trainer {
    /// The binary neurons of the next step.
    pub(super) fn neurons(&self) -> Option<Neurons> {
        self.config.neurons(self.step, self.phrases)
    }

    /// Freezes a generator whose refiner learns alone: from then on it plays as it will when it is
    /// exported, its batch norm folded over the same latents, and no gradient goes through it.
    pub(super) fn freeze(&mut self, corpus: &Corpus) {
        let alone = self.config.refiner_training() == Some(RefinerTraining::TwoStage);
        if alone && self.frozen.is_none() {
            let batch = self.usual_batch(corpus);
            let given = self.given(&batch).map(|(given, _)| given);
            self.frozen = Some(self.generator.frozen(&self.g.matrices(), batch.latents, given.as_ref()));
        }
    }

    /// Checks that a generator to be frozen was taken over whole from one with the matrices of `from`.
    pub(super) fn check_frozen(&self, from: &Layout) -> Result<(), String> {
        if self.config.refiner_training() != Some(RefinerTraining::TwoStage) {
            return Ok(());
        }
        let has =
            |e: &Entry| from.entries().iter().any(|other| other.name == e.name && other.shape == e.shape);
        let mut frozen = self.g.layout().entries().iter().filter(|e| !e.name.starts_with(REFINER));
        match frozen.find(|e| !has(e)) {
            Some(Entry { name, shape, .. }) => Err(format!(
                "it has no matrix `{name}` of shape {shape:?}, and a refiner in two stages needs the whole \
                 generator; give `model` the sizes it has there, or train `end_to_end`"
            )),
            None => Ok(()),
        }
    }

    /// Part `part` of update `update` of the next step, with the noise of stochastic neurons and the
    /// logits of a frozen generator.
    pub(super) fn batch(&self, corpus: &Corpus, update: u64, part: u64) -> Batch {
        let place = [self.step, update, part];
        let mut batch = self.sampler.draw(corpus, place, self.config.part_size(), &self.device);
        let kind = self.neurons().map(|neurons| neurons.kind);
        if kind == Some(NeuronKind::Stochastic) {
            let seed = Seed(self.config.seed);
            let mut rng = seed.stream(&format!("neurons/{}/{update}/{part}", self.step));
            let rows = batch.real.dims()[1];
            let noise = neurons::noise(&mut rng, &self.config.model.grid, rows);
            batch.noise = Some(Tensor::from_data(noise, &self.device));
        }
        if let Some(frozen) = &self.frozen {
            let given = self.given(&batch).map(|(given, _)| given);
            let latents = batch.latents.clone();
            batch.draft = Some(self.generator.draft(frozen, latents, given.as_ref(), &mut Norm::Folded));
        }
        batch
    }

    /// Whether the generator also learns to meet the true tracks.
    pub(super) fn reconstructs(&self) -> bool {
        self.config.accompany.reconstruction > 0.0 && self.config.model.accompanies()
    }

    /// The phrases of a batch.
    pub(super) fn make(&self, matrices: &Matrices, batch: &Batch) -> Made {
        let given = self.given(batch);
        let norm = &mut Norm::Batch;
        let logits = match &batch.draft {
            Some(draft) => self.generator.refine(matrices, draft.clone(), norm),
            None => {
                let given = given.as_ref().map(|(given, _)| given);
                self.generator.forward(matrices, batch.latents.clone(), given, norm)
            }
        };
        let around = |cells: Tensor<3>| match &given {
            Some((given, kept)) => cells * kept.clone().mul_scalar(-1.0).add_scalar(1.0) + given.roll.clone(),
            None => cells,
        };
        let Some(neurons) = self.neurons() else {
            let seen = around(activation::sigmoid(logits));
            return Made { probabilities: Some(seen.clone()), seen };
        };
        let probabilities = self.reconstructs().then(|| around(neurons.probabilities(logits.clone())));
        Made { probabilities, seen: around(neurons.forward(logits, batch.noise.clone())) }
    }
}
