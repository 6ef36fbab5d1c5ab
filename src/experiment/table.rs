//! Rows of named cells.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use super::{Cell, ExperimentError};

/// Results as rows of named cells. Columns stand in the order in which they first appeared; a row
/// without a column has nothing there. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Arc<Columns>,
    /// Each row as long as the columns there were when it was added.
    rows: Arc<Vec<Vec<Cell>>>,
}

/// Names in order, and where each stands.
#[derive(Clone, Debug, Default)]
struct Columns {
    names: Vec<Arc<str>>,
    places: HashMap<Arc<str>, usize>,
}

impl Columns {
    fn place_or_add(&mut self, name: Arc<str>) -> usize {
        *self.places.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            self.names.len() - 1
        })
    }
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    columns: &'a Columns,
    cells: &'a [Cell],
}

impl<'a> Row<'a> {
    /// The cell of a column; `None` when the table has no such column.
    pub fn get(&self, column: &str) -> Option<&'a Cell> {
        self.columns.places.get(column).map(|place| self.at(*place))
    }

    /// Every column's name and cell, in order.
    pub fn cells(&self) -> impl Iterator<Item = (&'a str, &'a Cell)> + use<'a> {
        let row = *self;
        row.columns.names.iter().enumerate().map(move |(place, name)| (name.as_ref(), row.at(place)))
    }

    pub(super) fn at(&self, place: usize) -> &'a Cell {
        self.cells.get(place).unwrap_or(&Cell::Missing)
    }
}

