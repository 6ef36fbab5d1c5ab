//! The numbers of a network: named matrices in one flat vector.
//!
//! A network is two things kept apart: its architecture (plain structs that know shapes and names)
//! and its [`Weights`]. One flat vector makes optimizer steps, moving averages, saving and hashing
//! single operations whatever the architecture.

use std::collections::HashMap;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::ModelError;
use crate::base::{Rng, Seed};

/// How a matrix starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Normal with variance `gain / rows` (He et al. 2015 with gain 2).
    Normal {
        /// Variance times fan-in.
        gain: f64,
    },
    /// Normal with this deviation, redrawn beyond twice that.
    TruncatedNormal {
        /// The deviation.
        std: f64,
    },
    /// The same number everywhere.
    Constant(f64),
}

/// Name, place and start of one matrix `[group, row, column]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Path-like name, such as `bar/weight`.
    pub name: String,
    /// `[group, row, column]`.
    pub shape: [usize; 3],
    /// First number in the flat vector.
    pub offset: usize,
    /// How it starts.
    pub init: Init,
}

/// Which matrices a network has, and where each lies in the flat vector.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    entries: Vec<Entry>,
    size: usize,
}

impl Layout {
    /// Adds a matrix after those already there.
    pub fn add(&mut self, name: &str, shape: [usize; 3], init: Init) {
        let offset = self.size;
        self.size += shape.iter().product::<usize>();
        self.entries.push(Entry { name: name.to_owned(), shape, offset, init });
    }

    /// Every matrix, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Numbers in all.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Fresh numbers, each matrix from its own stream of `seed`.
    pub fn initial(&self, seed: Seed) -> Vec<f32> {
        self.initial_by(seed, |init| init)
    }

    /// Fresh numbers where `start` has the last word on how a matrix starts.
    pub fn initial_by(&self, seed: Seed, start: impl Fn(Init) -> Init) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.size);
        for entry in &self.entries {
            let count = entry.shape.iter().product::<usize>();
            let mut rng = seed.stream(&format!("weights/{}", entry.name));
            values.extend((0..count).map(|_| draw(start(entry.init), entry, &mut rng)));
        }
        values
    }
}

fn draw(init: Init, entry: &Entry, rng: &mut Rng) -> f32 {
    match init {
        Init::TruncatedNormal { std } => (std * rng.truncated_normal(2.0)) as f32,
        Init::Normal { gain } => (rng.normal() * (gain / entry.shape[1] as f64).sqrt()) as f32,
        Init::Constant(value) => value as f32,
    }
}

/// A layout with its numbers, on a device.
#[derive(Clone, Debug)]
pub struct Weights {
    layout: Arc<Layout>,
    flat: Tensor<1>,
}

impl Weights {
    /// Numbers from the host, put on `device`.
    ///
    /// # Errors
    /// [`ModelError::WeightCount`] when there are more or fewer than the layout has.
    pub fn new(layout: Arc<Layout>, values: Vec<f32>, device: &Device) -> Result<Self, ModelError> {
        if values.len() != layout.size() {
            return Err(ModelError::WeightCount { expected: layout.size(), got: values.len() });
        }
        let shape = [values.len()];
        Ok(Self { flat: Tensor::from_data(TensorData::new(values, shape), device), layout })
    }

    /// The layout.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// The flat vector, `[size]`.
    pub fn flat(&self) -> &Tensor<1> {
        &self.flat
    }

    /// The same layout with other numbers.
    pub fn with_flat(&self, flat: Tensor<1>) -> Self {
        Self { layout: self.layout.clone(), flat }
    }

    /// The numbers, on the host.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails to give them.
    pub fn values(&self) -> Result<Vec<f32>, ModelError> {
        self.flat.try_to_vec_as::<f32>().map_err(|e| ModelError::Device(e.to_string()))
    }

    /// The matrices by name, to compute with.
    pub fn matrices(&self) -> Matrices {
        let matrix = |entry: &Entry| {
            let size = entry.shape.iter().product::<usize>();
            let part = self.flat.clone().slice(entry.offset..entry.offset + size);
            (entry.name.clone(), part.reshape(entry.shape))
        };
        Matrices { by_name: Arc::new(self.layout.entries.iter().map(matrix).collect()), group: None }
    }

    /// The matrices as leaves of a gradient tape.
    pub fn leaves(&self) -> Matrices {
        let mut matrices = self.matrices();
        for matrix in Arc::make_mut(&mut matrices.by_name).values_mut() {
            *matrix = matrix.clone().autodiff().require_grad();
        }
        matrices
    }

