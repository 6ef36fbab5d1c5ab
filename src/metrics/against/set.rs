//! Phrases with the song of each.

use std::collections::HashMap;

use crate::base::Seed;
use crate::music::Multitrack;
use crate::statistics::Clusters;

/// Phrases, and which of them are of one song.
#[derive(Clone, Debug, PartialEq)]
pub struct SongSet {
    phrases: Vec<Multitrack>,
    songs: Vec<usize>,
    known: bool,
}

impl SongSet {
    /// Phrases of whose songs nothing is known: each counts as a song of its own.
    pub fn new(phrases: Vec<Multitrack>) -> Self {
        let songs = (0..phrases.len()).collect();
        Self { phrases, songs, known: false }
    }

    /// Phrases with the name of the song of each; `None` (and a phrase past the end of the names) is a
    /// song of its own.
    pub fn with_songs<'a>(
        phrases: Vec<Multitrack>,
        names: impl IntoIterator<Item = Option<(&'a str, &'a str)>>,
    ) -> Self {
        let mut places = HashMap::new();
        let mut songs = Vec::with_capacity(phrases.len());
        let mut known = false;
        let mut names = names.into_iter();
        for number in 0..phrases.len() {
            let next = number + phrases.len();
            songs.push(match names.next().flatten() {
                Some(name) => {
                    known = true;
                    *places.entry(name).or_insert(number)
                }
                // A label that no place of a named song has.
                None => next,
            });
        }
        Self { phrases, songs, known }
    }

    /// The phrases.
    pub fn phrases(&self) -> &[Multitrack] {
        &self.phrases
    }

    /// The song of each phrase, as any number.
    pub fn songs(&self) -> &[usize] {
        &self.songs
    }

    /// Number of phrases.
    pub fn len(&self) -> usize {
        self.phrases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// Number of songs.
    pub fn song_count(&self) -> usize {
        self.clusters().len()
    }

    /// Whether the song of any phrase is known; otherwise each counts as its own.
    pub fn songs_known(&self) -> bool {
        self.known
    }

    /// Which phrases belong together.
    pub fn clusters(&self) -> Clusters {
        Clusters::new(&self.songs)
    }

    /// The songs of some phrases as clusters of these.
    pub(super) fn clusters_of(&self, phrases: &[usize]) -> Clusters {
        Clusters::new(&phrases.iter().map(|phrase| self.songs[*phrase]).collect::<Vec<_>>())
    }

    /// Two parts without a song in common and with about as many phrases, by `seed`; `None` when there is
    /// one song or none.
    pub fn halves(&self, seed: Seed) -> Option<[Self; 2]> {
        let clusters = self.clusters();
        let mut songs: Vec<&Vec<usize>> = clusters.members().iter().collect();
        seed.stream("set/halves").shuffle(&mut songs);
        let mut halves = [Vec::new(), Vec::new()];
        for song in songs {
            let smaller = usize::from(halves[1].len() < halves[0].len());
            halves[smaller].extend(song);
        }
        halves.iter().all(|half| !half.is_empty()).then(|| halves.map(|half| self.select(half)))
    }

    /// At most `count` phrases, drawn by `seed`: of as many songs as comes, as fewer songs would tell less.
    pub fn sample(&self, count: usize, seed: Seed) -> Self {
        if count >= self.len() {
            return self.clone();
        }
        let mut chosen: Vec<usize> = (0..self.len()).collect();
        seed.stream("set/sample").shuffle(&mut chosen);
        chosen.truncate(count);
        self.select(chosen)
    }

    fn select(&self, mut phrases: Vec<usize>) -> Self {
        phrases.sort_unstable();
        Self {
            songs: phrases.iter().map(|phrase| self.songs[*phrase]).collect(),
            phrases: phrases.iter().map(|phrase| self.phrases[*phrase].clone()).collect(),
            known: self.known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Resolution;

    fn phrases(count: usize) -> Vec<Multitrack> {
        vec![Multitrack::new(Vec::new(), Resolution::MODEL); count]
    }

    fn set(songs: &[&str]) -> SongSet {
        let name = |song: &&'static str| (!song.is_empty()).then_some(("", *song));
        let songs: Vec<&'static str> = songs.iter().map(|song| String::from(*song).leak() as &str).collect();
        SongSet::with_songs(phrases(songs.len()), songs.iter().map(name))
    }

    #[test]
    fn phrases_without_a_song_are_songs_of_their_own() {
        assert_eq!(SongSet::new(phrases(3)).song_count(), 3);
        let some = set(&["a", "", "b", "a", ""]);
        assert_eq!((some.song_count(), some.songs_known()), (4, true));
        assert_eq!(some.songs()[0], some.songs()[3]);
    }

    #[test]
    fn halves_have_no_song_in_common_and_about_as_many_phrases() {
        let songs: Vec<&str> = "aaabbbccdddddeefghij".split("").filter(|name| !name.is_empty()).collect();
        for seed in 0..20 {
            let [a, b] = set(&songs).halves(Seed(seed)).unwrap();
            assert!(a.songs().iter().all(|song| !b.songs().contains(song)));
            assert!(a.len().abs_diff(b.len()) <= 5 && a.len() + b.len() == songs.len());
        }
        assert_eq!(set(&["a", "a"]).halves(Seed(0)), None);
    }

    #[test]
    fn a_sample_is_of_any_songs() {
        let some = set(&["a", "a", "a", "b", "b", "b", "c", "c", "c"]);
        let sample = some.sample(6, Seed(1));
        assert_eq!((sample.len(), sample.song_count()), (6, 3));
        assert_eq!(some.sample(9, Seed(1)), some);
        assert_ne!(some.sample(4, Seed(1)), some.sample(4, Seed(2)));
    }
}
