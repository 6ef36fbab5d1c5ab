//! How irregular the progression of chords is.

use std::collections::HashSet;

use super::part::{Part, chroma};

/// Major triads from C, then minor ones.
type Chord = u8;

/// The triad whose three classes sound most in `chroma`; of those that are level the one whose root does,
/// then major before minor, then from C up. `None` in silence.
fn triad(chroma: &[f64; 12]) -> Option<Chord> {
    let judged = |chord: Chord| {
        let (root, third) = (usize::from(chord % 12), if chord < 12 { 4 } else { 3 });
        let tones = [0, third, 7].map(|above| chroma[(root + above) % 12]);
        (tones.iter().sum::<f64>(), tones[0])
    };
    let mut best = (None, (0.0, 0.0));
    for chord in 0..24 {
        if judged(chord) > best.1 {
            best = (Some(chord), judged(chord));
        }
    }
    best.0
}

/// Different ones among the runs of three chords, of all such runs, in 0..=1; the chord of each half bar
/// is the triad that its cells fit best, and silent halves are passed over. `None` of fewer than three.
pub(super) fn chord_progression_irregularity(part: &Part) -> Option<f64> {
    let steps = part.sounding.len();
    let halves = part.bars().flat_map(|(start, end)| {
        let middle = start + (end - start).div_ceil(2);
        [(start, middle), (middle, end)]
    });
    let chord = |(from, to): (usize, usize)| triad(&chroma(&part.sounding[from.min(steps)..to.min(steps)]));
    let chords: Vec<Chord> = halves.filter_map(chord).collect();
    let different: HashSet<&[Chord]> = chords.windows(3).collect();
    (chords.len() > 2).then(|| different.len() as f64 / (chords.len() - 2) as f64)
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::piano;
    use super::*;

    #[test]
    fn triads_are_recognised_whole_and_by_their_root() {
        let of = |classes: &[(usize, f64)]| {
            let mut chroma = [0.0; 12];
            classes.iter().for_each(|(class, weight)| chroma[*class] = *weight);
            triad(&chroma)
        };
        assert_eq!(of(&[(0, 1.0), (4, 1.0), (7, 1.0)]), Some(0));
        assert_eq!(of(&[(9, 1.0), (0, 1.0), (4, 1.0)]), Some(12 + 9));
        assert_eq!(of(&[(7, 2.0)]), Some(7));
        assert_eq!(of(&[(0, 1.0), (4, 2.0), (7, 1.0), (11, 1.5)]), Some(12 + 4));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn runs_of_three_are_counted_by_hand() {
        // Half bars C, G, C, G, silence, C: C G C, G C G, C G C.
        let triad = |half: usize, root: i64| [0, 4, 7].map(|above| (half * 24, root + above, half * 24 + 24));
        let notes = [triad(0, 60), triad(1, 67), triad(2, 60), triad(3, 67), triad(5, 60)].concat();
        assert_eq!(piano(144, &notes, chord_progression_irregularity), Some(2.0 / 3.0));
        assert_eq!(piano(48, &notes[..6], chord_progression_irregularity), None);
    }
}
