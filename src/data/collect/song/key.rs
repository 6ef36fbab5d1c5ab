//! Which key notes are in.

use std::fmt;

/// A major or minor key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Pitch class of the tonic, 0 for C to 11 for B.
    pub tonic: u8,
    /// Whether it is minor.
    pub is_minor: bool,
}

impl Key {
    /// The key so many semitones higher.
    pub fn moved(self, semitones: i8) -> Self {
        Self { tonic: (i16::from(self.tonic) + i16::from(semitones)).rem_euclid(12) as u8, ..self }
    }

    /// Semitones, -5 to 6, by which it has to be moved to be C major or A minor.
    pub fn to_c(self) -> i8 {
        let home = if self.is_minor { 9 } else { 0 };
        let up = (home - i16::from(self.tonic)).rem_euclid(12) as i8;
        if up > 6 { up - 12 } else { up }
    }
}

impl fmt::Display for Key {
    /// `C major`, `F# minor`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
        let mode = if self.is_minor { "minor" } else { "major" };
        write!(f, "{} {mode}", NAMES[usize::from(self.tonic % 12)])
    }
}
