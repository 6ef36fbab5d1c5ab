//! What a set looks like: counts and small charts.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Dataset;
use crate::data::DataError;
use crate::music::{Pitch, pitches_of};
use crate::npz::{PhraseCells, PhraseLayout, PhraseSource};
use crate::view::terminal::{bars, sparkline};

/// Counts over a set.
#[derive(Clone, Debug, PartialEq)]
pub struct Portrait {
    /// Number of phrases.
    pub phrases: usize,
    /// Number of songs that are known.
    pub songs: usize,
    /// Phrases of each set that is known, in alphabetical order.
    pub sets: Vec<(String, usize)>,
    /// Phrases in each key that is known, the most frequent first.
    pub keys: Vec<(String, usize)>,
    /// Phrases with each tag, the most frequent first.
    pub tags: Vec<(String, usize)>,
    /// Tempos that are known, in quarter notes a minute, in rising order.
    pub tempos: Vec<f64>,
    /// Phrases in which 0, 1, 2… tracks sound.
    pub active_tracks: Vec<usize>,
    /// The tracks, in order.
    pub tracks: Vec<TrackPortrait>,
}

/// Counts of one track.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackPortrait {
    /// What it is called.
    pub name: String,
    /// Phrases in which it sounds.
    pub phrases: usize,
    /// Cells that sound, by MIDI pitch.
    pub pitches: Vec<u64>,
    /// Cells of the grid of all phrases.
    pub cells: u64,
}

impl TrackPortrait {
    /// Share of the cells that sound.
    pub fn density(&self) -> f64 {
        self.pitches.iter().sum::<u64>() as f64 / self.cells.max(1) as f64
    }

    /// The lowest and the highest pitch that sound.
    pub fn range(&self) -> Option<(Pitch, Pitch)> {
        let sounds = |count: &u64| *count > 0;
        let low = self.pitches.iter().position(sounds)?;
        let high = self.pitches.iter().rposition(sounds)?;
        Some((Pitch::new(low as i64).ok()?, Pitch::new(high as i64).ok()?))
    }
}

/// Counts of cells, as they are added up.
#[derive(Clone)]
struct Counts {
    active: Vec<usize>,
    sounding: Vec<usize>,
    pitches: Vec<Vec<u64>>,
}

impl Counts {
    fn none(layout: &PhraseLayout) -> Self {
        let tracks = layout.tracks().len();
        Self { active: vec![0; tracks + 1], sounding: vec![0; tracks], pitches: vec![vec![0; 128]; tracks] }
    }

    fn add(mut self, layout: &PhraseLayout, cells: &PhraseCells) -> Self {
        let mut active = 0;
        for (track, counts) in self.pitches.iter_mut().enumerate() {
            let mut any = 0;
            for set in cells.track(track) {
                any |= set;
                for pitch in pitches_of(*set) {
                    counts[usize::from(layout.lowest_pitch() + pitch)] += 1;
                }
            }
            self.sounding[track] += usize::from(any != 0);
            active += usize::from(any != 0);
        }
        self.active[active] += 1;
        self
    }

    fn merge(mut self, other: Self) -> Self {
        let add = |a: &mut [usize], b: &[usize]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.active, &other.active);
        add(&mut self.sounding, &other.sounding);
        for (own, other) in self.pitches.iter_mut().zip(other.pitches) {
            own.iter_mut().zip(other).for_each(|(a, b)| *a += b);
        }
        self
    }
}

impl Dataset {
    /// Counts over all phrases, each looked at once.
    ///
    /// # Errors
    /// [`DataError::Npz`] when a phrase cannot be read from its file.
    pub fn portrait(&self) -> Result<Portrait, DataError> {
        let layout = self.layout();
        let none = || Counts::none(layout);
        let counts = (0..self.len())
            .into_par_iter()
            .try_fold(none, |counts, i| Ok::<_, DataError>(counts.add(layout, &self.cells_of(i)?)))
            .try_reduce(none, |a, b| Ok(a.merge(b)))?;
        let infos: Vec<_> = (0..self.len()).filter_map(|i| self.info(i)).collect();
        let counted = |names: Vec<&String>| {
            let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
            names.into_iter().filter(|name| !name.is_empty()).for_each(|name| {
                *counts.entry(name).or_default() += 1;
            });
            counts.into_iter().map(|(name, count)| (name.clone(), count)).collect::<Vec<_>>()
        };
        let most_first = |mut counts: Vec<(String, usize)>| {
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            counts
        };
        let mut tempos: Vec<f64> = infos.iter().filter_map(|info| info.tempo).collect();
        tempos.sort_by(f64::total_cmp);
        let cells = (self.len() * layout.steps() * layout.pitches()) as u64;
        let tracks = layout.track_names().into_iter().zip(counts.sounding).zip(counts.pitches);
        let track = |((name, phrases), pitches)| TrackPortrait { name, phrases, pitches, cells };
        Ok(Portrait {
            phrases: self.len(),
            songs: self.songs().len(),
            sets: counted(infos.iter().map(|info| &info.set).collect()),
            keys: most_first(counted(infos.iter().map(|info| &info.key).collect())),
            tags: most_first(counted(infos.iter().flat_map(|info| &info.tags).collect())),
            tempos,
            active_tracks: counts.active,
            tracks: tracks.map(track).collect(),
        })
    }

