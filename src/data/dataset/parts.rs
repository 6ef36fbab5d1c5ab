//! Sets in parts: by shares, in halves, at random. Phrases that belong together stay together.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use super::{Dataset, Entry, PhraseInfo};
use crate::base::Seed;
use crate::data::DataError;
use crate::music::Multitrack;

/// What a split kept together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SplitBy {
    /// Phrases alone (and their copies in other keys): of songs nothing was known.
    Phrase,
    /// Songs.
    Song,
    /// Groups of songs, such as covers.
    Group,
}

impl fmt::Display for SplitBy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Phrase => "phrase",
            Self::Song => "song",
            Self::Group => "group of songs",
        })
    }
}

/// A set in named parts.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What was kept together.
    pub by: SplitBy,
    /// The parts, in the order they were asked for.
    pub parts: Vec<(String, Dataset)>,
}

/// What stays on one side: its name, or the phrase alone.
#[derive(PartialEq, Eq, Hash)]
enum Unit<'a> {
    Named(&'a str, &'a str),
    Phrase(u32, u32),
}

impl Dataset {
    /// The numbers of the phrases in parts that may not be cut: groups, songs, or phrases; in the order
    /// in which they begin.
    fn units(&self) -> (SplitBy, Vec<Vec<usize>>) {
        let mut by = SplitBy::Phrase;
        let mut places: HashMap<Unit, usize> = HashMap::new();
        let mut units: Vec<Vec<usize>> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let info = entry.info.as_deref();
            let unit = match info.and_then(PhraseInfo::unit) {
                Some((set, name)) => {
                    let grouped = info.is_some_and(|info| !info.group.is_empty());
                    by = by.max(if grouped { SplitBy::Group } else { SplitBy::Song });
                    Unit::Named(set, name)
                }
                None => Unit::Phrase(entry.store, entry.phrase),
            };
            let place = *places.entry(unit).or_insert(units.len());
            if place == units.len() {
                units.push(Vec::new());
            }
            units[place].push(index);
        }
        (by, units)
    }

    /// The phrases in named parts, each with about its share of every set: groups of songs go whole into
    /// one part, else songs, else phrases, in an order that `seed` draws. Shares that add up to less than
    /// 1 leave phrases out. Every phrase is marked with the name of its part.
    ///
    /// # Errors
    /// [`DataError::Split`] unless there are shares above 0 that add up to at most 1 and no part is left
    /// without a phrase.
    pub fn split(&self, shares: &[(String, f64)], seed: Seed) -> Result<Parts, DataError> {
        let total: f64 = shares.iter().map(|(_, share)| share).sum();
        if shares.is_empty()
            || shares.iter().any(|(_, share)| *share <= 0.0)
            || total.is_nan()
            || total > 1.0 + 1e-9
        {
            let shown: Vec<String> = shares.iter().map(|(name, share)| format!("{name}: {share}")).collect();
            return Err(DataError::Split(format!(
                "the parts of a split have shares above 0 that add up to at most 1, got {}",
                if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
            )));
        }
        let (by, units) = self.units();
        let mut strata: BTreeMap<&str, Vec<Vec<usize>>> = BTreeMap::new();
        for unit in units {
            let set = self.known(unit[0]).map_or("", |info| &info.set);
            strata.entry(set).or_default().push(unit);
        }
        let mut wanted: Vec<f64> = shares.iter().map(|(_, share)| *share).collect();
        wanted.push((1.0 - total).max(0.0));
        let mut parts: Vec<Vec<usize>> = vec![Vec::new(); wanted.len()];
        let mut rng = seed.stream("dataset/split");
        let mut given = 0;
        for mut units in strata.into_values() {
            rng.shuffle(&mut units);
            // Each unit to the part that lacks most: as that holds all along the way, it holds for each set.
            for unit in units {
                given += unit.len();
                let lack = |part: usize| wanted[part] * given as f64 - parts[part].len() as f64;
                let most = (0..parts.len()).max_by(|a, b| lack(*a).total_cmp(&lack(*b)).then(b.cmp(a)));
                parts[most.unwrap_or(0)].extend(unit);
            }
        }
        let part = |((name, _), mut indices): (&(String, f64), Vec<usize>)| {
            indices.sort_unstable();
            if indices.is_empty() {
                return Err(DataError::Split(format!(
                    "no {by} is left for `{name}`: the set has too few, or its share is too small"
                )));
            }
            Ok((name.clone(), self.select(&indices).marked(name)))
        };
        let parts = shares.iter().zip(parts).map(part).collect::<Result<_, _>>()?;
        Ok(Parts { by, parts })
    }

    /// With every phrase said to be of this part of a split.
    fn marked(&self, split: &str) -> Self {
        let mark = |entry: &Entry| {
            let info = entry.info.as_deref().cloned().unwrap_or_default();
            let info = PhraseInfo { split: split.to_owned(), ..info };
            Entry { info: Some(Arc::new(info)), ..entry.clone() }
        };
        self.with_entries(self.entries.iter().map(mark).collect())
    }

    /// The numbers of the phrases in two parts without a song in common, as alike as can be: of each
    /// set the songs, in an order that `seed` draws, go to whichever part has fewer phrases of it.
    /// `None` without a song table, and when all phrases are of one song.
    pub fn halves(&self, seed: Seed) -> Option<[Vec<usize>; 2]> {
        if !self.has_info() {
            return None;
        }
        let mut sets: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let (set, song) = entry.info.as_ref().map_or(("", ""), |info| (&info.set, &info.song));
            sets.entry(set).or_default().entry(song).or_default().push(index);
        }
        let mut rng = seed.stream("dataset/halves");
        let mut halves = [Vec::new(), Vec::new()];
        for songs in sets.into_values() {
            let mut songs: Vec<Vec<usize>> = songs.into_values().collect();
            rng.shuffle(&mut songs);
            let mut sizes = [0, 0];
            for song in songs {
                let whole = halves[0].len() > halves[1].len();
                let place = usize::from(sizes[1] < sizes[0] || sizes[0] == sizes[1] && whole);
                sizes[place] += song.len();
                halves[place].extend(song);
            }
        }
        halves.iter_mut().for_each(|half| half.sort_unstable());
        halves.iter().all(|half| !half.is_empty()).then_some(halves)
    }

    /// Two parts, of which the second has `share` of the phrases or a little more: the last ones, and of
    /// every group, song or phrase and its copies all or none. Phrases of one song lie together in usual
    /// files, so that the parts have little in common without a table too.
    pub fn split_off(&self, share: f64) -> (Self, Self) {
        let wanted = (share.clamp(0.0, 1.0) * self.len() as f64).round() as usize;
        let (_, mut units) = self.units();
        let mut last = Vec::new();
        while last.len() < wanted {
            last.extend(units.pop().unwrap_or_default());
        }
        last.sort_unstable();
        (self.select(&units.concat()), self.select(&last))
    }

    /// The phrases in an order that `seed` draws.
    pub fn shuffle(&self, seed: Seed) -> Self {
        self.sample(self.len(), seed)
    }

    /// `count` phrases drawn without replacement, or all in random order when there are fewer.
    pub fn sample(&self, count: usize, seed: Seed) -> Self {
        let mut indices: Vec<usize> = (0..self.len()).collect();
        seed.stream("dataset/sample").shuffle(&mut indices);
        indices.truncate(count);
        self.select(&indices)
    }

    /// Up to `count` phrases drawn without replacement, as music: of those in which every track called
    /// as one of `given` sounds.
    ///
    /// # Errors
    /// [`DataError::Npz`] when a phrase cannot be read from its file.
    pub fn draw(&self, given: &[String], count: usize, seed: Seed) -> Result<Vec<Multitrack>, DataError> {
        let sounds = |phrase: &Multitrack| {
            given.iter().all(|name| phrase.track(name).is_ok_and(|track| !track.roll.is_silent()))
        };
        let drawn = self.shuffle(seed);
        drawn.iter().filter(|phrase| phrase.as_ref().map_or(true, sounds)).take(count).collect()
    }
}
