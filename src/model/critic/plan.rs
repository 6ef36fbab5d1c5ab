//! Sizes that the layers of a critic are planned with, and the maps that several kinds share.

use super::stream::{Difference, Op, Stream};
use crate::model::config::Grid;
use crate::model::layers::{Rearrange, Window};

/// A grid as seen by critics of all tracks or of one track each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// How many critics there are: groups of every layer.
    pub critics: usize,
    /// Tracks that each of them sees.
    pub tracks: usize,
    pub bars: usize,
    pub beats: usize,
    /// Steps of a beat.
    pub subdivisions: usize,
    pub octaves: usize,
    pub planes: usize,
}

impl Plan {
    /// The plan for phrases of `grid`, by one critic or by one for each track.
    pub fn new(grid: &Grid, per_track: bool) -> Self {
        let all = grid.track_count();
        let (critics, tracks) = if per_track { (all, 1) } else { (1, all) };
        let (bars, beats, subdivisions) = (grid.bars, grid.beats(), grid.subdivisions());
        Self { critics, tracks, bars, beats, subdivisions, octaves: grid.octaves, planes: grid.planes }
    }

    /// Groups of layers that see a track alone.
    pub fn all_tracks(&self) -> usize {
        self.critics * self.tracks
    }

    /// Sixteenths of a beat: the most places, up to four, that its steps divide into.
    pub fn places(&self) -> usize {
        (1..=4).rev().find(|n| self.subdivisions.is_multiple_of(*n)).unwrap_or(1)
    }

    /// Windows over octaves that every octave lies in: three wide and two apart (four wide for an even
    /// number), next to each other where there are few.
    pub fn octave_windows(&self) -> Window {
        let count = self.octaves;
        match count {
            0..5 => Window { count, size: count.min(3), stride: 1 },
            _ => Window { count, size: if count.is_multiple_of(2) { 4 } else { 3 }, stride: 2 },
        }
    }

    /// Pairs of neighbouring bars.
    pub fn pairs(&self) -> Window {
        Window { count: self.bars, size: self.bars.min(2), stride: 1 }
    }

    /// Axes of a roll: critic, track, batch, beat, step of the beat, octave, class, plane.
    fn cells(&self) -> [usize; 8] {
        let Self { critics, tracks, beats, subdivisions, octaves, planes, .. } = *self;
        [critics, tracks, 0, beats, subdivisions, octaves, 12, planes]
    }

    /// How long each pitch class sounds in each beat, over all octaves: `[critic, batch·beat,
    /// track·class·plane]`, 1 for a whole beat.
    pub fn chroma(&self) -> Op {
        let chroma = Rearrange::new(&self.cells(), 2, &[0, 2, 3, 1, 6, 7, 4, 5], [1, 2]);
        Op::Move(chroma.summing(&[4, 5], 1.0 / self.subdivisions as f64))
    }

    /// How many cells each step has: `[critic, batch·beat, step·track·plane]`, in pairs.
    pub fn densities(&self) -> Op {
        let counts = Rearrange::new(&self.cells(), 2, &[0, 2, 3, 4, 1, 7, 5, 6], [1, 2]);
        Op::Move(counts.summing(&[5, 6], 0.5))
    }

    /// How many pitches start (less how many end) at each step, within bars: `[critic,
    /// batch·step, plane·track]`. An onset plane says by itself what starts.
    pub fn onsets_and_offsets(&self) -> Stream {
        let counts = Rearrange::new(&self.cells(), 2, &[0, 2, 3, 4, 7, 1, 5, 6], [1, 3]);
        let line = 4 * self.subdivisions;
        Stream::default()
            .then(Op::Move(counts.summing(&[5, 6], 1.0)))
            .then(Op::Difference(Difference { line, features: self.tracks }))
    }

    /// Which cells each bar has: `[critic, batch·bar, track·octave·class·plane]`, 2 for a whole bar.
    pub fn register(&self) -> Op {
        let Self { critics, tracks, bars, subdivisions, octaves, planes, .. } = *self;
        let unfold = [critics, tracks, 0, bars, 4 * subdivisions, octaves, 12, planes];
        let register = Rearrange::new(&unfold, 2, &[0, 2, 3, 1, 5, 6, 7, 4], [1, 2]);
        Op::Move(register.summing(&[4], 1.0 / (2 * subdivisions) as f64))
    }

    /// All tracks of an octave together: `[critic, batch·step·octave, track·class·plane]`.
    pub fn together(&self) -> Op {
        let rows = self.beats * self.subdivisions * self.octaves;
        let unfold = [self.critics, self.tracks, 0, rows, 12 * self.planes];
        Op::Move(Rearrange::new(&unfold, 1, &[0, 2, 3, 1, 4], [1, 2]))
    }

