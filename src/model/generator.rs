//! The temporal generators of the family: temporal generators, then bar generators.
//!
//! Dong et al. 2018 (MuseGAN), section 3.3: `z_t` and `z_it` go through temporal generators that give
//! one vector a bar; joined with `z` and `z_i` they feed the bar generator of each track (hybrid,
//! jamming), or the one that plays all tracks (composer). Two things differ here. Every layer is a matrix product (beats, then steps, octaves and cells grow by
//! reshapes). And the shared parts also give every track the same few numbers in each beat, the
//! *harmony*, so that tracks can agree on chords that change inside a bar.

use burn::tensor::{Tensor, activation};

use super::config::{Architecture, BarGenerators, Grid};
use super::encoder::{Condition, Encoder};
use super::layers::Linear;
use super::weights::{Init, Layout, Matrices};

/// Added to variances before the square root.
const EPSILON: f64 = 1e-5;

/// A hidden layer: per-track product, batch norm per track and channel, ReLU.
#[derive(Clone, Debug)]
struct Hidden {
    name: String,
    linear: Linear,
    condition: Option<Linear>,
}

/// How hidden layers normalize.
pub enum Norm<'a> {
    /// By the statistics of the batch, as in training.
    Batch,
    /// By the batch, noting `(layer, mean, variance)` of `[group, 1, channel]` for folding.
    Record(&'a mut Vec<(String, Tensor<3>, Tensor<3>)>),
    /// Not at all: the statistics are folded into the weights (`gamma` holds the factor, `beta` the
    /// offset).
    Folded,
}

impl Hidden {
    fn new(layout: &mut Layout, name: &str, shape: [usize; 3], condition: usize) -> Self {
        let linear = Linear::new(layout, name, shape, 2.0, false);
        let [groups, _, outputs] = shape;
        layout.add(&format!("{name}/gamma"), [groups, 1, outputs], Init::Constant(1.0));
        layout.add(&format!("{name}/beta"), [groups, 1, outputs], Init::Constant(0.0));
        let heard =
            || Linear::new(layout, &format!("{name}/heard"), [groups, condition, outputs], 0.0, false);
        Self { name: name.to_owned(), linear, condition: (condition > 0).then(heard) }
    }

    /// # Shapes
    /// `[group, row, inputs]` to `[group, row, outputs]`; `heard` is `[1, row, condition]`.
    fn forward(&self, m: &Matrices, x: Tensor<3>, heard: Option<Tensor<3>>, norm: &mut Norm) -> Tensor<3> {
        let mut y = self.linear.forward(m, x);
        if let (Some(linear), Some(heard)) = (&self.condition, heard) {
            let [groups, rows, _] = y.dims();
            let width = heard.dims()[2];
            y = y + linear.forward(m, heard.expand([groups, rows, width]));
        }
        let gamma = m.get(&format!("{}/gamma", self.name));
        let beta = m.get(&format!("{}/beta", self.name));
        if matches!(norm, Norm::Folded) {
            return activation::relu(y * gamma + beta);
        }
        let mean = y.clone().mean_dim(1);
        let centred = y - mean.clone();
        let variance = centred.clone().powi_scalar(2).mean_dim(1);
        let factor = gamma / variance.clone().add_scalar(EPSILON).sqrt();
        if let Norm::Record(records) = norm {
            records.push((self.name.clone(), mean, variance));
        }
        activation::relu(centred * factor + beta)
    }
}

/// A temporal generator: one vector in, one vector a bar out.
#[derive(Clone, Debug)]
struct Temporal {
    hidden: Linear,
    out: Linear,
    bars: usize,
    width: usize,
}

impl Temporal {
    fn new(layout: &mut Layout, name: &str, groups: usize, width: usize, a: &Architecture) -> Self {
        let hidden = a.generator.temporal;
        let bars = a.grid.bars;
        Self {
            hidden: Linear::new(layout, &format!("{name}/hidden"), [groups, width, hidden], 2.0, true),
            out: Linear::new(layout, &format!("{name}/out"), [groups, hidden, bars * width], 1.0, true),
            bars,
            width,
        }
    }

    /// # Shapes
    /// `[group, batch, width]` to `[group, batch·bar, width]`.
    fn forward(&self, m: &Matrices, z: Tensor<3>) -> Tensor<3> {
        let [groups, batch, _] = z.dims();
        let h = activation::relu(self.hidden.forward(m, z));
        self.out.forward(m, h).reshape([groups, batch * self.bars, self.width])
    }
}

