//! What `?name` and `:help` answer.

use super::{Session, commands};
use crate::script::{Entry, Form};

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

    fn overview(&self) -> String {
        let modules = self.host.help().modules().iter();
        let modules: Vec<String> = modules.map(|(name, about)| row(&format!("{name}::"), about)).collect();
        format!(
            "An entry is a script of one or more lines; its value is shown and bound to `ans` and `outN`.\n\
             A `;` at its end shows nothing. Ctrl-C stops what runs, Ctrl-D leaves.\n\n\
             commands\n{}\n\nmodules\n{}\n\n\
             `?theory` lists a module, `?Multitrack` what a value of a type can do, `?name` explains a \
             function,\n`:help words` searches, Tab completes.",
            commands::list(),
            modules.join("\n")
        )
    }
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
