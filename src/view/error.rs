//! What can go wrong when a picture is drawn or read.

use std::path::PathBuf;

use crate::base::FileError;

/// A picture that could not be drawn, written or read.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    #[error("`{path}`: pictures are written as {known}, so the name must end in one of these")]
    Extension { path: PathBuf, known: &'static str },
    #[error("there is nothing to draw: {0}")]
    Nothing(&'static str),
    #[error("a picture of {width} x {height} pixels is too large: {advice}")]
    TooLarge { width: u64, height: u64, advice: &'static str },
    #[error("a sheet of {height} rows and {width} columns is too large: it holds at most {most} pieces")]
    Sheet { width: u64, height: u64, most: usize },
    #[error("`{path}` is not a whole PNG file: {reason}")]
    Png { path: PathBuf, reason: &'static str },
    #[error("stopped")]
    Stopped,
    #[error("the picture could not be drawn: {0}")]
    Draw(String),
    #[error(transparent)]
    File(#[from] FileError),
}
