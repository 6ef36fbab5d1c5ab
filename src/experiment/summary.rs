//! Means by group, with intervals.

use std::collections::HashMap;

use super::student::Estimate;
use super::{Cell, ExperimentError, Table};

impl Table {
    /// Means of the columns `of` in each group of rows that agree in the columns `by`: a row for each
    /// group and measure, with the columns of `by`, then
    /// * `measure`: the name of the column;
    /// * `n`: how many values there were;
    /// * `mean`, and `low` and `high`, its 95 % interval by Student's t (the values taken as
    ///   independent; nothing when n is 1);
    /// * `undefined`: rows of the group without a value, which are left out.
    ///
    /// Groups come in the order of their first rows. Truth values count as 0 and 1.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when a column is missing, [`ExperimentError::NotANumber`] when a
    /// column of `of` holds a text.
    pub fn summary<S: AsRef<str>>(&self, by: &[S], of: &[S]) -> Result<Self, ExperimentError> {
        let keys: Vec<usize> = by.iter().map(|name| self.place(name.as_ref())).collect::<Result<_, _>>()?;
        let measures: Vec<(&str, Vec<Option<f64>>)> = of
            .iter()
            .map(|name| Ok((name.as_ref(), self.numbers(name.as_ref())?)))
            .collect::<Result<_, ExperimentError>>()?;
        let mut summary = Self::new();
        for group in self.groups(&keys) {
            for (measure, values) in &measures {
                let defined: Vec<f64> = group.iter().filter_map(|row| values[*row]).collect();
                let estimate = Estimate::of(&defined);
                let key = keys.iter().zip(by).map(|(place, name)| {
                    let cell = self.row(group[0]).map_or(Cell::Missing, |row| row.at(*place).clone());
                    (name.as_ref(), cell)
                });
                let figures = [
                    ("measure", Cell::from(*measure)),
                    ("n", Cell::Int(estimate.n as i64)),
                    ("mean", estimate.mean.into()),
                    ("low", estimate.interval.map(|(low, _)| low).into()),
                    ("high", estimate.interval.map(|(_, high)| high).into()),
                    ("undefined", Cell::Int((group.len() - defined.len()) as i64)),
                ];
                summary.add(key.chain(figures));
            }
        }
        Ok(summary)
    }

    /// Rows that agree in the columns `keys`, in order; never an empty group.
    fn groups(&self, keys: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<Vec<String>, usize> = HashMap::new();
        for (index, row) in self.rows().enumerate() {
            // With its kind, so that the text `1` and the number 1 are two groups.
            let key = keys.iter().map(|place| format!("{:?}", row.at(*place))).collect();
            let group = *known.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[group].push(index);
        }
        groups
    }
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
    fn a_missing_column_and_a_text_are_refused() {
        assert!(table().summary(&["treshold"], &["rate"]).unwrap_err().to_string().contains("`threshold`?"));
        let mut table = table();
        table.add([("rate", "high")]);
        let error = table.summary(&[], &["rate"]).unwrap_err().to_string();
        assert!(error.contains("column `rate` holds \"high\" in row 4"), "{error}");
    }
}
