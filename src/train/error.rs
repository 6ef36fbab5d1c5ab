//! What can go wrong while training.

use std::path::PathBuf;

use crate::base::FileError;
use crate::data::DataError;
use crate::model::ModelError;
use crate::settings::{ReadError, SettingsError};

/// A run that cannot begin, go on or be kept.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // every variant's message says what it is
pub enum TrainError {
    #[error(transparent)]
    Config(#[from] SettingsError),
    #[error("no starting point `{name}`: there are {known}{hint}")]
    Start { name: String, known: String, hint: String },
    #[error("`{path}` exists already: choose another folder, or remove it first")]
    Occupied { path: PathBuf },
    #[error("the config cannot be written as YAML: {0}")]
    Encode(String),
    #[error("checkpoint `{path}`: {reason}")]
    Checkpoint { path: PathBuf, reason: String },
    #[error("`{path}` holds an earlier run: resume it with `--resume`, or give another folder with `--out`")]
    Exists { path: PathBuf },
    #[error("there are no phrases at `{path}`: put them there, or name yours in the config as `data.file`")]
    NoPhrases { path: PathBuf },
    #[error("training needs at least {needed} phrases, `{path}` gives {got} after filtering")]
    TooFew { path: PathBuf, needed: usize, got: usize },
    #[error(
        "training diverged: losses or weights are no longer numbers at step {step}; nothing of that was \
         written. Lower `initial_learning_rate` (or bound the critic with `use_gradient_penalties` or \
         `use_spectral_norm`) and go on from the last checkpoint with `--resume`"
    )]
    Diverged { step: u64 },
    #[error("training collapsed at step {step}, whose checkpoint is kept: {reason}")]
    Collapsed { step: u64, reason: String },
    #[error("the config wants {wanted}, `{path}` has {got}: {advice}")]
    Mismatch { path: PathBuf, wanted: String, got: String, advice: &'static str },
    #[error("a phrase to learn from could not be read: {reason}")]
    Unread { reason: String },
    #[error("cannot save samples: {0}")]
    Samples(String),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<ReadError> for TrainError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Settings(error) => error.into(),
            ReadError::File(error) => error.into(),
        }
    }
}
