//! The line editor: completion, hints, colours, history on disk.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::completion::Pair;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Helper};

use super::failure::Failure;
use super::keys::{self, Memory};
use super::terminal::Terminal;
use crate::script::Session;
use crate::script::session::{Paint, Word, wants_more};

/// Entries that the history keeps.
const HISTORY_ENTRIES: usize = 10_000;
/// Candidates that are listed without asking.
const LISTED: usize = 400;
/// Columns that the prompt takes, or a little more.
const PROMPT_WIDTH: usize = 10;
/// Between the text and its hint.
const GAP: &str = "    ";
/// The same where no colour tells them apart.
const NOTE: &str = " // ";
/// A hint that would have to be cut shorter is none.
const SHORTEST_HINT: usize = 12;

/// Reads entries from a terminal.
pub(super) struct Editor {
    editor: rustyline::Editor<Assistant, FileHistory>,
    history: Option<PathBuf>,
    memory: Memory,
    is_colored: bool,
}

/// What a person did at the prompt.
pub(super) enum Input {
    /// Entered something.
    Entry(String),
    /// Pressed Ctrl-C: what was typed is thrown away.
    Discarded,
    /// Pressed Ctrl-D.
    End,
}

impl Editor {
    /// An editor with the history of earlier sessions, whose completion looks into `session`.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the terminal cannot be driven.
    pub(super) fn open(session: Rc<RefCell<Session>>, terminal: &Terminal) -> Result<Self, Failure> {
        let mut editor = rustyline::Editor::with_config(editing()?)?;
        let history = history_file();
        if let Some(path) = &history {
            // A first session has no history yet; one that cannot be read is as good as none.
            let _ = editor.load_history(path);
        }
        let memory = Memory::of(editor.history().iter().cloned());
        editor.set_helper(Some(Assistant { session, terminal: terminal.clone(), memory: memory.clone() }));
        for (event, handler) in keys::bindings(&memory) {
            editor.bind_sequence(event, handler);
        }
        Ok(Self { editor, history, memory, is_colored: terminal.is_colored() })
    }

    /// Reads entry `number`.
    ///
    /// # Errors
    /// [`Failure::Failed`] when the terminal cannot be read.
    pub(super) fn read(&mut self, number: usize) -> Result<Input, Failure> {
        let plain = format!("In [{number}]: ");
        let styled = match self.is_colored {
            true => format!("\x1b[32mIn [\x1b[1m{number}\x1b[22m]:\x1b[0m "),
            false => plain.clone(),
        };
        match self.editor.readline(&(plain, styled)) {
            Ok(text) => {
                self.remember(&text);
                Ok(Input::Entry(text))
            }
            Err(ReadlineError::Interrupted) => Ok(Input::Discarded),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(error) => Err(Failure::Failed(format!("cannot read from the terminal: {error}"))),
        }
    }

    /// Adds an entry to the history on disk. A disk that does not take it costs the history, not the
    /// session.
    pub(super) fn remember(&mut self, text: &str) {
        if text.trim().is_empty() || !self.editor.add_history_entry(text).unwrap_or(false) {
            return;
        }
        self.memory.add(text);
        if let Some(path) = &self.history {
            let _ = path.parent().map(std::fs::create_dir_all);
            let _ = self.editor.append_history(path);
        }
    }
}

/// How lines are edited at every prompt of the program.
///
/// # Errors
/// None that the settings here could cause.
pub(super) fn editing() -> Result<Config, ReadlineError> {
    Ok(Config::builder()
        .max_history_size(HISTORY_ENTRIES)?
        .history_ignore_dups(true)?
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .completion_prompt_limit(LISTED)
        .bracketed_paste(true)
        .build())
}

/// Where the history is kept: `RICERCAR_HISTORY`, or a file in the user's data folder. Nowhere when
/// the variable is empty.
fn history_file() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("RICERCAR_HISTORY") {
        return (!path.is_empty()).then(|| path.into());
    }
    let folder = |variable: &str| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = if cfg!(windows) {
        folder("APPDATA")?
    } else if cfg!(target_os = "macos") {
        folder("HOME")?.join("Library/Application Support")
    } else {
        folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")))?
    };
    Some(data.join("ricercar").join("history"))
}

/// What the editor asks while a person types.
struct Assistant {
    session: Rc<RefCell<Session>>,
    terminal: Terminal,
    memory: Memory,
}

/// What the call at the cursor takes; nothing to be typed.
struct Told(String);

impl rustyline::hint::Hint for Told {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl rustyline::completion::Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        if let Some((start, closed)) = self.memory.close(&line[..position]) {
            return Ok((start, vec![Pair { display: closed.clone(), replacement: closed }]));
        }
        let completion = self.session.borrow().complete(&line[..position]);
        let pair = |word: Word| Pair { display: word.shown, replacement: word.inserted };
        Ok((completion.start, completion.words.into_iter().map(pair).collect()))
    }
}

impl Helper for Assistant {}

/// For terminals without keys to bind.
impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match wants_more(context.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

impl Hinter for Assistant {
    type Hint = Told;

    fn hint(&self, line: &str, position: usize, _: &rustyline::Context<'_>) -> Option<Told> {
        if self.terminal.is_plain() {
            return None;
        }
        let hint = self.session.borrow().hint(&line[..position])?;
        let last = line.rsplit('\n').next().unwrap_or_default();
        let prompt = if line.contains('\n') { 0 } else { PROMPT_WIDTH };
        let room = self.terminal.width().saturating_sub(prompt + last.chars().count() + GAP.len() + 1);
        let hint = match hint.char_indices().nth(room) {
            Some(_) if room < SHORTEST_HINT => return None,
            Some((end, _)) => {
                format!("{}…", &hint[..hint[..end].char_indices().last().map_or(0, |(at, _)| at)])
            }
            None => hint,
        };
        Some(Told(format!("{GAP}{hint}")))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.terminal.is_colored() {
            return Cow::Borrowed(line);
        }
        let mut painted = String::with_capacity(line.len() * 2);
        let mut end = 0;
        for (range, paint) in self.session.borrow().colours(line) {
            painted += &line[end..range.start];
            painted += &format!("\x1b[{}m{}\x1b[0m", code(paint), &line[range.clone()]);
            end = range.end;
        }
        Cow::Owned(painted + &line[end..])
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match self.terminal.is_colored() {
            true => Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")),
            false => Cow::Owned(hint.replacen(GAP, NOTE, 1)),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.terminal.is_colored()
    }
}

/// The parameter of a terminal's colour sequence.
fn code(paint: Paint) -> &'static str {
    match paint {
        Paint::Command => "1;36",
        Paint::Keyword => "35",
        Paint::Text => "32",
        Paint::Number => "33",
        Paint::Comment => "2",
        Paint::Function => "34",
        Paint::Module => "36",
        Paint::Variable => "1",
    }
}
