//! How far two phrases lie apart: by what they sound, what they play, when, in which harmony, or by their
//! features.

use crate::metrics::Sixteenths;
use crate::music::{Multitrack, pitches_of};

/// Parts of a beat that rhythms are compared by.
const SIXTEENTHS: usize = 4;

/// A way to tell two phrases apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// Share of the sounding cells of either that are not common (Jaccard 1901).
    Cells,
    /// One minus the harmonic mean of the shares of notes that are common.
    Notes,
    /// Share of the onsets of either, whatever their pitch, that are not common.
    Rhythm,
    /// How the sounding time is divided among pitch classes, bar by bar: half the sum of differences.
    Harmony,
    /// Distance in the space of all features, in deviations of real music a feature.
    Features,
}

impl Distance {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Cells, Self::Notes, Self::Rhythm, Self::Harmony, Self::Features];

    /// Names and meanings, as claims offer them.
    pub const MEASURES: [(&'static str, &'static str); 5] = [
        (
            "notes",
            "1 minus the F1 of notes that start at the same sixteenth of the same track; 0 the same, 1 nothing in common",
        ),
        ("cells", "share of the sounding cells of either that are not common, 0 to 1"),
        ("rhythm", "share of the onsets of either that are not common, whatever their pitch, 0 to 1"),
        ("harmony", "how differently the sounding time of each bar is divided among pitch classes, 0 to 1"),
        ("features", "distance in the space of all features, in deviations of real music"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cells => "cells",
            Self::Notes => "notes",
            Self::Rhythm => "rhythm",
            Self::Harmony => "harmony",
            Self::Features => "features",
        }
    }

    /// The one called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|distance| distance.name() == name)
    }

    /// The distance, where there is one.
    pub(super) fn between(self, a: &Sketch, b: &Sketch) -> Option<f64> {
        match self {
            Self::Cells => Some(1.0 - a.planes.overall(&b.planes).jaccard()?),
            Self::Notes => Some(1.0 - a.planes.overall(&b.planes).note_f1()?),
            Self::Rhythm => {
                let (mut both, mut either) = (0, 0);
                for (a, b) in a.onsets.iter().zip(&b.onsets) {
                    both += (a & b).count_ones();
                    either += (a | b).count_ones();
                }
                (either > 0).then(|| 1.0 - f64::from(both) / f64::from(either))
            }
            Self::Harmony => {
                let bars: Vec<f64> = a.harmony.iter().zip(&b.harmony).filter_map(apart).collect();
                (!bars.is_empty()).then(|| bars.iter().sum::<f64>() / bars.len() as f64)
            }
            Self::Features => {
                let squares = a.point.iter().zip(&b.point).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                Some((squares / a.point.len().max(1) as f64).sqrt())
            }
        }
    }
}

/// Half the sum of the differences of two histograms; `None` when either bar is silent.
fn apart((a, b): (&Option<[f64; 12]>, &Option<[f64; 12]>)) -> Option<f64> {
    Some(a.as_ref()?.iter().zip(b.as_ref()?).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0)
}

/// A phrase, ready to be compared.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    planes: Sixteenths,
    /// For each sixteenth, in which of the families' tracks notes begin.
    onsets: Vec<u32>,
    /// For each bar the shares of pitch classes; none of a silent bar.
    harmony: Vec<Option<[f64; 12]>>,
    pub point: Vec<f64>,
}

impl Sketch {
    /// `point` is the phrase's place among the features.
    pub fn of(phrase: &Multitrack, point: Vec<f64>) -> Self {
        let beat = phrase.resolution().steps().max(1);
        let mut onsets = vec![0u32; (phrase.steps() * SIXTEENTHS).div_ceil(beat)];
        for (place, track) in phrase.tracks().iter().enumerate() {
            for (step, _) in track.roll.onset().iter().enumerate().filter(|(_, set)| **set != 0) {
                if let Some(onsets) = onsets.get_mut(step * SIXTEENTHS / beat) {
                    *onsets |= 1 << (track.family().map_or(place + 5, |family| family as usize) % 32);
                }
            }
        }
        let lines = phrase.bar_lines();
        let harmony = lines.windows(2).map(|bar| {
            let mut classes = [0.0; 12];
            for track in phrase.tracks().iter().filter(|track| !track.is_drum) {
                let sounding = track.roll.sounding();
                for set in &sounding[bar[0].min(sounding.len())..bar[1].min(sounding.len())] {
                    pitches_of(*set).for_each(|pitch| classes[usize::from(pitch % 12)] += 1.0);
                }
            }
            let sum: f64 = classes.iter().sum();
            (sum > 0.0).then(|| classes.map(|count| count / sum))
        });
        Self { harmony: harmony.collect(), planes: Sixteenths::of(phrase), onsets, point }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Resolution, Track};

    fn phrase(starts: &[usize], pitch: u32) -> Sketch {
        let mut plane = vec![0u128; 48];
        starts.iter().for_each(|start| plane[*start] = 1 << pitch);
        let roll = Pianoroll::from_planes(plane.clone(), plane);
        let song = Multitrack::new(vec![Track::of_family(Family::Piano, roll)], Resolution::MODEL);
        Sketch::of(&song, vec![f64::from(pitch), 0.0])
    }

    #[test]
    fn distances_see_what_they_are_for() {
        let (c, octave, later) = (phrase(&[0, 12], 60), phrase(&[0, 12], 72), phrase(&[0, 24], 60));
        let of = |distance: Distance, b: &Sketch| distance.between(&c, b).unwrap();
        assert_eq!((of(Distance::Notes, &c), of(Distance::Cells, &c)), (0.0, 0.0));
        assert_eq!((of(Distance::Notes, &octave), of(Distance::Rhythm, &octave)), (1.0, 0.0));
        assert_eq!(of(Distance::Harmony, &octave), 0.0);
        assert_eq!(of(Distance::Harmony, &phrase(&[0, 12], 61)), 1.0);
        assert_eq!(of(Distance::Notes, &later), 0.5);
        assert!((of(Distance::Rhythm, &later) - 2.0 / 3.0).abs() < 1e-12);
        assert!((of(Distance::Features, &octave) - 72f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn silence_has_no_distance_and_every_measure_a_name() {
        let silent = phrase(&[], 60);
        for distance in [Distance::Cells, Distance::Notes, Distance::Rhythm, Distance::Harmony] {
            assert_eq!(distance.between(&silent, &silent), None);
        }
        for (name, _) in Distance::MEASURES {
            assert!(Distance::from_name(name).is_some(), "{name}");
        }
        assert_eq!(Distance::from_name("colour"), None);
    }
}
