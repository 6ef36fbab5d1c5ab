//! Which critic a run trains, and how wide its layers are.

use serde::{Deserialize, Serialize};

use crate::model::ModelError;
use crate::model::config::Grid;

/// A critic's layer table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CriticKind {
    /// The small multi-stream critic: private and shared streams, chroma, densities, registers.
    #[default]
    Streams,
    /// The multi-stream critic of Dong and Yang 2018 and the later MuseGAN release.
    Published,
    /// No streams: all tracks together from the first layer on ("ablated II" of Dong and Yang 2018).
    Baseline,
    /// The bar critic with the phrase critic on top (Dong et al. 2018).
    BarPhrase,
}

/// Which critic, and its widths; a width that is absent is the kind's own (see
/// [`CriticConfig::widths`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CriticConfig {
    /// The layer table.
    pub kind: CriticKind,
    /// One critic for each track, which sees only that track, instead of one critic of all: the
    /// jamming model as Dong et al. 2018 describe it.
    pub per_track: bool,
    /// `streams`, `published`. Per track: an octave of a place in time, in each of the two private
    /// streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<usize>,
    /// `streams`, `published`. Per track: both private streams merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<usize>,
    /// All kinds. All tracks: a window of octaves; layers before it and after it are multiples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<usize>,
    /// `streams`, `published`: a bar of all tracks. `bar_phrase`: the last layer before the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<usize>,
    /// `streams`, `published`. The chroma stream; 0 leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chroma: Option<usize>,
    /// `streams`: the onset and density stream. `published`: the onset and offset stream. 0 leaves it
    /// out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onset: Option<usize>,
    /// `streams`. The register stream; 0 leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<usize>,
    /// All kinds. The join of neighbouring bars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<usize>,
}

/// The widths of a critic's layers, as in [`CriticConfig`]; 0 where its kind has no such layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the keys of `CriticConfig`
pub struct CriticWidths {
    pub private: usize,
    pub merged: usize,
    pub window: usize,
    pub shared: usize,
    pub chroma: usize,
    pub onset: usize,
    pub register: usize,
    pub join: usize,
}

impl CriticConfig {
    /// The default widths of `kind`.
    pub fn of(kind: CriticKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// The widths on `grid`: those given, and the kind's own for the rest. These are the published ones
    /// from 48 steps a bar on, and some that train on a CPU below.
    pub fn widths(&self, grid: &Grid) -> CriticWidths {
        let own = own_widths(self.kind, grid);
        CriticWidths {
            private: self.private.unwrap_or(own.private),
            merged: self.merged.unwrap_or(own.merged),
            window: self.window.unwrap_or(own.window),
            shared: self.shared.unwrap_or(own.shared),
            chroma: self.chroma.unwrap_or(own.chroma),
            onset: self.onset.unwrap_or(own.onset),
            register: self.register.unwrap_or(own.register),
            join: self.join.unwrap_or(own.join),
        }
    }

    /// Checks that this critic can be built for `grid`.
    ///
    /// # Errors
    /// [`ModelError::Config`] naming the key.
    pub fn check(&self, grid: &Grid) -> Result<(), ModelError> {
        let widths = self.widths(grid);
        let keys = [
            ("private", self.private, widths.private),
            ("merged", self.merged, widths.merged),
            ("window", self.window, widths.window),
            ("shared", self.shared, widths.shared),
            ("chroma", self.chroma, widths.chroma),
            ("onset", self.onset, widths.onset),
            ("register", self.register, widths.register),
            ("join", self.join, widths.join),
        ];
        let [needed, optional] = self.kind.layers();
        let kind = self.kind.name();
        for (key, given, width) in keys {
            if needed.contains(&key) && width == 0 {
                let instead = match key {
                    "private" | "merged" => "; a critic without private streams is `kind: baseline`",
                    _ => "",
                };
                return Err(ModelError::Config(format!(
                    "`critic.{key}` must be at least 1 in `kind: {kind}`, got 0{instead}"
                )));
            }
            let known = needed.contains(&key) || optional.contains(&key);
            if !known && given.is_some_and(|width| width > 0) {
                return Err(ModelError::Config(format!(
                    "`critic.{key}` is not a layer of `kind: {kind}`: leave it out"
                )));
            }
        }
        Ok(())
    }
}

impl CriticKind {
    /// Its name in a config.
    pub fn name(self) -> &'static str {
        match self {
            Self::Streams => "streams",
            Self::Published => "published",
            Self::Baseline => "baseline",
            Self::BarPhrase => "bar_phrase",
        }
    }

