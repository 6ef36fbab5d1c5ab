//! Where a section of a song is cut into phrases.
//!
//! Structural boundaries are peaks of novelty: a checkerboard kernel along the diagonal of the
//! similarity of bars (Foote 2000), whose features are the pitch classes and the rhythm of each track.

use std::ops::Range;

use super::SongOptions;
use super::grid::Grid;

/// Places in a bar at which rhythm is compared.
const PLACES: usize = 16;
/// Numbers that describe a track in a bar: pitch classes and places.
const TRACK: usize = 12 + PLACES;
/// Bars on either side of a boundary that are compared.
const REACH: usize = 8;
/// Least novelty of a boundary: of 1, where both sides are all alike and nothing like each other.
const LEAST: f64 = 0.1;

/// What a bar is like.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bars {
    /// For each bar the description of its tracks, of length 1; zero where it is silent.
    features: Vec<Vec<f32>>,
    /// For each bar whether nothing sounds.
    pub silent: Vec<bool>,
}

impl Bars {
    /// The bars of a grid.
    pub fn of(grid: &Grid, bars: usize, options: &SongOptions) -> Self {
        let mut features = vec![vec![0f32; TRACK * grid.tracks.len()]; bars];
        let mut silent = vec![true; bars];
        let length = grid.bar();
        for (track, notes) in grid.tracks.iter().enumerate() {
            let is_drums = options.tracks[track].is_drums();
            for note in notes {
                let bar = (note.start / length) as usize;
                if bar >= bars {
                    break;
                }
                let place = (note.start % length) as usize * PLACES / length as usize;
                features[bar][track * TRACK + 12 + place] += 1.0;
                let end = if is_drums && options.drum_onsets { note.start + 1 } else { note.end };
                let last = (((end - 1) / length) as usize).min(bars - 1);
                for bar in bar..=last {
                    silent[bar] = false;
                    let from = note.start.max(bar as u32 * length);
                    let till = end.min((bar as u32 + 1) * length);
                    features[bar][track * TRACK + usize::from(note.pitch % 12)] += (till - from) as f32;
                }
            }
        }
        for bar in &mut features {
            // Harmony and rhythm of each track weigh alike, and so does a track that plays little.
            for track in bar.chunks_mut(TRACK) {
                let (harmony, rhythm) = track.split_at_mut(12);
                to_length_one(harmony);
                to_length_one(rhythm);
            }
            to_length_one(bar);
        }
        Self { features, silent }
    }

    /// How alike two bars are, 0 to 1. Two silent bars are alike.
    fn similarity(&self, a: usize, b: usize) -> f64 {
        if self.silent[a] || self.silent[b] {
            return f64::from(u8::from(self.silent[a] == self.silent[b]));
        }
        f64::from(self.features[a].iter().zip(&self.features[b]).map(|(a, b)| a * b).sum::<f32>())
    }

    /// For each bar line from the first bar's on how unlike the bars before and after it are, -1 to 1:
    /// the mean similarity within either side less that across, bars near the line weighing more. Not
    /// positive where a side has no two bars.
    fn novelty(&self) -> Vec<f64> {
        let bars = self.features.len();
        // Similarities of bars less than two reaches apart, once.
        let width = 2 * REACH;
        let near = |a: usize| (0..width).map(move |apart| (a, a + apart));
        let band: Vec<f64> = (0..bars)
            .flat_map(near)
            .map(|(a, b)| if b < bars { self.similarity(a, b) } else { 0.0 })
            .collect();
        let similarity = |a: usize, b: usize| band[a.min(b) * width + a.abs_diff(b)];
        let weight = |line: usize, bar: usize| {
            let middle = (bar as f64 + 0.5 - line as f64) / REACH as f64;
            (-2.0 * middle * middle).exp()
        };
        let at = |line: usize| {
            let (low, high) = (line.saturating_sub(REACH), (line + REACH).min(bars));
            if line < low + 2 || line + 2 > high {
                return 0.0;
            }
            let (mut within, mut across) = ((0.0, 0.0), (0.0, 0.0));
            for a in low..high {
                for b in a + 1..high {
                    let weight = weight(line, a) * weight(line, b);
                    let sum = if (a < line) == (b < line) { &mut within } else { &mut across };
                    *sum = (sum.0 + weight * similarity(a, b), sum.1 + weight);
                }
            }
            within.0 / within.1 - across.0 / across.1
        };
        (0..bars).map(at).collect()
    }

