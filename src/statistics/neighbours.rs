//! Precision, recall, density and coverage: whether two samples lie in each other's neighbourhoods.
//!
//! A point's neighbourhood is the closed ball that reaches its `k`-th nearest other point of the same
//! sample. Precision and recall: Kynkäänniemi et al., *Improved precision and recall metric for assessing
//! generative models* (NeurIPS 2019). Density and coverage: Naeem, Oh, Uh, Choi and Yoo, *Reliable fidelity
//! and diversity metrics for generative models* (ICML 2020); one far real point does not spoil them.

use rayon::prelude::*;

use super::StatisticsError;
use super::points::{Scale, check, squared_distance};

const NAME: &str = "the comparison by neighbourhoods";

/// How two samples lie in each other's neighbourhoods. With two samples of one size and source coverage is
/// about `1 - 0.5^k`, density about 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbourhood {
    /// Share of made points in the neighbourhood of any real one, 0..=1: are they realistic?
    pub precision: f64,
    /// Share of real points in the neighbourhood of any made one, 0..=1: is everything there?
    pub recall: f64,
    /// Real neighbourhoods that a made point lies in, in `k`s, 0 or more; above 1 where made points crowd
    /// around the commonest real ones.
    pub density: f64,
    /// Share of real points with a made one in their neighbourhood, 0..=1.
    pub coverage: f64,
}

impl Neighbourhood {
    /// Names of the four.
    pub const NAMES: [&str; 4] = ["precision", "recall", "density", "coverage"];

    /// The four, in the order of their names.
    pub fn values(&self) -> [f64; 4] {
        [self.precision, self.recall, self.density, self.coverage]
    }
}

/// What each point says, so that resamples of points need no new search.
///
/// Neighbourhoods stay those of the whole samples: in a resample the copies of a point would be its
/// nearest neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours {
    /// Of each made point, how many real neighbourhoods it lies in.
    held: Vec<usize>,
    /// Of each real point, whether any made neighbourhood holds it.
    recalled: Vec<bool>,
    /// Of each real point, whether its neighbourhood holds a made one.
    covered: Vec<bool>,
    k: usize,
}

impl Neighbours {
    /// Looks at every pair of points; features count as they are, so scale them before.
    ///
    /// # Errors
    /// [`StatisticsError::TooFew`] when a sample has not more than `k` points or `k` is 0, and those of
    /// points that are no points.
    pub fn new(made: &[Vec<f64>], real: &[Vec<f64>], k: usize) -> Result<Self, StatisticsError> {
        StatisticsError::unless(NAME, "neighbours", k, 1)?;
        StatisticsError::unless(NAME, "made points", made.len(), k + 1)?;
        StatisticsError::unless(NAME, "real points", real.len(), k + 1)?;
        check(NAME, &[made, real])?;
        let (made_radii, real_radii) = (radii(made, k), radii(real, k));
        // Each pair once: which made points the neighbourhood of a real one holds, and whether any holds it.
        let of_real = |(point, own): (&Vec<f64>, &f64)| {
            let (mut recalled, mut holds) = (false, Vec::new());
            for (place, (made, radius)) in made.iter().zip(&made_radii).enumerate() {
                let distance = squared_distance(point, made);
                recalled |= distance <= *radius;
                if distance <= *own {
                    holds.push(place);
                }
            }
            (recalled, holds)
        };
        let (recalled, holds): (Vec<bool>, Vec<Vec<usize>>) =
            real.par_iter().zip(&real_radii).map(of_real).unzip();
        let mut held = vec![0; made.len()];
        holds.iter().flatten().for_each(|place| held[*place] += 1);
        Ok(Self { held, recalled, covered: holds.iter().map(|holds| !holds.is_empty()).collect(), k })
    }

    /// The four numbers.
    pub fn whole(&self) -> Neighbourhood {
        self.resampled(&vec![1.0; self.held.len()], &vec![1.0; self.recalled.len()])
    }

