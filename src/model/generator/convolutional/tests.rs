//! The convolutional network against Burn's own convolutions, and its published size.

use std::sync::Arc;

use burn::tensor::module::{conv_transpose3d, conv3d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, TensorData, activation};

use super::*;
use crate::base::Seed;
use crate::model::Weights;
use crate::model::config::{Architecture, Network};
use crate::model::generator::Generator;

fn grid(tracks: usize, bars: usize, steps_per_bar: usize, planes: usize, octaves: usize) -> Grid {
    let tracks = (0..tracks).map(|i| format!("track {i}")).collect();
    Grid { tracks, bars, steps_per_bar, planes, lowest_pitch: 24, octaves }
}

fn widths(shared_steps: usize, pitch_bias: bool) -> ConvolutionalWidths {
    let encoder = ConvolutionalEncoderWidths { phrase: 9, bar: 8, beat: 7, branch: 5, cell: 4 };
    let encoder = Some(encoder);
    ConvolutionalWidths { bar: 5, beat: 4, step: 3, shared_steps, branch: 4, cell: 2, pitch_bias, encoder }
}

fn random<const D: usize>(name: &str, shape: [usize; D]) -> Tensor<D> {
    let mut rng = Seed(3).stream(name);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| rng.normal() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// A network with random numbers in every matrix.
fn network(grid: &Grid, widths: ConvolutionalWidths) -> (ConvolutionalNetwork, Matrices) {
    let mut layout = Layout::default();
    let network = ConvolutionalNetwork::new(&mut layout, grid, 3, widths);
    let size = layout.size();
    let values = random("weights", [size]).mul_scalar(0.5).add_scalar(0.1).try_to_vec_as::<f32>().unwrap();
    (network, Weights::new(Arc::new(layout), values, &Device::flex()).unwrap().matrices())
}

/// One group's matrix as `[channel in, channel out, place, place]`.
fn kernel(m: &Matrices, name: &str, group: usize, channels: usize, places: [usize; 2]) -> Tensor<4> {
    let w = m.get(name);
    let [_, inputs, outputs] = w.dims();
    let w = w.slice([group..group + 1, 0..inputs, 0..outputs]);
    w.reshape([inputs, places[0], places[1], channels]).permute([0, 3, 1, 2])
}

/// `[batch, channel, bar, step, pitch]` through factor, offset and ReLU of a folded norm.
fn activate(m: &Matrices, name: &str, group: usize, x: Tensor<5>) -> Tensor<5> {
    let channels = x.dims()[1];
    let of_group = |name: String| {
        let all = m.get(&name);
        all.slice([group..group + 1, 0..1, 0..channels]).reshape([1, channels, 1, 1, 1])
    };
    let scaled = x * of_group(format!("{name}/gamma")) + of_group(format!("{name}/beta"));
    if name == "out" { scaled } else { activation::relu(scaled) }
}

fn grow(x: Tensor<5>, kernel: Tensor<5>, stride: [usize; 3]) -> Tensor<5> {
    conv_transpose3d(x, kernel, None, ConvTransposeOptions::new(stride, [0; 3], [0; 3], [1; 3], 1))
}

/// What Burn's transposed convolutions make of a latent, with `skip` added to the product of a layer;
/// `[batch, plane, bar, step, pitch]` of each track.
fn reference(n: &ConvolutionalNetwork, m: &Matrices, z: Tensor<2>) -> Vec<Tensor<5>> {
    let (g, wide) = (&n.growth, &n.widths);
    let (w, k, s) = (g.windows(), g.octaves.size, g.steps);
    let [batch, inputs] = z.dims();
    let name = |layer: &str| format!("{layer}/weight");
    let x = z.reshape([batch, inputs, 1, 1, 1]);
    let bar = kernel(m, &name("shared/bar"), 0, wide.bar, [g.bars, 1]);
    let x = grow(x, bar.reshape([inputs, wide.bar, g.bars, 1, 1]), [g.bars, 1, 1]);
    let x = activate(m, "shared/bar", 0, x);
    let beat = kernel(m, &name("shared/beat"), 0, wide.beat, [4, w]);
    let x = grow(x, beat.reshape([wide.bar, wide.beat, 1, 4, w]), [1, 4, w]);
    let x = activate(m, "shared/beat", 0, x);
    let step = kernel(m, &name("shared/step"), 0, wide.step, [k, s]).swap_dims(2, 3);
    let x = grow(x, step.reshape([wide.beat, wide.step, 1, s, k]), [1, s, 2]);
    let shared = activate(m, "shared/step", 0, x);
    let track = |track: usize| {
        let pitches = |layer: &str, x: Tensor<5>, to: usize| {
            let from = x.dims()[1];
            let kernel = kernel(m, &name(layer), track, to, [12, 1]);
            activate(m, layer, track, grow(x, kernel.reshape([from, to, 1, 1, 12]), [1, 1, 12]))
        };
        let steps = |layer: &str, x: Tensor<5>, to: usize| {
            let (from, f) = (x.dims()[1], g.finer);
            let kernel = kernel(m, &name(layer), track, to, [f, 1]);
            activate(m, layer, track, grow(x, kernel.reshape([from, to, 1, f, 1]), [1, f, 1]))
        };
        let merge = |layer: &str, x: Tensor<5>| {
            let kernel = kernel(m, &name(layer), track, g.planes, [1, 1]);
            grow(x, kernel.reshape([wide.cell, g.planes, 1, 1, 1]), [1, 1, 1])
        };
        let a = pitches("pitch_time/branch", shared.clone(), wide.branch);
        let a = merge("pitch_time/merge", steps("pitch_time/cell", a, wide.cell));
        let b = steps("time_pitch/branch", shared.clone(), wide.branch);
        let b = merge("time_pitch/merge", pitches("time_pitch/cell", b, wide.cell));
        activate(m, "out", track, a + b).mul_scalar(2.0)
    };
    (0..n.tracks).map(track).collect()
}

fn assert_near<const D: usize>(a: Tensor<D>, b: Tensor<D>) {
    assert_eq!(a.dims(), b.dims());
    let (a, b) = (a.try_to_vec_as::<f32>().unwrap(), b.try_to_vec_as::<f32>().unwrap());
    let most = b.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    assert!(most > 0.1);
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4 * most));
}

