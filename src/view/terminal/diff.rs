//! What differs between two pieces, as a pianoroll in which only that is lit.

use super::columns::Columns;
use super::lane::{Lane, Line};
use super::roll::{Gutter, lay_out};
use super::{Kind, Style};
use crate::music::{Difference, Multitrack, TrackDifference};
use crate::view::facts::count;
use crate::view::palette::Colour;

const ADDED: u8 = 77;
const REMOVED: u8 = 203;
const BOTH: u8 = 221;

/// The tracks and bars that differ, in the bars and steps of `grid`, the longer of the two pieces:
/// added cells in green, removed ones in red, both in one character in yellow; without colours `+`,
/// `-` and `*`. Fitted as [`super::render`] does; no line break at the end.
pub fn render_diff(difference: &Difference, grid: &Multitrack, style: &Style) -> String {
    let changed: Vec<&TrackDifference> =
        difference.tracks.iter().filter(|track| track.counts() != (0, 0)).collect();
    let title = style.bold("Difference");
    let bars = differing_bars(&changed, grid);
    let Some(bars) = bars else { return format!("{title}  none") };
    let sum = |one: fn(&TrackDifference) -> u32| changed.iter().map(|t| one(t) as usize).sum::<usize>();
    let (added, removed) = (sum(|track| track.counts().0), sum(|track| track.counts().1));
    let place = match bars.len() {
        1 => format!("bar {}", bars.end),
        _ => format!("bars {} to {}", bars.start + 1, bars.end),
    };
    let first = format!("{title}  {} added, {removed} removed, {place}", count(added, "cell"));

    let style = &Style { kind: if style.colour { style.kind } else { Kind::Plain }, ..*style };
    let gutter = Gutter::of(changed.iter().map(|track| track.name.as_str()), style);
    let columns = Columns::fit(grid, bars, gutter.rest, style.kind.cells().0);
    let planes: Vec<(Vec<u128>, Vec<u128>)> =
        changed.iter().map(|t| (columns.gather(&t.added), columns.gather(&t.removed))).collect();
    let lanes = changed.iter().map(|track| {
        let either: Vec<u128> = track.added.iter().zip(&track.removed).map(|(a, r)| a | r).collect();
        let plain = Colour { rgb: (0, 0, 0), ansi: 250 };
        (track.name.as_str(), plain, Lane::new(&either, &[], &columns, style.kind, false))
    });
    lay_out(first, lanes.collect(), &columns, &gutter, style, |at, _, line| {
        cells(line, &planes[at], &columns, style)
    })
}

/// The first to the last bar that differ, counted from 0.
fn differing_bars(changed: &[&TrackDifference], grid: &Multitrack) -> Option<std::ops::Range<usize>> {
    let lines = grid.bar_lines();
    let differs = |step: &usize| {
        changed.iter().any(|track| {
            let at = |plane: &[u128]| plane.get(*step).is_some_and(|set| *set != 0);
            at(&track.added) || at(&track.removed)
        })
    };
    let steps = lines.last().copied().unwrap_or(0);
    let first = (0..steps).find(differs)?;
    let last = (0..steps).rev().find(differs)?;
    let bar = |step: usize| lines.partition_point(|line| *line <= step);
    Some(bar(first) - 1..bar(last))
}

fn cells(line: &Line, planes: &(Vec<u128>, Vec<u128>), columns: &Columns, style: &Style) -> String {
    let across = style.kind.cells().0;
    let mut text = String::new();
    let mut start = 0;
    for bar in &columns.bars {
        let end = start + bar.len();
        let marks: Vec<(char, u8)> =
            (start..end).step_by(across).map(|column| mark(line, planes, (column, end), style)).collect();
        for run in marks.chunk_by(|a, b| a.1 == b.1) {
            let run_text: String = run.iter().map(|(mark, _)| mark).collect();
            let blank = run_text.trim().is_empty();
            text.push_str(&if blank { run_text } else { style.paint(&run_text, run[0].1) });
        }
        text.push_str(&style.faint(&style.kind.bar_line().to_string()));
        start = end;
    }
    text
}

/// The character at a column of a bar that ends at `end`, and its colour; 0 for a blank.
fn mark(
    line: &Line,
    planes: &(Vec<u128>, Vec<u128>),
    (column, end): (usize, usize),
    style: &Style,
) -> (char, u8) {
    let touched = |plane: &[u128]| line.touches(plane, column, end);
    let (mark, colour) = match (touched(&planes.0), touched(&planes.1)) {
        (true, true) => ('*', BOTH),
        (true, false) => ('+', ADDED),
        (false, true) => ('-', REMOVED),
        (false, false) => return (' ', 0),
    };
    (if style.colour { line.character(column, end) } else { mark }, colour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch, Resolution, Track};

    fn piece(pitch: i64) -> Multitrack {
        let note =
            |start, pitch| Note { start, pitch: Pitch::new(pitch).unwrap(), end: start + 1, velocity: 90 };
        let roll = Pianoroll::from_notes(8, &[note(0, 60), note(5, pitch)]);
        let bass = Pianoroll::from_notes(8, &[note(2, 36)]);
        let tracks = vec![Track::of_family(Family::Piano, roll), Track::of_family(Family::Bass, bass)];
        Multitrack::new(tracks, Resolution::new(1).unwrap())
    }

    #[test]
    fn only_the_bars_and_tracks_that_differ_are_shown() {
        let (before, after) = (piece(62), piece(61));
        let expected = "\
Difference  1 cell added, 1 removed, bar 2
   D4 |   ---      |
  C#4 |   +++      |";
        let style = Style { width: 20, ..Style::default() };
        assert_eq!(render_diff(&before.diff(&after), &before, &style), expected);
    }

    #[test]
    fn colours_tell_added_from_removed() {
        let (before, after) = (piece(62), piece(61));
        let text = render_diff(&before.diff(&after), &before, &Style { colour: true, ..Style::default() });
        assert!(text.contains("\x1b[38;5;221m⣤⣤⣤⣤⣤⣤\x1b[0m"), "both in one row: {text:?}");
        let text =
            render_diff(&before.diff(&piece(70)), &before, &Style { colour: true, ..Style::default() });
        assert!(text.contains("\x1b[38;5;77m") && text.contains("\x1b[38;5;203m"), "{text:?}");
    }

    #[test]
    fn equal_pieces_have_no_difference() {
        let song = piece(62);
        assert_eq!(render_diff(&song.diff(&song), &song, &Style::default()), "Difference  none");
    }
}
