//! Families of definitions: what the measures mean, and what the programs of 2018 computed instead.

use std::borrow::Cow;

use super::MetricsError;
use crate::base::suggestion;
use crate::music::{LOWEST_PITCH, MODEL_PITCHES, Multitrack, Pianoroll, Resolution, Track, pitches_of};

/// Whose definitions the measures follow. Values of different families do not compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricFamily {
    /// The definitions of the papers' texts, done right: chroma folds octaves, silence is undefined.
    #[default]
    Exact,
    /// What the program behind Dong, Hsiao, Yang and Yang, *MuseGAN* (AAAI 2018), computes, so that its
    /// tables can be compared with. It differs from the text and from `Exact` in this:
    /// * "chroma" are twelve bands of seven neighbouring pitches, from C1 up, not pitch classes: in the
    ///   pitch classes, the in-scale rate and the tonal distance;
    /// * the in-scale rate counts cells, not notes;
    /// * the drum pattern is that of the best of the six shifts within a sixteenth;
    /// * a bar has a tonal distance only if both tracks sound in each of its beats; the mean is over bars;
    /// * drums have no pitch classes, qualified notes, polyphonic steps or scale.
    Paper,
    /// What the program behind Dong and Yang, *Convolutional generative adversarial networks with binary
    /// neurons* (ISMIR 2018), computes: as `Paper`, but with bands of eight pitches (the last ones
    /// empty), and drums measured like any track.
    PaperIsmir,
    /// What the last release of the program (the one whose parts are `run_train`, `run_inference` …)
    /// computes over a whole batch, at 12 steps a beat. It differs from `Exact` in this:
    /// * the rate of empty bars is that of the bars that are *not* empty;
    /// * pitches are sounding cells, and pitch classes the bands of seven pitches that sound in a step,
    ///   summed over a bar; silent bars count as 0, and the mean loses what stands after its point;
    /// * of the qualified notes, beginnings and ends are paired in order of time whatever their pitch, and
    ///   lengths come out times 84, so that all notes qualify; a note of the lowest pitch at the very
    ///   beginning is not counted among all notes;
    /// * a polyphonic step has more than two pitches, and silent bars count;
    /// * the in-scale rate is that of all cells by bands of seven pitches;
    /// * the drum pattern weighs every sounding cell, not onsets, and is 0 in silence;
    /// * one silent beat anywhere leaves a track without a tonal distance.
    ///
    /// Where it gave not-a-number (shares of nothing, tonal distances), values are undefined. No
    /// program counts notes: there these are the runs of cells in a bar that is not empty.
    PaperSrc,
}

impl MetricFamily {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Exact, Self::Paper, Self::PaperIsmir, Self::PaperSrc];

    /// What scripts and the command line call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Paper => "paper",
            Self::PaperIsmir => "paper-ismir",
            Self::PaperSrc => "paper-src",
        }
    }

    /// The family called `name`.
    ///
    /// # Errors
    /// [`MetricsError::Family`] when there is none.
    pub fn from_name(name: &str) -> Result<Self, MetricsError> {
        Self::ALL.into_iter().find(|family| family.name() == name).ok_or_else(|| {
            let hint = suggestion(name, Self::ALL.map(Self::name));
            MetricsError::Family { name: name.to_owned(), known: Self::ALL.map(Self::name).join(", "), hint }
        })
    }

    /// Whether it computes what the programs of 2018 do.
    pub fn is_paper(self) -> bool {
        self != Self::Exact
    }

    /// Weight of a drum onset next to a sixteenth: 0.1, and 0.3 in the first program.
    pub(super) fn drum_tolerance(self) -> f64 {
        if self == Self::Paper { 0.3 } else { 0.1 }
    }

    /// Fewest pitches of a polyphonic step: 2, and 3 in the last release.
    pub(super) fn min_pitches(self) -> u32 {
        if self == Self::PaperSrc { 3 } else { 2 }
    }

    /// Steps per beat at which music of some resolution is measured: its own, or the program's.
    pub(super) fn resolution(self, own: Resolution) -> Resolution {
        match self {
            Self::Exact => own,
            Self::Paper | Self::PaperIsmir => Resolution::MIDI,
            Self::PaperSrc => Resolution::MODEL,
        }
    }

    /// The pitches that are taken together as one of twelve.
    pub(super) fn fold(self) -> Fold {
        Fold::of(match self {
            Self::Exact => CLASSES,
            Self::Paper | Self::PaperSrc => bands(7),
            Self::PaperIsmir => bands(8),
        })
    }

    /// The piece as it is measured: for the programs of 2018 as they had it, at their resolution, 84
    /// pitches, and one plane of cells in which a repeated note is set off by a silent step.
    pub(super) fn view(self, piece: &Multitrack) -> Cow<'_, Multitrack> {
        if !self.is_paper() {
            return Cow::Borrowed(piece);
        }
        let piece = piece.resample(self.resolution(piece.resolution()));
        let one_plane = |track: &Track| {
            let cells = track.roll.separated().into_iter().map(|set| set & PITCHES);
            track.with_roll(Pianoroll::from_sounding(cells.collect()))
        };
        Cow::Owned(piece.with_tracks(piece.tracks().iter().map(one_plane).collect()))
    }
}

