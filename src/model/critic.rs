//! The multi-stream critic, and its input gradient as forward operations.
//!
//! Dong and Yang 2018 (BinaryMuseGAN), section 4: private streams per track, a shared stream over all
//! tracks, and streams of chroma and onsets. Everything between the leaky ReLUs is linear, so the
//! gradient by the input is a chain of transposed layers and constant slopes; autodiff of that chain
//! by the weights is the exact gradient of a gradient penalty without second-order autodiff.

use burn::tensor::Tensor;

use super::config::{CriticWidths, Grid};
use super::layers::{Linear, Rearrange, Window, leaky, leaky_slope};
use super::weights::{Layout, Matrices};

/// One operation of a stream.
#[derive(Clone, Debug)]
enum Op {
    Linear(Linear),
    Leaky,
    Move(Rearrange),
    /// Rows in groups of neighbours become features: `[g, row·n, f]` to `[g, row, n·f]`.
    Join(usize),
    Window(Window),
}

/// A chain of operations.
#[derive(Clone, Debug, Default)]
struct Stream(Vec<Op>);

/// Slopes of a chain's leaky ReLUs, in order.
type Slopes = Vec<Tensor<3>>;

impl Stream {
    fn linear(mut self, layout: &mut Layout, name: &str, shape: [usize; 3]) -> Self {
        self.0.push(Op::Linear(Linear::new(layout, name, shape, 2.0, true)));
        self.0.push(Op::Leaky);
        self
    }

    fn then(mut self, op: Op) -> Self {
        self.0.push(op);
        self
    }

    fn forward(
        &self,
        m: &Matrices,
        mut x: Tensor<3>,
        batch: usize,
        mut slopes: Option<&mut Slopes>,
    ) -> Tensor<3> {
        for op in &self.0 {
            x = match op {
                Op::Linear(linear) => linear.forward(m, x),
                Op::Move(rearrange) => rearrange.forward(x, batch),
                Op::Window(window) => window.forward(x),
                Op::Join(n) => {
                    let [groups, rows, features] = x.dims();
                    x.reshape([groups, rows / n, n * features])
                }
                Op::Leaky => {
                    if let Some(slopes) = slopes.as_deref_mut() {
                        slopes.push(leaky_slope(x.clone()));
                    }
                    leaky(x)
                }
            };
        }
        x
    }

    fn adjoint(&self, m: &Matrices, mut g: Tensor<3>, batch: usize, slopes: &mut Slopes) -> Tensor<3> {
        for op in self.0.iter().rev() {
            g = match op {
                Op::Linear(linear) => linear.adjoint(m, g),
                Op::Move(rearrange) => rearrange.adjoint(g, batch),
                Op::Window(window) => window.adjoint(g),
                Op::Join(n) => {
                    let [groups, rows, features] = g.dims();
                    g.reshape([groups, rows * n, features / n])
                }
                Op::Leaky => match slopes.pop() {
                    Some(slope) => g * slope,
                    None => unreachable!("the forward pass notes a slope for every leaky ReLU"),
                },
            };
        }
        g
    }
}

/// The critic's architecture; its numbers are [`Weights`](super::Weights) of [`Critic::layout`].
#[derive(Clone, Debug)]
pub struct Critic {
    layout: Layout,
    /// Two private streams, then what joins them and goes on over all tracks.
    private: [Stream; 2],
    shared: Stream,
    /// Streams over all tracks that read the roll itself.
    others: Vec<Stream>,
    head: Stream,
    score: Linear,
}

