//! What people write who come from other languages, mostly from Python, and what it is here.
//!
//! rhai's own words for these are true and of no help: what it misses is seldom what was meant.

use rhai::{LexError, ParseErrorType as Syntax, Position};

use super::Help;
use super::explain::{Explanation, Text};
use super::reading::{Reading, length_at};
use super::scan::{Class, scan};

/// Explains a text that cannot be read when it shows a habit from elsewhere.
pub(super) fn foreign(what: &Syntax, at: Position, text: Text, help: &Help) -> Option<Explanation> {
    let (reading, text) = text?;
    let place = Place::of(at, reading, text)?;
    match what {
        Syntax::VariableUndefined(name) => {
            place.keyword_arguments(place.word).or_else(|| place.undefined(name, help))
        }
        Syntax::MissingToken(token, purpose) => place.missing(token, purpose),
        Syntax::MismatchedType(..) => place.negated(),
        Syntax::Reserved(word) if word.as_str() == "#" => {
            Some(Explanation::new("`#` begins no comment", at).label("a comment begins with `//`"))
        }
        Syntax::BadInput(LexError::MalformedChar(text)) => Some(place.character(text)),
        Syntax::UnknownOperator(sign)
        | Syntax::Reserved(sign)
        | Syntax::BadInput(LexError::UnexpectedInput(sign))
            if matches!(sign.as_str(), "++" | "--") =>
        {
            let (name, sign) = (place.text_at(place.word.checked_sub(1)?), &sign[..1]);
            let explanation = Explanation::new(format!("there is no `{sign}{sign}`"), at);
            Some(Explanation { length: Some(2), ..explanation }.label(format!("write `{name} {sign}= 1`")))
        }
        _ => None,
    }
}

/// Whether the name at a place is assigned to as a statement of its own, `song = …`.
pub(super) fn is_assigned(at: Position, reading: &Reading) -> bool {
    let word = at.line().zip(at.position()).and_then(|(line, column)| reading.at(line, column));
    word.is_some_and(|word| {
        let before = word.checked_sub(1).map_or("", |word| reading.text(word));
        reading.text(word + 1) == "=" && matches!(before, "" | ";" | "{" | "}")
    })
}

/// What a function of other languages is here.
pub(super) fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "range" => "a range is written `0..10`",
        "str" | "repr" => "write `value.to_string()`, or `` `${value}` ``",
        "type" | "isinstance" | "typeof" => "write `type_of(value)`",
        "int" => "write `parse_int(text)`, or `number.to_int()`",
        "float" => "write `parse_float(text)`, or `number.to_float()`",
        "enumerate" => "write `for (item, index) in items { … }`",
        "sorted" => "write `pick::sorted_by(items, |item| item)`",
        "open" => "write `read_music(path)`, `data::load(path)` or `midi::read(path)`",
        "list" | "tuple" => "write `range.to_array()`, or `[a, b]`",
        "dict" => "a map is written `#{ key: value }`",
        "help" => "in a session write `?name`; `ricercar doc` makes a reference of all there is",
        "dir" | "vars" => "in a session, Tab behind `.` lists members, `:vars` the variables",
        "append" => "write `.push(item)`",
        "items" => "write `.keys()` and `.values()`",
        "print" => "print one text: `` print(`${a} ${b}`) ``",
        "join" => "write `` `${a} ${b}` ``",
        "format" => "write `` `${value}` ``",
        _ => return None,
    })
}

/// A word of the text, and what stands around it.
struct Place<'a> {
    at: Position,
    reading: &'a Reading,
    text: &'a str,
    line: usize,
    column: usize,
    /// The word that begins at the place.
    word: usize,
}

impl<'a> Place<'a> {
    fn of(at: Position, reading: &'a Reading, text: &'a str) -> Option<Self> {
        let (line, column) = (at.line()?, at.position()?);
        Some(Self { at, reading, text, line, column, word: reading.at(line, column)? })
    }

