//! What a model is made of: the grid it works on, its latent parts, the widths of its layers.

use serde::{Deserialize, Serialize};

use super::ModelError;
pub use super::architecture::{Architecture, Network};
pub use super::critic::{CriticConfig, CriticKind, CriticWidths};

/// The grid that networks see: `tracks x bars x 4 beats x subdivisions x octaves x 12 x planes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Names of the tracks, in tensor order.
    pub tracks: Vec<String>,
    /// Bars in a phrase.
    pub bars: usize,
    /// Steps in a bar of 4/4: 16 or 48.
    pub steps_per_bar: usize,
    /// 1: sounding. 2: sounding and onset.
    pub planes: usize,
    /// MIDI number of the lowest pitch; a C, so that octaves fold.
    pub lowest_pitch: u8,
    /// Number of octaves.
    pub octaves: usize,
}

impl Grid {
    /// The grid of the small models: five families, four bars of sixteenths, two planes, C1 to B7.
    pub fn small() -> Self {
        Self {
            tracks: crate::music::Family::ALL.map(|f| f.name().to_owned()).to_vec(),
            bars: crate::music::PHRASE_BARS,
            steps_per_bar: 16,
            planes: 2,
            lowest_pitch: crate::music::LOWEST_PITCH,
            octaves: crate::music::MODEL_PITCHES / 12,
        }
    }

    /// One bar of four steps and an octave for a piano: small enough to work out by hand.
    #[cfg(test)]
    pub(super) fn one_bar() -> Self {
        Self {
            tracks: vec!["piano".into()],
            bars: 1,
            steps_per_bar: 4,
            planes: 1,
            octaves: 1,
            ..Self::small()
        }
    }

    /// Number of tracks.
    pub fn track_count(&self) -> usize {
        self.tracks.len()
    }

    /// Beats in a phrase.
    pub fn beats(&self) -> usize {
        self.bars * 4
    }

    /// Steps in a beat.
    pub fn subdivisions(&self) -> usize {
        self.steps_per_bar / 4
    }

    /// Steps in a phrase.
    pub fn steps(&self) -> usize {
        self.bars * self.steps_per_bar
    }

    /// Cells of one octave of one step: the features of a roll's rows.
    pub fn cell_features(&self) -> usize {
        12 * self.planes
    }

    /// Rows of one phrase and track: steps x octaves.
    pub fn rows(&self) -> usize {
        self.steps() * self.octaves
    }

    pub(super) fn check(&self) -> Result<(), ModelError> {
        let wrong = |what: String| Err(ModelError::Config(what));
        if self.tracks.is_empty() || self.bars == 0 {
            return wrong("a model needs at least one track and one bar".into());
        }
        let twice = |(i, name): (usize, &String)| {
            self.tracks[..i].iter().any(|other| other.eq_ignore_ascii_case(name)).then(|| name.clone())
        };
        if let Some(name) = self.tracks.iter().enumerate().find_map(twice) {
            return wrong(format!("`grid.tracks` names `{name}` twice"));
        }
        if ![4, 8, 16, 24, 48, 96].contains(&self.steps_per_bar) {
            return wrong(format!(
                "`steps_per_bar` must be 4, 8, 16, 24, 48 or 96, got {}",
                self.steps_per_bar
            ));
        }
        if !(1..=2).contains(&self.planes) {
            return wrong(format!("`planes` must be 1 or 2, got {}", self.planes));
        }
        let top = usize::from(self.lowest_pitch) + 12 * self.octaves;
        if !self.lowest_pitch.is_multiple_of(12) || self.octaves == 0 || top > 128 {
            return wrong(format!(
                "`lowest_pitch` must be a C and {} octaves above it must end by 127, got {}",
                self.octaves, self.lowest_pitch
            ));
        }
        Ok(())
    }
}

/// Widths of the four latent parts; 0 leaves a part out (composer has no `z_i, z_it`, jamming no
/// `z, z_t`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LatentWidths {
    /// Shared, whole phrase.
    pub z: usize,
    /// Shared, changes bar by bar.
    pub z_t: usize,
    /// One per track, whole phrase.
    pub z_i: usize,
    /// One per track, changes bar by bar.
    pub z_it: usize,
}

