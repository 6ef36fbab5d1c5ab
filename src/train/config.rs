//! What a training run does, read from one YAML file.
//!
//! Keys that MuseGAN's `config.yaml` and `params.yaml` have keep their names and meaning; the rest is
//! ours. Schedules count generator steps.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::tracks::Midi;
use super::{TrainError, reading};
use crate::model::config::{Architecture, CriticConfig};
use crate::model::{NeuronKind, Neurons};

/// Largest slope of binary neurons: beyond it, single precision sees a step without a derivative.
const STEEPEST: f64 = 100.0;

/// How the critic and the generator pull at each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossKind {
    /// Goodfellow et al. 2014, the generator minimizing the discriminator's own gain.
    Classic,
    /// Goodfellow et al. 2014, section 3: the generator maximizes log D(fake).
    Nonsaturating,
    /// Arjovsky et al. 2017.
    Wasserstein,
    /// Lim and Ye 2017.
    Hinge,
}

/// A linear change of the learning rate, in generator steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// First step that differs from the initial value; the last tenth of the run when absent.
    pub start: Option<u64>,
    /// Step at which `end_value` is reached; the last step when absent.
    pub end: Option<u64>,
    /// Learning rate at the end.
    pub end_value: f64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { start: None, end: None, end_value: 0.0 }
    }
}

/// Which networks learn when there is a refiner (Dong and Yang 2018, section 3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefinerTraining {
    /// The refiner of a trained generator, which stays as it is.
    #[default]
    TwoStage,
    /// The refiner and a trained generator.
    Joint,
    /// The refiner and the generator, both from scratch.
    EndToEnd,
}

/// A linear change of the binary neurons' slope from 1, in generator steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlopeSchedule {
    /// Last step with a slope of 1; the end of the first fifth of the run when absent.
    pub start: Option<u64>,
    /// Step at which `end_value` is reached; the last step when absent.
    pub end: Option<u64>,
    /// Slope at the end.
    pub end_value: f64,
}

impl Default for SlopeSchedule {
    fn default() -> Self {
        Self { start: None, end: None, end_value: 5.0 }
    }
}

/// Adam's decay rates (Kingma and Ba 2015).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adam {
    /// Decay of the mean.
    pub beta1: f32,
    /// Decay of the square.
    pub beta2: f32,
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta1: 0.5, beta2: 0.9 }
    }
}

/// Which phrases to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// A sparse training array; relative to the config's folder.
    pub file: PathBuf,
    /// A table with a row for each phrase (columns `split`, `phrase`, `set`, `song`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub songs: Option<PathBuf>,
    /// The `split` that the file's phrases have in the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// Sets of the table to leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_sets: Vec<String>,
}

/// How an accompanying model learns to follow what it is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accompany {
    /// Weight of the cross-entropy to the true tracks beside the adversarial loss; 0 turns it off.
    pub reconstruction: f64,
    /// The tracks that are given in every phrase; any subset, drawn for each, when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
}

/// How often real and made phrases are changed before the critic sees them, each a probability for a
/// phrase.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// All tracks moved by a whole number of beats, the end coming round to the beginning.
    pub beat_shift: f64,
    /// The bars in another order.
    pub bar_permutation: f64,
    /// One track silent.
    pub track_drop_out: f64,
    /// Pitched tracks moved by -5 to +6 semitones.
    pub transpose: f64,
}

impl Augmentation {
    /// Whether anything can happen.
    pub fn is_on(&self) -> bool {
        *self != Self::default()
    }

    fn check(&self, tracks: usize) -> Result<(), String> {
        let Augmentation { beat_shift, bar_permutation, track_drop_out, transpose } = *self;
        for (name, value) in [
            ("beat_shift", beat_shift),
            ("bar_permutation", bar_permutation),
            ("track_drop_out", track_drop_out),
            ("transpose", transpose),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(format!("`augmentation.{name}` is a probability, 0 to 1, got {value}"));
            }
        }
        if track_drop_out > 0.0 && tracks < 2 {
            return Err("`augmentation.track_drop_out` would silence the only track".into());
        }
        Ok(())
    }
}

