//! A collection as files: the sets, the song table and the account.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use super::packed::PackedPhrases;
use super::{CollectError, Collection, Entry, Set};
use crate::base::{Stamp, write_atomically};
use crate::data::dataset::song_table;
use crate::data::{Dataset, PhraseInfo};
use crate::npz::{PhraseArray, write_phrases};

/// What a collection is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// An array for each set.
    pub arrays: Vec<PathBuf>,
    /// A song table for each set, beside it: it is taken up when the set is loaded.
    pub songs: Vec<PathBuf>,
    /// A row for each file.
    pub account: PathBuf,
}

/// The files for sets of these names: `out.npz` and `out.songs.tsv` for one set, else `out_train.npz`,
/// `out_train.songs.tsv` and so on; beside them `out.account.csv`.
pub fn files_of<'n>(out: &Path, sets: impl IntoIterator<Item = &'n str>) -> Files {
    let stem = out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<&str> = sets.into_iter().collect();
    let stems: Vec<String> = match names.as_slice() {
        [] | [_] => vec![stem.clone()],
        names => names.iter().map(|name| format!("{stem}_{name}")).collect(),
    };
    let beside =
        |ending: &str| stems.iter().map(|stem| out.with_file_name(format!("{stem}{ending}"))).collect();
    Files {
        arrays: beside(".npz"),
        songs: beside(".songs.tsv"),
        account: out.with_file_name(format!("{stem}.account.csv")),
    }
}

impl Files {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &PathBuf> {
        self.arrays.iter().chain(&self.songs).chain([&self.account])
    }
}

impl Collection {
    /// Writes the sets, which carry `stamp`, their song tables and the account; see [`files_of`].
    ///
    /// # Errors
    /// [`CollectError::Npz`] and [`CollectError::File`] when a file cannot be written.
    pub fn write(&self, out: &Path, stamp: Option<&Stamp>) -> Result<Files, CollectError> {
        let files = files_of(out, self.set_names());
        for ((set, array), songs) in self.sets.iter().zip(&files.arrays).zip(&files.songs) {
            write_phrases(array, &self.packed(set), stamp)?;
            write_atomically(songs, self.song_table(set).as_bytes())?;
        }
        self.account.write(&files.account)?;
        Ok(files)
    }

    /// The phrases of all sets, one after the other, in memory, with all that is known of them.
    ///
    /// # Errors
    /// [`CollectError::Npz`] when they cannot be laid out.
    pub fn to_dataset(&self) -> Result<Dataset, CollectError> {
        let mut set = Dataset::new(self.to_array()?);
        let known = self.sets.iter().flat_map(|set| set.entries.iter().map(|entry| self.info(set, entry)));
        set = set.with_info(known.collect())?;
        for total in self.account.totals().iter().filter(|total| total.phrases > 0) {
            set = set.with_rejected(&total.sentence, total.phrases);
        }
        Ok(set.with_account(self.account.clone()))
    }

    fn info(&self, set: &Set, entry: &Entry) -> PhraseInfo {
        let phrase = &entry.phrase;
        let file = &self.account.rows[entry.file];
        PhraseInfo {
            set: file.set.clone(),
            song: entry.song.clone(),
            group: entry.group.clone(),
            split: set.name.clone(),
            first_bar: Some(phrase.bar),
            transposed: phrase.transposed.into(),
            key: phrase.key.map(|key| key.to_string()).unwrap_or_default(),
            tempo: phrase.tempo,
            tags: file.tags.clone(),
        }
    }

    /// The phrases of all sets, one after the other, in memory.
    ///
    /// # Errors
    /// [`CollectError::Npz`] when they do not fit.
    fn to_array(&self) -> Result<PhraseArray, CollectError> {
        let phrases = self.sets.iter().flat_map(|set| &set.entries).map(|entry| &entry.phrase.cells);
        Ok(PhraseArray::of_source(&PackedPhrases { layout: &self.layout, phrases: phrases.collect() })?)
    }

    fn packed<'s>(&'s self, set: &'s Set) -> PackedPhrases<'s> {
        let phrases = set.entries.iter().map(|entry| &entry.phrase.cells).collect();
        PackedPhrases { layout: &self.layout, phrases }
    }

    /// A row for each phrase of a set, tab-separated.
    fn song_table(&self, set: &Set) -> String {
        let phrase = |entry: &Entry| {
            Ok::<_, Infallible>((self.info(set, entry), entry.phrase.cells.cells(&self.layout)))
        };
        let Ok(table) = song_table(&self.layout, set.entries.iter().map(phrase));
        table
    }
}
