//! Whether a text is the beginning of a longer one, asked of rhai's own parser.

use rhai::{Engine, LexError, ParseError, ParseErrorType, Position};

use super::scan::scan;

/// Whether more lines are needed before `text` can be run: a bracket, a string in back-ticks, a
/// comment or an expression is still open. Two line ends at the end of `text` always close it.
pub fn is_incomplete(text: &str) -> bool {
    if text.ends_with("\n\n") {
        return false;
    }
    // What a doc comment is for has yet to come.
    if scan(text).last().is_some_and(|piece| text[piece.range.clone()].starts_with("///")) {
        return true;
    }
    let mut parser = Engine::new_raw();
    parser.set_max_expr_depths(0, 0);
    match parser.compile(text) {
        // Whatever follows an open comment is part of it, even what could not stand there.
        Ok(_) => parser.compile(format!("{text}\n)")).is_ok(),
        Err(error) => is_about_the_end(&error, text),
    }
}

fn is_about_the_end(ParseError(kind, position): &ParseError, text: &str) -> bool {
    match **kind {
        ParseErrorType::UnexpectedEOF => true,
        ParseErrorType::BadInput(LexError::UnterminatedString) => text_is_in_back_ticks(text, *position),
        _ => position.is_none() || lies_at_the_end(*position, text),
    }
}

fn text_is_in_back_ticks(text: &str, position: Position) -> bool {
    let line = position.line().and_then(|line| text.lines().nth(line - 1)).unwrap_or_default();
    line.chars().nth(position.position().unwrap_or(1) - 1) == Some('`')
}

fn lies_at_the_end(position: Position, text: &str) -> bool {
    let lines = text.split('\n').count();
    let last = text.split('\n').next_back().unwrap_or_default().chars().count();
    position.line() == Some(lines) && position.position().is_none_or(|column| column > last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_wants_another_line() {
        let open = [
            "fn f(x) {",
            "[1, 2,",
            "f(1,",
            "#{ a: 1",
            "x.",
            "1 +",
            "let",
            "let a =",
            "`one",
            "`a ${b",
            "/* one",
            "if x {\n  1\n",
            "m::",
            "f(\n",
            "while x",
            "for x in",
            "g.f()\n  .",
            "/// What it does.",
        ];
        for text in open {
            assert!(is_incomplete(text), "{text}");
        }
    }

    #[test]
    fn what_is_whole_or_wrong_does_not() {
        let whole = [
            "1 + 2",
            "let a = 1;",
            "fn f() { 1 }",
            "\"one",
            "1 + * 2",
            "f(1))",
            "",
            "// x",
            "\"/*\"",
            "/* x */",
            "a b",
            "x.f()",
            "let a = 1\nlet b = 2",
            "}",
        ];
        for text in whole {
            assert!(!is_incomplete(text), "{text}");
        }
    }

    #[test]
    fn two_line_ends_close_what_is_open() {
        assert!(is_incomplete("fn f() {\n") && !is_incomplete("fn f() {\n\n"));
    }
}
