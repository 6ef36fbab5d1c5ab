//! The refiner: residual units that go over a generator's logits before they become cells.
//!
//! Dong and Yang 2018 (BinaryMuseGAN), section 3.3: each track has its own units, two as published,
//! of batch norm, ReLU, convolution to 64 channels, batch norm, ReLU, convolution back, the result added
//! to what came in. Kernels span 3 steps of a bar and 12 pitches; the roll keeps its size: zeros stand
//! around a bar, and 5 pitches lie before a kernel's place and 6 after it, as TensorFlow pads an even
//! kernel. The last convolution of a unit starts at zero, so that a fresh refiner changes nothing.
//!
//! Both convolutions are matrix products of an octave of a step. Its twelve pitches hang on 23, so that
//! the first convolution takes 3 steps x 23 pitches of the roll and yields 12 pitches of every channel,
//! by a matrix in which the kernel is written twelve times; the second is the same the other way round,
//! and what neighbours add to the same cell is summed. That is 1.9 times the arithmetic of the kernel
//! alone, and no copy of the wide channels.
//!
//! On a processor that is several times faster than Burn's convolutions, which the tests hold it
//! against. What is left is mostly the passes of batch norm over the channels, so that parts of a batch
//! that fit a cache pay (`micro_batch: 4`): two units of 8 channels over the small hybrid then add about
//! as much to a training step as the hybrid costs itself.

use burn::tensor::{Tensor, TensorData, activation, ops::PadMode};

use super::config::{Grid, RefinerWidths};
use super::generator::{Norm, Statistics};
use super::is_processor;
use super::weights::{Init, Layout, Matrices};

/// Steps and pitches of a kernel.
const STEPS: usize = 3;
const PITCHES: usize = 12;
/// Pitches of a kernel before and after its place.
const BEFORE: usize = 5;
const AFTER: usize = PITCHES - 1 - BEFORE;
/// Pitches that twelve kernels side by side span.
const SPAN: usize = 12 + PITCHES - 1;
/// Added to variances before the square root.
const EPSILON: f64 = 1e-5;
/// Bars that go through together when nothing is learnt, which keeps what lies between in a cache.
const TOGETHER: usize = 16;
/// The same on a graphics card, which is not kept busy by so few.
const TOGETHER_ON_CARD: usize = 64;

/// The refiner of an architecture; its numbers are part of the generator's.
#[derive(Clone, Debug)]
pub struct Refiner {
    units: Vec<Unit>,
    around: Around,
    spread: Places,
    gather: Places,
}

impl Refiner {
    /// Declares the matrices of all units, `refiner/...`.
    pub fn new(layout: &mut Layout, grid: &Grid, widths: RefinerWidths) -> Self {
        let unit = |i| Unit::new(layout, &format!("refiner/{i}"), grid, widths);
        Self {
            units: (1..=widths.units).map(unit).collect(),
            around: Around { steps: grid.steps_per_bar, octaves: grid.octaves },
            spread: Places::spread(),
            gather: Places::gather(),
        }
    }

    /// Logits after the refiner.
    ///
    /// # Shapes
    /// `[track, batch·step·octave, 12·plane]` to the same.
    pub fn forward(&self, m: &Matrices, x: Tensor<3>, norm: &mut Norm) -> Tensor<3> {
        let [tracks, rows, features] = x.dims();
        let bars = if is_processor(&x.device()) { TOGETHER } else { TOGETHER_ON_CARD };
        let part = bars * self.around.steps * self.around.octaves;
        if !matches!(norm, Norm::Folded) || rows <= part {
            return self.units.iter().fold(x, |x, unit| self.apply(unit, m, x, norm));
        }
        let some = |from: usize| {
            let x = x.clone().slice([0..tracks, from..(from + part).min(rows), 0..features]);
            self.forward(m, x, &mut Norm::Folded)
        };
        Tensor::cat((0..rows).step_by(part).map(some).collect(), 1)
    }

