//! How values are fitted into a terminal, and which of them can be pictures there.

use rhai::Dynamic;

use super::api::{Sheet, Track};
use crate::music::Multitrack;
use crate::view::chart::Chart;
use crate::view::image::{Format, ImageOptions, SheetOptions, roll_png, sheet_png};
use crate::view::terminal::{Inline, Kind, Style};

/// What music is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum View {
    /// Braille dots, every cell.
    #[default]
    Braille,
    /// Half blocks, coarser, with durations that are easier to read.
    Half,
    /// Pictures inside the terminal, for one that has them.
    Image(Inline),
    /// Sentences, for a screen reader: no drawing at all.
    Plain,
}

impl View {
    /// The names of all views.
    pub const NAMES: [&str; 4] = ["braille", "half", "image", "plain"];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Braille => "braille",
            Self::Half => "half",
            Self::Image(_) => "image",
            Self::Plain => "plain",
        }
    }
}

/// How values are fitted into a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns that they may take where they can choose.
    pub width: usize,
    /// Whether terminal colours may be used.
    pub colour: bool,
    /// What music is drawn with.
    pub view: View,
}

impl Default for Look {
    /// 80 columns, no colour, braille.
    fn default() -> Self {
        Self { width: 80, colour: false, view: View::Braille }
    }
}

impl Look {
    /// How text that stands for music is drawn.
    pub(super) fn style(&self) -> Style {
        let kind = match self.view {
            View::Half => Kind::HalfBlocks,
            View::Plain => Kind::Plain,
            View::Braille | View::Image(_) => Kind::Braille,
        };
        Style { width: self.width, colour: self.colour, kind, ..Style::default() }
    }

    /// The same without anything that only a terminal understands.
    pub fn on_paper(&self) -> Self {
        let view = if let View::Image(_) = self.view { View::Braille } else { self.view };
        Self { colour: false, view, ..*self }
    }
}

/// `value` as a picture for the terminal, if it is one that can be drawn.
pub(super) fn picture(value: &Dynamic, protocol: Inline, width: usize) -> Option<String> {
    Some(protocol.picture(&png(value)?, width))
}

/// `value` as a PNG picture, if it is one that can be drawn.
pub(super) fn png(value: &Dynamic) -> Option<Vec<u8>> {
    if let Some(song) = value.read_lock::<Multitrack>() {
        roll_png(&song, &ImageOptions::default()).ok()
    } else if let Some(track) = value.read_lock::<Track>() {
        roll_png(track.piece(), &ImageOptions::default()).ok()
    } else if let Some(chart) = value.read_lock::<Chart>() {
        chart.render(Format::Png).ok()
    } else {
        sheet_picture(&*value.read_lock::<Sheet>()?)
    }
}

fn sheet_picture(sheet: &Sheet) -> Option<Vec<u8>> {
    let songs: Option<Vec<Multitrack>> =
        sheet.cells().iter().map(|cell| cell.clone().try_cast::<Multitrack>()).collect();
    let rows: Vec<Vec<Multitrack>> = songs?.chunks(sheet.columns().max(1)).map(<[_]>::to_vec).collect();
    sheet_png(&rows, &SheetOptions::default()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::show;

    #[test]
    fn music_is_a_picture_where_pictures_are_shown_and_never_on_paper() {
        let look = Look { view: View::Image(Inline::Iterm), ..Look::default() };
        assert_eq!(show(&Dynamic::from(7_i64), &look), "7");
        let host = crate::script::Host::new(crate::script::Context { view: look.view, ..Default::default() });
        let drawn = host.run_text("test", "music::line(\"bass\", \"C2 G2\")", &[]).unwrap();
        let shown = show(&drawn, &look);
        assert!(shown.starts_with("Track bass, 1 bar, 2 notes\n\x1b]1337;File=inline=1;"), "{:.60}", shown);
        assert!(!show(&drawn, &look.on_paper()).contains('\x1b'));
    }
}
