//! Which of two made sets is closer to the real one, feature by feature.

use super::alone::Column;
use super::{Features, Options, SongSet, check_together};
use crate::base::{Cancel, Progress};
use crate::metrics::MetricsError;
use crate::statistics::{self, StatisticsError, deviation, holm, wasserstein};

/// Deviations below this are rounding.
const ROUNDING: f64 = 1e-9;

/// Whether set `a` is closer to the real phrases than `b` in a feature.
#[derive(Clone, Debug, PartialEq)]
pub struct CloserRow {
    /// The feature.
    pub feature: String,
    /// Distance of `a`: the Wasserstein distance of its phrases to the real ones, in real standard
    /// deviations.
    pub a: f64,
    /// Distance of `b`.
    pub b: f64,
    /// Probability that shuffled songs favour `a` as much.
    pub p: f64,
    /// The same corrected for the number of features (Holm).
    pub corrected: f64,
}

/// Tests for every feature of one number that varies in the real phrases whether the made set `a` is
/// closer to them than `b`: permutation tests that shuffle the songs between `a` and `b`
/// ([`statistics::closer`], [`Options::resamples`] times), with the distance of Wasserstein in real
/// deviations, which sees means, spreads and shapes; corrected by Holm over the features. Features that
/// are defined in too few phrases are left out.
///
/// # Errors
/// Those of [`super::against`] for the sets, [`MetricsError::Statistics`] when no feature can be tested
/// because the sets are too small.
pub fn closer(
    [a, b]: [&SongSet; 2],
    real: &SongSet,
    options: &Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Vec<CloserRow>, MetricsError> {
    check_together(&[("first", a.phrases()), ("second", b.phrases()), ("real", real.phrases())])?;
    let measured = |set: &SongSet| Features::of(set.phrases(), &options.definitions, cancel);
    let (of_a, of_b, of_real) = (measured(a)?, measured(b)?, measured(real)?);
    let mut rows = Vec::new();
    let mut refused: Option<StatisticsError> = None;
    let names = of_real.select(&options.features)?;
    for (done, name) in names.iter().enumerate() {
        if cancel.is_raised() {
            return Err(MetricsError::Stopped);
        }
        progress.report(done as u64, names.len() as u64, name);
        let target = Column::of(name, &of_real, real);
        if target.points.first().is_none_or(|point| point.len() != 1) {
            continue;
        }
        let target = target.numbers();
        let spread = deviation(&target);
        if spread < ROUNDING {
            continue;
        }
        let columns = [Column::of(name, &of_a, a), Column::of(name, &of_b, b)];
        let values = columns.each_ref().map(Column::numbers).concat();
        let distance = |points: &[usize]| {
            let part: Vec<f64> = points.iter().map(|point| values[*point]).collect();
            wasserstein(&part, &target).map(|distance| distance / spread)
        };
        let clusters = columns.each_ref().map(|column| &column.clusters);
        match statistics::closer(clusters, distance, options.seed, options.resamples) {
            Ok(found) => rows.push(CloserRow {
                feature: name.clone(),
                a: found.a,
                b: found.b,
                p: found.p,
                corrected: found.p,
            }),
            Err(error) => refused = Some(error),
        }
    }
    if let (true, Some(error)) = (rows.is_empty(), refused) {
        return Err(error.into());
    }
    let corrected = holm(&rows.iter().map(|row| row.p).collect::<Vec<_>>());
    rows.iter_mut().zip(corrected).for_each(|(row, p)| row.corrected = p);
    Ok(rows)
}
