//! Where in a text the cursor is: in which call, behind which dot, inside which string.

use std::ops::Range;

use crate::script::scan::{Class, Piece, scan};

/// The text before a cursor, cut into pieces.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) pieces: Vec<Piece>,
    /// The brackets that are open, the innermost last.
    frames: Vec<Frame>,
}

/// An open bracket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The piece that opens it.
    pub(super) open: usize,
    /// Commas so far.
    pub(super) commas: usize,
    /// In a map, the piece that is the key of the value being written.
    key: Option<usize>,
}

/// What stands at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// A comment, or a number: nothing can be told.
    Nothing,
    /// The inside of a string, which begins at this byte.
    Text(usize),
    /// A name behind `module::`.
    InModule(String),
    /// A name behind a dot; the pieces left of it.
    Member(Range<usize>),
    /// A key of the options of a call.
    Key(Call),
    /// A name of its own.
    Name,
}

/// A call that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The function's name.
    pub(super) name: String,
    /// The module before it.
    pub(super) module: Option<String>,
    /// The pieces of the value before its dot.
    pub(super) receiver: Option<Range<usize>>,
    /// How many arguments are complete.
    pub(super) argument: usize,
    /// In a map that is an argument: the key whose value is being written.
    pub(super) key: Option<String>,
    /// In such a map: the piece that opens it.
    pub(super) options: Option<usize>,
}

impl Call {
    /// How many of the parameters stand before the dot.
    pub(super) fn given(&self) -> usize {
        usize::from(self.receiver.is_some())
    }
}

/// Words before a bracket that do not call or index anything.
const NO_CALLS: [&str; 10] =
    ["catch", "else", "if", "in", "let", "return", "switch", "throw", "until", "while"];

