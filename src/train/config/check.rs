//! What no single key of a config shows: numbers out of range, keys that do not go together.

use super::schedule::STEEPEST;
use super::{InitKind, Initialization, RefinerTraining, TrainConfig};

impl TrainConfig {
    /// Checks what no single key shows; the reason names keys in backquotes, the wrong one first.
    pub(in crate::train) fn check(&self) -> Result<(), String> {
        self.model.check().map_err(|error| error.to_string())?;
        self.critic.check(&self.model.grid).map_err(|error| error.to_string())?;
        if self.critic.per_track && self.mismatch_weight > 0.0 {
            return Err("`critic.per_track` cannot tell tracks of different phrases apart: set \
                        `mismatch_weight` to 0"
                .into());
        }
        let plain =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
        if !plain(&self.name) {
            return Err(format!("`name` is letters, digits, `-` and `_`, got `{}`", self.name));
        }
        if self.use_train_test_split && self.held_out.is_some() {
            return Err("`use_train_test_split` and `held_out` say the same: keep one of them".into());
        }
        if self.batch_size == 0 || self.steps == 0 || self.n_dis_updates_per_gen_update == 0 {
            return Err("`steps`, `batch_size` and `n_dis_updates_per_gen_update` must be at least 1".into());
        }
        if self.micro_batch > 0 && !self.batch_size.is_multiple_of(self.micro_batch) {
            let (batch, micro) = (self.batch_size, self.micro_batch);
            return Err(format!("`batch_size` {batch} must be a multiple of `micro_batch` {micro}"));
        }
        if !(self.initial_learning_rate > 0.0 && self.initial_learning_rate < 1.0) {
            let rate = self.initial_learning_rate;
            return Err(format!("`initial_learning_rate` must lie between 0 and 1, got {rate}"));
        }
        for (name, value) in [("mismatch_weight", self.mismatch_weight), ("ema_decay", self.ema_decay)] {
            if !(0.0..1.0).contains(&value) {
                return Err(format!("`{name}` must lie in 0..1, got {value}"));
            }
        }
        for (name, value) in [("adam.beta1", self.adam.beta1), ("adam.beta2", self.adam.beta2)] {
            if !(0.0..1.0).contains(&value) {
                return Err(format!("`{name}` must lie in 0..1, got {value}"));
            }
        }
        for (name, value) in [
            ("gradient_penalty_weight", self.gradient_penalty_weight),
            ("accompany.reconstruction", self.accompany.reconstruction),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(format!("`{name}` must be 0 or more, got {value}"));
            }
        }
        self.check_neurons()?;
        self.check_refiner()?;
        self.check_start()?;
        self.augmentation.check(self.model.grid.track_count())?;
        if self.stop_on_collapse && self.evaluate_steps == 0 {
            return Err("`stop_on_collapse` needs `evaluate_steps`: an evaluation shows the signs".into());
        }
        if let (false, Some(steps @ 1..)) = (self.save_plots, self.save_summaries_steps) {
            return Err(format!(
                "`save_summaries_steps: {steps}` draws what `save_plots: false` does not: keep one of them"
            ));
        }
        self.check_tracks()?;
        let [rows, columns] = self.sample_grid;
        if rows == 0 || columns == 0 {
            return Err(format!("`sample_grid` needs rows and columns, got [{rows}, {columns}]"));
        }
        Ok(())
    }

    fn check_refiner(&self) -> Result<(), String> {
        if self.model.refiner.is_none() && self.refiner_training.is_some() {
            return Err("`refiner_training` is for models with a refiner: add `model.refiner`, such as \
                        `{ channels: 8, units: 2 }`, or leave it out"
                .into());
        }
        match (self.refiner_training(), &self.warm_start) {
            (Some(RefinerTraining::TwoStage | RefinerTraining::Joint), None) => Err(
                "a refiner in two stages (or joint) starts from a trained generator: name its checkpoint in \
                 `warm_start`, or set `refiner_training: end_to_end`"
                    .into(),
            ),
            (Some(RefinerTraining::EndToEnd), Some(_)) => {
                Err("`refiner_training: end_to_end` starts from scratch: leave out `warm_start`, or set \
                 `refiner_training: joint`"
                    .into())
            }
            _ => Ok(()),
        }
    }

    fn check_neurons(&self) -> Result<(), String> {
        let slopes = 0.1..=STEEPEST;
        if !slopes.contains(&self.slope_schedule.end_value) {
            let value = self.slope_schedule.end_value;
            return Err(format!("`slope_schedule.end_value` must lie in 0.1..={STEEPEST}, got {value}"));
        }
        if let Some(rate) = self.slope_annealing_rate.filter(|rate| !(1.0..=2.0).contains(rate)) {
            return Err(format!("`slope_annealing_rate` must lie in 1..=2, got {rate}"));
        }
        if !self.use_binary_neurons && self.use_slope_annealing {
            return Err("`use_slope_annealing` is for binary neurons: set `use_binary_neurons: true`, or \
                        leave it out"
                .into());
        }
        Ok(())
    }

    fn check_start(&self) -> Result<(), String> {
        match self.initialization {
            Initialization { kind: InitKind::ScaledNormal, std: Some(_) } => {
                return Err(
                    "`initialization.std` belongs to `kind: truncated_normal`; `scaled_normal` takes \
                            its deviation from each layer's width"
                        .into(),
                );
            }
            Initialization { std: Some(std), .. } if !(std > 0.0 && std <= 1.0) => {
                return Err(format!("`initialization.std` must lie between 0 and 1, got {std}"));
            }
            _ => {}
        }
        if self.n_dis_updates_warmup.is_some_and(|warmup| warmup.updates == 0) {
            return Err("`n_dis_updates_warmup.updates` must be at least 1".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::fixture;

    /// The shared run without an encoder, mismatched phrases and what goes with them.
    fn plain() -> String {
        fixture::text(&[
            ("  encoder: { bar: 3, beat: 3, step: 3, octave: 2 }\n", ""),
            ("mismatch_weight: 0.3\naccompany: { reconstruction: 0.1 }\n", ""),
        ])
    }

    fn refusal(text: &str) -> String {
        TrainConfig::from_yaml(text).unwrap_err().to_string()
    }

    #[test]
    fn impossible_numbers_are_refused() {
        let cases = [
            ("steps: 10", "steps: 0", "`steps`"),
            ("0.01", "2.0", "`initial_learning_rate`"),
            ("name: small", "name: a/b", "`a/b`"),
            ("batch_size: 3", "batch_size: 3\nmicro_batch: 2", "`micro_batch` 2"),
            ("batch_size: 3", "batch_size: 3\nmismatch_weight: 1.5", "`mismatch_weight`"),
            ("critic: {", "mismatch_weight: 0.5\ncritic: { per_track: true,", "`critic.per_track`"),
            ("private: 6", "private: 0", "`critic.private`"),
            ("critic: {", "critic: { kind: bar_phrases,", "`bar_phrase`"),
            ("batch_size: 3", "batch_size: 3\nadam: { beta2: 1.0 }", "`adam.beta2`"),
            ("batch_size: 3", "batch_size: 3\ngradient_penalty_weight: -1.0", "`gradient_penalty_weight`"),
            ("batch_size: 3", "batch_size: 3\nsample_grid: [4, 0]", "[4, 0]"),
            ("[piano, bass]", "[piano, Piano]", "`Piano`"),
            ("batch_size: 3", "batch_size: 3\nrefiner_training: joint", "`model.refiner`"),
            ("\ncritic:", "\n  refiner: {}\ncritic:", "`warm_start`"),
            (
                "\ncritic:",
                "\n  refiner: {}\nrefiner_training: end_to_end\nwarm_start: a\ncritic:",
                "`refiner_training: joint`",
            ),
            ("steps: 10", "steps: 10\nsave_plots: false\nsave_summaries_steps: 5", "`save_plots: false`"),
            ("batch_size: 3", "batch_size: 3\nuse_slope_annealing: true", "`use_binary_neurons: true`"),
            (
                "batch_size: 3",
                "batch_size: 3\nslope_schedule: { end_value: 0 }",
                "`slope_schedule.end_value`",
            ),
            ("batch_size: 3", "batch_size: 3\nslope_annealing_rate: 0.9", "`slope_annealing_rate`"),
            (
                "batch_size: 3",
                "batch_size: 3\naugmentation: { beat_shift: 1.5 }",
                "`augmentation.beat_shift`",
            ),
            ("batch_size: 3", "batch_size: 3\naugmentation: { transpose: .nan }", "`augmentation.transpose`"),
            ("batch_size: 3", "batch_size: 3\naugmentation: { shift: 1.0 }", "`beat_shift`"),
            ("batch_size: 3", "batch_size: 3\ninitialization: { std: 0.02 }", "`initialization.std`"),
            (
                "batch_size: 3",
                "batch_size: 3\ninitialization: { kind: truncated_normal, std: 0.0 }",
                "`initialization.std`",
            ),
            ("batch_size: 3", "batch_size: 3\nn_dis_updates_warmup: { updates: 0, steps: 3 }", "`n_dis_upd"),
        ];
        for (from, to, named) in cases {
            let text = plain();
            assert!(text.contains(from), "{from}");
            let error = refusal(&text.replace(from, to));
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn the_only_track_is_not_dropped() {
        let text = plain().replace("[piano, bass]", "[piano]");
        TrainConfig::from_yaml(&text).unwrap();
        let error = refusal(&format!("{text}augmentation: {{ track_drop_out: 0.1 }}"));
        assert!(error.contains("`augmentation.track_drop_out`"), "{error}");
    }
}
