//! The last release's measures, which are taken over a whole batch at once, not bar by bar.
//!
//! Its sums are whole numbers and add up over phrases, so a batch may be counted in parts.

use std::ops::Range;

use super::TrackMetrics;
use super::bar::{PHASES, Rule};
use crate::music::{Cells, LOWEST_PITCH, MODEL_PITCHES};

/// What is counted of one track over all bars of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct BatchSums {
    bars: u64,
    sounding_bars: u64,
    steps: u64,
    polyphonic: u64,
    cells: u64,
    /// Bands of seven pitches that sound in a step, over all steps.
    bands: u64,
    in_scale: u64,
    /// Runs of cells inside a phrase.
    runs: u64,
    qualified: u64,
    /// Whether the lowest cell of the first step of the batch sounds: its run is left out of the number of
    /// all, as its place is 0 and places other than 0 are counted.
    begins_at_zero: bool,
    /// Runs of cells inside a bar, a bar's first cells included.
    notes: u64,
    /// Cells by their step's place in a sixteenth.
    by_phase: [u64; PHASES],
}

impl BatchSums {
    /// A phrase, or a single bar: the steps between each two neighbouring `lines`.
    pub(super) fn of(rule: &Rule, cells: Cells, lines: &[usize]) -> Self {
        let mut sums = Self { bars: lines.len() as u64 - 1, ..Self::default() };
        for line in lines.windows(2) {
            sums.count_bar(rule, cells, line[0]..line[1]);
        }
        let all = cells.sounding.len();
        let (from, to) = (lines[0].min(all), lines[lines.len() - 1].min(all));
        sums.count_runs(&cells.sounding[from..to], rule.min_note);
        sums
    }

    fn count_bar(&mut self, rule: &Rule, cells: Cells, bar: Range<usize>) {
        let end = bar.end.min(cells.sounding.len());
        let start = bar.start.min(end);
        self.steps += bar.len() as u64;
        let phases = rule.drum_weights().len().max(1);
        let sounding = &cells.sounding[start..end];
        let (mut before, mut step) = (0, 0);
        for run in sounding.chunk_by(|a, b| a == b) {
            let (sounds, length) = (run[0], run.len() as u64);
            self.notes += u64::from((sounds & !before).count_ones());
            before = sounds;
            if sounds != 0 {
                let count = u64::from(sounds.count_ones());
                self.cells += count * length;
                self.bands += u64::from(rule.fold.classes(sounds)) * length;
                self.in_scale += u64::from((sounds & rule.scale).count_ones()) * length;
                self.polyphonic += if sounds.count_ones() >= rule.min_pitches { length } else { 0 };
                (step..step + run.len()).for_each(|step| self.by_phase[step % phases] += count);
            }
            step += run.len();
        }
        self.sounding_bars += u64::from(sounding.iter().any(|set| *set != 0));
    }

    /// The program lists where cells begin and where they end, each list in order of step and then pitch,
    /// and takes the distance of the first two, the second two …, for the lengths of the notes.
    fn count_runs(&mut self, sounding: &[u128], min_note: usize) {
        let place =
            |step: usize, pitch: u8| step * MODEL_PITCHES + usize::from(pitch.saturating_sub(LOWEST_PITCH));
        let (mut begins, mut ends) = (Vec::new(), Vec::new());
        let mut before = 0;
        for (step, sounds) in sounding.iter().chain([&0]).enumerate() {
            begins.extend(crate::music::pitches_of(sounds & !before).map(|pitch| place(step, pitch)));
            ends.extend(crate::music::pitches_of(before & !sounds).map(|pitch| place(step, pitch)));
            before = *sounds;
        }
        self.runs = begins.len() as u64;
        self.begins_at_zero = begins.first() == Some(&0);
        self.qualified =
            begins.iter().zip(&ends).filter(|(begin, end)| *end - *begin >= min_note).count() as u64;
    }

