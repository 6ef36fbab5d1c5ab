//! `Track`: one track together with the tempo, meter and resolution of the piece that it is from.

use rhai::plugin::*;

use super::lift;
use crate::music::{self, Multitrack, Pianoroll};
use crate::script::options::Fallible;

/// What scripts call a track: a piece of exactly one track, so that it can be cut, saved and measured
/// by itself.
#[derive(Clone, Debug)]
pub(in crate::script) struct Track(Multitrack);

impl PartialEq for Track {
    /// The same track at the same tempo and meter, whatever piece it is from.
    fn eq(&self, other: &Self) -> bool {
        let time = |track: &Self| {
            let piece = track.piece();
            (piece.resolution(), piece.tempos().to_vec(), piece.meters().to_vec())
        };
        self.track() == other.track() && time(self) == time(other)
    }
}

impl Track {
    /// `track` as it stands in `piece`.
    pub fn of(piece: &Multitrack, track: &music::Track) -> Self {
        Self(piece.with_tracks(vec![track.clone()]))
    }

    /// The piece of this track alone.
    pub fn piece(&self) -> &Multitrack {
        &self.0
    }

    /// The track without its piece.
    pub fn track(&self) -> &music::Track {
        &self.0.tracks()[0]
    }

    /// The same track playing something else.
    pub fn with_roll(&self, roll: Pianoroll) -> Self {
        Self(self.0.with_tracks(vec![self.track().with_roll(roll)]))
    }

    /// The track after its piece was edited as a whole, which keeps its tracks.
    pub fn edited(piece: Multitrack) -> Self {
        Self(piece)
    }
}

