//! Samples that a statistic cannot be computed of.

/// A sample that is too small or not made of numbers.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StatisticsError {
    #[error("{statistic} needs at least {minimum} {of}, got {given}")]
    TooFew { statistic: &'static str, of: &'static str, given: usize, minimum: usize },
    #[error(
        "{statistic} needs points of one length: point {index} has {found} numbers, the first {expected}"
    )]
    Ragged { statistic: &'static str, index: usize, found: usize, expected: usize },
    #[error("{statistic} needs finite numbers: point {index} holds {value}")]
    NotFinite { statistic: &'static str, index: usize, value: f64 },
    #[error("{statistic} needs a cluster for each of its {points} points, got {labels}")]
    Labels { statistic: &'static str, points: usize, labels: usize },
    #[error("{statistic} is undefined in most resamples: the sample hardly varies")]
    Undefined { statistic: &'static str },
}

impl StatisticsError {
    /// Refuses fewer than `minimum` things.
    pub(super) fn unless(
        statistic: &'static str,
        of: &'static str,
        given: usize,
        minimum: usize,
    ) -> Result<(), Self> {
        if given >= minimum { Ok(()) } else { Err(Self::TooFew { statistic, of, given, minimum }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_that_is_too_small_is_told_the_minimum() {
        let error = StatisticsError::unless("coverage", "real points", 4, 6).unwrap_err();
        assert_eq!(error.to_string(), "coverage needs at least 6 real points, got 4");
        assert_eq!(StatisticsError::unless("coverage", "real points", 6, 6), Ok(()));
    }
}
