//! Sets of phrases as bits on a coarse grid: how far apart they lie, and which of another set is
//! nearest to each.
//!
//! A row of a phrase is one pitch of one track over time, a bit a step. Music uses few pitches, so a
//! phrase has a few dozen rows, and two phrases are compared in a few dozen word operations.

use rayon::prelude::*;

use super::set::pairs;
use crate::base::Seed;
use crate::music::{Multitrack, pitches_of};

/// MIDI pitches.
const PITCHES: usize = 128;
/// Steps in a word.
const BITS: usize = 64;

/// Sounding cells of many phrases: tracks by name, pitches, and steps of a part of a beat; a step
/// sounds where any part of it does.
#[derive(Clone, Debug, PartialEq)]
pub struct CellSet {
    tracks: Vec<String>,
    beats: usize,
    steps_per_beat: usize,
    phrases: Vec<Phrase>,
}

/// The words of one phrase in which something sounds, by rising place.
#[derive(Clone, Debug, Default, PartialEq)]
struct Phrase {
    words: Vec<(u32, u64)>,
    cells: u32,
}

/// A phrase's nearest one in another set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// Its number.
    pub index: usize,
    /// Jaccard distance, 0 for the same cells to 1 for none in common.
    pub distance: f64,
}

impl CellSet {
    /// No phrases yet. They will be looked at in these tracks, in their first `beats` beats, and at
    /// `steps_per_beat` (at least 1) or their own resolution, whichever is coarser.
    pub fn new(tracks: &[String], beats: usize, steps_per_beat: usize) -> Self {
        let steps_per_beat = steps_per_beat.max(1);
        Self { tracks: tracks.to_vec(), beats, steps_per_beat, phrases: Vec::new() }
    }

    /// Adds `count` phrases, which `phrase` gives by number.
    ///
    /// # Errors
    /// Those of `phrase`; then none is added.
    pub fn extend<E: Send>(
        &mut self,
        count: usize,
        phrase: impl Fn(usize) -> Result<Multitrack, E> + Sync,
    ) -> Result<(), E> {
        let packed = |i| Ok(self.packed(&phrase(i)?));
        let added: Vec<Phrase> = (0..count).into_par_iter().map(packed).collect::<Result<_, E>>()?;
        self.phrases.extend(added);
        Ok(())
    }

    /// With these phrases added.
    #[must_use]
    pub fn with(mut self, phrases: &[Multitrack]) -> Self {
        let added: Vec<Phrase> = phrases.par_iter().map(|phrase| self.packed(phrase)).collect();
        self.phrases.extend(added);
        self
    }

