//! The encoder of an accompanying convolutional network: the generator in a mirror.
//!
//! As published for one given track, kernels as (bar, step, pitch): two branches, `pitch_time` with
//! 16 (1,1,12) and 32 (1,3,1), `time_pitch` with 16 (1,3,1) and 32 (1,1,12); both joined, then 64
//! (1,4,3) with stride (1,4,2) to beats, 128 (1,4,3) to bars, 256 (4,1,1) to the phrase. Each layer
//! of the generator hears the features whose places are those that it starts from.
//!
//! Here any subset of tracks may be given: all of them are planes of the input, silent where not
//! given, and so are the tracks of the mask, the same at every cell. What is heard is added to the
//! generator's products, which is what joining it to their inputs comes to. The published encoder
//! has batch norm; where every phrase of a batch may give other tracks it would mix their statistics,
//! and ours has biases instead. So the number of weights is not that of the published network
//! (3,889,372), which makes four tracks for a fifth.

use burn::tensor::{Tensor, activation};

use super::Growth;
use crate::model::config::{ConvolutionalEncoderWidths, Grid};
use crate::model::generator::Given;
use crate::model::layers::{Linear, Rearrange};
use crate::model::weights::{Layout, Matrices};

/// What each layer of the generator hears: features of the given tracks, `[1, row, width]` in the
/// rows of the layer's input. Nothing where no track can be given.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Rows are phrases.
    pub phrase: Option<Tensor<3>>,
    /// Rows are bars.
    pub bar: Option<Tensor<3>>,
    /// Rows are `(beat, window of octaves)`.
    pub beat: Option<Tensor<3>>,
    /// Rows are `(shared step, octave)`, for the branch that grows pitches first.
    pub pitch_branch: Option<Tensor<3>>,
    /// Rows are `(shared step, octave)`, for the branch that grows steps first.
    pub time_branch: Option<Tensor<3>>,
    /// Rows are `(shared step, octave, pitch)`.
    pub pitch_cell: Option<Tensor<3>>,
    /// Rows are `(shared step, octave, finer step)`.
    pub time_cell: Option<Tensor<3>>,
}

impl Heard {
    /// The same features through `change`.
    pub fn map(&self, change: impl Fn(&Tensor<3>) -> Tensor<3>) -> Self {
        let changed = |x: &Option<Tensor<3>>| x.as_ref().map(&change);
        Self {
            phrase: changed(&self.phrase),
            bar: changed(&self.bar),
            beat: changed(&self.beat),
            pitch_branch: changed(&self.pitch_branch),
            time_branch: changed(&self.time_branch),
            pitch_cell: changed(&self.pitch_cell),
            time_cell: changed(&self.time_cell),
        }
    }
}

/// The encoder's architecture; its numbers are part of the generator's weights.
#[derive(Clone, Debug)]
pub struct Encoder {
    growth: Growth,
    widths: ConvolutionalEncoderWidths,
    by_pitch: Rearrange,
    by_time: Rearrange,
    pitch_cell: Linear,
    pitch_branch: Linear,
    time_cell: Linear,
    time_branch: Linear,
    beat: Linear,
    bar: Linear,
    phrase: Linear,
}

impl Encoder {
    /// Declares the encoder's matrices.
    pub fn new(
        layout: &mut Layout,
        grid: &Grid,
        shared_steps: usize,
        widths: ConvolutionalEncoderWidths,
    ) -> Self {
        let growth = Growth::new(grid, shared_steps);
        let (m, p, o) = (grid.track_count(), grid.planes, grid.octaves);
        let mut linear = |name: &str, inputs: usize, outputs: usize| {
            Linear::new(layout, &format!("encoder/{name}"), [1, inputs, outputs], 2.0, true)
        };
        let wide = widths;
        let by_pitch = Rearrange::new(&[m, 0, grid.steps() * o, 12 * p], 1, &[1, 2, 0, 3], [0, 2]);
        let unfold = [m, 0, growth.shared_steps(), growth.finer, o * 12, p];
        let by_time = Rearrange::new(&unfold, 1, &[1, 2, 4, 3, 0, 5], [0, 3]);
        let window = growth.octaves.size * growth.steps;
        Self {
            by_pitch,
            by_time,
            pitch_cell: linear("pitch_time/cell", m * 12 * p + m, wide.cell),
            pitch_branch: linear("pitch_time/branch", growth.finer * wide.cell, wide.branch),
            time_cell: linear("time_pitch/cell", growth.finer * m * p + m, wide.cell),
            time_branch: linear("time_pitch/branch", 12 * wide.cell, wide.branch),
            beat: linear("beat", window * 2 * wide.branch, wide.beat),
            bar: linear("bar", 4 * growth.windows() * wide.beat, wide.bar),
            phrase: linear("phrase", growth.bars * wide.bar, wide.phrase),
            growth,
            widths,
        }
    }

    /// What the generator hears of given tracks.
    pub fn forward(&self, m: &Matrices, given: &Given) -> Heard {
        let (g, wide) = (&self.growth, self.widths);
        let batch = given.mask.dims()[0];
        let (steps, octaves) = (batch * g.shared_steps(), g.octaves.count);
        let roll = &given.roll;
        let layer = |linear: &Linear, x: Tensor<3>| activation::relu(linear.forward(m, x));

        let x = with_mask(self.by_pitch.forward(roll.clone(), batch), &given.mask);
        let x = layer(&self.pitch_cell, x);
        let x = x.reshape([steps, g.finer, octaves, wide.cell]).swap_dims(1, 2);
        let time_cell = x.reshape([1, steps * octaves * g.finer, wide.cell]);
        let x = time_cell.clone().reshape([1, steps * octaves, g.finer * wide.cell]);
        let time_branch = layer(&self.pitch_branch, x);

        let x = with_mask(self.by_time.forward(roll.clone(), batch), &given.mask);
        let pitch_cell = layer(&self.time_cell, x);
        let x = pitch_cell.clone().reshape([1, steps * octaves, 12 * wide.cell]);
        let pitch_branch = layer(&self.time_branch, x);

        let x = Tensor::cat(vec![pitch_branch.clone(), time_branch.clone()], 2);
        let x = x.reshape([steps / g.steps, g.steps, octaves, 2 * wide.branch]).swap_dims(1, 2);
        let x = x.reshape([1, steps / g.steps * octaves, g.steps * 2 * wide.branch]);
        let beat = layer(&self.beat, g.octaves.forward(x));
        let x = beat.clone().reshape([1, batch * g.bars, 4 * g.windows() * wide.beat]);
        let bar = layer(&self.bar, x);
        let x = bar.clone().reshape([1, batch, g.bars * wide.bar]);
        let phrase = layer(&self.phrase, x);
        Heard {
            phrase: Some(phrase),
            bar: Some(bar),
            beat: Some(beat),
            pitch_branch: Some(pitch_branch),
            time_branch: Some(time_branch),
            pitch_cell: Some(pitch_cell),
            time_cell: Some(time_cell),
        }
    }
}

/// The mask `[batch, track]` at the end of each row of `[1, batch·row, feature]`.
fn with_mask(x: Tensor<3>, mask: &Tensor<2>) -> Tensor<3> {
    let ([_, rows, _], [batch, tracks]) = (x.dims(), mask.dims());
    let mask: Tensor<3> = mask.clone().reshape([batch, 1, tracks]);
    let mask = mask.expand([batch, rows / batch, tracks]).reshape([1, rows, tracks]);
    Tensor::cat(vec![x, mask], 2)
}
