//! The rows of a sweep on disk, appended as they finish.
//!
//! A journal is a text of CSV records: what it is of (`ricercar sweep`), the columns that stand first, then
//! `layout,ID,NAME…` for each list of columns that occurs and `row,CELL,LAYOUT,VALUE…` for each row. Unlike
//! all other files it is not written under another name and renamed, for a row must be safe when the next
//! is computed; a last record that was cut off is forgotten.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ERROR, Shard};
use crate::base::{FileError, read_file};
use crate::experiment::read::{Field, Records, cell};
use crate::experiment::write::{field, quoted};
use crate::experiment::{Cell, ExperimentError, Table};

/// First field of the first record.
const TITLE: &str = "ricercar sweep";
/// Of the way journals are written.
const VERSION: &str = "1";

/// What a journal is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// See [`super::Plan::fingerprint`].
    pub fingerprint: String,
    /// Cells of the whole sweep.
    pub cells: usize,
    /// The share whose rows are here.
    pub shard: Option<Shard>,
    /// Columns that stand first.
    pub columns: Vec<Arc<str>>,
}

/// The row of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub cell: usize,
    /// Names of the columns.
    pub layout: Arc<[Arc<str>]>,
    pub cells: Vec<Cell>,
}

impl Kept {
    /// A row; it shares the names of `last` if they are the same.
    pub fn new(cell: usize, named: Vec<(Arc<str>, Cell)>, last: Option<&Self>) -> Self {
        let is_same = |last: &&Self| last.layout.iter().eq(named.iter().map(|(name, _)| name));
        let layout = match last.filter(is_same) {
            Some(last) => last.layout.clone(),
            None => named.iter().map(|(name, _)| name.clone()).collect(),
        };
        Self { cell, layout, cells: named.into_iter().map(|(_, cell)| cell).collect() }
    }

    /// Whether it tells why there are no results.
    pub fn is_failed(&self) -> bool {
        self.layout.last().is_some_and(|name| **name == *ERROR)
    }
}

/// The table of rows in the order of their cells: first the columns `first`, then all others as they
/// appear, errors last.
pub fn table_of(mut rows: Vec<Kept>, first: impl IntoIterator<Item = Arc<str>>) -> Table {
    rows.sort_by_key(|row| row.cell);
    let mut table = Table::new();
    table.declare(first);
    let mut last: Option<Arc<[Arc<str>]>> = None;
    for row in &rows {
        if last.as_ref().is_none_or(|last| !Arc::ptr_eq(last, &row.layout)) {
            table.declare(row.layout.iter().filter(|name| ***name != *ERROR).cloned());
            last = Some(row.layout.clone());
        }
    }
    if rows.iter().any(Kept::is_failed) {
        table.declare([ERROR.into()]);
    }
    let width = table.columns().len();
    let place: HashMap<Arc<str>, usize> =
        table.columns().iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
    for row in rows {
        let mut cells = vec![Cell::Missing; width];
        for (name, cell) in row.layout.iter().zip(row.cells) {
            if let Some(place) = place.get(name) {
                cells[*place] = cell;
            }
        }
        table.push(cells);
    }
    table
}

/// A journal that rows are appended to.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    layouts: Vec<Arc<[Arc<str>]>>,
}

impl Journal {
    /// Begins a journal; what lies there is overwritten.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn create(path: &Path, header: &Header) -> Result<Self, FileError> {
        let failed = |source| FileError::Write { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::create(path).map_err(failed)?;
        let mut journal = Self { path: path.to_owned(), file, layouts: Vec::new() };
        let shard = header.shard.map(|shard| shard.to_string()).unwrap_or_default();
        let texts = [TITLE, VERSION, &header.fingerprint, &header.cells.to_string(), &shard];
        let title = texts.into_iter().map(quoted);
        journal.write(title)?;
        journal.write(
            ["columns".to_owned()].into_iter().chain(header.columns.iter().map(|name| quoted(name))),
        )?;
        Ok(journal)
    }

    /// Opens the journal of the same sweep to go on with it, and gives its rows.
    ///
    /// # Errors
    /// [`ExperimentError::Resume`] when it is another's, [`ExperimentError::Journal`] when it is none,
    /// [`ExperimentError::File`].
    pub fn resume(path: &Path, header: &Header) -> Result<(Self, Vec<Kept>), ExperimentError> {
        let read = Read::of(path)?;
        if read.header != *header {
            return Err(ExperimentError::Resume { path: path.to_owned() });
        }
        let failed = |source| FileError::Write { path: path.to_owned(), source };
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        file.set_len(read.length as u64).map_err(failed)?;
        Ok((Self { path: path.to_owned(), file, layouts: read.layouts }, read.rows))
    }