    /// Number of phrases.
    pub fn len(&self) -> usize {
        self.phrases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// Only the phrases with these numbers, in the order given; numbers past the end are left out.
    pub fn select(&self, indices: &[usize]) -> Self {
        let phrases = indices.iter().filter_map(|i| self.phrases.get(*i).cloned()).collect();
        Self { phrases, tracks: self.tracks.clone(), ..*self }
    }

    fn words_per_row(&self) -> usize {
        (self.beats * self.steps_per_beat).div_ceil(BITS)
    }

    fn packed(&self, piece: &Multitrack) -> Phrase {
        let fine = piece.resolution().steps();
        let coarse = self.steps_per_beat.min(fine);
        let row = self.words_per_row();
        let mut dense = vec![0u64; self.tracks.len() * PITCHES * row];
        for (place, name) in self.tracks.iter().enumerate() {
            let Ok(track) = piece.track(name) else { continue };
            let steps = track.roll.sounding().iter().take(self.beats * fine);
            for (step, set) in steps.enumerate() {
                let at = step * coarse / fine;
                for pitch in pitches_of(*set) {
                    let word = (place * PITCHES + usize::from(pitch)) * row + at / BITS;
                    dense[word] |= 1 << (at % BITS);
                }
            }
        }
        let words: Vec<(u32, u64)> = (0u32..).zip(dense).filter(|(_, word)| *word != 0).collect();
        let cells = words.iter().map(|(_, word)| word.count_ones()).sum();
        Phrase { words, cells }
    }

    /// For each phrase of this set the nearest of `others`, exactly; `None` for silent ones and when
    /// there are no others. Both sets must look at the same tracks, beats and steps.
    pub fn nearest_in(&self, others: &Self) -> Vec<Option<Nearest>> {
        self.nearest_allowed(others, |_, _| true)
    }

    /// For each phrase of this set the nearest of `others` that is not of its song; the songs are told by a
    /// number for each phrase of this set and of the others.
    pub fn nearest_of_songs_other_than(
        &self,
        songs: &[usize],
        others: &Self,
        songs_of_others: &[usize],
    ) -> Vec<Option<Nearest>> {
        self.nearest_allowed(others, |own, other| songs.get(own) != songs_of_others.get(other))
    }

    /// For each phrase the nearest of those `others` that `allowed` says true of, both by number.
    fn nearest_allowed(
        &self,
        others: &Self,
        allowed: impl Fn(usize, usize) -> bool + Sync,
    ) -> Vec<Option<Nearest>> {
        let size = self.tracks.len() * PITCHES * self.words_per_row();
        let search = |dense: &mut Vec<u64>, (own, phrase): (usize, &Phrase)| {
            for (place, word) in &phrase.words {
                dense[*place as usize] = *word;
            }
            let nearest = others.nearest_to(phrase.cells, dense, |other| allowed(own, other));
            for (place, _) in &phrase.words {
                dense[*place as usize] = 0;
            }
            nearest
        };
        self.phrases.par_iter().enumerate().map_init(|| vec![0u64; size], search).collect()
    }

    /// The phrase nearest to the one of `cells` cells that is laid out in `dense`.
    fn nearest_to(&self, cells: u32, dense: &[u64], allowed: impl Fn(usize) -> bool) -> Option<Nearest> {
        if cells == 0 {
            return None;
        }
        let mut best = (0, f64::NEG_INFINITY);
        for (index, other) in self.phrases.iter().enumerate().filter(|(index, _)| allowed(*index)) {
            // No more than the cells of the smaller can be common.
            let bound = f64::from(cells.min(other.cells)) / f64::from(cells.max(other.cells));
            if bound <= best.1 {
                continue;
            }
            let common = |(place, word): &(u32, u64)| (word & dense[*place as usize]).count_ones();
            let both: u32 = other.words.iter().map(common).sum();
            let overlap = f64::from(both) / f64::from(cells + other.cells - both);
            if overlap > best.1 {
                best = (index, overlap);
            }
        }
        best.1.is_finite().then_some(Nearest { index: best.0, distance: 1.0 - best.1 })
    }

    /// Mean Jaccard distance over the pairs of phrases in which something sounds; beyond 200,000
    /// pairs, so many of them drawn with `seed`. `None` when there is no such pair.
    pub fn mean_distance(&self, seed: Seed) -> Option<f64> {
        let distance = |(a, b): &(usize, usize)| distance(&self.phrases[*a], &self.phrases[*b]);
        let distances: Vec<f64> = pairs(self.len(), seed).par_iter().filter_map(distance).collect();
        (!distances.is_empty()).then(|| distances.iter().sum::<f64>() / distances.len() as f64)
    }
}

/// Share of the cells of either that are not common; `None` when both are silent.
fn distance(a: &Phrase, b: &Phrase) -> Option<f64> {
    let (mut both, mut rest) = (0, b.words.as_slice());
    for (place, word) in &a.words {
        rest = &rest[rest.partition_point(|(other, _)| other < place)..];
        match rest.first() {
            Some((other, with)) if other == place => both += (word & with).count_ones(),
            Some(_) => {}
            None => break,
        }
    }
    let either = a.cells + b.cells - both;
    (either > 0).then(|| 1.0 - f64::from(both) / f64::from(either))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::set::{jaccard, mean_jaccard};
    use crate::music::{Family, Pianoroll, Resolution, Track};

    const NAMES: [&str; 2] = ["piano", "bass"];

    fn names() -> Vec<String> {
        NAMES.map(str::to_owned).to_vec()
    }

    fn phrase(piano: &[u128], bass: &[u128]) -> Multitrack {
        let track =
            |family, plane: &[u128]| Track::of_family(family, Pianoroll::from_sounding(plane.to_vec()));
        Multitrack::new(vec![track(Family::Piano, piano), track(Family::Bass, bass)], Resolution::MODEL)
    }

    /// Phrases of 100 steps, sparse as music is, some of them silent.
    fn random(count: usize, seed: u64) -> Vec<Multitrack> {
        let mut rng = Seed(seed).stream("test");
        let mut plane = |density: usize| -> Vec<u128> {
            (0..100).map(|_| if rng.below(3) < density { 0b1011 << (24 + rng.below(4)) } else { 0 }).collect()
        };
        (0..count).map(|i| phrase(&plane(i % 3), &plane(i % 2))).collect()
    }

    #[test]
    fn distances_are_those_of_the_cells_at_full_resolution() {
        let (a, b) = (random(7, 1), random(9, 2));
        let [set, others] = [&a, &b].map(|phrases| CellSet::new(&names(), 9, 12).with(phrases));
        for (nearest, phrase) in set.nearest_in(&others).into_iter().zip(&a) {
            let overlaps: Vec<f64> = b.iter().map(|other| jaccard(phrase, other).unwrap_or(0.0)).collect();
            let best = overlaps.iter().copied().fold(0.0, f64::max);
            match nearest {
                Some(found) => {
                    assert!((found.distance - (1.0 - best)).abs() < 1e-12);
                    assert!((overlaps[found.index] - best).abs() < 1e-12);
                }
                None => assert!(phrase.is_silent()),
            }
        }
        let mean = mean_jaccard(&a, Seed(0)).unwrap().unwrap();
        assert!((set.mean_distance(Seed(0)).unwrap() - (1.0 - mean)).abs() < 1e-12);
    }

    #[test]
    fn a_copy_is_found_at_distance_zero_and_a_near_copy_by_its_cells() {
        let library = CellSet::new(&names(), 4, 4).with(&random(50, 3));
        let copies = library.select(&[41, 5]).nearest_in(&library);
        assert_eq!(copies[0], Some(Nearest { index: 41, distance: 0.0 }));
        assert_eq!(copies[1].map(|found| found.index), Some(5));
        let whole = CellSet::new(&names(), 1, 4).with(&[phrase(&[1 << 60; 12], &[])]);
        let part = CellSet::new(&names(), 1, 4).with(&[phrase(&[1 << 60; 9], &[])]);
        assert_eq!(part.nearest_in(&whole)[0], Some(Nearest { index: 0, distance: 0.25 }));
    }

    #[test]
    fn the_nearest_of_another_song_is_not_a_phrase_of_the_same() {
        let held = |pitch: u32, steps: usize| phrase(&vec![1 << pitch; steps], &[]);
        let set = CellSet::new(&names(), 2, 4).with(&[held(60, 12), held(60, 12), held(60, 9), held(61, 12)]);
        let nearest = set.nearest_of_songs_other_than(&[0, 0, 1, 2], &set, &[0, 0, 1, 2]);
        assert_eq!(nearest[0], Some(Nearest { index: 2, distance: 0.25 }));
        assert_eq!(nearest[2].map(|found| found.distance), Some(0.25));
        assert_eq!(nearest[3].map(|found| found.distance), Some(1.0));
        assert_eq!(set.nearest_of_songs_other_than(&[0; 4], &set, &[0; 4]), [None; 4]);
    }

    #[test]
    fn a_coarse_step_sounds_where_any_part_of_it_does() {
        let fine = phrase(&[0, 0, 1 << 60, 0, 0, 0], &[]);
        let coarse = phrase(&[1 << 60, 1 << 60, 1 << 60, 0, 0, 0], &[]);
        let set = CellSet::new(&names(), 1, 4).with(&[fine, coarse]);
        assert_eq!(set.mean_distance(Seed(0)), Some(0.0));
    }

    #[test]
    fn only_the_named_tracks_count_and_nothing_is_near_to_silence() {
        let a = phrase(&[1 << 60; 3], &[1 << 36; 3]);
        let b = phrase(&[1 << 62; 3], &[1 << 36; 3]);
        let of = |names: &[String], phrase: &Multitrack| {
            CellSet::new(names, 1, 4).with(std::slice::from_ref(phrase))
        };
        let bass = &names()[1..];
        assert_eq!(of(bass, &a).nearest_in(&of(bass, &b))[0].map(|found| found.distance), Some(0.0));
        assert_eq!(of(&[], &a).nearest_in(&of(&[], &b)), [None]);
        assert_eq!(of(bass, &a).nearest_in(&CellSet::new(bass, 1, 4)), [None]);
        assert_eq!(of(bass, &a).mean_distance(Seed(0)), None);
    }
}
