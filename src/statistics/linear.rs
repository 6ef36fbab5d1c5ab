//! Small dense matrices, in rows: triangular factors and what they solve.

/// The lower triangle `L` of a symmetric matrix `A = L Lᵀ` without negative eigenvalues (Cholesky). A
/// direction in which nothing varies, up to rounding, has a column of zeros.
pub(super) fn cholesky(matrix: &[f64], size: usize) -> Vec<f64> {
    let largest = (0..size).map(|i| matrix[i * size + i]).fold(0.0, f64::max);
    let mut lower = vec![0.0; size * size];
    for column in 0..size {
        let squares: f64 = lower[column * size..column * size + column].iter().map(|x| x * x).sum();
        let pivot = matrix[column * size + column] - squares;
        if pivot <= 1e-12 * largest {
            continue;
        }
        let root = pivot.sqrt();
        lower[column * size + column] = root;
        for row in column + 1..size {
            let (above, below) = lower.split_at(row * size);
            let known = dot(&above[column * size..column * size + column], &below[..column]);
            lower[row * size + column] = (matrix[row * size + column] - known) / root;
        }
    }
    lower
}

/// The `x` of `L Lᵀ x = b`; 0 in directions that `L` does not have.
pub(super) fn solve(lower: &[f64], size: usize, b: &[f64]) -> Vec<f64> {
    let mut x = b.to_vec();
    for row in 0..size {
        let known = dot(&lower[row * size..row * size + row], &x[..row]);
        let pivot = lower[row * size + row];
        x[row] = if pivot > 0.0 { (x[row] - known) / pivot } else { 0.0 };
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|below| lower[below * size + row] * x[below]).sum();
        let pivot = lower[row * size + row];
        x[row] = if pivot > 0.0 { (x[row] - known) / pivot } else { 0.0 };
    }
    x
}

/// `Lᵀ A L` for a lower triangle `L` and a symmetric `A`.
pub(super) fn congruent(lower: &[f64], matrix: &[f64], size: usize) -> Vec<f64> {
    // In rows of the transposed factor every product runs along memory.
    let transposed: Vec<f64> =
        (0..size * size).map(|place| lower[place % size * size + place / size]).collect();
    let row = |m: &[f64], i: usize| m[i * size..(i + 1) * size].to_vec();
    let mut half = vec![0.0; size * size];
    for i in 0..size {
        let factor = row(&transposed, i);
        for j in 0..size {
            half[i * size + j] = dot(&factor[i..], &matrix[j * size + i..(j + 1) * size]);
        }
    }
    let mut product = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..=i {
            let value = dot(&half[i * size + j..(i + 1) * size], &transposed[j * size + j..(j + 1) * size]);
            product[i * size + j] = value;
            product[j * size + i] = value;
        }
    }
    product
}

/// Sum of the products, in eight parts so that processors take several at once.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_parts, b_parts) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_parts.remainder().iter().zip(b_parts.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 8];
    for (a, b) in a_parts.zip(b_parts) {
        for place in 0..8 {
            sums[place] += a[place] * b[place];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_times_itself_is_the_matrix_and_solves_it() {
        // [[4, 2], [2, 5]] = [[2, 0], [1, 2]] times its transpose.
        let lower = cholesky(&[4.0, 2.0, 2.0, 5.0], 2);
        assert_eq!(lower, [2.0, 0.0, 1.0, 2.0]);
        assert_eq!(solve(&lower, 2, &[8.0, 12.0]), [1.0, 2.0]);
        assert_eq!(congruent(&lower, &[1.0, 0.0, 0.0, 1.0], 2), [5.0, 2.0, 2.0, 4.0]);
    }

    #[test]
    fn directions_without_variance_are_left_out() {
        let lower = cholesky(&[1.0, 1.0, 1.0, 1.0], 2);
        assert_eq!(lower, [1.0, 0.0, 1.0, 0.0]);
        assert_eq!(cholesky(&[0.0], 1), [0.0]);
        assert!(solve(&lower, 2, &[1.0, 1.0]).iter().all(|x| x.is_finite()));
    }

    #[test]
    fn a_long_dot_product_is_the_sum_of_products() {
        let a: Vec<f64> = (0..19).map(f64::from).collect();
        assert_eq!(dot(&a, &a), 2_109.0);
    }
}