/// Which pitches are taken together as one of twelve classes; some may be in none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fold {
    /// The pitches of each class.
    pub(super) sets: [u128; 12],
    /// The class of each pitch, 12 for none.
    class_of: [u8; 128],
}

impl Fold {
    fn of(sets: [u128; 12]) -> Self {
        let class = |pitch: usize| sets.iter().position(|set| set >> pitch & 1 == 1).unwrap_or(12);
        Self { sets, class_of: std::array::from_fn(|pitch| class(pitch) as u8) }
    }

    /// How many different classes a set of pitches has.
    pub(super) fn classes(&self, set: u128) -> u32 {
        let classes = pitches_of(set).fold(0u16, |all, pitch| all | 1 << self.class_of[usize::from(pitch)]);
        (classes & 0xfff).count_ones()
    }

    /// Adds `steps` cells of each pitch in a set to the counts of their classes.
    pub(super) fn count(&self, counts: &mut [u32; 12], set: u128, steps: usize) {
        for pitch in pitches_of(set) {
            if let Some(count) = counts.get_mut(usize::from(self.class_of[usize::from(pitch)])) {
                *count += steps as u32;
            }
        }
    }
}

/// The 84 pitches from C1 up that the programs of 2018 know.
const PITCHES: u128 = ((1 << MODEL_PITCHES) - 1) << LOWEST_PITCH;

/// The pitches of each class, C to B, as sets.
const CLASSES: [u128; 12] = {
    let mut sets = [0; 12];
    let mut pitch = 0;
    while pitch < 128 {
        sets[pitch % 12] |= 1 << pitch;
        pitch += 1;
    }
    sets
};

/// Twelve bands of `width` neighbouring pitches each, from C1 up; none beyond the 84.
fn bands(width: usize) -> [u128; 12] {
    std::array::from_fn(|band| {
        let band = ((1u128 << width) - 1) << (usize::from(LOWEST_PITCH) + band * width);
        band & PITCHES
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pitch};

    #[test]
    fn every_fold_has_each_pitch_once() {
        let all = |fold: Fold| {
            let Fold { sets: fold, .. } = fold;
            assert_eq!(fold.iter().map(|set| set.count_ones()).sum::<u32>(), {
                fold.iter().fold(0, |all, set| all | set).count_ones()
            });
            fold.iter().fold(0, |all, set| all | set)
        };
        assert_eq!(all(MetricFamily::Exact.fold()), u128::MAX);
        assert_eq!(all(MetricFamily::Paper.fold()), PITCHES);
        assert_eq!(all(MetricFamily::PaperIsmir.fold()), PITCHES);
        assert_eq!(MetricFamily::PaperSrc.fold(), MetricFamily::Paper.fold());
        assert_eq!(MetricFamily::Paper.fold().sets[1], 0b111_1111 << 31);
        let ismir = MetricFamily::PaperIsmir.fold().sets;
        assert_eq!((ismir[10].count_ones(), ismir[11]), (4, 0));
        // C1 and C2 are one class, and two bands; below the 84 pitches there is none.
        assert_eq!(MetricFamily::Exact.fold().classes(1 << 24 | 1 << 36), 1);
        assert_eq!(MetricFamily::Paper.fold().classes(1 << 24 | 1 << 36 | 1 << 3), 2);
    }

    #[test]
    fn families_are_found_by_name() {
        for family in MetricFamily::ALL {
            assert_eq!(MetricFamily::from_name(family.name()).unwrap(), family);
        }
        let error = MetricFamily::from_name("papr").unwrap_err().to_string();
        assert_eq!(
            error,
            "no family of measures `papr`: there are exact, paper, paper-ismir, paper-src; did you mean `paper`?"
        );
    }

    #[test]
    fn the_programs_see_twice_the_steps_84_pitches_and_gaps_between_notes() {
        let note = |start: usize, pitch: i64, end: usize| Note {
            start,
            pitch: Pitch::new(pitch).unwrap(),
            end,
            velocity: 100,
        };
        let roll = Pianoroll::from_notes(48, &[note(0, 60, 6), note(6, 60, 12), note(0, 23, 12)]);
        let piece = Multitrack::new(vec![Track::of_family(Family::Piano, roll)], Resolution::MODEL);
        let seen = MetricFamily::Paper.view(&piece);
        assert_eq!((seen.resolution().steps(), seen.steps()), (24, 96));
        let notes: Vec<_> =
            seen.tracks()[0].roll.notes().iter().map(|n| (n.start, n.pitch.number(), n.end)).collect();
        assert_eq!(notes, [(0, 60, 11), (12, 60, 24)]);
        assert_eq!(*MetricFamily::Exact.view(&piece), piece);
    }
}
