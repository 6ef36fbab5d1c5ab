//! Adversarial training: losses, schedules, checkpoints.
//!
//! Depends on everything from `base` to `data`, and tells an observer what happens.

mod augment;
mod batch;
mod card;
mod checkpoint;
pub mod config;
mod corpus;

mod error;
mod evaluation;
mod export;
mod fake;
#[cfg(test)]
mod fixture;
mod folder;
mod inverse;
mod log;
mod loss;
mod manifest;
mod optimizer;
mod play;
mod reading;
mod resolved;
mod run;
mod samples;
mod spectral;
pub mod starting;
mod tracks;
mod trainer;
mod warm;

pub use card::{
    Beside, CellDistance, CompareOptions, Comparison, Copies, Facts, Goal, PairDistance, Reference,
    TrainingRun, share_near,
};
pub use config::{LossKind, TrainConfig};
pub use corpus::Corpus;
pub use error::TrainError;
pub use inverse::{InverseOptions, train_inverse};
pub use log::LogLine;
pub use manifest::{Best, DataFile, Manifest, Sitting};
pub use resolved::FILE as RESOLVED;
pub use run::{MANIFEST, Observer, RunEnd, RunOptions, StepReport, Unobserved, load_data, load_sets, run};
pub use tracks::Midi;
pub use trainer::{Losses, Trainer};
