//! A set of phrases, with what is known of each.
//!
//! A set is a list of entries: a place in a store of phrases, what is known, and how the phrase is seen.
//! Stores are in memory at a bit a cell, or in files that are read a phrase at a time; entries take 32
//! bytes. So choosing, splitting, transposing and joining copy no phrase, whatever the size of a set.

mod choose;
mod dedupe;
mod info;
mod load;
mod measure;
mod parts;
mod portrait;
mod save;
mod store;
#[cfg(test)]
mod tests;
mod vary;
mod view;

use std::sync::Arc;

pub use choose::Wanted;
pub use info::PhraseInfo;
pub(super) use info::song_table;
pub use load::{LoadOptions, MEMORY};
pub use parts::{Parts, SplitBy};
pub use portrait::{Portrait, TrackPortrait};
pub use save::{SaveAs, SaveBy, SaveOptions};
use store::Store;
use view::View;

use super::DataError;
use super::collect::Account;
use crate::base::Cancel;
use crate::music::{Multitrack, Tempo};
use crate::npz::{NpzError, PhraseArray, PhraseCells, PhraseLayout, PhraseSource};

/// Phrases of one layout.
#[derive(Clone, Debug)]
pub struct Dataset {
    layout: PhraseLayout,
    stores: Arc<Vec<Store>>,
    entries: Arc<Vec<Entry>>,
    rejections: Arc<Vec<Rejection>>,
    /// What became of the files, when it was collected from some.
    account: Option<Arc<Account>>,
    /// Raised when nobody wants the phrases any more.
    cancel: Cancel,
}

/// A phrase of a set.
#[derive(Clone, Debug)]
struct Entry {
    /// Which store it is kept in, and where there.
    store: u32,
    phrase: u32,
    info: Option<Arc<PhraseInfo>>,
    /// How it is seen, if not as it is.
    view: Option<Arc<View>>,
}

/// Why phrases were left out, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// In a few words.
    pub reason: String,
    /// Number of phrases.
    pub count: usize,
}

impl Dataset {
    /// A set of these phrases, of which nothing more is known; add it by [`Self::with_info`].
    pub fn new(phrases: PhraseArray) -> Self {
        Self::of(Store::Memory(phrases))
    }

    fn of(store: Store) -> Self {
        let entry = |phrase| Entry { store: 0, phrase, info: None, view: None };
        let entries = (0..store.count() as u32).map(entry).collect();
        Self {
            layout: store.layout().clone(),
            stores: Arc::new(vec![store]),
            entries: Arc::new(entries),
            rejections: Arc::default(),
            account: None,
            cancel: Cancel::new(),
        }
    }

    /// The same set, which gives no phrase any more once `cancel` is raised: whatever goes through its
    /// phrases ends with an error soon after.
    pub fn watching(self, cancel: &Cancel) -> Self {
        Self { cancel: cancel.clone(), ..self }
    }

    /// Number of phrases.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What all phrases have in common: bars, steps, pitches and tracks.
    pub fn layout(&self) -> &PhraseLayout {
        &self.layout
    }

    /// Whether phrases are read from a file as they are asked for.
    pub fn is_streamed(&self) -> bool {
        self.stores.iter().any(|store| matches!(store, Store::File(_)))
    }

    /// A phrase as music, at its own tempo where that is known.
    ///
    /// # Errors
    /// [`DataError::NoPhrase`], and [`DataError::Npz`] when it cannot be read from its file.
    pub fn phrase(&self, index: usize) -> Result<Multitrack, DataError> {
        let cells = self.cells_of(index).map_err(|error| self.plain(error))?;
        let music = cells.to_music(&self.layout);
        let tempo = self.known(index).and_then(|info| info.tempo);
        Ok(match tempo.and_then(|bpm| Tempo::new(bpm).ok()) {
            Some(tempo) => music.with_tempo(tempo),
            None => music,
        })
    }

