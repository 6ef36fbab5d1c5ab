//! Training of an inverse network on a generator's own samples.
//!
//! What the network sees is what [`Model::encode`] will show it: music decoded as the model ships, with
//! its calibration. An accompanying model's samples answer tracks of other samples of its own.
//!
//! What counts is less that the latent comes back than that its music does: many latents are behind one
//! music, and the mean of them all, which regression learns, plays something else. The network's latent
//! therefore goes through the generator, which stands still, and the loss is of the cells that it shares
//! with the sample, softly counted ([`Wanted`]), with a little regression to the latent beside it.
//!
//! What people bring is no sample. Some of what the network sees is therefore put together from tracks
//! of different samples, which no latent is known for: it learns to come near what it cannot reach.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::TrainError;
use super::config::Adam;
use super::optimizer::Optimizer;
use crate::base::{Cancel, Progress, Rng, Seed};
use crate::model::config::Grid;
use crate::model::{
    Cells, DecodeOptions, InverseDescription, InverseNetwork, InverseWidths, Latent, Library, Matrices,
    Model, ModelError, Wanted, Weights, given_tensor, save_inverse, to_tensor,
};
use crate::music::Multitrack;

/// Samples that are kept to be looked at again.
const KEPT: usize = 8192;

/// How to train an inverse network.
#[derive(Clone, Debug, PartialEq)]
pub struct InverseOptions {
    /// Steps.
    pub steps: u64,
    /// Samples in a step.
    pub batch_size: usize,
    /// How many of them are new; the others are looked at again.
    pub fresh: usize,
    /// Adam's rate, falling to nothing at the last step.
    pub learning_rate: f64,
    /// Weight of the mean squared error of a latent's number beside the loss of the cells. It keeps the
    /// latents as long as drawn ones are, or shorter.
    pub regression: f64,
    /// Share of a step's samples that are put together from tracks of several.
    pub mixed: f64,
    /// Widths of the network.
    pub widths: InverseWidths,
    /// What everything is drawn from.
    pub seed: Seed,
}

impl Default for InverseOptions {
    fn default() -> Self {
        Self {
            steps: 3000,
            batch_size: 64,
            fresh: 16,
            learning_rate: 0.002,
            regression: 0.05,
            mixed: 0.75,
            widths: InverseWidths::default(),
            seed: Seed(1),
        }
    }
}

/// A sample: its cells, the tracks that were given, and its latent, if there is one.
#[derive(Clone)]
struct Sample {
    cells: Cells,
    given: Vec<bool>,
    latent: Option<Latent>,
}

impl Sample {
    /// The sample with about half of its tracks, but none that was given, from others.
    fn mixed(&self, grid: &Grid, others: &[Self], rng: &mut Rng) -> Self {
        let mut cells = self.cells.clone();
        for track in (0..grid.track_count()).filter(|track| !self.given[*track]) {
            if rng.below(2) == 0 {
                let mask: Vec<bool> = (0..grid.track_count()).map(|other| other == track).collect();
                cells = cells.with_tracks_of(grid, &others[rng.below(others.len())].cells, &mask);
            }
        }
        Self { cells, given: self.given.clone(), latent: None }
    }
}

/// The samples that are kept, the oldest giving way to new ones.
#[derive(Default)]
struct Pool {
    kept: Vec<Sample>,
    /// How many were ever added.
    added: usize,
}

impl Pool {
    /// The samples of a step: some new ones, others that are kept, and of these together some mixed.
    fn batch(
        &mut self,
        model: &Model,
        options: &InverseOptions,
        rng: &mut Rng,
        cancel: &Cancel,
    ) -> Result<Vec<Sample>, ModelError> {
        let size = options.batch_size.max(1);
        let mut chosen = samples(model, rng, options.fresh.clamp(1, size), cancel)?;
        for sample in &chosen {
            self.add(sample.clone());
        }
        while chosen.len() < size {
            chosen.push(self.kept[rng.below(self.kept.len())].clone());
        }
        let whole = size - (options.mixed * size as f64).round() as usize;
        for sample in &mut chosen[whole..] {
            *sample = sample.mixed(&model.architecture().grid, &self.kept, rng);
        }
        Ok(chosen)
    }

    fn add(&mut self, sample: Sample) {
        match self.kept.get_mut(self.added % KEPT) {
            Some(oldest) => *oldest = sample,
            None => self.kept.push(sample),
        }
        self.added += 1;
    }
}

