//! The paths that a Rust source names, by a scan of its tokens: comments and literals are skipped,
//! groups of `use` are taken apart.

use std::iter::Peekable;
use std::slice::Iter;

/// A path such as `crate::music::Track`, and the line it begins in.
#[derive(Debug, PartialEq)]
pub struct Path {
    pub segments: Vec<String>,
    pub line: usize,
}

#[derive(Debug, PartialEq)]
enum Kind {
    Name(String),
    Colons,
    Other(char),
}

#[derive(Debug)]
struct Token {
    kind: Kind,
    line: usize,
}

/// Every path of a source: those of `use`, and whatever else has a `::` in it.
pub fn paths(source: &str) -> Vec<Path> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut rest = tokens.iter().peekable();
    let mut before: Option<&Kind> = None;
    while let Some(token) = rest.next() {
        if let Kind::Name(name) = &token.kind {
            // After a `.` it is a method, after `::` the rest of something like `<T as Trait>::Name`;
            // only a `::` that follows nothing begins a path, and then it has no segment before.
            let continues = matches!(before, Some(Kind::Colons | Kind::Other('.')));
            let captures = rest.peek().is_some_and(|next| next.kind == Kind::Other('<'));
            if name == "use" && !continues && !captures {
                use_tree(&mut rest, &[], &mut found);
            } else if !continues {
                let segments = path_from(name, &mut rest);
                if segments.len() > 1 {
                    found.push(Path { segments, line: token.line });
                }
            }
        } else if token.kind == Kind::Colons && !matches!(before, Some(Kind::Name(_) | Kind::Other('>'))) {
            before = None;
            continue;
        }
        before = Some(&token.kind);
    }
    found
}

/// The segments of a path after its first: names joined by `::`.
fn path_from(first: &str, rest: &mut Peekable<Iter<Token>>) -> Vec<String> {
    let mut segments = vec![first.to_owned()];
    while rest.peek().is_some_and(|token| token.kind == Kind::Colons) {
        rest.next();
        match rest.peek().map(|token| &token.kind) {
            Some(Kind::Name(name)) => segments.push(name.clone()),
            _ => break,
        }
        rest.next();
    }
    segments
}

/// One tree of a `use`, up to the `,`, `}` or `;` that ends it, which is left alone.
fn use_tree(rest: &mut Peekable<Iter<Token>>, prefix: &[String], found: &mut Vec<Path>) {
    let mut segments = prefix.to_vec();
    let line = rest.peek().map_or(0, |token| token.line);
    while let Some(token) = rest.peek() {
        match &token.kind {
            Kind::Other(',' | '}' | ';') => break,
            Kind::Other('{') => {
                while rest.next().is_some_and(|token| token.kind != Kind::Other('}')) {
                    use_tree(rest, &segments, found);
                }
                return;
            }
            Kind::Name(name) if name == "as" => {
                rest.next();
            }
            Kind::Name(name) => segments.push(name.clone()),
            _ => {}
        }
        rest.next();
    }
    if segments.len() > prefix.len() {
        found.push(Path { segments, line });
    }
}

fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let end = match skipped(&text, at) {
            Some(end) => end,
            None => {
                let (kind, end) = token(&text, at);
                tokens.push(Token { kind, line });
                end
            }
        };
        line += text[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    tokens
}

fn token(text: &[char], at: usize) -> (Kind, usize) {
    match text[at] {
        ':' if text.get(at + 1) == Some(&':') => (Kind::Colons, at + 2),
        // One token each, so that a bracket's `>` is told from an arrow's, and a method's `.` from a range's.
        '.' if text.get(at + 1) == Some(&'.') => (Kind::Other('…'), at + 2),
        '-' | '=' if text.get(at + 1) == Some(&'>') => (Kind::Other('→'), at + 2),
        c if is_name(c) => {
            let end = end_of(text, at, |c| is_name(*c));
            (Kind::Name(text[at..end].iter().collect()), end)
        }
        c => (Kind::Other(c), at + 1),
    }
}

