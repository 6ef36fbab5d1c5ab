//! What `?name` and `:help` answer.

use super::complete::OF_ANYTHING;
use super::definitions::definitions;
use super::{Session, commands};
use crate::base::wrapped;
use crate::script::{Entry, Form, stdlib};

/// Search results that are listed; more are not read.
const FOUND: usize = 12;

/// Lines are no longer, however wide the terminal is.
const WIDEST: usize = 110;

/// Fewest letters that are searched for.
const SHORTEST: usize = 3;

impl Session {
    /// Help on a function, method, module, type or variable, or on words of the documentation; on the
    /// session itself without a topic.
    ///
    /// # Errors
    /// A message naming the nearest name.
    pub fn explain(&self, topic: Option<&str>) -> Result<String, String> {
        let Some(topic) = topic else { return Ok(self.overview()) };
        if let Some(explained) = self.explain_exactly(topic) {
            return Ok(explained);
        }
        // `song.bass.transpose`: the member of a value.
        if topic.contains('.')
            && let Some(explained) = self.inspect(topic, topic.len(), false)
        {
            return Ok(explained);
        }
        let help = self.host.help();
        let found = if topic.len() < SHORTEST { Vec::new() } else { help.search(topic) };
        if !found.is_empty() {
            return Ok(format!(
                "functions that speak of `{topic}`\n{}",
                self.list(found.into_iter().take(FOUND))
            ));
        }
        let name = topic.rsplit([':', '.']).next().unwrap_or(topic);
        let hint = match help.nearest(name, |entry| entry.own) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`:help` lists what there is".to_owned(),
        };
        Err(format!("nothing is called `{topic}`: {hint}"))
    }

    /// Help on what is called `topic`, if anything is; what the session defines comes first.
    pub(super) fn explain_exactly(&self, topic: &str) -> Option<String> {
        let help = self.host.help();
        let members = |kind: &str| {
            let mut members: Vec<&Entry> = help.members(kind).collect();
            if members.iter().any(|entry| entry.own) {
                members.retain(|entry| entry.own);
            }
            members
        };
        let titled = |title: String, members: Vec<&Entry>| {
            Some(format!("{title}\n{}", self.list(members.into_iter())).trim_end().to_owned())
        };
        if let Some(kind) = self.kind_of(topic) {
            return titled(format!("{topic} is a value of type {kind}"), members(&kind));
        }
        if let Some(own) = self.functions().iter().find(|(name, _)| name == topic.trim_end_matches("()")) {
            let text = self.entries().iter().rev().find_map(|entry| whole_functions(&entry.text, &own.0));
            let docs = text.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("///"));
            let docs: Vec<String> = docs.map(|line| format!("    {}", line.trim())).collect();
            let call = format!("{}({})", own.0, own.1.join(", "));
            return Some(
                format!("{call}\n\n{}", docs.join("\n")).trim_end().to_owned()
                    + "\n    defined in this session; `??` shows its text",
            );
        }
        let found = help.lookup(topic);
        if !found.is_empty() {
            let whole = |entry| whole(entry, self.width());
            return Some(found.into_iter().map(whole).collect::<Vec<_>>().join("\n\n"));
        }
        if let Some((name, about)) =
            help.modules().iter().find(|(name, _)| name == topic.trim_end_matches("::"))
        {
            let members = help.entries().iter().filter(|entry| entry.module == *name);
            return Some(format!("module {name}: {about}\n{}", self.list(members)));
        }
        let members = members(topic);
        if members.is_empty() { None } else { titled(topic.to_owned(), members) }
    }

    /// The text of a function: of the session, or of the part of the library that is written in rhai.
    ///
    /// # Errors
    /// A message naming the nearest name.
    pub fn source_of(&self, name: &str) -> Result<String, String> {
        let name = name.trim().trim_end_matches("()");
        if let Some(own) = self.entries().iter().rev().find_map(|entry| whole_functions(&entry.text, name)) {
            return Ok(own);
        }
        let (module, bare) = name.rsplit_once("::").unwrap_or(("", name));
        let module = if module.is_empty() { "check" } else { module };
        let text = stdlib::MODULES.iter().find(|(known, _)| *known == module).map(|(_, text)| *text);
        if let Some(source) = text.and_then(|text| whole_functions(text, bare)) {
            return Ok(source);
        }
        let help = self.explain(Some(name))?;
        Ok(match self.host.help().lookup(name).is_empty() {
            true => help,
            false => format!("{help}\n\n`{name}` is written in Rust; scripts do not see its text"),
        })
    }

    /// Functions of the session; those of a type or a module; or those whose name has a word in it.
    ///
    /// # Errors
    /// That there is none.
    pub fn describe_functions(&self, which: Option<&str>) -> Result<String, String> {
        let help = self.host.help();
        let Some(which) = which else {
            let own =
                self.functions().into_iter().map(|(name, with)| format!("  {name}({})", with.join(", ")));
            let own: Vec<String> = own.collect();
            let own = if own.is_empty() { "  (none yet)".to_owned() } else { own.join("\n") };
            let is_free =
                |entry: &&Entry| entry.own && entry.module.is_empty() && entry.form == Form::Function;
            let free = self.list(help.entries().iter().filter(is_free));
            return Ok(format!("of this session\n{own}\nthat need no module\n{free}"));
        };
        let module = which.trim_end_matches("::");
        let mut found: Vec<&Entry> = help.entries().iter().filter(|entry| entry.module == module).collect();
        if found.is_empty() {
            let kind = self.kind_of(which);
            found = help.members(kind.as_deref().unwrap_or(which)).collect();
        }
        if found.is_empty() {
            let word = which.to_lowercase();
            let named = |entry: &&Entry| entry.path().to_lowercase().contains(&word);
            found = help.entries().iter().filter(named).collect();
        }
        if found.iter().any(|entry| entry.own) {
            found.retain(|entry| entry.own);
        }
        match found.is_empty() {
            true => Err(format!("no type, module or function has `{which}` in its name")),
            false => Ok(self.list(found.into_iter())),
        }
    }

    /// The modules, one a line.
    pub fn describe_modules(&self) -> String {
        let modules = self.host.help().modules().iter();
        modules
            .map(|(name, about)| row(&format!("{name}::"), about, self.width()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Columns that help may take.
    fn width(&self) -> usize {
        self.host.context().width.min(WIDEST)
    }

    /// Each entry with its first sentence, without operators and what every value can do.
    fn list<'a>(&self, entries: impl Iterator<Item = &'a Entry>) -> String {
        let is_worth_it = |entry: &&Entry| {
            !matches!(entry.form, Form::Operator | Form::Index) && !OF_ANYTHING.contains(&entry.name.as_str())
        };
        let entries = entries.filter(is_worth_it);
        let rows = entries.map(|entry| row(&entry.signature(), entry.summary(), self.width()));
        rows.collect::<Vec<_>>().join("\n")
    }

    fn overview(&self) -> String {
        format!(
            "An entry is a script of one or more lines; its value is shown and bound to `ans` and `outN`.\n\
             A `;` at its end shows nothing. Ctrl-C stops what runs, Ctrl-D leaves.\n\n\
             commands\n{}\n\nmodules\n{}\n\n\
             keys\n\
             \x20 Tab                 completes; twice, lists; at the start of a line, indents\n\
             \x20 Up, Down            earlier entries that begin with what is typed; lines of an entry\n\
             \x20 Ctrl-R              searches the history\n\
             \x20 Enter               runs an entry that is whole; else, or inside of it, a new line\n\
             \x20 Alt-Enter, Ctrl-O   runs it anyway; a new line anyway\n\n\
             `?theory` lists a module, `?Multitrack` what a value of a type can do, `?name` explains a \
             function,\n`??name` shows its text, `:help words` searches.",
            commands::list(),
            self.describe_modules()
        )
    }
}

/// All functions called `name` in `text`, as they are written.
fn whole_functions(text: &str, name: &str) -> Option<String> {
    let found: Vec<&str> = definitions(text)
        .into_iter()
        .filter(|definition| definition.name == name)
        .map(|definition| &text[definition.range])
        .collect();
    (!found.is_empty()).then(|| found.join("\n\n"))
}

/// Signature and documentation, its paragraphs fitted into `width`.
fn whole(entry: &Entry, width: usize) -> String {
    let mut text = wrapped(&entry.signature(), width, "", "    ");
    let mut is_code = false;
    let mut paragraph = String::new();
    for line in entry.docs.lines().chain([""]) {
        let is_fence = line.trim_start().starts_with("```");
        if !is_code && !is_fence && !line.trim().is_empty() {
            paragraph = format!("{paragraph} {}", line.trim());
            continue;
        }
        if !paragraph.is_empty() {
            text += &format!("\n\n{}", wrapped(paragraph.trim(), width, "    ", "    "));
            paragraph.clear();
        }
        match (is_fence, is_code) {
            (true, false) => text.push('\n'),
            (false, true) => text += format!("\n    {line}").trim_end_matches(' '),
            _ => {}
        }
        is_code ^= is_fence;
    }
    text.trim_end().to_owned()
}

/// A name and what it is for in one line each, the second cut to fit.
fn row(name: &str, about: &str, width: usize) -> String {
    const COLUMN: usize = 12;
    let about = about.replace('\n', " ");
    if about.is_empty() {
        return format!("  {name}");
    }
    let (begin, indent) = match name.chars().count() < COLUMN {
        true => (format!("  {name:COLUMN$}"), COLUMN + 2),
        false => (format!("  {name}\n      "), 6),
    };
    let room = width.saturating_sub(indent).max(20);
    let cut = match about.char_indices().nth(room) {
        Some(_) => format!("{}…", about.chars().take(room - 1).collect::<String>().trim_end()),
        None => about,
    };
    format!("{begin}{cut}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_fitted_into_the_width() {
        assert_eq!(row("note", "What it is for, at length", 36), "  note        What it is for, at le…");
        assert_eq!(row("a_name_that_is_long", "Why", 80), "  a_name_that_is_long\n      Why");
    }
}
