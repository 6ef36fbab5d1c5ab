//! One generator against one critic, step by step.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use rayon::prelude::*;

use super::batch::{Batch, Sampler};
use super::config::{InitKind, Initialization, TrainConfig};
use super::corpus::Corpus;
use super::fake::Made;
use super::loss::{critic_loss, generator_loss, gradient_penalty};
use super::optimizer::Optimizer;
use super::spectral::Spectral;
use crate::base::Seed;
use crate::model::{Critic, Generator, Given, Init, Matrices, ModelError, Weights, is_processor};

/// Both networks, their optimizers, and how far they are.
pub struct Trainer {
    pub(super) config: TrainConfig,
    pub(super) device: Device,
    pub(super) generator: Generator,
    pub(super) critic: Critic,
    pub(super) g: Weights,
    pub(super) d: Weights,
    pub(super) average: Tensor<1>,
    pub(super) g_adam: Optimizer,
    pub(super) d_adam: Optimizer,
    pub(super) spectral: Option<Spectral>,
    pub(super) step: u64,
    /// The matrices of a generator whose refiner learns alone, from the first step on.
    pub(super) frozen: Option<Matrices>,
    /// Number of phrases to learn from.
    pub(super) phrases: usize,
    pub(super) sampler: Sampler,
    /// Where gradients are computed, when the config does not leave it to the processor.
    threads: Option<rayon::ThreadPool>,
}

/// Losses of one step, still on the device: reading them waits for it.
#[derive(Clone, Debug)]
pub struct Losses {
    /// `[critic, generator, penalty]`.
    values: Tensor<1>,
}

impl Losses {
    /// Critic loss (penalty left out), generator loss, penalty (unweighted).
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails to give them.
    pub fn read(&self) -> Result<[f32; 3], ModelError> {
        let values = self.values.try_to_vec_as::<f32>().map_err(|e| ModelError::Device(e.to_string()))?;
        Ok([values[0], values[1], values[2]])
    }
}

impl Trainer {
    /// Fresh networks; the generator's cells start at half the log-odds that `corpus` has.
    ///
    /// # Errors
    /// [`ModelError`] when the device fails.
    pub fn new(config: &TrainConfig, corpus: &Corpus, device: &Device) -> Result<Self, ModelError> {
        let seed = Seed(config.seed);
        let start = |init| initial(config.initialization, init);
        let generator = Generator::new(&config.model);
        let critic = Critic::new(&config.model.grid, &config.critic);
        let mut g_values = generator.layout().initial_by(seed.child("generator", 0), start);
        generator.start_at_density(&mut g_values, &corpus.density());
        let d_values = critic.layout().initial_by(seed.child("critic", 0), start);
        let g = Weights::new(Arc::new(generator.layout().clone()), g_values, device)?;
        let d = Weights::new(Arc::new(critic.layout().clone()), d_values, device)?;
        Ok(Self {
            average: g.flat().clone(),
            spectral: config.use_spectral_norm.then(|| Spectral::new(&d)),
            g_adam: Optimizer::new(config.adam),
            d_adam: Optimizer::new(config.adam),
            sampler: Sampler::new(config),
            threads: threads(config.n_jobs)?,
            config: config.clone(),
            device: device.clone(),
            step: 0,
            frozen: None,
            phrases: corpus.len(),
            generator,
            critic,
            g,
            d,
        })
    }

    /// Generator steps taken.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The generator's architecture.
    pub fn generator(&self) -> &Generator {
        &self.generator
    }

    /// The moving average of the generator's weights: what to play and to keep.
    pub fn averaged(&self) -> Weights {
        self.g.with_flat(self.average.clone())
    }

