//! Many pieces in one picture: interpolation sheets and strips of training samples.

use std::path::Path;

use plotters::backend::DrawingBackend;

use super::overlay::{Inks, pixel};
use super::page::{Format, Lettering, Page, Picture, Rgb, fitted, render, save};
use crate::base::Stamp;
use crate::music::Multitrack;
use crate::view::ViewError;
use crate::view::palette::track_colours;

/// What stands around the tiles of a sheet; what is missing is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetOptions {
    /// Above it all.
    pub title: String,
    /// Left of each row.
    pub rows: Vec<String>,
    /// Above each column.
    pub columns: Vec<String>,
    /// Red, green and blue of each track, in the order of a piece's tracks; those of
    /// [`track_colours`] for tracks that have none here.
    pub colours: Vec<(u8, u8, u8)>,
    /// What makes the file, to be said in it.
    pub stamp: Option<Stamp>,
}

impl SheetOptions {
    fn colours(&self, song: &Multitrack) -> Vec<Rgb> {
        let usual = track_colours(song.tracks()).into_iter().map(|colour| colour.rgb);
        usual.enumerate().map(|(i, usual)| self.colours.get(i).copied().unwrap_or(usual)).collect()
    }
}

/// Writes rows of pieces as a grid of tiles, as a PNG or SVG picture. A tile shows all tracks of a
/// piece over one another, with a line between bars; all tiles have the same size and pitches, and the
/// colours of the tracks are explained above.
///
/// # Errors
/// [`ViewError::Extension`] for other file names, [`ViewError::Nothing`] without pieces,
/// [`ViewError::TooLarge`] when there are too many, [`ViewError::File`] when it cannot be written.
pub fn save_sheet(path: &Path, pieces: &[Vec<Multitrack>], options: &SheetOptions) -> Result<(), ViewError> {
    save(path, &Sheet::lay_out(pieces, options)?, None, options.stamp.as_ref())
}

/// The bytes of the picture that [`save_sheet`] writes as PNG.
///
/// # Errors
/// As [`save_sheet`], except for the file's.
pub fn sheet_png(pieces: &[Vec<Multitrack>], options: &SheetOptions) -> Result<Vec<u8>, ViewError> {
    render(&Sheet::lay_out(pieces, options)?, Format::Png, None, options.stamp.as_ref())
}

/// Writes how the same latents sounded as training went on: a row for each of `stages`, which is a
/// training step and its samples, a column for each latent; `colours` as in [`SheetOptions`].
///
/// # Errors
/// As [`save_sheet`].
pub fn save_strip(
    path: &Path,
    title: &str,
    stages: &[(u64, Vec<Multitrack>)],
    colours: &[(u8, u8, u8)],
    stamp: Option<&Stamp>,
) -> Result<(), ViewError> {
    let pieces: Vec<Vec<Multitrack>> = stages.iter().map(|(_, samples)| samples.clone()).collect();
    let columns = pieces.iter().map(Vec::len).max().unwrap_or(0);
    let options = SheetOptions {
        title: title.to_owned(),
        rows: stages.iter().map(|(step, _)| format!("step {step}")).collect(),
        columns: (1..=columns).map(|sample| format!("sample {sample}")).collect(),
        colours: colours.to_vec(),
        stamp: stamp.cloned(),
    };
    save_sheet(path, &pieces, &options)
}

const MARGIN: i32 = 24;
const TITLE: i32 = 46;
const LEGEND: i32 = 34;
const COLUMN_LABELS: i32 = 26;
const ROW_LABELS: i32 = 130;
/// Between tiles.
const GAP: i32 = 6;
/// Pixels that tiles in a row are enlarged to fill, and how far a cell is enlarged at most.
const WIDE: i32 = 2000;
const LARGEST_CELL: i32 = 4;
/// Pieces above which a sheet is refused before it is laid out.
const MOST: usize = 4096;

const FRAME: Rgb = (90, 90, 96);
const BAR_LINE: Rgb = (190, 190, 198);

/// A sheet, laid out.
struct Sheet<'a> {
    tiles: Vec<Vec<Inks>>,
    options: &'a SheetOptions,
    /// Names and colours of the tracks.
    legend: Vec<(String, Rgb)>,
    /// Lowest and highest pitch of every tile: whole octaves, so that tiles can be compared.
    pitches: (usize, usize),
    /// Bars and steps of the longest piece.
    longest: (i32, i32),
    /// Width and height of a cell.
    cell: (i32, i32),
}

