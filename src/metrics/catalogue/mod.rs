//! What every measure means: formula, unit, range, source, and an example that was worked out by hand.
//!
//! The data is here once, for people who ask (`ricercar metrics --list`, `metrics::about` in scripts), for
//! `docs/metrics.md`, and for suggestions. A test measures each example.

mod bars;
mod pitches;
mod render;
mod rhythm;

use super::{FeatureValue, Features, MetricsError, Options, TrackMetrics, features, measure};
use crate::base::did_you_mean;
use crate::music::{Family, Multitrack, Note, Pianoroll, Pitch, Resolution, Scale, Track};

pub use render::page;

/// What a measure is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A bar of a track or of the mix; of more bars, the mean over those in which it is defined.
    Bar,
    /// Two pitched tracks, beat by beat.
    Pair,
    /// A whole piece: a track of it, or the mix.
    Piece,
}

/// A measure, explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What scripts and tables call it.
    pub name: &'static str,
    /// What it is taken of.
    pub level: Level,
    /// What it tells, in a sentence.
    pub meaning: &'static str,
    /// How it is computed.
    pub formula: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// The values it can have.
    pub range: &'static str,
    /// Where it is undefined.
    pub undefined: &'static str,
    /// Who described it.
    pub source: &'static str,
    /// What the papers' programs compute instead; empty where there is nothing to tell.
    pub papers: &'static str,
    /// An example.
    pub example: Example,
}

/// A note `(first step, pitch, step after the last)`, at 12 steps a beat.
type Played = (usize, i64, usize);

/// Music and what it measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What each track plays.
    pub(super) tracks: &'static [(Family, &'static [Played])],
    /// Length in bars of 4/4.
    pub(super) bars: usize,
    /// How many times it is played.
    pub(super) times: usize,
    /// The track, `mix`, or a pair such as `piano-bass`.
    pub(super) of: &'static str,
    /// What it measures.
    pub(super) value: Known,
    /// The sum as one does it by hand.
    pub by_hand: &'static str,
}

/// A value that was worked out by hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Known {
    Number(f64),
    /// The shares that are not zero, by their places, rows one after another.
    Shares(&'static [(usize, f64)]),
    Key(&'static str),
}

/// Every measure: of bars, of pairs, of pieces.
pub fn measures() -> impl Iterator<Item = &'static Measure> {
    bars::MEASURES.iter().chain(pitches::MEASURES).chain(rhythm::MEASURES)
}

/// The measure called `name`.
///
/// # Errors
/// [`MetricsError::Measure`] when there is none, with the nearest.
pub fn about(name: &str) -> Result<&'static Measure, MetricsError> {
    measures().find(|measure| measure.name == name).ok_or_else(|| unknown(name, &[]))
}

/// The error that there is no measure `name`, of the names in `known` or, if that is empty, of all. It
/// suggests the nearest of these, or else the nearest of all with where it is found; if none is near, it
/// lists these.
pub fn unknown(name: &str, known: &[&str]) -> MetricsError {
    let all = || measures().map(|measure| measure.name);
    let listed: Vec<&str> = if known.is_empty() { all().collect() } else { known.to_vec() };
    let elsewhere = |near: &str| {
        let measure = measures().find(|measure| measure.name == near);
        measure.map_or("", |measure| match measure.level {
            Level::Bar => " of `metrics()`",
            Level::Pair => " of `metrics()`, by pair",
            Level::Piece => " of `features()`",
        })
    };
    let exact = all().find(|known| *known == name);
    let near = did_you_mean(name, listed.iter().copied());
    let hint = match (exact, near) {
        (Some(exact), _) => format!("; `{exact}` is a measure{}", elsewhere(exact)),
        (_, Some(near)) => format!("; did you mean `{near}`?"),
        _ => did_you_mean(name, all()).map_or_else(
            || format!(": there are {}", listed.join(", ")),
            |near| format!("; did you mean `{near}`{}?", elsewhere(near)),
        ),
    };
    MetricsError::Measure { name: name.to_owned(), hint }
}

impl Measure {
    /// All that is known of it, on several lines.
    pub fn text(&self) -> String {
        render::text(self)
    }
}

