//! Generators: from latents, and perhaps given tracks, to logits of cells.
//!
//! [`Generator`] is the whole family behind one door. The networks are in files of their own:
//! `bars` (hybrid, jamming, composer) and `convolutional`.

mod bars;
mod convolutional;
mod encoder;
mod hidden;
mod norm;
mod time;

#[cfg(test)]
mod tests;

use std::ops::Range;

use burn::tensor::Tensor;

use self::bars::BarNetwork;
use self::convolutional::ConvolutionalNetwork;
pub use self::norm::{Norm, Statistics};
use super::config::{Architecture, Network};
use super::refiner::Refiner;
use super::weights::{Layout, Matrices};
use super::{ModelError, Weights};

/// Phrases whose cells give the refiner's statistics.
const REFINED: usize = 32;

/// Tracks that a person gives.
#[derive(Clone, Debug)]
pub struct Given {
    /// `[track, batch·step·octave, 12·plane]`, silent where a track is not given.
    pub roll: Tensor<3>,
    /// `[batch, track]`, 1 where a track is given.
    pub mask: Tensor<2>,
}

impl Given {
    /// What is given in some phrases of the batch, of `rows` steps·octaves each.
    pub(crate) fn part(&self, phrases: Range<usize>, rows: usize) -> Self {
        let roll = self.roll.clone().slice_dim(1, phrases.start * rows..phrases.end * rows);
        Self { roll, mask: self.mask.clone().slice_dim(0, phrases) }
    }
}

/// What a generator hears of given tracks: the features that its encoder finds, phrase by phrase. They do
/// not depend on latents, so that many answers to the same tracks need them once.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    bars: Option<encoder::Condition>,
    convolutional: convolutional::Heard,
}

impl Heard {
    /// What is heard of one phrase, for `batch` answers to it.
    pub fn repeated(&self, batch: usize) -> Self {
        if batch == 1 {
            return self.clone();
        }
        let again = |x: &Tensor<3>| x.clone().repeat_dim(1, batch);
        Self {
            bars: self.bars.as_ref().map(|heard| heard.map(again)),
            convolutional: self.convolutional.map(again),
        }
    }
}

/// The generator's architecture; its numbers are [`Weights`](super::Weights) of
/// [`Generator::layout`].
#[derive(Clone, Debug)]
pub struct Generator {
    architecture: Architecture,
    layout: Layout,
    network: Built,
    refiner: Option<Refiner>,
}

/// The network that an architecture describes.
#[derive(Clone, Debug)]
enum Built {
    Bars(BarNetwork),
    Convolutional(ConvolutionalNetwork),
}

impl Generator {
    /// The generator of an architecture that [`Architecture::check`] accepts.
    pub fn new(architecture: &Architecture) -> Self {
        let Architecture { grid, latent, network, refiner } = architecture;
        let mut layout = Layout::default();
        let network = match network {
            Network::Bars { generator, encoder } => {
                Built::Bars(BarNetwork::new(&mut layout, grid, *latent, *generator, *encoder))
            }
            Network::Convolutional(widths) => {
                Built::Convolutional(ConvolutionalNetwork::new(&mut layout, grid, latent.z, *widths))
            }
        };
        let refiner = refiner.map(|widths| Refiner::new(&mut layout, grid, widths));
        Self { architecture: architecture.clone(), layout, network, refiner }
    }

    /// The architecture.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Which matrices it has.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Numbers of the widest layer for one phrase, of all tracks.
    pub fn widest(&self) -> usize {
        match &self.network {
            Built::Bars(network) => network.widest(),
            Built::Convolutional(network) => network.widest(),
        }
    }

    /// Logits of a batch of rolls.
    ///
    /// # Shapes
    /// `z` is `[batch, latent]` in the order of the latent layout; the result is
    /// `[track, batch·step·octave, 12·plane]`. Without an encoder, `given` is not looked at.
    pub fn forward(&self, m: &Matrices, z: Tensor<2>, given: Option<&Given>, norm: &mut Norm) -> Tensor<3> {
        let logits = self.draft(m, z, given, norm);
        self.refine(m, logits, norm)
    }

    /// What the generator hears of given tracks; without an encoder, nothing.
    pub fn hear(&self, m: &Matrices, given: Option<&Given>) -> Heard {
        match &self.network {
            Built::Bars(network) => Heard { bars: network.hear(m, given), ..Heard::default() },
            Built::Convolutional(network) => {
                Heard { convolutional: network.hear(m, given), ..Heard::default() }
            }
        }
    }

