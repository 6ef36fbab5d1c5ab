//! The family by name: architectures as published, and as small as this machine trains them.

use super::architecture::{Architecture, Network};
use super::config::{BarGenerators, ConvolutionalWidths, GeneratorWidths, Grid, LatentWidths};

impl Architecture {
    /// The small hybrid: all four latent parts, 32 wide (Dong et al. 2018, section 3.2).
    pub fn hybrid_small() -> Self {
        Self {
            grid: Grid::small(),
            latent: LatentWidths { z: 32, z_t: 32, z_i: 32, z_it: 32 },
            network: Network::Bars { generator: GeneratorWidths::default(), encoder: None },
        }
    }

    /// Jamming: every track for itself, from latent parts of its own.
    pub fn jamming() -> Self {
        let generator = GeneratorWidths { harmony: 0, ..GeneratorWidths::default() };
        Self {
            latent: LatentWidths { z: 0, z_t: 0, z_i: 64, z_it: 64 },
            network: Network::Bars { generator, encoder: None },
            ..Self::hybrid_small()
        }
    }

    /// Composer: one bar generator plays all tracks from shared latent parts; as many multiplications
    /// as the small hybrid.
    pub fn composer() -> Self {
        let generator = GeneratorWidths {
            bar_generators: BarGenerators::One,
            temporal: 128,
            harmony: 48,
            beat: 192,
            step: 128,
            octave: 64,
            cell: 56,
        };
        Self {
            latent: LatentWidths { z: 64, z_t: 64, z_i: 0, z_it: 0 },
            network: Network::Bars { generator, encoder: None },
            ..Self::hybrid_small()
        }
    }

    /// The convolutional network as published: 48 steps a bar, one plane.
    pub fn convolutional() -> Self {
        Self {
            grid: Grid { steps_per_bar: 48, planes: 1, ..Grid::small() },
            latent: LatentWidths { z: 128, ..LatentWidths::default() },
            network: Network::Convolutional(ConvolutionalWidths::default()),
        }
    }

    /// The convolutional network for the grid of the small models, at their cost.
    pub fn convolutional_small() -> Self {
        let widths = ConvolutionalWidths {
            bar: 256,
            beat: 128,
            step: 48,
            shared_steps: 2,
            branch: 12,
            cell: 8,
            pitch_bias: true,
            encoder: None,
        };
        Self {
            grid: Grid::small(),
            latent: LatentWidths { z: 128, ..LatentWidths::default() },
            network: Network::Convolutional(widths),
        }
    }
}
