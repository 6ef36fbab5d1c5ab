//! What a training step looks at: real phrases, mismatched ones, masks and latents, all drawn from
//! the seed and the step's number, so that a resumed run draws what an unbroken one would have.

use std::borrow::Cow;

use burn::tensor::{Device, Tensor, TensorData};

use super::augment::Changes;
use super::config::{Augmentation, TrainConfig};
use super::corpus::Corpus;
use crate::base::{Rng, Seed};
use crate::data::draw_transposition;
use crate::model::config::{Architecture, Grid};
use crate::model::{Cells, LatentLayout, to_tensor};

/// Which tracks are given, phrase by phrase.
pub type Mask = Vec<Vec<bool>>;

/// One part of a step's phrases, on a device.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Number of phrases.
    pub size: usize,
    /// Real phrases, `[track, batch·step·octave, 12·plane]`.
    pub real: Tensor<3>,
    /// Real tracks of one phrase with the rest of another, in the same shape; absent when not asked
    /// for.
    pub mismatched: Option<Tensor<3>>,
    /// Latents, `[batch, latent]`.
    pub latents: Tensor<2>,
    /// 1 where a track is given, `[batch, track]`.
    pub mask: Tensor<2>,
    /// Where between real and fake the penalty looks, `[1, batch, 1]`.
    pub between: Tensor<3>,
    /// 1 where the penalty's fake is the mismatched phrase, `[1, batch, 1]`.
    pub picks: Tensor<3>,
    /// How phrases change before the critic sees them; absent when they do not.
    pub changes: Option<BatchChanges>,
    /// Uniform numbers that stochastic neurons compare with, in the shape of `real`.
    pub noise: Option<Tensor<3>>,
    /// What a frozen generator makes of the latents: logits before the refiner, in the shape of `real`.
    pub draft: Option<Tensor<3>>,
}

/// Changes of the same kinds, drawn apart for each kind of phrase.
#[derive(Clone, Debug)]
pub struct BatchChanges {
    /// Of the real phrases.
    pub real: Changes,
    /// Of those put together from several.
    pub mismatched: Changes,
    /// Of what the generator makes.
    pub made: Changes,
}

impl Batch {
    /// The same batch as constants of a gradient tape.
    pub fn on_tape(&self) -> Self {
        Self {
            size: self.size,
            real: self.real.clone().autodiff(),
            mismatched: self.mismatched.clone().map(Tensor::autodiff),
            latents: self.latents.clone().autodiff(),
            mask: self.mask.clone().autodiff(),
            between: self.between.clone().autodiff(),
            picks: self.picks.clone().autodiff(),
            changes: self.changes.clone(),
            noise: self.noise.clone().map(Tensor::autodiff),
            draft: self.draft.clone().map(Tensor::autodiff),
        }
    }

    /// Real and mismatched phrases as the critic sees them.
    pub fn seen(&self) -> Self {
        let Some(changes) = &self.changes else { return self.clone() };
        Self {
            real: changes.real.apply(self.real.clone()),
            mismatched: self.mismatched.clone().map(|roll| changes.mismatched.apply(roll)),
            ..self.clone()
        }
    }

    /// What the generator makes as the critic sees it.
    pub fn made_as_seen(&self, made: Tensor<3>) -> Tensor<3> {
        match &self.changes {
            Some(changes) => changes.made.apply(made),
            None => made,
        }
    }
}

/// Draws batches.
#[derive(Clone, Debug)]
pub struct Sampler {
    seed: Seed,
    latent: usize,
    grid: Grid,
    accompanies: bool,
    /// The tracks that are given in every phrase, when always the same are.
    given: Option<Vec<bool>>,
    mismatch_weight: f64,
    augmentation: Augmentation,
    in_any_key: bool,
}

impl Sampler {
    /// A sampler of a run, with its seed.
    pub fn new(config: &TrainConfig) -> Self {
        Self {
            augmentation: config.augmentation,
            in_any_key: config.use_random_transpose,
            given: config.given_mask(),
            ..Self::plain(&config.model, Seed(config.seed), config.mismatch_weight)
        }
    }

    /// A sampler of phrases as they are; `mismatch_weight` is the share of mismatched fakes.
    pub fn plain(architecture: &Architecture, seed: Seed, mismatch_weight: f64) -> Self {
        Self {
            augmentation: Augmentation::default(),
            in_any_key: false,
            seed,
            latent: LatentLayout::of(architecture).size(),
            grid: architecture.grid.clone(),
            accompanies: architecture.accompanies(),
            given: None,
            mismatch_weight,
        }
    }

