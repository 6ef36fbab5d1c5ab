//! `ricercar merge TABLE SHARE…`: the shares of a sweep as one table.

use std::path::PathBuf;

use clap::Args;

use super::Program;
use super::failure::Failure;
use crate::experiment::sweep;

/// Put the shares of a sweep together.
#[derive(Debug, Args)]
pub(super) struct Merge {
    /// The table to write: .csv, .json or .parquet
    #[arg(value_name = "TABLE")]
    table: PathBuf,
    /// The journals of all shares
    #[arg(required = true, value_name = "SHARE")]
    shares: Vec<PathBuf>,
    /// Write the rows that there are, even if shares or cells are missing
    #[arg(long)]
    partial: bool,
}

/// Writes the table and says what is in it.
///
/// # Errors
/// What does not fit together; nothing is written then.
pub(super) fn run(program: &Program, given: &Merge) -> Result<(), Failure> {
    let out = program.output_path(&given.table);
    let merged = sweep::merge(&given.table, &given.shares, given.partial)?;
    merged.table.save(&out)?;
    let rows = match merged.table.len() {
        rows if rows == merged.cells => format!("{rows} rows"),
        rows => format!("{rows} of {} rows", merged.cells),
    };
    let failed = if merged.failed == 0 { String::new() } else { format!(", {} failed", merged.failed) };
    program.terminal.note(&format!("wrote {} ({rows}{failed})", out.display()));
    Ok(())
}
