//! What became of every file, as rows and as totals.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::path::Path;

use super::source::Refusal;
use crate::base::{FileError, write_atomically};

/// What became of every file, in the order in which they were found.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Account {
    /// A row for each file or member of an archive.
    pub rows: Vec<FileRow>,
    /// Name and number of phrases of each set, in order.
    pub sets: Vec<(String, usize)>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FileRow {
    /// Where it is; members of an archive stand below the archive's path.
    pub file: String,
    /// The song; phrases of one song belong together. Empty when the file was not read.
    pub song: String,
    /// The collection: the folder or archive that it is in.
    pub set: String,
    /// Songs with one group stay on one side of a split.
    pub group: String,
    /// Its labels, such as genres, where lists of them were given.
    pub tags: Vec<String>,
    /// The part of the split that the phrases are in; empty without phrases.
    pub split: String,
    /// How many phrases are in the sets.
    pub phrases: usize,
    /// Bars of the song.
    pub bars: usize,
    /// The song's key, such as `F# minor`; empty without pitched notes.
    pub key: String,
    /// The song's tempo in beats per minute; 0 where it is not known.
    pub tempo: f64,
    /// Why nothing of it was used; `None` when there are phrases.
    pub reason: Option<Refusal>,
    /// What was put right, a sentence each.
    pub repairs: Vec<String>,
    /// Which part went to which track.
    pub parts: Vec<PartRow>,
    /// Bars and phrases that were not used.
    pub lost: Vec<LossRow>,
}

/// Where a part of a song went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRow {
    /// Its name in the file; often empty.
    pub name: String,
    /// General MIDI program; `None` for drums.
    pub program: Option<u8>,
    /// Number of notes.
    pub notes: usize,
    /// The track, or why there is none.
    pub track: Result<String, String>,
}

/// Something of a song that was not used, by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossRow {
    /// A name for tables, which stays the same.
    pub code: &'static str,
    /// What a person is told.
    pub sentence: String,
    /// How many phrases, or stretches of bars.
    pub count: usize,
    /// How many bars together.
    pub bars: usize,
}

/// What became of a file, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It has phrases, and nothing had to be put right.
    Used,
    /// It has phrases, and something was put right.
    Repaired,
    /// It has none.
    Dropped,
}

impl Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Used => "used",
            Self::Repaired => "repaired",
            Self::Dropped => "dropped",
        })
    }
}

impl FileRow {
    /// A file of which nothing was used.
    pub fn dropped(file: String, reason: Refusal) -> Self {
        Self { file, reason: Some(reason), ..Self::default() }
    }

    /// What became of it.
    pub fn status(&self) -> Status {
        match (self.reason.is_some(), self.repairs.is_empty()) {
            (true, _) => Status::Dropped,
            (false, true) => Status::Used,
            (false, false) => Status::Repaired,
        }
    }

    /// All that is known of it by name, as text; nothing where nothing is known.
    pub fn cells(&self) -> [(&'static str, String); 16] {
        let reason = self.reason.as_ref().map(|reason| (reason.code.to_owned(), reason.sentence.clone()));
        let (code, sentence) = reason.unwrap_or_default();
        [
            ("file", self.file.clone()),
            ("status", self.status().to_string()),
            ("reason", code),
            ("sentence", sentence),
            ("phrases", self.phrases.to_string()),
            ("split", self.split.clone()),
            ("set", self.set.clone()),
            ("song", self.song.clone()),
            ("group", self.group.clone()),
            ("tags", self.tags.join(",")),
            ("bars", self.bars.to_string()),
            ("key", self.key.clone()),
            ("tempo", if self.tempo > 0.0 { format!("{:.1}", self.tempo) } else { String::new() }),
            ("parts", joined(self.parts.iter())),
            ("repairs", self.repairs.join("; ")),
            ("lost", joined(self.lost.iter())),
        ]
    }

    /// Counts a phrase that is not used after all.
    pub(super) fn lose(&mut self, code: &'static str, sentence: &str, bars: usize) {
        self.phrases = self.phrases.saturating_sub(1);
        match self.lost.iter_mut().find(|loss| loss.code == code) {
            Some(loss) => {
                loss.count += 1;
                loss.bars += bars;
            }
            None => self.lost.push(LossRow { code, sentence: sentence.to_owned(), count: 1, bars }),
        }
        if self.phrases == 0 {
            self.reason = Some(Refusal::new(code, sentence));
        }
    }
}

/// How often something was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// A name for tables, which stays the same.
    pub code: &'static str,
    /// What a person is told, of the first file of which it is said.
    pub sentence: String,
    /// Files of which nothing was used, for this reason.
    pub files: usize,
    /// Phrases, or stretches of bars, that were not used, of all files.
    pub phrases: usize,
    /// Bars of those.
    pub bars: usize,
}

