//! The figures, and how they are shown and written.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use super::MetricFamily;
use super::grid::{self, cell};
use crate::music::Resolution;

/// The measures of a track, of one bar or as means over the bars in which each is defined; `None`
/// where it is defined in no bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TrackMetrics {
    /// Share of bars in which nothing sounds, 0..=1.
    pub empty_bar_rate: Option<f64>,
    /// Notes in a bar that is not empty.
    pub notes: Option<f64>,
    /// Different pitches in a bar that is not empty.
    pub pitches: Option<f64>,
    /// Different pitch classes in a bar that is not empty, 1..=12.
    pub pitch_classes: Option<f64>,
    /// Share of notes that are long enough, 0..=1.
    pub qualified_note_rate: Option<f64>,
    /// Share of steps with enough pitches at once, 0..=1.
    pub polyphonic_rate: Option<f64>,
    /// Share of notes in the scale, 0..=1.
    pub in_scale_rate: Option<f64>,
    /// How far drum onsets keep to the sixteenths, 0..=1; for drums at 12 or 24 steps a beat.
    pub drum_pattern_rate: Option<f64>,
}

impl TrackMetrics {
    /// Names of the measures, in the order of [`TrackMetrics::values`].
    pub const NAMES: [&str; 8] = [
        "empty_bar_rate",
        "notes",
        "pitches",
        "pitch_classes",
        "qualified_note_rate",
        "polyphonic_rate",
        "in_scale_rate",
        "drum_pattern_rate",
    ];

    /// The values, in the order of [`TrackMetrics::NAMES`].
    pub fn values(&self) -> [Option<f64>; Self::NAMES.len()] {
        [
            self.empty_bar_rate,
            self.notes,
            self.pitches,
            self.pitch_classes,
            self.qualified_note_rate,
            self.polyphonic_rate,
            self.in_scale_rate,
            self.drum_pattern_rate,
        ]
    }

    pub(super) fn from_values(values: [Option<f64>; Self::NAMES.len()]) -> Self {
        let [
            empty_bar_rate,
            notes,
            pitches,
            pitch_classes,
            qualified_note_rate,
            polyphonic_rate,
            in_scale_rate,
            drum_pattern_rate,
        ] = values;
        Self {
            empty_bar_rate,
            notes,
            pitches,
            pitch_classes,
            qualified_note_rate,
            polyphonic_rate,
            in_scale_rate,
            drum_pattern_rate,
        }
    }
}

/// The measures of a piece or of a set of phrases.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    /// Whose definitions the values follow.
    pub family: MetricFamily,
    /// Number of bars.
    pub bars: usize,
    /// Steps per beat of what was measured.
    pub resolution: Resolution,
    /// Each track by name, in the piece's order.
    pub tracks: Vec<(String, TrackMetrics)>,
    /// All pitched tracks in one; undefined where there is none.
    pub mix: TrackMetrics,
    /// Mean tonal distance of each pair of pitched tracks, named such as `piano-bass` in the order of
    /// families, over the beats in which both sound.
    pub tonal_distance: Vec<(String, Option<f64>)>,
}

impl Metrics {
    /// The measures of the track called `name`, in any case.
    pub fn track(&self, name: &str) -> Option<&TrackMetrics> {
        self.tracks.iter().find(|(track, _)| track.eq_ignore_ascii_case(name)).map(|(_, values)| values)
    }

    /// Every figure by its path, such as `drums.notes`, `mix.notes` or `tonal_distance.piano-bass`.
    pub fn figures(&self) -> Vec<(String, Option<f64>)> {
        let mix = ("mix".to_owned(), self.mix);
        let of_track = |(track, values): &(String, TrackMetrics)| {
            let named = TrackMetrics::NAMES.iter().zip(values.values());
            named.map(|(name, value)| (format!("{track}.{name}"), value)).collect::<Vec<_>>()
        };
        let pairs =
            self.tonal_distance.iter().map(|(pair, value)| (format!("tonal_distance.{pair}"), *value));
        self.tracks.iter().chain([&mix]).flat_map(of_track).chain(pairs).collect()
    }

