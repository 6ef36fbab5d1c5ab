//! A score on a grid of steps.

use super::error::MidiError;
use super::score::{Division, Instrument, Score};
use crate::music::{DEFAULT_VELOCITY, Family, Multitrack, Note, Pianoroll, Resolution, Track};

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
        let step = |tick: u64| self.step(tick, resolution);
        let last = self.instruments.iter().flat_map(|i| &i.notes).map(|n| step(n.end).max(step(n.start) + 1));
        let last = last.max().unwrap_or(0);
        let tempos = self.tempos.iter().map(|change| (step(change.tick), change.tempo));
        let meters = self.meters.iter().map(|(tick, meter)| (step(*tick), *meter));

        let silence = |steps: u64| Track::of_family(Family::Piano, Pianoroll::silent(steps as usize));
        let tracks = self.instruments.len() as u64 + 1;
        let fits = |steps: u64| match steps.checked_mul(tracks) {
            Some(all) if all <= MOST_STEPS => Ok(steps),
            _ => Err(MidiError::TooLong {
                tracks: self.instruments.len(),
                steps,
                resolution: resolution.steps(),
            }),
        };
        // A silent track of the right length counts the bars.
        let empty = Multitrack::new(vec![silence(fits(last)?)], resolution)
            .with_name(self.name.as_deref())
            .with_tempos(tempos.map(|(at, tempo)| (at as usize, tempo)).collect())
            .with_meters(meters.map(|(at, meter)| (at as usize, meter)).collect())
            .with_origin(self.origin.clone());
        let whole_bars = empty.bar_lines().last().map_or(0, |end| *end as u64);
        let steps = match self.written {
            Some(written) if written.resolution == resolution && written.steps == step(self.end) => {
                written.steps
            }
            _ => whole_bars,
        };
        let steps = fits(steps)? as usize;
        let tracks = self.instruments.iter().map(|i| self.track(i, resolution, steps)).collect();
        let piece = empty.with_tracks(tracks);
        // What changes after the end is nobody's tempo or meter.
        let inside = |at: usize| at == 0 || at < steps;
        Ok(piece
            .with_tempos(piece.tempos().iter().filter(|(at, _)| inside(*at)).copied().collect())
            .with_meters(piece.meters().iter().filter(|(at, _)| inside(*at)).copied().collect()))
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
        let family = Family::of_program(instrument.program, instrument.is_drum);
        let name = match (instrument.name.as_str(), instrument.written, family) {
            ("", None, Some(family)) => family.name(),
            ("", None, None) => "effects",
            (name, ..) => name,
        };
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

#[cfg(test)]
mod tests {
    use super::super::score::{ScoreNote, TempoChange};
    use super::*;
    use crate::music::{Meter, Pitch, Program, Tempo};

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
        Score {
            division: Division::TicksPerBeat(480),
            name: None,
            instruments: vec![instrument],
            tempos: vec![TempoChange { tick: 0, micros: 500_000, tempo: Tempo::default() }],
            meters: Vec::new(),
            keys: Vec::new(),
            end: 0,
            account: Vec::new(),
            origin: None,
            written: None,
        }
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
    fn a_song_that_does_not_fit_into_memory_is_refused() {
        let error = score(&[(0, 1 << 40)]).to_multitrack(Resolution::MIDI).unwrap_err().to_string();
        assert!(error.starts_with("the song would need 1 tracks of 54975581389 steps"), "{error}");
        assert!(score(&[(0, u64::MAX)]).to_multitrack(Resolution::MIDI).is_err());
    }
}
