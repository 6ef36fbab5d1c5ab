//! Critics by the names that the papers' code gives them.

use super::config::{CriticConfig, CriticKind, is_fine};
use crate::model::config::Grid;

impl CriticConfig {
    /// Names that [`CriticConfig::preset`] knows.
    pub const PRESETS: [&str; 7] = [
        "default",
        "no_chroma_stream",
        "no_onset_offset_stream",
        "no_chroma_onset_offset_streams",
        "proposed",
        "ablated",
        "baseline",
    ];

    /// The critic that the released code calls `name`.
    ///
    /// The later release has `default` and the three without chroma, without onsets and offsets, and
    /// without either; BinaryMuseGAN has `proposed` (twice as wide in its private, chroma and onset
    /// streams), `ablated` (without chroma and onset streams) and `baseline` (without any streams). On
    /// grids coarser than 48 steps a bar each is its counterpart of a size for that grid, where
    /// `proposed` is the same as `default`.
    pub fn preset(name: &str, grid: &Grid) -> Option<Self> {
        let fine = is_fine(grid);
        let default = Self::of(if fine { CriticKind::Published } else { CriticKind::Streams });
        let proposed = match fine {
            true => Self { private: Some(64), chroma: Some(128), onset: Some(128), ..default },
            false => default,
        };
        let without = Some(0);
        Some(match name {
            "default" => default,
            "no_chroma_stream" => Self { chroma: without, ..default },
            "no_onset_offset_stream" => Self { onset: without, ..default },
            "no_chroma_onset_offset_streams" => Self { chroma: without, onset: without, ..default },
            "proposed" => proposed,
            "ablated" => Self { chroma: without, onset: without, ..proposed },
            "baseline" => Self::of(CriticKind::Baseline),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Critic;

    #[test]
    fn presets_take_streams_away_on_every_grid() {
        for steps_per_bar in [16, 48, 96] {
            let grid = Grid { steps_per_bar, planes: 1, ..Grid::small() };
            let names = |preset: &str| -> String {
                let config = CriticConfig::preset(preset, &grid).unwrap();
                config.check(&grid).unwrap();
                let entries = Critic::new(&grid, &config).layout().entries().to_vec();
                entries.iter().map(|e| e.name.as_str()).collect::<Vec<_>>().join(" ")
            };
            for preset in CriticConfig::PRESETS {
                let names = names(preset);
                let without = |what| preset.contains(what) || ["ablated", "baseline"].contains(&preset);
                assert_eq!(names.contains("chroma/"), !without("no_chroma"), "{preset}: {names}");
                let no_onset = without("no_onset") || without("no_chroma_onset");
                assert_eq!(names.contains("onset/"), !no_onset, "{preset}: {names}");
                assert_eq!(names.contains("merged"), preset != "baseline", "{preset}: {names}");
            }
        }
        assert_eq!(CriticConfig::preset("bad_pitch_order", &Grid::small()), None);
    }
}
