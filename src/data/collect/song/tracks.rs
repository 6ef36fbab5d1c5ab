//! Which part of a song goes to which track of a phrase.

use std::fmt;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::ser::{SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};

use super::{PartTable, PartUse, SongOptions};
use crate::midi::{Score, ScoreNote};
use crate::music::Family;

/// A track of every phrase and the parts that are merged into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackRule {
    /// What it is called; distinct.
    pub name: String,
    /// Which parts it takes.
    pub programs: Programs,
}

/// Which parts a track takes. In YAML: `drums`, or a list of General MIDI programs 0 to 127 and ranges
/// of them, such as `[0, 2, 24-31]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Programs {
    /// Everything on the drum channel.
    Drums,
    /// Pitched parts of these programs, each range with both ends.
    Pitched(Vec<(u8, u8)>),
}

/// What is known of a part when it is decided where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartInfo {
    /// The track's name in the file; often empty.
    pub name: String,
    /// General MIDI program, 0..=127.
    pub program: u8,
    /// Whether it is on the drum channel.
    pub is_drum: bool,
    /// MIDI channel, 0..=15.
    pub channel: u8,
    /// Number of notes.
    pub notes: usize,
}

/// The notes of each track by start, and where each part went.
pub(super) fn merge(
    score: &Score,
    options: &SongOptions,
    table: Option<&PartTable>,
) -> (Vec<Vec<ScoreNote>>, Vec<PartUse>) {
    let mut tracks = vec![Vec::new(); options.tracks.len()];
    let mut parts = Vec::new();
    for instrument in &score.instruments {
        let info = PartInfo {
            name: instrument.name.clone(),
            program: instrument.program.number(),
            is_drum: instrument.is_drum,
            channel: instrument.channel,
            notes: instrument.notes.len(),
        };
        let mut unknown_track = None;
        let track = match table {
            None => options.track_of(info.program, info.is_drum),
            Some(table) => table(&info).and_then(|name| {
                let track = options.tracks.iter().position(|track| track.name.eq_ignore_ascii_case(&name));
                unknown_track = track.is_none().then_some(name);
                track
            }),
        };
        if let Some(track) = track {
            tracks[track].extend_from_slice(&instrument.notes);
        }
        let PartInfo { name, program, is_drum, notes, .. } = info;
        parts.push(PartUse { name, program, is_drum, notes, track, unknown_track });
    }
    tracks.iter_mut().for_each(|notes| notes.sort_unstable());
    (tracks, parts)
}

impl TrackRule {
    /// The five tracks of the Lakh Pianoroll Dataset, by [`Family::of_program`]: `drums`, `piano`,
    /// `guitar`, `bass`, `strings`.
    pub fn lpd_5() -> Vec<Self> {
        let rule = |family: Family| {
            let ranges: &[(u8, u8)] = match family {
                Family::Drums => &[],
                Family::Piano => &[(0, 7)],
                Family::Guitar => &[(24, 31)],
                Family::Bass => &[(32, 39)],
                Family::Strings => &[(8, 23), (40, 95), (104, 111)],
            };
            let programs =
                if family.is_drums() { Programs::Drums } else { Programs::Pitched(ranges.to_vec()) };
            Self { name: family.name().to_owned(), programs }
        };
        Family::ALL.into_iter().map(rule).collect()
    }

    /// Whether it is the drums.
    pub fn is_drums(&self) -> bool {
        self.programs == Programs::Drums
    }

    /// Whether the track takes such a part.
    pub fn takes(&self, program: u8, is_drum: bool) -> bool {
        match &self.programs {
            Programs::Drums => is_drum,
            Programs::Pitched(ranges) => {
                !is_drum && ranges.iter().any(|(first, last)| (*first..=*last).contains(&program))
            }
        }
    }
}

impl Serialize for Programs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self::Pitched(ranges) = self else { return serializer.serialize_str("drums") };
        let mut list = serializer.serialize_seq(Some(ranges.len()))?;
        for (first, last) in ranges {
            if first == last {
                list.serialize_element(first)?;
            } else {
                list.serialize_element(&format!("{first}-{last}"))?;
            }
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Programs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Programs;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("`drums`, or a list of programs 0 to 127 and ranges such as `24-31`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Programs, E> {
                match text {
                    "drums" => Ok(Programs::Drums),
                    _ => Ok(Programs::Pitched(vec![range(text).map_err(E::custom)?])),
                }
            }

            fn visit_u64<E: de::Error>(self, program: u64) -> Result<Programs, E> {
                Ok(Programs::Pitched(vec![range(&program.to_string()).map_err(E::custom)?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Programs, A::Error> {
                let mut ranges = Vec::new();
                while let Some(item) = list.next_element::<Item>()? {
                    let text = match item {
                        Item::One(program) => program.to_string(),
                        Item::Range(text) => text,
                    };
                    ranges.push(range(&text).map_err(de::Error::custom)?);
                }
                Ok(Programs::Pitched(ranges))
            }
        }
        deserializer.deserialize_any(Parts)
    }
}

/// A program or a range of programs in a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    One(u64),
    Range(String),
}

/// `24-31` or `24`.
fn range(text: &str) -> Result<(u8, u8), String> {
    let wrong = || format!("expected a program 0 to 127 or a range such as `24-31`, got `{text}`");
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse().ok().filter(|program| *program < 128u8);
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Program;

    #[test]
    fn the_default_tracks_follow_the_rule_of_the_families() {
        let rules = TrackRule::lpd_5();
        for is_drum in [false, true] {
            for program in 0..128u8 {
                let ours = rules.iter().position(|rule| rule.takes(program, is_drum));
                let family = Family::of_program(Program::new(program.into()).unwrap(), is_drum);
                assert_eq!(ours, family.map(Family::index), "program {program}");
            }
        }
        assert_eq!(rules[4].name, "strings");
    }

    #[test]
    fn programs_are_read_and_written_as_people_write_them() {
        let read = |text: &str| serde_yaml::from_str::<Programs>(text);
        assert_eq!(read("drums").unwrap(), Programs::Drums);
        assert_eq!(read("[0, 2, 24-31]").unwrap(), Programs::Pitched(vec![(0, 0), (2, 2), (24, 31)]));
        assert_eq!(read("7").unwrap(), Programs::Pitched(vec![(7, 7)]));
        for programs in [Programs::Drums, Programs::Pitched(vec![(0, 7), (9, 9)])] {
            assert_eq!(read(&serde_yaml::to_string(&programs).unwrap()).unwrap(), programs);
        }
    }

    #[test]
    fn programs_that_do_not_exist_are_refused() {
        for text in ["[128]", "[31-24]", "piano", "[-1]"] {
            let error = serde_yaml::from_str::<Programs>(text).unwrap_err().to_string();
            assert!(!error.is_empty(), "{text}");
        }
        let error = serde_yaml::from_str::<Programs>("[200]").unwrap_err().to_string();
        assert!(error.contains("a range such as `24-31`, got `200`"), "{error}");
    }
}