    fn text_at(&self, word: usize) -> &'a str {
        self.reading.text(word)
    }

    fn row(&self) -> &'a str {
        self.text.lines().nth(self.line - 1).unwrap_or_default()
    }

    /// The text from a word on.
    fn rest_from(&self, word: usize) -> Option<&'a str> {
        let (line, column) = self.reading.place(word)?;
        let row = self.text.lines().nth(line - 1)?;
        let start = row.as_ptr() as usize - self.text.as_ptr() as usize;
        let inside = row.char_indices().nth(column - 1).map_or(row.len(), |(byte, _)| byte);
        self.text.get(start + inside..)
    }

    /// An error at a word instead of at the place.
    fn at_word(&self, word: usize, headline: impl Into<String>) -> Explanation {
        let place = self.reading.place(word).and_then(|(line, column)| {
            Some(Position::new(u16::try_from(line).ok()?, u16::try_from(column).ok()?))
        });
        Explanation::new(headline, place.unwrap_or(self.at))
    }

    /// `f(seed = 1)`, where `name` is the word before the `=`.
    fn keyword_arguments(&self, name: usize) -> Option<Explanation> {
        if self.text_at(name + 1) != "=" {
            return None;
        }
        let (line, column) = self.reading.place(name)?;
        let open = self.reading.unclosed(line, column).filter(|word| word.text == "(")?;
        let called = self.reading.at(open.line, open.column)?.checked_sub(1)?;
        if !self.reading.is_name(called) {
            return None;
        }
        let map = as_map(self.rest_from(name)?)?;
        Some(
            self.at_word(name, "there are no keyword arguments")
                .label(format!("write `{map}`"))
                .help("options are a map, the last argument; Tab after `#{` lists them"),
        )
    }

    fn undefined(&self, name: &str, help: &Help) -> Option<Explanation> {
        let (before, next) =
            (self.word.checked_sub(1).map_or("", |word| self.text_at(word)), self.text_at(self.word + 1));
        let say = |headline: &str, label: String| Some(Explanation::new(headline, self.at).label(label));
        let is_module = |name: &str| help.modules().iter().any(|(module, _)| module == name);
        match (before, name, next) {
            ("import", module, _) if is_module(module) => {
                say(&format!("`{module}` needs no import"), format!("its functions are called `{module}::…`"))
            }
            ("import", file, _) => say(
                &format!("`{file}` is not a path"),
                format!("a script is imported as `import \"{file}\" as {file}`"),
            ),
            (_, "from", module) if self.text_at(self.word + 2) == "import" => {
                let function = self.text_at(self.word + 3);
                say("nothing is imported by name", format!("write `{module}::{function}` where it is used"))
            }
            (_, "pass", _) => say("no variable `pass`", "an empty block is `{ }`".into()),
            (_, "raise", _) => say("no variable `raise`", "here it is written `throw`".into()),
            (_, "del" | "delete", _) => say(
                &format!("no variable `{name}`"),
                "nothing has to be deleted; a map forgets a key with `.remove(\"key\")`".into(),
            ),
            (_, "class" | "struct", _) => say(
                &format!("no variable `{name}`"),
                "there are no classes: a map `#{ … }` holds values, functions take it".into(),
            ),
            (_, "assert", _) => say("`assert` is a function and needs brackets", "write `assert(…)`".into()),
            (_, "f" | "r" | "b", _) if self.is_before_text(name) => {
                say("text has no prefix", "text with values in it is written `` `… ${value} …` ``".into())
            }
            (_, _, "=>") => say("a closure is not written with `=>`", "here it is written `|x| …`".into()),
            (_, _, ")") if self.text_at(self.word + 2) == "=>" => {
                say("a closure is not written with `=>`", format!("here it is written `|{name}| …`"))
            }
            _ => self.comprehension(),
        }
    }

    /// `f"…"`.
    fn is_before_text(&self, name: &str) -> bool {
        let rest: String = self.row().chars().skip(self.column - 1 + name.len()).take(1).collect();
        matches!(rest.as_str(), "\"" | "'" | "`")
    }

    /// `[x * 2 for x in items]`.
    fn comprehension(&self) -> Option<Explanation> {
        let open = self.reading.unclosed(self.line, self.column).filter(|word| word.text == "[")?;
        let words = self.reading.at(open.line, open.column)?..;
        let end = words.clone().take_while(|word| !matches!(self.text_at(*word), "]" | ""));
        let each = end.skip(1).find(|word| self.text_at(*word) == "for")?;
        let item = self.text_at(each + 1);
        Some(
            self.at_word(each, "an array is not written with `for`")
                .label(format!("write `items.map(|{item}| …)`, and `.filter(|{item}| …)` for an `if`")),
        )
    }

    fn missing(&self, token: &str, purpose: &str) -> Option<Explanation> {
        let (found, before) = (self.text_at(self.word), self.word.checked_sub(1)?);
        let here = |headline: &str| Explanation::new(headline, self.at);
        match (token, found) {
            (_, "=") if !purpose.contains("object map") && self.keyword_arguments(before).is_some() => {
                self.keyword_arguments(before)
            }
            (":" | "}", "=") if purpose.contains("object map") || purpose.contains("map") => {
                let key = self.text_at(before);
                Some(
                    here("keys and values of a map stand with `:` between them")
                        .label(format!("write `{key}: …`")),
                )
            }
            ("{", ":") => Some(here("a block does not begin with `:`").label("it stands in braces: `{ … }`")),
            (_, "is") => {
                let not = self.text_at(self.word + 1) == "not";
                let (theirs, ours) = if not { ("is not", "!=") } else { ("is", "==") };
                Some(
                    here(&format!("`{theirs}` means nothing here"))
                        .label(format!("here it is written `{ours}`")),
                )
            }
            ("]", ":") => Some(
                here("a range is not written with `:`")
                    .label("here it is written `0..4`")
                    .help("music is cut with `song.bars(0..2)`, an array with `.extract(0..4)`"),
            ),
            ("in", ",") => {
                let (item, index) = (self.text_at(before), self.text_at(self.word + 1));
                Some(
                    here("two names stand in brackets")
                        .label(format!("write `for ({item}, {index}) in …`"))
                        .help("the second one counts: 0, 1, 2, …"),
                )
            }
            (";", ":") if before > 0 && self.text_at(before - 1) == "{" => Some(
                self.at_word(before - 1, "a map does not begin with `{`")
                    .label("here it is written `#{ key: value }`"),
            ),
            (";", "if") if self.row()[..].contains(" else ") => Some(
                here("a choice does not come after its value").label("write `if condition { a } else { b }`"),
            ),
            (";", ",") if before > 0 && self.text_at(before - 1) == "let" => {
                Some(here("one `let` declares one variable").label("give each a `let` of its own"))
            }
            (";", "=>") => {
                Some(here("a closure is not written with `=>`").label("here it is written `|x| …`"))
            }
            _ => None,
        }
    }

    /// `x not in items`.
    fn negated(&self) -> Option<Explanation> {
        let at = (self.word..self.word + 8).find(|word| self.text_at(*word) == "not")?;
        let is_negated = self.text_at(at + 1) == "in";
        is_negated.then(|| self.at_word(at, "`not in` means nothing here").label("here it is written `!in`"))
    }

    /// `'text'`.
    fn character(&self, text: &str) -> Explanation {
        let length = length_at(self.row(), self.column - 1);
        let explanation = Explanation::new(format!("`'{text}'` is more than one character"), self.at);
        Explanation { length: Some(length), ..explanation }
            .label(format!("text stands in double quotes: `\"{text}\"`"))
    }
}

