//! One piece as a pianoroll: a lane per track, lines of bars below one another when it is long.

use std::ops::Range;
use std::path::Path;

use plotters::backend::DrawingBackend;

use super::lanes::{Lane, Rows};
use super::page::{Format, Lettering, Page, Picture, Rgb, fitted, render, save};
use crate::base::Stamp;
use crate::music::{Multitrack, Note};
use crate::view::ViewError;
use crate::view::facts::facts;
use crate::view::palette::{shade, tint};

/// How a pianoroll is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageOptions {
    /// Width of the picture in pixels, about; 500..=6000.
    pub width: u32,
    /// What stands above it; the piece's name, or its model's, when not given.
    pub title: Option<String>,
    /// Bars in a line; chosen by the length when not given.
    pub bars_per_line: Option<usize>,
    /// What makes the file, to be said in it.
    pub stamp: Option<Stamp>,
}

impl Default for ImageOptions {
    /// 1600 pixels, the piece's own title, bars by length.
    fn default() -> Self {
        Self { width: 1600, title: None, bars_per_line: None, stamp: None }
    }
}

/// Writes a piece as a PNG or SVG picture, by the extension; it carries the piece's origin.
///
/// Each track has a lane of its colour, cropped to the pitches it plays; drums have a row for each
/// key that they use. The louder a note, the stronger its colour, and its first pixels are dark, so
/// that repeated notes stay apart. Long pieces go on in further lines, each with the tracks that play
/// there; of very long ones the first lines are drawn, and the subtitle says so.
///
/// # Errors
/// [`ViewError::Extension`] for other file names, [`ViewError::File`] when it cannot be written.
pub fn save_roll(path: &Path, song: &Multitrack, options: &ImageOptions) -> Result<(), ViewError> {
    save(path, &Roll::lay_out(song, options), song.origin(), options.stamp.as_ref())
}

/// The bytes of the picture that [`save_roll`] writes as PNG.
///
/// # Errors
/// [`ViewError::Draw`] when the picture cannot be encoded.
pub fn roll_png(song: &Multitrack, options: &ImageOptions) -> Result<Vec<u8>, ViewError> {
    render(&Roll::lay_out(song, options), Format::Png, song.origin(), options.stamp.as_ref())
}

/// The bytes of the picture that [`save_roll`] writes as SVG.
///
/// # Errors
/// [`ViewError::Draw`] when the picture cannot be drawn.
pub fn roll_svg(song: &Multitrack, options: &ImageOptions) -> Result<Vec<u8>, ViewError> {
    render(&Roll::lay_out(song, options), Format::Svg, song.origin(), options.stamp.as_ref())
}

/// Left of the cells: names of tracks and pitches.
const GUTTER: i32 = 216;
const NAME_AT: i32 = 24;
/// Width of a name beside names of percussion keys, and beside those of pitches.
const NAME_WIDTH: (i32, i32) = (92, 146);
/// Height of a line of a name.
const NAME_LINE: i32 = 22;
const RIGHT: i32 = 28;
/// Above the first line: title and facts.
const HEAD: i32 = 100;
/// Below each line: bar numbers.
const AXIS: i32 = 34;
const BETWEEN_LANES: i32 = 10;
const BETWEEN_LINES: i32 = 30;
const FOOT: i32 = 16;
/// Pixels that a bar is at most drawn wide.
const WIDEST_BAR: i32 = 480;
/// Lines that a piece is spread over before bars are drawn narrower.
const LINES: usize = 12;
/// Height beyond which no line is begun.
const TALLEST: i32 = 12_000;

const BAR_LINE: Rgb = (130, 130, 136);
const BEAT_LINE: Rgb = (218, 218, 224);
const FAINT: Rgb = (110, 110, 116);

/// A picture of a piece, laid out.
struct Roll<'a> {
    song: &'a Multitrack,
    title: String,
    facts: String,
    lanes: Vec<Lane>,
    notes: Vec<Vec<Note>>,
    bar_lines: Vec<usize>,
    lines: Vec<Line>,
    pixels_per_step: f64,
    width: i32,
}

