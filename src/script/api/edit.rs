//! Whole-piece editing: every method gives a new piece.

use rhai::plugin::*;
use rhai::{Array, FnPtr, Map};

use super::bounds::{check_piece, check_repeated, check_tracks};
use super::{Names, Number, Track, call, lift};
use crate::base::Cancel;
use crate::music::{Multitrack, MusicError, Program, Resolution, Scale, Tempo};
use crate::script::Context;
use crate::script::options::{Fallible, Options, number, refuse, stopped, texts};
use crate::script::types::plain_name;

/// `semitones` as the library counts them.
pub(in crate::script) fn semitones(semitones: i64) -> Fallible<i32> {
    let fits = i32::try_from(semitones).ok().filter(|n| n.abs() <= 127);
    fits.ok_or_else(|| refuse(format!("a transposition lies in -127..=127 semitones, got {semitones}")))
}

/// `piece` at the resolution that the options name.
pub(super) fn resampled(piece: &Multitrack, options: Map) -> Fallible<Multitrack> {
    let mut options = Options::new("quantize", options);
    let resolution = options.int("resolution", 1..=960)?;
    options.finish()?;
    let resolution = lift(Resolution::new(resolution.unwrap_or(Resolution::MODEL.steps() as i64)))?;
    let steps = piece.steps().saturating_mul(resolution.steps()) / piece.resolution().steps();
    check_piece(piece.tracks().len(), steps)?;
    Ok(piece.resample(resolution))
}

/// `piece` at one tempo.
pub(super) fn at_tempo(piece: &Multitrack, bpm: &Number) -> Fallible<Multitrack> {
    Ok(piece.with_tempo(lift(Tempo::new(number("bpm", bpm)?))?))
}

/// Two pieces end to end.
pub(super) fn two(first: &Multitrack, next: &Multitrack) -> Fallible<Multitrack> {
    let tracks = next.tracks().iter().filter(|track| first.track(&track.name).is_err()).count();
    let steps = first.bar_lines().last().copied().unwrap_or(0).saturating_add(next.steps());
    check_piece(first.tracks().len() + tracks, steps)?;
    lift(first.concat(next))
}

/// Pieces joined end to end.
pub(super) fn joined(context: &NativeCallContext, songs: Array) -> Fallible<Multitrack> {
    let song = |(index, value): (usize, Dynamic)| {
        let kind = plain_name(value.type_name());
        let wrong = || refuse(format!("`concat` joins an array of songs, item {index} is a {kind}"));
        value.try_cast::<Multitrack>().ok_or_else(wrong)
    };
    let songs = songs.into_iter().enumerate().map(song).collect::<Fallible<Vec<_>>>()?;
    end_to_end(&Context::of(context).cancel, songs)
}

/// Joins neighbours until one piece is left, which copies each note few times however many there are.
fn end_to_end(cancel: &Cancel, mut songs: Vec<Multitrack>) -> Fallible<Multitrack> {
    while songs.len() > 1 {
        let pair = |pair: &[Multitrack]| match pair {
            _ if cancel.is_raised() => Err(stopped()),
            [first, next] => two(first, next),
            rest => Ok(rest[0].clone()),
        };
        songs = songs.chunks(2).map(pair).collect::<Fallible<_>>()?;
    }
    songs.pop().ok_or_else(|| refuse("`concat` needs at least one song, got `[]`"))
}

