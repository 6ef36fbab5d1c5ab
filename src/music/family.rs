//! The five families of tracks that phrases are made of, and which program belongs to which.

use std::fmt;

use super::{MusicError, Program};
use crate::base::suggestion;

/// One of the five families, in the order that tensors and files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Percussion keys of channel 10.
    Drums,
    /// Programs 0-7.
    Piano,
    /// Programs 24-31.
    Guitar,
    /// Programs 32-39.
    Bass,
    /// Everything else that sustains: strings, organs, winds, leads, pads.
    Strings,
}

impl Family {
    /// All five, in order.
    pub const ALL: [Self; 5] = [Self::Drums, Self::Piano, Self::Guitar, Self::Bass, Self::Strings];

    /// Position in [`Family::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The lower-case name: `drums`, `piano`, `guitar`, `bass` or `strings`.
    pub fn name(self) -> &'static str {
        ["drums", "piano", "guitar", "bass", "strings"][self.index()]
    }

    /// The family called `name`, in any case.
    ///
    /// # Errors
    /// [`MusicError::Track`] with the nearest name.
    pub fn from_name(name: &str) -> Result<Self, MusicError> {
        Self::ALL.into_iter().find(|f| f.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            let known: Vec<String> = Self::ALL.iter().map(|f| f.name().to_owned()).collect();
            MusicError::track(name, &known)
        })
    }

    /// Whether this is the drums.
    pub fn is_drums(self) -> bool {
        self == Self::Drums
    }

    /// The General MIDI program that music of this family is written with
    /// (MuseGAN's: 0, 0, 25, 33, 48).
    pub fn program(self) -> Program {
        let number = [0, 0, 25, 33, 48][self.index()];
        Program::new(number).unwrap_or_default()
    }

    /// The family of a program by the rule of the Lakh Pianoroll Dataset (LPD-5): 0-7 piano, 24-31
    /// guitar, 32-39 bass, every other below 96 and 104-111 strings; `None` for the sound effects
    /// and percussive programs (96-103, 112-127) that LPD-5 drops.
    pub fn of_program(program: Program, is_drum: bool) -> Option<Self> {
        if is_drum {
            return Some(Self::Drums);
        }
        match program.number() {
            0..=7 => Some(Self::Piano),
            24..=31 => Some(Self::Guitar),
            32..=39 => Some(Self::Bass),
            96..=103 | 112..=127 => None,
            _ => Some(Self::Strings),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl MusicError {
    /// "no track called …", with the names there are and the nearest of them.
    pub fn track(name: &str, known: &[String]) -> Self {
        let hint = suggestion(name, known.iter().map(String::as_str));
        Self::Track { name: name.to_owned(), known: known.join(", "), hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_goes_where_lpd_puts_it() {
        let family = |n| Family::of_program(Program::new(n).unwrap(), false);
        let counts = Family::ALL.map(|f| (0..128).filter(|n| family(*n) == Some(f)).count());
        assert_eq!(counts, [0, 8, 8, 8, 80]);
        assert_eq!(family(100), None);
        assert_eq!(Family::of_program(Program::new(100).unwrap(), true), Some(Family::Drums));
    }

    #[test]
    fn a_misspelt_family_gets_a_suggestion() {
        let error = Family::from_name("guitars").unwrap_err().to_string();
        assert!(error.contains("did you mean `guitar`?"), "{error}");
    }
}
