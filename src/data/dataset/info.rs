//! What is known of a phrase beside its notes, and the song table that keeps it.

use std::path::Path;
use std::sync::Arc;

use super::Dataset;
use super::view::View;
use crate::base::{read_file, write_atomically};
use crate::data::DataError;
use crate::npz::{PhraseCells, PhraseLayout, PhraseSource, PhraseTrack};

/// Where a phrase is from. What nobody knows is empty.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PhraseInfo {
    /// The collection it is from.
    pub set: String,
    /// The song it is from; phrases of one song belong together.
    pub song: String,
    /// Songs that belong together, such as covers, have the same.
    pub group: String,
    /// The part of a split that it is in, such as `train`.
    pub split: String,
    /// The bar of the song that it begins with, from 0.
    pub first_bar: Option<usize>,
    /// Semitones by which its pitched tracks were moved up.
    pub transposed: i32,
    /// The key that it is in now, such as `C major`.
    pub key: String,
    /// Quarter notes a minute.
    pub tempo: Option<f64>,
    /// Labels, such as genres.
    pub tags: Vec<String>,
}

/// Columns of a song table. The first four must be there in a table that is read.
const COLUMNS: [&str; 11] =
    ["split", "phrase", "set", "song", "group", "start_bar", "transposed", "key", "tempo", "tags", "tracks"];
/// Columns without which a table says nothing.
const NEEDED: usize = 4;
/// What stands for nothing.
const NOTHING: &str = "-";

impl PhraseInfo {
    /// What a phrase must share to stay on one side of a split: its group, else its song; `None` when
    /// neither is known. Songs of two sets are two songs.
    pub fn unit(&self) -> Option<(&str, &str)> {
        match (self.group.is_empty(), self.song.is_empty()) {
            (false, _) => Some(("", &self.group)),
            (true, false) => Some((&self.set, &self.song)),
            (true, true) => None,
        }
    }

    /// The same phrase moved up by `semitones`: so is its key.
    pub(super) fn moved(&self, semitones: i32) -> Self {
        Self { transposed: self.transposed + semitones, key: moved_key(&self.key, semitones), ..self.clone() }
    }

    /// The row of a song table; `tracks` are those that sound.
    fn row(&self, number: usize, tracks: &str) -> String {
        let text = |text: &str| match text.trim() {
            "" => NOTHING.to_owned(),
            text => text.replace(['\t', '\n', '\r'], " "),
        };
        let cells = [
            text(&self.split),
            number.to_string(),
            text(&self.set),
            text(&self.song),
            text(&self.group),
            self.first_bar.map_or_else(|| NOTHING.to_owned(), |bar| bar.to_string()),
            self.transposed.to_string(),
            text(&self.key),
            self.tempo.map_or_else(|| NOTHING.to_owned(), |bpm| bpm.to_string()),
            text(&self.tags.join(",")),
            tracks.to_owned(),
        ];
        cells.join("\t")
    }
}

/// A song table: what is known of each phrase, in order, and its cells.
///
/// # Errors
/// Those of the rows.
pub(in crate::data) fn song_table<E>(
    layout: &PhraseLayout,
    phrases: impl Iterator<Item = Result<(PhraseInfo, PhraseCells), E>>,
) -> Result<String, E> {
    let mut table = heading() + "\n";
    for (number, phrase) in phrases.enumerate() {
        let (info, cells) = phrase?;
        table += &info.row(number, &sounding(layout, &cells));
        table.push('\n');
    }
    Ok(table)
}

/// The initials of the tracks that sound, a dash for each silent one: `DP-BS`.
fn sounding(layout: &PhraseLayout, cells: &PhraseCells) -> String {
    let initial =
        |(number, track): (usize, &PhraseTrack)| match cells.track(number).iter().any(|set| *set != 0) {
            true => track.name.chars().next().unwrap_or('?').to_uppercase().collect(),
            false => NOTHING.to_owned(),
        };
    layout.tracks().iter().enumerate().map(initial).collect::<String>()
}

/// The first line of a song table that is written.
pub(super) fn heading() -> String {
    COLUMNS.join("\t")
}

/// A key such as `F# minor` moved up; what does not begin with a note's name stays as it is.
fn moved_key(key: &str, semitones: i32) -> String {
    const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    const FLATS: [(&str, usize); 5] = [("Db", 1), ("Eb", 3), ("Gb", 6), ("Ab", 8), ("Bb", 10)];
    let (root, rest) = key.split_once(' ').map_or((key, None), |(root, rest)| (root, Some(rest)));
    let class = NAMES.iter().position(|name| *name == root);
    let class = class.or_else(|| Some(FLATS.iter().find(|(name, _)| *name == root)?.1));
    match class.filter(|_| semitones.rem_euclid(12) != 0) {
        None => key.to_owned(),
        Some(class) => {
            let moved = NAMES[(class as i32 + semitones).rem_euclid(12) as usize];
            rest.map_or_else(|| moved.to_owned(), |rest| format!("{moved} {rest}"))
        }
    }
}

