//! What can be chosen about a collection, from a YAML file or a script's map.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_yaml::{Mapping, Value};

use super::CollectError;
use super::song::{Programs, SongOptions};
use super::source::Limits;
use crate::music::{Family, Program};
use crate::npz::{PhraseLayout, PhraseTrack};
use crate::settings::{self, Document, Misfit, SettingsError, Step, dotted, from_value, names_of};

/// How a heap of songs becomes a set. In a file the keys of both parts stand side by side.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CollectConfig {
    /// How a song becomes phrases.
    pub song: SongOptions,
    /// Which songs, and how their phrases become sets.
    pub set: SetOptions,
}

/// Which songs are taken, and how their phrases become sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SetOptions {
    /// Seed of the split, of the order and of what is drawn.
    pub seed: u64,
    /// Threads that read songs; 0 for as many as the processor has. The result is the same with any
    /// number.
    pub n_jobs: usize,
    /// Lists of the songs that are taken: a song's name (or an id in its path) on each line, or an md5
    /// and an id as in LPD's `cleansed_ids.txt`. All songs when there is none.
    pub ids: Vec<PathBuf>,
    /// Where tags are looked up: folders of lists called `id_list_<tag>.txt`, such lists, archives of
    /// them, or tables with a label after each id. All tags of a song are kept with its phrases.
    pub labels: Vec<PathBuf>,
    /// Tags of which a song must have at least one; all songs when there are none. `rock`, or
    /// `lastfm/rock` to look in the folder of that name only.
    pub tags: Vec<String>,
    /// Most phrases of a song, drawn at random; 0 for all.
    pub phrases_per_song: usize,
    /// Whether phrases that other songs have too are left out, exactly and nearly (see `near`) the same.
    pub dedupe: bool,
    /// Whether the phrases of a set are in random order, so that the first ones are a fair sample.
    pub shuffle: bool,
    /// Names of the sets and the share of phrases of each; one set called `train` when there is none.
    pub split: Shares,
    /// Which songs stay on one side of a split.
    pub group: Group,
    /// Most megabytes (of 2^20 bytes) of a file with a song.
    pub max_song_mib: u64,
}

/// Names and shares, in order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Shares(pub Vec<(String, f64)>);

/// Which songs belong together.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Every song by itself; files of one LPD song are one.
    #[default]
    Song,
    /// Songs of one folder.
    Folder,
    /// Songs whose file names are the same before this text: `{ before: "__" }`.
    Before(String),
}

impl Default for SetOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            n_jobs: 0,
            ids: Vec::new(),
            labels: Vec::new(),
            tags: Vec::new(),
            phrases_per_song: 0,
            dedupe: true,
            shuffle: true,
            split: Shares::default(),
            group: Group::default(),
            max_song_mib: Limits::default().song >> 20,
        }
    }
}

impl CollectConfig {
    /// Reads a config; paths in it are taken from its folder.
    ///
    /// # Errors
    /// [`CollectError::Settings`] naming the line, with the nearest key for a misspelt one.
    pub fn read(path: &Path) -> Result<Self, CollectError> {
        let mut document = Document::default();
        document.add(path, &settings::read_text(path)?)?;
        let mut config = Self::settle(&document)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let set = &mut config.set;
        set.ids.iter_mut().chain(&mut set.labels).for_each(|file| *file = folder.join(&file));
        Ok(config)
    }

