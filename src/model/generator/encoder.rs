//! The encoder of an accompanying bar network: given tracks to features at the generator's own scales.
//!
//! Dong et al. 2018 (MuseGAN), section 3.4, give the generator an encoder's maps at each of its
//! scales. Here any subset of tracks may be given: the others are silent in the input, and the
//! mask of given tracks is an input of its own.

use burn::tensor::{Tensor, activation};

use crate::model::config::{EncoderWidths, Grid};
use crate::model::layers::{Linear, Rearrange};
use crate::model::weights::{Layout, Matrices};

/// Features of the given tracks, each `[1, row, width]` at its own scale.
#[derive(Clone, Debug)]
pub struct Condition {
    /// `[1, batch·bar, width]`.
    pub bar: Tensor<3>,
    /// `[1, batch·beat, width]`.
    pub beat: Tensor<3>,
    /// `[1, batch·step, width]`.
    pub step: Tensor<3>,
    /// `[1, batch·step·octave, width]`.
    pub octave: Tensor<3>,
}

impl Condition {
    /// The same features through `change`.
    pub fn map(&self, change: impl Fn(&Tensor<3>) -> Tensor<3>) -> Self {
        Self {
            bar: change(&self.bar),
            beat: change(&self.beat),
            step: change(&self.step),
            octave: change(&self.octave),
        }
    }
}

/// The encoder's architecture; its numbers are part of the generator's weights.
#[derive(Clone, Debug)]
pub struct Encoder {
    grid: Grid,
    widths: EncoderWidths,
    by_octave: Rearrange,
    chroma_of_step: Rearrange,
    counts_of_step: Rearrange,
    octave: Linear,
    step: Linear,
    beat_hidden: Linear,
    beat: Linear,
    bar: Linear,
}

impl Encoder {
    /// Declares the encoder's matrices.
    pub fn new(layout: &mut Layout, grid: &Grid, widths: EncoderWidths) -> Self {
        let grid = grid.clone();
        let (m, s, o, p) = (grid.track_count(), grid.steps(), grid.octaves, grid.planes);
        let b = grid.subdivisions();
        let l = layout;
        let unfold = [m, 0, s, o, 12, p];
        let by_octave = Rearrange::new(&unfold, 2, &[1, 2, 3, 0, 4, 5], [0, 3]);
        let chroma_of_step = Rearrange::new(&unfold, 2, &[1, 2, 0, 4, 5, 3], [0, 2]).summing(&[3], 1.0);
        let counts_of_step = Rearrange::new(&unfold, 2, &[1, 2, 0, 3, 5, 4], [0, 2]).summing(&[4], 0.5);
        let by_step = m * 12 * p + m * o * p;
        let hidden = 2 * widths.beat;
        Self {
            octave: Linear::new(l, "encoder/octave", [1, m * 12 * p, widths.octave], 2.0, true),
            step: Linear::new(l, "encoder/step", [1, by_step, widths.step], 2.0, true),
            beat_hidden: Linear::new(l, "encoder/beat/hidden", [1, b * by_step + m, hidden], 2.0, true),
            beat: Linear::new(l, "encoder/beat/out", [1, hidden, widths.beat], 2.0, true),
            bar: Linear::new(l, "encoder/bar", [1, 4 * widths.beat, widths.bar], 2.0, true),
            grid,
            widths,
            by_octave,
            chroma_of_step,
            counts_of_step,
        }
    }

    /// # Shapes
    /// `roll` is `[track, batch·step·octave, 12·plane]`, silent where a track is not given; `mask` is
    /// `[batch, track]`, 1 where it is.
    pub fn forward(&self, m: &Matrices, roll: Tensor<3>, mask: Tensor<2>) -> Condition {
        let [batch, tracks] = mask.dims();
        let (beats, b) = (self.grid.beats(), self.grid.subdivisions());
        let relu = activation::relu;
        let octave = relu(self.octave.forward(m, self.by_octave.forward(roll.clone(), batch)));
        let chroma = self.chroma_of_step.forward(roll.clone(), batch);
        let counts = self.counts_of_step.forward(roll, batch);
        let by_step = Tensor::cat(vec![chroma, counts], 2);
        let width = by_step.dims()[2];
        let step = relu(self.step.forward(m, by_step.clone()));
        let mask: Tensor<4> = mask.reshape([1, batch, 1, tracks]);
        let mask = mask.expand([1, batch, beats, tracks]).reshape([1, batch * beats, tracks]);
        let by_beat = Tensor::cat(vec![by_step.reshape([1, batch * beats, b * width]), mask], 2);
        let beat = relu(self.beat.forward(m, relu(self.beat_hidden.forward(m, by_beat))));
        let by_bar = beat.clone().reshape([1, batch * self.grid.bars, 4 * self.widths.beat]);
        let bar = relu(self.bar.forward(m, by_bar));
        Condition { bar, beat, step, octave }
    }
}
