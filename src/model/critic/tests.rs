//! Every kind with every option: its gradient is what autodiff finds, phrases are apart, critics of
//! single tracks are apart.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::*;
use crate::base::Seed;
use crate::model::Weights;

fn grid(tracks: usize, bars: usize, steps_per_bar: usize, octaves: usize, planes: usize) -> Grid {
    let tracks = (0..tracks).map(|i| format!("track {i}")).collect();
    Grid { tracks, bars, steps_per_bar, planes, lowest_pitch: 0, octaves }
}

fn config(text: &str) -> CriticConfig {
    serde_yaml::from_str(text).unwrap()
}

const STREAMS: &str =
    "{ private: 6, merged: 5, window: 7, shared: 8, chroma: 6, onset: 5, register: 4, join: 9 }";
const PUBLISHED: &str = "{ kind: published, private: 4, merged: 3, window: 5, shared: 6, chroma: 4, onset: 4, \
                         join: 7 }";

/// A small critic of every kind and option.
fn every_critic() -> Vec<CriticConfig> {
    let mut every = vec![
        config("{ kind: baseline, window: 4, join: 5 }"),
        config("{ kind: bar_phrase, window: 4, shared: 6, join: 5 }"),
    ];
    for all in [config(STREAMS), config(PUBLISHED)] {
        let without = Some(0);
        every.push(all);
        every.push(CriticConfig { chroma: without, ..all });
        every.push(CriticConfig { onset: without, ..all });
        every.push(CriticConfig { chroma: without, onset: without, register: without, ..all });
        // One wide, where halves and quarters of it must not vanish.
        every.push(CriticConfig { private: Some(1), chroma: Some(1), onset: Some(1), ..all });
    }
    every.iter().flat_map(|&config| [config, CriticConfig { per_track: true, ..config }]).collect()
}

