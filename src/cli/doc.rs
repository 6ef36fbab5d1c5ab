//! `ricercar doc`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Program;
use super::failure::Failure;
use crate::base::write_atomically;

/// Show or write the reference.
#[derive(Debug, Args)]
pub(super) struct Doc {
    /// Write definition files (.d.rhai) for editors into DIR instead
    #[arg(long, value_name = "DIR")]
    definitions: Option<PathBuf>,
}

/// Writes the reference as Markdown and HTML under the output folder, or shows the Markdown where there is
/// none; writes definition files for editors.
///
/// # Errors
/// That a file cannot be written.
pub(super) fn run(program: &Program, doc: &Doc) -> Result<(), Failure> {
    let host = program.host(None);
    let help = host.help();
    if let Some(folder) = &doc.definitions {
        let folder = program.output_path(folder);
        for (name, text) in help.definitions() {
            write(program, &folder.join(name), &text)?;
        }
        return Ok(());
    }
    if program.arguments.globals.out.is_none() {
        return program.terminal.line(help.markdown().trim_end());
    }
    write(program, &program.output_path(Path::new("reference.md")), &help.markdown())?;
    write(program, &program.output_path(Path::new("reference.html")), &help.html())
}

fn write(program: &Program, path: &Path, text: &str) -> Result<(), Failure> {
    write_atomically(path, text.as_bytes())?;
    program.terminal.note(&format!("wrote {}", path.display()));
    Ok(())
}
