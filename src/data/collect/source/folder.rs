//! The files of folders.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::{Place, Refusal};
use crate::base::{Cancel, FileError};

/// Files in order, before any is opened.
#[derive(Debug, Default)]
pub struct Listing {
    pub(super) entries: Vec<Entry>,
}

/// A file, or why there is none.
#[derive(Debug)]
pub(super) struct Entry {
    pub place: Place,
    pub path: PathBuf,
    /// Its size in bytes.
    pub outcome: Result<u64, Refusal>,
}

impl Listing {
    /// Number of files, archives counting as one.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of all files together.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().filter_map(|entry| entry.outcome.as_ref().ok()).sum()
    }
}

/// The files at `roots` and below, without those in `skipped`. Links are followed; a link to a folder
/// that it lies in is refused. Within a folder the order is that of the names.
///
/// # Errors
/// [`FileError::Read`] when a root cannot be looked at.
pub fn list(roots: &[PathBuf], skipped: &[PathBuf], cancel: &Cancel) -> Result<Listing, FileError> {
    let mut listing = Listing::default();
    // Under whatever name they are reached.
    let skipped: Vec<PathBuf> = skipped.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let is_skipped =
        |path: &Path| !skipped.is_empty() && path.canonicalize().is_ok_and(|p| skipped.contains(&p));
    for root in roots {
        std::fs::metadata(root).map_err(|source| FileError::Read { path: root.clone(), source })?;
        for entry in WalkDir::new(root).follow_links(true).sort_by_file_name() {
            if cancel.is_raised() {
                return Ok(listing);
            }
            match entry {
                Ok(entry) if entry.file_type().is_dir() || is_skipped(entry.path()) => {}
                Ok(entry) => listing.entries.push(of_entry(root, &entry)),
                Err(error) => listing.entries.push(of_error(root, &error)),
            }
        }
    }
    Ok(listing)
}

fn of_entry(root: &Path, entry: &DirEntry) -> Entry {
    let outcome = match entry.metadata() {
        // Opening a pipe would wait for its other end.
        Ok(metadata) if !metadata.is_file() => Err(Refusal::new("not_a_file", "it is no ordinary file")),
        Ok(metadata) => Ok(metadata.len()),
        Err(error) => Err(Refusal::new("unreadable", format!("it cannot be looked at: {error}"))),
    };
    Entry { place: place(root, entry.path()), path: entry.path().to_owned(), outcome }
}

fn of_error(root: &Path, error: &walkdir::Error) -> Entry {
    let path = error.path().unwrap_or(root).to_owned();
    let refusal = match (error.loop_ancestor(), error.io_error()) {
        (Some(ancestor), _) => {
            let sentence = format!("it is a link to `{}`, a folder that it lies in", ancestor.display());
            Refusal::new("link_loop", sentence)
        }
        (None, Some(error)) => Refusal::new("unreadable", format!("it cannot be looked at: {error}")),
        (None, None) => Refusal::new("unreadable", "it cannot be looked at"),
    };
    Entry { place: place(root, &path), path, outcome: Err(refusal) }
}

fn place(root: &Path, path: &Path) -> Place {
    let below = path.strip_prefix(root).unwrap_or(path);
    Place::of_root(root).join(&below.to_string_lossy())
}
