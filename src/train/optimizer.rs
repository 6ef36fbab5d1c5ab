//! Adam over a network's flat vector, with a state that can be kept.

use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer as _};
use burn::tensor::Tensor;

/// Burn's Adam (Kingma and Ba 2015), epsilon 1e-8.
#[derive(Clone)]
pub struct Optimizer {
    adam: Adam,
    state: Option<AdamState<1>>,
}

/// What Adam remembers between steps.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Steps taken.
    pub time: usize,
    /// Running mean of the gradient, `[size]`.
    pub mean: Tensor<1>,
    /// Running mean of its square, `[size]`.
    pub square: Tensor<1>,
}

impl Optimizer {
    /// Adam that remembers nothing yet.
    pub fn new(rates: super::config::Adam) -> Self {
        let config = AdamConfig::new()
            .with_beta_1(rates.beta1 as f32)
            .with_beta_2(rates.beta2 as f32)
            .with_epsilon(1e-8);
        Self { adam: config.build(), state: None }
    }

    /// The vector after one step against `gradient`.
    pub fn step(&mut self, rate: f64, values: Tensor<1>, gradient: Tensor<1>) -> Tensor<1> {
        let (values, state) = self.adam.step(rate, values, gradient, self.state.take());
        self.state = state;
        values
    }

    /// What it remembers, once it has taken a step.
    pub fn memory(&self) -> Option<Memory> {
        self.state.as_ref().map(|state| Memory {
            time: state.momentum.time,
            mean: state.momentum.moment_1.clone(),
            square: state.momentum.moment_2.clone(),
        })
    }

    /// Goes on from what another Adam remembered.
    pub fn restore(&mut self, memory: Memory) {
        let momentum = AdaptiveMomentumState::new(memory.time, memory.mean, memory.square);
        self.state = Some(AdamState::new(momentum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn the_first_step_has_the_length_of_the_rate_and_memory_resumes_exactly() {
        let rates = crate::train::config::Adam::default();
        let start = || Tensor::<1>::from_floats([1.0, -2.0], &Device::flex());
        let gradient = || Tensor::<1>::from_floats([0.3, -4.0], &Device::flex());
        let mut adam = Optimizer::new(rates);
        let first = adam.step(0.1, start(), gradient());
        let values = first.try_to_vec_as::<f32>().unwrap();
        assert!((values[0] - 0.9).abs() < 1e-5 && (values[1] + 1.9).abs() < 1e-5, "{values:?}");
        let mut resumed = Optimizer::new(rates);
        resumed.restore(adam.memory().unwrap());
        let next =
            |adam: &mut Optimizer| adam.step(0.1, first.clone(), gradient()).try_to_vec_as::<f32>().unwrap();
        assert_eq!(next(&mut adam), next(&mut resumed));
    }
}
