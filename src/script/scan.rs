//! A text as pieces with byte ranges, however unfinished it is: what colours, completion and hints look at
//! while somebody types. rhai's own lexer drops comments, loses its way after `${…}`, and stops at the
//! first mistake.

use std::ops::Range;

/// What a piece of a script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// From `//` to the end of the line, or between `/*` and `*/`.
    Comment,
    /// A string or a part of one, quotes included.
    Text,
    /// A number.
    Number,
    /// A name or a keyword.
    Name,
    /// Anything else: an operator, a bracket.
    Sign,
}

/// One piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub class: Class,
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// Whether it has its end: `false` for a string or comment that goes on after the text, and for the `}`
    /// of an interpolation after which nothing more of its string stands.
    pub closed: bool,
}

/// The signs of more than one letter that matter, the longest first.
const SIGNS: [&str; 28] = [
    "..=", "**=", "<<=", ">>=", "#{", "::", "?.", "?[", "..", "=>", "==", "!=", "<=", ">=", "||", "&&", "??",
    "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<", ">>", "**",
];

/// All pieces of `text`, in order; blanks are left out.
pub fn scan(text: &str) -> Vec<Piece> {
    let mut scanner = Scanner { text, at: 0, pieces: Vec::new(), interpolations: Vec::new() };
    while scanner.step() {}
    scanner.pieces
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    pieces: Vec<Piece>,
    /// For each `${` that is open, how many braces are open inside it.
    interpolations: Vec<usize>,
}

impl Scanner<'_> {
    fn step(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return false };
        let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        match first {
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '/' if rest.starts_with("//") => self.push(Class::Comment, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => self.block_comment(),
            '"' => self.quoted('"'),
            '\'' => self.quoted('\''),
            '#' if raw_quote(rest).is_some() => self.raw_string(),
            '`' => self.template(1),
            '}' if self.interpolations.last() == Some(&0) => {
                self.interpolations.pop();
                self.push(Class::Sign, 1);
                self.template(0);
            }
            c if c.is_ascii_digit() => self.push(Class::Number, number_length(rest)),
            c if c.is_alphabetic() || c == '_' => {
                self.push(Class::Name, run(|c| c.is_alphanumeric() || c == '_'));
            }
            c => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).map(|sign| sign.len());
                if let Some(open) = self.interpolations.last_mut() {
                    *open += usize::from(c == '{' || rest.starts_with("#{"));
                    *open -= usize::from(c == '}');
                }
                self.push(Class::Sign, sign.unwrap_or(c.len_utf8()));
            }
        }
        true
    }

    fn push(&mut self, class: Class, length: usize) {
        self.put(class, length, true);
    }

    fn put(&mut self, class: Class, length: usize, closed: bool) {
        if length == 0 {
            if let Some(last) = self.pieces.last_mut() {
                last.closed = closed;
            }
            return;
        }
        self.pieces.push(Piece { class, range: self.at..self.at + length, closed });
        self.at += length;
    }

    /// Comments may stand inside each other.
    fn block_comment(&mut self) {
        let rest = &self.text[self.at..];
        let (mut depth, mut end) = (0_usize, 0);
        while end < rest.len() {
            if rest[end..].starts_with("/*") {
                (depth, end) = (depth + 1, end + 2);
            } else if rest[end..].starts_with("*/") {
                (depth, end) = (depth - 1, end + 2);
                if depth == 0 {
                    return self.push(Class::Comment, end);
                }
            } else {
                end += rest[end..].chars().next().map_or(1, char::len_utf8);
            }
        }
        self.put(Class::Comment, rest.len(), false);
    }

    /// Ends at its quote; a doubled quote stands for one, and a line end leaves it open unless a `\` is
    /// before it.
    fn quoted(&mut self, quote: char) {
        let rest = &self.text[self.at..];
        let mut letters = rest.char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => _ = letters.next(),
                '\n' => return self.put(Class::Text, at, false),
                c if c == quote && letters.next_if(|(_, next)| *next == quote).is_none() => {
                    return self.push(Class::Text, at + 1);
                }
                _ => {}
            }
        }
        self.put(Class::Text, rest.len(), false);
    }

    /// `#"…"#`, with as many `#` as one likes.
    fn raw_string(&mut self) {
        let rest = &self.text[self.at..];
        let hashes = raw_quote(rest).unwrap_or(1);
        let end = format!("\"{}", "#".repeat(hashes));
        match rest[hashes + 1..].find(&end) {
            Some(at) => self.push(Class::Text, hashes + 1 + at + end.len()),
            None => self.put(Class::Text, rest.len(), false),
        }
    }

    /// A string in back-ticks, up to its end or to the `${` of an interpolation; `begin` is the length of
    /// its opening quote.
    fn template(&mut self, begin: usize) {
        let rest = &self.text[self.at..];
        let mut at = begin;
        while let Some(letter) = rest[at..].chars().next() {
            if letter == '`' && rest[at + 1..].starts_with('`') {
                at += 2;
            } else if letter == '`' {
                return self.push(Class::Text, at + 1);
            } else if rest[at..].starts_with("${") {
                self.interpolations.push(0);
                return self.push(Class::Text, at + 2);
            } else {
                at += letter.len_utf8();
            }
        }
        self.put(Class::Text, rest.len(), false);
    }
}

