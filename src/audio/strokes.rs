//! A piece as a list of strokes: which instrument plays which key from which sample to which.

use super::SAMPLE_RATE;
use super::voice::kit;
use crate::music::{Multitrack, Note};

/// What plays a stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Instrument {
    /// The percussion kit: the key chooses the drum.
    Kit,
    /// A General MIDI program.
    Program(u8),
}

/// One note in samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    pub instrument: Instrument,
    /// Index of its track.
    pub track: usize,
    /// Pitch, or percussion key.
    pub key: u8,
    /// 1..=127.
    pub velocity: u8,
    /// First sample.
    pub start: usize,
    /// Sample at which the key is let go.
    pub end: usize,
    /// Sample at which another drum chokes this one, as a closed hi-hat does an open one.
    pub choked: Option<usize>,
}

/// A piece ready to be played.
#[derive(Clone, Debug)]
pub(super) struct Score {
    /// By start, then track, then key.
    pub strokes: Vec<Stroke>,
    /// One for each track.
    pub instruments: Vec<Instrument>,
    /// Length of the piece.
    pub music_samples: usize,
    /// Length with the tail.
    pub samples: usize,
}

impl Score {
    /// The strokes of every track; `tail` seconds follow the piece.
    pub fn of(music: &Multitrack, tail: f64) -> Self {
        let times = step_times(music);
        let at = |step: usize| to_samples(times[step.min(times.len() - 1)]);
        let instruments: Vec<Instrument> = music
            .tracks()
            .iter()
            .map(|t| if t.is_drum { Instrument::Kit } else { Instrument::Program(t.program.number()) })
            .collect();
        let mut strokes = Vec::new();
        for (track, (part, instrument)) in music.tracks().iter().zip(&instruments).enumerate() {
            strokes.extend(part.roll.notes().into_iter().map(|note: Note| Stroke {
                instrument: *instrument,
                track,
                key: note.pitch.number(),
                velocity: note.velocity,
                start: at(note.start),
                end: at(note.end),
                choked: None,
            }));
        }
        strokes.sort_by_key(|s| (s.start, s.track, s.key));
        choke(&mut strokes);
        let music_samples = at(music.steps());
        Self { strokes, instruments, music_samples, samples: music_samples + to_samples(tail) }
    }
}

/// Ends each drum of a choke group where the next of its group begins, over all drum tracks.
fn choke(strokes: &mut [Stroke]) {
    let mut next: [Option<usize>; kit::CHOKE_GROUPS] = [None; kit::CHOKE_GROUPS];
    let mut after = next;
    for index in (0..strokes.len()).rev() {
        let Some(group) = choke_group(&strokes[index]) else { continue };
        if next[group].is_some_and(|start| start > strokes[index].start) {
            after[group] = next[group];
        }
        strokes[index].choked = after[group];
        next[group] = Some(strokes[index].start);
    }
}

fn choke_group(stroke: &Stroke) -> Option<usize> {
    match stroke.instrument {
        Instrument::Kit => kit::choke_group(stroke.key),
        Instrument::Program(_) => None,
    }
}

/// Seconds at which each step begins, and the end: [`Multitrack::seconds_at`] in one walk.
fn step_times(music: &Multitrack) -> Vec<f64> {
    let steps_per_beat = music.resolution().steps() as f64;
    let mut times = Vec::with_capacity(music.steps() + 1);
    let (mut index, mut since, mut base) = (0, 0, 0.0);
    for step in 0..=music.steps() {
        let per_step = |index: usize| {
            let bpm = music.tempos().get(index).map_or(120.0, |(_, tempo)| tempo.bpm());
            60.0 / bpm / steps_per_beat
        };
        if music.tempos().get(index + 1).is_some_and(|(at, _)| *at == step) {
            base += (step - since) as f64 * per_step(index);
            (index, since) = (index + 1, step);
        }
        times.push(base + (step - since) as f64 * per_step(index));
    }
    times
}

fn to_samples(seconds: f64) -> usize {
    (seconds * f64::from(SAMPLE_RATE)).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Pitch, Resolution, Tempo, Track};

    fn drums(hits: &[(usize, i64)]) -> Multitrack {
        let notes: Vec<Note> = hits
            .iter()
            .map(|(start, key)| Note {
                start: *start,
                pitch: Pitch::new(*key).unwrap(),
                end: start + 1,
                velocity: 100,
            })
            .collect();
        let roll = Pianoroll::from_notes(96, &notes);
        Multitrack::new(vec![Track::of_family(Family::Drums, roll)], Resolution::MODEL)
    }

    #[test]
    fn times_of_steps_are_those_of_the_tempo_map() {
        let tempo = |bpm| Tempo::new(bpm).unwrap();
        let song =
            drums(&[(0, 36)]).with_tempos(vec![(0, tempo(90.0)), (7, tempo(61.5)), (40, tempo(180.0))]);
        for (step, seconds) in step_times(&song).into_iter().enumerate() {
            assert!((seconds - song.seconds_at(step)).abs() < 1e-9, "step {step}");
        }
    }

    #[test]
    fn an_open_hat_is_choked_by_the_next_hat_alone() {
        let score = Score::of(&drums(&[(0, 46), (6, 38), (12, 42), (24, 46), (24, 42)]), 0.0);
        let choked: Vec<Option<usize>> = score.strokes.iter().map(|s| s.choked).collect();
        let closed = score.strokes[2].start;
        assert_eq!(choked[0], Some(closed));
        assert_eq!(choked[1], None, "a snare chokes nothing");
        assert_eq!(choked[3..], [None, None], "drums struck together do not choke each other");
    }
}
