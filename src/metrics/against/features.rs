//! What a phrase is compared by: named features, each of one number or of several.

use rayon::prelude::*;

use crate::base::{Cancel, suggestion};
use crate::metrics::piece::{Features as PieceFeatures, features_until};
use crate::metrics::{MetricsError, Options, measure};
use crate::music::Multitrack;

/// The features of the mix that are taken together with the bar-level measures.
const OF_MIX: [&str; 8] = [
    "pitch_range",
    "mean_pitch_interval",
    "mean_inter_onset_interval",
    "pitch_class_entropy",
    "scale_consistency",
    "groove_consistency",
    "grooving_similarity",
    "empty_beat_rate",
];

/// The features of a set of phrases.
///
/// Those are the bar-level measures of every track and the mix and the tonal distances (`bass.notes`,
/// `tonal_distance.piano-bass`), as means over the bars of the phrase, and the nine features of Yang and
/// Lerch (2020) of every track and the mix (`bass.pitch_class_histogram`), of which four are of 12 or 144
/// numbers and compared by their Euclidean distance.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    names: Vec<String>,
    /// `[feature][phrase]`; empty where undefined.
    values: Vec<Vec<Vec<f64>>>,
    phrases: usize,
}

impl Features {
    /// Measures every phrase.
    ///
    /// # Errors
    /// [`MetricsError::Stopped`] when `cancel` is raised before it is done.
    pub fn of(phrases: &[Multitrack], definitions: &Options, cancel: &Cancel) -> Result<Self, MetricsError> {
        let of_one = |phrase: &Multitrack| -> Result<Vec<(String, Vec<f64>)>, MetricsError> {
            let bars = measure(phrase, definitions).figures();
            let mut all: Vec<(String, Vec<f64>)> =
                bars.into_iter().map(|(name, value)| (name, value.into_iter().collect())).collect();
            let piece = features_until(cancel, phrase, &definitions.scale)?;
            let mix = ("mix".to_owned(), piece.mix);
            for (track, features) in piece.tracks.iter().chain([&mix]) {
                let more = OF_MIX.iter().filter(|_| track == "mix");
                for name in PieceFeatures::YANG_LERCH.iter().chain(more) {
                    let path = format!("{track}.{name}");
                    if !all.iter().any(|(known, _)| *known == path) {
                        let value = features.get(name).map(|value| value.coordinates());
                        all.push((path, value.unwrap_or_default()));
                    }
                }
            }
            Ok(all)
        };
        let each: Vec<Vec<(String, Vec<f64>)>> = phrases.par_iter().map(of_one).collect::<Result<_, _>>()?;
        let mut names: Vec<String> = Vec::new();
        let mut values: Vec<Vec<Vec<f64>>> = Vec::new();
        for (phrase, figures) in each.into_iter().enumerate() {
            for (name, value) in figures {
                let place = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                    names.push(name);
                    values.push(vec![Vec::new(); phrases.len()]);
                    names.len() - 1
                });
                values[place][phrase] = value;
            }
        }
        Ok(Self { names, values, phrases: phrases.len() })
    }

    /// Names of the features, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of phrases.
    pub fn len(&self) -> usize {
        self.phrases
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.phrases == 0
    }

    /// The feature's numbers for each phrase, none where it is undefined; all undefined when there is no
    /// such feature.
    pub fn values(&self, name: &str) -> Vec<&[f64]> {
        match self.names.iter().position(|known| known == name) {
            Some(place) => self.values[place].iter().map(Vec::as_slice).collect(),
            None => vec![&[]; self.phrases],
        }
    }

    /// The phrases in which a feature is defined, and its numbers there.
    pub fn defined(&self, name: &str) -> (Vec<usize>, Vec<Vec<f64>>) {
        let values = self.values(name).into_iter().enumerate().filter(|(_, value)| !value.is_empty());
        values.map(|(phrase, value)| (phrase, value.to_vec())).unzip()
    }

    /// Names of the features that are taken together: single numbers that say something of their own. Of
    /// the nine features those that are about the whole phrase stay out, as the bar-level measures have
    /// them for each track.
    pub(super) fn joint_names(&self) -> impl Iterator<Item = &String> {
        let is_of_bars = |measure: &str| crate::metrics::TrackMetrics::NAMES.contains(&measure);
        self.names.iter().filter(move |name| match name.split_once('.') {
            Some(("tonal_distance", _)) => true,
            Some(("mix", measure)) => is_of_bars(measure) || OF_MIX.contains(&measure),
            Some((_, measure)) => is_of_bars(measure),
            None => false,
        })
    }

    /// Those of the features, in their order, that one of `wanted` means: by name, track or measure. All
    /// when nothing is wanted.
    ///
    /// # Errors
    /// [`MetricsError::Feature`] when one means none.
    pub fn select(&self, wanted: &[String]) -> Result<Vec<String>, MetricsError> {
        let means = |word: &str, name: &str| {
            word == name
                || name.split_once('.').is_some_and(|(track, measure)| word == track || word == measure)
        };
        for word in wanted {
            if !self.names.iter().any(|name| means(word, name)) {
                let parts = self.names.iter().flat_map(|name| name.split('.'));
                let known = self.names.iter().map(String::as_str).chain(parts);
                let hint = suggestion(word, known);
                return Err(MetricsError::Feature { name: word.clone(), hint });
            }
        }
        let keep = |name: &&String| wanted.is_empty() || wanted.iter().any(|word| means(word, name));
        Ok(self.names.iter().filter(keep).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Resolution, Track};

    fn phrase(family: Family, plane: &[u128]) -> Multitrack {
        let track = Track::of_family(family, Pianoroll::from_sounding(plane.to_vec()));
        Multitrack::new(vec![track], Resolution::MODEL)
    }

    fn of(phrases: &[Multitrack]) -> Features {
        Features::of(phrases, &Options::default(), &Cancel::new()).unwrap()
    }

    #[test]
    fn a_feature_is_a_number_or_several_and_nothing_where_it_is_undefined() {
        let features = of(&[phrase(Family::Bass, &[1 << 36; 48]), phrase(Family::Piano, &[1 << 60; 48])]);
        assert_eq!(features.values("bass.notes"), [&[1.0][..], &[]]);
        assert_eq!(features.values("piano.pitch_class_histogram")[1][0], 1.0);
        assert_eq!(features.values("kazoo.notes"), [&[] as &[f64], &[]]);
        assert_eq!(features.defined("piano.notes"), (vec![1], vec![vec![1.0]]));
        assert_eq!(features.len(), 2);
    }

    #[test]
    fn features_are_chosen_by_name_track_or_measure() {
        let features = of(&[phrase(Family::Bass, &[1 << 36; 48])]);
        let select =
            |words: &[&str]| features.select(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        assert_eq!(select(&["bass.notes"]).unwrap(), ["bass.notes"]);
        assert_eq!(select(&["notes"]).unwrap(), ["bass.notes", "mix.notes"]);
        assert!(select(&["bass"]).unwrap().len() > 8);
        assert_eq!(select(&[]).unwrap(), features.names());
        let error = select(&["bass.notse"]).unwrap_err().to_string();
        assert!(error.contains("did you mean `bass.notes`?"), "{error}");
    }

    #[test]
    fn features_taken_together_are_single_numbers() {
        let features = of(&[phrase(Family::Bass, &[1 << 36; 48])]);
        let joint: Vec<&String> = features.joint_names().collect();
        assert!(joint.contains(&&"bass.notes".to_owned()) && joint.contains(&&"mix.pitch_range".to_owned()));
        assert!(!joint.iter().any(|name| name.contains("histogram")), "{joint:?}");
    }
}
