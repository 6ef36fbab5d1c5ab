//! The normal distribution, and the overlap of two of them.

/// Share of a standard normal below `x`, to 13 digits (Hart et al., *Computer Approximations*, 1968, no.
/// 5666, in the form of West, *Better approximations to cumulative normal functions*, 2005).
pub fn normal_cdf(x: f64) -> f64 {
    /// Above and below the line of the fraction, from the highest power.
    const ABOVE: [f64; 7] = [
        3.526_249_659_989_11e-2,
        0.700_383_064_443_688,
        6.373_962_203_531_65,
        33.912_866_078_383,
        112.079_291_497_871,
        221.213_596_169_931,
        220.206_867_912_376,
    ];
    const BELOW: [f64; 8] = [
        8.838_834_764_831_84e-2,
        1.755_667_163_182_64,
        16.064_177_579_207,
        86.780_732_202_946_1,
        296.564_248_779_674,
        637.333_633_378_831,
        793.826_512_519_948,
        440.413_735_824_752,
    ];
    let size = x.abs();
    let of = |terms: &[f64]| terms.iter().fold(0.0, |sum, term| sum * size + term);
    let bell = (-0.5 * size * size).exp();
    let tail = if size < 7.071_067_811_865_47 {
        bell * of(&ABOVE) / of(&BELOW)
    } else {
        let fraction = [4.0, 3.0, 2.0, 1.0].into_iter().fold(size + 0.65, |below, n| size + n / below);
        bell / fraction / std::f64::consts::TAU.sqrt()
    };
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Overlap of two normal distributions, 0..=1: the integral of the lower density, in closed form (Inman
/// and Bradley 1989). FIGARO (von Rütte et al. 2023) gives it as overlap area, of the mean and deviation
/// of a feature in each set. A deviation of 0 is a single point, which overlaps only itself.
pub fn normal_overlap(a: (f64, f64), b: (f64, f64)) -> f64 {
    let ((m1, s1), (m2, s2)) = if a.1 <= b.1 { (a, b) } else { (b, a) };
    if s1 <= 0.0 {
        return f64::from(u8::from(s2 <= 0.0 && m1 == m2));
    }
    if (s2 - s1) < 1e-9 * s2 {
        return 2.0 * normal_cdf(-(m1 - m2).abs() / (s1 + s2));
    }
    // The densities cross twice; between the crossings the wider one is lower.
    let (v1, v2) = (s1 * s1, s2 * s2);
    let middle = (m1 * v2 - m2 * v1) / (v2 - v1);
    let root = s1 * s2 * ((m1 - m2).powi(2) + 2.0 * (v2 - v1) * (s2 / s1).ln()).sqrt() / (v2 - v1);
    let below = |x: f64, mean: f64, deviation: f64| normal_cdf((x - mean) / deviation);
    let (low, high) = (middle - root, middle + root);
    let narrow = below(low, m1, s1) + 1.0 - below(high, m1, s1);
    let wide = below(high, m2, s2) - below(low, m2, s2);
    (narrow + wide).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_scipy() {
        // scipy.stats.norm.cdf
        for (x, share) in CDF {
            assert!((normal_cdf(x) - share).abs() < 1e-13 * share.max(1e-3), "{x}: {}", normal_cdf(x));
        }
        assert_eq!(normal_cdf(f64::INFINITY), 1.0);
    }

    #[test]
    fn overlaps_are_the_integrals_of_the_lower_density() {
        // scipy.integrate.quad of the minimum of both densities.
        for [m1, s1, m2, s2, overlap] in OVERLAPS {
            let (a, b) = ((m1, s1), (m2, s2));
            assert!((normal_overlap(a, b) - overlap).abs() < 1e-9, "{a:?} {b:?}: {}", normal_overlap(a, b));
            assert_eq!(normal_overlap(a, b), normal_overlap(b, a));
        }
        assert_eq!(normal_overlap((1.0, 0.0), (1.0, 0.0)), 1.0);
        assert_eq!(normal_overlap((1.0, 0.0), (1.0, 2.0)), 0.0);
    }

    const CDF: [(f64, f64); 6] = [
        (-8.0, 6.22096057427174e-16),
        (-3.0, 0.0013498980316300933),
        (-1.0, 0.15865525393145707),
        (0.0, 0.5),
        (0.5, 0.6914624612740131),
        (2.5, 0.9937903346742238),
    ];
    /// Mean and deviation of either, and the overlap.
    const OVERLAPS: [[f64; 5]; 4] = [
        [0.0, 1.0, 1.0, 1.0, 0.6170750774549076],
        [0.0, 1.0, 0.0, 2.0, 0.6773254311640433],
        [1.0, 0.5, 3.0, 2.0, 0.2800362286185008],
        [-2.0, 3.0, 5.0, 0.25, 0.01583957859626525],
    ];
}
