//! The interactive session: reads entries, from a person or from a pipe, and shows what they give.

use std::cell::RefCell;
use std::io::{BufRead, IsTerminal, stdin};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::editor::{Editor, Input};
use super::failure::Failure;
use super::{Program, run};
use crate::base::write_atomically;
use crate::script::Session;
use crate::script::session::{Command, wants_more};

/// Entries that take longer are followed by the time they took.
const NOTEWORTHY: Duration = Duration::from_secs(1);

/// Opens a session, after running the script of `-i` in it.
///
/// # Errors
/// What went wrong in that script; from a pipe also, once all is read, that an entry failed.
pub(super) fn session(program: Program) -> Result<(), Failure> {
    let mut session = Session::new(program.host());
    if let Some(path) = &program.arguments.stay {
        load(&program, &mut session, path)?;
    }
    let mut repl = Repl { program, session: Rc::new(RefCell::new(session)), has_failed: false };
    let left = if stdin().is_terminal() { repl.converse() } else { repl.read_pipe() };
    // Runs that the session has started end with it.
    let ended = repl.session.borrow().host().end_runs(None);
    left.and(ended.map_err(|diagnostic| run::told(&repl.program.terminal, &diagnostic)))
}

struct Repl {
    program: Program,
    session: Rc<RefCell<Session>>,
    has_failed: bool,
}

/// Whether more entries are wanted.
#[derive(PartialEq, Eq)]
enum Next {
    Entry,
    End,
}

impl Repl {
    /// Reads entries from a person, with editing, history and completion, until Ctrl-D.
    fn converse(&mut self) -> Result<(), Failure> {
        let terminal = &self.program.terminal;
        terminal.note(concat!(
            "ricercar ",
            env!("CARGO_PKG_VERSION"),
            "   Tab completes, ?name explains, :help lists, Ctrl-D leaves"
        ));
        let mut editor = Editor::open(Rc::clone(&self.session), terminal)?;
        loop {
            let number = self.session.borrow().number();
            let interrupt = self.program.interrupt.clone();
            match interrupt.while_waiting(|| editor.read(number))? {
                Input::Entry(text) => {
                    if self.answer(&text)? == Next::End {
                        return Ok(());
                    }
                }
                Input::Discarded => {}
                Input::End => return Ok(()),
            }
        }
    }

    /// Reads entries from a pipe or file, without prompts, until its end.
    fn read_pipe(&mut self) -> Result<(), Failure> {
        let mut entry = String::new();
        let mut lines = stdin().lock().lines();
        let interrupt = self.program.interrupt.clone();
        while let Some(line) = interrupt.while_waiting(|| lines.next()) {
            let line = line.map_err(|error| Failure::Failed(format!("cannot read from stdin: {error}")))?;
            entry += &line;
            if wants_more(&entry) {
                entry.push('\n');
                continue;
            }
            if self.answer(&std::mem::take(&mut entry))? == Next::End {
                break;
            }
        }
        self.answer(&entry)?;
        if self.has_failed { Err(Failure::Told) } else { Ok(()) }
    }

    /// Does what one entry asks for.
    ///
    /// # Errors
    /// Only what ends the session: that nobody reads its output.
    fn answer(&mut self, entry: &str) -> Result<Next, Failure> {
        if entry.trim().is_empty() {
            return Ok(Next::Entry);
        }
        self.program.interrupt.cancel().reset();
        let command = match Command::read(entry) {
            None => {
                let elapsed = self.evaluate(entry)?;
                if elapsed > NOTEWORTHY {
                    self.program.terminal.note(&format!("({})", seconds(elapsed)));
                }
                return Ok(Next::Entry);
            }
            Some(Ok(Command::Quit)) => return Ok(Next::End),
            Some(command) => command,
        };
        match command.map_err(Failure::Failed).and_then(|command| self.obey(command)) {
            Err(Failure::Failed(message)) => {
                self.has_failed = true;
                self.program.terminal.error(&message);
            }
            Err(Failure::Told | Failure::Stopped(_)) => self.has_failed = true,
            Err(end) => return Err(end),
            Ok(()) => {}
        }
        Ok(Next::Entry)
    }

    /// Evaluates a script, shows its value or what went wrong, and gives the time it took.
    fn evaluate(&mut self, text: &str) -> Result<Duration, Failure> {
        let start = Instant::now();
        let result = self.session.borrow_mut().evaluate(text);
        let elapsed = start.elapsed();
        let terminal = &self.program.terminal;
        terminal.bar().clear();
        match result {
            Ok(Some(shown)) => terminal.line(shown.trim_end())?,
            Ok(None) => {}
            Err(diagnostic) => {
                self.has_failed = true;
                if let Failure::Unread = run::told(terminal, &diagnostic) {
                    return Err(Failure::Unread);
                }
            }
        }
        if terminal.is_unread() { Err(Failure::Unread) } else { Ok(elapsed) }
    }

    /// Carries out a command.
    fn obey(&mut self, command: Command) -> Result<(), Failure> {
        let terminal = self.program.terminal.clone();
        match command {
            Command::Help(topic) => {
                let help = self.session.borrow().explain(topic.as_deref()).map_err(Failure::Failed)?;
                terminal.line(help.trim_end())
            }
            Command::Vars => terminal.line(&self.session.borrow().describe_variables()),
            Command::Time(code) => {
                let elapsed = self.evaluate(&code)?;
                terminal.line(&format!("  {}", seconds(elapsed)))
            }
            Command::Save(path) => self.save(&path),
            Command::Load(path) => load(&self.program, &mut self.session.borrow_mut(), Path::new(&path)),
            Command::Undo => {
                if !self.session.borrow_mut().undo() {
                    return Err(Failure::Failed("there is nothing to take back".into()));
                }
                terminal.note("the last entry is taken back");
                Ok(())
            }
            Command::Reset => {
                self.session.borrow_mut().reset();
                terminal.note("everything is forgotten");
                Ok(())
            }
            Command::Quit => Ok(()),
        }
    }

    /// Writes the session as a script.
    fn save(&self, path: &str) -> Result<(), Failure> {
        let session = self.session.borrow();
        let target = session.host().context().output_path(path).map_err(Failure::Failed)?;
        let (script, kept, left_out) = session.to_script();
        write_atomically(&target, script.as_bytes())?;
        let rest = match left_out {
            0 => String::new(),
            1 => "; 1 that failed or was stopped is left out".into(),
            n => format!("; {n} that failed or were stopped are left out"),
        };
        let entries = if kept == 1 { "1 entry".into() } else { format!("{kept} entries") };
        self.program.terminal.note(&format!("wrote {} ({entries}{rest})", target.display()));
        Ok(())
    }
}

/// Runs a script in the session.
fn load(program: &Program, session: &mut Session, path: &Path) -> Result<(), Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Failed(format!("cannot read the script `{name}`: {error}")))?;
    session.load(&name, &text, &[]).map_err(|diagnostic| run::told(&program.terminal, &diagnostic))
}

/// A time for a person, with three digits that matter.
fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s < 0.001 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s if s < 60.0 => format!("{s:.2} s"),
        s => format!("{:.0} min {:02.0} s", (s / 60.0).floor(), s % 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_people() {
        let text = |micros| seconds(Duration::from_micros(micros));
        assert_eq!(
            [250, 12_340, 3_100_000, 125_000_000].map(text),
            ["250 µs", "12.3 ms", "3.10 s", "2 min 05 s"]
        );
    }
}