    /// Adds the sums of what comes after.
    pub(super) fn merge(&mut self, next: &Self) {
        if self.bars == 0 {
            self.begins_at_zero = next.begins_at_zero;
        }
        self.bars += next.bars;
        self.sounding_bars += next.sounding_bars;
        self.steps += next.steps;
        self.polyphonic += next.polyphonic;
        self.cells += next.cells;
        self.bands += next.bands;
        self.in_scale += next.in_scale;
        self.runs += next.runs;
        self.qualified += next.qualified;
        self.notes += next.notes;
        self.by_phase.iter_mut().zip(next.by_phase).for_each(|(sum, more)| *sum += more);
    }

    /// What the program says of the batch.
    pub(super) fn finish(&self, rule: &Rule, is_drum: bool) -> TrackMetrics {
        let share = |count: u64, of: u64| (of > 0).then(|| count as f64 / of as f64);
        let weights = rule.drum_weights();
        let weighed: f64 =
            weights.iter().zip(self.by_phase).map(|(weight, cells)| weight * cells as f64).sum();
        let pattern = if self.cells == 0 { 0.0 } else { weighed / self.cells as f64 };
        let has_pattern = is_drum && !weights.is_empty() && self.bars > 0;
        TrackMetrics {
            empty_bar_rate: share(self.sounding_bars, self.bars),
            notes: share(self.notes, self.sounding_bars),
            pitches: share(self.cells, self.bars).map(f64::trunc),
            pitch_classes: share(self.bands, self.bars).map(f64::trunc),
            qualified_note_rate: share(self.qualified, self.runs - u64::from(self.begins_at_zero)),
            polyphonic_rate: share(self.polyphonic, self.steps),
            in_scale_rate: share(self.in_scale, self.cells),
            drum_pattern_rate: has_pattern.then_some(pattern),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{MetricFamily, Options};
    use crate::music::{Pianoroll, Resolution};

    fn sums(planes: &[Vec<u128>]) -> TrackMetrics {
        let rule = Rule::new(&Options::of(MetricFamily::PaperSrc), Resolution::MODEL);
        let mut all = BatchSums::default();
        for plane in planes {
            let roll = Pianoroll::from_sounding(plane.clone());
            all.merge(&BatchSums::of(&rule, roll.cells(), &[0, 48]));
        }
        all.finish(&rule, true)
    }

    #[test]
    fn a_batch_counted_by_hand() {
        // C1 and C2 for two steps, then a bar of silence: 4 cells in 2 bars, 2 bands a step.
        let bar = [vec![1 << 24 | 1 << 36; 2], vec![0; 46]].concat();
        let both = sums(&[bar.clone(), vec![0; 48]]);
        assert_eq!(
            (both.empty_bar_rate, both.pitches, both.pitch_classes),
            (Some(0.5), Some(2.0), Some(2.0))
        );
        // Two runs, of which the one that begins at place 0 is not counted below the line.
        assert_eq!(both.qualified_note_rate, Some(2.0));
        assert_eq!(sums(&[vec![0; 48], bar]).qualified_note_rate, Some(1.0));
        // Two cells on the grid, two beside it.
        assert!((both.drum_pattern_rate.unwrap() - 2.2 / 4.0).abs() < 1e-12);
        assert_eq!(both.polyphonic_rate, Some(0.0));
    }

    #[test]
    fn of_silence_shares_of_notes_are_undefined_and_the_pattern_is_zero() {
        let silent = sums(&[vec![0; 48]]);
        assert_eq!((silent.empty_bar_rate, silent.pitches), (Some(0.0), Some(0.0)));
        assert_eq!((silent.qualified_note_rate, silent.in_scale_rate), (None, None));
        assert_eq!((silent.drum_pattern_rate, silent.polyphonic_rate), (Some(0.0), Some(0.0)));
        // A single run at place 0 is divided by nothing.
        let alone = [vec![1 << 24], vec![0; 47]].concat();
        assert_eq!(sums(&[alone]).qualified_note_rate, None);
    }
}