    fn apply(&self, unit: &Unit, m: &Matrices, x: Tensor<3>, norm: &mut Norm) -> Tensor<3> {
        let (planes, channels) = (unit.first.channels, unit.second.channels);
        let tracks = x.dims()[0];
        let first = self.spread.written(m.get(&unit.first.weight()));
        let first = first.reshape([tracks, STEPS * SPAN, 12, planes, channels]).swap_dims(2, 3);
        let first = first.reshape([tracks, STEPS * SPAN * planes, 12 * channels]);
        let second = self.gather.written(m.get(&unit.second.weight()));
        let second = second.reshape([tracks, STEPS * SPAN, 12 * channels, planes]).swap_dims(1, 2);
        let second = second.reshape([tracks, 12 * channels, STEPS * SPAN * planes]);

        let h = unit.first.activate(m, x.clone(), norm);
        let h = self.around.unfold(h).matmul(first);
        let h = unit.second.activate(m, h, norm);
        let change = self.around.fold(h.matmul(second));
        x + change + m.get(&unit.bias).repeat_dim(2, 12)
    }
}

/// One residual unit.
#[derive(Clone, Debug)]
struct Unit {
    first: Layer,
    second: Layer,
    bias: String,
}

impl Unit {
    fn new(layout: &mut Layout, name: &str, grid: &Grid, widths: RefinerWidths) -> Self {
        let (tracks, planes) = (grid.track_count(), grid.planes);
        let heard = Init::Normal { gain: 2.0 };
        let first = Layer::new(layout, &format!("{name}/first"), [tracks, planes, widths.channels], heard);
        let silent = Init::Constant(0.0);
        let second = Layer::new(layout, &format!("{name}/second"), [tracks, widths.channels, planes], silent);
        let bias = format!("{name}/second/bias");
        layout.add(&bias, [tracks, 1, planes], silent);
        Self { first, second, bias }
    }
}

/// Batch norm per track and channel, ReLU, and the kernel of the convolution that follows.
#[derive(Clone, Debug)]
struct Layer {
    name: String,
    /// Channels that come in.
    channels: usize,
}

impl Layer {
    /// Declares a layer of `[tracks, inputs, outputs]`.
    fn new(layout: &mut Layout, name: &str, shape: [usize; 3], init: Init) -> Self {
        let [tracks, channels, outputs] = shape;
        layout.add(&format!("{name}/gamma"), [tracks, 1, channels], Init::Constant(1.0));
        layout.add(&format!("{name}/beta"), [tracks, 1, channels], Init::Constant(0.0));
        let layer = Self { name: name.to_owned(), channels };
        layout.add(&layer.weight(), [tracks, STEPS * PITCHES * channels, outputs], init);
        layer
    }

    fn weight(&self) -> String {
        format!("{}/weight", self.name)
    }

    /// # Shapes
    /// `[track, row, 12·channel]` to the same.
    fn activate(&self, m: &Matrices, x: Tensor<3>, norm: &mut Norm) -> Tensor<3> {
        let every_pitch = |x: Tensor<3>| x.repeat_dim(2, 12);
        let gamma = m.get(&format!("{}/gamma", self.name));
        let beta = every_pitch(m.get(&format!("{}/beta", self.name)));
        if matches!(norm, Norm::Folded) {
            return activation::relu(x * every_pitch(gamma) + beta);
        }
        let tracks = x.dims()[0];
        let mean_of = |x: Tensor<3>| x.mean_dim(1).reshape([tracks, 12, self.channels]).mean_dim(1);
        let mean = mean_of(x.clone());
        let centred = x.clone() - every_pitch(mean.clone());
        let variance = mean_of(centred.clone().powi_scalar(2));
        norm.note(|| Statistics::new(&self.name, EPSILON, mean, variance.clone()));
        if norm.is_folded() {
            return activation::relu(x * every_pitch(gamma) + beta);
        }
        let factor = gamma / variance.add_scalar(EPSILON).sqrt();
        activation::relu(centred * every_pitch(factor) + beta)
    }
}

