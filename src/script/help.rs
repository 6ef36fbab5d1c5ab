//! What exists and what it is for, read once from the functions' own metadata.

use std::collections::HashSet;

use rhai::{Engine, FnAccess, FuncInfo};

use super::types::plain_name;
use crate::base::did_you_mean;

/// How a function is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// `name(a, b)`, or `module::name(a, b)`.
    Function,
    /// `value.name(a)`.
    Method,
    /// `value.name`.
    Property,
    /// `value[a]`.
    Index,
    /// `a + b`.
    Operator,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; empty when nobody wrote it down.
    pub name: String,
    /// Its type as scripts call it; `any` where it may be anything.
    pub kind: String,
}

/// One function, one way to call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The module it is called by; empty when it needs none.
    pub module: String,
    /// Its name as people write it, without `get$`.
    pub name: String,
    /// How it is written.
    pub form: Form,
    /// What it takes; a method's receiver comes first.
    pub parameters: Vec<Parameter>,
    /// The type it gives; `()` for nothing.
    pub returns: String,
    /// Its documentation in Markdown.
    pub docs: String,
    /// Whether it is ricercar's own, not one that every rhai program has.
    pub own: bool,
}

impl Entry {
    /// How it is called and what it gives: `theory::note(name: string) -> int`,
    /// `Multitrack.bars(range: range) -> Multitrack`.
    pub fn signature(&self) -> String {
        let shown = |parameter: &Parameter| match (parameter.name.as_str(), parameter.kind.as_str()) {
            ("", kind) => kind.to_owned(),
            (name, "any") => name.to_owned(),
            (name, kind) => format!("{name}: {kind}"),
        };
        let list = |parameters: &[Parameter]| parameters.iter().map(shown).collect::<Vec<_>>().join(", ");
        let receiver = self.parameters.first().map_or("any", |first| first.kind.as_str());
        let others = self.parameters.get(1..).unwrap_or_default();
        let call = match self.form {
            Form::Function if self.module.is_empty() => format!("{}({})", self.name, list(&self.parameters)),
            Form::Function => format!("{}::{}({})", self.module, self.name, list(&self.parameters)),
            Form::Method => format!("{receiver}.{}({})", self.name, list(others)),
            Form::Property => format!("{receiver}.{}", self.name),
            Form::Index => format!("{receiver}[{}]", list(others)),
            Form::Operator => {
                let kinds: Vec<&str> = self.parameters.iter().map(|p| p.kind.as_str()).collect();
                kinds.join(&format!(" {} ", self.name))
            }
        };
        if self.returns == "()" { call } else { format!("{call} -> {}", self.returns) }
    }

    /// The first sentence of its documentation.
    pub fn summary(&self) -> &str {
        let paragraph = self.docs.split("\n\n").next().unwrap_or_default();
        paragraph.find(". ").map_or(paragraph, |end| &paragraph[..=end]).trim()
    }

    /// The scripts in its `rhai` fences.
    pub fn examples(&self) -> Vec<String> {
        let fences = self.docs.split("```rhai\n").skip(1);
        fences.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
    }

    /// The name with its module, as people write it.
    pub fn path(&self) -> String {
        if self.module.is_empty() { self.name.clone() } else { format!("{}::{}", self.module, self.name) }
    }
}

/// The index of all functions.
#[derive(Debug, Default)]
pub struct Help {
    entries: Vec<Entry>,
    names: HashSet<String>,
    modules: Vec<(String, String)>,
}

impl Help {
    /// Reads the metadata of everything that `engine` has; `modules` are names with descriptions.
    pub(super) fn new(engine: &Engine, modules: Vec<(String, String)>) -> Self {
        let own = engine.collect_fn_metadata(None, |info| entry(&info, true), false);
        let all = engine.collect_fn_metadata(None, |info| entry(&info, false), true);
        let standard = all.into_iter().filter(|entry| !own.iter().any(|known| same(known, entry)));
        let mut entries: Vec<Entry> = own.iter().cloned().chain(standard).collect();
        // Two kinds of range have one name here: which of them is kept must not change from run to run.
        entries.sort_by_cached_key(|e| {
            (
                e.module.clone(),
                e.name.clone(),
                !e.own,
                e.form,
                e.parameters.len(),
                e.signature(),
                e.docs.clone(),
            )
        });
        entries.dedup_by(|a, b| a.signature() == b.signature());
        let names = entries.iter().map(|entry| entry.name.clone()).collect();
        Self { entries, names, modules }
    }

    /// Whether anything is called `name`.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Everything there is, by module and name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Names and descriptions of the modules.
    pub fn modules(&self) -> &[(String, String)] {
        &self.modules
    }

