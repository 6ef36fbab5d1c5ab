//! Editing whole pieces: every operation returns a new one.

use super::{Multitrack, MusicError, Resolution, Scale, Track};

/// What differs between two pieces, track by track.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// One entry for each track of either piece.
    pub tracks: Vec<TrackDifference>,
}

/// Cells of one track that one piece has and the other has not.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackDifference {
    /// The track's name.
    pub name: String,
    /// Sounding cells only in the second piece, one set of pitches per step.
    pub added: Vec<u128>,
    /// Sounding cells only in the first piece.
    pub removed: Vec<u128>,
}

impl TrackDifference {
    /// Number of added and of removed cells.
    pub fn counts(&self) -> (u32, u32) {
        let count = |plane: &[u128]| plane.iter().map(|set| set.count_ones()).sum();
        (count(&self.added), count(&self.removed))
    }
}

impl Difference {
    /// Whether no cell differs.
    pub fn is_empty(&self) -> bool {
        self.tracks.iter().all(|t| t.counts() == (0, 0))
    }
}

impl Multitrack {
    /// Bars `start..end`, counted from 0.
    ///
    /// # Errors
    /// [`MusicError::Bars`] when they do not lie in the piece.
    pub fn bars(&self, start: i64, end: i64) -> Result<Self, MusicError> {
        let lines = self.bar_lines();
        let bars = lines.len() - 1;
        let out = || MusicError::Bars { start, end, bars };
        let first = usize::try_from(start).map_err(|_| out())?;
        let last = usize::try_from(end).map_err(|_| out())?;
        if first > last || last > bars {
            return Err(out());
        }
        let padded = self.padded_to(lines[bars]);
        let (from, to) = (lines[first], lines[last]);
        let tracks = padded
            .tracks()
            .iter()
            .map(|t| Ok(t.with_roll(t.roll.slice(from, to)?)))
            .collect::<Result<_, MusicError>>()?;
        let shifted = self.with_tempos(shift_map(self.tempos(), from, to));
        Ok(shifted.with_meters(shift_map(self.meters(), from, to)).with_tracks(tracks))
    }

    /// The first `count` bars, or all of a shorter piece.
    ///
    /// # Errors
    /// [`MusicError::Bars`] when `count` is negative.
    pub fn first_bars(&self, count: i64) -> Result<Self, MusicError> {
        self.bars(0, count.min(self.bar_count() as i64))
    }

    /// Cut or padded with silence to `steps` steps.
    pub fn padded_to(&self, steps: usize) -> Self {
        self.with_tracks(self.tracks().iter().map(|t| t.with_roll(t.roll.resized(steps))).collect())
    }

    /// This piece, then `next`, bar line on bar line. Tracks are matched by name; a name that only
    /// one piece has is silent in the other.
    ///
    /// # Errors
    /// [`MusicError::Resolutions`] when the resolutions differ.
    pub fn concat(&self, next: &Self) -> Result<Self, MusicError> {
        if self.resolution() != next.resolution() {
            return Err(MusicError::Resolutions {
                left: self.resolution().steps(),
                right: next.resolution().steps(),
            });
        }
        let end = self.bar_lines().last().copied().unwrap_or(0);
        let joined = |name: &str, model: &Track| {
            let part = |piece: &Self, steps: usize| match piece.track(name) {
                Ok(track) => track.roll.resized(steps),
                Err(_) => super::Pianoroll::silent(steps),
            };
            model.with_roll(part(self, end).concat(&part(next, next.steps())))
        };
        let mut tracks: Vec<Track> = self.tracks().iter().map(|t| joined(&t.name, t)).collect();
        let fresh = next.tracks().iter().filter(|t| self.track(&t.name).is_err());
        tracks.extend(fresh.map(|t| joined(&t.name, t)));
        let moved = next.tempos().iter().map(|(at, tempo)| (at + end, *tempo));
        let tempos = self.tempos().iter().copied().filter(|(at, _)| *at < end.max(1)).chain(moved);
        let moved = next.meters().iter().map(|(at, meter)| (at + end, *meter));
        let meters = self.meters().iter().copied().filter(|(at, _)| *at < end.max(1)).chain(moved);
        let (tempos, meters) = (tempos.collect(), meters.collect());
        Ok(self.with_tracks(tracks).with_tempos(tempos).with_meters(meters).with_origin(None))
    }

