//! The layer that generators are made of: a product, what is heard, batch norm, ReLU.

use burn::tensor::{Tensor, activation};

use super::norm::{BatchNorm, Norm};
use crate::model::layers::Linear;
use crate::model::memory::in_memory;
use crate::model::weights::{Layout, Matrices};

/// A hidden layer: a product per group, to which features of given tracks may be added.
#[derive(Clone, Debug)]
pub struct Hidden {
    linear: Linear,
    heard: Option<Linear>,
    norm: BatchNorm,
}

/// The shape of a hidden layer.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Groups: tracks, or 1 where they share the layer.
    pub groups: usize,
    /// Features in.
    pub inputs: usize,
    /// Places that one row becomes.
    pub places: usize,
    /// Features of each place.
    pub channels: usize,
    /// Features of given tracks; 0 when the layer hears nothing.
    pub heard: usize,
}

impl Hidden {
    /// Declares `name/weight`, its norm, and `name/heard/weight`, which starts at zero: an
    /// accompanying model starts as the one that composes from scratch.
    ///
    /// The norm is over each channel of a group, whatever the place; `epsilon` is the norm's.
    pub fn new(layout: &mut Layout, name: &str, shape: Shape, epsilon: f64) -> Self {
        let Shape { groups, inputs, places, channels, heard } = shape;
        let outputs = places * channels;
        let linear = Linear::new(layout, name, [groups, inputs, outputs], 2.0, false);
        let norm = BatchNorm::new(layout, name, [groups, channels], 1.0, epsilon);
        let hears = || Linear::new(layout, &format!("{name}/heard"), [groups, heard, outputs], 0.0, false);
        Self { linear, heard: (heard > 0).then(hears), norm }
    }

    /// # Shapes
    /// `[group, row, inputs]` to `[group, row·place, channel]`; `heard` is `[1, row, heard]`.
    pub fn forward(
        &self,
        m: &Matrices,
        x: Tensor<3>,
        heard: Option<Tensor<3>>,
        norm: &mut Norm,
    ) -> Tensor<3> {
        self.activate(m, self.product(m, x, heard), norm)
    }

    /// The product alone, `[group, row, place·channel]`, for what must happen before the norm.
    pub fn product(&self, m: &Matrices, x: Tensor<3>, heard: Option<Tensor<3>>) -> Tensor<3> {
        let y = self.linear.forward(m, x);
        let (Some(linear), Some(heard)) = (&self.heard, heard) else { return y };
        let [groups, rows, _] = y.dims();
        let width = heard.dims()[2];
        y + linear.forward(m, heard.expand([groups, rows, width]))
    }

    /// Norm and ReLU: `[group, row, place·channel]` to `[group, row·place, channel]`.
    pub fn activate(&self, m: &Matrices, y: Tensor<3>, norm: &mut Norm) -> Tensor<3> {
        match norm {
            Norm::Folded if in_memory(&y) => self.norm.rectified(m, y),
            norm => activation::relu(self.norm.forward(m, y, norm)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};
    use std::sync::Arc;

    fn tensor(values: &[f32], shape: [usize; 3]) -> Tensor<3> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    fn assert_near(x: Tensor<3>, expected: &[f32]) {
        let x = x.try_to_vec_as::<f32>().unwrap();
        assert_eq!(x.len(), expected.len());
        assert!(x.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{x:?} {expected:?}");
    }

    /// Two groups, one input, two places of one channel, one number heard.
    fn layer() -> (Hidden, Matrices) {
        let mut layout = Layout::default();
        let shape = Shape { groups: 2, inputs: 1, places: 2, channels: 1, heard: 1 };
        let hidden = Hidden::new(&mut layout, "layer", shape, 0.0);
        let values = vec![
            1.0, 3.0, -1.0, 1.0, // weights of both groups
            2.0, 1.0, // gamma
            0.5, 0.0, // beta
            10.0, 0.0, 0.0, 0.0, // what is heard
        ];
        let weights = crate::model::Weights::new(Arc::new(layout), values, &Device::flex()).unwrap();
        (hidden, weights.matrices())
    }

    #[test]
    fn a_folded_layer_by_hand() {
        let (hidden, m) = layer();
        let x = tensor(&[1.0, 2.0, 3.0, 4.0], [2, 2, 1]);
        // Group 0: products 1 3 | 2 6, times 2, plus 0.5. Group 1: -3 3 | -4 4, below zero cut off.
        let y = hidden.forward(&m, x.clone(), None, &mut Norm::Folded);
        assert_eq!(y.dims(), [2, 4, 1]);
        assert_near(y, &[2.5, 6.5, 4.5, 12.5, 0.0, 3.0, 0.0, 4.0]);
        // Group 0 hears 10 x 0.1 in its first place of the first row.
        let heard = tensor(&[0.1, 0.0], [1, 2, 1]);
        let y = hidden.forward(&m, x, Some(heard), &mut Norm::Folded);
        assert_near(y, &[4.5, 6.5, 4.5, 12.5, 0.0, 3.0, 0.0, 4.0]);
    }

    #[test]
    fn a_layer_that_normalizes_by_hand() {
        let (hidden, m) = layer();
        let x = tensor(&[1.0, 2.0, 3.0, 4.0], [2, 2, 1]);
        // Group 0: 1 3 2 6 have mean 3 and variance 14 / 4. Group 1: -3 3 -4 4, mean 0, variance 50 / 4.
        let (a, b) = ((14.0f32 / 4.0).sqrt(), (50.0f32 / 4.0).sqrt());
        let expected = [0.0, 0.5, 0.0, 2.0 * 3.0 / a + 0.5, 0.0, 3.0 / b, 0.0, 4.0 / b];
        assert_near(hidden.forward(&m, x, None, &mut Norm::Batch), &expected);
    }

    #[test]
    fn statistics_are_over_all_places_of_a_channel_however_they_lie() {
        let mut layout = Layout::default();
        let norm = BatchNorm::new(&mut layout, "norm", [1, 2], 1.0, 0.0);
        let values = layout.initial(crate::base::Seed(0));
        let m = crate::model::Weights::new(Arc::new(layout), values, &Device::flex()).unwrap().matrices();
        // 126 places are computed side by side, 257 one by one.
        for places in [126, 257] {
            // One channel counts up, the other down.
            let count = |i: usize| if i.is_multiple_of(2) { (i / 2) as f32 } else { -((i / 2) as f32) };
            let y: Vec<f32> = (0..2 * places).map(count).collect();
            let mut records = Vec::new();
            let x = norm.forward(&m, tensor(&y, [1, places, 2]), &mut Norm::Record(&mut records));
            let x = x.try_to_vec_as::<f32>().unwrap();
            let n = places as f32;
            let (mean, deviation) = ((n - 1.0) / 2.0, ((n * n - 1.0) / 12.0).sqrt());
            for place in [0, 1, places / 2, places - 1] {
                let expected = (place as f32 - mean) / deviation;
                let [up, down] = [x[2 * place], x[2 * place + 1]];
                assert!((up - expected).abs() < 1e-4 && (down + expected).abs() < 1e-4, "{up} {down}");
            }
            assert_eq!(records.len(), 1);
        }
    }
}
