//! The hybrid, jamming and composer networks: temporal generators, then bar generators.
//!
//! Dong et al. 2018 (MuseGAN), section 3.3: `z_t` and `z_it` go through temporal generators that give
//! one vector a bar; joined with `z` and `z_i` they feed the bar generator of each track (hybrid,
//! jamming), or the one that plays all tracks (composer). Two things differ here. Every layer is a
//! matrix product (beats, then steps, octaves and cells grow by reshapes). And the shared parts also
//! give every track the same few numbers in each beat, the *harmony*, so that tracks can agree on
//! chords that change inside a bar.

use burn::tensor::{Tensor, activation};

use super::Given;
use super::encoder::{Condition, Encoder};
use super::hidden::{Hidden, Shape};
use super::norm::Norm;
use super::time::TemporalGenerator;
use crate::model::config::{BarGenerators, EncoderWidths, GeneratorWidths, Grid, LatentWidths};
use crate::model::layers::{Linear, biased};
use crate::model::weights::{Init, Layout, Matrices};

/// Added to variances before the square root.
const EPSILON: f64 = 1e-5;

/// The architecture of a network that makes music bar by bar.
#[derive(Clone, Debug)]
pub struct BarNetwork {
    grid: Grid,
    latent: LatentWidths,
    widths: GeneratorWidths,
    encoder: Option<Encoder>,
    shared_time: Option<TemporalGenerator>,
    track_time: Option<TemporalGenerator>,
    harmony: Option<(Linear, Linear)>,
    beat: Hidden,
    step: Hidden,
    octave: Hidden,
    cell: Hidden,
    out: Linear,
}

impl BarNetwork {
    /// Declares the network's matrices.
    pub fn new(
        layout: &mut Layout,
        grid: &Grid,
        latent: LatentWidths,
        widths: GeneratorWidths,
        encoder: Option<EncoderWidths>,
    ) -> Self {
        let (l, wide) = (layout, widths);
        let tracks = grid.track_count();
        let time = |l: &mut Layout, name: &str, shape: [usize; 2]| {
            (shape[1] > 0).then(|| TemporalGenerator::new(l, name, shape, wide.temporal, grid.bars))
        };
        let shared_time = time(l, "shared_time", [1, latent.z_t]);
        let track_time = time(l, "track_time", [tracks, latent.z_it]);
        let shared = latent.z + latent.z_t;
        let harmony = (wide.harmony > 0).then(|| {
            let hidden = 2 * wide.temporal;
            (
                Linear::new(l, "harmony/hidden", [1, shared, hidden], 2.0, true),
                Linear::new(l, "harmony/out", [1, hidden, 4 * wide.harmony], 1.0, true),
            )
        });
        let (groups, voices) = match wide.bar_generators {
            BarGenerators::PerTrack => (tracks, 1),
            BarGenerators::One => (1, tracks),
        };
        let heard = |width: fn(&EncoderWidths) -> usize| encoder.as_ref().map_or(0, width);
        // Each place of a row has its own statistics, so places count as channels.
        let mut hidden = |name: &str, inputs: usize, channels: usize, heard: usize| {
            Hidden::new(l, name, Shape { groups, inputs, places: 1, channels, heard }, EPSILON)
        };
        let joined = shared + latent.z_i + latent.z_it;
        let beat = hidden("beat", joined, 4 * wide.beat, heard(|e| e.bar));
        let from_beat = wide.beat + wide.harmony;
        let step = hidden("step", from_beat, grid.subdivisions() * wide.step, heard(|e| e.beat));
        let octave = hidden("octave", wide.step, grid.octaves * wide.octave, heard(|e| e.step));
        let cell = hidden("cell", wide.octave, wide.cell, heard(|e| e.octave));
        let features = grid.cell_features();
        let out = Linear::new(l, "out", [groups, wide.cell, voices * features], 0.5, false);
        l.add("out/bias", [tracks, 1, grid.octaves * features], Init::Constant(-2.0));
        let encoder = encoder.map(|widths| Encoder::new(l, grid, widths));
        let grid = grid.clone();
        Self {
            grid,
            latent,
            widths,
            encoder,
            shared_time,
            track_time,
            harmony,
            beat,
            step,
            octave,
            cell,
            out,
        }
    }

    /// As [`Generator::widest`](super::Generator::widest).
    pub fn widest(&self) -> usize {
        let (grid, wide) = (&self.grid, self.widths);
        let by_row = wide.octave.max(wide.cell).max(grid.cell_features());
        grid.track_count()
            * (grid.rows() * by_row).max(grid.steps() * wide.step).max(grid.beats() * wide.beat)
    }

