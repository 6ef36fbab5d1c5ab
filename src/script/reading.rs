//! A script's text as words with places: where things are declared, and how long a marked word is.

use rhai::{Engine, Token};

/// One token of a script.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    /// As it is written; of a string its content.
    pub text: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Character in the line, counted from 1.
    pub column: usize,
    /// Whether this is a name or a keyword.
    pub named: bool,
}

/// The tokens of a text.
pub(super) struct Reading {
    words: Vec<Word>,
}

impl Reading {
    /// Reads `text`; what cannot be read is skipped.
    pub fn new(text: &str, engine: &Engine) -> Self {
        let mut words = Vec::new();
        let inputs = [text];
        let (tokens, _control) = engine.lex(&inputs);
        // After its end the iterator gives `EOF` for ever.
        for (token, position) in tokens.take_while(|(token, _)| *token != Token::EOF) {
            let (Some(line), Some(column)) = (position.line(), position.position()) else { continue };
            let (text, named) = match &token {
                Token::Identifier(name) => (name.to_string(), true),
                Token::Reserved(name) => (name.to_string(), name.starts_with(|c: char| c.is_alphabetic())),
                Token::StringConstant(content) | Token::InterpolatedString(content) => {
                    (content.to_string(), false)
                }
                Token::LexError(_) => (String::new(), false),
                other => (other.to_string(), other.is_standard_keyword()),
            };
            words.push(Word { text, line, column, named });
        }
        Self { words }
    }

    /// The word that begins at a place.
    pub fn at(&self, line: usize, column: usize) -> Option<usize> {
        self.words.iter().position(|word| (word.line, word.column) == (line, column))
    }

    /// The word `back` words before the one that begins at, or comes after, a place.
    pub fn before(&self, line: usize, column: usize, back: usize) -> Option<&Word> {
        let index = self.words.partition_point(|word| (word.line, word.column) < (line, column));
        self.words.get(index.checked_sub(back)?)
    }

    /// Whether the call at a place is written `value.name(…)`.
    pub fn is_method_call(&self, line: usize, column: usize) -> bool {
        self.before(line, column, 1).is_some_and(|word| word.text == "." || word.text == "?.")
    }

    /// The script's own functions, with the names of their parameters and their lines.
    pub fn functions(&self) -> Vec<(String, Vec<String>, usize)> {
        let starts = (0..self.words.len()).filter(|at| self.text(*at) == "fn");
        let function = |at: usize| {
            let name = self.words.get(at + 1).filter(|word| word.named)?;
            let inside = self.words[at + 2..].iter().skip(1).take_while(|word| word.text != ")");
            let parameters = inside.filter(|word| word.named).map(|word| word.text.clone());
            Some((name.text.clone(), parameters.collect(), name.line))
        };
        starts.filter_map(function).collect()
    }

    /// Names of all variables and constants that are declared anywhere, in order.
    pub fn variables(&self) -> Vec<&str> {
        let declared =
            (1..self.words.len()).filter(|at| matches!(self.text(at - 1), "let" | "const" | "for"));
        declared.map(|at| self.text(at)).collect()
    }

