//! Single figures of a sample.

use std::str::FromStr;

use super::ExperimentError;
use crate::base::suggestion;
use crate::statistics::quantile;

/// What is computed from the numbers of a group.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Figure {
    /// Arithmetic mean.
    #[default]
    Mean,
    /// Lower end of the interval around the mean.
    Low,
    /// Upper end of the interval around the mean.
    High,
    /// Standard deviation of the sample, its squares divided by n - 1.
    Deviation,
    /// The value that half of the numbers lie below.
    Median,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Sum.
    Sum,
    /// The value below which so many hundredths of the numbers lie, 0..=100, between neighbours linearly.
    Percentile(u8),
}

impl FromStr for Figure {
    type Err = ExperimentError;

    /// `mean`, `low`, `high`, `sd`, `median`, `min`, `max`, `sum`, `q1`, `q3`, or `p` and a whole percentage.
    fn from_str(name: &str) -> Result<Self, ExperimentError> {
        const NAMES: [(&str, Figure); 10] = [
            ("mean", Figure::Mean),
            ("low", Figure::Low),
            ("high", Figure::High),
            ("sd", Figure::Deviation),
            ("median", Figure::Median),
            ("min", Figure::Min),
            ("max", Figure::Max),
            ("sum", Figure::Sum),
            ("q1", Figure::Percentile(25)),
            ("q3", Figure::Percentile(75)),
        ];
        if let Some((_, figure)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(*figure);
        }
        let percent = name.strip_prefix('p').and_then(|digits| digits.parse().ok()).filter(|p| *p <= 100);
        percent.map(Self::Percentile).ok_or_else(|| ExperimentError::Figure {
            name: name.to_owned(),
            hint: suggestion(name, NAMES.map(|(known, _)| known)),
        })
    }
}

impl Figure {
    /// The figure of some numbers; `None` where it is undefined. Intervals are those of
    /// [`super::Table::summary`] and undefined here.
    pub fn of(self, values: &[f64]) -> Option<f64> {
        let n = values.len() as f64;
        let mean = || values.iter().sum::<f64>() / n;
        if values.is_empty() {
            return None;
        }
        match self {
            Self::Mean => Some(mean()),
            Self::Low | Self::High => None,
            Self::Deviation => {
                let mean = mean();
                let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
                (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt())
            }
            Self::Median => Some(percentile(values, 50)),
            Self::Min => values.iter().copied().reduce(f64::min),
            Self::Max => values.iter().copied().reduce(f64::max),
            Self::Sum => Some(values.iter().sum()),
            Self::Percentile(percent) => Some(percentile(values, percent)),
        }
    }
}

fn percentile(values: &[f64], percent: u8) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, f64::from(percent) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_by_hand() {
        let of = |name: &str, values: &[f64]| name.parse::<Figure>().unwrap().of(values);
        let values = [4.0, 1.0, 2.0, 9.0];
        let names = ["mean", "median", "min", "max", "sum", "q1", "q3", "p0", "p100"];
        let told = names.map(|name| of(name, &values).unwrap());
        assert_eq!(told, [4.0, 3.0, 1.0, 9.0, 16.0, 1.75, 5.25, 1.0, 9.0]);
        // Squares of 0, 3, 2, 5 are 38, divided by 3.
        assert!((of("sd", &values).unwrap() - (38.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!((of("sd", &[1.0]), of("mean", &[]), of("median", &[7.0])), (None, None, Some(7.0)));
    }

    #[test]
    fn an_unknown_figure_gets_a_suggestion() {
        let error = "medain".parse::<Figure>().unwrap_err().to_string();
        assert!(error.contains("no figure `medain`") && error.ends_with("did you mean `median`?"), "{error}");
        assert!("p101".parse::<Figure>().is_err() && "p95".parse::<Figure>().is_ok());
    }
}
