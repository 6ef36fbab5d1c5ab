//! Shares of a sweep put together.

use std::path::{Path, PathBuf};

use super::journal::{Read, table_of};
use super::{Kept, Shard, journal_path};
use crate::experiment::{ExperimentError, Table};

/// What a merge made.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The rows in the order of the cells.
    pub table: Table,
    /// Cells of the whole sweep.
    pub cells: usize,
    /// Rows that tell of a failed cell.
    pub failed: usize,
}

/// The rows of all shares of one sweep as the table that it would have given undivided, for `out`. A
/// `partial` merge takes what there is.
///
/// # Errors
/// [`ExperimentError::Journal`] and [`ExperimentError::File`] for a file that cannot be read,
/// [`ExperimentError::OtherSweep`] when two are of different sweeps, [`ExperimentError::TwoShards`] for the
/// same share twice, [`ExperimentError::NoShards`] for missing ones, [`ExperimentError::Unfinished`] for a
/// share that lacks cells.
pub fn merge(out: &Path, shares: &[PathBuf], partial: bool) -> Result<Merged, ExperimentError> {
    let mut read: Vec<(&Path, Read)> = Vec::new();
    for path in shares {
        let share = Read::of(path)?;
        if let Some((first, known)) = read.first() {
            let count = |read: &Read| read.header.shard.map(Shard::count);
            let (a, b) = (&known.header, &share.header);
            let is_same = a.fingerprint == b.fingerprint && a.cells == b.cells && a.columns == b.columns;
            if !is_same || count(known) != count(&share) {
                return Err(ExperimentError::OtherSweep { path: path.clone(), first: first.to_path_buf() });
            }
        }
        if let Some((twin, _)) = read.iter().find(|(_, known)| known.header.shard == share.header.shard) {
            let shard =
                share.header.shard.map_or("the whole sweep".to_owned(), |shard| format!("shard {shard}"));
            return Err(ExperimentError::TwoShards { path: path.clone(), twin: twin.to_path_buf(), shard });
        }
        read.push((path, share));
    }
    let Some(header) = read.first().map(|(_, read)| read.header.clone()) else {
        return Err(ExperimentError::NothingToMerge);
    };
    let count = header.shard.map_or(1, Shard::count);
    if !partial {
        let is_there =
            |index: usize| read.iter().any(|(_, read)| read.header.shard.map_or(1, Shard::index) == index);
        let missing: Vec<usize> = (1..=count).filter(|index| !is_there(*index)).collect();
        if let Some(first) = missing.first() {
            let list: Vec<String> = missing.iter().take(10).map(|index| format!("{index}/{count}")).collect();
            let more = if missing.len() > list.len() { ", …" } else { "" };
            let name = Shard::new(*first, count).map(|shard| journal_path(out, Some(shard)))?;
            return Err(ExperimentError::NoShards {
                missing: format!("{}{more}", list.join(", ")),
                example: name,
                shard: format!("{first}/{count}"),
            });
        }
        for (path, read) in &read {
            let index = read.header.shard.map_or(1, Shard::index);
            let cells = (index - 1..header.cells).step_by(count).count();
            if read.rows.len() < cells {
                let (path, done) = (path.to_path_buf(), read.rows.len());
                return Err(ExperimentError::Unfinished { path, done, cells });
            }
        }
    }
    let rows: Vec<Kept> = read.into_iter().flat_map(|(_, read)| read.rows).collect();
    let failed = rows.iter().filter(|row| row.is_failed()).count();
    Ok(Merged { table: table_of(rows, header.columns), cells: header.cells, failed })
}
