//! From numbers to evidence: an effect, how sure it is, and how rare it would be if the truth lay on a
//! bound.
//!
//! The *units* of a sample are independent of each other: latents, pairs of latents, or songs, of whose
//! phrases the mean is taken first. Intervals are percentiles of bootstrap resamples of units; p comes from
//! turning the signs of units about the bound (Fisher 1935; for means of other than symmetric numbers it
//! holds for many units: Romano 1990) or from shuffling units between two samples (after Welch's statistic:
//! Janssen 1997). Both are two-sided.

use std::collections::BTreeMap;

use crate::base::Seed;
use crate::statistics::{Clusters, Interval, bootstrap, mean};

/// Resamples of an interval.
const RESAMPLES: usize = 2_000;
/// Random signs or shuffles of a test: the smallest p is one in so many.
const ROUNDS: usize = 4_999;
/// Sums that differ by less, in shares of their size, are equal.
const ROUNDING: f64 = 1e-9;

/// One number for each of some independent units.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample(Vec<f64>);

/// What a sample says of its mean, or two of the difference of theirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The mean, or the difference of means.
    pub effect: f64,
    /// Its 95 % interval; `None` below five units, where there are too few different resamples.
    pub interval: Option<Interval>,
    /// How often numbers whose true effect is the bound would lie as far from it; never 0.
    pub p: f64,
    /// Units, of the smaller sample.
    pub units: usize,
}

impl Sample {
    /// Every number is a unit; those that are not finite are left out.
    pub fn each(values: impl IntoIterator<Item = f64>) -> Self {
        Self(values.into_iter().filter(|value| value.is_finite()).collect())
    }

    /// A unit for each song: the mean of its numbers.
    pub fn by_song(values: &[f64], songs: &[usize]) -> Self {
        let mut units: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (value, song) in values.iter().zip(songs).filter(|(value, _)| value.is_finite()) {
            units.entry(*song).or_default().push(*value);
        }
        Self(units.values().map(|values| mean(values)).collect())
    }

    /// The units.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The 95 % interval of their mean; `None` below five units.
    pub fn interval(&self, seed: Seed) -> Option<Interval> {
        let mean_of = |[weights]: [&[f64]; 1]| [weighted(&self.0, weights)];
        bootstrap([&self.clusters()], RESAMPLES, seed, mean_of).ok().map(|[one]| one)
    }

    /// Their mean against a bound.
    pub fn against(&self, bound: f64, seed: Seed) -> Evidence {
        let about: Vec<f64> = self.0.iter().map(|value| value - bound).collect();
        let observed = about.iter().sum::<f64>().abs();
        let slack = ROUNDING * about.iter().map(|value| value.abs()).sum::<f64>();
        let mut rng = seed.stream("dialogue/signs");
        let turned = (0..ROUNDS).filter(|_| {
            let sum: f64 = about.chunks(64).fold(0.0, |sum, chunk| {
                let signs = rng.next_u64();
                let turn =
                    |(place, value): (usize, &f64)| if signs >> place & 1 == 1 { *value } else { -value };
                sum + chunk.iter().enumerate().map(turn).sum::<f64>()
            });
            sum.abs() >= observed - slack
        });
        let p = (1 + turned.count()) as f64 / (1 + ROUNDS) as f64;
        Evidence { effect: mean(&self.0), interval: self.interval(seed), p, units: self.0.len() }
    }

    /// The mean of this sample less that of another, against a bound.
    pub fn less(&self, other: &Self, bound: f64, seed: Seed) -> Evidence {
        let clusters = [self.clusters(), other.clusters()];
        let difference = |[a, b]: [&[f64]; 2]| [weighted(&self.0, a) - weighted(&other.0, b)];
        let interval = bootstrap(clusters.each_ref(), RESAMPLES, seed, difference);
        let moved = self.0.iter().map(|value| value - bound);
        let mut pooled: Vec<f64> = moved.chain(other.0.iter().copied()).collect();
        let first = self.0.len();
        let observed = welch(&pooled, first);
        let mut rng = seed.stream("dialogue/shuffles");
        let as_far = (0..ROUNDS).filter(|_| {
            rng.shuffle(&mut pooled);
            welch(&pooled, first) >= observed * (1.0 - ROUNDING)
        });
        Evidence {
            effect: mean(&self.0) - mean(&other.0),
            p: (1 + as_far.count()) as f64 / (1 + ROUNDS) as f64,
            interval: interval.ok().map(|[one]| one),
            units: self.0.len().min(other.0.len()),
        }
    }

