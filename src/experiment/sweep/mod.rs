//! Sweeps: a row of a table for each of many settings, kept as they finish.
//!
//! A [`Plan`] is the settings, a [`Sweep`] their rows on the way into a table. Whoever computes the rows
//! asks [`Sweep::pending`] for cells and gives each result to [`Sweep::keep`], which appends it to a
//! journal; [`Sweep::finish`] puts the rows in the order of the cells, whatever order they came in. So the
//! table does not depend on where a sweep was stopped, or into how many [`Shard`]s it was split.

mod generate;
mod journal;
mod merge;
mod plan;
mod shard;
mod sobol;
mod space;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::journal::{Header, Journal, Kept, table_of};
use super::{Cell, ExperimentError, Table};
use crate::base::{Progress, suggestion};

pub use generate::{Take, decode_takes, measured};
pub use merge::{Merged, merge};
pub use plan::{Plan, Point};
pub use shard::Shard;
pub use space::{Scale, Space, Values};

/// The column that tells why a cell has no results.
pub const ERROR: &str = "error";

/// How a sweep keeps its rows.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The table that is written at the end; a journal lies beside it on the way there.
    pub save: Option<PathBuf>,
    /// Whether rows of an earlier run are taken over.
    pub resume: Resume,
    /// The share that is done here; the whole sweep without.
    pub shard: Option<Shard>,
    /// Columns that stand first, in this order.
    pub columns: Vec<String>,
}

/// Which rows of an earlier run of the same sweep are taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// None: the sweep begins anew.
    #[default]
    No,
    /// All.
    All,
    /// All but those of failed cells, which are tried again.
    Good,
}

/// What became of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Results, by name.
    Row(Vec<(String, Cell)>),
    /// Why there are none.
    Failed(String),
}

/// Rows on their way into a table.
#[derive(Debug)]
pub struct Sweep {
    plan: Plan,
    settings: Settings,
    rows: Vec<Kept>,
    is_done: Vec<bool>,
    journal: Option<Journal>,
    failed: usize,
    are_columns_checked: bool,
}

/// What a sweep ended with.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// The rows in the order of the cells.
    pub table: Table,
    /// Cells of this share, or of the whole sweep.
    pub cells: usize,
    /// Cells that failed.
    pub failed: usize,
    /// The first failed cell's error.
    pub first_error: Option<String>,
    /// The file that was written.
    pub written: Option<PathBuf>,
    /// The journal that was left, for `resume` or for [`merge`].
    pub journal: Option<PathBuf>,
}

impl Sweep {
    /// Begins a sweep, or goes on with one.
    ///
    /// # Errors
    /// [`ExperimentError::Extension`] when `save` is no table, [`ExperimentError::Resume`] when the journal
    /// there is another sweep's, [`ExperimentError::ShardWithoutFile`] for a share that nothing keeps,
    /// [`ExperimentError::File`] when the journal cannot be read or written.
    pub fn begin(plan: Plan, settings: Settings) -> Result<Self, ExperimentError> {
        if settings.shard.is_some() && settings.save.is_none() {
            return Err(ExperimentError::ShardWithoutFile);
        }
        if let Some(path) = &settings.save {
            Table::check_extension(path)?;
        }
        let mut sweep = Self {
            is_done: vec![false; plan.len()],
            rows: Vec::new(),
            journal: None,
            failed: 0,
            are_columns_checked: settings.columns.is_empty(),
            plan,
            settings,
        };
        let Some(path) = sweep.journal_path() else { return Ok(sweep) };
        let header = Header {
            fingerprint: sweep.plan.fingerprint().to_owned(),
            cells: sweep.plan.len(),
            shard: sweep.settings.shard,
            columns: sweep.settings.columns.iter().map(|name| name.as_str().into()).collect(),
        };
        if sweep.settings.resume != Resume::No && path.exists() {
            let (journal, rows) = Journal::resume(&path, &header)?;
            for row in rows {
                sweep.is_done[row.cell] = !(row.is_failed() && sweep.settings.resume == Resume::Good);
                sweep.rows.push(row);
            }
            let is_done = &sweep.is_done;
            sweep.rows.retain(|row| is_done[row.cell]);
            sweep.failed = sweep.rows.iter().filter(|row| row.is_failed()).count();
            sweep.journal = Some(journal);
        } else {
            sweep.journal = Some(Journal::create(&path, &header)?);
        }
        Ok(sweep)
    }

    /// The cells of this share that have no row yet, in order.
    pub fn pending(&self) -> Vec<usize> {
        self.share().filter(|cell| !self.is_done[*cell]).collect()
    }

    /// The settings of a cell.
    pub fn point(&self, cell: usize) -> Point {
        self.plan.point(cell)
    }

