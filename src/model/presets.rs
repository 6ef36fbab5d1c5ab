//! The family by name: architectures as published, and as small as this machine trains them.

use super::architecture::{Architecture, Network};
use super::config::{
    BarGenerators, ConvolutionalEncoderWidths, ConvolutionalWidths, EncoderWidths, GeneratorWidths, Grid,
    LatentWidths,
};

impl Architecture {
    /// The small hybrid: all four latent parts, 32 wide (Dong et al. 2018, section 3.2).
    pub fn hybrid_small() -> Self {
        Self {
            grid: Grid::small(),
            latent: LatentWidths { z: 32, z_t: 32, z_i: 32, z_it: 32 },
            network: Network::Bars { generator: GeneratorWidths::default(), encoder: None },
            refiner: None,
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
            batch_normalization: true,
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
            refiner: None,
        }
    }

    /// The convolutional network for the grid of the small models, narrow enough to train on a
    /// processor: about one and a half times the small hybrid's step.
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
            refiner: None,
        }
    }

    /// The same architecture answering to given tracks. A convolutional encoder is as wide as published
    /// beside the published generator, and in that proportion beside another.
    pub fn accompanying(self) -> Self {
        let network = match self.network {
            Network::Bars { generator, .. } => {
                Network::Bars { generator, encoder: Some(EncoderWidths::default()) }
            }
            Network::Convolutional(wide) => {
                let half = |width: usize| width.div_ceil(2);
                let encoder = ConvolutionalEncoderWidths {
                    phrase: half(wide.bar),
                    bar: half(wide.beat),
                    beat: half(wide.step),
                    branch: wide.branch,
                    cell: wide.cell,
                };
                Network::Convolutional(ConvolutionalWidths { encoder: Some(encoder), ..wide })
            }
        };
        Self { network, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Generator, LatentLayout};

    #[test]
    fn every_architecture_of_the_family_can_be_built() {
        let family = [
            (Architecture::hybrid_small(), "384 = z 32 + z_t 32 + z_i 5x32 + z_it 5x32"),
            (Architecture::jamming(), "640 = z_i 5x64 + z_it 5x64"),
            (Architecture::composer(), "128 = z 64 + z_t 64"),
            (Architecture::convolutional(), "128 = z 128"),
            (Architecture::convolutional_small(), "128 = z 128"),
        ];
        for (architecture, latent) in family {
            architecture.check().unwrap();
            assert_eq!(LatentLayout::of(&architecture).to_string(), latent);
            let accompanying = architecture.clone().accompanying();
            accompanying.check().unwrap();
            assert!(accompanying.accompanies() && !architecture.accompanies());
            let size = |a: &Architecture| Generator::new(a).layout().size();
            assert!(size(&accompanying) > size(&architecture));
        }
    }

    #[test]
    fn the_published_network_accompanies_with_the_published_encoder() {
        let Network::Convolutional(wide) = Architecture::convolutional().accompanying().network else {
            panic!("not convolutional")
        };
        assert_eq!(wide.encoder, Some(ConvolutionalEncoderWidths::default()));
    }
}
