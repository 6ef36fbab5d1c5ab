//! Rows that belong together.

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::Key;
use super::{Cell, ExperimentError, Table};

/// The rows of a table by the values of some columns, in the order of their first rows; never an empty
/// group.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    table: Table,
    by: Vec<Arc<str>>,
    rows: Vec<Vec<usize>>,
}

impl Table {
    /// The rows in groups that agree in the columns `by`; without any, all rows are one group.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when one of them is missing.
    pub fn group<S: AsRef<str>>(&self, by: &[S]) -> Result<Groups, ExperimentError> {
        let places = self.places(by)?;
        let rows = self.rows_by(&places);
        let by = by.iter().map(|name| name.as_ref().into()).collect();
        Ok(Groups { table: self.clone(), by, rows })
    }

    /// Places of the rows that agree in some columns.
    fn rows_by(&self, places: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<Vec<Key>, usize> = HashMap::new();
        for (index, row) in self.rows().enumerate() {
            let key = places.iter().map(|place| row.at(*place).key()).collect();
            let group = *known.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[group].push(index);
        }
        groups
    }
}

impl Groups {
    /// Number of groups.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none, because the table has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The columns that make the groups.
    pub fn by(&self) -> &[Arc<str>] {
        &self.by
    }

    /// The whole table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Each group's values of the columns that make it, and its rows with all columns.
    pub fn tables(&self) -> impl ExactSizeIterator<Item = (Vec<(Arc<str>, Cell)>, Table)> {
        (0..self.len()).map(|group| (self.key(group), self.table.with_rows(self.rows[group].iter().copied())))
    }

    /// How many rows each group has: the columns that make the groups, then `n`.
    pub fn count(&self) -> Table {
        let mut counts = Table::new();
        for (group, rows) in self.rows.iter().enumerate() {
            counts.add(self.key(group).into_iter().chain([("n".into(), Cell::Int(rows.len() as i64))]));
        }
        counts
    }

    /// Places of the rows of each group.
    pub(super) fn rows(&self) -> &[Vec<usize>] {
        &self.rows
    }

    /// The group of each row.
    pub(super) fn of_rows(&self) -> Vec<usize> {
        let mut groups = vec![0; self.table.len()];
        for (group, rows) in self.rows.iter().enumerate() {
            rows.iter().for_each(|row| groups[*row] = group);
        }
        groups
    }

    /// The values that make a group, by the names of their columns.
    pub(super) fn key(&self, group: usize) -> Vec<(Arc<str>, Cell)> {
        let first = self.rows.get(group).and_then(|rows| self.table.row(*rows.first()?));
        let cell = |name: &Arc<str>| first.and_then(|row| row.get(name)).cloned().unwrap_or_default();
        self.by.iter().map(|name| (name.clone(), cell(name))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new();
        for (model, seed) in [("b", 1), ("a", 2), ("b", 3)] {
            table.add([("model", Cell::from(model)), ("seed", Cell::Int(seed))]);
        }
        table
    }

    #[test]
    fn groups_come_in_the_order_of_their_first_rows() {
        let groups = table().group(&["model"]).unwrap();
        assert_eq!(groups.count().to_csv(), "model,n\r\nb,2\r\na,1\r\n");
        let (key, rows) = groups.tables().next().unwrap();
        assert_eq!(key, [("model".into(), "b".into())]);
        assert_eq!(rows.to_csv(), "model,seed\r\nb,1\r\nb,3\r\n");
    }

    #[test]
    fn without_columns_all_rows_are_one_group_and_no_rows_are_none() {
        assert_eq!(table().group::<&str>(&[]).unwrap().count().to_csv(), "n\r\n3\r\n");
        assert!(Table::new().group::<&str>(&[]).unwrap().is_empty());
        assert!(table().group(&["modle"]).unwrap_err().to_string().contains("`model`?"));
    }
}
