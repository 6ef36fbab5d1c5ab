//! The networks that are set beside other programs, and files with their numbers.

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use ricercar::base::{Cancel, Seed, write_atomically};
use ricercar::model::config::Architecture;
use ricercar::model::{
    Calibration, Cells, Critic, DecodeOptions, Generator, Given, HostTensor, Latent, Layout, Library, Model,
    Norm, Parts, Precision, Training, Weights, by_phrase, encode, to_tensor,
};
use ricercar::music::Tempo;
use ricercar::train::{Corpus, TrainConfig, load_data};

pub type Failed = Box<dyn Error>;

/// The networks that others are given: three that ship, and the convolutional one in the published layer
/// table.
pub const NETWORKS: [&str; 4] = ["hybrid", "accompany", "convolutional", "published"];

/// Phrases that a file holds the output of.
const PHRASES: usize = 4;
/// How far two ways through a network may be apart, of logits that reach about 10.
const NEAR: f32 = 1e-4;

/// A folder or file of this repository.
pub fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The models of this repository.
pub fn library() -> Library {
    Library { folders: vec![ours("models")] }
}

/// A network of [`NETWORKS`] with its numbers on this processor.
pub fn load(name: &str, device: &Device) -> Result<Model, Failed> {
    if name == "published" { published(device) } else { Ok(library().load(name, device, true)?) }
}

/// The published network as training starts it, its normalization folded in over 64 phrases.
fn published(device: &Device) -> Result<Model, Failed> {
    let architecture = Architecture::convolutional();
    let generator = Generator::new(&architecture);
    let layout = Arc::new(generator.layout().clone());
    let start = Weights::new(layout.clone(), layout.initial(Seed(1)), device)?;
    let width = architecture.latent.z;
    let mut normals = Seed(2).stream("latents");
    let z = TensorData::new((0..64 * width).map(|_| normals.normal() as f32).collect(), [64, width]);
    let values = generator.fold(&start, Tensor::from_data(z, device), None)?.values()?;
    let parts = Parts {
        name: "published".to_owned(),
        about: "untrained".to_owned(),
        hash: "untrained".to_owned(),
        calibration: Calibration::neutral(&architecture.grid),
        architecture,
        values,
        neurons: None,
        tempo: Tempo::default(),
        instruments: Vec::new(),
        training: Training { steps: 0, batch_size: 64, phrases: 64, seed: 1 },
    };
    Ok(Model::new(parts, device, true)?)
}

pub fn latents(model: &Model, count: usize) -> Vec<Latent> {
    (0..count as u64).map(|i| model.latent(Seed(i))).collect()
}

/// What an accompanying network is given: the piano of a phrase, and which tracks that is.
pub fn piano(model: &Model, device: &Device) -> Result<(Cells, Vec<bool>), Failed> {
    let composer = library().load("hybrid", device, true)?;
    let song = composer.decode(&latents(&composer, 1), &DecodeOptions::default(), &Cancel::new())?.remove(0);
    let grid = &model.architecture().grid;
    let piano = song.only(&["piano".to_owned()])?;
    Ok((Cells::from_music(grid, &piano), grid.tracks.iter().map(|track| track == "piano").collect()))
}

/// The training of the hybrid model, on the phrases that come with the program.
pub fn training(batch: usize, micro_batch: usize) -> Result<TrainConfig, Failed> {
    let mut config = TrainConfig::read(&ours("scripts/hybrid.yaml"))?;
    config.data = TrainConfig::read(&ours("scripts/tiny.yaml"))?.data;
    (config.batch_size, config.micro_batch) = (batch, micro_batch);
    Ok(config)
}

/// Weights, inputs and outputs into `folder`: NAME.safetensors of every network, `critic` and `training`.
///
/// # Errors
/// When a file cannot be written, or when the way that models are played gives other numbers than the
/// network computed all at once.
pub fn write(folder: &Path, device: &Device) -> Result<(), Failed> {
    let keep = |name: &str, tensors: &[HostTensor]| -> Result<(), Failed> {
        let bytes = encode(tensors, HashMap::new(), Precision::Single)?;
        Ok(write_atomically(&folder.join(format!("{name}.safetensors")), &bytes)?)
    };
    for name in NETWORKS {
        keep(name, &played(&load(name, device)?, device)?)?;
    }
    let config = training(16, 0)?;
    keep("critic", &critic(&config, device)?)?;
    keep("training", &start(&config, device)?)
}

fn host(name: &str, shape: &[usize], values: Vec<f32>) -> HostTensor {
    HostTensor { name: name.to_owned(), shape: shape.to_vec(), values }
}

fn values<const D: usize>(name: &str, x: Tensor<D>) -> Result<HostTensor, Failed> {
    let shape = x.dims();
    Ok(host(name, &shape, x.try_into_vec_as::<f32>().map_err(|error| error.to_string())?))
}

