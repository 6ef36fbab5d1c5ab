//! Augmentation: random changes of real and made phrases alike before the critic sees them, so that it
//! learns from more than the phrases there are without teaching the generator the changes (Zhao, Liu,
//! Lin, Zhu and Han 2020). Every change is differentiable by the cells.

use burn::tensor::{Int, Tensor, TensorData};

use crate::base::Rng;
use crate::data::{Augmentation, Change, TRANSPOSITIONS};
use crate::model::config::Grid;
use crate::music::Family;

/// The step that is heard at `step`.
fn source(change: &Change, grid: &Grid, step: usize) -> usize {
    let beat = grid.subdivisions();
    change.source_beat(step / beat) * beat + step % beat
}

/// The changes of a batch, phrase by phrase.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    grid: Grid,
    phrases: Vec<Change>,
}

impl Changes {
    /// Draws the changes of `size` phrases.
    pub fn draw(chances: &Augmentation, grid: &Grid, rng: &mut Rng, size: usize) -> Self {
        let phrases = (0..size).map(|_| Change::draw(chances, grid.bars, grid.track_count(), rng)).collect();
        Self { grid: grid.clone(), phrases }
    }

    /// The changed phrases.
    ///
    /// # Shapes
    /// `[track, batch·step·octave, 12·plane]`, before and after.
    pub fn apply(&self, roll: Tensor<3>) -> Tensor<3> {
        self.silenced(self.transposed(self.moved(roll)))
    }

