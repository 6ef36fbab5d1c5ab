//! Fitting a calibration to the density of real music.

use std::borrow::Cow;

use super::{Calibration, Expected, Grid, pitches_per_bar};

/// The most that the logits of a step of the bar are moved by: first, and then in the light of what the
/// rest of the fit made of it. A long second step would go past its aim, because a pitch's surest cell
/// moves with it.
const MOST_MOVED: [f32; 3] = [4.0, 0.3, 0.3];
/// A logit that is as good as certain.
const MOST_SURE: f32 = 30.0;

/// What real music has, by track: the aim of [`calibrate`].
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    /// Share of cells that are on, `[track][plane]`.
    pub cells: Vec<Vec<f64>>,
    /// Share of silent bars, `[track]`.
    pub empty_bars: Vec<f64>,
    /// Share of the pitches of a bar that sound in it, over all bars, `[track]`.
    pub pitches: Vec<f64>,
    /// The most pitches that sound at once, but for one step in fifty, `[track]`.
    pub voices: Vec<usize>,
    /// Lowest and highest pitch (MIDI numbers), but for one cell in a thousand at either end, `[track]`.
    pub registers: Vec<[u8; 2]>,
    /// Share of steps at which two pitches or more sound, `[track]`.
    pub chords: Vec<f64>,
    /// Share of cells that sound at each step of a bar, `[track][step]`; empty where it does not matter.
    pub positions: Vec<Vec<f64>>,
}

/// The calibration at which `phrases` of logits (in the order of
/// [`Binarization::apply`](crate::model::Binarization::apply)) have the silent bars, the pitches a bar, the
/// voices, the cells and the notes of `aim`; each is fitted in what the one before left.
pub fn calibrate(grid: &Grid, phrases: &[Vec<f32>], aim: &Density) -> Calibration {
    let (voices, registers) = (aim.voices.clone(), aim.registers.clone());
    let mut calibration = Calibration { voices, registers, ..Calibration::neutral(grid) };
    calibration.positions = aim.positions.iter().map(|steps| vec![0.0; steps.len()]).collect();
    let sounding = |logits: &Vec<f32>| logits.iter().step_by(grid.planes).copied().collect();
    let mut heard: Vec<Vec<f32>> = phrases.iter().map(sounding).collect();
    // Which cells are left depends on where they are wanted, and the other way round.
    for most in MOST_MOVED {
        move_positions(&mut calibration, grid, &heard, aim, most);
        let placed: Vec<Cow<'_, [f32]>> =
            phrases.iter().map(|logits| calibration.placed(grid, logits)).collect();
        fit_rests(&mut calibration, grid, &placed, aim);
        calibration.chords = Vec::new();
        heard = phrases.iter().map(|logits| calibration.heard(grid, logits)).collect();
        calibration.chords = chords(grid, &placed, &heard, aim);
        heard = phrases.iter().map(|logits| calibration.heard(grid, logits)).collect();
    }
    let per_track = grid.steps() * pitches_per_bar(grid);
    for track in 0..grid.track_count() {
        let of_track = track * per_track..(track + 1) * per_track;
        let all: Vec<f32> = heard.iter().flat_map(|heard| heard[of_track.clone()].to_vec()).collect();
        let limit = at_share(all.clone(), aim.cells[track][0]);
        calibration.cells[track][0] = probability(limit);
        if grid.planes == 2 {
            let onset = |i: usize| phrases[i / per_track][2 * (of_track.start + i % per_track) + 1];
            let (on, share) = starts(grid, &all, limit, aim.cells[track][1]);
            calibration.cells[track][1] = probability(at_share(on.into_iter().map(onset).collect(), share));
        }
    }
    calibration
}

