//! Building blocks: grouped matrix products, and the linear maps between them with their adjoints.
//!
//! Activations are `[group, row, feature]`: a group is a track (or 1 for shared layers), a row is
//! one place of one phrase. Every layer whose kernel equals its stride is then one matrix product
//! and a reshape. The adjoints let a critic's input gradient be written as forward operations.

use burn::tensor::Tensor;

use super::is_processor;
use super::memory::{in_memory, mapped};
use super::weights::{Init, Layout, Matrices};

/// Slope of leaky ReLUs below zero.
pub const LEAK: f64 = 0.2;

/// A matrix product per group, with an optional bias.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: String,
    bias: Option<String>,
}

impl Linear {
    /// Declares `name/weight` `[groups, inputs, outputs]` and, with a bias, `name/bias` at zero.
    pub fn new(layout: &mut Layout, name: &str, shape: [usize; 3], gain: f64, bias: bool) -> Self {
        let weight = format!("{name}/weight");
        let init = if gain == 0.0 { Init::Constant(0.0) } else { Init::Normal { gain } };
        layout.add(&weight, shape, init);
        let bias = bias.then(|| format!("{name}/bias"));
        if let Some(bias) = &bias {
            layout.add(bias, [shape[0], 1, shape[2]], Init::Constant(0.0));
        }
        Self { weight, bias }
    }

    /// Name of the weight matrix.
    pub fn weight(&self) -> &str {
        &self.weight
    }

    /// # Shapes
    /// `[group, row, inputs]` to `[group, row, outputs]`.
    pub fn forward(&self, matrices: &Matrices, x: Tensor<3>) -> Tensor<3> {
        let weight = matrices.get(&self.weight);
        let bias = self.bias.as_ref().map(|bias| matrices.get(bias));
        let y = product(x, weight);
        match bias {
            Some(bias) => biased(y, bias),
            None => y,
        }
    }

    /// The gradient by the input of a gradient by the output: the product with the transpose.
    ///
    /// # Shapes
    /// `[group, row, outputs]` to `[group, row, inputs]`.
    pub fn adjoint(&self, matrices: &Matrices, g: Tensor<3>) -> Tensor<3> {
        product(g, matrices.get(&self.weight).swap_dims(1, 2))
    }
}

/// `[group, row, inputs]` times `[group, inputs, outputs]`; what the weights learn is summed in [`parts`].
fn product(x: Tensor<3>, w: Tensor<3>) -> Tensor<3> {
    let ([groups, rows, _], outputs) = (x.dims(), w.dims()[2]);
    match parts(&x, rows) {
        parts if parts > 1 && w.is_autodiff() => {
            in_parts(x, parts).matmul(w.unsqueeze_dim(1)).reshape([groups, rows, outputs])
        }
        _ => x.matmul(w),
    }
}

/// `[group, row, feature]` plus `[group, 1, feature]`; what the bias learns is summed in [`parts`].
pub fn biased(x: Tensor<3>, bias: Tensor<3>) -> Tensor<3> {
    let shape = x.dims();
    match parts(&x, shape[1]) {
        parts if parts > 1 && bias.is_autodiff() => {
            (in_parts(x, parts) + bias.unsqueeze_dim(1)).reshape(shape)
        }
        _ => x + bias,
    }
}

/// How many parts the rows of `x` fall into on a graphics card; 1 on a processor.
///
/// Statistics are sums over all rows, and so is what weights learn. A card that is asked for such a sum at
/// once adds row after row on few of its threads. In parts of about the square root of the rows, many
/// threads work, and then few numbers are left to add.
pub fn parts(x: &Tensor<3>, rows: usize) -> usize {
    const FEW: usize = 256;
    if is_processor(&x.device()) {
        return 1;
    }
    let least = FEW.max(rows.isqrt());
    (1..=rows / least).rev().find(|parts| rows.is_multiple_of(*parts)).unwrap_or(1)
}

/// `[group, row, feature]` as `[group, part, row of the part, feature]`.
pub fn in_parts(x: Tensor<3>, parts: usize) -> Tensor<4> {
    let [groups, rows, features] = x.dims();
    x.reshape([groups, parts, rows / parts, features])
}

/// Leaky ReLU with slope [`LEAK`].
pub fn leaky(x: Tensor<3>) -> Tensor<3> {
    // Not Burn's own: its gradient takes two selections by a mask, and is another at zero.
    let slope =
        if x.is_autodiff() { leaky_slope(x.clone().inner()).autodiff() } else { leaky_slope(x.clone()) };
    x * slope
}

