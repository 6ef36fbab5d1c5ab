//! Tables in a terminal.

use std::fmt;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Cell, Table};

/// Rows shown of a long table: half of them from its start, half from its end.
const MOST_ROWS: usize = 20;
/// Widest column of texts.
const WIDEST: usize = 40;
/// Width of a table that nobody gave a width.
const WIDTH: usize = 100;
const GAP: &str = "  ";

/// A column made ready to print.
pub(super) struct Column {
    /// Its name, then its cells.
    pub(super) lines: Vec<String>,
    width: usize,
    pub(super) to_the_right: bool,
}

impl Table {
    /// The table in aligned columns, at most `width` characters wide and twenty rows long: of a longer
    /// one the first and the last rows, of a wider one the columns that fit; a last line says what is
    /// not shown.
    pub fn show(&self, width: usize) -> String {
        if self.is_empty() {
            return "a table without rows".to_owned();
        }
        let (rows, columns) = (shown_rows(self.len()), self.shown_columns());
        let fitting = fitting_columns(&columns, width);
        let mut lines = vec![String::new(); rows.len() + 1];
        for column in &columns[..fitting] {
            for (line, cell) in lines.iter_mut().zip(&column.lines) {
                let pad = " ".repeat(column.width - cell.width());
                let gap = if line.is_empty() { "" } else { GAP };
                line.push_str(gap);
                match column.to_the_right {
                    true => line.extend([pad.as_str(), cell.as_str()]),
                    false => line.extend([cell.as_str(), pad.as_str()]),
                }
            }
        }
        let mut text: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        let note = self.note(fitting);
        text.extend(note.as_deref());
        text.join("\n")
    }

    /// Every column, with the rows that are shown.
    pub(super) fn shown_columns(&self) -> Vec<Column> {
        let rows = shown_rows(self.len());
        (0..self.columns().len()).map(|place| self.laid_out(place, &rows)).collect()
    }

    /// What the picture leaves out.
    pub(super) fn note(&self, fitting: usize) -> Option<String> {
        let hidden: Vec<&str> = self.columns()[fitting..].iter().map(AsRef::as_ref).collect();
        let size = format!("{} rows × {} columns", self.len(), self.columns().len());
        match (self.len() > MOST_ROWS, hidden.is_empty()) {
            (false, true) => None,
            (true, true) => Some(size),
            (_, false) => Some(format!("{size}; not shown: {}", hidden.join(", "))),
        }
    }

    /// A column's name and shown cells. Its floats all get as many decimals.
    fn laid_out(&self, place: usize, rows: &[Option<usize>]) -> Column {
        let cells: Vec<Option<&Cell>> =
            rows.iter().map(|row| row.and_then(|row| self.row(row)).map(|row| row.at(place))).collect();
        let floats = cells.iter().flatten().filter_map(|cell| match cell {
            Cell::Float(value) => Some(*value),
            _ => None,
        });
        let form = FloatForm::fitting(floats);
        let mut lines = vec![clipped(&self.columns()[place])];
        lines.extend(cells.iter().map(|cell| match cell {
            None => "⋮".to_owned(),
            Some(Cell::Float(value)) => form.write(*value),
            Some(other) => clipped(&other.to_string()),
        }));
        let width = lines.iter().map(|line| line.width()).max().unwrap_or(0);
        let to_the_right = !cells.iter().flatten().any(|cell| matches!(cell, Cell::Text(_)));
        Column { lines, width, to_the_right }
    }
}

impl fmt::Display for Table {
    /// The table as [`Table::show`] gives it, 100 characters wide.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.show(WIDTH))
    }
}

/// Rows to show; `None` stands for those left out.
fn shown_rows(count: usize) -> Vec<Option<usize>> {
    if count <= MOST_ROWS {
        return (0..count).map(Some).collect();
    }
    let half = MOST_ROWS / 2;
    (0..half).map(Some).chain([None]).chain((count - half..count).map(Some)).collect()
}

/// How many columns fit side by side; at least one.
fn fitting_columns(columns: &[Column], width: usize) -> usize {
    let mut used = 0;
    let fits = |column: &&Column| {
        used += column.width + GAP.len();
        used <= width + GAP.len()
    };
    columns.iter().take_while(fits).count().max(1).min(columns.len())
}

