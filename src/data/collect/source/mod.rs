//! What lies in folders and archives: every file by itself, in a fixed order, recognised by its content.
//!
//! Archives are read member by member, never unpacked to disk, and an archive within an archive is
//! opened too. Nothing is held but the file at hand; what would need more memory or more unpacking than
//! [`Limits`] allow is refused, and so is whatever is not music: each with a [`Refusal`].
//!
//! Depends on `base` alone.

mod archive;
mod budget;
mod folder;
mod kind;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

pub use folder::{Listing, list};
pub use kind::Kind;

use crate::base::{Cancel, FileError, read_file};

/// A file, or a member of an archive.
#[derive(Debug)]
pub struct Found {
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub content: Content,
}

/// What a file is.
#[derive(Debug)]
pub enum Content {
    /// Music, still to be read.
    Music(Kind, Data),
    /// Nothing to read, with the reason.
    Refused(Refusal),
}

/// Bytes that are at hand, or where they are.
#[derive(Debug)]
pub enum Data {
    /// A member of an archive.
    Bytes(Vec<u8>),
    /// A file of its own.
    File(PathBuf),
}

/// Where a file is: the folders and archives above it, within what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What was asked for, as it was written.
    root: String,
    /// The way from there, the file itself last; empty when the root is the file.
    below: Vec<String>,
}

impl Place {
    /// The place of something that was asked for by name.
    pub fn of_root(root: &Path) -> Self {
        Self { root: root.to_string_lossy().into_owned(), below: Vec::new() }
    }

    /// A file in this folder or a member of this archive; `path` may have several steps.
    pub fn join(&self, path: &str) -> Self {
        let steps = path.split(['/', '\\']).filter(|step| !matches!(*step, "" | "."));
        Self {
            root: self.root.clone(),
            below: self.below.iter().cloned().chain(steps.map(Into::into)).collect(),
        }
    }

    /// The root and everything below it, with slashes.
    pub fn shown(&self) -> String {
        match self.below.is_empty() {
            true => self.root.clone(),
            false => format!("{}/{}", self.root.trim_end_matches(['/', '\\']), self.below.join("/")),
        }
    }

    /// The steps below the root, the file itself last; the root's own name when it is the file.
    pub fn steps(&self) -> Vec<String> {
        match self.below.is_empty() {
            true => vec![root_name(&self.root)],
            false => self.below.clone(),
        }
    }

    /// The root's own name.
    pub fn root_name(&self) -> String {
        root_name(&self.root)
    }

    /// The last step.
    pub fn file_name(&self) -> String {
        self.steps().pop().unwrap_or_default()
    }
}

fn root_name(root: &str) -> String {
    let path = Path::new(root);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    // `.` and `songs/..` have a name only when they are looked up.
    let absolute = || Some(std::fs::canonicalize(path).ok()?.file_name()?.to_string_lossy().into_owned());
    name.or_else(absolute).unwrap_or_else(|| root.to_owned())
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A name for tables, which stays the same: `not_music`.
    pub code: &'static str,
    /// What a person is told.
    pub sentence: String,
}

impl Refusal {
    /// A refusal of this kind in these words.
    pub fn new(code: &'static str, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into() }
    }

    fn damaged(error: &std::io::Error) -> Self {
        match budget::refusal_in(error) {
            Some(refusal) => refusal,
            None => Self::new("damaged_archive", format!("the archive is damaged from here on: {error}")),
        }
    }
}

/// How much a file may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a song: of a MIDI file, of a pianoroll as it is stored, of a member of an archive.
    pub song: u64,
    /// Bytes of a file of phrases that is not in an archive.
    pub array: u64,
    /// Bytes that an archive may unpack to, whatever its size.
    pub unpacked: u64,
    /// Times its own size that an archive may unpack to beyond that.
    pub ratio: u64,
    /// Archives within archives that are opened.
    pub depth: usize,
}

impl Default for Limits {
    /// Songs of 8 MiB, arrays of 1 GiB, archives that unpack to 64 MiB and 200 times their size, and
    /// archives within archives once.
    fn default() -> Self {
        Self { song: 8 << 20, array: 1 << 30, unpacked: 64 << 20, ratio: 200, depth: 1 }
    }
}

/// Takes what is found; breaks off to stop.
pub type Visit<'v> = dyn FnMut(Found) -> ControlFlow<()> + 'v;

/// Opens the files of a listing one after the other and shows everything in them to `visit`. `read`
/// hears how many bytes of files were got through, in steps that add up to [`Listing::bytes`].
pub fn walk(
    listing: Listing,
    limits: &Limits,
    cancel: &Cancel,
    read: &mut dyn FnMut(u64),
    visit: &mut Visit,
) -> ControlFlow<()> {
    let mut walk = archive::Walk { limits, cancel, texts: false, visit };
    for entry in listing.entries {
        if cancel.is_raised() {
            return ControlFlow::Break(());
        }
        match entry.outcome {
            Err(refusal) => walk.refuse(entry.place, refusal)?,
            Ok(size) => {
                walk.file(entry.place, entry.path, size)?;
                read(size);
            }
        }
    }
    ControlFlow::Continue(())
}

/// Shows `visit` the text of every file at `roots` and below, those in archives too.
///
/// # Errors
/// [`FileError::Read`] when a root cannot be looked at or a file cannot be read.
pub fn texts(
    roots: &[PathBuf],
    cancel: &Cancel,
    visit: &mut dyn FnMut(&Place, &str),
) -> Result<(), FileError> {
    let limits = Limits { song: 64 << 20, unpacked: 1 << 30, ..Limits::default() };
    let mut failed = None;
    let mut show = |found: Found| {
        let bytes = match found.content {
            Content::Music(Kind::Text, Data::Bytes(bytes)) => Ok(bytes),
            Content::Music(Kind::Text, Data::File(path)) => read_file(&path),
            _ => return ControlFlow::Continue(()),
        };
        match bytes {
            Ok(bytes) => visit(&found.place, &String::from_utf8_lossy(&bytes)),
            Err(error) => {
                failed = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    };
    let mut walk = archive::Walk { limits: &limits, cancel, texts: true, visit: &mut show };
    for entry in list(roots, &[], cancel)?.entries {
        if let Ok(size) = entry.outcome
            && walk.file(entry.place, entry.path, size).is_break()
        {
            break;
        }
    }
    failed.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests;
