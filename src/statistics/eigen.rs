//! Eigenvalues of symmetric matrices.

/// Sweeps after which an off-diagonal element is taken to be as small as it gets; a few are usual.
const SWEEPS: usize = 60;

/// The eigenvalues of a symmetric matrix in rows, in no order: Householder reflections to three diagonals,
/// then implicit QL steps (Wilkinson and Reinsch, *Linear Algebra*, 1971, contributions II/2 and II/3).
pub(super) fn eigenvalues(matrix: &[f64], size: usize) -> Vec<f64> {
    let (mut diagonal, mut beside) = tridiagonal(matrix.to_vec(), size);
    implicit_ql(&mut diagonal, &mut beside);
    diagonal
}

/// The main diagonal and the one beside it (`[i]` between `i` and `i + 1`, a 0 last) of a matrix of three
/// diagonals with the same eigenvalues.
fn tridiagonal(mut a: Vec<f64>, size: usize) -> (Vec<f64>, Vec<f64>) {
    let mut beside = vec![0.0; size];
    for last in (1..size).rev() {
        // Row `last` left of the diagonal becomes zeros and one number.
        let row: Vec<f64> = a[last * size..last * size + last].to_vec();
        let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        let end = row[last - 1];
        if norm == 0.0 || last == 1 {
            beside[last - 1] = end;
            continue;
        }
        let alpha = if end > 0.0 { -norm } else { norm };
        let mut v = row;
        v[last - 1] -= alpha;
        let half = norm * norm - alpha * end;
        // A := H A H with H = I - v vᵀ / half, on the leading block.
        let p: Vec<f64> =
            (0..last).map(|i| super::linear::dot(&a[i * size..i * size + last], &v) / half).collect();
        let k = super::linear::dot(&v, &p) / (2.0 * half);
        let q: Vec<f64> = p.iter().zip(&v).map(|(p, v)| p - k * v).collect();
        for i in 0..last {
            let (vi, qi) = (v[i], q[i]);
            let row = &mut a[i * size..i * size + last];
            for ((x, v), q) in row.iter_mut().zip(&v).zip(&q) {
                *x -= vi * q + qi * v;
            }
        }
        beside[last - 1] = alpha;
    }
    ((0..size).map(|i| a[i * size + i]).collect(), beside)
}

/// Turns the diagonal into the eigenvalues.
fn implicit_ql(d: &mut [f64], e: &mut [f64]) {
    let size = d.len();
    for l in 0..size {
        for _ in 0..SWEEPS {
            let small = |m: usize| e[m].abs() <= f64::EPSILON * (d[m].abs() + d[m + 1].abs());
            let m = (l..size - 1).find(|m| small(*m)).unwrap_or(size - 1);
            if m == l {
                break;
            }
            // Wilkinson's shift.
            let g = (d[l + 1] - d[l]) / (2.0 * e[l]);
            let r = g.hypot(1.0);
            let mut g = d[m] - d[l] + e[l] / (g + r.copysign(g));
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut split = false;
            for i in (l..m).rev() {
                let (f, b) = (s * e[i], c * e[i]);
                let r = f.hypot(g);
                e[i + 1] = r;
                if r == 0.0 {
                    d[i + 1] -= p;
                    e[m] = 0.0;
                    split = true;
                    break;
                }
                (s, c) = (f / r, g / r);
                let shifted = d[i + 1] - p;
                let r = (d[i] - shifted) * s + 2.0 * c * b;
                p = s * r;
                d[i + 1] = shifted + p;
                g = c * r - b;
            }
            if !split {
                d[l] -= p;
                e[l] = g;
                e[m] = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    fn sorted(matrix: &[f64], size: usize) -> Vec<f64> {
        let mut values = eigenvalues(matrix, size);
        values.sort_by(f64::total_cmp);
        values
    }

    #[test]
    fn known_matrices_have_known_eigenvalues() {
        let close = |found: Vec<f64>, expected: &[f64]| {
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        };
        close(sorted(&[], 0), &[]);
        close(sorted(&[7.0], 1), &[7.0]);
        close(sorted(&[2.0, 1.0, 1.0, 2.0], 2), &[1.0, 3.0]);
        close(sorted(&[0.0; 9], 3), &[0.0; 3]);
        // All ones: one eigenvalue of 4.
        close(sorted(&[1.0; 16], 4), &[0.0, 0.0, 0.0, 4.0]);
        // The second difference: 2 - 2 cos(k π / 6).
        let mut second = vec![0.0; 25];
        for i in 0..5 {
            second[i * 5 + i] = 2.0;
            if i > 0 {
                second[i * 5 + i - 1] = -1.0;
                second[(i - 1) * 5 + i] = -1.0;
            }
        }
        let expected: Vec<f64> =
            (1..=5).map(|k| 2.0 - 2.0 * (f64::from(k) * std::f64::consts::PI / 6.0).cos()).collect();
        close(sorted(&second, 5), &expected);
    }

    #[test]
    fn sums_of_eigenvalues_and_of_their_squares_are_those_of_the_matrix() {
        for size in [2, 3, 8, 33, 70] {
            let mut rng = Seed(size as u64).stream("test");
            let mut matrix = vec![0.0; size * size];
            for i in 0..size {
                for j in 0..=i {
                    let value = rng.normal();
                    matrix[i * size + j] = value;
                    matrix[j * size + i] = value;
                }
            }
            let values = eigenvalues(&matrix, size);
            let trace: f64 = (0..size).map(|i| matrix[i * size + i]).sum();
            let squares: f64 = matrix.iter().map(|x| x * x).sum();
            assert!((values.iter().sum::<f64>() - trace).abs() < 1e-9);
            assert!((values.iter().map(|x| x * x).sum::<f64>() - squares).abs() < 1e-8 * squares);
        }
    }
}
