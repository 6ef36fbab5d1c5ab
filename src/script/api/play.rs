//! `song.play()`: music to the ears, or to a file where there is no way to them; how loud it is there.

use std::path::Path;

use rhai::plugin::*;
use rhai::{Array, Map};

use super::edit::joined;
use super::{Track, lift};
use crate::audio::{self, AudioError, RenderOptions, SoundFont};
use crate::music::{Multitrack, Tempo};
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::{Context, Heard};

/// Plays a piece to its end through the host's player; without one, the sound is kept as
/// `play-1.wav`, `play-2.wav` … in the output folder.
fn play_piece(call: &NativeCallContext, piece: &Multitrack, options: Map) -> Fallible<()> {
    let context = Context::of(call);
    let options = sound(&context, "play", options)?;
    // What is heard is no result: a repetition is held against files, in silence.
    if context.replay.is_some() {
        return Ok(());
    }
    let render = |path: &Path| heard(audio::write(path, piece, &options, &context.cancel));
    if let Some(player) = context.player.as_ref().filter(|_| context.sandbox.is_none()) {
        let folder = lift(tempfile::tempdir())?;
        let file = folder.path().join("play.wav");
        render(&file)?;
        match player.play(&file, &context.cancel) {
            Heard::Played => return Ok(()),
            Heard::Stopped => return Err(stopped()),
            Heard::Failed(why) => context.note(&why),
        }
    }
    // Not an output of the run: on another machine it would have been heard instead.
    let out = context.out.clone().unwrap_or_default();
    let free = (1..=9999).map(|number| out.join(format!("play-{number}.wav"))).find(|file| !file.exists());
    let file = free.ok_or_else(|| refuse("there are play-1.wav to play-9999.wav already: remove some"))?;
    render(&file)?;
    let why = match (context.sandbox.is_some(), &context.player) {
        (true, _) => "nothing is played in the sandbox",
        (false, None) => "no program was found that plays sound",
        (false, Some(_)) => "the sound could not be played",
    };
    context.note(&format!("{why}: wrote {}", file.display()));
    Ok(())
}

/// Integrated loudness of what would be heard; `()` for silence.
fn loudness_of(call: &NativeCallContext, piece: &Multitrack, options: Map) -> Fallible<Dynamic> {
    let context = Context::of(call);
    let options = sound(&context, "loudness", options)?;
    let audio = audio::render(piece, &options, &context.cancel);
    let loudness = heard(audio.and_then(|audio| audio.loudness(&context.cancel)))?;
    Ok(loudness.map_or(Dynamic::UNIT, Dynamic::from))
}

/// How the options of a function say that a piece sounds.
fn sound(context: &Context, function: &'static str, options: Map) -> Fallible<RenderOptions> {
    let mut options = Options::new(function, options);
    let tempo = options.float("tempo", 1.0..=2000.0)?;
    let soundfont = options.text("soundfont")?;
    options.finish()?;
    let tempo = tempo.map(Tempo::new).transpose().map_err(refuse)?;
    let soundfont = soundfont.map(|font| context.input_path(font)).transpose().map_err(refuse)?;
    let soundfont = soundfont.as_deref().map(SoundFont::load).transpose().map_err(refuse)?;
    Ok(RenderOptions { tempo, soundfont, stamp: Some(context.stamp()), ..Default::default() })
}

/// What became of sound, where a script can be stopped.
fn heard<T>(result: Result<T, AudioError>) -> Fallible<T> {
    match result {
        Err(AudioError::Cancelled) => Err(stopped()),
        other => lift(other),
    }
}

/// Playing.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod play {
    /// Plays the piece, and goes on when it has ended; Ctrl-C stops it. Where no program is found that plays
    /// sound, or in the sandbox, the sound is written as `play-1.wav`, `play-2.wav` … instead.
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").to_song().play();
    /// ```
    #[rhai_fn(name = "play", pure, return_raw)]
    pub fn play(context: NativeCallContext, song: &mut Multitrack) -> Fallible<()> {
        super::play_piece(&context, song, Map::new())
    }

    /// The same with options: `tempo` (beats a minute), `soundfont` (a .sf2 file that plays instead of the
    /// built-in voices).
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").to_song().play(#{ tempo: 180 });
    /// ```
    #[rhai_fn(name = "play", pure, return_raw)]
    pub fn play_with(context: NativeCallContext, song: &mut Multitrack, options: Map) -> Fallible<()> {
        super::play_piece(&context, song, options)
    }

    /// Plays the track alone.
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").play();
    /// ```
    #[rhai_fn(name = "play", pure, return_raw)]
    pub fn play_track(context: NativeCallContext, track: &mut Track) -> Fallible<()> {
        super::play_piece(&context, track.piece(), Map::new())
    }

    /// The same with the options of a piece.
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").play(#{ tempo: 180 });
    /// ```
    #[rhai_fn(name = "play", pure, return_raw)]
    pub fn play_track_with(context: NativeCallContext, track: &mut Track, options: Map) -> Fallible<()> {
        super::play_piece(&context, track.piece(), options)
    }

    /// How loud the piece is as it is played and saved, in LUFS (integrated loudness after ITU-R BS.1770-4, which
    /// hears as people do: little of the bass, more of the treble, and no silence); `()` for a silent piece.
    ///
    /// ```rhai
    /// let loudness = music::line("bass", "C2 G2").to_song().loudness();
    /// assert(loudness > -30.0 && loudness < 0.0);
    /// ```
    #[rhai_fn(name = "loudness", pure, return_raw)]
    pub fn loudness(context: NativeCallContext, song: &mut Multitrack) -> Fallible<Dynamic> {
        super::loudness_of(&context, song, Map::new())
    }

    /// The same with options: `tempo` (beats a minute), `soundfont` (a .sf2 file that plays instead of the
    /// built-in voices).
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").to_song().loudness(#{ tempo: 180 });
    /// ```
    #[rhai_fn(name = "loudness", pure, return_raw)]
    pub fn loudness_with(
        context: NativeCallContext,
        song: &mut Multitrack,
        options: Map,
    ) -> Fallible<Dynamic> {
        super::loudness_of(&context, song, options)
    }

    /// Plays an array of pieces one after the other.
    ///
    /// ```rhai
    /// let a = music::line("bass", "C2 G2").to_song();
    /// [a, a.transpose(5)].play();
    /// ```
    #[rhai_fn(name = "play", return_raw)]
    pub fn play_all(context: NativeCallContext, songs: Array) -> Fallible<()> {
        super::play_piece(&context, &joined(&context, songs)?, Map::new())
    }
}