/// What a track can do beyond what pieces can.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod track {
    use super::Track;

    /// The track's name.
    ///
    /// ```rhai
    /// let bass = music::line("bass", "C2 E2 G2 C3");
    /// assert_eq(bass.name, "bass");
    /// ```
    #[rhai_fn(get = "name", pure)]
    pub fn name(track: &mut Track) -> String {
        track.track().name.to_string()
    }

    /// The General MIDI program, 0 to 127.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").program, 33);
    /// ```
    #[rhai_fn(get = "program", pure)]
    pub fn program(track: &mut Track) -> i64 {
        track.track().program.number().into()
    }

    /// The General MIDI name of its program.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").instrument, "Fingered Electric Bass");
    /// ```
    #[rhai_fn(get = "instrument", pure)]
    pub fn instrument(track: &mut Track) -> String {
        track.track().program.name().to_owned()
    }

    /// Whether the pitches are percussion keys.
    ///
    /// ```rhai
    /// assert(music::line("drums", "36 42 38 42").is_drum);
    /// ```
    #[rhai_fn(get = "is_drum", pure)]
    pub fn is_drum(track: &mut Track) -> bool {
        track.track().is_drum
    }

    /// The family that the program belongs to, or "none".
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").family, "bass");
    /// ```
    #[rhai_fn(get = "family", pure)]
    pub fn family(track: &mut Track) -> String {
        track.track().family().map_or("none", crate::music::Family::name).to_owned()
    }

    /// What the track plays, as a pianoroll.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 . G2").roll.notes().len(), 2);
    /// ```
    #[rhai_fn(get = "roll", pure)]
    pub fn roll(track: &mut Track) -> Pianoroll {
        track.track().roll.clone()
    }

    /// The same track playing another pianoroll.
    ///
    /// ```rhai
    /// let bass = music::line("bass", "C2 G2");
    /// assert_eq(bass.with_roll(bass.roll), bass);
    /// ```
    #[rhai_fn(pure)]
    pub fn with_roll(track: &mut Track, roll: Pianoroll) -> Track {
        track.with_roll(roll)
    }

    /// Only the highest note of each step.
    ///
    /// ```rhai
    /// let top = music::line("piano", "C4+E4+G4").monophonic();
    /// assert_eq(top, music::line("piano", "G4"));
    /// ```
    #[rhai_fn(pure)]
    pub fn monophonic(track: &mut Track) -> Track {
        track.with_roll(track.track().roll.monophonic())
    }

    /// Bars `range`, counted from 0.
    ///
    /// ```rhai
    /// let line = music::line("bass", "C2 C2 C2 C2 | G2 G2 G2 G2");
    /// assert_eq(line.bars(1..2), music::line("bass", "G2 G2 G2 G2"));
    /// ```
    #[rhai_fn(name = "bars", pure, return_raw)]
    pub fn bars(track: &mut Track, range: std::ops::Range<i64>) -> Fallible<Track> {
        lift(track.piece().bars(range.start, range.end)).map(Track::edited)
    }

    /// Bars `range` with both ends, counted from 0.
    ///
    /// ```rhai
    /// let line = music::line("bass", "C2 C2 C2 C2 | G2 G2 G2 G2");
    /// assert_eq(line.bars(0..=1), line);
    /// ```
    #[rhai_fn(name = "bars", pure, return_raw)]
    pub fn bars_to(track: &mut Track, range: std::ops::RangeInclusive<i64>) -> Fallible<Track> {
        let end = range.end().saturating_add(1);
        lift(track.piece().bars(*range.start(), end)).map(Track::edited)
    }

    /// The first `count` bars, or all of a shorter track.
    ///
    /// ```rhai
    /// let line = music::line("bass", "C2 C2 C2 C2 | G2 G2 G2 G2");
    /// assert_eq(line.first_bars(1).bar_count, 1);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn first_bars(track: &mut Track, count: i64) -> Fallible<Track> {
        lift(track.piece().first_bars(count)).map(Track::edited)
    }

    /// Every note moved by `semitones`, percussion as well.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").transpose(7), music::line("bass", "G2"));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn transpose(track: &mut Track, semitones: i64) -> Fallible<Track> {
        let semitones = super::super::edit::semitones(semitones)?;
        Ok(track.with_roll(track.track().roll.transpose(semitones)))
    }

    /// Every note moved to the nearest pitch of `scale`; percussion stays.
    ///
    /// ```rhai
    /// let snapped = music::line("piano", "C#4 F#4").snap(theory::scale("C", "major"));
    /// assert_eq(snapped, music::line("piano", "C4 F4"));
    /// ```
    #[rhai_fn(pure)]
    pub fn snap(track: &mut Track, scale: crate::music::Scale) -> Track {
        Track::edited(track.piece().snap(&scale))
    }

    /// The same track at another resolution: `#{ resolution: 12 }` steps per beat.
    ///
    /// ```rhai
    /// let line = music::line("bass", "C2 G2").quantize(#{ resolution: 24 });
    /// assert_eq(line.resolution, 24);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn quantize(track: &mut Track, options: rhai::Map) -> Fallible<Track> {
        super::super::edit::resampled(track.piece(), options).map(Track::edited)
    }

    /// The same track at `bpm` quarter notes a minute.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").with_tempo(96).tempo, 96.0);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn with_tempo(track: &mut Track, bpm: super::super::Number) -> Fallible<Track> {
        super::super::edit::at_tempo(track.piece(), &bpm).map(Track::edited)
    }

    /// This track, then `next`, bar line on bar line.
    ///
    /// ```rhai
    /// let a = music::line("bass", "C2 C2 C2 C2");
    /// assert_eq((a + a.transpose(7)).bar_count, 2);
    /// ```
    #[rhai_fn(name = "+", pure, return_raw)]
    pub fn add(track: &mut Track, next: Track) -> Fallible<Track> {
        let next = Track::edited(next.piece().with_tracks(vec![crate::music::Track {
            name: track.track().name.clone(),
            ..next.track().clone()
        }]));
        super::super::edit::two(track.piece(), next.piece()).map(Track::edited)
    }

    /// Whether both tracks hold the same music.
    ///
    /// ```rhai
    /// assert(music::line("bass", "C2") == music::line("bass", "36"));
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn equals(track: &mut Track, other: Track) -> bool {
        *track == other
    }

    /// Whether the tracks differ.
    ///
    /// ```rhai
    /// assert(music::line("bass", "C2") != music::line("bass", "D2"));
    /// ```
    #[rhai_fn(name = "!=", pure)]
    pub fn differs(track: &mut Track, other: Track) -> bool {
        *track != other
    }

    /// The piece that has this track alone.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().track_names, ["bass"]);
    /// ```
    #[rhai_fn(pure)]
    pub fn to_song(track: &mut Track) -> Multitrack {
        track.piece().clone()
    }

    /// Number of bars; a started bar counts.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 E2 G2 C3 | C2").bar_count, 2);
    /// ```
    #[rhai_fn(get = "bar_count", pure)]
    pub fn bar_count(track: &mut Track) -> i64 {
        track.piece().bar_count() as i64
    }

    /// Steps per beat.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").resolution, 12);
    /// ```
    #[rhai_fn(get = "resolution", pure)]
    pub fn resolution(track: &mut Track) -> i64 {
        track.piece().resolution().steps() as i64
    }

    /// Length in steps.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2").steps, 24);
    /// ```
    #[rhai_fn(get = "steps", pure)]
    pub fn steps(track: &mut Track) -> i64 {
        track.piece().steps() as i64
    }

    /// Every note as a map with `start` and `end` (in steps), `pitch` and `velocity`.
    ///
    /// ```rhai
    /// let pitches = music::line("bass", "C2 . G2").notes().map(|note| note.pitch);
    /// assert_eq(pitches, [36, 43]);
    /// ```
    #[rhai_fn(pure)]
    pub fn notes(track: &mut Track) -> rhai::Array {
        super::super::roll::notes_of(&track.track().roll)
    }

    /// Number of notes.
    ///
    /// ```rhai
    /// assert_eq(music::line("piano", "C4+E4 . G4").note_count, 3);
    /// ```
    #[rhai_fn(get = "note_count", pure)]
    pub fn note_count(track: &mut Track) -> i64 {
        track.track().roll.note_count() as i64
    }

    /// Tempo at the start, in quarter notes a minute.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").tempo, 120.0);
    /// ```
    #[rhai_fn(get = "tempo", pure)]
    pub fn tempo(track: &mut Track) -> f64 {
        track.piece().tempo().bpm()
    }

    /// Whether there is no note.
    ///
    /// ```rhai
    /// assert(music::line("bass", ". .").is_silent);
    /// ```
    #[rhai_fn(get = "is_silent", pure)]
    pub fn is_silent(track: &mut Track) -> bool {
        track.piece().is_silent()
    }
}