    /// Bars at which a new part of the song begins, 0 among them; at least `apart` bars apart.
    /// Boundaries that fit whole phrases of `apart` bars are preferred: others have to stand out twice
    /// as much.
    fn boundaries(&self, apart: usize) -> Vec<usize> {
        let novelty = self.novelty();
        let count = novelty.len().max(1) as f64;
        let mean = novelty.iter().sum::<f64>() / count;
        let spread = (novelty.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / count).sqrt();
        let is_peak = |bar: usize| {
            let around = bar.saturating_sub(apart - 1)..(bar + apart).min(novelty.len());
            around.clone().all(|other| {
                novelty[other] < novelty[bar] || (novelty[other] == novelty[bar] && other >= bar)
            })
        };
        let mut boundaries = vec![0];
        for (bar, &height) in novelty.iter().enumerate().skip(apart) {
            let last = boundaries.last().copied().unwrap_or(0);
            let whole = (bar - last).is_multiple_of(apart);
            let least = (mean + spread * if whole { 1.0 } else { 2.0 }).max(LEAST);
            if bar - last >= apart && height > least && is_peak(bar) {
                boundaries.push(bar);
            }
        }
        boundaries
    }

    /// Stretches of bars to be cut into phrases: between boundaries, without silent bars.
    pub fn segments(&self, options: &SongOptions) -> Vec<Range<usize>> {
        let bars = self.features.len();
        let mut segments = Vec::new();
        let mut starts = self.boundaries(options.bars);
        starts.push(bars);
        for part in starts.windows(2) {
            if options.empty_bars > 0 {
                segments.push(part[0]..part[1]);
                continue;
            }
            let mut from = part[0];
            for bar in part[0]..=part[1] {
                if bar == part[1] || self.silent[bar] {
                    if from < bar {
                        segments.push(from..bar);
                    }
                    from = bar + 1;
                }
            }
        }
        segments
    }
}

fn to_length_one(values: &mut [f32]) {
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        values.iter_mut().for_each(|value| *value /= length);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{BAR, beat, chords, note, options};
    use super::super::sections::Section;
    use super::*;
    use crate::midi::ScoreNote;

    fn bars(tracks: &[Vec<ScoreNote>], bars: usize) -> Bars {
        let section =
            Section { start: 0, end: bars as u64 * BAR, first_bar: 0, bars, is_common: true, is_last: true };
        Bars::of(&Grid::new(tracks, &section, bars, 480.0, &options()), bars, &options())
    }

    /// A verse of piano chords, then from some bar on a chorus of drums, guitar and strings a tritone away.
    fn verse_and_chorus(verse: u64, end: u64) -> [Vec<ScoreNote>; 5] {
        let [piano, bass] = chords(0..verse, 0, 0);
        let [guitar, strings] = chords(verse..end, 6, 0);
        [beat(verse..end, 0), piano, guitar, bass, strings]
    }

    #[test]
    fn a_part_that_sounds_different_begins_at_a_boundary() {
        assert_eq!(bars(&verse_and_chorus(12, 24), 24).segments(&options()), [0..12, 12..24]);
        assert_eq!(bars(&verse_and_chorus(10, 24), 24).segments(&options()), [0..10, 10..24]);
    }

    #[test]
    fn a_song_that_stays_the_same_is_one_segment() {
        let [piano, bass] = chords(0..32, 0, 0);
        let same = [beat(0..32, 0), piano, Vec::new(), bass, Vec::new()];
        assert_eq!(bars(&same, 32).segments(&options()), std::slice::from_ref(&(0..32)));
    }

    #[test]
    fn novelty_is_greatest_where_the_song_changes() {
        let novelty = bars(&verse_and_chorus(12, 24), 24).novelty();
        assert!(novelty[12] > 0.3, "{novelty:?}");
        assert!(novelty.iter().enumerate().all(|(bar, novelty_at)| bar == 12 || *novelty_at < novelty[12]));
    }

    #[test]
    fn silent_bars_part_segments_unless_they_are_allowed() {
        let [piano, bass] = chords(0..16, 0, 0);
        let rest = |notes: Vec<ScoreNote>| -> Vec<ScoreNote> {
            notes.into_iter().filter(|note| !(5 * BAR..6 * BAR).contains(&note.start)).collect()
        };
        let song = bars(&[Vec::new(), rest(piano), Vec::new(), rest(bass), Vec::new()], 16);
        assert!(song.silent[5] && !song.silent[4]);
        assert_eq!(song.segments(&options()), [0..5, 6..16]);
        let allowed = SongOptions { empty_bars: 1, ..options() };
        assert!(song.segments(&allowed).iter().any(|segment| segment.contains(&5)));
    }

    #[test]
    fn a_held_note_is_no_silence() {
        let held = vec![note(0, 4 * BAR, 60)];
        let song = bars(&[Vec::new(), held, Vec::new(), Vec::new(), Vec::new()], 5);
        assert_eq!(song.silent, [false, false, false, false, true]);
    }
}
