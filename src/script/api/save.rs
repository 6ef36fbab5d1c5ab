//! Music into and out of files.

use std::path::PathBuf;

use rhai::plugin::*;
use rhai::{Array, Map};

use super::{Track, lift};
use crate::audio::{AudioError, RATES};
use crate::base::write_atomically;
use crate::files::{self, FilesError, WriteOptions};
use crate::midi::MidiError;
use crate::music::{Multitrack, Resolution, Tempo};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::show::count;

/// Reads a file; what was repaired is told on the side.
fn read_piece(
    context: &NativeCallContext,
    owner: &'static str,
    path: &str,
    options: Map,
) -> Fallible<Multitrack> {
    let mut options = Options::new(owner, options);
    let asked = options.int("resolution", 1..=960)?;
    options.finish()?;
    let asked = asked.map(Resolution::new).transpose().map_err(refuse)?;
    let file = &*Context::of(context).input_path(path).map_err(refuse)?;
    let reading = lift(files::read(file, asked.unwrap_or(Resolution::MIDI)))?;
    for repair in &reading.repairs {
        Context::of(context).note(&format!("`{path}`: {repair}"));
    }
    lift(reading.music.at(file, asked).and_then(|music| music.into_piece(file)))
}

/// Writes a piece below the output folder.
fn write_piece(context: &NativeCallContext, piece: &Multitrack, path: &str, options: Map) -> Fallible<()> {
    let settings = Context::of(context);
    let mut options = Options::new("save", options);
    let tempo = options.float("tempo", 1.0..=2000.0)?;
    let silent_bars = options.count("silent_bars", 0..=64)?.unwrap_or(0);
    let soundfont: Option<PathBuf> =
        options.text("soundfont")?.map(|font| settings.input_path(font)).transpose().map_err(refuse)?;
    let (lowest, highest) = (i64::from(*RATES.start()), i64::from(*RATES.end()));
    let rate = options.int("rate", lowest..=highest)?.and_then(|rate| u32::try_from(rate).ok());
    let mono = options.flag("mono")?.unwrap_or(false);
    options.finish()?;
    let piece = match tempo {
        Some(bpm) => piece.with_tempo(lift(Tempo::new(bpm))?),
        None => piece.clone(),
    };
    let file = settings.output_path(path).map_err(refuse)?;
    match files::write(
        &file,
        &piece,
        &WriteOptions { silent_bars, soundfont, rate, mono, stamp: Some(settings.stamp()) },
        &settings.cancel,
    ) {
        Ok(()) => {}
        Err(FilesError::Audio(AudioError::Cancelled)) => return Err(stopped()),
        Err(error) => return Err(refuse(error)),
    }
    let (bars, tracks) = (count(piece.bar_count(), "bar"), count(piece.tracks().len(), "track"));
    settings.note(&format!("wrote {} ({bars}, {tracks})", file.display()));
    Ok(())
}

/// Reading MIDI files.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod midi {
    /// The piece in a MIDI file, at 24 steps per beat, or at those it was saved with by this program.
    /// What had to be repaired is told on the side.
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").save("bass.mid");
    /// assert_error(|| midi::read("no-such-file.mid"), "no-such-file.mid");
    /// ```
    #[rhai_fn(name = "read", return_raw)]
    pub fn read(context: NativeCallContext, path: &str) -> Fallible<Multitrack> {
        read_with(context, path, Map::new())
    }

    /// The same with options: `resolution` (steps per beat).
    ///
    /// ```rhai
    /// assert_error(|| midi::read("a.mid", #{ resolutoin: 12 }), "no option");
    /// ```
    #[rhai_fn(name = "read", return_raw)]
    pub fn read_with(context: NativeCallContext, path: &str, options: Map) -> Fallible<Multitrack> {
        let mut options = Options::new("midi::read", options);
        let asked = options.int("resolution", 1..=960)?;
        options.finish()?;
        let asked = asked.map(Resolution::new).transpose().map_err(refuse)?;
        let score = lift(crate::midi::read(&Context::of(&context).input_path(path).map_err(refuse)?))?;
        let resolution = asked.or_else(|| score.resolution()).unwrap_or(Resolution::MIDI);
        for repair in score.repairs().filter(|repair| !repair.is_routine()) {
            Context::of(&context).note(&format!("`{path}`: {repair}"));
        }
        lift::<_, MidiError>(score.to_multitrack(resolution))
    }

    /// The names of the MIDI ports that `play_midi` can play on. An error in a program that was built
    /// without them.
    ///
    /// ```rhai
    /// try { for port in midi::ports() { print(port); } } catch (error) { print(error); }
    /// ```
    #[rhai_fn(name = "ports", return_raw)]
    pub fn ports(context: NativeCallContext) -> Fallible<Array> {
        super::super::port::names(&context)
    }
}