impl Critic {
    /// The critic of rolls of `grid`.
    pub fn new(grid: &Grid, widths: &CriticWidths) -> Self {
        let (m, o, p) = (grid.track_count(), grid.octaves, grid.planes);
        let (bars, beats, b) = (grid.bars, grid.beats(), grid.subdivisions());
        let w = *widths;
        let mut layout = Layout::default();
        let l = &mut layout;
        let half = (w.private / 2).max(1);
        let unfold = [m, 0, beats, b, o, 12, p];
        let steps_first = Stream::default()
            .linear(l, "private_step/cells", [m, 12 * p, half])
            .then(Op::Move(Rearrange::new(&[m, 0, beats, b, o, half], 1, &[0, 1, 2, 4, 3, 5], [1, 3])))
            .linear(l, "private_step/beat", [m, b * half, w.private]);
        let pitches_first = Stream::default()
            .then(Op::Move(Rearrange::new(&unfold, 2, &[0, 1, 2, 4, 5, 3, 6], [1, 4])))
            .linear(l, "private_pitch/cells", [m, b * p, half / 2 + 1])
            .then(Op::Join(12))
            .linear(l, "private_pitch/octave", [m, 12 * (half / 2 + 1), w.private]);
        let octaves = Window { count: o, size: o.min(3), stride: if o >= 5 { 2 } else { 1 } };
        let windows = (octaves.count - octaves.size) / octaves.stride + 1;
        let shared = Stream::default()
            .linear(l, "merged", [m, 2 * w.private, w.merged])
            .then(Op::Move(Rearrange::new(&[m, 0, beats, o, w.merged], 1, &[1, 2, 3, 0, 4], [0, 3])))
            .then(Op::Window(octaves.clone()))
            .linear(l, "shared/window", [1, octaves.size * m * w.merged, w.window])
            .then(Op::Join(windows))
            .linear(l, "shared/beat", [1, windows * w.window, w.shared])
            .then(Op::Join(4))
            .linear(l, "shared/bar", [1, 4 * w.shared, w.shared]);
        let mut others = Vec::new();
        if w.chroma > 0 {
            let chroma = Rearrange::new(&unfold, 2, &[1, 2, 0, 5, 6, 3, 4], [0, 2]);
            others.push(
                Stream::default()
                    .then(Op::Move(chroma.summing(&[3, 4], 1.0 / b as f64)))
                    .linear(l, "chroma/beat", [1, m * 12 * p, w.chroma])
                    .linear(l, "chroma/deeper", [1, w.chroma, w.chroma])
                    .then(Op::Join(4))
                    .linear(l, "chroma/bar", [1, 4 * w.chroma, w.chroma]),
            );
        }
        if w.onset > 0 {
            let counts = Rearrange::new(&unfold, 2, &[1, 2, 3, 0, 6, 4, 5], [0, 2]);
            others.push(
                Stream::default()
                    .then(Op::Move(counts.summing(&[4, 5], 0.5)))
                    .linear(l, "onset/beat", [1, b * m * p, w.onset])
                    .then(Op::Join(4))
                    .linear(l, "onset/bar", [1, 4 * w.onset, w.onset]),
            );
        }
        if w.register > 0 {
            let unfold = [m, 0, bars, 4 * b, o, 12, p];
            let register = Rearrange::new(&unfold, 2, &[1, 2, 0, 4, 5, 6, 3], [0, 2]);
            others.push(
                Stream::default().then(Op::Move(register.summing(&[3], 1.0 / (2 * b) as f64))).linear(
                    l,
                    "register/bar",
                    [1, m * o * 12 * p, w.register],
                ),
            );
        }
        let bar = w.shared + w.chroma + w.onset + w.register;
        let pair = Window { count: bars, size: bars.min(2), stride: 1 };
        let pairs = bars - pair.size + 1;
        let head = Stream::default()
            .then(Op::Window(pair.clone()))
            .linear(l, "head/pair", [1, pair.size * bar, w.join])
            .then(Op::Join(pairs));
        let score = Linear::new(l, "head/score", [1, pairs * w.join, 1], 1.0, true);
        Self { private: [steps_first, pitches_first], shared, others, head, score, layout }
    }

    /// Which matrices it has.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// One score a phrase; higher is more like real music.
    ///
    /// # Shapes
    /// `roll` is `[track, batch·step·octave, 12·plane]`; the result is `[batch]`.
    pub fn score(&self, m: &Matrices, roll: Tensor<3>, batch: usize) -> Tensor<1> {
        self.run(m, roll, batch, None).reshape([batch])
    }

    fn run(
        &self,
        m: &Matrices,
        roll: Tensor<3>,
        batch: usize,
        mut slopes: Option<&mut Vec<Slopes>>,
    ) -> Tensor<3> {
        let mut through = |stream: &Stream, x: Tensor<3>| {
            let mut noted = slopes.as_ref().map(|_| Slopes::new());
            let y = stream.forward(m, x, batch, noted.as_mut());
            if let (Some(all), Some(noted)) = (slopes.as_deref_mut(), noted) {
                all.push(noted);
            }
            y
        };
        let private = self.private.iter().map(|stream| through(stream, roll.clone())).collect();
        let mut joined = vec![through(&self.shared, Tensor::cat(private, 2))];
        joined.extend(self.others.iter().map(|stream| through(stream, roll.clone())));
        let features = through(&self.head, Tensor::cat(joined, 2));
        self.score.forward(m, features)
    }

