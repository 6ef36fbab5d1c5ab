//! Sets out of files, of any size.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::info::read_table;
use super::{Dataset, Store};
use crate::data::DataError;
use crate::npz::{
    NpzError, PackedFile, PhraseArray, PhraseSource, pack, phrases_stated, read_npy, read_phrases,
};

/// Memory that the bits of a set may take unless more or less is allowed: 4 GiB, some 426,000 phrases
/// of the usual size.
pub const MEMORY: u64 = 1 << 32;

/// How a set is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadOptions {
    /// Bytes of memory that the bits of the phrases may take; a larger set is read from a file.
    pub memory: u64,
    /// The bit-packed file that a larger set is laid out in; one beside it, called
    /// `NAME.packed.npz`, if none is named. It is made once, and again when the set is newer.
    pub cache: Option<PathBuf>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { memory: MEMORY, cache: None }
    }
}

impl Dataset {
    /// The phrases of a training array: sparse or bit-packed (`npz`), or dense when the file is called
    /// `npy`. A song table beside it that is called `NAME.songs.tsv` is taken up.
    ///
    /// A bit-packed file is opened at once and read as phrases are asked for. Others are loaded into
    /// memory; a sparse one that would take more than [`MEMORY`] is laid out in a file beside it first.
    ///
    /// # Errors
    /// [`DataError::Npz`] when the file is not one, [`DataError::Table`] when the table is not,
    /// [`DataError::Cache`] when it is too large and cannot be laid out.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        Self::load_with(path, &LoadOptions::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_with(path: &Path, options: &LoadOptions) -> Result<Self, DataError> {
        let set = Self::of(open(path, options)?);
        let table = songs_beside(path);
        match table.is_file() {
            true => {
                let rows = read_table(&table, None, set.len())?;
                set.with_info(rows)
            }
            false => Ok(set),
        }
    }
}

/// The song table that belongs to an array or a folder: `a/x.npz` and `a/x.songs.tsv`.
pub(super) fn songs_beside(path: &Path) -> PathBuf {
    path.with_extension("songs.tsv")
}

fn open(path: &Path, options: &LoadOptions) -> Result<Store, DataError> {
    let is_dense = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"));
    if is_dense {
        return Ok(Store::Memory(PhraseArray::from_dense(&path.to_string_lossy(), &read_npy(path)?)?));
    }
    if let Some(file) = PackedFile::open(path)? {
        return Ok(Store::File(Arc::new(file)));
    }
    let (phrases, layout) = phrases_stated(path)?;
    let size = (phrases as u64).saturating_mul(layout.bytes() as u64);
    if size <= options.memory {
        return Ok(Store::Memory(read_phrases(path)?));
    }
    let cache = options.cache.clone().unwrap_or_else(|| path.with_extension("packed.npz"));
    let unusable = |reason: String| {
        const GB: f64 = 1e9;
        let (size, memory) = (size as f64 / GB, options.memory as f64 / GB);
        DataError::Cache { path: path.to_owned(), phrases, size, memory, reason }
    };
    if !is_newer(&cache, path) {
        pack(path, &cache).map_err(|error| match error {
            NpzError::File(reason) => unusable(reason.to_string()),
            other => other.into(),
        })?;
    }
    match PackedFile::open(&cache)?.filter(|file| file.count() == phrases && *file.layout() == layout) {
        Some(file) => Ok(Store::File(Arc::new(file))),
        None => Err(unusable(format!("`{}` holds other phrases", cache.display()))),
    }
}

/// Whether `file` was written after `other`.
fn is_newer(file: &Path, other: &Path) -> bool {
    let written = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    written(file).zip(written(other)).is_some_and(|(file, other)| file >= other)
}
