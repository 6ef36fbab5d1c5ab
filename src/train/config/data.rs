//! Which phrases a run learns from, and how they are changed on the way.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Which phrases to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// A sparse training array; relative to the config's folder.
    pub file: PathBuf,
    /// A table with a row for each phrase (columns `split`, `phrase`, `set`, `song`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub songs: Option<PathBuf>,
    /// The `split` that the file's phrases have in the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// Sets of the table to leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_sets: Vec<String>,
}
