//! What fits a model's music to the density of real music.

mod fit;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use fit::{Density, calibrate};

use super::config::Grid;

/// What makes a model's music as dense as real music: fitted on held-out songs, kept with the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Probabilities above which a cell is on, `[track][plane]`.
    pub cells: Vec<Vec<f32>>,
    /// Sounding cells to expect of a bar (the sum of their probabilities) up to which the track rests
    /// for that bar, by track. Bars that a model is unsure of are then silent rather than ragged.
    pub presence: Vec<f32>,
    /// Sounding cells to expect of a pitch in a bar up to which that pitch is left out of the bar, by
    /// track. A bar is then a few pitches held as long as in real music, not specks of many.
    pub pitches: Vec<f32>,
    /// The most pitches that sound at once, by track: only the surest do. A bass line is then one.
    pub voices: Vec<usize>,
    /// Lowest and highest pitch (MIDI numbers) that may sound, by track; none when empty. A bass line then
    /// does not leap to a doubt four octaves up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registers: Vec<[u8; 2]>,
    /// How sure (as a logit) the second pitch of a step must be for more than one to sound, by track; a
    /// pitch's surest cell in its bar sounds all the same. A melody is then not doubled by a doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chords: Vec<f32>,
    /// What is added to the logits of sounding cells at each step of a bar, `[track][step]`; empty for
    /// tracks that are fine as they are. Drums are then hit where real ones are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<Vec<f32>>,
}

impl Calibration {
    /// Every cell above one half, no bar silenced and no pitch left out.
    pub fn neutral(grid: &Grid) -> Self {
        let tracks = grid.track_count();
        Self {
            cells: vec![vec![0.5; grid.planes]; tracks],
            presence: vec![0.0; tracks],
            pitches: vec![0.0; tracks],
            voices: vec![pitches_per_bar(grid); tracks],
            registers: Vec::new(),
            chords: Vec::new(),
            positions: Vec::new(),
        }
    }

    /// Whether it has a number for every track and plane of `grid`.
    pub fn fits(&self, grid: &Grid) -> bool {
        let tracks = grid.track_count();
        let planes = |track: &Vec<f32>| track.len() == grid.planes;
        self.presence.len() == tracks
            && self.pitches.len() == tracks
            && self.voices.len() == tracks
            && (self.registers.is_empty() || self.registers.len() == tracks)
            && (self.chords.is_empty() || self.chords.len() == tracks)
            && (self.positions.is_empty() || self.positions.len() == tracks)
            && self.positions.iter().all(|steps| steps.is_empty() || steps.len() == grid.steps_per_bar)
            && self.cells.len() == tracks
            && self.cells.iter().all(planes)
    }

    /// How sure the model is that a cell sounds, `[track, step, pitch]`: its logit, or nothing where
    /// the bar rests, has not this pitch, or where surer pitches are enough at the step. The surest
    /// cell of a pitch that the bar has counts as certain.
    pub(super) fn heard(&self, grid: &Grid, logits: &[f32]) -> Vec<f32> {
        let placed = self.placed(grid, logits);
        let logits = placed.as_ref();
        let expected = Expected::of(grid, logits);
        let sounds = expected.sounding(self);
        let row = pitches_per_bar(grid);
        let mut heard = vec![f32::NEG_INFINITY; logits.len() / grid.planes];
        let mut voices: Vec<usize> = Vec::with_capacity(row);
        for (step, cells) in heard.chunks_mut(row).enumerate() {
            let bar = step / grid.steps_per_bar * row;
            let sureness = |pitch: usize| logits[(step * row + pitch) * grid.planes];
            let lead = |pitch: usize| sureness(pitch) - expected.surest[bar + pitch];
            let most = self.voices[step / grid.steps()];
            voices.clear();
            voices.extend((0..row).filter(|pitch| sounds[bar + pitch]));
            // In a line each pitch has its turn, where it is surer than elsewhere in the bar.
            let rank = |pitch: &usize| if most == 1 { lead(*pitch) } else { sureness(*pitch) };
            voices.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
            let chord = self.chords.get(step / grid.steps()).copied().unwrap_or(f32::NEG_INFINITY);
            let is_line = voices.get(1).is_none_or(|second| sureness(*second) <= chord);
            for (voice, pitch) in voices.iter().copied().take(most).enumerate() {
                if lead(pitch) >= 0.0 {
                    cells[pitch] = f32::INFINITY;
                } else if voice == 0 || !is_line {
                    cells[pitch] = sureness(pitch);
                }
            }
        }
        heard
    }

