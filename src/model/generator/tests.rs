//! The whole family: every network builds, runs, folds, and does what its layers say.

use super::*;
use crate::base::Seed;
use crate::model::config::{
    BarGenerators, ConvolutionalEncoderWidths, ConvolutionalWidths, EncoderWidths, GeneratorWidths, Grid,
    LatentWidths, RefinerWidths,
};
use crate::model::{LatentLayout, Weights};
use burn::tensor::{Device, TensorData, s};
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
        network: Network::Bars {
            generator: GeneratorWidths {
                bar_generators: if one { BarGenerators::One } else { BarGenerators::PerTrack },
                temporal: 4,
                harmony: if latent == JAMMING { 0 } else { bars % 4 },
                beat: 5,
                step: 4,
                octave: 3,
                cell: 4,
                batch_normalization: true,
            },
            encoder: encoder.then_some(EncoderWidths { bar: 3, beat: 4, step: 3, octave: 2 }),
        },
        refiner: None,
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

/// One network of every kind, from scratch or accompanying.
fn family(bars: usize, encoder: bool) -> Vec<Architecture> {
    let mut all: Vec<Architecture> =
        [HYBRID, JAMMING, COMPOSER].map(|latent| tiny(latent, bars, encoder)).into();
    let hears = ConvolutionalEncoderWidths { phrase: 3, bar: 2, beat: 3, branch: 2, cell: 3 };
    let widths = |shared_steps, pitch_bias| ConvolutionalWidths {
        bar: 5,
        beat: 4,
        step: 3,
        shared_steps,
        branch: 4,
        cell: 3,
        pitch_bias,
        encoder: encoder.then_some(hears),
    };
    for widths in [widths(1, false), widths(2, true)] {
        all.push(Architecture {
            latent: LatentWidths { z: 6, ..LatentWidths::default() },
            network: Network::Convolutional(widths),
            ..tiny(HYBRID, bars, encoder)
        });
    }
    all
}

#[test]
fn every_network_runs_and_folds_for_any_bars_and_tracks() {
    for (bars, encoder) in [1, 2, 4, 8].into_iter().flat_map(|bars| [(bars, false), (bars, true)]) {
        for architecture in family(bars, encoder) {
            let refiner = encoder.then_some(RefinerWidths { channels: 2, units: 1 });
            let architecture = Architecture { refiner, ..architecture };
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
            assert!(spread > 0.5, "{architecture:?}: {spread}");
            for (a, b) in live.iter().zip(&played) {
                assert!((a - b).abs() < 1e-3 * spread, "{architecture:?}: {a} {b}");
            }
        }
    }
}

#[test]
fn in_pieces_every_network_says_the_same_to_the_last_bit() {
    let small = [false, true].into_iter().flat_map(|encoder| family(2, encoder));
    let published = [Architecture::convolutional(), Architecture::convolutional().accompanying()];
    for architecture in small.chain(published) {
        let generator = Generator::new(&architecture);
        let (weights, z, given) = inputs(&generator, 2);
        let m = weights.matrices();
        let in_pieces = generator.forward(&m, z.clone(), Some(&given), &mut Norm::Folded);
        // Who looks at statistics needs whole layers.
        let whole = generator.forward(&m, z, Some(&given), &mut Norm::Observe(&mut Vec::new()));
        assert_eq!(in_pieces.dims(), whole.dims());
        assert!(read(in_pieces) == read(whole), "{architecture:?}");
    }
}

#[test]
fn without_batch_normalization_a_phrase_is_its_own_whatever_it_is_trained_beside() {
    let others = [HYBRID, COMPOSER].map(|latent| tiny(latent, 2, false));
    for (mut architecture, normalizes) in others.into_iter().flat_map(|a| [(a.clone(), true), (a, false)]) {
        if let Network::Bars { generator, .. } = &mut architecture.network {
            generator.batch_normalization = normalizes;
        }
        let generator = Generator::new(&architecture);
        let (weights, z, _) = inputs(&generator, 3);
        let m = weights.matrices();
        let first = |z: Tensor<2>| {
            let logits = generator.forward(&m, z.clone(), None, &mut Norm::Batch);
            let [tracks, rows, features] = logits.dims();
            read(logits.slice([0..tracks, 0..rows / z.dims()[0], 0..features]))
        };
        let (alone, beside) = (first(z.clone().slice(s![0..1, ..])), first(z.clone()));
        assert_eq!(alone == beside, !normalizes, "{architecture:?}");
        let folded = generator.fold(&weights, z, None).unwrap().values().unwrap();
        assert_eq!(folded == weights.values().unwrap(), !normalizes, "{architecture:?}");
    }
}

