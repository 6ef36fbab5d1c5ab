//! A run's whole state in one file, from which it goes on as if it had never stopped.

use std::collections::HashMap;
use std::path::Path;

use burn::tensor::{Tensor, TensorData};
use serde_yaml::Value;

use super::optimizer::Memory;
use super::{TrainConfig, TrainError, Trainer};
use crate::base::{read_file, write_atomically};
use crate::model::{Critic, Generator, HostTensor, Layout, ModelError, Precision, decode, encode};

/// Differences of architectures that an error names.
const NAMED: usize = 4;

impl Trainer {
    /// Writes both networks, the moving average, both optimizers and the step.
    ///
    /// # Errors
    /// As [`Trainer::encoded`], or when the disk fails; an earlier checkpoint is then still whole.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        Ok(write_atomically(path, &self.encoded()?)?)
    }

    /// The bytes of a checkpoint.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] when a weight is no longer a number, [`TrainError::Model`] when the
    /// device fails.
    pub fn encoded(&self) -> Result<Vec<u8>, TrainError> {
        let mut tensors = Vec::new();
        let mut texts = HashMap::from([("step".to_owned(), self.step.to_string())]);
        texts.insert("config".to_owned(), self.config.to_yaml()?);
        let mut keep = |name: &str, tensor: &Tensor<1>| -> Result<(), TrainError> {
            let values = tensor.try_to_vec_as::<f32>().map_err(|e| ModelError::Device(e.to_string()))?;
            if values.iter().any(|value| !value.is_finite()) {
                return Err(TrainError::Diverged { step: self.step });
            }
            tensors.push(HostTensor { name: name.to_owned(), shape: vec![values.len()], values });
            Ok(())
        };
        keep("generator", self.g.flat())?;
        keep("critic", self.d.flat())?;
        keep("average", &self.average)?;
        for (name, adam) in [("generator_adam", &self.g_adam), ("critic_adam", &self.d_adam)] {
            if let Some(memory) = adam.memory() {
                texts.insert(format!("{name}_time"), memory.time.to_string());
                keep(&format!("{name}_mean"), &memory.mean)?;
                keep(&format!("{name}_square"), &memory.square)?;
            }
        }
        if let Some(spectral) = &self.spectral {
            keep("spectral", &spectral.flat())?;
        }
        Ok(encode(&tensors, texts, Precision::Single)?)
    }

    /// Checks that both networks are still made of numbers.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] when they are not, [`TrainError::Model`] when the device fails.
    pub fn check(&self) -> Result<(), TrainError> {
        // One number to wait for: a sum is a number only if all of its parts are.
        let sum = self.g.flat().clone().sum() + self.d.flat().clone().sum() + self.average.clone().sum();
        let sum = sum.try_to_vec_as::<f32>().map_err(|e| ModelError::Device(e.to_string()))?;
        match sum.iter().all(|sum| sum.is_finite()) {
            true => Ok(()),
            false => Err(TrainError::Diverged { step: self.step }),
        }
    }

    /// Goes on from a file that [`Trainer::save`] wrote.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] when it is not one of a run with the same networks.
    pub fn restore(&mut self, path: &Path) -> Result<(), TrainError> {
        let wrong = |reason: String| TrainError::Checkpoint { path: path.to_owned(), reason };
        let (tensors, texts) = decode(path, &read_file(path)?).map_err(|error| match error {
            ModelError::Broken { reason, .. } => wrong(format!("it is damaged ({reason})")),
            other => other.into(),
        })?;
        if let Some(differences) = texts.get("config").and_then(|config| self.other_shapes(config)) {
            return Err(wrong(format!("it is of another architecture: {differences}")));
        }
        let mut by_name: HashMap<String, Vec<f32>> =
            tensors.into_iter().map(|t| (t.name, t.values)).collect();
        let device = self.device.clone();
        let mut take = |name: &str, size: usize| -> Result<Tensor<1>, TrainError> {
            let values = by_name.remove(name).ok_or_else(|| wrong(format!("`{name}` is missing")))?;
            if values.len() != size {
                let got = values.len();
                return Err(wrong(format!("`{name}` has {got} numbers, these networks need {size}")));
            }
            Ok(Tensor::from_data(TensorData::new(values, [size]), &device))
        };
        let number = |name: &str| -> Option<u64> { texts.get(name)?.parse().ok() };
        let (g, d) = (self.g.layout().size(), self.d.layout().size());
        self.g = self.g.with_flat(take("generator", g)?);
        self.d = self.d.with_flat(take("critic", d)?);
        self.average = take("average", g)?;
        for (name, adam, size) in
            [("generator_adam", &mut self.g_adam, g), ("critic_adam", &mut self.d_adam, d)]
        {
            if let Some(time) = number(&format!("{name}_time")) {
                let mean = take(&format!("{name}_mean"), size)?;
                let square = take(&format!("{name}_square"), size)?;
                adam.restore(Memory { time: time as usize, mean, square });
            }
        }
        if let Some(spectral) = &mut self.spectral {
            let size = spectral.flat().dims()[0];
            spectral.restore(take("spectral", size)?);
        }
        self.frozen = None;
        self.step = number("step").ok_or_else(|| wrong("it does not say which step it is of".into()))?;
        Ok(())
    }

    /// Where the shapes of a checkpoint's config are not this trainer's; `None` when they are the same,
    /// or the config is not one that can be built.
    fn other_shapes(&self, config: &str) -> Option<String> {
        let theirs: TrainConfig = serde_yaml::from_str(config).ok()?;
        theirs.check().ok()?;
        let generator = Generator::new(&theirs.model);
        let critic = Critic::new(&theirs.model.grid, &theirs.critic);
        // Settings may be left out or written in another way and still mean the same networks.
        if theirs.model.grid == self.config.model.grid
            && have_same_matrices(generator.layout(), self.g.layout())
            && have_same_matrices(critic.layout(), self.d.layout())
        {
            return None;
        }
        let shapes = |config: &TrainConfig| {
            let pair = [serde_yaml::to_value(&config.model), serde_yaml::to_value(config.critic)];
            pair.map(|value| value.unwrap_or(Value::Null))
        };
        let mut differences = Vec::new();
        for (name, (theirs, ours)) in
            ["model", "critic"].into_iter().zip(shapes(&theirs).iter().zip(&shapes(&self.config)))
        {
            compare(name, theirs, ours, &mut differences);
        }
        let rest = differences.len().saturating_sub(NAMED);
        differences.truncate(NAMED);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        (!differences.is_empty()).then(|| format!("{}{more}", differences.join(", ")))
    }
}

