//! What a training step looks at: real phrases, mismatched ones, masks and latents, all drawn from
//! the seed and the step's number, so that a resumed run draws what an unbroken one would have.

use burn::tensor::{Device, Tensor, TensorData};

use super::augment::{Changes, draw_transposition};
use super::config::{Augmentation, TrainConfig};
use crate::base::{Rng, Seed};
use crate::data::Dataset;
use crate::model::config::{Architecture, Grid};
use crate::model::{Cells, Density, LatentLayout, to_tensor};

/// Every phrase of a set on the model's grid, ready to be put on a device.
#[derive(Clone, Debug)]
pub struct Corpus {
    grid: Grid,
    cells: Vec<Cells>,
}

impl Corpus {
    /// Quantizes a set to a grid.
    pub fn new(grid: &Grid, set: &Dataset) -> Self {
        let cells = set.phrases().iter().map(|phrase| Cells::from_music(grid, &phrase)).collect();
        Self { grid: grid.clone(), cells }
    }

    /// Number of phrases.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A phrase.
    pub fn cells(&self, index: usize) -> &Cells {
        &self.cells[index]
    }

    /// Share of phrases' cells that are on, by `[track, octave, pitch class, plane]`.
    pub fn density(&self) -> Vec<f64> {
        let grid = &self.grid;
        let per_track = grid.octaves * grid.cell_features();
        let mut counts = vec![0u64; grid.track_count() * per_track];
        for cells in &self.cells {
            for track in 0..grid.track_count() {
                for (i, word) in cells.track(grid, track).iter().enumerate() {
                    let (octave, plane) = (i / grid.planes % grid.octaves, i % grid.planes);
                    let base = track * per_track + octave * grid.cell_features() + plane;
                    for class in 0..12 {
                        counts[base + class * grid.planes] += u64::from(word >> class & 1);
                    }
                }
            }
        }
        let total = (self.len() * grid.steps()).max(1) as f64;
        counts.into_iter().map(|count| count as f64 / total).collect()
    }
}

impl Corpus {
    /// Share of cells that are on and of bars that are silent, by track.
    pub fn densities(&self) -> Density {
        let grid = &self.grid;
        let density = self.density();
        let per_track = grid.octaves * grid.cell_features();
        let share = |track: usize, plane: usize| {
            let of_track = &density[track * per_track..(track + 1) * per_track];
            of_track.iter().skip(plane).step_by(grid.planes).sum::<f64>() / (12 * grid.octaves) as f64
        };
        let planes = |track| (0..grid.planes).map(|plane| share(track, plane)).collect();
        Density {
            cells: (0..grid.track_count()).map(planes).collect(),
            empty_bars: (0..grid.track_count()).map(|track| self.silent_bars(track)).collect(),
            pitches: (0..grid.track_count()).map(|track| self.pitches_per_bar(track)).collect(),
            voices: (0..grid.track_count()).map(|track| self.voices(track)).collect(),
        }
    }

    /// The most pitches at once, but for one sounding step in fifty.
    fn voices(&self, track: usize) -> usize {
        let grid = &self.grid;
        let mut steps_with = vec![0usize; 12 * grid.octaves + 1];
        for cells in &self.cells {
            for step in cells.track(grid, track).chunks(grid.octaves * grid.planes) {
                let sounding = step.iter().step_by(grid.planes);
                steps_with[sounding.map(|word| word.count_ones() as usize).sum::<usize>()] += 1;
            }
        }
        let mut more: usize = steps_with[1..].iter().sum();
        let few = more / 50;
        let most = (1..steps_with.len()).find(|voices| {
            more -= steps_with[*voices];
            more <= few
        });
        most.unwrap_or(1)
    }

    /// Share of a bar's pitches that sound in it.
    fn pitches_per_bar(&self, track: usize) -> f64 {
        let grid = &self.grid;
        let per_bar = grid.rows() / grid.bars * grid.planes;
        let used = |bar: &[u16]| -> u32 {
            let octave = |octave: usize| {
                let steps = bar.iter().skip(octave * grid.planes).step_by(grid.octaves * grid.planes);
                steps.fold(0, |all, word| all | word).count_ones()
            };
            (0..grid.octaves).map(octave).sum()
        };
        let of_phrase = |cells: &Cells| cells.track(grid, track).chunks(per_bar).map(used).sum::<u32>();
        let count: u64 = self.cells.iter().map(|cells| u64::from(of_phrase(cells))).sum();
        count as f64 / (self.len() * grid.bars * 12 * grid.octaves).max(1) as f64
    }

    fn silent_bars(&self, track: usize) -> f64 {
        let grid = &self.grid;
        let per_bar = grid.rows() / grid.bars * grid.planes;
        let silent = |cells: &Cells| {
            cells.track(grid, track).chunks(per_bar).filter(|bar| bar.iter().all(|w| *w == 0)).count()
        };
        let count: usize = self.cells.iter().map(silent).sum();
        count as f64 / (self.len() * grid.bars).max(1) as f64
    }
}

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
        let real: Vec<&Cells> = (0..size).map(|_| one(&mut rng)).collect();
        let keys = self.keys(place, size);
        let mismatched = (self.mismatch_weight > 0.0).then(|| {
            let swap = |(cells, mask): (&&Cells, &Vec<bool>)| {
                let swapped = if self.accompanies { mask.clone() } else { some_of(&mut rng, tracks) };
                cells.with_tracks_of(&self.grid, one(&mut rng), &swapped)
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
