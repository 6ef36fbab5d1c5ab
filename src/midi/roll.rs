//! A score on a grid of steps.

use super::error::MidiError;
use super::score::{Division, Instrument, Score};
use crate::music::{DEFAULT_VELOCITY, Family, Merge, Multitrack, Note, Pianoroll, Planes, Resolution, Track};

/// Most steps of all tracks together; a song of an hour at 24 steps a beat has about two million.
const MOST_STEPS: u64 = 1 << 22;

impl Score {
    /// The resolution of the piece when this crate wrote the file; reading at it gives back the piece
    /// that was written.
    pub fn resolution(&self) -> Option<Resolution> {
        self.written.map(|written| written.resolution)
    }

    /// The score with `resolution` steps per quarter note, a track for each instrument. Starts and
    /// ends go to the nearest step; a note is at least one step long. The length is whole bars, as many
    /// as hold the last note's end, or the length that was written when this crate wrote the file.
    /// Instruments without a name are called after their family.
    ///
    /// # Errors
    /// [`MidiError::TooLong`] when the piece would not fit into memory.
    pub fn to_multitrack(&self, resolution: Resolution) -> Result<Multitrack, MidiError> {
        let (frame, steps) = self.frame(resolution, self.instruments.len())?;
        let tracks = self.instruments.iter().map(|i| self.track(i, resolution, steps)).collect();
        Ok(frame.with_tracks(tracks))
    }

    /// The score with `resolution` steps per quarter note, merged into the five families by `rule`, which
    /// drops an instrument that it has no family for; without velocities. It is the piece of
    /// [`Self::to_multitrack`] merged by [`Multitrack::merge_by`], made at once: in a fraction of the time,
    /// and the memory of five tracks. With it comes the account of what went where.
    ///
    /// # Errors
    /// [`MidiError::TooLong`] when the piece would not fit into memory.
    pub fn to_families(
        &self,
        resolution: Resolution,
        rule: impl Fn(&Instrument) -> Option<Family>,
    ) -> Result<(Multitrack, Vec<Merge>), MidiError> {
        let (frame, steps) = self.frame(resolution, Family::ALL.len())?;
        let mut rolls: [Option<Planes>; Family::ALL.len()] = Default::default();
        let mut account = Vec::with_capacity(self.instruments.len());
        for instrument in &self.instruments {
            let family = rule(instrument);
            let mut planes =
                family.map(|family| rolls[family.index()].get_or_insert_with(|| Planes::silent(steps)));
            // Notes of one pitch that begin in one step are one note there.
            let (mut notes, mut step, mut begun) = (0, usize::MAX, 0u128);
            for note in &instrument.notes {
                let start = self.step(note.start, resolution) as usize;
                let end = (self.step(note.end, resolution) as usize).max(start + 1);
                if let Some(planes) = &mut planes {
                    planes.play(start, end, note.pitch);
                }
                let cell = 1 << note.pitch.number();
                begun = if start == step { begun } else { 0 };
                notes += usize::from(begun & cell == 0);
                (step, begun) = (start, begun | cell);
            }
            let (track, program) = (instrument.called().to_owned(), instrument.program);
            account.push(Merge { track, program, notes, family });
        }
        let silent = Pianoroll::silent(if rolls.iter().all(Option::is_some) { 0 } else { steps });
        let tracks = Family::ALL.into_iter().zip(rolls).map(|(family, planes)| {
            Track::of_family(family, planes.map_or_else(|| silent.clone(), Planes::finish))
        });
        Ok((frame.with_tracks(tracks.collect()), account))
    }

    /// What all tracks have in common, and their length; `tracks` is how many there will be.
    fn frame(&self, resolution: Resolution, tracks: usize) -> Result<(Multitrack, usize), MidiError> {
        let step = |tick: u64| self.step(tick, resolution);
        let fits = |steps: u64| match steps.checked_mul(tracks as u64 + 1) {
            Some(all) if all <= MOST_STEPS => Ok(steps),
            _ => Err(MidiError::TooLong { tracks, steps, resolution: resolution.steps() }),
        };
        let notes = || self.instruments.iter().flat_map(|i| &i.notes);
        // Steps rise with ticks, and a note is at least one step long.
        let ended = notes().map(|note| note.end).max().map_or(0, step);
        let begun = notes().map(|note| note.start).max().map_or(0, |tick| step(tick) + 1);
        let last = fits(ended.max(begun))? as usize;

        let tempos = self.tempos.iter().map(|change| (step(change.tick) as usize, change.tempo));
        let meters = self.meters.iter().map(|(tick, meter)| (step(*tick) as usize, *meter));
        let frame = Multitrack::new(Vec::new(), resolution)
            .with_name(self.name.as_deref())
            .with_tempos(tempos.collect())
            .with_meters(meters.collect())
            .with_origin(self.origin.clone());
        let steps = match self.written {
            Some(written) if written.resolution == resolution && written.steps == step(self.end) => {
                written.steps
            }
            _ => frame.bar_lines_to(last).last().map_or(0, |end| *end as u64),
        };
        let steps = fits(steps)? as usize;
        // What changes after the end is nobody's tempo or meter.
        let inside = |at: usize| at == 0 || at < steps;
        let frame = frame
            .with_tempos(frame.tempos().iter().filter(|(at, _)| inside(*at)).copied().collect())
            .with_meters(frame.meters().iter().filter(|(at, _)| inside(*at)).copied().collect());
        Ok((frame, steps))
    }