impl Account {
    /// Number of files of which this became.
    pub fn count(&self, status: Status) -> usize {
        self.rows.iter().filter(|row| row.status() == status).count()
    }

    /// Number of phrases of all sets.
    pub fn phrases(&self) -> usize {
        self.sets.iter().map(|(_, phrases)| phrases).sum()
    }

    /// What was not used, by reason: reasons for whole files first, each by how often.
    pub fn totals(&self) -> Vec<Total> {
        let mut totals: BTreeMap<&'static str, Total> = BTreeMap::new();
        for row in &self.rows {
            let empty = |code, sentence: &String| Total {
                code,
                sentence: sentence.clone(),
                files: 0,
                phrases: 0,
                bars: 0,
            };
            for loss in &row.lost {
                let total = totals.entry(loss.code).or_insert_with(|| empty(loss.code, &loss.sentence));
                total.phrases += loss.count;
                total.bars += loss.bars;
            }
            if let Some(reason) = &row.reason {
                let total = totals.entry(reason.code);
                total.or_insert_with(|| empty(reason.code, &reason.sentence)).files += 1;
            }
        }
        let mut totals: Vec<Total> = totals.into_values().collect();
        totals.sort_by_key(|total| std::cmp::Reverse((total.files, total.phrases)));
        totals
    }

    /// One line: `12 files: 8 used, 1 repaired, 3 dropped (2 not_music, 1 damaged_midi); 96 phrases`.
    pub fn summary(&self) -> String {
        let phrases = self.phrases();
        let mut line = format!("{}; {phrases} phrase{}", self.files(), if phrases == 1 { "" } else { "s" });
        if self.sets.len() > 1 {
            let sets: Vec<String> = self.sets.iter().map(|(name, count)| format!("{count} {name}")).collect();
            line += &format!(" ({})", sets.join(", "));
        }
        line
    }

    /// The files of [`Self::summary`].
    pub fn files(&self) -> String {
        const REASONS: usize = 4;
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let files = self.rows.len();
        let [used, repaired, dropped] =
            [Status::Used, Status::Repaired, Status::Dropped].map(|status| self.count(status));
        let mut line =
            format!("{files} file{}: {used} used, {repaired} repaired, {dropped} dropped", s(files));
        let reasons: Vec<_> = self.totals().into_iter().filter(|total| total.files > 0).collect();
        if !reasons.is_empty() {
            let mut named: Vec<String> =
                reasons.iter().take(REASONS).map(|total| format!("{} {}", total.files, total.code)).collect();
            let rest: usize = reasons.iter().skip(REASONS).map(|total| total.files).sum();
            if rest > 0 {
                named.push(format!("{rest} for other reasons"));
            }
            line += &format!(" ({})", named.join(", "));
        }
        line
    }

    /// All rows as comma-separated values, with a row of names.
    pub fn to_csv(&self) -> String {
        let mut text = FileRow::default().cells().map(|(name, _)| name).join(",") + "\n";
        for row in &self.rows {
            text += &row.cells().map(|(_, cell)| quoted(&cell)).join(",");
            text.push('\n');
        }
        text
    }

    /// Writes all rows as comma-separated values.
    ///
    /// # Errors
    /// [`FileError::Write`]; nothing is left half-written.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        write_atomically(path, self.to_csv().as_bytes())
    }
}

fn joined(items: impl Iterator<Item = impl Display>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join("; ")
}

