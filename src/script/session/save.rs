//! A session as a script that runs.

use rhai::Engine;

use super::definitions::{Definition, definitions};
use super::{Entry, Outcome, Session, out};
use crate::script::scan::{Class, scan};

impl Session {
    /// The entries that went well as one script, and how many are in it and how many were left out.
    /// Where a later entry uses `ans` or `outN`, the script defines it; of a function that was defined
    /// again it has the last form only, as a script may not define one twice. Entries that were stopped stand
    /// in it as comments: nobody can stop them at the same place again.
    pub fn to_script(&self) -> (String, usize, usize) {
        let parser = parser();
        let done: Vec<_> = self.entries().iter().filter(|e| matches!(e.outcome, Outcome::Done(_))).collect();
        let uses = |name: &str| done.iter().any(|entry| words(&entry.text).any(|word| word == name));
        let uses_ans = uses("ans");
        let mut script = String::new();
        let mut index = 0;
        for entry in self.entries() {
            match entry.outcome {
                Outcome::Failed(_) => continue,
                Outcome::Stopped => {
                    script += &commented(&entry.text);
                    continue;
                }
                Outcome::Done(_) => index += 1,
            }
            let name = out(entry.number);
            let named = uses(&name) || uses_ans;
            let text = without_redefined(entry, &done[index..]);
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            if let Some(file) = &entry.file {
                script += &format!("// from {file}\n");
            }
            let text = match entry.outcome {
                Outcome::Done(Some(_)) if named => with_named_value(&parser, text, &name),
                _ => text.to_owned(),
            };
            script += &text;
            if parser.compile(format!("{text}\nlet next = 0")).is_err() {
                // Behind a comment a `;` would be part of it.
                let in_comment = scan(&text).last().is_some_and(|piece| piece.class == Class::Comment);
                script.push_str(if in_comment { "\n;" } else { ";" });
            }
            script.push('\n');
            if uses_ans && matches!(entry.outcome, Outcome::Done(Some(_))) {
                script += &format!("let ans = {name};\n");
            }
        }
        (script, done.len(), self.entries().len() - done.len())
    }
}

/// An entry that was stopped, for people to read.
fn commented(text: &str) -> String {
    let lines = text.trim().lines().map(|line| format!("// {line}\n"));
    format!("// stopped; what it had done until then is not repeated:\n{}", lines.collect::<String>())
}

/// The text of `entry` without the functions that a `later` one defines again.
fn without_redefined(entry: &Entry, later: &[&Entry]) -> String {
    let mut text = entry.text.clone();
    for old in definitions(&entry.text).into_iter().rev() {
        let again = |new: &Definition| (&new.name, new.parameters) == (&old.name, old.parameters);
        if later.iter().any(|entry| definitions(&entry.text).iter().any(again)) {
            text.replace_range(old.range, "");
        }
    }
    text
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
    use crate::script::{Context, Host};

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

    #[test]
    fn a_stopped_entry_is_a_comment() {
        let mut session = Session::new(Host::new(Context::default()));
        session.evaluate("let a = 1").unwrap();
        session.host().context().cancel.raise();
        session.evaluate("loop {\n    a += 1;\n}").unwrap_err();
        session.host().context().cancel.reset();
        session.evaluate("a += 1").unwrap();
        let (script, kept, left) = session.to_script();
        let stopped =
            "// stopped; what it had done until then is not repeated:\n// loop {\n//     a += 1;\n// }\n";
        assert_eq!(script, format!("let a = 1;\n{stopped}a += 1;\n"));
        assert_eq!((kept, left), (2, 1));
    }

    #[test]
    fn what_a_script_may_not_repeat_is_there_once() {
        let mut session = Session::new(Host::new(Context::default()));
        let loaded = "/// One.\nfn f(x) { x + 1 }\nlet start = 1";
        session.load("a.rhai", loaded, &[]).unwrap();
        for entry in ["f(start) // now", "fn f(x) {\n    x + 2\n}", "f(start)"] {
            session.evaluate(entry).unwrap();
        }
        let (script, kept, _) = session.to_script();
        assert_eq!((script.matches("fn f").count(), kept), (1, 4), "{script}");
        let value = Host::new(Context::default()).run_text("saved", &format!("{script}\n+ 0"), &[]);
        assert_eq!(value.unwrap().as_int(), Ok(0), "{script}");
    }
}