    /// Reads a config from YAML text; paths in it stay as they are.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_yaml(text: &str) -> Result<Self, CollectError> {
        let mut document = Document::default();
        document.add(Path::new(""), text)?;
        Self::settle(&document)
    }

    /// Reads a config from keys and values; paths in it stay as they are.
    ///
    /// # Errors
    /// As [`Self::read`], without a line.
    pub fn from_keys(keys: Mapping) -> Result<Self, CollectError> {
        Self::settle(&Document::of_values(keys))
    }

    /// The config as YAML, every key.
    pub fn to_yaml(&self) -> String {
        // Both are maps of plain values, which YAML always has words for.
        let text = |value: serde_yaml::Result<String>| value.unwrap_or_default();
        format!("{}{}", text(serde_yaml::to_string(&self.set)), text(serde_yaml::to_string(&self.song)))
    }

    /// The config as keys and values, every key.
    pub fn to_keys(&self) -> Mapping {
        serde_yaml::from_str(&self.to_yaml()).unwrap_or_default()
    }

    /// Names of all keys.
    pub fn keys() -> Vec<&'static str> {
        [names_of::<SetOptions>(), names_of::<SongOptions>()].concat()
    }

    fn settle(document: &Document) -> Result<Self, CollectError> {
        let fail = |misfit: Misfit| CollectError::from(document.error(&misfit));
        let of_set = names_of::<SetOptions>();
        let known = Self::keys();
        let mut parts = [Mapping::new(), Mapping::new()];
        for name in document.names() {
            if !known.contains(&name.as_str()) {
                return Err(fail(Misfit::unknown(vec![Step::Key(name)], &known)));
            }
            let part = usize::from(of_set.contains(&name.as_str()));
            let place = [Step::Key(name.clone())];
            if let Some(value) = document.get(&place) {
                parts[part].insert(dotted(&place).into(), value.clone());
            }
        }
        let [song, set] = parts.map(Value::Mapping);
        let config = Self { song: from_value(&song).map_err(fail)?, set: from_value(&set).map_err(fail)? };
        config.check().map_err(|reason| document.error_naming(reason))?;
        Ok(config)
    }

    /// Whether all options make sense together.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub fn check(&self) -> Result<(), String> {
        self.song.check().map_err(|error| error.to_string())?;
        self.layout().map_err(|error| error.to_string())?;
        let Shares(shares) = &self.set.split;
        for (at, (name, share)) in shares.iter().enumerate() {
            let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
            if !is_word {
                return Err(format!("`split`: `{name}` is part of a file's name: letters, digits, - and _"));
            }
            if shares[..at].iter().any(|(other, _)| other == name) {
                return Err(format!("`split.{name}` is there twice"));
            }
            if !(*share > 0.0 && *share <= 1.0) {
                return Err(format!("`split.{name}` is a share above 0 and up to 1, got {share}"));
            }
        }
        let sum: f64 = shares.iter().map(|(_, share)| share).sum();
        if !shares.is_empty() && (sum - 1.0).abs() > 1e-6 {
            return Err(format!("`split`: the shares must add up to 1, not to {sum}"));
        }
        if !self.set.tags.is_empty() && self.set.labels.is_empty() {
            return Err("`tags` need `labels`: the lists that they are looked up in".to_owned());
        }
        if self.set.group == Group::Before(String::new()) {
            return Err("`group.before` is a text such as `__`, not an empty one".to_owned());
        }
        if !(1..=1024).contains(&self.set.max_song_mib) {
            return Err(format!("`max_song_mib` must lie in 1..=1024, got {}", self.set.max_song_mib));
        }
        Ok(())
    }

    /// Size and tracks of every phrase.
    ///
    /// # Errors
    /// [`SettingsError`] when arrays of phrases have no such layout.
    pub fn layout(&self) -> Result<PhraseLayout, SettingsError> {
        let wrong = |reason: String| SettingsError { path: None, line: None, reason };
        let song = &self.song;
        let layout = PhraseLayout::new(song.bars, song.steps_per_bar(), song.pitches);
        let layout = layout.map_err(|error| wrong(format!("`pitches`: {error}")))?;
        if song.lowest_pitch != layout.lowest_pitch() {
            let (pitches, lowest) = (song.pitches, layout.lowest_pitch());
            return Err(wrong(format!(
                "`lowest_pitch` must be {lowest} where there are {pitches} `pitches`"
            )));
        }
        let track = |rule: &super::song::TrackRule| {
            let named = PhraseTrack::named(&rule.name.to_lowercase());
            // A family keeps its own program, so that the five families are known as such.
            let program = match (&rule.programs, Family::from_name(&named.name)) {
                (Programs::Pitched(ranges), Err(_)) => {
                    ranges.first().and_then(|(first, _)| Program::new((*first).into()).ok())
                }
                _ => None,
            };
            PhraseTrack { program: program.unwrap_or(named.program), is_drum: rule.is_drums(), ..named }
        };
        let tracks = song.tracks.iter().map(track).collect();
        layout.with_tracks(tracks).map_err(|error| wrong(format!("`tracks`: {error}")))
    }

    /// The limits of what is read.
    pub fn limits(&self) -> Limits {
        Limits { song: self.set.max_song_mib << 20, ..Limits::default() }
    }
}

