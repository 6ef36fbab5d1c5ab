//! Going through a heap of songs on all threads: one thread finds them, the others read them.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rayon::iter::{ParallelBridge, ParallelIterator};

use super::account::{FileRow, LossRow, PartRow};
use super::config::{CollectConfig, Group};
use super::dedupe::Print;
use super::ids::{Choice, song_id, stem};
use super::packed::PackedCells;
use super::reading::{self, Song};
use super::song::{Candidate, Key, PartTable, PartUse, Sixteenths, SongPhrases, SongRepair, phrases};
use super::source::{Content, Found, Limits, Listing, Place, Refusal, walk};
use crate::base::{Cancel, Progress, Seed};
use crate::npz::{PhraseArray, PhraseLayout, PhraseSource};

/// Files that wait to be read; each may be as large as a song may be.
const WAITING: usize = 4;
/// Phrases of an array that count as one song, because neighbours come from one.
const SONG_OF_ARRAY: usize = 64;

/// A phrase, and where it is from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phrase {
    pub cells: PackedCells,
    pub print: Print,
    /// The song's first bar that it has, from 0.
    pub bar: usize,
    pub key: Option<Key>,
    pub transposed: i8,
    /// Beats per minute; `None` where nobody knows.
    pub tempo: Option<f64>,
}

/// What was found in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Read {
    pub row: FileRow,
    pub phrases: Vec<Phrase>,
    /// Whether it was an array of phrases, of which nobody knows the songs.
    pub is_array: bool,
}

/// What all threads share.
pub(super) struct Job<'j> {
    pub config: &'j CollectConfig,
    pub layout: &'j PhraseLayout,
    pub choice: &'j Choice,
    pub table: Option<&'j PartTable<'j>>,
    /// Whether there are several roots, which then name the sets.
    pub several: bool,
    pub progress: &'j dyn Progress,
    pub cancel: &'j Cancel,
}

