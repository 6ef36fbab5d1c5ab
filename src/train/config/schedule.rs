//! What changes in the course of a run: learning rate, slope of binary neurons, critic updates.

use serde::{Deserialize, Serialize};

use super::TrainConfig;
use crate::model::Neurons;

/// Largest slope of binary neurons: beyond it, single precision sees a step without a derivative.
pub(super) const STEEPEST: f64 = 100.0;

/// A linear change of the learning rate, in generator steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// First step that differs from the initial value; the last tenth of the run when absent.
    pub start: Option<u64>,
    /// Step at which `end_value` is reached; the last step when absent.
    pub end: Option<u64>,
    /// Learning rate at the end.
    pub end_value: f64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { start: None, end: None, end_value: 0.0 }
    }
}

/// A linear change of the binary neurons' slope from 1, in generator steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlopeSchedule {
    /// Last step with a slope of 1; the end of the first fifth of the run when absent.
    pub start: Option<u64>,
    /// Step at which `end_value` is reached; the last step when absent.
    pub end: Option<u64>,
    /// Slope at the end.
    pub end_value: f64,
}

impl Default for SlopeSchedule {
    fn default() -> Self {
        Self { start: None, end: None, end_value: 5.0 }
    }
}

/// A head start for the critic, in generator steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warmup {
    /// Critic updates before each of these generator updates.
    pub updates: u64,
    /// Generator steps at the start that have so many.
    pub steps: u64,
    /// Also every so many generator steps, counted from 0; 0 for none.
    #[serde(default)]
    pub every: u64,
}

impl TrainConfig {
    /// Learning rate of generator step `step`, counted from 0.
    pub fn learning_rate(&self, step: u64) -> f64 {
        let schedule = self.learning_rate_schedule;
        let start = schedule.start.unwrap_or(self.steps - self.steps / 10);
        let end = schedule.end.unwrap_or(self.steps).max(start + 1);
        if !self.use_learning_rate_decay || step <= start {
            return self.initial_learning_rate;
        }
        let done = ((step - start) as f64 / (end - start) as f64).min(1.0);
        self.initial_learning_rate + done * (schedule.end_value - self.initial_learning_rate)
    }

    /// The binary neurons of generator step `step`, counted from 0, in a run over `phrases` phrases.
    pub fn neurons(&self, step: u64, phrases: usize) -> Option<Neurons> {
        let slope = self.slope(step, phrases);
        self.use_binary_neurons.then_some(Neurons { kind: self.binary_neurons, slope })
    }

    fn slope(&self, step: u64, phrases: usize) -> f64 {
        if !self.use_slope_annealing {
            return 1.0;
        }
        if let Some(rate) = self.slope_annealing_rate {
            let passes = step * self.batch_size as u64 / phrases.max(1) as u64;
            return rate.powf(passes as f64).min(STEEPEST);
        }
        let schedule = self.slope_schedule;
        let start = schedule.start.unwrap_or(self.steps / 5);
        let end = schedule.end.unwrap_or(self.steps).max(start + 1);
        let done = (step.saturating_sub(start) as f64 / (end - start) as f64).min(1.0);
        1.0 + done * (schedule.end_value - 1.0)
    }

    /// Critic updates before the generator's in step `step`, counted from 0.
    pub fn critic_updates(&self, step: u64) -> u64 {
        match self.n_dis_updates_warmup {
            Some(Warmup { updates, steps, every })
                if step < steps || (every > 0 && step.is_multiple_of(every)) =>
            {
                updates
            }
            _ => self.n_dis_updates_per_gen_update,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::fixture;

    /// A run of 100 steps with 8 phrases each, and more keys.
    fn with(keys: &str) -> TrainConfig {
        let steps = format!("steps: 100\n{keys}");
        let changes = [
            ("steps: 10", steps.as_str()),
            ("batch_size: 3", "batch_size: 8"),
            ("initial_learning_rate: 0.01", "initial_learning_rate: 0.001"),
        ];
        fixture::config(&changes)
    }

    #[test]
    fn the_critic_has_more_updates_while_it_warms_up() {
        let with = |keys: &str| with(&format!("n_dis_updates_per_gen_update: 5\n{keys}"));
        let first = with("n_dis_updates_warmup: { updates: 100, steps: 25, every: 500 }");
        assert_eq!(
            [0, 24, 25, 499, 500, 501, 1000].map(|s| first.critic_updates(s)),
            [100, 100, 5, 5, 100, 5, 100]
        );
        let later = with("n_dis_updates_warmup: { updates: 50, steps: 10 }");
        assert_eq!([0, 9, 10, 500].map(|s| later.critic_updates(s)), [50, 50, 5, 5]);
        assert_eq!(with("").critic_updates(0), 5);
    }

    #[test]
    fn the_learning_rate_falls_over_the_last_tenth() {
        let config = with("");
        assert_eq!([config.learning_rate(0), config.learning_rate(90)], [0.001, 0.001]);
        assert!((config.learning_rate(95) - 0.0005).abs() < 1e-12);
        assert_eq!(config.learning_rate(100), 0.0);
    }

    #[test]
    fn the_slope_grows_over_generator_steps_by_hand() {
        let slope = |config: &TrainConfig, step| config.neurons(step, 32).unwrap().slope;
        let neurons = "use_binary_neurons: true\n";
        assert_eq!(with("").neurons(50, 32), None);
        let flat = with(&format!("{neurons}slope_schedule: {{ end_value: 3 }}"));
        assert_eq!([slope(&flat, 0), slope(&flat, 100)], [1.0, 1.0]);
        // 100 steps: from 1 at step 20 to 5 at step 100.
        let annealed = with(&format!("{neurons}use_slope_annealing: true"));
        assert_eq!([0, 20, 40, 100, 200].map(|step| slope(&annealed, step)), [1.0, 1.0, 2.0, 5.0, 5.0]);
        let said = "use_slope_annealing: true\nslope_schedule: { start: 10, end: 50, end_value: 3 }";
        let said = with(&format!("{neurons}{said}"));
        assert_eq!([10, 30, 50, 60].map(|step| slope(&said, step)), [1.0, 2.0, 3.0, 3.0]);
        // 8 phrases a step and 32 in all: four steps a pass.
        let passes = with(&format!("{neurons}use_slope_annealing: true\nslope_annealing_rate: 1.5"));
        assert_eq!([3, 4, 7, 8].map(|step| slope(&passes, step)), [1.0, 1.5, 1.5, 2.25]);
    }
}
