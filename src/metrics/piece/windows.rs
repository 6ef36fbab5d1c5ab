//! Pitch-class entropy in windows of bars: how many pitch classes a passage keeps in play.

use super::part::Part;
use super::pitches::{class_counts, entropy};

/// Mean over all windows of so many bars, one beginning at each bar, of the entropy in bits of the pitch
/// classes of the notes that begin there; silent windows are left out. `None` for a shorter piece.
pub(super) fn windowed_entropy(part: &Part, bars: usize) -> Option<f64> {
    let starts = |step: usize| part.notes.partition_point(|note| note.start < step);
    let window = |lines: &[usize]| {
        let (first, last) = (lines[0], lines[lines.len() - 1]);
        entropy(&class_counts(&part.notes[starts(first)..starts(last)]))
    };
    let values: Vec<f64> = part.lines.windows(bars + 1).filter_map(window).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::piano;
    use super::*;

    #[test]
    fn windows_move_by_a_bar_and_silent_ones_do_not_count() {
        // Bars of one class, of two, silent, of one.
        let notes = [(0, 60, 6), (48, 60, 54), (60, 62, 66), (144, 64, 150)];
        piano(192, &notes, |part| {
            assert_eq!(windowed_entropy(part, 1), Some((0.0 + 1.0 + 0.0) / 3.0));
            // C C D E.
            assert_eq!(windowed_entropy(part, 4), Some(1.5));
            assert_eq!(windowed_entropy(part, 5), None);
        });
        assert_eq!(piano(48, &[], |part| windowed_entropy(part, 1)), None);
    }
}
