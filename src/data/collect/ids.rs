//! Lists of ids and labels: which songs of a large data set are wanted.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::CollectError;
use super::config::SetOptions;
use super::source::{Place, Refusal, texts};
use crate::base::{Cancel, read_file, suggestion};

/// Which songs are taken.
#[derive(Debug, Default)]
pub(super) struct Choice {
    ids: Option<Ids>,
    tagged: Option<Ids>,
    /// The tags that were asked for.
    wanted: String,
    /// The tags of each song that the labels name, in order.
    tags: HashMap<String, BTreeSet<String>>,
}

/// Songs by id, or by a file's name and an id together.
#[derive(Debug, Default)]
struct Ids {
    single: HashSet<String>,
    pairs: HashMap<String, HashSet<String>>,
}

/// The id of a song of the Million Song Dataset, as LPD's folders are called: `TRABCDE128F4233F4C`.
pub(super) fn song_id(place: &Place) -> Option<String> {
    let is_id = |step: &String| {
        step.len() == 18
            && step.starts_with("TR")
            && step.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let mut steps = place.steps();
    let file = steps.pop().map(|file| stem(&file).to_owned());
    steps.into_iter().chain(file).rfind(is_id)
}

/// A file's name without its extension.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

impl Choice {
    /// Reads the lists that the options name.
    pub fn read(options: &SetOptions, cancel: &Cancel) -> Result<Self, CollectError> {
        let mut choice = Self { wanted: options.tags.join(", "), ..Self::default() };
        if !options.ids.is_empty() {
            let mut ids = Ids::default();
            for path in &options.ids {
                ids.add(path, &String::from_utf8_lossy(&read_file(path)?))?;
            }
            choice.ids = Some(ids);
        }
        let labels = Labels::read(&options.labels, cancel)?;
        if !options.tags.is_empty() {
            let mut tagged = Ids::default();
            for tag in &options.tags {
                tagged.single.extend(labels.of(tag)?);
            }
            choice.tagged = Some(tagged);
        }
        choice.tags = labels.by_song();
        Ok(choice)
    }

    /// Whether a file is wanted.
    pub fn check(&self, place: &Place) -> Result<(), Refusal> {
        if self.ids.as_ref().is_some_and(|ids| !ids.have(place)) {
            return Err(Refusal::new("not_listed", "the list of ids does not have it"));
        }
        if self.tagged.as_ref().is_some_and(|ids| !ids.have(place)) {
            return Err(Refusal::new(
                "not_tagged",
                format!("it has no tag of those wanted: {}", self.wanted),
            ));
        }
        Ok(())
    }

    /// All tags that a file has by the labels, in alphabetical order.
    pub fn tags(&self, place: &Place) -> Vec<String> {
        let steps = place.steps();
        let file = place.file_name();
        let names = steps.iter().map(String::as_str).chain([stem(&file)]);
        let tags: BTreeSet<&String> = names.filter_map(|name| self.tags.get(name)).flatten().collect();
        tags.into_iter().cloned().collect()
    }
}

impl Ids {
    fn add(&mut self, path: &Path, text: &str) -> Result<(), CollectError> {
        let before = self.single.len() + self.pairs.len();
        for line in lines(text) {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                // Names of songs may have blanks in them.
                [file, song] if is_md5(file) => {
                    self.pairs.entry(file.to_owned()).or_default().insert(song.to_owned());
                }
                _ => drop(self.single.insert(line.to_owned())),
            }
        }
        match self.single.len() + self.pairs.len() > before {
            true => Ok(()),
            false => Err(CollectError::Ids { path: path.to_owned(), reason: "it has no ids".to_owned() }),
        }
    }

    fn have(&self, place: &Place) -> bool {
        let steps = place.steps();
        let file = place.file_name();
        let file = stem(&file);
        let song = song_id(place);
        let is_pair = |songs: &HashSet<String>| song.as_ref().is_none_or(|song| songs.contains(song));
        self.single.contains(file)
            || steps.iter().any(|step| self.single.contains(step))
            || self.pairs.get(file).is_some_and(is_pair)
    }
}

/// Lines that are no comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Songs by tag. A tag is known as `rock` and, in a folder, as `lastfm/rock`.
#[derive(Debug, Default)]
struct Labels(BTreeMap<String, BTreeSet<String>>);

impl Labels {
    fn read(paths: &[PathBuf], cancel: &Cancel) -> Result<Self, CollectError> {
        let mut labels = Self::default();
        texts(paths, cancel, &mut |place, text| labels.add(place, text))?;
        Ok(labels)
    }

    fn add(&mut self, place: &Place, text: &str) {
        let file = place.file_name();
        let name = stem(&file).to_lowercase();
        let folder = place.steps().iter().rev().nth(1).map_or_else(|| place.root_name(), Clone::clone);
        let mut add = |tag: &str, id: &str| {
            let tag = plain(tag);
            self.0.entry(format!("{}/{tag}", plain(&folder))).or_default().insert(id.to_owned());
            self.0.entry(tag).or_default().insert(id.to_owned());
        };
        match name.strip_prefix("id_list_") {
            // The song's id is the last word, after the file's own where there is one.
            Some(tag) => {
                lines(text).filter_map(|line| line.split_whitespace().last()).for_each(|id| add(tag, id))
            }
            None => {
                for line in lines(text) {
                    if let Some((id, label)) = line.split_once(char::is_whitespace) {
                        add(label, id);
                    }
                }
            }
        }
    }

    /// The tags of each song, without the folders that they were found in.
    fn by_song(self) -> HashMap<String, BTreeSet<String>> {
        let mut songs: HashMap<String, BTreeSet<String>> = HashMap::new();
        for (tag, ids) in self.0.into_iter().filter(|(tag, _)| !tag.contains('/')) {
            for id in ids {
                songs.entry(id).or_default().insert(tag.clone());
            }
        }
        songs
    }

    fn of(&self, tag: &str) -> Result<impl Iterator<Item = String> + '_, CollectError> {
        let found = self.0.get(&plain(tag)).map(|ids| ids.iter().cloned());
        found.ok_or_else(|| {
            const SHOWN: usize = 12;
            let known: Vec<&str> =
                self.0.keys().map(String::as_str).filter(|tag| !tag.contains('/')).collect();
            let hint = suggestion(&plain(tag), self.0.keys().map(String::as_str));
            let more = known.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown = known[..known.len().min(SHOWN)].join(", ");
            CollectError::Tag {
                tag: tag.to_owned(),
                known: if shown.is_empty() { "none".to_owned() } else { format!("{shown}{more}") },
                hint,
            }
        })
    }
}

/// `Pop_Rock`, `pop rock` and `Pop-Rock` are one tag. Song tables join tags by commas, so none has one.
fn plain(tag: &str) -> String {
    tag.trim().to_lowercase().replace([' ', '\t', '_', ','], "-")
}
