//! Means by group, with intervals.

use std::sync::Arc;

use super::figure::Figure;
use super::student::Estimate;
use super::{Cell, ExperimentError, Groups, Table};
use crate::base::{Cancel, Seed};
use crate::statistics::quantile;

/// Fewest clusters that an interval is drawn from.
const FEWEST_CLUSTERS: usize = 2;

/// Which figures a summary has, and how it finds its intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The figures and what their columns are called.
    pub figures: Vec<(Arc<str>, Figure)>,
    /// How the interval around the mean is found.
    pub interval: Interval,
}

/// How the 95 % interval around a mean is found.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Interval {
    /// Student's t, the values taken as independent.
    #[default]
    Student,
    /// The percentiles of the means of so many resamples, each of which draws whole clusters: the rows
    /// that agree in column `column`, such as those of one song or seed (Field and Welsh 2007).
    Clusters {
        /// The column.
        column: String,
        /// Number of resamples.
        resamples: usize,
        /// What the draws come from.
        seed: Seed,
    },
}

impl Default for Summary {
    /// `mean`, and `low` and `high` by Student's t.
    fn default() -> Self {
        let figures = [("mean", Figure::Mean), ("low", Figure::Low), ("high", Figure::High)];
        Self {
            figures: figures.map(|(name, figure)| (name.into(), figure)).to_vec(),
            interval: Interval::Student,
        }
    }
}

impl Table {
    /// Means of the columns `of` in each group of rows that agree in the columns `by`: as
    /// [`Groups::summary`] with its usual figures.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when a column is missing, [`ExperimentError::NotANumber`] when a
    /// column of `of` holds a text.
    pub fn summary<S: AsRef<str>>(&self, by: &[S], of: &[S]) -> Result<Self, ExperimentError> {
        self.group(by)?.summary(of, &Summary::default())
    }
}

impl Groups {
    /// Figures of the columns `of` in each group: a row for each group and column, with the columns
    /// that make the groups, then
    /// * `measure`: the name of the column;
    /// * `n`: how many values there were;
    /// * the figures; the interval, `low` and `high`, is nothing when there is one value or one cluster;
    /// * `undefined`: rows of the group without a value, which are left out.
    ///
    /// Truth values count as 0 and 1.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when a column is missing, [`ExperimentError::NotANumber`] when a
    /// column of `of` holds a text, [`ExperimentError::SummaryClash`] when the groups are made by a column
    /// called like one of these.
    pub fn summary<S: AsRef<str>>(&self, of: &[S], summary: &Summary) -> Result<Table, ExperimentError> {
        self.summary_until(&Cancel::new(), of, summary)
    }

    /// The same unless `cancel` is raised before it is done.
    ///
    /// # Errors
    /// [`ExperimentError::Stopped`] then; otherwise as [`Groups::summary`].
    pub fn summary_until<S: AsRef<str>>(
        &self,
        cancel: &Cancel,
        of: &[S],
        summary: &Summary,
    ) -> Result<Table, ExperimentError> {
        let own =
            ["measure", "n", "undefined"].into_iter().chain(summary.figures.iter().map(|(name, _)| &**name));
        if let Some(name) = own.into_iter().find(|own| self.by().iter().any(|by| **by == **own)) {
            return Err(ExperimentError::SummaryClash { name: name.to_owned() });
        }
        let measures: Vec<(&str, Vec<Option<f64>>)> = of
            .iter()
            .map(|name| Ok((name.as_ref(), self.table().numbers(name.as_ref())?)))
            .collect::<Result<_, ExperimentError>>()?;
        let clusters = match &summary.interval {
            Interval::Student => Vec::new(),
            Interval::Clusters { column, .. } => self.table().group(&[column])?.of_rows(),
        };
        let mut told = Table::new();
        for (group, rows) in self.rows().iter().enumerate() {
            for (measure, values) in &measures {
                let defined: Vec<f64> = rows.iter().filter_map(|row| values[*row]).collect();
                let estimate = Estimate::of(&defined);
                let interval = match &summary.interval {
                    Interval::Student => estimate.interval,
                    Interval::Clusters { resamples, seed, .. } => {
                        let named = rows.iter().filter_map(|row| Some((clusters[*row], values[*row]?)));
                        resampled(cancel, named, *resamples, seed.child(measure, group as u64))?
                    }
                };
                let figure = |(name, figure): &(Arc<str>, Figure)| {
                    let value = match figure {
                        Figure::Low => interval.map(|(low, _)| low),
                        Figure::High => interval.map(|(_, high)| high),
                        other => other.of(&defined),
                    };
                    (name.clone(), value.into())
                };
                let counts =
                    [("measure".into(), Cell::from(*measure)), ("n".into(), Cell::Int(estimate.n as i64))];
                let undefined = ("undefined".into(), Cell::Int((rows.len() - defined.len()) as i64));
                let figures = summary.figures.iter().map(figure);
                told.add(self.key(group).into_iter().chain(counts).chain(figures).chain([undefined]));
            }
        }
        Ok(told)
    }
}

