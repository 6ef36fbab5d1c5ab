//! The temporal generator: one vector in, one vector a bar out (Dong et al. 2018, section 3.3).

use burn::tensor::{Tensor, activation};

use crate::model::layers::Linear;
use crate::model::weights::{Layout, Matrices};

/// Two products with a ReLU between, for each group on its own.
#[derive(Clone, Debug)]
pub struct TemporalGenerator {
    hidden: Linear,
    out: Linear,
    bars: usize,
    width: usize,
}

impl TemporalGenerator {
    /// Declares `name/hidden` and `name/out` for vectors of `width` numbers.
    pub fn new(
        layout: &mut Layout,
        name: &str,
        [groups, width]: [usize; 2],
        hidden: usize,
        bars: usize,
    ) -> Self {
        Self {
            hidden: Linear::new(layout, &format!("{name}/hidden"), [groups, width, hidden], 2.0, true),
            out: Linear::new(layout, &format!("{name}/out"), [groups, hidden, bars * width], 1.0, true),
            bars,
            width,
        }
    }

    /// # Shapes
    /// `[group, batch, width]` to `[group, batch·bar, width]`.
    pub fn forward(&self, m: &Matrices, z: Tensor<3>) -> Tensor<3> {
        let [groups, batch, _] = z.dims();
        let h = activation::relu(self.hidden.forward(m, z));
        self.out.forward(m, h).reshape([groups, batch * self.bars, self.width])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use std::sync::Arc;

    #[test]
    fn a_vector_becomes_one_a_bar_by_hand() {
        let mut layout = Layout::default();
        let temporal = TemporalGenerator::new(&mut layout, "time", [2, 1], 2, 3);
        // Group by group: hidden weights, hidden biases, out weights, out biases.
        let values = vec![
            1.0, -1.0, 2.0, 3.0, // hidden weights of both groups
            0.0, 5.0, 0.0, -100.0, // hidden biases
            1.0, 2.0, 3.0, 10.0, 20.0, 30.0, // out weights of group 0
            1.0, 2.0, 3.0, 10.0, 20.0, 30.0, // of group 1
            0.5, 0.5, 0.5, 0.0, 0.0, 0.0, // out biases
        ];
        let device = Device::flex();
        let weights = crate::model::Weights::new(Arc::new(layout), values, &device).unwrap();
        let z = Tensor::from_data(TensorData::new(vec![2.0f32, 4.0], [2, 1, 1]), &device);
        let bars = temporal.forward(&weights.matrices(), z);
        assert_eq!(bars.dims(), [2, 3, 1]);
        // Group 0 hides (2, 3); group 1 hides (8, 0), as 12 - 100 is below zero.
        assert_eq!(bars.try_to_vec_as::<f32>().unwrap(), [32.5, 64.5, 96.5, 8.0, 16.0, 24.0]);
    }
}
