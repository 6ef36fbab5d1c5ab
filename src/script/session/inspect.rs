//! Help on what stands at a place of a text.

use super::Session;
use super::cursor::{Call, Cursor, Spot};
use super::infer::Inference;

impl Session {
    /// Help on the name at byte `at` of `text`, or else on the call whose arguments `at` is among. With
    /// `source`, the text of a function that scripts can read.
    pub fn inspect(&self, text: &str, at: usize, source: bool) -> Option<String> {
        let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        // Commands and questions are about what follows them.
        let line = &text[line_start..];
        let begin = match line.strip_prefix(':') {
            Some(command) => line.len() - command.trim_start_matches(|c: char| c.is_alphanumeric()).len(),
            None => line.len() - line.trim_start_matches('?').len(),
        };
        let start = if begin > 0 { line_start + begin } else { 0 };
        let name_end = text[at..].find(|c: char| !is_name(c)).map_or(text.len(), |length| at + length);
        let cursor = Cursor::new(text.get(start..name_end)?);
        self.topics(&cursor).into_iter().find_map(|topic| {
            let help = self.explain_exactly(&topic)?;
            let source = source.then(|| self.source_of(&topic).ok()).flatten();
            Some(source.unwrap_or(help))
        })
    }

    /// What somebody at the cursor may want to read about, the nearest first.
    fn topics(&self, cursor: &Cursor) -> Vec<String> {
        let inference = Inference::new(self, cursor);
        let name = &cursor.text[cursor.name_start()..];
        let mut topics = Vec::new();
        if !name.is_empty() {
            match cursor.spot() {
                Spot::InModule(module) => topics.push(format!("{module}::{name}")),
                Spot::Member(left) => {
                    topics.extend(inference.kind(left).map(|kind| format!("{kind}.{name}")));
                    topics.push(name.to_owned());
                }
                Spot::Name | Spot::Key(_) => topics.push(name.to_owned()),
                Spot::Text(_) | Spot::Nothing => {}
            }
        }
        if let Some(Call { name, module, receiver, .. }) = cursor.call() {
            if let Some(kind) = receiver.and_then(|left| inference.kind(left)) {
                topics.push(format!("{kind}.{name}"));
            }
            topics.push(module.map_or(name.clone(), |module| format!("{module}::{name}")));
        }
        topics
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use crate::script::{Context, Host, Session};

    #[test]
    fn what_stands_at_the_cursor_is_explained() {
        let mut session = Session::new(Host::new(Context::default()));
        session.evaluate("let song = music::line(\"bass\", \"C2 G2\").to_song();").unwrap();
        session.evaluate("/// Twice the number.\nfn twice(x) { 2 * x }").unwrap();
        let at = |marked: &str| {
            let at = marked.find('^').unwrap();
            session.inspect(&marked.replace('^', ""), at, false).unwrap_or_default()
        };
        assert!(at("theory::no^te(\"C4\")").starts_with("theory::note("), "{}", at("theory::no^te"));
        assert!(at("let a = song.trans^pose(2);").contains("transpose("));
        assert!(at("song.transpose(^").contains("transpose("));
        assert!(at("let a = 1;\nson^g").starts_with("song is a value of type Multitrack"));
        assert!(at("twi^ce(1)").contains("Twice the number."));
        assert!(at("?inte^rp").starts_with("module interp"), "{}", at("?inte^rp"));
        assert!(at(":help inte^rp").starts_with("module interp"));
        for nothing in ["nowhere^", "\"song^\"", "^", "1 + 2^"] {
            assert_eq!(at(nothing), "", "{nothing}");
        }
        assert!(session.explain(Some("song.bass.transpose")).unwrap().starts_with("Track.transpose("));
        let source = session.inspect("twice", 2, true).unwrap();
        assert!(source.contains("{ 2 * x }"), "{source}");
    }
}
