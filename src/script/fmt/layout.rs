//! Pieces put into lines: how deep each line stands, and where an empty one stays.

use super::atoms::Atom;
use super::spacing::{Role, blanks, roles};

/// Blanks of one level.
const LEVEL: usize = 4;
/// Statements that may run over several lines before their block begins.
const HEADERS: [&str; 9] = ["for", "fn", "if", "private", "switch", "try", "until", "while", "loop"];
/// Words that go on with the statement whose block has just ended.
const FOLLOWERS: [&str; 2] = ["catch", "else"];

/// What a bracket holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// Statements or arms of a `switch`: what follows a block begins anew.
    Block,
    /// Arguments, items, entries.
    List,
}

/// A bracket that is open, or the text itself.
#[derive(Clone, Debug)]
struct Frame {
    content: Content,
    /// Levels of the line that it was opened on, and so of a line that begins with its end.
    outer: usize,
    /// Levels of lines inside it.
    inner: usize,
    /// The statement or item that has begun and not ended.
    begun: Option<Begun>,
    /// A block of it has just ended, and perhaps the statement with it.
    after_block: bool,
}

/// A statement or item that has begun.
#[derive(Clone, Copy, Debug)]
struct Begun {
    /// Levels of the line that it begins on.
    level: usize,
    /// Its block stands as deep as its first line.
    is_header: bool,
}

impl Frame {
    fn new(content: Content, outer: usize, inner: usize) -> Self {
        Self { content, outer, inner, begun: None, after_block: false }
    }
}

/// The text of the atoms, laid out.
pub(super) fn lay_out(atoms: &[Atom]) -> String {
    let roles = roles(atoms);
    let mut out = String::new();
    let mut layout = Layout { frames: vec![Frame::new(Content::Block, 0, 0)], level: 0 };
    for (at, (atom, role)) in atoms.iter().zip(&roles).enumerate() {
        let begins_line = at == 0 || atom.line_ends > 0;
        if begins_line {
            let ends = if at == 0 { 0 } else { atom.line_ends.min(2) };
            out.extend(std::iter::repeat_n('\n', ends));
            layout.level = layout.level_of(atom.text, *role);
            out.extend(std::iter::repeat_n(' ', layout.level * LEVEL));
        } else {
            let gap = blanks((&atoms[at - 1], roles[at - 1]), (atom, *role));
            out.extend(std::iter::repeat_n(' ', gap));
        }
        out.push_str(if *role == Role::LineComment { atom.text.trim_end() } else { atom.text });
        layout.pass(atom.text, *role);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

struct Layout {
    /// The text, then every bracket that is open. Never empty: the text has been read as a script.
    frames: Vec<Frame>,
    /// Levels of the line that is being written.
    level: usize,
}

impl Layout {
    /// How deep a line stands that begins with this piece.
    fn level_of(&mut self, text: &str, role: Role) -> usize {
        let Some(frame) = self.frames.last_mut() else { return 0 };
        if matches!(role, Role::Close | Role::CloseBrace) {
            return frame.outer;
        }
        frame.settle(text, role);
        match frame.begun {
            None => frame.inner,
            Some(begun) if begun.is_header && text == "{" => begun.level,
            Some(begun) if FOLLOWERS.contains(&text) => begun.level,
            Some(begun) => begun.level + 1,
        }
    }

    /// Takes note of a piece that has been written.
    fn pass(&mut self, text: &str, role: Role) {
        let level = self.level;
        let Some(frame) = self.frames.last_mut() else { return };
        if role.is_comment() {
            return;
        }
        if matches!(role, Role::Close | Role::CloseBrace) {
            let content = frame.content;
            if self.frames.len() > 1 {
                self.frames.pop();
            }
            if let Some(around) = self.frames.last_mut() {
                around.after_block = role == Role::CloseBrace && content == Content::Block;
            }
            return;
        }
        frame.settle(text, role);
        if matches!(text, "," | ";") {
            frame.begun = None;
            return;
        }
        let begun = *frame.begun.get_or_insert(Begun { level, is_header: HEADERS.contains(&text) });
        let content = if text == "{" { Content::Block } else { Content::List };
        // A block hangs on the first line of its statement, however many lines the condition takes.
        let outer = if text == "{" && begun.is_header { begun.level } else { level };
        if matches!(role, Role::Open | Role::OpenBrace) {
            self.frames.push(Frame::new(content, outer, outer + 1));
        }
    }
}

impl Frame {
    /// Decides, at the first piece after a block, whether the statement has ended with it.
    fn settle(&mut self, text: &str, role: Role) {
        if !std::mem::take(&mut self.after_block) || self.content == Content::List {
            return;
        }
        let goes_on = match role {
            Role::Tight | Role::Infix | Role::Hanging | Role::Open => text != "(",
            Role::Keyword => FOLLOWERS.contains(&text),
            _ => false,
        };
        if !goes_on {
            self.begun = None;
        }
    }
}
