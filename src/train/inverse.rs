//! Training of an inverse network: regression from a generator's own samples to their latents.
//!
//! What the network sees is what [`Model::encode`] will show it: music decoded as the model ships, with
//! its calibration. An accompanying model's samples answer tracks of other samples of its own.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::TrainError;
use super::config::Adam;
use super::optimizer::Optimizer;
use crate::base::{Cancel, Progress, Rng, Seed};
use crate::model::{
    Cells, DecodeOptions, InverseDescription, InverseNetwork, InverseWidths, Latent, Library, Model,
    ModelError, Weights, given_tensor, save_inverse, to_tensor,
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
            widths: InverseWidths::default(),
            seed: Seed(1),
        }
    }
}

/// A sample: its cells, the tracks that were given, its latent.
struct Sample {
    cells: Cells,
    given: Vec<bool>,
    latent: Latent,
}

/// Trains the inverse network of the model in `folder` and keeps it there, as `inverse.safetensors` and
/// the section `inverse` of `model.yaml`. Gives the loss of every step: the mean squared error of a
/// number of the latent, which is 1 for a guess of nothing but zeros.
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
    let mut adam = Optimizer::new(Adam { beta1: 0.9, beta2: 0.999 });
    let mut rng = options.seed.stream("inverse/batches");
    let mut kept: Vec<Sample> = Vec::new();
    let mut losses = Vec::new();
    let (batch, fresh) = (options.batch_size.max(1), options.fresh.clamp(1, options.batch_size.max(1)));
    for step in 0..options.steps {
        let new = samples(&model, &mut rng, fresh, cancel)?;
        let places: Vec<usize> = (0..fresh).map(|i| (step as usize * fresh + i) % KEPT).collect();
        for (place, sample) in places.iter().zip(new) {
            if *place == kept.len() { kept.push(sample) } else { kept[*place] = sample }
        }
        let mut chosen: Vec<&Sample> = places.iter().map(|place| &kept[*place]).collect();
        while chosen.len() < batch {
            chosen.push(&kept[rng.below(kept.len())]);
        }
        let (gradient, loss) = slope(&network, &weights, &model, &chosen, device);
        let rate = options.learning_rate * (1.0 - step as f64 / options.steps as f64);
        weights = weights.with_flat(adam.step(rate, weights.flat().clone(), gradient));
        let loss = loss.into_scalar::<f32>();
        if !loss.is_finite() {
            return Err(TrainError::Diverged { step });
        }
        losses.push(loss);
        progress.report(step + 1, options.steps, &format!("inverse network, error {loss:.3}"));
    }
    let description = InverseDescription {
        weights: model.hash().to_owned(),
        widths: options.widths,
        steps: options.steps,
        batch_size: batch,
        seed: options.seed.0,
    };
    save_inverse(folder, description, &weights)?;
    Ok(losses)
}

/// Gradient of the mean squared error by the network's numbers, and the error `[1]`.
fn slope(
    network: &InverseNetwork,
    weights: &Weights,
    model: &Model,
    chosen: &[&Sample],
    device: &Device,
) -> (Tensor<1>, Tensor<1>) {
    let cells: Vec<&Cells> = chosen.iter().map(|sample| &sample.cells).collect();
    let roll = to_tensor(&model.architecture().grid, &cells, device).autodiff();
    let masks: Vec<Vec<bool>> = chosen.iter().map(|sample| sample.given.clone()).collect();
    let given = given_tensor(&masks, device).autodiff();
    let wanted: Vec<f32> = chosen.iter().flat_map(|sample| sample.latent.values()).copied().collect();
    let shape = [chosen.len(), model.layout().size()];
    let wanted = Tensor::<2>::from_data(TensorData::new(wanted, shape), device).autodiff();
    let leaves = weights.leaves();
    let error = (network.forward(&leaves, roll, given) - wanted).powi_scalar(2).mean();
    (weights.gather(&leaves, &error.backward()), error.inner())
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
        latent,
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
