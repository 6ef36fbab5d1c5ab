//! Gradients of both networks against the slopes of their losses.

use super::*;
use crate::model::Entry;
use crate::train::fixture;
use std::collections::BTreeMap;

/// A small trainer after a few steps, so that nothing is at its start any more, and a batch. Weights are moved
/// further: near zero, where biases start, the ReLUs of all silent rows switch sides together.
fn after_some_steps(changes: &[(&str, &str)]) -> (Trainer, Batch) {
    // Some of these runs lack the checkpoint that a whole one would need, so the text is not checked.
    let config: TrainConfig = serde_yaml::from_str(&fixture::text(changes)).unwrap();
    let (mut trainer, corpus) = fixture::trainer(&config);
    for _ in 0..3 {
        trainer.advance(&corpus);
    }
    for (name, weights) in [("d", &mut trainer.d), ("g", &mut trainer.g)] {
        let mut rng = Seed(7).stream(name);
        let moved = weights.values().unwrap().into_iter().map(|x| x + 0.1 * rng.normal() as f32).collect();
        *weights = Weights::new(weights.layout().clone(), moved, &trainer.device).unwrap();
    }
    let batch = trainer.sampler.draw(&corpus, [99, 0, 0], config.batch_size, &trainer.device);
    (trainer, batch)
}

/// How often each matrix's part of a gradient was found to be the slope of the loss, and how often
/// not: single precision and the kinks of ReLUs hide it now and then, a wrong gradient every time.
#[derive(Default)]
struct Tally(BTreeMap<String, [usize; 2]>, Vec<String>);

impl Tally {
    /// Compares with central differences of `loss`: along the gradient itself for every matrix, which
    /// shows any part that is missing or of a wrong size, to some percent.
    fn compare(&mut self, weights: &Weights, gradient: &Tensor<1>, mut loss: impl FnMut(&Weights) -> f64) {
        let values = weights.values().unwrap();
        let gradient = gradient.try_to_vec_as::<f32>().unwrap();
        let entries = weights.layout().entries();
        let range = |e: &Entry| e.offset..e.offset + e.shape.iter().product::<usize>();
        let length = |e: &Entry| gradient[range(e)].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        let longest = entries.iter().map(length).fold(0.0, f64::max);
        assert!(longest > 1e-3, "the loss hangs on the weights");
        for entry in entries.iter().filter(|e| length(e) > 3e-2 * longest) {
            let along = length(entry);
            let mut slope = |step: f64| {
                let mut moved = |step: f64| {
                    let mut values = values.clone();
                    for i in range(entry) {
                        values[i] += (step * f64::from(gradient[i]) / along) as f32;
                    }
                    loss(&Weights::new(weights.layout().clone(), values, &Device::flex()).unwrap())
                };
                (moved(step) - moved(-step)) / (2.0 * step)
            };
            // Short enough that few ReLUs switch sides, long enough to stand out of the rounding.
            let mut slopes = Vec::new();
            let right = [1e-3, 3e-3, 3e-4, 1e-4].into_iter().any(|step| {
                slopes.push(slope(step));
                slopes.last().is_some_and(|slope| (slope - along).abs() < 0.02 * along)
            });
            let [rights, wrongs] = self.0.entry(entry.name.clone()).or_default();
            *if right { rights } else { wrongs } += 1;
            if !right {
                self.1.push(format!("{}: {slopes:?}, the gradient says {along}", entry.name));
            }
        }
    }

    /// Compares the gradient by the critic's weights and by the generator's.
    #[track_caller]
    fn compare_both(&mut self, (mut trainer, batch): (Trainer, Batch)) {
        let (critic, generator) = (trainer.d.clone(), trainer.g.clone());
        let (gradient, losses) = trainer.critic_gradient(&batch, &generator.matrices(), &critic.matrices());
        let penalty = losses.try_to_vec_as::<f32>().unwrap()[1];
        assert_eq!(penalty > 1e-4, trainer.config.use_gradient_penalties, "the penalty is {penalty}");
        self.compare(&critic, &gradient, |weights| {
            trainer.d = weights.clone();
            critic_total(&trainer, &batch)
        });
        trainer.d = critic;
        let frozen = trainer.frozen_critic();
        let (gradient, _) = trainer.generator_gradient(&batch, &frozen);
        self.compare(&generator, &gradient, |weights| {
            trainer.g = weights.clone();
            f64::from(trainer.generator_gradient(&batch, &frozen).1.into_scalar::<f32>())
        });
    }

