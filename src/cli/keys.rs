//! What keys do that the line editor does not do by itself: lines within an entry, indentation, and a
//! history of whole entries that begin alike.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, EventHandler, KeyCode, KeyEvent, Modifiers, Movement,
    RepeatCount,
};

use crate::script::session::wants_more;

/// What one open bracket indents by.
const INDENT: &str = "    ";
const INDENT_WIDTH: RepeatCount = INDENT.len() as RepeatCount;

/// All keys with what they do; Up and Down go through `walk`.
pub(super) fn bindings(walk: &Walk) -> Vec<(Event, EventHandler)> {
    let handler = |key: KeyEvent, handler: Box<dyn ConditionalEventHandler>| {
        (Event::from(key), EventHandler::Conditional(handler))
    };
    let plain = |code| KeyEvent(code, Modifiers::NONE);
    let mut bindings = vec![
        handler(plain(KeyCode::Enter), Box::new(Enter)),
        handler(plain(KeyCode::Tab), Box::new(Tab)),
        handler(KeyEvent::ctrl('O'), Box::new(NewLine)),
        (Event::from(KeyEvent(KeyCode::Enter, Modifiers::ALT)), EventHandler::Simple(Cmd::AcceptLine)),
    ];
    for bracket in ['}', ')', ']'] {
        bindings.push(handler(plain(KeyCode::Char(bracket)), Box::new(CloseBracket(bracket))));
    }
    for key in [plain(KeyCode::Up), KeyEvent::ctrl('P')] {
        bindings.push(handler(key, Box::new(Older(walk.clone()))));
    }
    for key in [plain(KeyCode::Down), KeyEvent::ctrl('N')] {
        bindings.push(handler(key, Box::new(Newer(walk.clone()))));
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
/// line. On the second empty line it always ends the entry.
struct Enter;

impl ConditionalEventHandler for Enter {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let text = context.line();
        let mut from_end = text.rsplit('\n').map(str::trim);
        let is_given_up = text.contains('\n')
            && from_end.next().is_some_and(str::is_empty)
            && from_end.next().is_some_and(str::is_empty);
        let is_inside = text[context.pos()..].trim_end().contains('\n');
        if is_given_up || (!is_inside && !wants_more(text)) {
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
struct CloseBracket(char);

impl ConditionalEventHandler for CloseBracket {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let line = line_before(context);
        let is_indent = line.trim().is_empty() && line.ends_with(INDENT);
        is_indent.then(|| Cmd::Replace(Movement::BackwardChar(INDENT_WIDTH), Some(self.0.to_string())))
    }
}

/// Up: within an entry of several lines the line above, from its first line the entry before.
struct Older(Walk);

impl ConditionalEventHandler for Older {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        if context.line()[..context.pos()].contains('\n') {
            return Some(Cmd::Move(Movement::LineUp(1)));
        }
        Some(show(self.0.older(context.line(), context.pos())))
    }
}

/// Down: the other way.
struct Newer(Walk);

impl ConditionalEventHandler for Newer {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        if context.line()[context.pos()..].contains('\n') {
            return Some(Cmd::Move(Movement::LineDown(1)));
        }
        Some(show(self.0.newer(context.line())))
    }
}

fn show(entry: Option<String>) -> Cmd {
    entry.map_or(Cmd::Noop, |entry| Cmd::Replace(Movement::WholeBuffer, Some(entry)))
}

/// The way through earlier entries, those that begin with what was typed; clones walk together.
#[derive(Clone, Debug, Default)]
pub(super) struct Walk(Arc<Mutex<Steps>>);

#[derive(Debug, Default)]
struct Steps {
    entries: Vec<String>,
    /// The entry that is shown, while one is.
    at: Option<usize>,
    /// What was there before the first step, and how much of it the entries begin with.
    typed: String,
    prefix: usize,
}

impl Walk {
    /// Through these, the newest last.
    pub(super) fn through(entries: impl Iterator<Item = String>) -> Self {
        Self(Arc::new(Mutex::new(Steps { entries: entries.collect(), ..Steps::default() })))
    }

    /// Adds the newest entry and ends the walk.
    pub(super) fn add(&self, entry: &str) {
        let mut steps = self.lock();
        steps.at = None;
        if steps.entries.last().map(String::as_str) != Some(entry) {
            steps.entries.push(entry.to_owned());
        }
    }

    /// The next older entry, when `line` is shown with the cursor at byte `position`.
    fn older(&self, line: &str, position: usize) -> Option<String> {
        let mut steps = self.lock();
        let from = match steps.at.filter(|at| steps.entries[*at] == line) {
            Some(at) => at,
            None => {
                (steps.typed, steps.prefix) = (line.to_owned(), position);
                steps.entries.len()
            }
        };
        let prefix = &steps.typed[..steps.prefix];
        let is_next = |at: &usize| steps.entries[*at].starts_with(prefix) && steps.entries[*at] != line;
        let found = (0..from).rev().find(is_next)?;
        steps.at = Some(found);
        Some(steps.entries[found].clone())
    }

    /// The next newer entry; in the end what was typed.
    fn newer(&self, line: &str) -> Option<String> {
        let mut steps = self.lock();
        let from = steps.at.filter(|at| steps.entries[*at] == line)?;
        let prefix = &steps.typed[..steps.prefix];
        let is_next = |at: &usize| steps.entries[*at].starts_with(prefix) && steps.entries[*at] != line;
        steps.at = (from + 1..steps.entries.len()).find(is_next);
        Some(steps.at.map_or_else(|| steps.typed.clone(), |at| steps.entries[at].clone()))
    }

    fn lock(&self) -> MutexGuard<'_, Steps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk() -> Walk {
        Walk::through(["let a = 1", "print(a)", "let b = 2", "let b = 2", "b"].map(str::to_owned).into_iter())
    }

    #[test]
    fn without_a_prefix_every_entry_comes_once_and_then_what_was_typed() {
        let walk = walk();
        let mut shown = String::new();
        let mut seen = Vec::new();
        while let Some(entry) = walk.older(&shown, shown.len()) {
            shown.clone_from(&entry);
            seen.push(entry);
        }
        assert_eq!(seen, ["b", "let b = 2", "print(a)", "let a = 1"]);
        assert_eq!(walk.newer("let a = 1").as_deref(), Some("print(a)"));
        assert_eq!(walk.newer("print(a)").as_deref(), Some("let b = 2"));
    }

    #[test]
    fn entries_begin_with_what_was_typed_before_the_cursor() {
        let walk = walk();
        assert_eq!(walk.older("let x", 4).as_deref(), Some("let b = 2"));
        assert_eq!(walk.older("let b = 2", 9).as_deref(), Some("let a = 1"));
        assert_eq!(walk.older("let a = 1", 9), None);
        assert_eq!(walk.newer("let a = 1").as_deref(), Some("let b = 2"));
        assert_eq!(walk.newer("let b = 2").as_deref(), Some("let x"));
        assert_eq!(walk.newer("let x"), None);
    }

    #[test]
    fn an_edited_entry_begins_a_walk_of_its_own() {
        let walk = walk();
        assert_eq!(walk.older("", 0).as_deref(), Some("b"));
        assert_eq!(walk.older("pr", 2).as_deref(), Some("print(a)"));
        walk.add("print(b)");
        assert_eq!(walk.older("", 0).as_deref(), Some("print(b)"));
    }
}