#[test]
fn products_are_transposed_convolutions() {
    // The published growth, then even and single octaves, other steps, and pitches with biases.
    for (grid, shared_steps, pitch_bias) in [
        (grid(2, 2, 48, 1, 7), 4, false),
        (grid(3, 1, 16, 2, 4), 2, true),
        (grid(1, 3, 24, 2, 1), 3, false),
        (grid(2, 1, 8, 1, 5), 1, true),
        (grid(1, 1, 4, 1, 2), 1, false),
    ] {
        let (network, m) = network(&grid, widths(shared_steps, pitch_bias));
        let z = random("z", [2, 3]);
        let logits = network.forward(&m, z.clone(), Heard::default(), &mut Norm::Folded);
        let tracks = grid.track_count();
        for (track, expected) in reference(&network, &m, z).into_iter().enumerate() {
            let (rows, pitches) = (2 * grid.steps(), grid.octaves * 12);
            assert_eq!(expected.dims(), [2, grid.planes, grid.bars, grid.steps_per_bar, pitches]);
            let cells = expected.permute([0, 2, 3, 4, 1]).reshape([1, rows, pitches * grid.planes]);
            let expected = match pitch_bias {
                true => cells + m.get("out/bias").slice(track..track + 1),
                false => cells,
            };
            let made = logits.clone().reshape([tracks, rows, pitches * grid.planes]);
            assert_near(made.slice(track..track + 1), expected);
        }
    }
}

/// Encoder layer as a convolution: `order` is how the matrix's features lie in `[channel, bar, step,
/// pitch]`, as sizes in its own order and the permutation.
fn shrink(
    m: &Matrices,
    layer: &str,
    x: Tensor<5>,
    (sizes, order): ([usize; 4], [isize; 4]),
    stride: [usize; 3],
) -> Tensor<5> {
    let w = m.get(&format!("encoder/{layer}/weight"));
    let outputs = w.dims()[2];
    let features: usize = sizes.iter().product();
    let w =
        w.slice([0..1, 0..features, 0..outputs]).reshape([sizes[0], sizes[1], sizes[2], sizes[3], outputs]);
    let w = w.permute([4, order[0], order[1], order[2], order[3]]);
    conv3d(x, w, None, ConvOptions::new(stride, [0; 3], [1; 3], 1))
}

