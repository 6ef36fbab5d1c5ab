//! What a latent should decode to, as a loss with a gradient: the way back from music.
//!
//! The generator's weights stand still; the tape runs from a latent to its logits only.

use burn::tensor::{Device, Tensor, TensorData, activation};

use super::{Cells, Generator, Given, Matrices, ModelError, Norm, to_tensor};

/// Divides logits before the loss looks at them. Generators that were trained against a critic are far
/// surer of themselves than they are right, and a few cells that are sure and wrong would drown the rest.
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
    /// The loss: cross-entropy of the cells under softened probabilities, in nats, summed over the tracks
    /// that are asked for; and `prior` times half the squared length of the latent.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails.
    pub fn slope(&self, latents: &[Vec<f32>]) -> Result<Slope, ModelError> {
        let z = self.tensor(latents).autodiff().require_grad();
        let (logits, wanted, asked) = self.logits(z.clone(), latents.len(), true);
        let inner = logits.clone().inner();
        // The derivative of the cross-entropy, so that the tape need not hold it.
        let outer = (activation::sigmoid(inner.clone()) - wanted.clone()) * asked.clone();
        let gradients = (logits * outer.autodiff()).sum().backward();
        let by_cells = z.grad(&gradients);
        let z = z.inner();
        let by_length = z.clone().mul_scalar(self.prior);
        let gradient = by_cells.map_or(by_length.clone(), |by_cells| by_cells + by_length);
        Ok(Slope { losses: read(self.losses(inner, wanted, asked, z))?, gradient: read(gradient)? })
    }

    /// The loss alone, `[batch]`.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails.
    pub fn loss(&self, latents: &[Vec<f32>]) -> Result<Vec<f32>, ModelError> {
        let z = self.tensor(latents);
        let (logits, wanted, asked) = self.logits(z.clone(), latents.len(), false);
        read(self.losses(logits, wanted, asked, z))
    }

    fn tensor(&self, latents: &[Vec<f32>]) -> Tensor<2> {
        let width = latents.first().map_or(0, Vec::len);
        Tensor::from_data(TensorData::new(latents.concat(), [latents.len(), width]), self.device)
    }

    /// Softened logits and the wanted cells, `[track, batch·step·octave, 12·plane]`, and 1 for every track
    /// that is asked for, `[track, 1, 1]`.
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
        (logits.div_scalar(SOFTENING), wanted, asked)
    }

    fn losses(&self, x: Tensor<3>, wanted: Tensor<3>, asked: Tensor<3>, z: Tensor<2>) -> Tensor<1> {
        let [tracks, rows, features] = x.dims();
        let batch = z.dims()[0];
        let each = (activation::softplus(x.clone(), 1.0) - x * wanted) * asked;
        let by_phrase = each.reshape([tracks, batch, rows / batch * features]).sum_dim(2).sum_dim(0);
        let length = z.powi_scalar(2).sum_dim(1).mul_scalar(0.5 * self.prior);
        by_phrase.reshape([batch]) + length.reshape([batch])
    }
}

fn read<const D: usize>(x: Tensor<D>) -> Result<Vec<f32>, ModelError> {
    x.try_into_vec_as::<f32>().map_err(|error| ModelError::Device(error.to_string()))
}
