//! From probabilities to cells.

use serde::{Deserialize, Serialize};

use super::config::Grid;
use super::{Cells, ModelError};
use crate::base::{Rng, Seed};

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
}

impl Calibration {
    /// Every cell above one half, no bar silenced and no pitch left out.
    pub fn neutral(grid: &Grid) -> Self {
        let tracks = grid.track_count();
        let none = vec![0.0; tracks];
        Self { cells: vec![vec![0.5; grid.planes]; tracks], presence: none.clone(), pitches: none }
    }

    /// Whether it has a number for every track and plane of `grid`.
    pub fn fits(&self, grid: &Grid) -> bool {
        let tracks = grid.track_count();
        let planes = |track: &Vec<f32>| track.len() == grid.planes;
        self.presence.len() == tracks
            && self.pitches.len() == tracks
            && self.cells.len() == tracks
            && self.cells.iter().all(planes)
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
}

/// How probabilities become cells.
#[derive(Clone, Debug, PartialEq)]
pub enum Binarization {
    /// As the model was made to play, the default: through its binary neurons (at one half, or drawn
    /// from the latent) where it was trained with some, otherwise by its [`Calibration`].
    AsTrained,
    /// The [`Calibration`] that came with the model.
    Calibrated,
    /// One threshold for all tracks, 0..1.
    Threshold(f64),
    /// Each cell on with its probability; `temperature` divides the logits (1 leaves them, lower is
    /// surer).
    Bernoulli {
        /// Divides the logits; above 0.
        temperature: f64,
        /// What the draws come from.
        seed: Seed,
    },
}

impl Binarization {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`ModelError::Range`].
    pub fn check(&self) -> Result<(), ModelError> {
        let refuse = |name, range, value| Err(ModelError::Range { name, range, value });
        match self {
            Self::Threshold(value) if !(0.0..=1.0).contains(value) => refuse("threshold", "0..1", *value),
            Self::Bernoulli { temperature, .. } if !(0.01..=100.0).contains(temperature) => {
                refuse("temperature", "0.01..100", *temperature)
            }
            _ => Ok(()),
        }
    }

    /// The cells of phrase `index` of a call, from its logits `[track, step, octave, class, plane]`. An
    /// onset counts only where the cell sounds. [`Binarization::AsTrained`] is that of a model without
    /// binary neurons.
    pub fn apply(&self, grid: &Grid, logits: &[f32], calibration: &Calibration, index: u64) -> Cells {
        let planes = grid.planes;
        let sounding_too = |on: &dyn Fn(usize) -> bool| {
            Cells::from_bits(grid, |cell| on(cell) && (cell % planes == 0 || on(cell - cell % planes)))
        };
        match self {
            Self::AsTrained | Self::Calibrated => {
                let per_track = grid.rows() * grid.cell_features();
                let limit: Vec<Vec<f32>> =
                    calibration.cells.iter().map(|track| track.iter().map(|p| logit(*p)).collect()).collect();
                let sounds = Expected::of(grid, logits).sounding(calibration);
                sounding_too(&|cell| {
                    logits[cell] > limit[cell / per_track][cell % planes] && sounds[place(grid, cell)]
                })
            }
            Self::Threshold(value) => {
                let limit = logit(*value as f32);
                sounding_too(&|cell| logits[cell] > limit)
            }
            Self::Bernoulli { temperature, seed } => {
                let mut rng = seed.stream(&format!("bernoulli/{index}"));
                // One draw for all planes of a cell: an onset is then rarely drawn without its sound.
                let draws = bernoulli_limits(&mut rng, logits.len() / planes, *temperature);
                sounding_too(&|cell| logits[cell] > draws[cell / planes])
            }
        }
    }
}

/// Logits that uniform draws correspond to, times the temperature: `x / t > logit(u)` is a draw with
/// probability `sigmoid(x / t)`.
fn bernoulli_limits(rng: &mut Rng, count: usize, temperature: f64) -> Vec<f32> {
    (0..count).map(|_| logit(rng.uniform() as f32) * temperature as f32).collect()
}

fn logit(p: f32) -> f32 {
    (p / (1.0 - p)).ln()
}

/// Sounding cells to expect: sums of their probabilities.
struct Expected {
    /// Of each pitch in each bar, `[track, bar, pitch]`.
    pitches: Vec<f32>,
    /// Of each bar, `[track, bar]`.
    bars: Vec<f32>,
    pitches_per_bar: usize,
    bars_per_track: usize,
}