    /// The gradient of a loss by every number, in the order of the flat vector; zero where the loss
    /// does not depend on a matrix.
    pub fn gather(&self, leaves: &Matrices, gradients: &burn::tensor::Gradients) -> Tensor<1> {
        let part = |entry: &Entry| {
            let size = entry.shape.iter().product::<usize>();
            match leaves.by_name.get(&entry.name).and_then(|leaf| leaf.grad(gradients)) {
                Some(gradient) => gradient.reshape([size]),
                None => Tensor::zeros([size], &self.flat.device()),
            }
        };
        Tensor::cat(self.layout.entries.iter().map(part).collect(), 0)
    }
}

/// Matrices by name, on a device, perhaps on a tape.
#[derive(Clone, Debug)]
pub struct Matrices {
    by_name: Arc<HashMap<String, Tensor<3>>>,
    /// The only group that is seen.
    group: Option<usize>,
}

impl Matrices {
    /// The matrix called `name`.
    ///
    /// # Panics
    /// When the architecture asks for a matrix that its own layout did not declare.
    pub fn get(&self, name: &str) -> Tensor<3> {
        match self.by_name.get(name) {
            Some(matrix) => match self.group {
                Some(group) if matrix.dims()[0] > 1 => matrix.clone().slice_dim(0, group..group + 1),
                _ => matrix.clone(),
            },
            None => unreachable!("the architecture declares every matrix that it reads: {name}"),
        }
    }

    /// The same matrices of one group alone; what groups share stays.
    pub fn of_group(&self, group: usize) -> Self {
        Self { by_name: Arc::clone(&self.by_name), group: Some(group) }
    }

    /// Whether results computed with them are on a gradient tape.
    pub fn is_on_tape(&self) -> bool {
        self.by_name.values().any(Tensor::is_autodiff)
    }

    /// The same matrices as constants of a gradient tape.
    pub fn on_tape(&self) -> Self {
        let constant = |(name, matrix): (&String, &Tensor<3>)| (name.clone(), matrix.clone().autodiff());
        Self { by_name: Arc::new(self.by_name.iter().map(constant).collect()), group: self.group }
    }

    /// Puts another matrix of the same shape in the place of `name`.
    pub fn replace(&mut self, name: &str, matrix: Tensor<3>) {
        Arc::make_mut(&mut self.by_name).insert(name.to_owned(), matrix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Arc<Layout> {
        let mut layout = Layout::default();
        layout.add("a", [1, 2, 3], Init::Normal { gain: 2.0 });
        layout.add("b", [2, 1, 2], Init::Constant(0.5));
        Arc::new(layout)
    }

    #[test]
    fn matrices_lie_one_after_the_other() {
        let values: Vec<f32> = (0..10).map(|x| x as f32).collect();
        let weights = Weights::new(layout(), values, &Device::flex()).unwrap();
        let b = weights.matrices().get("b").try_to_vec_as::<f32>().unwrap();
        assert_eq!(b, [6.0, 7.0, 8.0, 9.0]);
        assert!(Weights::new(layout(), vec![0.0; 9], &Device::flex()).is_err());
    }

    #[test]
    fn a_matrix_starts_the_same_whatever_stands_beside_it() {
        let mut other = Layout::default();
        other.add("first", [1, 1, 1], Init::Constant(0.0));
        other.add("a", [1, 2, 3], Init::Normal { gain: 2.0 });
        assert_eq!(layout().initial(Seed(1))[..6], other.initial(Seed(1))[1..]);
        assert_eq!(layout().initial(Seed(1))[6..], [0.5; 4]);
    }

    #[test]
    fn a_truncated_start_keeps_its_deviation_and_its_bound() {
        let mut layout = Layout::default();
        layout.add("a", [1, 50, 80], Init::Normal { gain: 2.0 });
        layout.add("b", [1, 1, 2], Init::Constant(0.5));
        let truncated = |init| match init {
            Init::Normal { .. } => Init::TruncatedNormal { std: 0.05 },
            other => other,
        };
        let values = layout.initial_by(Seed(1), truncated);
        let (drawn, kept) = values.split_at(4000);
        assert!(drawn.iter().all(|x| x.abs() <= 0.1) && drawn.iter().any(|x| x.abs() > 0.09));
        // A normal cut at two deviations has 0.774 of its variance.
        let variance = drawn.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / 4000.0;
        assert!((variance / 0.0025 - 0.774).abs() < 0.05, "{variance}");
        assert_eq!(kept, [0.5, 0.5]);
    }

    #[test]
    fn gradients_come_back_in_the_order_of_the_flat_vector() {
        let values: Vec<f32> = (0..10).map(|x| x as f32).collect();
        let weights = Weights::new(layout(), values, &Device::flex()).unwrap();
        let leaves = weights.leaves();
        let loss = leaves.get("b").powi_scalar(2).sum();
        let gradient = weights.gather(&leaves, &loss.backward());
        let expected = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 12.0, 14.0, 16.0, 18.0];
        assert_eq!(gradient.try_to_vec_as::<f32>().unwrap(), expected);
    }
}
