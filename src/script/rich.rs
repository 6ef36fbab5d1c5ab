//! What a value is to a front end that shows more than text: a notebook.

use rhai::{Array, Dynamic};

use super::api::Track;
use super::look::{Look, png};
use super::show;
use crate::data::Dataset;
use crate::experiment::Table;
use crate::music::Multitrack;
use crate::view::image::{SheetOptions, sheet_png};

/// Pieces of an array that are drawn in one square picture; of a longer one only the text is shown.
const SIDE_BY_SIDE: usize = 16;

/// A value in all the ways in which it can be shown.
#[derive(Clone, Debug, Default)]
pub struct Rich {
    /// As text, without terminal colours.
    pub text: String,
    /// As a PNG picture.
    pub picture: Option<Vec<u8>>,
    /// As a table.
    pub table: Option<Table>,
    /// As something to listen to.
    pub music: Option<Multitrack>,
}

impl Rich {
    /// All the ways to show `value`, its text fitted as `look` says.
    pub(super) fn of(value: &Dynamic, look: &Look) -> Self {
        let phrase = value.read_lock::<Dataset>().filter(|set| set.len() == 1);
        let phrase = phrase.and_then(|set| set.phrase(0).ok()).map(Dynamic::from);
        let drawn = phrase.as_ref().unwrap_or(value);
        Self {
            text: show(value, &look.on_paper()),
            picture: png(drawn).or_else(|| several(value)),
            table: value.read_lock::<Table>().map(|table| table.clone()),
            music: music(drawn),
        }
    }
}

fn music(value: &Dynamic) -> Option<Multitrack> {
    if let Some(track) = value.read_lock::<Track>() {
        return Some(track.piece().clone());
    }
    value.read_lock::<Multitrack>().map(|song| song.clone())
}

/// An array of pieces as one picture.
fn several(value: &Dynamic) -> Option<Vec<u8>> {
    let items = value.read_lock::<Array>().filter(|items| (1..=SIDE_BY_SIDE).contains(&items.len()))?;
    let pieces: Option<Vec<Multitrack>> =
        items.iter().map(|item| item.read_lock::<Multitrack>().map(|piece| piece.clone())).collect();
    let in_a_row = (1..).find(|side| side * side >= items.len()).unwrap_or(1);
    let rows: Vec<Vec<Multitrack>> = pieces?.chunks(in_a_row).map(<[_]>::to_vec).collect();
    sheet_png(&rows, &SheetOptions::default()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Context, Host};

    fn rich(code: &str) -> Rich {
        let host = Host::new(Context::default());
        Rich::of(&host.run_text("test", code, &[]).unwrap(), &Look { colour: true, ..Look::default() })
    }

    fn is_png(picture: &Option<Vec<u8>>) -> bool {
        picture.as_ref().is_some_and(|png| png.starts_with(b"\x89PNG"))
    }

    #[test]
    fn music_is_seen_and_heard() {
        for code in ["music::line(\"bass\", \"C2 G2\")", "music::line(\"bass\", \"C2 G2\").to_song()"] {
            let rich = rich(code);
            assert!(is_png(&rich.picture) && rich.music.is_some() && rich.table.is_none(), "{code}");
            assert!(!rich.text.contains('\x1b') && rich.text.contains("bass"), "{}", rich.text);
        }
    }

    #[test]
    fn pieces_in_an_array_are_seen_side_by_side() {
        let rich = rich("let a = music::line(\"bass\", \"C2\").to_song(); [a, a.transpose(5)]");
        assert!(is_png(&rich.picture) && rich.music.is_none());
    }

    #[test]
    fn tables_are_tables_and_numbers_are_text() {
        let rich_table = rich("let t = table(); t.add(#{ seed: 1 }); t");
        assert_eq!(rich_table.table.map(|table| table.len()), Some(1));
        let number = rich("6 * 7");
        assert_eq!((number.text.as_str(), number.picture, number.table.is_none()), ("42", None, true));
    }
}
