//! How well one piece meets another: the same notes at the same sixteenths.
//!
//! Unlike the overlap in [`super::set`], which counts sounding cells of any resolution, this is what a
//! listener would call the same tune: a note is met when the other piece starts a note of its pitch, in
//! the same track, at the same sixteenth.

use std::ops::AddAssign;

use crate::music::{Multitrack, Resolution, Track};

/// Steps of the grid in a beat.
const SIXTEENTHS: usize = 4;

/// Notes and cells that two pieces (or tracks) share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Notes of the piece that was asked for.
    pub wanted: u64,
    /// Notes of the piece that was made.
    pub made: u64,
    /// Notes that both have.
    pub met: u64,
    /// Cells (pitches at sixteenths) that sound in both.
    pub both: u64,
    /// Cells that sound in either.
    pub either: u64,
}

impl Agreement {
    /// Harmonic mean of the shares of wanted notes that were made and of made notes that were wanted
    /// (van Rijsbergen 1979), 0..=1; `None` when neither piece has a note.
    pub fn note_f1(&self) -> Option<f64> {
        let notes = self.wanted + self.made;
        (notes > 0).then(|| 2.0 * self.met as f64 / notes as f64)
    }

    /// Cells that sound in both of those that sound in either (Jaccard 1901), 0..=1; `None` when both
    /// are silent.
    pub fn jaccard(&self) -> Option<f64> {
        (self.either > 0).then(|| self.both as f64 / self.either as f64)
    }
}

impl AddAssign for Agreement {
    fn add_assign(&mut self, other: Self) {
        self.wanted += other.wanted;
        self.made += other.made;
        self.met += other.met;
        self.both += other.both;
        self.either += other.either;
    }
}

impl std::iter::Sum for Agreement {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::default(), |mut sum, item| {
            sum += item;
            sum
        })
    }
}

/// A piece on the grid of sixteenths, ready to be set against others.
#[derive(Clone, Debug, PartialEq)]
pub struct Sixteenths {
    tracks: Vec<(String, Planes)>,
}

/// Sounding and onset sets, one a sixteenth; of drums, the onsets twice.
#[derive(Clone, Debug, Default, PartialEq)]
struct Planes {
    sounding: Vec<u128>,
    onset: Vec<u128>,
}

impl Planes {
    fn of(track: &Track, fine: usize) -> Self {
        let coarse = |plane: &[u128]| -> Vec<u128> {
            plane.chunks(fine).map(|steps| steps.iter().fold(0, |all, set| all | set)).collect()
        };
        let onset = coarse(track.roll.onset());
        Self { sounding: if track.is_drum { onset.clone() } else { coarse(track.roll.sounding()) }, onset }
    }

    fn against(&self, made: &Self) -> Agreement {
        let count = |plane: &[u128]| plane.iter().map(|set| u64::from(set.count_ones())).sum::<u64>();
        let shared = |a: &[u128], b: &[u128]| -> u64 {
            a.iter().zip(b).map(|(a, b)| u64::from((a & b).count_ones())).sum()
        };
        let both = shared(&self.sounding, &made.sounding);
        Agreement {
            wanted: count(&self.onset),
            made: count(&made.onset),
            met: shared(&self.onset, &made.onset),
            both,
            either: count(&self.sounding) + count(&made.sounding) - both,
        }
    }
}

impl Sixteenths {
    /// A sixteenth sounds where any step inside it does, and has an onset where any step has.
    pub fn of(piece: &Multitrack) -> Self {
        let even = piece.resolution().steps().is_multiple_of(SIXTEENTHS);
        let piece = if even { piece.clone() } else { piece.resample(Resolution::MODEL) };
        let fine = piece.resolution().steps() / SIXTEENTHS;
        let tracks = piece.with_distinct_names();
        let planes = |track: &Track| (track.name.to_string(), Planes::of(track, fine));
        Self { tracks: tracks.tracks().iter().map(planes).collect() }
    }

    /// How well `made` meets this piece, track by track: this piece's tracks in order, then those that
    /// only the other has. Tracks are matched by name; one that is missing is silent.
    pub fn against(&self, made: &Self) -> Vec<(String, Agreement)> {
        let silent = Planes::default();
        let own = self
            .tracks
            .iter()
            .map(|(name, planes)| (name.clone(), planes.against(made.planes(name).unwrap_or(&silent))));
        let others = made.tracks.iter().filter(|(name, _)| self.planes(name).is_none());
        own.chain(others.map(|(name, planes)| (name.clone(), silent.against(planes)))).collect()
    }

    /// The sum of [`Sixteenths::against`] over all tracks.
    pub fn overall(&self, made: &Self) -> Agreement {
        self.against(made).into_iter().map(|(_, agreement)| agreement).sum()
    }

    fn planes(&self, name: &str) -> Option<&Planes> {
        self.tracks.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, planes)| planes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch};

    fn piece(family: Family, notes: &[(usize, u8, usize)], resolution: i64) -> Multitrack {
        let note = |&(start, pitch, end): &(usize, u8, usize)| Note {
            start,
            pitch: Pitch::new(pitch.into()).unwrap(),
            end,
            velocity: 100,
        };
        let notes: Vec<Note> = notes.iter().map(note).collect();
        let resolution = Resolution::new(resolution).unwrap();
        let roll = Pianoroll::from_notes(resolution.steps() * 4, &notes).without_velocities();
        Multitrack::new(vec![Track::of_family(family, roll)], resolution)
    }

    fn overall(wanted: &Multitrack, made: &Multitrack) -> Agreement {
        Sixteenths::of(wanted).overall(&Sixteenths::of(made))
    }

    #[test]
    fn notes_and_cells_are_counted_by_hand() {
        let wanted = piece(Family::Piano, &[(0, 60, 6), (12, 64, 24)], 12);
        let made = piece(Family::Piano, &[(0, 60, 3), (12, 65, 24), (15, 64, 18)], 12);
        let agreement = overall(&wanted, &made);
        assert_eq!(agreement, Agreement { wanted: 2, made: 3, met: 1, both: 2, either: 6 + 4 });
        assert_eq!(agreement.note_f1(), Some(0.4));
        assert_eq!(agreement.jaccard(), Some(0.2));
    }

    #[test]
    fn the_same_music_agrees_at_any_resolution() {
        let coarse = piece(Family::Piano, &[(0, 60, 4), (4, 60, 6)], 4);
        let fine = piece(Family::Piano, &[(0, 60, 24), (24, 60, 36)], 24);
        assert_eq!(overall(&coarse, &fine).note_f1(), Some(1.0));
        assert_eq!(overall(&coarse, &fine).jaccard(), Some(1.0));
    }

    #[test]
    fn how_long_a_drum_rings_does_not_count_and_missing_tracks_are_silent() {
        let wanted = piece(Family::Drums, &[(0, 36, 12)], 12);
        assert_eq!(overall(&wanted, &piece(Family::Drums, &[(0, 36, 1)], 12)).jaccard(), Some(1.0));
        let other = piece(Family::Bass, &[(0, 36, 12)], 12);
        let by_track = Sixteenths::of(&wanted).against(&Sixteenths::of(&other));
        assert_eq!(by_track.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["drums", "bass"]);
        assert_eq!((by_track[0].1.note_f1(), by_track[1].1.note_f1()), (Some(0.0), Some(0.0)));
        let silence = piece(Family::Drums, &[], 12);
        assert_eq!(overall(&silence, &silence).note_f1(), None);
    }
}
