//! Short melodies as text.

use super::pianoroll::{DEFAULT_VELOCITY, Note, Pianoroll};
use super::{MusicError, Pitch};

impl Pianoroll {
    /// A roll from note names separated by spaces, each `step` steps long: `C4` (or the MIDI number
    /// `60`), `C4+E4` for a chord, `.` for a rest, `-` to hold what sounds; `|` may stand between bars
    /// and means nothing.
    ///
    /// # Errors
    /// [`MusicError::NoteName`] or [`MusicError::Pitch`] for a word that is none of these.
    pub fn from_words(text: &str, step: usize) -> Result<Self, MusicError> {
        let mut notes: Vec<Note> = Vec::new();
        let mut sounding = 0..0;
        let mut at = 0;
        for word in text.split_whitespace().filter(|word| *word != "|") {
            let end = at + step;
            match word {
                "-" => notes[sounding.clone()].iter_mut().for_each(|note| note.end = end),
                "." => sounding = notes.len()..notes.len(),
                chord => {
                    let first = notes.len();
                    for name in chord.split('+') {
                        let pitch = match name.parse::<i64>() {
                            Ok(number) => Pitch::new(number)?,
                            Err(_) => name.parse()?,
                        };
                        notes.push(Note { start: at, pitch, end, velocity: DEFAULT_VELOCITY });
                    }
                    sounding = first..notes.len();
                }
            }
            at = end;
        }
        Ok(Self::from_notes(at, &notes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_notes_rests_holds_and_chords() {
        let roll = Pianoroll::from_words("C4 - . 62 | E4+G4 E4+G4", 3).unwrap();
        let notes: Vec<(usize, usize, u8)> =
            roll.notes().iter().map(|n| (n.start, n.end, n.pitch.number())).collect();
        assert_eq!(roll.steps(), 18);
        assert_eq!(notes, [(0, 6, 60), (9, 12, 62), (12, 15, 64), (12, 15, 67), (15, 18, 64), (15, 18, 67)]);
    }

    #[test]
    fn a_hold_with_nothing_sounding_is_silence_and_a_wrong_word_is_named() {
        assert!(Pianoroll::from_words("- . -", 12).unwrap().is_silent());
        assert_eq!(Pianoroll::from_words("C4 H4", 12), Err(MusicError::NoteName("H4".into())));
    }
}
