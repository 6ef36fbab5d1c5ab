//! Which beat the bars of a section begin on.
//!
//! The downbeat is where harmony changes, where the bass and long notes begin, and where the kick drum and
//! cymbals are struck. Each kind of evidence is a share for each of the four beats of a bar, and the written
//! bar lines stay unless another beat has clearly more of it, all over the section.

use std::ops::Range;

use super::SongOptions;
use super::grid::{Grid, GridNote};

/// Fewest bars that can tell.
const LEAST_BARS: usize = 8;
/// Bars that vote together.
const WINDOW: usize = 4;
/// Share of the votes that another beat needs.
const VOTES: f64 = 0.75;
/// How much more evidence it needs than the written one, of at most about 1 for each kind.
const MARGIN: f64 = 0.5;
/// How much more evidence it needs than every other.
const LEAD: f64 = 0.3;

/// How many beats later than written the bars of a section begin, 0 to 3.
pub(super) fn phase(grid: &Grid, options: &SongOptions) -> usize {
    let evidence = Evidence::of(grid, options);
    let beats = (grid.steps / grid.beat) as usize;
    if beats < 4 * LEAST_BARS {
        return 0;
    }
    let all = evidence.scores(0..beats);
    let best = (1..4).fold(0, |best, phase| if all[phase] > all[best] { phase } else { best });
    let leads = (0..4).all(|phase| phase == best || all[best] - all[phase] >= LEAD);
    // Whatever else happens, a drummer who kicks on the written beat and not on the other counts bars.
    let kicks = Evidence::sums(&evidence.kick, 0..beats);
    if all[best] - all[0] < MARGIN || !leads || kicks[best] < kicks[0] / 2.0 {
        return 0;
    }
    let windows = (0..beats / (4 * WINDOW)).map(|i| evidence.scores(i * 4 * WINDOW..(i + 1) * 4 * WINDOW));
    let (mut votes, mut voters) = (0, 0);
    for scores in windows.filter(|scores| scores.iter().any(|score| *score != 0.0)) {
        voters += 1;
        votes += usize::from(scores[best] > scores[0]);
    }
    if votes as f64 >= VOTES * f64::from(voters) { best } else { 0 }
}

/// How much each beat of a section is like a downbeat: amounts for each kind of evidence, none negative.
struct Evidence {
    /// How much the pitch classes differ from those of the beat before.
    change: Vec<f64>,
    /// How long the low note is that begins.
    bass: Vec<f64>,
    /// How long the long notes are that begin.
    long: Vec<f64>,
    /// Whether the kick drum is struck.
    kick: Vec<f64>,
    /// Whether a crash, splash or chinese cymbal is struck.
    cymbal: Vec<f64>,
}

impl Evidence {
    fn of(grid: &Grid, options: &SongOptions) -> Self {
        let beats = (grid.steps / grid.beat) as usize;
        let none = || vec![0.0; beats];
        let mut evidence = Self { change: none(), bass: none(), long: none(), kick: none(), cymbal: none() };
        let mut classes = vec![[0f64; 12]; beats];
        let mut lowest: Vec<Option<GridNote>> = vec![None; beats];
        for (rule, notes) in options.tracks.iter().zip(&grid.tracks) {
            for note in notes {
                let beat = (note.start / grid.beat) as usize;
                if beat >= beats {
                    break;
                }
                let on_beat = note.start % grid.beat == 0;
                if rule.is_drums() {
                    match note.pitch {
                        35 | 36 if on_beat => evidence.kick[beat] = 1.0,
                        49 | 52 | 55 | 57 if on_beat => evidence.cymbal[beat] = 1.0,
                        _ => {}
                    }
                    continue;
                }
                let last = (((note.end - 1) / grid.beat) as usize).min(beats - 1);
                for (at, classes) in classes.iter_mut().enumerate().take(last + 1).skip(beat) {
                    let from = note.start.max(at as u32 * grid.beat);
                    let till = note.end.min((at as u32 + 1) * grid.beat);
                    classes[usize::from(note.pitch % 12)] += f64::from(till - from);
                }
                if on_beat {
                    let length = f64::from(note.end - note.start) / f64::from(grid.beat);
                    if length >= 1.5 {
                        evidence.long[beat] += length.min(4.0);
                    }
                    let lower = |low: &GridNote| note.pitch < low.pitch;
                    if lowest[beat].as_ref().is_none_or(lower) {
                        lowest[beat] = Some(*note);
                    }
                }
            }
        }
        for beat in 0..beats {
            if let Some(note) = lowest[beat].filter(|note| note.pitch < 52) {
                evidence.bass[beat] = (f64::from(note.end - note.start) / f64::from(grid.beat)).min(4.0);
            }
            if beat > 0 {
                evidence.change[beat] = 1.0 - cosine(&classes[beat - 1], &classes[beat]);
            }
        }
        evidence
    }

    /// For each beat of the bar how much more evidence it has than beats have on average, in some
    /// beats of the section.
    fn scores(&self, beats: Range<usize>) -> [f64; 4] {
        let Self { change, bass, long, kick, cymbal } = self;
        let mut scores = [0.0; 4];
        for (kind, weight) in [(change, 1.5), (bass, 1.0), (long, 0.5), (kick, 0.5), (cymbal, 1.0)] {
            let sums = Self::sums(kind, beats.clone());
            let total: f64 = sums.iter().sum();
            if total > 0.0 {
                (0..4).for_each(|phase| scores[phase] += weight * (sums[phase] / total - 0.25));
            }
        }
        scores
    }

    /// Amounts of a kind added up by beat of the bar.
    fn sums(kind: &[f64], beats: Range<usize>) -> [f64; 4] {
        let mut sums = [0.0; 4];
        beats.for_each(|beat| sums[beat % 4] += kind[beat]);
        sums
    }
}

fn cosine(a: &[f64; 12], b: &[f64; 12]) -> f64 {
    let dot = |a: &[f64; 12], b: &[f64; 12]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    // Silence is like anything: it tells nothing.
    if norms > 0.0 { dot(a, b) / norms } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{BAR, BEAT, beat, chords, options};
    use super::super::grid::Grid;
    use super::super::sections::Section;
    use super::*;

    /// The phase of a band that begins so many ticks late, in drums and in harmony.
    fn heard(bars: u64, drums: u64, harmony: u64) -> usize {
        let [high, low] = chords(0..bars, 0, harmony);
        let tracks = [beat(0..bars, drums), high, Vec::new(), low, Vec::new()];
        let bars = bars as usize + 1;
        let section =
            Section { start: 0, end: bars as u64 * BAR, first_bar: 0, bars, is_common: true, is_last: true };
        phase(&Grid::new(&tracks, &section, bars, 480.0, &options()), &options())
    }

    #[test]
    fn a_song_whose_bars_begin_as_written_stays() {
        assert_eq!(heard(16, 0, 0), 0);
    }

    #[test]
    fn a_song_whose_bars_begin_on_another_beat_is_put_right() {
        for beats in 1..4 {
            assert_eq!(heard(16, beats * BEAT, beats * BEAT), beats as usize);
        }
    }

    #[test]
    fn a_few_bars_prove_nothing() {
        assert_eq!(heard(4, BEAT, BEAT), 0);
    }

    #[test]
    fn a_drummer_on_the_written_beat_outweighs_harmony_that_comes_late() {
        assert_eq!(heard(16, 0, BEAT), 0);
    }
}
