//! Scripts laid out the same way: indentation by brackets, blanks around operators, single empty lines.
//!
//! No line is broken or joined, comments and strings stay as they are, and a text whose tokens would change
//! is not touched: rhai's own tokenizer has the last word.

mod atoms;
mod layout;
mod spacing;
mod tokens;

use super::{Checker, Diagnostic, Kind};

impl Checker {
    /// `text`, which is called `name`, laid out; the same text if it is so already.
    ///
    /// # Errors
    /// That it cannot be read as a script; as a [`Kind::Bug`], that the layout would have changed its tokens.
    pub fn format(&self, name: &str, text: &str) -> Result<String, Box<Diagnostic>> {
        self.parse(name, text)?;
        let formatted = layout::lay_out(&atoms::atoms(text));
        let (before, after) = (tokens::tokens(text), tokens::tokens(&formatted));
        match tokens::first_difference(&before, &after) {
            None => Ok(formatted),
            Some(line) => Err(Box::new(changed(name, line))),
        }
    }
}

/// A layout that says something else than the text did.
fn changed(name: &str, line: usize) -> Diagnostic {
    let headline = format!("laying out `{name}` would change what line {line} says, so it was left as it is");
    Diagnostic { kind: Kind::Bug, ..Diagnostic::of_panic(&headline, &format!("ricercar fmt {name}")) }
}

#[cfg(test)]
mod tests;