/// Some bars below the ones before.
struct Line {
    bars: Range<usize>,
    /// Which lanes it has.
    lanes: Vec<usize>,
    height: i32,
}

impl<'a> Roll<'a> {
    fn lay_out(song: &'a Multitrack, options: &ImageOptions) -> Self {
        let bar_lines = song.bar_lines();
        let bars = bar_lines.len() - 1;
        let per_line = options.bars_per_line.unwrap_or_else(|| bars_per_line(bars)).clamp(1, bars.max(1));
        let lanes = Lane::of_tracks(song, bars > per_line);
        let notes: Vec<Vec<Note>> = lanes.iter().map(|lane| song.tracks()[lane.track].roll.notes()).collect();
        let line = |first: usize| {
            let bars = first..(first + per_line).min(bars);
            let (from, to) = (bar_lines[bars.start], bar_lines[bars.end]);
            let plays = |lane: &usize| notes[*lane].iter().any(|note| note.start < to && note.end > from);
            let all = per_line >= bar_lines.len() - 1;
            let mut shown: Vec<usize> = (0..lanes.len()).filter(|lane| all || plays(lane)).collect();
            if shown.is_empty() && !lanes.is_empty() {
                shown.push(0);
            }
            let height = shown.iter().map(|lane| lanes[*lane].height() + BETWEEN_LANES).sum::<i32>() + AXIS;
            Line { bars, lanes: shown, height: height - BETWEEN_LANES }
        };
        let mut bottom = HEAD;
        let fits = |line: &Line| {
            bottom += line.height + BETWEEN_LINES;
            line.bars.start == 0 || bottom <= TALLEST
        };
        let lines: Vec<Line> = (0..bars).step_by(per_line).map(line).take_while(fits).collect();
        let mut facts = facts(song);
        let shown = lines.last().map_or(0, |line| line.bars.end);
        if shown < bars {
            facts.push(format!("bars 1 to {shown} are shown"));
        }

        let steps = |line: &Line| bar_lines[line.bars.end] - bar_lines[line.bars.start];
        let longest = lines.iter().map(steps).max().unwrap_or(1).max(1);
        let room = options.width.clamp(500, 6000) as i32 - GUTTER - RIGHT;
        let room = room.min(per_line as i32 * WIDEST_BAR);
        let pixels_per_step = even_pixels(f64::from(room) / longest as f64, song.resolution().steps());
        let width = GUTTER + (longest as f64 * pixels_per_step).ceil() as i32 + RIGHT;

        let model = song.origin().map(|origin| origin.model.as_str()).filter(|model| !model.is_empty());
        let title = options.title.as_deref().or(song.name()).or(model).unwrap_or("Multitrack").to_owned();
        facts.retain(|fact| fact.strip_prefix("model ") != Some(&title));
        Self {
            song,
            title,
            facts: facts.join("  ·  "),
            notes,
            lanes,
            bar_lines,
            lines,
            pixels_per_step,
            width: width.max(760),
        }
    }

    /// Where a step lies on a line.
    fn x(&self, line: &Line, step: f64) -> i32 {
        GUTTER + ((step - self.bar_lines[line.bars.start] as f64) * self.pixels_per_step).round() as i32
    }

    fn draw_line<B: DrawingBackend>(&self, page: &Page<B>, line: &Line, top: i32) -> Result<(), ViewError> {
        let end = self.x(line, self.bar_lines[line.bars.end] as f64);
        let mut y = top;
        for index in &line.lanes {
            let (lane, notes) = (&self.lanes[*index], &self.notes[*index]);
            lane.draw_ground(page, (GUTTER, end), y)?;
            self.draw_beats(page, line, (y, y + lane.height()))?;
            self.draw_notes(page, line, lane, notes, y)?;
            self.draw_labels(page, lane, y)?;
            y += lane.height() + BETWEEN_LANES;
        }
        self.draw_bars(page, line, (top, y - BETWEEN_LANES))
    }