/// Derivative of [`leaky`] at the places where its output (or input) is `x`: 1 above zero, otherwise
/// [`LEAK`].
pub fn leaky_slope(x: Tensor<3>) -> Tensor<3> {
    if in_memory(&x) {
        return mapped(x, |x| if x > 0.0 { 1.0 } else { LEAK as f32 });
    }
    x.greater_scalar(0.0).float().mul_scalar(1.0 - LEAK).add_scalar(LEAK)
}

/// Axes that a rearrangement is computed in, shorter shapes padded with ones in front: as many as
/// Burn's ndarray backend has.
const AXES: usize = 6;

/// A linear map that moves and sums cells: unfold into axes, sum some, permute, fold again.
///
/// The batch axis is written as 0 in `unfold`.
#[derive(Clone, Debug)]
pub struct Rearrange {
    unfold: Vec<usize>,
    /// How many of the last unfolded axes are features of the input.
    features: usize,
    sum: Vec<usize>,
    order: Vec<usize>,
    /// How many of the permuted axes fold into groups and rows; the rest are features.
    fold: [usize; 2],
    scale: f64,
}

/// How a rearrangement is computed for one size of batch.
struct View {
    unfolded: [usize; AXES],
    sum: Vec<usize>,
    order: [usize; AXES],
}

impl Rearrange {
    /// Views the input as `unfold` (0 for the batch; the last `features` axes are its features), puts
    /// the axes in `order`, and folds the first `fold[0]` axes into groups, the next `fold[1]` into
    /// rows, the rest into features.
    pub fn new(unfold: &[usize], features: usize, order: &[usize], fold: [usize; 2]) -> Self {
        let (unfold, order) = (unfold.to_vec(), order.to_vec());
        Self { unfold, features, sum: Vec::new(), order, fold, scale: 1.0 }
    }

    /// The same, summing the given axes of `unfold` and multiplying by `scale`.
    pub fn summing(mut self, axes: &[usize], scale: f64) -> Self {
        self.sum = axes.to_vec();
        self.scale = scale;
        self
    }

    /// # Panics
    /// When more than [`AXES`] axes are left after those of one cell are dropped and neighbours that
    /// stay together are merged.
    fn view(&self, batch: usize) -> View {
        let size = |axis: &usize| if self.unfold[*axis] == 0 { batch } else { self.unfold[*axis] };
        let order: Vec<usize> = self.order.iter().copied().filter(|axis| size(axis) > 1).collect();
        let stay = |before: usize, axis: usize| {
            let summed = self.sum.contains(&axis) || self.sum.contains(&before);
            !summed && order.windows(2).any(|pair| pair == [before, axis])
        };
        // What is seen as one: its first axis, its last, its size.
        let mut seen: Vec<(usize, usize, usize)> = Vec::new();
        for axis in (0..self.unfold.len()).filter(|axis| size(axis) > 1) {
            match seen.last_mut() {
                Some((_, last, joined)) if stay(*last, axis) => {
                    *last = axis;
                    *joined *= size(&axis);
                }
                _ => seen.push((axis, axis, size(&axis))),
            }
        }
        let pad = AXES - seen.len();
        let place = |axis: &usize| seen.iter().position(|(first, ..)| first == axis).map(|at| pad + at);
        let mut view = View { unfolded: [1; AXES], sum: Vec::new(), order: std::array::from_fn(|i| i) };
        for (to, (.., joined)) in view.unfolded[pad..].iter_mut().zip(&seen) {
            *to = *joined;
        }
        for (to, from) in view.order[pad..].iter_mut().zip(order.iter().filter_map(place)) {
            *to = from;
        }
        view.sum = self.sum.iter().filter_map(place).collect();
        view
    }

    /// `[group, row, feature]` of the input.
    fn input(&self, batch: usize) -> [usize; 3] {
        let groups = self.unfold.iter().position(|size| *size == 0).unwrap_or(0);
        let rows = self.unfold.len() - self.features;
        let axes: Vec<usize> = (0..self.unfold.len()).collect();
        [&axes[..groups], &axes[groups..rows], &axes[rows..]].map(|axes| self.size(axes, batch))
    }