    /// `n` neighbours in time, each with `inner` rows of `width` features, side by side: `[group,
    /// batch·outer·n·inner, width]` to `[group, batch·outer·inner, n·width]`.
    pub fn gather(&self, groups: usize, outer: usize, n: usize, inner: usize, width: usize) -> Op {
        let unfold = [groups, 0, outer, n, inner, width];
        Op::Move(Rearrange::new(&unfold, 1, &[0, 1, 2, 4, 3, 5], [1, 3]))
    }

    /// The same of tracks: `[critic·track, batch·outer·n·inner, width]` to `[critic,
    /// batch·outer·inner, n·track·width]`.
    pub fn merge(&self, outer: usize, n: usize, inner: usize, width: usize) -> Op {
        let unfold = [self.critics, self.tracks, 0, outer, n, inner, width];
        Op::Move(Rearrange::new(&unfold, 1, &[0, 2, 3, 5, 4, 1, 6], [1, 3]))
    }

    /// Each pitch class over the `n` steps of a place: `[track, batch·outer·n·octave, 12·plane]` to
    /// `[track, batch·outer·octave·class, n·plane]`.
    pub fn pitches(&self, outer: usize, n: usize) -> Op {
        let unfold = [self.all_tracks(), 0, outer, n, self.octaves, 12, self.planes];
        Op::Move(Rearrange::new(&unfold, 2, &[0, 1, 2, 4, 5, 3, 6], [1, 4]))
    }

    /// The mean over `n` scores of a phrase: `[critic, batch·n, 1]` to `[critic, batch, 1]`.
    pub fn mean(&self, n: usize) -> Op {
        let scores = Rearrange::new(&[self.critics, 0, n, 1], 1, &[0, 1, 2, 3], [1, 2]);
        Op::Move(scores.summing(&[2], 1.0 / n as f64))
    }
}