    fn draw_beats<B: DrawingBackend>(
        &self,
        page: &Page<B>,
        line: &Line,
        (top, bottom): (i32, i32),
    ) -> Result<(), ViewError> {
        for bar in line.bars.clone() {
            let (start, end) = (self.bar_lines[bar], self.bar_lines[bar + 1]);
            let meter = self.song.meter_at(start);
            let beat = self.song.resolution().steps() as f64 * 4.0 / f64::from(meter.denominator());
            if beat * self.pixels_per_step < 8.0 {
                continue;
            }
            let beats = (1..meter.numerator()).map(|beat_| start as f64 + beat * f64::from(beat_));
            for step in beats.take_while(|step| *step < end as f64) {
                let x = self.x(line, step);
                page.rect((x, top), (x + 1, bottom), BEAT_LINE)?;
            }
        }
        Ok(())
    }

    fn draw_notes<B: DrawingBackend>(
        &self,
        page: &Page<B>,
        line: &Line,
        lane: &Lane,
        notes: &[Note],
        top: i32,
    ) -> Result<(), ViewError> {
        let (from, to) = (self.bar_lines[line.bars.start], self.bar_lines[line.bars.end]);
        let with_velocities = self.song.tracks()[lane.track].roll.velocities().is_some();
        for note in notes.iter().filter(|note| note.start < to && note.end > from) {
            let Some((y, height)) = lane.row(note.pitch.number()) else { continue };
            let strength = if with_velocities { 0.3 + 0.7 * f64::from(note.velocity) / 127.0 } else { 1.0 };
            let colour = lane.colour.rgb;
            let x = self.x(line, note.start.max(from) as f64);
            let end = self.x(line, note.end.min(to) as f64);
            // A pixel between neighbours in time and pitch, where there is room for it.
            let end = if end - x >= 3 { end - 1 } else { end.max(x + 1) };
            let bottom = top + y + if height >= 4 { height - 1 } else { height };
            page.rect((x, top + y), (end, bottom), tint(colour, strength))?;
            if note.start >= from && end - x >= 4 {
                let edge = ((end - x) / 3).clamp(1, 3);
                page.rect((x, top + y), (x + edge, bottom), shade(colour, 0.6))?;
            }
        }
        Ok(())
    }

    fn draw_labels<B: DrawingBackend>(&self, page: &Page<B>, lane: &Lane, top: i32) -> Result<(), ViewError> {
        let middle = top + lane.height() / 2;
        let name = Lettering::new(18).bold().coloured(shade(lane.colour.rgb, 0.9));
        let width = if lane.has_long_labels() { NAME_WIDTH.0 } else { NAME_WIDTH.1 };
        let room = (lane.height() / NAME_LINE).clamp(1, 3) as usize;
        let words = wrapped(page, &lane.name, name, (width, room))?;
        let first = middle - (words.len() as i32 - 1) * NAME_LINE / 2;
        for (line, text) in words.iter().enumerate() {
            page.text(text, (NAME_AT, first + line as i32 * NAME_LINE), name)?;
        }
        if lane.rows == Rows::None {
            return page.text("silent", (GUTTER - 8, middle), Lettering::new(14).right().coloured(FAINT));
        }
        for (label, y) in lane.labels() {
            page.text(&label, (GUTTER - 8, top + y), Lettering::new(14).right().coloured(FAINT))?;
        }
        Ok(())
    }

    /// Bar lines through all lanes, and the bars' numbers below.
    fn draw_bars<B: DrawingBackend>(
        &self,
        page: &Page<B>,
        line: &Line,
        (top, bottom): (i32, i32),
    ) -> Result<(), ViewError> {
        let number = Lettering::new(16).coloured(FAINT);
        page.text("bar", (GUTTER - 8, bottom + 17), number.right())?;
        let mut free = 0;
        for bar in line.bars.start..=line.bars.end {
            let x = self.x(line, self.bar_lines[bar] as f64);
            page.rect((x, top), (x + 1, bottom + 8), BAR_LINE)?;
            if bar < line.bars.end && x >= free {
                let text = (bar + 1).to_string();
                page.text(&text, (x + 5, bottom + 17), number)?;
                free = x + 5 + page.text_width(&text, number)? + 10;
            }
        }
        Ok(())
    }
}