    fn clusters(&self) -> Clusters {
        Clusters::new(&(0..self.0.len()).collect::<Vec<_>>())
    }
}

fn weighted(values: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    sum / weights.iter().sum::<f64>()
}

/// The distance of the means of the first numbers and the rest, in standard errors.
fn welch(values: &[f64], first: usize) -> f64 {
    let (a, b) = values.split_at(first);
    let error = |sample: &[f64]| {
        let middle = mean(sample);
        let squares: f64 = sample.iter().map(|value| (value - middle).powi(2)).sum();
        squares / (sample.len().max(2) - 1) as f64 / sample.len() as f64
    };
    let distance = (mean(a) - mean(b)).abs();
    let error = (error(a) + error(b)).sqrt();
    if error > 0.0 {
        distance / error
    } else if distance > 0.0 {
        f64::MAX
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normals(count: usize, middle: f64, seed: u64) -> Sample {
        let mut rng = Seed(seed).stream("test");
        Sample::each((0..count).map(|_| middle + rng.normal()))
    }

    #[test]
    fn an_effect_far_from_the_bound_is_sure_and_its_interval_holds_the_truth() {
        let found = normals(200, 1.0, 1).against(0.0, Seed(0));
        assert_eq!((found.p, found.units), (1.0 / 5_000.0, 200));
        let interval = found.interval.unwrap();
        assert!(
            interval.low < 1.0 && 1.0 < interval.high && interval.high - interval.low < 0.35,
            "{interval:?}"
        );
    }

    #[test]
    fn p_of_equal_units_is_two_in_all_the_signs_there_are() {
        let found = Sample::each([1.0; 4]).against(0.0, Seed(0));
        assert!((found.p - 2.0 / 16.0).abs() < 0.02, "{}", found.p);
        assert_eq!(found.interval, None);
        assert_eq!(Sample::each([0.0; 9]).against(0.0, Seed(0)).p, 1.0);
    }

    #[test]
    fn two_samples_of_one_source_are_not_told_apart_and_shifted_ones_are() {
        let (a, b) = (normals(60, 0.0, 1), normals(60, 0.0, 2));
        assert!(a.less(&b, 0.0, Seed(0)).p > 0.05);
        let found = normals(60, 2.0, 3).less(&b, 0.0, Seed(0));
        assert!(found.p < 0.001 && found.interval.unwrap().low > 1.0, "{found:?}");
        assert!(normals(60, 2.0, 3).less(&b, 2.0, Seed(0)).p > 0.05);
    }

    #[test]
    fn a_song_counts_once_and_what_is_no_number_not_at_all() {
        let sample = Sample::by_song(&[1.0, 3.0, 10.0, f64::NAN], &[7, 7, 2, 2]);
        assert_eq!(sample.values(), [10.0, 2.0]);
        assert_eq!(Sample::each([f64::NAN, 1.0]).values(), [1.0]);
    }

    #[test]
    fn where_the_truth_is_the_bound_few_tests_find_anything() {
        // Skewed numbers: exponential with mean 1.
        let skewed = |seed: u64, count: usize| {
            let mut rng = Seed(seed).stream("test");
            Sample::each((0..count).map(|_| -(1.0 - rng.uniform()).ln()))
        };
        let runs = 400;
        let wrong = |found: Evidence, bound: f64| {
            let apart = found.interval.is_some_and(|i| i.low > bound || i.high < bound);
            apart && found.p < 0.05
        };
        let one = (0..runs).filter(|seed| wrong(skewed(*seed, 40).against(1.0, Seed(*seed)), 1.0)).count();
        let two = (0..runs)
            .filter(|seed| wrong(skewed(*seed, 40).less(&normals(30, 1.0, *seed), 0.0, Seed(*seed)), 0.0))
            .count();
        // 20 are expected of 400 at 5 %; 36 or more come by chance once in 2,000 times.
        assert!(one < 36 && two < 36, "{one} and {two} of {runs}");
    }
}
