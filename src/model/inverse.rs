//! The inverse network: from cells to the latent that they may have come from.
//!
//! It is learnt on the generator's own samples, by what they share with the music of the latents that it
//! finds, and starts the search that [`Model::encode`](super::Model::encode) finishes by gradient steps
//! (Zhu et al. 2016, *Generative Visual Manipulation on the Natural Image Manifold*, section 3.2, do the
//! same for pictures). Like the critics it grows from octaves of beats to bars to the phrase by matrix
//! products: parts that tracks share see all tracks, a track's own parts see that track and what all
//! share.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::config::{Architecture, Grid, LatentWidths};
use super::layers::{Linear, Rearrange, leaky};
use super::weights::{Layout, Matrices};
use super::{Cells, HostTensor, ModelError, Precision, Weights, decode, encode, to_tensor};

/// Widths of the inverse network's layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InverseWidths {
    /// Per track: an octave of a beat.
    pub octave: usize,
    /// Per track: a beat.
    pub beat: usize,
    /// Per track: a bar.
    pub bar: usize,
    /// All tracks: a bar.
    pub shared_bar: usize,
    /// All tracks: the phrase.
    pub shared: usize,
    /// Per track: the phrase.
    pub own: usize,
}

impl Default for InverseWidths {
    /// About 300,000 numbers for the small hybrid.
    fn default() -> Self {
        Self { octave: 24, beat: 48, bar: 48, shared_bar: 96, shared: 128, own: 64 }
    }
}

/// The network's architecture.
#[derive(Clone, Debug)]
pub struct InverseNetwork {
    grid: Grid,
    latent: LatentWidths,
    layout: Layout,
    by_beat: Rearrange,
    octave: Linear,
    beat: Linear,
    bar: Linear,
    shared_bar: Linear,
    shared: Linear,
    shared_out: Option<Linear>,
    own: Option<(Linear, Linear)>,
}

impl InverseNetwork {
    /// The network for the grid and the latent parts of a generator.
    pub fn new(architecture: &Architecture, widths: InverseWidths) -> Self {
        let (grid, latent) = (architecture.grid.clone(), architecture.latent);
        let (m, o, b) = (grid.track_count(), grid.octaves, grid.subdivisions());
        let w = widths;
        let mut layout = Layout::default();
        let l = &mut layout;
        let by_beat =
            Rearrange::new(&[m, 0, grid.beats(), b, o, grid.cell_features()], 1, &[0, 1, 2, 4, 3, 5], [1, 3]);
        let octave = Linear::new(l, "octave", [m, b * grid.cell_features(), w.octave], 2.0, true);
        let beat = Linear::new(l, "beat", [m, o * w.octave, w.beat], 2.0, true);
        let bar = Linear::new(l, "bar", [m, 4 * w.beat, w.bar], 2.0, true);
        let shared_bar = Linear::new(l, "shared/bar", [1, m * w.bar, w.shared_bar], 2.0, true);
        let from_bars = grid.bars * w.shared_bar + m;
        let shared = Linear::new(l, "shared/phrase", [1, from_bars, w.shared], 2.0, true);
        let wide = latent.z + latent.z_t;
        let shared_out = (wide > 0).then(|| Linear::new(l, "shared/out", [1, w.shared, wide], 1.0, true));
        let narrow = latent.z_i + latent.z_it;
        let own = (narrow > 0).then(|| {
            let from = grid.bars * w.bar + w.shared;
            (
                Linear::new(l, "own/phrase", [m, from, w.own], 2.0, true),
                Linear::new(l, "own/out", [m, w.own, narrow], 1.0, true),
            )
        });
        Self { grid, latent, layout, by_beat, octave, beat, bar, shared_bar, shared, shared_out, own }
    }

