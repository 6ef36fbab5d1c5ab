//! Chains of operations with their transposes: what every critic is made of.
//!
//! Everything between the leaky ReLUs is linear, so the gradient of a score by its input is a chain
//! of transposed operations and constant slopes.

use burn::tensor::Tensor;

use crate::model::layers::{Linear, Rearrange, Window, leaky, leaky_slope};
use crate::model::weights::{Layout, Matrices};

/// One operation on `[group, row, feature]`.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Linear(Linear),
    Leaky,
    Move(Rearrange),
    /// Rows in groups of neighbours become features: `[g, row·n, f]` to `[g, row, n·f]`.
    Join(usize),
    Window(Window),
    Difference(Difference),
    /// Every stream reads the same input; what they make is joined by features.
    Fork(Vec<Stream>),
}

/// A chain of operations.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream(Vec<Op>);

/// What a forward pass notes for the way back.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Slopes of the leaky ReLUs, in order.
    slopes: Vec<Tensor<3>>,
    /// Features of each fork's streams.
    widths: Vec<Vec<usize>>,
}

impl Trace {
    /// The same as constants of a gradient tape.
    pub fn on_tape(self) -> Self {
        Self { slopes: self.slopes.into_iter().map(Tensor::autodiff).collect(), ..self }
    }
}

impl Stream {
    /// Then a matrix product of `[groups, inputs, outputs]` with a bias, and a leaky ReLU.
    pub fn linear(self, layout: &mut Layout, name: &str, shape: [usize; 3]) -> Self {
        self.then(Op::Linear(Linear::new(layout, name, shape, 2.0, true))).then(Op::Leaky)
    }

    /// Then a matrix product to a single number, which is the score: no leaky ReLU follows.
    pub fn score(self, layout: &mut Layout, name: &str, [groups, inputs]: [usize; 2]) -> Self {
        self.then(Op::Linear(Linear::new(layout, name, [groups, inputs, 1], 1.0, true)))
    }

    /// Then another operation.
    pub fn then(mut self, op: Op) -> Self {
        self.0.push(op);
        self
    }

    /// The chain's result; what the way back needs is noted in `trace` where there is one.
    pub fn forward(
        &self,
        m: &Matrices,
        mut x: Tensor<3>,
        batch: usize,
        mut trace: Option<&mut Trace>,
    ) -> Tensor<3> {
        for op in &self.0 {
            x = match op {
                Op::Linear(linear) => linear.forward(m, x),
                Op::Move(rearrange) => rearrange.forward(x, batch),
                Op::Window(window) => window.forward(x),
                Op::Difference(difference) => difference.forward(x),
                Op::Join(n) => {
                    let [groups, rows, features] = x.dims();
                    x.reshape([groups, rows / n, n * features])
                }
                Op::Leaky => match trace.as_deref_mut() {
                    Some(trace) => {
                        let slope = leaky_slope(x.clone());
                        trace.slopes.push(slope.clone());
                        x * slope
                    }
                    None => leaky(x),
                },
                Op::Fork(streams) => {
                    let through = |s: &Stream| s.forward(m, x.clone(), batch, trace.as_deref_mut());
                    let made: Vec<Tensor<3>> = streams.iter().map(through).collect();
                    if let Some(trace) = trace.as_deref_mut() {
                        trace.widths.push(made.iter().map(|y| y.dims()[2]).collect());
                    }
                    Tensor::cat(made, 2)
                }
            };
        }
        x
    }

    /// The gradient by the chain's input of a gradient by its result; takes from `trace` what
    /// [`Stream::forward`] noted.
    pub fn adjoint(&self, m: &Matrices, mut g: Tensor<3>, batch: usize, trace: &mut Trace) -> Tensor<3> {
        for op in self.0.iter().rev() {
            g = match op {
                Op::Linear(linear) => linear.adjoint(m, g),
                Op::Move(rearrange) => rearrange.adjoint(g, batch),
                Op::Window(window) => window.adjoint(g),
                Op::Difference(difference) => difference.adjoint(g),
                Op::Join(n) => {
                    let [groups, rows, features] = g.dims();
                    g.reshape([groups, rows * n, features / n])
                }
                Op::Leaky => match trace.slopes.pop() {
                    Some(slope) => g * slope,
                    None => unreachable!("the forward pass notes a slope for every leaky ReLU"),
                },
                Op::Fork(streams) => {
                    let widths = trace.widths.pop().unwrap_or_default();
                    let [groups, rows, mut end] = g.dims();
                    let back = |(stream, width): (&Stream, usize)| {
                        let part = g.clone().slice([0..groups, 0..rows, end - width..end]);
                        end -= width;
                        stream.adjoint(m, part, batch, trace)
                    };
                    match streams.iter().zip(widths).rev().map(back).reduce(|sum, part| sum + part) {
                        Some(total) => total,
                        None => unreachable!("a fork has a stream at least"),
                    }
                }
            };
        }
        g
    }
}

/// What features changed by since the row before, within lines of rows; before a line there is
/// silence.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// Rows of a line.
    pub line: usize,
    /// How many of the first features; the others pass as they are.
    pub features: usize,
}

impl Difference {
    /// # Shapes
    /// `[group, lines·line, feature]`, here and in the result.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.less_neighbour(x, |x| {
            let [lines, line, features] = x.dims();
            let before = Tensor::zeros([lines, 1, features], &x.device());
            let before = if x.is_autodiff() { before.autodiff() } else { before };
            Tensor::cat(vec![before, x.slice([0..lines, 0..line - 1, 0..features])], 1)
        })
    }

    /// The transposed map: what each row added, less what it took from the row after it.
    pub fn adjoint(&self, g: Tensor<3>) -> Tensor<3> {
        self.less_neighbour(g, |g| {
            let [lines, line, features] = g.dims();
            let after = Tensor::zeros([lines, 1, features], &g.device());
            let after = if g.is_autodiff() { after.autodiff() } else { after };
            Tensor::cat(vec![g.slice([0..lines, 1..line, 0..features]), after], 1)
        })
    }

    fn less_neighbour(&self, x: Tensor<3>, neighbour: impl FnOnce(Tensor<3>) -> Tensor<3>) -> Tensor<3> {
        let [groups, rows, features] = x.dims();
        let lines = groups * rows / self.line;
        let x = x.reshape([lines, self.line, features]);
        let changing = x.clone().slice([0..lines, 0..self.line, 0..self.features]);
        let mut parts = vec![changing.clone() - neighbour(changing)];
        if self.features < features {
            parts.push(x.slice([0..lines, 0..self.line, self.features..features]));
        }
        Tensor::cat(parts, 2).reshape([groups, rows, features])
    }
}