/// Tracks that a person gives.
#[derive(Clone, Debug)]
pub struct Given {
    /// `[track, batch·step·octave, 12·plane]`, silent where a track is not given.
    pub roll: Tensor<3>,
    /// `[batch, track]`, 1 where a track is given.
    pub mask: Tensor<2>,
}

/// The generator's architecture; its numbers are [`Weights`](super::Weights) of
/// [`Generator::layout`].
#[derive(Clone, Debug)]
pub struct Generator {
    architecture: Architecture,
    layout: Layout,
    encoder: Option<Encoder>,
    shared_time: Option<Temporal>,
    track_time: Option<Temporal>,
    harmony: Option<(Linear, Linear)>,
    beat: Hidden,
    step: Hidden,
    octave: Hidden,
    cell: Hidden,
    out: Linear,
}

impl Generator {
    /// The generator of an architecture that [`Architecture::check`] accepts.
    pub fn new(architecture: &Architecture) -> Self {
        let a = architecture;
        let (grid, latent, wide) = (&a.grid, a.latent, a.generator);
        let tracks = grid.track_count();
        let mut layout = Layout::default();
        let l = &mut layout;
        let shared_time = (latent.z_t > 0).then(|| Temporal::new(l, "shared_time", 1, latent.z_t, a));
        let track_time = (latent.z_it > 0).then(|| Temporal::new(l, "track_time", tracks, latent.z_it, a));
        let shared = latent.z + latent.z_t;
        let harmony = (wide.harmony > 0).then(|| {
            let hidden = 2 * wide.temporal;
            (
                Linear::new(l, "harmony/hidden", [1, shared, hidden], 2.0, true),
                Linear::new(l, "harmony/out", [1, hidden, 4 * wide.harmony], 1.0, true),
            )
        });
        let heard = |width: fn(&super::config::EncoderWidths) -> usize| a.encoder.as_ref().map_or(0, width);
        let joined = shared + latent.z_i + latent.z_it;
        let b = grid.subdivisions();
        let (groups, voices) = match wide.bar_generators {
            BarGenerators::PerTrack => (tracks, 1),
            BarGenerators::One => (1, tracks),
        };
        let beat = Hidden::new(l, "beat", [groups, joined, 4 * wide.beat], heard(|e| e.bar));
        let from_beat = wide.beat + wide.harmony;
        let step = Hidden::new(l, "step", [groups, from_beat, b * wide.step], heard(|e| e.beat));
        let octave =
            Hidden::new(l, "octave", [groups, wide.step, grid.octaves * wide.octave], heard(|e| e.step));
        let cell = Hidden::new(l, "cell", [groups, wide.octave, wide.cell], heard(|e| e.octave));
        let features = grid.cell_features();
        let out = Linear::new(l, "out", [groups, wide.cell, voices * features], 0.5, false);
        l.add("out/bias", [tracks, 1, grid.octaves * features], Init::Constant(-2.0));
        let encoder = Encoder::new(l, a);
        let architecture = a.clone();
        Self {
            architecture,
            layout,
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

    /// The architecture.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Which matrices it has.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    fn grid(&self) -> &Grid {
        &self.architecture.grid
    }

    /// Logits of a batch of rolls.
    ///
    /// # Shapes
    /// `z` is `[batch, latent]` in the order of the latent layout; the result is
    /// `[track, batch·step·octave, 12·plane]`. Without an encoder, `given` is not looked at.
    pub fn forward(&self, m: &Matrices, z: Tensor<2>, given: Option<&Given>, norm: &mut Norm) -> Tensor<3> {
        let condition = match (&self.encoder, given) {
            (Some(encoder), Some(given)) => Some(encoder.forward(m, given.roll.clone(), given.mask.clone())),
            _ => None,
        };
        let condition = condition.as_ref();
        let grid = self.grid();
        let wide = self.architecture.generator;
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
        (by_step + m.get("out/bias")).reshape([tracks, batch * grid.rows(), features])
    }

    /// The inputs of every bar: what all tracks share `[1, batch·bar, width]`, and what each has for
    /// itself `[track, batch·bar, width]`.
    fn bars(&self, m: &Matrices, z: Tensor<2>) -> (Option<Tensor<3>>, Vec<Tensor<3>>) {
        let (latent, bars) = (self.architecture.latent, self.grid().bars);
        let tracks = self.grid().track_count();
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

    /// Weights for [`Norm::Folded`]: each layer's `gamma` and `beta` take in the mean and variance
    /// that it has over the given latents (and given tracks).
    pub fn fold(
        &self,
        weights: &super::Weights,
        z: Tensor<2>,
        given: Option<&Given>,
    ) -> Result<super::Weights, super::ModelError> {
        let mut records = Vec::new();
        let matrices = weights.matrices();
        self.forward(&matrices, z, given, &mut Norm::Record(&mut records));
        let mut values = weights.values()?;
        let read =
            |x: Tensor<3>| x.try_to_vec_as::<f32>().map_err(|e| super::ModelError::Device(e.to_string()));
        let place = |name: String| {
            let entry = self.layout.entries().iter().find(|e| e.name == name);
            entry.map_or(0..0, |e| e.offset..e.offset + e.shape.iter().product::<usize>())
        };
        for (name, mean, variance) in records {
            let (mean, variance) = (read(mean)?, read(variance)?);
            let (gammas, betas) = (place(format!("{name}/gamma")), place(format!("{name}/beta")));
            for (i, (g, b)) in gammas.zip(betas).enumerate() {
                let factor = f64::from(values[g]) / (f64::from(variance[i]) + EPSILON).sqrt();
                values[g] = factor as f32;
                values[b] = (f64::from(values[b]) - f64::from(mean[i]) * factor) as f32;
            }
        }
        super::Weights::new(weights.layout().clone(), values, &weights.flat().device())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::model::config::{EncoderWidths, GeneratorWidths, LatentWidths};
    use crate::model::{LatentLayout, Weights};
    use burn::tensor::{Device, TensorData};
    use std::sync::Arc;

    const HYBRID: LatentWidths = LatentWidths { z: 2, z_t: 3, z_i: 2, z_it: 3 };
    const JAMMING: LatentWidths = LatentWidths { z: 0, z_t: 0, z_i: 2, z_it: 3 };
    const COMPOSER: LatentWidths = LatentWidths { z: 2, z_t: 3, z_i: 0, z_it: 0 };

    fn tiny(latent: LatentWidths, bars: usize, encoder: bool) -> Architecture {
        let one = latent == COMPOSER;
        Architecture {
            grid: Grid {
                tracks: vec!["lead".into(), "pad".into()],
                bars,
                steps_per_bar: 8,
                planes: 2,
                lowest_pitch: 36,
                octaves: 3,
            },
            latent,
            generator: GeneratorWidths {
                bar_generators: if one { BarGenerators::One } else { BarGenerators::PerTrack },
                temporal: 4,
                harmony: if latent == JAMMING { 0 } else { bars % 4 },
                beat: 5,
                step: 4,
                octave: 3,
                cell: 4,
            },
            encoder: encoder.then_some(EncoderWidths { bar: 3, beat: 4, step: 3, octave: 2 }),
        }
    }

    fn numbers(name: &str, count: usize) -> Vec<f32> {
        let mut rng = Seed(5).stream(name);
        (0..count).map(|_| rng.normal() as f32).collect()
    }

    /// Weights, latents and given tracks of a network none of whose parts is at zero.
    fn inputs(generator: &Generator, batch: usize) -> (Weights, Tensor<2>, Given) {
        let device = Device::flex();
        let layout = Arc::new(generator.layout().clone());
        let mut values = layout.initial(Seed(1));
        for (value, more) in values.iter_mut().zip(numbers("weights", layout.size())) {
            *value += 0.3 * more;
        }
        let a = generator.architecture();
        let size = LatentLayout::of(a).size();
        let z = TensorData::new(numbers("z", batch * size), [batch, size]);
        let (tracks, rows, cells) = (a.grid.track_count(), a.grid.rows(), a.grid.cell_features());
        let roll: Vec<f32> = numbers("roll", tracks * batch * rows * cells)
            .iter()
            .enumerate()
            .map(|(i, x)| f32::from(u8::from(i < batch * rows * cells && *x > 0.5)))
            .collect();
        let mask = (0..batch * tracks).map(|i| f32::from(u8::from(i % tracks == 0))).collect();
        let given = Given {
            roll: Tensor::from_data(TensorData::new(roll, [tracks, batch * rows, cells]), &device),
            mask: Tensor::from_data(TensorData::new::<f32, _>(mask, [batch, tracks]), &device),
        };
        (Weights::new(layout, values, &device).unwrap(), Tensor::from_data(z, &device), given)
    }

    fn read(x: Tensor<3>) -> Vec<f32> {
        x.try_to_vec_as::<f32>().unwrap()
    }

    #[test]
    fn every_way_to_share_runs_and_folds_for_any_bars_and_tracks() {
        for latent in [HYBRID, JAMMING, COMPOSER] {
            for (bars, encoder) in [1, 2, 4, 8].into_iter().flat_map(|bars| [(bars, false), (bars, true)]) {
                let architecture = tiny(latent, bars, encoder);
                architecture.check().unwrap();
                let generator = Generator::new(&architecture);
                let (weights, z, given) = inputs(&generator, 3);
                let given = encoder.then_some(&given);
                let live = generator.forward(&weights.matrices(), z.clone(), given, &mut Norm::Batch);
                assert_eq!(live.dims(), [2, 3 * bars * 8 * 3, 24]);
                let folded = generator.fold(&weights, z.clone(), given).unwrap();
                let played = generator.forward(&folded.matrices(), z, given, &mut Norm::Folded);
                let (live, played) = (read(live), read(played));
                let spread = live.iter().fold(0.0f32, |most, x| most.max(x.abs()));
                assert!(spread > 0.5, "{latent:?} {bars} {encoder}: {spread}");
                for (a, b) in live.iter().zip(&played) {
                    assert!((a - b).abs() < 1e-3 * spread, "{latent:?} {bars} {encoder}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn one_bar_generator_plays_all_tracks_by_hand() {
        let architecture = Architecture {
            grid: Grid {
                tracks: vec!["lead".into(), "pad".into()],
                bars: 1,
                steps_per_bar: 8,
                planes: 1,
                lowest_pitch: 36,
                octaves: 2,
            },
            latent: LatentWidths { z: 1, z_t: 0, z_i: 0, z_it: 0 },
            generator: GeneratorWidths {
                bar_generators: BarGenerators::One,
                temporal: 1,
                harmony: 0,
                beat: 1,
                step: 1,
                octave: 1,
                cell: 1,
            },
            encoder: None,
        };
        let generator = Generator::new(&architecture);
        let device = Device::flex();
        let weights =
            Weights::new(Arc::new(generator.layout().clone()), vec![0.0; generator.layout().size()], &device);
        let mut m = weights.unwrap().matrices();
        let mut set = |name: &str, values: Vec<f32>| {
            let shape = m.get(name).dims();
            m.replace(name, Tensor::from_data(TensorData::new(values, shape), &device));
        };
        for layer in ["beat", "step", "octave", "cell"] {
            let width = if layer == "beat" { 4 } else { 2 } - usize::from(layer == "cell");
            set(&format!("{layer}/gamma"), vec![1.0; width]);
        }
        set("beat/weight", vec![1.0, 2.0, 3.0, -1.0]);
        set("step/weight", vec![1.0, 10.0]);
        set("octave/weight", vec![1.0, 0.5]);
        set("cell/weight", vec![2.0]);
        // Twelve pitches of the first track, then twelve of the second.
        set("out/weight", (0..24).map(|x| x as f32).collect());
        // [track, octave x pitch]
        set("out/bias", (0..48).map(|x| x as f32 * 1000.0).collect());
        let z = Tensor::from_floats([[3.0]], &device);
        let logits = read(generator.forward(&m, z, None, &mut Norm::Folded));
        let at = |track: usize, step: usize, octave: usize, pitch: usize| {
            logits[((track * 8 + step) * 2 + octave) * 12 + pitch]
        };
        // Beat 1 (3 x 2 = 6), its second step (x 10 = 60), octave 1 (x 0.5 = 30), cell (x 2 = 60).
        assert_eq!(at(0, 3, 1, 5), 60.0 * 5.0 + 17_000.0);
        assert_eq!(at(1, 3, 1, 5), 60.0 * 17.0 + 41_000.0);
        // Beat 2 (3 x 3 = 9), its first step, octave 0, cell (x 2 = 18).
        assert_eq!(at(1, 4, 0, 2), 18.0 * 14.0 + 26_000.0);
        // The last beat is below zero: nothing but the bias is left.
        assert_eq!(at(0, 7, 0, 3), 3000.0);
    }
}
