//! Calls that nothing answers: wrong name, wrong arguments, wrong way of writing.

use rhai::Position;

use super::explain::{Explanation, Text, article};
use super::habits::instead;
use super::types::plain_name;
use super::{Entry, Form, Help};
use crate::base::did_you_mean;

/// Ways to call that are listed.
const LISTED: usize = 6;

/// Explains a call that was not found; rhai gives it as `name (type, type)`, with the module before.
pub(super) fn no_such_call(signature: &str, at: Position, text: Text, help: &Help) -> Explanation {
    let (path, kinds) = signature.split_once(" (").unwrap_or((signature, ""));
    let kinds: Vec<String> = split_types(kinds.strip_suffix(')').unwrap_or(kinds));
    let call = Call { path, kinds, at, text, help };
    if path.starts_with("anon$") || path.starts_with("Fn*") {
        return call.wrong_closure();
    }
    if !path.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return call.no_operator();
    }
    if let Some(explanation) = call.of_the_script() {
        return explanation;
    }
    let qualified = path.contains("::");
    let named = help.lookup(path).into_iter();
    let callable = |entry: &&Entry| entry.form != Form::Property && entry.module.is_empty() != qualified;
    let same_name: Vec<&Entry> = named.filter(callable).collect();
    let explanation = if same_name.is_empty() { call.unknown() } else { call.wrong_arguments(&same_name) };
    match instead(path) {
        Some(ours) if explanation.help.is_none() => explanation.help(ours),
        _ => explanation,
    }
}

struct Call<'a> {
    path: &'a str,
    kinds: Vec<String>,
    at: Position,
    text: Text<'a>,
    help: &'a Help,
}

