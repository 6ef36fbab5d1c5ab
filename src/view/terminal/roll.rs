//! A multitrack as a pianoroll of text.

use unicode_width::UnicodeWidthStr;

use super::columns::Columns;
use super::lane::{Lane, Line};
use super::{Style, cut};
use crate::music::{Multitrack, Pitch};
use crate::view::facts::{count, facts};
use crate::view::palette::{Colour, track_colours};

/// A piece as text, without a line break at the end: first what it is, then one lane per track,
/// cropped to the pitches that it plays, in lines of [`Style::width`] columns and no more than
/// [`Style::height`] of them. A last line says what is left out.
///
/// Where the width does not hold a phrase, several steps share a column; where it does not hold the
/// piece, the first bars are shown; where the height does not hold the pitches, neighbours share a
/// row. Of drums only the hits are shown.
pub fn render(song: &Multitrack, style: &Style) -> String {
    let mut title = facts(song);
    if let Some(name) = song.name() {
        title.insert(0, format!("\"{}\"", cut(name, 40)));
    }
    let first = first_line(title, style);
    let gutter = Gutter::of(song.track_names().iter().map(String::as_str), style);
    let columns = Columns::fit(song, 0..song.bar_count(), gutter.rest, style.kind.cells().0);
    let lanes = song.tracks().iter().map(|track| {
        let hits = track.is_drum;
        Lane::new(track.roll.sounding(), track.roll.onset(), &columns, style.kind, hits)
    });
    let names = song.track_names();
    let colours = track_colours(song.tracks());
    let lanes: Vec<_> = lanes.zip(&names).zip(colours).map(|((l, n), c)| (n.as_str(), c, l)).collect();
    lay_out(first, lanes, &columns, &gutter, style, |_, colour, line| cells(line, &columns, colour, style))
}

/// What the piece is; where that is too long for a line, the model goes without its hash.
fn first_line(mut title: Vec<String>, style: &Style) -> String {
    const KIND: &str = "Multitrack";
    let length = KIND.len() + title.iter().map(|fact| fact.chars().count() + 2).sum::<usize>();
    if let Some(model) = title.last_mut().filter(|last| length > style.width && last.starts_with("model "))
        && let Some((name, _hash)) = model.rsplit_once(' ').filter(|(name, _)| *name != "model")
    {
        *model = name.to_owned();
    }
    format!("{}  {}", style.bold(KIND), title.join(", "))
}

/// The picture of some lanes under a first line; `draw` makes the cells of one line of a lane.
pub fn lay_out(
    first: String,
    mut lanes: Vec<(&str, Colour, Lane)>,
    columns: &Columns,
    gutter: &Gutter,
    style: &Style,
    draw: impl Fn(usize, Colour, &Line) -> String,
) -> String {
    let room = style.height.saturating_sub(1);
    let crowded =
        |lanes: &[(&str, Colour, Lane)]| lanes.iter().map(|(_, _, l)| l.height()).sum::<usize>() > room;
    let mut silent = 0;
    if crowded(&lanes) && lanes.iter().any(|(_, _, lane)| !lane.is_silent()) {
        silent = lanes.len();
        lanes.retain(|(_, _, lane)| !lane.is_silent());
        silent -= lanes.len();
    }
    let footer = columns.hidden() > 0 || columns.cut || silent > 0 || lanes.len() > room;
    let room = room.saturating_sub(usize::from(footer)).max(1);
    let left_out = lanes.len().saturating_sub(room);
    lanes.truncate(room);
    squeeze(&mut lanes, room);
    let mut text = first;
    for (at, (name, colour, lane)) in lanes.iter().enumerate() {
        for (index, line) in lane.lines().enumerate() {
            let name = if index == 0 { name } else { "" };
            text.push('\n');
            text.push_str(&gutter.label(name, Some(line.top()), *colour, style));
            text.push_str(&draw(at, *colour, &line));
        }
        if lane.is_silent() {
            text.push('\n');
            text.push_str(&gutter.label(name, None, *colour, style));
            text.push_str(&silence(columns, style));
        }
    }
    if let Some(rest) = rest(columns, (left_out, silent), style) {
        text.push('\n');
        text.push_str(&style.faint(&rest));
    }
    text
}