    /// Every pitched track moved by `semitones`; drums stay.
    pub fn transpose(&self, semitones: i32) -> Self {
        let moved = |t: &Track| match t.is_drum {
            true => t.clone(),
            false => t.with_roll(t.roll.transpose(semitones)),
        };
        self.with_tracks(self.tracks().iter().map(moved).collect())
    }

    /// The piece with one track silent.
    ///
    /// # Errors
    /// [`MusicError::Track`] when there is no such track.
    pub fn mute(&self, name: &str) -> Result<Self, MusicError> {
        self.map_track(name, |t| t.with_roll(super::Pianoroll::silent(t.roll.steps())))
    }

    /// The piece with only the named tracks, in the order they have here.
    ///
    /// # Errors
    /// [`MusicError::Track`] when one of them is missing.
    pub fn only(&self, names: &[String]) -> Result<Self, MusicError> {
        for name in names {
            self.track(name)?;
        }
        let named = |t: &&Track| names.iter().any(|n| n.eq_ignore_ascii_case(&t.name));
        Ok(self.with_tracks(self.tracks().iter().filter(named).cloned().collect()))
    }

    /// The piece with the first track called `name` put through `change`.
    ///
    /// # Errors
    /// [`MusicError::Track`] when there is no such track.
    pub fn map_track(&self, name: &str, change: impl FnOnce(&Track) -> Track) -> Result<Self, MusicError> {
        self.track(name)?;
        let mut tracks = self.tracks().to_vec();
        if let Some(track) = tracks.iter_mut().find(|t| t.name.eq_ignore_ascii_case(name)) {
            *track = change(track);
        }
        Ok(self.with_tracks(tracks))
    }

    /// The piece with no two tracks called alike, in any case: the second `Piano` is `Piano 2`.
    pub fn with_distinct_names(&self) -> Self {
        let taken = |name: &str, before: &[Track]| before.iter().any(|t| t.name.eq_ignore_ascii_case(name));
        if (0..self.tracks().len()).all(|i| !taken(&self.tracks()[i].name, &self.tracks()[..i])) {
            return self.clone();
        }
        let mut tracks: Vec<Track> = Vec::with_capacity(self.tracks().len());
        for track in self.tracks() {
            let numbered = |number: usize| match number {
                1 => track.name.to_string(),
                _ => format!("{} {number}", track.name),
            };
            // One of the first n + 1 names is free, as n tracks came before.
            let free = (1..=tracks.len() + 1).map(numbered).find(|name| !taken(name, &tracks));
            let name = free.map_or_else(|| track.name.clone(), Into::into);
            tracks.push(Track { name, ..track.clone() });
        }
        self.with_tracks(tracks)
    }

    /// The same music at another resolution; see [`super::Pianoroll::resample`].
    pub fn resample(&self, to: Resolution) -> Self {
        let from = self.resolution();
        if from == to {
            return self.clone();
        }
        let scale = |step: usize| (step * to.steps() * 2 + from.steps()) / (from.steps() * 2);
        let tracks = self.tracks().iter().map(|t| t.with_roll(t.roll.resample(from, to)));
        Self::new(tracks.collect(), to)
            .with_name(self.name())
            .with_tempos(self.tempos().iter().map(|(at, tempo)| (scale(*at), *tempo)).collect())
            .with_meters(self.meters().iter().map(|(at, meter)| (scale(*at), *meter)).collect())
            .with_origin(self.origin().cloned())
    }

    /// Every pitched track moved onto `scale`, each note to the nearest pitch (down when two are as
    /// near).
    pub fn snap(&self, scale: &Scale) -> Self {
        let snapped = |t: &Track| match t.is_drum {
            true => t.clone(),
            false => t.with_roll(t.roll.map_pitches(|p| scale.nearest(p))),
        };
        self.with_tracks(self.tracks().iter().map(snapped).collect())
    }