/// Where the numbers of a kernel stand in the matrix that twelve of them form:
/// `[(step, pitch of the span, class), (step, pitch of the kernel)]`, 1 where one stands.
#[derive(Clone, Debug)]
struct Places(Vec<f32>);

impl Places {
    /// From what lies around an octave to its classes: class `c` reads from pitch `c` of the span on.
    fn spread() -> Self {
        Self::new(|step, pitch, class| Some((step, pitch.checked_sub(class)?)))
    }

    /// From an octave's classes to what lies around it: the kernel the other way round in both axes, as a
    /// cell that looks up (or ahead) is one that gets from above (or later).
    fn gather() -> Self {
        Self::new(|step, pitch, class| Some((STEPS - 1 - step, (class + PITCHES - 1).checked_sub(pitch)?)))
    }

    /// `place` is the step and pitch of the kernel at a step, a pitch of the span and a class.
    fn new(place: impl Fn(usize, usize, usize) -> Option<(usize, usize)>) -> Self {
        let mut places = vec![0.0; STEPS * SPAN * 12 * STEPS * PITCHES];
        for (i, row) in places.chunks_mut(STEPS * PITCHES).enumerate() {
            let place = place(i / 12 / SPAN, i / 12 % SPAN, i % 12);
            if let Some((step, pitch)) = place.filter(|(_, pitch)| *pitch < PITCHES) {
                row[step * PITCHES + pitch] = 1.0;
            }
        }
        Self(places)
    }

    /// # Shapes
    /// `[track, (step, pitch of the kernel, input), output]` to
    /// `[track, (step, pitch of the span, class), (input, output)]`.
    fn written(&self, kernel: Tensor<3>) -> Tensor<3> {
        let [tracks, rows, outputs] = kernel.dims();
        let each = rows / STEPS / PITCHES * outputs;
        let kernel: Tensor<3> = kernel.reshape([tracks, STEPS * PITCHES, each]);
        let shape = [1, STEPS * SPAN * 12, STEPS * PITCHES];
        let places = Tensor::<3>::from_data(TensorData::new(self.0.clone(), shape), &kernel.device());
        places.expand([tracks, shape[1], shape[2]]).matmul(kernel)
    }
}

/// What lies around an octave of a step.
#[derive(Clone, Copy, Debug)]
struct Around {
    /// Steps in a bar.
    steps: usize,
    octaves: usize,
}

impl Around {
    /// # Shapes
    /// `[track, bar·step·octave, 12·f]` to `[track, bar·step·octave, (3 steps, 23 pitches)·f]`: the step
    /// before, this one and the one after of the bar, each with the pitches around the octave.
    fn unfold(&self, x: Tensor<3>) -> Tensor<3> {
        let Self { steps, octaves } = *self;
        let [tracks, rows, features] = x.dims();
        let (f, bars) = (features / 12, tracks * rows / steps / octaves);
        let x: Tensor<3> = x.reshape([bars * steps, octaves, features]);
        let below =
            shifted(x.clone().slice([0..bars * steps, 0..octaves, features - BEFORE * f..features]), 1, 1);
        let above = shifted(x.clone().slice([0..bars * steps, 0..octaves, 0..AFTER * f]), 1, -1);
        let x = Tensor::cat(vec![below, x, above], 2);
        let x: Tensor<3> = x.reshape([bars, steps, octaves * SPAN * f]);
        let by_octave = |x: Tensor<3>| -> Tensor<3> { x.reshape([tracks, rows, SPAN * f]) };
        let (earlier, later) = (shifted(x.clone(), 1, 1), shifted(x.clone(), 1, -1));
        Tensor::cat([earlier, x, later].map(by_octave).to_vec(), 2)
    }