impl<'a> Cursor<'a> {
    /// Reads the text before the cursor.
    pub(super) fn new(text: &'a str) -> Self {
        let pieces = scan(text);
        let mut frames: Vec<Frame> = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            match (&text[piece.range.clone()], piece.class) {
                ("(" | "[" | "{" | "#{" | "?[", Class::Sign) => {
                    frames.push(Frame { open: at, commas: 0, key: None })
                }
                (text, Class::Text) if text.ends_with("${") && piece.closed => {
                    frames.push(Frame { open: at, commas: 0, key: None });
                }
                (")" | "]" | "}", Class::Sign) => _ = frames.pop(),
                (",", Class::Sign) => {
                    if let Some(frame) = frames.last_mut() {
                        (frame.commas, frame.key) = (frame.commas + 1, None);
                    }
                }
                (":", Class::Sign) => {
                    if let Some(frame) = frames.last_mut() {
                        frame.key = at.checked_sub(1);
                    }
                }
                _ => {}
            }
        }
        Self { text, pieces, frames }
    }

    /// The text of a piece; nothing beyond the last.
    pub(super) fn word(&self, at: usize) -> &'a str {
        self.pieces.get(at).map_or("", |piece| &self.text[piece.range.clone()])
    }

    /// The text of some pieces, with all between them.
    pub(super) fn words(&self, range: Range<usize>) -> &'a str {
        match (self.pieces.get(range.start), range.end.checked_sub(1).and_then(|last| self.pieces.get(last)))
        {
            (Some(first), Some(last)) if first.range.start < last.range.end => {
                &self.text[first.range.start..last.range.end]
            }
            _ => "",
        }
    }

    /// Where the name begins that the cursor is at the end of.
    pub(super) fn name_start(&self) -> usize {
        match self.pieces.last() {
            Some(piece) if piece.class == Class::Name && piece.range.end == self.text.len() => {
                piece.range.start
            }
            _ => self.text.len(),
        }
    }

    /// What stands at the cursor.
    pub(super) fn spot(&self) -> Spot {
        let Some(last) = self.pieces.last() else { return Spot::Name };
        let touches = last.range.end == self.text.len();
        match last.class {
            Class::Comment
                if !last.closed || (touches && self.word(self.pieces.len() - 1).starts_with("//")) =>
            {
                return Spot::Nothing;
            }
            Class::Text if !last.closed => {
                let quotes = self.text[last.range.clone()].find(['"', '`', '\'']).map_or(0, |at| at + 1);
                let continued = last.range.start > 0 && self.text[..last.range.start].ends_with('}');
                return Spot::Text(last.range.start + if continued { 0 } else { quotes });
            }
            Class::Sign if !last.closed => return Spot::Text(last.range.end),
            Class::Number if touches => return Spot::Nothing,
            _ => {}
        }
        let before = self.pieces.len() - usize::from(self.name_start() < self.text.len());
        let previous = before.checked_sub(1).map_or("", |at| self.word(at));
        match previous {
            "::" if before >= 2 => Spot::InModule(self.word(before - 2).to_owned()),
            "." | "?." => Spot::Member(self.chain(before - 1)),
            "#{" | "," => match self.call() {
                Some(call) if call.options.is_some() && call.key.is_none() && self.is_in_options(&call) => {
                    Spot::Key(call)
                }
                _ => Spot::Name,
            },
            _ => Spot::Name,
        }
    }

    /// Whether the innermost bracket is the one of the call's options.
    fn is_in_options(&self, call: &Call) -> bool {
        self.frames.last().map(|frame| frame.open) == call.options
    }

    /// The innermost call whose arguments the cursor is among; arrays and one map may stand between.
    pub(super) fn call(&self) -> Option<Call> {
        let mut options: Option<Frame> = None;
        for frame in self.frames.iter().rev() {
            match self.word(frame.open) {
                "[" if !self.is_index(frame.open) => {}
                "#{" if options.is_none() => options = Some(*frame),
                "(" => return self.callee(frame, options),
                _ => return None,
            }
        }
        None
    }

    fn callee(&self, frame: &Frame, options: Option<Frame>) -> Option<Call> {
        let at = frame.open.checked_sub(1)?;
        if !self.is_called(at) {
            return None;
        }
        let before = at.checked_sub(1).map_or("", |at| self.word(at));
        let module = (before == "::" && at >= 2).then(|| self.word(at - 2).to_owned());
        let receiver = matches!(before, "." | "?.").then(|| self.chain(at - 1));
        let key = options.and_then(|map| map.key).map(|key| self.word(key).to_owned());
        let (name, argument) = (self.word(at).to_owned(), frame.commas);
        Some(Call { name, module, receiver, argument, key, options: options.map(|map| map.open) })
    }

    /// The value whose index is being written: `song["`.
    pub(super) fn indexed(&self) -> Option<Range<usize>> {
        let frame = self.frames.last()?;
        (self.word(frame.open) == "[" && self.is_index(frame.open)).then(|| self.chain(frame.open))
    }

    fn is_index(&self, open: usize) -> bool {
        open.checked_sub(1).is_some_and(|at| self.is_called(at) || matches!(self.word(at), ")" | "]"))
    }

    /// Whether piece `at` is a name that a bracket behind it calls or indexes.
    fn is_called(&self, at: usize) -> bool {
        self.pieces[at].class == Class::Name && !NO_CALLS.contains(&self.word(at))
    }

    /// The keys that a map already has; `open` is the piece that opens it.
    pub(super) fn keys(&self, open: usize) -> Vec<&'a str> {
        let (mut depth, mut keys) = (0_usize, Vec::new());
        for at in open + 1..self.pieces.len() {
            match self.word(at) {
                "(" | "[" | "{" | "#{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                ":" if depth == 0 => keys.push(self.word(at - 1)),
                _ => {}
            }
        }
        keys
    }

    /// The chain of names, calls and indexes that ends before piece `end`: `a.b(1)[2]`.
    pub(super) fn chain(&self, end: usize) -> Range<usize> {
        let mut at = end;
        while let Some(last) = at.checked_sub(1) {
            match (self.word(last), self.pieces[last].class) {
                (")" | "]" | "}", Class::Sign) => {
                    let Some(open) = self.opener(last) else { break };
                    at = open;
                    if self.is_index(open) && self.word(open) != "{" && self.word(open) != "#{" {
                        continue;
                    }
                }
                (_, Class::Name | Class::Text | Class::Number) => at = last,
                _ => break,
            }
            match at.checked_sub(1).map(|before| self.word(before)) {
                Some("." | "?." | "::") => at -= 1,
                _ => break,
            }
        }
        at..end
    }

    /// The piece that opens what piece `close` closes.
    pub(super) fn opener(&self, close: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in (0..=close).rev() {
            match self.word(at) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" | "#{" => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The piece that closes what piece `open` opens, before `end`.
    pub(super) fn closer(&self, open: usize, end: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in open..end {
            match self.word(at) {
                "(" | "[" | "{" | "#{" => depth += 1,
                ")" | "]" | "}" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(text: &str) -> Spot {
        Cursor::new(text).spot()
    }

    fn left(text: &str) -> String {
        let cursor = Cursor::new(text);
        match cursor.spot() {
            Spot::Member(range) => cursor.words(range).to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_value_before_a_dot_is_found() {
        assert_eq!(left("let x = 1 + song.dr"), "song");
        assert_eq!(left("f(a, g.generate(#{ seed: 7 })[0].ba"), "g.generate(#{ seed: 7 })[0]");
        assert_eq!(
            left("print(music::line(\"bass\", \"C2\").to_song()."),
            "music::line(\"bass\", \"C2\").to_song()"
        );
        assert_eq!(left("if (a + b).le"), "(a + b)");
    }

    #[test]
    fn strings_comments_and_numbers_are_told_apart() {
        assert_eq!(spot("a(\"dr"), Spot::Text(3));
        assert_eq!(spot("`x ${y} z"), Spot::Text(7));
        assert_eq!(spot("`x ${y}"), Spot::Text(7));
        assert_eq!(spot("a // so"), Spot::Nothing);
        assert_eq!(spot("a // so\n"), Spot::Name);
        assert_eq!(spot("1.5"), Spot::Nothing);
        assert_eq!(spot("1..ta"), Spot::Name);
        assert_eq!(spot("theory::no"), Spot::InModule("theory".into()));
    }

    #[test]
    fn options_belong_to_their_call() {
        for text in ["g.generate(#{ se", "g.generate(#{ seed: f(1, 2), te", "g.generate(#{\n    "] {
            match spot(text) {
                Spot::Key(call) => assert_eq!(call.name, "generate", "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!(spot("let a = #{ se"), Spot::Name);
        assert_eq!(spot("g.generate(#{ seed: se"), Spot::Name);
        assert_eq!(spot("f(|x| { a, se"), Spot::Name);
        let cursor = Cursor::new("z.vary(#{ amount: 1, parts: [\"");
        let call = cursor.call().unwrap();
        assert_eq!(
            (call.key.as_deref(), cursor.keys(call.options.unwrap())),
            (Some("parts"), vec!["amount", "parts"])
        );
    }

    #[test]
    fn arguments_are_counted() {
        let call = Cursor::new("interp::line(a, [b, c], d").call().unwrap();
        assert_eq!((call.name.as_str(), call.module.as_deref(), call.argument), ("line", Some("interp"), 2));
        assert!(Cursor::new("f(|x| { ").call().is_none() && Cursor::new("(1 + ").call().is_none());
    }
}
