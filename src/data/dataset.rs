//! A set of phrases, with what is known of each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::{FileError, Seed, read_file};
use crate::music::Multitrack;
use crate::npz::{NpzError, PhraseArray, read_npy, read_phrases};

/// What a song table says of a phrase.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PhraseInfo {
    /// The collection it is from.
    pub set: String,
    /// The song it is from; phrases of one song belong together.
    pub song: String,
}

/// A set that cannot be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // every variant's message says what it is
pub enum DataError {
    #[error("`{path}`, line {line}: {reason}")]
    Table { path: PathBuf, line: usize, reason: String },
    #[error(transparent)]
    Npz(#[from] NpzError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// Phrases of four bars and five tracks.
#[derive(Clone, Debug)]
pub struct Dataset {
    phrases: PhraseArray,
    info: Option<Arc<Vec<PhraseInfo>>>,
}

impl Dataset {
    /// The phrases of a training array: sparse (`npz`), or dense when the file is called `npy`.
    ///
    /// # Errors
    /// [`DataError::Npz`] when the file is not one.
    pub fn load(path: &Path) -> Result<Self, DataError> {
        let is_dense = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy"));
        let phrases = match is_dense {
            true => PhraseArray::from_dense(&path.to_string_lossy(), &read_npy(path)?)?,
            false => read_phrases(path)?,
        };
        Ok(Self { phrases, info: None })
    }

    /// Adds a song table: tab-separated, with the columns `split`, `phrase`, `set` and `song`; rows of
    /// other splits are passed over.
    ///
    /// # Errors
    /// [`DataError::Table`] naming the line.
    pub fn with_songs(mut self, path: &Path, split: &str) -> Result<Self, DataError> {
        let bytes = read_file(path)?;
        let text = String::from_utf8_lossy(&bytes);
        let wrong = |line: usize, reason: String| DataError::Table { path: path.to_owned(), line, reason };
        let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
        let (_, head) = lines.next().ok_or_else(|| wrong(1, "the table is empty".into()))?;
        let column = |name: &str| {
            let place = head.split('\t').position(|cell| cell == name);
            place.ok_or_else(|| wrong(1, format!("there is no column `{name}`")))
        };
        let (split_at, phrase_at) = (column("split")?, column("phrase")?);
        let (set_at, song_at) = (column("set")?, column("song")?);
        let mut info = vec![PhraseInfo::default(); self.len()];
        for (line, row) in lines {
            let cells: Vec<&str> = row.split('\t').collect();
            if cells.get(split_at) != Some(&split) {
                continue;
            }
            let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
            let place = cell(phrase_at).parse().ok().and_then(|i: usize| info.get_mut(i));
            let Some(place) = place else {
                let reason = format!("`{}` is not the number of a phrase of the array", cell(phrase_at));
                return Err(wrong(line, reason));
            };
            *place = PhraseInfo { set: cell(set_at).to_owned(), song: cell(song_at).to_owned() };
        }
        self.info = Some(Arc::new(info));
        Ok(self)
    }

    /// Number of phrases.
    pub fn len(&self) -> usize {
        self.phrases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// The cells.
    pub fn phrases(&self) -> &PhraseArray {
        &self.phrases
    }

    /// A phrase as music.
    pub fn phrase(&self, index: usize) -> Option<Multitrack> {
        self.phrases.phrase(index)
    }

    /// What is known of a phrase, when a song table was given.
    pub fn info(&self, index: usize) -> Option<&PhraseInfo> {
        self.info.as_ref().and_then(|info| info.get(index))
    }

    /// Only the phrases with these numbers, in the order given.
    pub fn select(&self, indices: &[usize]) -> Self {
        let info = self
            .info
            .as_ref()
            .map(|info| Arc::new(indices.iter().filter_map(|i| info.get(*i).cloned()).collect::<Vec<_>>()));
        Self { phrases: self.phrases.select(indices.iter().copied()), info }
    }

    /// Without the phrases of the named sets.
    pub fn without_sets(&self, sets: &[String]) -> Self {
        let kept = |i: &usize| self.info(*i).is_none_or(|info| !sets.contains(&info.set));
        self.select(&(0..self.len()).filter(kept).collect::<Vec<_>>())
    }

    /// The numbers of the phrases in two parts without a song in common, as alike as can be: of each
    /// set the songs, in an order that `seed` draws, go to whichever part has fewer phrases of it.
    /// `None` without a song table, and when all phrases are of one song.
    pub fn halves(&self, seed: Seed) -> Option<[Vec<usize>; 2]> {
        let info = self.info.as_ref()?;
        let mut sets: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        for (index, PhraseInfo { set, song }) in info.iter().enumerate() {
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
    /// every song of the table all or none. Phrases of one song lie together in usual files, so that
    /// the parts have little in common without a table too.
    pub fn split_off(&self, share: f64) -> (Self, Self) {
        let wanted = (share.clamp(0.0, 1.0) * self.len() as f64).round() as usize;
        let mut songs: Vec<(Option<&PhraseInfo>, Vec<usize>)> = Vec::new();
        for index in 0..self.len() {
            let info = self.info(index);
            match songs.iter_mut().find(|(song, _)| info.is_some() && *song == info) {
                Some((_, phrases)) => phrases.push(index),
                None => songs.push((info, vec![index])),
            }
        }
        let mut last = Vec::new();
        while last.len() < wanted {
            last.extend(songs.pop().map(|(_, phrases)| phrases).unwrap_or_default());
        }
        last.sort_unstable();
        let first: Vec<usize> = songs.into_iter().flat_map(|(_, phrases)| phrases).collect();
        (self.select(&first), self.select(&last))
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
    pub fn draw(&self, given: &[String], count: usize, seed: Seed) -> Vec<Multitrack> {
        let sounds = |phrase: &Multitrack| {
            given.iter().all(|name| phrase.track(name).is_ok_and(|track| !track.roll.is_silent()))
        };
        self.sample(self.len(), seed).phrases.iter().filter(sounds).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch, Resolution, Track};

    fn three() -> Dataset {
        let mut phrases = PhraseArray::standard();
        for start in 0..3 {
            let note = Note { start, pitch: Pitch::new(40).unwrap(), end: start + 4, velocity: 100 };
            let roll = Pianoroll::from_notes(192, &[note]).without_velocities();
            let song = Multitrack::new(vec![Track::of_family(Family::Bass, roll)], Resolution::MODEL);
            phrases.push(&song).unwrap();
        }
        Dataset { phrases, info: None }
    }

    #[test]
    fn a_song_table_filters_by_set() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("songs.tsv");
        let rows =
            "split\tphrase\tset\tsong\ntrain\t0\ta\tx\ntest\t9\tb\ty\ntrain\t1\tb\ty\ntrain\t2\ta\tz\n";
        std::fs::write(&path, rows).unwrap();
        let set = three().with_songs(&path, "train").unwrap();
        let kept = set.without_sets(&["b".into()]);
        assert_eq!((kept.len(), kept.info(1).unwrap().song.as_str()), (2, "z"));
        assert_eq!(kept.phrase(1), set.phrase(2));
        std::fs::write(&path, rows.replace("test", "train")).unwrap();
        let error = three().with_songs(&path, "train").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("`9`"), "{error}");
    }

    #[test]
    fn a_song_table_without_a_column_or_a_line_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("songs.tsv");
        let refused = |text: &str| {
            std::fs::write(&path, text).unwrap();
            three().with_songs(&path, "train").unwrap_err().to_string()
        };
        let error = refused("split\tphrase\tset\n");
        assert!(error.contains("songs.tsv`, line 1: there is no column `song`"), "{error}");
        assert!(refused("").contains("the table is empty"));
        let error = refused("split\tphrase\tset\tsong\ntrain\tfirst\ta\tx\n");
        assert!(error.contains("line 2: `first` is not the number of a phrase"), "{error}");
        let error = three().with_songs(&folder.path().join("none.tsv"), "train").unwrap_err().to_string();
        assert!(error.contains("none.tsv"), "{error}");
    }

    #[test]
    fn a_selection_keeps_order_and_phrases_of_no_table_belong_to_no_set() {
        let set = three();
        let picked = set.select(&[2, 0]);
        assert_eq!((picked.phrase(0), picked.phrase(1)), (set.phrase(2), set.phrase(0)));
        assert_eq!(picked.phrase(2), None);
        assert_eq!(set.without_sets(&["a".into()]).len(), 3);
        assert_eq!(set.info(0), None);
        assert_eq!(set.sample(99, Seed(2)).len(), 3);
        assert!(set.select(&[]).is_empty());
    }

    #[test]
    fn halves_have_no_song_in_common_and_as_many_phrases_of_each_set() {
        let mut phrases = PhraseArray::standard();
        let silence =
            Multitrack::new(vec![Track::of_family(Family::Bass, Pianoroll::silent(192))], Resolution::MODEL);
        // Songs of two phrases in set a, of one and three in set b.
        let named = |i: usize| match i {
            0..8 => ("a", format!("song {}", i / 2)),
            _ => ("b", format!("song {}", if i == 8 { 4 } else { 5 })),
        };
        (0..12).for_each(|_| assert_eq!(phrases.push(&silence).unwrap(), 0));
        let info = (0..12).map(named).map(|(set, song)| PhraseInfo { set: set.to_owned(), song });
        let set = Dataset { phrases, info: Some(Arc::new(info.collect())) };
        for seed in 0..5 {
            let halves = set.halves(Seed(seed)).unwrap();
            let songs = |half: &[usize]| -> Vec<String> {
                half.iter().map(|i| set.info(*i).unwrap().song.clone()).collect()
            };
            let [left, right] = [songs(&halves[0]), songs(&halves[1])];
            assert!(left.iter().all(|song| !right.contains(song)));
            assert_eq!(halves[0].iter().filter(|i| **i < 8).count(), 4);
            assert_eq!(halves[0].len() + halves[1].len(), 12);
        }
        assert_eq!(three().halves(Seed(0)), None);
    }

    #[test]
    fn drawn_phrases_have_the_given_track() {
        let bass = ["bass".to_owned()];
        let set = three();
        assert_eq!(set.draw(&[], 2, Seed(1)).len(), 2);
        assert_eq!(set.draw(&bass, 9, Seed(1)).len(), 3);
        assert!(set.draw(&["piano".to_owned()], 9, Seed(1)).is_empty());
        assert_eq!(set.draw(&[], 2, Seed(1)), set.draw(&bass, 2, Seed(1)));
    }

    #[test]
    fn a_part_is_split_off_without_cutting_a_song() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("songs.tsv");
        let rows = "split\tphrase\tset\tsong\ntrain\t0\ta\tx\ntrain\t1\ta\ty\ntrain\t2\ta\ty\n";
        std::fs::write(&path, rows).unwrap();
        let lengths = |set: &Dataset, share| {
            let (first, last) = set.split_off(share);
            (first.len(), last.len())
        };
        let named = three().with_songs(&path, "train").unwrap();
        assert_eq!([0.0, 0.3, 0.9].map(|share| lengths(&named, share)), [(3, 0), (1, 2), (0, 3)]);
        assert_eq!(lengths(&three(), 0.3), (2, 1));
        assert_eq!(three().split_off(0.3).1.phrase(0), three().phrase(2));
    }

    #[test]
    fn a_dense_array_is_read_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phrases.npy");
        crate::npz::write_npy(&path, &three().phrases.to_dense()).unwrap();
        assert_eq!(Dataset::load(&path).unwrap().phrases, three().phrases);
    }

    #[test]
    fn a_sample_has_no_phrase_twice() {
        let drawn = three().sample(2, Seed(1));
        assert_eq!(drawn.len(), 2);
        assert_ne!(drawn.phrase(0), drawn.phrase(1));
    }
}
