//! What a string could say, by the place that it stands in.

use std::path::Path;

use super::Session;
use super::complete::{Completion, Word, completion};
use super::cursor::{Call, Cursor};
use super::infer::Inference;
use crate::experiment::Table;
use crate::music::Family;
use crate::script::{Entry, Form, option_keys};

/// What a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// A file or folder.
    File,
    /// A part of a latent.
    Part,
    /// A track of a piece.
    Track,
    /// A model of the library.
    Model,
    /// A column of a table.
    Column,
    /// A config to start from.
    StartingPoint,
    /// Something that nobody knows.
    Other,
}

/// Parameters and options whose texts mean more than their names say: function, name, meaning.
const SPECIAL: [(&str, &str, Meaning); 24] = [
    ("Latent.part", "path", Meaning::Part),
    ("Latent.redraw", "parts", Meaning::Part),
    ("Latent.take", "parts", Meaning::Part),
    ("Latent.vary", "parts", Meaning::Part),
    ("Model.direction", "parts", Meaning::Part),
    ("Multitrack.track", "name", Meaning::Track),
    ("Multitrack.map_track", "name", Meaning::Track),
    ("Multitrack.mute", "names", Meaning::Track),
    ("Multitrack.only", "names", Meaning::Track),
    ("Multitrack.harmonicity", "first", Meaning::Track),
    ("Multitrack.harmonicity", "second", Meaning::Track),
    ("Multitrack.tonal_distance", "first", Meaning::Track),
    ("Multitrack.tonal_distance", "second", Meaning::Track),
    ("Model.encode", "given", Meaning::Track),
    ("music::line", "name", Meaning::Track),
    ("model::load", "name", Meaning::Model),
    ("model::has", "name", Meaning::Model),
    ("Table.column", "name", Meaning::Column),
    ("Table.select", "names", Meaning::Column),
    ("Table.plot", "x", Meaning::Column),
    ("Table.plot", "y", Meaning::Column),
    ("Table.plot", "by", Meaning::Column),
    ("Table.box_plot", "x", Meaning::Column),
    ("config::named", "name", Meaning::StartingPoint),
];

/// Names whose texts mean the same in every function.
const USUAL: [(&str, Meaning); 12] = [
    ("path", Meaning::File),
    ("file", Meaning::File),
    ("folder", Meaning::File),
    ("from", Meaning::File),
    ("config", Meaning::File),
    ("soundfont", Meaning::File),
    ("songs", Meaning::File),
    ("cache", Meaning::File),
    ("compare", Meaning::File),
    ("training", Meaning::File),
    ("given", Meaning::Track),
    ("columns", Meaning::Column),
];

/// What could follow inside the string that begins at `start`.
pub(super) fn in_string(session: &Session, cursor: &Cursor, start: usize) -> Completion {
    let typed = &cursor.text[start..];
    let inference = Inference::new(session, cursor);
    if cursor.pieces.len() >= 2 && cursor.word(cursor.pieces.len() - 2) == "import" {
        return paths(start, typed);
    }
    if let Some(value) = cursor.indexed() {
        let path = cursor.words(value.clone());
        let names = match inference.kind(value.clone()).as_deref() {
            Some("map") => session.keys_of(path),
            Some("Multitrack") => session.track_names(path),
            Some(kind) => fields(session, kind),
            None => Vec::new(),
        };
        return completion(start, typed, names.iter().map(|name| Word::plain(name)).collect());
    }
    let Some(call) = cursor.call() else { return Completion::default() };
    let ways = session.ways(&inference, &call);
    let receiver = call.receiver.clone().map_or("", |range| cursor.words(range));
    if let Some(key) = &call.key {
        let keys = ways.iter().flat_map(|way| option_keys(&way.full_name()));
        let choices: Vec<&str> =
            keys.filter(|option| option.name == key).flat_map(|o| o.choices().collect::<Vec<_>>()).collect();
        if !choices.is_empty() {
            return completion(start, typed, choices.into_iter().map(Word::plain).collect());
        }
    }
    let means = |way: &&Entry| {
        let name = match &call.key {
            Some(key) => key.as_str(),
            None => way.parameters.get(call.argument + call.given())?.name.as_str(),
        };
        Some(meaning(&way.full_name(), name))
    };
    let meaning = ways.iter().filter_map(means).find(|meaning| *meaning != Meaning::Other);
    let words =
        |names: Vec<String>| completion(start, typed, names.iter().map(|name| Word::plain(name)).collect());
    match meaning {
        Some(Meaning::File) => paths(start, typed),
        Some(Meaning::Part) => words(parts(session, receiver)),
        Some(Meaning::Track) => {
            let mut names = session.track_names(receiver);
            if names.is_empty() {
                names = Family::ALL.map(|family| family.name().to_owned()).to_vec();
            }
            words(names)
        }
        Some(Meaning::Model) => {
            let mut found = words(session.model_names());
            if typed.contains('/') || found.words.is_empty() {
                found.words.extend(paths(start, typed).words);
            }
            found
        }
        Some(Meaning::Column) => words(columns(session, receiver)),
        Some(Meaning::StartingPoint) => {
            words(crate::train::starting::starting_names().map(str::to_owned).collect())
        }
        Some(Meaning::Other) | None if ways.is_empty() => paths(start, typed),
        Some(Meaning::Other) | None => Completion::default(),
    }
}

