//! Binary neurons: units that output 0 or 1 and still learn.
//!
//! Dong and Yang 2018 (BinaryMuseGAN), section 3.2. With `p = sigmoid(slope * x)`, a deterministic
//! unit is 1 where `p > 0.5` and a stochastic one is 1 with probability `p`. Neither has a useful
//! derivative, so the sigmoid's stands in for it (the straight-through estimator of Bengio, Léonard
//! and Courville 2013); a slope that grows in training brings it nearer to the step.

use burn::tensor::{Tensor, TensorData, activation};
use serde::{Deserialize, Serialize};

use super::config::Grid;
use crate::base::Rng;

/// How a binary neuron decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeuronKind {
    /// 1 where the probability is above one half.
    #[default]
    Deterministic,
    /// 1 with its probability.
    Stochastic,
}

/// The binary neurons at a generator's end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neurons {
    /// How they decide.
    pub kind: NeuronKind,
    /// What logits are multiplied with before the sigmoid; above 0.
    pub slope: f64,
}

impl Neurons {
    /// The probabilities that logits stand for.
    pub fn probabilities(&self, x: Tensor<3>) -> Tensor<3> {
        activation::sigmoid(x.mul_scalar(self.slope))
    }

    /// Zeros and ones for logits `x`; stochastic units are on where `noise`, uniform in 0..1 and of the
    /// same shape, lies below their probability. On a gradient tape, the derivative is that of
    /// [`Neurons::probabilities`].
    pub fn forward(&self, x: Tensor<3>, noise: Option<Tensor<3>>) -> Tensor<3> {
        let learns = x.is_autodiff();
        // A logit above zero is a probability above one half, without rounding.
        let on = |x: Tensor<3>, p: Tensor<3>| match (self.kind, noise) {
            (NeuronKind::Stochastic, Some(noise)) => p.greater(noise).float(),
            _ => x.greater_scalar(0.0).float(),
        };
        let p = self.probabilities(x.clone());
        if !learns {
            return on(x, p);
        }
        let bits = on(x.detach(), p.clone().detach());
        // The first two cancel exactly, so that the values are zeros and ones to the last bit.
        p.clone() - p.detach() + bits
    }
}

/// Uniform noise for one batch of rolls, `[track, row, 12·plane]` for `rows` rows a track in all; the
/// planes of a cell share a number, so that an onset is rarely drawn without its sound.
pub fn noise(rng: &mut Rng, grid: &Grid, rows: usize) -> TensorData {
    let (tracks, planes) = (grid.track_count(), grid.planes);
    let mut values = Vec::with_capacity(tracks * rows * grid.cell_features());
    for _ in 0..tracks * rows * 12 {
        let u = rng.uniform() as f32;
        values.extend(std::iter::repeat_n(u, planes));
    }
    TensorData::new(values, [tracks, rows, 12 * planes])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use burn::tensor::Device;

    const LOGITS: [f32; 5] = [-2.0, -0.1, 0.0, 1e-9, 1.5];

    fn row(values: [f32; 5]) -> Tensor<3> {
        Tensor::<1>::from_floats(values, &Device::flex()).reshape([1, 1, 5])
    }

    fn values(x: Tensor<3>) -> Vec<f32> {
        x.try_to_vec_as::<f32>().unwrap()
    }

    /// Values of the units, and the gradient of their sum weighted 1, 2, 3, 4, 5.
    fn both(neurons: Neurons, noise: Option<[f32; 5]>) -> (Vec<f32>, Vec<f32>) {
        let x = row(LOGITS).autodiff().require_grad();
        let y = neurons.forward(x.clone(), noise.map(|u| row(u).autodiff()));
        let weighted = y.clone() * row([1.0, 2.0, 3.0, 4.0, 5.0]).autodiff();
        let gradients = weighted.sum().backward();
        (values(y.inner()), values(x.grad(&gradients).unwrap()))
    }

    fn expected_gradient(slope: f64) -> Vec<f64> {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let slope_at = |(i, x): (usize, &f32)| {
            let p = sigmoid(slope * f64::from(*x));
            (i + 1) as f64 * slope * p * (1.0 - p)
        };
        LOGITS.iter().enumerate().map(slope_at).collect()
    }

    #[track_caller]
    fn assert_near(got: &[f32], expected: &[f64]) {
        let near = got.iter().zip(expected).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-5);
        assert!(near, "{got:?} {expected:?}");
    }

    #[test]
    fn deterministic_units_are_a_step_with_the_gradient_of_a_sigmoid() {
        for slope in [1.0, 3.5] {
            let neurons = Neurons { kind: NeuronKind::Deterministic, slope };
            let (bits, gradient) = both(neurons, None);
            assert_eq!(bits, [0.0, 0.0, 0.0, 1.0, 1.0]);
            assert_near(&gradient, &expected_gradient(slope));
        }
    }

    #[test]
    fn stochastic_units_are_on_where_the_noise_is_below_their_probability() {
        // sigmoid(2 x) is 0.018, 0.450, 0.5, 0.5, 0.953.
        let neurons = Neurons { kind: NeuronKind::Stochastic, slope: 2.0 };
        let (bits, gradient) = both(neurons, Some([0.01, 0.46, 0.49, 0.51, 0.96]));
        assert_eq!(bits, [1.0, 0.0, 1.0, 0.0, 0.0]);
        assert_near(&gradient, &expected_gradient(2.0));
        let without_tape = neurons.forward(row(LOGITS), Some(row([0.01, 0.46, 0.49, 0.51, 0.96])));
        assert_eq!(values(without_tape), bits);
    }

    #[test]
    fn noise_is_shared_by_the_planes_of_a_cell_and_uniform() {
        let grid = Grid::small();
        let data = noise(&mut Seed(3).stream("noise"), &grid, 448);
        assert_eq!(data.shape().to_vec(), [5, 448, 24]);
        let drawn = data.try_to_vec::<f32>().unwrap();
        assert!(drawn.chunks(2).all(|cell| cell[0] == cell[1]));
        let mean = drawn.iter().sum::<f32>() / drawn.len() as f32;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        let probability = 0.3;
        let share = drawn.iter().filter(|u| **u < probability).count() as f32 / drawn.len() as f32;
        assert!((share - probability).abs() < 0.01, "{share}");
    }
}
