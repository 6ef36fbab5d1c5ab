//! Adversarial losses of critic scores.

use burn::tensor::{Tensor, activation};

use super::LossKind;
use crate::model::is_processor;

/// What the critic minimizes, from scores `[critic, n]` of real and fake phrases; `fake_weight`
/// `[1, n_fake]` sums to one. Several critics are averaged: each is trained by its own scores.
///
/// Wasserstein: `E[D(fake)] - E[D(real)]`. Hinge: `E[relu(1 + D(fake))] + E[relu(1 - D(real))]`. The
/// others: cross-entropy of `sigmoid(D)` with label 1 on real and 0 on fake.
pub fn critic_loss(kind: LossKind, real: Tensor<2>, fake: Tensor<2>, fake_weight: Tensor<2>) -> Tensor<1> {
    let average = |x: Tensor<2>| (x * fake_weight.clone()).sum_dim(1).mean();
    match kind {
        LossKind::Wasserstein => average(fake) - real.mean(),
        LossKind::Hinge => {
            average(activation::relu(fake.add_scalar(1.0)))
                + activation::relu(real.neg().add_scalar(1.0)).mean()
        }
        LossKind::Classic | LossKind::Nonsaturating => average(softplus(fake)) + softplus(real.neg()).mean(),
    }
}

/// What the generator minimizes, from scores `[critic, n]` of its phrases.
///
/// Wasserstein and hinge: `-E[D]`. Non-saturating: `E[-log sigmoid(D)]`. Classic: `E[log(1 -
/// sigmoid(D))]`.
pub fn generator_loss(kind: LossKind, fake: Tensor<2>) -> Tensor<1> {
    match kind {
        LossKind::Wasserstein | LossKind::Hinge => fake.mean().neg(),
        LossKind::Nonsaturating => softplus(fake.neg()).mean(),
        LossKind::Classic => softplus(fake).mean().neg(),
    }
}

/// `log(1 + e^x)`, without overflow.
fn softplus(x: Tensor<2>) -> Tensor<2> {
    activation::softplus(x, 1.0)
}

/// `E[(|g| - 1)^2]` over phrases (Gulrajani et al. 2017), from the gradient `[track, batch·row,
/// feature]` of [`Critic::input_gradient`](crate::model::Critic::input_gradient).
///
/// With one critic for each track (`critics` is the number of tracks) the length is taken for each
/// track, as every critic's own penalty would, and the penalties are averaged as the losses are: a
/// weight means the same for one critic and for several.
pub fn gradient_penalty(gradient: Tensor<3>, batch: usize, critics: usize) -> Tensor<1> {
    let [tracks, rows, features] = gradient.dims();
    let squares = gradient.powi_scalar(2);
    // A card adds up few numbers at a time, and many of those at once.
    let squares = match is_processor(&squares.device()) {
        true => squares.reshape([tracks, batch, rows / batch * features]),
        false => squares.sum_dim(2).reshape([tracks, batch, rows / batch]),
    };
    let squares = squares.sum_dim(2);
    let length = squares.reshape([critics, tracks / critics, batch]).sum_dim(1).add_scalar(1e-8).sqrt();
    length.sub_scalar(1.0).powi_scalar(2).mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn scores(values: [f32; 2]) -> Tensor<2> {
        Tensor::from_floats([values], &Device::flex())
    }

    fn value(loss: Tensor<1>) -> f32 {
        loss.into_scalar::<f32>()
    }

    #[test]
    fn losses_by_hand() {
        let half = || scores([0.5, 0.5]);
        let critic = |kind| value(critic_loss(kind, scores([2.0, 0.0]), scores([-2.0, 1.0]), half()));
        assert!((critic(LossKind::Wasserstein) - (-0.5 - 1.0)).abs() < 1e-6);
        assert!((critic(LossKind::Hinge) - (1.0 + 0.5)).abs() < 1e-6);
        let softplus = |x: f32| (1.0 + x.exp()).ln();
        let fake = (softplus(-2.0) + softplus(1.0)) / 2.0;
        let real = (softplus(-2.0) + softplus(0.0)) / 2.0;
        assert!((critic(LossKind::Nonsaturating) - fake - real).abs() < 1e-6);
        let generator = |kind| value(generator_loss(kind, scores([-2.0, 1.0])));
        assert_eq!(generator(LossKind::Hinge), 0.5);
        assert!((generator(LossKind::Classic) + fake).abs() < 1e-6);
        let maximized = (softplus(2.0) + softplus(-1.0)) / 2.0;
        assert!((generator(LossKind::Nonsaturating) - maximized).abs() < 1e-6);
    }

    #[test]
    fn the_penalty_is_zero_for_unit_gradients_and_one_for_none() {
        let gradient =
            Tensor::from_floats([[[0.6, 0.0], [0.0, 0.0]], [[0.0, 0.8], [0.0, 0.0]]], &Device::flex());
        assert!((value(gradient_penalty(gradient, 2, 1)) - 0.5).abs() < 1e-3);
    }

    #[test]
    fn several_critics_pay_for_their_own_tracks_as_if_each_were_alone() {
        let gradient = Tensor::<3>::from_floats([[[0.6], [3.0]], [[2.0], [0.8]]], &Device::flex());
        let both = value(gradient_penalty(gradient.clone(), 2, 2));
        let alone = [0, 1].map(|track| {
            value(gradient_penalty(gradient.clone().slice([track..track + 1, 0..2, 0..1]), 2, 1))
        });
        assert!((both - (alone[0] + alone[1]) / 2.0).abs() < 1e-5, "{both} {alone:?}");
        assert!((both - (0.16 + 4.0 + 1.0 + 0.04) / 4.0).abs() < 1e-5);
    }

    #[test]
    fn several_critics_are_averaged_after_the_loss() {
        let rows = |values: [[f32; 2]; 2]| Tensor::<2>::from_floats(values, &Device::flex());
        let half = || scores([0.5, 0.5]);
        let (real, fake) = ([[2.0, 0.0], [-4.0, 1.0]], [[-2.0, 1.0], [3.0, 0.0]]);
        for kind in [LossKind::Classic, LossKind::Nonsaturating, LossKind::Wasserstein, LossKind::Hinge] {
            let both = value(critic_loss(kind, rows(real), rows(fake), half()));
            let alone = [0, 1].map(|i| value(critic_loss(kind, scores(real[i]), scores(fake[i]), half())));
            assert!((both - (alone[0] + alone[1]) / 2.0).abs() < 1e-6, "{kind:?}");
            let both = value(generator_loss(kind, rows(fake)));
            let alone = [0, 1].map(|i| value(generator_loss(kind, scores(fake[i]))));
            assert!((both - (alone[0] + alone[1]) / 2.0).abs() < 1e-6, "{kind:?}");
        }
    }
}
