//! From probabilities to cells.

use super::config::Grid;
use super::{Calibration, Cells, ModelError};
use crate::base::{Rng, Seed};

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
                let heard = calibration.heard(grid, logits);
                sounding_too(&|cell| {
                    let sureness = if cell % planes == 0 { heard[cell / planes] } else { logits[cell] };
                    sureness > limit[cell / per_track][cell % planes]
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

pub(super) fn logit(p: f32) -> f32 {
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_and_a_cold_bernoulli_agree() {
        let logits: Vec<f32> = (0..48).map(|i| i as f32 - 23.5).collect();
        let half = Binarization::Threshold(0.5).apply(&Grid::one_bar(), &logits, &neutral(), 0);
        let cold = Binarization::Bernoulli { temperature: 0.01, seed: Seed(1) };
        assert_eq!(cold.apply(&Grid::one_bar(), &logits, &neutral(), 0), half);
        assert_eq!(half.words().iter().map(|w| w.count_ones()).sum::<u32>(), 24);
    }

    #[test]
    fn bernoulli_draws_come_from_the_seed_and_have_the_right_share() {
        let logits = vec![0.0; 48];
        let draw = |seed, index| {
            let warm = Binarization::Bernoulli { temperature: 1.0, seed: Seed(seed) };
            warm.apply(&Grid::one_bar(), &logits, &neutral(), index)
        };
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        let on: u32 = (0..50).map(|i| draw(2, i).words().iter().map(|w| w.count_ones()).sum::<u32>()).sum();
        assert!((1000..1400).contains(&on), "{on} of 2400");
    }

    fn neutral() -> Calibration {
        Calibration::neutral(&Grid::one_bar())
    }

    #[test]
    fn ranges_are_checked() {
        assert!(Binarization::Threshold(1.7).check().unwrap_err().to_string().contains("0..1, got 1.7"));
        assert!(Binarization::Bernoulli { temperature: 0.0, seed: Seed(0) }.check().is_err());
    }
}