/// What the text for `parameter` of `function` means.
fn meaning(function: &str, parameter: &str) -> Meaning {
    let special = SPECIAL.iter().find(|(known, name, _)| *known == function && *name == parameter);
    let usual = || USUAL.iter().find(|(name, _)| *name == parameter).map(|(_, meaning)| *meaning);
    special.map(|(.., meaning)| *meaning).or_else(usual).unwrap_or(Meaning::Other)
}

/// Paths of parts, and the kinds that stand for those of all tracks.
fn parts(session: &Session, receiver: &str) -> Vec<String> {
    let mut parts = session.part_names(receiver);
    let kinds: Vec<String> =
        parts.iter().filter_map(|part| Some(part.split_once('.')?.0.to_owned())).collect();
    parts.extend(kinds);
    parts
}

fn columns(session: &Session, receiver: &str) -> Vec<String> {
    let value = session.peek(receiver);
    let table = value.as_ref().and_then(|value| value.read_lock::<Table>());
    table.map(|table| table.columns().iter().map(ToString::to_string).collect()).unwrap_or_default()
}

/// Names of the fields that a type has.
fn fields(session: &Session, kind: &str) -> Vec<String> {
    let members = session.host().help().members(kind);
    members.filter(|entry| entry.form == Form::Property).map(|entry| entry.name.clone()).collect()
}

/// Files and folders whose path begins with `typed`.
pub(super) fn paths(start: usize, typed: &str) -> Completion {
    let folder_end = typed.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = typed.split_at(folder_end);
    let entries = std::fs::read_dir(if folder.is_empty() { Path::new(".") } else { Path::new(folder) });
    let mut words = Vec::new();
    for entry in entries.into_iter().flatten().flatten() {
        let Ok(found) = entry.file_name().into_string() else { continue };
        if found.starts_with(name) && (name.starts_with('.') || !found.starts_with('.')) {
            let slash = if entry.path().is_dir() { "/" } else { "" };
            words
                .push(Word { shown: format!("{found}{slash}"), inserted: format!("{folder}{found}{slash}") });
        }
    }
    words.sort();
    Completion { start, words }
}

impl Session {
    /// The ways to call what `call` names, those of its receiver's type when that is known.
    pub(super) fn ways(&self, inference: &Inference, call: &Call) -> Vec<&Entry> {
        let help = self.host().help();
        if let Some(module) = &call.module {
            let is_it = |entry: &&Entry| entry.module == *module && entry.name == call.name;
            return help.entries().iter().filter(is_it).collect();
        }
        let Some(receiver) = &call.receiver else {
            let is_it = |entry: &&Entry| {
                entry.module.is_empty() && entry.name == call.name && entry.form == Form::Function
            };
            return help.entries().iter().filter(is_it).collect();
        };
        match inference.kind(receiver.clone()) {
            Some(kind) => help.members(&kind).filter(|entry| entry.name == call.name).collect(),
            None => {
                let is_it = |entry: &&Entry| {
                    entry.own
                        && entry.module.is_empty()
                        && entry.form == Form::Method
                        && entry.name == call.name
                };
                help.entries().iter().filter(is_it).collect()
            }
        }
    }
}

impl Entry {
    /// Its name with its module, or with the type that it is a method of.
    pub fn full_name(&self) -> String {
        match (self.form, self.parameters.first()) {
            (Form::Method | Form::Property, Some(first)) => format!("{}.{}", first.kind, self.name),
            _ => self.path(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Context, Host, functions_with_options};

    #[test]
    fn every_special_text_belongs_to_a_function_that_there_is() {
        let host = Host::new(Context::default());
        for (function, name, _) in SPECIAL {
            let is_it = |entry: &&Entry| entry.full_name() == function;
            let has = |entry: &Entry| {
                entry.parameters.iter().any(|parameter| parameter.name == name)
                    || option_keys(function).iter().any(|key| key.name == name)
            };
            assert!(host.help().entries().iter().filter(is_it).any(has), "{function} {name}");
        }
    }

    #[test]
    fn every_function_with_options_is_there() {
        let host = Host::new(Context::default());
        for function in functions_with_options() {
            let found = host.help().entries().iter().any(|entry| entry.full_name() == function);
            assert!(found, "{function}");
        }
    }
}
