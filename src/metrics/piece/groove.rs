//! Groove: where in a bar notes begin, and how alike bars are in it.

use super::part::Part;

/// Where notes begin in each bar, a bit a step.
struct Pattern {
    steps: usize,
    words: Vec<u128>,
}

fn patterns(part: &Part) -> Vec<Pattern> {
    let pattern = |(start, end): (usize, usize)| {
        let mut words = vec![0u128; (end - start).div_ceil(128)];
        for step in start..end.min(part.struck.len()) {
            words[(step - start) / 128] |= u128::from(part.struck[step]) << ((step - start) % 128);
        }
        Pattern { steps: end - start, words }
    };
    part.bars().map(pattern).collect()
}

/// 1 less the share of steps in which one of the two bars begins a note and the other does not; `None`
/// for bars of different lengths.
fn likeness(a: &Pattern, b: &Pattern) -> Option<f64> {
    let apart: u32 = a.words.iter().zip(&b.words).map(|(a, b)| (a ^ b).count_ones()).sum();
    (a.steps == b.steps && a.steps > 0).then(|| 1.0 - f64::from(apart) / a.steps as f64)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u64), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Mean likeness of each bar and the next; `None` for a single bar, and where nothing begins.
pub(super) fn groove_consistency(part: &Part) -> Option<f64> {
    let bars = patterns(part);
    let pairs = bars.windows(2).filter_map(|two| likeness(&two[0], &two[1]));
    mean(pairs).filter(|_| part.struck.contains(&true))
}

/// Mean likeness over all pairs of bars; `None` for a single bar, and where nothing begins.
pub(super) fn grooving_similarity(part: &Part) -> Option<f64> {
    let bars = patterns(part);
    let pairs =
        bars.iter().enumerate().flat_map(|(at, a)| bars[at + 1..].iter().filter_map(move |b| likeness(a, b)));
    mean(pairs).filter(|_| part.struck.contains(&true))
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::piano;
    use super::*;

    #[test]
    fn equal_bars_are_wholly_consistent_though_they_end_on_a_bar_line() {
        let notes: Vec<_> = (0..16).map(|beat| (beat * 12, 60, beat * 12 + 12)).collect();
        piano(192, &notes, |part| {
            assert_eq!((groove_consistency(part), grooving_similarity(part)), (Some(1.0), Some(1.0)));
        });
    }

    #[test]
    fn neighbours_and_all_pairs_are_counted_by_hand() {
        // Two onsets, none, two others: bars differ in 2, 2 and 4 of 48 steps.
        let notes = [(0, 60, 6), (12, 60, 18), (102, 60, 108), (120, 60, 126)];
        piano(144, &notes, |part| {
            assert_eq!(groove_consistency(part), Some(1.0 - 2.0 / 48.0));
            let all = grooving_similarity(part).unwrap();
            assert!((all - (1.0 - 8.0 / 48.0 / 3.0)).abs() < 1e-12, "{all}");
        });
    }

    #[test]
    fn one_bar_or_none_has_no_groove_to_keep_and_neither_has_silence() {
        assert_eq!(piano(48, &[(0, 60, 6)], groove_consistency), None);
        assert_eq!(piano(0, &[], grooving_similarity), None);
        assert_eq!(piano(96, &[], groove_consistency), None);
    }
}
