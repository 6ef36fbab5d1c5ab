//! Overlap area and divergence of the distances within and between two sets.
//!
//! Yang and Lerch, *On the evaluation of generative models in music* (Neural Computing and Applications
//! 2020): of a feature `f`, the distances within a set, `‖f(x_i) - f(x_j)‖` for `i < j`, and between two,
//! `‖f(x_i) - f(y_j)‖`, have densities; a good model's distances within its own set are spread like those
//! to real music. The published program evaluates its two densities on two grids; here there is one.

use super::density::{self, Grid};
use super::points::{check, squared_distance};
use super::{StatisticsError, deviation, mean, normal_overlap};

const NAME: &str = "overlap area";
/// Fewest points of each set: 45 distances.
const LEAST: usize = 10;
/// Grid points for resampled densities, of which only the interval is kept.
const COARSE: usize = 250;

/// How alike the distances within a made set are to others; areas in 0..=1 (1 is the same), divergences
/// in nats, 0 or more (0 is the same).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// Overlap of the distances within the made set with those between it and the real one.
    pub area: f64,
    /// Kullback-Leibler divergence of the distances between the sets from those within the made one.
    pub divergence: f64,
    /// Overlap of the distances within the made set with those within the real one.
    pub area_within: f64,
    /// Kullback-Leibler divergence of the distances within the real set from those within the made one.
    pub divergence_within: f64,
    /// As `area_within`, were both normal: [`normal_overlap`] of their means and deviations.
    pub area_normal: f64,
}

/// The overlap of a made set's distances with a real one's, of one feature of one or several numbers.
///
/// # Errors
/// [`StatisticsError::TooFew`] below 10 points of either set, and those of points that are no points.
pub fn overlap(made: &[Vec<f64>], real: &[Vec<f64>]) -> Result<Overlap, StatisticsError> {
    let Distances { made, real, between } = Distances::new(made, real)?;
    let grid = Grid::spanning(&[&made, &real, &between]);
    let densities = [&made, &real, &between].map(|sample| grid.density(sample));
    let moments = |sample: &[f64]| (mean(sample), deviation(sample));
    let [made_density, real_density, between_density] = densities.each_ref();
    Ok(Overlap {
        area: density::shared(made_density, between_density),
        divergence: density::divergence(made_density, between_density),
        area_within: density::shared(made_density, real_density),
        divergence_within: density::divergence(made_density, real_density),
        area_normal: normal_overlap(moments(&made), moments(&real)),
    })
}

/// Densities of the distances of two sets, to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Densities {
    /// The distances at which the densities stand.
    pub places: Vec<f64>,
    /// Density of the distances within the made set at each place; its area is 1.
    pub made: Vec<f64>,
    /// The same within the real set.
    pub real: Vec<f64>,
    /// The same between the sets.
    pub between: Vec<f64>,
}

/// The densities of which [`overlap`] tells the overlap.
///
/// # Errors
/// As [`overlap`].
pub fn densities(made: &[Vec<f64>], real: &[Vec<f64>]) -> Result<Densities, StatisticsError> {
    let Distances { made, real, between } = Distances::new(made, real)?;
    let grid = Grid::with_points(&[&made, &real, &between], COARSE);
    let places = grid.places();
    let step = places[1] - places[0];
    let density =
        |sample: &[f64]| grid.density(sample).into_iter().map(|mass| mass / step).collect::<Vec<f64>>();
    Ok(Densities { made: density(&made), real: density(&real), between: density(&between), places })
}

/// Distances between the points of two sets, each pair once, in rows.
struct Distances {
    made: Vec<f64>,
    real: Vec<f64>,
    between: Vec<f64>,
}

