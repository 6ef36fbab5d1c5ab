//! The tables as they were printed.

/// A printed row: its name, and a number for each column, or nothing where the paper has none.
pub type Printed<const N: usize> = (&'static str, [Option<f64>; N]);

/// Numbers of a row that has all of them.
const fn all<const N: usize>(numbers: [f64; N]) -> [Option<f64>; N] {
    let mut row = [None; N];
    let mut at = 0;
    while at < N {
        row[at] = Some(numbers[at]);
        at += 1;
    }
    row
}

/// Columns of the first table: empty bars (%), used pitch classes, qualified notes (%), drum pattern (%).
/// B bass, D drums, G guitar, P piano, S strings.
pub const AAAI_1_COLUMNS: [&str; 14] = [
    "EB B", "EB D", "EB G", "EB P", "EB S", "UPC B", "UPC G", "UPC P", "UPC S", "QN B", "QN G", "QN P",
    "QN S", "DP D",
];

/// Dong et al. 2018 (AAAI), Table 1: 20,000 bars a model, rock songs of the Lakh Pianoroll Dataset.
#[rustfmt::skip]
pub const AAAI_1: [Printed<14>; 8] = [
    ("training", all([8.06, 8.06, 19.4, 24.8, 10.1, 1.71, 3.08, 3.28, 3.38, 90.0, 81.9, 88.4, 89.6, 88.6])),
    ("jamming", all([6.59, 2.33, 18.3, 22.6, 6.10, 1.53, 3.69, 4.13, 4.09, 71.5, 56.6, 62.2, 63.1, 93.2])),
    ("composer", all([0.01, 28.9, 1.34, 0.02, 0.01, 2.51, 4.20, 4.89, 5.19, 49.5, 47.4, 49.9, 52.5, 75.3])),
    ("hybrid", all([2.14, 29.7, 11.7, 17.8, 6.04, 2.35, 4.76, 5.45, 5.24, 44.6, 43.2, 45.5, 52.0, 71.3])),
    ("ablated", all([92.4, 100.0, 12.5, 0.68, 0.00, 1.00, 2.88, 2.32, 4.72, 0.00, 22.8, 31.1, 26.2, 0.0])),
    ("jamming, piano given", [
        Some(4.60), Some(3.47), Some(13.3), None, Some(3.44), Some(2.05), Some(3.79), None, Some(4.23),
        Some(73.9), Some(58.8), None, Some(62.3), Some(91.6),
    ]),
    ("composer, piano given", [
        Some(0.65), Some(20.7), Some(1.97), None, Some(1.49), Some(2.51), Some(4.57), None, Some(5.10),
        Some(53.5), Some(48.4), None, Some(59.0), Some(84.5),
    ]),
    ("hybrid, piano given", [
        Some(2.09), Some(4.53), Some(10.3), None, Some(4.05), Some(2.86), Some(4.43), None, Some(4.32),
        Some(43.3), Some(55.6), None, Some(67.1), Some(71.8),
    ]),
];

/// Columns of the second table: pairs of tracks.
pub const AAAI_2_COLUMNS: [&str; 6] = ["B-G", "B-S", "B-P", "G-S", "G-P", "S-P"];

/// Dong et al. 2018 (AAAI), Table 2: tonal distance.
pub const AAAI_2: [Printed<6>; 8] = [
    ("training", all([1.57, 1.58, 1.51, 1.10, 1.02, 1.04])),
    ("training, shuffled", all([1.59, 1.59, 1.56, 1.14, 1.12, 1.13])),
    ("jamming", all([1.56, 1.60, 1.54, 1.05, 0.99, 1.05])),
    ("composer", all([1.37, 1.36, 1.30, 0.95, 0.98, 0.91])),
    ("hybrid", all([1.34, 1.35, 1.32, 0.85, 0.85, 0.83])),
    ("jamming, piano given", all([1.51, 1.53, 1.50, 1.04, 0.95, 1.00])),
    ("composer, piano given", all([1.41, 1.36, 1.40, 0.96, 1.01, 0.95])),
    ("hybrid, piano given", all([1.39, 1.36, 1.38, 0.96, 0.94, 0.95])),
];

/// Columns of the table of the binary neurons: qualified notes, steps of three pitches and more, and
/// tonal distance of piano and guitar.
pub const ISMIR_1_COLUMNS: [&str; 3] = ["QN", "PP", "TD"];

/// Dong and Yang 2018 (ISMIR), Table 1: 800 samples a model.
pub const ISMIR_1: [Printed<3>; 13] = [
    ("training", all([0.88, 0.48, 0.96])),
    ("pretrained, Bernoulli", all([0.67, 0.20, 0.98])),
    ("pretrained, threshold", all([0.72, 0.22, 1.00])),
    ("refined, stochastic", all([0.42, 0.26, 0.99])),
    ("refined, deterministic", all([0.78, 0.45, 0.87])),
    ("joint, stochastic", all([0.18, 0.19, 0.95])),
    ("joint, deterministic", all([0.55, 0.19, 1.00])),
    ("end to end, stochastic", all([0.67, 0.16, 1.40])),
    ("end to end, deterministic", all([0.28, 0.29, 1.10])),
    ("ablated 1, Bernoulli", all([0.61, 0.19, 1.00])),
    ("ablated 1, threshold", all([0.64, 0.20, 1.00])),
    ("ablated 2, Bernoulli", all([0.35, 0.14, 1.30])),
    ("ablated 2, threshold", all([0.37, 0.14, 1.40])),
];
