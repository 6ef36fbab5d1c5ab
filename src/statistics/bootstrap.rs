//! How sure a statistic is: the bootstrap over clusters.
//!
//! Whole clusters (songs) are drawn with replacement, as many as there are, and the statistic is computed
//! of each such resample; the middle part of the results is the interval (Efron 1979; Davison and Hinkley,
//! *Bootstrap Methods and their Application*, 1997, section 3.8). A resample is a list of weights: how
//! often each point is in it.

use rayon::prelude::*;

use super::{StatisticsError, quantile};
use crate::base::{Rng, Seed};

const NAME: &str = "a bootstrap interval";
/// Fewest clusters: of four there are only 35 different resamples.
const LEAST: usize = 5;

/// Which points belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    members: Vec<Vec<usize>>,
    points: usize,
}

impl Clusters {
    /// Points with the same label are one cluster.
    pub fn new(labels: &[usize]) -> Self {
        let mut places = std::collections::HashMap::new();
        let mut members: Vec<Vec<usize>> = Vec::new();
        for (point, label) in labels.iter().enumerate() {
            let place = *places.entry(*label).or_insert(members.len());
            if place == members.len() {
                members.push(Vec::new());
            }
            members[place].push(point);
        }
        Self { members, points: labels.len() }
    }

    /// Number of clusters.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The points of each cluster.
    pub fn members(&self) -> &[Vec<usize>] {
        &self.members
    }

    /// How often each point is in a resample.
    pub fn resample(&self, rng: &mut Rng) -> Vec<f64> {
        let mut weights = vec![0.0; self.points];
        for _ in 0..self.len() {
            for point in &self.members[rng.below(self.len())] {
                weights[*point] += 1.0;
            }
        }
        weights
    }
}

/// The middle part of what resamples give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The percentile interval that holds the share `level` of the values, between neighbours linearly;
    /// `None` without finite values.
    pub fn percentile(mut values: Vec<f64>, level: f64) -> Option<Self> {
        values.retain(|value| value.is_finite());
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - level.clamp(0.0, 1.0)) / 2.0;
        (!values.is_empty())
            .then(|| Self { low: quantile(&values, tail), high: quantile(&values, 1.0 - tail) })
    }

    /// Stretched so far that it holds `value`, where resamples lean to one side of their sample.
    pub fn holding(self, value: f64) -> Self {
        Self { low: self.low.min(value), high: self.high.max(value) }
    }

    /// As [`bootstrap`] gives it for one statistic, moved so that the middle of the resamples is the
    /// `value` of the sample: for statistics such as distances, which are larger for every resample, as it
    /// has fewer different points. `None` below five clusters in a set.
    ///
    /// # Errors
    /// [`StatisticsError::Undefined`] when the statistic is not finite in half of the resamples.
    pub fn centred<const N: usize>(
        value: f64,
        sets: [&Clusters; N],
        resamples: usize,
        seed: Seed,
        statistic: impl Fn([&[f64]; N]) -> [f64; 1] + Sync,
    ) -> Result<Option<Self>, StatisticsError> {
        let Ok(drawn) = resampled(sets, resamples, seed, statistic) else { return Ok(None) };
        let count = drawn.len();
        let mut values: Vec<f64> = drawn.into_iter().map(|[drawn]| drawn).filter(|x| x.is_finite()).collect();
        if values.len() * 2 <= count {
            return Err(StatisticsError::Undefined { statistic: NAME });
        }
        values.sort_unstable_by(f64::total_cmp);
        let middle = values[values.len() / 2];
        let moved = values.into_iter().map(|drawn| drawn - middle + value).collect();
        Ok(Self::percentile(moved, 0.95))
    }
}

