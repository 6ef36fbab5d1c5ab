//! The eight values of one bar of one track.

use std::ops::Range;

use super::batch::BatchSums;
use super::family::Fold;
use super::{MetricFamily, Options, TrackMetrics};
use crate::music::{Cells, Resolution};

/// [`Options`] made ready for one resolution.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) family: MetricFamily,
    /// Steps per beat of what is measured.
    pub(super) resolution: Resolution,
    /// The pitches that count as one pitch class, C first.
    pub(super) fold: Fold,
    pub(super) min_note: usize,
    pub(super) min_pitches: u32,
    /// Every pitch of the scale.
    pub(super) scale: u128,
    /// Weight of an onset by its place in a sixteenth; empty where the grid is not defined.
    drum_weights: Vec<f64>,
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
            min_note: options.min_note,
            min_pitches: options.min_pitches,
            scale: (0..12).filter(in_scale).fold(0, |set, class| set | fold.sets[class]),
            fold,
            drum_weights: drum_weights(resolution, options.drum_tolerance),
        }
    }

    /// Weight of an onset by its place in a sixteenth, at most [`PHASES`]; empty where there is no grid.
    pub(super) fn drum_weights(&self) -> &[f64] {
        &self.drum_weights
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
    ///
    /// In [`MetricFamily::PaperSrc`] the values of a batch of this one bar.
    pub(super) fn measure(&self, cells: Cells, steps: Range<usize>, is_drum: bool) -> TrackMetrics {
        if self.family == MetricFamily::PaperSrc {
            return BatchSums::of(self, cells, &[steps.start, steps.end]).finish(self, is_drum);
        }
        let end = steps.end.min(cells.sounding.len());
        let start = steps.start.min(end);
        let bar = Cells { sounding: &cells.sounding[start..end], onset: &cells.onset[start..end] };
        let counts = Counts::of(self, bar);
        if counts.used == 0 {
            return TrackMetrics { empty_bar_rate: Some(1.0), ..TrackMetrics::default() };
        }
        let share = |count: u32, of: u32| f64::from(count) / f64::from(of);
        let is_paper = self.family.is_paper();
        let in_scale = match is_paper {
            true => share(counts.sounding_in_scale, counts.sounding),
            false => share(counts.notes_in_scale, counts.notes),
        };
        let in_pattern = || {
            let shifts = if is_paper { self.drum_weights.len() } else { 1 };
            let sum = in_pattern(&counts.onsets_at, &self.drum_weights, shifts)?;
            Some(sum / f64::from(counts.notes))
        };
        let measured = TrackMetrics {
            empty_bar_rate: Some(0.0),
            notes: Some(f64::from(counts.notes)),
            pitches: Some(f64::from(counts.used.count_ones())),
            pitch_classes: Some(f64::from(self.fold.classes(counts.used))),
            qualified_note_rate: Some(share(counts.qualified, counts.notes)),
            polyphonic_rate: Some(f64::from(counts.polyphonic) / steps.len() as f64),
            in_scale_rate: Some(in_scale),
            drum_pattern_rate: if is_drum { in_pattern() } else { None },
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

/// Most steps of a sixteenth on a grid of drums.
pub(super) const PHASES: usize = 6;

/// What is counted in a bar.
#[derive(Default)]
struct Counts {
    /// Every pitch that sounds.
    used: u128,
    notes: u32,
    qualified: u32,
    notes_in_scale: u32,
    polyphonic: u32,
    sounding: u32,
    sounding_in_scale: u32,
    /// Onsets by their place in a sixteenth.
    onsets_at: [u32; PHASES],
}

impl Counts {
    fn of(rule: &Rule, bar: Cells) -> Self {
        let mut counts = Self::default();
        let phases = rule.drum_weights.len();
        let mut step = 0;
        // From one step where something changes to the next.
        while step < bar.sounding.len() {
            let sounds = bar.sounding[step];
            let next = end_of_run(bar, step);
            let length = next - step;
            if sounds != 0 {
                counts.used |= sounds;
                counts.sounding += sounds.count_ones() * length as u32;
                counts.sounding_in_scale += (sounds & rule.scale).count_ones() * length as u32;
                if sounds.count_ones() >= rule.min_pitches {
                    counts.polyphonic += length as u32;
                }
                let starts = if step == 0 { sounds } else { bar.onset[step] };
                if starts != 0 {
                    counts.notes += starts.count_ones();
                    counts.notes_in_scale += (starts & rule.scale).count_ones();
                    // What starts here lasts as long as nothing changes, and maybe longer.
                    let long = if length >= rule.min_note {
                        starts
                    } else {
                        lasting(bar, step, starts, rule.min_note)
                    };
                    counts.qualified += long.count_ones();
                    if phases > 0 {
                        counts.onsets_at[step % phases] += starts.count_ones();
                    }
                }
            } else if rule.min_pitches == 0 {
                counts.polyphonic += length as u32;
            }
            step = next;
        }
        counts
    }
}

/// The step after the last that sounds like `step` and has no onset after it.
fn end_of_run(bar: Cells, step: usize) -> usize {
    let sounds = bar.sounding[step];
    let same = |(sounding, onset): (&u128, &u128)| *sounding == sounds && *onset == 0;
    let rest = bar.sounding[step + 1..].iter().zip(&bar.onset[step + 1..]);
    step + 1 + rest.take_while(|both| same(*both)).count()
}

/// The largest sum of weights that onsets have when the grid is shifted by 0 up to `shifts` steps,
/// excluded; `None` where there is no grid.
fn in_pattern(onsets_at: &[u32; PHASES], weights: &[f64], shifts: usize) -> Option<f64> {
    let sum = |shift: usize| -> f64 {
        let shifted = weights.iter().cycle().skip(shift).take(weights.len());
        onsets_at.iter().zip(shifted).map(|(count, weight)| f64::from(*count) * weight).sum()
    };
    (0..shifts.min(weights.len())).map(sum).reduce(f64::max)
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
fn drum_weights(resolution: Resolution, tolerance: f64) -> Vec<f64> {
    match resolution.steps() {
        24 => vec![1.0, tolerance, 0.0, 0.0, 0.0, tolerance],
        12 => vec![1.0, tolerance, tolerance],
        _ => Vec::new(),
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
