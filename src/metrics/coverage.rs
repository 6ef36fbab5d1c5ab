//! How much of a real set a made one reaches, as points in a space of features.

use rayon::prelude::*;

/// Deviations below this are rounding: such a feature keeps its own scale.
const ROUNDING: f64 = 1e-9;

/// Share of real points with a made one in their neighbourhood, 0..=1: *coverage* of Naeem, Oh, Uh,
/// Choi and Yoo, *Reliable Fidelity and Diversity Metrics for Generative Models* (ICML 2020). A point's
/// neighbourhood is the ball that reaches its `neighbours`-th nearest other real point. Two samples of
/// one size and source cover each other to about `1 - 0.5^neighbours`.
///
/// Every point has the same features, each scaled by its deviation over the real ones. `None` when
/// there are not more than `neighbours` real points.
pub fn coverage(real: &[Vec<f64>], made: &[Vec<f64>], neighbours: usize) -> Option<f64> {
    if neighbours == 0 || real.len() <= neighbours {
        return None;
    }
    let scales = scales(real);
    let distance = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).zip(&scales).map(|((a, b), scale)| ((a - b) / scale).powi(2)).sum()
    };
    let is_covered = |(place, point): (usize, &Vec<f64>)| {
        let others = real.iter().enumerate().filter(|(other, _)| *other != place);
        let mut radii: Vec<f64> = others.map(|(_, other)| distance(point, other)).collect();
        let (_, radius, _) = radii.select_nth_unstable_by(neighbours - 1, f64::total_cmp);
        made.iter().any(|made| distance(point, made) <= *radius)
    };
    let covered = real.par_iter().enumerate().filter(|point| is_covered(*point)).count();
    Some(covered as f64 / real.len() as f64)
}

/// Standard deviation of each feature; 1 where it never varies.
fn scales(points: &[Vec<f64>]) -> Vec<f64> {
    let count = points.len() as f64;
    let features = points.first().map_or(0, Vec::len);
    let scale = |feature: usize| {
        let values = || points.iter().filter_map(|point| point.get(feature));
        let mean = values().sum::<f64>() / count;
        let deviation = (values().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
        if deviation < ROUNDING { 1.0 } else { deviation }
    };
    (0..features).map(scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    fn line(places: &[f64]) -> Vec<Vec<f64>> {
        places.iter().map(|x| vec![*x]).collect()
    }

    /// Points around a place on each of two axes, of which the second varies a hundred times as much.
    fn cloud(count: usize, middle: f64, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = Seed(seed).stream("cloud");
        (0..count).map(|_| vec![middle + rng.normal(), 100.0 * rng.normal()]).collect()
    }

    #[test]
    fn coverage_by_hand() {
        // The balls of 0, 1, 2 and 10 reach 1, 1, 1 and 8 far, at one neighbour.
        let real = line(&[0.0, 1.0, 2.0, 10.0]);
        assert_eq!(coverage(&real, &line(&[-0.5]), 1), Some(0.25));
        assert_eq!(coverage(&real, &line(&[1.5]), 1), Some(0.5));
        assert_eq!(coverage(&real, &line(&[1.5, 17.0]), 1), Some(0.75));
        assert_eq!(coverage(&real, &line(&[99.0]), 1), Some(0.0));
        assert_eq!(coverage(&real, &[], 1), Some(0.0));
        assert_eq!(coverage(&real, &real, 4), None);
        assert_eq!(coverage(&[], &real, 1), None);
    }

    #[test]
    fn a_second_sample_covers_the_first_and_one_point_does_not() {
        let real = cloud(200, 0.0, 1);
        let again = coverage(&real, &cloud(200, 0.0, 2), 5).unwrap();
        assert!((again - (1.0 - 0.5f64.powi(5))).abs() < 0.04, "{again}");
        let collapsed = coverage(&real, &vec![vec![0.0, 0.0]; 200], 5).unwrap();
        assert!(collapsed < 0.2, "{collapsed}");
        let half = [cloud(100, 0.0, 3), cloud(100, 50.0, 4)].concat();
        let of_half = coverage(&half, &cloud(200, 0.0, 5), 5).unwrap();
        assert!((of_half - 0.5).abs() < 0.05, "{of_half}");
    }

    #[test]
    fn a_feature_counts_by_its_deviation_and_not_by_its_unit() {
        let real = cloud(100, 0.0, 1);
        let made = cloud(100, 1.0, 2);
        let in_other_units = |points: &[Vec<f64>]| -> Vec<Vec<f64>> {
            points.iter().map(|p| vec![1e4 * p[0], p[1] - 7.0]).collect()
        };
        let share = coverage(&real, &made, 5);
        assert_eq!(share, coverage(&in_other_units(&real), &in_other_units(&made), 5));
        let still: Vec<Vec<f64>> = real.iter().map(|p| vec![p[0], p[1], 3.0]).collect();
        let same: Vec<Vec<f64>> = made.iter().map(|p| vec![p[0], p[1], 3.0]).collect();
        assert_eq!(share, coverage(&still, &same, 5));
    }
}
