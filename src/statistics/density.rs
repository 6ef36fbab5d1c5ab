//! Densities of samples on one grid: binned Gaussian kernel estimates.
//!
//! Every value is shared between the two grid points beside it (linear binning), and the counts are
//! smoothed with a Gaussian of Scott's width, `n^(-1/5)` standard deviations (Scott, *Multivariate Density
//! Estimation*, 1992). On a grid of 1,000 points that differs from the sum of one Gaussian a value by
//! less than one thousandth, and takes as long for 100 values as for 100,000.

use super::deviation;

/// Points of a grid.
pub(super) const POINTS: usize = 1_000;
/// Least mass at a point of a grid of [`POINTS`], so that logarithms are finite.
const FLOOR: f64 = 1e-12;
/// Least bandwidth, as a share of the grid: what never varies has the same density on a coarse grid as on a
/// fine one.
const NARROWEST: f64 = 0.002;
/// Bandwidths that the grid reaches beyond the sample.
const MARGIN: f64 = 3.0;
/// Bandwidths after which a Gaussian (1e-14 of its height) is cut off.
const REACH: f64 = 8.0;

/// Equally spaced places at which densities of several samples are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    low: f64,
    step: f64,
    points: usize,
}

impl Grid {
    /// 1,000 points from below the smallest to above the largest value of all samples, with a margin of
    /// three bandwidths of the widest.
    pub fn spanning(samples: &[&[f64]]) -> Self {
        Self::with_points(samples, POINTS)
    }

    pub(super) fn with_points(samples: &[&[f64]], points: usize) -> Self {
        let values = samples.iter().flat_map(|sample| sample.iter().copied());
        let (low, high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let margin = MARGIN * samples.iter().map(|sample| bandwidth(sample)).fold(0.0, f64::max);
        let (low, high) = (low - margin, high + margin);
        let (low, high) = match high - low > low.abs().max(high.abs()) * 1e-12 {
            true => (low, high),
            false if low.is_finite() => (low - 0.5, high + 0.5),
            false => (0.0, 1.0),
        };
        Self { low, step: (high - low) / (points - 1) as f64, points }
    }

    /// The masses of a sample's density at the points of the grid; they add up to 1, and none is zero.
    pub fn density(&self, sample: &[f64]) -> Vec<f64> {
        let mut counts = vec![0.0; self.points];
        for value in sample {
            let (place, part) = self.place(*value);
            counts[place] += 1.0 - part;
            counts[place + 1] += part;
        }
        self.smooth(&counts, bandwidth(sample))
    }

    /// The grid point at or below a value, and how far towards the next it lies, in 0..=1.
    pub(super) fn place(&self, value: f64) -> (usize, f64) {
        let at = ((value - self.low) / self.step).clamp(0.0, (self.points - 1) as f64);
        let place = (at as usize).min(self.points - 2);
        (place, at - place as f64)
    }

    /// Its points.
    pub(super) fn places(&self) -> Vec<f64> {
        (0..self.points).map(|place| self.low + self.step * place as f64).collect()
    }

    /// Number of its points.
    pub(super) fn len(&self) -> usize {
        self.points
    }

    /// Counts at the grid's points as masses of a density.
    pub(super) fn smooth(&self, counts: &[f64], bandwidth: f64) -> Vec<f64> {
        let width = (bandwidth / self.step).max(NARROWEST * self.points as f64);
        let reach = ((REACH * width).ceil() as usize).min(self.points - 1);
        let kernel: Vec<f64> = (0..=2 * reach)
            .map(|place| {
                let away = (place as f64 - reach as f64) / width;
                (-0.5 * away * away).exp()
            })
            .collect();
        // A margin on both sides spares the inner loop its bounds.
        let mut padded = vec![0.0; self.points + 2 * reach];
        for (place, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            for (mass, weight) in padded[place..].iter_mut().zip(&kernel) {
                *mass += count * weight;
            }
        }
        let masses = &padded[reach..reach + self.points];
        let sum: f64 = masses.iter().sum();
        let floored: Vec<f64> =
            masses.iter().map(|mass| (mass / sum.max(f64::MIN_POSITIVE)).max(FLOOR)).collect();
        let sum: f64 = floored.iter().sum();
        floored.into_iter().map(|mass| mass / sum).collect()
    }
}

/// Scott's bandwidth of a sample.
pub(super) fn bandwidth(sample: &[f64]) -> f64 {
    if sample.is_empty() { 0.0 } else { (sample.len() as f64).powf(-0.2) * deviation(sample) }
}

/// Shared mass of two densities on one grid, 0..=1: the sum of the lower of both.
pub(super) fn shared(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(p, q)| p.min(*q)).sum()
}

/// Kullback-Leibler divergence of `q` from `p`, in nats, 0 or more: what is lost by taking `q` for `p`.
pub(super) fn divergence(p: &[f64], q: &[f64]) -> f64 {
    let sum: f64 = p.iter().zip(q).map(|(p, q)| p * (p / q).ln()).sum();
    sum.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_density_is_the_sum_of_one_gaussian_a_value() {
        let sample = [0.0, 1.0, 1.5, 4.0];
        let grid = Grid::spanning(&[&sample]);
        let density = grid.density(&sample);
        let width = bandwidth(&sample);
        let exact: Vec<f64> = (0..POINTS)
            .map(|i| {
                let x = grid.low + grid.step * i as f64;
                sample.iter().map(|v| (-0.5 * ((x - v) / width).powi(2)).exp()).sum()
            })
            .collect();
        let sum: f64 = exact.iter().sum();
        for (binned, exact) in density.iter().zip(&exact) {
            assert!((binned - exact / sum).abs() < 1e-3 * density[500], "{binned} {}", exact / sum);
        }
        assert!((density.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        // scipy: np.std(x, ddof=1) * 4 ** -0.2
        assert!((width - 1.289_658_673_127_424_9).abs() < 1e-12, "{width}");
    }

    #[test]
    fn samples_that_never_vary_have_a_density() {
        let grid = Grid::spanning(&[&[2.0, 2.0], &[2.0]]);
        let density = grid.density(&[2.0, 2.0]);
        assert!((density.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(shared(&density, &grid.density(&[2.0])), density.iter().sum::<f64>());
        let apart = Grid::spanning(&[&[0.0, 0.0], &[1.0, 1.0]]);
        assert!(shared(&apart.density(&[0.0]), &apart.density(&[1.0])) < 1e-6);
        assert!(divergence(&apart.density(&[0.0]), &apart.density(&[1.0])).is_finite());
        assert!(Grid::spanning(&[]).density(&[]).iter().all(|mass| mass.is_finite()));
    }

    #[test]
    fn a_divergence_is_counted_in_nats() {
        let (p, q) = ([0.5, 0.5], [0.25, 0.75]);
        let by_hand = 0.5 * 2f64.ln() + 0.5 * (2.0f64 / 3.0).ln();
        assert!((divergence(&p, &q) - by_hand).abs() < 1e-15);
        assert_eq!(shared(&p, &q), 0.75);
    }
}
