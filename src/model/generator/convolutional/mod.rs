//! The convolutional network: one latent vector grown to a phrase by transposed convolutions.
//!
//! The later network of the MuseGAN authors (github.com/salu133445/musegan, 3-D convolutions over
//! bar, step and pitch). Tracks share three layers; then each has two branches of its own, one that
//! grows pitches first and one that grows steps first, and a layer that merges them. As published,
//! with kernels as (bar, step, pitch) and 4 bars of 48 steps and 84 pitches:
//!
//! | part | layer | from → to | kernel | stride | size after |
//! |---|---|---|---|---|---|
//! | shared | bar | z 128 → 512 | 4,1,1 | 4,1,1 | 4,1,1 |
//! | | beat | 512 → 256 | 1,4,3 | 1,4,3 | 4,4,3 |
//! | | step | 256 → 128 | 1,4,3 | 1,4,2 | 4,16,7 |
//! | pitch-time, per track | branch | 128 → 32 | 1,1,12 | 1,1,12 | 4,16,84 |
//! | | cell | 32 → 16 | 1,3,1 | 1,3,1 | 4,48,84 |
//! | time-pitch, per track | branch | 128 → 32 | 1,3,1 | 1,3,1 | 4,48,7 |
//! | | cell | 32 → 16 | 1,1,12 | 1,1,12 | 4,48,84 |
//! | merged, per track | out | 32 → 1 | 1,1,1 | 1,1,1 | 4,48,84 |
//!
//! Batch norm after every layer, ReLU after all but the last. Where a kernel equals its stride the
//! transposed convolution is a matrix product and a reshape; where it overlaps (`step`), it is a
//! product whose windows of octaves are added up, the adjoint of cutting windows out.
//!
//! - The published last layer ends in tanh, for data in -1 and 1; ours gives logits of data in 0 and
//!   1. Since `(tanh(x) + 1) / 2 = sigmoid(2x)`, the logits are twice the normalized output.
//! - The published layers have biases that their norm takes away again: 1,381 of 2,578,127 numbers.
//!   They are left out here.
//! - Pitches grow from 1 to 3 to 7 octaves as published. For another number of octaves, `beat` makes
//!   half as many windows, rounded down but at least one; an odd number of octaves has windows of
//!   three that share one with the next, an even number windows of two side by side.
//! - Steps grow from 1 to 4 to 16 to 48 as published. Otherwise the shared layers make
//!   `shared_steps` steps of a beat and the branches what is missing to the grid's own.
//! - An accompanying network adds what it hears to the product of each layer, from an
//!   [`Encoder`] that mirrors the generator; see there.

pub mod encoder;

#[cfg(test)]
mod tests;

use burn::tensor::Tensor;

use self::encoder::Encoder;
pub use self::encoder::Heard;
use super::Given;
use super::hidden::{Hidden, Shape};
use super::norm::{BatchNorm, Norm};
use crate::model::config::{ConvolutionalEncoderWidths, ConvolutionalWidths, Grid};
use crate::model::layers::{Linear, Window, biased};
use crate::model::memory::{in_memory, in_pieces, rows_of};
use crate::model::weights::{Init, Layout, Matrices};

/// Added to variances before the square root, as published.
const EPSILON: f64 = 1e-3;

/// How a grid splits into what layers grow.
#[derive(Clone, Debug)]
struct Growth {
    bars: usize,
    /// Steps of a beat that tracks share.
    steps: usize,
    /// Steps that each of those becomes.
    finer: usize,
    octaves: Window,
    planes: usize,
}

impl Growth {
    fn new(grid: &Grid, shared_steps: usize) -> Self {
        let windows = (grid.octaves / 2).max(1);
        Self {
            bars: grid.bars,
            steps: shared_steps,
            finer: grid.subdivisions() / shared_steps,
            octaves: Window { count: grid.octaves, size: grid.octaves - 2 * (windows - 1), stride: 2 },
            planes: grid.planes,
        }
    }