/// Windows that `window` has in a line.
pub(super) fn windows(window: &Window) -> usize {
    (window.count - window.size) / window.stride + 1
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;
    use crate::model::{Layout, Matrices, Weights};

    fn plan(tracks: usize, bars: usize, steps_per_bar: usize, octaves: usize, planes: usize) -> Plan {
        let tracks = (0..tracks).map(|i| i.to_string()).collect();
        Plan::new(&Grid { tracks, bars, steps_per_bar, planes, lowest_pitch: 0, octaves }, false)
    }

    fn nothing() -> Matrices {
        Weights::new(Layout::default().into(), vec![], &Device::flex()).unwrap().matrices()
    }

    fn tensor(values: Vec<f32>, shape: [usize; 3]) -> Tensor<3> {
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    /// A roll with a one at each `[track, step, octave, class, plane]`.
    fn roll(plan: &Plan, steps: usize, ones: &[[usize; 5]]) -> Tensor<3> {
        let (octaves, planes) = (plan.octaves, plan.planes);
        let mut values = vec![0.0; plan.tracks * steps * octaves * 12 * planes];
        for [track, step, octave, class, plane] in ones {
            let row = (track * steps + step) * octaves + octave;
            values[(row * 12 + class) * planes + plane] = 1.0;
        }
        tensor(values, [plan.tracks, steps * octaves, 12 * planes])
    }

    /// What `stream` makes of one phrase.
    fn made(stream: Stream, x: Tensor<3>) -> (usize, Vec<f32>) {
        let y = stream.forward(&nothing(), x, 1, None);
        (y.dims()[1], y.try_to_vec_as::<f32>().unwrap())
    }

    fn op(op: Op) -> Stream {
        Stream::default().then(op)
    }

    /// The numbers that are not zero, with their places.
    fn found(values: &[f32]) -> Vec<(usize, f32)> {
        values.iter().copied().enumerate().filter(|(_, x)| *x != 0.0).collect()
    }

    #[test]
    fn chroma_folds_octaves_and_averages_over_beats() {
        let plan = plan(2, 1, 8, 2, 1);
        let roll = roll(&plan, 8, &[[0, 0, 0, 4, 0], [0, 1, 1, 4, 0], [1, 2, 1, 7, 0]]);
        let (beats, chroma) = made(op(plan.chroma()), roll);
        assert_eq!((beats, found(&chroma)), (4, vec![(4, 1.0), (24 + 12 + 7, 0.5)]));
    }

    #[test]
    fn densities_count_the_cells_of_each_step() {
        let plan = plan(2, 1, 8, 2, 2);
        let roll = roll(&plan, 8, &[[0, 0, 0, 4, 0], [0, 0, 1, 4, 0], [1, 3, 1, 7, 1]]);
        let (beats, counts) = made(op(plan.densities()), roll);
        // A beat has [step, track, plane].
        assert_eq!((beats, found(&counts)), (4, vec![(0, 1.0), (8 + 4 + 2 + 1, 0.5)]));
    }

    #[test]
    fn onsets_and_offsets_are_differences_within_bars() {
        let plan = plan(2, 2, 4, 2, 1);
        // Track 0 has two pitches at steps 0 and 1, track 1 a note over the bar line.
        let ones = [
            [0, 0, 0, 1, 0],
            [0, 0, 1, 5, 0],
            [0, 1, 0, 1, 0],
            [0, 1, 1, 5, 0],
            [1, 3, 0, 7, 0],
            [1, 4, 0, 7, 0],
        ];
        let (steps, changes) = made(plan.onsets_and_offsets(), roll(&plan, 8, &ones));
        let expected = vec![(0, 2.0), (4, -2.0), (3 * 2 + 1, 1.0), (4 * 2 + 1, 1.0), (5 * 2 + 1, -1.0)];
        assert_eq!((steps, found(&changes)), (8, expected));
    }

    #[test]
    fn an_onset_plane_is_counted_as_it_stands() {
        let plan = plan(1, 1, 4, 1, 2);
        let ones = [[0, 1, 0, 3, 0], [0, 1, 0, 3, 1], [0, 2, 0, 3, 0]];
        let (_, changes) = made(plan.onsets_and_offsets(), roll(&plan, 4, &ones));
        assert_eq!(changes, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, -1.0, 0.0]);
    }

    #[test]
    fn differences_are_transposed_by_their_adjoint() {
        let difference = Difference { line: 3, features: 1 };
        let x = tensor((0..12).map(|x| (x * x % 7) as f32).collect(), [1, 6, 2]);
        let y = tensor((0..12).map(|x| (x * 5 % 11) as f32).collect(), [1, 6, 2]);
        let product = |a: Tensor<3>, b: Tensor<3>| (a * b).sum().into_scalar::<f32>();
        let left = product(difference.forward(x.clone()), y.clone());
        assert_eq!(left, product(x, difference.adjoint(y)));
    }

    #[test]
    fn registers_say_how_long_each_pitch_sounds_in_a_bar() {
        let plan = plan(2, 1, 4, 2, 1);
        let (bars, register) = made(op(plan.register()), roll(&plan, 4, &[[1, 0, 1, 2, 0], [1, 3, 1, 2, 0]]));
        assert_eq!((bars, found(&register)), (1, vec![(24 + 12 + 2, 1.0)]));
    }

    #[test]
    fn neighbours_come_side_by_side() {
        let counting =
            |shape: [usize; 3]| tensor((0..shape.iter().product()).map(|x| x as f32).collect(), shape);
        let one = plan(1, 1, 8, 2, 1);
        // Two places of two steps with two rows each: rows (place, row), features the steps.
        let (rows, gathered) = made(op(one.gather(1, 2, 2, 2, 1)), counting([1, 8, 1]));
        assert_eq!((rows, gathered), (4, vec![0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0]));
        // The same of two tracks: features (step, track).
        let two = plan(2, 1, 8, 2, 1);
        let (rows, merged) = made(op(two.merge(1, 2, 2, 1)), counting([2, 4, 1]));
        assert_eq!((rows, merged), (2, vec![0.0, 4.0, 2.0, 6.0, 1.0, 5.0, 3.0, 7.0]));
        // Rows (octave, class), features the steps.
        let (rows, pitches) = made(op(one.pitches(1, 2)), counting([1, 4, 12]));
        assert_eq!(
            (rows, &pitches[..4], &pitches[24..26]),
            (24, &[0.0, 24.0, 1.0, 25.0][..], &[12.0, 36.0][..])
        );
        let (rows, together) = made(op(two.together()), counting([2, 16, 12]));
        assert_eq!((rows, together[12], together[24]), (16, 192.0, 12.0));
        let (rows, joined) = made(op(Op::Join(2)), counting([1, 4, 1]));
        assert_eq!((rows, joined), (2, vec![0.0, 1.0, 2.0, 3.0]));
        let (rows, mean) = made(op(one.mean(3)), counting([1, 3, 1]));
        assert_eq!((rows, mean), (1, vec![1.0]));
        let (rows, pairs) = made(op(Op::Window(plan(1, 3, 4, 1, 1).pairs())), counting([1, 3, 1]));
        assert_eq!((rows, pairs), (2, vec![0.0, 1.0, 1.0, 2.0]));
    }

    #[test]
    fn a_fork_joins_what_its_streams_make_of_the_same_input() {
        let counting = tensor(vec![1.0, 2.0, 3.0, 4.0], [1, 4, 1]);
        let fork = op(Op::Fork(vec![op(Op::Join(2)), op(Op::Join(2)).then(Op::Leaky)]));
        let (rows, values) = made(fork, counting.neg());
        let expected = [-1.0, -2.0, -0.2, -0.4, -3.0, -4.0, -0.6, -0.8];
        assert!(rows == 2 && values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{values:?}");
    }

    #[test]
    fn places_are_sixteenths_and_windows_reach_every_octave() {
        let places = [4, 8, 16, 24, 48, 96].map(|steps| plan(1, 1, steps, 1, 1).places());
        assert_eq!(places, [1, 2, 4, 3, 4, 4]);
        for octaves in 1..=10 {
            let window = plan(1, 1, 4, octaves, 1).octave_windows();
            assert_eq!((windows(&window) - 1) * window.stride + window.size, octaves);
        }
    }
}