impl Job<'_> {
    /// Reads everything in a listing, in its order. The second number says how many files there were
    /// when `cancel` was raised, then the result is not whole.
    pub fn read_all(&self, listing: Listing) -> (Vec<Read>, u64) {
        let bytes = Bytes { all: listing.bytes(), ..Bytes::default() };
        let limits = self.config.limits();
        let (sender, receiver) = sync_channel(WAITING);
        let done = AtomicU64::new(0);
        let mut reads: Vec<(u64, Read)> = std::thread::scope(|scope| {
            let (limits, bytes) = (&limits, &bytes);
            scope.spawn(move || self.find(listing, limits, bytes, &sender));
            let read = |(number, found): (u64, Found)| {
                let read = self.read(found);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                self.progress.report(done, bytes.estimate(done), &read.row.file);
                (number, read)
            };
            Waiting { receiver, cancel: self.cancel }.par_bridge().map(read).collect()
        });
        let done = done.into_inner();
        self.progress.report(done, done, "");
        reads.sort_unstable_by_key(|(number, _)| *number);
        (reads.into_iter().map(|(_, read)| read).collect(), done)
    }

    /// Sends everything that is found to the readers.
    fn find(&self, listing: Listing, limits: &Limits, bytes: &Bytes, sender: &SyncSender<(u64, Found)>) {
        let mut number = 0;
        let mut visit = |found: Found| {
            let sent = sender.send((number, found));
            number += 1;
            bytes.found.store(number, Ordering::Relaxed);
            // Nobody reads any more.
            if sent.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let mut read = |count| {
            bytes.read.fetch_add(count, Ordering::Relaxed);
        };
        // Whether it was stopped is seen by the flag.
        let _ = walk(listing, limits, self.cancel, &mut read, &mut visit);
    }

    /// One file. A fault of this program costs that file only.
    fn read(&self, found: Found) -> Read {
        let file = found.place.shown();
        let read = catch_unwind(AssertUnwindSafe(|| self.read_found(found)));
        let broken = |_| {
            let sentence = "reading it met a fault of this program: please report the file";
            Err(Refusal::new("internal", sentence))
        };
        match read.unwrap_or_else(broken) {
            Ok(read) => read,
            Err(refusal) => Read { row: FileRow::dropped(file, refusal), ..Read::default() },
        }
    }

    fn read_found(&self, Found { place, content }: Found) -> Result<Read, Refusal> {
        let (kind, data) = match content {
            Content::Refused(refusal) => return Err(refusal),
            Content::Music(kind, data) => (kind, data),
        };
        self.choice.check(&place)?;
        let row = FileRow {
            file: place.shown(),
            song: song_of(&place),
            set: self.set_of(&place),
            group: self.group_of(&place),
            tags: self.choice.tags(&place),
            ..FileRow::default()
        };
        match reading::read(kind, data)? {
            Song::Score(score) => {
                let told = phrases(&score, &self.config.song, self.table);
                let repairs = score.repairs().map(ToString::to_string).collect();
                Ok(self.of_song(row, told, repairs))
            }
            Song::Phrases(phrases) => self.of_array(row, &phrases),
        }
    }

    fn of_song(&self, mut row: FileRow, told: SongPhrases, repairs: Vec<String>) -> Read {
        row.phrases = told.phrases.len();
        row.bars = told.bars;
        row.key = told.key.map(|key| key.to_string()).unwrap_or_default();
        row.tempo = told.tempo;
        row.repairs = repairs;
        row.repairs.extend(told.repairs.iter().map(said));
        row.parts = told.parts.iter().map(|part| self.part(part)).collect();
        row.lost = told
            .lost
            .iter()
            .map(|loss| LossRow {
                code: loss.reason.code(),
                sentence: loss.reason.to_string(),
                count: loss.count,
                bars: loss.bars,
            })
            .collect();
        if row.phrases == 0 {
            // What most of the song was lost to.
            let most = row.lost.iter().rev().max_by_key(|loss| loss.bars);
            let reason = most.map(|loss| Refusal::new(loss.code, loss.sentence.clone()));
            row.reason = reason.or_else(|| Some(Refusal::new("too_short", "it is shorter than a phrase")));
        }
        let phrase = |candidate: &Candidate| Phrase {
            cells: PackedCells::of(&candidate.cells),
            print: self.print(&candidate.cells),
            bar: candidate.bar,
            key: candidate.key,
            transposed: candidate.transposed,
            tempo: Some(candidate.tempo),
        };
        let kept = self.drawn(&mut row, told.phrases.len());
        let phrases = kept.into_iter().map(|number| phrase(&told.phrases[number])).collect();
        Read { row, phrases, is_array: false }
    }

    fn of_array(&self, mut row: FileRow, array: &PhraseArray) -> Result<Read, Refusal> {
        let same = |a: &PhraseLayout, b: &PhraseLayout| {
            (a.bars(), a.steps_per_bar(), a.pitches(), a.tracks().len())
                == (b.bars(), b.steps_per_bar(), b.pitches(), b.tracks().len())
        };
        if !same(array.layout(), self.layout) {
            let said = |l: &PhraseLayout| {
                format!(
                    "{} tracks of {} bars of {} steps and {} pitches",
                    l.tracks().len(),
                    l.bars(),
                    l.steps_per_bar(),
                    l.pitches()
                )
            };
            let sentence = format!("its phrases are {}, not {}", said(array.layout()), said(self.layout));
            return Err(Refusal::new("other_layout", sentence));
        }
        if array.is_empty() {
            return Err(Refusal::new("no_phrases", "it is an array without phrases"));
        }
        row.phrases = array.len();
        row.bars = array.len() * array.bars();
        let mut phrases = Vec::with_capacity(array.len());
        for number in 0..array.len() {
            let cells = array.cells_of(number).map_err(|e| Refusal::new("damaged_npz", e.to_string()))?;
            let cells: Vec<Vec<u128>> =
                (0..array.tracks()).map(|track| cells.track(track).to_vec()).collect();
            phrases.push(Phrase {
                cells: PackedCells::of(&cells),
                print: self.print(&cells),
                bar: number * array.bars(),
                key: None,
                transposed: 0,
                tempo: None,
            });
        }
        Ok(Read { row, phrases, is_array: true })
    }

    /// Numbers of the phrases of a song that are kept, as many as the options allow.
    fn drawn(&self, row: &mut FileRow, count: usize) -> Vec<usize> {
        let options = &self.config.set;
        let mut numbers: Vec<usize> = (0..count).collect();
        if options.phrases_per_song > 0 && count > options.phrases_per_song {
            Seed(options.seed).stream(&format!("collect/draw/{}", row.file)).shuffle(&mut numbers);
            numbers.truncate(options.phrases_per_song);
            for _ in numbers.len()..count {
                row.lose("not_drawn", "beyond the most phrases of a song", self.layout.bars());
            }
            numbers.sort_unstable();
        }
        numbers
    }

    fn print(&self, cells: &[Vec<u128>]) -> Print {
        Print::of(cells, &Sixteenths::of(cells, &self.config.song))
    }

    fn part(&self, part: &PartUse) -> PartRow {
        let name = |track: usize| self.config.song.tracks.get(track).map(|rule| rule.name.clone());
        let track = match (part.track.and_then(name), &part.unknown_track) {
            (Some(track), _) => Ok(track),
            (None, Some(unknown)) => Err(format!("dropped (no track is called `{unknown}`)")),
            (None, None) => Err("dropped".to_owned()),
        };
        let program = (!part.is_drum).then_some(part.program);
        PartRow { name: part.name.clone(), program, notes: part.notes, track }
    }

    /// The first folder below the root, or the root where there is none; of several roots the root.
    fn set_of(&self, place: &Place) -> String {
        let steps = place.steps();
        let name = match steps.as_slice() {
            [first, _, ..] if !self.several && !is_archive_root(place) => first.clone(),
            _ => place.root_name(),
        };
        without_archive_endings(&name).to_owned()
    }

    fn group_of(&self, place: &Place) -> String {
        let song = song_of(place);
        match &self.config.set.group {
            Group::Song => song,
            Group::Folder => {
                song.rsplit_once('/').map_or_else(|| place.root_name(), |(folder, _)| folder.to_owned())
            }
            Group::Before(separator) => {
                let name = song.rsplit('/').next().unwrap_or_default();
                name.split(separator.as_str()).next().unwrap_or_default().to_owned()
            }
        }
    }
}

