//! The eight values of one bar of one track.

use std::ops::Range;

use super::{MetricFamily, Options, TrackMetrics};
use crate::music::{Cells, Resolution};

/// [`Options`] made ready for one resolution.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) family: MetricFamily,
    /// Steps per beat of what is measured.
    pub(super) resolution: Resolution,
    /// The pitches that count as one pitch class, C first.
    pub(super) fold: [u128; 12],
    min_note: usize,
    min_pitches: u32,
    /// Every pitch of the scale.
    scale: u128,
    /// Weight of an onset by its place in a sixteenth; `None` where the grid is not defined.
    drum_weights: Option<Vec<f64>>,
}

impl Rule {
    /// The rule for music of `resolution`, which [`MetricFamily::view`] brings to the rule's own.
    pub(super) fn new(options: &Options, resolution: Resolution) -> Self {
        let fold = options.family.fold();
        let resolution = options.family.resolution(resolution);
        let in_scale = |class: &usize| options.scale.classes() >> class & 1 == 1;
        Self {
            family: options.family,
            resolution,
            fold,
            min_note: options.min_note,
            min_pitches: options.min_pitches,
            scale: (0..12).filter(in_scale).fold(0, |set, class| set | fold[class]),
            drum_weights: drum_weights(resolution, options.drum_tolerance),
        }
    }

    /// The values of the bar that covers `steps`, which may end after the roll does.
    ///
    /// With the notes cut at the bar lines: `empty_bar_rate` is 1 when nothing sounds, else 0; then
    /// * `notes`: their number, from 1;
    /// * `pitches`, `pitch_classes`: how many different ones sound;
    /// * `qualified_note_rate`: share of notes at least `min_note` steps long;
    /// * `polyphonic_rate`: share of all steps of the bar with at least `min_pitches` pitches;
    /// * `in_scale_rate`: share of notes in the scale, of cells in the papers' families;
    /// * `drum_pattern_rate`: mean weight of the notes' onsets on the sixteenth grid, for drums only; in
    ///   the papers' families the best of it over all shifts of the grid.
    pub(super) fn measure(&self, cells: Cells, steps: Range<usize>, is_drum: bool) -> TrackMetrics {
        let end = steps.end.min(cells.sounding.len());
        let start = steps.start.min(end);
        let bar = Cells { sounding: &cells.sounding[start..end], onset: &cells.onset[start..end] };
        let used = bar.sounding.iter().fold(0, |all, set| all | set);
        if used == 0 {
            return TrackMetrics { empty_bar_rate: Some(1.0), ..TrackMetrics::default() };
        }
        let (mut notes, mut qualified, mut notes_in_scale, mut polyphonic) = (0, 0, 0, 0);
        let (mut sounding, mut sounding_in_scale) = (0, 0);
        let weights = self.drum_weights.as_deref().unwrap_or_default();
        let mut onsets_at = vec![0u32; weights.len()];
        for (step, sounds) in bar.sounding.iter().enumerate() {
            sounding += sounds.count_ones();
            sounding_in_scale += (sounds & self.scale).count_ones();
            if sounds.count_ones() >= self.min_pitches {
                polyphonic += 1;
            }
            let starts = starts_at(bar, step);
            if starts == 0 {
                continue;
            }
            notes += starts.count_ones();
            qualified += lasting(bar, step, starts, self.min_note).count_ones();
            notes_in_scale += (starts & self.scale).count_ones();
            if !weights.is_empty() {
                onsets_at[step % weights.len()] += starts.count_ones();
            }
        }
        let share = |count: u32, of: u32| f64::from(count) / f64::from(of);
        let classes = self.fold.iter().filter(|class| used & **class != 0).count();
        let is_paper = self.family.is_paper();
        let in_scale =
            if is_paper { share(sounding_in_scale, sounding) } else { share(notes_in_scale, notes) };
        let in_pattern = in_pattern(&onsets_at, weights, if is_paper { weights.len() } else { 1 });
        let measured = TrackMetrics {
            empty_bar_rate: Some(0.0),
            notes: Some(f64::from(notes)),
            pitches: Some(f64::from(used.count_ones())),
            pitch_classes: Some(classes as f64),
            qualified_note_rate: Some(share(qualified, notes)),
            polyphonic_rate: Some(f64::from(polyphonic) / steps.len() as f64),
            in_scale_rate: Some(in_scale),
            drum_pattern_rate: in_pattern.filter(|_| is_drum).map(|sum| sum / f64::from(notes)),
        };
        if is_drum && self.family == MetricFamily::Paper {
            let TrackMetrics { empty_bar_rate, notes, pitches, drum_pattern_rate, .. } = measured;
            return TrackMetrics {
                empty_bar_rate,
                notes,
                pitches,
                drum_pattern_rate,
                ..TrackMetrics::default()
            };
        }
        measured
    }
}

/// The largest sum of weights that onsets have when the grid is shifted by 0 up to `shifts` steps,
/// excluded; `None` where there is no grid.
fn in_pattern(onsets_at: &[u32], weights: &[f64], shifts: usize) -> Option<f64> {
    let sum = |shift: usize| -> f64 {
        let shifted = weights.iter().cycle().skip(shift);
        onsets_at.iter().zip(shifted).map(|(count, weight)| f64::from(*count) * weight).sum()
    };
    (0..shifts.min(weights.len())).map(sum).reduce(f64::max)
}