impl Call<'_> {
    /// Whether it is written `value.name(…)`, so that the first argument is the receiver.
    fn is_method(&self) -> bool {
        let place = self.at.line().zip(self.at.position());
        self.text
            .zip(place)
            .is_some_and(|((reading, _), (line, column))| reading.is_method_call(line, column))
    }

    fn given(&self) -> String {
        let skipped = usize::from(self.is_method());
        self.kinds.iter().skip(skipped).cloned().collect::<Vec<_>>().join(", ")
    }

    /// The name exists, but not for these arguments.
    fn wrong_arguments(&self, ways: &[&Entry]) -> Explanation {
        let method = self.is_method();
        let receiver = self.kinds.first().map_or("", String::as_str);
        let for_receiver: Vec<&Entry> = match method {
            true => ways.iter().copied().filter(|way| accepts(way, 0, receiver)).collect(),
            false => ways.to_vec(),
        };
        if for_receiver.is_empty() {
            let has = ways.iter().filter_map(|way| way.parameters.first()).map(|first| first.kind.clone());
            let mut has: Vec<String> = has.collect();
            has.sort();
            has.dedup();
            return Explanation::new(format!("{} has no method `{}`", article(receiver), self.path), self.at)
                .notes([format!("`{}` belongs to {}", self.path, has.join(", "))]);
        }
        let name = if method { format!("{receiver}.{}", self.path) } else { self.path.to_owned() };
        let explanation = Explanation::new(format!("`{name}` does not take ({})", self.given()), self.at)
            .notes(for_receiver.iter().take(LISTED).map(|way| way.signature()));
        let same_count = for_receiver.iter().filter(|way| way.parameters.len() == self.kinds.len());
        let matching =
            |way: &Entry| (0..self.kinds.len()).filter(|i| accepts(way, *i, &self.kinds[*i])).count();
        let Some(nearest) = same_count.max_by_key(|way| matching(way)) else {
            let count = self.kinds.len() - usize::from(method);
            return explanation.label(format!("{count} given"));
        };
        let Some(wrong) = (0..self.kinds.len()).find(|i| !accepts(nearest, *i, &self.kinds[*i])) else {
            return explanation;
        };
        let (wanted, got) = (&nearest.parameters[wrong], self.kinds[wrong].as_str());
        let name = match wanted.name.as_str() {
            "" => format!("argument {}", wrong + usize::from(!method)),
            name => format!("`{name}`"),
        };
        let explanation =
            explanation.label(format!("{name} must be {}, got {}", article(&wanted.kind), article(got)));
        match (wanted.kind.as_str(), got) {
            ("int", "float") => explanation.help("write a whole number, or `.to_int()`"),
            ("float", "int") => explanation.help("write `1.0` for `1`, or `.to_float()`"),
            _ => explanation,
        }
    }

    /// A function of the script itself with another number of parameters, or a closure.
    fn of_the_script(&self) -> Option<Explanation> {
        let (reading, _) = self.text?;
        let name = self.path;
        if reading.is_closure(name) && !self.is_method() {
            return Some(
                Explanation::new(format!("`{name}` is a closure, not a function"), self.at)
                    .label(format!("write `{name}.call(…)`")),
            );
        }
        let functions = reading.functions();
        let ways: Vec<_> = functions.iter().filter(|(known, ..)| known == name).collect();
        let (_, parameters, _) = ways.first()?;
        let listed = ways
            .iter()
            .map(|(name, parameters, line)| format!("{name}({}), in line {line}", parameters.join(", ")));
        let count = self.kinds.len();
        let takes = match parameters.len() {
            1 => "1 argument".to_owned(),
            n => format!("{n} arguments"),
        };
        Some(
            Explanation::new(format!("`{name}` takes {takes}"), self.at)
                .label(format!("{count} given"))
                .notes(listed),
        )
    }

    /// No function of that name at all.
    fn unknown(&self) -> Explanation {
        if let Some((module, name)) = self.path.rsplit_once("::") {
            return self.unknown_in_module(module, name);
        }
        let name = self.path;
        if self.is_method() {
            let kind = self.kinds.first().map_or("", String::as_str);
            if self.help.members(kind).any(|entry| entry.form == Form::Property && entry.name == name) {
                return Explanation::new(format!("`{name}` is a property of {kind}"), self.at)
                    .label("write it without `()`");
            }
            let nearest = did_you_mean(name, self.help.members(kind).map(|entry| entry.name.as_str()));
            return Explanation::new(format!("{} has no method `{name}`", article(kind)), self.at)
                .suggest(nearest);
        }
        let explanation = Explanation::new(format!("no function `{name}`"), self.at);
        let elsewhere = self.help.entries().iter().find(|entry| entry.name == name && entry.own);
        if let Some(entry) = elsewhere.filter(|entry| !entry.module.is_empty()) {
            return explanation.label(format!("did you mean `{}`?", entry.path()));
        }
        let own = self.text.map(|(reading, _)| reading.functions()).unwrap_or_default();
        let own = did_you_mean(name, own.iter().map(|(known, ..)| known.as_str()));
        let nearest = self.help.nearest(name, |entry| entry.module.is_empty());
        explanation.suggest(own.or(nearest))
    }

    fn unknown_in_module(&self, module: &str, name: &str) -> Explanation {
        let entries = self.help.entries().iter();
        let mut names: Vec<&str> =
            entries.filter(|entry| entry.module == module).map(|entry| entry.name.as_str()).collect();
        names.dedup();
        let explanation =
            Explanation::new(format!("the module `{module}` has no function `{name}`"), self.at)
                .suggest(did_you_mean(name, names.iter().copied()));
        if names.is_empty() {
            explanation
        } else {
            explanation.notes([format!("it has {}", names.join(", "))])
        }
    }

    fn no_operator(&self) -> Explanation {
        let [left, right] = self.kinds.as_slice() else {
            let kind = self.kinds.first().map_or("", String::as_str);
            return Explanation::new(format!("no `{}` for {}", self.path, article(kind)), self.at);
        };
        let ways = self.help.lookup(self.path).into_iter().filter(|way| {
            way.own
                && way.parameters.iter().any(|parameter| parameter.kind == *left || parameter.kind == *right)
        });
        let headline = format!("no `{}` between {} and {}", self.path, article(left), article(right));
        Explanation::new(headline, self.at).notes(ways.take(LISTED).map(|way| way.signature()))
    }

    fn wrong_closure(&self) -> Explanation {
        let count = match self.kinds.len() {
            0 => "no argument".to_owned(),
            1 => format!("1 argument ({})", self.kinds[0]),
            n => format!("{n} arguments ({})", self.kinds.join(", ")),
        };
        Explanation::new(format!("the closure is called with {count}, it has other parameters"), self.at)
            .label("in this call")
    }
}

/// Whether parameter `index` of `way` takes a value of this type.
fn accepts(way: &Entry, index: usize, kind: &str) -> bool {
    way.parameters.get(index).is_some_and(|parameter| {
        parameter.kind == kind
            || parameter.kind == "any"
            || (parameter.kind == "float" && kind == "int" && way.own)
            || (parameter.kind == "string or array" && matches!(kind, "string" | "array"))
    })
}

/// The types of a call, split at commas outside of brackets.
fn split_types(list: &str) -> Vec<String> {
    let mut depth = 0;
    let parts = list.split(|c: char| {
        depth += i32::from("<([".contains(c)) - i32::from(">)]".contains(c));
        c == ',' && depth == 0
    });
    parts.filter(|part| !part.trim().is_empty()).map(plain_name).collect()
}