fn have_same_matrices(a: &Layout, b: &Layout) -> bool {
    let matrices = |layout: &Layout| -> Vec<(String, [usize; 3])> {
        layout.entries().iter().map(|entry| (entry.name.clone(), entry.shape)).collect()
    };
    matrices(a) == matrices(b)
}

/// Adds where two trees of settings differ: the path, their value and ours.
fn compare(path: &str, theirs: &Value, ours: &Value, differences: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Mapping(a), Value::Mapping(b)) => {
            let only_ours = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(only_ours) {
                let of = |map: &serde_yaml::Mapping| map.get(key).cloned().unwrap_or(Value::Null);
                let name = key.as_str().unwrap_or_default();
                compare(&format!("{path}.{name}"), &of(a), &of(b), differences);
            }
        }
        (Value::Null, Value::Mapping(_)) => differences.push(format!("`{path}` is here and not there")),
        (Value::Mapping(_), Value::Null) => differences.push(format!("`{path}` is there and not here")),
        _ if theirs != ours => {
            differences.push(format!("`{path}` is {} there and {} here", told(theirs), told(ours)));
        }
        _ => {}
    }
}

/// A setting on one line.
fn told(value: &Value) -> String {
    match value {
        Value::Null => "absent".to_owned(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(told).collect::<Vec<_>>().join(", ")),
        Value::Mapping(_) => "a group of settings".to_owned(),
        Value::String(text) => text.clone(),
        other => serde_yaml::to_string(other).unwrap_or_default().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::fixture;

    #[test]
    fn other_shapes_are_named_from_both_sides_and_other_settings_are_not() {
        let (trainer, _) = fixture::trainer(&fixture::config(&[]));
        let told = |from: &str, to: &str| trainer.other_shapes(&fixture::text(&[(from, to)]));
        assert_eq!(told("steps: 10", "steps: 99\nseed: 5"), None);
        assert_eq!(told("batch_size: 3", "batch_size: three"), None, "not a config: sizes will tell");
        let width = "`model.generator.beat` is 6 there and 5 here";
        assert_eq!(told("beat: 5", "beat: 6").as_deref(), Some(width));
        assert_eq!(
            told("\ncritic: {", "\ncritic: { kind: streams, per_track: false,"),
            None,
            "written otherwise"
        );
        let deaf = told("  encoder: { bar: 3, beat: 3, step: 3, octave: 2 }\n", "").unwrap();
        assert_eq!(deaf, "`model.encoder` is here and not there");
        let wider = "temporal: 6, harmony: 4, beat: 6, step: 5, octave: 5";
        let wide = told("temporal: 5, harmony: 3, beat: 5, step: 4, octave: 4", wider).unwrap();
        assert!(
            wide.starts_with("`model.generator.temporal` is 6 there") && wide.ends_with(" more"),
            "{wide}"
        );
    }

    #[test]
    fn a_state_with_a_number_that_is_none_is_neither_checked_nor_kept() {
        let (mut trainer, _) = fixture::trainer(&fixture::config(&[]));
        trainer.check().unwrap();
        assert!(trainer.encoded().is_ok());
        let broken = trainer.d.flat().clone().slice_fill(2..3, f32::NAN);
        trainer.d = trainer.d.with_flat(broken);
        assert!(matches!(trainer.check(), Err(TrainError::Diverged { step: 0 })));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        assert!(matches!(trainer.save(&path), Err(TrainError::Diverged { .. })) && !path.exists());
    }
}
