//! What can be chosen about turning songs into phrases.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::tracks::TrackRule;
use crate::base::suggestion;
use crate::music::{LOWEST_PITCH, MODEL_PITCHES, PHRASE_BARS, Resolution};

/// How songs become phrases. The defaults give what MuseGAN's models are trained on: the five tracks of
/// LPD-5, 4 bars of 48 steps, 84 pitches from C1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SongOptions {
    /// The tracks of every phrase in order; parts that none takes are dropped, a part that several take
    /// goes to the first of them.
    pub tracks: Vec<TrackRule>,
    /// Bars of a phrase.
    pub bars: usize,
    /// Steps of a beat.
    pub resolution: usize,
    /// MIDI pitch of the lowest row of cells.
    pub lowest_pitch: u8,
    /// Number of rows. Pitched notes outside are moved by octaves until they fit.
    pub pitches: usize,
    /// Notes that begin closer than this to a sixteenth, in beats, are put on it; others go to the
    /// nearest step, so that triplets and swing stay. 0 to 0.125.
    pub snap: f64,
    /// Whether a note that another of the same pitch follows at once loses its last step, so that
    /// repeated notes can be told from held ones.
    pub gap: bool,
    /// Whether drum notes are their first step only.
    pub drum_onsets: bool,
    /// What becomes of the key.
    pub key: KeyRule,
    /// Where phrases begin.
    pub segments: Segments,
    /// Bars from the beginning of a phrase to the next within a segment; as many as a phrase has unless
    /// given. Fewer give phrases that overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hop: Option<usize>,
    /// Which beat bars begin on.
    pub downbeat: Downbeat,
    /// Fewest tracks of a phrase that have notes.
    pub active_tracks: usize,
    /// Tracks of which at least one must have notes; none for no such rule. Unless given: those of the
    /// tracks that are called `drums` or `bass` in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_tracks: Option<Vec<String>>,
    /// Most bars of a phrase in which all tracks are silent.
    pub empty_bars: usize,
    /// How many notes of all tracks a bar has on average.
    pub notes_per_bar: Limits,
    /// Beats per minute at which a phrase may be.
    pub tempo: Limits,
    /// Phrases that share more than this part of their sounding cells, on the grid of sixteenths, count
    /// as one; 1 for exact duplicates only.
    pub near: f64,
}

/// What becomes of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRule {
    /// Pitches stay.
    Keep,
    /// Pitched tracks are moved by -5 to 6 semitones to C major or A minor.
    #[default]
    C,
}

/// Where phrases begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segments {
    /// At structural boundaries, and every so many bars from there to the next boundary.
    #[default]
    Structure,
    /// Every so many bars from the first.
    Every,
}

/// Which beat bars begin on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Downbeat {
    /// As written, unless the notes clearly say otherwise.
    #[default]
    Detect,
    /// As written.
    Written,
}

/// A range; an end that is not given is open.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Least that is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Most that is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// An option with a value that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{option}`: expected {expected}, got {got}")]
pub struct OptionsError {
    /// Name of the option.
    pub option: &'static str,
    /// What it may be.
    pub expected: String,
    /// What it is.
    pub got: String,
}

impl Default for SongOptions {
    fn default() -> Self {
        Self {
            tracks: TrackRule::lpd_5(),
            bars: PHRASE_BARS,
            resolution: Resolution::MODEL.steps(),
            lowest_pitch: LOWEST_PITCH,
            pitches: MODEL_PITCHES,
            snap: 0.06,
            gap: true,
            drum_onsets: true,
            key: KeyRule::default(),
            segments: Segments::default(),
            hop: None,
            downbeat: Downbeat::default(),
            active_tracks: 2,
            required_tracks: None,
            empty_bars: 0,
            notes_per_bar: Limits::default(),
            tempo: Limits::default(),
            near: 0.92,
        }
    }
}

