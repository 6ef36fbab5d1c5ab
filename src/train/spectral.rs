//! Spectral normalization (Miyato et al. 2018): matrices divided by their largest singular value.

use burn::tensor::Tensor;

use crate::model::{Matrices, Weights};

/// The running right singular vector of every weight matrix, `[group, 1, column]`.
#[derive(Clone, Debug)]
pub struct Spectral {
    vectors: Vec<(String, Tensor<3>)>,
}

impl Spectral {
    /// Vectors of ones for every matrix of `weights` that is multiplied with (biases are not).
    pub fn new(weights: &Weights) -> Self {
        let device = weights.flat().device();
        let multiplied = weights.layout().entries().iter().filter(|e| e.name.ends_with("/weight"));
        let start = |shape: [usize; 3]| Tensor::ones([shape[0], 1, shape[2]], &device);
        Self { vectors: multiplied.map(|e| (e.name.clone(), start(e.shape))).collect() }
    }

    /// The vectors as one flat tensor, to keep in a checkpoint.
    pub fn flat(&self) -> Tensor<1> {
        let flatten = |(_, v): &(String, Tensor<3>)| {
            let size = v.dims().iter().product::<usize>();
            v.clone().reshape([size])
        };
        Tensor::cat(self.vectors.iter().map(flatten).collect(), 0)
    }

    /// Puts back what [`Spectral::flat`] gave.
    pub fn restore(&mut self, flat: Tensor<1>) {
        let mut at = 0;
        for (_, vector) in &mut self.vectors {
            let shape = vector.dims();
            let size = shape.iter().product::<usize>();
            *vector = flat.clone().slice(at..at + size).reshape(shape);
            at += size;
        }
    }

    /// One step of power iteration with the matrices of `frozen`.
    pub fn advance(&mut self, frozen: &Matrices) {
        for (name, vector) in &mut self.vectors {
            let w = frozen.get(name);
            let u = unit(vector.clone().matmul(w.clone().swap_dims(1, 2)));
            *vector = unit(u.matmul(w));
        }
    }

    /// `matrices` (on a tape or not), each divided by its largest singular value `u W v`; `u` and `v`
    /// are constants.
    pub fn normalized(&self, matrices: &Matrices, frozen: &Matrices) -> Matrices {
        let mut result = matrices.clone();
        for (name, v) in &self.vectors {
            let u = unit(v.clone().matmul(frozen.get(name).swap_dims(1, 2)));
            let w = matrices.get(name);
            let outer = u.swap_dims(1, 2).matmul(v.clone());
            let outer = if w.is_autodiff() { outer.autodiff() } else { outer };
            let sigma = (w.clone() * outer).sum_dim(1).sum_dim(2);
            result.replace(name, w / sigma);
        }
        result
    }
}

/// `[group, 1, n]` to length one in each group.
fn unit(x: Tensor<3>) -> Tensor<3> {
    let length = x.clone().powi_scalar(2).sum_dim(2).sqrt().add_scalar(1e-12);
    x / length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Init, Layout};
    use burn::tensor::Device;
    use std::sync::Arc;

    #[test]
    fn a_diagonal_matrix_is_divided_by_its_largest_entry() {
        let mut layout = Layout::default();
        layout.add("a/weight", [1, 2, 2], Init::Constant(0.0));
        layout.add("a/bias", [1, 1, 2], Init::Constant(0.0));
        let values = vec![3.0, 0.0, 0.0, -4.0, 5.0, 5.0];
        let weights = Weights::new(Arc::new(layout), values, &Device::flex()).unwrap();
        let mut spectral = Spectral::new(&weights);
        let matrices = weights.matrices();
        for _ in 0..40 {
            spectral.advance(&matrices);
        }
        let normalized = spectral.normalized(&matrices, &matrices);
        let values = normalized.get("a/weight").try_to_vec_as::<f32>().unwrap();
        for (value, expected) in values.iter().zip([0.75, 0.0, 0.0, -1.0]) {
            assert!((value - expected).abs() < 1e-4, "{values:?}");
        }
        assert_eq!(normalized.get("a/bias").try_to_vec_as::<f32>().unwrap(), [5.0, 5.0]);
        let mut other = Spectral::new(&weights);
        other.restore(spectral.flat());
        assert_eq!(
            other.flat().try_to_vec_as::<f32>().unwrap(),
            spectral.flat().try_to_vec_as::<f32>().unwrap()
        );
    }
}