    /// What `other` has that this piece has not, and the other way round, by track name.
    pub fn diff(&self, other: &Self) -> Difference {
        let steps = self.steps().max(other.steps());
        let plane = |piece: &Self, name: &str| match piece.track(name) {
            Ok(track) => track.roll.resized(steps).sounding().to_vec(),
            Err(_) => vec![0; steps],
        };
        let mut names = self.track_names();
        names.extend(other.track_names().into_iter().filter(|n| self.track(n).is_err()));
        let tracks = names.into_iter().map(|name| {
            let (before, after) = (plane(self, &name), plane(other, &name));
            let only = |a: &[u128], b: &[u128]| a.iter().zip(b).map(|(a, b)| a & !b).collect();
            TrackDifference { added: only(&after, &before), removed: only(&before, &after), name }
        });
        Difference { tracks: tracks.collect() }
    }
}

/// The part of a map of changes that holds in `from..to`, counted from `from`.
fn shift_map<T: Copy>(changes: &[(usize, T)], from: usize, to: usize) -> Vec<(usize, T)> {
    let before = changes.iter().rev().find(|(at, _)| *at <= from).map(|(_, value)| (0, *value));
    let inside = changes.iter().filter(|(at, _)| *at > from && *at < to);
    before.into_iter().chain(inside.map(|(at, value)| (at - from, *value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Meter, Note, Pianoroll, Pitch, Tempo};

    fn scale_run(bars: usize) -> Multitrack {
        let notes: Vec<Note> = (0..bars * 4)
            .map(|beat| Note {
                start: beat * 12,
                pitch: Pitch::new(48 + beat as i64).unwrap(),
                end: beat * 12 + 12,
                velocity: 100,
            })
            .collect();
        let roll = Pianoroll::from_notes(bars * 48, &notes);
        Multitrack::new(vec![Track::of_family(Family::Piano, roll)], Resolution::MODEL)
    }

    #[test]
    fn bars_taken_apart_and_joined_are_the_piece() {
        let song = scale_run(4);
        let joined = song.bars(0, 2).unwrap().concat(&song.bars(2, 4).unwrap()).unwrap();
        assert_eq!(joined, song);
        assert!(song.bars(3, 5).is_err() && song.bars(-1, 2).is_err());
        assert_eq!(song.first_bars(9).unwrap(), song);
    }

    #[test]
    fn a_section_keeps_the_tempo_and_meter_it_had() {
        let song =
            scale_run(4).with_tempos(vec![(0, Tempo::new(100.0).unwrap()), (48, Tempo::new(80.0).unwrap())]);
        assert_eq!(song.bars(2, 4).unwrap().tempo().bpm(), 80.0);
        assert_eq!(song.bars(2, 4).unwrap().meters(), [(0, Meter::COMMON)]);
    }

    #[test]
    fn a_difference_names_what_came_and_went() {
        let song = scale_run(1);
        let diff = song.diff(&song.transpose(12));
        assert_eq!(diff.tracks[0].counts(), (48, 48));
        assert!(song.diff(&song).is_empty());
    }

    #[test]
    fn joining_needs_one_resolution() {
        let fine = scale_run(1).resample(Resolution::MIDI);
        assert!(scale_run(1).concat(&fine).is_err());
        assert_eq!(fine.resample(Resolution::MODEL), scale_run(1));
    }

    #[test]
    fn tracks_called_alike_are_numbered() {
        let silent = Track::of_family(Family::Piano, Pianoroll::silent(48));
        let track = |name: &&str| Track { name: (*name).into(), ..silent.clone() };
        let names = |given: &[&str]| {
            let tracks = given.iter().map(track).collect();
            Multitrack::new(tracks, Resolution::MODEL).with_distinct_names().track_names()
        };
        assert_eq!(names(&["Piano", "piano", "Bass", "Piano"]), ["Piano", "piano 2", "Bass", "Piano 3"]);
        assert_eq!(names(&["Piano", "Piano 2", "Piano"]), ["Piano", "Piano 2", "Piano 3"]);
    }
}
