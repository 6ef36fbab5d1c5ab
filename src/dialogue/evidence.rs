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
/// Fewest units of an interval, as of a bootstrap.
const LEAST: usize = 5;
/// Sums that differ by less, in shares of their size, are equal.
const ROUNDING: f64 = 1e-9;

/// One number for each of some independent units.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    values: Vec<f64>,
    /// Whether each is a yes (1) or a no (0).
    is_yes_or_no: bool,
}

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
        Self { values: values.into_iter().filter(|value| value.is_finite()).collect(), is_yes_or_no: false }
    }

    /// Every answer is a unit.
    pub fn yes_or_no(answers: impl IntoIterator<Item = bool>) -> Self {
        let values = answers.into_iter().map(|answer| f64::from(u8::from(answer))).collect();
        Self { values, is_yes_or_no: true }
    }

    /// A unit for each song: the mean of its numbers.
    pub fn by_song(values: &[f64], songs: &[usize]) -> Self {
        let mut units: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (value, song) in values.iter().zip(songs).filter(|(value, _)| value.is_finite()) {
            units.entry(*song).or_default().push(*value);
        }
        Self::each(units.values().map(|values| mean(values)))
    }

    /// The units.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The 95 % interval of their mean; `None` below five units. Of yes and no, by Wilson's (1927) formula, as
    /// resamples of units that all agree would leave no doubt.
    pub fn interval(&self, seed: Seed) -> Option<Interval> {
        match self.yes() {
            Some(yes) if self.values.len() >= LEAST => Some(wilson(yes, self.values.len())),
            Some(_) => None,
            None => {
                let mean_of = |[weights]: [&[f64]; 1]| [weighted(&self.values, weights)];
                bootstrap([&self.clusters()], RESAMPLES, seed, mean_of).ok().map(|[one]| one)
            }
        }
    }

    /// Their mean against a bound.
    pub fn against(&self, bound: f64, seed: Seed) -> Evidence {
        let p = match self.yes() {
            Some(yes) if 0.0 < bound && bound < 1.0 => binomial(yes, self.values.len(), bound),
            _ => self.turned(bound, seed),
        };
        Evidence { effect: mean(&self.values), interval: self.interval(seed), p, units: self.values.len() }
    }

    /// p by turning signs about the bound.
    fn turned(&self, bound: f64, seed: Seed) -> f64 {
        let about: Vec<f64> = self.values.iter().map(|value| value - bound).collect();
        let observed = about.iter().sum::<f64>().abs();
        let slack = ROUNDING * about.iter().map(|value| value.abs()).sum::<f64>();
        let mut rng = seed.stream("dialogue/signs");
        let as_far = (0..ROUNDS).filter(|_| {
            let sum: f64 = about.chunks(64).fold(0.0, |sum, chunk| {
                let signs = rng.next_u64();
                let turn =
                    |(place, value): (usize, &f64)| if signs >> place & 1 == 1 { *value } else { -value };
                sum + chunk.iter().enumerate().map(turn).sum::<f64>()
            });
            sum.abs() >= observed - slack
        });
        (1 + as_far.count()) as f64 / (1 + ROUNDS) as f64
    }

    /// How many say yes, when they say yes or no.
    fn yes(&self) -> Option<usize> {
        self.is_yes_or_no.then(|| self.values.iter().filter(|value| **value > 0.5).count())
    }

    /// The mean of this sample less that of another, against a bound.
    pub fn less(&self, other: &Self, bound: f64, seed: Seed) -> Evidence {
        let clusters = [self.clusters(), other.clusters()];
        let difference = |[a, b]: [&[f64]; 2]| [weighted(&self.values, a) - weighted(&other.values, b)];
        let interval = bootstrap(clusters.each_ref(), RESAMPLES, seed, difference);
        let moved = self.values.iter().map(|value| value - bound);
        let mut pooled: Vec<f64> = moved.chain(other.values.iter().copied()).collect();
        let first = self.values.len();
        let observed = welch(&pooled, first);
        let mut rng = seed.stream("dialogue/shuffles");
        let as_far = (0..ROUNDS).filter(|_| {
            rng.shuffle(&mut pooled);
            welch(&pooled, first) >= observed * (1.0 - ROUNDING)
        });
        Evidence {
            effect: mean(&self.values) - mean(&other.values),
            p: (1 + as_far.count()) as f64 / (1 + ROUNDS) as f64,
            interval: interval.ok().map(|[one]| one),
            units: self.values.len().min(other.values.len()),
        }
    }

    fn clusters(&self) -> Clusters {
        Clusters::new(&(0..self.values.len()).collect::<Vec<_>>())
    }
}

/// The interval of a share whose normal test would not reject it (Wilson 1927).
fn wilson(yes: usize, all: usize) -> Interval {
    const Z: f64 = 1.959_964;
    let (n, share) = (all as f64, yes as f64 / all as f64);
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let end = |value: f64| (value / (1.0 + Z * Z / n)).clamp(0.0, 1.0);
    Interval { low: end(middle - half), high: end(middle + half) }.holding(share)
}

/// Twice the smaller tail of the binomial distribution, at most 1.
fn binomial(yes: usize, all: usize, share: f64) -> f64 {
    let mut log = all as f64 * (1.0 - share).ln();
    let (mut below, mut above) = (0.0, 0.0);
    for k in 0..=all {
        let mass = log.exp();
        below += if k <= yes { mass } else { 0.0 };
        above += if k >= yes { mass } else { 0.0 };
        log += ((all - k) as f64 / (k + 1) as f64).ln() + (share / (1.0 - share)).ln();
    }
    // Never 0, as the other p-values are not.
    (2.0 * f64::min(below, above)).clamp(f64::MIN_POSITIVE, 1.0)
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
    fn yes_and_no_are_counted_exactly() {
        let found = Sample::yes_or_no([true; 100]).against(0.9, Seed(0));
        let interval = found.interval.unwrap();
        assert!((interval.low - 0.963).abs() < 0.001 && interval.high == 1.0, "{interval:?}");
        assert!((found.p - 2.0 * 0.9f64.powi(100)).abs() < 1e-9, "{}", found.p);
        // Three of ten at a half: 2 (1 + 10 + 45 + 120) / 1024.
        let three = Sample::yes_or_no((0..10).map(|i| i < 3));
        assert!((three.against(0.5, Seed(0)).p - 352.0 / 1024.0).abs() < 1e-9);
        let interval = three.interval(Seed(0)).unwrap();
        assert!(
            (interval.low - 0.1078).abs() < 0.001 && (interval.high - 0.6032).abs() < 0.001,
            "{interval:?}"
        );
        assert_eq!(Sample::yes_or_no([true; 4]).interval(Seed(0)), None);
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
