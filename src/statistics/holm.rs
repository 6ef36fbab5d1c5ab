//! Several tests at once.

/// Holm's step-down correction (Holm 1979): each `p` of a family of tests as it would have to be below a
/// level so that the chance of any false finding stays below it. In the order given, in 0..=1.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut corrected = vec![0.0; p.len()];
    let mut most = 0.0_f64;
    for (rank, place) in order.into_iter().enumerate() {
        most = most.max((p.len() - rank) as f64 * p[place]).min(1.0);
        corrected[place] = most;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::holm;

    #[test]
    fn corrected_by_hand() {
        // Sorted 0.01 · 4, 0.02 · 3, 0.03 · 2, 0.04 · 1: the later ones may not fall below.
        assert_eq!(holm(&[0.01, 0.04, 0.03, 0.02]), [0.04, 0.06, 0.06, 0.06]);
        assert_eq!(holm(&[0.5, 0.9]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [0.0; 0]);
    }
}
