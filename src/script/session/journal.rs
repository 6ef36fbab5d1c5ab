//! A session as one growing file, so that every position in it is unique.
//!
//! rhai labels all functions that were merged into one program with the same source, so an error in
//! a function typed three entries ago would point into the wrong text. Every entry is therefore
//! compiled with as many blank lines in front of it as there were lines before it. Line 1 holds the
//! imports, which rhai forgets after each run.

use std::sync::Arc;

use crate::base::script_text;
use crate::script::{Files, Sources};

/// What the session's text is called in rhai's positions.
pub(in crate::script) const SOURCE: &str = "session";

/// rhai counts lines in 16 bits; beyond this the numbering begins anew.
const LAST_LINE: usize = 60_000;

/// The texts that have been compiled so far, by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    /// What line 1 of the last program held.
    imports: String,
    texts: Vec<Text>,
}

#[derive(Clone, Debug)]
struct Text {
    name: String,
    text: Arc<str>,
    first_line: usize,
}

impl Journal {
    /// Writes down that `text`, called `name`, comes next, and gives the program to compile: the
    /// `imports` so far on line 1, blank lines, the text at its place.
    pub(super) fn enter(&mut self, name: &str, text: &str, imports: &[String]) -> String {
        self.imports = imports.concat();
        let lines = text.lines().count().max(1);
        let mut first_line = self.texts.last().map_or(2, |last| last.first_line + last.line_count());
        if first_line + lines > LAST_LINE {
            // Functions from before keep working; only the lines of their errors lose their text.
            self.texts.clear();
            first_line = 2;
        }
        self.texts.push(Text { name: name.to_owned(), text: text.into(), first_line });
        format!("{}{}{text}", self.imports, "\n".repeat(first_line - 1))
    }

    /// How many texts there are.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Leaves the texts from number `first` on out again; nothing that they defined may be left.
    pub(super) fn forget_from(&mut self, first: usize) {
        self.texts.truncate(first);
    }

    /// The line and the column (both from 0) in the last text that a position of rhai's means.
    pub(super) fn in_last(&self, line: usize) -> Option<usize> {
        self.texts.last().and_then(|last| line.checked_sub(last.first_line))
    }

    /// The text that has line `line`.
    fn at(&self, line: usize) -> Option<&Text> {
        let candidate = self.texts.iter().rev().find(|text| text.first_line <= line)?;
        (line < candidate.first_line + candidate.line_count()).then_some(candidate)
    }
}

/// Adds `import "path" as name` to the imports that entries to come begin with.
pub(super) fn keep_import(imports: &mut Vec<String>, path: &str, name: &str) {
    imports.retain(|known| !known.ends_with(&format!(" as {name}; ")));
    imports.push(format!("import {} as {name}; ", script_text(path)));
}

impl Text {
    fn line_count(&self) -> usize {
        self.text.lines().count().max(1)
    }
}

impl Sources for Journal {
    fn text(&self, source: &str) -> Option<Arc<str>> {
        if source != SOURCE {
            return Files::new().text(source);
        }
        let mut whole = self.imports.clone();
        let mut line = 1;
        for text in &self.texts {
            whole += &"\n".repeat(text.first_line - line);
            whole += text.text.trim_end_matches('\n');
            line = text.first_line + text.line_count() - 1;
        }
        Some(whole.into())
    }

    fn place(&self, source: &str, line: usize) -> (String, usize) {
        match self.at(line) {
            Some(text) if source == SOURCE => (text.name.clone(), line - text.first_line + 1),
            _ => (source.to_owned(), line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_finds_its_entry() {
        let mut journal = Journal::default();
        journal.enter("In [1]", "let a = 1;\nlet b = 2;", &[]);
        let program = journal.enter("In [2]", "a + b", &[]);
        assert_eq!(program, "\n\n\na + b");
        assert_eq!(journal.place(SOURCE, 3), ("In [1]".into(), 2));
        assert_eq!(journal.place(SOURCE, 4), ("In [2]".into(), 1));
        let text = journal.text(SOURCE).unwrap();
        assert_eq!(text.lines().nth(2), Some("let b = 2;"));
        assert_eq!(text.lines().nth(3), Some("a + b"));
    }

    #[test]
    fn numbering_begins_anew_before_rhai_runs_out_of_lines() {
        let mut journal = Journal::default();
        let long = "1\n".repeat(50_000);
        journal.enter("In [1]", &long, &[]);
        assert_eq!(journal.enter("In [2]", &long, &[]), format!("\n{long}"));
        assert_eq!(journal.place(SOURCE, 2), ("In [2]".into(), 1));
    }

    #[test]
    fn an_import_of_the_same_name_replaces_the_earlier_one() {
        let mut imports = Vec::new();
        keep_import(&mut imports, "a", "x");
        keep_import(&mut imports, "b\"", "x");
        assert_eq!(Journal::default().enter("In [1]", "1", &imports), "import \"b\\\"\" as x; \n1");
    }
}
