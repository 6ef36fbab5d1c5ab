//! What each stretch of a text is, for colours while somebody types.

use std::ops::Range;

use super::Session;
use super::complete::KEYWORDS;
use crate::script::scan::{Class, scan};

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// A command of the session, up to its argument.
    Command,
    /// A word of the language.
    Keyword,
    /// A string.
    Text,
    /// A number, `true` or `false`.
    Number,
    /// A comment.
    Comment,
    /// A function that there is.
    Function,
    /// A module, with its `::`.
    Module,
    /// A variable that there is.
    Variable,
}

/// Keywords that complete to nothing but belong to the language.
const MORE_KEYWORDS: [&str; 9] =
    ["as", "catch", "do", "export", "global", "private", "this", "until", "switch"];

impl Session {
    /// The stretches of `text` that have a colour, in order.
    pub fn colours(&self, text: &str) -> Vec<(Range<usize>, Paint)> {
        let mut painted = Vec::new();
        let begin = command_length(text);
        if begin > 0 {
            painted.push((0..begin, Paint::Command));
        }
        let takes_code = begin == 0 || text.starts_with(":time") || text.starts_with(":play");
        if !takes_code {
            return painted;
        }
        let code = &text[begin..];
        let pieces = scan(code);
        let word = |at: usize| pieces.get(at).map_or("", |piece| &code[piece.range.clone()]);
        let defined =
            |name: &str| (1..pieces.len()).any(|at| word(at) == name && matches!(word(at - 1), "fn"));
        for (at, piece) in pieces.iter().enumerate() {
            let name = word(at);
            let paint = match piece.class {
                Class::Comment => Some(Paint::Comment),
                Class::Text => Some(Paint::Text),
                Class::Number => Some(Paint::Number),
                Class::Sign => None,
                Class::Name if matches!(name, "true" | "false") => Some(Paint::Number),
                Class::Name if KEYWORDS.contains(&name) || MORE_KEYWORDS.contains(&name) => {
                    Some(Paint::Keyword)
                }
                Class::Name if word(at + 1) == "::" => Some(Paint::Module),
                Class::Name if word(at + 1) == "(" => {
                    let is_known = self.has_function(name) || defined(name);
                    is_known.then_some(Paint::Function)
                }
                Class::Name => self.variable_names().any(|known| known == name).then_some(Paint::Variable),
            };
            if let Some(paint) = paint {
                painted.push((begin + piece.range.start..begin + piece.range.end, paint));
            }
        }
        painted
    }

    fn has_function(&self, name: &str) -> bool {
        self.host.help().has_name(name)
            || self.state.functions.iter_functions().any(|known| known.name == name)
    }
}

/// How many bytes of the text are a command: `:time `, `?`, `??`.
fn command_length(text: &str) -> usize {
    if text.starts_with(':') {
        return text.find(char::is_whitespace).unwrap_or(text.len());
    }
    text.len() - text.trim_start_matches('?').len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Context, Host};

    #[test]
    fn words_are_coloured_by_what_they_are() {
        let mut session = Session::new(Host::new(Context::default()));
        session.evaluate("let z = 1; fn own(x) { x }").unwrap();
        let painted = |text: &'static str| -> Vec<(&str, Paint)> {
            session.colours(text).into_iter().map(|(range, paint)| (&text[range], paint)).collect()
        };
        assert_eq!(
            painted("let a = theory::note(\"C4\") + z; // sum"),
            [
                ("let", Paint::Keyword),
                ("theory", Paint::Module),
                ("note", Paint::Function),
                ("\"C4\"", Paint::Text),
                ("z", Paint::Variable),
                ("// sum", Paint::Comment),
            ]
        );
        assert_eq!(painted("own(no_such(1))"), [("own", Paint::Function), ("1", Paint::Number)]);
        assert_eq!(painted(":time z"), [(":time", Paint::Command), ("z", Paint::Variable)]);
        assert_eq!(painted("??own"), [("??", Paint::Command)]);
    }
}
