//! All tracks of a piece in one small picture, their inks laid over one another.
//!
//! The picture of MuseGAN (Dong et al. 2018): where tracks meet their inks add up, so that colours
//! darken; ink = sum over tracks of velocity x (1 - colour), pixel = 1 - ink.

use std::path::Path;

use plotters::backend::DrawingBackend;

use super::page::{Page, Picture, Rgb, save};
use crate::music::{Family, LOWEST_PITCH, MODEL_PITCHES, Multitrack, Resolution, Track, pitches_of};
use crate::view::ViewError;
use crate::view::palette::track_colours;

/// Writes the overlay of a piece as a PNG or SVG picture, pixel by pixel as the original has it: 84
/// rows from B7 down to C1, a column for each of 12 steps a beat, one black column between bars, the
/// families in pure red, orange, green, blue and light blue. Other tracks have the colours of
/// [`crate::view::track_colours`]; pitches outside are not shown.
///
/// # Errors
/// [`ViewError::Extension`] for other file names, [`ViewError::Nothing`] for a piece of no bars,
/// [`ViewError::File`] when it cannot be written.
pub fn save_overlay(path: &Path, song: &Multitrack) -> Result<(), ViewError> {
    let overlay = Overlay { inks: Inks::of(song, &original_colours(song.tracks())) };
    match overlay.inks.bars.is_empty() {
        true => Err(ViewError::Nothing("the piece has no bars")),
        false => save(path, &overlay, song.origin(), None),
    }
}

/// A colour as parts of light, 0.0..=1.0.
pub type Light = [f32; 3];

/// MuseGAN's colours of drums, piano, guitar, bass and strings.
const ORIGINAL: [Light; 5] =
    [[1.0, 0.0, 0.0], [1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.5, 1.0]];

fn original_colours(tracks: &[Track]) -> Vec<Light> {
    let others = legible_colours(tracks);
    let family = |track: &Track| Family::from_name(&track.name).ok().map(|family| ORIGINAL[family.index()]);
    tracks.iter().zip(others).map(|(track, other)| family(track).unwrap_or(other)).collect()
}

/// The colours of [`track_colours`], darker than the original's and easier to see on white.
fn legible_colours(tracks: &[Track]) -> Vec<Light> {
    let light = |(r, g, b): Rgb| [r, g, b].map(|part| f32::from(part) / 255.0);
    track_colours(tracks).into_iter().map(|colour| light(colour.rgb)).collect()
}

/// How much of red, green and blue each cell of a piece takes from white, at 12 steps a beat.
pub struct Inks {
    /// `[bar][step][pitch]`.
    pub bars: Vec<Vec<[Light; 128]>>,
    /// Every pitch that sounds.
    pub used: u128,
}

impl Inks {
    /// The inks of a piece whose tracks have these colours. Repeated notes have a gap between them.
    pub fn of(song: &Multitrack, colours: &[Light]) -> Self {
        let song = song.resample(Resolution::MODEL);
        let lines = song.bar_lines();
        let end = lines.last().copied().unwrap_or(0);
        let mut columns = vec![[[0.0; 3]; 128]; end];
        let mut used = 0;
        for (track, colour) in song.tracks().iter().zip(colours) {
            let whole = track.roll.velocities().is_none();
            for (step, (column, set)) in columns.iter_mut().zip(track.roll.separated()).enumerate() {
                used |= set;
                for pitch in pitches_of(set) {
                    let velocity =
                        if whole { 1.0 } else { f32::from(track.roll.velocity(step, pitch)) / 127.0 };
                    for (ink, part) in column[usize::from(pitch)].iter_mut().zip(colour) {
                        *ink += velocity * (1.0 - part);
                    }
                }
            }
        }
        let bars = lines.windows(2).map(|bar| columns[bar[0]..bar[1]].to_vec()).collect();
        Self { bars, used }
    }
}

/// The colour that is left of white, in 256 levels as the original rounds them.
pub fn pixel(ink: Light) -> Rgb {
    let level = |ink: f32| (256.0 * (1.0 - ink.clamp(0.0, 1.0)) - 1e-5).max(0.0) as u8;
    (level(ink[0]), level(ink[1]), level(ink[2]))
}

/// A picture of one pixel per cell.
struct Overlay {
    inks: Inks,
}

impl Picture for Overlay {
    fn size(&self) -> (u32, u32) {
        let columns: usize = self.inks.bars.iter().map(|bar| bar.len() + 1).sum();
        (columns.saturating_sub(1).max(1) as u32, MODEL_PITCHES as u32)
    }

    fn draw<B: DrawingBackend>(&self, page: &Page<B>) -> Result<(), ViewError> {
        let top = usize::from(LOWEST_PITCH) + MODEL_PITCHES - 1;
        let mut x = 0;
        for (index, bar) in self.inks.bars.iter().enumerate() {
            if index > 0 {
                page.rect((x - 1, 0), (x, MODEL_PITCHES as i32), (0, 0, 0))?;
            }
            for column in bar {
                for (y, ink) in column[usize::from(LOWEST_PITCH)..=top].iter().rev().enumerate() {
                    if *ink != [0.0; 3] {
                        page.rect((x, y as i32), (x + 1, y as i32 + 1), pixel(*ink))?;
                    }
                }
                x += 1;
            }
            x += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Note, Pianoroll, Pitch};
    use crate::view::image::page::pixels;

    #[test]
    fn inks_add_up_and_bars_have_a_black_column_between_them() {
        let note = |start, pitch, end| Note { start, pitch: Pitch::new(pitch).unwrap(), end, velocity: 127 };
        let roll = |notes: &[Note]| Pianoroll::from_notes(192, notes).without_velocities();
        let song = Multitrack::new(
            vec![
                Track::of_family(Family::Piano, roll(&[note(0, 107, 2), note(48, 24, 50), note(50, 24, 52)])),
                Track::of_family(Family::Bass, roll(&[note(1, 107, 3)])),
            ],
            Resolution::MODEL,
        );
        let overlay = Overlay { inks: Inks::of(&song, &original_colours(song.tracks())) };
        assert_eq!(overlay.size(), (195, 84));
        let page = pixels(&overlay).unwrap();
        let at = |x: usize, y: usize| <[u8; 3]>::try_from(&page[(y * 195 + x) * 3..][..3]).unwrap();
        assert_eq!([at(0, 0), at(1, 0), at(2, 0)], [[255, 127, 0], [0, 0, 0], [0, 0, 255]]);
        assert_eq!([at(48, 0), at(48, 83), at(97, 40)], [[0; 3]; 3]);
        assert_eq!([at(49, 83), at(50, 83), at(51, 83)], [[255, 127, 0], [255; 3], [255, 127, 0]]);
        assert_eq!(at(3, 0), [255; 3]);
    }

    #[test]
    fn a_piece_without_bars_is_refused() {
        let nothing = Multitrack::new(Vec::new(), Resolution::MODEL);
        let error = save_overlay(Path::new("x.png"), &nothing).unwrap_err().to_string();
        assert_eq!(error, "there is nothing to draw: the piece has no bars");
    }
}