/// A text on one line, cut to [`WIDEST`].
fn clipped(text: &str) -> String {
    let plain = text.replace(|c: char| c.is_control(), " ");
    if plain.width() <= WIDEST {
        return plain;
    }
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used < WIDEST
    };
    plain.chars().take_while(fits).chain(['…']).collect()
}

/// How the floats of a column are written.
#[derive(Clone, Copy)]
enum FloatForm {
    Decimals(usize),
    Exponent,
}

impl FloatForm {
    /// Decimals enough for three digits of the smallest value, from 1 to 6; an exponent where values
    /// are too large or too small for that.
    fn fitting(values: impl Iterator<Item = f64>) -> Self {
        let sizes = values.map(f64::abs).filter(|size| *size > 0.0);
        let (small, large) = sizes.fold((f64::INFINITY, 0.0_f64), |(s, l), x| (s.min(x), l.max(x)));
        if large == 0.0 {
            return Self::Decimals(1);
        }
        if !(1e-4..1e9).contains(&large) {
            return Self::Exponent;
        }
        // Values far below the largest need not be told apart.
        let small = small.max(large * 1e-3);
        let decimals = 2.0 - small.log10().floor();
        Self::Decimals(decimals.clamp(1.0, 6.0) as usize)
    }

    fn write(self, value: f64) -> String {
        match self {
            Self::Decimals(decimals) => format!("{value:.decimals$}"),
            Self::Exponent => format!("{value:.2e}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: i64) -> Table {
        let mut table = Table::new();
        for i in 0..count {
            let name = if i % 2 == 0 { "jamming" } else { "hybrid" };
            table.add([("model", Cell::from(name)), ("seed", i.into()), ("rate", (i as f64 / 8.0).into())]);
        }
        table
    }

    #[test]
    fn numbers_stand_to_the_right_and_texts_to_the_left() {
        let mut table = rows(2);
        table.add([("model", "x")]);
        let expected =
            "model    seed   rate\njamming     0  0.000\nhybrid      1  0.125\nx           –      –";
        assert_eq!(table.show(80), expected);
    }

    #[test]
    fn a_long_table_shows_its_first_and_last_rows() {
        let shown = rows(50).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines.len(), 1 + 20 + 1 + 1);
        assert!(lines[10].contains(" 9 ") && lines[11].contains('⋮') && lines[12].contains(" 40 "));
        assert_eq!(lines[22], "50 rows × 3 columns");
    }

    #[test]
    fn columns_that_do_not_fit_are_named() {
        let shown = rows(2).show(13);
        assert_eq!(shown.lines().next(), Some("model    seed"));
        assert_eq!(shown.lines().last(), Some("2 rows × 3 columns; not shown: rate"));
        assert_eq!(rows(2).show(0).lines().next(), Some("model"));
    }

    #[test]
    fn decimals_follow_the_size_of_the_values() {
        let written = |values: &[f64]| {
            let form = FloatForm::fitting(values.iter().copied());
            values.iter().map(|value| form.write(*value)).collect::<Vec<_>>()
        };
        assert_eq!(written(&[0.5, 0.25]), ["0.500", "0.250"]);
        assert_eq!(written(&[120.0, 60.5]), ["120.0", "60.5"]);
        assert_eq!(written(&[1e-5, 2e-5]), ["1.00e-5", "2.00e-5"]);
        assert_eq!(written(&[0.0, -3.0]), ["0.00", "-3.00"]);
        assert_eq!(written(&[0.001, 1000.0]), ["0.00", "1000.00"]);
    }

    #[test]
    fn long_texts_and_line_ends_do_not_break_the_table() {
        let mut table = Table::new();
        table.add([("note", format!("a\nb{}", "–".repeat(60)))]);
        let shown = table.to_string();
        assert_eq!(shown.lines().count(), 2);
        assert!(shown.ends_with('…') && shown.lines().all(|line| line.width() <= WIDEST));
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(Table::new().to_string(), "a table without rows");
    }
}