    fn track(&self, instrument: &Instrument, resolution: Resolution, steps: usize) -> Track {
        let step = |tick: u64| self.step(tick, resolution) as usize;
        let note = |n: &super::ScoreNote| {
            let start = step(n.start);
            Note { start, pitch: n.pitch, end: step(n.end).max(start + 1), velocity: n.velocity }
        };
        let notes: Vec<Note> = instrument.notes.iter().map(note).collect();
        let roll = Pianoroll::from_notes(steps, &notes);
        let plain = notes.iter().all(|n| n.velocity == DEFAULT_VELOCITY);
        let roll = if instrument.written == Some(false) && plain { roll.without_velocities() } else { roll };
        let name = instrument.called();
        Track { name: name.into(), program: instrument.program, is_drum: instrument.is_drum, roll }
    }

    /// The step nearest to a tick; the later of two that are as near.
    fn step(&self, tick: u64, resolution: Resolution) -> u64 {
        let steps = resolution.steps() as u64;
        match self.division {
            Division::TicksPerBeat(ticks) => {
                let ticks = u64::from(ticks);
                (tick.saturating_mul(2 * steps).saturating_add(ticks)) / (2 * ticks)
            }
            Division::Timecode { .. } => {
                (tick as f64 * steps as f64 / self.division.ticks_per_beat()).round() as u64
            }
        }
    }
}

impl Instrument {
    /// The family that its program belongs to.
    pub fn family(&self) -> Option<Family> {
        Family::of_program(self.program, self.is_drum)
    }

    /// Its name, or that of its family when nobody named it.
    fn called(&self) -> &str {
        match (self.name.as_str(), self.written) {
            ("", None) => self.family().map_or("effects", Family::name),
            (name, _) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::score::ScoreNote;
    use super::*;
    use crate::music::{Meter, Pitch, Program};

    /// Notes `(start, end)` of C4 at 480 ticks a beat.
    fn score(notes: &[(u64, u64)]) -> Score {
        let pitch = Pitch::new(60).unwrap();
        let note = |&(start, end): &(u64, u64)| ScoreNote { start, pitch, end, velocity: 90 };
        let instrument = Instrument {
            track: 1,
            channel: 0,
            name: String::new(),
            program: Program::new(33).unwrap(),
            is_drum: false,
            notes: notes.iter().map(note).collect(),
            written: None,
        };
        Score { instruments: vec![instrument], ..Score::new(480) }
    }

    fn cells(score: &Score) -> Vec<(usize, usize)> {
        let piece = score.to_multitrack(Resolution::MODEL).unwrap();
        piece.tracks()[0].roll.notes().iter().map(|n| (n.start, n.end)).collect()
    }

    #[test]
    fn starts_and_ends_go_to_the_nearest_step_and_no_note_vanishes() {
        assert_eq!(cells(&score(&[(19, 60), (100, 101)])), [(0, 2), (3, 4)]);
        assert_eq!(cells(&score(&[(20, 61)])), [(1, 2)], "halves go to the later step");
    }

    #[test]
    fn the_length_is_whole_bars_of_the_meter() {
        let mut score = score(&[(0, 1921)]);
        let bars = |score: &Score| {
            let piece = score.to_multitrack(Resolution::MODEL).unwrap();
            (piece.bar_count(), piece.steps())
        };
        assert_eq!(bars(&score), (1, 48), "a tick too long is no new bar");
        score.instruments[0].notes[0].end = 1960;
        assert_eq!(bars(&score), (2, 96));
        score.meters = vec![(0, Meter::new(3, 4).unwrap())];
        assert_eq!(bars(&score), (2, 72));
        score.instruments.clear();
        assert_eq!(bars(&score), (0, 0));
    }

    #[test]
    fn an_instrument_without_a_name_is_called_after_its_family() {
        let piece = score(&[(0, 480)]).to_multitrack(Resolution::MODEL).unwrap();
        assert_eq!(piece.track_names(), ["bass"]);
    }

    #[test]
    fn families_made_at_once_are_those_of_the_merged_piece() {
        let mut rng = crate::base::Seed(3).stream("families");
        let mut piece = score(&[]);
        let parts = [(0, 0), (1, 0), (33, 0), (100, 0), (0, 9), (48, 0)];
        piece.instruments = parts
            .map(|(program, channel)| {
                let mut notes: Vec<ScoreNote> = (0..200)
                    .map(|_| {
                        let start = rng.below(20_000) as u64;
                        let pitch = Pitch::new(60 + rng.below(5) as i64).unwrap();
                        ScoreNote { start, pitch, end: start + 1 + rng.below(900) as u64, velocity: 80 }
                    })
                    .collect();
                notes.sort();
                let (program, is_drum) = (Program::new(program).unwrap(), channel == 9);
                Instrument { channel, program, is_drum, notes, ..piece.instruments[0].clone() }
            })
            .to_vec();
        piece.meters = vec![(960, Meter::new(3, 4).unwrap())];
        for steps in [1, 4, 24] {
            let resolution = Resolution::new(steps).unwrap();
            let (wanted, account) = piece.to_multitrack(resolution).unwrap().merge_to_families();
            let (got, made) = piece.to_families(resolution, Instrument::family).unwrap();
            assert_eq!(made, account);
            for (got, wanted) in got.tracks().iter().zip(wanted.tracks()) {
                assert_eq!(*got, wanted.with_roll(wanted.roll.without_velocities()));
            }
            assert_eq!((got.meters(), got.tempos()), (wanted.meters(), wanted.tempos()));
        }
    }

    #[test]
    fn a_song_that_does_not_fit_into_memory_is_refused() {
        let error = score(&[(0, 1 << 40)]).to_multitrack(Resolution::MIDI).unwrap_err().to_string();
        assert!(error.starts_with("the song would need 1 tracks of 54975581389 steps"), "{error}");
        assert!(score(&[(0, u64::MAX)]).to_multitrack(Resolution::MIDI).is_err());
    }
}
