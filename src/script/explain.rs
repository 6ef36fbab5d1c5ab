//! What each of rhai's errors means to the person who wrote the script.

use rhai::{EvalAltResult as Error, Position};

use super::calls::no_such_call;
use super::diagnostic::Kind;
use super::habits::is_assigned;
use super::host::{ARRAY_ITEMS, CALL_LEVELS, MAP_ENTRIES, STRING_BYTES};
use super::reading::Reading;
use super::syntax::explain_syntax;
use super::types::plain_name;
use super::{Form, Help, show};
use crate::base::did_you_mean;

/// What to say, and what to mark.
pub(super) struct Explanation {
    pub kind: Kind,
    pub headline: String,
    pub label: String,
    pub notes: Vec<String>,
    pub help: Option<String>,
    pub position: Position,
    /// Characters to mark, where it is not the word at `position`.
    pub length: Option<usize>,
}

impl Explanation {
    /// What is wrong, in one line, and where; details and help come later.
    pub fn new(headline: impl Into<String>, position: Position) -> Self {
        Self {
            kind: Kind::Error,
            headline: headline.into(),
            label: String::new(),
            notes: Vec::new(),
            help: None,
            position,
            length: None,
        }
    }

    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// "did you mean …", when there is something near.
    pub fn suggest(self, nearest: Option<&str>) -> Self {
        match nearest {
            Some(name) => self.label(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// The text that an error lies in, read.
pub(super) type Text<'a> = Option<(&'a Reading, &'a str)>;

/// Explains `error`, raised in `text`; `known` are names that exist besides those declared there.
pub(super) fn explain(error: &Error, text: Text, known: &[String], help: &Help) -> Explanation {
    let at = error.position();
    match error {
        Error::ErrorParsing(what, _) => explain_syntax(what, at, text, known, help),
        Error::ErrorFunctionNotFound(signature, _) => no_such_call(signature, at, text, help),
        Error::ErrorVariableNotFound(name, _) => no_such_variable(name, at, text, known, help),
        Error::ErrorModuleNotFound(name, _) => no_such_module(name, at, help),
        Error::ErrorDotExpr(message, _) => no_such_property(message, at, help),
        Error::ErrorPropertyNotFound(name, _) => Explanation::new(format!("the map has no `{name}`"), at)
            .suggest(text.and_then(|(reading, _)| did_you_mean(name, reading.keys())))
            .help(format!("`.get(\"{name}\")` gives `()` for a key that may be missing")),
        Error::ErrorRuntime(value, _) => raised(&show::summary(value), at, text),
        Error::ErrorMismatchDataType(expected, got, _) | Error::ErrorMismatchOutputType(expected, got, _) => {
            mismatch(expected, got, at, text)
        }
        Error::ErrorIndexingType(kinds, _) => cannot_index(kinds, at, help),
        Error::ErrorArrayBounds(length, index, _) => out_of_bounds("array", "items", *length, *index, at),
        Error::ErrorStringBounds(length, index, _) => {
            out_of_bounds("string", "characters", *length, *index, at)
        }
        Error::ErrorFor(_) => Explanation::new("`for` needs something with items", at)
            .help("an array, a map's `.keys()`, a range such as `0..4`, or a string"),
        Error::ErrorNonPureMethodCallOnConstant(name, _) => {
            Explanation::new(format!("`{name}` changes its value, and a constant cannot be changed"), at)
                .help("declare it with `let`")
        }
        Error::ErrorAssignmentToConstant(name, _) => {
            Explanation::new(format!("`{name}` is a constant and cannot be changed"), at)
                .help("declare it with `let`")
        }
        Error::ErrorDataRace(..) => Explanation::new(
            "a closure shares the variable whose value this is called on, and would wait for it",
            at,
        )
        .help("give the value a name of its own first: `let one = all[0];`, then `one.on_click(…)`"),
        Error::ErrorStackOverflow(_) => {
            Explanation::new(format!("functions call each other more than {CALL_LEVELS} deep"), at)
                .label("does this ever end?")
        }
        Error::ErrorTooManyOperations(_) => Explanation::new("the script did more than it may", at)
            .label("does this ever end?")
            .help("`--max-operations N` allows more operations"),
        Error::ErrorDataTooLarge(what, _) => too_large(what, at),
        Error::ErrorTerminated(..) => {
            Explanation { kind: Kind::Stopped, ..Explanation::new("stopped", at).label("here") }
        }
        other => Explanation::new(plain_message(&other.to_string()), at),
    }
}

/// A variable that nobody declared, or that a function cannot see.
pub(super) fn no_such_variable(
    name: &str,
    at: Position,
    text: Text,
    known: &[String],
    help: &Help,
) -> Explanation {
    let explanation = Explanation::new(format!("no variable `{name}`"), at);
    if help.modules().iter().any(|(module, _)| module == name) {
        return Explanation::new(format!("`{name}` is a module, not a value"), at)
            .help(format!("its functions are called `{name}::…`"));
    }
    if let Some(ours) = ours(name) {
        return explanation.label(format!("here it is written `{ours}`"));
    }
    let Some((reading, _)) = text else { return explanation };
    let inside = at.line().zip(at.position()).and_then(|(line, column)| {
        reading.at(line, column).and_then(|word| reading.enclosing_function(word))
    });
    let outer = reading.is_outer_variable(name) || known.iter().any(|known| known == name);
    if let (Some(function), true) = (inside, outer) {
        return Explanation::new(format!("the function `{function}` does not see `{name}`"), at)
            .label("declared outside of the function")
            .help(format!(
                "give it as an argument, or write a closure: `let {function} = |…| …;` and `{function}.call(…)`"
            ));
    }
    if reading.functions().iter().any(|(function, ..)| function == name) {
        return Explanation::new(format!("`{name}` is a function, not a variable"), at)
            .help(format!("call it, or hand it on as `Fn(\"{name}\")`"));
    }
    let variables = reading.variables().into_iter().filter(|variable| *variable != name);
    let nearest = did_you_mean(name, variables.chain(known.iter().map(String::as_str)));
    if nearest.is_none() && is_assigned(at, reading) {
        return explanation.label(format!("a new one is declared with `let {name} = …`"));
    }
    explanation.suggest(nearest)
}

/// What a word of other languages is called here.
pub(super) fn ours(word: &str) -> Option<&'static str> {
    Some(match word {
        "def" | "func" | "function" => "fn",
        "elif" | "elsif" => "else if",
        "and" => "&&",
        "or" => "||",
        "not" => "!",
        "None" | "none" | "nil" | "null" | "undefined" | "void" => "()",
        "True" => "true",
        "False" => "false",
        "lambda" => "|x| …",
        "self" => "this",
        "var" => "let",
        _ => return None,
    })
}

pub(super) fn no_such_module(name: &str, at: Position, help: &Help) -> Explanation {
    let modules: Vec<&str> = help.modules().iter().map(|(module, _)| module.as_str()).collect();
    Explanation::new(format!("no module `{name}`"), at)
        .suggest(did_you_mean(name, modules.iter().copied()))
        .notes([format!("there are {}", modules.join(", "))])
}

/// rhai says "Unknown property 'x' - a getter is not registered for type 'T'".
fn no_such_property(message: &str, at: Position, help: &Help) -> Explanation {
    let quoted: Vec<&str> = message.split('\'').skip(1).step_by(2).collect();
    let [name, kind, ..] = quoted.as_slice() else { return Explanation::new(plain_message(message), at) };
    let kind = plain_name(kind);
    let member = help.members(&kind).find(|entry| entry.name == *name);
    if message.contains("setter") {
        return Explanation::new(format!("`{name}` of {} cannot be assigned", article(&kind)), at)
            .help("values are never changed in place: methods such as `.with_tempo(96)` give new ones");
    }
    match member {
        Some(entry) if entry.form != Form::Property => {
            Explanation::new(format!("`{name}` is a method of {kind}"), at)
                .label(format!("write `{name}()`"))
                .notes([entry.signature()])
        }
        _ => {
            let nearest = did_you_mean(name, help.members(&kind).map(|entry| entry.name.as_str()));
            Explanation::new(format!("{} has no property `{name}`", article(&kind)), at).suggest(nearest)
        }
    }
}

/// What a native function or a `throw` said. A suggestion at its end goes beside the mark, and where
/// the message names something that stands in the call, the mark goes there.
fn raised(message: &str, at: Position, text: Text) -> Explanation {
    let (headline, label) = match message.split_once("; did you mean ") {
        Some((headline, nearest)) => (headline, format!("did you mean {nearest}")),
        None => (message, String::new()),
    };
    let mut explanation = Explanation::new(headline, at).label(label);
    let (Some(line), Some(column), Some((reading, text))) = (at.line(), at.position(), text) else {
        return explanation;
    };
    let thrown = reading.before(line, column, 0).is_some_and(|word| word.text == "throw");
    if thrown {
        return explanation;
    }
    for name in headline.split('`').skip(1).step_by(2) {
        if let Some((position, length)) = find_in_call(name, line, column, text) {
            explanation.position = position;
            explanation.length = Some(length);
            break;
        }
    }
    explanation
}

/// Where `name` stands as a word by itself in the statement that goes on at a place.
fn find_in_call(name: &str, line: usize, column: usize, text: &str) -> Option<(Position, usize)> {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '#';
    for (index, row) in text.lines().enumerate().skip(line - 1).take(20) {
        let skipped = if index + 1 == line { column - 1 } else { 0 };
        let start = row.char_indices().nth(skipped).map_or(row.len(), |(byte, _)| byte);
        for (found, _) in row[start..].match_indices(name).filter(|_| !name.is_empty()) {
            let (before, after) = (&row[..start + found], &row[start + found + name.len()..]);
            if !before.ends_with(part_of_word) && !after.starts_with(part_of_word) {
                let (line, column) = (u16::try_from(index + 1), u16::try_from(before.chars().count() + 1));
                return Some((Position::new(line.ok()?, column.ok()?), name.chars().count()));
            }
        }
        if row.contains(';') {
            break;
        }
    }
    None
}

fn mismatch(expected: &str, got: &str, at: Position, text: Text) -> Explanation {
    let (expected, got) = (plain_name(expected), plain_name(got));
    let explanation = Explanation::new(format!("expected {}, got {}", article(&expected), article(&got)), at);
    let row = text.and_then(|(_, text)| text.lines().nth(at.line()?.checked_sub(1)?));
    match (expected.as_str(), got.as_str()) {
        ("int", "range") if row.is_some_and(|row| row.contains('[')) => {
            explanation.help("arrays are cut with `.extract(0..2)`")
        }
        ("int", "float") => explanation.help("write a whole number, or `.to_int()`"),
        ("float", "int") => explanation.help("write `1.0` for `1`, or `.to_float()`"),
        ("bool", _) => explanation.help("compare it with something, such as `n > 0`"),
        _ => explanation,
    }
}

/// rhai says "Multitrack [i64]".
fn cannot_index(kinds: &str, at: Position, help: &Help) -> Explanation {
    let (kind, index) = kinds.split_once(" [").unwrap_or((kinds, ""));
    let (kind, index) = (plain_name(kind), plain_name(index.trim_end_matches([']', ' ', '=']).trim()));
    let ways = help.entries().iter().filter(|entry| {
        entry.form == Form::Index && entry.parameters.first().is_some_and(|first| first.kind == kind)
    });
    let ways: Vec<String> = ways.map(|entry| entry.signature()).collect();
    Explanation::new(format!("{} has no items by {index}", article(&kind)), at).notes(ways)
}

/// rhai says "Length of string", "Size of array/BLOB" or "Size of object map"; with what they hold.
fn too_large(what: &str, at: Position) -> Explanation {
    let (kind, most) = match what {
        _ if what.contains("string") => ("text", format!("{} MiB", STRING_BYTES >> 20)),
        _ if what.contains("map") => ("map", format!("{MAP_ENTRIES} entries")),
        _ => ("array", format!("{ARRAY_ITEMS} items")),
    };
    let of = if kind == "text" { "" } else { ", with all that is in it" };
    Explanation::new(format!("no {kind} may grow beyond {most}{of}"), at)
        .help("work through it in parts, or keep results in a `table()` or a file")
}

fn out_of_bounds(what: &str, items: &str, length: usize, index: i64, at: Position) -> Explanation {
    let explanation = Explanation::new(format!("the {what} has {length} {items}, there is no {index}"), at);
    match length {
        0 => explanation,
        _ => explanation.label(format!("{items} count from 0 to {}", length - 1)),
    }
}

/// "a map", "an int".
pub(super) fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    match kind {
        "()" => "nothing".into(),
        "any" => "any value".into(),
        _ => format!("{} {kind}", if vowel { "an" } else { "a" }),
    }
}

/// rhai's own words without the place, which the excerpt shows, and in lower case.
pub(super) fn plain_message(message: &str) -> String {
    let message = message.split(" (line ").next().unwrap_or(message);
    let message = message.strip_prefix("Runtime error: ").unwrap_or(message).replace('\'', "`");
    let mut letters = message.chars();
    match letters.next() {
        Some(first) if !message[first.len_utf8()..].starts_with(|c: char| c.is_uppercase()) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => message,
    }
}
