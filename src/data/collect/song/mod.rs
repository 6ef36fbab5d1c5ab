//! One song to phrases: from the notes of a MIDI file to cells on a grid, with an account of what was
//! used, repaired and lost.
//!
//! The steps, each in its own file: parts go to named tracks (`tracks`), the song is cut into sections
//! of 4/4 (`sections`), notes go to a grid (`grid`) whose first downbeat is found (`downbeat`), sections
//! are cut into phrases at structural boundaries (`structure`), each phrase is moved to C major or
//! A minor (`key`), becomes cells (`cells`), and has to pass the filters and be unlike the song's
//! phrases before it (`similar`).
//!
//! Depends on `base`, `music` and `midi`. Everything is a function of the score and the options: no
//! randomness, no clock, no files.

mod cells;
mod downbeat;
mod filters;
#[cfg(test)]
mod fixture;
mod grid;
mod key;
mod options;
mod outcome;
mod sections;
mod similar;
mod structure;
mod tracks;

pub use key::Key;
pub use options::{Downbeat, KeyRule, Limits, OptionsError, Segments, SongOptions};
pub use outcome::{Candidate, Loss, PartUse, Reason, SongPhrases, SongRepair};
pub use similar::Sixteenths;
pub use tracks::{PartInfo, Programs, TrackRule};

use cells::Moved;
use grid::Grid;
use sections::{Clock, MOST_BARS, Section};
use structure::Bars;

use crate::midi::{Score, ScoreNote};

/// Where a part of a song goes: the name of one of [`SongOptions::tracks`], or `None` to leave it out.
/// Used instead of the tracks' own programs.
pub type PartTable<'a> = dyn Fn(&PartInfo) -> Option<String> + Sync + 'a;

/// The phrases of one song. `table` overrides which part goes to which track; without it the programs
/// of [`SongOptions::tracks`] do. Never fails: a song without a usable phrase says why in
/// [`SongPhrases::lost`].
///
/// `options` must have passed [`SongOptions::check`].
pub fn phrases(score: &Score, options: &SongOptions, table: Option<&PartTable>) -> SongPhrases {
    let (tracks, parts) = tracks::merge(score, options, table);
    let mut song = SongPhrases { parts, ..SongPhrases::default() };
    let Some(end) = tracks.iter().flatten().map(|note| note.end).max() else {
        song.lost.push(Loss { reason: Reason::NoNotes, count: 1, bars: 0 });
        return song;
    };
    let clock = Clock::new(score);
    song.tempo = clock.main_tempo(end);
    song.key = Key::of(&key::durations_in_ticks(&tracks, options));
    let beat = score.division.ticks_per_beat();
    let mut plan = Plan { options, clock, beat, song, grids: Vec::new(), places: Vec::new() };
    for section in sections::sections(score, end) {
        plan.song.bars += section.bars;
        plan.section(&tracks, &section);
    }
    plan.make()
}

/// Where the phrases of a song are.
struct Plan<'a> {
    options: &'a SongOptions,
    clock: Clock,
    /// Ticks of a beat.
    beat: f64,
    song: SongPhrases,
    /// The sections that have phrases.
    grids: Vec<Grid>,
    places: Vec<Place>,
}

/// Where a phrase is.
struct Place {
    /// Index of the section's grid.
    grid: usize,
    /// First bar in the section.
    bar: usize,
    /// First bar in the song.
    number: usize,
    /// Beats per minute.
    tempo: f64,
}

impl Plan<'_> {
    /// Plans the phrases of a section.
    fn section(&mut self, tracks: &[Vec<ScoreNote>], section: &Section) {
        if !section.is_common {
            return self.song.lose(Reason::Meter, section.bars);
        }
        let most = MOST_BARS.saturating_sub(section.first_bar).min(section.bars);
        if most < section.bars {
            self.song.lose(Reason::TooLong, section.bars - most);
        }
        if most == 0 {
            return;
        }
        let mut grid = Grid::new(tracks, section, most, self.beat, self.options);
        let mut start = section.start as f64;
        let beats = match self.options.downbeat {
            Downbeat::Detect => downbeat::phase(&grid, self.options),
            Downbeat::Written => 0,
        };
        if beats > 0 {
            grid = grid.starting_at(beats);
            start += beats as f64 * self.beat;
            self.song.repairs.push(SongRepair::Downbeat { bar: section.first_bar, beats });
        }
        // The song may end within a bar; a bar that another meter cuts is none.
        let whole = if section.is_last { grid.steps.div_ceil(grid.bar()) } else { grid.steps / grid.bar() };
        let whole = (whole as usize).min(most);
        // A later beginning costs a bar, unless the last one lasts long enough to make up for it.
        let pickup = (most - whole).min(usize::from(beats > 0));
        self.song.lose(Reason::Pickup, pickup);
        self.song.lose(Reason::Remainder, most - whole - pickup);

        let hop = self.options.hop.unwrap_or(self.options.bars);
        let segments = match self.options.segments {
            Segments::Every => std::iter::once(0..whole).collect(),
            Segments::Structure => {
                let bars = Bars::of(&grid, whole, self.options);
                let segments = bars.segments(self.options);
                let used: usize = segments.iter().map(ExactSizeIterator::len).sum();
                self.song.lose(Reason::SilentBars, whole - used);
                segments
            }
        };
        for segment in segments {
            let mut rest = segment.start;
            for bar in segment.clone().step_by(hop).take_while(|bar| bar + self.options.bars <= segment.end) {
                let ticks = |bar: usize| start + (bar * 4) as f64 * self.beat;
                let tempo = self.clock.tempo(ticks(bar), ticks(bar + self.options.bars));
                let number = section.first_bar + bar;
                self.places.push(Place { grid: self.grids.len(), bar, number, tempo });
                rest = bar + self.options.bars;
            }
            self.song.lose(Reason::Remainder, segment.end - rest);
        }
        self.grids.push(grid);
    }

    /// Makes the phrases and keeps those that pass.
    fn make(self) -> SongPhrases {
        let Self { options, mut song, grids, places, .. } = self;
        let durations: Vec<_> =
            places.iter().map(|place| key::durations(&grids[place.grid], place.bar, options)).collect();
        let keys = key::path(&durations);
        let mut kept = Moved::default();
        // What the phrases that are kept are compared by.
        let mut seen: Vec<Sixteenths> = Vec::new();
        for (place, key) in places.iter().zip(keys) {
            let transposed = match (options.key, key) {
                (KeyRule::C, Some(key)) => key.to_c(),
                _ => 0,
            };
            let mut moved = Moved::default();
            let cells = cells::cells(&grids[place.grid], place.bar, transposed, options, &mut moved);
            let like = Sixteenths::of(&cells, options);
            let refused = filters::refuse(&cells, place.tempo, options)
                .or_else(|| similar::refuse(&cells, &like, (&song.phrases, &seen), options.near));
            if let Some(reason) = refused {
                song.lose(reason, options.bars);
                continue;
            }
            seen.push(like);
            kept.folded += moved.folded;
            kept.outside += moved.outside;
            let key = key.map(|key| key.moved(transposed));
            song.phrases.push(Candidate { cells, bar: place.number, key, transposed, tempo: place.tempo });
        }
        song.repairs.extend((kept.folded > 0).then_some(SongRepair::Folded { notes: kept.folded }));
        song.repairs.extend((kept.outside > 0).then_some(SongRepair::Outside { notes: kept.outside }));
        song.lost.sort_by_key(|loss| loss.reason);
        song
    }
}

#[cfg(test)]
mod tests;
