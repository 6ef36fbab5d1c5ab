//! Batch normalization (Ioffe and Szegedy 2015): by the batch, recorded, or folded into two numbers.

use burn::tensor::Tensor;

use crate::model::layers::{in_parts, parts};
use crate::model::memory::rectify;
use crate::model::weights::{Init, Layout, Matrices};
use crate::model::{ModelError, Weights};

/// How hidden layers normalize.
pub enum Norm<'a> {
    /// By the statistics of the batch, as in training.
    Batch,
    /// By the batch, noting the statistics of every layer for folding.
    Record(&'a mut Vec<Statistics>),
    /// Not at all: the statistics are folded into the weights (`gamma` holds the factor, `beta` the
    /// offset).
    Folded,
    /// As folded, noting the statistics of what is normalized, for unfolding.
    Observe(&'a mut Vec<Statistics>),
}

impl Norm<'_> {
    /// Whether the weights are folded ones.
    pub fn is_folded(&self) -> bool {
        matches!(self, Self::Folded | Self::Observe(_))
    }

    /// Notes the statistics that `take` gives, where somebody wants them.
    pub fn note(&mut self, take: impl FnOnce() -> Statistics) {
        if let Self::Record(records) | Self::Observe(records) = self {
            records.push(take());
        }
    }
}

/// What one layer's channels were like over a batch.
pub struct Statistics {
    layer: String,
    epsilon: f64,
    /// `[group, 1, channel]`.
    mean: Tensor<3>,
    /// `[group, 1, channel]`.
    variance: Tensor<3>,
}

impl Statistics {
    /// The mean and variance of `layer`, `[group, 1, channel]`; `epsilon` is the layer's.
    pub fn new(layer: &str, epsilon: f64, mean: Tensor<3>, variance: Tensor<3>) -> Self {
        Self { layer: layer.to_owned(), epsilon, mean, variance }
    }
}

/// The norm of one layer: a factor `name/gamma` and an offset `name/beta` for each group and channel.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    name: String,
    channels: usize,
    epsilon: f64,
}

impl BatchNorm {
    /// Declares the norm of `[groups, channels]`; `gamma` is where its factors start, `epsilon` is
    /// added to variances before the square root.
    pub fn new(layout: &mut Layout, name: &str, shape: [usize; 2], gamma: f64, epsilon: f64) -> Self {
        let [groups, channels] = shape;
        layout.add(&format!("{name}/gamma"), [groups, 1, channels], Init::Constant(gamma));
        layout.add(&format!("{name}/beta"), [groups, 1, channels], Init::Constant(0.0));
        Self { name: name.to_owned(), channels, epsilon }
    }

    /// # Shapes
    /// `[group, row, place·channel]` to `[group, row·place, channel]`.
    pub fn forward(&self, m: &Matrices, y: Tensor<3>, norm: &mut Norm) -> Tensor<3> {
        let [groups, rows, outputs] = y.dims();
        let (places, channels) = (rows * outputs / self.channels, self.channels);
        let side_by_side = side_by_side(places, channels);
        let wide = [groups, places / side_by_side, side_by_side * channels];
        // Statistics of the channels `[group, 1, channel]`, and back to every place of a wide row.
        let over_places = |x: Tensor<3>| x.mean_dim(1).reshape([groups, side_by_side, channels]).mean_dim(1);
        let repeated = |x: Tensor<3>| match side_by_side {
            1 => x,
            _ => x.repeat_dim(1, side_by_side).reshape([groups, 1, side_by_side * channels]),
        };
        let y = y.reshape(wide);
        let gamma = m.get(&format!("{}/gamma", self.name));
        let beta = m.get(&format!("{}/beta", self.name));
        if matches!(norm, Norm::Folded) {
            return (y * repeated(gamma) + repeated(beta)).reshape([groups, places, channels]);
        }
        let parts = parts(&y, wide[1]);
        if parts > 1 && !norm.is_folded() {
            return self.learnt(in_parts(y, parts), [gamma, beta].map(repeated), side_by_side, norm);
        }
        let mean = over_places(y.clone());
        let centred = y.clone() - repeated(mean.clone());
        let variance = over_places(centred.clone().powi_scalar(2));
        norm.note(|| Statistics::new(&self.name, self.epsilon, mean, variance.clone()));
        if norm.is_folded() {
            return (y * repeated(gamma) + repeated(beta)).reshape([groups, places, channels]);
        }
        let factor = gamma / variance.add_scalar(self.epsilon).sqrt();
        (centred * repeated(factor) + repeated(beta)).reshape([groups, places, channels])
    }
}

