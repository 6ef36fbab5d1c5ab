//! How far one sample must be moved to become another.

/// The 1-Wasserstein (earth mover's) distance of two samples of numbers: the area between their
/// distribution functions, in their own unit. At least the distance of their means, and more where their
/// spreads or shapes differ. `None` when one is empty.
pub fn wasserstein(a: &[f64], b: &[f64]) -> Option<f64> {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    of_sorted(&sorted(a), &sorted(b))
}

/// The same of samples in rising order.
pub(super) fn of_sorted(a: &[f64], b: &[f64]) -> Option<f64> {
    let first = a.first()?.min(*b.first()?);
    let (mut i, mut j, mut at, mut area) = (0, 0, first, 0.0);
    while i < a.len() || j < b.len() {
        let next = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) => *x,
            (None, Some(y)) => *y,
            (None, None) => break,
        };
        area += (i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs() * (next - at);
        at = next;
        i += usize::from(a.get(i) == Some(&next));
        j += usize::from(b.get(j) == Some(&next));
    }
    Some(area)
}

#[cfg(test)]
mod tests {
    use super::wasserstein;

    #[test]
    fn distances_by_hand() {
        assert_eq!(wasserstein(&[0.0, 1.0], &[5.0, 6.0]), Some(5.0));
        // Same mean, other spread: each half moves by one.
        assert_eq!(wasserstein(&[0.0, 4.0], &[1.0, 3.0]), Some(1.0));
        assert_eq!(wasserstein(&[2.0, 1.0, 1.0], &[1.0, 2.0, 1.0]), Some(0.0));
        // A third of the mass goes from 3 to 0: scipy.stats.wasserstein_distance([0, 0, 3], [0]).
        assert_eq!(wasserstein(&[0.0, 0.0, 3.0], &[0.0]).map(|d| (d * 1e9).round() / 1e9), Some(1.0));
        assert_eq!(wasserstein(&[], &[1.0]), None);
    }
}
