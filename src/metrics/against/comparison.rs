//! What a comparison finds.

use super::Statistic;
use crate::statistics::{Interval, StatisticsError};

/// How made phrases compare with real ones, beside how other real ones do.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Phrases and songs of the made set, and phrases of the floor: as many.
    pub made: (usize, usize),
    /// Phrases and songs of the reference.
    pub reference: (usize, usize),
    /// Whether the songs of the real phrases are known; otherwise each phrase counts as one, and
    /// intervals are too narrow if some are of one song.
    pub songs_known: bool,
    /// Names of the features that are taken together.
    pub joint: Vec<String>,
    /// Share of the values taken together that were undefined, of the made, the floor and the reference:
    /// the reference's mean stands in for them.
    pub filled: [f64; 3],
    /// Every statistic, of one feature or of all.
    pub rows: Vec<Row>,
}

/// A statistic of made and of other real phrases.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which statistic.
    pub statistic: Statistic,
    /// The feature it is of; `None` when it is of all that are taken together.
    pub feature: Option<String>,
    /// The made phrases against the reference.
    pub made: Result<Estimate, StatisticsError>,
    /// The other half of the real phrases against the reference.
    pub floor: Result<Estimate, StatisticsError>,
}

/// A number and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// The middle 95 % of what resampled songs give; `None` where there are too few songs.
    pub interval: Option<Interval>,
    /// Probability of such a number if made and real songs could change places, for the classifier.
    pub p: Option<f64>,
}

impl Estimate {
    pub(super) fn new(value: f64, interval: Option<Interval>) -> Self {
        Self { value, interval, p: None }
    }
}

impl Comparison {
    /// The row of a statistic, of one feature or of all together.
    pub fn row(&self, statistic: Statistic, feature: Option<&str>) -> Option<&Row> {
        self.rows.iter().find(|row| row.statistic == statistic && row.feature.as_deref() == feature)
    }

    /// The rows of a statistic.
    pub fn of(&self, statistic: Statistic) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.statistic == statistic)
    }

    /// The middle over features of the size of a statistic, of the made phrases and of the floor; `None`
    /// where it could not be computed for any.
    pub fn median(&self, statistic: Statistic) -> Option<[f64; 2]> {
        let middle = |value: fn(&Row) -> &Result<Estimate, StatisticsError>| {
            let mut sizes: Vec<f64> =
                self.of(statistic).filter_map(|row| Some(value(row).as_ref().ok()?.value.abs())).collect();
            sizes.sort_by(f64::total_cmp);
            let (low, high) = (sizes.get(sizes.len().checked_sub(1)? / 2)?, sizes.get(sizes.len() / 2)?);
            Some((low + high) / 2.0)
        };
        Some([middle(|row| &row.made)?, middle(|row| &row.floor)?])
    }
}
