//! Scales and note names.

use super::{MusicError, Pitch};

/// A set of pitch classes with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    name: String,
    classes: u16,
}

/// Kinds of scale, as semitones above the root.
const KINDS: [(&str, &[u8]); 12] = [
    ("major", &[0, 2, 4, 5, 7, 9, 11]),
    ("minor", &[0, 2, 3, 5, 7, 8, 10]),
    ("harmonic minor", &[0, 2, 3, 5, 7, 8, 11]),
    ("melodic minor", &[0, 2, 3, 5, 7, 9, 11]),
    ("dorian", &[0, 2, 3, 5, 7, 9, 10]),
    ("phrygian", &[0, 1, 3, 5, 7, 8, 10]),
    ("lydian", &[0, 2, 4, 6, 7, 9, 11]),
    ("mixolydian", &[0, 2, 4, 5, 7, 9, 10]),
    ("major pentatonic", &[0, 2, 4, 7, 9]),
    ("minor pentatonic", &[0, 3, 5, 7, 10]),
    ("blues", &[0, 3, 5, 6, 7, 10]),
    ("chromatic", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
];

impl Scale {
    /// C major, the scale that training data is moved to.
    pub fn c_major() -> Self {
        Self { name: "C major".into(), classes: 0b1010_1011_0101 }
    }

    /// A scale from its name: a root and a kind, such as `C major` or `F# minor pentatonic`.
    ///
    /// # Errors
    /// [`MusicError::Scale`] with the way to write one.
    pub fn from_name(name: &str) -> Result<Self, MusicError> {
        let unknown = || MusicError::Scale(name.to_owned());
        let (root, kind) = name.trim().split_once(' ').ok_or_else(unknown)?;
        let root = class_from_name(root).ok_or_else(unknown)?;
        let kind = kind.trim().to_lowercase();
        let (_, steps) = KINDS.iter().find(|(k, _)| *k == kind).ok_or_else(unknown)?;
        let classes = steps.iter().fold(0, |set, step| set | 1 << ((root + step) % 12));
        Ok(Self { name: name.trim().to_owned(), classes })
    }

    /// What it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its pitch classes as twelve bits, bit 0 for C.
    pub fn classes(&self) -> u16 {
        self.classes
    }

    /// Whether it has the pitch.
    pub fn contains(&self, pitch: Pitch) -> bool {
        self.classes >> pitch.class() & 1 == 1
    }

    /// Its nearest pitch, the lower of two; `None` when none lies in 0..=127.
    pub fn nearest(&self, pitch: Pitch) -> Option<Pitch> {
        let at = i64::from(pitch.number());
        (0..12)
            .flat_map(|distance| [at - distance, at + distance])
            .filter_map(|number| Pitch::new(number).ok())
            .find(|candidate| self.contains(*candidate))
    }
}

/// The pitch class that a letter and accidentals name, 0 for C.
fn class_from_name(name: &str) -> Option<u8> {
    let mut letters = name.chars();
    let base = match letters.next()?.to_ascii_uppercase() {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let shift = letters.try_fold(0i32, |sum, c| match c {
        '#' => Some(sum + 1),
        'b' => Some(sum - 1),
        _ => None,
    })?;
    u8::try_from((base + shift).rem_euclid(12)).ok()
}

impl std::str::FromStr for Pitch {
    type Err = MusicError;

    /// A pitch from its scientific name: `C4` is 60, `Bb3` is 58.
    fn from_str(name: &str) -> Result<Self, MusicError> {
        let unknown = || MusicError::NoteName(name.to_owned());
        let digits = name.find(|c: char| c == '-' || c.is_ascii_digit()).ok_or_else(unknown)?;
        let (letters, octave) = name.split_at(digits);
        let class = class_from_name(letters).ok_or_else(unknown)?;
        let octave: i64 = octave.parse().map_err(|_| unknown())?;
        // Cb4 lies below C4 and B#4 above B4: the octave number belongs to the letter.
        let wrap = match (letters.chars().next().map(|c| c.to_ascii_uppercase()), class) {
            (Some('C'), 9..) => -12,
            (Some('B'), ..=2) => 12,
            _ => 0,
        };
        octave
            .checked_add(1)
            .and_then(|o| o.checked_mul(12))
            .and_then(|n| n.checked_add(i64::from(class) + wrap))
            .and_then(|n| Pitch::new(n).ok())
            .ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_read_by_name() {
        assert_eq!(Scale::from_name("C major").unwrap(), Scale::c_major());
        let a_minor = Scale::from_name("A minor").unwrap();
        assert_eq!(a_minor.classes(), Scale::c_major().classes());
        assert!(Scale::from_name("H dur").is_err() && Scale::from_name("C").is_err());
    }

    #[test]
    fn notes_are_read_by_name_and_written_back() {
        let number = |name: &str| name.parse::<Pitch>().unwrap().number();
        assert_eq!([number("C4"), number("Bb3"), number("Cb4"), number("B#3")], [60, 58, 59, 60]);
        for n in 0..128 {
            let pitch = Pitch::new(n).unwrap();
            assert_eq!(pitch.to_string().parse::<Pitch>().unwrap(), pitch);
        }
        assert!("H4".parse::<Pitch>().is_err() && "C99".parse::<Pitch>().is_err());
    }

    #[test]
    fn the_nearest_scale_pitch_is_the_lower_of_two() {
        let scale = Scale::c_major();
        let nearest = |n| scale.nearest(Pitch::new(n).unwrap()).unwrap().number();
        assert_eq!([nearest(60), nearest(61), nearest(66)], [60, 60, 65]);
    }
}
