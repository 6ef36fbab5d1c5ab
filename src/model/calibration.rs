//! What fits a model's music to the density of real music.

use serde::{Deserialize, Serialize};

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
        }
    }

    /// Whether it has a number for every track and plane of `grid`.
    pub fn fits(&self, grid: &Grid) -> bool {
        let tracks = grid.track_count();
        let planes = |track: &Vec<f32>| track.len() == grid.planes;
        self.presence.len() == tracks
            && self.pitches.len() == tracks
            && self.voices.len() == tracks
            && self.cells.len() == tracks
            && self.cells.iter().all(planes)
    }

    /// How sure the model is that a cell sounds, `[track, step, pitch]`: its logit, or nothing where
    /// the bar rests, has not this pitch, or where surer pitches are enough at the step. The surest
    /// cell of a pitch that the bar has counts as certain.
    pub(super) fn heard(&self, grid: &Grid, logits: &[f32]) -> Vec<f32> {
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
            for pitch in voices.iter().copied().take(most) {
                cells[pitch] = if lead(pitch) >= 0.0 { f32::INFINITY } else { sureness(pitch) };
            }
        }
        heard
    }
}

/// What real music has, by track: the aim of [`calibrate`].
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    /// Share of cells that are on, `[track][plane]`.
    pub cells: Vec<Vec<f64>>,
    /// Share of silent bars, `[track]`.
    pub empty_bars: Vec<f64>,
    /// Share of the pitches of a bar that sound in it, over all bars, `[track]`.
    pub pitches: Vec<f64>,
    /// The most pitches that sound at once, but for one step in fifty, `[track]`.
    pub voices: Vec<usize>,
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
        Self { pitches, bars, surest, pitches_per_bar, bars_per_track: grid.bars }
    }

    /// Which pitches sound in which bars, `[track, bar, pitch]`.
    fn sounding(&self, calibration: &Calibration) -> Vec<bool> {
        let sounds = |(place, expected): (usize, &f32)| {
            let bar = place / self.pitches_per_bar;
            let track = bar / self.bars_per_track;
            self.bars[bar] > calibration.presence[track] && *expected > calibration.pitches[track]
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

/// The calibration at which `phrases` of logits (in the order of
/// [`Binarization::apply`](super::Binarization::apply)) have the silent bars, the pitches a bar, the
/// voices, the cells and the notes of `aim`; each is fitted in what the one before left.
pub fn calibrate(grid: &Grid, phrases: &[Vec<f32>], aim: &Density) -> Calibration {
    let tracks = grid.track_count();
    let mut calibration = Calibration { voices: aim.voices.clone(), ..Calibration::neutral(grid) };
    let expected: Vec<Expected> = phrases.iter().map(|logits| Expected::of(grid, logits)).collect();
    for track in 0..tracks {
        let bars = track * grid.bars..(track + 1) * grid.bars;
        let all = expected.iter().flat_map(|e| e.bars[bars.clone()].to_vec()).collect();
        calibration.presence[track] = at_share(all, 1.0 - aim.empty_bars[track]).max(0.0);
        let places = bars.start * pitches_per_bar(grid)..bars.end * pitches_per_bar(grid);
        let left = |e: &Expected| {
            let sounds = e.sounding(&calibration);
            places.clone().map(|i| if sounds[i] { e.pitches[i] } else { 0.0 }).collect::<Vec<_>>()
        };
        let all = expected.iter().flat_map(left).collect();
        calibration.pitches[track] = at_share(all, aim.pitches[track]).max(0.0);
    }
    let heard: Vec<Vec<f32>> = phrases.iter().map(|logits| calibration.heard(grid, logits)).collect();
    let per_track = grid.rows() * grid.cell_features();
    let row = pitches_per_bar(grid);
    for track in 0..tracks {
        let cells = track * per_track..(track + 1) * per_track;
        let of_track = cells.start / grid.planes..cells.end / grid.planes;
        let all: Vec<f32> = heard.iter().flat_map(|heard| heard[of_track.clone()].to_vec()).collect();
        let limit = at_share(all.clone(), aim.cells[track][0]);
        calibration.cells[track][0] = probability(limit);
        if grid.planes == 2 {
            // Where sounding begins, a note starts anyway; the onset plane adds the starts that are
            // missing among the cells that go on.
            let begins = |i: usize| i % (per_track / grid.planes) < row || all[i - row] <= limit;
            let (first, on): (Vec<usize>, Vec<usize>) =
                (0..all.len()).filter(|i| all[*i] > limit).partition(|i| begins(*i));
            let onset = |i: usize| {
                let (phrase, cell) = (i / (per_track / 2), i % (per_track / 2));
                phrases[phrase][cells.start + 2 * cell + 1]
            };
            let missing = (all.len() as f64 * aim.cells[track][1] - first.len() as f64).max(0.0);
            let share = missing / on.len().max(1) as f64;
            let limit = at_share(on.into_iter().map(onset).collect(), share);
            calibration.cells[track][1] = probability(limit);
        }
    }
    calibration
}

/// The probability of a logit, kept from being certain.
fn probability(logit: f32) -> f32 {
    (1.0 / (1.0 + (-logit).exp())).clamp(1e-4, 1.0 - 1e-4)
}

/// The value that a share of all values lies above.
fn at_share(mut values: Vec<f32>, share: f64) -> f32 {
    let rank = (values.len() as f64 * share).round() as usize;
    if rank >= values.len() {
        return f32::NEG_INFINITY;
    }
    *values.select_nth_unstable_by(rank, |a, b| b.total_cmp(a)).1
}

#[cfg(test)]
mod tests {
    use super::super::Cells;
    use super::super::binarize::Binarization;
    use super::*;

    fn grid() -> Grid {
        Grid {
            tracks: vec!["piano".into()],
            bars: 1,
            steps_per_bar: 4,
            planes: 1,
            octaves: 1,
            ..Grid::small()
        }
    }

    #[test]
    fn calibration_meets_the_density_of_cells() {
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(|i| i as f32 / 10.0 - 2.4).collect()];
        let aim =
            Density { cells: vec![vec![0.25]], empty_bars: vec![0.0], pitches: vec![1.0], voices: vec![12] };
        let calibration = calibrate(&grid(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&grid(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words().iter().map(|w| w.count_ones()).sum::<u32>(), 12);
    }

    #[test]
    fn calibration_meets_the_share_of_silent_bars() {
        let phrases: Vec<Vec<f32>> = (0..10).map(|phrase| vec![phrase as f32 / 4.0; 48]).collect();
        let aim =
            Density { cells: vec![vec![0.7]], empty_bars: vec![0.3], pitches: vec![0.7], voices: vec![12] };
        let calibration = calibrate(&grid(), &phrases, &aim);
        let silent = |logits: &Vec<f32>| {
            let cells = Binarization::Calibrated.apply(&grid(), logits, &calibration, 0);
            cells == Cells::silent(&grid())
        };
        assert!(phrases[..3].iter().all(silent), "the three bars least sure of themselves rest");
        assert!(!phrases[4..].iter().any(silent));
    }

    #[test]
    fn calibration_holds_a_few_pitches_rather_than_touching_many() {
        // Pitch 3 sounds weakly all the bar; the others have one strong cell each, as specks.
        let strong = |i: usize| {
            if i % 12 == 3 {
                0.5
            } else if i / 12 == i % 4 {
                1.0
            } else {
                -4.0
            }
        };
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(strong).collect()];
        let aim = Density {
            cells: vec![vec![4.0 / 48.0]],
            empty_bars: vec![0.0],
            pitches: vec![1.0 / 12.0],
            voices: vec![12],
        };
        let calibration = calibrate(&grid(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&grid(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words(), [1 << 3; 4]);
    }

    #[test]
    fn a_line_gives_each_of_its_pitches_a_turn() {
        // Pitch 4 fades and pitch 7 comes up, but never as sure as it.
        let of = |cell: usize| match (cell % 12, (cell / 12) as f32) {
            (4, step) => 2.0 - 0.1 * step,
            (7, step) => step - 2.0,
            _ => -5.0,
        };
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(of).collect()];
        let aim = Density {
            cells: vec![vec![4.0 / 48.0]],
            empty_bars: vec![0.0],
            pitches: vec![2.0 / 12.0],
            voices: vec![1],
        };
        let calibration = calibrate(&grid(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&grid(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words(), [1 << 4, 1 << 4, 1 << 4, 1 << 7]);
    }

    #[test]
    fn calibration_meets_the_number_of_notes() {
        let grid = Grid { planes: 2, ..grid() };
        // Pitch 0 sounds throughout, and the model is surest of an onset at steps 0 and 2.
        let of = |cell: usize| match (cell / 2 % 12, cell % 2, cell / 24) {
            (0, 0, _) | (0, 1, 0) => 3.0,
            (0, 1, step) => {
                if step == 2 {
                    1.0
                } else {
                    -1.0
                }
            }
            _ => -5.0,
        };
        let phrases: Vec<Vec<f32>> = vec![(0..96).map(of).collect()];
        let cells = |share: f64| vec![vec![4.0 / 48.0, share / 48.0]];
        for (notes, words) in [(1.0, [1, 0, 0, 0]), (2.0, [1, 0, 1, 0]), (4.0, [1, 1, 1, 1])] {
            let aim = Density {
                cells: cells(notes),
                empty_bars: vec![0.0],
                pitches: vec![1.0 / 12.0],
                voices: vec![12],
            };
            let calibration = calibrate(&grid, &phrases, &aim);
            let made = Binarization::Calibrated.apply(&grid, &phrases[0], &calibration, 0);
            let onsets: Vec<u16> = made.words().iter().skip(1).step_by(2).copied().collect();
            assert_eq!(onsets, words, "{notes} notes");
        }
    }
}
