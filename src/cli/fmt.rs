//! `ricercar fmt FILE…`.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Program;
use super::failure::Failure;
use super::run::told;
use super::scripts::scripts;
use crate::base::write_atomically;
use crate::script::Checker;

/// Lay scripts out.
#[derive(Debug, Args)]
pub(super) struct Fmt {
    /// Scripts, folders of scripts (.rhai), or `-` for stdin, which is laid out to stdout
    #[arg(required = true, value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,
    /// Write nothing; name the scripts that would change, with exit code 1
    #[arg(long)]
    check: bool,
}

/// Lays scripts out, or names those that would change.
///
/// # Errors
/// [`Failure::Told`] when a script cannot be laid out, or with `--check` would change.
pub(super) fn run(program: &Program, fmt: &Fmt) -> Result<(), Failure> {
    let checker = Checker::new();
    let (mut others, mut failed, mut count) = (0_usize, 0_usize, 0_usize);
    for path in scripts(&fmt.files, &|_| true)? {
        count += 1;
        let is_stdin = path.as_os_str() == "-";
        let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
        let text = text_of(&path, is_stdin)?;
        let formatted = match checker.format(&name, &text) {
            Ok(formatted) => formatted,
            Err(diagnostic) => {
                failed += 1;
                told(&program.terminal, &diagnostic);
                continue;
            }
        };
        if is_stdin && !fmt.check {
            if let Some(lines) = formatted.strip_suffix('\n') {
                program.terminal.line(lines)?;
            }
        } else if formatted != text {
            others += 1;
            if fmt.check {
                program.terminal.line(&name)?;
            } else {
                replace(&path, &formatted)?;
                program.terminal.note(&format!("laid out {name}"));
            }
        }
    }
    if failed > 0 {
        return Err(Failure::Told);
    }
    if fmt.check {
        let scripts = if count == 1 { "1 script".to_owned() } else { format!("{count} scripts") };
        program.terminal.note(&format!("{others} of {scripts} would change"));
        return if others == 0 { Ok(()) } else { Err(Failure::Told) };
    }
    Ok(())
}

/// Writes the text in place of what the file says; its permissions stay, and a link to it stays a link.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let wrong = |error| Failure::Failed(format!("cannot write `{}`: {error}", path.display()));
    let file = path.canonicalize().map_err(wrong)?;
    let permissions = std::fs::metadata(&file).map_err(wrong)?.permissions();
    write_atomically(&file, text.as_bytes())?;
    std::fs::set_permissions(&file, permissions).map_err(wrong)
}

fn text_of(path: &Path, is_stdin: bool) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match is_stdin {
        true => std::io::stdin().read_to_string(&mut text).map(drop),
        false => std::fs::read_to_string(path).map(|read| text = read),
    };
    match read {
        Ok(()) => Ok(text),
        Err(error) => Err(Failure::Failed(format!("cannot read the script `{}`: {error}", path.display()))),
    }
}
