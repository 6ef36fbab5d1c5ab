//! Starting points: the configs of the models that ship, as they are in `scripts/`, and a new config
//! with every key explained.

mod keys;
mod template;

use std::path::Path;

use super::config::Data;
use super::{TrainConfig, TrainError};
use crate::base::{suggestion, write_atomically};
pub use keys::{ConfigKey, config_keys};
pub use template::documented;

/// Names of the starting points with their configs.
const STARTS: [(&str, &str); 8] = [
    ("hybrid", include_str!("../../../scripts/hybrid.yaml")),
    ("jamming", include_str!("../../../scripts/jamming.yaml")),
    ("composer", include_str!("../../../scripts/composer.yaml")),
    ("convolutional", include_str!("../../../scripts/convolutional.yaml")),
    ("convolutional_published", include_str!("../../../scripts/convolutional_published.yaml")),
    ("accompany", include_str!("../../../scripts/accompany.yaml")),
    ("binary", include_str!("../../../scripts/binary.yaml")),
    ("tiny", include_str!("../../../scripts/tiny.yaml")),
];

/// What a new config calls its phrases, until somebody names others.
const PHRASES: &str = "phrases.npz";

/// Names of the starting points.
pub fn starting_names() -> impl Iterator<Item = &'static str> {
    STARTS.iter().map(|(name, _)| *name)
}

/// The config of a model that ships, to be changed: on phrases of one's own, `phrases.npz`, and from
/// scratch wherever the model can be.
///
/// # Errors
/// [`TrainError::Start`] when there is no such model.
pub fn starting_config(name: &str) -> Result<TrainConfig, TrainError> {
    let Some((_, text)) = STARTS.iter().find(|(known, _)| *known == name) else {
        let hint = suggestion(name, starting_names());
        let known = starting_names().collect::<Vec<_>>().join(", ");
        return Err(TrainError::Start { name: name.to_owned(), known, hint });
    };
    let mut config = TrainConfig::from_yaml(text)?;
    config.data = Data { file: PHRASES.into(), songs: None, split: None, exclude_sets: Vec::new() };
    config.held_out = None;
    // A refiner cannot do without.
    if config.model.refiner.is_none() {
        config.warm_start = None;
    }
    Ok(config)
}

/// Writes a new, documented config; folders are made as needed.
///
/// # Errors
/// [`TrainError::Occupied`] when there is one already, [`TrainError::File`] when it cannot be written.
pub fn write_new(path: &Path, config: &TrainConfig, note: &str) -> Result<(), TrainError> {
    if path.exists() {
        return Err(TrainError::Occupied { path: path.to_owned() });
    }
    Ok(write_atomically(path, documented(config, note)?.as_bytes())?)
}
