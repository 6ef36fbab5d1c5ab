//! What can go wrong with models.

use std::path::PathBuf;

use crate::base::FileError;
use crate::music::MusicError;

/// A model that cannot be found, read, run or asked for what was asked.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // every variant's message says what it is
pub enum ModelError {
    #[error("no model `{name}`: {known}{hint}")]
    Missing { name: String, known: String, hint: String },
    #[error("`{path}` is not a model: {reason}")]
    Broken { path: PathBuf, reason: String },
    #[error("`{path}` is not a latent: {reason}")]
    NoLatent { path: PathBuf, reason: String },
    #[error("a latent is saved as .safetensors, not as `{path}`")]
    Extension { path: PathBuf },
    #[error("the network has {expected} weights, got {got}")]
    WeightCount { expected: usize, got: usize },
    #[error("no device `{name}`: {known}")]
    UnknownDevice { name: String, known: String },
    #[error("the device failed: {0}")]
    Device(String),
    #[error("no latent part `{path}`: this model has {known}{hint}")]
    Part { path: String, known: String, hint: String },
    #[error("latents of different layouts cannot be combined: {left} and {right}")]
    Layouts { left: String, right: String },
    #[error("`{name}` must lie in {range}, got {value}")]
    Range { name: &'static str, range: &'static str, value: f64 },
    #[error("model `{model}` {reason}")]
    Unsupported { model: String, reason: String },
    #[error("a direction {reason}")]
    Direction { reason: String },
    #[error("{0}")]
    Config(String),
    #[error("stopped")]
    Stopped,
    #[error(transparent)]
    Music(#[from] MusicError),
    #[error(transparent)]
    File(#[from] FileError),
}
