//! The Fréchet distance of two samples, taken as normal distributions.
//!
//! `‖m₁ - m₂‖² + tr(S₁ + S₂ - 2 (S₁ S₂)^½)` (Dowson and Landau 1982; of features of a network: Heusel et
//! al. 2017). `S₁ S₂` is not symmetric; with `S₁ = L Lᵀ` it has the eigenvalues of the symmetric `Lᵀ S₂ L`,
//! whose roots add up to the trace of the root without any rounding into the complex.

use super::StatisticsError;
use super::eigen::eigenvalues;
use super::linear::{cholesky, congruent};
pub use super::moments::Covariance;
use super::moments::Moments;
use super::points::{check, squared_distance};
use crate::base::Seed;

const NAME: &str = "the Fréchet distance";
/// Fewest points of each set.
const LEAST: usize = 10;
const NAME_EXTRAPOLATED: &str = "the extrapolated Fréchet distance";
/// Fewest points of each set for a line through several sizes.
const LEAST_EXTRAPOLATED: usize = 50;
/// Sizes through which the line goes.
const SIZES: usize = 20;

/// A Fréchet distance in its two parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frechet {
    /// The distance, 0 or more, in squared units of the features.
    pub distance: f64,
    /// The part of it that is the squared distance of the means; the rest is spread and shape.
    pub means: f64,
}

/// The Fréchet distance of two samples. It is biased upwards by about 1/n: compare only what was computed
/// of as many points.
///
/// # Errors
/// [`StatisticsError::TooFew`] below 10 points of either, and those of points that are no points.
pub fn frechet(a: &[Vec<f64>], b: &[Vec<f64>], kind: Covariance) -> Result<Frechet, StatisticsError> {
    for sample in [a, b] {
        StatisticsError::unless(NAME, "points in each set", sample.len(), LEAST)?;
    }
    let size = check(NAME, &[a, b])?;
    let [a, b] = [a, b].map(|points| Moments::of(points, None, size, kind));
    Ok(between(&a, &b, size))
}

/// The same of points that count as often as their weights say, without checks; for resamples.
pub fn frechet_weighted(samples: [(&[Vec<f64>], &[f64]); 2], kind: Covariance) -> Frechet {
    let size = samples[0].0.first().map_or(0, Vec::len);
    let [a, b] = samples.map(|(points, weights)| Moments::of(points, Some(weights), size, kind));
    between(&a, &b, size)
}

fn between(a: &Moments, b: &Moments, size: usize) -> Frechet {
    let means = squared_distance(&a.mean, &b.mean);
    let trace = |covariance: &[f64]| (0..size).map(|i| covariance[i * size + i]).sum::<f64>();
    let lower = cholesky(&a.covariance, size);
    let roots: f64 = eigenvalues(&congruent(&lower, &b.covariance, size), size)
        .into_iter()
        .map(|value| value.max(0.0).sqrt())
        .sum();
    let spread = trace(&a.covariance) + trace(&b.covariance) - 2.0 * roots;
    Frechet { distance: (means + spread).max(0.0), means }
}

/// The Fréchet distance of samples without end, as far as these tell: the distance at 20 sizes from half
/// of the points to all, drawn without replacement, lies on a line in 1/n, and this is where the line
/// meets the axis (Chong and Forsyth, *Effectively unbiased FID and Inception Score*, CVPR 2020). Half
/// noise below about the distance of two halves of one sample; may be slightly negative.
///
/// # Errors
/// [`StatisticsError::TooFew`] below 50 points of either, or so few that half of them are not more than the
/// features (the line bends there), and those of points that are no points.
pub fn frechet_extrapolated(a: &[Vec<f64>], b: &[Vec<f64>], seed: Seed) -> Result<f64, StatisticsError> {
    let size = check(NAME_EXTRAPOLATED, &[a, b])?;
    let minimum = LEAST_EXTRAPOLATED.max(2 * (size + 1));
    for sample in [a, b] {
        StatisticsError::unless(NAME_EXTRAPOLATED, "points in each set", sample.len(), minimum)?;
    }
    let most = a.len().min(b.len());
    let least = most / 2;
    let mut rng = seed.stream("frechet/sizes");
    let mut draw = |points: &[Vec<f64>], count: usize| {
        let mut order: Vec<usize> = (0..points.len()).collect();
        rng.shuffle(&mut order);
        let drawn: Vec<Vec<f64>> = order[..count].iter().map(|i| points[*i].clone()).collect();
        Moments::of(&drawn, None, size, Covariance::Sample)
    };
    let points: Vec<(f64, f64)> = (0..SIZES)
        .map(|place| {
            let count = least + (most - least) * place / (SIZES - 1);
            let (a, b) = (draw(a, count), draw(b, count));
            (1.0 / count as f64, between(&a, &b, size).distance)
        })
        .collect();
    Ok(intercept(&points))
}

