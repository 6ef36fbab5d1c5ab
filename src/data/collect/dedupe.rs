//! Equal and nearly equal phrases of different songs, and the songs that share many of them.
//!
//! Phrases are compared by the cells that sound at their sixteenths. Which are worth comparing is found
//! by min-wise hashing in bands (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive
//! Datasets, chapter 3), so that the time grows with the number of phrases and not with its square.
//! The hash functions are fixed: equal input gives equal output.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::groups::Groups;
use super::song::Sixteenths;

/// Hash functions of a sketch.
const HASHES: usize = 64;
/// Two songs belong together when at least this part of the phrases of the smaller one is in the other.
const SHARED: f64 = 0.25;
/// How far an estimate from sketches may lie below the real share: over three standard deviations.
const DOUBT: f64 = 0.2;

/// A phrase in short: 16 bytes that tell it from all others, and 64 numbers of which about as large a
/// share is equal in two phrases as of their cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    exact: [u8; 16],
    sketch: [u32; HASHES],
}

impl Print {
    /// The print of a phrase: its cells, for each track a set for each step, and its sixteenths.
    pub fn of(cells: &[Vec<u128>], sixteenths: &Sixteenths) -> Self {
        let mut hash = Sha256::new();
        for track in cells {
            for set in track {
                hash.update(set.to_le_bytes());
            }
        }
        let hash = hash.finalize();
        let mut exact = [0; 16];
        exact.copy_from_slice(&hash[..16]);

        let mut factor = 0;
        let factors: [u64; HASHES] = std::array::from_fn(|_| {
            factor += 1;
            mixed(factor) | 1
        });
        let mut sketch = [u32::MAX; HASHES];
        for cell in sixteenths.cells() {
            let cell = mixed(cell);
            for (least, factor) in sketch.iter_mut().zip(&factors) {
                *least = (*least).min((cell.wrapping_mul(*factor) >> 32) as u32);
            }
        }
        Self { exact, sketch }
    }

    /// About what share of their cells two phrases have in common.
    fn share(&self, other: &Self) -> f64 {
        let equal = self.sketch.iter().zip(&other.sketch).filter(|(a, b)| a == b).count();
        equal as f64 / HASHES as f64
    }
}

/// What becomes of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Unique,
    /// It is equal to the phrase with this lower number, which stays.
    Equal(usize),
    /// It is nearly equal to the phrase with this lower number, which stays.
    Near(usize),
}

/// What [`duplicates`] found.
#[derive(Clone, Debug)]
pub struct Duplicates {
    /// For each phrase what becomes of it.
    pub verdicts: Vec<Verdict>,
    /// Songs that share phrases: a quarter or more of those of the smaller one. Covers and other
    /// versions of a song, which belong on one side of a split.
    pub songs: Groups,
}

/// Finds equal phrases, and those that share more than `near` of their cells; the first of them stays.
/// `songs` has the song of each phrase, less than `song_count`. `share(a, b)` answers the real share of
/// two phrases, [`Sixteenths::share`]; it is asked for few pairs only. A pair just above `near` is
/// overlooked in less than one case of a hundred, one well above it never.
pub fn duplicates(
    prints: &[Print],
    songs: &[usize],
    song_count: usize,
    near: f64,
    mut share: impl FnMut(usize, usize) -> f64,
) -> Duplicates {
    // So many equal rows that a pair at the limit has about an even chance in each band.
    let rows = (0.5f64.ln() / near.ln()).clamp(1.0, 8.0) as usize;
    let mut equal: HashMap<[u8; 16], usize> = HashMap::with_capacity(prints.len());
    let mut bands: HashMap<(usize, u64), Vec<usize>> = HashMap::new();
    let mut verdicts = Vec::with_capacity(prints.len());
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for (phrase, print) in prints.iter().enumerate() {
        let keys: Vec<(usize, u64)> = print.sketch.chunks_exact(rows).map(key).enumerate().collect();
        let verdict = match equal.get(&print.exact) {
            Some(first) => Verdict::Equal(*first),
            None if near >= 1.0 => Verdict::Unique,
            None => {
                let mut alike: Vec<usize> =
                    keys.iter().filter_map(|key| bands.get(key)).flatten().copied().collect();
                alike.sort_unstable();
                alike.dedup();
                let is_near = |other: &usize| {
                    print.share(&prints[*other]) > near - DOUBT && share(*other, phrase) > near
                };
                alike.into_iter().find(is_near).map_or(Verdict::Unique, Verdict::Near)
            }
        };
        match verdict {
            Verdict::Unique => {
                equal.insert(print.exact, phrase);
                keys.into_iter().for_each(|key| bands.entry(key).or_default().push(phrase));
            }
            Verdict::Equal(first) | Verdict::Near(first) => {
                let (a, b) = (songs[first], songs[phrase]);
                *shared.entry((a.min(b), a.max(b))).or_default() += 1;
            }
        }
        verdicts.push(verdict);
    }

    let mut sizes = vec![0usize; song_count];
    songs.iter().for_each(|song| sizes[*song] += 1);
    let mut groups = Groups::new(song_count);
    for ((a, b), count) in shared {
        if a != b && count as f64 >= SHARED * sizes[a].min(sizes[b]) as f64 {
            groups.join(a, b);
        }
    }
    Duplicates { verdicts, songs: groups }
}