/// Which numbers the weight matrices start with; biases start at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitKind {
    /// Normal, with a variance of one by the number of inputs, twice that before a ReLU (He et al.
    /// 2015).
    #[default]
    ScaledNormal,
    /// Normal with a deviation of `std`, redrawn beyond twice that, as in MuseGAN.
    TruncatedNormal,
}

/// How both networks start.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Initialization {
    /// The distribution.
    pub kind: InitKind,
    /// Deviation of `truncated_normal`: 0.02 when absent, as in MuseGAN's first releases; the later
    /// one has 0.05.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub std: Option<f64>,
}

/// A head start for the critic, in generator steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warmup {
    /// Critic updates before each of these generator updates.
    pub updates: u64,
    /// Generator steps at the start that have so many.
    pub steps: u64,
    /// Also every so many generator steps, counted from 0; 0 for none.
    #[serde(default)]
    pub every: u64,
}

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
    /// A model folder or checkpoint whose weights this run starts from.
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
    /// Whether losses and metrics are drawn while the run goes on.
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
        self.warm_start.iter_mut().for_each(place);
    }

    /// As [`TrainConfig::from_yaml`]; the error is its text.
    #[cfg(test)]
    fn parse(text: &str) -> Result<Self, String> {
        Self::from_yaml(text).map_err(|error| error.to_string())
    }

    /// The config as YAML.
    ///
    /// # Errors
    /// [`TrainError::Encode`] when it cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String, TrainError> {
        serde_yaml::to_string(self).map_err(|error| TrainError::Encode(error.to_string()))
    }

    /// Checks what no single key shows; the reason names keys in backquotes, the wrong one first.
    pub(super) fn check(&self) -> Result<(), String> {
        self.model.check().map_err(|error| error.to_string())?;
        self.critic.check(&self.model.grid).map_err(|error| error.to_string())?;
        if self.critic.per_track && self.mismatch_weight > 0.0 {
            return Err("`critic.per_track` cannot tell tracks of different phrases apart: set \
                        `mismatch_weight` to 0"
                .into());
        }
        let plain =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
        if !plain(&self.name) {
            return Err(format!("`name` is letters, digits, `-` and `_`, got `{}`", self.name));
        }
        if self.use_train_test_split && self.held_out.is_some() {
            return Err("`use_train_test_split` and `held_out` say the same: keep one of them".into());
        }
        if self.batch_size == 0 || self.steps == 0 || self.n_dis_updates_per_gen_update == 0 {
            return Err("`steps`, `batch_size` and `n_dis_updates_per_gen_update` must be at least 1".into());
        }
        if self.micro_batch > 0 && !self.batch_size.is_multiple_of(self.micro_batch) {
            let (batch, micro) = (self.batch_size, self.micro_batch);
            return Err(format!("`batch_size` {batch} must be a multiple of `micro_batch` {micro}"));
        }
        if !(self.initial_learning_rate > 0.0 && self.initial_learning_rate < 1.0) {
            let rate = self.initial_learning_rate;
            return Err(format!("`initial_learning_rate` must lie between 0 and 1, got {rate}"));
        }
        for (name, value) in [("mismatch_weight", self.mismatch_weight), ("ema_decay", self.ema_decay)] {
            if !(0.0..1.0).contains(&value) {
                return Err(format!("`{name}` must lie in 0..1, got {value}"));
            }
        }
        for (name, value) in [("adam.beta1", self.adam.beta1), ("adam.beta2", self.adam.beta2)] {
            if !(0.0..1.0).contains(&value) {
                return Err(format!("`{name}` must lie in 0..1, got {value}"));
            }
        }
        for (name, value) in [
            ("gradient_penalty_weight", self.gradient_penalty_weight),
            ("accompany.reconstruction", self.accompany.reconstruction),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(format!("`{name}` must be 0 or more, got {value}"));
            }
        }
        self.check_neurons()?;
        self.check_refiner()?;
        self.check_start()?;
        self.augmentation.check(self.model.grid.track_count())?;
        if self.stop_on_collapse && self.evaluate_steps == 0 {
            return Err("`stop_on_collapse` needs `evaluate_steps`: an evaluation shows the signs".into());
        }
        self.check_tracks()?;
        let [rows, columns] = self.sample_grid;
        if rows == 0 || columns == 0 {
            return Err(format!("`sample_grid` needs rows and columns, got [{rows}, {columns}]"));
        }
        Ok(())
    }

    fn check_refiner(&self) -> Result<(), String> {
        if self.model.refiner.is_none() && self.refiner_training.is_some() {
            return Err("`refiner_training` is for models with a refiner: add `model.refiner`, such as \
                        `{ channels: 8, units: 2 }`, or leave it out"
                .into());
        }
        match (self.refiner_training(), &self.warm_start) {
            (Some(RefinerTraining::TwoStage | RefinerTraining::Joint), None) => Err(
                "a refiner in two stages (or joint) starts from a trained generator: name its checkpoint in \
                 `warm_start`, or set `refiner_training: end_to_end`"
                    .into(),
            ),
            (Some(RefinerTraining::EndToEnd), Some(_)) => {
                Err("`refiner_training: end_to_end` starts from scratch: leave out `warm_start`, or set \
                 `refiner_training: joint`"
                    .into())
            }
            _ => Ok(()),
        }
    }

    fn check_neurons(&self) -> Result<(), String> {
        let slopes = 0.1..=STEEPEST;
        if !slopes.contains(&self.slope_schedule.end_value) {
            let value = self.slope_schedule.end_value;
            return Err(format!("`slope_schedule.end_value` must lie in 0.1..={STEEPEST}, got {value}"));
        }
        if let Some(rate) = self.slope_annealing_rate.filter(|rate| !(1.0..=2.0).contains(rate)) {
            return Err(format!("`slope_annealing_rate` must lie in 1..=2, got {rate}"));
        }
        if !self.use_binary_neurons && self.use_slope_annealing {
            return Err("`use_slope_annealing` is for binary neurons: set `use_binary_neurons: true`, or \
                        leave it out"
                .into());
        }
        Ok(())
    }

    fn check_start(&self) -> Result<(), String> {
        match self.initialization {
            Initialization { kind: InitKind::ScaledNormal, std: Some(_) } => {
                return Err(
                    "`initialization.std` belongs to `kind: truncated_normal`; `scaled_normal` takes \
                            its deviation from each layer's width"
                        .into(),
                );
            }
            Initialization { std: Some(std), .. } if !(std > 0.0 && std <= 1.0) => {
                return Err(format!("`initialization.std` must lie between 0 and 1, got {std}"));
            }
            _ => {}
        }
        if self.n_dis_updates_warmup.is_some_and(|warmup| warmup.updates == 0) {
            return Err("`n_dis_updates_warmup.updates` must be at least 1".into());
        }
        Ok(())
    }

    /// Learning rate of generator step `step`, counted from 0.
    pub fn learning_rate(&self, step: u64) -> f64 {
        let schedule = self.learning_rate_schedule;
        let start = schedule.start.unwrap_or(self.steps - self.steps / 10);
        let end = schedule.end.unwrap_or(self.steps).max(start + 1);
        if !self.use_learning_rate_decay || step <= start {
            return self.initial_learning_rate;
        }
        let done = ((step - start) as f64 / (end - start) as f64).min(1.0);
        self.initial_learning_rate + done * (schedule.end_value - self.initial_learning_rate)
    }

    /// The binary neurons of generator step `step`, counted from 0, in a run over `phrases` phrases.
    pub fn neurons(&self, step: u64, phrases: usize) -> Option<Neurons> {
        let slope = self.slope(step, phrases);
        self.use_binary_neurons.then_some(Neurons { kind: self.binary_neurons, slope })
    }

    /// Which networks learn, when there is a refiner.
    pub fn refiner_training(&self) -> Option<RefinerTraining> {
        self.model.refiner.map(|_| self.refiner_training.unwrap_or_default())
    }

    fn slope(&self, step: u64, phrases: usize) -> f64 {
        if !self.use_slope_annealing {
            return 1.0;
        }
        if let Some(rate) = self.slope_annealing_rate {
            let passes = step * self.batch_size as u64 / phrases.max(1) as u64;
            return rate.powf(passes as f64).min(STEEPEST);
        }
        let schedule = self.slope_schedule;
        let start = schedule.start.unwrap_or(self.steps / 5);
        let end = schedule.end.unwrap_or(self.steps).max(start + 1);
        let done = (step.saturating_sub(start) as f64 / (end - start) as f64).min(1.0);
        1.0 + done * (schedule.end_value - 1.0)
    }

    /// Critic updates before the generator's in step `step`, counted from 0.
    pub fn critic_updates(&self, step: u64) -> u64 {
        match self.n_dis_updates_warmup {
            Some(Warmup { updates, steps, every })
                if step < steps || (every > 0 && step.is_multiple_of(every)) =>
            {
                updates
            }
            _ => self.n_dis_updates_per_gen_update,
        }
    }

    /// Phrases in one part of a batch.
    pub fn part_size(&self) -> usize {
        if self.micro_batch == 0 { self.batch_size } else { self.micro_batch }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
name: test
data: { file: phrases.npz }
model:
  grid: { tracks: [piano, bass], bars: 4, steps_per_bar: 16, planes: 2, lowest_pitch: 24, octaves: 7 }
  latent: { z: 4, z_t: 4, z_i: 4, z_it: 4 }
steps: 100
batch_size: 8
initial_learning_rate: 0.001
gan_loss_type: wasserstein
";

    #[test]
    fn a_config_is_read_with_its_defaults_and_written_back() {
        let config = TrainConfig::parse(TEXT).unwrap();
        assert_eq!(config.adam, Adam { beta1: 0.5, beta2: 0.9 });
        assert_eq!(TrainConfig::parse(&config.to_yaml().unwrap()).unwrap(), config);
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_and_the_nearest_one() {
        let error = TrainConfig::parse(&TEXT.replace("batch_size", "batchsize")).unwrap_err();
        assert!(error.contains("did you mean `batch_size`?") && error.contains("line"), "{error}");
    }

    #[test]
    fn impossible_numbers_are_refused() {
        let cases = [
            ("steps: 100", "steps: 0", "`steps`"),
            ("0.001", "2.0", "`initial_learning_rate`"),
            ("name: test", "name: a/b", "`a/b`"),
            ("batch_size: 8", "batch_size: 8\nmicro_batch: 3", "`micro_batch` 3"),
            ("batch_size: 8", "batch_size: 8\nmismatch_weight: 1.5", "`mismatch_weight`"),
            (
                "batch_size: 8",
                "batch_size: 8\nmismatch_weight: 0.5\ncritic: { per_track: true }",
                "`critic.per_track`",
            ),
            ("batch_size: 8", "batch_size: 8\ncritic: { private: 0 }", "`critic.private`"),
            ("batch_size: 8", "batch_size: 8\ncritic: { kind: bar_phrases }", "`bar_phrase`"),
            ("batch_size: 8", "batch_size: 8\nadam: { beta2: 1.0 }", "`adam.beta2`"),
            ("batch_size: 8", "batch_size: 8\ngradient_penalty_weight: -1.0", "`gradient_penalty_weight`"),
            ("batch_size: 8", "batch_size: 8\nsample_grid: [4, 0]", "[4, 0]"),
            ("[piano, bass]", "[piano, Piano]", "`Piano`"),
            ("batch_size: 8", "batch_size: 8\nrefiner_training: joint", "`model.refiner`"),
            ("steps: 100", "  refiner: {}\nsteps: 100", "`warm_start`"),
            (
                "steps: 100",
                "  refiner: {}\nsteps: 100\nrefiner_training: end_to_end\nwarm_start: a",
                "`refiner_training: joint`",
            ),
            ("batch_size: 8", "batch_size: 8\nuse_slope_annealing: true", "`use_binary_neurons: true`"),
            (
                "batch_size: 8",
                "batch_size: 8\nslope_schedule: { end_value: 0 }",
                "`slope_schedule.end_value`",
            ),
            ("batch_size: 8", "batch_size: 8\nslope_annealing_rate: 0.9", "`slope_annealing_rate`"),
            (
                "batch_size: 8",
                "batch_size: 8\naugmentation: { beat_shift: 1.5 }",
                "`augmentation.beat_shift`",
            ),
            ("batch_size: 8", "batch_size: 8\naugmentation: { transpose: .nan }", "`augmentation.transpose`"),
            ("batch_size: 8", "batch_size: 8\naugmentation: { shift: 1.0 }", "`beat_shift`"),
            ("batch_size: 8", "batch_size: 8\ninitialization: { std: 0.02 }", "`initialization.std`"),
            (
                "batch_size: 8",
                "batch_size: 8\ninitialization: { kind: truncated_normal, std: 0.0 }",
                "`initialization.std`",
            ),
            ("batch_size: 8", "batch_size: 8\nn_dis_updates_warmup: { updates: 0, steps: 3 }", "`n_dis_upd"),
        ];
        for (from, to, named) in cases {
            let error = TrainConfig::parse(&TEXT.replace(from, to)).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn the_only_track_is_not_dropped() {
        let text = TEXT.replace("[piano, bass]", "[piano]");
        TrainConfig::parse(&text).unwrap();
        let error =
            TrainConfig::parse(&format!("{text}augmentation: {{ track_drop_out: 0.1 }}")).unwrap_err();
        assert!(error.contains("`augmentation.track_drop_out`"), "{error}");
    }

    #[test]
    fn the_critic_has_more_updates_while_it_warms_up() {
        let with = |keys: &str| {
            TrainConfig::parse(&format!("{TEXT}n_dis_updates_per_gen_update: 5\n{keys}")).unwrap()
        };
        let first = with("n_dis_updates_warmup: { updates: 100, steps: 25, every: 500 }");
        assert_eq!(
            [0, 24, 25, 499, 500, 501, 1000].map(|s| first.critic_updates(s)),
            [100, 100, 5, 5, 100, 5, 100]
        );
        let later = with("n_dis_updates_warmup: { updates: 50, steps: 10 }");
        assert_eq!([0, 9, 10, 500].map(|s| later.critic_updates(s)), [50, 50, 5, 5]);
        assert_eq!(with("").critic_updates(0), 5);
    }

    #[test]
    fn the_learning_rate_falls_over_the_last_tenth() {
        let config = TrainConfig::parse(TEXT).unwrap();
        assert_eq!([config.learning_rate(0), config.learning_rate(90)], [0.001, 0.001]);
        assert!((config.learning_rate(95) - 0.0005).abs() < 1e-12);
        assert_eq!(config.learning_rate(100), 0.0);
    }

    #[test]
    fn the_slope_grows_over_generator_steps_by_hand() {
        let with = |more: &str| TrainConfig::parse(&format!("{TEXT}{more}")).unwrap();
        let slope = |config: &TrainConfig, step| config.neurons(step, 32).unwrap().slope;
        let neurons = "use_binary_neurons: true\n";
        assert_eq!(with("").neurons(50, 32), None);
        let flat = with(&format!("{neurons}slope_schedule: {{ end_value: 3 }}"));
        assert_eq!([slope(&flat, 0), slope(&flat, 100)], [1.0, 1.0]);
        // 100 steps: from 1 at step 20 to 5 at step 100.
        let annealed = with(&format!("{neurons}use_slope_annealing: true"));
        assert_eq!([0, 20, 40, 100, 200].map(|step| slope(&annealed, step)), [1.0, 1.0, 2.0, 5.0, 5.0]);
        let said = "use_slope_annealing: true\nslope_schedule: { start: 10, end: 50, end_value: 3 }";
        let said = with(&format!("{neurons}{said}"));
        assert_eq!([10, 30, 50, 60].map(|step| slope(&said, step)), [1.0, 2.0, 3.0, 3.0]);
        // 8 phrases a step and 32 in all: four steps a pass.
        let passes = with(&format!("{neurons}use_slope_annealing: true\nslope_annealing_rate: 1.5"));
        assert_eq!([3, 4, 7, 8].map(|step| slope(&passes, step)), [1.0, 1.5, 1.5, 2.25]);
    }
}
