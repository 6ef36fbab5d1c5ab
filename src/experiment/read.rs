//! Tables out of files.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::{Cell, ExperimentError, Table};
#[cfg(feature = "parquet")]
use crate::base::FileError;
use crate::base::read_file;

impl Table {
    /// The table in a file; the format follows the extension: csv, json or parquet.
    ///
    /// # Errors
    /// [`ExperimentError::Extension`] for other extensions, [`ExperimentError::NoParquet`] in a program
    /// without it, [`ExperimentError::File`] and [`ExperimentError::Unreadable`], with the place.
    pub fn read(path: &Path) -> Result<Self, ExperimentError> {
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        let wrong = |(place, wrong)| ExperimentError::Unreadable { path: path.to_owned(), place, wrong };
        let text = || {
            let text = String::from_utf8(read_file(path)?);
            text.map_err(|_| wrong(("anywhere".into(), "the file is not UTF-8 text".into())))
        };
        match extension.as_deref() {
            Some("csv") => Self::from_csv(&text()?).map_err(wrong),
            Some("json") => Self::from_json(&text()?).map_err(wrong),
            #[cfg(feature = "parquet")]
            Some("parquet") => {
                let file = std::fs::File::open(path)
                    .map_err(|source| FileError::Read { path: path.to_owned(), source })?;
                Self::from_parquet(file).map_err(|error| wrong(("inside".into(), error)))
            }
            #[cfg(not(feature = "parquet"))]
            Some("parquet") => Err(ExperimentError::NoParquet),
            _ => Err(ExperimentError::Extension { path: path.to_owned() }),
        }
    }

    /// The table in a CSV text (RFC 4180, any line ends): a line of names, then rows. What is in quotes is
    /// a text; without, numbers, `true`, `false` and nothing are what they say, and `NaN` is nothing.
    ///
    /// # Errors
    /// The place and what is wrong there: a row with more or fewer fields than there are names, a name
    /// that comes twice, a quote that does not end.
    pub fn from_csv(text: &str) -> Result<Self, (String, String)> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut records = Records::of(text);
        let mut table = Self::new();
        let Some(names) = records.next() else { return Ok(table) };
        let names: Vec<Arc<str>> = match names?.as_slice() {
            [only] if only.text.is_empty() && !only.is_quoted => return Ok(table),
            names => names.iter().map(|field| field.text.as_str().into()).collect(),
        };
        if let Some(twice) = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)) {
            return Err(("line 1".into(), format!("the column `{}` comes twice", twice.1)));
        }
        table.declare(names.iter().cloned());
        loop {
            let line = records.line;
            let Some(record) = records.next() else { return Ok(table) };
            let record = record?;
            if record.len() == 1 && names.len() > 1 && record[0].text.is_empty() && !record[0].is_quoted {
                continue;
            }
            if record.len() != names.len() {
                let (got, expected) = (record.len(), names.len());
                return Err((
                    format!("line {line}"),
                    format!("{got} fields, the first line names {expected}"),
                ));
            }
            table.push(record.iter().map(cell).collect());
        }
    }

    /// The table in a JSON text: an array of objects whose values are numbers, texts, truth values or null.
    /// Floats may differ from what was written by a few units of their last, 53rd bit; CSV keeps every bit.
    ///
    /// # Errors
    /// The place and what is wrong there.
    pub fn from_json(text: &str) -> Result<Self, (String, String)> {
        let wrong = |place: String, wrong: &str| (place, wrong.to_owned());
        let value: Value = serde_json::from_str(text)
            .map_err(|error| (format!("line {}", error.line()), error.to_string()))?;
        let rows = value.as_array().ok_or_else(|| {
            wrong("at its start".into(), "a table is an array of objects, such as [{\"seed\": 1}]")
        })?;
        let mut table = Self::new();
        for (index, row) in rows.iter().enumerate() {
            let place = || format!("row {index}, counted from 0");
            let object = row.as_object().ok_or_else(|| wrong(place(), "a row is an object"))?;
            let cell = |(name, value): (&String, &Value)| {
                let cell = from_json(value).ok_or_else(|| {
                    let kind = "is neither number, text, truth value nor null";
                    (place(), format!("`{name}` {kind}"))
                })?;
                Ok((Arc::from(name.as_str()), cell))
            };
            table.add::<Arc<str>, Cell>(
                object.iter().map(cell).collect::<Result<Vec<_>, (String, String)>>()?,
            );
        }
        Ok(table)
    }
}