    /// What the network hears of given tracks, if it can.
    pub fn hear(&self, m: &Matrices, given: Option<&Given>) -> Option<Condition> {
        let (encoder, given) = (self.encoder.as_ref()?, given?);
        Some(encoder.forward(m, given.roll.clone(), given.mask.clone()))
    }

    /// # Shapes
    /// As [`Generator::forward`](super::Generator::forward).
    pub fn forward(
        &self,
        m: &Matrices,
        z: Tensor<2>,
        condition: Option<&Condition>,
        norm: &mut Norm,
    ) -> Tensor<3> {
        let (grid, wide) = (&self.grid, self.widths);
        // Without normalization, training and playing alike apply the factors and offsets as they are.
        let plain = &mut Norm::Folded;
        let norm = if wide.batch_normalization { norm } else { plain };
        let batch = z.dims()[0];
        let (shared, own) = self.bars(m, z);
        let tracks = grid.track_count();
        let groups = match wide.bar_generators {
            BarGenerators::PerTrack => tracks,
            BarGenerators::One => 1,
        };
        let mut joined = own;
        if let Some(shared) = &shared {
            let [_, rows, width] = shared.dims();
            joined.insert(0, shared.clone().expand([groups, rows, width]));
        }
        let heard = |part: fn(&Condition) -> &Tensor<3>| condition.map(|c| part(c).clone());
        let mut h = self.beat.forward(m, Tensor::cat(joined, 2), heard(|c| &c.bar), norm);
        h = h.reshape([groups, batch * grid.beats(), wide.beat]);
        if let (Some((hidden, out)), Some(shared)) = (&self.harmony, shared) {
            let code = out.forward(m, activation::relu(hidden.forward(m, shared)));
            let code = code.reshape([1, batch * grid.beats(), wide.harmony]);
            h = Tensor::cat(vec![h, code.expand([groups, batch * grid.beats(), wide.harmony])], 2);
        }
        h = self.step.forward(m, h, heard(|c| &c.beat), norm);
        h = h.reshape([groups, batch * grid.steps(), wide.step]);
        h = self.octave.forward(m, h, heard(|c| &c.step), norm);
        h = h.reshape([groups, batch * grid.rows(), wide.octave]);
        h = self.cell.forward(m, h, heard(|c| &c.octave), norm);
        let features = grid.cell_features();
        let mut logits = self.out.forward(m, h);
        if groups < tracks {
            let apart = logits.reshape([batch * grid.rows(), tracks, features]);
            logits = apart.swap_dims(0, 1);
        }
        let by_step = logits.reshape([tracks, batch * grid.steps(), grid.octaves * features]);
        biased(by_step, m.get("out/bias")).reshape([tracks, batch * grid.rows(), features])
    }

    /// The inputs of every bar: what all tracks share `[1, batch·bar, width]`, and what each has for
    /// itself `[track, batch·bar, width]`.
    fn bars(&self, m: &Matrices, z: Tensor<2>) -> (Option<Tensor<3>>, Vec<Tensor<3>>) {
        let (latent, bars) = (self.latent, self.grid.bars);
        let tracks = self.grid.track_count();
        let batch = z.dims()[0];
        let mut at = 0;
        let mut next = |groups: usize, width: usize| {
            let size = groups * width;
            at += size;
            let part = z.clone().slice([0..batch, at - size..at]).reshape([batch, groups, width]);
            part.permute([1, 0, 2])
        };
        let every_bar = |x: Tensor<3>| {
            let [groups, _, width] = x.dims();
            let x: Tensor<4> = x.reshape([groups, batch, 1, width]);
            x.expand([groups, batch, bars, width]).reshape([groups, batch * bars, width])
        };
        let mut shared = Vec::new();
        if latent.z > 0 {
            shared.push(every_bar(next(1, latent.z)));
        }
        if let Some(temporal) = &self.shared_time {
            shared.push(temporal.forward(m, next(1, latent.z_t)));
        }
        let mut own = Vec::new();
        if latent.z_i > 0 {
            own.push(every_bar(next(tracks, latent.z_i)));
        }
        if let Some(temporal) = &self.track_time {
            own.push(temporal.forward(m, next(tracks, latent.z_it)));
        }
        ((!shared.is_empty()).then(|| Tensor::cat(shared, 2)), own)
    }
}