/// Where the space, comment or literal at `at` ends, if there is one.
fn skipped(text: &[char], at: usize) -> Option<usize> {
    let next = text.get(at + 1);
    match text[at] {
        c if c.is_whitespace() => Some(at + 1),
        '/' if next == Some(&'/') => Some(end_of(text, at, |c| *c != '\n')),
        '/' if next == Some(&'*') => Some(end_of_comment(text, at)),
        '"' => Some(end_of_string(text, at)),
        '\'' if next == Some(&'\\') => Some(end_of(text, at + 3, |c| *c != '\'') + 1),
        '\'' if text.get(at + 2) == Some(&'\'') => Some(at + 3),
        'r' | 'b' | 'c' if at == 0 || !is_name(text[at - 1]) => prefixed_string(text, at),
        _ => None,
    }
    .map(|end| end.min(text.len()))
}

/// Strings such as `r#"…"#`, `b"…"` and `br"…"`.
fn prefixed_string(text: &[char], at: usize) -> Option<usize> {
    let prefix = end_of(text, at, |c| matches!(c, 'r' | 'b' | 'c'));
    let raw = text[at..prefix].contains(&'r');
    let quote = if raw { end_of(text, prefix, |c| *c == '#') } else { prefix };
    if text.get(quote) != Some(&'"') {
        return None;
    }
    if !raw {
        return Some(end_of_string(text, quote));
    }
    let close: Vec<char> = std::iter::once('"').chain(text[prefix..quote].iter().copied()).collect();
    let length = text[quote + 1..].windows(close.len()).position(|window| window == close);
    Some(length.map_or(text.len(), |length| quote + 1 + length + close.len()))
}

fn end_of_string(text: &[char], at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() && text[end] != '"' {
        end += if text[end] == '\\' { 2 } else { 1 };
    }
    end + 1
}

/// Block comments nest.
fn end_of_comment(text: &[char], at: usize) -> usize {
    let (mut end, mut depth) = (at, 0);
    while end < text.len() {
        match (text[end], text.get(end + 1)) {
            ('/', Some('*')) => (depth, end) = (depth + 1, end + 2),
            ('*', Some('/')) => (depth, end) = (depth - 1, end + 2),
            _ => end += 1,
        }
        if depth == 0 {
            break;
        }
    }
    end
}

fn end_of(text: &[char], at: usize, inside: impl Fn(&char) -> bool) -> usize {
    let from = at.min(text.len());
    from + text[from..].iter().take_while(|c| inside(c)).count()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn paths_are_found_and_comments_and_literals_are_not() {
    let source = r##"
        //! [`crate::cli`] "
        use crate::{music::{self, Track as T}, base::Seed};
        /* crate::a /* nested */ crate::b */
        use zip;
        fn f<'a>(x: &'a str) -> ::burn::Tensor { g("crate::c", r#"crate::"d"#, '"', '\'', b"crate::e") }
        fn i<'a>() -> impl Iterator + use<'a> { rhai::x() }
        const R: Range = 0..crate::data::N;
        fn h() { x.zip(y); Iterator::zip(crate::view::show(), <T as crate::Q>::midly::z); }
    "##;
    let found: Vec<(usize, String)> =
        paths(source).into_iter().map(|path| (path.line, path.segments.join("::"))).collect();
    let expected = [
        (3, "crate::music::self"),
        (3, "crate::music::Track"),
        (3, "crate::base::Seed"),
        (5, "zip"),
        (6, "burn::Tensor"),
        (7, "rhai::x"),
        (8, "crate::data::N"),
        (9, "Iterator::zip"),
        (9, "crate::view::show"),
        (9, "crate::Q"),
    ];
    assert_eq!(found, expected.map(|(line, path)| (line, path.to_owned())));
}