/// A cell, in quotes where it has to be.
fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"").replace(['\n', '\r'], " ")),
        false => cell.to_owned(),
    }
}

impl Display for PartRow {
    /// `Lead (80) -> strings: 120 notes`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let program = self.program.map_or_else(|| "drums".to_owned(), |program| program.to_string());
        // Some programs write names with a NUL at the end, or worse.
        let name: String = self.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let name = name.trim();
        let gap = if name.is_empty() { "" } else { " " };
        let s = if self.notes == 1 { "" } else { "s" };
        write!(f, "{name}{gap}({program}) -> ")?;
        match &self.track {
            Ok(track) => write!(f, "{track}: {} note{s}", self.notes),
            Err(why) => write!(f, "{why}: {} note{s}", self.notes),
        }
    }
}

impl Display for LossRow {
    /// `few_tracks: 3 (12 bars)`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let s = if self.bars == 1 { "" } else { "s" };
        write!(f, "{}: {} ({} bar{s})", self.code, self.count, self.bars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        let loss =
            LossRow { code: "few_tracks", sentence: "too few tracks have notes".into(), count: 2, bars: 8 };
        let part = |track: Result<&str, &str>| PartRow {
            name: "Lead, \"loud\"".into(),
            program: Some(80),
            notes: 12,
            track: track.map(Into::into).map_err(Into::into),
        };
        let used = FileRow {
            file: "a/b.mid".into(),
            song: "b".into(),
            phrases: 3,
            tempo: 97.25,
            parts: vec![part(Ok("strings")), part(Err("dropped"))],
            lost: vec![loss],
            ..FileRow::default()
        };
        let repaired = FileRow { repairs: vec!["2 notes never ended".into()], phrases: 1, ..used.clone() };
        let dropped = FileRow::dropped("c.txt".into(), Refusal::new("not_music", "it is no music"));
        Account { rows: vec![used, repaired, dropped], sets: vec![("train".into(), 3), ("test".into(), 1)] }
    }

    #[test]
    fn control_characters_of_a_name_are_not_shown() {
        let part =
            PartRow { name: "Bass\tB\0\n".into(), program: Some(33), notes: 1, track: Ok("bass".into()) };
        assert_eq!(part.to_string(), "Bass B (33) -> bass: 1 note");
    }

    #[test]
    fn the_summary_counts_files_reasons_and_phrases() {
        assert_eq!(
            account().summary(),
            "3 files: 1 used, 1 repaired, 1 dropped (1 not_music); 4 phrases (3 train, 1 test)"
        );
        assert_eq!(Account::default().summary(), "0 files: 0 used, 0 repaired, 0 dropped; 0 phrases");
    }

    #[test]
    fn totals_are_of_files_and_of_phrases() {
        let totals = account().totals();
        assert_eq!((totals[0].code, totals[0].files, totals[0].phrases), ("not_music", 1, 0));
        assert_eq!(
            (totals[1].code, totals[1].files, totals[1].phrases, totals[1].bars),
            ("few_tracks", 0, 4, 16)
        );
    }

    #[test]
    fn a_song_that_loses_its_last_phrase_is_dropped() {
        let mut row = account().rows.remove(1);
        row.lose("duplicate_of_song", "another song has it", 4);
        assert_eq!((row.status(), row.phrases), (Status::Dropped, 0));
        assert_eq!(row.lost[1].to_string(), "duplicate_of_song: 1 (4 bars)");
    }

    #[test]
    fn the_table_is_comma_separated_with_quotes_where_they_are_needed() {
        let text = account().to_csv();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("file,status,reason,sentence,phrases,split,set,song"));
        assert_eq!(
            lines[1],
            "a/b.mid,used,,,3,,,b,,,0,,97.2,\"Lead, \"\"loud\"\" (80) -> strings: 12 notes; \
             Lead, \"\"loud\"\" (80) -> dropped: 12 notes\",,few_tracks: 2 (8 bars)"
        );
        assert!(lines[3].starts_with("c.txt,dropped,not_music,it is no music,0,"));
    }
}
