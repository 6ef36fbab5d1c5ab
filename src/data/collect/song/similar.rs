//! How much two phrases have in common.

use super::{Candidate, Reason, SongOptions};

/// The cells that sound at the sixteenths of a phrase, by which phrases are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sixteenths(Vec<u128>);

impl Sixteenths {
    /// The sixteenths of a phrase's cells, for each track a set for each step.
    pub fn of(cells: &[Vec<u128>], options: &SongOptions) -> Self {
        let count = options.bars * 16;
        let at = |track: &Vec<u128>, i: usize| track.get(i * options.resolution / 4).copied().unwrap_or(0);
        Self(cells.iter().flat_map(|track| (0..count).map(move |i| at(track, i))).collect())
    }

    /// Share of the cells that sound in either phrase which sound in both (Jaccard's), 0 to 1; 1 when
    /// both are silent.
    pub fn share(&self, other: &Self) -> f64 {
        let (mut both, mut either) = (0, 0);
        for (a, b) in self.0.iter().zip(&other.0) {
            both += (a & b).count_ones();
            either += (a | b).count_ones();
        }
        if either == 0 { 1.0 } else { f64::from(both) / f64::from(either) }
    }

    /// The sounding cells, each by a number of its own.
    pub fn cells(&self) -> impl Iterator<Item = u64> + '_ {
        let rows = |mut set: u128| {
            std::iter::from_fn(move || {
                let row = (set != 0).then(|| u64::from(set.trailing_zeros()))?;
                set &= set - 1;
                Some(row)
            })
        };
        self.0.iter().enumerate().flat_map(move |(i, set)| rows(*set).map(move |row| i as u64 * 128 + row))
    }
}

/// Why a phrase is too much like one of those before it; `None` when it is not.
pub(super) fn refuse(
    cells: &[Vec<u128>],
    like: &Sixteenths,
    before: (&[Candidate], &[Sixteenths]),
    near: f64,
) -> Option<Reason> {
    if before.0.iter().any(|other| other.cells == cells) {
        return Some(Reason::Duplicate);
    }
    before.1.iter().any(|other| like.share(other) > near).then_some(Reason::NearDuplicate)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::options;
    use super::*;

    /// A phrase of one track with one pitch on at the given sixteenths.
    fn phrase(sixteenths: &[usize]) -> (Vec<Vec<u128>>, Sixteenths) {
        let mut track = vec![0u128; 192];
        sixteenths.iter().for_each(|i| track[i * 3] = 1 << 40);
        let cells = vec![track];
        let like = Sixteenths::of(&cells, &options());
        (cells, like)
    }

    #[test]
    fn phrases_share_the_cells_that_sound_in_both() {
        let (a, b) = (phrase(&[0, 1, 2, 3]).1, phrase(&[2, 3, 4, 5]).1);
        assert_eq!((a.share(&b), a.share(&a)), (2.0 / 6.0, 1.0));
        assert_eq!(phrase(&[]).1.share(&phrase(&[]).1), 1.0);
        assert_eq!(a.cells().collect::<Vec<_>>(), [40, 168, 296, 424]);
    }

    #[test]
    fn equal_and_nearly_equal_phrases_are_told_apart() {
        let many: Vec<usize> = (0..32).collect();
        let (cells, like) = phrase(&many);
        let first = Candidate { cells: cells.clone(), bar: 0, key: None, transposed: 0, tempo: 120.0 };
        let before = (&[first][..], &[like.clone()][..]);
        assert_eq!(refuse(&cells, &like, before, 1.0), Some(Reason::Duplicate));
        let (cells, like) = phrase(&many[1..]);
        assert_eq!(refuse(&cells, &like, before, 0.92), Some(Reason::NearDuplicate));
        assert_eq!(refuse(&cells, &like, before, 0.97), None);
        // What differs only between sixteenths is equal nowhere but there.
        let (mut cells, like) = phrase(&many);
        cells[0][1] = 1;
        assert_eq!(refuse(&cells, &like, before, 1.0), None);
        assert_eq!(refuse(&cells, &like, before, 0.99), Some(Reason::NearDuplicate));
    }
}