impl Serialize for Group {
    /// As it is read; serde's own way would be a YAML tag.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Song => serializer.serialize_str("song"),
            Self::Folder => serializer.serialize_str("folder"),
            Self::Before(text) => serializer.collect_map([("before", text)]),
        }
    }
}

impl Serialize for Shares {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, share) in &self.0 {
            map.serialize_entry(name, share)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Shares {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Shares;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map of names and shares, such as `{ train: 0.9, test: 0.1 }`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shares, A::Error> {
                let mut shares = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    shares.push(entry);
                }
                Ok(Shares(shares))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        CollectConfig::from_yaml(text).unwrap_err().to_string()
    }

    #[test]
    fn keys_of_both_parts_stand_side_by_side() {
        let text = "seed: 3\nbars: 8\nsplit: { train: 0.8, valid: 0.2 }\nkey: keep\ngroup: { before: __ }\n";
        let config = CollectConfig::from_yaml(text).unwrap();
        assert_eq!((config.set.seed, config.song.bars), (3, 8));
        assert_eq!(config.set.split.0, [("train".to_owned(), 0.8), ("valid".to_owned(), 0.2)]);
        assert_eq!(config.set.group, Group::Before("__".to_owned()));
        assert_eq!(CollectConfig::from_yaml(&config.to_yaml()).unwrap(), config);
        assert_eq!(CollectConfig::from_yaml("").unwrap(), CollectConfig::default());
    }

    #[test]
    fn mistakes_are_told_with_their_line_and_what_would_be_right() {
        let cases = [
            ("seed: 1\nbasr: 4\n", "line 2: there is no key `basr`; did you mean `bars`?"),
            ("seed: one\n", "line 1: `seed` must be a whole number of 0 or more, got `one`"),
            ("key: d\n", "line 1: `key` must be one of keep, c, got `d`"),
            ("bars: 0\n", "line 1: `bars`: expected 1 to 64, got 0"),
            ("\nsplit: { train: 0.5 }\n", "line 2: `split`: the shares must add up to 1, not to 0.5"),
            (
                "split: 3\n",
                "line 1: `split` must be a map of names and shares, such as `{ train: 0.9, test: 0.1 }`, got 3",
            ),
            ("tags: [rock]\n", "line 1: `tags` need `labels`: the lists that they are looked up in"),
            ("lowest_pitch: 12\n", "`lowest_pitch` must be 24 where there are 84 `pitches`"),
            ("tracks:\n  - { name: A, programs: [0-200] }\n", "expected a program 0 to 127"),
        ];
        for (text, expected) in cases {
            let told = message(text);
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn the_usual_layout_is_that_of_the_five_families() {
        let layout = CollectConfig::default().layout().unwrap();
        assert_eq!(layout, PhraseLayout::standard());
        assert!(layout.is_families());
        let text = "tracks:\n  - { name: Drums, programs: drums }\n  - { name: Lead, programs: [80-87] }\nrequired_tracks: [Lead]\n";
        let layout = CollectConfig::from_yaml(text).unwrap().layout().unwrap();
        assert_eq!(layout.track_names(), ["drums", "lead"]);
        assert_eq!((layout.tracks()[1].program.number(), layout.tracks()[0].is_drum), (80, true));
    }
}