    /// Which matrices it has.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// # Shapes
    /// `roll` is `[track, batch·step·octave, 12·plane]`; `given` is `[batch, track]`, 1 where a track is
    /// given to an accompanying model; the result is `[batch, latent]` in the order of the latent layout.
    pub fn forward(&self, m: &Matrices, roll: Tensor<3>, given: Tensor<2>) -> Tensor<2> {
        let [batch, tracks] = given.dims();
        let (beats, bars) = (self.grid.beats(), self.grid.bars);
        let folded = |x: Tensor<3>, rows: usize| {
            let [groups, all, features] = x.dims();
            x.reshape([groups, batch * rows, all / (batch * rows) * features])
        };
        let octaves = leaky(self.octave.forward(m, self.by_beat.forward(roll, batch)));
        let beats = leaky(self.beat.forward(m, folded(octaves, beats)));
        let own = leaky(self.bar.forward(m, folded(beats, bars)));
        let width = own.dims()[2];
        let together = own.clone().permute([1, 0, 2]).reshape([1, batch * bars, tracks * width]);
        let shared = folded(leaky(self.shared_bar.forward(m, together)), 1);
        let shared = Tensor::cat(vec![shared, given.reshape([1, batch, tracks])], 2);
        let shared = leaky(self.shared.forward(m, shared));
        let mut parts: Vec<Tensor<2>> = Vec::new();
        if let Some(out) = &self.shared_out {
            parts.push(out.forward(m, shared.clone()).reshape([batch, self.latent.z + self.latent.z_t]));
        }
        if let Some((phrase, out)) = &self.own {
            let width = shared.dims()[2];
            let seen = vec![folded(own, 1), shared.expand([tracks, batch, width])];
            let all = out.forward(m, leaky(phrase.forward(m, Tensor::cat(seen, 2))));
            let LatentWidths { z_i, z_it, .. } = self.latent;
            for (start, size) in [(0, z_i), (z_i, z_it)].into_iter().filter(|(_, size)| *size > 0) {
                let part = all.clone().slice([0..tracks, 0..batch, start..start + size]);
                parts.push(part.permute([1, 0, 2]).reshape([batch, tracks * size]));
            }
        }
        Tensor::cat(parts, 1)
    }
}

/// How an inverse network was made; the section `inverse` of `model.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InverseDescription {
    /// First 12 hex digits of the SHA-256 of the generator's weights file: with other weights the
    /// network is out of date, and left alone.
    pub weights: String,
    /// Its shapes.
    #[serde(default)]
    pub widths: InverseWidths,
    /// Training steps.
    pub steps: u64,
    /// Samples it looked at in a step.
    pub batch_size: usize,
    /// Seed of its training.
    pub seed: u64,
}

/// A trained inverse network on a device.
#[derive(Clone, Debug)]
pub struct Inverse {
    network: InverseNetwork,
    matrices: Matrices,
}

impl Inverse {
    /// A network with its numbers.
    pub fn new(network: InverseNetwork, weights: &Weights) -> Self {
        Self { network, matrices: weights.matrices() }
    }

    /// The network of a safetensors file; `path` names it in errors.
    ///
    /// # Errors
    /// [`ModelError::Broken`] when the file is not one, or of other shapes.
    pub fn read(
        path: &Path,
        bytes: &[u8],
        architecture: &Architecture,
        widths: InverseWidths,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let network = InverseNetwork::new(architecture, widths);
        let (tensors, _) = decode(path, bytes)?;
        let mut values = Vec::with_capacity(network.layout.size());
        for entry in network.layout.entries() {
            let found = tensors.iter().find(|t| t.name == entry.name && t.shape == entry.shape);
            let reason = || format!("there is no matrix `{}` of shape {:?}", entry.name, entry.shape);
            let broken = || ModelError::Broken { path: path.to_owned(), reason: reason() };
            values.extend(&found.ok_or_else(broken)?.values);
        }
        let weights = Weights::new(Arc::new(network.layout.clone()), values, device)?;
        Ok(Self::new(network, &weights))
    }

    /// The latent that `cells` may have come from, `given` tracks known.
    ///
    /// # Errors
    /// [`ModelError::Device`] when the device fails.
    pub fn guess(&self, cells: &Cells, given: &[bool], device: &Device) -> Result<Vec<f32>, ModelError> {
        let roll = to_tensor(&self.network.grid, &[cells], device);
        let z = self.network.forward(&self.matrices, roll, given_tensor(&[given.to_vec()], device));
        z.try_into_vec_as::<f32>().map_err(|error| ModelError::Device(error.to_string()))
    }
}

