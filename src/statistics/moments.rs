//! Means and covariances of weighted points.

use super::linear::dot;

/// Mean and covariance of a sample.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moments {
    /// Mean of each feature.
    pub mean: Vec<f64>,
    /// Covariance in rows.
    pub covariance: Vec<f64>,
    /// How far the covariance was drawn to a ball, 0..=1.
    pub shrinkage: f64,
}

/// How a covariance is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covariance {
    /// Of the sample, divided by n - 1.
    Sample,
    /// Of the sample, divided by n, drawn to a ball of the same mean variance as far as makes the expected
    /// error least (Ledoit and Wolf 2004): defined and well-conditioned with few points.
    LedoitWolf,
}

impl Moments {
    /// The moments of points of `size` features, each counted as often as its weight says, or once.
    pub fn of(points: &[Vec<f64>], weights: Option<&[f64]>, size: usize, kind: Covariance) -> Self {
        let weight = |point: usize| weights.map_or(1.0, |weights| weights[point]);
        let count: f64 = (0..points.len()).map(weight).sum();
        let mut mean = vec![0.0; size];
        for (place, point) in points.iter().enumerate() {
            mean.iter_mut().zip(point).for_each(|(mean, x)| *mean += weight(place) * x / count);
        }
        // In columns, so that every covariance is one product along memory.
        let mut columns = vec![0.0; size * points.len()];
        let mut fourth = 0.0;
        for (place, point) in points.iter().enumerate() {
            let root = weight(place).sqrt();
            let mut square = 0.0;
            for (feature, (x, mean)) in point.iter().zip(&mean).enumerate() {
                columns[feature * points.len() + place] = root * (x - mean);
                square += (x - mean) * (x - mean);
            }
            fourth += weight(place) * square * square;
        }
        let divisor = if kind == Covariance::Sample { (count - 1.0).max(1.0) } else { count };
        let column = |feature: usize| &columns[feature * points.len()..(feature + 1) * points.len()];
        let mut covariance = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                let value = dot(column(i), column(j)) / divisor;
                covariance[i * size + j] = value;
                covariance[j * size + i] = value;
            }
        }
        let mut moments = Self { mean, covariance, shrinkage: 0.0 };
        if kind == Covariance::LedoitWolf {
            moments.shrink(fourth / count, count, size);
        }
        moments
    }

    /// Draws the covariance to a ball, given the mean fourth power of the distances from the mean.
    fn shrink(&mut self, fourth: f64, count: f64, size: usize) {
        let trace: f64 = (0..size).map(|i| self.covariance[i * size + i]).sum();
        let variance = trace / size.max(1) as f64;
        let norm = dot(&self.covariance, &self.covariance);
        let apart = norm - size as f64 * variance * variance;
        if apart <= 0.0 {
            return;
        }
        self.shrinkage = ((fourth - norm) / count / apart).clamp(0.0, 1.0);
        self.covariance.iter_mut().for_each(|x| *x *= 1.0 - self.shrinkage);
        (0..size).for_each(|i| self.covariance[i * size + i] += self.shrinkage * variance);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Vec<Vec<f64>> {
        vec![vec![0.0, 0.0], vec![2.0, 0.0], vec![0.0, 2.0], vec![2.0, 6.0]]
    }

    #[test]
    fn moments_by_hand() {
        let moments = Moments::of(&points(), None, 2, Covariance::Sample);
        assert_eq!(moments.mean, [1.0, 2.0]);
        // Deviations (-1, -2), (1, -2), (-1, 0), (1, 4): squares 4 and 24, products 2 - 2 + 0 + 4.
        let expected = [4.0 / 3.0, 4.0 / 3.0, 4.0 / 3.0, 8.0];
        assert!(moments.covariance.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn a_weight_counts_a_point_so_often() {
        let mut twice = points();
        twice.push(points()[1].clone());
        for kind in [Covariance::Sample, Covariance::LedoitWolf] {
            let weighted = Moments::of(&points(), Some(&[1.0, 2.0, 1.0, 1.0]), 2, kind);
            let plain = Moments::of(&twice, None, 2, kind);
            let pairs = weighted.covariance.iter().zip(&plain.covariance);
            assert!(pairs.chain(weighted.mean.iter().zip(&plain.mean)).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }

    #[test]
    fn shrinkage_by_hand() {
        // Squared distances 5, 5, 1, 17: mean fourth power (25 + 25 + 1 + 289) / 4 = 85. Covariance
        // [[1, 1], [1, 6]], norm 39, mean variance 3.5: (85 - 39) / 4 / (39 - 24.5) = 0.793….
        let moments = Moments::of(&points(), None, 2, Covariance::LedoitWolf);
        let share = 46.0 / 4.0 / 14.5;
        assert!((moments.shrinkage - share).abs() < 1e-12, "{}", moments.shrinkage);
        let expected = [(1.0 - share) + share * 3.5, 1.0 - share];
        assert!((moments.covariance[0] - expected[0]).abs() < 1e-12);
        assert!((moments.covariance[1] - expected[1]).abs() < 1e-12);
    }

    #[test]
    fn points_that_never_vary_have_no_covariance() {
        let moments = Moments::of(&[vec![3.0], vec![3.0]], None, 1, Covariance::LedoitWolf);
        assert_eq!((moments.covariance, moments.shrinkage), (vec![0.0], 0.0));
    }
}