    /// Nearly all were right, and each matrix at least as often as not, or wrong once.
    #[track_caller]
    fn check(self) {
        let [right, wrong] = [0, 1].map(|i| self.0.values().map(|counts| counts[i]).sum::<usize>());
        let often = self.0.values().all(|[right, wrong]| *wrong <= (*right).max(1));
        assert!(often && wrong * 24 <= right, "{wrong} of {}: {:#?}", right + wrong, self.1);
    }
}

/// The critic's whole loss: the penalty weighted as in training.
fn critic_total(trainer: &Trainer, batch: &Batch) -> f64 {
    let (_, losses) = trainer.critic_gradient(batch, &trainer.g.matrices(), &trainer.d.matrices());
    let losses = losses.try_to_vec_as::<f32>().unwrap();
    f64::from(losses[0]) + trainer.config.gradient_penalty_weight * f64::from(losses[1])
}

#[test]
fn gradients_are_the_slopes_of_every_loss_under_every_bound_on_the_critic() {
    let mut tally = Tally::default();
    for loss in ["classic", "nonsaturating", "wasserstein", "hinge"] {
        for [penalty, spectral] in [[false, false], [true, false], [false, true], [true, true]] {
            let bounds = format!("use_gradient_penalties: {penalty}\nuse_spectral_norm: {spectral}");
            tally.compare_both(after_some_steps(&[
                ("wasserstein", loss),
                ("use_gradient_penalties: true", &bounds),
            ]));
        }
    }
    tally.check();
}

#[test]
fn the_penalty_s_own_gradient_is_its_slope() {
    let mut tally = Tally::default();
    let heavy = "gradient_penalty_weight: 1000.0\nsteps: 10";
    tally.compare_both(after_some_steps(&[("steps: 10", heavy)]));
    tally.check();
}

#[test]
fn gradients_are_the_slopes_of_the_loss_of_every_critic() {
    let kinds = [
        "kind: published, private: 4, merged: 4, window: 6, shared: 6, chroma: 4, onset: 4, join: 6",
        "kind: baseline, window: 4, join: 6",
        "kind: bar_phrase, window: 4, shared: 6, join: 6",
        "private: 6, merged: 4, window: 6, shared: 6, chroma: 4, onset: 0, register: 4, join: 6",
    ];
    let own = fixture::CONFIG.lines().find(|line| line.starts_with("critic:")).unwrap();
    for kind in kinds {
        let mut tally = Tally::default();
        for (per_track, loss) in [(false, "wasserstein"), (true, "nonsaturating"), (true, "wasserstein")] {
            let critic = format!("critic: {{ {kind}, per_track: {per_track} }}");
            let changes = [
                (own, critic.as_str()),
                ("gan_loss_type: wasserstein", &format!("gan_loss_type: {loss}")),
                ("mismatch_weight: 0.3", ""),
            ];
            tally.compare_both(after_some_steps(&changes));
        }
        tally.check();
    }
}

#[test]
fn augmentation_keeps_both_gradients_the_slopes_of_their_losses() {
    let all =
        "augmentation: { beat_shift: 1, bar_permutation: 1, track_drop_out: 0.5, transpose: 1 }\nsteps: 10";
    let (trainer, batch) = after_some_steps(&[("steps: 10", all)]);
    let plain = Batch { changes: None, ..batch.clone() };
    let loss = |batch: &Batch| critic_total(&trainer, batch);
    assert_ne!(loss(&batch), loss(&plain), "the critic sees changed phrases");
    let mut tally = Tally::default();
    tally.compare_both((trainer, batch));
    tally.check();
}

#[test]
fn given_tracks_and_what_is_made_around_them_change_alike() {
    let (trainer, batch) = after_some_steps(&[("steps: 10", "augmentation: { beat_shift: 1 }\nsteps: 10")]);
    let batch = Batch { mask: Tensor::ones([batch.size, 2], &trainer.device), ..batch };
    // With every track given, what is made is what is real, and so is what is seen of it.
    let made = trainer.make(&trainer.g.matrices(), &batch).seen;
    let Some(changes) = &batch.changes else { panic!("there is augmentation") };
    let numbers = |tensor: Tensor<3>| tensor.try_to_vec_as::<f32>().unwrap();
    assert_eq!(numbers(batch.made_as_seen(made)), numbers(changes.made.apply(batch.real.clone())));
    assert_ne!(numbers(batch.seen().real), numbers(batch.real));
}