/// How many `#` stand before the quote of a raw string.
fn raw_quote(rest: &str) -> Option<usize> {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    (hashes > 0 && rest[hashes..].starts_with('"')).then_some(hashes)
}

/// `12`, `1.5`, `1e-6`, `0x1F`; not the `1` and the `.` of `1..5` or `1.max(2)`.
fn number_length(rest: &str) -> usize {
    let word = |from: usize| {
        rest[from..]
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .map_or(rest.len(), |end| from + end)
    };
    let mut end = word(0);
    let digit_at = |at: usize| rest[at..].starts_with(|c: char| c.is_ascii_digit());
    if rest[end..].starts_with('.') && digit_at(end + 1) {
        end = word(end + 1);
    }
    let is_exponent = !rest.starts_with("0x") && rest[..end].ends_with(['e', 'E']);
    if is_exponent && rest[end..].starts_with(['+', '-']) && digit_at(end + 1) {
        end = word(end + 1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(Class, &str)> {
        scan(text).into_iter().map(|piece| (piece.class, &text[piece.range])).collect()
    }

    #[test]
    fn a_script_falls_into_pieces() {
        use Class::{Comment, Name, Number, Sign, Text};
        assert_eq!(
            pieces("a.b(1.5, \"x\\\"y\") // c\n1..5"),
            [
                (Name, "a"),
                (Sign, "."),
                (Name, "b"),
                (Sign, "("),
                (Number, "1.5"),
                (Sign, ","),
                (Text, "\"x\\\"y\""),
                (Sign, ")"),
                (Comment, "// c"),
                (Number, "1"),
                (Sign, ".."),
                (Number, "5"),
            ]
        );
        assert_eq!(pieces("#{ a: 1e-6 }")[..2], [(Sign, "#{"), (Name, "a")]);
        assert_eq!(pieces("#\"raw \" text\"# x")[0], (Text, "#\"raw \" text\"#"));
    }

    #[test]
    fn code_inside_a_string_is_code() {
        let text = "`a ${f(#{ b: \"}\" })} c` + d";
        let shown: Vec<&str> = scan(text).into_iter().map(|piece| &text[piece.range]).collect();
        assert_eq!(shown, ["`a ${", "f", "(", "#{", "b", ":", "\"}\"", "}", ")", "}", " c`", "+", "d"]);
    }

    #[test]
    fn what_is_open_at_the_end_is_marked() {
        let is_open = |text: &str| scan(text).last().is_some_and(|piece| !piece.closed);
        assert!(["a(\"b", "`x ${y} z", "`x ${y}", "/* a /* b */", "#\"a\""].into_iter().all(is_open));
        assert!(!["a(\"b\"", "`x`", "/* a */", "\"a\"\"b\""].into_iter().any(is_open));
    }

    #[test]
    fn every_shipped_script_is_cut_as_rhai_cuts_it() {
        use rhai::{Engine, Token};
        let engine = Engine::new_raw();
        for (name, text) in crate::script::stdlib::MODULES {
            // rhai's lexer alone does not find its way back into a string after an interpolation.
            let text: String =
                text.lines().filter(|line| !line.contains('`')).flat_map(|l| [l, "\n"]).collect();
            let inputs = [&text];
            let (tokens, _control) = engine.lex(&inputs);
            let tokens = tokens.take_while(|(token, _)| *token != Token::EOF).map(|(token, _)| match token {
                Token::Identifier(name) => name.to_string(),
                Token::StringConstant(_) => "\"".to_owned(),
                token => token.to_string().trim_start_matches('!').to_owned(),
            });
            let is_word =
                |text: &String| text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"');
            let theirs: Vec<String> = tokens.filter(is_word).collect();
            let pieces = scan(&text).into_iter().filter_map(|piece| match piece.class {
                Class::Name => Some(text[piece.range].to_owned()),
                Class::Text => Some("\"".to_owned()),
                _ => None,
            });
            assert_eq!(pieces.collect::<Vec<_>>(), theirs, "std/{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_without_gaps_in_what_is_no_blank(text in "[a-z0-9`\"'#${}()./* \n\\\\é]{0,40}") {
            let mut end = 0;
            for piece in scan(&text) {
                proptest::prop_assert!(text[end..piece.range.start].chars().all(char::is_whitespace));
                proptest::prop_assert!(!piece.range.is_empty());
                end = piece.range.end;
            }
            proptest::prop_assert!(text[end..].chars().all(char::is_whitespace));
        }
    }
}
