//! A track, or the mix of all, taken apart for measuring.

use crate::music::{Multitrack, Pianoroll, Resolution, Track};

/// A note: its steps and its MIDI pitch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) pitch: u8,
    pub(super) end: usize,
}

/// What is measured: one track or the mix.
pub(super) struct Part<'a> {
    /// Whether there is a track with pitches.
    pub(super) is_pitched: bool,
    /// The notes by start and then pitch: of a track its own, of the mix those of all pitched tracks.
    pub(super) notes: Vec<Span>,
    /// The pitches at each step.
    pub(super) sounding: Vec<u128>,
    /// Whether a note begins at each step, in the mix drums included.
    pub(super) struck: Vec<bool>,
    /// Whether anything sounds at each step, in the mix drums included.
    pub(super) sounds: Vec<bool>,
    /// Where drums begin to sound, one entry a note.
    pub(super) drum_starts: Vec<usize>,
    /// Where bars begin, and the end of the last.
    pub(super) lines: &'a [usize],
    pub(super) resolution: Resolution,
    /// Length of the piece in seconds.
    pub(super) seconds: f64,
}

impl<'a> Part<'a> {
    pub(super) fn of_track(piece: &Multitrack, track: &Track, lines: &'a [usize]) -> Self {
        let mut part = Self::of(piece, &[track], lines);
        if track.is_drum {
            part.notes = spans(&track.roll);
            part.sounding = track.roll.sounding().to_vec();
        }
        part
    }

    pub(super) fn of_mix(piece: &Multitrack, lines: &'a [usize]) -> Self {
        Self::of(piece, &piece.tracks().iter().collect::<Vec<_>>(), lines)
    }

    fn of(piece: &Multitrack, tracks: &[&Track], lines: &'a [usize]) -> Self {
        let steps = piece.steps();
        let mut part = Self {
            is_pitched: tracks.iter().any(|track| !track.is_drum),
            notes: Vec::new(),
            sounding: vec![0; steps],
            struck: vec![false; steps],
            sounds: vec![false; steps],
            drum_starts: Vec::new(),
            lines,
            resolution: piece.resolution(),
            seconds: piece.seconds(),
        };
        for track in tracks {
            for (step, (sounding, onset)) in track.roll.sounding().iter().zip(track.roll.onset()).enumerate()
            {
                part.sounds[step] |= *sounding != 0;
                part.struck[step] |= *onset != 0;
                if !track.is_drum {
                    part.sounding[step] |= sounding;
                }
            }
            let notes = spans(&track.roll);
            match track.is_drum {
                true => part.drum_starts.extend(notes.iter().map(|note| note.start)),
                false => part.notes.extend(notes),
            }
        }
        part.notes.sort_unstable();
        part
    }

    /// The first and the last step, excluded, of each bar.
    pub(super) fn bars(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.lines.windows(2).map(|line| (line[0], line[1]))
    }

    /// The steps of each beat, counted from each bar line; the last of a bar may be short. What lies
    /// after the end of the piece is left out.
    pub(super) fn beats(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let (beat, steps) = (self.resolution.steps(), self.sounding.len());
        self.bars().flat_map(move |(start, end)| {
            let end = end.min(steps);
            (start..end).step_by(beat).map(move |from| from..(from + beat).min(end))
        })
    }
}

fn spans(roll: &Pianoroll) -> Vec<Span> {
    let span =
        |note: &crate::music::Note| Span { start: note.start, pitch: note.pitch.number(), end: note.end };
    roll.notes().iter().map(span).collect()
}

/// Cells of each pitch class in a run of steps.
pub(super) fn chroma(sounding: &[u128]) -> [f64; 12] {
    let mut chroma = [0.0; 12];
    for run in sounding.chunk_by(|a, b| a == b).filter(|run| run[0] != 0) {
        for pitch in crate::music::pitches_of(run[0]) {
            chroma[usize::from(pitch % 12)] += run.len() as f64;
        }
    }
    chroma
}

#[cfg(test)]
pub(super) mod fixture {
    use super::*;
    use crate::music::{Family, Note, Pitch};

    /// A track at 12 steps a beat of notes `(start, pitch, end)`.
    pub fn track(family: Family, steps: usize, notes: &[(usize, i64, usize)]) -> Track {
        let note = |&(start, pitch, end): &(usize, i64, usize)| Note {
            start,
            pitch: Pitch::new(pitch).unwrap(),
            end,
            velocity: 100,
        };
        let notes: Vec<Note> = notes.iter().map(note).collect();
        Track::of_family(family, Pianoroll::from_notes(steps, &notes).without_velocities())
    }

    /// Calls `measure` with the piano that plays these notes.
    pub fn piano<T>(steps: usize, notes: &[(usize, i64, usize)], measure: impl FnOnce(&Part) -> T) -> T {
        let piece = Multitrack::new(vec![track(Family::Piano, steps, notes)], Resolution::MODEL);
        let lines = piece.bar_lines();
        measure(&Part::of_track(&piece, &piece.tracks()[0], &lines))
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::track;
    use super::*;
    use crate::music::Family;

    #[test]
    fn the_mix_has_the_notes_of_pitched_tracks_and_the_rhythm_of_all() {
        let drums = track(Family::Drums, 48, &[(6, 36, 7)]);
        let bass = track(Family::Bass, 48, &[(0, 36, 12), (12, 40, 24)]);
        let piano = track(Family::Piano, 48, &[(0, 36, 12)]);
        let piece = Multitrack::new(vec![drums, bass, piano], Resolution::MODEL);
        let lines = piece.bar_lines();
        let mix = Part::of_mix(&piece, &lines);
        let notes: Vec<_> = mix.notes.iter().map(|n| (n.start, n.pitch)).collect();
        assert_eq!(notes, [(0, 36), (0, 36), (12, 40)]);
        assert_eq!(mix.struck.iter().filter(|struck| **struck).count(), 3);
        assert_eq!((mix.drum_starts.as_slice(), mix.is_pitched), (&[6][..], true));
        let drums = Part::of_track(&piece, &piece.tracks()[0], &lines);
        assert_eq!((drums.notes.len(), drums.sounding[6], drums.is_pitched), (1, 1 << 36, false));
        assert_eq!(drums.beats().count(), 4);
    }
}
