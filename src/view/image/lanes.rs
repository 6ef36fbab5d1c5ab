//! The lanes of a pianoroll picture: which rows a track has and how high they are.

use plotters::backend::DrawingBackend;

use super::drum_keys::drum_key;
use super::page::{Page, Rgb};
use crate::music::{Multitrack, Pitch, Track, pitches_of};
use crate::view::ViewError;
use crate::view::palette::{Colour, track_colours};

/// What the rows of a lane stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Every pitch from the lowest to the highest, both included.
    Pitches(u8, u8),
    /// Only these percussion keys, from the lowest up.
    Keys(Vec<u8>),
    /// Nothing: the track is silent.
    None,
}

/// One track's lane.
pub struct Lane {
    /// Which track of the piece it is.
    pub track: usize,
    pub name: String,
    pub colour: Colour,
    pub rows: Rows,
    row_height: i32,
}

/// Height of the lanes together that rows are fitted to: of a picture of one line, of one of many.
const HEIGHTS: [i32; 2] = [760, 400];
/// Pixels per pitch, at least and at most, likewise.
const PITCH: [(i32, i32); 2] = [(3, 12), (2, 6)];
/// Pixels per percussion key: with names, and without.
const NAMED_KEY: i32 = 18;
/// Percussion keys beyond which names would take too much room.
const MOST_NAMED: usize = 14;
const SILENT: i32 = 22;

const WHITE_KEY: Rgb = (250, 250, 252);
const BLACK_KEY: Rgb = (240, 240, 245);
const OCTAVE_LINE: Rgb = (214, 214, 222);

impl Lane {
    /// The lanes of a piece. With `many_lines`, rows are low and silent tracks have none.
    pub fn of_tracks(song: &Multitrack, many_lines: bool) -> Vec<Self> {
        let mode = usize::from(many_lines);
        let rows: Vec<Rows> = song.tracks().iter().map(rows_of).collect();
        let span = |rows: &Rows| match rows {
            Rows::Pitches(low, high) => i32::from(high - low) + 1,
            _ => 0,
        };
        let (least, most) = PITCH[mode];
        let pitch_height = (HEIGHTS[mode] / rows.iter().map(span).sum::<i32>().max(1)).clamp(least, most);
        let colours = track_colours(song.tracks());
        let lane = |(track, (rows, colour)): (usize, (Rows, Colour))| {
            let row_height = match &rows {
                Rows::Keys(keys) if !many_lines && keys.len() <= MOST_NAMED => NAMED_KEY,
                Rows::Keys(_) => pitch_height.max(4),
                _ => pitch_height,
            };
            Self { track, name: song.tracks()[track].name.to_string(), colour, rows, row_height }
        };
        let lanes = rows.into_iter().zip(colours).enumerate().map(lane);
        lanes.filter(|lane| !many_lines || lane.rows != Rows::None).collect()
    }

    /// Height in pixels.
    pub fn height(&self) -> i32 {
        match &self.rows {
            Rows::Pitches(low, high) => (i32::from(high - low) + 1) * self.row_height,
            Rows::Keys(keys) => keys.len() as i32 * self.row_height,
            Rows::None => SILENT,
        }
    }

    /// Whether its rows have names of percussion keys.
    pub fn has_long_labels(&self) -> bool {
        matches!(self.rows, Rows::Keys(_)) && self.row_height >= NAMED_KEY
    }

    /// Top of a pitch's row below the lane's top, and its height.
    pub fn row(&self, pitch: u8) -> Option<(i32, i32)> {
        let from_top = match &self.rows {
            Rows::Pitches(low, high) if (*low..=*high).contains(&pitch) => usize::from(high - pitch),
            Rows::Keys(keys) => keys.iter().rev().position(|key| *key == pitch)?,
            _ => return None,
        };
        Some((from_top as i32 * self.row_height, self.row_height))
    }

    /// What stands beside the rows, and how far below the lane's top: the Cs, or the names of
    /// percussion keys.
    pub fn labels(&self) -> Vec<(String, i32)> {
        let middle = |pitch: u8| self.row(pitch).map_or(0, |(y, height)| y + height / 2);
        match &self.rows {
            Rows::Pitches(low, high) => {
                // Neighbouring labels need 16 pixels.
                let every = if self.row_height * 12 >= 16 { 12 } else { 24 };
                let labelled = (*low..=*high).filter(|pitch| pitch % every == 0);
                labelled.map(|pitch| (name(pitch), middle(pitch))).collect()
            }
            Rows::Keys(keys) if self.has_long_labels() => {
                let label = |key: &u8| drum_key(*key).map_or_else(|| name(*key), str::to_owned);
                keys.iter().map(|key| (label(key), middle(*key))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The ground that notes are drawn on, from `left` to `right`: rows of black keys are darker, every C has
    /// a line below.
    pub fn draw_ground<B: DrawingBackend>(
        &self,
        page: &Page<B>,
        (left, right): (i32, i32),
        top: i32,
    ) -> Result<(), ViewError> {
        page.rect((left, top), (right, top + self.height()), WHITE_KEY)?;
        let rows: Vec<u8> = match &self.rows {
            Rows::Pitches(low, high) => (*low..=*high).collect(),
            Rows::Keys(keys) => keys.clone(),
            Rows::None => Vec::new(),
        };
        for (index, pitch) in rows.iter().enumerate() {
            let Some((y, height)) = self.row(*pitch) else { continue };
            let dark = match self.rows {
                Rows::Keys(_) => index % 2 == 1,
                _ => self.row_height >= 3 && [1, 3, 6, 8, 10].contains(&(pitch % 12)),
            };
            if dark {
                page.rect((left, top + y), (right, top + y + height), BLACK_KEY)?;
            }
            if matches!(self.rows, Rows::Pitches(..)) && pitch % 12 == 0 && index > 0 {
                page.rect((left, top + y + height - 1), (right, top + y + height), OCTAVE_LINE)?;
            }
        }
        Ok(())
    }
}

/// The rows that a track needs: at least an octave, with a row to spare on either side.
fn rows_of(track: &Track) -> Rows {
    let Some((low, high)) = track.roll.pitch_range() else { return Rows::None };
    if track.is_drum {
        let used = track.roll.sounding().iter().fold(0, |all, set| all | set);
        return Rows::Keys(pitches_of(used).collect());
    }
    let (low, high) = (low.number().saturating_sub(1), (high.number() + 1).min(127));
    let missing = 12u8.saturating_sub(high - low);
    let low = low.saturating_sub(missing / 2);
    Rows::Pitches(low, (low + 12).max(high).min(127))
}

fn name(pitch: u8) -> String {
    Pitch::new(i64::from(pitch)).map_or_else(|_| String::new(), |pitch| pitch.to_string())
}
