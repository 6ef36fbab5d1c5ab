//! `ricercar run SCRIPT [ARGS]`, `ricercar SCRIPT [ARGS]` and `ricercar -e CODE`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::command_names;
use super::failure::Failure;
use super::terminal::Terminal;
use super::{Program, bug};
use crate::base::{Progress, did_you_mean};
use crate::script::{Diagnostic, Kind, Output, Session};

/// Run a script.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The script (rhai)
    pub(super) script: PathBuf,
    /// What the script finds in `args`; after `--`, options of its own
    pub(super) args: Vec<String>,
    /// Record all that the script uses and makes in FILE, for `ricercar rerun`
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

/// Runs a script with its arguments.
///
/// # Errors
/// [`Failure::Usage`] when there is no such script and it looks like a misspelt command; otherwise
/// what went wrong in the script.
pub(super) fn script(program: &Program, run: &Run) -> Result<(), Failure> {
    check_exists(&run.script)?;
    let host = program.host(Some(&run.script));
    let done = program.within_time(|| host.run_file(&run.script, &run.args));
    program.terminal.bar().clear();
    let error = done.as_ref().err().map(|diagnostic| &**diagnostic);
    let recorded = run.manifest.as_ref().map(|path| host.record(path, error)).transpose();
    done.and(recorded.map(drop)).map_err(|diagnostic| told(&program.terminal, &diagnostic))
}

/// Runs code and shows its value, unless it ends in `;`.
///
/// # Errors
/// What went wrong in it.
pub(super) fn code(program: &Program, code: &str) -> Result<(), Failure> {
    let mut session = Session::new(program.host(None));
    let result = program.within_time(|| session.evaluate(code));
    program.terminal.bar().clear();
    let ended = session.host().end_runs(result.as_ref().err().map(|diagnostic| &**diagnostic));
    match result.and_then(|shown| ended.map(|()| shown)) {
        Ok(Some(shown)) => program.terminal.line(&shown),
        Ok(None) => Ok(()),
        Err(diagnostic) => Err(told(&program.terminal, &diagnostic)),
    }
}

/// Writes a diagnostic to stderr; what is left is the way to end.
pub(super) fn told(terminal: &Terminal, diagnostic: &Diagnostic) -> Failure {
    if terminal.is_unread() {
        return Failure::Unread;
    }
    let text = match (diagnostic.kind, terminal.is_plain()) {
        (Kind::Bug, _) => bug::told(diagnostic.clone()).render(terminal.is_stderr_colored()),
        (_, true) => diagnostic.render_spoken(),
        (_, false) => diagnostic.render(terminal.is_stderr_colored()),
    };
    terminal.tell(text.trim_end());
    match diagnostic.kind {
        Kind::Error | Kind::Bug => Failure::Told,
        Kind::Stopped => Failure::Stopped(None),
    }
}

/// A word that is no file but nearly a command was meant as one.
fn check_exists(script: &Path) -> Result<(), Failure> {
    if script.exists() {
        return Ok(());
    }
    let word = script.display().to_string();
    let commands = command_names();
    let near = did_you_mean(&word, commands.iter().map(String::as_str));
    match near {
        Some(near) => {
            Err(Failure::Usage(format!("no command and no script `{word}`: did you mean `{near}`?")))
        }
        None if script.extension().is_none() => Err(Failure::Usage(format!(
            "no command and no script `{word}`: the commands are {}",
            commands.join(", ")
        ))),
        None => Err(Failure::Failed(format!("no script `{word}`: the file does not exist"))),
    }
}

impl Output for Terminal {
    fn print(&self, text: &str) {
        // A reader who has gone raises the flag that stops the script.
        let _ = self.line(text);
    }

    fn note(&self, text: &str) {
        Terminal::note(self, text);
    }
}

impl Progress for Terminal {
    fn report(&self, done: u64, total: u64, note: &str) {
        self.bar().report(done, total, note);
    }
}