    /// Windows of octaves.
    fn windows(&self) -> usize {
        (self.octaves.count - self.octaves.size) / self.octaves.stride + 1
    }

    /// Shared steps of a phrase.
    fn shared_steps(&self) -> usize {
        self.bars * 4 * self.steps
    }
}

/// The architecture of the convolutional network.
#[derive(Clone, Debug)]
pub struct ConvolutionalNetwork {
    growth: Growth,
    widths: ConvolutionalWidths,
    tracks: usize,
    encoder: Option<Encoder>,
    bar: Hidden,
    beat: Hidden,
    step: Hidden,
    pitch_time: Branch,
    time_pitch: Branch,
    out: BatchNorm,
}

/// The two layers of a branch and its half of the merging layer.
#[derive(Clone, Debug)]
struct Branch {
    branch: Hidden,
    cell: Hidden,
    merge: Linear,
}

impl ConvolutionalNetwork {
    /// Declares the network's matrices, for a latent vector of `z` numbers.
    pub fn new(layout: &mut Layout, grid: &Grid, z: usize, widths: ConvolutionalWidths) -> Self {
        let (l, wide, tracks) = (layout, widths, grid.track_count());
        let growth = Growth::new(grid, wide.shared_steps);
        let heard = |width: fn(&ConvolutionalEncoderWidths) -> usize| wide.encoder.as_ref().map_or(0, width);
        let mut hidden = |name: &str, groups, [inputs, places, channels]: [usize; 3], heard| {
            Hidden::new(l, name, Shape { groups, inputs, places, channels, heard }, EPSILON)
        };
        let bar = hidden("shared/bar", 1, [z, growth.bars, wide.bar], heard(|e| e.phrase));
        let places = 4 * growth.windows();
        let beat = hidden("shared/beat", 1, [wide.bar, places, wide.beat], heard(|e| e.bar));
        let places = growth.octaves.size * growth.steps;
        let step = hidden("shared/step", 1, [wide.beat, places, wide.step], heard(|e| e.beat));
        let mut branch = |name: &str, first: usize, second: usize| {
            let (from, to) = ([wide.step, first, wide.branch], [wide.branch, second, wide.cell]);
            let branch = hidden(&format!("{name}/branch"), tracks, from, heard(|e| e.branch));
            (branch, hidden(&format!("{name}/cell"), tracks, to, heard(|e| e.cell)))
        };
        let pitch_time = branch("pitch_time", 12, growth.finer);
        let time_pitch = branch("time_pitch", growth.finer, 12);
        let mut merged = |name: &str, (branch, cell): (Hidden, Hidden)| {
            let shape = [tracks, wide.cell, growth.planes];
            Branch { branch, cell, merge: Linear::new(l, &format!("{name}/merge"), shape, 1.0, false) }
        };
        let pitch_time = merged("pitch_time", pitch_time);
        let time_pitch = merged("time_pitch", time_pitch);
        // Twice this is how far logits spread at the start: as published, or, around biases that know
        // how often each pitch sounds, half as far.
        let spread = if wide.pitch_bias { 0.5 } else { 1.0 };
        let out = BatchNorm::new(l, "out", [tracks, growth.planes], spread, EPSILON);
        if wide.pitch_bias {
            l.add("out/bias", [tracks, 1, grid.octaves * grid.cell_features()], Init::Constant(-2.0));
        }
        let encoder = wide.encoder.map(|e| Encoder::new(l, grid, wide.shared_steps, e));
        Self { growth, widths, tracks, encoder, bar, beat, step, pitch_time, time_pitch, out }
    }

    /// As [`Generator::widest`](super::Generator::widest).
    pub fn widest(&self) -> usize {
        self.tracks * self.growth.shared_steps() * self.width_of_line()
    }

    /// What the network hears of given tracks; nothing if it cannot.
    pub fn hear(&self, m: &Matrices, given: Option<&Given>) -> Heard {
        match (&self.encoder, given) {
            (Some(encoder), Some(given)) => encoder.forward(m, given),
            _ => Heard::default(),
        }
    }