fn noise(shape: [usize; 3], seed: u64) -> Tensor<3> {
    let mut rng = Seed(seed).stream("noise");
    let values: Vec<f32> = (0..shape.iter().product::<usize>()).map(|_| rng.uniform() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn rolls(grid: &Grid, batch: usize, seed: u64) -> Tensor<3> {
    noise([grid.track_count(), batch * grid.rows(), grid.cell_features()], seed)
}

fn weights(critic: &Critic) -> Weights {
    let layout = Arc::new(critic.layout().clone());
    let mut values = layout.initial(Seed(1));
    // Biases that are not zero, so that none of them can be forgotten.
    let mut rng = Seed(2).stream("biases");
    values.iter_mut().filter(|x| **x == 0.0).for_each(|x| *x = 0.2 * rng.normal() as f32);
    Weights::new(layout, values, &Device::flex()).unwrap()
}

#[track_caller]
fn check_gradient(grid: &Grid, config: &CriticConfig) {
    config.check(grid).unwrap();
    let critic = Critic::new(grid, config);
    let weights = weights(&critic);
    let batch = 2;
    let roll = rolls(grid, batch, 3);
    let m = weights.matrices();
    let own = critic.input_gradient(&m, &m, roll.clone(), batch);
    let tracked = roll.autodiff().require_grad();
    let scores = critic.scores(&weights.leaves(), tracked.clone(), batch);
    assert_eq!(scores.dims(), [if config.per_track { grid.track_count() } else { 1 }, batch]);
    let autodiff = tracked.grad(&scores.sum().backward()).unwrap();
    let difference = (own.clone() - autodiff).abs().max().into_scalar::<f32>();
    let size = own.abs().max().into_scalar::<f32>();
    assert!(size > 1e-5 && difference < 1e-5 * size, "{difference} of {size}: {config:?} on {grid:?}");
}

#[test]
fn the_input_gradient_of_every_critic_is_what_autodiff_finds() {
    for config in every_critic() {
        for [tracks, bars, steps, octaves, planes] in [[2, 4, 16, 3, 2], [3, 2, 48, 2, 1]] {
            check_gradient(&grid(tracks, bars, steps, octaves, planes), &config);
        }
    }
}

#[test]
fn the_input_gradient_is_exact_on_grids_of_every_shape() {
    for one in every_critic().into_iter().step_by(2).filter(|one| one.chroma != Some(0)) {
        let of = |per_track: bool| CriticConfig { per_track, ..one };
        for bars in [1, 2, 3, 4, 8] {
            check_gradient(&grid(3, bars, 8, 3, 2), &of(false));
        }
        for steps in [4, 8, 16, 24, 48, 96] {
            check_gradient(&grid(2, 1, steps, 2, 1), &of(steps == 24));
        }
        for octaves in 1..=8 {
            check_gradient(&grid(1, 1, 4, octaves, 2), &of(octaves == 6));
        }
        for tracks in [1, 5, 7] {
            check_gradient(&grid(tracks, 2, 8, 2, 1), &of(tracks == 7));
        }
    }
}

#[test]
fn a_phrase_s_score_and_gradient_do_not_depend_on_its_neighbours() {
    let grid = grid(3, 2, 16, 3, 2);
    let rows = grid.rows();
    for config in every_critic() {
        let critic = Critic::new(&grid, &config);
        let m = weights(&critic).matrices();
        let roll = rolls(&grid, 3, 5);
        let one = roll.clone().slice([0..3, rows..2 * rows, 0..24]);
        let all = critic.score(&m, roll.clone(), 3).try_to_vec_as::<f32>().unwrap();
        let alone = critic.score(&m, one.clone(), 1).try_to_vec_as::<f32>().unwrap();
        assert!((all[1] - alone[0]).abs() < 1e-5, "{config:?}: {all:?} {alone:?}");
        let all = critic.input_gradient(&m, &m, roll, 3).slice([0..3, rows..2 * rows, 0..24]);
        let alone = critic.input_gradient(&m, &m, one, 1);
        let size = alone.clone().abs().max().into_scalar::<f32>();
        assert!((all - alone).abs().max().into_scalar::<f32>() < 1e-5 * size, "{config:?}");
    }
}

#[test]
fn every_cell_counts_for_every_kind() {
    for kind in ["streams", "published", "baseline", "bar_phrase"] {
        for octaves in [1, 4, 6, 7, 8] {
            let grid = grid(2, 3, 8, octaves, 2);
            // A single stream has to see every cell, whatever the others see.
            let streams = if ["streams", "published"].contains(&kind) { ", chroma: 0, onset: 0" } else { "" };
            let registers = if kind == "streams" { ", register: 0" } else { "" };
            let critic = Critic::new(&grid, &config(&format!("{{ kind: {kind}{streams}{registers} }}")));
            let m = weights(&critic).matrices();
            let gradient = critic.input_gradient(&m, &m, rolls(&grid, 1, 7), 1);
            let least = gradient.abs().min().into_scalar::<f32>();
            assert!(least > 0.0, "{kind}, {octaves} octaves");
        }
    }
}

#[test]
fn a_critic_of_a_single_track_sees_only_that_track() {
    let grid = grid(3, 2, 16, 2, 1);
    let other = rolls(&grid, 2, 9);
    for config in every_critic().into_iter().filter(|config| config.per_track) {
        let critic = Critic::new(&grid, &config);
        assert_eq!(critic.critics(), 3);
        let m = weights(&critic).matrices();
        let roll = rolls(&grid, 2, 8);
        let before = critic.scores(&m, roll.clone(), 2).try_to_vec_as::<f32>().unwrap();
        let [_, rows, cells] = roll.dims();
        let changed = roll.slice_assign([1..2, 0..rows, 0..cells], other.clone().slice(1..2));
        let after = critic.scores(&m, changed, 2).try_to_vec_as::<f32>().unwrap();
        for (score, (before, after)) in before.iter().zip(&after).enumerate() {
            assert_eq!(before != after, score / 2 == 1, "{config:?}: {before} {after}");
        }
    }
}

#[test]
fn critics_of_single_tracks_are_as_many_critics_of_one_track() {
    let grid = grid(3, 2, 16, 2, 2);
    let single = Grid { tracks: vec!["one".into()], ..grid.clone() };
    for config in every_critic().into_iter().filter(|config| config.per_track) {
        let critic = Critic::new(&grid, &config);
        let m = weights(&critic).matrices();
        let roll = rolls(&grid, 2, 8);
        let together = critic.scores(&m, roll.clone(), 2).try_to_vec_as::<f32>().unwrap();
        let gradients = critic.input_gradient(&m, &m, roll.clone(), 2);
        let alone = Critic::new(&single, &CriticConfig { per_track: false, ..config });
        for track in 0..3 {
            let mut own = weights(&alone).matrices();
            for entry in alone.layout().entries() {
                own.replace(&entry.name, m.get(&entry.name).slice(track..track + 1));
            }
            let part = roll.clone().slice(track..track + 1);
            let score = alone.score(&own, part.clone(), 2).try_to_vec_as::<f32>().unwrap();
            for (a, b) in score.iter().zip(&together[2 * track..]) {
                assert!((a - b).abs() < 1e-5, "{config:?}: {a} {b}");
            }
            let gradient = alone.input_gradient(&own, &own, part, 2);
            let difference = gradient - gradients.clone().slice(track..track + 1);
            assert!(difference.abs().max().into_scalar::<f32>() < 1e-5, "{config:?}");
        }
    }
}

#[test]
fn the_small_critic_has_the_matrices_of_its_checkpoints() {
    let critic = Critic::new(&grid(2, 4, 8, 3, 2), &config(STREAMS));
    let entries = critic.layout().entries().iter();
    let weights: Vec<(&str, [usize; 3])> = entries
        .clone()
        .filter_map(|entry| Some((entry.name.strip_suffix("/weight")?, entry.shape)))
        .collect();
    let expected = [
        ("private_step/cells", [2, 24, 3]),
        ("private_step/beat", [2, 6, 6]),
        ("private_pitch/cells", [2, 4, 2]),
        ("private_pitch/octave", [2, 24, 6]),
        ("merged", [2, 12, 5]),
        ("shared/window", [1, 30, 7]),
        ("shared/beat", [1, 7, 8]),
        ("shared/bar", [1, 32, 8]),
        ("chroma/beat", [1, 48, 6]),
        ("chroma/deeper", [1, 6, 6]),
        ("chroma/bar", [1, 24, 6]),
        ("onset/beat", [1, 8, 5]),
        ("onset/bar", [1, 20, 5]),
        ("register/bar", [1, 144, 4]),
        ("head/pair", [1, 46, 9]),
        ("head/score", [1, 27, 1]),
    ];
    assert_eq!(weights, expected);
    assert_eq!(entries.filter(|entry| entry.name.ends_with("/bias")).count(), expected.len());
}

#[test]
fn published_widths_have_the_published_numbers_of_parameters() {
    let size =
        |steps, bars, text: &str| Critic::new(&grid(5, bars, steps, 7, 1), &config(text)).layout().size();
    // The release has 1,365,841, with each private stream reading all five tracks: its first layers of
    // 12 pitches to 16 and of 3 steps to 16 then have five times the inputs, in five streams.
    let others = 5 * 4 * (12 * 16 + 3 * 16);
    assert_eq!(size(48, 4, "{ kind: published }") + others, 1_365_841);
    // The bar critic alone, and with the phrase critic on its 2560 features instead of its last
    // layers.
    assert_eq!(size(96, 1, "{ kind: bar_phrase }"), 3_336_961);
    let last = 2560 * 1024 + 1024 + 1025;
    let phrase = (2 * 2560 * 512 + 512) + (3 * 512 * 128 + 128) + (128 * 1024 + 1024) + 1025;
    assert_eq!(size(96, 4, "{ kind: bar_phrase }"), 3_336_961 - last + phrase);
}