impl Expected {
    fn of(grid: &Grid, logits: &[f32]) -> Self {
        let pitches_per_bar = pitches_per_bar(grid);
        let mut pitches = vec![0.0; grid.track_count() * grid.bars * pitches_per_bar];
        for (cell, x) in logits.iter().enumerate().step_by(grid.planes) {
            pitches[place(grid, cell)] += 1.0 / (1.0 + (-x).exp());
        }
        let bars = pitches.chunks(pitches_per_bar).map(|bar| bar.iter().sum()).collect();
        Self { pitches, bars, pitches_per_bar, bars_per_track: grid.bars }
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

/// The calibration at which `phrases` of logits (in the order of [`Binarization::apply`]) have the
/// silent bars, the pitches a bar and the cells of `aim`; each is fitted in what the one before left.
pub fn calibrate(grid: &Grid, phrases: &[Vec<f32>], aim: &Density) -> Calibration {
    let tracks = grid.track_count();
    let mut calibration = Calibration::neutral(grid);
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
    let sounding: Vec<Vec<bool>> = expected.iter().map(|e| e.sounding(&calibration)).collect();
    let per_track = grid.rows() * grid.cell_features();
    let row = pitches_per_bar(grid);
    for track in 0..tracks {
        let cells = track * per_track..(track + 1) * per_track;
        let present = |(logits, sounds): (&Vec<f32>, &Vec<bool>)| {
            let of_cell = |c| if sounds[place(grid, c)] { logits[c] } else { f32::NEG_INFINITY };
            cells.clone().step_by(grid.planes).map(of_cell).collect::<Vec<f32>>()
        };
        let all: Vec<f32> = phrases.iter().zip(&sounding).flat_map(present).collect();
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
    (1.0 / (1.0 + (-logit).exp())).clamp(0.05, 0.95)
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
    fn a_threshold_and_a_cold_bernoulli_agree() {
        let logits: Vec<f32> = (0..48).map(|i| i as f32 - 23.5).collect();
        let half = Binarization::Threshold(0.5).apply(&grid(), &logits, &neutral(), 0);
        let cold = Binarization::Bernoulli { temperature: 0.01, seed: Seed(1) };
        assert_eq!(cold.apply(&grid(), &logits, &neutral(), 0), half);
        assert_eq!(half.words().iter().map(|w| w.count_ones()).sum::<u32>(), 24);
    }

    #[test]
    fn bernoulli_draws_come_from_the_seed_and_have_the_right_share() {
        let logits = vec![0.0; 48];
        let draw = |seed, index| {
            let warm = Binarization::Bernoulli { temperature: 1.0, seed: Seed(seed) };
            warm.apply(&grid(), &logits, &neutral(), index)
        };
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        let on: u32 = (0..50).map(|i| draw(2, i).words().iter().map(|w| w.count_ones()).sum::<u32>()).sum();
        assert!((1000..1400).contains(&on), "{on} of 2400");
    }

    fn neutral() -> Calibration {
        Calibration::neutral(&grid())
    }

    #[test]
    fn calibration_meets_the_density_of_cells() {
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(|i| i as f32 / 10.0 - 2.4).collect()];
        let aim = Density { cells: vec![vec![0.25]], empty_bars: vec![0.0], pitches: vec![1.0] };
        let calibration = calibrate(&grid(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&grid(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words().iter().map(|w| w.count_ones()).sum::<u32>(), 12);
    }

    #[test]
    fn calibration_meets_the_share_of_silent_bars() {
        let phrases: Vec<Vec<f32>> = (0..10).map(|phrase| vec![phrase as f32 / 4.0; 48]).collect();
        let aim = Density { cells: vec![vec![0.7]], empty_bars: vec![0.3], pitches: vec![0.7] };
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
        let aim = Density { cells: vec![vec![4.0 / 48.0]], empty_bars: vec![0.0], pitches: vec![1.0 / 12.0] };
        let calibration = calibrate(&grid(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&grid(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words(), [1 << 3; 4]);
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
            let aim = Density { cells: cells(notes), empty_bars: vec![0.0], pitches: vec![1.0 / 12.0] };
            let calibration = calibrate(&grid, &phrases, &aim);
            let made = Binarization::Calibrated.apply(&grid, &phrases[0], &calibration, 0);
            let onsets: Vec<u16> = made.words().iter().skip(1).step_by(2).copied().collect();
            assert_eq!(onsets, words, "{notes} notes");
        }
    }

    #[test]
    fn ranges_are_checked() {
        assert!(Binarization::Threshold(1.7).check().unwrap_err().to_string().contains("0..1, got 1.7"));
        assert!(Binarization::Bernoulli { temperature: 0.0, seed: Seed(0) }.check().is_err());
    }
}
