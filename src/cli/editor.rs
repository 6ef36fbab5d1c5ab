//! The line editor: multi-line entries, indentation, history on disk.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::completion::Pair;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{
    Cmd, CompletionType, ConditionalEventHandler, Config, Event, EventContext, EventHandler, Helper, KeyCode,
    KeyEvent, Modifiers, Movement, RepeatCount,
};

use super::complete;
use super::failure::Failure;
use super::terminal::Terminal;
use crate::script::Session;
use crate::script::session::wants_more;

/// Entries that the history keeps.
const HISTORY_ENTRIES: usize = 10_000;
/// What one open bracket indents by.
const INDENT: &str = "    ";
const INDENT_WIDTH: RepeatCount = INDENT.len() as RepeatCount;

/// Reads entries from a terminal.
pub(super) struct Editor {
    editor: rustyline::Editor<Assistant, FileHistory>,
    history: Option<PathBuf>,
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
        let config = Config::builder()
            .max_history_size(HISTORY_ENTRIES)?
            .history_ignore_dups(true)?
            .completion_type(CompletionType::List)
            .bracketed_paste(true)
            .build();
        let mut editor = rustyline::Editor::with_config(config)?;
        editor.set_helper(Some(Assistant { session }));
        let bind = |key: KeyCode, handler: Box<dyn ConditionalEventHandler>| {
            (Event::from(KeyEvent(key, Modifiers::NONE)), EventHandler::Conditional(handler))
        };
        for (event, handler) in [
            bind(KeyCode::Enter, Box::new(Enter)),
            bind(KeyCode::Tab, Box::new(Tab)),
            bind(KeyCode::Char('}'), Box::new(CloseBrace)),
        ] {
            editor.bind_sequence(event, handler);
        }
        let history = history_file();
        if let Some(path) = &history {
            // A first session has no history yet; one that cannot be read is as good as none.
            let _ = editor.load_history(path);
        }
        Ok(Self { editor, history, is_colored: terminal.is_colored() })
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
        if let Some(path) = &self.history {
            let _ = path.parent().map(std::fs::create_dir_all);
            let _ = self.editor.append_history(path);
        }
    }
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

/// Enter ends an entry that is whole and otherwise begins another line, indented like the last one
/// and deeper after an open bracket. On the second empty line it always ends the entry.
struct Enter;

impl ConditionalEventHandler for Enter {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let text = context.line();
        let mut from_end = text.rsplit('\n').map(str::trim);
        let is_given_up = text.contains('\n')
            && from_end.next().is_some_and(str::is_empty)
            && from_end.next().is_some_and(str::is_empty);
        if is_given_up || !wants_more(text) {
            return Some(Cmd::AcceptLine);
        }
        let line = text[..context.pos()].rsplit('\n').next().unwrap_or_default();
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        let deeper = if line.trim_end().ends_with(['{', '[', '(']) { INDENT } else { "" };
        Some(Cmd::Insert(1, format!("\n{indent}{deeper}")))
    }
}

/// Tab indents at the beginning of a line and completes everywhere else.
struct Tab;

impl ConditionalEventHandler for Tab {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let line = context.line()[..context.pos()].rsplit('\n').next().unwrap_or_default();
        (line.trim().is_empty() && context.line().contains('\n')).then(|| Cmd::Insert(1, INDENT.to_owned()))
    }
}

/// A closing brace at the beginning of a line stands under the line that opened it.
struct CloseBrace;

impl ConditionalEventHandler for CloseBrace {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let line = context.line()[..context.pos()].rsplit('\n').next().unwrap_or_default();
        let is_indent = line.trim().is_empty() && line.ends_with(INDENT);
        is_indent.then(|| Cmd::Replace(Movement::BackwardChar(INDENT_WIDTH), Some("}".into())))
    }
}

/// What the editor asks while a person types.
struct Assistant {
    session: Rc<RefCell<Session>>,
}

impl rustyline::completion::Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let completion = complete::complete(&self.session.borrow(), &line[..position]);
        let pair = |word: complete::Word| Pair { display: word.shown, replacement: word.inserted };
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

impl Highlighter for Assistant {}
impl Hinter for Assistant {
    type Hint = String;
}
