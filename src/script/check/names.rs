//! What the words of a text say of its names before anything is known of their types: which may change.

use std::collections::BTreeSet;

use crate::script::scan::{Class, scan};

/// Signs that give what stands before them another value.
const ASSIGNING: [&str; 12] = ["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "|=", "&=", "^="];
/// What may give an array items of another type.
const REFILLING: [&str; 8] = ["append", "for_each", "insert", "pad", "push", "set", "splice", "+="];

/// Names of a text.
pub(super) struct Names {
    /// Assigned to after their declaration: their types may change.
    pub assigned: BTreeSet<String>,
    /// Arrays whose items may be replaced by others.
    pub refilled: BTreeSet<String>,
    /// Keys of maps, which may hold closures.
    pub keys: BTreeSet<String>,
}

impl Names {
    /// What `text` says.
    pub fn of(text: &str) -> Self {
        let pieces = scan(text).into_iter().filter(|piece| piece.class != Class::Comment);
        let words = Words(pieces.map(|piece| (piece.class, &text[piece.range])).collect());
        let names = |is: &dyn Fn(usize) -> bool| {
            let found = (0..words.0.len()).filter(|at| is(*at));
            found.map(|at| words.at(at).trim_matches('"').to_owned()).collect()
        };
        let functions: BTreeSet<&str> =
            (1..words.0.len()).filter(|at| words.at(at - 1) == "fn").map(|at| words.at(at)).collect();
        Self {
            assigned: names(&|at| words.is_assigned(at)),
            refilled: names(&|at| words.is_refilled(at, &functions)),
            keys: names(&|at| words.is_key(at)),
        }
    }
}

/// The pieces of a text that are no comments.
struct Words<'a>(Vec<(Class, &'a str)>);

impl<'a> Words<'a> {
    fn at(&self, at: usize) -> &'a str {
        self.0.get(at).map_or("", |(_, word)| word)
    }

    fn before(&self, at: usize) -> &'a str {
        at.checked_sub(1).map_or("", |before| self.at(before))
    }

    /// Whether a name is assigned to.
    fn is_assigned(&self, at: usize) -> bool {
        self.0[at].0 == Class::Name
            && ASSIGNING.contains(&self.at(at + 1))
            && !matches!(self.before(at), "let" | "const" | ".")
    }

    /// Whether an array's items may change here: by a method, by one of the script's functions, which may do
    /// so to what it is called on, or by an index.
    fn is_refilled(&self, at: usize, functions: &BTreeSet<&str>) -> bool {
        let changes = |word: &str| REFILLING.contains(&word) || functions.contains(word);
        self.0[at].0 == Class::Name
            && match self.at(at + 1) {
                "." | "?." => changes(self.at(at + 2)),
                "[" | "?[" => ASSIGNING.contains(&self.at(self.behind_brackets(at + 1))),
                _ => self.before(at) == "(" && at > 1 && changes(self.at(at - 2)),
            }
    }

    /// Where what follows an index begins; `at` is its bracket.
    fn behind_brackets(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for place in at..self.0.len() {
            match self.at(place) {
                "[" | "?[" => depth += 1,
                "]" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return place + 1;
            }
        }
        self.0.len()
    }

    /// Whether a word stands before a `:` or is assigned behind a dot.
    fn is_key(&self, at: usize) -> bool {
        let is_set = self.before(at) == "." && self.at(at + 1) == "=";
        matches!(self.0[at].0, Class::Name | Class::Text) && (self.at(at + 1) == ":" || is_set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(names: &BTreeSet<String>) -> Vec<&str> {
        names.iter().map(String::as_str).collect()
    }

    #[test]
    fn names_that_are_given_other_values_are_found_and_those_that_are_declared_are_not() {
        let names = Names::of("let a = 1; let b = 2; b %= 2; c |= 1; m.d = 3; // e = 4\nif f == 5 {}");
        assert_eq!(all(&names.assigned), ["b", "c"]);
        assert_eq!(all(&names.keys), ["d"]);
    }

    #[test]
    fn arrays_that_may_hold_something_else_later_are_found() {
        let text =
            "a.push(1); b[i[0]] = 2; insert(c, 0, 1); fn grow() { this.push(1) } d.grow(); e[0].map(f);";
        assert_eq!(all(&Names::of(text).refilled), ["a", "b", "c", "d", "this"]);
    }
}
