//! The texts that rhai's positions point into.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::stdlib;

/// Finds the text that a source name and line number mean.
pub trait Sources {
    /// The whole text of `source`; the main script's name is what it was run under.
    fn text(&self, source: &str) -> Option<Arc<str>>;

    /// What a person calls line `line` (counted from 1) of `source`: a name and a line number.
    fn place(&self, source: &str, line: usize) -> (String, usize) {
        (source.to_owned(), line)
    }

    /// Variables that exist although no text declares them.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Texts by name, then the standard library, then files.
#[derive(Clone, Debug, Default)]
pub struct Files {
    texts: BTreeMap<String, Arc<str>>,
}

impl Files {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with `text` under `name`.
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.texts.insert(name.to_owned(), text.into());
        self
    }
}

impl Sources for Files {
    fn text(&self, source: &str) -> Option<Arc<str>> {
        if let Some(text) = self.texts.get(source) {
            return Some(Arc::clone(text));
        }
        if let Some(text) = stdlib::text(source) {
            return Some(text.into());
        }
        std::fs::read_to_string(source).ok().map(Into::into)
    }
}