    /// The critic's updates and then the generator's.
    pub fn advance(&mut self, corpus: &Corpus) -> Losses {
        let rate = self.config.learning_rate(self.step);
        let updates = self.config.critic_updates(self.step);
        self.freeze(corpus);
        let mut critic_losses = Tensor::zeros([2], &self.device);
        for update in 0..updates {
            let frozen = self.d.matrices();
            if let Some(spectral) = &mut self.spectral {
                spectral.advance(&frozen);
            }
            let frozen_g = self.g.matrices();
            let parts = self.parts(|part| {
                let batch = self.batch(corpus, update, part);
                self.critic_gradient(&batch, &frozen_g, &frozen)
            });
            let (gradient, losses) = mean(parts);
            critic_losses = losses;
            self.d = self.d.with_flat(self.d_adam.step(rate, self.d.flat().clone(), gradient));
        }
        let frozen = self.frozen_critic();
        let parts = self.parts(|part| {
            let batch = self.batch(corpus, updates, part);
            self.generator_gradient(&batch, &frozen)
        });
        let (gradient, generator_loss) = mean(parts);
        self.g = self.g.with_flat(self.g_adam.step(rate, self.g.flat().clone(), gradient));
        self.step += 1;
        let steps = self.step as f64;
        let decay = self.config.ema_decay.min(steps / (steps + 10.0));
        // Written so that what does not change stays the same to the last bit.
        let way = self.g.flat().clone() - self.average.clone();
        self.average = self.average.clone() + way * (1.0 - decay);
        let [critic, penalty] = [0, 1].map(|i| critic_losses.clone().slice(i..i + 1));
        Losses { values: Tensor::cat(vec![critic, generator_loss, penalty], 0) }
    }

    fn part(&self) -> usize {
        self.config.part_size()
    }

    /// The parts of a batch: at once where there are several, on the threads that the config allows; one
    /// after the other on a graphics card, which is busy with each.
    fn parts(
        &self,
        work: impl Fn(u64) -> (Tensor<1>, Tensor<1>) + Sync + Send,
    ) -> Vec<(Tensor<1>, Tensor<1>)> {
        let all = || match self.config.batch_size / self.part() {
            1 => vec![work(0)],
            count if !is_processor(&self.device) => (0..count as u64).map(&work).collect(),
            count => (0..count as u64).into_par_iter().map(&work).collect(),
        };
        match &self.threads {
            Some(threads) => threads.install(all),
            None => all(),
        }
    }

    /// The critic's matrices without a tape, normalized where that is asked for.
    fn frozen_critic(&self) -> Matrices {
        let frozen = self.d.matrices();
        match &self.spectral {
            Some(spectral) => spectral.normalized(&frozen, &frozen),
            None => frozen,
        }
    }

    /// Given tracks, and the mask in the shape of a roll.
    pub(super) fn given(&self, batch: &Batch) -> Option<(Given, Tensor<3>)> {
        if !self.config.model.accompanies() {
            return None;
        }
        let [tracks, rows, features] = batch.real.dims();
        let mask = batch.mask.clone().swap_dims(0, 1).reshape([tracks, batch.size, 1]);
        let wide = mask.expand([tracks, batch.size, rows / batch.size]).reshape([tracks, rows, 1]);
        let wide = wide.expand([tracks, rows, features]);
        Some((Given { roll: batch.real.clone() * wide.clone(), mask: batch.mask.clone() }, wide))
    }

    /// Gradient by the critic's weights, and `[loss, penalty]`.
    fn critic_gradient(
        &self,
        batch: &Batch,
        generator: &Matrices,
        frozen: &Matrices,
    ) -> (Tensor<1>, Tensor<1>) {
        let n = batch.size;
        let fake = batch.made_as_seen(self.make(generator, batch).seen);
        let batch = &batch.seen();
        let leaves = self.d.leaves();
        let (matrices, frozen) = match &self.spectral {
            Some(spectral) => (spectral.normalized(&leaves, frozen), spectral.normalized(frozen, frozen)),
            None => (leaves.clone(), frozen.clone()),
        };
        let share = self.config.mismatch_weight;
        let mut rolls = vec![batch.real.clone(), fake.clone()];
        let mut weights = vec![((1.0 - share) / n as f64) as f32; n];
        if let Some(mismatched) = &batch.mismatched {
            rolls.push(mismatched.clone());
            weights.extend(vec![(share / n as f64) as f32; n]);
        } else {
            weights.fill(1.0 / n as f32);
        }
        let count = rolls.len() * n;
        let scores = self.critic.scores(&matrices, Tensor::cat(rolls, 1).autodiff(), count);
        let critics = self.critic.critics();
        let [real, fakes] = [0..n, n..count].map(|part| scores.clone().slice([0..critics, part]));
        let weights = Tensor::<1>::from_floats(weights.as_slice(), &self.device).autodiff();
        let weights = weights.reshape([1, count - n]);
        let loss = critic_loss(self.config.gan_loss_type, real, fakes, weights);
        let (total, penalty) = match self.config.use_gradient_penalties {
            true => {
                let inside = self.between(batch, fake);
                let slope = self.critic.input_gradient(&matrices, &frozen, inside, n);
                let penalty = gradient_penalty(slope, n, critics);
                let weighted = penalty.clone().mul_scalar(self.config.gradient_penalty_weight);
                (loss.clone() + weighted, penalty.inner())
            }
            false => (loss.clone(), Tensor::zeros([1], &self.device)),
        };
        let gradient = self.d.gather(&leaves, &total.backward());
        (gradient, Tensor::cat(vec![loss.inner(), penalty], 0))
    }