impl<'a> Sheet<'a> {
    fn lay_out(pieces: &[Vec<Multitrack>], options: &'a SheetOptions) -> Result<Self, ViewError> {
        let count: usize = pieces.iter().map(Vec::len).sum();
        if count == 0 {
            return Err(ViewError::Nothing("the sheet has no pieces"));
        }
        if count > MOST {
            let (width, height) =
                (pieces.iter().map(Vec::len).max().unwrap_or(0) as u64, pieces.len() as u64);
            return Err(ViewError::Sheet { width, height, most: MOST });
        }
        let inks = |song: &Multitrack| {
            let light = |(r, g, b): Rgb| [r, g, b].map(|part| f32::from(part) / 255.0);
            Inks::of(song, &options.colours(song).into_iter().map(light).collect::<Vec<_>>())
        };
        let tiles: Vec<Vec<Inks>> = pieces.iter().map(|row| row.iter().map(inks).collect()).collect();
        let all = || tiles.iter().flatten();
        let used = all().fold(0, |used, tile| used | tile.used);
        let pitches = match used {
            0u128 => (48, 71),
            _ => (
                used.trailing_zeros() as usize / 12 * 12,
                (127 - used.leading_zeros()) as usize / 12 * 12 + 11,
            ),
        };
        let bars = all().map(|tile| tile.bars.len()).max().unwrap_or(0) as i32;
        let steps = all().map(|tile| tile.bars.iter().map(Vec::len).sum::<usize>()).max().unwrap_or(0) as i32;
        let columns = tiles.iter().map(Vec::len).max().unwrap_or(1) as i32;
        let wide = (WIDE / (columns * steps).max(1)).clamp(1, LARGEST_CELL);
        let cell = (wide, wide.max(2));
        let mut legend: Vec<(String, Rgb)> = Vec::new();
        for song in pieces.iter().flatten() {
            for (track, colour) in song.tracks().iter().zip(options.colours(song)) {
                let entry = (track.name.to_string(), colour);
                if legend.len() < 12 && !legend.contains(&entry) {
                    legend.push(entry);
                }
            }
        }
        let pitches = (pitches.0, pitches.1.min(127));
        Ok(Self { tiles, options, legend, pitches, longest: (bars, steps), cell })
    }

    /// Width and height of a tile inside its frame.
    fn tile(&self) -> (i32, i32) {
        let (bars, steps) = self.longest;
        let rows = (self.pitches.1 - self.pitches.0 + 1) as i32;
        ((steps * self.cell.0 + (bars - 1).max(0)).max(24), rows * self.cell.1)
    }

    /// Where the first tile's frame begins.
    fn origin(&self) -> (i32, i32) {
        let rows = if self.options.rows.is_empty() { 0 } else { ROW_LABELS };
        let columns = if self.options.columns.is_empty() { 0 } else { COLUMN_LABELS };
        let title = if self.options.title.is_empty() { 0 } else { TITLE };
        (MARGIN + rows, MARGIN + title + LEGEND + columns)
    }

    fn draw_tile<B: DrawingBackend>(
        &self,
        page: &Page<B>,
        tile: &Inks,
        at: (i32, i32),
    ) -> Result<(), ViewError> {
        let (width, height) = self.tile();
        let (left, top) = at;
        page.rect((left - 1, top - 1), (left + width + 1, top + height + 1), FRAME)?;
        page.rect(at, (left + width, top + height), (255, 255, 255))?;
        let mut x = left;
        for (index, bar) in tile.bars.iter().enumerate() {
            if index > 0 {
                page.rect((x, top), (x + 1, top + height), BAR_LINE)?;
                x += 1;
            }
            for column in bar {
                for (row, ink) in column[self.pitches.0..=self.pitches.1].iter().rev().enumerate() {
                    if *ink != [0.0; 3] {
                        let y = top + row as i32 * self.cell.1;
                        page.rect((x, y), (x + self.cell.0, y + self.cell.1), pixel(*ink))?;
                    }
                }
                x += self.cell.0;
            }
        }
        Ok(())
    }

    fn draw_legend<B: DrawingBackend>(&self, page: &Page<B>, right: i32, y: i32) -> Result<(), ViewError> {
        let lettering = Lettering::new(16);
        let mut x = MARGIN;
        for (name, colour) in &self.legend {
            let name = fitted(page, name, lettering, 160)?;
            let end = x + 18 + page.text_width(&name, lettering)?;
            if end > right {
                break;
            }
            page.rect((x, y - 6), (x + 12, y + 6), *colour)?;
            page.text(&name, (x + 18, y), lettering)?;
            x = end + 20;
        }
        Ok(())
    }
}

