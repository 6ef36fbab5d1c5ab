//! Rows in another order, or fewer of them.

use std::collections::HashSet;

use super::cell::Key;
use super::{ExperimentError, Table};

impl Table {
    /// The rows in the order of some columns, from the smallest or the largest: rows that agree in the
    /// first are ordered by the second, and so on. Rows without a value come last either way; equal
    /// ones keep their order.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when one of them is missing.
    pub fn sort_by<S: AsRef<str>>(&self, by: &[S], descending: bool) -> Result<Self, ExperimentError> {
        let directions: Vec<(&str, bool)> = by.iter().map(|name| (name.as_ref(), descending)).collect();
        self.sort_by_each(&directions)
    }

    /// The same with a direction for each column, true from the largest.
    ///
    /// # Errors
    /// As [`Table::sort_by`].
    pub fn sort_by_each(&self, by: &[(&str, bool)]) -> Result<Self, ExperimentError> {
        let keys: Vec<(usize, bool)> = by
            .iter()
            .map(|(name, descending)| Ok((self.place(name)?, *descending)))
            .collect::<Result<_, ExperimentError>>()?;
        let rows: Vec<_> = self.rows().collect();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| {
            let compared = keys.iter().map(|(place, descending)| {
                let (a, b) = (rows[*a].at(*place), rows[*b].at(*place));
                match *descending && !a.is_missing() && !b.is_missing() {
                    true => b.order(a),
                    false => a.order(b),
                }
            });
            compared.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        Ok(self.with_rows(order))
    }

    /// The first rows, at most `count`.
    pub fn head(&self, count: usize) -> Self {
        self.with_rows(0..count.min(self.len()))
    }

    /// The last rows, at most `count`.
    pub fn tail(&self, count: usize) -> Self {
        self.with_rows(self.len().saturating_sub(count)..self.len())
    }

    /// Each combination of values of some columns once, in the order of their first rows, without the
    /// other columns.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when one of them is missing.
    pub fn unique<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, ExperimentError> {
        let part = self.select(names)?;
        let mut seen: HashSet<Vec<Key>> = HashSet::new();
        let mut rows = Vec::new();
        for (place, row) in part.rows().enumerate() {
            if seen.insert(row.cells().map(|(_, cell)| cell.key()).collect()) {
                rows.push(place);
            }
        }
        Ok(part.with_rows(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Cell;

    fn table() -> Table {
        let mut table = Table::new();
        for (model, seed, rate) in
            [("b", 2, Some(0.5)), ("a", 1, None), ("b", 3, Some(0.25)), ("a", 2, Some(0.5))]
        {
            table.add([("model", Cell::from(model)), ("seed", Cell::Int(seed)), ("rate", rate.into())]);
        }
        table
    }

    fn seeds(table: &Table) -> Vec<f64> {
        table.numbers("seed").unwrap().into_iter().flatten().collect()
    }

    #[test]
    fn rows_without_a_value_come_last_either_way() {
        assert_eq!(seeds(&table().sort_by(&["rate"], false).unwrap()), [3.0, 2.0, 2.0, 1.0]);
        assert_eq!(seeds(&table().sort_by(&["rate"], true).unwrap()), [2.0, 2.0, 3.0, 1.0]);
    }

    #[test]
    fn a_later_column_decides_where_the_earlier_ones_agree() {
        assert_eq!(seeds(&table().sort_by(&["model", "seed"], false).unwrap()), [1.0, 2.0, 2.0, 3.0]);
        let mixed = table().sort_by_each(&[("model", false), ("seed", true)]).unwrap();
        assert_eq!(seeds(&mixed), [2.0, 1.0, 3.0, 2.0]);
        assert!(table().sort_by(&["modle"], false).unwrap_err().to_string().contains("`model`?"));
    }

    #[test]
    fn ends_and_distinct_rows_are_taken() {
        assert_eq!((seeds(&table().head(2)), seeds(&table().tail(9)).len()), (vec![2.0, 1.0], 4));
        assert_eq!(seeds(&table().tail(1)), [2.0]);
        assert_eq!(table().unique(&["model"]).unwrap().to_csv(), "model\r\nb\r\na\r\n");
        assert_eq!(table().unique(&["seed", "model"]).unwrap().len(), 4);
    }

    #[test]
    fn one_and_one_point_zero_are_the_same_value() {
        let mut table = Table::new();
        for cell in [Cell::Int(1), Cell::Float(1.0), "1".into(), Cell::Float(-0.0), Cell::Int(0)] {
            table.add([("x", cell)]);
        }
        assert_eq!(table.unique(&["x"]).unwrap().len(), 3);
    }
}
