//! Statistics of one feature at a time: shift, overlap, divergence.

use super::{Estimate, Features, Judged, Options, Row, Sets, SongSet, Statistic, unless_stopped};
use crate::base::{Cancel, Progress, Seed};
use crate::metrics::MetricsError;
use crate::statistics::{
    Clusters, Interval, OverlapSample, StatisticsError, bootstrap, deviation, mean, overlap,
};

const SHIFT: &str = "a shift in deviations";
/// Fewest phrases in which a feature is defined, of either set.
const LEAST: usize = 5;
/// Deviations below this are rounding.
const ROUNDING: f64 = 1e-9;

/// The rows of every feature that is wanted and defined somewhere.
pub(super) fn rows(
    judged: &Judged,
    sets: &Sets,
    options: &Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Vec<Row>, MetricsError> {
    let wanted: Vec<Statistic> =
        options.statistics.iter().copied().filter(|statistic| statistic.is_of_one_feature()).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let names = judged.reference.select(&options.features)?;
    let mut rows = Vec::new();
    for (done, name) in names.iter().enumerate() {
        if cancel.is_raised() {
            return Err(MetricsError::Stopped);
        }
        progress.report(done as u64, names.len() as u64, name);
        let reference = Column::of(name, &judged.reference, &sets.reference);
        let columns =
            [Column::of(name, &judged.made, &sets.made), Column::of(name, &judged.floor, &sets.floor)];
        // What never varies anywhere says nothing.
        let varies = |column: &Column| column.points.iter().any(|point| *point != reference.points[0]);
        if reference.points.is_empty() || ![&reference, &columns[0]].into_iter().any(varies) {
            continue;
        }
        let [made, floor] =
            columns.each_ref().map(|column| estimates(&wanted, column, &reference, options, cancel));
        for ((statistic, made), (_, floor)) in made.into_iter().zip(floor) {
            rows.push(Row { statistic, feature: Some(name.clone()), made, floor });
        }
    }
    Ok(rows)
}

/// A feature where it is defined.
pub(super) struct Column {
    pub points: Vec<Vec<f64>>,
    pub clusters: Clusters,
}

impl Column {
    pub fn of(name: &str, features: &Features, set: &SongSet) -> Self {
        let (phrases, points) = features.defined(name);
        Self { points, clusters: set.clusters_of(&phrases) }
    }

    /// The first number of each point.
    pub fn numbers(&self) -> Vec<f64> {
        self.points.iter().map(|point| point[0]).collect()
    }
}

/// The wanted statistics of a column against the reference, with their intervals.
fn estimates(
    wanted: &[Statistic],
    made: &Column,
    real: &Column,
    options: &Options,
    cancel: &Cancel,
) -> Vec<(Statistic, Result<Estimate, StatisticsError>)> {
    let seed = options.seed.child("against/feature", 0);
    let mut found = Vec::new();
    // A feature of several numbers has no mean to be shifted.
    if wanted.contains(&Statistic::Shift) && real.points[0].len() == 1 {
        let estimate = shift(made, real, options.resamples, seed, cancel);
        found.push((Statistic::Shift, estimate));
    }
    const OVERLAPS: [Statistic; 2] = [Statistic::Overlap, Statistic::Divergence];
    if OVERLAPS.iter().any(|statistic| wanted.contains(statistic)) {
        let estimates = overlaps(made, real, options.resamples, seed, cancel);
        for (place, statistic) in OVERLAPS.into_iter().enumerate().filter(|(_, s)| wanted.contains(s)) {
            found.push((statistic, estimates.clone().map(|estimates| estimates[place])));
        }
    }
    found
}

/// Overlap area and divergence of the distances within the first column and between both.
fn overlaps(
    made: &Column,
    real: &Column,
    resamples: usize,
    seed: Seed,
    cancel: &Cancel,
) -> Result<[Estimate; 2], StatisticsError> {
    let whole = overlap(&made.points, &real.points)?;
    let sample = OverlapSample::new(&made.points, &real.points)?;
    let sets = [&made.clusters, &real.clusters];
    let resampled = unless_stopped(cancel, |[made, real]: [&[f64]; 2]| sample.resampled(made, real));
    let intervals = bootstrap(sets, resamples, seed, resampled).ok();
    // A resample has fewer different distances than the sample, so it overlaps less.
    let estimate = |value: f64, place: usize| {
        Estimate::new(value, intervals.map(|all: [Interval; 2]| all[place].holding(value)))
    };
    Ok([estimate(whole.area, 0), estimate(whole.divergence, 1)])
}

/// The difference of two means in deviations of the second set.
fn shift(
    made: &Column,
    real: &Column,
    resamples: usize,
    seed: Seed,
    cancel: &Cancel,
) -> Result<Estimate, StatisticsError> {
    let sets = [&made.clusters, &real.clusters];
    let [made, real] = [made.numbers(), real.numbers()];
    for values in [&made, &real] {
        if values.len() < LEAST {
            let of = "phrases in which it is defined";
            return Err(StatisticsError::TooFew {
                statistic: SHIFT,
                of,
                given: values.len(),
                minimum: LEAST,
            });
        }
    }
    let spread = deviation(&real);
    let difference = mean(&made) - mean(&real);
    if spread < ROUNDING {
        // What never varies and is not missed is not shifted.
        return match difference.abs() < ROUNDING {
            true => Ok(Estimate::new(0.0, None)),
            false => Err(StatisticsError::Undefined { statistic: SHIFT }),
        };
    }
    let weighted = |values: &[f64], weights: &[f64]| {
        let sum: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        sum / weights.iter().sum::<f64>()
    };
    let shifted = |[a, b]: [&[f64]; 2]| [(weighted(&made, a) - weighted(&real, b)) / spread];
    let interval = bootstrap(sets, resamples, seed, unless_stopped(cancel, shifted)).ok();
    Ok(Estimate::new(difference / spread, interval.map(|[interval]| interval)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_told_in_real_deviations() {
        let (made, real) = ([2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 2.0, 3.0, 4.0, 5.0]);
        let column = |values: &[f64]| Column {
            points: values.iter().map(|value| vec![*value]).collect(),
            clusters: Clusters::new(&[0, 1, 2, 3, 4]),
        };
        let shift = |made: &[f64], real: &[f64]| {
            super::shift(&column(made), &column(real), 500, Seed(0), &Cancel::new())
        };
        let found = shift(&made, &real).unwrap();
        assert!((found.value - 1.0 / 2.5f64.sqrt()).abs() < 1e-12);
        let interval = found.interval.unwrap();
        assert!(interval.low < found.value && found.value < interval.high, "{found:?}");
        let still = shift(&[1.0; 5], &[1.0; 5]).unwrap();
        assert_eq!((still.value, still.interval), (0.0, None));
        assert!(shift(&made, &[1.0; 5]).is_err());
        let error = shift(&made[1..], &real).unwrap_err().to_string();
        assert_eq!(error, "a shift in deviations needs at least 5 phrases in which it is defined, got 4");
    }
}
