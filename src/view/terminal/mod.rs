//! Pianorolls, differences and small charts as text.
//!
//! A pianoroll in braille is exact: a character has 2 columns and 4 rows of dots, so four bars of 48
//! steps are 96 characters and 84 pitches are 21 lines. Strings only; whoever prints them decides
//! on width and colour.

mod bars;
mod columns;
mod diff;
mod inline;
mod lane;
mod listing;
mod roll;

pub use bars::{bars, sparkline, sparkline_between};
pub use diff::render_diff;
pub use inline::Inline;
pub use listing::listing;
pub use roll::render;

/// What the cells of a pianoroll are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    /// Braille dots, 2 x 4 cells a character.
    #[default]
    Braille,
    /// Half blocks, 1 x 2 cells a character: coarser, and durations are easier to read.
    HalfBlocks,
    /// `o` for an onset and `=` for what is held, 1 cell a character, for terminals and
    /// files that have ASCII only.
    Plain,
}

impl Kind {
    /// Columns and rows of cells in one character.
    fn cells(self) -> (usize, usize) {
        match self {
            Self::Braille => (2, 4),
            Self::HalfBlocks => (1, 2),
            Self::Plain => (1, 1),
        }
    }

    fn bar_line(self) -> char {
        if self == Self::Plain { '|' } else { '│' }
    }

    fn dash(self) -> char {
        if self == Self::Plain { '-' } else { '–' }
    }

    fn dots(self) -> &'static str {
        if self == Self::Plain { "..." } else { "…" }
    }
}

/// How a picture is fitted into a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal, at least 1.
    pub width: usize,
    /// Lines that the picture may have, the first line included.
    pub height: usize,
    /// Whether ANSI colours may be used.
    pub colour: bool,
    /// What cells are drawn with.
    pub kind: Kind,
}

impl Default for Style {
    /// 80 columns, 24 lines, no colour, braille.
    fn default() -> Self {
        Self { width: 80, height: 24, colour: false, kind: Kind::Braille }
    }
}

impl Style {
    /// `text` in a colour of the 256-colour palette, or as it is.
    fn paint(&self, text: &str, ansi: u8) -> String {
        if self.colour { format!("\x1b[38;5;{ansi}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// `text` in bold, or as it is.
    fn bold(&self, text: &str) -> String {
        if self.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// `text` in grey, or as it is.
    fn faint(&self, text: &str) -> String {
        self.paint(text, 244)
    }
}

/// `text` cut to `width` columns, the last one `…` where something was cut off.
fn cut(text: &str, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    if clean.width() <= width {
        return clean;
    }
    let mut left = width.saturating_sub(1);
    let fits = |c: &char| match left.checked_sub(c.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let mut kept: String = clean.chars().take_while(fits).collect();
    if width > 0 {
        kept.push('…');
    }
    kept
}