/// Moves the logits of each step of a bar, by `most` at most, for as many of its cells to sound as are
/// to.
fn move_positions(calibration: &mut Calibration, grid: &Grid, heard: &[Vec<f32>], aim: &Density, most: f32) {
    let row = pitches_per_bar(grid);
    for (track, shares) in aim.positions.iter().enumerate().filter(|(_, shares)| !shares.is_empty()) {
        let at_step = |position: usize| -> Vec<f32> {
            let steps = (position..grid.steps()).step_by(grid.steps_per_bar);
            let rows: Vec<usize> = steps.map(|step| (track * grid.steps() + step) * row).collect();
            let cells = |cells: &Vec<f32>| -> Vec<f32> {
                rows.iter().flat_map(|start| cells[*start..*start + row].to_vec()).collect()
            };
            heard.iter().flat_map(cells).collect()
        };
        let steps: Vec<Vec<f32>> = (0..shares.len()).map(at_step).collect();
        let usual = at_share(steps.concat(), shares.iter().sum::<f64>() / shares.len() as f64);
        for ((cells, share), moved) in steps.into_iter().zip(shares).zip(&mut calibration.positions[track]) {
            let more = (usual - at_share(cells, *share)).clamp(-most, most);
            *moved += if more.is_nan() { 0.0 } else { more };
        }
    }
}