impl Table {
    /// A table without rows or columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row. Of two cells of one name the later counts.
    pub fn add<N: Into<Arc<str>>, C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = (N, C)>) {
        let columns = Arc::make_mut(&mut self.columns);
        let mut row = vec![Cell::Missing; columns.names.len()];
        for (name, cell) in cells {
            let place = columns.place_or_add(name.into());
            if place >= row.len() {
                row.resize(place + 1, Cell::Missing);
            }
            row[place] = cell.into();
        }
        Arc::make_mut(&mut self.rows).push(row);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Names of the columns, in order.
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns.names
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> + DoubleEndedIterator {
        self.rows.iter().map(|cells| Row { columns: &self.columns, cells })
    }

    /// Row `index`, counted from 0.
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        self.rows.get(index).map(|cells| Row { columns: &self.columns, cells })
    }

    /// The cells of a column, one for each row.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when there is no such column.
    pub fn column(&self, name: &str) -> Result<Vec<Cell>, ExperimentError> {
        let place = self.place(name)?;
        Ok(self.rows().map(|row| row.at(place).clone()).collect())
    }

    /// The numbers of a column, one for each row, `None` where there is nothing.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when there is no such column, [`ExperimentError::NotANumber`] when
    /// it holds a text.
    pub fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>, ExperimentError> {
        let place = self.place(name)?;
        let number = |(index, row): (usize, Row<'_>)| match row.at(place) {
            Cell::Text(text) => Err(ExperimentError::NotANumber {
                column: name.to_owned(),
                row: index,
                value: format!("{text:?}"),
            }),
            cell => Ok(cell.number()),
        };
        self.rows().enumerate().map(number).collect()
    }

    /// Only these columns, in this order.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when one of them is missing.
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, ExperimentError> {
        let places: Vec<usize> =
            names.iter().map(|name| self.place(name.as_ref())).collect::<Result<_, _>>()?;
        let mut columns = Columns::default();
        for place in &places {
            columns.place_or_add(self.columns.names[*place].clone());
        }
        let kept = places.iter().enumerate().filter(|(i, place)| !places[..*i].contains(place));
        let kept: Vec<usize> = kept.map(|(_, place)| *place).collect();
        let rows = self.rows().map(|row| kept.iter().map(|place| row.at(*place).clone()).collect());
        Ok(Self { rows: Arc::new(rows.collect()), columns: Arc::new(columns) })
    }

    /// The rows in the order of a column, from the smallest or the largest; rows without a value come
    /// last, and equal ones keep their order.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when there is no such column.
    pub fn sort_by(&self, name: &str, descending: bool) -> Result<Self, ExperimentError> {
        let place = self.place(name)?;
        let cell = |row: &Vec<Cell>| row.get(place).cloned().unwrap_or_default();
        let mut rows = self.rows.to_vec();
        rows.sort_by(|a, b| {
            let (a, b) = (cell(a), cell(b));
            match descending && !a.is_missing() && !b.is_missing() {
                true => b.order(&a),
                false => a.order(&b),
            }
        });
        Ok(Self { rows: Arc::new(rows), ..self.clone() })
    }

    /// The rows that `keep` says true of.
    pub fn filter(&self, mut keep: impl FnMut(Row<'_>) -> bool) -> Self {
        match self.try_filter(|row| Ok::<_, Infallible>(keep(row))) {
            Ok(kept) => kept,
            Err(never) => match never {},
        }
    }

    /// The rows that `keep` says true of, up to its first error.
    ///
    /// # Errors
    /// What `keep` gives.
    pub fn try_filter<E>(&self, mut keep: impl FnMut(Row<'_>) -> Result<bool, E>) -> Result<Self, E> {
        let mut rows = Vec::new();
        for row in self.rows() {
            if keep(row)? {
                rows.push(row.cells.to_vec());
            }
        }
        Ok(Self { rows: Arc::new(rows), ..self.clone() })
    }

    /// The rows of both, in order; columns are matched by name.
    pub fn concat(&self, next: &Self) -> Self {
        let mut joined = self.clone();
        for row in next.rows() {
            joined.add(row.cells().map(|(name, cell)| (name, cell.clone())));
        }
        joined
    }

    /// Where a column stands.
    pub(super) fn place(&self, name: &str) -> Result<usize, ExperimentError> {
        let known = self.columns.names.iter().map(AsRef::as_ref);
        self.columns.places.get(name).copied().ok_or_else(|| ExperimentError::column(name, known))
    }
}

impl PartialEq for Table {
    /// Equal columns in equal order, and equal cells.
    fn eq(&self, other: &Self) -> bool {
        self.columns() == other.columns()
            && self.len() == other.len()
            && self.rows().zip(other.rows()).all(|(a, b)| a.cells().eq(b.cells()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(in crate::experiment) fn table() -> Table {
        let mut table = Table::new();
        table.add([("seed", Cell::Int(2)), ("rate", Cell::Float(0.5))]);
        table.add([("seed", Cell::Int(1)), ("model", "hybrid".into())]);
        table.add([("rate", Cell::Float(0.25)), ("seed", Cell::Int(3))]);
        table
    }

    #[test]
    fn columns_stand_in_the_order_they_appeared() {
        let table = table();
        let names: Vec<&str> = table.columns().iter().map(AsRef::as_ref).collect();
        assert_eq!(names, ["seed", "rate", "model"]);
        assert_eq!(table.column("rate").unwrap(), [Cell::Float(0.5), Cell::Missing, Cell::Float(0.25)]);
        assert_eq!(table.column("model").unwrap()[2], Cell::Missing);
    }

    #[test]
    fn sorting_puts_rows_without_a_value_last_either_way() {
        let seeds = |descending| {
            let sorted = table().sort_by("rate", descending).unwrap();
            sorted.numbers("seed").unwrap().into_iter().flatten().collect::<Vec<_>>()
        };
        assert_eq!(seeds(false), [3.0, 2.0, 1.0]);
        assert_eq!(seeds(true), [2.0, 3.0, 1.0]);
    }

    #[test]
    fn filtering_keeps_columns_and_stops_at_an_error() {
        let some = table().filter(|row| row.get("seed").and_then(Cell::number) > Some(1.0));
        assert_eq!((some.len(), some.columns().len()), (2, 3));
        let mut looked = 0;
        let failed = table().try_filter(|_| {
            looked += 1;
            Err::<bool, _>("no")
        });
        assert_eq!((failed.unwrap_err(), looked), ("no", 1));
    }

    #[test]
    fn selecting_reorders_columns() {
        let part = table().select(&["model", "seed", "model"]).unwrap();
        assert_eq!(part.to_csv(), "model,seed\r\n,2\r\nhybrid,1\r\n,3\r\n");
    }

    #[test]
    fn an_unknown_column_gets_a_suggestion() {
        let error = table().column("rates").unwrap_err().to_string();
        assert_eq!(error, "no column `rates`: there are seed, rate, model; did you mean `rate`?");
        assert!(Table::new().sort_by("x", false).unwrap_err().to_string().contains("none yet"));
    }

    #[test]
    fn a_text_among_numbers_is_named() {
        let error = table().numbers("model").unwrap_err().to_string();
        assert_eq!(error, "numbers are needed, but column `model` holds \"hybrid\" in row 1, counted from 0");
    }

    #[test]
    fn clones_do_not_see_later_rows() {
        let mut table = table();
        let before = table.clone();
        table.add([("new", 1i64)]);
        assert_eq!((before.len(), before.columns().len()), (3, 3));
        assert_eq!(before, super::tests::table());
        assert_ne!(before, table);
    }

    #[test]
    fn joining_matches_columns_by_name() {
        let mut other = Table::new();
        other.add([("rate", 0.75)]);
        assert_eq!(table().concat(&other).numbers("rate").unwrap()[3], Some(0.75));
    }
}