    /// Logits of the phrases that answer to what this generator has heard, as [`Generator::forward`] has
    /// them.
    pub fn answer(&self, m: &Matrices, z: Tensor<2>, heard: &Heard, norm: &mut Norm) -> Tensor<3> {
        let logits = self.draft_answer(m, z, heard, norm);
        self.refine(m, logits, norm)
    }

    /// Logits after the refiner, where there is one.
    pub fn refine(&self, m: &Matrices, logits: Tensor<3>, norm: &mut Norm) -> Tensor<3> {
        match &self.refiner {
            Some(refiner) => refiner.forward(m, logits, norm),
            None => logits,
        }
    }

    /// Logits before the refiner: what [`Generator::forward`] gives without one.
    pub fn draft(&self, m: &Matrices, z: Tensor<2>, given: Option<&Given>, norm: &mut Norm) -> Tensor<3> {
        self.draft_answer(m, z, &self.hear(m, given), norm)
    }

    fn draft_answer(&self, m: &Matrices, z: Tensor<2>, heard: &Heard, norm: &mut Norm) -> Tensor<3> {
        match &self.network {
            Built::Bars(network) => network.forward(m, z, heard.bars.as_ref(), norm),
            Built::Convolutional(network) => network.forward(m, z, heard.convolutional.clone(), norm),
        }
    }

    /// Weights for [`Norm::Folded`]: each layer's `gamma` and `beta` take in the mean and variance
    /// that it has over the given latents (and given tracks); the refiner's, of many more cells, over
    /// the first of them.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails to give the numbers.
    pub fn fold(
        &self,
        weights: &Weights,
        z: Tensor<2>,
        given: Option<&Given>,
    ) -> Result<Weights, ModelError> {
        let mut records = Vec::new();
        self.look(weights, z, given, &mut Norm::Record(&mut records));
        norm::fold(weights, records)
    }

    /// Weights for [`Norm::Batch`] from those that [`Generator::fold`] gave, over the same or like
    /// latents (and given tracks).
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails to give the numbers.
    pub fn unfold(
        &self,
        weights: &Weights,
        z: Tensor<2>,
        given: Option<&Given>,
    ) -> Result<Weights, ModelError> {
        let mut records = Vec::new();
        self.look(weights, z, given, &mut Norm::Observe(&mut records));
        norm::unfold(weights, records)
    }

    /// Goes through every layer, the refiner's with the first of the phrases.
    fn look(&self, weights: &Weights, z: Tensor<2>, given: Option<&Given>, norm: &mut Norm) {
        let matrices = weights.matrices();
        let phrases = z.dims()[0];
        let logits = self.draft(&matrices, z, given, norm);
        if let Some(refiner) = &self.refiner {
            let [tracks, rows, features] = logits.dims();
            let some = logits.slice([0..tracks, 0..rows / phrases * phrases.min(REFINED), 0..features]);
            refiner.forward(&matrices, some, norm);
        }
    }

    /// The matrices with which [`Generator::draft`] plays by [`Norm::Folded`]: [`Generator::fold`]
    /// without leaving the device, and without the refiner.
    pub fn frozen(&self, m: &Matrices, z: Tensor<2>, given: Option<&Given>) -> Matrices {
        let mut records = Vec::new();
        self.draft(m, z, given, &mut Norm::Record(&mut records));
        norm::folded(m, records)
    }

    /// Sets the last offsets in `values`, in the order of the layout, to half the log-odds that cells
    /// have in `density`, so that the first samples are about as sparse as music. `density` is the
    /// share of cells that are on, `[track, octave, pitch class, plane]`; a network with one offset
    /// for a track and plane takes the mean over pitches.
    pub fn start_at_density(&self, values: &mut [f32], density: &[f64]) {
        let half_odds = |share: f64| {
            let share = share.clamp(1e-4, 0.5);
            ((share / (1.0 - share)).ln() / 2.0) as f32
        };
        let offset = |name: &str| self.layout.entries().iter().find(|e| e.name == name).map(|e| e.offset);
        if let Some(offset) = offset("out/bias") {
            for (value, share) in values[offset..].iter_mut().zip(density) {
                *value = half_odds(*share);
            }
        } else if let Some(offset) = offset("out/beta") {
            let planes = self.architecture.grid.planes;
            let pitches = self.architecture.grid.octaves * 12;
            for (i, value) in
                values[offset..].iter_mut().take(self.architecture.grid.track_count() * planes).enumerate()
            {
                let track = &density[i / planes * pitches * planes..][..pitches * planes];
                let share = track.iter().skip(i % planes).step_by(planes).sum::<f64>() / pitches as f64;
                // The network doubles what this is the offset of.
                *value = half_odds(share) / 2.0;
            }
        }
    }
}