    /// The transposed map: what every octave of a step gives to those around it, summed where they
    /// receive it. Read from high to low: the first of the 23 pitches is the sixth below the octave.
    fn fold(&self, x: Tensor<3>) -> Tensor<3> {
        let Self { steps, octaves } = *self;
        let [tracks, rows, features] = x.dims();
        let (f, bars) = (features / STEPS / SPAN, tracks * rows / steps / octaves);
        let wide = SPAN * f;
        let of_step = |i: usize| -> Tensor<3> {
            let part = x.clone().slice([0..tracks, 0..rows, i * wide..(i + 1) * wide]);
            part.reshape([bars, steps, octaves * wide])
        };
        let x = shifted(of_step(0), 1, -1) + of_step(1) + shifted(of_step(2), 1, 1);
        let x: Tensor<3> = x.reshape([bars * steps, octaves, wide]);
        let part = |from: usize, to: usize| x.clone().slice([0..bars * steps, 0..octaves, from * f..to * f]);
        let down = shifted(part(0, AFTER), 1, -1).pad([(0, 0), (0, 0), ((12 - AFTER) * f, 0)], zeros());
        let up = shifted(part(AFTER + 12, SPAN), 1, 1).pad([(0, 0), (0, 0), (0, (12 - BEFORE) * f)], zeros());
        (part(AFTER, AFTER + 12) + down + up).reshape([tracks, rows, 12 * f])
    }
}

fn zeros() -> PadMode {
    PadMode::Constant(0.0)
}