/// Merges pitches, most in the tallest lane, until all lanes have `room`.
fn squeeze(lanes: &mut [(&str, Colour, Lane)], room: usize) {
    while lanes.iter().map(|(_, _, lane)| lane.height()).sum::<usize>() > room {
        match lanes.iter_mut().map(|(_, _, lane)| lane).max_by_key(|lane| lane.height()) {
            Some(tallest) if tallest.height() > 1 => tallest.squeeze(),
            _ => return,
        }
    }
}

fn cells(line: &Line, columns: &Columns, colour: Colour, style: &Style) -> String {
    let across = style.kind.cells().0;
    let bar_line = style.faint(&style.kind.bar_line().to_string());
    let mut text = String::new();
    let mut start = 0;
    for bar in &columns.bars {
        let end = start + bar.len();
        let bar: String = (start..end).step_by(across).map(|column| line.character(column, end)).collect();
        text.push_str(&style.paint(&bar, colour.ansi));
        text.push_str(&bar_line);
        start = end;
    }
    text
}

fn silence(columns: &Columns, style: &Style) -> String {
    let across = style.kind.cells().0;
    let line = style.kind.bar_line();
    let bars = columns.bars.iter().map(|bar| format!("{}{line}", " ".repeat(bar.len().div_ceil(across))));
    style.faint(&bars.collect::<String>())
}

/// What is left out, in words.
fn rest(columns: &Columns, (tracks, silent): (usize, usize), style: &Style) -> Option<String> {
    let first = columns.asked.start + columns.bars.len() + 1;
    let last = columns.asked.end;
    let bars = match columns.hidden() {
        0 => None,
        1 => Some(format!("bar {last} is not shown")),
        _ => Some(format!("bars {first} to {last} are not shown")),
    };
    let bars = match (columns.cut, bars) {
        (false, bars) => bars,
        (true, None) => Some("the end of the bar is not shown".to_owned()),
        (true, Some(bars)) => Some(format!("the end of bar {} and {bars}", first - 1)),
    };
    let tracks = (tracks > 0).then(|| format!("{} not shown", count(tracks, "more track")));
    let silent = (silent > 0).then(|| match silent {
        1 => "1 track is silent here".to_owned(),
        many => format!("{many} tracks are silent here"),
    });
    let parts: Vec<String> = bars.into_iter().chain(tracks).chain(silent).collect();
    (!parts.is_empty()).then(|| format!("  {} {}", style.kind.dots(), parts.join("; ")))
}

/// The labels at the left: a track's name and the highest pitch of each line.
pub struct Gutter {
    /// Columns for names, and 0 where there is no room for them.
    names: usize,
    pitches: bool,
    /// Columns that are left for cells.
    pub rest: usize,
}

impl Gutter {
    const PITCH: usize = 4;
    const LONGEST_NAME: usize = 14;
    /// Columns that cells need beside labels.
    const CELLS: usize = 10;