    /// Appends a row.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn append(&mut self, row: &Kept) -> Result<(), FileError> {
        let known =
            self.layouts.iter().rposition(|layout| Arc::ptr_eq(layout, &row.layout) || *layout == row.layout);
        let layout = match known {
            Some(layout) => layout,
            None => {
                let layout = self.layouts.len();
                let record = ["layout".to_owned(), layout.to_string()];
                self.write(record.into_iter().chain(row.layout.iter().map(|name| quoted(name))))?;
                self.layouts.push(row.layout.clone());
                layout
            }
        };
        let record = ["row".to_owned(), row.cell.to_string(), layout.to_string()];
        self.write(record.into_iter().chain(row.cells.iter().map(field)))
    }

    /// One record in one piece.
    fn write(&mut self, fields: impl Iterator<Item = String>) -> Result<(), FileError> {
        let record = fields.collect::<Vec<_>>().join(",") + "\r\n";
        let written = self.file.write_all(record.as_bytes());
        written.map_err(|source| FileError::Write { path: self.path.clone(), source })
    }
}

/// What is in a journal.
#[derive(Debug)]
pub struct Read {
    pub header: Header,
    pub rows: Vec<Kept>,
    layouts: Vec<Arc<[Arc<str>]>>,
    /// Bytes of whole records.
    length: usize,
}

impl Read {
    /// Reads a journal; of a cell that comes twice the later row counts.
    ///
    /// # Errors
    /// [`ExperimentError::Journal`] when it is none, [`ExperimentError::File`].
    pub fn of(path: &Path) -> Result<Self, ExperimentError> {
        let wrong = |wrong: String| ExperimentError::Journal { path: path.to_owned(), wrong };
        let bytes = read_file(path)?;
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            // The last record may have been cut off inside a letter.
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        let mut records = Whole { records: Records::of(text), text, length: 0 };
        let mut texts = |name: &str| -> Result<Vec<String>, ExperimentError> {
            let record = records.next().ok_or_else(|| wrong(format!("it ends before its {name}")))?;
            Ok(record.into_iter().map(|field| field.text).collect())
        };
        let title = texts("first line")?;
        let columns = texts("columns")?;
        let header = header(&title, &columns).map_err(wrong)?;
        let mut read = Self { header, rows: Vec::new(), layouts: Vec::new(), length: 0 };
        let mut latest: HashMap<usize, usize> = HashMap::new();
        for record in records.by_ref() {
            read.take(&record, &mut latest)
                .map_err(|what| wrong(format!("{what} after {} rows", latest.len())))?;
        }
        read.length = records.length;
        Ok(read)
    }

    /// Takes in one record.
    fn take(&mut self, record: &[Field], latest: &mut HashMap<usize, usize>) -> Result<(), String> {
        let number = |place: usize| record.get(place).and_then(|field| field.text.parse::<usize>().ok());
        match record.first().map(|field| field.text.as_str()) {
            Some("layout") if number(1) == Some(self.layouts.len()) => {
                self.layouts.push(record[2..].iter().map(|field| field.text.as_str().into()).collect());
            }
            Some("row") => {
                let layout = number(2).and_then(|layout| self.layouts.get(layout));
                let cell_number = number(1).filter(|cell| *cell < self.header.cells);
                let (Some(number), Some(layout)) = (cell_number, layout) else {
                    return Err("there is a row of an unknown cell or layout".to_owned());
                };
                let cells: Vec<Cell> = record[3..].iter().map(cell).collect();
                if cells.len() != layout.len() {
                    return Err(format!(
                        "cell {number} has {} values for {} columns",
                        cells.len(),
                        layout.len()
                    ));
                }
                let row = Kept { cell: number, layout: layout.clone(), cells };
                match latest.get(&number) {
                    Some(place) => self.rows[*place] = row,
                    None => {
                        latest.insert(number, self.rows.len());
                        self.rows.push(row);
                    }
                }
            }
            _ => return Err("there is a line that is neither layout nor row".to_owned()),
        }
        Ok(())
    }
}

fn header(title: &[String], columns: &[String]) -> Result<Header, String> {
    let [kind, version, fingerprint, cells, shard] = title else {
        return Err("it does not begin as one".to_owned());
    };
    if kind != TITLE || columns.first().is_none_or(|first| first != "columns") {
        return Err("it does not begin as one".to_owned());
    }
    if version != VERSION {
        return Err(format!("it is of version {version}, and this program writes version {VERSION}"));
    }
    let cells = cells.parse().map_err(|_| format!("`{cells}` is no number of cells"))?;
    let shard = match shard.as_str() {
        "" => None,
        text => Some(text.parse::<Shard>().map_err(|error| error.to_string())?),
    };
    let columns = columns[1..].iter().map(|name| name.as_str().into()).collect();
    Ok(Header { fingerprint: fingerprint.clone(), cells, shard, columns })
}

/// The records that were written to their ends.
struct Whole<'a> {
    records: Records<'a>,
    text: &'a str,
    length: usize,
}

impl Iterator for Whole<'_> {
    type Item = Vec<Field>;

    fn next(&mut self) -> Option<Vec<Field>> {
        let record = self.records.next()?.ok()?;
        let length = self.text.len() - self.records.rest().len();
        let is_whole = self.text[..length].ends_with("\r\n");
        self.length = if is_whole { length } else { self.length };
        is_whole.then_some(record)
    }
}