/// The 2.5th and 97.5th percentile of the means of resampled clusters.
fn resampled(
    cancel: &Cancel,
    values: impl Iterator<Item = (usize, f64)>,
    resamples: usize,
    seed: Seed,
) -> Result<Option<(f64, f64)>, ExperimentError> {
    let mut sums: Vec<(usize, f64, f64)> = Vec::new();
    let mut named: Vec<(usize, f64)> = values.collect();
    named.sort_by_key(|(cluster, _)| *cluster);
    for (cluster, value) in named {
        match sums.last_mut().filter(|(last, ..)| *last == cluster) {
            Some((_, sum, count)) => (*sum, *count) = (*sum + value, *count + 1.0),
            None => sums.push((cluster, value, 1.0)),
        }
    }
    if sums.len() < FEWEST_CLUSTERS {
        return Ok(None);
    }
    let mut rng = seed.stream("clusters");
    let mut mean = || {
        if cancel.is_raised() {
            return Err(ExperimentError::Stopped);
        }
        let drawn = (0..sums.len()).map(|_| sums[rng.below(sums.len())]);
        let (sum, count) = drawn.fold((0.0, 0.0), |(sum, count), (_, s, n)| (sum + s, count + n));
        Ok(sum / count)
    };
    let mut means: Vec<f64> = (0..resamples.max(1)).map(|_| mean()).collect::<Result<_, _>>()?;
    means.sort_by(f64::total_cmp);
    Ok(Some((quantile(&means, 0.025), quantile(&means, 0.975))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new();
        for (threshold, rate) in [(0.5, Some(1.0)), (0.3, Some(4.0)), (0.5, Some(3.0)), (0.5, None)] {
            table.add([("threshold", Cell::Float(threshold)), ("rate", rate.into()), ("ok", true.into())]);
        }
        table
    }

    #[test]
    fn groups_are_summed_up_apart_and_undefined_values_counted() {
        let summary = table().summary(&["threshold"], &["rate"]).unwrap();
        let names: Vec<&str> = summary.columns().iter().map(AsRef::as_ref).collect();
        assert_eq!(names, ["threshold", "measure", "n", "mean", "low", "high", "undefined"]);
        assert_eq!(summary.numbers("threshold").unwrap(), [Some(0.5), Some(0.3)]);
        assert_eq!(summary.numbers("n").unwrap(), [Some(2.0), Some(1.0)]);
        assert_eq!(summary.numbers("mean").unwrap(), [Some(2.0), Some(4.0)]);
        assert_eq!(summary.numbers("undefined").unwrap(), [Some(1.0), Some(0.0)]);
        // 2 ± 12.706205 · √2 / √2.
        let low = summary.numbers("low").unwrap();
        assert!((low[0].unwrap() + 10.706_205).abs() < 1e-6 && low[1].is_none(), "{low:?}");
    }

    #[test]
    fn without_columns_to_group_by_all_rows_are_one_group() {
        let summary = table().summary(&[], &["rate", "ok"]).unwrap();
        assert_eq!(summary.numbers("mean").unwrap(), [Some(8.0 / 3.0), Some(1.0)]);
    }

    #[test]
    fn figures_are_chosen_by_name() {
        let figures = ["median", "sd", "max"].map(|name| (name.into(), name.parse().unwrap())).to_vec();
        let summary = Summary { figures, ..Summary::default() };
        let told = table().group(&["threshold"]).unwrap().summary(&["rate"], &summary).unwrap();
        let names: Vec<&str> = told.columns().iter().map(AsRef::as_ref).collect();
        assert_eq!(names, ["threshold", "measure", "n", "median", "sd", "max", "undefined"]);
        assert_eq!(told.numbers("median").unwrap(), [Some(2.0), Some(4.0)]);
        assert_eq!(told.numbers("sd").unwrap(), [Some(2f64.sqrt()), None]);
    }

    #[test]
    fn values_of_one_cluster_count_as_one() {
        // Ten songs, each with the same value twenty times: 200 rows know no more than ten.
        let mut table = Table::new();
        for row in 0..200i64 {
            table.add([("song", Cell::Int(row % 10)), ("rate", Cell::Float((row % 10) as f64))]);
        }
        let width = |interval| {
            let summary = Summary { interval, ..Summary::default() };
            let told = table.group::<&str>(&[]).unwrap().summary(&["rate"], &summary).unwrap();
            let number = |name: &str| told.numbers(name).unwrap()[0].unwrap();
            assert_eq!(number("mean"), 4.5);
            number("high") - number("low")
        };
        let clusters = |seed| Interval::Clusters { column: "song".into(), resamples: 2000, seed: Seed(seed) };
        // Means of ten draws of 0..=9 have a deviation of 2.872 / √10 = 0.908.
        let by_song = width(clusters(1));
        assert!((3.2..3.9).contains(&by_song) && width(Interval::Student) < 1.0, "{by_song}");
        assert_eq!(by_song, width(clusters(1)));
        let one = table.head(1).group::<&str>(&[]).unwrap();
        let summary = Summary { interval: clusters(1), ..Summary::default() };
        assert!(one.summary(&["rate"], &summary).unwrap().column("low").unwrap()[0].is_missing());
    }

    #[test]
    fn a_missing_column_and_a_text_are_refused() {
        assert!(table().summary(&["treshold"], &["rate"]).unwrap_err().to_string().contains("`threshold`?"));
        let mut table = table();
        table.add([("rate", "high")]);
        let error = table.summary(&[], &["rate"]).unwrap_err().to_string();
        assert!(error.contains("column `rate` holds \"high\" in row 4"), "{error}");
    }
}