/// How many bar generators there are (Dong et al. 2018, section 3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarGenerators {
    /// Every track has its own: the jamming and hybrid models.
    #[default]
    PerTrack,
    /// One plays all tracks, from shared latent parts alone: the composer model.
    One,
}

impl BarGenerators {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Widths of the generator's layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeneratorWidths {
    /// One bar generator for every track, or one for all; with one, the widths below hold what all
    /// tracks need together.
    #[serde(skip_serializing_if = "BarGenerators::is_default")]
    pub bar_generators: BarGenerators,
    /// Hidden layer of the temporal generators.
    pub temporal: usize,
    /// What all tracks share in each beat; 0 leaves it out.
    pub harmony: usize,
    /// A beat of a bar generator.
    pub beat: usize,
    /// A step of a bar generator.
    pub step: usize,
    /// An octave of a step.
    pub octave: usize,
    /// The layer before the cells.
    pub cell: usize,
    /// Whether hidden layers normalize their channels by the batch; without, each is a factor and an
    /// offset that are learnt, which Dong et al. 2018 found to train badly ("ablated").
    #[serde(skip_serializing_if = "is_true")]
    pub batch_normalization: bool,
}

fn is_true(value: &bool) -> bool {
    *value
}

impl Default for GeneratorWidths {
    fn default() -> Self {
        Self {
            bar_generators: BarGenerators::PerTrack,
            temporal: 128,
            harmony: 48,
            beat: 96,
            step: 64,
            octave: 32,
            cell: 32,
            batch_normalization: true,
        }
    }
}

/// Widths of the encoder of given tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncoderWidths {
    /// A bar.
    pub bar: usize,
    /// A beat.
    pub beat: usize,
    /// A step.
    pub step: usize,
    /// An octave of a step.
    pub octave: usize,
}

impl Default for EncoderWidths {
    fn default() -> Self {
        Self { bar: 64, beat: 64, step: 32, octave: 12 }
    }
}

/// Widths of the convolutional generator's layers; the default is the published network for 48 steps
/// a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConvolutionalWidths {
    /// All tracks: a bar.
    pub bar: usize,
    /// All tracks: a window of octaves of a beat.
    pub beat: usize,
    /// All tracks: an octave of a shared step.
    pub step: usize,
    /// Steps of a beat that all tracks share; divides the steps that the grid has in one.
    pub shared_steps: usize,
    /// Per track: the first layer of each of its two branches.
    pub branch: usize,
    /// Per track: the second layer of each, one place a cell.
    pub cell: usize,
    /// Whether every pitch of a track has a bias of its own, which starts at how often it sounds; not
    /// in the published network.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pitch_bias: bool,
    /// The encoder of an accompanying model; absent when it composes from scratch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder: Option<ConvolutionalEncoderWidths>,
}

impl Default for ConvolutionalWidths {
    fn default() -> Self {
        Self {
            bar: 512,
            beat: 256,
            step: 128,
            shared_steps: 4,
            branch: 32,
            cell: 16,
            pitch_bias: false,
            encoder: None,
        }
    }
}

/// Widths of the refiner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RefinerWidths {
    /// Channels inside a residual unit; 64 as published.
    pub channels: usize,
    /// Residual units; 2 as published.
    pub units: usize,
}

impl Default for RefinerWidths {
    fn default() -> Self {
        Self { channels: 8, units: 2 }
    }
}

/// Widths of the encoder of a convolutional model, each heard by the generator's layer that grows
/// from places of its size; the default is the published network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConvolutionalEncoderWidths {
    /// A phrase.
    pub phrase: usize,
    /// A bar.
    pub bar: usize,
    /// A window of octaves of a beat.
    pub beat: usize,
    /// The second layer of each of its two branches: an octave of a shared step.
    pub branch: usize,
    /// The first layer of each: an octave of a step, and a pitch of a shared step.
    pub cell: usize,
}

impl Default for ConvolutionalEncoderWidths {
    fn default() -> Self {
        Self { phrase: 256, bar: 128, beat: 64, branch: 32, cell: 16 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_grid_has_the_cells_of_a_phrase() {
        let grid = Grid::small();
        assert_eq!((grid.steps(), grid.rows(), grid.cell_features()), (64, 448, 24));
    }
}