/// `x` moved along an axis by one place, forwards or backwards, with a zero where nothing comes from.
fn shifted(x: Tensor<3>, axis: usize, by: isize) -> Tensor<3> {
    let size = x.dims()[axis];
    let mut kept = x.dims().map(|n| 0..n);
    kept[axis] = if by > 0 { 0..size - 1 } else { 1..size };
    let mut pad = [(0, 0); 3];
    pad[axis] = if by > 0 { (1, 0) } else { (0, 1) };
    x.slice(kept).pad(pad, zeros())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::Seed;
    use crate::model::Weights;
    use burn::tensor::Device;
    use burn::tensor::ops::ConvOptions;

    fn grid() -> Grid {
        let tracks = ["piano", "bass"].map(str::to_owned).to_vec();
        Grid { tracks, bars: 2, steps_per_bar: 4, planes: 2, lowest_pitch: 36, octaves: 3 }
    }

    /// A refiner none of whose matrices is at its start, and logits for two phrases.
    fn refiner(units: usize) -> (Refiner, Weights, Tensor<3>) {
        let mut layout = Layout::default();
        let refiner = Refiner::new(&mut layout, &grid(), RefinerWidths { channels: 3, units });
        let mut rng = Seed(5).stream("weights");
        let values = (0..layout.size()).map(|_| 0.3 * rng.normal() as f32 + 0.1).collect();
        let weights = Weights::new(Arc::new(layout), values, &Device::flex()).unwrap();
        let shape = [2, 2 * grid().rows(), 24];
        let logits = (0..shape.iter().product::<usize>()).map(|_| rng.normal() as f32 - 1.0).collect();
        (refiner, weights, Tensor::from_data(TensorData::new::<f32, _>(logits, shape), &Device::flex()))
    }

    fn read(x: Tensor<3>) -> Vec<f32> {
        x.try_to_vec_as::<f32>().unwrap()
    }

    #[track_caller]
    fn assert_near(a: &[f32], b: &[f32]) {
        assert_eq!(a.len(), b.len());
        let far = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(far < 2e-5, "{far} apart: {:?} {:?}", &a[..8], &b[..8]);
    }

    /// Phrases as `[bar, plane, step, pitch]` of one track, and back.
    fn image(x: &Tensor<3>, track: usize) -> Tensor<4> {
        let g = grid();
        let x = x.clone().slice([track..track + 1, 0..x.dims()[1], 0..24]);
        let x: Tensor<4> = x.reshape([-1, g.steps_per_bar as i32, 12 * g.octaves as i32, 2]);
        x.permute([0, 3, 1, 2])
    }

    /// The published unit with Burn's convolutions, normalization folded.
    fn published(m: &Matrices, unit: usize, track: usize, x: Tensor<4>) -> Tensor<4> {
        let of_track = |name: &str| {
            let matrix = m.get(&format!("refiner/{unit}/{name}"));
            let [_, rows, columns] = matrix.dims();
            matrix.slice([track..track + 1, 0..rows, 0..columns])
        };
        let convolution = |x: Tensor<4>, layer: &str| {
            let channels = x.dims()[1];
            let channel = |name: &str| -> Tensor<4> {
                of_track(&format!("{layer}/{name}")).reshape([1, channels, 1, 1])
            };
            let x = activation::relu(x * channel("gamma") + channel("beta"));
            let kernel = of_track(&format!("{layer}/weight"));
            let outputs = kernel.dims()[2];
            let kernel: Tensor<4> = kernel.reshape([STEPS, PITCHES, channels, outputs]);
            let x = x.pad([(1, 1), (BEFORE, AFTER)], zeros());
            let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
            burn::tensor::module::conv2d(x, kernel.permute([3, 2, 0, 1]), None, options)
        };
        let change = convolution(convolution(x.clone(), "first"), "second");
        let bias: Tensor<4> = of_track("second/bias").reshape([1, 2, 1, 1]);
        x + change + bias
    }

    #[test]
    fn matrix_products_are_the_published_convolutions() {
        let (refiner, weights, logits) = refiner(2);
        let m = weights.matrices();
        let refined = refiner.forward(&m, logits.clone(), &mut Norm::Folded);
        for track in 0..2 {
            let once = published(&m, 1, track, image(&logits, track));
            let twice = published(&m, 2, track, once);
            let expected = twice.try_to_vec_as::<f32>().unwrap();
            assert_near(&image(&refined, track).try_to_vec_as::<f32>().unwrap(), &expected);
        }
    }

    #[test]
    fn one_cell_reaches_three_steps_and_twelve_pitches_of_its_bar() {
        // One channel whose kernels are the numbers 1 to 36 a plane, one cell on.
        let grid = Grid { tracks: vec!["piano".into()], planes: 1, ..grid() };
        let mut layout = Layout::default();
        let refiner = Refiner::new(&mut layout, &grid, RefinerWidths { channels: 1, units: 1 });
        let mut values = layout.initial(Seed(0));
        for entry in layout.entries().iter().filter(|e| e.name.ends_with("weight")) {
            for (i, value) in values[entry.offset..entry.offset + 36].iter_mut().enumerate() {
                // The second kernel only looks at its own place.
                let own = i == PITCHES + BEFORE;
                *value = if entry.name.contains("first") { (i + 1) as f32 } else { f32::from(u8::from(own)) };
            }
        }
        let weights = Weights::new(Arc::new(layout), values, &Device::flex()).unwrap();
        // Bar 0, step 3 of 4, octave 1, class 0: pitch 12.
        let mut roll = vec![0.0; 2 * 4 * 36];
        roll[3 * 36 + 12] = 1.0;
        let x = Tensor::<3>::from_data(TensorData::new(roll, [1, 24, 12]), &Device::flex());
        let change = read(refiner.forward(&weights.matrices(), x.clone(), &mut Norm::Folded) - x);
        let mut expected = vec![0.0; 2 * 4 * 36];
        // A cell at (step, pitch) hears kernel place (1 + 3 - step, 5 + 12 - pitch), of 3 x 12.
        for (step, kernel_step) in [(2, 2), (3, 1)] {
            for pitch in 6..=17 {
                expected[step * 36 + pitch] = (kernel_step * 12 + 17 - pitch + 1) as f32;
            }
        }
        assert_eq!(change, expected);
    }

    #[test]
    fn a_fresh_refiner_changes_nothing() {
        let mut layout = Layout::default();
        let fresh = Refiner::new(&mut layout, &grid(), RefinerWidths::default());
        let values = layout.initial(Seed(1));
        let weights = Weights::new(Arc::new(layout), values, &Device::flex()).unwrap();
        let (_, _, logits) = refiner(1);
        assert_eq!(read(fresh.forward(&weights.matrices(), logits.clone(), &mut Norm::Batch)), read(logits));
    }

    #[test]
    fn normalization_is_per_track_and_channel_over_every_cell() {
        let (refiner, weights, logits) = refiner(1);
        let m = weights.matrices();
        let first = &refiner.units[0].first;
        let normal = read(first.activate(&m, logits.clone(), &mut Norm::Batch));
        // Track 1, plane 1.
        let of_plane = |all: &[f32]| all[all.len() / 2..].iter().skip(1).step_by(2).copied().collect();
        let cells: Vec<f32> = of_plane(&read(logits));
        let count = cells.len() as f32;
        let mean = cells.iter().sum::<f32>() / count;
        let deviation = (cells.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / count + 1e-5).sqrt();
        let [gamma, beta] = ["gamma", "beta"].map(|part| read(m.get(&format!("refiner/1/first/{part}")))[3]);
        let expected = |x: &f32| ((x - mean) / deviation * gamma + beta).max(0.0);
        assert_near(&of_plane(&normal), &cells.iter().map(expected).collect::<Vec<_>>());
    }

    #[test]
    fn parts_of_a_batch_are_refined_as_the_whole() {
        let (refiner, weights, logits) = refiner(2);
        let m = weights.matrices();
        // 36 bars, more than go through together.
        let many = Tensor::cat(vec![logits.clone(); 9], 1);
        let refined = read(refiner.forward(&m, many, &mut Norm::Folded));
        let one = read(refiner.forward(&m, logits, &mut Norm::Folded));
        let size = one.len() / 2;
        for part in 0..9 {
            assert_near(&refined[part * size..(part + 1) * size], &one[..size]);
            assert_near(&refined[(9 + part) * size..(10 + part) * size], &one[size..]);
        }
    }

    #[test]
    fn its_gradient_is_the_slope_of_its_output() {
        let (refiner, weights, logits) = refiner(2);
        let leaves = weights.leaves();
        let x = logits.clone().autodiff().require_grad();
        let loss = refiner.forward(&leaves, x.clone(), &mut Norm::Batch).sin().sum();
        let gradients = loss.backward();
        let by_weight = weights.gather(&leaves, &gradients).try_to_vec_as::<f32>().unwrap();
        let by_input = read(x.grad(&gradients).unwrap());
        let value = |weights: &Weights, x: Tensor<3>| -> f64 {
            let y = read(refiner.forward(&weights.matrices(), x, &mut Norm::Batch).sin());
            y.iter().map(|y| f64::from(*y)).sum()
        };
        let slope = |along: f64, at: &dyn Fn(f64) -> f64| {
            let measured = (at(1e-3) - at(-1e-3)) / 2e-3;
            assert!((measured - along).abs() < 0.02 * along, "{measured} {along}");
        };
        let length = |g: &[f32]| g.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        for entry in weights.layout().entries() {
            let range = entry.offset..entry.offset + entry.shape.iter().product::<usize>();
            let along = length(&by_weight[range.clone()]);
            assert!(along > 0.0, "{}", entry.name);
            slope(along, &|step| {
                let mut values = weights.values().unwrap();
                for i in range.clone() {
                    values[i] += (step * f64::from(by_weight[i]) / along) as f32;
                }
                let moved = Weights::new(weights.layout().clone(), values, &Device::flex()).unwrap();
                value(&moved, logits.clone())
            });
        }
        let along = length(&by_input);
        slope(along, &|step| {
            let moved = by_input.iter().map(|g| (step * f64::from(*g) / along) as f32).collect::<Vec<_>>();
            let moved = Tensor::from_data(TensorData::new(moved, logits.dims()), &Device::flex());
            value(&weights, logits.clone() + moved)
        });
    }
}