    /// # Shapes
    /// As [`Generator::forward`](super::Generator::forward).
    pub fn forward(&self, m: &Matrices, z: Tensor<2>, mut heard: Heard, norm: &mut Norm) -> Tensor<3> {
        let (g, tracks) = (&self.growth, self.tracks);
        let [batch, width] = z.dims();
        let h = self.bar.forward(m, z.reshape([1, batch, width]), heard.phrase.take(), norm);
        let h = self.beat.forward(m, h, heard.bar.take(), norm);
        let h = self.step.activate(m, self.grown(self.step.product(m, h, heard.beat.take())), norm);

        let lines = batch * g.shared_steps();
        let cells = match norm {
            Norm::Folded if in_memory(&h) => {
                in_pieces([tracks, lines, self.width_of_line()], |track, some| {
                    let heard = heard.map(|x| rows_of(x, lines, &some));
                    self.cells(&m.of_group(track), rows_of(&h, lines, &some), heard, &mut Norm::Folded)
                })
            }
            norm => {
                let [_, rows, width] = h.dims();
                self.cells(m, h.expand([tracks, rows, width]), heard, norm)
            }
        };
        let features = 12 * g.planes;
        let rows = lines * g.finer * g.octaves.count;
        if !self.widths.pitch_bias {
            return cells.reshape([tracks, rows, features]);
        }
        let by_step = cells.reshape([tracks, lines * g.finer, g.octaves.count * features]);
        biased(by_step, m.get("out/bias")).reshape([tracks, rows, features])
    }

    /// Numbers of the widest layer for one shared step of one track.
    fn width_of_line(&self) -> usize {
        let (g, wide) = (&self.growth, self.widths);
        let by_pitch = 12 * (g.finer * wide.cell.max(g.planes)).max(wide.branch);
        g.octaves.count * by_pitch.max(g.finer * wide.branch).max(wide.step)
    }

    /// Logits without the biases of pitches, from what tracks share: `[track, line·octave, width]` to
    /// `[track, line·finer step·octave·pitch, plane]`.
    fn cells(&self, m: &Matrices, h: Tensor<3>, heard: Heard, norm: &mut Norm) -> Tensor<3> {
        let g = &self.growth;
        let [tracks, rows, _] = h.dims();
        // Rows are shared steps and octaves; `finer` and pitches come after, in the order they grow.
        let (pitch, time) = (&self.pitch_time, &self.time_pitch);
        let a = pitch.branch.forward(m, h.clone(), heard.pitch_branch, norm);
        let a = pitch.merge.forward(m, pitch.cell.forward(m, a, heard.pitch_cell, norm));
        let b = time.branch.forward(m, h, heard.time_branch, norm);
        let b = time.merge.forward(m, time.cell.forward(m, b, heard.time_cell, norm));
        let (lines, octaves) = (rows / g.octaves.count, g.octaves.count);
        let a = a.reshape([tracks, lines, octaves * 12, g.finer, g.planes]).swap_dims(2, 3);
        let b = b.reshape([tracks, lines, octaves, g.finer, 12 * g.planes]).swap_dims(2, 3);
        let cells = rows * g.finer * 12;
        let sum = a.reshape([tracks, cells, g.planes]) + b.reshape([tracks, cells, g.planes]);
        self.out.forward(m, sum, norm).mul_scalar(2.0)
    }

    /// Overlapping windows of octaves added up: rows of `(beat, window)` with features of
    /// `(octave of the window, step, channel)` to rows of `(beat, step, octave)`.
    fn grown(&self, y: Tensor<3>) -> Tensor<3> {
        let (g, width) = (&self.growth, self.widths.step);
        let octaves = g.octaves.adjoint(y);
        let beats = octaves.dims()[1] / g.octaves.count;
        let steps = octaves.reshape([beats, g.octaves.count, g.steps, width]).swap_dims(1, 2);
        steps.reshape([1, beats * g.steps * g.octaves.count, width])
    }
}
