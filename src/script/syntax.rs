//! Errors of a text that rhai cannot read.

use rhai::{LexError, ParseErrorType as Syntax, Position};

use super::Help;
use super::explain::{Explanation, Text, no_such_module, no_such_variable, ours, plain_message};
use super::habits::foreign;
use super::reading::length_at;

/// Functions whose names rhai keeps to itself.
const CALLED: [&str; 5] = ["print", "debug", "type_of", "is_shared", "Fn"];

/// Explains a parse error.
pub(super) fn explain_syntax(
    what: &Syntax,
    at: Position,
    text: Text,
    known: &[String],
    help: &Help,
) -> Explanation {
    if let Some(explanation) = foreign(what, at, text, help) {
        return explanation;
    }
    match what {
        Syntax::VariableUndefined(name) => no_such_variable(name, at, text, known, help),
        Syntax::ModuleUndefined(name) => no_such_module(name, at, help),
        Syntax::MissingToken(token, purpose) => missing(token, purpose, at, text),
        Syntax::UnexpectedEOF => ends_too_early(at, text),
        Syntax::Reserved(word) if CALLED.contains(&word.as_str()) => {
            Explanation::new(format!("`{word}` is a function and needs brackets"), at)
                .label(format!("write `{word}(…)`"))
        }
        Syntax::Reserved(word) => {
            let kind = if word.starts_with(char::is_alphabetic) { "word" } else { "sign" };
            Explanation::new(format!("`{word}` is a reserved {kind} of the language"), at).label(
                match (kind, ours(word)) {
                    (_, Some(ours)) => format!("here it is written `{ours}`"),
                    ("word", None) => "choose another name".to_owned(),
                    _ => String::new(),
                },
            )
        }
        Syntax::BadInput(LexError::UnexpectedInput(input)) => {
            Explanation::new(format!("`{input}` has no meaning here"), at)
        }
        Syntax::BadInput(LexError::UnterminatedString) => {
            Explanation::new("the string is not closed", at).help("end it with the quote that it begins with")
        }
        Syntax::BadInput(error) => Explanation::new(plain_message(&error.to_string()), at),
        Syntax::MismatchedType(expected, got) => {
            Explanation::new(format!("expected {expected}, got {got}"), at)
        }
        Syntax::AssignmentToConstant(name) => {
            Explanation::new(format!("`{name}` is a constant and cannot be changed"), at)
                .help("declare it with `let`")
        }
        Syntax::FnDuplicatedDefinition(name, count) => twice(name, *count, at, text),
        Syntax::ExprTooDeep => Explanation::new("this expression is nested too deeply", at)
            .help("give its parts names with `let`"),
        other => Explanation::new(plain_message(&other.to_string()), at),
    }
}

/// A token that should have come. rhai points at what came instead, which may be lines below.
fn missing(token: &str, purpose: &str, at: Position, text: Text) -> Explanation {
    if is_past_the_end(at, text) {
        return ends_too_early(at, text);
    }
    let Some(((reading, text), (line, column))) = text.zip(at.line().zip(at.position())) else {
        return Explanation::new(format!("expected `{token}` {purpose}"), at);
    };
    let before = reading.before(line, column, 1);
    let foreign = reading.before(line, column, 0).and_then(|word| Some((&word.text, ours(&word.text)?)));
    if let (";", Some((word, ours))) = (token, foreign) {
        return Explanation::new(format!("`{word}` means nothing here"), at)
            .label(format!("here it is written `{ours}`"));
    }
    if let (";", Some(before)) = (token, before) {
        let row = text.lines().nth(before.line - 1).unwrap_or_default();
        let end = before.column - 1 + length_at(row, before.column - 1);
        let place = u16::try_from(before.line).ok().zip(u16::try_from(end).ok());
        let place = place.map_or(at, |(line, end)| Position::new(line, end));
        return Explanation { length: Some(1), ..Explanation::new("a `;` is missing", place) }
            .label("put it after this");
    }
    let row = text.lines().nth(line - 1).unwrap_or_default();
    let start = row.char_indices().nth(column - 1).map_or(row.len(), |(byte, _)| byte);
    let found: String = row[start..].chars().take(length_at(row, column - 1)).collect();
    let explanation = match closer(purpose) {
        Some(closer) => Explanation::new(format!("expected `{token}` or `{closer}`, got `{found}`"), at),
        None => Explanation::new(format!("expected `{token}`, got `{found}`"), at),
    };
    if row.matches('"').count() % 2 == 1 {
        return explanation.help("is a quote `\"` missing on this line?");
    }
    match (closer(purpose), reading.unclosed(line, column)) {
        (Some(_), Some(open)) => {
            explanation.label(format!("the `{}` in line {} is still open", open.text, open.line))
        }
        _ => explanation,
    }
}

/// What would have ended the list that a `,` was expected in.
fn closer(purpose: &str) -> Option<char> {
    let closers = [("array literal", ']'), ("function call", ')'), ("object map", '}'), ("parameters", ')')];
    closers.into_iter().find(|(part, _)| purpose.contains(part)).map(|(_, closer)| closer)
}

fn is_past_the_end(at: Position, text: Text) -> bool {
    let (Some(line), Some((_, text))) = (at.line(), text) else { return true };
    let last = text.trim_end();
    let lines = last.lines().count();
    let width = last.lines().last().map_or(0, |row| row.chars().count());
    line > lines || (line == lines && at.position().is_some_and(|column| column > width))
}

fn ends_too_early(at: Position, text: Text) -> Explanation {
    let open = text.and_then(|(reading, _)| reading.unclosed(usize::MAX, 0));
    let Some(open) = open else { return Explanation::new("the text ends too early", at) };
    let place = u16::try_from(open.line).ok().zip(u16::try_from(open.column).ok());
    let place = place.map_or(at, |(line, column)| Position::new(line, column));
    let explanation = Explanation::new(format!("this `{}` is never closed", open.text), place);
    Explanation { length: Some(open.text.len()), ..explanation }
}

fn twice(name: &str, count: usize, at: Position, text: Text) -> Explanation {
    let first = text.and_then(|(reading, _)| {
        let mut same = reading.functions().into_iter();
        same.find(|(known, parameters, _)| known == name && parameters.len() == count)
    });
    let headline = match count {
        1 => format!("a function `{name}` with 1 parameter exists already"),
        _ => format!("a function `{name}` with {count} parameters exists already"),
    };
    Explanation::new(headline, at).notes(first.map(|(_, _, line)| format!("the first one is in line {line}")))
}
