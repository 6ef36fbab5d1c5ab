//! Whole songs to the parts of a split, such as train and test.

use thiserror::Error;

use crate::base::Seed;

/// A song as a split sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SongSize {
    /// Songs of the same group stay together.
    pub group: usize,
    /// Number of phrases.
    pub phrases: usize,
}

/// Shares that make no split.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("a split needs positive shares such as 0.9 and 0.1, got {0:?}")]
pub struct SharesError(pub Vec<f64>);

/// The part of each song, `0..shares.len()`, so that about the given shares of all phrases are in each
/// part (shares need not add up to 1), and songs of the same group are in the same. Which group goes
/// where depends on `seed`. Every part gets a group as long as there are enough.
///
/// # Errors
/// [`SharesError`] unless there are shares and all are finite and above 0.
pub fn split(songs: &[SongSize], shares: &[f64], seed: Seed) -> Result<Vec<usize>, SharesError> {
    let total: f64 = shares.iter().sum();
    if !total.is_finite() || shares.is_empty() || shares.iter().any(|share| share.is_nan() || *share <= 0.0) {
        return Err(SharesError(shares.to_vec()));
    }
    let mut groups: Vec<(usize, usize)> = songs.iter().map(|song| (song.group, song.phrases)).collect();
    groups.sort_unstable();
    groups.dedup_by(|next, group| {
        let same = next.0 == group.0;
        group.1 += if same { next.1 } else { 0 };
        same
    });
    seed.stream("split").shuffle(&mut groups);

    let phrases: usize = groups.iter().map(|group| group.1).sum();
    // What each part still lacks, and whether it has a group.
    let mut parts: Vec<(f64, bool)> = shares.iter().map(|s| (s / total * phrases as f64, false)).collect();
    let mut placed = std::collections::HashMap::with_capacity(groups.len());
    let count = groups.len();
    for (i, (group, size)) in groups.into_iter().enumerate() {
        let empty = parts.iter().filter(|part| !part.1).count();
        let only_empty = count - i <= empty;
        let open = (0..parts.len()).filter(|part| !only_empty || !parts[*part].1);
        // The first of those that lack most.
        let part = open.rev().max_by(|a, b| parts[*a].0.total_cmp(&parts[*b].0)).unwrap_or(0);
        parts[part] = (parts[part].0 - size as f64, true);
        placed.insert(group, part);
    }
    Ok(songs.iter().map(|song| placed.get(&song.group).copied().unwrap_or(0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn songs(groups: usize) -> Vec<SongSize> {
        (0..3 * groups).map(|i| SongSize { group: i % groups, phrases: 5 + i % 7 }).collect()
    }

    #[test]
    fn parts_have_their_shares_and_groups_stay_whole() {
        let songs = songs(100);
        let parts = split(&songs, &[0.8, 0.1, 0.1], Seed(1)).unwrap();
        let total: usize = songs.iter().map(|song| song.phrases).sum();
        for (part, share) in [0.8, 0.1, 0.1].into_iter().enumerate() {
            let phrases: usize = (0..300).filter(|i| parts[*i] == part).map(|i| songs[i].phrases).sum();
            assert!(
                (phrases as f64 / total as f64 - share).abs() < 0.02,
                "part {part}: {phrases} of {total}"
            );
        }
        assert!((0..200).all(|i| parts[i] == parts[i + 100]));
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        let songs = songs(50);
        let parts = |seed| split(&songs, &[9.0, 1.0], Seed(seed)).unwrap();
        assert_eq!(parts(1), parts(1));
        assert_ne!(parts(1), parts(2));
    }

    #[test]
    fn every_part_gets_a_group_where_there_are_enough() {
        let mut parts = split(&songs(2), &[0.99, 0.01], Seed(1)).unwrap();
        parts.sort_unstable();
        parts.dedup();
        assert_eq!(parts, [0, 1]);
        assert_eq!(split(&songs(1), &[0.5, 0.5], Seed(1)).unwrap(), [0, 0, 0]);
        assert!(split(&[], &[0.5, 0.5], Seed(1)).unwrap().is_empty());
    }

    #[test]
    fn shares_without_sense_are_refused() {
        for shares in [&[][..], &[0.5, 0.0], &[1.0, -0.1], &[f64::NAN], &[f64::INFINITY]] {
            assert!(split(&[], shares, Seed(0)).is_err(), "{shares:?}");
        }
    }
}