/// Notes that begin at a step of a bar; at the first, all that sounds.
fn starts_at(bar: Cells, step: usize) -> u128 {
    if step == 0 { bar.sounding[0] } else { bar.onset[step] }
}

/// Those of the notes `starts` at `step` that last `length` steps or more inside the bar.
fn lasting(bar: Cells, step: usize, starts: u128, length: usize) -> u128 {
    let Some(after) = step.checked_add(length).filter(|after| *after <= bar.sounding.len()) else {
        return 0;
    };
    (step + 1..after).fold(starts, |held, later| held & bar.sounding[later] & !bar.onset[later])
}

/// Weights within a sixteenth: 1 on the grid, `tolerance` on the neighbours, else 0. The grid is that
/// of 96 or 48 steps a bar in 4/4 (Dong et al. 2018), and undefined at other resolutions.
fn drum_weights(resolution: Resolution, tolerance: f64) -> Option<Vec<f64>> {
    match resolution.steps() {
        24 => Some(vec![1.0, tolerance, 0.0, 0.0, 0.0, tolerance]),
        12 => Some(vec![1.0, tolerance, tolerance]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Note, Pianoroll, Pitch, Scale};

    fn roll(steps: usize, notes: &[(usize, i64, usize)]) -> Pianoroll {
        let note = |&(start, pitch, end): &(usize, i64, usize)| Note {
            start,
            pitch: Pitch::new(pitch).unwrap(),
            end,
            velocity: 100,
        };
        Pianoroll::from_notes(steps, &notes.iter().map(note).collect::<Vec<_>>())
    }

    fn first_bar(roll: &Pianoroll, options: &Options, is_drum: bool) -> TrackMetrics {
        Rule::new(options, Resolution::MODEL).measure(roll.cells(), 0..48, is_drum)
    }

    #[test]
    fn a_bar_counted_by_hand() {
        // C4 for a beat, C5 with it for half a beat, then F#4 for one step.
        let roll = roll(48, &[(0, 60, 12), (0, 72, 6), (20, 66, 21)]);
        let bar = first_bar(&roll, &Options::default(), false);
        assert_eq!(bar.empty_bar_rate, Some(0.0));
        assert_eq!((bar.notes, bar.pitches, bar.pitch_classes), (Some(3.0), Some(3.0), Some(2.0)));
        assert_eq!(bar.qualified_note_rate, Some(2.0 / 3.0));
        assert_eq!(bar.polyphonic_rate, Some(6.0 / 48.0));
        assert_eq!(bar.in_scale_rate, Some(2.0 / 3.0));
        assert_eq!(bar.drum_pattern_rate, None);
    }

    #[test]
    fn a_silent_bar_has_no_value_but_its_emptiness() {
        let bar = first_bar(&Pianoroll::silent(48), &Options::default(), true);
        assert_eq!(bar, TrackMetrics { empty_bar_rate: Some(1.0), ..TrackMetrics::default() });
    }

    #[test]
    fn touching_notes_are_two_and_a_note_over_the_bar_line_begins_again() {
        let roll = roll(96, &[(10, 60, 11), (11, 60, 13), (46, 62, 49)]);
        let rule = Rule::new(&Options::default(), Resolution::MODEL);
        let bars = [0..48, 48..96].map(|steps| rule.measure(roll.cells(), steps, false));
        assert_eq!((bars[0].notes, bars[0].qualified_note_rate), (Some(3.0), Some(2.0 / 3.0)));
        // Only its last step lies in the second bar.
        assert_eq!((bars[1].notes, bars[1].qualified_note_rate), (Some(1.0), Some(0.0)));
    }

    #[test]
    fn thresholds_and_scale_are_the_callers() {
        let scale = Scale::from_name("D major").unwrap();
        let options = Options { min_note: 3, min_pitches: 3, scale, ..Options::default() };
        let roll = roll(48, &[(0, 60, 2), (0, 62, 3), (0, 66, 4)]);
        let bar = first_bar(&roll, &options, false);
        assert_eq!(bar.qualified_note_rate, Some(2.0 / 3.0));
        assert_eq!(bar.polyphonic_rate, Some(2.0 / 48.0));
        assert_eq!(bar.in_scale_rate, Some(2.0 / 3.0));
        let endless = Options { min_note: usize::MAX, ..Options::default() };
        assert_eq!(first_bar(&roll, &endless, false).qualified_note_rate, Some(0.0));
    }

    #[test]
    fn drums_off_the_sixteenths_weigh_the_tolerance() {
        // On the grid, one step late, one step early: (1 + 0.1 + 0.1) / 3.
        let roll = roll(48, &[(0, 36, 1), (4, 38, 5), (11, 42, 12)]);
        let rate = first_bar(&roll, &Options::default(), true).drum_pattern_rate.unwrap();
        assert!((rate - 0.4).abs() < 1e-12, "{rate}");
        let sixteen = Rule::new(&Options::default(), Resolution::new(16).unwrap());
        assert_eq!(sixteen.measure(roll.cells(), 0..48, true).drum_pattern_rate, None);
    }

    #[test]
    fn a_last_bar_that_the_roll_cuts_short_still_counts_whole() {
        let roll = roll(12, &[(0, 60, 12), (0, 64, 12)]);
        assert_eq!(first_bar(&roll, &Options::default(), false).polyphonic_rate, Some(0.25));
    }
}