impl SongOptions {
    /// Whether all options make sense together.
    ///
    /// # Errors
    /// [`OptionsError`] for the first that does not.
    pub fn check(&self) -> Result<(), OptionsError> {
        let fail = |option, expected: &str, got: String| {
            Err(OptionsError { option, expected: expected.to_owned(), got })
        };
        let names: Vec<&str> = self.tracks.iter().map(|track| track.name.as_str()).collect();
        if names.is_empty() || names.len() > 128 {
            return fail("tracks", "1 to 128 tracks", names.len().to_string());
        }
        if let Some(twice) = names
            .iter()
            .enumerate()
            .find(|(i, name)| names[..*i].iter().any(|other| other.eq_ignore_ascii_case(name)))
        {
            return fail("tracks", "distinct names", format!("`{}` twice", twice.1));
        }
        if names.iter().any(|name| name.trim().is_empty()) {
            return fail("tracks", "a name for each", "an empty one".to_owned());
        }
        if !(1..=64).contains(&self.bars) {
            return fail("bars", "1 to 64", self.bars.to_string());
        }
        if !(1..=960).contains(&self.resolution) {
            return fail("resolution", "1 to 960 steps a beat", self.resolution.to_string());
        }
        if self.pitches == 0 || usize::from(self.lowest_pitch) + self.pitches > 128 {
            let got = format!("{} from {}", self.pitches, self.lowest_pitch);
            return fail("pitches", "at least one pitch, none above 127", got);
        }
        if !(0.0..=0.125).contains(&self.snap) {
            return fail("snap", "0 to 0.125 beats, half a sixteenth", self.snap.to_string());
        }
        if let Some(hop) = self.hop.filter(|hop| !(1..=self.bars).contains(hop)) {
            return fail("hop", &format!("1 to the bars of a phrase, {}", self.bars), hop.to_string());
        }
        if self.active_tracks > self.tracks.len() {
            let expected = format!("at most the number of tracks, {}", self.tracks.len());
            return fail("active_tracks", &expected, self.active_tracks.to_string());
        }
        for name in self.required_tracks.iter().flatten() {
            if !names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                let hint = suggestion(name, names.iter().copied());
                let expected = format!("names of tracks ({})", names.join(", "));
                return fail("required_tracks", &expected, format!("`{name}`{hint}"));
            }
        }
        if self.empty_bars > self.bars {
            let expected = format!("at most the bars of a phrase, {}", self.bars);
            return fail("empty_bars", &expected, self.empty_bars.to_string());
        }
        for (option, Limits { min, max }) in [("notes_per_bar", self.notes_per_bar), ("tempo", self.tempo)] {
            let (low, high) = (min.unwrap_or(0.0), max.unwrap_or(f64::INFINITY));
            if !(low >= 0.0 && high >= low) {
                return fail(option, "0 <= min <= max", format!("min {low}, max {high}"));
            }
        }
        if !(0.0..=1.0).contains(&self.near) {
            return fail("near", "a share, 0 to 1", self.near.to_string());
        }
        Ok(())
    }

    /// Index of the track that a part goes to by its program; `None` when it is dropped.
    pub fn track_of(&self, program: u8, is_drum: bool) -> Option<usize> {
        self.tracks.iter().position(|track| track.takes(program, is_drum))
    }

    /// Steps of a phrase.
    pub fn steps(&self) -> usize {
        self.bars * self.steps_per_bar()
    }

    /// Steps of a bar of 4/4.
    pub fn steps_per_bar(&self) -> usize {
        4 * self.resolution
    }
}

impl Limits {
    /// Whether a value lies within.
    pub fn allow(&self, value: f64) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(change: impl FnOnce(&mut SongOptions)) -> String {
        let mut options = SongOptions::default();
        change(&mut options);
        options.check().unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_in_order() {
        assert_eq!(SongOptions::default().check(), Ok(()));
        assert_eq!(SongOptions::default().steps(), 192);
    }

    #[test]
    fn options_without_sense_are_refused_by_name() {
        assert_eq!(message(|o| o.bars = 0), "`bars`: expected 1 to 64, got 0");
        assert!(message(|o| o.pitches = 105).starts_with("`pitches`"));
        assert!(message(|o| o.hop = Some(0)).starts_with("`hop`"));
        assert!(message(|o| o.snap = f64::NAN).starts_with("`snap`"));
        assert!(message(|o| o.near = 1.5).starts_with("`near`"));
        assert!(message(|o| o.active_tracks = 6).starts_with("`active_tracks`"));
        assert!(message(|o| o.tempo.min = Some(f64::NAN)).starts_with("`tempo`"));
        assert!(
            message(|o| o.notes_per_bar = Limits { min: Some(2.0), max: Some(1.0) }).contains("min <= max")
        );
        assert!(message(|o| o.tracks[1].name = "Drums".into()).contains("`Drums` twice"));
        assert!(message(|o| o.tracks.clear()).starts_with("`tracks`"));
    }

    #[test]
    fn a_misspelt_required_track_gets_a_suggestion() {
        let error = message(|o| o.required_tracks = Some(vec!["Bas".into()]));
        assert!(error.contains("did you mean `bass`?"), "{error}");
    }

    #[test]
    fn options_survive_yaml_and_say_what_they_do_not_know() {
        let options = SongOptions { hop: Some(2), key: KeyRule::Keep, ..SongOptions::default() };
        let text = serde_yaml::to_string(&options).unwrap();
        assert_eq!(serde_yaml::from_str::<SongOptions>(&text).unwrap(), options);
        assert_eq!(serde_yaml::from_str::<SongOptions>("{}").unwrap(), SongOptions::default());
        assert!(serde_yaml::from_str::<SongOptions>("bar: 4").unwrap_err().to_string().contains("bar"));
    }
}