#[test]
fn the_start_is_as_the_config_says() {
    let truncated = "initialization: { kind: truncated_normal, std: 0.05 }\nsteps: 10";
    let (trainer, _) = fixture::trainer(&fixture::config(&[("steps: 10", truncated)]));
    let weights = trainer.d.matrices();
    let drawn: Vec<f32> = trainer
        .d
        .layout()
        .entries()
        .iter()
        .filter(|e| e.name.ends_with("/weight"))
        .flat_map(|e| weights.get(&e.name).try_to_vec_as::<f32>().unwrap())
        .collect();
    assert!(drawn.iter().all(|x| x.abs() <= 0.1) && drawn.iter().any(|x| x.abs() > 0.09));
}

const REFINER: (&str, &str) = ("  encoder", "  refiner: { channels: 3, units: 1 }\n  encoder");

#[test]
fn a_refiner_s_gradient_is_the_slope_of_its_loss_alone_and_with_the_generator() {
    let mut tally = Tally::default();
    for (mode, loss) in [("two_stage", "wasserstein"), ("two_stage", "hinge"), ("joint", "nonsaturating")] {
        let mode = format!("refiner_training: {mode}\nsteps: 10");
        let (trainer, mut batch) = after_some_steps(&[REFINER, ("steps: 10", &mode), ("wasserstein", loss)]);
        if let Some(frozen) = &trainer.frozen {
            let given = trainer.given(&batch).map(|(given, _)| given);
            let latents = batch.latents.clone();
            let norm = &mut crate::model::Norm::Folded;
            batch.draft = Some(trainer.generator.draft(frozen, latents, given.as_ref(), norm));
        }
        let (gradient, _) = trainer.generator_gradient(&batch, &trainer.frozen_critic());
        let first = &trainer.generator.layout().entries()[0];
        let size = first.shape.iter().product::<usize>();
        let of_generator = gradient.slice(0..size).try_to_vec_as::<f32>().unwrap();
        assert_eq!(of_generator.iter().all(|x| *x == 0.0), trainer.frozen.is_some());
        tally.compare_both((trainer, batch));
    }
    tally.check();
}

#[test]
fn the_critic_sees_zeros_and_ones_of_binary_neurons_and_the_generator_learns_through_them() {
    for kind in ["deterministic", "stochastic"] {
        let neurons = format!("use_binary_neurons: true\nbinary_neurons: {kind}\nsteps: 10");
        let (trainer, mut batch) = after_some_steps(&[("steps: 10", &neurons)]);
        if kind == "stochastic" {
            batch.noise = Some(Tensor::ones(batch.real.dims(), &trainer.device) * 0.3);
        }
        let made = trainer.make(&trainer.g.matrices(), &batch);
        let read = |x: Tensor<3>| x.try_to_vec_as::<f32>().unwrap();
        let (seen, probabilities) = (read(made.seen), read(made.probabilities.unwrap()));
        assert!(seen.iter().all(|x| *x == 0.0 || *x == 1.0));
        let free = read(trainer.given(&batch).unwrap().1);
        let limit = if kind == "stochastic" { 0.3 } else { 0.5 };
        for ((on, p), given) in seen.iter().zip(&probabilities).zip(&free) {
            assert!(*given == 1.0 || (*on == 1.0) == (*p > limit) || (p - limit).abs() < 1e-6);
        }
        let (gradient, _) = trainer.generator_gradient(&batch, &trainer.frozen_critic());
        let gradient = gradient.try_to_vec_as::<f32>().unwrap();
        assert!(gradient.iter().filter(|x| **x != 0.0).count() > gradient.len() / 3);
    }
}

#[test]
fn parts_of_a_batch_give_the_gradient_of_the_whole() {
    let numbers = |value: f32| Tensor::<1>::from_floats([value, 2.0 * value], &Device::flex());
    let (gradient, loss) = mean(vec![(numbers(1.0), numbers(3.0)), (numbers(2.0), numbers(5.0))]);
    assert_eq!(gradient.try_to_vec_as::<f32>().unwrap(), [1.5, 3.0]);
    assert_eq!(loss.try_to_vec_as::<f32>().unwrap(), [4.0, 8.0]);
}
