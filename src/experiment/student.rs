//! The mean of a sample and Student's interval around it.

use std::f64::consts::{FRAC_PI_2, PI};

/// A sample's mean with the interval that covers the true mean in 95 of 100 samples, `mean ± t s/√n`
/// with the 0.975 quantile of Student's distribution of n - 1 degrees of freedom (Student 1908). It
/// takes the values to be independent and their mean to be normal; one value has no interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub n: usize,
    pub mean: Option<f64>,
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    /// The estimate from `values`; without any, there is neither mean nor interval.
    pub fn of(values: &[f64]) -> Self {
        let n = values.len();
        if n == 0 {
            return Self { n, mean: None, interval: None };
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let interval = (n > 1).then(|| {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let deviation = (squares / (n - 1) as f64).sqrt();
            let margin = quantile_975(n - 1) * deviation / (n as f64).sqrt();
            (mean - margin, mean + margin)
        });
        Self { n, mean: Some(mean), interval }
    }
}

/// The 0.975 quantile of Student's distribution.
fn quantile_975(freedom: usize) -> f64 {
    if freedom > 200 {
        // Cornish and Fisher's expansion about the normal quantile, here good to nine digits.
        const Z: f64 = 1.959_963_984_540_054;
        let v = freedom as f64;
        let first = (Z.powi(3) + Z) / 4.0;
        let second = (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / 96.0;
        let third = (3.0 * Z.powi(7) + 19.0 * Z.powi(5) + 17.0 * Z.powi(3) - 15.0 * Z) / 384.0;
        return Z + first / v + second / v.powi(2) + third / v.powi(3);
    }
    // In the angle atan(t/√v) the distribution has a finite range: halve it until it is found.
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if central_probability(middle, freedom) < 0.95 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low.tan() * (freedom as f64).sqrt()
}

/// Probability that |t| <= √v tan(angle) (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
fn central_probability(angle: f64, freedom: usize) -> f64 {
    let (sin, cos) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    // cos + 2/3 cos³ + 2·4/(3·5) cos⁵ … when odd, 1 + 1/2 cos² + 1·3/(2·4) cos⁴ … when even.
    let mut term = if odd { cos } else { 1.0 };
    let mut sum = 0.0;
    let mut power = usize::from(odd);
    while power + 2 <= freedom {
        sum += term;
        term *= (power + 1) as f64 / (power + 2) as f64 * cos * cos;
        power += 2;
    }
    if odd { (angle + sin * sum) * 2.0 / PI } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        let printed = [(1, 12.706_205), (2, 4.302_653), (3, 3.182_446), (4, 2.776_445), (9, 2.262_157)];
        let more = [(10, 2.228_139), (30, 2.042_272), (60, 2.000_298), (120, 1.979_930)];
        for (freedom, expected) in printed.into_iter().chain(more) {
            let got = quantile_975(freedom);
            assert!((got - expected).abs() < 1e-6, "{freedom}: {got}");
        }
        assert!((quantile_975(200) - quantile_975(201)).abs() < 1e-4);
        assert!((quantile_975(1_000_000) - 1.959_966).abs() < 1e-6);
    }

    #[test]
    fn an_interval_by_hand() {
        // Mean 2, deviation 1, n 3: 2 ± 4.302653 / √3.
        let Estimate { n, mean, interval } = Estimate::of(&[1.0, 2.0, 3.0]);
        let (low, high) = interval.unwrap();
        assert_eq!((n, mean), (3, Some(2.0)));
        assert!((low + 0.484_138).abs() < 1e-6 && (high - 4.484_138).abs() < 1e-6, "{low} {high}");
    }

    #[test]
    fn one_value_has_a_mean_but_no_interval() {
        assert_eq!(Estimate::of(&[4.0]), Estimate { n: 1, mean: Some(4.0), interval: None });
        assert_eq!(Estimate::of(&[]), Estimate { n: 0, mean: None, interval: None });
    }
}
