//! The published study.

/// Dong et al. 2018 (AAAI), Table 3: 144 people, 44 of them with a musical background; nine clips each, of
/// three four-bar phrases. Row, whose ratings, and the mean for each question.
#[rustfmt::skip]
pub(super) const AAAI_3: [(&str, &str, [f64; 5]); 12] = [
    ("jamming", "published, others", [2.83, 3.29, 2.88, 2.84, 2.88]),
    ("composer", "published, others", [3.12, 3.36, 2.95, 3.13, 3.12]),
    ("hybrid", "published, others", [3.15, 3.33, 3.09, 3.30, 3.16]),
    ("jamming", "published, musicians", [2.31, 3.05, 2.48, 2.49, 2.42]),
    ("composer", "published, musicians", [2.66, 3.13, 2.68, 2.63, 2.73]),
    ("hybrid", "published, musicians", [2.92, 3.25, 2.81, 3.00, 2.93]),
    ("jamming, track given", "published, others", [2.89, 3.44, 2.97, 3.01, 3.06]),
    ("composer, track given", "published, others", [2.70, 3.29, 2.98, 2.97, 2.86]),
    ("hybrid, track given", "published, others", [2.78, 3.34, 2.93, 2.98, 3.01]),
    ("jamming, track given", "published, musicians", [2.44, 3.32, 2.67, 2.72, 2.69]),
    ("composer, track given", "published, musicians", [2.35, 3.21, 2.59, 2.67, 2.62]),
    ("hybrid, track given", "published, musicians", [2.49, 3.29, 2.71, 2.73, 2.70]),
];
