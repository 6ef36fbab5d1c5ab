//! Types that are certain without running anything.

use std::collections::BTreeSet;

use crate::script::{Entry, Form, Help};

/// What scripts call a type that is not known.
pub(super) const UNKNOWN: &str = "…";

/// A type; of an array also that of its items, where all have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub name: String,
    pub item: Option<String>,
}

impl Kind {
    /// A type that holds nothing of interest.
    pub fn of(name: &str) -> Option<Self> {
        Some(Self { name: name.to_owned(), item: None })
    }

    /// An array of items of these types.
    pub fn array_of(items: &[Option<Self>]) -> Self {
        let first = items.first().cloned().flatten();
        let item = first.filter(|first| items.iter().all(|item| item.as_ref() == Some(first)));
        Self { name: "array".into(), item: item.map(|kind| kind.name) }
    }

    /// The type of what a `for` goes through.
    pub fn item(&self) -> Option<Self> {
        let item = match self.name.as_str() {
            "range" => Some("int"),
            "string" => Some("char"),
            "Dataset" => Some("Multitrack"),
            _ => self.item.as_deref(),
        };
        item.and_then(Self::of)
    }
}

/// The name of a type that may be known.
pub(super) fn name(kind: Option<&Kind>) -> &str {
    kind.map_or(UNKNOWN, |kind| kind.name.as_str())
}

/// rhai's own types whose methods are all in the index.
const PLAIN: [&str; 9] = ["array", "bool", "char", "float", "function", "int", "map", "range", "string"];

/// What functions take and give.
pub(super) struct Kinds<'a> {
    pub help: &'a Help,
    types: BTreeSet<&'a str>,
}

impl<'a> Kinds<'a> {
    pub fn new(help: &'a Help) -> Self {
        let own = help.entries().iter().filter(|e| e.own && matches!(e.form, Form::Method | Form::Property));
        let types = own.filter_map(|entry| entry.parameters.first()).map(|first| first.kind.as_str());
        let types = types.filter(|kind| *kind != "any" && !kind.contains(' '));
        Self { help, types: types.chain(PLAIN).collect() }
    }

    /// Whether a value of type `kind` may be given where `entry` has parameter `index`.
    pub fn accepts(&self, entry: &Entry, index: usize, kind: Option<&Kind>) -> bool {
        let (Some(parameter), Some(kind)) = (entry.parameters.get(index), kind) else { return true };
        let wanted = parameter.kind.as_str();
        let is_receiver = index == 0 && entry.module.is_empty() && entry.form != Form::Function;
        // Of rhai's own functions only the receiver is certain; types with generics have many names.
        if !entry.own && !is_receiver {
            return true;
        }
        let known = |kind: &str| self.types.contains(kind);
        !wanted.split(" or ").all(known)
            || wanted.split(" or ").any(|way| way == kind.name)
            || (wanted == "float" && kind.name == "int" && entry.own)
    }

    /// What these ways to call give, if they agree; `counted` says whether the option `count` is given.
    pub fn result(&self, ways: &[&Entry], counted: bool) -> Option<Kind> {
        let first = ways.first()?.returns.as_str();
        if ways.iter().any(|way| way.returns != first) {
            return None;
        }
        match first.split_once(" or ") {
            Some(("Multitrack", "array")) if counted => {
                Some(Kind { name: "array".into(), item: Some("Multitrack".into()) })
            }
            Some(("Multitrack", "array")) => Kind::of("Multitrack"),
            Some(_) => None,
            None => self.types.contains(first).then(|| Kind::of(first))?,
        }
    }

    /// Whether a value of this type has a property `name`; what it gives when that is certain.
    pub fn property(&self, kind: &Kind, name: &str) -> Result<Option<Kind>, ()> {
        if kind.name == "map" || !self.types.contains(kind.name.as_str()) {
            return Ok(None);
        }
        let found = self.help.members(&kind.name).find(|e| e.form == Form::Property && e.name == name);
        if let Some(entry) = found {
            return Ok(self.result(&[entry], false));
        }
        // `song.bass` is `song["bass"]`.
        match self.index(kind, "string") {
            Some(entry) => Ok(self.result(&[entry], false)),
            None => Err(()),
        }
    }

    /// The way to index a value of this type by an index of type `by`.
    pub fn index(&self, kind: &Kind, by: &str) -> Option<&'a Entry> {
        self.help.entries().iter().find(|entry| {
            entry.form == Form::Index
                && entry.parameters.first().is_some_and(|first| first.kind == kind.name)
                && entry.parameters.get(1).is_some_and(|index| index.kind == by || index.kind == "any")
        })
    }

    /// Whether all methods of this type are known.
    pub fn is_known(&self, kind: &Kind) -> bool {
        kind.name != "map" && self.types.contains(kind.name.as_str())
    }
}
