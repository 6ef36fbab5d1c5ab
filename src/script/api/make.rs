//! `music::`: pieces from text.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Map};

use super::bounds::{check_piece, check_tracks};
use super::{Track, lift};
use crate::music::{Family, Multitrack, Pianoroll, Program, Resolution};
use crate::script::options::{Fallible, Options, refuse};

/// Making music from nothing.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod music {
    /// The General MIDI names of the 128 programs, in order.
    ///
    /// ```rhai
    /// assert_eq(music::instruments()[19], "Church Organ");
    /// ```
    pub fn instruments() -> Array {
        Program::all().map(|program| Dynamic::from(program.name())).collect()
    }

    /// A track from note names, each one beat long: `C4` or its number `60`, `C4+E4` for a chord, `.`
    /// for a rest, `-` to hold what sounds; `|` may stand between bars. A family's name (drums, piano,
    /// guitar, bass, strings) brings the family's instrument.
    ///
    /// ```rhai
    /// let bass = music::line("bass", "C2 - G2 . | A2 - E2 .");
    /// assert_eq(bass.bar_count, 2);
    /// assert_eq(bass.note_count, 4);
    /// ```
    #[rhai_fn(name = "line", return_raw)]
    pub fn line(name: &str, notes: &str) -> Fallible<Track> {
        line_with(name, notes, Map::new())
    }

    /// The same with options: `step` (steps that each word lasts, 12), `resolution` (steps per beat, 12),
    /// `program` (General MIDI, the family's), `tempo` (120).
    ///
    /// ```rhai
    /// let hats = music::line("drums", "42 42 46 42", #{ step: 6 });
    /// assert_eq(hats.steps, 24);
    /// ```
    #[rhai_fn(name = "line", return_raw)]
    pub fn line_with(name: &str, notes: &str, options: Map) -> Fallible<Track> {
        let mut options = Options::new("music::line", options);
        let step = options.count("step", 1..=960)?;
        let resolution = options.int("resolution", 1..=960)?;
        let program = options.int("program", 0..=127)?;
        let tempo = options.float("tempo", 1.0..=2000.0)?;
        options.finish()?;
        let resolution = resolution.map_or(Ok(Resolution::MODEL), |n| lift(Resolution::new(n)))?;
        let step = step.unwrap_or(resolution.steps());
        check_piece(1, notes.split_whitespace().count().saturating_mul(step))?;
        let roll = lift(Pianoroll::from_words(notes, step))?;
        let mut track = match Family::from_name(name) {
            Ok(family) => crate::music::Track::of_family(family, roll),
            Err(_) => crate::music::Track {
                name: Arc::from(name),
                program: Program::default(),
                is_drum: false,
                roll,
            },
        };
        if let Some(program) = program {
            track.program = lift(Program::new(program))?;
        }
        let mut piece = Multitrack::new(vec![track], resolution);
        if let Some(bpm) = tempo {
            piece = piece.with_tempo(lift(crate::music::Tempo::new(bpm))?);
        }
        Ok(Track::edited(piece))
    }

    /// A piece of several tracks, padded to equal length; tempo and meter are the first one's.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2 G2"), music::line("piano", "C4+E4 -")]);
    /// assert_eq(song.track_names, ["bass", "piano"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn song(tracks: Array) -> Fallible<Multitrack> {
        let mut parts = Vec::with_capacity(tracks.len());
        for (index, value) in tracks.into_iter().enumerate() {
            let kind = crate::script::types::plain_name(value.type_name());
            let wrong = || refuse(format!("a song is an array of tracks, item {index} is a {kind}"));
            parts.push(value.try_cast::<Track>().ok_or_else(wrong)?);
        }
        let first = parts.first().ok_or_else(|| refuse("a song needs at least one track, got `[]`"))?;
        let (piece, resolution) = (first.piece(), first.piece().resolution());
        if let Some(odd) = parts.iter().find(|part| part.piece().resolution() != resolution) {
            let (left, right) = (resolution.steps(), odd.piece().resolution().steps());
            return Err(refuse(crate::music::MusicError::Resolutions { left, right }));
        }
        check_tracks(parts.iter().map(Track::track))?;
        Ok(piece.with_tracks(parts.iter().map(|part| part.track().clone()).collect()))
    }
}
