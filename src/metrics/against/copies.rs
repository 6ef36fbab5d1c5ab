//! How many made phrases are copies of training phrases.

use super::{Estimate, Options, Row, Sets, SongSet, Statistic};
use crate::metrics::CellSet;
use crate::statistics::{Clusters, StatisticsError, bootstrap, copy_rate};

/// The row of the copy rate.
pub(super) fn row(sets: &Sets, training: &CellSet, options: &Options) -> Row {
    let (_, real) = distances(&sets.reference, training);
    let of = |set: &SongSet| -> Result<Estimate, StatisticsError> {
        let (clusters, made) = distances(set, training);
        let rate = copy_rate(&made, &real)?;
        let is_copy: Vec<f64> =
            made.iter().map(|distance| f64::from(u8::from(*distance <= rate.threshold))).collect();
        let seed = options.seed.child("against/copies", 0);
        let share = |[weights]: [&[f64]; 1]| {
            let copies: f64 = is_copy.iter().zip(weights).map(|(copy, weight)| copy * weight).sum();
            [copies / weights.iter().sum::<f64>()]
        };
        let interval = bootstrap([&clusters], options.resamples, seed, share).ok();
        Ok(Estimate::new(rate.made, interval.map(|[interval]| interval)))
    };
    Row { statistic: Statistic::Copies, feature: None, made: of(&sets.made), floor: of(&sets.floor) }
}

/// The distance of each phrase that is not silent to the nearest of the training data, and their songs.
fn distances(set: &SongSet, training: &CellSet) -> (Clusters, Vec<f64>) {
    let nearest = training.select(&[]).with(set.phrases()).nearest_in(training);
    let found = nearest.into_iter().enumerate();
    let (phrases, distances): (Vec<usize>, Vec<f64>) =
        found.filter_map(|(phrase, nearest)| Some((phrase, nearest?.distance))).unzip();
    (set.clusters_of(&phrases), distances)
}
