//! `ricercar merge TABLE SHARE…`: the shares of a sweep as one table.

use super::failure::Failure;
use super::{Program, args};
use crate::experiment::sweep;

/// Writes the table and says what is in it.
///
/// # Errors
/// What does not fit together; nothing is written then.
pub(super) fn run(program: &Program, given: &args::Merge) -> Result<(), Failure> {
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
