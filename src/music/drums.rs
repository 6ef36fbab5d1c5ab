//! Drum patterns as text, fills, and the small departures from the grid that make a rhythm breathe.

use super::pianoroll::{DEFAULT_VELOCITY, Note, Pianoroll};
use super::{MusicError, Pitch};
use crate::base::{Rng, suggestion};

/// Names of percussion voices and their keys on the General MIDI drum channel.
const VOICES: [(&str, u8); 13] = [
    ("kick", 36),
    ("rim", 37),
    ("snare", 38),
    ("clap", 39),
    ("hat", 42),
    ("pedal_hat", 44),
    ("open_hat", 46),
    ("low_tom", 45),
    ("mid_tom", 47),
    ("high_tom", 50),
    ("crash", 49),
    ("ride", 51),
    ("cowbell", 56),
];
/// What a fill walks down: snare, high tom, middle tom, low tom.
const FILL: [u8; 4] = [38, 50, 47, 45];
const ACCENT: u8 = 120;
const GHOST: u8 = 55;

/// The key of a percussion voice: one of the names above, or a MIDI number as text.
///
/// # Errors
/// [`MusicError::Voice`] with the names there are, [`MusicError::Pitch`] for a number that is no pitch.
pub fn drum_key(name: &str) -> Result<Pitch, MusicError> {
    if let Ok(number) = name.parse::<i64>() {
        return Pitch::new(number);
    }
    let known = VOICES.map(|(name, _)| name);
    let found = VOICES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let unknown = || MusicError::Voice {
        name: name.to_owned(),
        known: known.join(", "),
        hint: suggestion(name, known),
    };
    found.ok_or_else(unknown).and_then(|(_, key)| Pitch::new(i64::from(*key)))
}

impl Pianoroll {
    /// A roll of voices and their hits, each character `step` steps long: `x` is a hit, `X` an accented
    /// one, `o` a soft one, `.` or `-` a rest; spaces and `|` mean nothing. It is as long as the longest
    /// line; shorter ones begin again until then.
    ///
    /// # Errors
    /// [`MusicError::Hit`] for any other character.
    pub fn from_hits(voices: &[(Pitch, &str)], step: usize) -> Result<Self, MusicError> {
        let lines: Vec<(Pitch, Vec<Option<u8>>)> = voices
            .iter()
            .map(|(pitch, text)| Ok((*pitch, hits(text)?)))
            .collect::<Result<_, MusicError>>()?;
        let length = lines.iter().map(|(_, hits)| hits.len()).max().unwrap_or(0);
        let mut notes = Vec::new();
        for (pitch, hits) in &lines {
            for (place, hit) in hits.iter().cycle().take(length).enumerate() {
                if let Some(velocity) = *hit {
                    notes.push(Note {
                        start: place * step,
                        pitch: *pitch,
                        end: (place + 1) * step,
                        velocity,
                    });
                }
            }
        }
        Ok(Self::from_notes(length * step, &notes))
    }

    /// The roll with everything from step `from` on exchanged for a fill: down from the snare over the
    /// toms, a hit in each `grid` steps with the chance `density`, the first one certain, growing louder.
    pub fn with_fill(&self, from: usize, grid: usize, density: f64, rng: &mut Rng) -> Self {
        let (end, grid) = (self.steps(), grid.max(1));
        let mut notes: Vec<Note> = self.notes().into_iter().filter(|note| note.start < from).collect();
        notes.iter_mut().for_each(|note| note.end = note.end.min(from));
        let places = end.saturating_sub(from).div_ceil(grid);
        for place in 0..places {
            // One draw a place, hit or not: more density only adds hits.
            let is_hit = rng.uniform() < density || place == 0;
            let start = from + place * grid;
            let key = FILL[place * FILL.len() / places];
            if let (true, Ok(pitch)) = (is_hit, Pitch::new(i64::from(key))) {
                let velocity = 75 + (45 * (place + 1) / places) as u8;
                notes.push(Note { start, pitch, end: (start + grid).min(end), velocity });
            }
        }
        Self::from_notes(end, &notes)
    }

