//! A session as a script that runs.

use rhai::Engine;

use super::{Outcome, Session};

impl Session {
    /// The entries that went well as one script, and how many are in it and how many were left out.
    /// Where a later entry uses `ans` or `outN`, the script defines it.
    pub fn to_script(&self) -> (String, usize, usize) {
        let parser = parser();
        let done: Vec<_> = self.entries.iter().filter(|e| matches!(e.outcome, Outcome::Done(_))).collect();
        let uses = |name: &str| done.iter().any(|entry| words(&entry.text).any(|word| word == name));
        let uses_ans = uses("ans");
        let mut script = String::new();
        for entry in &done {
            let name = format!("out{}", entry.number);
            let named = uses(&name) || uses_ans;
            let text = entry.text.trim();
            let text = match entry.outcome {
                Outcome::Done(Some(_)) if named => with_named_value(&parser, text, &name),
                _ => text.to_owned(),
            };
            script += &text;
            if parser.compile(format!("{text}\nlet next = 0")).is_err() {
                script.push(';');
            }
            script.push('\n');
            if uses_ans && matches!(entry.outcome, Outcome::Done(Some(_))) {
                script += &format!("let ans = {name};\n");
            }
        }
        (script, done.len(), self.entries.len() - done.len())
    }
}

/// `text` with its last expression bound to `name`.
fn with_named_value(parser: &Engine, text: &str, name: &str) -> String {
    // The last statement begins where all before it is whole and all from it is one expression.
    let starts = text.char_indices().map(|(at, _)| at);
    let mut splits =
        starts.map(|at| text.split_at(at)).filter(|(_, rest)| !rest.starts_with([' ', '\n', ';']));
    let is_split = |(before, last): &(&str, &str)| {
        parser.compile(format!("let value = ({last}\n)")).is_ok() && parser.compile(before).is_ok()
    };
    match splits.find(is_split) {
        Some((before, last)) => format!("{before}let {name} = {last};"),
        None => format!("{text} // the session called its value {name}"),
    }
}

/// Only reads, so it needs no functions and no limits.
fn parser() -> Engine {
    let mut parser = Engine::new_raw();
    parser.set_max_expr_depths(0, 0);
    parser
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_expression_is_found() {
        let named = |text| with_named_value(&parser(), text, "out1");
        assert_eq!(named("1 + 2"), "let out1 = 1 + 2;");
        assert_eq!(named("f(); m::g(1)"), "f(); let out1 = m::g(1);");
        assert_eq!(named("let a = [1, 2];\na[0]"), "let a = [1, 2];\nlet out1 = a[0];");
        assert_eq!(
            named("fn f(x) { x }\nif f(true) { 1 } else { 2 }"),
            "fn f(x) { x }\nlet out1 = if f(true) { 1 } else { 2 };"
        );
    }
}
