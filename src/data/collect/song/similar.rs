//! How much two phrases have in common.

use super::{Reason, SongOptions};

/// Cells that sound at the sixteenths of a phrase, by which phrases are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sixteenths(Vec<u128>);

impl Sixteenths {
    /// The sixteenths of a phrase's cells.
    pub fn of(cells: &[Vec<u128>], options: &SongOptions) -> Self {
        let count = options.bars * 16;
        let at = |track: &Vec<u128>, i: usize| track.get(i * options.resolution / 4).copied().unwrap_or(0);
        Self(cells.iter().flat_map(|track| (0..count).map(move |i| at(track, i))).collect())
    }

    /// Share of the cells that sound in either which sound in both, 0 to 1; 1 when both are silent.
    pub fn share(&self, other: &Self) -> f64 {
        let (mut both, mut either) = (0, 0);
        for (a, b) in self.0.iter().zip(&other.0) {
            both += (a & b).count_ones();
            either += (a | b).count_ones();
        }
        if either == 0 { 1.0 } else { f64::from(both) / f64::from(either) }
    }
}

/// Whether and why a phrase is too much like one of those before it.
pub(super) fn refuse(phrase: &Sixteenths, before: &[Sixteenths], near: f64) -> Option<Reason> {
    if before.contains(phrase) {
        return Some(Reason::Duplicate);
    }
    before.iter().any(|other| phrase.share(other) > near).then_some(Reason::NearDuplicate)
}
