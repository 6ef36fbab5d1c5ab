//! What a latent should decode to, as a loss with a gradient: the way back from music.
//!
//! The loss stands in for the F1 of the cells, which has no gradient, with probabilities for cells that
//! sound or do not (the Dice loss of Milletari et al. 2016, *V-Net*): unlike the likelihood it does not
//! ask that the many silent cells be told with certainty, only that what sounds is shared. The
//! generator's weights stand still; the tape runs from a latent to its logits only.

use burn::tensor::{Device, Tensor, TensorData, activation};

use super::config::Grid;
use super::{Cells, Generator, Given, Matrices, ModelError, Norm, given_tensor, to_tensor};

/// Divides logits before the loss looks at them. Generators that were trained against a critic are so
/// sure of themselves that cells which are wrong would have no slope to speak of.
const SOFTENING: f64 = 3.0;

/// A phrase that is asked for.
pub struct Target<'a> {
    /// The networks.
    pub generator: &'a Generator,
    /// Its numbers, as constants of a gradient tape.
    pub matrices: Matrices,
    /// What should sound.
    pub cells: Cells,
    /// Which tracks are given to an accompanying model, and so not asked for.
    pub given: Option<Vec<bool>>,
    /// Weight of half the squared length of the latent.
    pub prior: f64,
    /// Where it is computed.
    pub device: &'a Device,
}

/// Loss of each latent of a batch, and the gradient by its numbers.
pub struct Slope {
    /// `[batch]`.
    pub losses: Vec<f32>,
    /// `[batch, latent]`.
    pub gradient: Vec<f32>,
}

impl Target<'_> {
    /// The loss: wanted cells that are missed, `wanted (1 - F)` with `F` the softened F1 of the cells in
    /// the tracks that are asked for; and `prior` times half the squared length of the latent.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails.
    pub fn slope(&self, latents: &[Vec<f32>]) -> Result<Slope, ModelError> {
        let z = self.tensor(latents).autodiff().require_grad();
        let wanted = self.wanted(latents.len());
        let logits = wanted.logits(self.generator, &self.matrices, z.clone());
        let shared = wanted.shared(logits.clone().inner());
        let slope = shared.slope() * shared.wanted.clone();
        // The derivative by the logits, so that the tape need not hold the loss.
        let gradients = (logits * slope.autodiff()).sum().backward();
        let by_cells = z.grad(&gradients);
        let z = z.inner();
        let by_length = z.clone().mul_scalar(self.prior);
        let gradient = by_cells.map_or(by_length.clone(), |by_cells| by_cells + by_length);
        Ok(Slope { losses: read(self.losses(&shared, z))?, gradient: read(gradient)? })
    }

    /// The loss alone, `[batch]`.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails.
    pub fn loss(&self, latents: &[Vec<f32>]) -> Result<Vec<f32>, ModelError> {
        let z = self.tensor(latents);
        let wanted = self.wanted(latents.len());
        let logits = wanted.logits(self.generator, &self.matrices, z.clone());
        read(self.losses(&wanted.shared(logits), z))
    }

    fn tensor(&self, latents: &[Vec<f32>]) -> Tensor<2> {
        let width = latents.first().map_or(0, Vec::len);
        Tensor::from_data(TensorData::new(latents.concat(), [latents.len(), width]), self.device)
    }

    /// The phrase, once for each latent.
    fn wanted(&self, batch: usize) -> Wanted {
        let grid = &self.generator.architecture().grid;
        let given = self.given.as_ref().map(|mask| vec![mask.clone(); batch]);
        Wanted::new(grid, &vec![&self.cells; batch], given.as_deref(), self.device)
    }

    fn losses(&self, shared: &Shared, z: Tensor<2>) -> Tensor<1> {
        let batch = z.dims()[0];
        let missed = shared.wanted.clone() * (shared.f1.clone().neg() + 1.0);
        let length = z.powi_scalar(2).sum_dim(1).mul_scalar(0.5 * self.prior);
        missed.reshape([batch]) + length.reshape([batch])
    }
}

