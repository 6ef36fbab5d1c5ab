//! Sets into files and folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Dataset;
use super::info::heading;
use super::load::songs_beside;
use crate::base::{FileError, Stamp};
use crate::data::DataError;
use crate::midi;
use crate::music::Multitrack;
use crate::npz::{write_dense, write_packed, write_phrases, write_stamped_multitrack};

/// What a set is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveAs {
    /// One `npz` in the sparse training layout.
    Sparse,
    /// One `npz` with a bit for each cell, which is opened at once and read a phrase at a time.
    Packed,
    /// One `npy`, a boolean for each cell.
    Dense,
    /// A folder of pypianoroll's `npz` files.
    Pypianoroll,
    /// A folder of MIDI files.
    Midi,
}

/// What each file of a folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SaveBy {
    /// A phrase.
    #[default]
    Phrase,
    /// The phrases of a song one after another, by their first bars where these are known.
    Song,
}

/// How a set is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveOptions {
    /// Into what.
    pub kind: SaveAs,
    /// In a folder, what each file holds.
    pub by: SaveBy,
    /// What the files say that made them; an `npy` cannot say it.
    pub stamp: Option<Stamp>,
}

impl SaveOptions {
    /// The usual way to write a set as `kind`.
    pub fn new(kind: SaveAs) -> Self {
        Self { kind, by: SaveBy::default(), stamp: None }
    }
}

impl SaveAs {
    /// All of them, with the names that scripts have for them.
    pub const ALL: [(&str, Self); 5] = [
        ("sparse", Self::Sparse),
        ("packed", Self::Packed),
        ("dense", Self::Dense),
        ("pypianoroll", Self::Pypianoroll),
        ("midi", Self::Midi),
    ];

    /// What a path alone says: `npz` sparse, `npy` dense; nothing for others.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "npz" => Some(Self::Sparse),
            "npy" => Some(Self::Dense),
            _ => None,
        }
    }

    /// Whether it is a folder.
    pub fn is_folder(self) -> bool {
        matches!(self, Self::Pypianoroll | Self::Midi)
    }
}

/// The song table of a folder.
const TABLE: &str = "songs.tsv";

impl Dataset {
    /// Writes the set, and a song table: `NAME.songs.tsv` beside a file when anything is known of its
    /// phrases, `songs.tsv` in a folder. A folder appears when it is complete, and replaces one that this
    /// function wrote. Answers where the table is, if there is one.
    ///
    /// # Errors
    /// [`DataError::Occupied`] when a folder of that name holds something else, and what writing meets;
    /// nothing is left half-written.
    pub fn save(&self, path: &Path, options: &SaveOptions) -> Result<Option<PathBuf>, DataError> {
        let stamp = options.stamp.as_ref();
        match options.kind {
            SaveAs::Sparse => write_phrases(path, self, stamp)?,
            SaveAs::Packed => write_packed(path, self, stamp)?,
            SaveAs::Dense => write_dense(path, self)?,
            SaveAs::Pypianoroll | SaveAs::Midi => return self.save_folder(path, options),
        }
        let table = songs_beside(path);
        if self.has_info() {
            self.write_songs(&table)?;
            return Ok(Some(table));
        }
        // A table of other phrases would be taken for that of these.
        match std::fs::remove_file(&table) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(FileError::Write { path: table, source }.into())
            }
            _ => Ok(None),
        }
    }

    fn save_folder(&self, path: &Path, options: &SaveOptions) -> Result<Option<PathBuf>, DataError> {
        let failed = |source| FileError::Write { path: path.to_owned(), source };
        if path.exists() && !may_be_replaced(path) {
            return Err(DataError::Occupied { path: path.to_owned() });
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).map_err(failed)?;
        let folder = tempfile::Builder::new().prefix(".set").tempdir_in(parent).map_err(failed)?;
        self.write_files(folder.path(), options)?;
        self.write_songs(&folder.path().join(TABLE))?;
        open_to_all(folder.path()).map_err(failed)?;
        // The earlier folder goes away with the temporary one that it is moved to.
        let earlier = tempfile::Builder::new().prefix(".set").tempdir_in(parent).map_err(failed)?;
        if path.exists() {
            std::fs::rename(path, earlier.path().join("earlier")).map_err(failed)?;
        }
        if let Err(source) = std::fs::rename(folder.path(), path) {
            // It is put back, if it was there.
            let _ = std::fs::rename(earlier.path().join("earlier"), path);
            return Err(failed(source).into());
        }
        let _ = folder.keep();
        Ok(Some(path.join(TABLE)))
    }

    fn write_files(&self, folder: &Path, options: &SaveOptions) -> Result<(), DataError> {
        let midi_options = midi::WriteOptions { stamp: options.stamp.clone(), ..Default::default() };
        let write = |name: &str, music: &Multitrack| -> Result<(), DataError> {
            let file = |extension: &str| folder.join(format!("{name}.{extension}"));
            match options.kind {
                SaveAs::Midi => midi::write(&file("mid"), music, &midi_options)?,
                _ => write_stamped_multitrack(&file("npz"), music, options.stamp.as_ref())?,
            }
            Ok(())
        };
        let digits = self.len().saturating_sub(1).to_string().len().max(4);
        if options.by == SaveBy::Phrase {
            return (0..self.len()).try_for_each(|i| write(&format!("{i:0digits$}"), &self.phrase(i)?));
        }
        let mut songs: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for index in 0..self.len() {
            let info = self.info(index).unwrap_or_default();
            let song = match info.song.is_empty() {
                true => format!("{index:0digits$}"),
                false => info.song,
            };
            songs.entry((info.set, song)).or_default().push(index);
        }
        let mut names: Vec<String> = Vec::new();
        for ((set, song), mut phrases) in songs {
            phrases.sort_by_key(|i| self.known(*i).and_then(|info| info.first_bar));
            let mut music = self.phrase(phrases[0])?;
            for index in &phrases[1..] {
                music = music.concat(&self.phrase(*index)?)?;
            }
            let name = file_name(&set, &song);
            let copies = names.iter().filter(|known| **known == name).count();
            let own = if copies > 0 { format!("{name} {}", copies + 1) } else { name.clone() };
            names.push(name);
            write(&own, &music.with_name(Some(&song)))?;
        }
        Ok(())
    }
}

/// A name that every file system takes.
fn file_name(set: &str, song: &str) -> String {
    const LONGEST: usize = 100;
    let name = if set.is_empty() { song.to_owned() } else { format!("{set} {song}") };
    let plain = |c: char| if c.is_alphanumeric() || " -_.,()".contains(c) { c } else { '_' };
    let name: String = name.chars().take(LONGEST).map(plain).collect();
    let name = name.trim_matches([' ', '.']);
    if name.is_empty() { "song".to_owned() } else { name.to_owned() }
}

/// Whether a folder is empty, or holds nothing but a song table of ours and files of phrases.
fn may_be_replaced(path: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(path) else { return false };
    let names: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let is_ours = || std::fs::read_to_string(path.join(TABLE)).is_ok_and(|text| text.starts_with(&heading()));
    let is_file = |name: &PathBuf| {
        let extension = name.extension().and_then(|extension| extension.to_str());
        name.is_file() && (name.ends_with(TABLE) || matches!(extension, Some("mid" | "npz")))
    };
    names.is_empty() || names.iter().all(is_file) && is_ours()
}

/// Temporary folders are private to their owner; a result should have the usual mode.
#[cfg(unix)]
fn open_to_all(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_all(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