/// The rows of a song table for the phrases `0..count` of an array: those whose split is `split`, or
/// all. Phrases without a row are of no set and no song.
pub(super) fn read_table(
    path: &Path,
    split: Option<&str>,
    count: usize,
) -> Result<Vec<PhraseInfo>, DataError> {
    let bytes = read_file(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let wrong = |line: usize, reason: String| DataError::Table { path: path.to_owned(), line, reason };
    let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
    let (_, head) = lines.next().ok_or_else(|| wrong(1, "the table is empty".into()))?;
    let places = COLUMNS.map(|name| head.split('\t').position(|cell| cell.trim() == name));
    if let Some(lacking) = (0..NEEDED).find(|i| places[*i].is_none()) {
        return Err(wrong(1, format!("there is no column `{}`", COLUMNS[lacking])));
    }
    let mut rows: Vec<Option<PhraseInfo>> = vec![None; count];
    for (line, row) in lines.filter(|(_, row)| !row.trim().is_empty()) {
        let cells: Vec<&str> = row.split('\t').collect();
        let cell = |column: usize| -> &str {
            let cell = places[column].and_then(|place| cells.get(place)).map_or("", |cell| cell.trim());
            if cell == NOTHING { "" } else { cell }
        };
        if split.is_some_and(|split| cell(0) != split) {
            continue;
        }
        let place = cell(1).parse().ok().and_then(|i: usize| rows.get_mut(i));
        let Some(place) = place else {
            let reason = format!("`{}` is not the number of a phrase of the array", cell(1));
            return Err(wrong(line, reason));
        };
        if place.is_some() {
            let splits = if split.is_none() { ": name the `split` that the file has" } else { "" };
            return Err(wrong(line, format!("phrase {} has a row already{splits}", cell(1))));
        }
        let number = |column: usize| -> Result<Option<f64>, DataError> {
            let wrong =
                |_| wrong(line, format!("`{}` is no number, in column `{}`", cell(column), COLUMNS[column]));
            (!cell(column).is_empty()).then(|| cell(column).parse::<f64>().map_err(wrong)).transpose()
        };
        *place = Some(PhraseInfo {
            split: cell(0).to_owned(),
            set: cell(2).to_owned(),
            song: cell(3).to_owned(),
            group: cell(4).to_owned(),
            first_bar: number(5)?.map(|bar| bar as usize),
            transposed: number(6)?.map_or(0, |semitones| semitones as i32),
            key: cell(7).to_owned(),
            tempo: number(8)?.filter(|bpm| *bpm > 0.0),
            tags: cell(9).split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        });
    }
    Ok(rows.into_iter().map(Option::unwrap_or_default).collect())
}

impl Dataset {
    /// Adds a song table: tab-separated, with the columns `split`, `phrase`, `set` and `song`, and where
    /// they are known `group`, `start_bar`, `transposed`, `key`, `tempo` and `tags` (joined by commas);
    /// `-` stands for nothing. Phrases are numbered from 0. Rows of other splits are passed over.
    ///
    /// # Errors
    /// [`DataError::Table`] naming the line.
    pub fn with_songs(self, path: &Path, split: &str) -> Result<Self, DataError> {
        let rows = read_table(path, Some(split), self.len())?;
        self.with_info(rows)
    }

    /// The same set with something known of each phrase.
    ///
    /// # Errors
    /// [`DataError::Described`] unless there is one for each.
    pub fn with_info(self, info: Vec<PhraseInfo>) -> Result<Self, DataError> {
        if info.len() != self.len() {
            return Err(DataError::Described { phrases: self.len(), described: info.len() });
        }
        let mut entries = (*self.entries).clone();
        for (entry, info) in entries.iter_mut().zip(info) {
            entry.info = Some(Arc::new(info));
        }
        Ok(Self { entries: Arc::new(entries), ..self })
    }

    /// What is known of a phrase, when anything is.
    pub fn info(&self, index: usize) -> Option<PhraseInfo> {
        let entry = self.entries.get(index)?;
        let semitones = entry.view.as_deref().map_or(0, |view| view.semitones());
        match (entry.info.as_deref(), semitones) {
            (info, 0) => info.cloned(),
            (Some(info), semitones) => Some(info.moved(semitones)),
            (None, semitones) => Some(PhraseInfo { transposed: semitones, ..PhraseInfo::default() }),
        }
    }

    /// What was known of a phrase before it was changed.
    pub(super) fn known(&self, index: usize) -> Option<&PhraseInfo> {
        self.entries.get(index)?.info.as_deref()
    }

    /// Whether anything is known of any phrase.
    pub fn has_info(&self) -> bool {
        let is_moved = |view: &Arc<View>| view.semitones() != 0;
        self.entries.iter().any(|entry| entry.info.is_some() || entry.view.as_ref().is_some_and(is_moved))
    }

    /// Writes the song table of the phrases as they are numbered here.
    ///
    /// # Errors
    /// [`DataError::File`] when it cannot be written, [`DataError::Npz`] when a phrase cannot be read.
    pub fn write_songs(&self, path: &Path) -> Result<(), DataError> {
        let phrase = |i| Ok::<_, DataError>((self.info(i).unwrap_or_default(), self.cells_of(i)?));
        let table = song_table(&self.layout, (0..self.len()).map(phrase))?;
        Ok(write_atomically(path, table.as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_with_the_music() {
        assert_eq!(moved_key("C major", -5), "G major");
        assert_eq!(moved_key("Bb minor", 3), "C# minor");
        assert_eq!(moved_key("A", 1), "A#");
        assert_eq!(moved_key("Bb minor", 12), "Bb minor");
        assert_eq!(moved_key("unknown", 1), "unknown");
        assert_eq!(moved_key("", 1), "");
    }
}
