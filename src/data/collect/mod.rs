//! Heaps of songs to sets of phrases: any folder or archive of MIDI files and pianorolls becomes training
//! data, with an account of every file.
//!
//! Files are found one by one ([`source`]) and read on all threads (`reading`, `run`), each song becomes
//! phrases ([`song`]), phrases of several songs are compared and divided among sets, and the sets are
//! written beside the [`Account`] and a song table. The result depends on the files, their order by name
//! and the config; not on the number of threads.
//!
//! The only home of walkdir, tar and flate2. Depends on `base`, `settings`, `music`, `midi` and `npz`.

mod account;
mod config;
pub mod dedupe;
mod divide;
mod error;
pub mod groups;
mod ids;
mod packed;
mod reading;
mod run;
pub mod song;
pub mod source;
pub mod split;
mod write;

use std::path::PathBuf;

pub use account::{Account, FileRow, LossRow, PartRow, Status, Total};
pub use config::{CollectConfig, Group, SetOptions, Shares};
pub use error::CollectError;
pub use packed::PackedCells;
pub use write::{Files, files_of};

use crate::base::{Cancel, Progress};
use crate::npz::PhraseLayout;
use crate::settings::SettingsError;
use ids::Choice;
use run::{Job, Phrase};
use song::PartTable;

/// Sets of phrases, and what became of every file.
#[derive(Clone, Debug)]
pub struct Collection {
    layout: PhraseLayout,
    sets: Vec<Set>,
    account: Account,
}

/// A part of the split.
#[derive(Clone, Debug)]
struct Set {
    name: String,
    entries: Vec<Entry>,
}

/// A phrase, and the file that it is from as a number of the account.
#[derive(Clone, Debug)]
struct Entry {
    file: usize,
    /// The song, which in arrays of phrases is not the file.
    song: String,
    /// Songs of one group are in one set.
    group: String,
    phrase: Phrase,
}

impl Collection {
    /// Goes through the files at `roots` and below, without those in `skipped`. `table` says which part
    /// goes to which track; without it the programs of the config do.
    ///
    /// # Errors
    /// [`CollectError`] when a root cannot be looked at or the options make no sense, and
    /// [`CollectError::Stopped`] when `cancel` was raised. What is wrong with a file is in the account.
    pub fn of(
        roots: &[PathBuf],
        skipped: &[PathBuf],
        config: &CollectConfig,
        table: Option<&PartTable>,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Self, CollectError> {
        config.check().map_err(|reason| SettingsError { path: None, line: None, reason })?;
        let layout = config.layout()?;
        let choice = Choice::read(&config.set, cancel)?;
        let listing = source::list(roots, skipped, cancel)?;
        let several = roots.len() > 1;
        let job = Job { config, layout: &layout, choice: &choice, table, several, progress, cancel };
        let (reads, done) = match config.set.n_jobs {
            0 => job.read_all(listing),
            threads => rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|error| CollectError::Threads(error.to_string()))?
                .install(|| job.read_all(listing)),
        };
        if cancel.is_raised() {
            return Err(CollectError::Stopped { done });
        }
        divide::divide(reads, layout, config)
    }

    /// What became of every file.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Size and tracks of every phrase.
    pub fn layout(&self) -> &PhraseLayout {
        &self.layout
    }

    /// Names of the sets, in order.
    pub fn set_names(&self) -> impl Iterator<Item = &str> {
        self.sets.iter().map(|set| set.name.as_str())
    }

    /// Number of phrases of all sets.
    pub fn len(&self) -> usize {
        self.sets.iter().map(|set| set.entries.len()).sum()
    }

    /// Whether there is no phrase.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