    /// `[group, row, feature]` of the result.
    fn output(&self, batch: usize) -> [usize; 3] {
        let [groups, rows] = [self.fold[0], self.fold[0] + self.fold[1]];
        let kept = |axes: &[usize]| -> Vec<usize> {
            axes.iter().copied().filter(|axis| !self.sum.contains(axis)).collect()
        };
        [&self.order[..groups], &self.order[groups..rows], &self.order[rows..]]
            .map(|axes| self.size(&kept(axes), batch))
    }

    fn size(&self, axes: &[usize], batch: usize) -> usize {
        axes.iter().map(|axis| if self.unfold[*axis] == 0 { batch } else { self.unfold[*axis] }).product()
    }

    /// # Shapes
    /// `[group, row, feature]` of one folding to that of the other; `batch` phrases.
    pub fn forward(&self, x: Tensor<3>, batch: usize) -> Tensor<3> {
        let view = self.view(batch);
        let mut x = x.reshape(view.unfolded);
        for axis in view.sum {
            x = x.sum_dim(axis);
        }
        let x = x.permute(view.order.map(|axis| axis as isize)).reshape(self.output(batch));
        if self.scale == 1.0 { x } else { x.mul_scalar(self.scale) }
    }

    /// The transposed map: summed axes are repeated.
    pub fn adjoint(&self, g: Tensor<3>, batch: usize) -> Tensor<3> {
        let view = self.view(batch);
        let mut summed = view.unfolded;
        for axis in &view.sum {
            summed[*axis] = 1;
        }
        let mut back = [0isize; AXES];
        for (i, axis) in view.order.iter().enumerate() {
            back[*axis] = i as isize;
        }
        let g = if self.scale == 1.0 { g } else { g.mul_scalar(self.scale) };
        let mut g = g.reshape(view.order.map(|axis| summed[axis])).permute(back);
        if !self.sum.is_empty() {
            g = g.expand(view.unfolded);
        }
        g.reshape(self.input(batch))
    }
}

/// Overlapping windows over neighbours: `[group, batch·outer·count, feature]` to
/// `[group, batch·outer·windows, size·feature]`.
#[derive(Clone, Debug)]
pub struct Window {
    /// Neighbours in a line.
    pub count: usize,
    /// Neighbours in a window.
    pub size: usize,
    /// From one window's start to the next.
    pub stride: usize,
}

impl Window {
    fn starts(&self) -> impl Iterator<Item = usize> + use<> {
        let stride = self.stride;
        (0..(self.count - self.size) / stride + 1).map(move |window| window * stride)
    }

