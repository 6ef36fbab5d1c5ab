//! Pieces against each other: how alike the pieces of a set are, and whether tracks belong together.

use std::sync::Arc;

use rayon::prelude::*;

use super::tonal::{self, Point};
use super::{MetricFamily, MetricsError, check_resolutions};
use crate::base::Seed;
use crate::music::{Multitrack, Pianoroll, Resolution};
pub use crate::statistics::{PermutationTest, permutation_test};

/// Pairs of pieces above which [`mean_jaccard`] takes a sample: all pairs of 632 pieces.
const MOST_PAIRS: usize = 200_000;

/// Overlap of two pieces: cells that sound in both, of those that sound in either, over all tracks
/// (Jaccard 1901), in 0..=1; `None` when both are silent. Tracks are matched by name, and what only
/// one piece has is silent in the other.
pub fn jaccard(a: &Multitrack, b: &Multitrack) -> Option<f64> {
    let (a, b) = (a.with_distinct_names(), b.with_distinct_names());
    let names = names_of([&a, &b]);
    overlap(&planes_of(&a, &names), &planes_of(&b, &names))
}

/// Mean [`jaccard`] overlap over the pairs of pieces in which something sounds: the lower, the more
/// different the pieces. `None` when there is no such pair. Beyond 200,000 pairs, so many of them
/// drawn with `seed`.
///
/// # Errors
/// [`MetricsError::Resolution`] when the pieces have different resolutions.
pub fn mean_jaccard(pieces: &[Multitrack], seed: Seed) -> Result<Option<f64>, MetricsError> {
    check_resolutions(pieces)?;
    let pieces: Vec<Multitrack> = pieces.iter().map(Multitrack::with_distinct_names).collect();
    let names = names_of(&pieces);
    let planes: Vec<_> = pieces.iter().map(|piece| planes_of(piece, &names)).collect();
    let overlaps: Vec<Option<f64>> =
        pairs(pieces.len(), seed).into_par_iter().map(|(a, b)| overlap(&planes[a], &planes[b])).collect();
    Ok(mean(overlaps.into_iter()))
}

/// All pairs of `count` things, or a sample of [`MOST_PAIRS`].
pub(super) fn pairs(count: usize, seed: Seed) -> Vec<(usize, usize)> {
    if count * count.saturating_sub(1) / 2 <= MOST_PAIRS {
        return (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect();
    }
    let mut rng = seed.stream("metrics/pairs");
    let draw = |_| {
        let a = rng.below(count);
        // One of the others, each as likely.
        let b = rng.below(count - 1);
        (a, b + usize::from(b >= a))
    };
    (0..MOST_PAIRS).map(draw).collect()
}

/// The names of all tracks, each once.
fn names_of<'a>(pieces: impl IntoIterator<Item = &'a Multitrack>) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for track in pieces.into_iter().flat_map(Multitrack::tracks) {
        if !names.iter().any(|name| name.eq_ignore_ascii_case(&track.name)) {
            names.push(track.name.clone());
        }
    }
    names
}

/// The sounding cells of the tracks called `names`, none for a track that is not there.
fn planes_of<'a>(piece: &'a Multitrack, names: &[Arc<str>]) -> Vec<&'a [u128]> {
    let plane = |name: &Arc<str>| piece.track(name).map_or(&[][..], |track| track.roll.sounding());
    names.iter().map(plane).collect()
}

fn overlap(a: &[&[u128]], b: &[&[u128]]) -> Option<f64> {
    let (mut both, mut either) = (0u64, 0u64);
    for (a, b) in a.iter().zip(b) {
        for (a, b) in a.iter().zip(*b) {
            both += u64::from((a & b).count_ones());
            either += u64::from((a | b).count_ones());
        }
        let common = a.len().min(b.len());
        let rest = a[common..].iter().chain(&b[common..]);
        either += rest.map(|set| u64::from(set.count_ones())).sum::<u64>();
    }
    (either > 0).then(|| both as f64 / either as f64)
}

/// Tests whether each answer follows what was given: whether the tonal distance between given track
/// and answer, averaged over phrases, is smaller than with the answers shuffled over the phrases.
/// `None` when no pair sounds together.
///
/// # Errors
/// [`MetricsError::Pairs`] unless there is one answer for each given track.
pub fn tonal_agreement(
    given: &[Pianoroll],
    answers: &[Pianoroll],
    resolution: Resolution,
    seed: Seed,
    rounds: usize,
) -> Result<Option<PermutationTest>, MetricsError> {
    if given.len() != answers.len() {
        return Err(MetricsError::Pairs { given: given.len(), answers: answers.len() });
    }
    let points = |rolls: &[Pianoroll]| -> Vec<Vec<Option<Point>>> {
        let fold = MetricFamily::Exact.fold();
        rolls.iter().map(|roll| tonal::beats(roll.sounding(), resolution, &fold)).collect()
    };
    let (given, answers) = (points(given), points(answers));
    let distance = |i: usize, j: usize| tonal::mean_distance(&given[i], &answers[j]).value();
    Ok(permutation_test(given.len(), distance, seed, rounds))
}

