//! What a training run does, read from one YAML file.
//!
//! Keys that MuseGAN's `config.yaml` and `params.yaml` have keep their names and meaning; the rest is
//! ours. Schedules count generator steps.

mod check;
mod data;
mod learning;
mod schedule;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::tracks::Midi;
use super::{TrainError, reading};
pub use crate::data::Augmentation;
use crate::model::NeuronKind;
use crate::model::config::{Architecture, CriticConfig};
pub use data::Data;
pub use learning::{Accompany, Adam, InitKind, Initialization, LossKind, RefinerTraining};
pub use schedule::{Schedule, SlopeSchedule, Warmup};

/// A training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// Name of the model and of its run folder.
    pub name: String,
    /// Seed of everything that is drawn.
    #[serde(default)]
    pub seed: u64,
    /// Threads that gradients are computed on; 0 for as many as the processor has.
    #[serde(default)]
    pub n_jobs: usize,
    /// The phrases.
    pub data: Data,
    /// Phrases of other songs, whose density the finished model is calibrated to; the
    /// training phrases when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<Data>,
    /// Whether the last tenth of the phrases (whole songs, where a table names them) is kept from
    /// training and serves as `held_out`.
    #[serde(default)]
    pub use_train_test_split: bool,
    /// Shapes of the generator and the encoder.
    pub model: Architecture,
    /// The critic.
    #[serde(default)]
    pub critic: CriticConfig,
    /// What this run starts from, as far as matrices agree in name and shape: a checkpoint, the folder of
    /// a finished model, or the name of one. A name is one word that nothing in the config's folder has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_start: Option<PathBuf>,

    /// Generator steps.
    pub steps: u64,
    /// Phrases in a step.
    pub batch_size: usize,
    /// Phrases whose gradients are computed together; smaller parts of a batch run on several
    /// threads. 0 for the whole batch.
    #[serde(default)]
    pub micro_batch: usize,
    /// Critic updates before each generator update.
    #[serde(default = "one")]
    pub n_dis_updates_per_gen_update: u64,
    /// More of them at the start and now and then: `{ updates: 100, steps: 25, every: 500 }` in MuseGAN's
    /// first releases, `{ updates: 50, steps: 10 }` in the later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_dis_updates_warmup: Option<Warmup>,
    /// How the weights start.
    #[serde(default)]
    pub initialization: Initialization,
    /// Learning rate at the start, of both networks.
    pub initial_learning_rate: f64,
    /// Whether the learning rate follows `learning_rate_schedule`.
    #[serde(default = "yes")]
    pub use_learning_rate_decay: bool,
    /// The way it falls.
    #[serde(default)]
    pub learning_rate_schedule: Schedule,
    /// The optimizer.
    #[serde(default)]
    pub adam: Adam,
    /// The loss.
    pub gan_loss_type: LossKind,
    /// Whether the critic pays for gradients that are not of length one (Gulrajani et al. 2017).
    #[serde(default)]
    pub use_gradient_penalties: bool,
    /// Weight of that penalty.
    #[serde(default = "ten")]
    pub gradient_penalty_weight: f64,
    /// Whether the critic's matrices are divided by their largest singular value (Miyato et al.
    /// 2018).
    #[serde(default)]
    pub use_spectral_norm: bool,
    /// Share of the critic's fakes that are real tracks put together from different phrases.
    #[serde(default)]
    pub mismatch_weight: f64,
    /// Whether the critic sees zeros and ones, from binary neurons, instead of probabilities.
    #[serde(default)]
    pub use_binary_neurons: bool,
    /// How binary neurons decide.
    #[serde(default)]
    pub binary_neurons: NeuronKind,
    /// Whether the slope of binary neurons grows; otherwise it stays 1.
    #[serde(default)]
    pub use_slope_annealing: bool,
    /// The way it grows.
    #[serde(default)]
    pub slope_schedule: SlopeSchedule,
    /// Growth of the slope with every pass over the phrases, instead of `slope_schedule` (1.1 in Dong
    /// and Yang 2018).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slope_annealing_rate: Option<f64>,
    /// Changes of real and made phrases alike, which the generator does not learn.
    #[serde(default)]
    pub augmentation: Augmentation,
    /// Whether real phrases are moved to random keys (-5 to +6 semitones, drums left alone), so that the
    /// generator learns to compose in all of them.
    #[serde(default)]
    pub use_random_transpose: bool,
    /// What a refiner learns with; two stages when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refiner_training: Option<RefinerTraining>,
    /// For models with an encoder.
    #[serde(default)]
    pub accompany: Accompany,
    /// Decay of the moving average of the generator's weights.
    #[serde(default = "ema")]
    pub ema_decay: f64,

    /// Steps between lines of the log; 0 turns it off, here and below.
    #[serde(default = "hundred")]
    pub log_loss_steps: u64,
    /// Steps between samples.
    #[serde(default)]
    pub save_samples_steps: u64,
    /// Steps between checkpoints.
    #[serde(default = "thousand")]
    pub save_checkpoint_steps: u64,
    /// How many checkpoints of single steps are kept beside the newest; 0 for none.
    #[serde(default = "three")]
    pub keep_checkpoints: usize,
    /// Steps between evaluations by the metrics.
    #[serde(default)]
    pub evaluate_steps: u64,
    /// Whether an evaluation with signs of collapse ends the run, instead of a warning.
    #[serde(default)]
    pub stop_on_collapse: bool,
    /// Steps between summaries: the losses of the step as a line of `log.csv`, and all losses and metrics
    /// so far as pictures; 0 for no pictures. When absent, losses are drawn with every checkpoint and
    /// metrics with every evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save_summaries_steps: Option<u64>,
    /// Whether losses and metrics are drawn at all while the run goes on.
    #[serde(default = "yes")]
    pub save_plots: bool,
    /// Rows and columns of a sample picture.
    #[serde(default = "grid")]
    pub sample_grid: [usize; 2],
    /// Whether samples are saved as arrays (`npy`, probabilities).
    #[serde(default)]
    pub save_array_samples: bool,
    /// Whether samples are saved as pictures, and the pictures put together as `evolution.png`.
    #[serde(default = "yes")]
    pub save_image_samples: bool,
    /// Whether samples are saved as pianorolls (`npz`).
    #[serde(default)]
    pub save_pianoroll_samples: bool,
    /// How the music is played, in samples and by the finished model.
    #[serde(default)]
    pub midi: Midi,
    /// Red, green and blue (0 to 1) of each track in sample pictures; those of the families when there
    /// are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub colormap: Vec<[f32; 3]>,
}

