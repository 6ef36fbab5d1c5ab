//! What keeps a whole collection from being made.

use std::path::PathBuf;

use super::song::OptionsError;
use super::split::SharesError;
use crate::base::FileError;
use crate::data::DataError;
use crate::npz::NpzError;
use crate::settings::{ReadError, SettingsError};

/// A collection that cannot be made; what is wrong with single files is in the account instead.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Options(#[from] OptionsError),
    #[error("`{path}`: {reason}")]
    Ids { path: PathBuf, reason: String },
    #[error("no list of ids for the tag `{tag}`: there are {known}{hint}")]
    Tag { tag: String, known: String, hint: String },
    #[error("stopped after {done} files: nothing was written")]
    Stopped { done: u64 },
    #[error(transparent)]
    Shares(#[from] SharesError),
    #[error("the threads cannot be started: {0}")]
    Threads(String),
    #[error(transparent)]
    Npz(#[from] NpzError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<ReadError> for CollectError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Settings(error) => error.into(),
            ReadError::File(error) => error.into(),
        }
    }
}