/// The numbers of a band as one.
fn key(rows: &[u32]) -> u64 {
    rows.iter().fold(0, |key, row| mixed(key ^ u64::from(*row)))
}

/// A number whose bits all depend on all bits of another (the finalizer of SplitMix64: Steele, Lea and
/// Flood 2014).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Rng, Seed};
    use crate::data::collect::song::SongOptions;

    /// A phrase of one track with `count` cells at random sixteenths.
    fn random(rng: &mut Rng, count: usize) -> Vec<Vec<u128>> {
        let mut track = vec![0u128; 192];
        for _ in 0..count {
            track[rng.below(64) * 3] |= 1 << rng.below(84);
        }
        vec![track]
    }

    /// The same without `count` of its cells.
    fn thinned(cells: &[Vec<u128>], count: usize) -> Vec<Vec<u128>> {
        let mut track = cells[0].clone();
        for set in track.iter_mut().filter(|set| **set != 0).take(count) {
            *set &= *set - 1;
        }
        vec![track]
    }

    fn find(phrases: &[Vec<Vec<u128>>], songs: &[usize], near: f64) -> Duplicates {
        let options = SongOptions::default();
        let sixteenths: Vec<Sixteenths> =
            phrases.iter().map(|cells| Sixteenths::of(cells, &options)).collect();
        let prints: Vec<Print> =
            phrases.iter().zip(&sixteenths).map(|(cells, like)| Print::of(cells, like)).collect();
        let count = songs.iter().max().map_or(0, |last| last + 1);
        duplicates(&prints, songs, count, near, |a, b| sixteenths[a].share(&sixteenths[b]))
    }

    #[test]
    fn equal_and_near_phrases_of_other_songs_are_found_and_the_first_stays() {
        let mut rng = Seed(1).stream("phrases");
        let [a, b] = [300, 300].map(|count| random(&mut rng, count));
        let phrases = [a.clone(), b.clone(), a.clone(), thinned(&a, 5), thinned(&b, 40)];
        let found = find(&phrases, &[0, 1, 2, 3, 4], 0.92);
        use Verdict::{Equal, Near, Unique};
        assert_eq!(found.verdicts, [Unique, Unique, Equal(0), Near(0), Unique]);
        assert_eq!(found.songs.ids(), [0, 1, 0, 0, 4]);
    }

    #[test]
    fn at_one_only_equal_phrases_go() {
        let a = random(&mut Seed(2).stream("phrases"), 300);
        let found = find(&[a.clone(), thinned(&a, 1), a.clone()], &[0, 1, 2], 1.0);
        assert_eq!(found.verdicts, [Verdict::Unique, Verdict::Unique, Verdict::Equal(0)]);
    }

    #[test]
    fn the_bands_miss_almost_none_of_the_pairs_that_comparing_all_finds() {
        let mut rng = Seed(3).stream("phrases");
        for near in [0.7, 0.92] {
            let mut phrases = Vec::new();
            for _ in 0..60 {
                let original = random(&mut rng, 200);
                let most = (64.0 * (1.0 - near)) as usize;
                let other = thinned(&original, 1 + rng.below(most));
                phrases.extend([original, other]);
            }
            let songs: Vec<usize> = (0..phrases.len()).collect();
            let found = find(&phrases, &songs, near);
            let near = found.verdicts.iter().filter(|verdict| **verdict != Verdict::Unique).count();
            assert!(near >= 59, "{near} of 60");
        }
    }

    #[test]
    fn songs_that_share_a_phrase_or_two_of_many_stay_apart() {
        let mut rng = Seed(4).stream("phrases");
        let mut phrases: Vec<_> = (0..16).map(|_| random(&mut rng, 200)).collect();
        phrases[8] = phrases[0].clone();
        let songs: Vec<usize> = (0..16).map(|phrase| phrase / 8).collect();
        assert_eq!(find(&phrases, &songs, 0.92).songs.ids(), [0, 1]);
        phrases[9] = phrases[1].clone();
        assert_eq!(find(&phrases, &songs, 0.92).songs.ids(), [0, 0]);
    }

    #[test]
    fn silent_phrases_are_equal() {
        let silent = vec![vec![0u128; 192]];
        let found = find(&[silent.clone(), silent], &[0, 0], 0.5);
        assert_eq!(found.verdicts, [Verdict::Unique, Verdict::Equal(0)]);
    }
}
