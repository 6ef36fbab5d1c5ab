//! Where in a bar drums are struck.

use crate::music::Multitrack;

/// Places in a bar.
pub const POSITIONS: usize = 16;

/// Share of the drum onsets that fall into each sixteenth part of a bar, over all bars of all phrases;
/// `None` without an onset. Every struck instrument counts.
pub fn drum_onsets(phrases: &[Multitrack]) -> Option<[f64; POSITIONS]> {
    let mut counts = [0u64; POSITIONS];
    for phrase in phrases {
        let lines = phrase.bar_lines();
        for track in phrase.tracks().iter().filter(|track| track.is_drum) {
            let onset = track.roll.onset();
            for bar in lines.windows(2) {
                let end = bar[1].min(onset.len());
                for (step, struck) in onset.iter().enumerate().take(end).skip(bar[0]) {
                    counts[(step - bar[0]) * POSITIONS / (bar[1] - bar[0])] += u64::from(struck.count_ones());
                }
            }
        }
    }
    let total: u64 = counts.iter().sum();
    (total > 0).then(|| counts.map(|count| count as f64 / total as f64))
}

/// Sum of the absolute differences of two histograms, 0 for equal ones to 2 for disjoint ones.
pub fn histogram_distance(a: &[f64; POSITIONS], b: &[f64; POSITIONS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Resolution, Track};

    fn struck(steps: &[usize], family: Family) -> Multitrack {
        let mut plane = vec![0u128; 96];
        for step in steps {
            plane[*step] |= 1 << 36;
        }
        let roll = Pianoroll::from_planes(plane.clone(), plane);
        Multitrack::new(vec![Track::of_family(family, roll)], Resolution::MODEL)
    }

    #[test]
    fn onsets_are_counted_by_their_sixteenth_of_the_bar() {
        // Steps 0, 1 and 2 lie in the first sixteenth, 3 in the second, 47 in the last; 48 is a new bar.
        let histogram = drum_onsets(&[struck(&[0, 2, 3, 47, 48], Family::Drums)]).unwrap();
        assert_eq!((histogram[0], histogram[1], histogram[15]), (0.6, 0.2, 0.2));
        assert_eq!(histogram.iter().sum::<f64>(), 1.0);
        assert_eq!(drum_onsets(&[struck(&[0], Family::Piano)]), None);
        assert_eq!(drum_onsets(&[]), None);
    }

    #[test]
    fn disjoint_histograms_are_two_apart() {
        let [a, b] = [0, 24].map(|step| drum_onsets(&[struck(&[step], Family::Drums)]).unwrap());
        assert_eq!(histogram_distance(&a, &b), 2.0);
        assert_eq!(histogram_distance(&a, &a), 0.0);
    }
}
