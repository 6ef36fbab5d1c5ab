//! Tests by shuffling: whether what belongs together lies closer than others, and which of two sets lies
//! closer to a third.

use std::fmt;

use rayon::prelude::*;

use super::StatisticsError;
use super::bootstrap::Clusters;
use crate::base::Seed;

/// What shuffling says about whether things that belong together lie closer than others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PermutationTest {
    /// Mean distance of the pairs as they are.
    pub observed: f64,
    /// Mean of that over the shuffles.
    pub shuffled_mean: f64,
    /// Probability that a shuffle lies as close as the pairs as they are, `(1 + closer) / (1 + rounds)`
    /// (Phipson and Smyth 2010): never zero.
    pub p: f64,
    /// Pairs with a distance, as they are.
    pub pairs: usize,
    /// Number of shuffles.
    pub rounds: usize,
}

impl fmt::Display for PermutationTest {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { observed, shuffled_mean, p, pairs, rounds } = self;
        write!(
            f,
            "{observed:.3} against {shuffled_mean:.3} shuffled, p = {p:.4} ({pairs} pairs, {rounds} shuffles)"
        )
    }
}

/// Tests whether `distance(i, i)` is smaller on average than `distance(i, j)` with the second side in
/// random order, by `rounds` shuffles (at least one). Undefined distances are left out of every mean.
/// `None` when no pair has a distance, as it is or shuffled.
pub fn permutation_test(
    count: usize,
    distance: impl Fn(usize, usize) -> Option<f64> + Sync,
    seed: Seed,
    rounds: usize,
) -> Option<PermutationTest> {
    let distances: Vec<Vec<Option<f64>>> =
        (0..count).into_par_iter().map(|i| (0..count).map(|j| distance(i, j)).collect()).collect();
    let mut order: Vec<usize> = (0..count).collect();
    let mean_in = |order: &[usize]| mean(distances.iter().zip(order).map(|(row, j)| row[*j]));
    let observed = mean_in(&order)?;
    let pairs = (0..count).filter(|i| distances[*i][*i].is_some()).count();
    let mut rng = seed.stream("metrics/shuffles");
    let shuffled: Vec<f64> = (0..rounds.max(1))
        .filter_map(|_| {
            rng.shuffle(&mut order);
            mean_in(&order)
        })
        .collect();
    // Equal sums may differ in their last bits when added in another order.
    let closer = shuffled.iter().filter(|mean| **mean <= observed + 1e-12).count();
    Some(PermutationTest {
        observed,
        shuffled_mean: mean(shuffled.iter().copied().map(Some))?,
        p: (1 + closer) as f64 / (1 + shuffled.len()) as f64,
        pairs,
        rounds: shuffled.len(),
    })
}

/// Which of two samples lies closer to a third.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closer {
    /// Distance of the first sample.
    pub a: f64,
    /// Distance of the second sample.
    pub b: f64,
    /// Probability that shuffled samples favour the first as much, `(1 + as much) / (1 + rounds)`: small
    /// when the first is closer.
    pub p: f64,
}

const NAME: &str = "a test of which is closer";
/// Fewest clusters of each sample: 70 ways to divide eight.
const LEAST: usize = 4;

/// Tests whether sample `a` lies closer than `b` to something, by `distance` (of some points of both, `a`
/// counted first), with `rounds` shuffles of whole clusters between the two samples. If the samples were
/// of one source, a difference of their distances as large as the one seen would be as rare as `p` says
/// (Good, *Permutation, Parametric and Bootstrap Tests of Hypotheses*, 2005).
///
/// # Errors
/// [`StatisticsError::TooFew`] below four clusters in either sample, [`StatisticsError::Undefined`] when
/// a distance is undefined as the samples are.
pub fn closer(
    [a, b]: [&Clusters; 2],
    distance: impl Fn(&[usize]) -> Option<f64> + Sync,
    seed: Seed,
    rounds: usize,
) -> Result<Closer, StatisticsError> {
    for set in [a, b] {
        StatisticsError::unless(NAME, "songs in each set", set.len(), LEAST)?;
    }
    let first: usize = a.members().iter().map(Vec::len).sum();
    let moved = b.members().iter().map(|points| points.iter().map(|point| point + first).collect());
    let clusters: Vec<Vec<usize>> = a.members().iter().cloned().chain(moved).collect();
    let both = |order: &[usize]| {
        let of = |part: &[usize]| -> Vec<usize> {
            let mut points: Vec<usize> = part.iter().flat_map(|cluster| clusters[*cluster].clone()).collect();
            points.sort_unstable();
            points
        };
        Some((distance(&of(&order[..a.len()]))?, distance(&of(&order[a.len()..]))?))
    };
    let order: Vec<usize> = (0..clusters.len()).collect();
    let (near, far) = both(&order).ok_or(StatisticsError::Undefined { statistic: NAME })?;
    let shuffled = |round: usize| {
        let mut order = order.clone();
        seed.child("closer", round as u64).stream("shuffle").shuffle(&mut order);
        both(&order).map(|(a, b)| a - b)
    };
    let differences: Vec<f64> = (0..rounds.max(1)).into_par_iter().filter_map(shuffled).collect();
    let as_much = differences.iter().filter(|difference| **difference <= near - far + 1e-12).count();
    let p = (1 + as_much) as f64 / (1 + differences.len()) as f64;
    Ok(Closer { a: near, b: far, p })
}

