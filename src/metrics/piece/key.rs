//! How far music keeps to one scale, and to which.

use std::fmt;

use super::Histogram;
use super::part::Part;
use super::pitches::class_counts;
use crate::music::Scale;

/// A major or natural minor key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Pitch class of the tonic, 0 for C.
    pub tonic: u8,
    /// Whether it is minor.
    pub is_minor: bool,
}

impl Key {
    /// All 24: the major keys from C up, then the minor ones.
    pub const ALL: [Self; 24] = {
        let mut keys = [Self { tonic: 0, is_minor: false }; 24];
        let mut index = 0;
        while index < 24 {
            keys[index] = Self { tonic: (index % 12) as u8, is_minor: index >= 12 };
            index += 1;
        }
        keys
    };

    /// Its place in [`Key::ALL`].
    pub(super) fn index(self) -> usize {
        usize::from(self.tonic) + 12 * usize::from(self.is_minor)
    }

    /// Whether its scale has the pitch class.
    fn has(self, class: usize) -> bool {
        const MAJOR: u16 = 0b1010_1011_0101;
        const MINOR: u16 = 0b0101_1010_1101;
        let scale = if self.is_minor { MINOR } else { MAJOR };
        scale >> ((class + 12 - usize::from(self.tonic)) % 12) & 1 == 1
    }

    /// Notes on its scale, and on the triad of its tonic.
    fn judge(self, counts: &Histogram) -> (f64, f64) {
        let tonic = usize::from(self.tonic);
        let third = if self.is_minor { 3 } else { 4 };
        let on_scale = (0..12).filter(|class| self.has(*class)).map(|class| counts[class]).sum();
        (on_scale, [0, third, 7].iter().map(|above| counts[(tonic + above) % 12]).sum())
    }
}

impl fmt::Display for Key {
    /// `C major`, `F# minor`: a name that [`Scale::from_name`] knows.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
        write!(f, "{} {}", NAMES[usize::from(self.tonic % 12)], if self.is_minor { "minor" } else { "major" })
    }
}

/// Share of the notes in the scale.
pub(super) fn pitch_in_scale_rate(part: &Part, scale: &Scale) -> Option<f64> {
    let counts = class_counts(&part.notes);
    let inside = (0..12).filter(|class| scale.classes() >> class & 1 == 1).map(|class| counts[class]);
    (!part.notes.is_empty()).then(|| inside.sum::<f64>() / part.notes.len() as f64)
}

/// The key whose scale has the most notes, and their share. A major key and its relative minor have the
/// same scale: then, and of others that are level, the one whose tonic's triad has more notes, then the
/// first in [`Key::ALL`].
pub(super) fn best_key(part: &Part) -> Option<(Key, f64)> {
    let counts = class_counts(&part.notes);
    let mut best = (Key::ALL[0], (0.0, 0.0));
    for key in Key::ALL {
        let judged = key.judge(&counts);
        if judged > best.1 {
            best = (key, judged);
        }
    }
    (!part.notes.is_empty()).then(|| (best.0, best.1.0 / part.notes.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::piano;
    use super::*;

    #[test]
    fn keys_have_the_notes_of_the_scales_they_are_named_like() {
        for key in Key::ALL {
            let scale = Scale::from_name(&key.to_string()).unwrap();
            assert!((0..12).all(|class| key.has(class) == (scale.classes() >> class & 1 == 1)), "{key}");
            assert_eq!(Key::ALL[key.index()], key);
        }
    }

    #[test]
    fn relative_keys_are_told_apart_by_the_tonic_triad() {
        // One octave of white keys, and then an A minor or C major triad.
        let scale = [60, 62, 64, 65, 67, 69, 71];
        for (triad, name) in [([69, 72, 76], "A minor"), ([60, 64, 67], "C major")] {
            let notes = scale.iter().chain(&triad).enumerate();
            let notes: Vec<_> = notes.map(|(at, pitch)| (at * 4, *pitch, at * 4 + 4)).collect();
            let (key, share) = piano(48, &notes, best_key).unwrap();
            assert_eq!((key.to_string().as_str(), share), (name, 1.0));
        }
    }

    #[test]
    fn notes_off_the_scale_lower_the_consistency() {
        // D major with a C natural among eight notes.
        let notes = [62, 64, 66, 67, 69, 71, 73, 60].iter().enumerate();
        let notes: Vec<_> = notes.map(|(at, pitch)| (at * 4, *pitch, at * 4 + 4)).collect();
        piano(48, &notes, |part| {
            assert_eq!(best_key(part).unwrap().1, 7.0 / 8.0);
            assert_eq!(pitch_in_scale_rate(part, &Scale::c_major()), Some(6.0 / 8.0));
        });
        assert_eq!(piano(48, &[], best_key), None);
        assert_eq!(piano(48, &[], |part| pitch_in_scale_rate(part, &Scale::c_major())), None);
    }
}