    /// The portrait as text, `width` columns wide, without colour.
    ///
    /// # Errors
    /// As [`Self::portrait`].
    pub fn describe(&self, width: usize) -> Result<String, DataError> {
        let portrait = self.portrait()?;
        Ok(format!("{}\n{}", self.summary(), portrait.charts(self.layout(), width)))
    }

    /// A few lines: how many phrases of what, from where, and what was left out on the way.
    pub fn summary(&self) -> String {
        let count =
            |count: usize, thing: &str| format!("{count} {thing}{}", if count == 1 { "" } else { "s" });
        let mut lines = vec![format!("Dataset, {} of {}", count(self.len(), "phrase"), said(&self.layout))];
        let (songs, sets) = (self.songs(), self.sets());
        if !songs.is_empty() {
            let of = match sets.len() {
                0 => String::new(),
                1 => format!(" of the set {}", sets[0]),
                n => format!(" of {n} sets"),
            };
            lines.push(format!("  from {}{of}", count(songs.len(), "song")));
        }
        if self.is_streamed() {
            lines.push("  read from a file as they are asked for".to_owned());
        }
        if let Some(account) = self.account() {
            lines.push(format!("  out of {}", account.files()));
        }
        let rejected = self.rejections();
        if !rejected.is_empty() {
            let all = rejected.iter().map(|rejection| rejection.count).sum::<usize>();
            lines.push(format!("  left out: {}", count(all, "phrase")));
            let digits = all.to_string().len();
            lines.extend(rejected.iter().map(|r| format!("    {:>digits$}  {}", r.count, r.reason)));
        }
        lines.join("\n")
    }
}

/// "4 bars, 12 steps a beat, 84 pitches from C1; drums, piano".
pub(super) fn said(layout: &PhraseLayout) -> String {
    let lowest = Pitch::new(layout.lowest_pitch().into()).map(|pitch| format!(" from {pitch}"));
    format!(
        "{} bar{}, {} steps a beat, {} pitches{}; {}",
        layout.bars(),
        if layout.bars() == 1 { "" } else { "s" },
        layout.resolution().steps(),
        layout.pitches(),
        lowest.unwrap_or_default(),
        layout.track_names().join(", ")
    )
}

impl Portrait {
    /// The charts, one below the other.
    fn charts(&self, layout: &PhraseLayout, width: usize) -> String {
        /// Rows of a chart at most.
        const ROWS: usize = 8;
        let mut parts: Vec<String> = Vec::new();
        let chart = |title: &str, rows: &[(String, usize)]| {
            let shown: Vec<(&str, Option<f64>)> =
                rows.iter().take(ROWS).map(|(name, count)| (name.as_str(), Some(*count as f64))).collect();
            let more = rows.len().saturating_sub(ROWS);
            let more = if more > 0 { format!("\n… and {more} more") } else { String::new() };
            format!("{title}\n{}{more}", bars(&shown, width.min(60)))
        };
        for (title, rows) in
            [("phrases by set", &self.sets), ("phrases by key", &self.keys), ("phrases by tag", &self.tags)]
        {
            if !rows.is_empty() {
                parts.push(chart(title, rows));
            }
        }
        if let (Some(low), Some(high)) = (self.tempos.first(), self.tempos.last()) {
            let median = self.tempos[self.tempos.len() / 2];
            parts.push(format!(
                "tempo  {low:.0} to {high:.0}, half up to {median:.0}  {}",
                histogram(&self.tempos, *low, *high)
            ));
        }
        if self.phrases > 0 {
            let active: Vec<(String, usize)> =
                self.active_tracks.iter().enumerate().map(|(n, count)| (n.to_string(), *count)).collect();
            let first = active.iter().position(|(_, count)| *count > 0).unwrap_or(0);
            let last = active.iter().rposition(|(_, count)| *count > 0).unwrap_or(0);
            parts.push(chart("phrases by tracks that sound", &active[first..=last]));
            parts.push(self.track_table(layout));
        }
        parts.join("\n")
    }

    /// A line for each track: how often it sounds, how densely, and which pitches.
    fn track_table(&self, layout: &PhraseLayout) -> String {
        let names = self.tracks.iter().map(|track| track.name.chars().count()).max().unwrap_or(0).max(5);
        let mut lines = vec![format!("{:names$}  sounds  density  pitches", "track")];
        for track in &self.tracks {
            let range = track.range().map_or("–".to_owned(), |(low, high)| format!("{low}–{high}"));
            let low = usize::from(layout.lowest_pitch());
            let pitches = track.pitches[low..low + layout.pitches()].chunks(4);
            let sums: Vec<f32> = pitches.map(|four| four.iter().sum::<u64>() as f32).collect();
            let line = format!(
                "{:names$}  {:>5.1}%  {:>6.2}%  {range:<8}  {}",
                track.name,
                100.0 * track.phrases as f64 / self.phrases.max(1) as f64,
                100.0 * track.density(),
                if track.phrases > 0 { sparkline(&sums) } else { String::new() }
            );
            lines.push(line.trim_end().to_owned());
        }
        lines.join("\n")
    }
}

/// How often values lie in each of 24 equal parts of a range.
fn histogram(values: &[f64], low: f64, high: f64) -> String {
    const PARTS: usize = 24;
    let mut counts = [0.0f32; PARTS];
    for value in values {
        let share = if high > low { (value - low) / (high - low) } else { 0.0 };
        counts[((share * PARTS as f64) as usize).min(PARTS - 1)] += 1.0;
    }
    sparkline(&counts)
}