    /// Batch `update` of generator step `step`, part `part` of `size` phrases.
    pub fn draw(&self, corpus: &Corpus, place: [u64; 3], size: usize, device: &Device) -> Batch {
        let [step, update, part] = place;
        let mut rng = self.seed.stream(&format!("batch/{step}/{update}/{part}"));
        let tracks = self.grid.track_count();
        let masks = self.masks(&mut rng, size);
        let one = |rng: &mut Rng| corpus.cells(rng.below(corpus.len()));
        let real: Vec<Cow<Cells>> = (0..size).map(|_| one(&mut rng)).collect();
        let real: Vec<&Cells> = real.iter().map(AsRef::as_ref).collect();
        let keys = self.keys(place, size);
        let mismatched = (self.mismatch_weight > 0.0).then(|| {
            let swap = |(cells, mask): (&&Cells, &Vec<bool>)| {
                let swapped = if self.accompanies { mask.clone() } else { some_of(&mut rng, tracks) };
                cells.with_tracks_of(&self.grid, &one(&mut rng), &swapped)
            };
            let cells: Vec<Cells> = real.iter().zip(&masks).map(swap).collect();
            self.in_keys(&cells.iter().collect::<Vec<_>>(), keys.as_deref(), device)
        });
        let column = |values: Vec<f32>| Tensor::from_data(TensorData::new(values, [1, size, 1]), device);
        let between = column((0..size).map(|_| rng.uniform() as f32).collect());
        let pick = |rng: &mut Rng| f32::from(u8::from(rng.uniform() < self.mismatch_weight));
        let picks = column((0..size).map(|_| pick(&mut rng)).collect());
        Batch {
            size,
            real: self.in_keys(&real, keys.as_deref(), device),
            mismatched,
            latents: normals(&mut rng, [size, self.latent], device),
            mask: mask_tensor(&masks, device),
            between,
            picks,
            changes: self.changes(place, size),
            noise: None,
            draft: None,
        }
    }

    /// Semitones by which each phrase is transposed, from a stream of their own.
    fn keys(&self, [step, update, part]: [u64; 3], size: usize) -> Option<Vec<i32>> {
        let mut rng = self.seed.stream(&format!("key/{step}/{update}/{part}"));
        self.in_any_key.then(|| (0..size).map(|_| draw_transposition(&mut rng)).collect())
    }

    /// Phrases on a device, each in its key: of a mismatched one all tracks in the same.
    fn in_keys(&self, phrases: &[&Cells], keys: Option<&[i32]>, device: &Device) -> Tensor<3> {
        let Some(keys) = keys else { return to_tensor(&self.grid, phrases, device) };
        let moved = phrases.iter().zip(keys).map(|(cells, key)| cells.transposed(&self.grid, *key));
        to_tensor(&self.grid, &moved.collect::<Vec<_>>().iter().collect::<Vec<_>>(), device)
    }

    fn changes(&self, [step, update, part]: [u64; 3], size: usize) -> Option<BatchChanges> {
        let draw = |kind: &str| {
            let mut rng = self.seed.stream(&format!("augmentation/{kind}/{step}/{update}/{part}"));
            Changes::draw(&self.augmentation, &self.grid, &mut rng, size)
        };
        self.augmentation.is_on().then(|| BatchChanges {
            real: draw("real"),
            mismatched: draw("mismatched"),
            made: draw("made"),
        })
    }

    /// Which tracks are given in each phrase: those that the config names, or any subset but all of
    /// them, each size as likely.
    fn masks(&self, rng: &mut Rng, size: usize) -> Mask {
        if let Some(given) = &self.given {
            return vec![given.clone(); size];
        }
        let tracks = self.grid.track_count();
        let mut mask = || match self.accompanies {
            true => {
                let given = rng.below(tracks);
                let mut mask: Vec<bool> = (0..tracks).map(|i| i < given).collect();
                rng.shuffle(&mut mask);
                mask
            }
            false => vec![false; tracks],
        };
        (0..size).map(|_| mask()).collect()
    }
}

/// At least one and not all of `n` tracks.
fn some_of(rng: &mut Rng, n: usize) -> Vec<bool> {
    let count = 1 + rng.below(n.saturating_sub(1).max(1));
    let mut mask: Vec<bool> = (0..n).map(|i| i < count).collect();
    rng.shuffle(&mut mask);
    mask
}

/// Standard normal numbers.
pub fn normals(rng: &mut Rng, shape: [usize; 2], device: &Device) -> Tensor<2> {
    let values: Vec<f32> = (0..shape[0] * shape[1]).map(|_| rng.normal() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// `[batch, track]`, 1 where a track is given.
pub fn mask_tensor(masks: &Mask, device: &Device) -> Tensor<2> {
    let shape = [masks.len(), masks.first().map_or(0, Vec::len)];
    let values: Vec<f32> = masks.iter().flatten().map(|given| f32::from(u8::from(*given))).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
