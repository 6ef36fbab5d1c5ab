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
        let places = self.places(names)?;
        let mut columns = Columns::default();
        for place in &places {
            columns.place_or_add(self.columns.names[*place].clone());
        }
        let kept = places.iter().enumerate().filter(|(i, place)| !places[..*i].contains(place));
        let kept: Vec<usize> = kept.map(|(_, place)| *place).collect();
        let rows = self.rows().map(|row| kept.iter().map(|place| row.at(*place).clone()).collect());
        Ok(Self { rows: Arc::new(rows.collect()), columns: Arc::new(columns) })
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
        joined.extend(next);
        joined
    }

    /// Adds the rows of another table; columns are matched by name.
    pub fn extend(&mut self, next: &Self) {
        let columns = Arc::make_mut(&mut self.columns);
        let places: Vec<usize> =
            next.columns().iter().map(|name| columns.place_or_add(name.clone())).collect();
        let width = columns.names.len();
        let moved = next.rows.iter().map(|cells| {
            let mut row = vec![Cell::Missing; width];
            for (cell, place) in cells.iter().zip(&places) {
                row[*place] = cell.clone();
            }
            row
        });
        Arc::make_mut(&mut self.rows).extend(moved);
    }

    /// The table with a column that holds these cells, a row for each; one of that name is replaced.
    ///
    /// # Errors
    /// [`ExperimentError::Length`] when there are more or fewer cells than rows.
    pub fn with_column(&self, name: &str, cells: Vec<Cell>) -> Result<Self, ExperimentError> {
        if cells.len() != self.len() {
            let (rows, cells) = (self.len(), cells.len());
            return Err(ExperimentError::Length { name: name.to_owned(), rows, cells });
        }
        let mut table = self.clone();
        let place = Arc::make_mut(&mut table.columns).place_or_add(name.into());
        for (row, cell) in Arc::make_mut(&mut table.rows).iter_mut().zip(cells) {
            if row.len() <= place {
                row.resize(place + 1, Cell::Missing);
            }
            row[place] = cell;
        }
        Ok(table)
    }

    /// The table with a column called otherwise.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when there is no such column, [`ExperimentError::Clash`] when the new
    /// name is taken.
    pub fn rename(&self, from: &str, to: &str) -> Result<Self, ExperimentError> {
        let place = self.place(from)?;
        if from != to && self.columns.places.contains_key(to) {
            return Err(ExperimentError::Clash { name: to.to_owned() });
        }
        let mut columns = Columns::default();
        for (index, name) in self.columns.names.iter().enumerate() {
            columns.place_or_add(if index == place { to.into() } else { name.clone() });
        }
        Ok(Self { columns: Arc::new(columns), rows: self.rows.clone() })
    }

    /// All columns but these.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when one of them is missing.
    pub fn without<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, ExperimentError> {
        let dropped: Vec<usize> = self.places(names)?;
        let kept = self.columns.names.iter().enumerate().filter(|(place, _)| !dropped.contains(place));
        let kept: Vec<Arc<str>> = kept.map(|(_, name)| name.clone()).collect();
        self.select(&kept)
    }

    /// The same columns with the rows at these places, in this order.
    pub(super) fn with_rows(&self, places: impl IntoIterator<Item = usize>) -> Self {
        let rows = places.into_iter().filter_map(|place| self.rows.get(place).cloned()).collect();
        Self { rows: Arc::new(rows), columns: self.columns.clone() }
    }

    /// Adds columns in this order, where there are not any of their names.
    pub(super) fn declare(&mut self, names: impl IntoIterator<Item = Arc<str>>) {
        let columns = Arc::make_mut(&mut self.columns);
        names.into_iter().for_each(|name| {
            columns.place_or_add(name);
        });
    }

    /// Adds a row whose cells stand in the order of the columns.
    pub(super) fn push(&mut self, row: Vec<Cell>) {
        Arc::make_mut(&mut self.rows).push(row);
    }

    /// Where columns stand.
    pub(super) fn places<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<usize>, ExperimentError> {
        names.iter().map(|name| self.place(name.as_ref())).collect()
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

    fn table() -> Table {
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
        assert!(Table::new().column("x").unwrap_err().to_string().contains("none yet"));
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
        other.add([("note", "late")]);
        let joined = table().concat(&other);
        assert_eq!(joined.numbers("rate").unwrap()[3], Some(0.75));
        assert_eq!(joined.row(4).unwrap().get("note"), Some(&"late".into()));
        assert_eq!(joined.row(4).unwrap().get("seed"), Some(&Cell::Missing));
    }

    #[test]
    fn columns_are_added_replaced_renamed_and_dropped() {
        let cells = |numbers: [i64; 3]| numbers.map(Cell::Int).to_vec();
        let more = table().with_column("n", cells([7, 8, 9])).unwrap().with_column("seed", cells([0, 0, 1]));
        let more = more.unwrap();
        assert_eq!(more.numbers("n").unwrap(), [Some(7.0), Some(8.0), Some(9.0)]);
        assert_eq!(more.without(&["rate", "model"]).unwrap().to_csv(), "seed,n\r\n0,7\r\n0,8\r\n1,9\r\n");
        let renamed = more.rename("n", "count").unwrap();
        assert_eq!((renamed.columns()[3].as_ref(), renamed.len()), ("count", 3));
        let error = more.rename("n", "rate").unwrap_err().to_string();
        assert!(error.contains("already has a column `rate`"), "{error}");
        let error = table().with_column("n", Vec::new()).unwrap_err().to_string();
        assert!(error.contains("`n` has 0 values for 3 rows"), "{error}");
    }
}