/// Reading any file, and saving.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod saving {
    /// The piece in a file of any format that can be read: .mid, .npz, .npy. Option: `resolution`
    /// (steps per beat; 24 for MIDI).
    ///
    /// ```rhai
    /// assert_error(|| read_music("song.mp3", #{}), ".mid");
    /// ```
    #[rhai_fn(name = "read_music", return_raw)]
    pub fn read_music_with(context: NativeCallContext, path: &str, options: Map) -> Fallible<Multitrack> {
        read_piece(&context, "read_music", path, options)
    }

    /// The piece in a file of any format that can be read: .mid, .npz, .npy.
    ///
    /// ```rhai
    /// assert_error(|| read_music("song.mp3"), ".mid");
    /// ```
    #[rhai_fn(name = "read_music", return_raw)]
    pub fn read_music(context: NativeCallContext, path: &str) -> Fallible<Multitrack> {
        read_piece(&context, "read_music", path, Map::new())
    }

    /// Writes the piece; the format follows the extension: mid, npz, npy, png, svg or wav.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// song.save("bass.mid");
    /// song.save("bass.png");
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save(context: NativeCallContext, song: &mut Multitrack, path: &str) -> Fallible<()> {
        write_piece(&context, song, path, Map::new())
    }

    /// The same with options: `tempo` (beats a minute), `silent_bars` (between phrases, in MIDI),
    /// and of a WAV `soundfont` (a .sf2 file that plays instead of the built-in voices), `rate` (samples a
    /// second, 44100) and `mono` (one channel): with `rate: 22050, mono: true` a file is a quarter as large.
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").to_song().save("bass.wav", #{ tempo: 96, rate: 22050, mono: true });
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save_with(
        context: NativeCallContext,
        song: &mut Multitrack,
        path: &str,
        options: Map,
    ) -> Fallible<()> {
        write_piece(&context, song, path, options)
    }

    /// Writes the track as a piece of its own; the format follows the extension.
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").save("bass.mid");
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save_track(context: NativeCallContext, track: &mut Track, path: &str) -> Fallible<()> {
        write_piece(&context, track.piece(), path, Map::new())
    }

    /// The same with the options of a piece.
    ///
    /// ```rhai
    /// music::line("bass", "C2 G2").save("bass.wav", #{ tempo: 96 });
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save_track_with(
        context: NativeCallContext,
        track: &mut Track,
        path: &str,
        options: Map,
    ) -> Fallible<()> {
        write_piece(&context, track.piece(), path, options)
    }

    /// Writes the text as it is, to a file that ends in txt, md, html, csv, json or yaml.
    ///
    /// ```rhai
    /// "# Takes\n".save("takes.md");
    /// assert_error(|| "C2 G2".save("takes.mid"), ".md");
    /// ```
    #[rhai_fn(name = "save", return_raw)]
    pub fn save_text(context: NativeCallContext, text: &str, path: &str) -> Fallible<()> {
        const TEXTS: [&str; 6] = ["txt", "md", "html", "csv", "json", "yaml"];
        let settings = Context::of(&context);
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !TEXTS.contains(&extension) {
            return Err(refuse(format!("a text is written to .{}, got `{path}`", TEXTS.join(", ."))));
        }
        let file = settings.output_path(path).map_err(refuse)?;
        lift(write_atomically(&file, text.as_bytes()))?;
        settings.note(&format!("wrote {}", file.display()));
        Ok(())
    }

    /// Writes an array of pieces joined end to end; the format follows the extension.
    ///
    /// ```rhai
    /// let a = music::line("bass", "C2 C2 C2 C2").to_song();
    /// [a, a.transpose(5)].save("both.mid");
    /// ```
    #[rhai_fn(name = "save", return_raw)]
    pub fn save_all(context: NativeCallContext, songs: Array, path: &str) -> Fallible<()> {
        write_piece(&context, &super::super::edit::joined(&context, songs)?, path, Map::new())
    }
}
