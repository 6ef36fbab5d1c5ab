//! `ricercar check FILE…`.

use std::path::PathBuf;

use clap::Args;

use super::Program;
use super::failure::Failure;
use super::run::told;
use crate::script::{Checked, Checker};

/// Find what is wrong with scripts.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Scripts (rhai)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON array with an object for each mistake, for editors
    #[arg(long)]
    json: bool,
}

/// Reads scripts without running them and tells all that is wrong.
///
/// # Errors
/// [`Failure::Told`] when anything is.
pub(super) fn run(program: &Program, check: &Check) -> Result<(), Failure> {
    let mut checked = Checked::default();
    if program.arguments.globals.sandbox {
        // Each may read beside itself, as when it is run.
        for file in &check.files {
            checked.merge(Checker::within(program.context(Some(file))).files([file]));
        }
    } else {
        checked = Checker::new().files(&check.files);
    }
    if check.json {
        program.terminal.line(&format!("{:#}", checked.json()))?;
    } else {
        for finding in &checked.findings {
            told(&program.terminal, finding);
        }
    }
    let files = match checked.files.len() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    match checked.findings.len() {
        0 => {
            program.terminal.note(&format!("nothing wrong in {files}"));
            return Ok(());
        }
        count if !check.json => program.terminal.note(&format!("{count} wrong in {files}")),
        _ => {}
    }
    Err(Failure::Told)
}
