//! Statistics of sets of numbers: how far two samples lie apart, and how sure that is.
//!
//! A *sample* is a list of points, each a list of as many numbers. Points that belong together (the
//! phrases of a song) are *clusters*: intervals and tests resample clusters, never single points, as
//! two phrases of one song tell less than two phrases of two.
//!
//! Every statistic knows how many points it needs and refuses fewer with an error that names it, the
//! number given and the smallest that does.
//!
//! Knows no music. Depends on `base`.

mod bootstrap;
mod classifier;
mod copies;
mod density;
mod eigen;
mod error;
mod frechet;
mod holm;
mod linear;
mod moments;
mod neighbours;
mod normal;
mod overlap;
mod permutation;
mod points;
mod quantile;
mod wasserstein;

pub use bootstrap::{Clusters, Interval, bootstrap};
pub use classifier::{Classified, classify};
pub use copies::{CopyRate, copy_rate};
pub use density::Grid;
pub use error::StatisticsError;
pub use frechet::{Covariance, Frechet, frechet, frechet_extrapolated, frechet_weighted};
pub use holm::holm;
pub use neighbours::{Neighbourhood, Neighbours, coverage};
pub use normal::{normal_cdf, normal_overlap};
pub use overlap::{Densities, Overlap, OverlapSample, densities, overlap};
pub use permutation::{Closer, PermutationTest, closer, permutation_test};
pub use points::Scale;
pub use quantile::quantile;
pub use wasserstein::wasserstein;

/// Mean of a sample; not a number when it is empty.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation of a sample (n - 1); 0 of a single value.
pub fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len().max(2) - 1) as f64).sqrt()
}
