//! How many made phrases are copies of training phrases.

use super::{Estimate, Options, Row, Sets, SongSet, Statistic, Training, unless_stopped};
use crate::base::Cancel;
use crate::metrics::{CellSet, Nearest};
use crate::statistics::{Clusters, StatisticsError, bootstrap, copy_rate};

/// As fine as music is usually written: sixteenths.
const STEPS_PER_BEAT: usize = 4;

/// The row of the copy rate, where the training data is known.
pub(super) fn row(
    sets: &Sets,
    real: &SongSet,
    training: Training<'_>,
    options: &Options,
    cancel: &Cancel,
) -> Option<Row> {
    let (made, floor, reference) = match training {
        Training::Unknown => return None,
        Training::Other(training) => {
            let of =
                |set: &SongSet| distances(set, training.select(&[]).with(set.phrases()).nearest_in(training));
            (of(&sets.made), of(&sets.floor), of(&sets.reference))
        }
        Training::Real => {
            let training = cells_of(real);
            let made = training.select(&[]).with(sets.made.phrases()).nearest_in(&training);
            // A real phrase would be its own copy, so its song does not count.
            let among = |set: &SongSet| {
                let apart = training.select(&[]).with(set.phrases()).nearest_of_songs_other_than(
                    set.songs(),
                    &training,
                    real.songs(),
                );
                distances(set, apart)
            };
            (distances(&sets.made, made), among(&sets.floor), among(&sets.reference))
        }
    };
    let of = |(clusters, found): &(Clusters, Vec<f64>)| -> Result<Estimate, StatisticsError> {
        let rate = copy_rate(found, &reference.1)?;
        let is_copy: Vec<f64> =
            found.iter().map(|distance| f64::from(u8::from(*distance <= rate.threshold))).collect();
        let seed = options.seed.child("against/copies", 0);
        let share = |[weights]: [&[f64]; 1]| {
            let copies: f64 = is_copy.iter().zip(weights).map(|(copy, weight)| copy * weight).sum();
            [copies / weights.iter().sum::<f64>()]
        };
        let interval = bootstrap([clusters], options.resamples, seed, unless_stopped(cancel, share)).ok();
        Ok(Estimate::new(rate.made, interval.map(|[interval]| interval)))
    };
    Some(Row { statistic: Statistic::Copies, feature: None, made: of(&made), floor: of(&floor) })
}

impl SongSet {
    /// The phrases as bits, four to a beat, in all the tracks that any of them has.
    pub fn to_cell_set(&self) -> CellSet {
        cells_of(self)
    }
}

fn cells_of(set: &SongSet) -> CellSet {
    let mut names: Vec<String> = Vec::new();
    let mut beats = 0;
    for phrase in set.phrases() {
        beats = beats.max(phrase.steps().div_ceil(phrase.resolution().steps().max(1)));
        for name in phrase.track_names() {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                names.push(name);
            }
        }
    }
    CellSet::new(&names, beats, STEPS_PER_BEAT).with(set.phrases())
}

/// The distances of the phrases that are not silent, and their songs.
fn distances(set: &SongSet, nearest: Vec<Option<Nearest>>) -> (Clusters, Vec<f64>) {
    let found = nearest.into_iter().enumerate();
    let (phrases, distances): (Vec<usize>, Vec<f64>) =
        found.filter_map(|(phrase, nearest)| Some((phrase, nearest?.distance))).unzip();
    (set.clusters_of(&phrases), distances)
}