/// Mean of the values that are defined.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, count) = values.flatten().fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shuffled_mean_is_the_mean_of_all_pairings() {
        // Distances |i - j| of three: all nine pairings together have mean 8/9.
        let distance = |i: usize, j: usize| Some(i.abs_diff(j) as f64);
        let test = permutation_test(3, distance, Seed(2), 20_000).unwrap();
        assert_eq!(test.observed, 0.0);
        assert!((test.shuffled_mean - 8.0 / 9.0).abs() < 0.02, "{}", test.shuffled_mean);
        // One of the six orders is the given one.
        assert!((test.p - 1.0 / 6.0).abs() < 0.01, "{}", test.p);
    }

    #[test]
    fn silent_pairs_are_left_out() {
        let distance = |i: usize, j: usize| (i != 0 && j != 0).then_some(1.0);
        let test = permutation_test(4, distance, Seed(3), 10).unwrap();
        assert_eq!((test.pairs, test.observed, test.p), (3, 1.0, 1.0));
        assert_eq!(permutation_test(4, |_, _| None, Seed(3), 10), None);
        assert_eq!(permutation_test(0, |_, _| Some(1.0), Seed(3), 10), None);
    }

    /// The distance from 0 of the mean of some values.
    fn from_zero(values: &[f64]) -> impl Fn(&[usize]) -> Option<f64> + Sync + use<'_> {
        |points| {
            let sum: f64 = points.iter().map(|point| values[*point]).sum();
            (!points.is_empty()).then(|| (sum / points.len() as f64).abs())
        }
    }

    #[test]
    fn the_closer_of_two_samples_is_found_and_the_farther_is_not() {
        let each = Clusters::new(&(0..20).collect::<Vec<_>>());
        let values: Vec<f64> = (0..40).map(|i| f64::from(i % 5) + if i < 20 { 0.0 } else { 4.0 }).collect();
        let found = closer([&each, &each], from_zero(&values), Seed(0), 999).unwrap();
        assert_eq!((found.a, found.b), (2.0, 6.0));
        assert_eq!(found.p, 0.001);
        let turned: Vec<f64> = values[20..].iter().chain(&values[..20]).copied().collect();
        assert!(closer([&each, &each], from_zero(&turned), Seed(0), 999).unwrap().p > 0.99);
        let alike = vec![1.0; 40];
        assert_eq!(closer([&each, &each], from_zero(&alike), Seed(0), 99).unwrap().p, 1.0);
    }

    #[test]
    fn songs_are_shuffled_whole_and_few_are_refused() {
        // Four songs of five phrases each against four: of the 70 ways to divide eight songs one is this.
        let songs = Clusters::new(&(0..20).map(|i| i / 5).collect::<Vec<_>>());
        let values: Vec<f64> = (0..40).map(|i| if i < 20 { 0.0 } else { 4.0 }).collect();
        let found = closer([&songs, &songs], from_zero(&values), Seed(0), 4_999).unwrap();
        assert!((found.p - 1.0 / 70.0).abs() < 0.005, "{}", found.p);
        let three = Clusters::new(&[0, 1, 2]);
        let error = closer([&songs, &three], |_| Some(0.0), Seed(0), 9).unwrap_err().to_string();
        assert_eq!(error, "a test of which is closer needs at least 4 songs in each set, got 3");
    }
}