    /// Points on the lines between real phrases and fakes.
    fn between(&self, batch: &Batch, fake: Tensor<3>) -> Tensor<3> {
        let [tracks, rows, features] = fake.dims();
        let size = rows / batch.size * features;
        let wide =
            |x: &Tensor<3>| x.clone().expand([tracks, batch.size, size]).reshape([tracks, rows, features]);
        let fake = match &batch.mismatched {
            Some(mismatched) => fake.clone() + (mismatched.clone() - fake) * wide(&batch.picks),
            None => fake,
        };
        fake.clone() + (batch.real.clone() - fake) * wide(&batch.between)
    }

    /// Gradient by the generator's weights, and `[loss]`.
    fn generator_gradient(&self, batch: &Batch, critic: &Matrices) -> (Tensor<1>, Tensor<1>) {
        let leaves = self.g.leaves();
        let batch = batch.on_tape();
        let critic = critic.on_tape();
        let Made { probabilities, seen } = self.make(&leaves, &batch);
        let scores = self.critic.scores(&critic, batch.made_as_seen(seen), batch.size);
        let mut loss = generator_loss(self.config.gan_loss_type, scores);
        if let Some(probabilities) = probabilities.filter(|_| self.reconstructs()) {
            let weight = self.config.accompany.reconstruction;
            loss = loss + cross_entropy(probabilities, batch.real.clone(), batch.size).mul_scalar(weight);
        }
        let gradient = self.g.gather(&leaves, &loss.backward());
        (gradient, loss.inner())
    }
}

/// Binary cross-entropy of probabilities to cells, summed over a phrase's cells, in hundreds.
fn cross_entropy(made: Tensor<3>, real: Tensor<3>, batch: usize) -> Tensor<1> {
    let made = made.clamp(1e-5, 1.0 - 1e-5);
    let on = real.clone() * made.clone().log();
    let off = real.mul_scalar(-1.0).add_scalar(1.0) * made.mul_scalar(-1.0).add_scalar(1.0).log();
    (on + off).sum().mul_scalar(-0.01 / batch as f64)
}

/// A pool of `count` threads; the usual one for 0.
fn threads(count: usize) -> Result<Option<rayon::ThreadPool>, ModelError> {
    let pool = (count > 0).then(|| rayon::ThreadPoolBuilder::new().num_threads(count).build());
    pool.transpose().map_err(|error| ModelError::Config(format!("`n_jobs: {count}`: {error}")))
}

/// Mean of gradients and of losses over the parts of a batch.
fn mean(parts: Vec<(Tensor<1>, Tensor<1>)>) -> (Tensor<1>, Tensor<1>) {
    let count = parts.len() as f64;
    let sum = parts.into_iter().reduce(|(a, b), (c, d)| (a + c, b + d));
    match sum {
        Some((gradient, loss)) if count > 1.0 => (gradient.div_scalar(count), loss.div_scalar(count)),
        Some(one) => one,
        None => unreachable!("a batch has at least one part"),
    }
}

/// How a matrix starts that an architecture wants to start with `init`.
fn initial(config: Initialization, init: Init) -> Init {
    const STD: f64 = 0.02;
    match (config.kind, init) {
        (InitKind::TruncatedNormal, Init::Normal { .. }) => {
            Init::TruncatedNormal { std: config.std.unwrap_or(STD) }
        }
        _ => init,
    }
}

#[cfg(test)]
mod tests;