impl Picture for Sheet<'_> {
    fn size(&self) -> (u32, u32) {
        let ((left, top), (width, height)) = (self.origin(), self.tile());
        let columns = self.tiles.iter().map(Vec::len).max().unwrap_or(1) as i32;
        let rows = self.tiles.len() as i32;
        let right = left + columns * (width + GAP) - GAP + MARGIN;
        let bottom = top + rows * (height + GAP) - GAP + MARGIN;
        (right.max(480) as u32, bottom as u32)
    }

    fn draw<B: DrawingBackend>(&self, page: &Page<B>) -> Result<(), ViewError> {
        let ((left, top), (width, height)) = (self.origin(), self.tile());
        let right = self.size().0 as i32 - MARGIN;
        let title = Lettering::new(26).bold();
        let mut y = MARGIN;
        if !self.options.title.is_empty() {
            page.text(&fitted(page, &self.options.title, title, right - MARGIN)?, (MARGIN, y + 12), title)?;
            y += TITLE;
        }
        self.draw_legend(page, right, y + 10)?;
        let label = Lettering::new(16).coloured((80, 80, 86));
        for (column, text) in self.options.columns.iter().enumerate() {
            let middle = left + column as i32 * (width + GAP) + width / 2;
            if middle < right {
                let text = fitted(page, text, label, width)?;
                page.text(&text, (middle, top - COLUMN_LABELS / 2), label.centred())?;
            }
        }
        for (row, tiles) in self.tiles.iter().enumerate() {
            let y = top + row as i32 * (height + GAP);
            if let Some(text) = self.options.rows.get(row) {
                let text = fitted(page, text, label, ROW_LABELS - 14)?;
                page.text(&text, (left - 12, y + height / 2), label.right())?;
            }
            for (column, tile) in tiles.iter().enumerate() {
                self.draw_tile(page, tile, (left + column as i32 * (width + GAP), y))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch, Resolution, Track};
    use crate::view::image::page::pixels;
    use crate::view::palette::Colour;

    fn piece(pitch: i64) -> Multitrack {
        let note = Note { start: 0, pitch: Pitch::new(pitch).unwrap(), end: 48, velocity: 127 };
        let roll = Pianoroll::from_notes(96, &[note]).without_velocities();
        Multitrack::new(vec![Track::of_family(Family::Bass, roll)], Resolution::MODEL)
    }

    #[test]
    fn every_tile_shows_its_piece_at_its_place() {
        let pieces = vec![vec![piece(36), piece(40)], vec![piece(59)]];
        let options = SheetOptions {
            title: "Sheet".into(),
            rows: vec!["a".into(), "b".into()],
            columns: vec!["0".into(), "1".into(), "beyond".into()],
            ..SheetOptions::default()
        };
        let sheet = Sheet::lay_out(&pieces, &options).unwrap();
        assert_eq!((sheet.pitches, sheet.longest, sheet.cell), ((36, 59), (2, 96), (4, 4)));
        let page = pixels(&sheet).unwrap();
        let (width, height) = sheet.tile();
        let (left, top) = sheet.origin();
        let Colour { rgb, .. } = track_colours(pieces[0][0].tracks())[0];
        let at = |row: i32, column: i32, step: i32, pitch: i32| {
            let x = left + column * (width + GAP) + step * 4 + 1;
            let y = top + row * (height + GAP) + (59 - pitch) * 4 + 1;
            let at = (y * sheet.size().0 as i32 + x) as usize * 3;
            (page[at], page[at + 1], page[at + 2])
        };
        // The original's rounding takes off one level.
        assert!(at(0, 0, 20, 36).2.abs_diff(rgb.2) <= 1 && at(0, 0, 20, 36).0.abs_diff(rgb.0) <= 1);
        assert_eq!(at(0, 0, 20, 36), at(0, 1, 20, 40));
        assert_eq!(at(0, 0, 20, 36), at(1, 0, 20, 59));
        assert_eq!(at(0, 0, 20, 37), (255, 255, 255));
    }

    #[test]
    fn tracks_have_the_colours_that_are_asked_for() {
        let pieces = vec![vec![piece(36)]];
        let options = SheetOptions { colours: vec![(255, 0, 128)], ..SheetOptions::default() };
        let sheet = Sheet::lay_out(&pieces, &options).unwrap();
        assert_eq!(sheet.legend, [("bass".to_owned(), (255, 0, 128))]);
        let drawn = pixel(sheet.tiles[0][0].bars[0][0][36]);
        assert!(drawn.0 == 255 && drawn.1 == 0 && drawn.2.abs_diff(128) <= 1, "{drawn:?}");
    }

    #[test]
    fn no_pieces_and_too_many_are_refused() {
        let none = sheet_png(&[Vec::new()], &SheetOptions::default()).unwrap_err().to_string();
        assert_eq!(none, "there is nothing to draw: the sheet has no pieces");
        let many = sheet_png(&[vec![piece(40); MOST + 1]], &SheetOptions::default()).unwrap_err().to_string();
        assert!(many.starts_with("a sheet of 1 rows and 4097 columns is too large"), "{many}");
        let silent = piece(40).mute("bass").unwrap();
        assert!(sheet_png(&[vec![silent]], &SheetOptions::default()).is_ok());
    }
}
