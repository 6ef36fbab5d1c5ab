//! Settings out of YAML texts and maps, with errors that name file, line and the nearest right key.
//!
//! A [`Document`] is what was written where; [`from_value`] reads a type out of it by serde, and says of
//! what does not fit where it is; [`keys_of`] tells which keys a type reads. Depends on `base` alone.

mod document;
mod place;
mod schema;
mod values;

use std::path::{Path, PathBuf};

pub use document::Document;
pub use schema::{Key, Kind, keys_of, names_of};
use serde::de::DeserializeOwned;
pub use values::{Misfit, Step, dotted, from_value};

use crate::base::FileError;

/// Settings that cannot be read, with file and line where they are known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", self.place())]
pub struct SettingsError {
    /// The file they are in.
    pub path: Option<PathBuf>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl SettingsError {
    /// Something wrong with a whole file.
    pub fn of_file(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: Some(path.to_owned()), line: None, reason: reason.into() }
    }

    /// "config `a.yaml`, line 3", as far as it is known.
    fn place(&self) -> String {
        let path = self.path.as_deref().filter(|path| !path.as_os_str().is_empty());
        let path = path.map(|path| format!(" `{}`", path.display())).unwrap_or_default();
        let line = self.line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("config{path}{line}")
    }
}

/// A file of settings that cannot be used.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Text of a settings file.
///
/// # Errors
/// [`ReadError`] when it cannot be read or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, ReadError> {
    let bytes = crate::base::read_file(path)?;
    Ok(String::from_utf8(bytes).map_err(|_| SettingsError::of_file(path, "it is not UTF-8 text"))?)
}

/// The type that a document describes.
///
/// # Errors
/// [`SettingsError`] naming the first thing that does not fit, with its line.
pub fn read<T: DeserializeOwned>(document: &Document) -> Result<T, SettingsError> {
    from_value(&document.value()).map_err(|misfit| document.error(&misfit))
}