impl Picture for Roll<'_> {
    fn size(&self) -> (u32, u32) {
        let height: i32 = self.lines.iter().map(|line| line.height + BETWEEN_LINES).sum();
        let height = if height == 0 { AXIS } else { height - BETWEEN_LINES };
        (self.width as u32, (HEAD + height + FOOT) as u32)
    }

    fn draw<B: DrawingBackend>(&self, page: &Page<B>) -> Result<(), ViewError> {
        let room = self.width - 2 * NAME_AT;
        let title = Lettering::new(30).bold();
        page.text(&fitted(page, &self.title, title, room)?, (NAME_AT, 34), title)?;
        let facts = Lettering::new(18).coloured(FAINT);
        page.text(&fitted(page, &self.facts, facts, room)?, (NAME_AT, 68), facts)?;
        if self.lines.is_empty() || self.lanes.is_empty() {
            return page.text("no notes", (NAME_AT, HEAD), Lettering::new(18));
        }
        let mut top = HEAD;
        for line in &self.lines {
            self.draw_line(page, line, top)?;
            top += line.height + BETWEEN_LINES;
        }
        Ok(())
    }
}

/// Up to 8 bars in one line, then 16, and more when that makes too many lines.
fn bars_per_line(bars: usize) -> usize {
    match bars {
        0..=8 => bars.max(1),
        _ => (0..).map(|power| 16 << power).find(|per_line| bars <= per_line * LINES).unwrap_or(bars),
    }
}

/// Pixels per step, a little fewer than `most`, such that all notes of a length are equally long, or
/// at least all beats are.
fn even_pixels(most: f64, resolution: usize) -> f64 {
    let beat = (most * resolution as f64).floor();
    match most {
        4.0.. => most.floor(),
        _ if beat >= 1.0 => beat / resolution as f64,
        _ => most,
    }
}

