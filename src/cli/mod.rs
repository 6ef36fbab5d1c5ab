//! Subcommands and the interactive session; the only home of clap, rustyline and indicatif.

use std::process::ExitCode;

/// Runs the program with the arguments and environment of the process.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
