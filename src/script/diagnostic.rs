//! One description for everything that can go wrong in a script, as data.

use rhai::{EvalAltResult, Position};

use super::{Help, Sources, render};

/// Whether something is wrong, or somebody pressed Ctrl-C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something is wrong.
    Error,
    /// The script was stopped from outside.
    Stopped,
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

impl Diagnostic {
    /// An error that belongs to no line.
    pub fn plain(headline: impl Into<String>) -> Self {
        Self { kind: Kind::Error, headline: headline.into(), excerpt: None, notes: Vec::new(), help: None }
    }

    /// The diagnostic of an error that rhai raised in the text that `sources` calls `main`.
    pub(super) fn from_error(error: &EvalAltResult, main: &str, sources: &dyn Sources, _help: &Help) -> Self {
        let mut diagnostic = Self::plain(error.unwrap_inner().to_string());
        if matches!(error.unwrap_inner(), EvalAltResult::ErrorTerminated(..)) {
            diagnostic.kind = Kind::Stopped;
            diagnostic.headline = "stopped".into();
        }
        diagnostic.excerpt = excerpt_at(error.position(), main, sources);
        diagnostic
    }

    /// The text for a person, with terminal colours if `colour`.
    pub fn render(&self, colour: bool) -> String {
        render::render(self, colour)
    }
}

fn excerpt_at(position: Position, source: &str, sources: &dyn Sources) -> Option<Excerpt> {
    let line = position.line()?;
    let text = sources.text(source)?.lines().nth(line - 1)?.to_owned();
    let (source, line) = sources.place(source, line);
    let column = position.position().unwrap_or(1).saturating_sub(1);
    Some(Excerpt { source, line, text, column, length: 1, label: String::new() })
}
