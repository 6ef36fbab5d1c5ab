//! Which pitches are played, how often, and what follows what.

use super::part::{Part, Span, chroma};
use super::{Histogram, Transitions};

/// Entropy in bits of a distribution given as counts: `-sum p log2 p` (Shannon 1948); `None` without any.
pub(super) fn entropy(counts: &[f64]) -> Option<f64> {
    let total: f64 = counts.iter().sum();
    let term = |count: &f64| {
        let share = count / total;
        share * share.log2()
    };
    // Not -0 where there is one value only.
    let sum: f64 = counts.iter().filter(|count| **count > 0.0).map(term).sum();
    (total > 0.0).then(|| (0.0 - sum).max(0.0))
}

/// Shares, which sum to 1; `None` of nothing.
pub(super) fn shares(counts: Histogram) -> Option<Histogram> {
    let total: f64 = counts.iter().sum();
    (total > 0.0).then(|| counts.map(|count| count / total))
}

/// Shares in a matrix, all of which sum to 1; `None` of nothing.
pub(super) fn matrix_shares(counts: Transitions) -> Option<Transitions> {
    let total: f64 = counts.iter().flatten().sum();
    (total > 0.0).then(|| counts.map(|row| row.map(|count| count / total)))
}

/// How many notes each pitch has.
pub(super) fn pitch_counts(notes: &[Span]) -> [f64; 128] {
    let mut counts = [0.0; 128];
    notes.iter().for_each(|note| counts[usize::from(note.pitch & 127)] += 1.0);
    counts
}

/// How many notes each pitch class has, from C.
pub(super) fn class_counts(notes: &[Span]) -> Histogram {
    let mut counts = [0.0; 12];
    notes.iter().for_each(|note| counts[usize::from(note.pitch % 12)] += 1.0);
    counts
}

/// Different pitches.
pub(super) fn pitch_count(part: &Part) -> f64 {
    f64::from(part.sounding.iter().fold(0, |all, set| all | set).count_ones())
}

/// Different pitch classes.
pub(super) fn pitch_class_count(part: &Part) -> f64 {
    class_counts(&part.notes).iter().filter(|count| **count > 0.0).count() as f64
}

/// Semitones from the lowest to the highest pitch.
pub(super) fn pitch_range(part: &Part) -> Option<f64> {
    let pitches = || part.notes.iter().map(|note| note.pitch);
    Some(f64::from(pitches().max()? - pitches().min()?))
}

/// Mean distance in semitones between a note and the next by start and then pitch.
pub(super) fn mean_pitch_interval(part: &Part) -> Option<f64> {
    let steps = part.notes.windows(2).map(|two| f64::from(two[0].pitch.abs_diff(two[1].pitch)));
    let count = part.notes.len().checked_sub(1).filter(|count| *count > 0)?;
    Some(steps.sum::<f64>() / count as f64)
}

/// Share of the sounding cells that each pitch class has: of the time that is played, a note counts by
/// its length.
pub(super) fn pitch_class_histogram(part: &Part) -> Option<Histogram> {
    shares(chroma(&part.sounding))
}

/// Share of each pair of pitch classes, `[from][to]`, among notes and the next by start and then pitch.
pub(super) fn pitch_class_transition(part: &Part) -> Option<Transitions> {
    let mut counts = [[0.0; 12]; 12];
    for two in part.notes.windows(2) {
        counts[usize::from(two[0].pitch % 12)][usize::from(two[1].pitch % 12)] += 1.0;
    }
    matrix_shares(counts)
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::piano;
    use super::*;

    #[test]
    fn entropy_is_the_bits_that_tell_the_values_apart() {
        assert_eq!(entropy(&[3.0, 0.0]), Some(0.0));
        assert_eq!(entropy(&[1.0; 8]), Some(3.0));
        // Halves and two quarters: 1/2 + 2 * 1/4 * 2.
        assert_eq!(entropy(&[2.0, 1.0, 1.0]), Some(1.5));
        assert_eq!(entropy(&[0.0; 12]), None);
        assert!(entropy(&[5.0]).unwrap().is_sign_positive());
    }

    #[test]
    fn a_melody_counted_by_hand() {
        // C4 for 12 steps, E4 for 6, C5 for 6.
        piano(48, &[(0, 60, 12), (12, 64, 18), (18, 72, 24)], |part| {
            assert_eq!((pitch_count(part), pitch_class_count(part)), (3.0, 2.0));
            assert_eq!(pitch_range(part), Some(12.0));
            assert_eq!(mean_pitch_interval(part), Some(6.0));
            let histogram = pitch_class_histogram(part).unwrap();
            assert_eq!((histogram[0], histogram[4]), (0.75, 0.25));
            let transition = pitch_class_transition(part).unwrap();
            assert_eq!((transition[0][4], transition[4][0], transition[0][0]), (0.5, 0.5, 0.0));
        });
    }

    #[test]
    fn one_note_has_no_interval_and_none_has_no_range() {
        piano(48, &[(0, 60, 12)], |part| {
            assert_eq!((mean_pitch_interval(part), pitch_range(part)), (None, Some(0.0)));
            assert_eq!(pitch_class_transition(part), None);
        });
        piano(48, &[], |part| {
            assert_eq!((pitch_range(part), pitch_class_histogram(part)), (None, None));
            assert_eq!(pitch_count(part), 0.0);
        });
    }
}
