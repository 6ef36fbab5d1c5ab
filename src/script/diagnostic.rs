//! One description for everything that can go wrong in a script, as data.

use rhai::{Engine, EvalAltResult, Position};

use super::explain::{Explanation, explain};
use super::reading::{Reading, length_at};
use super::{Help, Sources, render};

/// Whether something is wrong, and with what, or somebody pressed Ctrl-C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something is wrong.
    Error,
    /// The script was stopped from outside.
    Stopped,
    /// Something is wrong with this program itself.
    Bug,
}

/// What went wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Wrong, or stopped.
    pub kind: Kind,
    /// One line saying what was expected and what came.
    pub headline: String,
    /// Where, when it is known.
    pub excerpt: Option<Excerpt>,
    /// Further facts, one line each.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

/// A marked stretch of one line of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Excerpt {
    /// The file, or the entry of a session.
    pub source: String,
    /// Line, counted from 1.
    pub line: usize,
    /// The whole line.
    pub text: String,
    /// Character that the mark begins at, counted from 0.
    pub column: usize,
    /// Characters that are marked, at least one.
    pub length: usize,
    /// What is said beside the mark; may be empty.
    pub label: String,
}

/// Calls shown of a deep chain.
const TRACE_LINES: usize = 8;

impl Diagnostic {
    /// An error that belongs to no line.
    pub fn plain(headline: impl Into<String>) -> Self {
        Self { kind: Kind::Error, headline: headline.into(), excerpt: None, notes: Vec::new(), help: None }
    }

    /// The diagnostic of a panic, the way a mistake in this program shows itself; `what` is what ran.
    pub fn of_panic(panic: &(dyn std::any::Any + Send), what: &str) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
        let notes = vec![
            "this is a mistake in ricercar, not in what you wrote".to_owned(),
            format!(
                "please send its makers this message, `ricercar {}`, and what ran: {what}",
                crate::VERSION
            ),
        ];
        Self { kind: Kind::Bug, notes, ..Self::plain(text) }
    }

    /// The diagnostic of an error that rhai raised in the text that `sources` calls `main`.
    pub(super) fn from_error(
        error: &EvalAltResult,
        main: &str,
        sources: &dyn Sources,
        help: &Help,
        engine: &Engine,
    ) -> Self {
        let (frames, cause, source) = unwind(error, main);
        let reading = sources.text(source).map(|text| (Reading::new(&text, engine), text));
        let known = sources.names();
        let Explanation { kind, headline, label, notes, help, position, length } =
            explain(cause, reading.as_ref().map(|(reading, text)| (reading, &**text)), &known, help);
        let mut diagnostic = Self { kind, headline, excerpt: None, notes, help };

        // The library's own scripts are not the user's business: show who called them.
        let levels = frames.iter().map(|frame| (frame.source, frame.position)).chain([(source, position)]);
        let levels: Vec<(&str, Position)> = levels.collect();
        let usable = |(source, at): &(&str, Position)| !source.starts_with("std/") && !at.is_none();
        if let Some(level) = levels.iter().rposition(usable) {
            let innermost = level + 1 == levels.len();
            let (source, position) = levels[level];
            diagnostic.excerpt = excerpt(position, source, sources, length.filter(|_| innermost));
            if let Some(excerpt) = &mut diagnostic.excerpt {
                excerpt.label = if innermost { label } else { String::new() };
            }
            let trace = frames[..level].iter().rev().take(TRACE_LINES).map(|frame| frame.line(sources));
            diagnostic.notes.extend(trace);
        }
        diagnostic
    }

    /// The text for a person, with terminal colours if `colour`.
    pub fn render(&self, colour: bool) -> String {
        render::render(self, colour)
    }

    /// The text for a person who hears it: no frames, no marks, no colours.
    pub fn render_spoken(&self) -> String {
        render::render_spoken(self)
    }
}

/// A call on the way to the error.
struct Frame<'a> {
    /// What was called.
    function: &'a str,
    /// The text that the call stands in.
    source: &'a str,
    /// Where in it.
    position: Position,
}

impl Frame<'_> {
    fn line(&self, sources: &dyn Sources) -> String {
        let what = match self.function {
            "" => "in the imported file".to_owned(),
            name if name.starts_with("anon$") => "in a closure".to_owned(),
            name => format!("in `{name}`"),
        };
        match self.position.line() {
            Some(line) => {
                let (source, line) = sources.place(self.source, line);
                format!("{what}, called at {source}, line {line}")
            }
            None => what,
        }
    }
}

/// The calls from the outermost to the innermost, the error that began it, and the text it is in.
fn unwind<'a>(error: &'a EvalAltResult, main: &'a str) -> (Vec<Frame<'a>>, &'a EvalAltResult, &'a str) {
    let (mut frames, mut error, mut source) = (Vec::new(), error, main);
    loop {
        match error {
            EvalAltResult::ErrorInFunctionCall(function, inside, inner, position) => {
                frames.push(Frame { function, source, position: *position });
                source = if inside.is_empty() { source } else { inside };
                error = inner;
            }
            EvalAltResult::ErrorInModule(_, inner, _) => error = inner,
            cause => return (frames, cause, source),
        }
    }
}

/// The line at `position`, with the word there marked unless `length` says otherwise.
fn excerpt(
    position: Position,
    source: &str,
    sources: &dyn Sources,
    length: Option<usize>,
) -> Option<Excerpt> {
    let line = position.line()?;
    let text = sources.text(source)?.lines().nth(line - 1)?.to_owned();
    let (source, line) = sources.place(source, line);
    let column = position.position().unwrap_or(1).saturating_sub(1);
    let length = length.unwrap_or_else(|| length_at(&text, column));
    Some(Excerpt { source, line, text, column, length, label: String::new() })
}