    /// Keeps what became of a cell, and says how far the sweep is.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when the first row lacks one of the columns that should stand first,
    /// [`ExperimentError::File`] when the journal cannot be written.
    pub fn keep(
        &mut self,
        cell: usize,
        outcome: Outcome,
        progress: &dyn Progress,
    ) -> Result<(), ExperimentError> {
        let mut named: Vec<(Arc<str>, Cell)> = self.plan.point(cell);
        let outcome = match outcome {
            Outcome::Row(row) if row.iter().any(|(name, _)| name == ERROR) => Outcome::Failed(format!(
                "a result is called `{ERROR}`, which is the column of failed cells: choose another name"
            )),
            other => other,
        };
        match outcome {
            Outcome::Row(row) => {
                for (name, cell) in row {
                    match named.iter_mut().find(|(known, _)| **known == *name) {
                        Some((_, known)) => *known = cell,
                        None => named.push((name.into(), cell)),
                    }
                }
                self.check_columns(&named)?;
            }
            Outcome::Failed(error) => {
                named.push((ERROR.into(), error.into()));
                self.failed += 1;
            }
        }
        let row = Kept::new(cell, named, self.rows.last());
        if let Some(journal) = &mut self.journal {
            journal.append(&row)?;
        }
        self.is_done[cell] = true;
        self.rows.push(row);
        let note = match self.failed {
            0 => String::new(),
            failed => format!("{failed} failed"),
        };
        progress.report(self.rows.len() as u64, self.share().len() as u64, &note);
        Ok(())
    }

    /// Puts the rows that there are in order and writes them; a share is left as its journal.
    ///
    /// # Errors
    /// [`ExperimentError::File`] when the table cannot be written; the journal is kept then.
    pub fn finish(mut self) -> Result<Finished, ExperimentError> {
        let journal = self.journal_path();
        drop(self.journal.take());
        let cells = self.share().len();
        let is_whole = self.rows.len() == cells;
        let first_error = self.rows.iter().filter(|row| row.is_failed()).min_by_key(|row| row.cell);
        let first_error = first_error.and_then(|row| row.cells.last()).map(Cell::to_string);
        let table = table_of(self.rows, self.settings.columns.iter().map(|name| name.as_str().into()));
        let (mut written, mut left) = (None, journal);
        if let (Some(path), None) = (&self.settings.save, self.settings.shard) {
            table.save(path)?;
            written = Some(path.clone());
            if let Some(journal) = left.take_if(|_| is_whole && self.settings.resume == Resume::No) {
                // A journal that stays does no harm: the next sweep begins it anew.
                let _ = std::fs::remove_file(journal);
            }
        }
        Ok(Finished { table, cells, failed: self.failed, first_error, written, journal: left })
    }

    /// The cells of this share.
    fn share(&self) -> impl ExactSizeIterator<Item = usize> + use<> {
        let (first, step) = self.settings.shard.map_or((0, 1), |shard| (shard.index() - 1, shard.count()));
        (first..self.plan.len()).step_by(step)
    }

    fn journal_path(&self) -> Option<PathBuf> {
        Some(journal_path(self.settings.save.as_ref()?, self.settings.shard))
    }

    /// The columns that should stand first are among those of the first good row.
    fn check_columns(&mut self, row: &[(Arc<str>, Cell)]) -> Result<(), ExperimentError> {
        if !std::mem::replace(&mut self.are_columns_checked, true) {
            let known = row.iter().map(|(name, _)| name.as_ref());
            let missing =
                self.settings.columns.iter().find(|name| !known.clone().any(|known| known == **name));
            if let Some(name) = missing {
                return Err(ExperimentError::column(name, known));
            }
        }
        Ok(())
    }
}

/// Where the journal of a table lies: `sweep.journal` beside `sweep.csv`, `sweep.shard-3-of-16.journal`.
pub fn journal_path(table: &Path, shard: Option<Shard>) -> PathBuf {
    match shard {
        None => table.with_extension("journal"),
        Some(shard) => {
            let extension = format!("shard-{}-of-{}.journal", shard.index(), shard.count());
            table.with_extension(extension)
        }
    }
}

impl Finished {
    /// What there is in one line: cells, failures with the first error, files.
    pub fn summary(&self) -> String {
        let cells = |count: usize| if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") };
        let mut text = match self.table.len() == self.cells {
            true => cells(self.cells),
            false => format!("{} of {}", self.table.len(), cells(self.cells)),
        };
        if let Some(error) = &self.first_error {
            text.push_str(&format!(", {} failed (the first: {error})", self.failed));
        }
        if let Some(file) = self.written.as_ref().or(self.journal.as_ref()) {
            text.push_str(&format!(", kept in {}", file.display()));
        }
        text
    }

    /// Whether every cell failed.
    pub fn is_hopeless(&self) -> bool {
        self.failed > 0 && self.failed == self.table.len()
    }
}

impl Space {
    /// Refuses an axis that is none of `known`.
    ///
    /// # Errors
    /// [`ExperimentError::UnknownAxis`] with the nearest right one.
    pub fn check_axes(&self, known: &[&str]) -> Result<(), ExperimentError> {
        let unknown = self.names().find(|name| !known.contains(&name.as_ref()));
        unknown.map_or(Ok(()), |name| {
            Err(ExperimentError::UnknownAxis {
                name: name.to_string(),
                known: known.join(", "),
                hint: suggestion(name, known.iter().copied()),
            })
        })
    }
}

#[cfg(test)]
mod tests;
