//! What all songs have given to sets: no phrase twice, the rest divided so that songs that belong together
//! are on one side.

use std::collections::HashMap;

use super::account::Account;
use super::config::{CollectConfig, SetOptions};
use super::dedupe::{Duplicates, Print, Verdict, duplicates};
use super::groups::Groups;
use super::packed::unpacked;
use super::run::{Read, song_in_array};
use super::song::Sixteenths;
use super::split::{SongSize, split};
use super::{CollectError, Collection, Entry, FileRow, Set};
use crate::base::Seed;
use crate::npz::PhraseLayout;

/// Divides what was read; what is left out is told in the account.
///
/// # Errors
/// [`CollectError::Shares`] when the shares of the split make no sense.
pub(super) fn divide(
    reads: Vec<Read>,
    layout: PhraseLayout,
    config: &CollectConfig,
) -> Result<Collection, CollectError> {
    let options = &config.set;
    let mut heap = Heap::of(reads, &layout);
    let mut groups = heap.labelled();
    if options.dedupe {
        let found = heap.duplicates(config, &layout);
        heap.leave_out(&found.verdicts, layout.bars());
        groups.join_all(found.songs);
    }
    let sets = heap.split(groups, options)?;
    let counts = sets.iter().map(|set| (set.name.clone(), set.entries.len())).collect();
    Ok(Collection { layout, sets, account: Account { rows: heap.rows, sets: counts } })
}

/// All phrases, with their songs by number.
struct Heap {
    rows: Vec<FileRow>,
    entries: Vec<Entry>,
    /// The song of each entry.
    songs: Vec<usize>,
    /// Name and label of each song.
    names: Vec<(String, String)>,
}

impl Heap {
    fn of(reads: Vec<Read>, layout: &PhraseLayout) -> Self {
        let mut heap = Self { rows: Vec::new(), entries: Vec::new(), songs: Vec::new(), names: Vec::new() };
        // Songs of two sets may be called the same.
        let mut numbers: HashMap<(String, String), usize> = HashMap::new();
        for (file, read) in reads.into_iter().enumerate() {
            let row = read.row;
            for phrase in read.phrases {
                let song = match read.is_array {
                    true => song_in_array(&row.song, phrase.bar / layout.bars()),
                    false => row.song.clone(),
                };
                let next = heap.names.len();
                let number = *numbers.entry((row.set.clone(), song.clone())).or_insert(next);
                if number == next {
                    let label = if row.group == row.song { song.clone() } else { row.group.clone() };
                    heap.names.push((song.clone(), label));
                }
                heap.songs.push(number);
                heap.entries.push(Entry { file, song, group: String::new(), phrase });
            }
            heap.rows.push(row);
        }
        heap
    }

    /// Songs with one label.
    fn labelled(&self) -> Groups {
        Groups::by_label(self.names.iter().map(|(_, label)| Some(label)))
    }

    fn duplicates(&self, config: &CollectConfig, layout: &PhraseLayout) -> Duplicates {
        let prints: Vec<Print> = self.entries.iter().map(|entry| entry.phrase.print.clone()).collect();
        let sixteenths = |entry: usize| {
            let cells = unpacked(&self.entries[entry].phrase.cells, layout);
            Sixteenths::of(&cells, &config.song)
        };
        let share = |a: usize, b: usize| sixteenths(a).share(&sixteenths(b));
        duplicates(&prints, &self.songs, self.names.len(), config.song.near, share)
    }

    /// Leaves out what is not the first of its kind.
    fn leave_out(&mut self, verdicts: &[Verdict], bars: usize) {
        for (entry, verdict) in self.entries.iter().zip(verdicts) {
            let row = &mut self.rows[entry.file];
            match verdict {
                Verdict::Unique => {}
                Verdict::Equal(_) => row.lose("song_duplicate", "equal to a phrase of another song", bars),
                Verdict::Near(_) => {
                    row.lose("song_near_duplicate", "nearly equal to a phrase of another song", bars);
                }
            }
        }
        let is_kept = |i: &usize| verdicts[*i] == Verdict::Unique;
        let mut numbers = 0..verdicts.len();
        self.entries.retain(|_| numbers.next().is_none_or(|i| is_kept(&i)));
        let mut numbers = 0..verdicts.len();
        self.songs.retain(|_| numbers.next().is_none_or(|i| is_kept(&i)));
    }

    /// The sets that the options name, each with about its share of the phrases.
    fn split(&mut self, groups: Groups, options: &SetOptions) -> Result<Vec<Set>, CollectError> {
        let ids = groups.ids();
        let mut sizes: Vec<SongSize> =
            ids.iter().map(|group| SongSize { group: *group, phrases: 0 }).collect();
        self.songs.iter().for_each(|song| sizes[*song].phrases += 1);
        let mut named: Vec<(String, f64)> = options.split.0.clone();
        if named.is_empty() {
            named.push(("train".to_owned(), 1.0));
        }
        let shares: Vec<f64> = named.iter().map(|(_, share)| *share).collect();
        // Songs of which nothing is left have no say in where others go.
        let with_phrases: Vec<usize> = (0..sizes.len()).filter(|song| sizes[*song].phrases > 0).collect();
        let sized: Vec<SongSize> = with_phrases.iter().map(|song| sizes[*song]).collect();
        let parts: HashMap<usize, usize> =
            with_phrases.into_iter().zip(split(&sized, &shares, Seed(options.seed))?).collect();

        let mut sets: Vec<Set> =
            named.into_iter().map(|(name, _)| Set { name, entries: Vec::new() }).collect();
        for (mut entry, song) in std::mem::take(&mut self.entries).into_iter().zip(&self.songs) {
            let set = &mut sets[parts.get(song).copied().unwrap_or(0)];
            let row = &mut self.rows[entry.file];
            entry.group.clone_from(&self.names[ids[*song]].1);
            row.group.clone_from(&entry.group);
            // An array of phrases may be divided.
            if !row.split.split('+').any(|name| name == set.name) {
                let gap = if row.split.is_empty() { "" } else { "+" };
                row.split = format!("{}{gap}{}", row.split, set.name);
            }
            set.entries.push(entry);
        }
        for set in sets.iter_mut().filter(|_| options.shuffle) {
            Seed(options.seed).stream(&format!("collect/order/{}", set.name)).shuffle(&mut set.entries);
        }
        Ok(sets)
    }
}