    /// Cuts the windows out.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [groups, rows, features] = x.dims();
        let lines = groups * rows / self.count;
        let x = x.reshape([lines, self.count, features]);
        let cut = |start| {
            let window = x.clone().slice([0..lines, start..start + self.size, 0..features]);
            window.reshape([lines, 1, self.size * features])
        };
        let windows: Vec<_> = self.starts().map(cut).collect();
        let rows = rows / self.count * windows.len();
        Tensor::cat(windows, 1).reshape([groups, rows, self.size * features])
    }

    /// Adds the windows up where they overlap.
    pub fn adjoint(&self, g: Tensor<3>) -> Tensor<3> {
        let windows = self.starts().count();
        let [groups, rows, wide] = g.dims();
        let (lines, features) = (groups * rows / windows, wide / self.size);
        let g = g.reshape([lines, windows * self.size, features]);
        let place = |at: usize| {
            let parts = self.starts().enumerate().filter(|(_, s)| (*s..s + self.size).contains(&at));
            parts
                .map(|(window, start)| {
                    let from = window * self.size + at - start;
                    g.clone().slice([0..lines, from..from + 1, 0..features])
                })
                .reduce(|sum, part| sum + part)
                .unwrap_or_else(|| Tensor::zeros([lines, 1, features], &g.device()))
        };
        let places = (0..self.count).map(place).collect();
        Tensor::cat(places, 1).reshape([groups, rows / windows * self.count, features])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn counting(shape: [usize; 3]) -> Tensor<3> {
        let values: Vec<f32> = (0..shape.iter().product::<usize>()).map(|x| x as f32).collect();
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    fn values(x: Tensor<3>) -> Vec<f32> {
        x.try_to_vec_as::<f32>().unwrap()
    }

    /// A linear map and its adjoint satisfy <A x, y> = <x, A* y>.
    fn check_adjoint(
        input: [usize; 3],
        forward: impl Fn(Tensor<3>) -> Tensor<3>,
        adjoint: impl Fn(Tensor<3>) -> Tensor<3>,
    ) {
        let x = counting(input).sin();
        let image = forward(x.clone());
        let y = counting(image.dims()).cos();
        let left = (image * y.clone()).sum().into_scalar::<f32>();
        let back = adjoint(y);
        assert_eq!(back.dims(), input);
        let right = (x * back).sum().into_scalar::<f32>();
        assert!((left - right).abs() < 1e-3 * left.abs().max(1.0), "{left} {right}");
    }

    #[test]
    fn rearranging_moves_cells_by_hand() {
        // [1, batch 2 · 2, 3]: features to rows.
        let swap = Rearrange::new(&[0, 2, 3], 1, &[0, 2, 1], [0, 2]);
        let moved = swap.forward(counting([1, 4, 3]), 2);
        assert_eq!(moved.dims(), [1, 6, 2]);
        assert_eq!(values(moved)[..6], [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    }

    #[test]
    fn axes_that_stay_together_are_moved_as_one() {
        let parts = [2, 0, 2, 2, 2, 3, 2];
        let moves = Rearrange::new(&parts, 2, &[1, 2, 0, 3, 4, 5, 6], [0, 2]);
        assert_eq!(moves.view(3).unfolded, [1, 1, 1, 2, 6, 48 / 2]);
        let moved = values(moves.forward(counting([2, 24, 6]), 3));
        // Batch and the axis after it come first: for each of their six, half of group 0 and of group 1.
        assert_eq!((moved[0], moved[23], moved[24], moved[47], moved[48]), (0.0, 23.0, 144.0, 167.0, 24.0));
        let swaps = Rearrange::new(&[0, 2, 3, 2], 2, &[0, 2, 1, 3], [0, 2]).summing(&[3], 1.0);
        assert_eq!(swaps.view(1).unfolded, [1, 1, 1, 2, 3, 2]);
        assert_eq!(values(swaps.forward(counting([1, 2, 6]), 1)), [1.0, 13.0, 5.0, 17.0, 9.0, 21.0]);
    }

    #[test]
    fn axes_of_one_cell_do_not_count() {
        let parts = [1, 2, 0, 1, 3, 2, 1, 2];
        let moves = Rearrange::new(&parts, 2, &[0, 2, 6, 5, 3, 1, 7, 4], [1, 1]).summing(&[6], 1.0);
        assert_eq!(moves.view(1).unfolded, [1, 1, 2, 3, 2, 2]);
        let plain = Rearrange::new(&[2, 0, 3, 2, 2], 1, &[1, 3, 0, 4, 2], [0, 1]);
        let [x, y] = [moves.forward(counting([2, 12, 2]), 2), plain.forward(counting([2, 12, 2]), 2)];
        assert_eq!(values(x), values(y));
        check_adjoint([2, 12, 2], |x| moves.forward(x, 2), |g| moves.adjoint(g, 2));
    }

    #[test]
    fn summing_axes_by_hand() {
        let pool = Rearrange::new(&[0, 2, 3], 1, &[0, 1, 2], [0, 1]).summing(&[1], 0.5);
        assert_eq!(values(pool.forward(counting([1, 4, 3]), 2)), [1.5, 2.5, 3.5, 7.5, 8.5, 9.5]);
    }

    #[test]
    fn windows_overlap_by_hand() {
        let window = Window { count: 3, size: 2, stride: 1 };
        let cut = window.forward(counting([1, 3, 1]));
        assert_eq!(values(cut), [0.0, 1.0, 1.0, 2.0]);
    }

    #[test]
    fn adjoints_are_transposes() {
        let pool = Rearrange::new(&[2, 0, 2, 3], 1, &[1, 3, 0, 2], [0, 2]).summing(&[2], 0.25);
        check_adjoint([2, 6, 3], |x| pool.forward(x, 3), |g| pool.adjoint(g, 3));
        let many = Rearrange::new(&[2, 0, 2, 3, 2, 2, 3], 3, &[1, 2, 4, 0, 6, 5, 3], [0, 3]);
        let many = many.summing(&[5], 2.0);
        check_adjoint([2, 12, 12], |x| many.forward(x, 2), |g| many.adjoint(g, 2));
        let octaves = Window { count: 7, size: 3, stride: 2 };
        check_adjoint([1, 14, 4], |x| octaves.forward(x), |g| octaves.adjoint(g));
        check_adjoint([3, 14, 4], |x| octaves.forward(x), |g| octaves.adjoint(g));
    }
}
