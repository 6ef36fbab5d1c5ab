//! Velocities of the cells that sound, and of no others: most of a roll is silent.

use std::ops::Range;

use super::pianoroll::{DEFAULT_VELOCITY, pitches_of};

/// Velocities of a roll's sounding cells, by step and then pitch, 1 to 127.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Velocities {
    /// Where each step begins in `values`, and where the last one ends.
    starts: Vec<usize>,
    values: Vec<u8>,
}

impl Velocities {
    /// What `velocity(step, pitch)` says of every sounding cell; 0 counts as [`DEFAULT_VELOCITY`].
    pub(super) fn of(sounding: &[u128], mut velocity: impl FnMut(usize, u8) -> u8) -> Self {
        let mut starts = Vec::with_capacity(sounding.len() + 1);
        let mut values = Vec::new();
        starts.push(0);
        for (step, set) in sounding.iter().enumerate() {
            values.extend(pitches_of(*set).map(|pitch| valid(velocity(step, pitch))));
            starts.push(values.len());
        }
        Self { starts, values }
    }

    /// [`DEFAULT_VELOCITY`] for every sounding cell, to be changed by [`Self::set`].
    pub(super) fn default_of(sounding: &[u128]) -> Self {
        let ends = sounding.iter().scan(0, |end, set| {
            *end += set.count_ones() as usize;
            Some(*end)
        });
        let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let values = vec![DEFAULT_VELOCITY; starts.last().copied().unwrap_or(0)];
        Self { starts, values }
    }

    /// The velocities of cells that come by pitch and then step, `counts` of them at each step.
    pub(super) fn of_columns(counts: &[u8], cells: impl Iterator<Item = (usize, u8)>) -> Self {
        let ends = counts.iter().scan(0, |end, count| {
            *end += usize::from(*count);
            Some(*end)
        });
        let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let mut values = vec![DEFAULT_VELOCITY; starts.last().copied().unwrap_or(0)];
        let mut next = starts.clone();
        for (step, velocity) in cells {
            values[next[step]] = valid(velocity);
            next[step] += 1;
        }
        Self { starts, values }
    }

    /// The velocities `given` of cells that come by pitch and then step, in runs of steps.
    pub(super) fn of_runs(steps: usize, runs: &[Range<usize>], given: &[u8]) -> Self {
        // A place further on while they are put in: what is counted as the cells of a step becomes where
        // its next one goes, which in the end is where the following step begins.
        let mut starts = vec![0usize; steps + 2];
        for run in runs {
            starts[run.start + 2..run.end + 2].iter_mut().for_each(|count| *count += 1);
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        let mut values = vec![DEFAULT_VELOCITY; before];
        let mut given = given.iter();
        for run in runs {
            for (next, velocity) in starts[run.start + 1..run.end + 1].iter_mut().zip(&mut given) {
                values[*next] = valid(*velocity);
                *next += 1;
            }
        }
        starts.truncate(steps + 1);
        Self { starts, values }
    }

    /// Velocity of a pitch among those, `sounding`, of a step.
    pub(super) fn get(&self, sounding: u128, step: usize, pitch: u8) -> u8 {
        self.values[self.starts[step] + rank(sounding, pitch)]
    }

    /// Changes it.
    pub(super) fn set(&mut self, sounding: u128, step: usize, pitch: u8, velocity: u8) {
        self.values[self.starts[step] + rank(sounding, pitch)] = valid(velocity);
    }

    /// Those of the steps `start..end`.
    pub(super) fn slice(&self, start: usize, end: usize) -> Self {
        let (first, last) = (self.starts[start], self.starts[end]);
        Self {
            starts: self.starts[start..=end].iter().map(|at| at - first).collect(),
            values: self.values[first..last].to_vec(),
        }
    }

    /// The same for `steps` steps, silent where there were none.
    pub(super) fn resized(&self, steps: usize) -> Self {
        let mut starts = self.starts.clone();
        starts.resize(steps + 1, self.values.len());
        let mut values = self.values.clone();
        values.truncate(starts[steps]);
        Self { starts, values }
    }

    /// All of them, by step and then pitch.
    pub fn values(&self) -> &[u8] {
        &self.values
    }
}

fn valid(velocity: u8) -> u8 {
    match velocity {
        0 => DEFAULT_VELOCITY,
        given => given.min(127),
    }
}

/// How many pitches of a set are lower.
fn rank(set: u128, pitch: u8) -> usize {
    (set & ((1 << pitch) - 1)).count_ones() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_making_them_gives_the_same() {
        let sounding = [0b101, 0, 1 << 127 | 1];
        let of = Velocities::of(&sounding, |step, pitch| 10 * step as u8 + pitch.min(9) + 1);
        assert_eq!(of.values(), [1, 3, 21, 30]);
        let mut set = Velocities::default_of(&sounding);
        for (step, pitch, velocity) in [(2, 127, 30), (0, 0, 1), (2, 0, 21), (0, 2, 3)] {
            set.set(sounding[step], step, pitch, velocity);
        }
        assert_eq!(set, of);
        let columns = [(0, 1), (2, 21), (0, 3), (2, 30)];
        assert_eq!(Velocities::of_columns(&[2, 0, 2], columns.into_iter()), of);
        assert_eq!(Velocities::of_runs(3, &[0..1, 2..3, 0..1, 2..3], &[1, 21, 3, 30]), of);
        assert_eq!(Velocities::of_runs(3, &[0..3, 1..2], &[1, 2, 4, 3]).starts, [0, 1, 3, 4]);
        assert_eq!(of.get(sounding[2], 2, 127), 30);
    }

    #[test]
    fn parts_and_longer_ones_keep_their_values() {
        let of = Velocities::of(&[1, 3, 0, 1], |step, pitch| 10 * step as u8 + pitch + 1);
        assert_eq!(of.slice(1, 3).values(), [11, 12]);
        assert_eq!(of.slice(1, 3), Velocities::of(&[3, 0], |_, pitch| 11 + pitch));
        assert_eq!(of.resized(6).resized(4), of);
        assert_eq!(of.resized(1).values(), [1]);
    }

    #[test]
    fn what_is_no_velocity_becomes_one() {
        assert_eq!(Velocities::of(&[1, 1], |step, _| if step == 0 { 0 } else { 200 }).values(), [100, 127]);
    }
}
