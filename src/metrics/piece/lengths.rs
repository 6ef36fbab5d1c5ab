//! How long notes are, and how far apart they begin.

use super::part::{Part, Span};
use super::pitches::{matrix_shares, shares};
use super::{Histogram, Transitions};

/// The twelve classes of note length: name and length in beats. The same as Yang and Lerch's: plain notes
/// from the whole to the sixteenth, dotted ones from the half to the sixteenth, triplets from the half
/// to the eighth.
pub const NOTE_LENGTHS: [(&str, f64); 12] = [
    ("1/1", 4.0),
    ("1/2", 2.0),
    ("1/4", 1.0),
    ("1/8", 0.5),
    ("1/16", 0.25),
    ("1/2.", 3.0),
    ("1/4.", 1.5),
    ("1/8.", 0.75),
    ("1/16.", 0.375),
    ("1/2t", 4.0 / 3.0),
    ("1/4t", 2.0 / 3.0),
    ("1/8t", 1.0 / 3.0),
];

/// The class whose length is nearest to the note's; of two, the first.
fn class(note: &Span, beat: usize) -> usize {
    let beats = (note.end - note.start) as f64 / beat as f64;
    let mut nearest = (0, f64::INFINITY);
    for (index, (_, length)) in NOTE_LENGTHS.iter().enumerate() {
        let off = (beats - length).abs();
        if off < nearest.1 - 1e-9 {
            nearest = (index, off);
        }
    }
    nearest.0
}

/// Share of the notes in each class.
pub(super) fn note_length_histogram(part: &Part) -> Option<Histogram> {
    let mut counts = [0.0; 12];
    part.notes.iter().for_each(|note| counts[class(note, part.resolution.steps())] += 1.0);
    shares(counts)
}

/// Share of each pair of classes, `[from][to]`, among notes and the next by start and then pitch.
pub(super) fn note_length_transition(part: &Part) -> Option<Transitions> {
    let classes: Vec<usize> = part.notes.iter().map(|note| class(note, part.resolution.steps())).collect();
    let mut counts = [[0.0; 12]; 12];
    classes.windows(2).for_each(|two| counts[two[0]][two[1]] += 1.0);
    matrix_shares(counts)
}

/// Mean time in beats between a step in which a note begins and the next such; `None` of less than two.
pub(super) fn mean_inter_onset_interval(part: &Part) -> Option<f64> {
    let mut starts: Vec<usize> = part.notes.iter().map(|note| note.start).collect();
    starts.dedup();
    let gaps = starts.len().checked_sub(1).filter(|gaps| *gaps > 0)?;
    let whole = starts.last()? - starts.first()?;
    Some(whole as f64 / gaps as f64 / part.resolution.steps() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::piano;
    use super::*;

    #[test]
    fn every_length_is_of_its_own_class_and_others_of_the_nearest() {
        for (index, (_, beats)) in NOTE_LENGTHS.iter().enumerate() {
            let note = Span { start: 3, pitch: 60, end: 3 + (beats * 24.0).round() as usize };
            assert_eq!(class(&note, 24), index);
        }
        let long = Span { start: 0, pitch: 60, end: 1000 };
        assert_eq!(class(&long, 12), 0);
        // 7 of 12 steps lie between an eighth (6) and a quarter triplet (8): the first.
        assert_eq!(class(&Span { start: 0, pitch: 60, end: 7 }, 12), 3);
    }

    #[test]
    fn lengths_and_gaps_counted_by_hand() {
        // A quarter, a chord of two eighths, a quarter.
        let notes = [(0, 60, 12), (12, 64, 18), (12, 67, 18), (36, 60, 48)];
        piano(48, &notes, |part| {
            let histogram = note_length_histogram(part).unwrap();
            assert_eq!((histogram[2], histogram[3]), (0.5, 0.5));
            let transition = note_length_transition(part).unwrap();
            let third = 1.0 / 3.0;
            assert_eq!((transition[2][3], transition[3][3], transition[3][2]), (third, third, third));
            // Beginnings at 0, 1 and 3 beats.
            assert_eq!(mean_inter_onset_interval(part), Some(1.5));
        });
        assert_eq!(piano(48, &notes[1..3], mean_inter_onset_interval), None);
        assert_eq!(piano(48, &[], note_length_histogram), None);
    }
}