#[test]
fn many_answers_to_one_phrase_hear_it_once_and_are_the_same() {
    for architecture in family(2, true) {
        let generator = Generator::new(&architecture);
        let (weights, z, given) = inputs(&generator, 3);
        let (m, rows) = (weights.matrices(), architecture.grid.rows());
        let first = given.part(0..1, rows);
        let of_each =
            Given { roll: first.roll.clone().repeat_dim(1, 3), mask: first.mask.clone().repeat_dim(0, 3) };
        let heard = generator.hear(&m, Some(&first)).repeated(3);
        let once = read(generator.answer(&m, z.clone(), &heard, &mut Norm::Batch));
        let each = read(generator.forward(&m, z.clone(), Some(&of_each), &mut Norm::Batch));
        let deaf = read(generator.forward(&m, z, None, &mut Norm::Batch));
        assert!(once.iter().zip(&each).all(|(a, b)| (a - b).abs() < 1e-4), "{architecture:?}");
        assert!(once.iter().zip(&deaf).any(|(a, b)| (a - b).abs() > 1e-2), "{architecture:?}");
    }
}

/// What a network says, weighed by fixed numbers.
fn weighed(generator: &Generator, m: &Matrices, z: &Tensor<2>, given: Option<&Given>) -> Tensor<3> {
    let logits = generator.forward(m, z.clone(), given, &mut Norm::Batch);
    let shape = logits.dims();
    let weights = numbers("loss", shape.iter().product());
    let weights = Tensor::<3>::from_data(TensorData::new(weights, shape), &z.device());
    logits * if z.is_autodiff() { weights.autodiff() } else { weights }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    for architecture in family(1, true) {
        let generator = Generator::new(&architecture);
        let (weights, z, given) = inputs(&generator, 8);
        let leaves = weights.leaves();
        let loss = weighed(&generator, &leaves, &z, Some(&given)).sum();
        let gradient = weights.gather(&leaves, &loss.backward()).try_to_vec_as::<f32>().unwrap();
        let values = weights.values().unwrap();
        let loss = |values: Vec<f32>| -> f64 {
            let moved = Weights::new(weights.layout().clone(), values, &Device::flex()).unwrap();
            let terms = weighed(&generator, &moved.matrices(), &z, Some(&given));
            read(terms).iter().map(|x| f64::from(*x)).sum()
        };
        let here = loss(values.clone());
        for entry in generator.layout().entries() {
            // Along the gradient itself: its length is the slope, unless it is nothing but rounding.
            let place = entry.offset..entry.offset + entry.shape.iter().product::<usize>();
            let length = gradient[place.clone()].iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
            if length < 1e-3 {
                continue;
            }
            // A short way is lost in rounding, a long one in curvature; a kink of a ReLU spoils one side.
            // The right slope shows in one of these, a wrong one in none.
            let step = (0.05 / length).clamp(2e-4, 3e-3);
            let at = |step: f64| {
                let mut values = values.clone();
                for i in place.clone() {
                    values[i] += (step * f64::from(gradient[i]) / length) as f32;
                }
                loss(values)
            };
            let slopes = [0.1 * step, 0.3 * step, step, 5.0 * step].map(|step| {
                let [ahead, behind] = [step, -step].map(|step| (at(step) - here) / step);
                [ahead, behind, (ahead + behind) / 2.0]
            });
            let meets = slopes.as_flattened().iter().any(|slope| (slope / length - 1.0).abs() < 0.1);
            assert!(meets, "{}: {slopes:?} {length} {architecture:?}", entry.name);
        }
    }
}

#[test]
fn the_first_samples_are_about_as_sparse_as_the_data() {
    for architecture in family(1, false) {
        let generator = Generator::new(&architecture);
        let mut values = generator.layout().initial(Seed(1));
        // Tracks and planes of different density; pitches within them alike.
        let density: Vec<f64> = (0..2 * 36 * 2).map(|i| [0.02, 0.05, 0.1, 0.3][i / 72 * 2 + i % 2]).collect();
        generator.start_at_density(&mut values, &density);
        let place =
            |name: &str| generator.layout().entries().iter().find(|e| e.name == name).map(|e| e.offset);
        let half = |share: f64| ((share / (1.0 - share)).ln() / 2.0) as f32;
        match (place("out/bias"), place("out/beta")) {
            (Some(bias), _) => {
                assert_eq!(values[bias..bias + 3], [half(0.02), half(0.05), half(0.02)]);
                assert_eq!(values[bias + 72..bias + 74], [half(0.1), half(0.3)]);
            }
            (None, Some(beta)) => {
                for (value, share) in values[beta..beta + 4].iter().zip([0.02, 0.05, 0.1, 0.3]) {
                    assert!((value - half(share) / 2.0).abs() < 1e-6);
                }
            }
            (None, None) => panic!("no offset in {architecture:?}"),
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
        network: Network::Bars {
            generator: GeneratorWidths {
                bar_generators: BarGenerators::One,
                temporal: 1,
                harmony: 0,
                beat: 1,
                step: 1,
                octave: 1,
                cell: 1,
                batch_normalization: true,
            },
            encoder: None,
        },
        refiner: None,
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
