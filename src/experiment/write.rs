//! Tables into files: CSV, JSON, and Parquet where it is built in.

use std::path::Path;

use serde_json::{Map, Value};

use super::read::plain;
use super::{Cell, ExperimentError, Table};
use crate::base::write_atomically;

/// Extensions of tables.
const EXTENSIONS: [&str; 3] = ["csv", "json", "parquet"];

impl Table {
    /// Refuses a path that a table cannot be written to by its extension.
    pub(super) fn check_extension(path: &Path) -> Result<(), ExperimentError> {
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("parquet") if cfg!(not(feature = "parquet")) => Err(ExperimentError::NoParquet),
            Some(known) if EXTENSIONS.contains(&known) => Ok(()),
            _ => Err(ExperimentError::Extension { path: path.to_owned() }),
        }
    }

    /// Writes the table; the format follows the extension: csv, json or parquet.
    ///
    /// # Errors
    /// [`ExperimentError::Extension`] for other extensions, [`ExperimentError::NoParquet`] in a program
    /// without it, [`ExperimentError::File`] when it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ExperimentError> {
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        let bytes = match extension.as_deref() {
            Some("csv") => self.to_csv().into_bytes(),
            Some("json") => format!("{:#}\n", self.to_json()).into_bytes(),
            #[cfg(feature = "parquet")]
            Some("parquet") => self.to_parquet()?,
            #[cfg(not(feature = "parquet"))]
            Some("parquet") => return Err(ExperimentError::NoParquet),
            _ => return Err(ExperimentError::Extension { path: path.to_owned() }),
        };
        Ok(write_atomically(path, &bytes)?)
    }
}

impl Table {
    /// The table as CSV (RFC 4180): a line of names, then a line for each row, each ended by CR LF.
    /// Fields with commas, quotes or line ends are quoted, and texts that look like something else, such as
    /// `"12"`; nothing is an empty field, an empty text `""`. [`Table::from_csv`] gives the same table.
    pub fn to_csv(&self) -> String {
        let mut csv = String::new();
        write_line(&mut csv, self.columns().iter().map(|name| quoted(name)));
        for row in self.rows() {
            write_line(&mut csv, row.cells().map(|(_, cell)| field(cell)));
        }
        csv
    }

    /// The table as a JSON array with one object for each row; nothing is `null`.
    pub fn to_json(&self) -> Value {
        let object = |row: super::Row<'_>| {
            let fields = row.cells().map(|(name, cell)| (name.to_owned(), cell.to_json()));
            Value::Object(fields.collect::<Map<_, _>>())
        };
        self.rows().map(object).collect()
    }
}

fn write_line(csv: &mut String, fields: impl Iterator<Item = String>) {
    for (place, field) in fields.enumerate() {
        if place > 0 {
            csv.push(',');
        }
        csv.push_str(&field);
    }
    csv.push_str("\r\n");
}

/// A cell as [`super::read::cell`] reads it.
pub(super) fn field(cell: &Cell) -> String {
    match cell {
        Cell::Missing => String::new(),
        Cell::Text(text) if matches!(plain(text), Cell::Text(_)) => quoted(text),
        Cell::Text(text) => in_quotes(text),
        number => number.to_string(),
    }
}

/// A text, in quotes where it must be.
pub(super) fn quoted(text: &str) -> String {
    let is_padded = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    match text.is_empty() || is_padded || text.contains([',', '"', '\r', '\n']) {
        true => in_quotes(text),
        false => text.to_owned(),
    }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new();
        table.add([("a", Cell::from("one, two")), ("b\"", Cell::Float(1.0)), ("c", Cell::Bool(true))]);
        table.add([("a", Cell::from("x\ny")), ("b\"", Cell::Missing), ("c", Cell::from(""))]);
        table
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let expected = "a,\"b\"\"\",c\r\n\"one, two\",1.0,true\r\n\"x\ny\",,\"\"\r\n";
        assert_eq!(table().to_csv(), expected);
    }

    #[test]
    fn json_has_an_object_for_each_row_with_every_column() {
        let expected = r#"[{"a":"one, two","b\"":1.0,"c":true},{"a":"x\ny","b\"":null,"c":""}]"#;
        assert_eq!(table().to_json().to_string(), expected);
    }

    #[test]
    fn floats_are_written_so_that_they_read_back() {
        let mut table = Table::new();
        table.add([("x", 0.1 + 0.2)]);
        let line = table.to_csv();
        let text = line.lines().nth(1).unwrap();
        assert_eq!(text.parse::<f64>().unwrap(), 0.1 + 0.2);
    }
}