/// A repair in words.
fn said(repair: &SongRepair) -> String {
    let s = |count: usize| if count == 1 { "" } else { "s" };
    match *repair {
        SongRepair::Downbeat { bar, beats } => {
            format!("bars begin {beats} beat{} later than written, from bar {} on", s(beats), bar + 1)
        }
        SongRepair::Folded { notes } => {
            format!("{notes} note{} moved by octaves into the range of pitches", s(notes))
        }
        SongRepair::Outside { notes } => {
            format!("{notes} note{} outside the range of pitches left out", s(notes))
        }
    }
}

/// The song's id in LPD, or its path below the root without the extension.
fn song_of(place: &Place) -> String {
    song_id(place).unwrap_or_else(|| {
        let mut steps = place.steps();
        let file = steps.pop().map(|file| stem(&file).to_owned());
        steps.into_iter().chain(file).collect::<Vec<_>>().join("/")
    })
}

/// Songs of an array of phrases, numbered by their neighbourhood.
pub(super) fn song_in_array(song: &str, phrase: usize) -> String {
    format!("{song}#{}", phrase / SONG_OF_ARRAY)
}

/// Whether the root itself is an archive: its members lie below it, but it is a file.
fn is_archive_root(place: &Place) -> bool {
    without_archive_endings(&place.root_name()).len() < place.root_name().len()
}

fn without_archive_endings(name: &str) -> &str {
    [".tar.gz", ".tgz", ".tar", ".zip"]
        .into_iter()
        .find_map(|ending| name.strip_suffix(ending))
        .filter(|name| !name.is_empty())
        .unwrap_or(name)
}

/// What is found, until nothing is any more or it is to stop.
struct Waiting<'c> {
    receiver: Receiver<(u64, Found)>,
    cancel: &'c Cancel,
}

impl Iterator for Waiting<'_> {
    type Item = (u64, Found);

    fn next(&mut self) -> Option<Self::Item> {
        if self.cancel.is_raised() { None } else { self.receiver.recv().ok() }
    }
}

/// How far it is.
#[derive(Default)]
struct Bytes {
    all: u64,
    read: AtomicU64,
    found: AtomicU64,
}

impl Bytes {
    /// How many files there will be, archives' members among them: as many more as bytes are left.
    fn estimate(&self, done: u64) -> u64 {
        let (read, found) = (self.read.load(Ordering::Relaxed), self.found.load(Ordering::Relaxed));
        let share = read as f64 / self.all.max(1) as f64;
        let all = if share > 0.0 { (found as f64 / share) as u64 } else { found };
        all.max(found).max(done + 1)
    }
}
