//! A script as the pieces that a layout moves: words, signs, whole strings, comments.

use std::ops::Range;

use crate::script::scan::{Class, scan};

/// A piece that is moved as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Atom<'a> {
    /// What it is; a string with code inside it is one [`Class::Text`].
    pub(super) class: Class,
    /// As it was written.
    pub(super) text: &'a str,
    /// Line ends between the atom before and this one.
    pub(super) line_ends: usize,
    /// Blanks right before it on its own line.
    pub(super) blanks: usize,
}

/// The atoms of a text, in order.
pub(super) fn atoms(text: &str) -> Vec<Atom<'_>> {
    let mut atoms = Vec::new();
    let mut end = 0;
    for (class, range) in whole_strings(text) {
        let between = &text[end..range.start];
        let blanks = between.rsplit('\n').next().map_or(0, |last| last.chars().count());
        end = range.end;
        let line_ends = between.matches('\n').count();
        atoms.push(Atom { class, text: &text[range], line_ends, blanks });
    }
    atoms
}

/// The pieces of the text, where a back-tick string is one piece with all the code inside it.
fn whole_strings(text: &str) -> Vec<(Class, Range<usize>)> {
    let mut found: Vec<(Class, Range<usize>)> = Vec::new();
    // Of each `${` that is open, the braces open inside it.
    let mut open: Vec<usize> = Vec::new();
    let mut resumes = false;
    for piece in scan(text) {
        let word = &text[piece.range.clone()];
        let is_inside = !open.is_empty() || resumes;
        match (piece.class, open.last_mut()) {
            (Class::Text, _) => {
                if (resumes || word.starts_with('`')) && word.ends_with("${") {
                    open.push(0);
                }
                resumes = false;
            }
            (Class::Sign, Some(0)) if word == "}" => {
                open.pop();
                resumes = true;
            }
            (Class::Sign, Some(depth)) if word == "}" => *depth -= 1,
            (Class::Sign, Some(depth)) if matches!(word, "{" | "#{") => *depth += 1,
            _ => {}
        }
        match found.last_mut() {
            Some((_, whole)) if is_inside => whole.end = piece.range.end,
            _ => found.push((piece.class, piece.range)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_with_code_inside_is_one_atom() {
        let text = "f(`a ${g(#{ b: `x${1}` })}${c}`,  \"d\")\n\n  // e";
        let atoms = atoms(text);
        let texts: Vec<&str> = atoms.iter().map(|atom| atom.text).collect();
        assert_eq!(texts, ["f", "(", "`a ${g(#{ b: `x${1}` })}${c}`", ",", "\"d\"", ")", "// e"]);
        let places: Vec<_> = atoms.iter().map(|atom| (atom.line_ends, atom.blanks)).collect();
        assert_eq!(places[3..], [(0, 0), (0, 2), (0, 0), (2, 2)]);
    }
}