fn from_json(value: &Value) -> Option<Cell> {
    Some(match value {
        Value::Null => Cell::Missing,
        Value::Bool(value) => Cell::Bool(*value),
        Value::Number(number) => number.as_i64().map_or_else(|| number.as_f64().into(), Cell::Int),
        Value::String(text) => Cell::from(text.as_str()),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

/// One field of a record.
#[derive(Debug)]
pub(super) struct Field {
    pub text: String,
    pub is_quoted: bool,
}

/// A field as [`super::write::field`] writes it.
pub(super) fn cell(field: &Field) -> Cell {
    if field.is_quoted { Cell::from(field.text.as_str()) } else { plain(&field.text) }
}

/// What a field without quotes means.
pub(super) fn plain(text: &str) -> Cell {
    match text.trim() {
        "" | "NaN" | "nan" => Cell::Missing,
        "true" | "True" | "TRUE" => Cell::Bool(true),
        "false" | "False" | "FALSE" => Cell::Bool(false),
        trimmed => {
            let int = trimmed.parse().ok().map(Cell::Int);
            // `inf` and `infinity` parse as floats, and may be words.
            let float = || trimmed.parse::<f64>().ok().filter(|value| value.is_finite()).map(Cell::Float);
            int.or_else(float).unwrap_or_else(|| Cell::from(text))
        }
    }
}

/// The records of a CSV text, one after another.
pub(super) struct Records<'a> {
    text: &'a str,
    /// Line that the next record begins in, from 1.
    pub line: usize,
}

impl<'a> Records<'a> {
    pub fn of(text: &'a str) -> Self {
        Self { text, line: 1 }
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a str {
        self.text
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<Field>, (String, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.text.is_empty() {
            return None;
        }
        let start = self.line;
        let mut fields = Vec::new();
        loop {
            let (field, rest) = match self.text.strip_prefix('"') {
                Some(inside) => match quoted(inside) {
                    Some(found) => found,
                    None => {
                        self.text = "";
                        return Some(Err((format!("line {start}"), "a quote does not end".to_owned())));
                    }
                },
                None => {
                    let end = self.text.find([',', '\r', '\n']).unwrap_or(self.text.len());
                    let field = Field { text: self.text[..end].to_owned(), is_quoted: false };
                    (field, &self.text[end..])
                }
            };
            self.line += field.text.matches('\n').count();
            fields.push(field);
            if let Some(rest) = rest.strip_prefix(',') {
                self.text = rest;
                continue;
            }
            let end = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r']));
            let Some(next) = end.or(rest.is_empty().then_some(rest)) else {
                self.text = "";
                return Some(Err((format!("line {start}"), "text follows a closing quote".to_owned())));
            };
            (self.text, self.line) = (next, self.line + 1);
            return Some(Ok(fields));
        }
    }
}

/// A field from behind its opening quote, and what follows its closing one.
fn quoted(inside: &str) -> Option<(Field, &str)> {
    let mut text = String::new();
    let mut rest = inside;
    loop {
        let end = rest.find('"')?;
        text.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                text.push('"');
                rest = more;
            }
            None => return Some((Field { text, is_quoted: true }, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let (place, wrong) = Table::from_csv(text).unwrap_err();
        format!("{place}: {wrong}")
    }

    #[test]
    fn fields_without_quotes_are_what_they_look_like() {
        let table = Table::from_csv("a,b,c\n1,1.5,\n\"1\",true, x \n").unwrap();
        let cells = |row: usize| table.row(row).unwrap().cells().map(|(_, c)| c.clone()).collect::<Vec<_>>();
        assert_eq!(cells(0), [Cell::Int(1), Cell::Float(1.5), Cell::Missing]);
        assert_eq!(cells(1), ["1".into(), Cell::Bool(true), Cell::from(" x ")]);
    }

    #[test]
    fn other_programs_files_are_read() {
        let table = Table::from_csv("\u{feff}a,b\r1,NaN\r\n\r2,inf").unwrap();
        assert_eq!(table.to_csv(), "a,b\r\n1,\r\n2,inf\r\n");
        assert!(Table::from_csv("").unwrap().columns().is_empty());
    }

    #[test]
    fn what_is_no_table_is_told_with_its_place() {
        assert_eq!(told("a,b\n1,2\n1,\"x\ny\"\n3\n"), "line 5: 1 fields, the first line names 2");
        assert_eq!(told("a,a\n"), "line 1: the column `a` comes twice");
        assert_eq!(told("a\n\"x\n"), "line 2: a quote does not end");
        assert_eq!(told("a\n\"x\"y\n"), "line 2: text follows a closing quote");
        let (place, wrong) = Table::from_json("[{\"a\": 1}, {\"a\": [1]}]").unwrap_err();
        assert_eq!(place, "row 1, counted from 0");
        assert!(wrong.starts_with("`a` is neither"), "{wrong}");
        assert!(Table::from_json("{}").unwrap_err().1.contains("array of objects"));
    }
}