    /// Room for these names, as far as the width allows.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>, style: &Style) -> Self {
        let longest = names.map(|name| cut(name, Self::LONGEST_NAME).width()).max().unwrap_or(0);
        let widths = [(longest, true), (0, true), (0, false)];
        let fits =
            |&(names, pitches): &(usize, bool)| Self::width(names, pitches) + Self::CELLS <= style.width;
        let (names, pitches) = widths.into_iter().find(fits).unwrap_or((0, false));
        Self { names, pitches, rest: style.width.saturating_sub(Self::width(names, pitches)) }
    }

    fn width(names: usize, pitches: bool) -> usize {
        // Two columns before a name, one before a pitch, one before the first line, the line.
        let names = if names > 0 { names + 2 } else { 0 };
        names + if pitches { 1 + Self::PITCH + 1 } else { 0 } + 1
    }

    fn label(&self, name: &str, pitch: Option<u8>, colour: Colour, style: &Style) -> String {
        let mut text = String::new();
        if self.names > 0 {
            let name = cut(name, self.names);
            let padding = " ".repeat(self.names.saturating_sub(name.width()));
            text.push_str("  ");
            text.push_str(&if name.is_empty() { name } else { style.paint(&name, colour.ansi) });
            text.push_str(&padding);
        }
        let line = style.kind.bar_line();
        let pitch = pitch.and_then(|number| Pitch::new(i64::from(number)).ok());
        let pitch = pitch.map_or_else(|| style.kind.dash().to_string(), |pitch| pitch.to_string());
        let rule = if self.pitches {
            format!(" {pitch:>width$} {line}", width = Self::PITCH)
        } else {
            line.to_string()
        };
        text.push_str(&style.faint(&rule));
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::music::{Family, Meter, Note, Origin, Pianoroll, Resolution, Tempo, Track};
    use crate::view::terminal::Kind;

    fn note(start: usize, pitch: i64, end: usize) -> Note {
        Note { start, pitch: Pitch::new(pitch).unwrap(), end, velocity: 100 }
    }

    fn track(family: Family, steps: usize, notes: &[Note]) -> Track {
        Track::of_family(family, Pianoroll::from_notes(steps, notes))
    }

    /// Two bars: a kick and a snare, two repeated notes and one held across the bar line.
    fn small() -> Multitrack {
        let drums = [note(0, 36, 2), note(4, 38, 5), note(8, 36, 9)];
        let piano = [note(0, 60, 4), note(4, 60, 8), note(6, 67, 12)];
        let tracks = vec![
            track(Family::Drums, 16, &drums),
            track(Family::Piano, 16, &piano),
            track(Family::Guitar, 16, &[]),
        ];
        let origin = Origin { model: "hybrid".into(), seed: Some(7), latent: String::new() };
        Multitrack::new(tracks, Resolution::new(2).unwrap())
            .with_tempo(Tempo::new(100.0).unwrap())
            .with_origin(Some(origin))
    }

    fn style(width: usize, kind: Kind) -> Style {
        Style { width, kind, ..Style::default() }
    }

    #[test]
    fn braille_keeps_repeated_notes_apart_and_shows_hits_of_drums() {
        // 26 columns leave 11 for cells: two bars at the music's own 2 steps a beat.
        assert_eq!(render(&small(), &style(26, Kind::Braille)), BRAILLE);
    }

    const BRAILLE: &str = "\
Multitrack  2 bars, 4/4, 100 bpm, 2 steps/beat, seed 7, model hybrid
  drums   D#2 │⡀ ⠂ │⡀   │
  piano    G4 │   ⠉│⠉⠉  │
          D#4 │⣀⡀⣀⣀│    │
  guitar    – │    │    │";

    #[test]
    fn half_blocks_and_plain_text_show_the_same_cells() {
        assert_eq!(render(&small(), &style(34, Kind::HalfBlocks)), HALF_BLOCKS);
        assert_eq!(render(&small(), &style(34, Kind::Plain)), PLAIN);
    }

    const HALF_BLOCKS: &str = "\
Multitrack  2 bars, 4/4, 100 bpm, 2 steps/beat, seed 7, model hybrid
  drums   D#2 │    ▄   │        │
          C#2 │▄       │▄       │
  piano    G4 │      ▀▀│▀▀▀▀    │
          C#4 │▄▄▄ ▄▄▄▄│        │
  guitar    – │        │        │";
    const PLAIN: &str = "\
Multitrack  2 bars, 4/4, 100 bpm, 2 steps/beat, seed 7, model hybrid
  drums    D2 |    o   |        |
           C2 |o       |o       |
  piano    G4 |      o=|====    |
           C4 |o===o===|        |
  guitar    - |        |        |";

    #[test]
    fn a_model_keeps_its_hash_where_the_line_has_room_for_it() {
        let title = || ["4 bars", "seed 7", "model hybrid 6f2d71c4fc0e"].map(str::to_owned).to_vec();
        let line = |width| first_line(title(), &style(width, Kind::Plain));
        assert_eq!(line(53), "Multitrack  4 bars, seed 7, model hybrid 6f2d71c4fc0e");
        assert_eq!(line(52), "Multitrack  4 bars, seed 7, model hybrid");
    }

    #[test]
    fn colours_are_used_only_when_asked_for() {
        let plain = render(&small(), &style(60, Kind::Braille));
        let coloured = render(&small(), &Style { colour: true, ..style(60, Kind::Braille) });
        assert!(!plain.contains('\x1b'));
        assert!(coloured.contains("\x1b[38;5;203mdrums"), "{coloured}");
        let stripped = coloured.split("\x1b[").map(|part| match part.split_once('m') {
            Some((code, rest)) if code.bytes().all(|b| b.is_ascii_digit() || b == b';') => rest,
            _ => part,
        });
        assert_eq!(stripped.collect::<String>(), plain);
    }

    #[test]
    fn a_long_piece_says_what_is_not_shown() {
        let song = Multitrack::new(vec![track(Family::Bass, 96 * 48, &[note(0, 40, 9)])], Resolution::MODEL);
        let text = render(&song, &Style::default());
        assert!(text.starts_with("Multitrack  96 bars, 4/4, 120 bpm, 12 steps/beat\n"), "{text}");
        assert!(text.ends_with("… bars 6 to 96 are not shown"), "{text}");
    }

    #[test]
    fn many_pitches_share_rows_so_that_the_picture_stays_low() {
        let ladder: Vec<Note> = (0..84).map(|n| note(n, 24 + n as i64, n + 2)).collect();
        let tracks = Family::ALL.map(|family| track(family, 96, &ladder)).to_vec();
        let song = Multitrack::new(tracks, Resolution::MODEL);
        for height in [6, 10, 24, 60] {
            let text = render(&song, &Style { height, ..Style::default() });
            assert!(text.lines().count() <= height && text.lines().count() + 5 > height.min(60), "{text}");
        }
        let text = render(&song, &Style { height: 4, ..Style::default() });
        assert!(text.ends_with("3 more tracks not shown"), "{text}");
    }

    #[test]
    fn silent_tracks_make_room_for_others_when_there_is_little() {
        let loud = track(Family::Piano, 48, &[note(0, 40, 9), note(0, 90, 9)]);
        let song = Multitrack::new(
            [vec![track(Family::Guitar, 48, &[]); 5], vec![loud]].concat(),
            Resolution::MODEL,
        );
        assert_eq!(render(&song, &Style::default()).matches('–').count(), 5);
        let text = render(&song, &Style { height: 5, ..Style::default() });
        assert!(text.ends_with("… 5 tracks are silent here") && text.lines().count() == 4, "{text}");
    }

    fn any_song() -> impl Strategy<Value = Multitrack> {
        let notes = prop::collection::vec((0..200usize, 0..128i64, 1..60usize), 0..20);
        let tracks = prop::collection::vec(("\\PC{0,20}", any::<bool>(), notes), 0..7);
        (tracks, 0..200usize, 1..30i64, 1..=255u8, 0..=6u32).prop_map(|(tracks, steps, resolution, n, d)| {
            let build = |(name, is_drum, notes): (String, bool, Vec<(usize, i64, usize)>)| {
                let notes: Vec<Note> = notes.into_iter().map(|(s, p, l)| note(s, p, s + l)).collect();
                let track = track(Family::Piano, steps, &notes);
                Track { name: name.as_str().into(), is_drum, ..track }
            };
            let tracks = tracks.into_iter().map(build).collect();
            Multitrack::new(tracks, Resolution::new(resolution).unwrap())
                .with_meters(vec![(0, Meter::new(n, 1 << d).unwrap()), (steps / 2, Meter::COMMON)])
        })
    }

    proptest! {
        #[test]
        fn any_piece_fits_any_terminal(song in any_song(), width in 1..200usize, height in 1..40usize, kind in 0..3usize, colour: bool) {
            let kind = [Kind::Braille, Kind::HalfBlocks, Kind::Plain][kind];
            let text = render(&song, &Style { width, height, colour: false, kind });
            prop_assert!(text.lines().count() <= height.max(3));
            for line in text.lines().skip(1).filter(|line| !line.starts_with("  …") && !line.starts_with("  ...")) {
                prop_assert!(line.width() <= width.max(3), "{}", text);
            }
            let _ = render(&song, &Style { width, height, colour, kind });
        }
    }
}
