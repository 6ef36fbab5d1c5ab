//! The line that tells, while somebody types, what the call at the cursor takes.

use super::Session;
use super::cursor::{Call, Cursor};
use super::infer::Inference;
use crate::script::{Entry, Parameter, option_keys};

/// Ways to call that a hint shows at most.
const WAYS: usize = 2;

impl Session {
    /// What the call at the end of `text` takes: its parameters, or its options inside of their map.
    pub fn hint(&self, text: &str) -> Option<String> {
        let code = text.strip_prefix(":time ").or_else(|| text.strip_prefix(":play ")).unwrap_or(text);
        if code.starts_with([':', '?']) {
            return None;
        }
        let cursor = Cursor::new(code);
        let call = cursor.call()?;
        let inference = Inference::new(self, &cursor);
        let ways = self.ways(&inference, &call);
        if let Some(open) = call.options {
            let given = cursor.keys(open);
            let mut keys: Vec<&str> = Vec::new();
            for key in ways.iter().flat_map(|way| option_keys(&way.full_name())) {
                if !given.contains(&key.name) && !keys.contains(&key.name) {
                    keys.push(key.name);
                }
            }
            return (!keys.is_empty()).then(|| format!("options: {}", keys.join(", ")));
        }
        let own = self.functions();
        let own = own
            .iter()
            .filter(|(name, _)| call.receiver.is_none() && call.module.is_none() && *name == call.name);
        let mut shown: Vec<String> = own.map(|(name, with)| format!("{name}({})", with.join(", "))).collect();
        if shown.is_empty() {
            shown = fitting(&ways, &call).into_iter().map(|way| signature(way, call.given())).collect();
            shown.dedup();
        }
        let more = shown.len().saturating_sub(WAYS);
        shown.truncate(WAYS);
        let more = if more > 0 { format!("  and {more} more") } else { String::new() };
        (!shown.is_empty()).then(|| format!("{}{more}", shown.join("  or  ")))
    }
}

/// The ways that have a parameter left for the argument being written, or else all.
fn fitting<'a>(ways: &[&'a Entry], call: &Call) -> Vec<&'a Entry> {
    let has_room = |way: &&&Entry| way.parameters.len() > call.argument + call.given();
    let fitting: Vec<&Entry> = ways.iter().filter(has_room).copied().collect();
    if fitting.is_empty() { ways.to_vec() } else { fitting }
}

/// `name(a: kind, b: kind) -> kind`, without the receiver.
fn signature(way: &Entry, given: usize) -> String {
    let shown = |parameter: &Parameter| match (parameter.name.as_str(), parameter.kind.as_str()) {
        ("", kind) => kind.to_owned(),
        (name, "any") => name.to_owned(),
        ("options", "map") => "options".to_owned(),
        (name, kind) => format!("{name}: {kind}"),
    };
    let parameters: Vec<String> = way.parameters.iter().skip(given).map(shown).collect();
    let call = format!("{}({})", way.name, parameters.join(", "));
    if way.returns == "()" || way.returns == "any" { call } else { format!("{call} -> {}", way.returns) }
}

#[cfg(test)]
mod tests {
    use crate::script::{Context, Host, Session};

    #[test]
    fn the_call_at_the_cursor_is_explained() {
        let mut session = Session::new(Host::new(Context::default()));
        session.evaluate("fn thicker(song, by) { song }").unwrap();
        session.evaluate("let z = latent::normal(#{ size: 4 });").unwrap();
        let hint = |text: &str| session.hint(text).unwrap_or_default();
        assert_eq!(hint("theory::note("), "note(name: string) -> int");
        assert_eq!(hint("1 + theory::note(\"C"), "note(name: string) -> int");
        assert_eq!(hint("thicker(z, "), "thicker(song, by)");
        assert_eq!(hint("z.redraw([\"z\"], "), "redraw(parts: string or array, options) -> Latent");
        assert_eq!(hint("z.vary(#{ amount: 1, "), "options: parts, seed");
        assert_eq!(hint(":time z.part("), "part(path: string) -> array");
        assert_eq!([hint("z.norm()"), hint("(1 + "), hint("nothing("), hint(":vars")], [""; 4]);
    }
}