/// What a piece can do.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod edit {
    /// The track called `name`, in any case.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2 G2"), music::line("piano", "C4+E4 -")]);
    /// assert_eq(song.track("bass").note_count, 2);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn track(song: &mut Multitrack, name: &str) -> Fallible<Track> {
        lift(song.track(name)).map(|track| Track::of(song, track))
    }

    /// The track called `name`: `song["bass"]`, or `song.bass` for short.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2 G2")]);
    /// assert_eq(song.bass, song["bass"]);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn track_at(song: &mut Multitrack, name: &str) -> Fallible<Track> {
        track(song, name)
    }

    /// All tracks, in order.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2 G2"), music::line("piano", "C4")]);
    /// for track in song.tracks { print(track.name); }
    /// ```
    #[rhai_fn(get = "tracks", pure)]
    pub fn tracks(song: &mut Multitrack) -> Array {
        song.tracks().iter().map(|track| Dynamic::from(Track::of(song, track))).collect()
    }

    /// Names of the tracks, in order.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("piano", "C4")]);
    /// assert_eq(song.track_names, ["bass", "piano"]);
    /// ```
    #[rhai_fn(get = "track_names", pure)]
    pub fn track_names(song: &mut Multitrack) -> Array {
        song.track_names().into_iter().map(Dynamic::from).collect()
    }

    /// The name of the piece; empty when it has none.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2").to_song().with_name("Sketch");
    /// assert_eq(song.name, "Sketch");
    /// ```
    #[rhai_fn(get = "name", pure)]
    pub fn name(song: &mut Multitrack) -> String {
        song.name().unwrap_or_default().to_owned()
    }

    /// The same piece under another name.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2").to_song().with_name("Sketch");
    /// assert_eq(song.name, "Sketch");
    /// ```
    #[rhai_fn(pure)]
    pub fn with_name(song: &mut Multitrack, name: &str) -> Multitrack {
        song.with_name(Some(name))
    }

    /// Number of bars; a started bar counts.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 E2 G2 C3 | C2").to_song().bar_count, 2);
    /// ```
    #[rhai_fn(get = "bar_count", pure)]
    pub fn bar_count(song: &mut Multitrack) -> i64 {
        song.bar_count() as i64
    }

    /// Length in steps.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2").to_song().steps, 24);
    /// ```
    #[rhai_fn(get = "steps", pure)]
    pub fn steps(song: &mut Multitrack) -> i64 {
        song.steps() as i64
    }

    /// Steps per beat.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().resolution, 12);
    /// ```
    #[rhai_fn(get = "resolution", pure)]
    pub fn resolution(song: &mut Multitrack) -> i64 {
        song.resolution().steps() as i64
    }

    /// Tempo at the start, in quarter notes a minute.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().tempo, 120.0);
    /// ```
    #[rhai_fn(get = "tempo", pure)]
    pub fn tempo(song: &mut Multitrack) -> f64 {
        song.tempo().bpm()
    }

    /// The same piece at `bpm` quarter notes a minute throughout.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().with_tempo(96).tempo, 96.0);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn with_tempo(song: &mut Multitrack, bpm: Number) -> Fallible<Multitrack> {
        at_tempo(song, &bpm)
    }

    /// Meter at the start, such as "4/4".
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().meter, "4/4");
    /// ```
    #[rhai_fn(get = "meter", pure)]
    pub fn meter(song: &mut Multitrack) -> String {
        song.meter_at(0).to_string()
    }

    /// Length in seconds.
    ///
    /// ```rhai
    /// assert_near(music::line("bass", "C2 G2").to_song().seconds, 1.0);
    /// ```
    #[rhai_fn(get = "seconds", pure)]
    pub fn seconds(song: &mut Multitrack) -> f64 {
        song.seconds()
    }

    /// Whether no track has a note.
    ///
    /// ```rhai
    /// assert(music::line("bass", ". .").to_song().is_silent);
    /// ```
    #[rhai_fn(get = "is_silent", pure)]
    pub fn is_silent(song: &mut Multitrack) -> bool {
        song.is_silent()
    }

    /// Bars `range`, counted from 0.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 C2 C2 C2 | G2 G2 G2 G2").to_song();
    /// assert_eq(song.bars(1..2).bar_count, 1);
    /// ```
    #[rhai_fn(name = "bars", pure, return_raw)]
    pub fn bars(song: &mut Multitrack, range: std::ops::Range<i64>) -> Fallible<Multitrack> {
        lift(song.bars(range.start, range.end))
    }

    /// Bars `range` with both ends, counted from 0.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 C2 C2 C2 | G2 G2 G2 G2").to_song();
    /// assert_eq(song.bars(0..=1), song);
    /// ```
    #[rhai_fn(name = "bars", pure, return_raw)]
    pub fn bars_to(song: &mut Multitrack, range: std::ops::RangeInclusive<i64>) -> Fallible<Multitrack> {
        lift(song.bars(*range.start(), range.end().saturating_add(1)))
    }

    /// The first `count` bars, or all of a shorter piece.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 C2 C2 C2 | G2 G2 G2 G2").to_song();
    /// assert_eq(song.first_bars(1), song.bars(0..1));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn first_bars(song: &mut Multitrack, count: i64) -> Fallible<Multitrack> {
        lift(song.first_bars(count))
    }

    /// The same music at another resolution: `#{ resolution: 12 }` steps per beat; every note starts and
    /// ends on the nearest step.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song().quantize(#{ resolution: 24 });
    /// assert_eq(song.steps, 48);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn quantize(song: &mut Multitrack, options: Map) -> Fallible<Multitrack> {
        resampled(song, options)
    }

    /// Every pitched track moved by `semitones`; drums stay.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("drums", "36")]);
    /// assert_eq(song.transpose(7).bass, music::line("bass", "G2"));
    /// assert_eq(song.transpose(7).drums, song.drums);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn transpose(song: &mut Multitrack, semitones: i64) -> Fallible<Multitrack> {
        Ok(song.transpose(super::semitones(semitones)?))
    }

    /// The piece with one track silent, or several given as an array.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("drums", "36")]);
    /// assert(song.mute("drums").drums.is_silent);
    /// assert(song.mute(["drums", "bass"]).is_silent);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn mute(song: &mut Multitrack, names: Names) -> Fallible<Multitrack> {
        texts("names", &names)?.iter().try_fold(song.clone(), |song, name| lift(song.mute(name)))
    }

    /// The piece with only the named track, or tracks given as an array, in the order they have here.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("drums", "36")]);
    /// assert_eq(song.only("bass").track_names, ["bass"]);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn only(song: &mut Multitrack, names: Names) -> Fallible<Multitrack> {
        lift(song.only(&texts("names", &names)?))
    }

    /// The piece with the track called `name` put through `change`, a function from track to track.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("piano", "C4")]);
    /// let low = song.map_track("piano", |t| t.transpose(-12));
    /// assert_eq(low.piano, music::line("piano", "C3"));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn map_track(
        context: NativeCallContext,
        song: &mut Multitrack,
        name: &str,
        change: FnPtr,
    ) -> Fallible<Multitrack> {
        let before = Track::of(song, lift(song.track(name))?);
        let after: Track = call(&context, &change, Dynamic::from(before), "Track")?;
        if after.piece().resolution() != song.resolution() {
            let (left, right) = (song.resolution().steps(), after.piece().resolution().steps());
            return Err(refuse(MusicError::Resolutions { left, right }));
        }
        check_tracks(song.tracks().iter().chain([after.track()]))?;
        lift(song.map_track(name, |_| after.track().clone()))
    }

    /// The piece with the named track, or tracks given as an array, taken from another piece.
    ///
    /// ```rhai
    /// let a = music::song([music::line("bass", "C2"), music::line("piano", "C4")]);
    /// let b = a.transpose(5);
    /// assert_eq(b.take("bass", a).bass, a.bass);
    /// assert_eq(b.take([], a), b);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn take(song: &mut Multitrack, names: Names, other: Multitrack) -> Fallible<Multitrack> {
        let names = texts("names", &names)?;
        if other.resolution() != song.resolution() {
            let (left, right) = (song.resolution().steps(), other.resolution().steps());
            return Err(refuse(MusicError::Resolutions { left, right }));
        }
        names.iter().try_fold(song.clone(), |song, name| {
            let track = lift(other.track(name))?.clone();
            lift(song.map_track(name, |_| track))
        })
    }

    /// The piece with other instruments: a map from names of tracks to General MIDI names, or numbers from 0.
    /// `music::instruments()` lists the names.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("piano", "C4")]);
    /// let other = song.with_instruments(#{ piano: "Church Organ", bass: 35 });
    /// assert_eq(other.piano.instrument, "Church Organ");
    /// assert_eq(other.bass.instrument, "Fretless Bass");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn with_instruments(song: &mut Multitrack, instruments: Map) -> Fallible<Multitrack> {
        instruments.into_iter().try_fold(song.clone(), |song, (name, instrument)| {
            let program = match instrument.as_int() {
                Ok(number) => lift(Program::new(number))?,
                Err(kind) => {
                    let text = instrument.into_string();
                    let text = text.map_err(|_| {
                        let kind = crate::script::types::plain_name(kind);
                        refuse(format!("an instrument is a General MIDI name or a number, got {kind}"))
                    })?;
                    lift(Program::from_name(&text))?
                }
            };
            if lift(song.track(&name))?.is_drum {
                return Err(refuse(MusicError::Percussion(name.to_string())));
            }
            lift(song.map_track(&name, |track| crate::music::Track { program, ..track.clone() }))
        })
    }

    /// Where the piece stands among real phrases: for `denser`, `higher`, `fuller`, `busier` (drums) and
    /// `syncopated` the share of held-out phrases, in percent, that have less of it; `()` where it is undefined.
    ///
    /// ```rhai
    /// let share = model::load("hybrid").generate(#{ seed: 7 }).percentiles();
    /// print(`busier than ${share.busier.round()} % of real phrases`);
    /// assert(share.denser >= 0 && share.denser <= 100);
    /// ```
    #[rhai_fn(pure)]
    pub fn percentiles(song: &mut Multitrack) -> Map {
        let shares = crate::metrics::percentiles(song).into_iter();
        shares.map(|(word, share)| (word.into(), share.map_or(Dynamic::UNIT, Dynamic::from))).collect()
    }

    /// Every pitched track moved onto `scale`, each note to the nearest pitch.
    ///
    /// ```rhai
    /// let song = music::line("piano", "C#4 F#4").to_song();
    /// assert_eq(song.snap(theory::scale("C", "major")).piano, music::line("piano", "C4 F4"));
    /// ```
    #[rhai_fn(pure)]
    pub fn snap(song: &mut Multitrack, scale: Scale) -> Multitrack {
        song.snap(&scale)
    }

    /// The piece with its tracks merged into drums, piano, guitar, bass and strings by their programs.
    ///
    /// ```rhai
    /// let song = music::line("lead", "C5", #{ program: 80 }).to_song();
    /// assert_eq(song.merge_to_families().strings.note_count, 1);
    /// ```
    #[rhai_fn(pure)]
    pub fn merge_to_families(song: &mut Multitrack) -> Multitrack {
        song.merge_to_families().0
    }

    /// This piece, then `next`, bar line on bar line; tracks are matched by name.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 C2 C2 C2").to_song();
    /// assert_eq((song + song.transpose(5)).bar_count, 2);
    /// ```
    #[rhai_fn(name = "+", pure, return_raw)]
    pub fn add(song: &mut Multitrack, next: Multitrack) -> Fallible<Multitrack> {
        two(song, &next)
    }

    /// The piece `times` times in a row.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 C2 C2 C2").to_song();
    /// assert_eq((song * 3).bar_count, 3);
    /// ```
    #[rhai_fn(name = "*", pure, return_raw)]
    pub fn repeat(context: NativeCallContext, song: &mut Multitrack, times: i64) -> Fallible<Multitrack> {
        if !(1..=10_000).contains(&times) {
            return Err(refuse(format!("a piece is repeated 1..=10000 times, got {times}")));
        }
        let times = times.unsigned_abs() as usize;
        check_repeated(song, times)?;
        end_to_end(&Context::of(&context).cancel, vec![song.clone(); times])
    }

    /// The piece `times` times in a row.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 C2 C2 C2").to_song();
    /// assert_eq(2 * song, song * 2);
    /// ```
    #[rhai_fn(name = "*", return_raw)]
    pub fn repeated(context: NativeCallContext, times: i64, mut song: Multitrack) -> Fallible<Multitrack> {
        repeat(context, &mut song, times)
    }

    /// Pieces joined end to end.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 C2 C2 C2").to_song();
    /// assert_eq([song, song].concat(), song + song);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn concat(context: NativeCallContext, songs: Array) -> Fallible<Multitrack> {
        joined(&context, songs)
    }

    /// Whether both pieces hold the same music at the same tempo.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2").to_song();
    /// assert(song == song.transpose(12).transpose(-12));
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn equals(song: &mut Multitrack, other: Multitrack) -> bool {
        *song == other
    }

    /// Whether the pieces differ.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2").to_song();
    /// assert(song != song.transpose(1));
    /// ```
    #[rhai_fn(name = "!=", pure)]
    pub fn differs(song: &mut Multitrack, other: Multitrack) -> bool {
        *song != other
    }
}
