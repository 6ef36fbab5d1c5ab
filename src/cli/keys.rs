//! What keys do that the line editor does not do by itself: lines within an entry, indentation, and a
//! history of whole entries that begin alike.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, EventHandler, KeyCode, KeyEvent, Modifiers,
    RepeatCount,
};

use crate::script::session::wants_more;

/// What one open bracket indents by.
const INDENT: &str = "    ";

/// What keys know besides the line; clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// Entries of the history.
    entries: HashSet<String>,
    /// A closing bracket that the next completion is to put in place.
    bracket: Option<char>,
}

impl Memory {
    /// Knows these entries.
    pub(super) fn of(entries: impl Iterator<Item = String>) -> Self {
        Self(Arc::new(Mutex::new(Known { entries: entries.collect(), bracket: None })))
    }

    /// Adds an entry.
    pub(super) fn add(&self, entry: &str) {
        self.lock().entries.insert(entry.to_owned());
    }

    /// Whether `line` is an entry as it was.
    fn has(&self, line: &str) -> bool {
        self.lock().entries.contains(line)
    }

    /// Where the line begins that a closing bracket was just typed in, and that line with the bracket under
    /// the one that it closes. The editor moves the cursor behind nothing but a completion.
    pub(super) fn close(&self, text: &str) -> Option<(usize, String)> {
        let bracket = self.lock().bracket.take()?;
        let start = text.rfind('\n').map_or(0, |end| end + 1);
        let indent = text[start..].strip_suffix(INDENT).unwrap_or_default();
        Some((start, format!("{indent}{bracket}")))
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All keys with what they do.
pub(super) fn bindings(memory: &Memory) -> Vec<(Event, EventHandler)> {
    let handler = |key: KeyEvent, handler: Box<dyn ConditionalEventHandler>| {
        (Event::from(key), EventHandler::Conditional(handler))
    };
    let plain = |code| KeyEvent(code, Modifiers::NONE);
    let mut bindings = vec![
        handler(plain(KeyCode::Enter), Box::new(Enter(memory.clone()))),
        handler(plain(KeyCode::Tab), Box::new(Tab)),
        handler(KeyEvent::ctrl('O'), Box::new(NewLine)),
        (Event::from(KeyEvent(KeyCode::Enter, Modifiers::ALT)), EventHandler::Simple(Cmd::AcceptLine)),
    ];
    for bracket in ['}', ')', ']'] {
        let close = CloseBracket(bracket, memory.clone());
        bindings.push(handler(plain(KeyCode::Char(bracket)), Box::new(close)));
    }
    for (code, is_up) in [(KeyCode::Up, true), (KeyCode::Down, false)] {
        bindings.push(handler(plain(code), Box::new(Vertical { is_up, memory: memory.clone() })));
    }
    bindings
}

/// The line up to the cursor.
fn line_before<'a>(context: &'a EventContext) -> &'a str {
    context.line()[..context.pos()].rsplit('\n').next().unwrap_or_default()
}

/// A line end, indented like the line before and deeper after an open bracket. Between two brackets the
/// closing one gets a line of its own.
fn new_line(context: &EventContext) -> Cmd {
    let line = line_before(context);
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let deeper = if line.trim_end().ends_with(['{', '[', '(']) { INDENT } else { "" };
    Cmd::Insert(1, format!("\n{indent}{deeper}"))
}

/// Enter ends an entry that is whole when the cursor is in its last line, and otherwise begins another
/// line. On the second empty line it always ends the entry, and an old entry runs wherever the cursor is.
struct Enter(Memory);

impl ConditionalEventHandler for Enter {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let text = context.line();
        let mut from_end = text.rsplit('\n').map(str::trim);
        let is_given_up = text.contains('\n')
            && from_end.next().is_some_and(str::is_empty)
            && from_end.next().is_some_and(str::is_empty);
        let is_inside = text[context.pos()..].trim_end().contains('\n');
        if is_given_up || (!wants_more(text) && (!is_inside || self.0.has(text))) {
            return Some(Cmd::AcceptLine);
        }
        Some(new_line(context))
    }
}

/// Begins another line whatever the entry looks like.
struct NewLine;

impl ConditionalEventHandler for NewLine {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        Some(new_line(context))
    }
}

/// Tab indents at the beginning of a line and completes everywhere else.
struct Tab;

impl ConditionalEventHandler for Tab {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let is_indent = line_before(context).trim().is_empty() && context.line().contains('\n');
        is_indent.then(|| Cmd::Insert(1, INDENT.to_owned()))
    }
}

/// A closing bracket at the beginning of a line stands under the line that opened it.
struct CloseBracket(char, Memory);

impl ConditionalEventHandler for CloseBracket {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let line = line_before(context);
        let is_indent = line.trim().is_empty() && line.ends_with(INDENT);
        is_indent.then(|| {
            self.1.lock().bracket = Some(self.0);
            Cmd::Complete
        })
    }
}

/// Up and Down: within an entry of several lines the next line, from its first or last line another entry:
/// one that begins like what stands before the cursor, or any when nothing was typed.
struct Vertical {
    is_up: bool,
    memory: Memory,
}

impl ConditionalEventHandler for Vertical {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let (before, after) = context.line().split_at(context.pos());
        let has_more_lines = if self.is_up { before.contains('\n') } else { after.contains('\n') };
        // An old entry with the cursor at its end is where a walk without a beginning has come to.
        let is_walking = after.is_empty() && self.memory.has(before);
        if before.is_empty() || is_walking || has_more_lines {
            return None;
        }
        Some(if self.is_up { Cmd::HistorySearchBackward } else { Cmd::HistorySearchForward })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_bracket_stands_under_what_it_closes() {
        let memory = Memory::default();
        assert_eq!(memory.close("fn f() {\n    "), None);
        memory.lock().bracket = Some('}');
        assert_eq!(memory.close("fn f() {\n    "), Some((9, "}".to_owned())));
        memory.lock().bracket = Some(')');
        assert_eq!(memory.close("{\n    f(\n        "), Some((9, "    )".to_owned())));
        assert_eq!(memory.close("{\n    "), None);
    }

    #[test]
    fn entries_are_known_once_they_are_entered() {
        let memory = Memory::of(["let a = 1".to_owned()].into_iter());
        memory.add("a");
        assert!(memory.has("let a = 1") && memory.has("a") && !memory.has("let a"));
    }
}
