//! A table whose columns are another table's values.

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::Key;
use super::figure::Figure;
use super::{Cell, ExperimentError, Table};

impl Table {
    /// A row for each value of column `rows` and a column for each value of column `across`, in the order
    /// of their first rows; each cell holds a figure of the numbers of column `of` there, nothing where
    /// there are none.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when a column is missing, [`ExperimentError::NotANumber`] when `of`
    /// holds a text, [`ExperimentError::Clash`] when a value of `across` is called like `rows`.
    pub fn pivot(&self, rows: &str, across: &str, of: &str, figure: Figure) -> Result<Self, ExperimentError> {
        let values = self.numbers(of)?;
        let groups = self.group(&[rows, across])?;
        let lines = self.unique(&[rows])?.column(rows)?;
        let columns = self.unique(&[across])?.column(across)?;
        let names: Vec<Arc<str>> = columns.iter().map(|cell| cell.to_string().into()).collect();
        if let Some(name) = names.iter().find(|name| ***name == *rows) {
            return Err(ExperimentError::Clash { name: name.to_string() });
        }
        let (down, right) = (places(&lines), places(&columns));
        let row =
            |cell: &Cell| [cell.clone()].into_iter().chain(names.iter().map(|_| Cell::Missing)).collect();
        let mut cells: Vec<Vec<Cell>> = lines.iter().map(row).collect();
        for members in groups.rows() {
            let Some(first) = members.first().and_then(|row| self.row(*row)) else { continue };
            let at = |name: &str, places: &HashMap<Key, usize>| places.get(&first.get(name)?.key()).copied();
            let defined: Vec<f64> = members.iter().filter_map(|row| values[*row]).collect();
            if let (Some(down), Some(right)) = (at(rows, &down), at(across, &right)) {
                cells[down][right + 1] = figure.of(&defined).into();
            }
        }
        let mut pivot = Self::new();
        pivot.declare([rows.into()].into_iter().chain(names));
        cells.into_iter().for_each(|row| pivot.push(row));
        Ok(pivot)
    }
}

/// Where each cell stands.
fn places(cells: &[Cell]) -> HashMap<Key<'_>, usize> {
    cells.iter().enumerate().map(|(place, cell)| (cell.key(), place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_columns() {
        let mut table = Table::new();
        for (model, t, notes) in [("a", 0.5, 1.0), ("b", 0.5, 2.0), ("a", 0.25, 3.0), ("a", 0.5, 5.0)] {
            table.add([("model", Cell::from(model)), ("t", Cell::Float(t)), ("notes", Cell::Float(notes))]);
        }
        let pivot = table.pivot("model", "t", "notes", Figure::Mean).unwrap();
        assert_eq!(pivot.to_csv(), "model,0.5,0.25\r\na,3.0,3.0\r\nb,2.0,\r\n");
        let most = table.pivot("t", "model", "notes", Figure::Max).unwrap();
        assert_eq!(most.to_csv(), "t,a,b\r\n0.5,5.0,2.0\r\n0.25,3.0,\r\n");
        assert!(table.pivot("t", "t", "model", Figure::Mean).is_err());
    }
}