/// Phrases that are asked for, one for each latent of a batch.
pub struct Wanted {
    /// Cells that should sound, `[track, batch, cell]`.
    cells: Tensor<3>,
    /// 1 for every track that is asked for, `[track, batch, 1]`.
    asked: Tensor<3>,
    given: Option<Given>,
}

impl Wanted {
    /// What `cells` show. With `given`, `[batch][track]`, tracks are given to an accompanying model and
    /// not asked for; without, all are.
    pub fn new(grid: &Grid, cells: &[&Cells], given: Option<&[Vec<bool>]>, device: &Device) -> Self {
        let (batch, tracks) = (cells.len(), grid.track_count());
        let roll = to_tensor(grid, cells, device);
        let [_, rows, features] = roll.dims();
        let by_phrase = [tracks, batch, rows / batch.max(1) * features];
        let mask = given.map(|given| given_tensor(given, device));
        let by_track = |mask: Tensor<2>| mask.swap_dims(0, 1).reshape([tracks, batch, 1]);
        let asked = match &mask {
            Some(mask) => by_track(mask.clone()).neg() + 1.0,
            None => Tensor::ones([tracks, batch, 1], device),
        };
        let cells = roll.reshape(by_phrase);
        let given = mask.map(|mask| Given {
            roll: (cells.clone() * by_track(mask.clone())).reshape([tracks, rows, features]),
            mask,
        });
        Self { cells, asked, given }
    }

    /// Softened logits of latents, `[track, batch, cell]`; `z` is `[batch, latent]`.
    pub fn logits(&self, generator: &Generator, matrices: &Matrices, z: Tensor<2>) -> Tensor<3> {
        let given = self.given.clone().map(|given| match z.is_autodiff() {
            true => Given { roll: given.roll.autodiff(), mask: given.mask.autodiff() },
            false => given,
        });
        let logits = generator.forward(matrices, z, given.as_ref(), &mut Norm::Folded);
        logits.reshape(self.cells.dims()).div_scalar(SOFTENING)
    }

    /// What the cells of softened logits share with these, in the tracks that are asked for.
    pub fn shared(&self, logits: Tensor<3>) -> Shared {
        let made = activation::sigmoid(logits) * self.asked.clone();
        let cells = self.cells.clone() * self.asked.clone();
        let count = |x: Tensor<3>| x.sum_dim(2).sum_dim(0);
        let wanted = count(cells.clone());
        let all = count(made.clone()) + wanted.clone();
        let f1 = count(made.clone() * cells.clone()) * 2.0 / all.clone().clamp_min(1e-6);
        Shared { made, cells, wanted, all, f1 }
    }
}

/// What the cells of latents share with those that are wanted.
pub struct Shared {
    /// Probabilities of the cells, 0 in tracks that are not asked for, `[track, batch, cell]`.
    made: Tensor<3>,
    /// Cells that should sound, likewise.
    cells: Tensor<3>,
    /// How many these are, `[1, batch, 1]`.
    wanted: Tensor<3>,
    /// These and the made ones.
    all: Tensor<3>,
    /// `2 shared / all`, `[1, batch, 1]`.
    pub f1: Tensor<3>,
}

impl Shared {
    /// The derivative of `1 - f1` by the logits, `[track, batch, cell]`: through each probability `p`,
    /// whose own is `p (1 - p)`, `(f1 - 2 cell) / all`.
    pub fn slope(&self) -> Tensor<3> {
        let by_probability = self.f1.clone() - self.cells.clone() * 2.0;
        let steepness = self.made.clone() * (self.made.clone().neg() + 1.0);
        by_probability * steepness / self.all.clone().clamp_min(1e-6)
    }
}

fn read<const D: usize>(x: Tensor<D>) -> Result<Vec<f32>, ModelError> {
    x.try_into_vec_as::<f32>().map_err(|error| ModelError::Device(error.to_string()))
}