    /// All ways to call `name`, written with its module (`theory::note`), its type (`Multitrack.bars`) or
    /// alone.
    pub fn lookup(&self, name: &str) -> Vec<&Entry> {
        let name = name.trim().trim_end_matches("()");
        let matches = |entry: &&Entry| {
            if let Some((module, name)) = name.rsplit_once("::") {
                return entry.module == module && entry.name == name;
            }
            if let Some((kind, name)) = name.rsplit_once('.') {
                let receiver = entry.parameters.first();
                return entry.name == name
                    && receiver.is_some_and(|first| first.kind.eq_ignore_ascii_case(kind));
            }
            entry.name == name
        };
        self.entries.iter().filter(matches).collect()
    }

    /// Entries whose name or documentation has every word of `words`, ricercar's own first.
    pub fn search(&self, words: &str) -> Vec<&Entry> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let has = |entry: &&Entry| {
            let text = format!("{} {}", entry.path(), entry.docs).to_lowercase();
            !words.is_empty() && words.iter().all(|word| text.contains(word))
        };
        let mut found: Vec<&Entry> = self.entries.iter().filter(has).collect();
        found.sort_by_key(|entry| {
            (!entry.own, !words.iter().any(|word| entry.name.to_lowercase().contains(word)))
        });
        found
    }

    /// What a value of this type can do: methods, properties, and functions that take it first.
    pub fn members<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Entry> {
        let kind = kind.to_owned();
        self.entries.iter().filter(move |entry| {
            let receiver = entry.parameters.first();
            entry.module.is_empty()
                && !matches!(entry.form, Form::Operator | Form::Index)
                && receiver.is_some_and(|first| first.kind == kind)
        })
    }

    /// The known name nearest to `name` among what is written in the same way.
    pub fn nearest(&self, name: &str, among: impl Fn(&Entry) -> bool) -> Option<&str> {
        let names = self.entries.iter().filter(|entry| entry.form != Form::Operator && among(entry));
        did_you_mean(name, names.map(|entry| entry.name.as_str()))
    }
}

fn same(a: &Entry, b: &Entry) -> bool {
    a.module == b.module && a.name == b.name && a.parameters == b.parameters && a.form == b.form
}

/// The entry of a function that scripts can see.
fn entry(info: &FuncInfo, own: bool) -> Option<Entry> {
    let data = info.metadata;
    if data.access == FnAccess::Private || data.name.starts_with("anon$") {
        return None;
    }
    let types = data.params_info.iter().map(|text| text.split_once(':').map_or("", |(_, kind)| kind.trim()));
    let by_reference = types.clone().next().is_some_and(|kind| kind.starts_with("&mut"));
    let raw = data.name.as_str();
    let (name, form) = match raw.strip_prefix("get$") {
        Some(property) => (property, Form::Property),
        None if raw == "index$get$" => ("[]", Form::Index),
        None if raw.contains('$') => return None, // setters
        None if !raw.starts_with(|c: char| c.is_alphabetic() || c == '_') => (raw, Form::Operator),
        None if by_reference && info.namespace.is_empty() => (raw, Form::Method),
        None => (raw, Form::Function),
    };
    let parameters = match &info.script {
        Some(script) => script.params.iter().map(|name| parameter(name)).collect(),
        None if data.params_info.is_empty() => (0..data.num_params).map(|_| parameter("_")).collect(),
        None => data.params_info.iter().map(|text| parameter(text)).collect(),
    };
    let comments: Vec<&str> = match &info.script {
        Some(script) => script.comments.to_vec(),
        None => data.comments.iter().map(|line| line.as_str()).collect(),
    };
    Some(Entry {
        module: info.namespace.to_string(),
        name: name.to_owned(),
        form,
        parameters,
        returns: if data.return_type.is_empty() { "()".into() } else { plain_name(&data.return_type) },
        docs: docs(&comments),
        own,
    })
}

/// `name: Type` in parts; `_` is a name that nobody wrote down.
fn parameter(text: &str) -> Parameter {
    let (name, kind) = text.split_once(':').unwrap_or((text, "Dynamic"));
    let name = if name.trim() == "_" { "" } else { name.trim().trim_start_matches("mut ") };
    Parameter { name: name.to_owned(), kind: plain_name(kind) }
}

/// Doc comments without their slashes.
fn docs(comments: &[&str]) -> String {
    let lines = comments.iter().flat_map(|comment| comment.lines());
    let bare = lines.map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("///").unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line)
    });
    bare.collect::<Vec<_>>().join("\n").trim().to_owned()
}
