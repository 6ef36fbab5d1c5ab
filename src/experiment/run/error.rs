//! What can be wrong with a run and its record.

use std::path::{Path, PathBuf};

use crate::base::FileError;

/// A run that cannot be started, added to, read or repeated.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(
        "`{0}` cannot be the name of a run: write letters, digits, `-`, `_` and `.`, such as `hybrid-lpd5`"
    )]
    Name(String),
    #[error("`{0}` leads out of the run's folder: write a relative path without `..`")]
    Outside(String),
    #[error("`{0}` is a file that the run writes itself: keep the value under another name")]
    Reserved(String),
    #[error("run `{0}` is finished, and nothing can be added to it: start another one")]
    Finished(String),
    #[error("cannot make the run's folder `{path}`: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("`{path}` is no record of a run: {reason}; expected the `manifest.yaml` of a run's folder")]
    NotAManifest { path: PathBuf, reason: String },
    #[error("no run in `{0}`: expected a manifest, or a folder with `manifest.yaml` or `run.yaml`")]
    NoRun(PathBuf),
    #[error("no folder `{0}`: runs lie in the folder `runs`, unless a script was run with `--out`")]
    NoFolder(PathBuf),
    #[error("no run `{meant}` in `{folder}`{hint}: `ricercar runs` lists them")]
    Unknown { meant: String, folder: PathBuf, hint: String },
    #[error("`{meant}` may be any of {all}: write more of it")]
    Ambiguous { meant: String, all: String },
    #[error("the record cannot be written as YAML: {0}")]
    Encode(String),
    #[error(transparent)]
    File(#[from] FileError),
}

impl RunError {
    pub(super) fn not_a_manifest(path: &Path, reason: impl ToString) -> Self {
        Self::NotAManifest { path: path.to_owned(), reason: reason.to_string() }
    }
}
