//! What a latent should decode to, as a loss with a gradient: the way back from music.
//!
//! The loss stands in for the F1 of the cells, which has no gradient, with probabilities for cells that
//! sound or do not (the Dice loss of Milletari et al. 2016, *V-Net*): unlike the likelihood it does not
//! ask that the many silent cells be told with certainty, only that what sounds is shared. The
//! generator's weights stand still; the tape runs from a latent to its logits only.

use burn::tensor::{Device, Tensor, TensorData, activation};

use super::{Cells, Generator, Given, Matrices, ModelError, Norm, to_tensor};

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
        let (logits, wanted, asked) = self.logits(z.clone(), latents.len(), true);
        let shared = Shared::of(logits.clone().inner(), wanted, asked);
        // The derivative by the logits, so that the tape need not hold the loss.
        let gradients = (logits * shared.slope().autodiff()).sum().backward();
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
        let (logits, wanted, asked) = self.logits(z.clone(), latents.len(), false);
        read(self.losses(&Shared::of(logits, wanted, asked), z))
    }

    fn tensor(&self, latents: &[Vec<f32>]) -> Tensor<2> {
        let width = latents.first().map_or(0, Vec::len);
        Tensor::from_data(TensorData::new(latents.concat(), [latents.len(), width]), self.device)
    }

    /// Softened logits and the wanted cells, `[track, batch, cell]`, and 1 for every track that is asked
    /// for, `[track, 1, 1]`.
    fn logits(&self, z: Tensor<2>, batch: usize, taped: bool) -> (Tensor<3>, Tensor<3>, Tensor<3>) {
        let grid = &self.generator.architecture().grid;
        let wanted = to_tensor(grid, &vec![&self.cells; batch], self.device);
        let tracks = grid.track_count();
        let masked = |on: fn(bool) -> f32| -> Tensor<3> {
            let of = |track: usize| on(self.given.as_ref().is_some_and(|mask| mask[track]));
            let values: Vec<f32> = (0..tracks).map(of).collect();
            Tensor::from_data(TensorData::new(values, [tracks, 1, 1]), self.device)
        };
        let given = self.given.as_ref().map(|mask| {
            let row: Vec<f32> = mask.iter().map(|on| f32::from(u8::from(*on))).collect();
            let mask = Tensor::from_data(TensorData::new(row.repeat(batch), [batch, tracks]), self.device);
            let roll = wanted.clone() * masked(|given| f32::from(u8::from(given)));
            if taped {
                Given { roll: roll.autodiff(), mask: Tensor::autodiff(mask) }
            } else {
                Given { roll, mask }
            }
        });
        let logits = self.generator.forward(&self.matrices, z, given.as_ref(), &mut Norm::Folded);
        let asked = masked(|given| f32::from(u8::from(!given)));
        let by_phrase = |x: Tensor<3>| {
            let [tracks, rows, features] = x.dims();
            x.reshape([tracks, batch, rows / batch * features])
        };
        (by_phrase(logits.div_scalar(SOFTENING)), by_phrase(wanted), asked)
    }

    fn losses(&self, shared: &Shared, z: Tensor<2>) -> Tensor<1> {
        let batch = z.dims()[0];
        let missed = shared.wanted.clone() * (shared.f1.clone().neg() + 1.0);
        let length = z.powi_scalar(2).sum_dim(1).mul_scalar(0.5 * self.prior);
        missed.reshape([batch]) + length.reshape([batch])
    }
}

/// What the cells of latents share with those that are wanted.
struct Shared {
    /// Probabilities of the cells, 0 in tracks that are not asked for, `[track, batch, cell]`.
    made: Tensor<3>,
    /// Cells that should sound, likewise.
    cells: Tensor<3>,
    /// How many these are, `[1, batch, 1]`.
    wanted: Tensor<3>,
    /// These and the made ones.
    all: Tensor<3>,
    /// `2 shared / all`.
    f1: Tensor<3>,
}

impl Shared {
    fn of(logits: Tensor<3>, wanted: Tensor<3>, asked: Tensor<3>) -> Self {
        let made = activation::sigmoid(logits) * asked.clone();
        let cells = wanted * asked;
        let count = |x: Tensor<3>| x.sum_dim(2).sum_dim(0);
        let wanted = count(cells.clone());
        let all = count(made.clone()) + wanted.clone();
        let f1 = count(made.clone() * cells.clone()) * 2.0 / all.clone();
        Self { made, cells, wanted, all, f1 }
    }

    /// The derivative of `wanted (1 - f1)` by the logits: through each probability `p`, whose own is
    /// `p (1 - p)`, `(f1 - 2 cell) wanted / all`.
    fn slope(&self) -> Tensor<3> {
        let by_probability = self.f1.clone() - self.cells.clone() * 2.0;
        let steepness = self.made.clone() * (self.made.clone().neg() + 1.0);
        by_probability * steepness * (self.wanted.clone() / self.all.clone())
    }
}

fn read<const D: usize>(x: Tensor<D>) -> Result<Vec<f32>, ModelError> {
    x.try_into_vec_as::<f32>().map_err(|error| ModelError::Device(error.to_string()))
}