/// `seed = 1, count = 2)` as `#{ seed: 1, count: 2 }`.
fn as_map(rest: &str) -> Option<String> {
    let mut entries: Vec<String> = Vec::new();
    let (mut depth, mut begin) = (0_usize, 0);
    let pieces = scan(rest);
    for (at, piece) in pieces.iter().enumerate() {
        let word = &rest[piece.range.clone()];
        let ends = depth == 0 && matches!(word, "," | ")");
        if ends {
            let entry = &pieces[begin..at];
            if let [name, equals, value, ..] = entry
                && name.class == Class::Name
                && &rest[equals.range.clone()] == "="
            {
                let value = &rest[value.range.start..piece.range.start];
                let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
                entries.push(format!("{}: {value}", &rest[name.range.clone()]));
            }
            begin = at + 1;
            if word == ")" {
                break;
            }
        }
        match word {
            "(" | "[" | "{" | "#{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (!entries.is_empty()).then(|| format!("#{{ {} }}", entries.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyword_arguments_become_a_map() {
        assert_eq!(as_map("seed = 1) + f(b = 2)").as_deref(), Some("#{ seed: 1 }"));
        assert_eq!(
            as_map("seed=1, of = [1, 2],\n  by = f(\"a, b\", c))").as_deref(),
            Some("#{ seed: 1, of: [1, 2], by: f(\"a, b\", c) }")
        );
        assert_eq!(as_map("seed, 2)"), None);
    }
}
