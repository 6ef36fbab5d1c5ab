//! Means of features over pieces.

use super::PieceMetrics;
use super::features::{Features, Histogram, Transitions};
use super::key::Key;
use crate::metrics::MetricsError;
use crate::metrics::accumulator::Mean;
use crate::music::Resolution;

/// Sums over the pieces in which each feature is defined.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sums {
    numbers: [Mean; Features::NAMES.len()],
    pitch_class_histogram: [Mean; 12],
    pitch_class_transition: Vec<Mean>,
    note_length_histogram: [Mean; 12],
    note_length_transition: Vec<Mean>,
    /// Pieces in each of [`Key::ALL`].
    keys: [u64; 24],
}

impl Sums {
    fn add(&mut self, features: &Features) {
        for (mean, value) in self.numbers.iter_mut().zip(features.values()) {
            value.into_iter().for_each(|value| mean.add(value));
        }
        let histogram = |sums: &mut [Mean; 12], shares: Option<Histogram>| {
            shares.iter().for_each(|shares| sums.iter_mut().zip(shares).for_each(|(sum, x)| sum.add(*x)));
        };
        histogram(&mut self.pitch_class_histogram, features.pitch_class_histogram);
        histogram(&mut self.note_length_histogram, features.note_length_histogram);
        let matrix = |sums: &mut Vec<Mean>, shares: &Option<Box<Transitions>>| {
            let Some(shares) = shares else { return };
            sums.resize(144, Mean::default());
            sums.iter_mut().zip(shares.iter().flatten()).for_each(|(sum, x)| sum.add(*x));
        };
        matrix(&mut self.pitch_class_transition, &features.pitch_class_transition);
        matrix(&mut self.note_length_transition, &features.note_length_transition);
        features.best_key.iter().for_each(|key| self.keys[key.index()] += 1);
    }

    fn finish(&self) -> Features {
        let histogram = |sums: &[Mean; 12]| {
            let means = sums.map(Mean::value);
            means[0].is_some().then(|| means.map(Option::unwrap_or_default))
        };
        let matrix = |sums: &[Mean]| {
            let cell = |from: usize, to: usize| sums[12 * from + to].value().unwrap_or_default();
            let rows = || std::array::from_fn(|from| std::array::from_fn(|to| cell(from, to)));
            (!sums.is_empty()).then(|| Box::new(rows()))
        };
        let most = self.keys.iter().copied().max().filter(|most| *most > 0);
        let key = most.and_then(|most| Key::ALL.into_iter().find(|key| self.keys[key.index()] == most));
        Features {
            pitch_class_histogram: histogram(&self.pitch_class_histogram),
            pitch_class_transition: matrix(&self.pitch_class_transition),
            note_length_histogram: histogram(&self.note_length_histogram),
            note_length_transition: matrix(&self.note_length_transition),
            best_key: key,
            ..Features::from_values(self.numbers.map(Mean::value))
        }
    }
}

/// Sums of the features of any number of pieces of one resolution; tracks are pooled by name.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureSums {
    pieces: usize,
    bars: usize,
    resolution: Resolution,
    tracks: Vec<(String, Sums)>,
    mix: Sums,
}

impl FeatureSums {
    /// Sums over nothing yet, for pieces of this resolution.
    pub fn new(resolution: Resolution) -> Self {
        Self { pieces: 0, bars: 0, resolution, tracks: Vec::new(), mix: Sums::default() }
    }

    /// Adds the features of a piece.
    ///
    /// # Errors
    /// [`MetricsError::Resolution`] when it has another resolution.
    pub fn add(&mut self, features: &PieceMetrics) -> Result<(), MetricsError> {
        if features.resolution != self.resolution {
            return Err(MetricsError::Resolution {
                index: self.pieces,
                found: features.resolution.steps(),
                expected: self.resolution.steps(),
            });
        }
        self.count(features);
        Ok(())
    }

    /// Adds the features of a piece of the right resolution.
    pub(super) fn count(&mut self, features: &PieceMetrics) {
        self.pieces += features.pieces;
        self.bars += features.bars;
        self.mix.add(&features.mix);
        for (name, features) in &features.tracks {
            let known = self.tracks.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
            let place = known.unwrap_or_else(|| {
                self.tracks.push((name.clone(), Sums::default()));
                self.tracks.len() - 1
            });
            self.tracks[place].1.add(features);
        }
    }

    /// The means.
    pub fn finish(&self) -> PieceMetrics {
        PieceMetrics {
            pieces: self.pieces,
            bars: self.bars,
            resolution: self.resolution,
            tracks: self.tracks.iter().map(|(name, sums)| (name.clone(), sums.finish())).collect(),
            mix: self.mix.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::track;
    use super::super::{features, mean_features};
    use super::*;
    use crate::music::{Family, Multitrack, Scale};

    fn piece(family: Family, notes: &[(usize, i64, usize)]) -> Multitrack {
        Multitrack::new(vec![track(family, 48, notes)], Resolution::MODEL)
    }

    #[test]
    fn a_feature_is_averaged_over_the_pieces_that_have_it() {
        let two = piece(Family::Piano, &[(0, 60, 12), (12, 64, 24)]);
        let four = piece(Family::Piano, &[(0, 60, 3), (3, 64, 6), (6, 67, 9), (9, 72, 12)]);
        let silent = piece(Family::Piano, &[]);
        let bass = piece(Family::Bass, &[(0, 36, 12)]);
        let set = [two.clone(), four.clone(), silent, bass];
        let mean = mean_features(&set, &Scale::c_major()).unwrap();
        let piano = &mean.tracks[0].1;
        assert_eq!((mean.pieces, mean.bars, mean.tracks.len()), (4, 4, 2));
        assert_eq!((piano.note_count, piano.pitch_class_entropy), (Some(2.0), Some(1.25)));
        assert_eq!(piano.pitch_class_histogram.unwrap()[0], 0.5);
        assert_eq!(mean.tracks[1].1.note_count, Some(1.0));
        assert_eq!(piano.best_key.unwrap().to_string(), "C major");
        let alone = features(&two, &Scale::c_major());
        assert_eq!(mean_features(&[two], &Scale::c_major()).unwrap(), alone);
    }

    #[test]
    fn other_resolutions_are_refused_and_both_are_named() {
        let one = piece(Family::Piano, &[(0, 60, 12)]);
        let set = [one.clone(), one.resample(Resolution::MIDI)];
        let error = mean_features(&set, &Scale::c_major()).unwrap_err().to_string();
        assert!(error.contains("24 steps per beat") && error.contains("12 were expected"), "{error}");
        let mut sums = FeatureSums::new(Resolution::MODEL);
        assert!(sums.add(&features(&set[1], &Scale::c_major())).is_err());
        assert!(mean_features(&[], &Scale::c_major()).is_err());
    }
}
