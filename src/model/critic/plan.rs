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
