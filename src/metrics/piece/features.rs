//! The features of one track or of the mix.

use super::key::{Key, best_key, pitch_in_scale_rate};
use super::part::Part;
use super::pitches::{class_counts, entropy, pitch_counts};
use super::{chords, drums, groove, lengths, pitches, rest, structure, windows};
use crate::metrics::{MetricsError, catalogue};
use crate::music::Scale;

/// Twelve shares, which sum to 1.
pub type Histogram = [f64; 12];
/// Shares of pairs, `[from][to]`, which sum to 1.
pub type Transitions = [Histogram; 12];

/// The struct, the names of its numbers, and both ways between it and an array of them.
macro_rules! features {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The features of a track or of the mix of a piece, or their means over pieces; `None` where one is
        /// undefined. Formulas, ranges and sources are in the [catalogue](crate::metrics::catalogue).
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Features {
            $($(#[$doc])* pub $name: Option<f64>,)*
            /// Share of the sounding time that each pitch class has, from C.
            pub pitch_class_histogram: Option<Histogram>,
            /// Share of each pair of pitch classes among notes and the next.
            pub pitch_class_transition: Option<Box<Transitions>>,
            /// Share of the notes in each of [`NOTE_LENGTHS`](super::NOTE_LENGTHS).
            pub note_length_histogram: Option<Histogram>,
            /// Share of each pair of note lengths among notes and the next.
            pub note_length_transition: Option<Box<Transitions>>,
            /// The key whose scale has the most notes; of several pieces, that of the most.
            pub best_key: Option<Key>,
        }

        impl Features {
            /// Names of the features that are numbers, in the order of [`Features::values`].
            pub const NAMES: [&str; [$(stringify!($name)),*].len()] = [$(stringify!($name)),*];

            /// The numbers, in the order of [`Features::NAMES`].
            pub fn values(&self) -> [Option<f64>; Self::NAMES.len()] {
                [$(self.$name),*]
            }

            /// Features with these numbers, and no others.
            pub(super) fn from_values(values: [Option<f64>; Self::NAMES.len()]) -> Self {
                let [$($name),*] = values;
                Self { $($name,)* ..Self::default() }
            }
        }
    };
}

features! {
    /// Different pitches (of drums, instruments).
    pitch_count,
    /// Different pitch classes.
    pitch_class_count,
    /// Semitones from the lowest to the highest pitch.
    pitch_range,
    /// Mean distance from a note to the next, in semitones.
    mean_pitch_interval,
    /// Notes in the piece.
    note_count,
    /// Mean time from one onset to the next, in beats.
    mean_inter_onset_interval,
    /// Entropy of the pitches of the notes, in bits.
    pitch_entropy,
    /// Entropy of the pitch classes of the notes, in bits.
    pitch_class_entropy,
    /// The same in windows of one bar, on average.
    pitch_class_entropy_1,
    /// The same in windows of four bars, on average.
    pitch_class_entropy_4,
    /// Share of notes in the scale that was asked for.
    pitch_in_scale_rate,
    /// Share of notes in the scale that has the most of them.
    scale_consistency,
    /// Mean number of pitches at once, where any sounds.
    polyphony,
    /// Share of steps with more than two pitches.
    polyphony_rate,
    /// Share of beats in which nothing sounds.
    empty_beat_rate,
    /// Share of bars in which nothing sounds.
    empty_measure_rate,
    /// How alike each bar and the next are in where notes begin.
    groove_consistency,
    /// How alike all pairs of bars are in where notes begin.
    grooving_similarity,
    /// Different ones among the runs of three chords.
    chord_progression_irregularity,
    /// Repetition of segments of 3 to 8 seconds.
    structure_short,
    /// Repetition of segments of 8 to 15 seconds.
    structure_mid,
    /// Repetition of segments of 15 seconds and more.
    structure_long,
    /// Share of drum notes on quarters of the beat.
    drum_in_pattern_duple,
    /// Share of drum notes on thirds of the beat.
    drum_in_pattern_triple,
    /// The larger of the two.
    drum_pattern_consistency,
}

/// A feature by name.
#[derive(Clone, Debug, PartialEq)]
pub enum FeatureValue {
    /// Not defined for this music.
    Undefined,
    /// A number.
    Number(f64),
    /// Twelve shares.
    Histogram(Histogram),
    /// Shares of pairs.
    Transitions(Box<Transitions>),
    /// A key.
    Key(Key),
}

impl FeatureValue {
    /// The numbers it is made of, rows one after another: one for a number, 12 or 144 of shares, none of a
    /// key or where it is undefined.
    pub fn coordinates(&self) -> Vec<f64> {
        match self {
            Self::Undefined | Self::Key(_) => Vec::new(),
            Self::Number(number) => vec![*number],
            Self::Histogram(shares) => shares.to_vec(),
            Self::Transitions(shares) => shares.concat(),
        }
    }
}

impl Features {
    /// Names of the features that are not single numbers.
    pub const OTHERS: [&str; 5] = [
        "pitch_class_histogram",
        "pitch_class_transition",
        "note_length_histogram",
        "note_length_transition",
        "best_key",
    ];

    /// The nine features of Yang and Lerch.
    pub const YANG_LERCH: [&str; 9] = [
        "pitch_count",
        "pitch_class_histogram",
        "pitch_class_transition",
        "pitch_range",
        "mean_pitch_interval",
        "note_count",
        "mean_inter_onset_interval",
        "note_length_histogram",
        "note_length_transition",
    ];

    /// The feature called `name`.
    ///
    /// # Errors
    /// [`MetricsError::Measure`] when there is none, with the nearest of all measures' names.
    pub fn get(&self, name: &str) -> Result<FeatureValue, MetricsError> {
        let number = |value: Option<f64>| value.map_or(FeatureValue::Undefined, FeatureValue::Number);
        if let Some(index) = Self::NAMES.iter().position(|known| *known == name) {
            return Ok(number(self.values()[index]));
        }
        let histogram = |shares: Option<Histogram>| shares.map(FeatureValue::Histogram);
        let matrix = |shares: &Option<Box<Transitions>>| shares.clone().map(FeatureValue::Transitions);
        let value = match name {
            "pitch_class_histogram" => histogram(self.pitch_class_histogram),
            "pitch_class_transition" => matrix(&self.pitch_class_transition),
            "note_length_histogram" => histogram(self.note_length_histogram),
            "note_length_transition" => matrix(&self.note_length_transition),
            "best_key" => self.best_key.map(FeatureValue::Key),
            _ => {
                let known: Vec<&str> = Self::NAMES.into_iter().chain(Self::OTHERS).collect();
                return Err(catalogue::unknown(name, &known));
            }
        };
        Ok(value.unwrap_or(FeatureValue::Undefined))
    }

    /// Measures a part.
    pub(super) fn of(part: &Part, scale: &Scale) -> Self {
        let has_notes = part.is_pitched || !part.drum_starts.is_empty() || !part.notes.is_empty();
        let (duple, triple) = (drums::drum_in_pattern(part, 4), drums::drum_in_pattern(part, 3));
        let rhythm = Self {
            pitch_count: Some(pitches::pitch_count(part)).filter(|_| has_notes),
            note_count: Some(part.notes.len() as f64).filter(|_| has_notes),
            mean_inter_onset_interval: lengths::mean_inter_onset_interval(part),
            note_length_histogram: lengths::note_length_histogram(part),
            note_length_transition: lengths::note_length_transition(part).map(Box::new),
            polyphony: rest::polyphony(part),
            polyphony_rate: rest::polyphony_rate(part),
            empty_beat_rate: rest::empty_beat_rate(part),
            empty_measure_rate: rest::empty_measure_rate(part),
            groove_consistency: groove::groove_consistency(part),
            grooving_similarity: groove::grooving_similarity(part),
            drum_in_pattern_duple: duple,
            drum_in_pattern_triple: triple,
            drum_pattern_consistency: duple.into_iter().chain(triple).reduce(f64::max),
            ..Self::default()
        };
        if !part.is_pitched {
            return rhythm;
        }
        let best = best_key(part);
        let [structure_short, structure_mid, structure_long] = structure::structure(part);
        Self {
            pitch_class_count: Some(pitches::pitch_class_count(part)),
            pitch_range: pitches::pitch_range(part),
            mean_pitch_interval: pitches::mean_pitch_interval(part),
            pitch_entropy: entropy(&pitch_counts(&part.notes)),
            pitch_class_entropy: entropy(&class_counts(&part.notes)),
            pitch_class_entropy_1: windows::windowed_entropy(part, 1),
            pitch_class_entropy_4: windows::windowed_entropy(part, 4),
            pitch_in_scale_rate: pitch_in_scale_rate(part, scale),
            scale_consistency: best.map(|(_, share)| share),
            best_key: best.map(|(key, _)| key),
            chord_progression_irregularity: chords::chord_progression_irregularity(part),
            structure_short,
            structure_mid,
            structure_long,
            pitch_class_histogram: pitches::pitch_class_histogram(part),
            pitch_class_transition: pitches::pitch_class_transition(part).map(Box::new),
            ..rhythm
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::{piano, track};
    use super::*;
    use crate::music::{Family, Multitrack, Resolution};

    #[test]
    fn every_feature_is_found_by_its_name_and_near_names_are_suggested() {
        let features = piano(192, &[(0, 60, 12), (12, 64, 24)], |part| Features::of(part, &Scale::c_major()));
        for name in Features::NAMES.into_iter().chain(Features::OTHERS) {
            assert!(features.get(name).is_ok(), "{name}");
        }
        assert!(
            Features::YANG_LERCH.iter().all(|name| !features.get(name).unwrap().coordinates().is_empty())
        );
        assert_eq!(features.get("pitch_class_transition").unwrap().coordinates().len(), 144);
        assert_eq!(features.get("structure_long"), Ok(FeatureValue::Undefined));
        let error = features.get("polyphony_rat").unwrap_err().to_string();
        assert!(error.ends_with("did you mean `polyphony_rate`?"), "{error}");
        assert_eq!(Features::from_values(features.values()).values(), features.values());
    }

    #[test]
    fn drums_have_rhythm_and_no_pitch() {
        let drums = track(Family::Drums, 96, &[(0, 36, 1), (12, 38, 13), (48, 36, 49), (60, 38, 61)]);
        let piece = Multitrack::new(vec![drums], Resolution::MODEL);
        let measured = super::super::features(&piece, &Scale::c_major());
        let drums = &measured.tracks[0].1;
        assert_eq!((drums.note_count, drums.pitch_count), (Some(4.0), Some(2.0)));
        assert_eq!((drums.groove_consistency, drums.drum_in_pattern_duple), (Some(1.0), Some(1.0)));
        assert_eq!((drums.pitch_entropy, drums.pitch_range, drums.best_key), (None, None, None));
        // The mix of a piece without a pitched track has its rhythm.
        assert_eq!((measured.mix.groove_consistency, measured.mix.pitch_entropy), (Some(1.0), None));
        assert_eq!(measured.mix.note_length_histogram, None);
    }

    #[test]
    fn no_feature_of_silence_is_not_a_number() {
        for steps in [0, 48, 48 * 17] {
            let silent = piano(steps, &[], |part| Features::of(part, &Scale::c_major()));
            assert!(silent.values().into_iter().flatten().all(f64::is_finite), "{silent:?}");
            assert_eq!((silent.note_count, silent.pitch_class_entropy), (Some(0.0), None));
        }
    }
}
