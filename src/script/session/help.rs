//! What `?name` and `:help` answer.

use super::definitions::definitions;
use super::{Session, commands};
use crate::script::{Entry, Form, stdlib};

/// Search results that are listed; more are not read.
const FOUND: usize = 12;

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
        let help = self.host.help();
        let found = help.lookup(topic);
        if !found.is_empty() {
            return Ok(found.into_iter().map(whole).collect::<Vec<_>>().join("\n\n"));
        }
        if let Some(own) = self.functions().iter().find(|(name, _)| name == topic.trim_end_matches("()")) {
            let text = self.entries.iter().rev().find_map(|entry| whole_functions(&entry.text, &own.0));
            let docs = text.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("///"));
            let docs: Vec<String> = docs.map(|line| format!("    {}", line.trim())).collect();
            let call = format!("{}({})", own.0, own.1.join(", "));
            return Ok(format!("{call}\n\n{}", docs.join("\n")).trim_end().to_owned()
                + "\n    defined in this session; `??` shows its text");
        }
        if let Some((name, about)) =
            help.modules().iter().find(|(name, _)| name == topic.trim_end_matches("::"))
        {
            let members = help.entries().iter().filter(|entry| entry.module == *name);
            return Ok(format!("module {name}: {about}\n{}", list(members)));
        }
        let kind = self.kind_of(topic);
        let mut members: Vec<&Entry> = help.members(kind.as_deref().unwrap_or(topic)).collect();
        if members.iter().any(|entry| entry.own) {
            members.retain(|entry| entry.own);
        }
        if !members.is_empty() || kind.is_some() {
            let title = kind.map_or(topic.to_owned(), |kind| format!("{topic} is a value of type {kind}"));
            return Ok(format!("{title}\n{}", list(members.into_iter())).trim_end().to_owned());
        }
        let found = if topic.len() < SHORTEST { Vec::new() } else { help.search(topic) };
        if !found.is_empty() {
            return Ok(format!("functions that speak of `{topic}`\n{}", list(found.into_iter().take(FOUND))));
        }
        let name = topic.rsplit([':', '.']).next().unwrap_or(topic);
        let hint = match help.nearest(name, |entry| entry.own) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`:help` lists what there is".to_owned(),
        };
        Err(format!("nothing is called `{topic}`: {hint}"))
    }

    /// The text of a function: of the session, or of the part of the library that is written in rhai.
    ///
    /// # Errors
    /// A message naming the nearest name.
    pub fn source_of(&self, name: &str) -> Result<String, String> {
        let name = name.trim().trim_end_matches("()");
        if let Some(own) = self.entries.iter().rev().find_map(|entry| whole_functions(&entry.text, name)) {
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
            let free = list(help.entries().iter().filter(is_free));
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
            false => Ok(list(found.into_iter())),
        }
    }

    /// The modules, one a line.
    pub fn describe_modules(&self) -> String {
        let modules = self.host.help().modules().iter();
        modules.map(|(name, about)| row(&format!("{name}::"), about)).collect::<Vec<_>>().join("\n")
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

/// Signature and documentation.
fn whole(entry: &Entry) -> String {
    let docs = entry.docs.replace("```rhai\n", "").replace("```", "");
    format!("{}\n\n{}", entry.signature(), indented(docs.trim())).trim_end().to_owned()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// One line for each entry, operators left out.
fn list<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let entries = entries.filter(|entry| !matches!(entry.form, Form::Operator | Form::Index));
    entries.map(|entry| row(&entry.signature(), entry.summary())).collect::<Vec<_>>().join("\n")
}

/// A name and what it is for, on a line of its own if the name is long.
fn row(name: &str, about: &str) -> String {
    const COLUMN: usize = 12;
    match about {
        "" => format!("  {name}"),
        about if name.chars().count() < COLUMN => format!("  {name:COLUMN$}{about}"),
        about => format!("  {name}\n      {}", about.replace('\n', " ")),
    }
}
