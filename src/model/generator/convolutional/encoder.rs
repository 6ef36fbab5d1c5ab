//! The encoder of an accompanying convolutional network: the generator in a mirror.
//!
//! As published for one given track, kernels as (bar, step, pitch): two branches, `pitch_time` with
//! 16 (1,1,12) and 32 (1,3,1), `time_pitch` with 16 (1,3,1) and 32 (1,1,12); both joined, then 64
//! (1,4,3) with stride (1,4,2) to beats, 128 (1,4,3) to bars, 256 (4,1,1) to the phrase. Each layer
//! of the generator hears the features whose places are those that it starts from.
//!
//! Here any subset of tracks may be given: all of them are planes of the input, silent where not
//! given, and so are the tracks of the mask, the same at every cell. What is heard is added to the
//! generator's products, which is what joining it to their inputs comes to. So the number of
//! weights is not that of the published network (3,889,372), which makes four tracks for a fifth.

use burn::tensor::Tensor;

use super::{EPSILON, Growth};
use crate::model::config::{ConvolutionalEncoderWidths, Grid};
use crate::model::generator::Given;
use crate::model::generator::hidden::{Hidden, Shape};
use crate::model::generator::norm::Norm;
use crate::model::layers::Rearrange;
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

/// The encoder's architecture; its numbers are part of the generator's weights.
#[derive(Clone, Debug)]
pub struct Encoder {
    growth: Growth,
    widths: ConvolutionalEncoderWidths,
    by_pitch: Rearrange,
    by_time: Rearrange,
    pitch_cell: Hidden,
    pitch_branch: Hidden,
    time_cell: Hidden,
    time_branch: Hidden,
    beat: Hidden,
    bar: Hidden,
    phrase: Hidden,
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
        let mut hidden = |name: &str, inputs: usize, channels: usize| {
            let shape = Shape { groups: 1, inputs, places: 1, channels, heard: 0 };
            Hidden::new(layout, &format!("encoder/{name}"), shape, EPSILON)
        };
        let wide = widths;
        let by_pitch = Rearrange::new(&[m, 0, grid.steps() * o, 12 * p], 1, &[1, 2, 0, 3], [0, 2]);
        let unfold = [m, 0, growth.shared_steps(), growth.finer, o * 12, p];
        let by_time = Rearrange::new(&unfold, 1, &[1, 2, 4, 3, 0, 5], [0, 3]);
        let window = growth.octaves.size * growth.steps;
        Self {
            by_pitch,
            by_time,
            pitch_cell: hidden("pitch_time/cell", m * 12 * p + m, wide.cell),
            pitch_branch: hidden("pitch_time/branch", growth.finer * wide.cell, wide.branch),
            time_cell: hidden("time_pitch/cell", growth.finer * m * p + m, wide.cell),
            time_branch: hidden("time_pitch/branch", 12 * wide.cell, wide.branch),
            beat: hidden("beat", window * 2 * wide.branch, wide.beat),
            bar: hidden("bar", 4 * growth.windows() * wide.beat, wide.bar),
            phrase: hidden("phrase", growth.bars * wide.bar, wide.phrase),
            growth,
            widths,
        }
    }

    /// What the generator hears of given tracks.
    pub fn forward(&self, m: &Matrices, given: &Given, norm: &mut Norm) -> Heard {
        let (g, wide) = (&self.growth, self.widths);
        let batch = given.mask.dims()[0];
        let (steps, octaves) = (batch * g.shared_steps(), g.octaves.count);
        let roll = &given.roll;

        let x = with_mask(self.by_pitch.forward(roll.clone(), batch), &given.mask);
        let x = self.pitch_cell.forward(m, x, None, norm);
        let x = x.reshape([steps, g.finer, octaves, wide.cell]).swap_dims(1, 2);
        let time_cell = x.reshape([1, steps * octaves * g.finer, wide.cell]);
        let x = time_cell.clone().reshape([1, steps * octaves, g.finer * wide.cell]);
        let time_branch = self.pitch_branch.forward(m, x, None, norm);

        let x = with_mask(self.by_time.forward(roll.clone(), batch), &given.mask);
        let pitch_cell = self.time_cell.forward(m, x, None, norm);
        let x = pitch_cell.clone().reshape([1, steps * octaves, 12 * wide.cell]);
        let pitch_branch = self.time_branch.forward(m, x, None, norm);

        let x = Tensor::cat(vec![pitch_branch.clone(), time_branch.clone()], 2);
        let x = x.reshape([steps / g.steps, g.steps, octaves, 2 * wide.branch]).swap_dims(1, 2);
        let x = x.reshape([1, steps / g.steps * octaves, g.steps * 2 * wide.branch]);
        let beat = self.beat.forward(m, g.octaves.forward(x), None, norm);
        let x = beat.clone().reshape([1, batch * g.bars, 4 * g.windows() * wide.beat]);
        let bar = self.bar.forward(m, x, None, norm);
        let x = bar.clone().reshape([1, batch, g.bars * wide.bar]);
        let phrase = self.phrase.forward(m, x, None, norm);
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
