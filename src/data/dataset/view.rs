//! A phrase seen otherwise than it is kept: changes that are made when it is read.

use crate::data::augment::Change;
use crate::npz::{PhraseCells, PhraseLayout};

/// Beats in other places, pitched tracks moved, tracks silent. Views of views are views of the phrase,
/// so that nothing is cut off on the way.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct View {
    /// The beat that is heard at each; nothing when all are where they were.
    beats: Vec<u16>,
    semitones: i32,
    /// A bit for each track that is silent.
    silent: u64,
}

impl View {
    /// Pitched tracks moved up.
    pub fn transposed(semitones: i32) -> Self {
        Self { semitones, ..Self::default() }
    }

    /// What augmentation drew.
    pub fn of(change: &Change, layout: &PhraseLayout) -> Self {
        // At most 1024 bars of four beats.
        let beats: Vec<u16> = (0..layout.beats()).map(|beat| change.source_beat(beat) as u16).collect();
        let moves = beats.iter().enumerate().any(|(to, from)| to != usize::from(*from));
        Self {
            beats: if moves { beats } else { Vec::new() },
            semitones: change.semitones,
            silent: change.silent.map_or(0, |track| 1 << track),
        }
    }

    /// How far pitched tracks move up.
    pub fn semitones(&self) -> i32 {
        self.semitones
    }

    /// Whether it shows the phrase as it is.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// This view seen through another.
    pub fn then(&self, next: &Self) -> Self {
        let beats = match (self.beats.is_empty(), next.beats.is_empty()) {
            (_, true) => self.beats.clone(),
            (true, false) => next.beats.clone(),
            (false, false) => next.beats.iter().map(|beat| self.beats[usize::from(*beat)]).collect(),
        };
        Self { beats, semitones: self.semitones + next.semitones, silent: self.silent | next.silent }
    }

    /// The cells of a phrase as they are seen.
    pub fn of_cells(&self, layout: &PhraseLayout, cells: PhraseCells) -> PhraseCells {
        let mut seen = PhraseCells::silent(layout);
        let steps = layout.steps_per_bar() / 4;
        let mask = u128::MAX >> (128 - layout.pitches());
        let by = self.semitones.unsigned_abs();
        for (number, track) in layout.tracks().iter().enumerate() {
            if self.silent >> number & 1 == 1 {
                continue;
            }
            for (step, set) in seen.track_mut(number).iter_mut().enumerate() {
                let beat = self.beats.get(step / steps).map_or(step / steps, |beat| usize::from(*beat));
                let kept = cells.set(number, beat * steps + step % steps);
                *set = match (track.is_drum, self.semitones < 0) {
                    (true, _) => kept,
                    (false, true) => kept.unbounded_shr(by),
                    (false, false) => kept.unbounded_shl(by) & mask,
                };
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::data::augment::Augmentation;

    #[test]
    fn a_view_through_a_view_is_what_both_show_in_turn() {
        let layout = PhraseLayout::standard();
        let mut rng = Seed(5).stream("views");
        let mut cells = PhraseCells::silent(&layout);
        for track in 0..5 {
            // Nothing near the ends of the grid, so that nothing is cut off in between.
            cells.track_mut(track).iter_mut().for_each(|set| *set = 1 << (20 + rng.below(40)));
        }
        let chances =
            Augmentation { beat_shift: 0.7, bar_permutation: 0.7, track_drop_out: 0.3, transpose: 0.7 };
        let mut view = |_| View::of(&Change::draw(&chances, 4, 5, &mut rng), &layout);
        let views: Vec<View> = (0..40).map(&mut view).collect();
        assert!(views.iter().any(View::is_plain) || views.iter().any(|view| !view.beats.is_empty()));
        for pair in views.windows(2) {
            let one_by_one = pair[1].of_cells(&layout, pair[0].of_cells(&layout, cells.clone()));
            assert_eq!(pair[0].then(&pair[1]).of_cells(&layout, cells.clone()), one_by_one);
        }
    }

    #[test]
    fn what_leaves_the_grid_is_gone_and_drums_stay() {
        let layout = PhraseLayout::standard();
        let mut cells = PhraseCells::silent(&layout);
        for track in 0..5 {
            cells.track_mut(track)[0] = 1 | 1 << 83;
        }
        let up = View::transposed(2).of_cells(&layout, cells.clone());
        assert_eq!((up.set(0, 0), up.set(1, 0)), (1 | 1 << 83, 1 << 2));
        let there_and_back = View::transposed(2).then(&View::transposed(-2));
        assert!(there_and_back.is_plain());
        assert_eq!(View::transposed(-200).of_cells(&layout, cells).set(4, 0), 0);
    }
}