/// `[batch, track]`, 1 where a track is given.
pub fn given_tensor(masks: &[Vec<bool>], device: &Device) -> Tensor<2> {
    let shape = [masks.len(), masks.first().map_or(0, Vec::len)];
    let values: Vec<f32> = masks.iter().flatten().map(|given| f32::from(u8::from(*given))).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The file of an inverse network, in half precision.
///
/// # Errors
/// [`ModelError`] when the device fails to give the numbers.
pub fn inverse_file(weights: &Weights) -> Result<Vec<u8>, ModelError> {
    let values = weights.values()?;
    let matrix = |entry: &super::Entry| HostTensor {
        name: entry.name.clone(),
        shape: entry.shape.to_vec(),
        values: values[entry.offset..entry.offset + entry.shape.iter().product::<usize>()].to_vec(),
    };
    let tensors: Vec<HostTensor> = weights.layout().entries().iter().map(matrix).collect();
    encode(&tensors, HashMap::new(), Precision::Half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::model::LatentLayout;

    fn tiny(latent: LatentWidths, steps_per_bar: usize, planes: usize) -> Architecture {
        let grid = Grid {
            tracks: vec!["piano".into(), "bass".into()],
            bars: 3,
            steps_per_bar,
            planes,
            octaves: 2,
            ..Grid::small()
        };
        Architecture { grid, latent, ..Architecture::hybrid_small() }
    }

    /// A small network with its first numbers.
    fn made(architecture: &Architecture) -> (InverseNetwork, Weights) {
        let widths = InverseWidths { octave: 3, beat: 4, bar: 4, shared_bar: 4, shared: 5, own: 4 };
        let network = InverseNetwork::new(architecture, widths);
        let values = network.layout().initial(Seed(1));
        let weights = Weights::new(Arc::new(network.layout().clone()), values, &Device::flex()).unwrap();
        (network, weights)
    }

    /// Cells with one word set.
    fn cells(grid: &Grid, word: usize) -> Cells {
        Cells::from_bits(grid, |cell| cell / 12 / grid.planes == word && cell % 5 == 0)
    }

    #[test]
    fn every_layout_and_grid_gets_a_latent_of_its_size() {
        let none = LatentWidths::default();
        let layouts = [
            LatentWidths { z: 2, z_t: 3, z_i: 4, z_it: 5 },
            LatentWidths { z_i: 2, z_it: 3, ..none },
            LatentWidths { z: 2, z_t: 3, ..none },
            LatentWidths { z: 7, ..none },
        ];
        for (latent, (steps, planes)) in
            layouts.into_iter().flat_map(|l| [(16, 2), (48, 1)].map(|grid| (l, grid)))
        {
            let architecture = tiny(latent, steps, planes);
            let (network, weights) = made(&architecture);
            let guess = Inverse::new(network, &weights)
                .guess(&cells(&architecture.grid, 9), &[false, false], &Device::flex())
                .unwrap();
            assert_eq!(guess.len(), LatentLayout::of(&architecture).size());
        }
    }

    #[test]
    fn a_track_s_own_parts_hang_on_it_and_shared_parts_on_all() {
        let architecture = tiny(LatentWidths { z: 2, z_t: 2, z_i: 2, z_it: 2 }, 16, 2);
        let (network, weights) = made(&architecture);
        let mut silenced = weights.matrices();
        // Without what all tracks share, a track's parts see that track alone.
        silenced.replace("shared/phrase/weight", weights.matrices().get("shared/phrase/weight").zeros_like());
        let grid = &architecture.grid;
        let values = |matrices: &Matrices, word| {
            let roll = to_tensor(grid, &[&cells(grid, word)], &Device::flex());
            let given = given_tensor(&[vec![false, false]], &Device::flex());
            network.forward(matrices, roll, given).try_into_vec_as::<f32>().unwrap()
        };
        // Another place in the second track, the bass: the piano's parts stay.
        let bass = grid.rows();
        let (a, b) = (values(&silenced, bass + 1), values(&silenced, bass + 40));
        assert_eq!((&a[4..6], &a[8..10]), (&b[4..6], &b[8..10]));
        assert!(a[6..8] != b[6..8] && a[10..12] != b[10..12], "{a:?} {b:?}");
        let (a, b) = (values(&weights.matrices(), bass + 1), values(&weights.matrices(), bass + 40));
        assert!(a[..2] != b[..2] && a[4..6] != b[4..6], "{a:?} {b:?}");
    }

    #[test]
    fn a_network_comes_back_from_its_file_and_one_of_other_shapes_is_refused() {
        let architecture = tiny(LatentWidths { z: 7, ..LatentWidths::default() }, 16, 2);
        let (network, weights) = made(&architecture);
        let file = inverse_file(&weights).unwrap();
        let widths = InverseWidths { octave: 3, beat: 4, bar: 4, shared_bar: 4, shared: 5, own: 4 };
        let path = Path::new("inverse.safetensors");
        let back = Inverse::read(path, &file, &architecture, widths, &Device::flex()).unwrap();
        let cells = cells(&architecture.grid, 9);
        let guess = |inverse: Inverse| inverse.guess(&cells, &[true, false], &Device::flex()).unwrap();
        let pairs: Vec<(f32, f32)> =
            guess(Inverse::new(network, &weights)).into_iter().zip(guess(back)).collect();
        assert!(pairs.iter().all(|(a, b)| (a - b).abs() < 1e-2), "{pairs:?}");
        let other = InverseWidths { beat: 5, ..widths };
        let error = Inverse::read(path, &file, &architecture, other, &Device::flex()).unwrap_err();
        assert!(
            error.to_string().contains("inverse.safetensors") && error.to_string().contains("beat/weight")
        );
    }
}
