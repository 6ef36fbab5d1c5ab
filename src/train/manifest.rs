//! What a run was: `run.yaml`, the program, the data and the steps taken in each sitting.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::config::Data;
use super::{TrainConfig, TrainError};
use crate::base::{program, read_file, write_atomically};
use crate::model::DeviceName;
use crate::settings::SettingsError;

/// A data file as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Its path.
    pub file: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Steps taken without a stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sitting {
    /// Version of the program that took them.
    pub program: String,
    /// Device that they were computed on.
    pub device: String,
    /// Steps taken before.
    pub from: u64,
    /// Step of the last checkpoint.
    pub to: u64,
}

/// The step whose samples came nearest to real music.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The step.
    pub step: u64,
    /// Its distance, as in `metrics.csv`.
    pub distance: f64,
}

/// A run's manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the model.
    pub name: String,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// Files that were learnt from or fitted to.
    pub data: Vec<DataFile>,
    /// Phrases that are learnt from.
    pub phrases: usize,
    /// Steps asked for.
    pub steps: u64,
    /// Whether they were all taken.
    pub finished: bool,
    /// The best step so far, when steps are evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<Best>,
    /// The run's parts.
    pub sittings: Vec<Sitting>,
}

impl Manifest {
    /// The manifest of a run that is about to begin.
    ///
    /// # Errors
    /// [`TrainError::File`] when the data cannot be read.
    pub fn new(config: &TrainConfig, phrases: usize) -> Result<Self, TrainError> {
        let files = |data: &Data| std::iter::once(data.file.clone()).chain(data.songs.clone()).collect();
        let mut paths: Vec<PathBuf> = files(&config.data);
        paths.extend(config.held_out.iter().flat_map(files).collect::<Vec<_>>());
        let hashed = |file: PathBuf| -> Result<DataFile, TrainError> {
            let digest = Sha256::digest(read_file(&file)?);
            Ok(DataFile { sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(), file })
        };
        let mut data: Vec<DataFile> = Vec::new();
        for path in paths {
            if !data.iter().any(|known| known.file == path) {
                data.push(hashed(path)?);
            }
        }
        Ok(Self {
            name: config.name.clone(),
            seed: config.seed,
            data,
            phrases,
            steps: config.steps,
            finished: false,
            best: None,
            sittings: Vec::new(),
        })
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`TrainError`] when the file is something else.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        serde_yaml::from_slice(&read_file(path)?)
            .map_err(|error| SettingsError::of_file(path, error.to_string()).into())
    }

    /// Refuses to have the manifest at `path` where there is another file.
    ///
    /// # Errors
    /// [`TrainError::Occupied`] when there is one that is no manifest.
    pub fn check(path: &Path) -> Result<(), TrainError> {
        match path.exists() && Self::read(path).is_err() {
            true => Err(TrainError::Occupied { path: path.to_owned() }),
            false => Ok(()),
        }
    }

    /// Takes up what an earlier part of the run kept, up to `step`; the answer says which data files have
    /// changed since.
    ///
    /// # Errors
    /// [`TrainError`] when there is such a file that cannot be read.
    pub fn resume(&mut self, path: &Path, step: u64) -> Result<Vec<PathBuf>, TrainError> {
        if !path.exists() {
            return Ok(Vec::new());
        }
        let earlier = Self::read(path)?;
        self.sittings = earlier.sittings;
        self.best = earlier.best.filter(|best| best.step <= step);
        let changed = |now: &&DataFile| {
            earlier.data.iter().any(|then| then.file == now.file && then.sha256 != now.sha256)
        };
        Ok(self.data.iter().filter(changed).map(|data| data.file.clone()).collect())
    }

    /// Begins a sitting after `step` steps.
    pub fn sit_down(&mut self, step: u64, device: DeviceName) {
        self.sittings.push(Sitting { program: program(), device: device.to_string(), from: step, to: step });
    }

    /// Writes it as of a checkpoint at `step`.
    ///
    /// # Errors
    /// [`TrainError`] when the disk fails.
    pub fn write(&mut self, path: &Path, step: u64) -> Result<(), TrainError> {
        if let Some(sitting) = self.sittings.last_mut() {
            sitting.to = step;
        }
        let text = serde_yaml::to_string(self).map_err(|error| TrainError::Encode(error.to_string()))?;
        Ok(write_atomically(path, text.as_bytes())?)
    }
}