/// The middle 95 % of each of `M` statistics over `resamples` (at least 1) resamples of `N` sets. Equal
/// seeds give equal intervals, on however many threads.
///
/// # Errors
/// [`StatisticsError::TooFew`] below five clusters in a set, [`StatisticsError::Undefined`] when a
/// statistic is not finite in half of the resamples.
pub fn bootstrap<const N: usize, const M: usize>(
    sets: [&Clusters; N],
    resamples: usize,
    seed: Seed,
    statistics: impl Fn([&[f64]; N]) -> [f64; M] + Sync,
) -> Result<[Interval; M], StatisticsError> {
    let drawn = resampled(sets, resamples, seed, statistics)?;
    let mut intervals = [Interval { low: f64::NAN, high: f64::NAN }; M];
    for (statistic, interval) in intervals.iter_mut().enumerate() {
        let values: Vec<f64> =
            drawn.iter().map(|values| values[statistic]).filter(|value| value.is_finite()).collect();
        let enough = values.len() * 2 > drawn.len();
        let found = Interval::percentile(values, 0.95).filter(|_| enough);
        *interval = found.ok_or(StatisticsError::Undefined { statistic: NAME })?;
    }
    Ok(intervals)
}

/// What each resample gives.
pub(super) fn resampled<const N: usize, T: Send>(
    sets: [&Clusters; N],
    resamples: usize,
    seed: Seed,
    statistic: impl Fn([&[f64]; N]) -> T + Sync,
) -> Result<Vec<T>, StatisticsError> {
    for set in sets {
        StatisticsError::unless(NAME, "songs in each set", set.len(), LEAST)?;
    }
    let one = |number: usize| {
        let mut rng = seed.child("bootstrap", number as u64).stream("resample");
        let weights = sets.map(|set| set.resample(&mut rng));
        statistic(weights.each_ref().map(Vec::as_slice))
    };
    Ok((0..resamples.max(1)).into_par_iter().map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighted_mean(values: &[f64], weights: &[f64]) -> f64 {
        let sum: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        sum / weights.iter().sum::<f64>()
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_its_standard_error() {
        let mut rng = Seed(1).stream("test");
        let values: Vec<f64> = (0..400).map(|_| rng.normal()).collect();
        let each: Vec<usize> = (0..400).collect();
        let [found] =
            bootstrap([&Clusters::new(&each)], 2_000, Seed(0), |[w]| [weighted_mean(&values, w)]).unwrap();
        // 1.96 / sqrt(400) on both sides.
        assert!((found.high - found.low - 2.0 * 0.098).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn points_of_one_cluster_count_as_one() {
        // 400 points, but all of a song are alike: 20 songs, so the interval is sqrt(20) times as wide.
        let mut rng = Seed(1).stream("test");
        let songs: Vec<f64> = (0..20).map(|_| rng.normal()).collect();
        let values: Vec<f64> = (0..400).map(|i| songs[i / 20]).collect();
        let width = |labels: Vec<usize>| {
            let clusters = Clusters::new(&labels);
            let [found] = bootstrap([&clusters], 1_000, Seed(0), |[w]| [weighted_mean(&values, w)]).unwrap();
            found.high - found.low
        };
        let ratio = width((0..400).map(|i| i / 20).collect()) / width((0..400).collect());
        assert!((3.8..5.2).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_resample_draws_as_many_clusters_as_there_are() {
        let clusters = Clusters::new(&[7, 7, 3, 9, 3, 7]);
        assert_eq!(clusters.members(), [vec![0, 1, 5], vec![2, 4], vec![3]]);
        let weights = clusters.resample(&mut Seed(2).stream("test"));
        assert!(weights[0] == weights[1] && weights[0] == weights[5] && weights[2] == weights[4]);
        assert_eq!(weights[0] + weights[2] + weights[3], 3.0);
    }

    #[test]
    fn percentiles_lie_between_neighbours_and_few_clusters_are_refused() {
        let values = (0..=100).map(f64::from).collect();
        let Interval { low, high } = Interval::percentile(values, 0.9).unwrap();
        assert!((low - 5.0).abs() < 1e-9 && (high - 95.0).abs() < 1e-9);
        assert_eq!(Interval::percentile(vec![f64::NAN], 0.9), None);
        let error = bootstrap([&Clusters::new(&[0, 1, 2, 3])], 9, Seed(0), |_| [0.0]).unwrap_err();
        assert_eq!(error.to_string(), "a bootstrap interval needs at least 5 songs in each set, got 4");
        let labels = Clusters::new(&[0, 1, 2, 3, 4]);
        assert!(bootstrap([&labels], 9, Seed(0), |_| [f64::NAN]).is_err());
    }
}