fn matrices(layout: &Layout, values: &[f32]) -> Vec<HostTensor> {
    let matrix = |entry: &ricercar::model::Entry| {
        let size = entry.shape.iter().product::<usize>();
        host(&entry.name, &entry.shape, values[entry.offset..entry.offset + size].to_vec())
    };
    layout.entries().iter().map(matrix).collect()
}

/// A network's numbers, latents and logits, and what it was given.
fn played(model: &Model, device: &Device) -> Result<Vec<HostTensor>, Failed> {
    let zs = latents(model, PHRASES);
    let z: Vec<f32> = zs.iter().flat_map(|z| z.values()).copied().collect();
    let z = host("z", &[PHRASES, model.layout().size()], z);
    let input = Tensor::<2>::from_data(TensorData::new(z.values.clone(), z.shape.clone()), device);
    let piano = if model.accompanies() { Some(piano(model, device)?) } else { None };
    let given = piano.as_ref().map(|(cells, mask)| {
        let row: Vec<f32> = mask.iter().map(|on| f32::from(u8::from(*on))).collect();
        let mask = TensorData::new(row.repeat(PHRASES), [PHRASES, mask.len()]);
        Given {
            roll: to_tensor(&model.architecture().grid, &[cells; PHRASES], device),
            mask: Tensor::from_data(mask, device),
        }
    });
    let generator = model.generator();
    let logits = generator.forward(model.matrices(), input, given.as_ref(), &mut Norm::Folded);
    let logits = values("logits", logits)?;
    let given_cells = piano.as_ref().map(|(cells, mask)| (cells, mask.as_slice()));
    let one_by_one = model.logits(&zs, given_cells, &Cancel::new())?.concat();
    let together = by_phrase(&logits.values, model.architecture().grid.track_count(), PHRASES).concat();
    if !one_by_one.iter().zip(&together).all(|(a, b)| (a - b).abs() < NEAR) {
        return Err(format!("{}: played one by one, logits are {NEAR} or more apart", model.name()).into());
    }
    let mut tensors = matrices(generator.layout(), &model_values(model)?);
    tensors.extend([z, logits]);
    if let Some(given) = given {
        tensors.extend([values("roll", given.roll)?, values("mask", given.mask)?]);
    }
    Ok(tensors)
}

/// A model's numbers in the order of its layout.
fn model_values(model: &Model) -> Result<Vec<f32>, Failed> {
    let layout = model.generator().layout();
    let mut all = vec![0.0; layout.size()];
    for entry in layout.entries() {
        let matrix = values(&entry.name, model.matrices().get(&entry.name))?.values;
        all[entry.offset..entry.offset + matrix.len()].copy_from_slice(&matrix);
    }
    Ok(all)
}

/// The critic of a training at its start: its numbers, phrases, their scores, and the scores' gradients by
/// their cells.
pub fn critic(config: &TrainConfig, device: &Device) -> Result<Vec<HostTensor>, Failed> {
    let (grid, phrases) = (&config.model.grid, config.batch_size);
    let corpus = Corpus::new(grid, &load_data(&config.data)?)?;
    let cells: Vec<_> = (0..phrases).map(|i| corpus.cells(i)).collect();
    let cells: Vec<&Cells> = cells.iter().map(AsRef::as_ref).collect();
    let critic = Critic::new(grid, &config.critic);
    let numbers = critic.layout().initial(Seed(1));
    let mut tensors = matrices(critic.layout(), &numbers);
    let weights = Weights::new(Arc::new(critic.layout().clone()), numbers, device)?.matrices();
    let roll = to_tensor(grid, &cells, device);
    let slope = critic.input_gradient(&weights, &weights, roll.clone(), phrases);
    let scores = critic.score(&weights, roll.clone(), phrases);
    tensors.extend([values("roll", roll)?, values("scores", scores)?, values("slope", slope)?]);
    Ok(tensors)
}

/// The generator as training starts it, normalizing by the batch: its numbers, latents and logits.
fn start(config: &TrainConfig, device: &Device) -> Result<Vec<HostTensor>, Failed> {
    let generator = Generator::new(&config.model);
    let numbers = generator.layout().initial(Seed(1));
    let mut tensors = matrices(generator.layout(), &numbers);
    let weights = Weights::new(Arc::new(generator.layout().clone()), numbers, device)?.matrices();
    let model = load("hybrid", device)?;
    let z: Vec<f32> = latents(&model, config.batch_size).iter().flat_map(|z| z.values()).copied().collect();
    let z = host("z", &[config.batch_size, model.layout().size()], z);
    let input = Tensor::<2>::from_data(TensorData::new(z.values.clone(), z.shape.clone()), device);
    let logits = generator.forward(&weights, input, None, &mut Norm::Batch);
    tensors.extend([z, values("logits", logits)?]);
    Ok(tensors)
}