    /// Keys of the layers that it cannot do without, and of those that it can.
    fn layers(self) -> [&'static [&'static str]; 2] {
        match self {
            Self::Streams => {
                [&["private", "merged", "window", "shared", "join"], &["chroma", "onset", "register"]]
            }
            Self::Published => [&["private", "merged", "window", "shared", "join"], &["chroma", "onset"]],
            Self::Baseline => [&["window", "join"], &[]],
            Self::BarPhrase => [&["window", "shared", "join"], &[]],
        }
    }
}

/// Steps a bar from which on a grid is as fine as those of the papers.
const FINE: usize = 48;

/// Whether `grid` is as fine as those of the papers.
pub(super) fn is_fine(grid: &Grid) -> bool {
    grid.steps_per_bar >= FINE
}

fn own_widths(kind: CriticKind, grid: &Grid) -> CriticWidths {
    let none = CriticWidths::default();
    match (kind, is_fine(grid)) {
        (CriticKind::Streams, _) => CriticWidths {
            private: 32,
            merged: 32,
            window: 96,
            shared: 160,
            chroma: 96,
            onset: 48,
            register: 48,
            join: 160,
        },
        (CriticKind::Published, true) => CriticWidths {
            private: 32,
            merged: 64,
            window: 128,
            shared: 256,
            chroma: 64,
            onset: 64,
            join: 512,
            ..none
        },
        (CriticKind::Published, false) => CriticWidths {
            private: 16,
            merged: 32,
            window: 64,
            shared: 128,
            chroma: 64,
            onset: 32,
            join: 256,
            ..none
        },
        (CriticKind::Baseline, true) => CriticWidths { window: 128, join: 1024, ..none },
        (CriticKind::Baseline, false) => CriticWidths { window: 40, join: 160, ..none },
        (CriticKind::BarPhrase, true) => CriticWidths { window: 128, shared: 1024, join: 512, ..none },
        (CriticKind::BarPhrase, false) => CriticWidths { window: 40, shared: 160, join: 160, ..none },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> CriticConfig {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn a_config_without_a_kind_is_the_small_multi_stream_critic() {
        let config = read("{ private: 6, chroma: 0 }");
        assert_eq!(config.kind, CriticKind::Streams);
        let widths = config.widths(&Grid::small());
        assert_eq!((widths.private, widths.chroma, widths.shared), (6, 0, 160));
        assert_eq!(read(&serde_yaml::to_string(&config).unwrap()), config);
    }

    #[test]
    fn impossible_combinations_are_refused_by_key() {
        let cases = [
            ("{ private: 0 }", "`critic.private`"),
            ("{ private: 0 }", "kind: baseline"),
            ("{ join: 0 }", "`critic.join`"),
            ("{ kind: published, register: 8 }", "`critic.register`"),
            ("{ kind: published, merged: 0 }", "`critic.merged`"),
            ("{ kind: baseline, chroma: 8 }", "`critic.chroma`"),
            ("{ kind: baseline, window: 0 }", "`critic.window`"),
            ("{ kind: bar_phrase, private: 8 }", "`critic.private`"),
            ("{ kind: bar_phrase, shared: 0 }", "`critic.shared`"),
        ];
        for (text, named) in cases {
            let error = read(text).check(&Grid::small()).unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn every_kind_can_be_built_on_every_grid_as_it_is() {
        for kind in ["streams", "published", "baseline", "bar_phrase"] {
            let config =
                read(&format!("{{ kind: {kind}, per_track: true, chroma: 0, onset: 0, register: 0 }}"));
            assert_eq!(config.kind.name(), kind);
            for steps_per_bar in [4, 8, 16, 24, 48, 96] {
                config.check(&Grid { steps_per_bar, ..Grid::small() }).unwrap();
            }
        }
    }
}