    /// The roll with the second half of each pair of `unit`s of steps played late: it begins at the share
    /// `ratio` of the pair (0.5 is straight, 2/3 the swing of triplets), to the nearest step. Time in both
    /// halves is stretched, so that what was in order stays in order.
    pub fn swung(&self, unit: usize, ratio: f64) -> Self {
        let pair = 2 * unit.max(1);
        let length = pair as f64;
        let late = |step: usize| {
            let share = (step % pair) as f64 / length;
            let moved =
                if share < 0.5 { share * 2.0 * ratio } else { ratio + (share - 0.5) * 2.0 * (1.0 - ratio) };
            (step / pair) * pair + (moved * length).round() as usize
        };
        let moved = |note: Note| {
            let start = late(note.start);
            Note { start, end: late(note.end).max(start + 1), ..note }
        };
        let notes: Vec<Note> = self.notes().into_iter().map(moved).collect();
        Self::from_notes(self.steps(), &notes)
    }

    /// The roll as hands would play it: every velocity off by normal noise of the standard deviation
    /// `loudness` (1 to 127 stay), every note early or late by up to `timing` steps, its length kept and
    /// never out of the roll.
    pub fn humanized(&self, loudness: f64, timing: usize, rng: &mut Rng) -> Self {
        let steps = self.steps();
        let moved = |note: Note| {
            let velocity =
                (f64::from(note.velocity) + loudness * rng.normal()).round().clamp(1.0, 127.0) as u8;
            let length = note.end - note.start;
            let shifted = (note.start + rng.below(2 * timing + 1)).saturating_sub(timing);
            let start = shifted.min(steps - length);
            Note { start, end: start + length, velocity, ..note }
        };
        let notes: Vec<Note> = self.notes().into_iter().map(moved).collect();
        Self::from_notes(steps, &notes)
    }
}

/// The velocities of a line of hits; `None` is a rest.
fn hits(text: &str) -> Result<Vec<Option<u8>>, MusicError> {
    let meant = text.chars().filter(|character| !character.is_whitespace() && *character != '|');
    let hit = |character| match character {
        'x' => Ok(Some(DEFAULT_VELOCITY)),
        'X' => Ok(Some(ACCENT)),
        'o' => Ok(Some(GHOST)),
        '.' | '-' => Ok(None),
        other => Err(MusicError::Hit(other)),
    };
    meant.map(hit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    fn played(roll: &Pianoroll) -> Vec<(usize, u8, u8)> {
        roll.notes().iter().map(|note| (note.start, note.pitch.number(), note.velocity)).collect()
    }

    fn beat() -> Pianoroll {
        let keys = ["kick", "hat"].map(|name| drum_key(name).unwrap());
        Pianoroll::from_hits(&[(keys[0], "X... o..."), (keys[1], "x.")], 3).unwrap()
    }

    #[test]
    fn hits_have_three_loudnesses_and_short_lines_begin_again() {
        assert_eq!(
            played(&beat()),
            [(0, 36, 120), (0, 42, 100), (6, 42, 100), (12, 36, 55), (12, 42, 100), (18, 42, 100)]
        );
        assert_eq!(Pianoroll::from_hits(&[(drum_key("38").unwrap(), "x?")], 3), Err(MusicError::Hit('?')));
    }

    #[test]
    fn a_voice_that_does_not_exist_gets_a_suggestion() {
        let told = drum_key("snaer").unwrap_err().to_string();
        assert!(told.contains("did you mean `snare`?"), "{told}");
    }

    #[test]
    fn swing_delays_the_second_eighth_of_each_beat_and_nothing_else() {
        let starts: Vec<usize> = beat().swung(6, 2.0 / 3.0).notes().iter().map(|note| note.start).collect();
        assert_eq!(starts, [0, 0, 8, 12, 12, 20]);
        assert_eq!(beat().swung(6, 0.5), beat());
    }

    #[test]
    fn a_fill_leaves_what_is_before_it_and_more_density_only_adds() {
        let fill = |density| beat().with_fill(12, 3, density, &mut Seed(1).stream("fill"));
        let (sparse, full) = (played(&fill(0.4)), played(&fill(1.0)));
        assert_eq!(full[..3], played(&beat())[..3]);
        assert_eq!(full[3..].iter().map(|note| note.1).collect::<Vec<_>>(), [38, 50, 47, 45]);
        assert!(sparse.iter().all(|note| full.contains(note)) && sparse.contains(&full[3]));
    }

    #[test]
    fn hands_keep_every_note_near_its_place() {
        let roll = beat();
        let human = roll.humanized(8.0, 1, &mut Seed(1).stream("hands"));
        assert_eq!(human.note_count(), roll.note_count());
        for (a, b) in roll.notes().iter().zip(human.notes()) {
            assert!(a.start.abs_diff(b.start) <= 1 && (1..=127).contains(&b.velocity), "{a:?} {b:?}");
        }
        assert_eq!(roll.humanized(0.0, 0, &mut Seed(1).stream("hands")), roll);
    }
}