/// Where the line of least squares through points meets x = 0.
fn intercept(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let xx: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let xy: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    if xx > 0.0 { mean_y - xy / xx * mean_x } else { mean_y }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normals(count: usize, size: usize, mean: f64, spread: f64, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = Seed(seed).stream("test");
        (0..count).map(|_| (0..size).map(|_| mean + spread * rng.normal()).collect()).collect()
    }

    #[test]
    fn in_one_dimension_it_is_the_distance_of_means_and_deviations() {
        // (m1 - m2)² + (s1 - s2)², of the sample 0…9 and its double.
        let line = |by: f64| -> Vec<Vec<f64>> { (0..10).map(|i| vec![by * f64::from(i)]).collect() };
        let deviation = (82.5f64 / 9.0).sqrt();
        let found = frechet(&line(1.0), &line(2.0), Covariance::Sample).unwrap();
        assert!((found.means - 20.25).abs() < 1e-12);
        assert!((found.distance - 20.25 - deviation * deviation).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn distances_are_those_of_scipy() {
        // sin and cos of whole numbers; scipy.linalg.sqrtm of S1 S2, numpy.cov.
        let points = |count: u32, by: f64| -> Vec<Vec<f64>> {
            (0..count)
                .map(|i| {
                    (0..5u32).map(|j| (f64::from(i * (j + 2)) * by).sin() + f64::from(j * i % 7)).collect()
                })
                .collect()
        };
        let found = frechet(&points(30, 1.0), &points(40, 0.37), Covariance::Sample).unwrap();
        assert!((found.distance - 0.22347671702075644).abs() < 1e-9, "{found:?}");
        let found = frechet(&points(30, 1.0), &points(40, 0.37), Covariance::LedoitWolf).unwrap();
        assert!((found.distance - 0.17309559449135958).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn a_sample_is_at_distance_zero_from_itself_even_when_it_is_flat() {
        let mut flat = normals(20, 3, 0.0, 1.0, 1);
        flat.iter_mut().for_each(|point| point.push(point[0] + point[1]));
        for kind in [Covariance::Sample, Covariance::LedoitWolf] {
            assert!(frechet(&flat, &flat, kind).unwrap().distance < 1e-6);
        }
        let weights = vec![1.0; 20];
        let weighted = frechet_weighted([(&flat, &weights), (&flat, &weights)], Covariance::Sample);
        assert!(weighted.distance < 1e-6);
    }

    #[test]
    fn the_extrapolated_distance_of_alike_samples_is_nearer_to_zero() {
        let (a, b) = (normals(300, 20, 0.0, 1.0, 3), normals(300, 20, 0.0, 1.0, 4));
        let plain = frechet(&a, &b, Covariance::Sample).unwrap().distance;
        let beyond = frechet_extrapolated(&a, &b, Seed(0)).unwrap();
        assert!(plain > 0.5 && beyond.abs() < plain / 3.0, "{plain} {beyond}");
        let far = frechet_extrapolated(&a, &normals(300, 20, 1.0, 1.0, 4), Seed(0)).unwrap();
        assert!((far - 20.0).abs() < 2.0, "{far}");
    }

    #[test]
    fn few_points_are_refused() {
        let few = normals(9, 2, 0.0, 1.0, 1);
        let error = frechet(&few, &few, Covariance::Sample).unwrap_err().to_string();
        assert_eq!(error, "the Fréchet distance needs at least 10 points in each set, got 9");
        let error = frechet_extrapolated(&few, &few, Seed(0)).unwrap_err().to_string();
        assert_eq!(error, "the extrapolated Fréchet distance needs at least 50 points in each set, got 9");
        let wide = normals(100, 50, 0.0, 1.0, 1);
        let error = frechet_extrapolated(&wide, &wide, Seed(0)).unwrap_err().to_string();
        assert!(error.contains("at least 102 points"), "{error}");
    }
}