/// A name in at most `lines` lines of `width` pixels, broken between words.
fn wrapped<B: DrawingBackend>(
    page: &Page<B>,
    name: &str,
    lettering: Lettering,
    (width, lines): (i32, usize),
) -> Result<Vec<String>, ViewError> {
    let mut wrapped: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        let longer = wrapped.last().map(|line| format!("{line} {word}"));
        let full = wrapped.len() == lines;
        match longer {
            Some(longer) if full || page.text_width(&longer, lettering)? <= width => {
                wrapped.pop();
                wrapped.push(longer);
            }
            _ => wrapped.push(word.to_owned()),
        }
    }
    wrapped.iter().map(|line| fitted(page, line, lettering, width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Origin, Pianoroll, Pitch, Resolution, Track};
    use crate::view::image::page::pixels;
    use crate::view::image::png::origin_in_png;

    fn piece(bars: usize, velocity: u8) -> Multitrack {
        let note = |start, pitch, end| Note { start, pitch: Pitch::new(pitch).unwrap(), end, velocity };
        let notes = [note(0, 60, 12), note(12, 60, 24), note(24, 64, 48)];
        let track = |family| Track::of_family(family, Pianoroll::from_notes(bars * 48, &notes));
        Multitrack::new(vec![track(Family::Drums), track(Family::Piano)], Resolution::MODEL)
    }

    #[test]
    fn notes_lie_where_step_and_pitch_say_in_the_colour_of_their_track() {
        let song = piece(4, 127);
        let roll = Roll::lay_out(&song, &ImageOptions::default());
        let (width, _) = roll.size();
        let page = pixels(&roll).unwrap();
        let at = |x: i32, y: i32| {
            let at = (y as usize * width as usize + x as usize) * 3;
            (page[at], page[at + 1], page[at + 2])
        };
        let (drums, piano) = (&roll.lanes[0], &roll.lanes[1]);
        let top = HEAD + drums.height() + BETWEEN_LANES;
        let (row, height) = piano.row(60).unwrap();
        let middle = top + row + height / 2;
        let x = |step: f64| roll.x(&roll.lines[0], step);
        assert_eq!(at(x(6.0), middle), piano.colour.rgb);
        assert_eq!(at(x(12.0), middle), shade(piano.colour.rgb, 0.6), "the second note has an edge");
        assert_eq!(at(x(0.0), top + 1), BAR_LINE);
        assert_ne!(at(x(30.0), middle), piano.colour.rgb, "60 is silent there");
        let (row, height) = drums.row(60).unwrap();
        assert_eq!(at(x(6.0), HEAD + row + height / 2), drums.colour.rgb);
        assert!(drums.row(61).is_none());
    }

    #[test]
    fn soft_notes_are_paler() {
        let lane = |velocity| {
            let song = piece(1, velocity);
            let roll = Roll::lay_out(&song, &ImageOptions::default());
            let (row, _) = roll.lanes[0].row(60).unwrap();
            let (x, y) = (roll.x(&roll.lines[0], 6.0) as usize, (HEAD + row + 2) as usize);
            pixels(&roll).unwrap()[(y * roll.size().0 as usize + x) * 3 + 1]
        };
        assert!(lane(20) > lane(90) && lane(90) > lane(127));
    }

    #[test]
    fn a_song_goes_on_in_further_lines_and_a_very_long_one_ends_with_a_word() {
        let song = piece(90, 100);
        let roll = Roll::lay_out(&song, &ImageOptions::default());
        assert_eq!(roll.lines.len(), 6);
        assert!((1400..=1600).contains(&roll.size().0), "{:?}", roll.size());
        let endless = piece(400, 100);
        let options = ImageOptions { bars_per_line: Some(1), ..ImageOptions::default() };
        let roll = Roll::lay_out(&endless, &options);
        assert!(
            roll.facts.contains("are shown") && roll.size().1 < 13_000,
            "{} {:?}",
            roll.facts,
            roll.size()
        );
    }

    #[test]
    fn lines_have_only_the_tracks_that_play_there() {
        let song = piece(20, 100);
        let late = Note { start: 17 * 48, pitch: Pitch::new(40).unwrap(), end: 19 * 48, velocity: 90 };
        let bass = Track::of_family(Family::Bass, Pianoroll::from_notes(20 * 48, &[late]));
        let song = song.with_tracks([song.tracks(), &[bass]].concat());
        let roll = Roll::lay_out(&song, &ImageOptions::default());
        let lanes: Vec<_> = roll.lines.iter().map(|line| line.lanes.clone()).collect();
        assert_eq!(lanes, [vec![0, 1], vec![2]]);
    }

    #[test]
    fn beats_are_whole_pixels() {
        assert_eq!(even_pixels(7.3, 12), 7.0);
        assert_eq!(even_pixels(0.88, 24), 21.0 / 24.0);
        assert_eq!(even_pixels(0.001, 24), 0.001);
    }

    #[test]
    fn a_png_carries_its_origin_and_says_its_size() {
        let origin = Origin { model: "hybrid".into(), seed: Some(7), latent: "00ff".into() };
        let song = piece(4, 100).with_origin(Some(origin.clone()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roll.png");
        save_roll(&path, &song, &ImageOptions::default()).unwrap();
        assert_eq!(origin_in_png(&path).unwrap(), Some(origin));
        let bytes = std::fs::read(&path).unwrap();
        let (width, height) = Roll::lay_out(&song, &ImageOptions::default()).size();
        assert_eq!(bytes[16..24], [width.to_be_bytes(), height.to_be_bytes()].concat());
    }

    #[test]
    fn nothing_at_all_is_still_a_picture() {
        let nothing = Multitrack::new(Vec::new(), Resolution::MODEL);
        let silent = piece(4, 100).mute("drums").unwrap().mute("piano").unwrap();
        for song in [nothing, silent.clone(), silent.with_tracks(Vec::new())] {
            assert!(roll_png(&song, &ImageOptions { width: 0, ..ImageOptions::default() }).is_ok());
            assert!(roll_svg(&song, &ImageOptions::default()).is_ok());
        }
    }
}