#[test]
fn the_encoder_is_its_convolutions() {
    for (grid, shared) in [(grid(2, 2, 48, 2, 7), 4), (grid(3, 1, 16, 1, 4), 2)] {
        let wide = widths(shared, false);
        let (network, m) = network(&grid, wide);
        let (tracks, p, pitches) = (grid.track_count(), grid.planes, grid.octaves * 12);
        let (batch, rows) = (2, 2 * grid.rows());
        let roll = random("roll", [tracks, rows, 12 * p]).greater_scalar(0.5).float();
        let mask = random("mask", [batch, tracks]).greater_scalar(0.0).float();
        let encoder = network.encoder.as_ref().unwrap();
        let heard = encoder.forward(&m, &Given { roll: roll.clone(), mask: mask.clone() });

        // Channels are tracks and planes.
        let x: Tensor<5> = roll.reshape([tracks, batch, grid.steps(), pitches, p]).permute([1, 0, 4, 2, 3]);
        let x = x.reshape([batch, tracks * p, grid.bars, grid.steps_per_bar, pitches]);
        let e = wide.encoder.unwrap();
        let finish = |layer: &str, y: Tensor<5>| {
            let bias = m.get(&format!("encoder/{layer}/bias"));
            let channels = y.dims()[1];
            activation::relu(y + bias.reshape([1, channels, 1, 1, 1]))
        };
        let masked = |layer: &str, y: Tensor<5>| {
            let w = m.get(&format!("encoder/{layer}/weight"));
            let [_, inputs, outputs] = w.dims();
            let w = w.slice([0..1, inputs - tracks..inputs, 0..outputs]).reshape([tracks, outputs]);
            finish(layer, y + mask.clone().matmul(w).reshape([batch, outputs, 1, 1, 1]))
        };
        let g = &network.growth;
        let f = g.finer;
        // Features (track, pitch, plane) to (track, plane) and pitch.
        let w = m.get("encoder/pitch_time/cell/weight");
        let outputs = w.dims()[2];
        let w = w.slice([0..1, 0..tracks * 12 * p, 0..outputs]).reshape([tracks, 12, p, outputs]);
        let w = w.permute([3, 0, 2, 1]).reshape([outputs, tracks * p, 1, 1, 12]);
        let options = ConvOptions::new([1, 1, 12], [0; 3], [1; 3], 1);
        let pt1 = masked("pitch_time/cell", conv3d(x.clone(), w, None, options));
        let by_step = ([1, f, 1, e.cell], [3, 0, 1, 2]);
        let pt2 =
            finish("pitch_time/branch", shrink(&m, "pitch_time/branch", pt1.clone(), by_step, [1, f, 1]));
        let by_step = ([1, f, 1, tracks * p], [3, 0, 1, 2]);
        let tp1 = masked("time_pitch/cell", shrink(&m, "time_pitch/cell", x, by_step, [1, f, 1]));
        let by_pitch = ([1, 1, 12, e.cell], [3, 0, 1, 2]);
        let tp2 =
            finish("time_pitch/branch", shrink(&m, "time_pitch/branch", tp1.clone(), by_pitch, [1, 1, 12]));
        let joined = Tensor::cat(vec![tp2.clone(), pt2.clone()], 1);
        let windows = ([1, g.octaves.size, g.steps, 2 * e.branch], [3, 0, 2, 1]);
        let beat = finish("beat", shrink(&m, "beat", joined, windows, [1, g.steps, 2]));
        let beats = ([1, 4, g.windows(), e.beat], [3, 0, 1, 2]);
        let bar = finish("bar", shrink(&m, "bar", beat.clone(), beats, [1, 4, 1]));
        let bars = ([grid.bars, 1, 1, e.bar], [3, 0, 1, 2]);
        let phrase = finish("phrase", shrink(&m, "phrase", bar.clone(), bars, [1, 1, 1]));

        let rows = |y: Tensor<5>| {
            let [batch, width, bars, steps, pitches] = y.dims();
            y.permute([0, 2, 3, 4, 1]).reshape([1, batch * bars * steps * pitches, width])
        };
        assert_near(heard.phrase.unwrap(), rows(phrase));
        assert_near(heard.bar.unwrap(), rows(bar));
        assert_near(heard.beat.unwrap(), rows(beat));
        assert_near(heard.pitch_branch.unwrap(), rows(tp2));
        assert_near(heard.time_branch.unwrap(), rows(pt2));
        assert_near(heard.pitch_cell.unwrap(), rows(tp1));
        let [_, width, _, steps, octaves] = pt1.dims();
        let steps_last =
            rows(pt1).reshape([batch * grid.bars * steps / f, f, octaves, width]).swap_dims(1, 2);
        let time_cell = heard.time_cell.unwrap();
        assert_near(time_cell.clone(), steps_last.reshape(time_cell.dims()));
    }
}

#[test]
fn the_published_widths_have_the_published_number_of_parameters() {
    let published = Architecture::convolutional();
    published.check().unwrap();
    let generator = Generator::new(&published);
    let normalized = |e: &&crate::model::Entry| e.name.ends_with("/beta");
    let biases: usize = generator
        .layout()
        .entries()
        .iter()
        .filter(normalized)
        .map(|e| e.shape.iter().product::<usize>())
        .sum();
    // Every normalized channel has a bias as published, which its norm takes away again.
    assert_eq!((biases, generator.layout().size() + biases), (1_381, 2_578_127));
    let Network::Convolutional(widths) = published.network else { panic!("{published:?}") };
    assert_eq!((widths.bar, widths.beat, widths.step, widths.branch, widths.cell), (512, 256, 128, 32, 16));
}

#[test]
fn windows_cover_every_octave() {
    let sizes = |octaves| {
        let growth = Growth::new(&grid(1, 1, 16, 1, octaves), 4);
        let windows = growth.octaves.forward(Tensor::ones([1, octaves, 1], &Device::flex()));
        let counts = growth.octaves.adjoint(windows).try_to_vec_as::<f32>().unwrap();
        assert_eq!(counts.len(), octaves);
        assert!(counts.iter().all(|count| *count > 0.0), "{counts:?}");
        (growth.windows(), growth.octaves.size)
    };
    let expected = [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (3, 3), (4, 2), (4, 3), (5, 2)];
    assert_eq!((1..=10).map(sizes).collect::<Vec<_>>(), expected);
}