/// [`tonal_agreement`] of two tracks of every phrase, by name.
///
/// # Errors
/// [`MetricsError::Resolution`] when the phrases have different resolutions, [`MetricsError::Music`]
/// when one lacks a track.
pub fn tonal_agreement_of(
    phrases: &[Multitrack],
    given: &str,
    answer: &str,
    seed: Seed,
    rounds: usize,
) -> Result<Option<PermutationTest>, MetricsError> {
    check_resolutions(phrases)?;
    let Some(resolution) = phrases.first().map(Multitrack::resolution) else { return Ok(None) };
    let rolls = |name: &str| -> Result<Vec<Pianoroll>, MetricsError> {
        phrases.iter().map(|phrase| Ok(phrase.track(name)?.roll.clone())).collect()
    };
    tonal_agreement(&rolls(given)?, &rolls(answer)?, resolution, seed, rounds)
}

/// Mean of the values that are defined.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, count) = values.flatten().fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Track};

    fn phrase(family: Family, plane: &[u128]) -> Multitrack {
        let track = Track::of_family(family, Pianoroll::from_sounding(plane.to_vec()));
        Multitrack::new(vec![track], Resolution::MODEL)
    }

    #[test]
    fn overlap_is_shared_cells_of_all_cells() {
        let a = phrase(Family::Piano, &[0b11, 0b11, 0]);
        let b = phrase(Family::Piano, &[0b01, 0b10]);
        assert_eq!(jaccard(&a, &b), Some(2.0 / 4.0));
        assert_eq!(jaccard(&a, &a), Some(1.0));
        assert_eq!(jaccard(&a, &phrase(Family::Bass, &[0b11])), Some(0.0));
        let silence = phrase(Family::Piano, &[0, 0]);
        assert_eq!(jaccard(&silence, &silence), None);
    }

    #[test]
    fn the_mean_overlap_is_over_all_pairs() {
        let pieces = [0b11u128, 0b01, 0b10].map(|set| phrase(Family::Piano, &[set]));
        // 1/2, 1/2 and 0.
        assert_eq!(mean_jaccard(&pieces, Seed(0)).unwrap(), Some(1.0 / 3.0));
        assert_eq!(mean_jaccard(&pieces[..1], Seed(0)).unwrap(), None);
        assert_eq!(mean_jaccard(&[], Seed(0)).unwrap(), None);
    }

    #[test]
    fn a_sample_of_pairs_never_pairs_a_piece_with_itself() {
        let pairs = pairs(1_000, Seed(4));
        assert_eq!(pairs.len(), MOST_PAIRS);
        assert!(pairs.iter().all(|(a, b)| a != b && *a < 1_000 && *b < 1_000));
        let first = pairs.iter().filter(|(a, b)| *a == 0 || *b == 0).count();
        assert!((300..500).contains(&first), "{first} of about 400");
    }

    #[test]
    fn pieces_of_different_resolutions_are_refused() {
        let a = phrase(Family::Piano, &[1; 48]);
        let error = mean_jaccard(&[a.clone(), a.resample(Resolution::MIDI)], Seed(0)).unwrap_err();
        assert!(error.to_string().starts_with("phrase 1 has 24 steps per beat"), "{error}");
    }

    #[test]
    fn answers_that_follow_are_told_from_answers_that_do_not() {
        // Phrase i holds one pitch class; its answer holds the same an octave above, or always C.
        let held = |pitch: u32| Pianoroll::from_sounding(vec![1 << pitch; 24]);
        let given: Vec<_> = (0..24).map(|i| held(36 + i % 12)).collect();
        let following: Vec<_> = (0..24).map(|i| held(48 + i % 12)).collect();
        let deaf = vec![held(60); 24];
        let test = |answers: &[Pianoroll]| {
            tonal_agreement(&given, answers, Resolution::MODEL, Seed(1), 999).unwrap().unwrap()
        };
        let follows = test(&following);
        assert_eq!((follows.observed, follows.p, follows.pairs), (0.0, 0.001, 24));
        assert!(follows.shuffled_mean > 1.0);
        assert_eq!(test(&deaf).p, 1.0);
        assert_eq!(follows.to_string().split(" against").next(), Some("0.000"));
    }

    #[test]
    fn two_tracks_of_a_set_are_tested_by_name() {
        let phrases: Vec<_> = (0..12u32)
            .map(|i| {
                let tracks = [(Family::Piano, 60 + i), (Family::Bass, 36 + i)];
                let roll = |pitch: u32| Pianoroll::from_sounding(vec![1 << pitch; 12]);
                let track = |(family, pitch)| Track::of_family(family, roll(pitch));
                Multitrack::new(tracks.map(track).to_vec(), Resolution::MODEL)
            })
            .collect();
        let test = tonal_agreement_of(&phrases, "bass", "piano", Seed(0), 99).unwrap().unwrap();
        assert_eq!((test.observed, test.p), (0.0, 0.01));
        let error = tonal_agreement_of(&phrases, "bas", "piano", Seed(0), 99).unwrap_err();
        assert!(error.to_string().contains("did you mean `bass`?"), "{error}");
    }
}