    /// Bars and beats in their new places.
    fn moved(&self, roll: Tensor<3>) -> Tensor<3> {
        let (steps, octaves) = (self.grid.steps(), self.grid.octaves);
        let rows_of = |(i, change): (usize, &Change)| -> Vec<i32> {
            let row = |step| (i * steps + source(change, &self.grid, step)) * octaves;
            (0..steps).map(row).flat_map(|row| row..row + octaves).map(|row| row as i32).collect()
        };
        let rows: Vec<i32> = self.phrases.iter().enumerate().flat_map(rows_of).collect();
        if rows.iter().zip(0..).all(|(from, to)| *from == to) {
            return roll;
        }
        let count = rows.len();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), &roll.device());
        roll.select(1, rows)
    }

    /// Pitched tracks at their new pitches: a product with the matrix that moves pitches so far.
    fn transposed(&self, roll: Tensor<3>) -> Tensor<3> {
        if self.phrases.iter().all(|change| change.semitones == 0) {
            return roll;
        }
        let grid = &self.grid;
        let [tracks, rows, features] = roll.dims();
        let (groups, steps, octaves) = (tracks * self.phrases.len(), grid.steps(), grid.octaves);
        let pitches = 12 * octaves;
        let is_drums = |name: &String| Family::from_name(name).is_ok_and(Family::is_drums);
        let of_track = |name| -> Vec<i32> {
            let up = |change: &Change| if is_drums(name) { 0 } else { change.semitones };
            self.phrases.iter().map(|change| up(change) - TRANSPOSITIONS.start()).collect()
        };
        let which: Vec<i32> = grid.tracks.iter().flat_map(of_track).collect();
        let which = Tensor::<1, Int>::from_data(TensorData::new(which, [groups]), &roll.device());
        let kinds = TRANSPOSITIONS.count();
        let cells = TRANSPOSITIONS.flat_map(|up| {
            let moves = move |from: usize, to: usize| to as i32 - from as i32 == up;
            (0..pitches * pitches).map(move |i| f32::from(u8::from(moves(i / pitches, i % pitches))))
        });
        let table = TensorData::new(cells.collect::<Vec<f32>>(), [kinds, pitches * pitches]);
        let table = Tensor::<2>::from_data(table, &roll.device());
        let matrices = table.select(0, which).reshape([groups, pitches, pitches]);
        // Pitches side by side, instead of octaves below each other with planes between classes.
        let line = roll.reshape([groups, steps, octaves, 12, grid.planes]).permute([0, 1, 4, 2, 3]);
        let moved = line.reshape([groups, steps * grid.planes, pitches]).matmul(matrices);
        let back = moved.reshape([groups, steps, grid.planes, octaves, 12]).permute([0, 1, 3, 4, 2]);
        back.reshape([tracks, rows, features])
    }

    /// Without the tracks that are dropped.
    fn silenced(&self, roll: Tensor<3>) -> Tensor<3> {
        if self.phrases.iter().all(|change| change.silent.is_none()) {
            return roll;
        }
        let [tracks, rows, features] = roll.dims();
        let count = self.phrases.len();
        let sounds = |track: usize| {
            self.phrases.iter().map(move |change| f32::from(u8::from(change.silent != Some(track))))
        };
        let mask: Vec<f32> = (0..tracks).flat_map(sounds).collect();
        let mask = Tensor::<3>::from_data(TensorData::new(mask, [tracks, count, 1]), &roll.device());
        let size = rows / count * features;
        (roll.reshape([tracks, count, size]) * mask).reshape([tracks, rows, features])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::model::{Cells, to_tensor};
    use crate::music::{Multitrack, Pianoroll};
    use crate::npz::read_phrases;
    use burn::tensor::Device;
    use std::path::Path;

    /// Both kinds of grid.
    fn grids() -> [Grid; 2] {
        [Grid::small(), Grid { steps_per_bar: 48, planes: 1, ..Grid::small() }]
    }

    /// The first three real phrases of the tour.
    fn phrases() -> Vec<Multitrack> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz");
        read_phrases(&file).unwrap().iter().take(3).collect()
    }

    fn tensor(grid: &Grid, music: &[Multitrack]) -> Tensor<3> {
        let cells: Vec<Cells> = music.iter().map(|phrase| Cells::from_music(grid, phrase)).collect();
        to_tensor(grid, &cells.iter().collect::<Vec<_>>(), &Device::flex())
    }

    fn numbers(roll: Tensor<3>) -> Vec<f32> {
        roll.try_to_vec_as::<f32>().unwrap()
    }

    fn same(grid: &Grid) -> Change {
        Change { bars: (0..grid.bars).collect(), beats: 0, semitones: 0, silent: None }
    }

    /// Three phrases, the second of them changed.
    fn changed(grid: &Grid, change: Change) -> Tensor<3> {
        let changes = Changes { grid: grid.clone(), phrases: vec![same(grid), change, same(grid)] };
        changes.apply(tensor(grid, &phrases()))
    }

    /// Checks that `change` of the second phrase is what `of_music` does to the music, and that the
    /// others stay as they were.
    #[track_caller]
    fn check(grid: &Grid, change: Change, of_music: impl Fn(&Multitrack) -> Multitrack) {
        let mut music = phrases();
        music[1] = of_music(&music[1]);
        let expected = numbers(tensor(grid, &music));
        assert_ne!(expected, numbers(tensor(grid, &phrases())), "something changes");
        assert!(numbers(changed(grid, change)) == expected);
    }

    /// The music with the steps of `grid` in another order: `place` says which comes at each step.
    fn moved(grid: &Grid, music: &Multitrack, place: impl Fn(usize) -> usize) -> Multitrack {
        let fine = 48 / grid.steps_per_bar;
        let taken = |plane: &[u128]| -> Vec<u128> {
            (0..plane.len()).map(|t| plane[place(t / fine) * fine + t % fine]).collect()
        };
        let tracks = music.tracks().iter().map(|track| {
            track.with_roll(Pianoroll::from_planes(taken(track.roll.sounding()), taken(track.roll.onset())))
        });
        music.with_tracks(tracks.collect())
    }

    /// Checks the sounding cells of a change of places; where a note that was cut goes on, the music
    /// has an onset that the cells do not need.
    #[track_caller]
    fn check_moved(grid: &Grid, change: Change, place: impl Fn(usize) -> usize) {
        let mut music = phrases();
        music[1] = moved(grid, &music[1], place);
        let sounding =
            |roll: Tensor<3>| -> Vec<f32> { numbers(roll).into_iter().step_by(grid.planes).collect() };
        let expected = sounding(tensor(grid, &music));
        assert_ne!(expected, sounding(tensor(grid, &phrases())), "something changes");
        assert!(sounding(changed(grid, change)) == expected);
    }

    #[test]
    fn a_beat_shift_turns_the_phrase_by_whole_beats() {
        let grid = Grid::small();
        check_moved(&grid, Change { beats: 3, ..same(&grid) }, |step| (step + 64 - 12) % 64);
    }

    #[test]
    fn bars_come_in_another_order() {
        let (grid, order) = (Grid::small(), [2, 0, 3, 1]);
        let change = Change { bars: order.to_vec(), ..same(&grid) };
        check_moved(&grid, change.clone(), |step| order[step / 16] * 16 + step % 16);
        let shifted = Change { beats: 1, ..change };
        let place = |step: usize| (step + 60) % 64;
        check_moved(&grid, shifted, |step| order[place(step) / 16] * 16 + place(step) % 16);
    }

    #[test]
    fn cells_are_moved_and_none_is_made_or_lost() {
        for grid in grids() {
            let change = Change { bars: vec![3, 1, 0, 2], beats: 5, ..same(&grid) };
            let (before, after) =
                (numbers(tensor(&grid, &phrases())), numbers(changed(&grid, change.clone())));
            let (width, rows) = (grid.cell_features(), 3 * grid.rows());
            let row = |cells: &[f32], track: usize, row: usize| {
                let at = (track * rows + row) * width;
                cells[at..at + width].to_vec()
            };
            for track in 0..grid.track_count() {
                for i in 0..rows {
                    let (phrase, step, octave) =
                        (i / grid.rows(), i / grid.octaves % grid.steps(), i % grid.octaves);
                    let from = if phrase == 1 { source(&change, &grid, step) } else { step };
                    let from = (phrase * grid.steps() + from) * grid.octaves + octave;
                    assert_eq!(row(&after, track, i), row(&before, track, from), "{track} {i}");
                }
            }
        }
    }

    #[test]
    fn transposition_moves_pitches_over_octaves_and_leaves_drums() {
        for grid in grids() {
            for semitones in [-5, 1, 6] {
                let change = Change { semitones, ..same(&grid) };
                check(&grid, change, |music| music.transpose(semitones));
            }
        }
    }

    #[test]
    fn what_leaves_the_grid_is_gone() {
        let grid = Grid { tracks: vec!["piano".into()], octaves: 2, ..Grid::small() };
        let on =
            |pitch: usize| Cells::from_bits(&grid, |i| i / 24 % 2 == pitch / 12 && i / 2 % 12 == pitch % 12);
        let up = |pitch: usize, semitones: i32| {
            let change = Change { semitones, ..same(&grid) };
            let changes = Changes { grid: grid.clone(), phrases: vec![change] };
            numbers(changes.apply(to_tensor(&grid, &[&on(pitch)], &Device::flex())))
        };
        let roll = |pitch| numbers(to_tensor(&grid, &[&on(pitch)], &Device::flex()));
        assert_eq!(up(10, 3), roll(13));
        assert_eq!(up(13, -2), roll(11));
        assert!(up(22, 2).iter().chain(&up(1, -2)).all(|cell| *cell == 0.0));
    }

    #[test]
    fn a_dropped_track_is_silent() {
        for grid in grids() {
            check(&grid, Change { silent: Some(3), ..same(&grid) }, |music| music.mute("bass").unwrap());
        }
    }

    #[test]
    fn gradients_come_back_to_the_cells_they_went_out_from() {
        let grid = Grid::small();
        let change = Change { bars: vec![1, 3, 0, 2], beats: 2, semitones: 4, silent: Some(2) };
        let changes = Changes { grid: grid.clone(), phrases: vec![change.clone(), same(&grid), change] };
        let roll = tensor(&grid, &phrases()).autodiff().require_grad();
        let gradients =
            (changes.apply(roll.clone()) * changes.apply(tensor(&grid, &phrases()).autodiff())).sum();
        let gradient = numbers(roll.grad(&gradients.backward()).unwrap());
        // The slope of the product with itself, at 0 and 1, is the cell itself unless it was dropped.
        let size = gradient.len() / 5;
        let before = numbers(tensor(&grid, &phrases()));
        let wrong = (0..gradient.len()).filter(|i| gradient[*i] != before[*i]).collect::<Vec<_>>();
        assert!(wrong.iter().all(|i| i / size == 2 || gradient[*i] == 0.0), "only dropped cells have none");
        assert!(gradient.iter().sum::<f32>() > 0.5 * before.iter().sum::<f32>());
    }

    #[test]
    fn chances_are_kept() {
        let grid = Grid::small();
        let chances =
            Augmentation { beat_shift: 0.5, bar_permutation: 0.25, track_drop_out: 0.75, transpose: 1.0 };
        let Changes { phrases, .. } = Changes::draw(&chances, &grid, &mut Seed(3).stream("test"), 4000);
        let share = |is: fn(&Change) -> bool| phrases.iter().filter(|c| is(c)).count() as f64 / 4000.0;
        let near = |share: f64, expected: f64| assert!((share - expected).abs() < 0.03, "{share} {expected}");
        // One of sixteen shifts, of 24 orders and of twelve keys changes nothing.
        near(share(|c| c.beats != 0), 0.5 * 15.0 / 16.0);
        near(share(|c| c.bars != [0, 1, 2, 3]), 0.25 * 23.0 / 24.0);
        near(share(|c| c.silent.is_some()), 0.75);
        near(share(|c| c.silent == Some(4)), 0.15);
        near(share(|c| c.semitones != 0), 11.0 / 12.0);
        assert!(phrases.iter().all(|c| TRANSPOSITIONS.contains(&c.semitones)));
        let none = Changes::draw(&Augmentation::default(), &grid, &mut Seed(3).stream("test"), 8);
        assert!(none.phrases.iter().all(|change| *change == same(&grid)));
    }
}
