//! One phrase unpacked: the sounding pitches of every step of every track.

use super::{NpzError, PhraseLayout};
use crate::music::{Multitrack, PHRASE_BARS, Pianoroll, pitches_of};

/// Sounding pitches of a phrase by track and step; bit `p` of a set is the MIDI pitch
/// [`PhraseLayout::lowest_pitch`]` + p`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhraseCells {
    steps: usize,
    /// `[track, step]`.
    sets: Vec<u128>,
}

impl PhraseCells {
    /// Silence.
    pub fn silent(layout: &PhraseLayout) -> Self {
        Self { steps: layout.steps(), sets: vec![0; layout.tracks().len() * layout.steps()] }
    }

    /// What sounds at a step of a track; nothing where there is no such track or step.
    pub fn set(&self, track: usize, step: usize) -> u128 {
        self.track(track).get(step).copied().unwrap_or(0)
    }

    /// The sets of a track, one per step; empty where there is no such track.
    pub fn track(&self, track: usize) -> &[u128] {
        self.sets.chunks(self.steps).nth(track).unwrap_or(&[])
    }

    /// The sets of a track, to be changed.
    pub fn track_mut(&mut self, track: usize) -> &mut [u128] {
        self.sets.chunks_mut(self.steps).nth(track).unwrap_or(&mut [])
    }

    /// Number of cells that sound.
    pub fn count(&self) -> usize {
        self.sets.iter().map(|set| set.count_ones() as usize).sum()
    }

    /// A piece as cells of a layout, and how many of its cells lay outside the pitch range and were left
    /// out. Where the tracks are the five families, tracks are merged into them by program; others are
    /// found by name. A repeated note is set off by one silent step.
    ///
    /// # Errors
    /// [`NpzError::Phrase`] when resolution or length differ, or when a track sounds that the layout
    /// does not have; [`NpzError::Music`] when it is not in 4/4.
    pub fn from_music(layout: &PhraseLayout, piece: &Multitrack) -> Result<(Self, usize), NpzError> {
        let refuse = |expected: String, got: String, advice| NpzError::Phrase { expected, got, advice };
        if piece.resolution() != layout.resolution() {
            let said = |r: crate::music::Resolution| format!("{} steps a beat", r.steps());
            let (expected, got) = (said(layout.resolution()), said(piece.resolution()));
            return Err(refuse(expected, got, "resample it first"));
        }
        if piece.steps() != layout.steps() {
            let (expected, got) = (format!("{} steps", layout.steps()), format!("{} steps", piece.steps()));
            return Err(refuse(expected, got, "cut or pad it to whole bars first"));
        }
        if layout.bars() <= PHRASE_BARS {
            piece.check_phrase()?;
        }
        let named = match layout.is_families() {
            true => piece.merge_to_families().0,
            false => piece.with_distinct_names(),
        };
        let mut cells = Self::silent(layout);
        let mut outside = 0;
        for track in named.tracks().iter().filter(|track| !track.roll.is_silent()) {
            let place = layout.tracks().iter().position(|own| own.name.eq_ignore_ascii_case(&track.name));
            let Some(place) = place else {
                let expected = format!("the tracks {}", layout.track_names().join(", "));
                return Err(refuse(expected, format!("`{}`", track.name), "rename it or leave it out"));
            };
            for (cell, set) in cells.track_mut(place).iter_mut().zip(track.roll.separated()) {
                *cell = set >> layout.lowest_pitch() & layout.mask();
                outside += (set.count_ones() - cell.count_ones()) as usize;
            }
        }
        Ok((cells, outside))
    }

    /// The cells as music: the layout's tracks in 4/4 at 120 beats a minute; a note is a maximal run.
    pub fn to_music(&self, layout: &PhraseLayout) -> Multitrack {
        let roll = |track: usize| {
            let sounding = self.track(track).iter().map(|set| set << layout.lowest_pitch());
            Pianoroll::from_sounding(sounding.collect())
        };
        let tracks = layout.tracks().iter().enumerate().map(|(i, track)| track.with_roll(roll(i)));
        Multitrack::new(tracks.collect(), layout.resolution())
    }

    /// One bit per cell, `[track, step, pitch]`, in 64-bit words from their lowest bit up.
    pub(super) fn pack(&self, layout: &PhraseLayout) -> Vec<u64> {
        let mut words = vec![0u64; layout.words()];
        for (row, set) in self.sets.iter().enumerate() {
            for pitch in pitches_of(*set) {
                let bit = row * layout.pitches() + usize::from(pitch);
                words[bit / 64] |= 1 << (bit % 64);
            }
        }
        words
    }

    /// Undoes [`Self::pack`].
    pub(super) fn unpack(layout: &PhraseLayout, words: &[u64]) -> Self {
        let rows = layout.tracks().len() * layout.steps();
        let sets = (0..rows).map(|row| bits_at(words, row * layout.pitches()) & layout.mask()).collect();
        Self { steps: layout.steps(), sets }
    }
}

/// 128 bits from `bit` on; what lies past the end is 0.
pub(super) fn bits_at(words: &[u64], bit: usize) -> u128 {
    let word = |i: usize| u128::from(words.get(i).copied().unwrap_or(0));
    let (first, shift) = (bit / 64, bit % 64);
    let low = word(first) | word(first + 1) << 64;
    match shift {
        0 => low,
        _ => low >> shift | word(first + 2) << (128 - shift),
    }
}
