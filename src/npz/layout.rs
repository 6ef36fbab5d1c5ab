//! The grid that all phrases of an array share: bars, steps, pitches and named tracks.

use std::sync::Arc;

use super::NpzError;
use crate::music::{Family, LOWEST_PITCH, MODEL_PITCHES, PHRASE_BARS, Pianoroll, Program, Resolution, Track};

/// Most tracks that a phrase may have.
pub const MOST_TRACKS: usize = 64;
/// Longest name of a track, in characters.
pub(super) const LONGEST_NAME: usize = 256;

/// A track that every phrase has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhraseTrack {
    /// What it is called.
    pub name: Arc<str>,
    /// General MIDI program; of no meaning for drums.
    pub program: Program,
    /// Whether pitches are General MIDI percussion keys.
    pub is_drum: bool,
}

impl PhraseTrack {
    /// A track by its name alone: a family's program if it is called as one, else program 0; only
    /// `drums` are drums.
    pub fn named(name: &str) -> Self {
        let family = Family::from_name(name).ok();
        Self {
            name: name.into(),
            program: family.map_or_else(Program::default, Family::program),
            is_drum: family.is_some_and(Family::is_drums),
        }
    }

    /// The track with something to play.
    pub fn with_roll(&self, roll: Pianoroll) -> Track {
        Track { name: self.name.clone(), program: self.program, is_drum: self.is_drum, roll }
    }
}

impl From<Family> for PhraseTrack {
    fn from(family: Family) -> Self {
        Self::named(family.name())
    }
}

/// Size and tracks of phrases. A bar has four beats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhraseLayout {
    bars: usize,
    steps_per_bar: usize,
    pitches: usize,
    tracks: Arc<[PhraseTrack]>,
}

impl PhraseLayout {
    /// The layout of the usual training data: 4 bars of 48 steps, 84 pitches from C1, the five families.
    pub fn standard() -> Self {
        Self {
            bars: PHRASE_BARS,
            steps_per_bar: 4 * Resolution::MODEL.steps(),
            pitches: MODEL_PITCHES,
            tracks: Family::ALL.map(PhraseTrack::from).into(),
        }
    }

    /// Phrases of `bars` bars of `steps_per_bar` steps and `pitches` pitches (from [`LOWEST_PITCH`] up,
    /// or all 128), in the five families.
    ///
    /// # Errors
    /// [`NpzError::Phrase`] unless a bar is 4 beats of 1 to 960 steps, there is a bar and at most 1024,
    /// and the pitches lie within MIDI's 128.
    pub fn new(bars: usize, steps_per_bar: usize, pitches: usize) -> Result<Self, NpzError> {
        let steps = steps_per_bar / 4;
        let fits = pitches == 128 || (1..=128 - usize::from(LOWEST_PITCH)).contains(&pitches);
        if !(1..=1024).contains(&bars)
            || !steps_per_bar.is_multiple_of(4)
            || !(1..=960).contains(&steps)
            || !fits
        {
            return Err(NpzError::Phrase {
                expected: "1 to 1024 bars of a multiple of 4 steps (up to 3840), and 1 to 104 or 128 pitches"
                    .to_owned(),
                got: format!("{bars} bars of {steps_per_bar} steps and {pitches} pitches"),
                advice: "usual are 4 bars, 48 steps and 84 pitches",
            });
        }
        Ok(Self { bars, steps_per_bar, pitches, ..Self::standard() })
    }

    /// The same grid for other tracks.
    ///
    /// # Errors
    /// [`NpzError::Phrase`] unless there are 1 to [`MOST_TRACKS`] tracks, each with a name of its own in
    /// any case.
    pub fn with_tracks(self, tracks: Vec<PhraseTrack>) -> Result<Self, NpzError> {
        let names: Vec<String> = tracks.iter().map(|track| track.name.to_lowercase()).collect();
        let repeated = (0..names.len()).any(|i| names[..i].contains(&names[i]));
        let is_name = |name: &String| !name.trim().is_empty() && name.chars().count() <= LONGEST_NAME;
        if !(1..=MOST_TRACKS).contains(&names.len()) || repeated || !names.iter().all(is_name) {
            return Err(NpzError::Phrase {
                expected: format!("1 to {MOST_TRACKS} tracks with a name each"),
                got: format!("{} tracks ({})", names.len(), names.join(", ")),
                advice: "give every track a name of its own",
            });
        }
        Ok(Self { tracks: tracks.into(), ..self })
    }

    /// Bars of a phrase.
    pub fn bars(&self) -> usize {
        self.bars
    }

    /// Steps of a bar.
    pub fn steps_per_bar(&self) -> usize {
        self.steps_per_bar
    }

    /// Steps of a phrase.
    pub fn steps(&self) -> usize {
        self.bars * self.steps_per_bar
    }

    /// Beats of a phrase.
    pub fn beats(&self) -> usize {
        self.bars * 4
    }

    /// Number of pitches.
    pub fn pitches(&self) -> usize {
        self.pitches
    }

    /// The MIDI pitch of pitch 0.
    pub fn lowest_pitch(&self) -> u8 {
        if self.pitches == 128 { 0 } else { LOWEST_PITCH }
    }

    /// The tracks, in order.
    pub fn tracks(&self) -> &[PhraseTrack] {
        &self.tracks
    }

    /// Names of the tracks, in order.
    pub fn track_names(&self) -> Vec<String> {
        self.tracks.iter().map(|track| track.name.to_string()).collect()
    }

    /// Whether the tracks are the five families.
    pub fn is_families(&self) -> bool {
        self.tracks.iter().cloned().eq(Family::ALL.map(PhraseTrack::from))
    }

    /// Steps per beat: a quarter of a bar.
    pub fn resolution(&self) -> Resolution {
        // `new` has checked the range.
        Resolution::new((self.steps_per_bar / 4) as i64).unwrap_or(Resolution::MODEL)
    }

    /// Bytes of a phrase at one bit a cell, in whole 64-bit words: 10,080 for the usual phrase.
    pub fn bytes(&self) -> usize {
        self.words() * 8
    }

    /// 64-bit words of one phrase.
    pub(super) fn words(&self) -> usize {
        (self.tracks.len() * self.steps() * self.pitches).div_ceil(64)
    }

    /// Every pitch there is.
    pub(super) fn mask(&self) -> u128 {
        u128::MAX >> (128 - self.pitches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_of_bars_of_four_beats_and_of_named_tracks() {
        assert!(PhraseLayout::new(4, 50, 84).is_err() && PhraseLayout::new(4, 48, 129).is_err());
        assert!(PhraseLayout::new(0, 48, 84).is_err() && PhraseLayout::new(4, 48, 110).is_err());
        let of = |names: &[&str]| {
            PhraseLayout::standard().with_tracks(names.iter().map(|name| PhraseTrack::named(name)).collect())
        };
        assert!(of(&[]).is_err() && of(&["a", "A"]).is_err() && of(&["a", " "]).is_err());
        let layout = of(&["drums", "lead"]).unwrap();
        assert_eq!((layout.is_families(), layout.tracks()[0].is_drum), (false, true));
        assert_eq!(layout.bytes(), 4032);
        assert_eq!(PhraseLayout::standard().bytes(), 10_080);
        assert!(of(&["drums", "piano", "guitar", "bass", "strings"]).unwrap().is_families());
    }
}
