//! Rolls out of rolls: cut, joined, moved, merged, at another resolution.

use std::sync::Arc;

use super::{Note, Pianoroll};
use crate::music::{MusicError, Pitch, Resolution};

impl Pianoroll {
    /// Steps `start..end`. A note that runs in from before begins at `start`.
    ///
    /// # Errors
    /// [`MusicError::Steps`] when they do not lie in the roll.
    pub fn slice(&self, start: usize, end: usize) -> Result<Self, MusicError> {
        if start > end || end > self.steps() {
            return Err(MusicError::Steps { start, end, steps: self.steps() });
        }
        let cut = Self::from_planes(self.sounding[start..end].to_vec(), self.onset[start..end].to_vec());
        let velocities = self.velocities.as_ref().map(|v| Arc::new(v.slice(start, end)));
        Ok(Self { velocities, ..cut })
    }

    /// Cut or padded with silence to `steps` steps.
    pub fn resized(&self, steps: usize) -> Self {
        if steps == self.steps() {
            return self.clone();
        }
        let resized = |plane: &Vec<u128>| {
            let mut plane = plane.clone();
            plane.resize(steps, 0);
            Arc::new(plane)
        };
        Self {
            sounding: resized(&self.sounding),
            onset: resized(&self.onset),
            velocities: self.velocities.as_ref().map(|v| Arc::new(v.resized(steps))),
        }
    }

    /// This roll, then `next`; a pitch that `next` begins with is an onset there.
    pub fn concat(&self, next: &Self) -> Self {
        let join = |a: &[u128], b: &[u128]| a.iter().chain(b).copied().collect();
        let mut starts: Vec<u128> = join(&self.onset, &next.onset);
        if let (Some(first), Some(set)) = (starts.get_mut(self.steps()), next.sounding.first()) {
            *first |= set;
        }
        self.joined_velocities(next, Self::from_planes(join(&self.sounding, &next.sounding), starts))
    }

    fn joined_velocities(&self, next: &Self, joined: Self) -> Self {
        if self.velocities.is_none() && next.velocities.is_none() {
            return joined;
        }
        joined.with_velocity_of(|step, pitch| match step.checked_sub(self.steps()) {
            None => self.velocity(step, pitch),
            Some(step) => next.velocity(step, pitch),
        })
    }

    /// All notes moved by `semitones`; what leaves 0..=127 is dropped.
    pub fn transpose(&self, semitones: i32) -> Self {
        let by = semitones.unsigned_abs().min(128);
        let shift = |plane: &Vec<u128>| {
            let moved = |set: &u128| match semitones >= 0 {
                true => set.checked_shl(by).unwrap_or(0),
                false => set.checked_shr(by).unwrap_or(0),
            };
            Arc::new(plane.iter().map(moved).collect::<Vec<_>>())
        };
        let (sounding, onset) = (shift(&self.sounding), shift(&self.onset));
        let moved = Self { sounding, onset, velocities: None };
        match &self.velocities {
            Some(_) => moved
                .with_velocity_of(|step, pitch| self.velocity(step, (i32::from(pitch) - semitones) as u8)),
            None => moved,
        }
    }

    /// Both rolls at once (MuseGAN's merge: the element-wise maximum); the longer length.
    pub fn union(&self, other: &Self) -> Self {
        let steps = self.steps().max(other.steps());
        let (a, b) = (self.resized(steps), other.resized(steps));
        let or = |x: &[u128], y: &[u128]| x.iter().zip(y).map(|(x, y)| x | y).collect();
        let merged = Self::from_planes(or(&a.sounding, &b.sounding), or(&a.onset, &b.onset));
        if a.velocities.is_none() && b.velocities.is_none() {
            return merged;
        }
        merged.with_velocity_of(|step, pitch| a.velocity(step, pitch).max(b.velocity(step, pitch)))
    }

    /// The same notes at another resolution: starts and ends to the nearest step, at least one step
    /// long.
    pub fn resample(&self, from: Resolution, to: Resolution) -> Self {
        if from == to {
            return self.clone();
        }
        let scale = |step: usize| (step * to.steps() * 2 + from.steps()) / (from.steps() * 2);
        let notes: Vec<Note> = self
            .notes()
            .into_iter()
            .map(|n| {
                let start = scale(n.start);
                Note { start, end: scale(n.end).max(start + 1), ..n }
            })
            .collect();
        let steps = (self.steps() * to.steps()).div_ceil(from.steps());
        let roll = Self::from_notes(steps, &notes);
        if self.velocities.is_some() { roll } else { roll.without_velocities() }
    }

    /// Each cell's pitch through `map`; `None` drops the note. Notes that meet are merged.
    pub fn map_pitches(&self, map: impl Fn(Pitch) -> Option<Pitch>) -> Self {
        let notes: Vec<Note> =
            self.notes().into_iter().filter_map(|n| map(n.pitch).map(|pitch| Note { pitch, ..n })).collect();
        let roll = Self::from_notes(self.steps(), &notes);
        if self.velocities.is_some() { roll } else { roll.without_velocities() }
    }

    /// Only the highest sounding pitch of each step.
    pub fn monophonic(&self) -> Self {
        let top = |set: &u128| if *set == 0 { 0 } else { 1u128 << (127 - set.leading_zeros()) };
        let sounding: Vec<u128> = self.sounding.iter().map(top).collect();
        let onset = self.onset.iter().zip(&sounding).map(|(o, s)| o & s).collect();
        let roll = Self::from_planes(sounding, onset);
        match &self.velocities {
            Some(_) => roll.with_velocity_of(|step, pitch| self.velocity(step, pitch)),
            None => roll,
        }
    }
}