    /// The four numbers with each made and each real point counted as often as its weight says.
    pub fn resampled(&self, made: &[f64], real: &[f64]) -> Neighbourhood {
        let share = |values: &mut dyn Iterator<Item = f64>, weights: &[f64]| {
            let sum: f64 = values.zip(weights).map(|(value, weight)| value * weight).sum();
            sum / weights.iter().sum::<f64>()
        };
        let yes = |flag: &bool| f64::from(u8::from(*flag));
        Neighbourhood {
            precision: share(&mut self.held.iter().map(|held| yes(&(*held > 0))), made),
            recall: share(&mut self.recalled.iter().map(yes), real),
            density: share(&mut self.held.iter().map(|held| *held as f64 / self.k as f64), made),
            coverage: share(&mut self.covered.iter().map(yes), real),
        }
    }
}

/// Squared distance of each point to its `k`-th nearest other one.
fn radii(points: &[Vec<f64>], k: usize) -> Vec<f64> {
    let radius = |(place, point): (usize, &Vec<f64>)| {
        let others = points.iter().enumerate().filter(|(other, _)| *other != place);
        let mut distances: Vec<f64> = others.map(|(_, other)| squared_distance(point, other)).collect();
        *distances.select_nth_unstable_by(k - 1, f64::total_cmp).1
    };
    points.par_iter().enumerate().map(radius).collect()
}

/// [`Neighbourhood::coverage`] alone, with each feature scaled by its deviation over the real points.
/// `None` when there are not more than `neighbours` real points.
pub fn coverage(real: &[Vec<f64>], made: &[Vec<f64>], neighbours: usize) -> Option<f64> {
    if neighbours == 0 || real.len() <= neighbours {
        return None;
    }
    let scale = Scale::of(real);
    let (real, made) = (scale.apply(real), scale.apply(made));
    let radii = radii(&real, neighbours);
    let covers = |(point, radius): &(&Vec<f64>, &f64)| {
        made.iter().any(|made| squared_distance(point, made) <= **radius)
    };
    let covered = real.par_iter().zip(&radii).filter(covers).count();
    Some(covered as f64 / real.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    fn line(places: &[f64]) -> Vec<Vec<f64>> {
        places.iter().map(|x| vec![*x]).collect()
    }

    #[test]
    fn the_four_numbers_by_hand() {
        // Radii with one neighbour: 1, 1, 2, 6 at 0, 1, 3, 9; made ones 1, 1 at 4, 5 and 15 at 20.
        let found =
            Neighbours::new(&line(&[4.0, 5.0, 20.0]), &line(&[0.0, 1.0, 3.0, 9.0]), 1).unwrap().whole();
        // 4 lies in the balls of 3 and 9, 5 in those of 3 and 9, 20 in none.
        assert_eq!((found.precision, found.density), (2.0 / 3.0, 4.0 / 3.0));
        // 3 lies in the ball of 4; 9 in that of 20; 3 and 9 have made ones in theirs.
        assert_eq!((found.recall, found.coverage), (0.5, 0.5));
        assert_eq!(found.values()[3], found.coverage);
    }

    #[test]
    fn weights_count_points_so_often() {
        let (made, real) = (line(&[4.0, 5.0, 20.0]), line(&[0.0, 1.0, 3.0, 9.0]));
        let found =
            Neighbours::new(&made, &real, 1).unwrap().resampled(&[0.0, 0.0, 1.0], &[1.0, 0.0, 3.0, 0.0]);
        assert_eq!((found.precision, found.coverage), (0.0, 0.75));
    }

    #[test]
    fn samples_need_more_points_than_neighbours() {
        let five = line(&[0.0, 1.0, 2.0, 3.0, 4.0]);
        let error = Neighbours::new(&line(&[0.0; 9]), &five, 5).unwrap_err().to_string();
        assert_eq!(error, "the comparison by neighbourhoods needs at least 6 real points, got 5");
        assert!(Neighbours::new(&five, &five, 0).is_err());
    }

    #[test]
    fn samples_of_one_source_are_precise_and_covered() {
        let normals = |seed: u64| -> Vec<Vec<f64>> {
            let mut rng = Seed(seed).stream("test");
            (0..300).map(|_| (0..4).map(|_| rng.normal()).collect()).collect()
        };
        let found = Neighbours::new(&normals(1), &normals(2), 5).unwrap().whole();
        assert!(found.precision > 0.8 && found.recall > 0.8, "{found:?}");
        assert!((found.density - 1.0).abs() < 0.15 && (found.coverage - 0.97).abs() < 0.05, "{found:?}");
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