    /// The gradient of each phrase's score by its own cells: `[track, batch·step·octave, 12·plane]`.
    ///
    /// `frozen` are the same numbers as `m` without a tape; they give the slopes, whose derivative is
    /// zero almost everywhere. The result is differentiable by `m`.
    pub fn input_gradient(
        &self,
        m: &Matrices,
        frozen: &Matrices,
        roll: Tensor<3>,
        batch: usize,
    ) -> Tensor<3> {
        let mut slopes = Vec::new();
        self.run(frozen, roll.clone(), batch, Some(&mut slopes));
        if m.get(self.score.weight()).is_autodiff() {
            for slope in slopes.iter_mut().flatten() {
                *slope = slope.clone().autodiff();
            }
        }
        let mut back = |stream: &Stream, g: Tensor<3>| {
            let mut noted = slopes.pop().unwrap_or_default();
            stream.adjoint(m, g, batch, &mut noted)
        };
        let device = m.get(self.score.weight()).device();
        let g = self.score.adjoint(m, Tensor::ones([1, batch, 1], &device));
        let g = back(&self.head, g);
        let mut parts = Parts { g, at: 0 };
        let shared = parts.next(self.width("shared/bar"));
        let mut pieces: Vec<Tensor<3>> =
            self.others.iter().map(|stream| parts.next(self.out_width(stream))).collect();
        let mut total: Option<Tensor<3>> = None;
        for stream in self.others.iter().rev() {
            if let Some(piece) = pieces.pop() {
                let g = back(stream, piece);
                total = Some(match total {
                    Some(sum) => sum + g,
                    None => g,
                });
            }
        }
        let merged = back(&self.shared, shared);
        let width = merged.dims()[2] / 2;
        let [groups, rows, _] = merged.dims();
        for (i, stream) in self.private.iter().enumerate().rev() {
            let part = merged.clone().slice([0..groups, 0..rows, i * width..(i + 1) * width]);
            let g = back(stream, part);
            total = Some(match total {
                Some(sum) => sum + g,
                None => g,
            });
        }
        match total {
            Some(total) => total,
            None => unreachable!("the private streams always read the roll"),
        }
    }

    /// Columns of the weight matrix of layer `name`.
    fn width(&self, name: &str) -> usize {
        let weight = format!("{name}/weight");
        self.layout.entries().iter().find(|e| e.name == weight).map_or(0, |e| e.shape[2])
    }

    fn out_width(&self, stream: &Stream) -> usize {
        let last = stream.0.iter().rev().find_map(|op| match op {
            Op::Linear(linear) => Some(linear.weight()),
            _ => None,
        });
        let entry = last.and_then(|weight| self.layout.entries().iter().find(|e| e.name == weight));
        entry.map_or(0, |e| e.shape[2])
    }
}

/// Takes a gradient apart where features were joined.
struct Parts {
    g: Tensor<3>,
    at: usize,
}

impl Parts {
    fn next(&mut self, width: usize) -> Tensor<3> {
        let [groups, rows, _] = self.g.dims();
        self.at += width;
        self.g.clone().slice([0..groups, 0..rows, self.at - width..self.at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::model::Weights;
    use burn::tensor::{Device, TensorData};
    use std::sync::Arc;

    fn tiny() -> (Grid, Critic) {
        let grid = Grid {
            tracks: vec!["piano".into(), "bass".into()],
            steps_per_bar: 8,
            octaves: 3,
            ..Grid::small()
        };
        let widths = CriticWidths {
            private: 6,
            merged: 5,
            window: 7,
            shared: 8,
            chroma: 6,
            onset: 5,
            register: 4,
            join: 9,
        };
        let critic = Critic::new(&grid, &widths);
        (grid, critic)
    }

    fn noise(shape: [usize; 3], seed: u64) -> Tensor<3> {
        let mut rng = Seed(seed).stream("noise");
        let values: Vec<f32> = (0..shape.iter().product::<usize>()).map(|_| rng.uniform() as f32).collect();
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    #[test]
    fn the_input_gradient_is_what_autodiff_finds() {
        let (grid, critic) = tiny();
        let layout = Arc::new(critic.layout().clone());
        let weights = Weights::new(layout.clone(), layout.initial(Seed(1)), &Device::flex()).unwrap();
        let batch = 3;
        let roll = noise([2, batch * grid.rows(), 24], 2);
        let matrices = weights.matrices();
        let own = critic.input_gradient(&matrices, &matrices, roll.clone(), batch);
        let tracked = roll.autodiff().require_grad();
        let leaves = weights.leaves();
        let sum = critic.score(&leaves, tracked.clone(), batch).sum();
        let autodiff = tracked.grad(&sum.backward()).unwrap();
        let difference = (own.clone() - autodiff).abs().max().into_scalar::<f32>();
        let size = own.abs().max().into_scalar::<f32>();
        assert!(size > 1e-4 && difference < 1e-5 * size, "{difference} of {size}");
    }

    #[test]
    fn a_phrase_s_score_does_not_depend_on_its_neighbours() {
        let (grid, critic) = tiny();
        let layout = Arc::new(critic.layout().clone());
        let weights = Weights::new(layout.clone(), layout.initial(Seed(1)), &Device::flex()).unwrap();
        let m = weights.matrices();
        let roll = noise([2, 2 * grid.rows(), 24], 5);
        let both = critic.score(&m, roll.clone(), 2).try_to_vec_as::<f32>().unwrap();
        let one = roll.slice([0..2, grid.rows()..2 * grid.rows(), 0..24]);
        let alone = critic.score(&m, one, 1).try_to_vec_as::<f32>().unwrap();
        assert!((both[1] - alone[0]).abs() < 1e-5, "{both:?} {alone:?}");
    }
}
