//! Leaving phrases out.

use std::collections::BTreeSet;

use super::{Dataset, PhraseInfo};
use crate::base::suggestion;
use crate::data::DataError;

/// Which phrases are wanted; an empty list means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Phrases of any of these sets.
    pub sets: Vec<String>,
    /// Phrases of any of these songs.
    pub songs: Vec<String>,
    /// Phrases with any of these tags.
    pub tags: Vec<String>,
    /// Phrases of any of these parts of a split.
    pub splits: Vec<String>,
}

impl Dataset {
    /// The phrases that `keep`, which is given their numbers, says true of.
    ///
    /// # Errors
    /// Those of `keep`.
    pub fn filter<E>(&self, mut keep: impl FnMut(usize) -> Result<bool, E>) -> Result<Self, E> {
        let mut entries = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if keep(index)? {
                entries.push(entry.clone());
            }
        }
        Ok(self.with_entries(entries))
    }

    /// The same, with how many were left out written down for [`Self::rejections`]; `reason` says why.
    ///
    /// # Errors
    /// Those of `keep`.
    pub fn keep_if<E>(&self, reason: &str, keep: impl FnMut(usize) -> Result<bool, E>) -> Result<Self, E> {
        let kept = self.filter(keep)?;
        Ok(kept.with_rejected(reason, self.len() - kept.len()))
    }

    /// The phrases of the wanted sets, songs, tags and splits, all of which must hold.
    ///
    /// # Errors
    /// [`DataError::Unknown`] when nothing is known of the phrases, [`DataError::NoSuch`] for a name that
    /// no phrase has.
    pub fn only(&self, wanted: &Wanted) -> Result<Self, DataError> {
        let Wanted { sets, songs, tags, splits } = wanted;
        self.check_names("set", sets, self.sets())?;
        self.check_names("song", songs, self.songs())?;
        self.check_names("tag", tags, self.tags())?;
        self.check_names("split", splits, self.splits())?;
        let any = |wanted: &[String], name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
        let suits = |info: &PhraseInfo| {
            any(sets, &info.set)
                && any(songs, &info.song)
                && any(splits, &info.split)
                && (tags.is_empty() || info.tags.iter().any(|tag| tags.contains(tag)))
        };
        let kept = |entry: &&super::Entry| match entry.info.as_deref() {
            Some(info) => suits(info),
            None => *wanted == Wanted::default(),
        };
        Ok(self.with_entries(self.entries.iter().filter(kept).cloned().collect()))
    }

    /// Without the phrases of the named sets.
    pub fn without_sets(&self, sets: &[String]) -> Self {
        let kept = |entry: &&super::Entry| entry.info.as_ref().is_none_or(|info| !sets.contains(&info.set));
        self.with_entries(self.entries.iter().filter(kept).cloned().collect())
    }

    /// Names of the sets that phrases are from, in alphabetical order.
    pub fn sets(&self) -> Vec<String> {
        self.names(|info| std::slice::from_ref(&info.set))
    }

    /// Names of the songs that phrases are from, in alphabetical order.
    pub fn songs(&self) -> Vec<String> {
        self.names(|info| std::slice::from_ref(&info.song))
    }

    /// The tags that phrases have, in alphabetical order.
    pub fn tags(&self) -> Vec<String> {
        self.names(|info| &info.tags)
    }

    /// The parts of a split that phrases are in, in alphabetical order.
    pub fn splits(&self) -> Vec<String> {
        self.names(|info| std::slice::from_ref(&info.split))
    }

    fn names<'a>(&'a self, of: impl Fn(&'a PhraseInfo) -> &'a [String]) -> Vec<String> {
        let infos = self.entries.iter().filter_map(|entry| entry.info.as_deref());
        let names: BTreeSet<&String> = infos.flat_map(of).filter(|name| !name.is_empty()).collect();
        names.into_iter().cloned().collect()
    }

    /// Refuses a name that no phrase has.
    fn check_names(
        &self,
        what: &'static str,
        wanted: &[String],
        known: Vec<String>,
    ) -> Result<(), DataError> {
        const SHOWN: usize = 8;
        let Some(name) = wanted.iter().find(|name| !known.contains(name)) else { return Ok(()) };
        if known.is_empty() {
            let what = match what {
                "set" => "sets",
                "song" => "songs",
                "tag" => "tags",
                _ => "splits",
            };
            return Err(DataError::Unknown { what });
        }
        let hint = suggestion(name, known.iter().map(String::as_str));
        let more = known.len().saturating_sub(SHOWN);
        let mut shown = known[..known.len().min(SHOWN)].join(", ");
        if more > 0 {
            shown += &format!(" and {more} more");
        }
        Err(DataError::NoSuch { what, name: name.clone(), known: shown, hint })
    }
}
