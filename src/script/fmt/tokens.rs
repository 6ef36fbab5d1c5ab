//! A text as rhai's own tokenizer reads it, comments included: what a layout must not change.

use rhai::{Engine, Token};

/// A token as a text that tells it from all others, and the line that it stands in, from 1.
pub(super) type Told = (String, usize);

/// All tokens of a text up to its end or its first mistake.
pub(super) fn tokens(text: &str) -> Vec<Told> {
    let engine = Engine::new_raw();
    let inputs = [text];
    let (mut stream, control) = engine.lex(&inputs);
    stream.state.include_comments = true;
    let mut told = Vec::new();
    // Of each `${` that is open, the braces open inside it: the tokenizer has to be told where the text of
    // the string goes on.
    let mut open: Vec<usize> = Vec::new();
    for (token, position) in stream {
        match (&token, open.last_mut()) {
            (Token::EOF, _) => break,
            (Token::InterpolatedString(_), _) => open.push(0),
            (Token::RightBrace, Some(0)) => {
                open.pop();
                control.borrow_mut().is_within_text = true;
            }
            (Token::RightBrace, Some(depth)) => *depth -= 1,
            (Token::LeftBrace | Token::MapStart, Some(depth)) => *depth += 1,
            _ => {}
        }
        let line = position.line().unwrap_or(0);
        let text = match &token {
            // `( )` is the same, in two tokens.
            Token::Unit => {
                told.push((format!("{:?}", Token::LeftParen), line));
                format!("{:?}", Token::RightParen)
            }
            // Blanks at the end of a line say nothing.
            Token::Comment(text) if text.starts_with("//") => format!("comment {}", text.trim_end()),
            token => format!("{token:?}"),
        };
        told.push((text, line));
    }
    told
}

/// The line of the first token of `before` that `after` does not have in its place.
pub(super) fn first_difference(before: &[Told], after: &[Told]) -> Option<usize> {
    let last = before.last().map_or(1, |(_, line)| *line);
    let differs = before.iter().zip(after).find(|((old, _), (new, _))| old != new);
    match differs {
        Some(((_, line), _)) => Some(*line),
        None if before.len() == after.len() => None,
        None => Some(before.get(after.len()).map_or(last, |(_, line)| *line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_line_ends_are_no_tokens_and_everything_else_is() {
        let same = |a: &str, b: &str| first_difference(&tokens(a), &tokens(b)).is_none();
        assert!(same("let a=`x ${ f( 1 ) } y`+2;// c ", "let a = `x ${f(1)} y`\n+ 2; // c"));
        for other in ["let a = `x ${f(1)} z` + 2; // c", "let a = `x ${f(2)} y` + 2; // c"] {
            assert!(!same("let a = `x ${f(1)} y` + 2; // c", other), "{other}");
        }
        assert!(!same("f(1); // c", "f(1); // d"));
        assert!(!same("f(1); /* c */", "f(1);"));
        assert!(same("f( )", "f()"));
        assert!(!same("- 1", "-1"));
        assert!(!same("\"a b\"", "\"a  b\""));
    }

    #[test]
    fn the_line_of_the_first_difference_is_told() {
        assert_eq!(first_difference(&tokens("a;\nb;\nc"), &tokens("a;\nb;\nd")), Some(3));
        assert_eq!(first_difference(&tokens("a;\nb;"), &tokens("a;")), Some(2));
    }
}