/// Fits which bars rest, and which pitches the others have.
fn fit_rests(calibration: &mut Calibration, grid: &Grid, phrases: &[Cow<'_, [f32]>], aim: &Density) {
    let expected: Vec<Expected> = phrases.iter().map(|logits| Expected::of(grid, logits)).collect();
    for track in 0..grid.track_count() {
        let bars = track * grid.bars..(track + 1) * grid.bars;
        let all = expected.iter().flat_map(|e| e.bars[bars.clone()].to_vec()).collect();
        calibration.presence[track] = at_share(all, 1.0 - aim.empty_bars[track]).max(0.0);
        let places = bars.start * pitches_per_bar(grid)..bars.end * pitches_per_bar(grid);
        let left = |e: &Expected| {
            let sounds = e.sounding(calibration);
            places.clone().map(|i| if sounds[i] { e.pitches[i] } else { 0.0 }).collect::<Vec<_>>()
        };
        let all = expected.iter().flat_map(left).collect();
        calibration.pitches[track] = at_share(all, aim.pitches[track]).max(0.0);
    }
}

/// How sure the second pitch of a step must be, by track, for as many steps to have two as are to.
fn chords(grid: &Grid, phrases: &[Cow<'_, [f32]>], heard: &[Vec<f32>], aim: &Density) -> Vec<f32> {
    let row = pitches_per_bar(grid);
    let second = |logits: &[f32], heard: &[f32], step: usize| -> f32 {
        let cells = step * row..(step + 1) * row;
        let sureness = |cell: &usize| logits[cell * grid.planes];
        let sounding = || cells.clone().filter(|cell| heard[*cell] > f32::NEG_INFINITY);
        let first = sounding().max_by(|a, b| sureness(a).total_cmp(&sureness(b)));
        let others = sounding().filter(|cell| Some(*cell) != first);
        others.map(|cell| heard[cell]).fold(f32::NEG_INFINITY, f32::max)
    };
    let limit = |track: usize| {
        let steps = track * grid.steps()..(track + 1) * grid.steps();
        let of_phrase = |(logits, heard): (&Cow<'_, [f32]>, &Vec<f32>)| -> Vec<f32> {
            steps.clone().map(|step| second(logits, heard, step)).collect()
        };
        let seconds = phrases.iter().zip(heard).flat_map(of_phrase).collect();
        at_share(seconds, aim.chords[track]).clamp(-MOST_SURE, MOST_SURE)
    };
    (0..grid.track_count()).map(limit).collect()
}

/// Cells of a track `[phrase, step, pitch]` at which notes may start while a pitch goes on, and the
/// share of them that should, for the share `notes` of all cells to be starts. Where sounding begins, a
/// note starts anyway.
fn starts(grid: &Grid, heard: &[f32], limit: f32, notes: f64) -> (Vec<usize>, f64) {
    let row = pitches_per_bar(grid);
    let begins = |i: usize| i % (grid.steps() * row) < row || heard[i - row] <= limit;
    let (first, on): (Vec<usize>, Vec<usize>) =
        (0..heard.len()).filter(|i| heard[*i] > limit).partition(|i| begins(*i));
    let missing = (heard.len() as f64 * notes - first.len() as f64).max(0.0);
    let share = missing / on.len().max(1) as f64;
    (on, share)
}

/// The probability of a logit, kept from being certain.
fn probability(logit: f32) -> f32 {
    (1.0 / (1.0 + (-logit).exp())).clamp(1e-4, 1.0 - 1e-4)
}

/// The value that a share of all values lies above.
fn at_share(mut values: Vec<f32>, share: f64) -> f32 {
    let rank = (values.len() as f64 * share).round() as usize;
    if rank >= values.len() {
        return f32::NEG_INFINITY;
    }
    *values.select_nth_unstable_by(rank, |a, b| b.total_cmp(a)).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::model::Cells;
    use crate::model::binarize::Binarization;

    /// An aim that leaves everything as the model has it.
    fn loose() -> Density {
        Density {
            cells: vec![vec![1.0]],
            empty_bars: vec![0.0],
            pitches: vec![1.0],
            voices: vec![12],
            registers: vec![[0, 127]],
            chords: vec![1.0],
            positions: vec![Vec::new()],
        }
    }

    #[test]
    fn calibration_meets_the_density_of_cells() {
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(|i| i as f32 / 10.0 - 2.4).collect()];
        let aim = Density { cells: vec![vec![0.25]], ..loose() };
        let calibration = calibrate(&Grid::one_bar(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&Grid::one_bar(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words().iter().map(|w| w.count_ones()).sum::<u32>(), 12);
    }

    #[test]
    fn calibration_leaves_out_what_lies_outside_a_track_s_register() {
        // Every cell is as sure as its pitch is high.
        let grid = Grid::one_bar();
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(|i| (i % 12) as f32 - 4.0).collect()];
        let low = grid.lowest_pitch;
        let aim = Density { cells: vec![vec![4.0 / 48.0]], registers: vec![[low + 2, low + 7]], ..loose() };
        let calibration = calibrate(&grid, &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&grid, &phrases[0], &calibration, 0);
        assert_eq!(cells.words().to_vec(), [0b1111_1100; 4], "the register and nothing else");
    }

    #[test]
    fn calibration_meets_the_share_of_silent_bars() {
        let phrases: Vec<Vec<f32>> = (0..10).map(|phrase| vec![phrase as f32 / 4.0; 48]).collect();
        let aim = Density { cells: vec![vec![0.7]], empty_bars: vec![0.3], pitches: vec![0.7], ..loose() };
        let calibration = calibrate(&Grid::one_bar(), &phrases, &aim);
        let silent = |logits: &Vec<f32>| {
            let cells = Binarization::Calibrated.apply(&Grid::one_bar(), logits, &calibration, 0);
            cells == Cells::silent(&Grid::one_bar())
        };
        assert!(phrases[..3].iter().all(silent), "the three bars least sure of themselves rest");
        assert!(!phrases[4..].iter().any(silent));
    }

    #[test]
    fn calibration_holds_a_few_pitches_rather_than_touching_many() {
        // Pitch 3 sounds weakly all the bar; the others have one strong cell each, as specks.
        let strong = |i: usize| {
            if i % 12 == 3 {
                0.5
            } else if i / 12 == i % 4 {
                1.0
            } else {
                -4.0
            }
        };
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(strong).collect()];
        let aim = Density { cells: vec![vec![4.0 / 48.0]], pitches: vec![1.0 / 12.0], ..loose() };
        let calibration = calibrate(&Grid::one_bar(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&Grid::one_bar(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words(), [1 << 3; 4]);
    }

    #[test]
    fn a_line_gives_each_of_its_pitches_a_turn() {
        // Pitch 4 fades and pitch 7 comes up, but never as sure as it.
        let of = |cell: usize| match (cell % 12, (cell / 12) as f32) {
            (4, step) => 2.0 - 0.1 * step,
            (7, step) => step - 2.0,
            _ => -5.0,
        };
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(of).collect()];
        let aim =
            Density { cells: vec![vec![4.0 / 48.0]], pitches: vec![2.0 / 12.0], voices: vec![1], ..loose() };
        let calibration = calibrate(&Grid::one_bar(), &phrases, &aim);
        let cells = Binarization::Calibrated.apply(&Grid::one_bar(), &phrases[0], &calibration, 0);
        assert_eq!(cells.words(), [1 << 4, 1 << 4, 1 << 4, 1 << 7]);
    }

    #[test]
    fn calibration_meets_the_number_of_notes() {
        let grid = Grid { planes: 2, ..Grid::one_bar() };
        // Pitch 0 sounds throughout, and the model is surest of an onset at steps 0 and 2.
        let of = |cell: usize| match (cell / 2 % 12, cell % 2, cell / 24) {
            (0, 0, _) | (0, 1, 0) => 3.0,
            (0, 1, step) => {
                if step == 2 {
                    1.0
                } else {
                    -1.0
                }
            }
            _ => -5.0,
        };
        let phrases: Vec<Vec<f32>> = vec![(0..96).map(of).collect()];
        let cells = |share: f64| vec![vec![4.0 / 48.0, share / 48.0]];
        for (notes, words) in [(1.0, [1, 0, 0, 0]), (2.0, [1, 0, 1, 0]), (4.0, [1, 1, 1, 1])] {
            let aim = Density { cells: cells(notes), pitches: vec![1.0 / 12.0], ..loose() };
            let calibration = calibrate(&grid, &phrases, &aim);
            let made = Binarization::Calibrated.apply(&grid, &phrases[0], &calibration, 0);
            let onsets: Vec<u16> = made.words().iter().skip(1).step_by(2).copied().collect();
            assert_eq!(onsets, words, "{notes} notes");
        }
    }

    #[test]
    fn a_doubt_does_not_make_a_melody_a_chord() {
        // Pitch 0 is sure at every step, pitch 4 surer and surer beside it, and surest at the last.
        let of = |cell: usize| match (cell % 12, (cell / 12) as f32) {
            (0, _) => 4.0,
            (4, step) => 1.0 + step / 2.0,
            _ => -5.0,
        };
        let phrases: Vec<Vec<f32>> = vec![(0..48).map(of).collect()];
        for (share, words) in [(0.25, [1, 1, 1, 17]), (0.75, [1, 17, 17, 17])] {
            let aim = Density { chords: vec![share], pitches: vec![2.0 / 12.0], ..loose() };
            let calibration = calibrate(&Grid::one_bar(), &phrases, &aim);
            let cells = Binarization::Calibrated.apply(&Grid::one_bar(), &phrases[0], &calibration, 0);
            assert_eq!(cells.words(), words, "{:?}", calibration.chords);
        }
    }

    #[test]
    fn drums_are_hit_where_real_ones_are() {
        // The model is as sure of every step; real music has most of its hits on the beats.
        let grid = Grid { steps_per_bar: 16, ..Grid::one_bar() };
        let mut rng = Seed(1).stream("logits");
        let phrases: Vec<Vec<f32>> =
            (0..50).map(|_| (0..grid.steps() * 12).map(|_| rng.normal() as f32).collect()).collect();
        let share = |step: usize| if step.is_multiple_of(4) { 0.5 } else { 0.2 };
        let shares: Vec<f64> = (0..16).map(share).collect();
        let aim = |positions| Density { cells: vec![vec![0.275]], positions: vec![positions], ..loose() };
        for (positions, is_near) in [(shares.clone(), true), (Vec::new(), false)] {
            let calibration = calibrate(&grid, &phrases, &aim(positions));
            let mut hits = [0; 16];
            for logits in &phrases {
                let cells = Binarization::Calibrated.apply(&grid, logits, &calibration, 0);
                hits.iter_mut().zip(cells.words()).for_each(|(hits, word)| *hits += word.count_ones());
            }
            let off = |(hits, share): (&u32, &f64)| (f64::from(*hits) / (50.0 * 12.0) - share).abs();
            let most = hits.iter().zip(&shares).map(off).fold(0.0, f64::max);
            assert_eq!(most < 0.08, is_near, "{hits:?}");
        }
    }
}
