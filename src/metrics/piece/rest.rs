//! How much sounds at all, and how much at once.

use super::part::Part;

fn empty(part: &Part, steps: std::ops::Range<usize>) -> bool {
    let end = steps.end.min(part.sounds.len());
    !part.sounds[steps.start.min(end)..end].contains(&true)
}

/// Share of beats in which nothing sounds; `None` without a beat.
pub(super) fn empty_beat_rate(part: &Part) -> Option<f64> {
    let beats = part.beats().count();
    let silent = part.beats().filter(|beat| empty(part, beat.clone())).count();
    (beats > 0).then(|| silent as f64 / beats as f64)
}

/// Share of bars in which nothing sounds; `None` without a bar.
pub(super) fn empty_measure_rate(part: &Part) -> Option<f64> {
    let bars = part.bars().count();
    let silent = part.bars().filter(|(start, end)| empty(part, *start..*end)).count();
    (bars > 0).then(|| silent as f64 / bars as f64)
}

/// Mean number of pitches over the steps in which any sounds; `None` in silence.
pub(super) fn polyphony(part: &Part) -> Option<f64> {
    let cells: u64 = part.sounding.iter().map(|set| u64::from(set.count_ones())).sum();
    let steps = part.sounding.iter().filter(|set| **set != 0).count();
    (steps > 0).then(|| cells as f64 / steps as f64)
}

/// Share of all steps with more than two pitches; `None` in silence.
pub(super) fn polyphony_rate(part: &Part) -> Option<f64> {
    let many = part.sounding.iter().filter(|set| set.count_ones() > 2).count();
    let sounds = part.sounding.iter().any(|set| *set != 0);
    sounds.then(|| many as f64 / part.sounding.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::piano;
    use super::*;

    #[test]
    fn a_note_that_ends_on_a_beat_leaves_the_next_empty() {
        // MusPy counts the beat in which a note's end lies: this rhythm would have no empty beat.
        let notes = [(0, 60, 12), (24, 60, 36)];
        piano(96, &notes, |part| {
            assert_eq!((empty_beat_rate(part), empty_measure_rate(part)), (Some(6.0 / 8.0), Some(0.5)));
        });
        assert_eq!(piano(0, &[], empty_beat_rate), None);
        assert_eq!(piano(48, &[], empty_measure_rate), Some(1.0));
    }

    #[test]
    fn polyphony_is_over_sounding_steps_and_its_rate_over_all() {
        // Three pitches for 6 steps, then one for 6.
        let notes = [(0, 60, 12), (0, 64, 6), (0, 67, 6)];
        piano(48, &notes, |part| {
            assert_eq!((polyphony(part), polyphony_rate(part)), (Some(2.0), Some(6.0 / 48.0)));
        });
        assert_eq!(piano(48, &[], polyphony), None);
        assert_eq!(piano(48, &[], polyphony_rate), None);
    }
}
