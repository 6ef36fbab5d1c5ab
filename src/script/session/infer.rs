//! The type of an expression, from what the session holds and what functions say they give. Nothing is
//! run.

use std::ops::Range;

use super::Session;
use super::cursor::Cursor;
use crate::script::scan::Class;
use crate::script::{Entry, Form};

/// Variables that stand for variables are followed so far.
const DEEPEST: usize = 8;

/// What finds types in one text.
pub(super) struct Inference<'a> {
    session: &'a Session,
    cursor: &'a Cursor<'a>,
}

impl<'a> Inference<'a> {
    /// For the text before a cursor.
    pub(super) fn new(session: &'a Session, cursor: &'a Cursor<'a>) -> Self {
        Self { session, cursor }
    }

    /// What scripts call the type of the value that some pieces stand for.
    pub(super) fn kind(&self, range: Range<usize>) -> Option<String> {
        self.kind_within(range, DEEPEST)
    }

    /// Names that the text itself gives: variables, parameters, functions.
    pub(super) fn names(&self) -> Vec<&'a str> {
        let word = |at| self.cursor.word(at);
        let mut names = Vec::new();
        let count = self.cursor.pieces.len();
        // The name at the cursor is still being written.
        for at in 0..count.saturating_sub(1) {
            if matches!(word(at), "let" | "const" | "for" | "fn") {
                names.push(word(at + 1));
            }
            let opens = matches!(word(at), "|") && at.checked_sub(1).is_none_or(|b| self.begins_value(b));
            let is_fn = at > 0 && word(at) == "(" && at >= 2 && word(at - 2) == "fn";
            if opens || is_fn {
                let inside = (at + 1..count).take_while(|i| !matches!(word(*i), "|" | ")"));
                names.extend(inside.filter(|i| self.is_name(*i)).map(word));
            }
        }
        names.retain(|name| rhai::is_valid_identifier(name));
        names
    }

    /// Whether what follows piece `at` begins a value, so that a `|` there begins a closure.
    fn begins_value(&self, at: usize) -> bool {
        matches!(self.cursor.word(at), "(" | "," | "=" | ":" | "=>" | "[" | "{" | ";")
    }

    fn is_name(&self, at: usize) -> bool {
        self.cursor.pieces.get(at).is_some_and(|piece| piece.class == Class::Name)
    }

    fn kind_within(&self, range: Range<usize>, depth: usize) -> Option<String> {
        let (cursor, start, end) = (self.cursor, range.start, range.end);
        if depth == 0 || start >= end {
            return None;
        }
        // A whole path is looked up, which also finds the fields of maps.
        if self.is_path(start, end)
            && !self.names().contains(&cursor.word(start))
            && let Some(kind) = self.session.kind_of(cursor.words(start..end))
        {
            return Some(kind);
        }
        let (mut kind, mut at) = self.root(start, end, depth)?;
        while at < end {
            kind = match cursor.word(at) {
                "." | "?." if cursor.word(at + 2) == "(" && at + 2 < end => {
                    let close = cursor.closer(at + 2, end)?;
                    let result = self.method(&kind, cursor.word(at + 1), at + 2..close)?;
                    at = close + 1;
                    result
                }
                "." | "?." => {
                    let name = cursor.word(at + 1);
                    at += 2;
                    self.member(&kind, name, Form::Property)?
                }
                "[" => {
                    let close = cursor.closer(at, end)?;
                    let item = cursor.words(start..at);
                    at = close + 1;
                    match kind.as_str() {
                        "array" => self.session.item_kind_of(item)?,
                        _ => self.member(&kind, "[]", Form::Index)?,
                    }
                }
                _ => return None,
            };
        }
        Some(kind)
    }

    fn is_path(&self, start: usize, end: usize) -> bool {
        (start..end).all(|at| self.is_name(at) || self.cursor.word(at) == ".")
    }

    /// The type of the first part of a chain, and where the rest begins.
    fn root(&self, start: usize, end: usize, depth: usize) -> Option<(String, usize)> {
        let cursor = self.cursor;
        let literal = |kind: &str, length: usize| Some((kind.to_owned(), start + length));
        match (cursor.word(start), cursor.pieces.get(start)?.class) {
            ("[", _) => Some(("array".into(), cursor.closer(start, end)? + 1)),
            ("#{", _) => Some(("map".into(), cursor.closer(start, end)? + 1)),
            ("(", _) => {
                let close = cursor.closer(start, end)?;
                let is_range = (start + 1..close).any(|at| matches!(cursor.word(at), ".." | "..="));
                let kind =
                    if is_range { "range".into() } else { self.kind_within(start + 1..close, depth - 1)? };
                Some((kind, close + 1))
            }
            (_, Class::Text) => literal("string", 1),
            (number, Class::Number) => literal(if number.contains('.') { "float" } else { "int" }, 1),
            (module, Class::Name) if cursor.word(start + 1) == "::" && cursor.word(start + 3) == "(" => {
                let close = cursor.closer(start + 3, end)?;
                let kind = self.function(module, cursor.word(start + 2), start + 3..close)?;
                Some((kind, close + 1))
            }
            (name, Class::Name) if cursor.word(start + 1) == "(" && start + 1 < end => {
                let close = cursor.closer(start + 1, end)?;
                Some((self.function("", name, start + 1..close)?, close + 1))
            }
            (name, Class::Name) => Some((self.variable(name, start, depth)?, start + 1)),
            _ => None,
        }
    }

    /// The type of a variable of the text, or else of the session.
    fn variable(&self, name: &str, before: usize, depth: usize) -> Option<String> {
        let cursor = self.cursor;
        for at in (1..before).rev().filter(|at| cursor.word(*at) == name) {
            match cursor.word(at - 1) {
                "let" | "const" if cursor.word(at + 1) == "=" => {
                    let end = self.statement_end(at + 2, before);
                    return self.kind_within(at + 2..end, depth - 1);
                }
                "|" | "," if self.is_parameter(at) => return self.parameter(at, depth),
                "for" if cursor.word(at + 1) == "in" => return self.item(at + 2, depth),
                _ => {}
            }
        }
        self.session.kind_of(name)
    }

    /// Where the statement ends that piece `at` is in.
    fn statement_end(&self, at: usize, end: usize) -> usize {
        let mut depth = 0_usize;
        for index in at..end {
            match self.cursor.word(index) {
                "(" | "[" | "{" | "#{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                ";" if depth == 0 => return index,
                _ => {}
            }
        }
        end
    }

    fn is_parameter(&self, at: usize) -> bool {
        let opens =
            (0..at).rev().take_while(|i| self.is_name(*i) || matches!(self.cursor.word(*i), "," | "|"));
        opens.into_iter().any(|i| self.cursor.word(i) == "|")
    }

    /// The type of the first parameter of a closure that is given to a method: an item of its array.
    fn parameter(&self, at: usize, depth: usize) -> Option<String> {
        let open = at.checked_sub(2)?;
        if self.cursor.word(at - 1) != "|" || self.cursor.word(open) != "(" || open < 2 {
            return None;
        }
        let receiver = self.cursor.chain(open.checked_sub(2)?);
        self.item_of(receiver, depth)
    }

    /// The type of what `for` goes through from piece `start` on.
    fn item(&self, start: usize, depth: usize) -> Option<String> {
        let end = (start..self.cursor.pieces.len()).find(|at| self.cursor.word(*at) == "{")?;
        self.item_of(start..end, depth)
    }

    fn item_of(&self, range: Range<usize>, depth: usize) -> Option<String> {
        if let Some(kind) = self.session.item_kind_of(self.cursor.words(range.clone())) {
            return Some(kind);
        }
        match self.kind_within(range, depth - 1)?.as_str() {
            "range" => Some("int".into()),
            "string" => Some("char".into()),
            "Dataset" => Some("Multitrack".into()),
            _ => None,
        }
    }

    /// What a function gives; `arguments` are the pieces from its bracket on.
    fn function(&self, module: &str, name: &str, arguments: Range<usize>) -> Option<String> {
        let help = self.session.host().help();
        let is_it =
            |entry: &&Entry| entry.module == module && entry.name == name && entry.form == Form::Function;
        self.result(help.entries().iter().filter(is_it), &arguments, 0)
    }

    fn method(&self, kind: &str, name: &str, arguments: Range<usize>) -> Option<String> {
        let help = self.session.host().help();
        let members = help.members(kind).filter(|entry| entry.name == name && entry.form != Form::Property);
        self.result(members, &arguments, 1)
    }

    fn member(&self, kind: &str, name: &str, form: Form) -> Option<String> {
        let takes = |entry: &&Entry| {
            entry.form == form
                && entry.name == name
                && entry.parameters.first().is_some_and(|p| p.kind == kind)
        };
        let found = self.session.host().help().entries().iter().find(takes);
        let found = found.map(|entry| entry.returns.clone());
        // `song.bass` is `song["bass"]`.
        let found =
            found.or_else(|| (form == Form::Property).then(|| self.member(kind, "[]", Form::Index))?);
        found.filter(|kind| kind != "any" && kind != "()")
    }

    /// What the way to call gives that fits the number of arguments, `given` of which stand before a dot.
    fn result<'e>(
        &self,
        ways: impl Iterator<Item = &'e Entry>,
        arguments: &Range<usize>,
        given: usize,
    ) -> Option<String> {
        let count = self.argument_count(arguments) + given;
        let ways: Vec<&Entry> = ways.collect();
        let way = ways.iter().find(|way| way.parameters.len() == count).or_else(|| ways.first())?;
        match way.returns.as_str() {
            "any" | "()" => None,
            // A model gives one piece, or with `count` an array of them.
            kind => Some(match kind.split_once(" or ") {
                Some((one, many)) => {
                    let is_many = arguments.clone().any(|at| self.cursor.word(at) == "count");
                    if is_many { many.to_owned() } else { one.to_owned() }
                }
                None => kind.to_owned(),
            }),
        }
    }

    fn argument_count(&self, arguments: &Range<usize>) -> usize {
        let inside = arguments.start + 1..arguments.end;
        let (mut depth, mut commas) = (0_usize, 0);
        for at in inside.clone() {
            match self.cursor.word(at) {
                "(" | "[" | "{" | "#{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                "," if depth == 0 => commas += 1,
                _ => {}
            }
        }
        if inside.is_empty() { 0 } else { commas + 1 }
    }
}
