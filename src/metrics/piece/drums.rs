//! Whether drums keep to even or to triple divisions of the beat.

use super::part::Part;

/// Share of the drum notes that begin on one of `divisions` equal divisions of a beat; `None` without a
/// drum note, and where the beat has no such divisions in whole steps.
pub(super) fn drum_in_pattern(part: &Part, divisions: usize) -> Option<f64> {
    let beat = part.resolution.steps();
    if part.drum_starts.is_empty() || !beat.is_multiple_of(divisions) {
        return None;
    }
    let in_bar = |start: usize| {
        let bar = part.lines.partition_point(|line| *line <= start).max(1) - 1;
        start - part.lines[bar]
    };
    let on = part.drum_starts.iter().filter(|start| in_bar(**start).is_multiple_of(beat / divisions));
    Some(on.count() as f64 / part.drum_starts.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::track;
    use super::*;
    use crate::music::{Family, Multitrack, Resolution};

    #[test]
    fn hits_are_counted_on_quarters_and_on_thirds_of_a_beat() {
        // Steps 0 (both), 3 and 6 (quarters), 4 (third), 5 (neither).
        let hits: Vec<_> = [0, 3, 4, 5, 6].iter().map(|at| (*at, 36 + *at as i64, *at + 1)).collect();
        let piece = Multitrack::new(vec![track(Family::Drums, 48, &hits)], Resolution::MODEL);
        let lines = piece.bar_lines();
        let part = Part::of_track(&piece, &piece.tracks()[0], &lines);
        assert_eq!((drum_in_pattern(&part, 4), drum_in_pattern(&part, 3)), (Some(0.6), Some(0.4)));
        assert_eq!(drum_in_pattern(&part, 5), None);
        let silent = Multitrack::new(vec![track(Family::Drums, 48, &[])], Resolution::MODEL);
        assert_eq!(drum_in_pattern(&Part::of_track(&silent, &silent.tracks()[0], &lines), 4), None);
    }
}