impl Distances {
    fn new(made: &[Vec<f64>], real: &[Vec<f64>]) -> Result<Self, StatisticsError> {
        StatisticsError::unless(NAME, "made points", made.len(), LEAST)?;
        StatisticsError::unless(NAME, "real points", real.len(), LEAST)?;
        let features = check(NAME, &[made, real])?;
        Ok(match features {
            1 => {
                let flat =
                    |points: &[Vec<f64>]| -> Vec<f64> { points.iter().map(|point| point[0]).collect() };
                Self::of(&flat(made), &flat(real), |a, b| (a - b).abs())
            }
            _ => Self::of(made, real, |a, b| squared_distance(a, b).sqrt()),
        })
    }

    fn of<T>(made: &[T], real: &[T], distance: impl Fn(&T, &T) -> f64) -> Self {
        let within = |set: &[T]| {
            let mut all = Vec::with_capacity(set.len() * set.len().saturating_sub(1) / 2);
            for (i, a) in set.iter().enumerate() {
                all.extend(set[i + 1..].iter().map(|b| distance(a, b)));
            }
            all
        };
        let mut between = Vec::with_capacity(made.len() * real.len());
        for a in made {
            between.extend(real.iter().map(|b| distance(a, b)));
        }
        Self { made: within(made), real: within(real), between }
    }
}

/// Distances laid out once, so that the overlap of resampled sets takes a fraction of a millisecond.
///
/// Two copies of one point in a resample are no pair: their distance of 0 says nothing of the set.
/// Bandwidths stay those of the whole sample.
#[derive(Clone, Debug)]
pub struct OverlapSample {
    grid: Grid,
    /// The nearest place on the grid of each distance, of those within the made set and between.
    places: [Vec<u16>; 2],
    bandwidths: [f64; 2],
}

impl OverlapSample {
    /// Lays out the distances of two sets.
    ///
    /// # Errors
    /// As [`overlap`].
    pub fn new(made: &[Vec<f64>], real: &[Vec<f64>]) -> Result<Self, StatisticsError> {
        let Distances { made, real, between } = Distances::new(made, real)?;
        let samples = [made, real, between];
        let grid = Grid::with_points(&[&samples[0], &samples[1], &samples[2]], COARSE);
        let place = |value: &f64| {
            let (place, part) = grid.place(*value);
            place as u16 + u16::from(part >= 0.5)
        };
        Ok(Self {
            grid,
            places: [&samples[0], &samples[2]].map(|sample| sample.iter().map(place).collect()),
            bandwidths: [&samples[0], &samples[2]].map(|sample| density::bandwidth(sample)),
        })
    }

    /// Area and divergence (as [`Overlap::area`] and [`Overlap::divergence`]) with each point counted as
    /// often as its weight says.
    pub fn resampled(&self, made: &[f64], real: &[f64]) -> [f64; 2] {
        let within = self.within(made);
        let mut counts = vec![0.0; self.grid.len()];
        for (row, weight) in self.places[1].chunks_exact(real.len().max(1)).zip(made) {
            if *weight > 0.0 {
                let others = row.iter().zip(real);
                others.for_each(|(place, other)| counts[usize::from(*place)] += weight * other);
            }
        }
        let between = self.grid.smooth(&counts, self.bandwidths[1]);
        [density::shared(&within, &between), density::divergence(&within, &between)]
    }

