//! What part each piece plays in its line, and whether a blank belongs before it.

use super::atoms::Atom;
use crate::script::scan::Class;

/// The part that a piece plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A name, or a word of the language that stands for a value.
    Name,
    /// A number or a string.
    Literal,
    /// A word of the language after which something begins.
    Keyword,
    /// `(`, `[`, `?[`.
    Open,
    /// `{`, `#{`.
    OpenBrace,
    /// `)`, `]`.
    Close,
    /// `}`.
    CloseBrace,
    /// A sign before its only operand.
    Prefix,
    /// A sign between two operands.
    Infix,
    /// A sign that holds what is left and right of it together: `.`, `::`, `..`.
    Tight,
    /// `,`, `;`, `:`, which hang on what comes before them.
    Hanging,
    /// The `|` before the parameters of a closure.
    OpenBar,
    /// The `|` after them, or the `||` of a closure that has none.
    CloseBar,
    /// The `!` of a call that lends its variables: `f!(…)`.
    Lending,
    /// A comment up to the end of the line.
    LineComment,
    /// A comment between `/*` and `*/`.
    BlockComment,
}

/// What may stand between two pieces of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    None,
    One,
    /// One blank where there were any.
    Kept,
}

/// Words after which an operand or a statement begins.
const KEYWORDS: [&str; 23] = [
    "as", "break", "catch", "const", "continue", "do", "else", "export", "fn", "for", "if", "import", "in",
    "let", "loop", "private", "return", "switch", "throw", "try", "until", "while", "case",
];

/// The part of each atom.
pub(super) fn roles(atoms: &[Atom]) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::with_capacity(atoms.len());
    // Whether an operand may begin here, and whether the parameters of a closure are open.
    let (mut begins, mut in_bars) = (true, false);
    for (at, atom) in atoms.iter().enumerate() {
        let before = roles.iter().rev().find(|role| !role.is_comment()).copied();
        let next = atoms.get(at + 1).map_or("", |next| next.text);
        // After a block a new line mostly begins a new statement.
        let begins_here = begins || (before == Some(Role::CloseBrace) && atom.line_ends > 0);
        let role = match (atom.class, atom.text) {
            (Class::Comment, text) if text.starts_with("//") => Role::LineComment,
            (Class::Comment, _) => Role::BlockComment,
            (Class::Text | Class::Number, _) => Role::Literal,
            (Class::Name, word) if KEYWORDS.contains(&word) && before != Some(Role::Tight) => Role::Keyword,
            (Class::Name, _) => Role::Name,
            (Class::Sign, "(" | "[" | "?[") => Role::Open,
            (Class::Sign, "{" | "#{") => Role::OpenBrace,
            (Class::Sign, ")" | "]") => Role::Close,
            (Class::Sign, "}") => Role::CloseBrace,
            (Class::Sign, "," | ";" | ":") => Role::Hanging,
            (Class::Sign, "." | "?." | "::" | ".." | "..=") => Role::Tight,
            (Class::Sign, "|") if in_bars => Role::CloseBar,
            (Class::Sign, "|") if begins_here => Role::OpenBar,
            (Class::Sign, "||") if begins_here => Role::CloseBar,
            (Class::Sign, "!") if !begins && next == "(" => Role::Lending,
            (Class::Sign, "!") => Role::Prefix,
            (Class::Sign, "-" | "+") if begins_here => Role::Prefix,
            (Class::Sign, _) => Role::Infix,
        };
        in_bars = matches!((role, in_bars), (Role::OpenBar, _) | (Role::Name | Role::Hanging, true));
        if !role.is_comment() {
            let ends =
                [Role::Name, Role::Literal, Role::Close, Role::CloseBrace, Role::Lending].contains(&role);
            begins = !ends;
        }
        roles.push(role);
    }
    roles
}

/// How many blanks stand between a piece and the next one on its line.
pub(super) fn blanks((before, left): (&Atom, Role), (atom, right): (&Atom, Role)) -> usize {
    if right == Role::LineComment {
        // A column of comments stays one.
        return atom.blanks.max(1);
    }
    match gap((before.text, left), (atom.text, right), atom.class) {
        Gap::None => 0,
        Gap::One => 1,
        Gap::Kept => atom.blanks.min(1),
    }
}

fn gap((before, left): (&str, Role), (text, right): (&str, Role), class: Class) -> Gap {
    match (left, right) {
        (Role::BlockComment, _) | (_, Role::BlockComment) => Gap::Kept,
        (Role::OpenBrace, Role::CloseBrace) => Gap::None,
        (_, Role::Hanging | Role::Close) | (Role::Open, _) => Gap::None,
        (Role::OpenBrace, _) | (_, Role::CloseBrace) => Gap::One,
        (Role::Tight, _) | (_, Role::Tight) => Gap::None,
        (Role::OpenBar, Role::CloseBar) => Gap::Kept,
        (Role::OpenBar, _) => Gap::None,
        (Role::CloseBar, _) => Gap::One,
        (_, Role::CloseBar) if text == "|" => Gap::None,
        // `- 1` and `-1` are not the same tokens.
        (Role::Prefix, Role::Prefix | Role::Infix) => Gap::Kept,
        (Role::Prefix, _) if class == Class::Number => Gap::Kept,
        (Role::Prefix, _) | (Role::Lending, _) | (_, Role::Lending) => Gap::None,
        (Role::Name | Role::Close, Role::Open) => Gap::None,
        (Role::Literal, Role::Open) if text != "(" => Gap::None,
        (Role::CloseBrace, Role::Open) if text != "(" => Gap::Kept,
        (Role::Infix, Role::Infix) if before != "=>" => Gap::Kept,
        _ => Gap::One,
    }
}

impl Role {
    pub(super) fn is_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::BlockComment)
    }
}
