//! A model's card: what people know of it and what was measured, on one page.

use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::read_file;
use crate::model::Model;
use crate::settings::SettingsError;
use crate::train::TrainError;

/// What cannot be measured, written by whoever trained the model: the file `facts.yaml` in its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// What the model does and how it is built.
    pub does: String,
    /// What it learnt from, with the licences and the consent behind it.
    pub data: String,
    /// How it learnt.
    pub training: String,
    /// Where it learnt, part by part.
    pub runs: Vec<TrainingRun>,
    /// What it is bad at.
    pub weak_sides: String,
}

/// One part of a model's training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRun {
    /// Generator steps.
    pub steps: u64,
    /// Seed of the run.
    pub seed: u64,
    /// What computed it.
    pub hardware: String,
    /// Hours that it took.
    pub hours: f64,
    /// Power that is assumed to have gone into it, in watts.
    pub watts: f64,
}

impl Facts {
    /// The facts of a file.
    ///
    /// # Errors
    /// [`TrainError::Config`] naming the file and what is wrong, [`TrainError::File`].
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let wrong = |reason: String| TrainError::from(SettingsError::of_file(path, reason));
        let facts: Self =
            serde_yaml::from_slice(&read_file(path)?).map_err(|error| wrong(error.to_string()))?;
        match facts.runs.iter().find(|run| !(run.hours >= 0.0 && run.watts >= 0.0)) {
            Some(run) => {
                Err(wrong(format!("hours and watts must be 0 or more, got {} and {}", run.hours, run.watts)))
            }
            None => Ok(facts),
        }
    }

    /// Energy of all runs, in kilowatt-hours.
    pub fn energy(&self) -> f64 {
        self.runs.iter().map(|run| run.hours * run.watts / 1000.0).sum()
    }

    /// The card of `model` as Markdown; `measured` is what a comparison found, such as
    /// [`Comparison::to_markdown`](super::Comparison::to_markdown), and beside the card lies a picture
    /// `samples.png`.
    pub fn card(&self, model: &Model, measured: &str) -> String {
        let grid = &model.architecture().grid;
        let mut page = format!("# {}\n\n{}\n", model.name(), self.does.trim());
        let _ = writeln!(
            page,
            "{} numbers; {} bars of {} steps for {}.",
            thousands(model.parameter_count()),
            grid.bars,
            grid.steps_per_bar,
            grid.tracks.join(", "),
        );
        let _ =
            write!(page, "\n## Data\n\n{}\n\n## Training\n\n{}\n", self.data.trim(), self.training.trim());
        page.push_str(
            "\n| steps | seed | hardware | hours | watts, assumed | kWh |\n|---|---|---|---|---|---|\n",
        );
        for TrainingRun { steps, seed, hardware, hours, watts } in &self.runs {
            let energy = hours * watts / 1000.0;
            let _ =
                writeln!(page, "| {steps} | {seed} | {hardware} | {hours:.2} | {watts:.0} | {energy:.3} |");
        }
        let _ = writeln!(page, "\nAbout {:.2} kWh in all, by the assumed power.", self.energy());
        let _ = write!(page, "\n## Beside real music\n\n{}\n", measured.trim());
        let _ = write!(page, "\n## Samples\n\n![phrases of {}](samples.png)\n", model.name());
        let _ = write!(page, "\n## Weak sides\n\n{}\n", self.weak_sides.trim());
        page
    }
}

/// A number with commas between thousands.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DeviceName, Library};

    const FACTS: &str = "does: Sings.\ndata: Songs (CC0).\ntraining: By ear.\nweak_sides: Endings.\nruns:\n- { steps: 10, seed: 3, hardware: a lamp, hours: 2.5, watts: 60 }\n- { steps: 5, seed: 4, hardware: a candle, hours: 1, watts: 50 }\n";

    fn read(text: &str) -> Result<Facts, TrainError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("facts.yaml");
        std::fs::write(&path, text).unwrap();
        Facts::read(&path)
    }

    #[test]
    fn a_card_says_what_is_known_and_what_was_measured() {
        let facts = read(FACTS).unwrap();
        assert!((facts.energy() - 0.2).abs() < 1e-12);
        let device = DeviceName::Cpu.open().unwrap().device;
        let model = Library::default().load("hybrid", &device, true).unwrap();
        let card = facts.card(&model, "| figures |\n");
        for part in [
            "# hybrid\n\nSings.\n",
            " bars of 16 steps for drums, piano, guitar, bass, strings.",
            "## Data\n\nSongs (CC0).\n",
            "| 10 | 3 | a lamp | 2.50 | 60 | 0.150 |",
            "About 0.20 kWh",
            "## Beside real music\n\n| figures |\n",
            "(samples.png)",
            "## Weak sides\n\nEndings.\n",
        ] {
            assert!(card.contains(part), "{part} in {card}");
        }
    }

    #[test]
    fn wrong_facts_are_refused_by_file_and_reason() {
        let refused = |text: &str| read(text).unwrap_err().to_string();
        let error = refused(&FACTS.replace("weak_sides", "weaksides"));
        assert!(error.contains("facts.yaml") && error.contains("weaksides"), "{error}");
        let error = refused(&FACTS.replace("watts: 60", "watts: -1"));
        assert!(error.contains("2.5 and -1"), "{error}");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let grouped = [7, 1_000, 710_920, 1_083_796].map(thousands);
        assert_eq!(grouped, ["7", "1,000", "710,920", "1,083,796"]);
    }
}