    fn within(&self, weights: &[f64]) -> Vec<f64> {
        let mut counts = vec![0.0; self.grid.len()];
        let mut places = self.places[0].as_slice();
        for (i, weight) in weights.iter().enumerate() {
            let (row, rest) = places.split_at((weights.len() - i - 1).min(places.len()));
            places = rest;
            if *weight > 0.0 {
                let others = row.iter().zip(&weights[i + 1..]);
                others.for_each(|(place, other)| counts[usize::from(*place)] += weight * other);
            }
        }
        self.grid.smooth(&counts, self.bandwidths[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    fn scalars(values: impl IntoIterator<Item = f64>) -> Vec<Vec<f64>> {
        values.into_iter().map(|value| vec![value]).collect()
    }

    fn normals(count: usize, mean: f64, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = Seed(seed).stream("test");
        scalars((0..count).map(|_| mean + rng.normal()))
    }

    /// `i² mod 17` and `(3 i mod 23) / 2`.
    fn known() -> [Vec<Vec<f64>>; 2] {
        let made = scalars((0..20u32).map(|i| f64::from(i * i % 17)));
        [made, scalars((0..25u32).map(|i| f64::from(3 * i % 23) / 2.0))]
    }

    #[test]
    fn areas_and_divergences_are_those_of_scipy_on_one_grid() {
        let [made, real] = known();
        let found = overlap(&made, &real).unwrap();
        // gaussian_kde of the distances on the same 1,000 points, normalised, floored at 1e-12.
        let close =
            |found: f64, expected: f64| assert!((found - expected).abs() < 5e-4, "{found} {expected}");
        close(found.area, 0.855795);
        close(found.divergence, 0.086071);
        close(found.area_within, 0.693897);
        close(found.divergence_within, 1.994222);
        close(found.area_normal, 0.645715);
    }

    #[test]
    fn alike_sets_overlap_and_distant_ones_do_not() {
        let (a, b) = (normals(100, 0.0, 1), normals(100, 0.0, 2));
        let alike = overlap(&a, &b).unwrap();
        assert!(alike.area > 0.9 && alike.divergence < 0.05, "{alike:?}");
        let far = overlap(&a, &normals(100, 30.0, 2)).unwrap();
        assert!(far.area < 0.01 && far.divergence > 5.0 && far.area_within > 0.85, "{far:?}");
    }

    #[test]
    fn several_numbers_are_one_feature_by_their_distance() {
        // On a line at 45 degrees distances are as along it.
        let line = |points: &[Vec<f64>]| -> Vec<Vec<f64>> {
            points.iter().map(|p| vec![p[0] / 2f64.sqrt(), p[0] / 2f64.sqrt()]).collect()
        };
        let [made, real] = known();
        let (plain, tilted) = (overlap(&made, &real).unwrap(), overlap(&line(&made), &line(&real)).unwrap());
        assert!(
            (plain.area - tilted.area).abs() < 1e-9 && (plain.divergence - tilted.divergence).abs() < 1e-9
        );
    }

    #[test]
    fn a_resample_with_every_point_once_is_the_sample() {
        let [made, real] = known();
        let whole = overlap(&made, &real).unwrap();
        let sample = OverlapSample::new(&made, &real).unwrap();
        let [area, divergence] = sample.resampled(&vec![1.0; made.len()], &vec![1.0; real.len()]);
        assert!((area - whole.area).abs() < 5e-3 && (divergence - whole.divergence).abs() < 5e-3);
        let [doubled, _] = sample.resampled(&vec![2.0; made.len()], &vec![3.0; real.len()]);
        assert!((area - doubled).abs() < 1e-9);
    }

    #[test]
    fn what_never_varies_is_resampled_as_it_is_measured() {
        // Its distances are all zero, a density as narrow as the grid allows.
        let (made, [_, real]) = (scalars([1.0; 30]), known());
        let whole = overlap(&made, &real).unwrap();
        let sample = OverlapSample::new(&made, &real).unwrap();
        let [area, divergence] = sample.resampled(&vec![1.0; made.len()], &vec![1.0; real.len()]);
        assert!((area - whole.area).abs() < 0.02, "{area} {}", whole.area);
        assert!((divergence - whole.divergence).abs() < 0.2, "{divergence} {}", whole.divergence);
    }

    #[test]
    fn sets_that_never_vary_have_numbers_and_small_ones_none() {
        let still = overlap(&scalars([4.0; 12]), &scalars([4.0; 12])).unwrap();
        assert!((still.area - 1.0).abs() < 1e-9 && still.divergence < 1e-9);
        let error = overlap(&scalars([4.0; 12]), &scalars([4.0; 9])).unwrap_err();
        assert_eq!(error.to_string(), "overlap area needs at least 10 real points, got 9");
    }
}
