//! The small training run that the tests of this module share: networks of a few hundred numbers, on the
//! phrases of the tour.

use std::path::Path;

use burn::tensor::Device;

use super::{Corpus, TrainConfig, Trainer};
use crate::data::Dataset;

/// The run's config, to be changed by replacing some of its text.
pub const CONFIG: &str = "
name: small
data: { file: examples/data/tour_256.npz }
model:
  grid: { tracks: [piano, bass], bars: 2, steps_per_bar: 4, planes: 2, lowest_pitch: 36, octaves: 3 }
  latent: { z: 2, z_t: 2, z_i: 2, z_it: 2 }
  generator: { temporal: 5, harmony: 3, beat: 5, step: 4, octave: 4, cell: 4 }
  encoder: { bar: 3, beat: 3, step: 3, octave: 2 }
critic: { private: 6, merged: 4, window: 6, shared: 6, chroma: 4, onset: 4, register: 4, join: 6 }
steps: 10
batch_size: 3
initial_learning_rate: 0.01
gan_loss_type: wasserstein
use_gradient_penalties: true
mismatch_weight: 0.3
accompany: { reconstruction: 0.1 }
";

/// [`CONFIG`] with each first text replaced by its second.
pub fn text(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(CONFIG.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

/// The config of [`text`].
pub fn config(changes: &[(&str, &str)]) -> TrainConfig {
    TrainConfig::from_yaml(&text(changes)).unwrap()
}

/// As many phrases of the tour, as cells of the config's grid.
pub fn corpus(config: &TrainConfig, phrases: usize) -> Corpus {
    let set = Dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(&config.data.file)).unwrap();
    Corpus::new(&config.model.grid, &set.select(&(0..phrases).collect::<Vec<_>>())).unwrap()
}

/// Fresh networks of the config, and what they learn from.
pub fn trainer(config: &TrainConfig) -> (Trainer, Corpus) {
    let corpus = corpus(config, 32);
    (Trainer::new(config, &corpus, &Device::flex()).unwrap(), corpus)
}
