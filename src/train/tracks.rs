//! What a config says track by track: instruments, colours, and which tracks are given.

use serde::{Deserialize, Serialize};

use super::TrainConfig;
use crate::model::Instrument;
use crate::music::{Family, MusicError, Program, Tempo};

/// How the music of the model is played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Midi {
    /// MIDI number of the lowest pitch; another name of `model.grid.lowest_pitch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowest_pitch: Option<u8>,
    /// General MIDI program of each track, 0..=127; those of the families when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<u8>,
    /// Whether each track is played on the drum channel; only that called `drums` when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "flags")]
    pub is_drums: Vec<bool>,
    /// Beats a minute.
    pub tempo: f64,
}

impl Default for Midi {
    fn default() -> Self {
        Self { lowest_pitch: None, programs: Vec::new(), is_drums: Vec::new(), tempo: 100.0 }
    }
}

/// Flags as `true` and `false` or as 1 and 0, as the original has them.
fn flags<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "must be true or false, or 1 or 0")]
    enum Flag {
        Word(bool),
        Number(u8),
    }
    let value = |flag| match flag {
        Flag::Word(value) => Ok(value),
        Flag::Number(number @ 0..=1) => Ok(number == 1),
        Flag::Number(number) => {
            Err(serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(number.into()), &"0 or 1"))
        }
    };
    Vec::<Flag>::deserialize(deserializer)?.into_iter().map(value).collect()
}

impl TrainConfig {
    /// Whatever names or counts tracks fits the grid's.
    pub(super) fn check_tracks(&self) -> Result<(), String> {
        let tracks = &self.model.grid.tracks;
        let Midi { lowest_pitch, programs, is_drums, tempo } = &self.midi;
        for (name, count) in [
            ("midi.programs", programs.len()),
            ("midi.is_drums", is_drums.len()),
            ("colormap", self.colormap.len()),
        ] {
            if count != 0 && count != tracks.len() {
                let names = tracks.join(", ");
                return Err(format!(
                    "`{name}` has {count} entries, the model has {} tracks: {names}",
                    tracks.len()
                ));
            }
        }
        if let Some(program) = programs.iter().find(|program| **program > 127) {
            return Err(format!("`midi.programs` must lie in 0..=127, got {program}"));
        }
        Tempo::new(*tempo).map_err(|error| format!("`midi.tempo`: {error}"))?;
        if lowest_pitch.is_some_and(|pitch| pitch != self.model.grid.lowest_pitch) {
            let own = self.model.grid.lowest_pitch;
            return Err(format!(
                "`midi.lowest_pitch` differs from `model.grid.lowest_pitch`, which is {own}"
            ));
        }
        if let Some(part) = self.colormap.iter().flatten().find(|part| !(0.0..=1.0).contains(*part)) {
            return Err(format!("`colormap` has red, green and blue from 0 to 1, got {part}"));
        }
        let given = &self.accompany.given;
        if given.is_empty() {
            return Ok(());
        }
        if !self.model.accompanies() {
            return Err(
                "`accompany.given` needs an `encoder` in `model`, which hears the given tracks".into()
            );
        }
        if let Some(name) = given.iter().find(|name| !tracks.contains(name)) {
            return Err(format!("`accompany.given`: {}", MusicError::track(name, tracks)));
        }
        if tracks.iter().all(|name| given.contains(name)) {
            return Err("`accompany.given` leaves no track to play".into());
        }
        Ok(())
    }

    /// What plays each track; none when the config leaves it to the families.
    pub(super) fn instruments(&self) -> Vec<Instrument> {
        let Midi { programs, is_drums, .. } = &self.midi;
        if programs.is_empty() && is_drums.is_empty() {
            return Vec::new();
        }
        let of_track = |(i, name): (usize, &String)| {
            let family = Family::from_name(name).ok();
            let program = family.map_or(Program::default(), Family::program).number();
            Instrument {
                program: programs.get(i).copied().unwrap_or(program),
                is_drum: is_drums.get(i).copied().unwrap_or(family.is_some_and(Family::is_drums)),
            }
        };
        self.model.grid.tracks.iter().enumerate().map(of_track).collect()
    }

    /// The colours of sample pictures, track by track; none when they are left to the families.
    pub(super) fn colours(&self) -> Vec<(u8, u8, u8)> {
        let level = |part: f32| (part * 255.0).round() as u8;
        self.colormap.iter().map(|[r, g, b]| (level(*r), level(*g), level(*b))).collect()
    }

    /// Which tracks are given in every phrase, when always the same are.
    pub(super) fn given_mask(&self) -> Option<Vec<bool>> {
        let given = &self.accompany.given;
        let mask = || self.model.grid.tracks.iter().map(|name| given.contains(name)).collect();
        (!given.is_empty()).then(mask)
    }
}