impl BatchNorm {
    /// The ReLU of [`BatchNorm::forward`] by folded weights, to the last bit, for a tensor that is
    /// [`in_memory`](crate::model::memory::in_memory).
    pub fn rectified(&self, m: &Matrices, y: Tensor<3>) -> Tensor<3> {
        let [groups, rows, outputs] = y.dims();
        let y = y.reshape([groups, rows * outputs / self.channels, self.channels]);
        rectify(y, m.get(&format!("{}/gamma", self.name)), m.get(&format!("{}/beta", self.name)))
    }

    /// [`BatchNorm::forward`] by the batch, of `[group, part, row, side by side·channel]`.
    fn learnt(
        &self,
        y: Tensor<4>,
        [gamma, beta]: [Tensor<3>; 2],
        side_by_side: usize,
        norm: &mut Norm,
    ) -> Tensor<3> {
        let [groups, parts, rows, width] = y.dims();
        let over_places = |x: Tensor<4>| {
            let x = x.mean_dim(2).mean_dim(1).reshape([groups, side_by_side, self.channels]);
            x.mean_dim(1)
        };
        let repeated = |x: Tensor<3>| -> Tensor<4> { x.repeat_dim(2, side_by_side).unsqueeze_dim(1) };
        let mean = over_places(y.clone());
        let centred = y - repeated(mean.clone());
        let variance = over_places(centred.clone().powi_scalar(2));
        norm.note(|| Statistics::new(&self.name, self.epsilon, mean, variance.clone()));
        let deviation = repeated(variance.add_scalar(self.epsilon).sqrt());
        let made = centred * (gamma.unsqueeze_dim(1) / deviation) + beta.unsqueeze_dim(1);
        made.reshape([groups, parts * rows * width / self.channels, self.channels])
    }
}

/// How many places of narrow channels are computed side by side: processors are slow at adding and
/// multiplying rows of a few numbers.
fn side_by_side(places: usize, channels: usize) -> usize {
    const NARROW: usize = 24;
    const WIDE: usize = 256;
    match channels {
        NARROW.. => 1,
        _ => (1..=WIDE / channels).rev().find(|count| places.is_multiple_of(*count)).unwrap_or(1),
    }
}

/// Matrices for [`Norm::Folded`], as [`fold`] makes them, without leaving the device.
pub fn folded(m: &Matrices, records: Vec<Statistics>) -> Matrices {
    let mut folded = m.clone();
    for Statistics { layer, epsilon, mean, variance } in records {
        let [gamma, beta] = ["gamma", "beta"].map(|part| format!("{layer}/{part}"));
        let factor = m.get(&gamma) / variance.add_scalar(epsilon).sqrt();
        folded.replace(&beta, m.get(&beta) - mean * factor.clone());
        folded.replace(&gamma, factor);
    }
    folded
}

/// Weights for [`Norm::Folded`]: every recorded layer's `gamma` and `beta` take in its mean and
/// variance.
///
/// # Errors
/// [`ModelError::Device`] when the device fails to give the numbers.
pub fn fold(weights: &Weights, records: Vec<Statistics>) -> Result<Weights, ModelError> {
    change(weights, records, |[gamma, beta], mean, deviation| {
        let factor = gamma / deviation;
        [factor, beta - mean * factor]
    })
}

/// Weights for [`Norm::Batch`] from folded ones: what [`fold`] makes those of again, over a batch with
/// the recorded statistics.
///
/// # Errors
/// [`ModelError::Device`] when the device fails to give the numbers.
pub fn unfold(weights: &Weights, records: Vec<Statistics>) -> Result<Weights, ModelError> {
    change(weights, records, |[factor, offset], mean, deviation| [factor * deviation, offset + mean * factor])
}

/// `weights` with every recorded layer's `[gamma, beta]` changed, given its mean and deviation.
fn change(
    weights: &Weights,
    records: Vec<Statistics>,
    by: impl Fn([f64; 2], f64, f64) -> [f64; 2],
) -> Result<Weights, ModelError> {
    let mut values = weights.values()?;
    let read = |x: Tensor<3>| x.try_to_vec_as::<f32>().map_err(|e| ModelError::Device(e.to_string()));
    let place = |name: String| {
        let entry = weights.layout().entries().iter().find(|e| e.name == name);
        entry.map_or(0..0, |e| e.offset..e.offset + e.shape.iter().product::<usize>())
    };
    for Statistics { layer, epsilon, mean, variance } in records {
        let (mean, variance) = (read(mean)?, read(variance)?);
        let (gammas, betas) = (place(format!("{layer}/gamma")), place(format!("{layer}/beta")));
        for (i, (g, b)) in gammas.zip(betas).enumerate() {
            let deviation = (f64::from(variance[i]) + epsilon).sqrt();
            let pair = [values[g], values[b]].map(f64::from);
            [values[g], values[b]] = by(pair, f64::from(mean[i]), deviation).map(|x| x as f32);
        }
    }
    Weights::new(weights.layout().clone(), values, &weights.flat().device())
}