/// Trains the inverse network of the model in `folder` and keeps it there, as `inverse.safetensors` and
/// the section `inverse` of `model.yaml`. Gives what was missed at every step: 1 less the softened F1 of
/// the cells, mean of the samples.
///
/// # Errors
/// [`TrainError::Model`] when the folder holds no model, the device or the disk fails, or somebody stops
/// it; the folder is then as it was.
pub fn train_inverse(
    folder: &Path,
    options: &InverseOptions,
    device: &Device,
    on_cpu: bool,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Vec<f32>, TrainError> {
    let model = Library::default().load(&folder.display().to_string(), device, on_cpu)?;
    let network = InverseNetwork::new(model.architecture(), options.widths);
    let layout = Arc::new(network.layout().clone());
    let first = layout.initial(options.seed.child("inverse", 0));
    let mut weights = Weights::new(layout, first, device)?;
    let frozen = Frozen { model: &model, matrices: model.matrices().on_tape(), device };
    let mut adam = Optimizer::new(Adam { beta1: 0.9, beta2: 0.999 });
    let mut rng = options.seed.stream("inverse/batches");
    let mut pool = Pool::default();
    let mut losses = Vec::new();
    for step in 0..options.steps {
        let chosen = pool.batch(&model, options, &mut rng, cancel)?;
        let (gradient, loss) = slope(&network, &weights, &frozen, &chosen, options.regression);
        let rate = options.learning_rate * (1.0 - step as f64 / options.steps as f64);
        weights = weights.with_flat(adam.step(rate, weights.flat().clone(), gradient));
        let loss = loss.into_scalar::<f32>();
        if !loss.is_finite() {
            return Err(TrainError::Diverged { step });
        }
        losses.push(loss);
        progress.report(step + 1, options.steps, &format!("inverse network, missed {loss:.3}"));
    }
    let description = InverseDescription {
        weights: model.hash().to_owned(),
        widths: options.widths,
        steps: options.steps,
        batch_size: options.batch_size,
        seed: options.seed.0,
    };
    save_inverse(folder, description, &weights)?;
    Ok(losses)
}

/// A generator that stands still, with a tape running through it.
struct Frozen<'a> {
    model: &'a Model,
    /// Its numbers, as constants of the tape.
    matrices: Matrices,
    device: &'a Device,
}

/// Gradient of the loss by the network's numbers, and the share of the cells that was missed, `[1]`.
fn slope(
    network: &InverseNetwork,
    weights: &Weights,
    frozen: &Frozen,
    chosen: &[Sample],
    regression: f64,
) -> (Tensor<1>, Tensor<1>) {
    let (model, device) = (frozen.model, frozen.device);
    let grid = &model.architecture().grid;
    let cells: Vec<&Cells> = chosen.iter().map(|sample| &sample.cells).collect();
    let masks: Vec<Vec<bool>> = chosen.iter().map(|sample| sample.given.clone()).collect();
    let leaves = weights.leaves();
    let roll = to_tensor(grid, &cells, device).autodiff();
    let z = network.forward(&leaves, roll, given_tensor(&masks, device).autodiff());

    let wanted = Wanted::new(grid, &cells, model.accompanies().then_some(&masks[..]), device);
    let logits = wanted.logits(model.generator(), &frozen.matrices, z.clone());
    let shared = wanted.shared(logits.clone().inner());
    let missed = (shared.f1.clone().neg() + 1.0).mean();

    let error = (z - known(model, chosen, device).autodiff()).powi_scalar(2).mean().mul_scalar(regression);
    // The derivative by the logits, so that the tape need not hold the loss of the cells.
    let by_cells = shared.slope().div_scalar(chosen.len() as f64);
    let loss = (logits * by_cells.autodiff()).sum() + error;
    (weights.gather(&leaves, &loss.backward()), missed)
}

/// The latents of samples, `[batch, latent]`; where there is none, zeros, which keep the guess short.
fn known(model: &Model, samples: &[Sample], device: &Device) -> Tensor<2> {
    let size = model.layout().size();
    let nothing = vec![0.0; size];
    let values = |sample: &Sample| sample.latent.as_ref().map_or(nothing.clone(), |l| l.values().to_vec());
    let values: Vec<f32> = samples.iter().flat_map(values).collect();
    Tensor::from_data(TensorData::new(values, [samples.len(), size]), device)
}

/// Music of the model at drawn latents; an accompanying model answers tracks of music of its own in three
/// of four samples.
fn samples(model: &Model, rng: &mut Rng, count: usize, cancel: &Cancel) -> Result<Vec<Sample>, ModelError> {
    let mut draw = || -> Vec<Latent> { (0..count).map(|_| model.latent(Seed(rng.next_u64()))).collect() };
    let plain = DecodeOptions::default();
    let (latents, others) = (draw(), if model.accompanies() { draw() } else { Vec::new() });
    let mut music = model.decode(&latents, &plain, cancel)?;
    let tracks = &model.architecture().grid.tracks;
    let mut given = vec![vec![false; tracks.len()]; count];
    for (i, other) in model.decode(&others, &plain, cancel)?.iter().enumerate() {
        let asked = some_tracks(other, tracks, rng);
        if i % 4 == 0 || asked.is_empty() {
            continue;
        }
        let part = other.only(&asked)?;
        music[i] = model.accompany(&part, &latents[i..=i], &plain, cancel)?.remove(0);
        given[i] = tracks.iter().map(|track| asked.contains(track)).collect();
    }
    let grid = &model.architecture().grid;
    let sample = |((music, given), latent): ((Multitrack, Vec<bool>), Latent)| Sample {
        cells: Cells::from_music(grid, &music),
        given,
        latent: Some(latent),
    };
    Ok(music.into_iter().zip(given).zip(latents).map(sample).collect())
}

/// Some of the tracks that sound, but not all tracks of the model.
fn some_tracks(music: &Multitrack, tracks: &[String], rng: &mut Rng) -> Vec<String> {
    let sounds = |name: &&String| music.track(name).is_ok_and(|track| !track.roll.is_silent());
    let mut sounding: Vec<String> = tracks.iter().filter(sounds).cloned().collect();
    rng.shuffle(&mut sounding);
    let most = sounding.len().min(tracks.len() - 1);
    sounding.truncate(if most == 0 { 0 } else { 1 + rng.below(most) });
    sounding
}
