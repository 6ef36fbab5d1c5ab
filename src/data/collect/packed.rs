//! Phrases in little memory while a heap of songs is gone through: about four bytes a note, where cells
//! take 15 KB a phrase and bits 10 KB.

use crate::npz::{NpzError, PhraseCells, PhraseLayout, PhraseSource};

/// The sounding cells of a phrase as runs: from one start to the next in steps of all tracks, pitch,
/// length; numbers of seven bits a byte, the lowest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackedCells(Box<[u8]>);

impl PackedCells {
    /// Packs sets of pitches by track and step.
    pub fn of(tracks: &[Vec<u128>]) -> Self {
        let mut bytes = Vec::new();
        let mut last = 0;
        let mut before = 0;
        for sets in tracks {
            for (step, set) in sets.iter().enumerate() {
                let earlier = step.checked_sub(1).map_or(0, |step| sets[step]);
                for pitch in crate::music::pitches_of(set & !earlier) {
                    let length = sets[step..].iter().take_while(|set| *set >> pitch & 1 == 1).count();
                    number(&mut bytes, before + step - last);
                    bytes.push(pitch);
                    number(&mut bytes, length);
                    last = before + step;
                }
            }
            before += sets.len();
        }
        Self(bytes.into())
    }

    /// The cells again.
    pub fn cells(&self, layout: &PhraseLayout) -> PhraseCells {
        let mut cells = PhraseCells::silent(layout);
        let steps = layout.steps();
        let mut at = 0;
        let mut bytes = self.0.iter().copied();
        while let Some(delta) = take(&mut bytes) {
            at += delta;
            let (Some(pitch), Some(length)) = (bytes.next(), take(&mut bytes)) else { break };
            let sets = &mut cells.track_mut(at / steps)[at % steps..];
            sets.iter_mut().take(length).for_each(|set| *set |= 1 << pitch);
        }
        cells
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// The cells as sets of pitches by track and step.
pub(super) fn unpacked(packed: &PackedCells, layout: &PhraseLayout) -> Vec<Vec<u128>> {
    let cells = packed.cells(layout);
    (0..layout.tracks().len()).map(|track| cells.track(track).to_vec()).collect()
}

fn number(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut impl Iterator<Item = u8>) -> Option<usize> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes.next()?;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

/// Some phrases of a collection as an array to be written.
pub(super) struct PackedPhrases<'p> {
    pub layout: &'p PhraseLayout,
    pub phrases: Vec<&'p PackedCells>,
}

impl PhraseSource for PackedPhrases<'_> {
    fn layout(&self) -> &PhraseLayout {
        self.layout
    }

    fn count(&self) -> usize {
        self.phrases.len()
    }

    fn cells_of(&self, phrase: usize) -> Result<PhraseCells, NpzError> {
        let missing = || NpzError::NoPhrase { phrase, count: self.phrases.len() };
        self.phrases.get(phrase).map(|packed| packed.cells(self.layout)).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    #[test]
    fn cells_come_back_as_they_were() {
        let layout = PhraseLayout::standard();
        let mut rng = Seed(1).stream("cells");
        for density in [1, 3, 40] {
            let mut cells = PhraseCells::silent(&layout);
            for track in 0..5 {
                for set in cells.track_mut(track) {
                    *set = (0..rng.below(density)).fold(0, |set, _| set | 1 << rng.below(84));
                }
            }
            let packed =
                PackedCells::of(&(0..5).map(|track| cells.track(track).to_vec()).collect::<Vec<_>>());
            assert_eq!(packed.cells(&layout), cells);
        }
        let silent = PhraseCells::silent(&layout);
        let packed = PackedCells::of(&vec![vec![0; 192]; 5]);
        assert_eq!((packed.bytes(), packed.cells(&layout)), (0, silent));
    }
}
