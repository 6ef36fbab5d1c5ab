//! The interactive session: reads entries, from a person or from a pipe, and shows what they give.

use std::cell::RefCell;
use std::io::{BufRead, IsTerminal, stdin};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::editor::{Editor, Input};
use super::failure::Failure;
use super::{Program, init, run};
use crate::script::Session;
use crate::script::session::{Command, seconds, wants_more};

/// Entries that take longer are followed by the time they took.
const NOTEWORTHY: Duration = Duration::from_secs(1);

/// Opens a session, after running the user's own init file and the script of `-i` in it.
///
/// # Errors
/// What went wrong in that script; from a pipe also, once all is read, that an entry failed.
pub(super) fn session(program: Program) -> Result<(), Failure> {
    let script = program.arguments.stay.clone();
    let session = Rc::new(RefCell::new(Session::new(program.host(script.as_deref()))));
    let mut repl = Repl { program, session, has_failed: false, recalled: Vec::new() };
    if let Some(path) = init::file(repl.program.arguments.no_init) {
        // What is wrong with it has been told; the session opens all the same.
        let _ = repl.load(&path);
    }
    if let Some(path) = repl.program.arguments.stay.clone() {
        repl.load(&path)?;
    }
    let left = if stdin().is_terminal() { repl.converse() } else { repl.read_pipe() };
    // Runs that the session has started end with it.
    let ended = repl.session.borrow().host().end_runs(None);
    left.and(ended.map_err(|diagnostic| run::told(&repl.program.terminal, &diagnostic)))
}

/// A session and whoever talks to it.
pub(super) struct Repl {
    pub(super) program: Program,
    pub(super) session: Rc<RefCell<Session>>,
    has_failed: bool,
    /// Entries that were not typed at the prompt but should be found by Up.
    pub(super) recalled: Vec<String>,
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
            for entry in self.recalled.drain(..) {
                editor.remember(&entry);
            }
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
        // The window may have another size by now.
        let width = self.program.terminal.width();
        if self.session.borrow().host().context().width != width {
            self.session.borrow_mut().change(|context| context.width = width);
        }
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
    pub(super) fn evaluate(&mut self, text: &str) -> Result<Duration, Failure> {
        let start = Instant::now();
        let result = self.program.within_time(|| self.session.borrow_mut().evaluate(text));
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
}
