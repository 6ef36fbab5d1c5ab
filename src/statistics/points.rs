//! Points: lists of as many numbers each; their checks, distances and scales.

use super::{StatisticsError, mean};

/// Deviations below this are rounding: such a feature keeps its own scale.
const ROUNDING: f64 = 1e-9;

/// Refuses points of several lengths and numbers that are not finite; gives their length.
///
/// # Errors
/// [`StatisticsError::Ragged`] and [`StatisticsError::NotFinite`].
pub(super) fn check(statistic: &'static str, samples: &[&[Vec<f64>]]) -> Result<usize, StatisticsError> {
    let expected = samples.iter().find_map(|sample| sample.first()).map_or(0, Vec::len);
    for sample in samples {
        for (index, point) in sample.iter().enumerate() {
            if point.len() != expected {
                return Err(StatisticsError::Ragged { statistic, index, found: point.len(), expected });
            }
            if let Some(value) = point.iter().copied().find(|value| !value.is_finite()) {
                return Err(StatisticsError::NotFinite { statistic, index, value });
            }
        }
    }
    Ok(expected)
}

/// Squared Euclidean distance, in eight parts so that processors take several at once.
pub(super) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let (a_parts, b_parts) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_parts.remainder().iter().zip(b_parts.remainder());
    let rest: f64 = rest.map(|(a, b)| (a - b) * (a - b)).sum();
    let mut sums = [0.0; 8];
    for (a, b) in a_parts.zip(b_parts) {
        for place in 0..8 {
            sums[place] += (a[place] - b[place]) * (a[place] - b[place]);
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Mean and standard deviation (n) of every feature of a sample, for bringing others to its scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Scale {
    /// The scale of a sample; a feature that never varies in it keeps its own.
    pub fn of(points: &[Vec<f64>]) -> Self {
        let features = points.first().map_or(0, Vec::len);
        let column = |feature: usize| -> Vec<f64> {
            points.iter().filter_map(|point| point.get(feature).copied()).collect()
        };
        let columns: Vec<Vec<f64>> = (0..features).map(column).collect();
        let means: Vec<f64> = columns.iter().map(|values| mean(values)).collect();
        let deviation = |(values, mean): (&Vec<f64>, &f64)| {
            let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
            let deviation = (squares / values.len() as f64).sqrt();
            if deviation < ROUNDING { 1.0 } else { deviation }
        };
        let deviations = columns.iter().zip(&means).map(deviation).collect();
        Self { means, deviations }
    }

    /// The points with the sample's mean at 0 and its deviation 1 in every feature.
    pub fn apply(&self, points: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let scaled = |point: &Vec<f64>| {
            let features = point.iter().zip(&self.means).zip(&self.deviations);
            features.map(|((value, mean), deviation)| (value - mean) / deviation).collect()
        };
        points.iter().map(scaled).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_at_its_own_scale_has_mean_zero_and_deviation_one() {
        let points = vec![vec![1.0, 5.0], vec![3.0, 5.0]];
        let scale = Scale::of(&points);
        assert_eq!(scale.apply(&points), [[-1.0, 0.0], [1.0, 0.0]]);
        assert_eq!(scale.apply(&[vec![6.0, 6.0]]), [[4.0, 1.0]]);
    }

    #[test]
    fn a_distance_of_many_numbers_is_the_sum_of_their_squares() {
        let (a, b): (Vec<f64>, Vec<f64>) = (0..19).map(|i| (f64::from(i), f64::from(2 * i))).unzip();
        assert_eq!(squared_distance(&a, &b), 2_109.0);
        assert_eq!(squared_distance(&[3.0, 0.0], &[0.0, 4.0]), 25.0);
    }

    #[test]
    fn ragged_and_infinite_points_are_refused_with_their_place() {
        let error = check("x", &[&[vec![1.0]], &[vec![2.0], vec![1.0, 2.0]]]).unwrap_err();
        assert_eq!(error.to_string(), "x needs points of one length: point 1 has 2 numbers, the first 1");
        let error = check("x", &[&[vec![f64::NAN]]]).unwrap_err();
        assert_eq!(error.to_string(), "x needs finite numbers: point 0 holds NaN");
    }
}
