//! Where functions are written: the text of each, with its comments.

use std::ops::Range;

use crate::script::scan::{Class, Piece, scan};

/// A function in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) parameters: usize,
    /// From its first doc comment to its closing brace.
    pub(super) range: Range<usize>,
}

/// All functions of `text`, in order.
pub(super) fn definitions(text: &str) -> Vec<Definition> {
    let all = scan(text);
    let code: Vec<&Piece> = all.iter().filter(|piece| piece.class != Class::Comment).collect();
    let word = |at: usize| code.get(at).map_or("", |piece| &text[piece.range.clone()]);
    let mut found = Vec::new();
    for start in (0..code.len()).filter(|at| word(*at) == "fn") {
        let Some((name, parameters, end)) = read(&code, &word, start) else { continue };
        let first = if start > 0 && word(start - 1) == "private" { start - 1 } else { start };
        let begin = with_comments(text, &all, code[first].range.start);
        found.push(Definition { name, parameters, range: begin..code[end].range.end });
    }
    found
}

/// Name, number of parameters and the last piece of the function whose `fn` is piece `start`.
fn read<'a>(
    code: &[&Piece],
    word: &impl Fn(usize) -> &'a str,
    start: usize,
) -> Option<(String, usize, usize)> {
    let open = (start..code.len()).find(|at| word(*at) == "(")?;
    let close = (open..code.len()).find(|at| word(*at) == ")")?;
    let parameters = code[open..close].iter().filter(|piece| piece.class == Class::Name).count();
    let mut depth = 0_usize;
    for at in close..code.len() {
        match word(at) {
            "{" | "#{" => depth += 1,
            "}" if depth == 1 => return Some((word(open - 1).to_owned(), parameters, at)),
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Where the doc comments begin that stand right above what begins at `start`.
fn with_comments(text: &str, all: &[Piece], start: usize) -> usize {
    let before = all.iter().rev().filter(|piece| piece.range.end <= start);
    let docs = before.take_while(|piece| text[piece.range.clone()].starts_with("///"));
    docs.last().map_or(start, |piece| piece.range.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_with_their_comments() {
        let text =
            "let a = 1;\n/// Adds.\n/// Well.\nfn add(a, b) { if a { `}` } else { b } }\nprivate fn g() {}";
        let found = definitions(text);
        let shown: Vec<_> =
            found.iter().map(|d| (d.name.as_str(), d.parameters, &text[d.range.clone()])).collect();
        assert_eq!(
            shown,
            [
                ("add", 2, "/// Adds.\n/// Well.\nfn add(a, b) { if a { `}` } else { b } }"),
                ("g", 0, "private fn g() {}"),
            ]
        );
    }

    #[test]
    fn an_unfinished_function_is_none() {
        assert!(definitions("fn f(x) { 1").is_empty() && definitions("fn").is_empty());
    }
}
