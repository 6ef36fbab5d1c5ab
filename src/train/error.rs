//! What can go wrong while training.

use std::path::PathBuf;

use crate::base::FileError;
use crate::data::DataError;
use crate::model::ModelError;

/// A run that cannot begin, go on or be kept.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // every variant's message says what it is
pub enum TrainError {
    #[error("config `{path}`: {reason}")]
    Config { path: PathBuf, reason: String },
    #[error("the config cannot be written as YAML: {0}")]
    Encode(String),
    #[error("checkpoint `{path}`: {reason}")]
    Checkpoint { path: PathBuf, reason: String },
    #[error("`{path}` holds an earlier run: resume it with `--resume`, or give another folder with `--out`")]
    Exists { path: PathBuf },
    #[error("training needs at least {needed} phrases, `{path}` gives {got} after filtering")]
    TooFew { path: PathBuf, needed: usize, got: usize },
    #[error(
        "the losses are no longer numbers at step {step}: lower `initial_learning_rate`, or resume from the last checkpoint"
    )]
    Diverged { step: u64 },
    #[error("cannot save samples: {0}")]
    Samples(String),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    File(#[from] FileError),
}