    /// The logits with [`Calibration::positions`] added to those of sounding cells.
    fn placed<'a>(&self, grid: &Grid, logits: &'a [f32]) -> Cow<'a, [f32]> {
        if self.positions.iter().all(Vec::is_empty) {
            return Cow::Borrowed(logits);
        }
        let mut logits = logits.to_vec();
        let row = pitches_per_bar(grid) * grid.planes;
        for (track, of_track) in logits.chunks_mut(row * grid.steps()).enumerate() {
            for (step, of_step) in of_track.chunks_mut(row).enumerate() {
                let Some(more) = self.positions[track].get(step % grid.steps_per_bar) else { continue };
                of_step.iter_mut().step_by(grid.planes).for_each(|logit| *logit += more);
            }
        }
        Cow::Owned(logits)
    }
}

/// Sounding cells to expect: sums of their probabilities.
struct Expected {
    /// Of each pitch in each bar, `[track, bar, pitch]`.
    pitches: Vec<f32>,
    /// Of each bar, `[track, bar]`.
    bars: Vec<f32>,
    /// The greatest logit of each pitch in each bar, `[track, bar, pitch]`.
    surest: Vec<f32>,
    pitches_per_bar: usize,
    bars_per_track: usize,
    lowest_pitch: usize,
}

impl Expected {
    fn of(grid: &Grid, logits: &[f32]) -> Self {
        let pitches_per_bar = pitches_per_bar(grid);
        let mut pitches = vec![0.0; grid.track_count() * grid.bars * pitches_per_bar];
        let mut surest = vec![f32::NEG_INFINITY; pitches.len()];
        for (cell, x) in logits.iter().enumerate().step_by(grid.planes) {
            let place = place(grid, cell);
            pitches[place] += 1.0 / (1.0 + (-x).exp());
            surest[place] = surest[place].max(*x);
        }
        let bars = pitches.chunks(pitches_per_bar).map(|bar| bar.iter().sum()).collect();
        let lowest_pitch = usize::from(grid.lowest_pitch);
        Self { pitches, bars, surest, pitches_per_bar, bars_per_track: grid.bars, lowest_pitch }
    }

    /// Which pitches sound in which bars, `[track, bar, pitch]`.
    fn sounding(&self, calibration: &Calibration) -> Vec<bool> {
        let sounds = |(place, expected): (usize, &f32)| {
            let bar = place / self.pitches_per_bar;
            let track = bar / self.bars_per_track;
            let pitch = self.lowest_pitch + place % self.pitches_per_bar;
            let is_within = |[low, high]: &[u8; 2]| (usize::from(*low)..=usize::from(*high)).contains(&pitch);
            calibration.registers.get(track).is_none_or(is_within)
                && self.bars[bar] > calibration.presence[track]
                && *expected > calibration.pitches[track]
        };
        self.pitches.iter().enumerate().map(sounds).collect()
    }
}

/// Pitches that a bar can have.
fn pitches_per_bar(grid: &Grid) -> usize {
    grid.octaves * 12
}

/// Place in `[track, bar, pitch]` of a cell of `[track, step, octave, class, plane]`.
fn place(grid: &Grid, cell: usize) -> usize {
    let (step, pitch) =
        (cell / grid.planes / pitches_per_bar(grid), cell / grid.planes % pitches_per_bar(grid));
    step / grid.steps_per_bar * pitches_per_bar(grid) + pitch
}
