//! How many made things are copies.

use super::StatisticsError;

const NAME: &str = "a copy rate";
/// Fewest real distances: so that one in a hundred is one of them.
const LEAST: usize = 100;
/// Share of real things that lie as near to another as what is called a copy.
const SHARE: f64 = 0.01;

/// How many made things lie suspiciously near to training data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CopyRate {
    /// The distance under which something counts as a copy: one in a hundred real things lies nearer to
    /// training data that it is not part of.
    pub threshold: f64,
    /// Share of made things at that distance or nearer, 0..=1; 0.01 is what real things do.
    pub made: f64,
    /// Median distance of the made things.
    pub made_median: f64,
    /// Median distance of the real things.
    pub real_median: f64,
}

/// The copy rate, of the distance of each made thing to the nearest of the training data and that of each
/// real thing which was not trained on. Nearest-neighbour tests of memorisation are as in Meehan,
/// Chaudhuri and Dasgupta, *A non-parametric test to detect data-copying in generative models* (AISTATS
/// 2020).
///
/// # Errors
/// [`StatisticsError::TooFew`] below 100 real distances and without made ones.
pub fn copy_rate(made: &[f64], real: &[f64]) -> Result<CopyRate, StatisticsError> {
    StatisticsError::unless(NAME, "real distances", real.len(), LEAST)?;
    StatisticsError::unless(NAME, "made distances", made.len(), 1)?;
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (made, real) = (sorted(made), sorted(real));
    // The nearest rank.
    let at = |sorted: &[f64], share: f64| {
        sorted[((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len()) - 1]
    };
    let threshold = at(&real, SHARE);
    Ok(CopyRate {
        threshold,
        made: made.partition_point(|distance| *distance <= threshold) as f64 / made.len() as f64,
        made_median: at(&made, 0.5),
        real_median: at(&real, 0.5),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_nearer_than_all_but_one_in_a_hundred_real_things() {
        let real: Vec<f64> = (1..=200).map(|i| f64::from(i) / 200.0).collect();
        let rate = copy_rate(&[0.0, 0.01, 0.02, 0.9], &real).unwrap();
        assert_eq!((rate.threshold, rate.made), (0.01, 0.5));
        assert_eq!((rate.made_median, rate.real_median), (0.01, 0.5));
        let error = copy_rate(&[0.0], &real[..99]).unwrap_err();
        assert_eq!(error.to_string(), "a copy rate needs at least 100 real distances, got 99");
    }
}