    /// The figures of a file as JSON:
    /// `{"file", "family", "bars", "resolution", "tracks": {NAME: {…}}, "tonal_distance": {"A-B": x}}`, with
    /// `null` where a value is undefined.
    pub fn to_json(&self, file: &str) -> Value {
        let tracks: Map<String, Value> =
            self.tracks.iter().map(|(name, values)| (name.clone(), json!(values))).collect();
        let pairs: Map<String, Value> =
            self.tonal_distance.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        json!({
            "file": file,
            "family": self.family.name(),
            "bars": self.bars,
            "resolution": self.resolution.steps(),
            "tracks": tracks,
            "tonal_distance": pairs,
        })
    }
}

impl fmt::Display for Metrics {
    /// A table of measures by tracks, with `–` where a value is undefined, and the pairs below.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut columns: Vec<(&str, TrackMetrics)> =
            self.tracks.iter().map(|(name, values)| (name.as_str(), *values)).collect();
        if !self.tonal_distance.is_empty() {
            columns.push(("mix", self.mix));
        }
        let title = match self.family {
            MetricFamily::Exact => format!("{} bars", self.bars),
            family => format!("{} bars, {}", self.bars, family.name()),
        };
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let row = |(row, name): (usize, &&'static str)| {
            (*name, columns.iter().map(|(_, values)| cell(values.values()[row])).collect())
        };
        grid::write(f, &title, &names, TrackMetrics::NAMES.iter().enumerate().map(row))?;
        if !self.tonal_distance.is_empty() {
            write!(f, "\ntonal_distance")?;
            let label = self.tonal_distance.iter().map(|(pair, _)| pair.width()).max().unwrap_or(0);
            for (pair, value) in &self.tonal_distance {
                write!(f, "\n  {pair}{}  {:>7}", " ".repeat(label - pair.width()), cell(*value))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        let silent = TrackMetrics { empty_bar_rate: Some(1.0), ..TrackMetrics::default() };
        let piano = TrackMetrics { notes: Some(7.5), ..TrackMetrics::from_values([Some(0.25); 8]) };
        Metrics {
            family: MetricFamily::Exact,
            bars: 4,
            resolution: Resolution::MODEL,
            tracks: vec![("drums".into(), silent), ("piano".into(), piano)],
            mix: piano,
            tonal_distance: vec![("piano-bass".into(), Some(1.07)), ("piano-strings".into(), None)],
        }
    }

    #[test]
    fn undefined_values_are_null_in_json() {
        let json = metrics().to_json("a.mid");
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["file", "family", "bars", "resolution", "tracks", "tonal_distance"]);
        let drums = json["tracks"]["drums"].as_object().unwrap();
        assert!(drums.keys().eq(TrackMetrics::NAMES));
        assert_eq!((&drums["empty_bar_rate"], &drums["notes"]), (&json!(1.0), &Value::Null));
        assert_eq!(json["tonal_distance"], json!({ "piano-bass": 1.07, "piano-strings": null }));
    }

    #[test]
    fn the_table_is_aligned_and_shows_a_dash_where_undefined() {
        let table = metrics().to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "4 bars                 drums    piano      mix");
        assert_eq!(lines[2], "notes                      –    7.500    7.500");
        assert_eq!(lines[10], "  piano-bass       1.070");
        assert_eq!(lines[11], "  piano-strings        –");
        assert!(lines[..9].iter().all(|line| line.width() == lines[0].width()), "{table}");
    }

    #[test]
    fn figures_are_named_by_their_path() {
        let figures = metrics().figures();
        let value = |name: &str| figures.iter().find(|(n, _)| n == name).unwrap().1;
        assert_eq!(value("piano.notes"), Some(7.5));
        assert_eq!(value("mix.notes"), Some(7.5));
        assert_eq!(value("tonal_distance.piano-bass"), Some(1.07));
        assert_eq!(figures.len(), 8 * 3 + 2);
    }
}