impl Example {
    /// The music.
    pub fn music(&self) -> Multitrack {
        let steps = self.bars * 48;
        let note = |round: usize, &(start, pitch, end): &Played| {
            let pitch = Pitch::new(pitch).ok()?;
            Some(Note { start: round * steps + start, pitch, end: round * steps + end, velocity: 100 })
        };
        let track = |(family, notes): &(Family, &[Played])| {
            let notes: Vec<Note> =
                (0..self.times).flat_map(|round| notes.iter().filter_map(move |n| note(round, n))).collect();
            let roll = Pianoroll::from_notes(steps * self.times, &notes).without_velocities();
            Track::of_family(*family, roll)
        };
        Multitrack::new(self.tracks.iter().map(track).collect(), Resolution::MODEL)
    }

    /// What the music measures, by the default options.
    pub fn measured(&self, measure_name: &str) -> Option<FeatureValue> {
        let music = self.music();
        let number = |value: Option<f64>| value.map_or(FeatureValue::Undefined, FeatureValue::Number);
        if Features::NAMES.contains(&measure_name) || Features::OTHERS.contains(&measure_name) {
            let features = features(&music, &Scale::c_major());
            return features.track(self.of)?.get(measure_name).ok();
        }
        let metrics = measure(&music, &Options::default());
        if measure_name == "tonal_distance" {
            let found = metrics.tonal_distance.iter().find(|(pair, _)| pair == self.of);
            return found.map(|(_, value)| number(*value));
        }
        let index = TrackMetrics::NAMES.iter().position(|known| *known == measure_name)?;
        let values = if self.of == "mix" { &metrics.mix } else { metrics.track(self.of)? };
        Some(number(values.values()[index]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_measure_is_explained_once() {
        let names: Vec<&str> = measures().map(|measure| measure.name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        let all = TrackMetrics::NAMES.into_iter().chain(["tonal_distance"]);
        let all: HashSet<&str> = all.chain(Features::NAMES).chain(Features::OTHERS).collect();
        assert_eq!(names.into_iter().collect::<HashSet<_>>(), all);
    }

    #[test]
    fn every_example_measures_what_was_worked_out_by_hand() {
        for measure in measures() {
            let (name, example) = (measure.name, &measure.example);
            let got = example.measured(name).unwrap_or_else(|| panic!("{name}: no `{}`", example.of));
            let got_numbers = got.coordinates();
            match example.value {
                Known::Number(number) => {
                    assert_eq!(got_numbers.len(), 1, "{name}: {got:?}");
                    assert!((got_numbers[0] - number).abs() < 1e-9, "{name}: {got:?}, by hand {number}");
                }
                Known::Shares(shares) => {
                    let mut expected = vec![0.0; got_numbers.len()];
                    shares.iter().for_each(|(place, share)| expected[*place] = *share);
                    let near = got_numbers.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9);
                    assert!(near && !expected.is_empty(), "{name}: {got:?}");
                }
                Known::Key(key) => {
                    assert!(matches!(&got, FeatureValue::Key(k) if k.to_string() == key), "{name}: {got:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_left_unsaid() {
        for measure in measures() {
            let Measure { meaning, formula, unit, range, undefined, source, example, .. } = measure;
            for text in [meaning, formula, unit, range, undefined, source, &example.by_hand] {
                assert!(!text.is_empty(), "{}", measure.name);
            }
        }
    }

    #[test]
    fn near_names_are_found_among_all_measures_and_told_where_they_are() {
        assert_eq!(about("groove_consistency").unwrap().level, Level::Piece);
        let error = about("groove_consistancy").unwrap_err().to_string();
        assert!(error.ends_with("did you mean `groove_consistency`?"), "{error}");
        let error = unknown("polyphony_rat", &TrackMetrics::NAMES).to_string();
        assert!(error.contains("did you mean `polyphon"), "{error}");
        let error = unknown("polyphony_rate", &TrackMetrics::NAMES).to_string();
        assert!(error.ends_with("`polyphony_rate` is a measure of `features()`"), "{error}");
        let error = unknown("kazoo", &["notes", "pitches"]).to_string();
        assert_eq!(error, "no measure `kazoo`: there are notes, pitches");
        let error = unknown("empty_bar_rate", &Features::NAMES).to_string();
        assert!(error.ends_with("`empty_bar_rate` is a measure of `metrics()`"), "{error}");
    }
}
