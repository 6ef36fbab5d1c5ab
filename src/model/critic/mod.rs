//! Critics, and their input gradients as forward operations.
//!
//! A critic is a chain of matrix products, moves and leaky ReLUs from a roll to one score. All but
//! the leaky ReLUs is linear, so the gradient of the score by the roll is the chain of the transposed
//! operations; autodiff of that chain by the weights is the exact gradient of a gradient penalty
//! without second-order autodiff.
//!
//! [`CriticKind`] chooses the chain. A grouped chain is several critics at once: with
//! [`CriticConfig::per_track`] every matrix has one group for each track.
//!
//! The ablations of the papers, in a training config:
//!
//! | without | config | preset |
//! |---|---|---|
//! | chroma stream | `critic: { kind: published, chroma: 0 }` | `no_chroma_stream` |
//! | onset and offset stream | `critic: { kind: published, onset: 0 }` | `no_onset_offset_stream` |
//! | either | `critic: { kind: published, chroma: 0, onset: 0 }` | `no_chroma_onset_offset_streams` |
//! | private streams too | `critic: { kind: baseline }` | `baseline` |
//!
//! The first three are the same for `kind: streams`, whose register stream `register: 0` leaves out.
//! [`CriticConfig::preset`] has the presets.
//!
//! There is no minibatch statistic among the features: a phrase's score then hangs on the others of
//! its batch, and its gradient by its own cells, which the penalty bounds, would not be its own.

mod bar_phrase;
mod baseline;
mod config;
mod plan;
mod preset;
mod published;
mod stream;
mod streams;

use burn::tensor::Tensor;

pub use config::{CriticConfig, CriticKind, CriticWidths};

use super::config::Grid;
use super::weights::{Layout, Matrices};
use plan::Plan;
use stream::{Stream, Trace};

/// The critic's architecture; its numbers are [`Weights`](super::Weights) of [`Critic::layout`].
#[derive(Clone, Debug)]
pub struct Critic {
    layout: Layout,
    /// From a roll to `[critic, batch, 1]`.
    net: Stream,
    critics: usize,
}

impl Critic {
    /// The critic of rolls of `grid`; `config` has passed [`CriticConfig::check`].
    pub fn new(grid: &Grid, config: &CriticConfig) -> Self {
        let plan = Plan::new(grid, config.per_track);
        let widths = config.widths(grid);
        let mut layout = Layout::default();
        let build = match config.kind {
            CriticKind::Streams => streams::build,
            CriticKind::Published => published::build,
            CriticKind::Baseline => baseline::build,
            CriticKind::BarPhrase => bar_phrase::build,
        };
        let net = build(&plan, &widths, &mut layout);
        Self { layout, net, critics: plan.critics }
    }

    /// Which matrices it has.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How many critics it is: 1, or one for each track.
    pub fn critics(&self) -> usize {
        self.critics
    }

    /// One score a phrase, the mean over the critics; higher is more like real music.
    ///
    /// # Shapes
    /// `roll` is `[track, batch·step·octave, 12·plane]`; the result is `[batch]`.
    pub fn score(&self, m: &Matrices, roll: Tensor<3>, batch: usize) -> Tensor<1> {
        self.scores(m, roll, batch).mean_dim(0).reshape([batch])
    }

    /// One score for each critic and phrase. Losses are taken of these and then averaged, so that
    /// every critic is trained as if it were alone.
    ///
    /// # Shapes
    /// `roll` as in [`Critic::score`]; the result is `[critic, batch]`.
    pub fn scores(&self, m: &Matrices, roll: Tensor<3>, batch: usize) -> Tensor<2> {
        self.net.forward(m, roll, batch, None).reshape([self.critics, batch])
    }

    /// The gradient of each score by the cells that its critic sees: `[track, batch·step·octave,
    /// 12·plane]`. With one critic for each track, a track's part is the gradient of that track's own
    /// score, whose length over the one track is what that critic's penalty bounds.
    ///
    /// `frozen` are the same numbers as `m` without a tape; they give the slopes, whose derivative is
    /// zero almost everywhere. The result is differentiable by `m`.
    pub fn input_gradient(
        &self,
        m: &Matrices,
        frozen: &Matrices,
        roll: Tensor<3>,
        batch: usize,
    ) -> Tensor<3> {
        let mut trace = Trace::default();
        let scores = self.net.forward(frozen, roll, batch, Some(&mut trace));
        let ones = scores.ones_like();
        if m.is_on_tape() {
            return self.net.adjoint(m, ones.autodiff(), batch, &mut trace.on_tape());
        }
        self.net.adjoint(m, ones, batch, &mut trace)
    }
}

#[cfg(test)]
mod tests;