    /// The number of a phrase that a person counts from 0, or with -1 from the last one.
    ///
    /// # Errors
    /// [`DataError::NoPhrase`] with the numbers there are.
    pub fn place(&self, number: i64) -> Result<usize, DataError> {
        let count = self.len();
        let place = if number < 0 { number.checked_add_unsigned(count as u64) } else { Some(number) };
        let place = place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < count);
        place.ok_or(DataError::NoPhrase { index: number, count })
    }

    /// All phrases as music, one after another.
    pub fn iter(&self) -> impl Iterator<Item = Result<Multitrack, DataError>> + '_ {
        (0..self.len()).map(|i| self.phrase(i))
    }

    /// All phrases as music at once: some 60 kB each.
    ///
    /// # Errors
    /// [`DataError::Npz`] when one cannot be read from its file.
    pub fn music(&self) -> Result<Vec<Multitrack>, DataError> {
        self.iter().collect()
    }

    /// Only the phrases with these numbers, in the order given; numbers past the end are left out.
    pub fn select(&self, indices: &[usize]) -> Self {
        let entries = indices.iter().filter_map(|i| self.entries.get(*i).cloned()).collect();
        self.with_entries(entries)
    }

    /// The phrases of both sets, those of this one first.
    ///
    /// # Errors
    /// [`DataError::Layouts`] when the phrases differ in bars, steps, pitches or tracks.
    pub fn concat(&self, next: &Self) -> Result<Self, DataError> {
        if self.layout != next.layout {
            let (left, right) = (portrait::said(&self.layout), portrait::said(&next.layout));
            return Err(DataError::Layouts { left, right });
        }
        let mut stores = (*self.stores).clone();
        let places: Vec<u32> = next
            .stores
            .iter()
            .map(|store| {
                let known = stores.iter().position(|own| own.is(store));
                known.unwrap_or_else(|| {
                    stores.push(store.clone());
                    stores.len() - 1
                }) as u32
            })
            .collect();
        let moved = |entry: &Entry| Entry { store: places[entry.store as usize], ..entry.clone() };
        let entries = self.entries.iter().cloned().chain(next.entries.iter().map(moved)).collect();
        let mut all = Self { stores: Arc::new(stores), ..self.with_entries(entries) };
        for Rejection { reason, count } in next.rejections.iter() {
            all = all.with_rejected(reason, *count);
        }
        Ok(all)
    }

    /// Why phrases were left out on the way to this set, in the order in which that happened first.
    pub fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }

    /// The same set with more phrases counted as left out.
    #[must_use]
    pub fn with_rejected(&self, reason: &str, count: usize) -> Self {
        let mut rejections = (*self.rejections).clone();
        match rejections.iter_mut().find(|rejection| rejection.reason == reason) {
            Some(rejection) => rejection.count += count,
            None if count > 0 => rejections.push(Rejection { reason: reason.to_owned(), count }),
            None => {}
        }
        Self { rejections: Arc::new(rejections), ..self.clone() }
    }

    /// What became of the files, when the set (or the one it was chosen from) was collected from some.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_deref()
    }

    /// The same set, collected from files of which this became.
    #[must_use]
    pub fn with_account(self, account: Account) -> Self {
        Self { account: Some(Arc::new(account)), ..self }
    }

    fn with_entries(&self, entries: Vec<Entry>) -> Self {
        Self { entries: Arc::new(entries), ..self.clone() }
    }

    /// An error as one of sets.
    fn plain(&self, error: NpzError) -> DataError {
        match error {
            NpzError::NoPhrase { phrase, .. } => {
                DataError::NoPhrase { index: phrase as i64, count: self.len() }
            }
            other => other.into(),
        }
    }
}

impl PhraseSource for Dataset {
    fn layout(&self) -> &PhraseLayout {
        &self.layout
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn cells_of(&self, phrase: usize) -> Result<PhraseCells, NpzError> {
        if self.cancel.is_raised() {
            return Err(NpzError::Stopped);
        }
        let entry = self.entries.get(phrase).ok_or(NpzError::NoPhrase { phrase, count: self.len() })?;
        let cells = self.stores[entry.store as usize].cells_of(entry.phrase as usize)?;
        Ok(match &entry.view {
            Some(view) => view.of_cells(&self.layout, cells),
            None => cells,
        })
    }
}
