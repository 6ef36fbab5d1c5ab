//! From probabilities to cells.

use super::config::Grid;
use super::{Cells, ModelError};
use crate::base::{Rng, Seed};

/// Probabilities above which a cell is on, one for each `[track][plane]`.
pub type Thresholds = Vec<Vec<f32>>;

/// How probabilities become cells.
#[derive(Clone, Debug, PartialEq)]
pub enum Binarization {
    /// The thresholds that came with the model, fitted so that its music is as dense as real music.
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

    /// The cells of phrase `index` of a call, from its logits `[track, step, octave, class, plane]`.
    pub fn apply(&self, grid: &Grid, logits: &[f32], calibrated: &Thresholds, index: u64) -> Cells {
        let per_track = grid.rows() * grid.cell_features();
        match self {
            Self::Calibrated => {
                let limit: Vec<Vec<f32>> =
                    calibrated.iter().map(|planes| planes.iter().map(|p| logit(*p)).collect()).collect();
                Cells::from_bits(grid, |cell| logits[cell] > limit[cell / per_track][cell % grid.planes])
            }
            Self::Threshold(value) => {
                let limit = logit(*value as f32);
                Cells::from_bits(grid, |cell| logits[cell] > limit)
            }
            Self::Bernoulli { temperature, seed } => {
                let mut rng = seed.stream(&format!("bernoulli/{index}"));
                let draws = bernoulli_limits(&mut rng, logits.len(), *temperature);
                Cells::from_bits(grid, |cell| logits[cell] > draws[cell])
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

/// The thresholds at which a share of `targets[track][plane]` of the probabilities lies above, from
/// `phrases` of logits in the order of [`Binarization::apply`].
pub fn calibrate(grid: &Grid, phrases: &[Vec<f32>], targets: &[Vec<f64>]) -> Thresholds {
    let per_track = grid.rows() * grid.cell_features();
    let threshold = |track: usize, plane: usize, share: f64| {
        let of_track = |logits: &Vec<f32>| logits[track * per_track..(track + 1) * per_track].to_vec();
        let mut all: Vec<f32> = phrases
            .iter()
            .flat_map(|logits| of_track(logits).into_iter().skip(plane).step_by(grid.planes))
            .collect();
        if all.is_empty() {
            return 0.5;
        }
        let rank = ((all.len() as f64 * share).round() as usize).min(all.len() - 1);
        let (_, value, _) = all.select_nth_unstable_by(rank, |a, b| b.total_cmp(a));
        let probability = 1.0 / (1.0 + (-*value).exp());
        probability.clamp(0.05, 0.95)
    };
    let planes = |(track, shares): (usize, &Vec<f64>)| {
        shares.iter().enumerate().map(|(plane, share)| threshold(track, plane, *share)).collect()
    };
    targets.iter().enumerate().map(planes).collect()
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
        let half = Binarization::Threshold(0.5).apply(&grid(), &logits, &vec![], 0);
        let cold = Binarization::Bernoulli { temperature: 0.01, seed: Seed(1) };
        assert_eq!(cold.apply(&grid(), &logits, &vec![], 0), half);
        assert_eq!(half.words().iter().map(|w| w.count_ones()).sum::<u32>(), 24);
    }

    #[test]
    fn bernoulli_draws_come_from_the_seed_and_have_the_right_share() {
        let logits = vec![0.0; 48];
        let draw = |seed, index| {
            let warm = Binarization::Bernoulli { temperature: 1.0, seed: Seed(seed) };
            warm.apply(&grid(), &logits, &vec![], index)
        };
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        let on: u32 = (0..50).map(|i| draw(2, i).words().iter().map(|w| w.count_ones()).sum::<u32>()).sum();
        assert!((1000..1400).contains(&on), "{on} of 2400");
    }

    #[test]
    fn calibration_meets_the_density() {
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(|i| i as f32 / 10.0 - 2.4).collect()];
        let thresholds = calibrate(&grid(), &phrases, &[vec![0.25]]);
        let cells = Binarization::Calibrated.apply(&grid(), &phrases[0], &thresholds, 0);
        assert_eq!(cells.words().iter().map(|w| w.count_ones()).sum::<u32>(), 12);
    }

    #[test]
    fn ranges_are_checked() {
        assert!(Binarization::Threshold(1.7).check().unwrap_err().to_string().contains("0..1, got 1.7"));
        assert!(Binarization::Bernoulli { temperature: 0.0, seed: Seed(0) }.check().is_err());
    }
}
