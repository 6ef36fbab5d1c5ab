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
    /// Sounding cells to expect of a bar (the sum of their probabilities) below which the track rests
    /// for that bar, by track. Bars that a model is unsure of are then silent rather than ragged.
    pub presence: Vec<f32>,
}

impl Calibration {
    /// Every cell above one half, and no bar silenced.
    pub fn neutral(grid: &Grid) -> Self {
        let tracks = grid.track_count();
        Self { cells: vec![vec![0.5; grid.planes]; tracks], presence: vec![0.0; tracks] }
    }

    /// Whether it has a number for every track and plane of `grid`.
    pub fn fits(&self, grid: &Grid) -> bool {
        let tracks = grid.track_count();
        let planes = |track: &Vec<f32>| track.len() == grid.planes;
        self.cells.len() == tracks && self.presence.len() == tracks && self.cells.iter().all(planes)
    }
}

/// What real music has, by track: the aim of [`calibrate`].
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    /// Share of cells that are on, `[track][plane]`.
    pub cells: Vec<Vec<f64>>,
    /// Share of silent bars, `[track]`.
    pub empty_bars: Vec<f64>,
}

/// How probabilities become cells.
#[derive(Clone, Debug, PartialEq)]
pub enum Binarization {
    /// The [`Calibration`] that came with the model: the default, and what sounds best.
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
    /// onset counts only where the cell sounds.
    pub fn apply(&self, grid: &Grid, logits: &[f32], calibration: &Calibration, index: u64) -> Cells {
        let per_track = grid.rows() * grid.cell_features();
        let planes = grid.planes;
        let sounding_too = |on: &dyn Fn(usize) -> bool| {
            Cells::from_bits(grid, |cell| on(cell) && (cell % planes == 0 || on(cell - cell % planes)))
        };
        match self {
            Self::Calibrated => {
                let limit: Vec<Vec<f32>> =
                    calibration.cells.iter().map(|track| track.iter().map(|p| logit(*p)).collect()).collect();
                let expected = expected_cells(grid, logits);
                let present = |place: usize| expected[place] >= calibration.presence[place / grid.bars];
                let per_bar = per_track / grid.bars;
                sounding_too(&|cell| {
                    logits[cell] > limit[cell / per_track][cell % planes] && present(cell / per_bar)
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

/// Sounding cells to expect of every `[track, bar]`: the sum of their probabilities.
fn expected_cells(grid: &Grid, logits: &[f32]) -> Vec<f32> {
    let per_bar = grid.rows() * grid.cell_features() / grid.bars;
    let sum = |bar: &[f32]| bar.iter().step_by(grid.planes).map(|x| 1.0 / (1.0 + (-x).exp())).sum();
    logits.chunks(per_bar).map(sum).collect()
}

/// The calibration at which `phrases` of logits (in the order of [`Binarization::apply`]) have the
/// silent bars and the cells of `aim`.
pub fn calibrate(grid: &Grid, phrases: &[Vec<f32>], aim: &Density) -> Calibration {
    let bars = grid.bars;
    let expected: Vec<Vec<f32>> = phrases.iter().map(|logits| expected_cells(grid, logits)).collect();
    let presence = |track: usize| {
        let of_track = |phrase: &Vec<f32>| phrase[track * bars..(track + 1) * bars].to_vec();
        let all: Vec<f32> = expected.iter().flat_map(of_track).collect();
        at_share(all, 1.0 - aim.empty_bars[track]).unwrap_or(0.0)
    };
    let presence: Vec<f32> = (0..grid.track_count()).map(presence).collect();
    let per_track = grid.rows() * grid.cell_features();
    let threshold = |track: usize, plane: usize| {
        let mut all = Vec::with_capacity(phrases.len() * per_track / grid.planes);
        for (logits, expected) in phrases.iter().zip(&expected) {
            let of_track = &logits[track * per_track..(track + 1) * per_track];
            for (bar, cells) in of_track.chunks(per_track / bars).enumerate() {
                let sounds = expected[track * bars + bar] >= presence[track];
                let cells = cells.iter().skip(plane).step_by(grid.planes);
                all.extend(cells.map(|x| if sounds { *x } else { f32::NEG_INFINITY }));
            }
        }
        let limit = at_share(all, aim.cells[track][plane]).unwrap_or(0.0);
        (1.0 / (1.0 + (-limit).exp())).clamp(0.05, 0.95)
    };
    let planes = |track| (0..grid.planes).map(|plane| threshold(track, plane)).collect();
    Calibration { cells: (0..grid.track_count()).map(planes).collect(), presence }
}

/// The value that a share of all values lies above.
fn at_share(mut values: Vec<f32>, share: f64) -> Option<f32> {
    if values.is_empty() {
        return None;
    }
    let rank = ((values.len() as f64 * share).round() as usize).min(values.len() - 1);
    let (_, value, _) = values.select_nth_unstable_by(rank, |a, b| b.total_cmp(a));
    Some(*value)
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
        let aim = Density { cells: vec![vec![0.25]], empty_bars: vec![0.0] };
        let calibration = calibrate(&grid(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&grid(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words().iter().map(|w| w.count_ones()).sum::<u32>(), 12);
    }

    #[test]
    fn calibration_meets_the_share_of_silent_bars() {
        let phrases: Vec<Vec<f32>> = (0..10).map(|phrase| vec![phrase as f32 / 4.0; 48]).collect();
        let aim = Density { cells: vec![vec![0.7]], empty_bars: vec![0.3] };
        let calibration = calibrate(&grid(), &phrases, &aim);
        let silent = |logits: &Vec<f32>| {
            let cells = Binarization::Calibrated.apply(&grid(), logits, &calibration, 0);
            cells == Cells::silent(&grid())
        };
        assert!(phrases[..3].iter().all(silent), "the three bars least sure of themselves rest");
        assert!(!phrases[4..].iter().any(silent));
    }

    #[test]
    fn ranges_are_checked() {
        assert!(Binarization::Threshold(1.7).check().unwrap_err().to_string().contains("0..1, got 1.7"));
        assert!(Binarization::Bernoulli { temperature: 0.0, seed: Seed(0) }.check().is_err());
    }
}
