//! How widely measures vary within a set, so that the distance of two means can be told in it.

use rayon::prelude::*;

use super::{MetricsError, Options, TrackMetrics, check_resolutions, measure_bars};
use crate::music::Multitrack;
use crate::statistics::{deviation, mean};

/// Differences below this are rounding.
const ROUNDING: f64 = 1e-9;

/// Mean and spread of one measure of one track in a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean over the bars in which the measure is defined.
    pub mean: f64,
    /// Standard deviation over those bars (n - 1).
    pub of_bars: f64,
    /// Standard deviation over phrases of each phrase's own mean (n - 1); smaller, as bars of a phrase
    /// are alike and single ones are averaged away.
    pub of_phrases: f64,
    /// Number of those bars.
    pub bars: usize,
}

impl Spread {
    /// Distance of another mean from this one's, in units of a `deviation` of this set: infinite where
    /// a set that never varies is missed.
    pub fn distance(&self, mean: f64, deviation: f64) -> f64 {
        let difference = (mean - self.mean).abs();
        match (difference < ROUNDING, deviation < ROUNDING) {
            (true, _) => 0.0,
            (false, true) => f64::INFINITY,
            (false, false) => difference / deviation,
        }
    }
}

/// The spreads of a track's measures, in the order of [`TrackMetrics::NAMES`]; `None` where a measure
/// is defined in no bar.
pub type TrackSpreads = [Option<Spread>; TrackMetrics::NAMES.len()];

/// The spreads of every track of a set, by name.
pub type SetSpreads = Vec<(String, TrackSpreads)>;

/// Mean and spread of every measure of every track, by name, in the order in which tracks first occur.
///
/// # Errors
/// [`MetricsError::Resolution`] when the phrases have different resolutions.
pub fn spreads(phrases: &[Multitrack], options: &Options) -> Result<SetSpreads, MetricsError> {
    check_resolutions(phrases)?;
    let bars: Vec<Vec<Vec<TrackMetrics>>> =
        phrases.par_iter().map(|phrase| measure_bars(phrase, options)).collect();
    let mut names: Vec<String> = Vec::new();
    // Of each track the bars of each phrase.
    let mut tracks: Vec<Vec<&[TrackMetrics]>> = Vec::new();
    for (phrase, bars) in phrases.iter().zip(&bars) {
        for (name, bars) in phrase.with_distinct_names().track_names().into_iter().zip(bars) {
            let place = names.iter().position(|known| known.eq_ignore_ascii_case(&name));
            let place = place.unwrap_or_else(|| {
                names.push(name);
                tracks.push(Vec::new());
                names.len() - 1
            });
            tracks[place].push(bars);
        }
    }
    let of_track = |phrases: &Vec<&[TrackMetrics]>| std::array::from_fn(|measure| spread(phrases, measure));
    Ok(names.into_iter().zip(tracks.iter().map(of_track)).collect())
}

fn spread(phrases: &[&[TrackMetrics]], measure: usize) -> Option<Spread> {
    let defined = |bars: &&[TrackMetrics]| -> Vec<f64> {
        bars.iter().filter_map(|bar| bar.values()[measure]).collect()
    };
    let phrases: Vec<Vec<f64>> = phrases.iter().map(defined).filter(|values| !values.is_empty()).collect();
    let bars = phrases.concat();
    let means: Vec<f64> = phrases.iter().map(|values| mean(values)).collect();
    (!bars.is_empty()).then(|| Spread {
        mean: mean(&bars),
        of_bars: deviation(&bars),
        of_phrases: deviation(&means),
        bars: bars.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Resolution, Track};

    /// A phrase whose bars have so many held pitches of the piano.
    fn phrase(pitches: &[u32]) -> Multitrack {
        let bar = |count: &u32| vec![((1u128 << count) - 1) << 60; 48];
        let roll = Pianoroll::from_sounding(pitches.iter().flat_map(bar).collect());
        Multitrack::new(vec![Track::of_family(Family::Piano, roll)], Resolution::MODEL)
    }

    fn of(phrases: &[Multitrack], measure: &str) -> Option<Spread> {
        let spreads = spreads(phrases, &Options::default()).unwrap();
        assert_eq!((spreads.len(), spreads[0].0.as_str()), (1, "piano"));
        spreads[0].1[TrackMetrics::NAMES.iter().position(|name| *name == measure).unwrap()]
    }

    #[test]
    fn spreads_of_bars_and_of_phrases_counted_by_hand() {
        let set = [phrase(&[1, 3, 0, 0]), phrase(&[5, 7, 0, 0])];
        let notes = of(&set, "pitches").unwrap();
        // 1, 3, 5, 7: squares 9 + 1 + 1 + 9 over 3. Phrases 2 and 6: 4 + 4 over 1.
        assert_eq!((notes.mean, notes.bars), (4.0, 4));
        assert!((notes.of_bars - (20.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((notes.of_phrases - 8.0f64.sqrt()).abs() < 1e-12);
        let empty = of(&set, "empty_bar_rate").unwrap();
        assert_eq!((empty.mean, empty.bars, empty.of_phrases), (0.5, 8, 0.0));
        assert_eq!(of(&set, "drum_pattern_rate"), None);
        assert_eq!(of(&[phrase(&[0])], "pitches"), None);
        assert_eq!(of(&[phrase(&[2])], "pitches").unwrap().of_bars, 0.0);
    }

    #[test]
    fn a_distance_is_told_in_deviations_and_of_constant_measures_only_equality_is_near() {
        let spread = Spread { mean: 4.0, of_bars: 2.0, of_phrases: 0.0, bars: 9 };
        assert_eq!(spread.distance(4.5, spread.of_bars), 0.25);
        assert_eq!(spread.distance(3.0, spread.of_bars), 0.5);
        assert_eq!(spread.distance(4.0 + 1e-12, spread.of_phrases), 0.0);
        assert_eq!(spread.distance(4.1, spread.of_phrases), f64::INFINITY);
    }

    #[test]
    fn no_phrases_have_no_spread_and_resolutions_must_agree() {
        assert_eq!(spreads(&[], &Options::default()).unwrap(), []);
        let mixed = [phrase(&[1]), phrase(&[1]).resample(Resolution::MIDI)];
        assert!(spreads(&mixed, &Options::default()).is_err());
    }
}
