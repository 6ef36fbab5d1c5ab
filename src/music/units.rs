//! Units as types: a value out of range cannot be built.

use std::fmt;

use super::MusicError;

/// A MIDI pitch, 0..=127; 60 is C4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pitch(u8);

impl Pitch {
    /// The pitch with this MIDI number.
    ///
    /// # Errors
    /// [`MusicError::Pitch`] outside 0..=127.
    pub fn new(number: i64) -> Result<Self, MusicError> {
        match u8::try_from(number) {
            Ok(n) if n < 128 => Ok(Self(n)),
            _ => Err(MusicError::Pitch(number)),
        }
    }

    /// The MIDI number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The pitch class, 0 for C to 11 for B.
    pub fn class(self) -> u8 {
        self.0 % 12
    }
}

impl fmt::Display for Pitch {
    /// Scientific pitch notation with sharps: `C4`, `F#2`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
        write!(f, "{}{}", NAMES[usize::from(self.class())], i32::from(self.0) / 12 - 1)
    }
}

/// Steps per beat (a quarter note in 4/4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resolution(u16);

impl Resolution {
    /// What the models give back: 12 steps a beat.
    pub const MODEL: Self = Self(12);
    /// What MIDI files are read at: 24 steps a beat.
    pub const MIDI: Self = Self(24);

    /// `steps` steps per beat.
    ///
    /// # Errors
    /// [`MusicError::Resolution`] outside 1..=960.
    pub fn new(steps: i64) -> Result<Self, MusicError> {
        match u16::try_from(steps) {
            Ok(n) if (1..=960).contains(&n) => Ok(Self(n)),
            _ => Err(MusicError::Resolution(steps)),
        }
    }

    /// Steps per beat.
    pub fn steps(self) -> usize {
        usize::from(self.0)
    }
}

/// Beats (quarter notes) per minute.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Tempo(f64);

impl Tempo {
    /// `bpm` quarter notes a minute.
    ///
    /// # Errors
    /// [`MusicError::Tempo`] unless 1 <= bpm <= 2000 (NaN included).
    pub fn new(bpm: f64) -> Result<Self, MusicError> {
        if (1.0..=2000.0).contains(&bpm) { Ok(Self(bpm)) } else { Err(MusicError::Tempo(bpm)) }
    }

    /// Quarter notes per minute.
    pub fn bpm(self) -> f64 {
        self.0
    }
}

impl Default for Tempo {
    /// 120, as MIDI has it.
    fn default() -> Self {
        Self(120.0)
    }
}

/// A General MIDI program, 0..=127.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Program(u8);

impl Program {
    /// The program with this number, counted from 0.
    ///
    /// # Errors
    /// [`MusicError::Program`] outside 0..=127.
    pub fn new(number: i64) -> Result<Self, MusicError> {
        match u8::try_from(number) {
            Ok(n) if n < 128 => Ok(Self(n)),
            _ => Err(MusicError::Program(number)),
        }
    }

    /// The number, counted from 0.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// A time signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Meter {
    numerator: u8,
    denominator: u8,
}

impl Meter {
    /// 4/4, the meter of every model here.
    pub const COMMON: Self = Self { numerator: 4, denominator: 4 };

    /// `numerator`/`denominator`.
    ///
    /// # Errors
    /// [`MusicError::Meter`] unless numerator >= 1 and the denominator is a power of two up to 64.
    pub fn new(numerator: u8, denominator: u8) -> Result<Self, MusicError> {
        if numerator >= 1 && denominator <= 64 && denominator.is_power_of_two() {
            Ok(Self { numerator, denominator })
        } else {
            Err(MusicError::Meter { numerator, denominator })
        }
    }

    /// The upper number.
    pub fn numerator(self) -> u8 {
        self.numerator
    }

    /// The lower number.
    pub fn denominator(self) -> u8 {
        self.denominator
    }

    /// Length of a bar in quarter notes: 4 for 4/4, 3 for 6/8.
    pub fn quarters(self) -> f64 {
        f64::from(self.numerator) * 4.0 / f64::from(self.denominator)
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructors_refuse_what_is_out_of_range() {
        assert!(Pitch::new(-1).is_err() && Pitch::new(128).is_err() && Pitch::new(127).is_ok());
        assert!(Resolution::new(0).is_err() && Resolution::new(960).is_ok());
        assert!(Tempo::new(f64::NAN).is_err() && Tempo::new(0.0).is_err());
        assert!(Meter::new(4, 3).is_err() && Meter::new(0, 4).is_err());
    }

    #[test]
    fn pitches_are_named_with_c4_as_60() {
        let name = |n| Pitch::new(n).unwrap().to_string();
        assert_eq!([name(60), name(0), name(42), name(127)], ["C4", "C-1", "F#2", "G9"]);
    }

    #[test]
    fn six_eight_lasts_three_quarters() {
        assert_eq!(Meter::new(6, 8).unwrap().quarters(), 3.0);
    }
}
