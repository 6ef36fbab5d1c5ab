//! The reference of everything that scripts can call, from the same metadata as the session's help: as
//! Markdown, as one page of HTML, and as definition files for editors.

mod definitions;
mod html;

use std::path::PathBuf;

use super::{Entry, Form, Help, option_keys};

/// A module, a type, or the functions that need no module.
struct Section<'a> {
    /// `theory::`, `Multitrack`, `Functions`.
    title: String,
    /// What the module is for; nothing for types.
    about: &'a str,
    entries: Vec<&'a Entry>,
}

/// ricercar's own functions by module and type.
fn sections(help: &Help) -> Vec<Section<'_>> {
    let mut own: Vec<&Entry> = help.entries().iter().filter(|entry| entry.own).collect();
    own.sort_by_key(|entry| (title_of(entry), entry.form, entry.name.clone()));
    let mut sections: Vec<Section> = Vec::new();
    for entry in own {
        let title = title_of(entry);
        if sections.last().is_none_or(|section| section.title != title) {
            let about = help.modules().iter().find(|(name, _)| *name == entry.module);
            let about = about.map_or("", |(_, about)| about.as_str());
            sections.push(Section { title, about, entries: Vec::new() });
        }
        if let Some(section) = sections.last_mut() {
            section.entries.push(entry);
        }
    }
    sections
}

fn title_of(entry: &Entry) -> String {
    let receiver = entry.parameters.first().map(|first| first.kind.clone());
    match (entry.module.as_str(), entry.form, receiver) {
        ("", Form::Function, _) | ("", _, None) => "Functions".into(),
        ("", _, Some(kind)) => kind,
        (module, _, _) => format!("{module}::"),
    }
}

/// The options of a way to call, each with the words that it may be.
fn options(entry: &Entry) -> Vec<(&'static str, Vec<&'static str>)> {
    if entry.parameters.last().is_none_or(|last| last.name != "options") {
        return Vec::new();
    }
    let keys = option_keys(&entry.full_name());
    keys.iter().map(|key| (key.name, key.choices().collect())).collect()
}

impl Help {
    /// The whole reference as Markdown, ricercar's own functions by module and type.
    pub fn markdown(&self) -> String {
        let mut text = String::from("# Reference\n");
        for section in sections(self) {
            text += &format!("\n## {}\n", section.title);
            if !section.about.is_empty() {
                text += &format!("\n{}\n", section.about);
            }
            for entry in section.entries {
                text += &format!("\n### `{}`\n\n{}\n", entry.signature(), entry.docs);
                let options = options(entry).into_iter().map(|(key, choices)| match choices.as_slice() {
                    [] => format!("`{key}`"),
                    choices => format!("`{key}` ({})", choices.join(", ")),
                });
                let options: Vec<String> = options.collect();
                if !options.is_empty() {
                    text += &format!("\nKeys: {}.\n", options.join(", "));
                }
            }
        }
        text
    }

    /// The whole reference as one page of HTML that needs nothing from outside.
    pub fn html(&self) -> String {
        html::page(&sections(self))
    }

    /// Definition files (`.d.rhai`) for editors: a name and a text for what needs no module, and for each
    /// module.
    pub fn definitions(&self) -> Vec<(PathBuf, String)> {
        definitions::files(self)
    }
}