    /// Keys of the maps that are written down.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let pairs = self.words.iter().zip(self.words.iter().skip(1));
        pairs.filter(|(_, next)| next.text == ":").map(|(word, _)| word.text.as_str())
    }

    /// Whether `name` is declared with `let` outside of every function.
    pub fn is_outer_variable(&self, name: &str) -> bool {
        (1..self.words.len()).any(|at| {
            self.text(at) == name
                && matches!(self.text(at - 1), "let" | "const")
                && self.enclosing_function(at).is_none()
        })
    }

    /// Whether `name` is declared as a closure: `let name = |…| …`.
    pub fn is_closure(&self, name: &str) -> bool {
        (1..self.words.len()).any(|at| {
            self.text(at) == name
                && self.text(at - 1) == "let"
                && self.text(at + 1) == "="
                && matches!(self.text(at + 2), "|" | "||")
        })
    }

    /// The name of the `fn` whose body the word `at` stands in.
    pub fn enclosing_function(&self, at: usize) -> Option<&str> {
        let mut depth = 0_usize;
        let mut pending = None;
        let mut open: Option<(&str, usize)> = None;
        for index in 0..at {
            match self.text(index) {
                "fn" => pending = Some(self.text(index + 1)),
                "{" | "#{" => {
                    depth += 1;
                    if let Some(name) = pending.take() {
                        open = Some((name, depth));
                    }
                }
                "}" => {
                    if open.is_some_and(|(_, level)| level == depth) {
                        open = None;
                    }
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
        }
        open.map(|(name, _)| name)
    }

    /// The last bracket before a place that nothing closes.
    pub fn unclosed(&self, line: usize, column: usize) -> Option<&Word> {
        let mut open = Vec::new();
        for word in self.words.iter().take_while(|word| (word.line, word.column) < (line, column)) {
            match word.text.as_str() {
                "(" | "[" | "{" | "#{" if !word.named => open.push(word),
                ")" | "]" | "}" => {
                    open.pop();
                }
                _ => {}
            }
        }
        open.pop()
    }

    /// Line and column of a word.
    pub fn place(&self, at: usize) -> Option<(usize, usize)> {
        self.words.get(at).map(|word| (word.line, word.column))
    }

    /// Whether a word is a name or a keyword.
    pub fn is_name(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.named)
    }

    /// A word as it is written; nothing behind the last one.
    pub fn text(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }
}

/// How many characters belong to what begins at `column` (from 0) of `line`: a name, a number, a
/// string up to its end, or one sign.
pub(super) fn length_at(line: &str, column: usize) -> usize {
    let rest: Vec<char> = line.chars().skip(column).collect();
    let run = |belongs: &dyn Fn(char) -> bool| rest.iter().take_while(|c| belongs(**c)).count();
    match rest.first() {
        Some(c) if c.is_alphabetic() || *c == '_' => run(&|c| c.is_alphanumeric() || c == '_'),
        Some(c) if c.is_ascii_digit() => {
            let digits = run(&|c| c.is_ascii_alphanumeric() || c == '_');
            match rest.get(digits..digits + 2) {
                Some(['.', next]) if next.is_ascii_digit() => {
                    digits + 1 + rest[digits + 1..].iter().take_while(|c| c.is_ascii_digit()).count()
                }
                _ => digits,
            }
        }
        Some(quote @ ('"' | '`' | '\'')) => {
            let mut escaped = false;
            let closes = |c: &char| {
                let ends = *c == *quote && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            };
            rest[1..].iter().position(closes).map_or(rest.len(), |end| end + 2)
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_covers_the_whole_word() {
        let line = r#"song.bars(0..12) + "a \" b" + 1.5"#;
        let length = |of: &str| length_at(line, line.find(of).unwrap());
        assert_eq!([length("song"), length("bars"), length("0.."), length("12)")], [4, 4, 1, 2]);
        assert_eq!([length("\"a"), length("1.5"), length("+")], [8, 3, 1]);
    }

    #[test]
    fn declarations_are_found_with_the_function_they_are_in() {
        let text =
            "let song = 1;\nlet up = |x| x;\nfn f(a, b) {\n  let inner = #{ c: 1 };\n  song\n}\nfn g() {}";
        let reading = Reading::new(text, &Engine::new_raw());
        assert!(reading.is_outer_variable("song") && !reading.is_outer_variable("inner"));
        assert!(reading.is_closure("up") && !reading.is_closure("song"));
        let place = reading.at(5, 3).unwrap();
        assert_eq!(reading.enclosing_function(place), Some("f"));
        assert_eq!(reading.functions()[0], ("f".into(), vec!["a".into(), "b".into()], 3));
        assert_eq!(reading.variables(), ["song", "up", "inner"]);
    }
}