fn one() -> u64 {
    1
}
fn three() -> usize {
    3
}
fn yes() -> bool {
    true
}
fn ten() -> f64 {
    10.0
}
fn ema() -> f64 {
    0.999
}
fn hundred() -> u64 {
    100
}
fn thousand() -> u64 {
    1000
}
fn grid() -> [usize; 2] {
    [4, 4]
}

impl TrainConfig {
    /// Reads a config from a file, or from the `config.yaml` of a folder; paths in it are taken relative
    /// to that folder. MuseGAN's pair of `config.yaml` and `params.yaml` side by side is one config.
    ///
    /// # Errors
    /// [`TrainError::Config`] naming the line, with the nearest key for a misspelt one.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        reading::read(path)
    }

    /// Reads a config from YAML text; paths in it stay as they are.
    ///
    /// # Errors
    /// As [`TrainConfig::read`].
    pub fn from_yaml(text: &str) -> Result<Self, TrainError> {
        reading::read_text(text)
    }

    /// Reads a config from keys and values; paths in it stay as they are.
    ///
    /// # Errors
    /// As [`TrainConfig::read`], without a line.
    pub fn from_keys(keys: serde_yaml::Mapping) -> Result<Self, TrainError> {
        reading::read_keys(keys)
    }

    /// Joins every relative path to `folder`.
    pub fn place_in(&mut self, folder: &Path) {
        let place = |file: &mut PathBuf| *file = folder.join(&file);
        for data in std::iter::once(&mut self.data).chain(&mut self.held_out) {
            place(&mut data.file);
            data.songs.iter_mut().for_each(place);
        }
        let is_name = |start: &Path| start.components().count() == 1 && !folder.join(start).exists();
        self.warm_start.iter_mut().filter(|start| !is_name(start)).for_each(place);
    }

    /// The config as YAML.
    ///
    /// # Errors
    /// [`TrainError::Encode`] when it cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String, TrainError> {
        serde_yaml::to_string(self).map_err(|error| TrainError::Encode(error.to_string()))
    }

    /// Which networks learn, when there is a refiner.
    pub fn refiner_training(&self) -> Option<RefinerTraining> {
        self.model.refiner.map(|_| self.refiner_training.unwrap_or_default())
    }

    /// Whether losses and metrics are drawn now: if `usual` where the config leaves it open, else if its
    /// interval of summaries `is_due`.
    pub(super) fn draws(&self, usual: bool, is_due: impl Fn(u64) -> bool) -> bool {
        self.save_plots && self.save_summaries_steps.map_or(usual, is_due)
    }

    /// Phrases in one part of a batch.
    pub fn part_size(&self) -> usize {
        if self.micro_batch == 0 { self.batch_size } else { self.micro_batch }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::fixture;

    #[test]
    fn a_config_is_read_with_its_defaults_and_written_back() {
        let config = fixture::config(&[]);
        assert_eq!(config.adam, Adam { beta1: 0.5, beta2: 0.9 });
        assert_eq!(TrainConfig::from_yaml(&config.to_yaml().unwrap()).unwrap(), config);
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_and_the_nearest_one() {
        let text = fixture::text(&[("batch_size", "batchsize")]);
        let error = TrainConfig::from_yaml(&text).unwrap_err().to_string();
        assert!(error.contains("did you mean `batch_size`?") && error.contains("line"), "{error}");
    }
}
