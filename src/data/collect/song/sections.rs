//! The stretches of a song that are in 4/4, and how fast they are.

use crate::midi::Score;
use crate::music::Meter;

/// Most bars of a song that are looked at; at 120 beats a minute more than two hours.
pub(super) const MOST_BARS: usize = 4096;

/// A stretch of one meter that begins on a bar line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section {
    /// Tick of its first bar line.
    pub start: u64,
    /// Tick at which the next section begins, or at which the last note has ended.
    pub end: u64,
    /// Number of its first bar in the song.
    pub first_bar: usize,
    /// Bars, one that is cut short included.
    pub bars: usize,
    /// Whether its bars last four quarter notes: 4/4, and what lasts as long, such as 2/2.
    pub is_common: bool,
    /// Whether it is the song's last.
    pub is_last: bool,
}

/// The sections of a song whose last note ends at tick `end`, in order. A meter that is repeated on a
/// bar line changes nothing.
pub(super) fn sections(score: &Score, end: u64) -> Vec<Section> {
    let beat = score.division.ticks_per_beat();
    let mut meters: Vec<(u64, Meter)> = vec![(0, Meter::COMMON)];
    for &(tick, meter) in score.meters.iter().filter(|(tick, _)| *tick < end) {
        match meters.last_mut() {
            Some(last) if last.0 >= tick => last.1 = meter,
            Some(&mut (since, before)) => {
                let bars = (tick - since) as f64 / (before.quarters() * beat);
                if before.quarters() != meter.quarters() || bars.fract() != 0.0 {
                    meters.push((tick, meter));
                }
            }
            None => {}
        }
    }
    let ends = meters.iter().skip(1).map(|(tick, _)| *tick).chain([end]);
    let mut first_bar = 0;
    let mut sections = Vec::new();
    for (&(start, meter), end) in meters.iter().zip(ends) {
        // A release some ticks late is no new bar.
        let slack = if end < u64::MAX { beat / 24.0 } else { 0.0 };
        let length = end.saturating_sub(start) as f64;
        let bars = ((length - slack) / (meter.quarters() * beat)).ceil().max(0.0) as usize;
        sections.push(Section {
            start,
            end,
            first_bar,
            bars,
            is_common: meter.quarters() == 4.0,
            is_last: false,
        });
        first_bar += bars;
    }
    if let Some(last) = sections.last_mut() {
        last.is_last = true;
    }
    sections
}

/// Seconds and tempos by tick.
pub(super) struct Clock {
    /// Tick, seconds at that tick, seconds per tick from there.
    points: Vec<(u64, f64, f64)>,
    beat: f64,
}

impl Clock {
    pub fn new(score: &Score) -> Self {
        let beat = score.division.ticks_per_beat();
        let mut points: Vec<(u64, f64, f64)> = Vec::new();
        let fixed = matches!(score.division, crate::midi::Division::Timecode { .. });
        for change in &score.tempos {
            let micros = if fixed { 500_000 } else { change.micros };
            let pace = f64::from(micros.max(1)) / 1e6 / beat;
            let seconds = points.last().map_or(0.0, |&(tick, seconds, pace)| {
                seconds + change.tick.saturating_sub(tick) as f64 * pace
            });
            points.push((change.tick, seconds, pace));
        }
        if points.is_empty() {
            points.push((0, 0.0, 0.5 / beat));
        }
        Self { points, beat }
    }

    /// Beats per minute on average from tick `start` to tick `end`.
    pub fn tempo(&self, start: f64, end: f64) -> f64 {
        (end - start) / self.beat * 60.0 / (self.seconds(end) - self.seconds(start)).max(f64::MIN_POSITIVE)
    }

    /// The tempo that lasts longest up to tick `end`.
    pub fn main_tempo(&self, end: u64) -> f64 {
        let ends = self.points.iter().skip(1).map(|point| point.0).chain([end]);
        let mut lasts: Vec<(u64, u64)> = Vec::new();
        for (&(tick, _, pace), until) in self.points.iter().zip(ends) {
            lasts.push((pace.to_bits(), until.min(end).saturating_sub(tick)));
        }
        lasts.sort_unstable();
        let mut best = (0u64, self.points[0].2);
        for same in lasts.chunk_by(|a, b| a.0 == b.0) {
            let ticks = same.iter().map(|(_, ticks)| ticks).sum();
            if ticks > best.0 {
                best = (ticks, f64::from_bits(same[0].0));
            }
        }
        60.0 / (best.1 * self.beat)
    }

    fn seconds(&self, tick: f64) -> f64 {
        let after = self.points.partition_point(|point| point.0 as f64 <= tick);
        let (from, seconds, pace) = self.points[after.max(1) - 1];
        seconds + (tick - from as f64) * pace
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::song;
    use super::*;
    use crate::midi::TempoChange;
    use crate::music::Tempo;

    fn meters(changes: &[(u64, u8, u8)], end: u64) -> Vec<(u64, usize, usize, bool)> {
        let mut score = song();
        score.meters = changes.iter().map(|&(at, n, d)| (at, Meter::new(n, d).unwrap())).collect();
        let said = |s: Section| (s.start, s.first_bar, s.bars, s.is_common);
        sections(&score, end).into_iter().map(said).collect()
    }

    #[test]
    fn a_song_without_a_meter_is_in_four_four() {
        assert_eq!(meters(&[], 3 * 1920), [(0, 0, 3, true)]);
        assert_eq!(meters(&[], 3 * 1920 + 5), [(0, 0, 3, true)], "a late release is no new bar");
        assert_eq!(meters(&[], 3 * 1920 + 100), [(0, 0, 4, true)]);
    }

    #[test]
    fn a_mixed_song_has_a_section_for_each_meter() {
        let mixed = [(0, 4, 4), (3840, 3, 4), (3840 + 2880, 4, 4)];
        let expected = [(0, 0, 2, true), (3840, 2, 2, false), (6720, 4, 1, true)];
        assert_eq!(meters(&mixed, 6720 + 1920), expected);
    }

    #[test]
    fn a_meter_that_is_repeated_on_a_bar_line_changes_nothing() {
        assert_eq!(meters(&[(0, 4, 4), (1920, 4, 4), (3840, 2, 2)], 7680), [(0, 0, 4, true)]);
        // In the middle of a bar it begins a new one.
        assert_eq!(meters(&[(0, 4, 4), (960, 4, 4)], 2880), [(0, 0, 1, true), (960, 1, 1, true)]);
    }

    #[test]
    fn a_first_meter_at_the_beginning_counts_and_the_last_of_two_at_one_tick_too() {
        assert_eq!(meters(&[(0, 3, 4), (0, 6, 8)], 2880), [(0, 0, 2, false)]);
    }

    #[test]
    fn tempos_are_averages_over_the_time_they_last() {
        let mut score = song();
        let change = |tick, micros| TempoChange { tick, micros, tempo: Tempo::default() };
        score.tempos = vec![change(0, 500_000), change(1920, 1_000_000)];
        let clock = Clock::new(&score);
        assert_eq!(clock.tempo(0.0, 1920.0), 120.0);
        assert_eq!(clock.tempo(1920.0, 3840.0), 60.0);
        assert_eq!(clock.tempo(0.0, 3840.0), 80.0, "8 beats in 6 seconds");
        assert_eq!((clock.main_tempo(3000), clock.main_tempo(5000)), (120.0, 60.0));
    }
}
