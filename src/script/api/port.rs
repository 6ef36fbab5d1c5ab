//! `song.play_midi("…")`: music to instruments and programs that play MIDI themselves.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::Track;
use super::edit::joined;
use crate::base::did_you_mean;
use crate::music::{Multitrack, Tempo};
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::{Context, Heard, Ports};

/// What a program says that has no way to ports.
const NOT_BUILT: &str = "this program was built without MIDI ports: build it with `--features midi-port`, or \
                         save a .mid file";

fn ports_of(context: &Context) -> Fallible<&dyn Ports> {
    if context.sandbox.is_some() {
        return Err(refuse("nothing is played in the sandbox"));
    }
    context.ports.as_deref().ok_or_else(|| refuse(NOT_BUILT))
}

/// The one port that is meant: by its name, or by a part of it that no other has.
fn port_named(asked: &str, names: Vec<String>) -> Result<String, String> {
    if names.iter().any(|name| name == asked) {
        return Ok(asked.to_owned());
    }
    let part = asked.to_lowercase();
    let mut near: Vec<&String> = names.iter().filter(|name| name.to_lowercase().contains(&part)).collect();
    let listed = |names: &[&String]| -> String {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    match (near.len(), names.as_slice()) {
        (1, _) => Ok(near.remove(0).clone()),
        (_, []) => Err("there is no MIDI port: connect an instrument, or start a program that plays MIDI, \
                        such as FluidSynth"
            .to_owned()),
        (0, all) => {
            let all: Vec<&String> = all.iter().collect();
            let hint = did_you_mean(asked, names.iter().map(String::as_str));
            let hint = hint.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            Err(format!("no MIDI port `{asked}`: {hint}there are {}", listed(&all)))
        }
        (_, _) => Err(format!("more than one MIDI port has `{asked}` in its name: {}", listed(&near))),
    }
}

fn play_piece(call: &NativeCallContext, piece: &Multitrack, port: &str, options: Map) -> Fallible<()> {
    let context = Context::of(call);
    let mut options = Options::new("play_midi", options);
    let tempo = options.float("tempo", 1.0..=2000.0)?;
    options.finish()?;
    // What is heard is no result: a repetition is held against files, in silence.
    if context.replay.is_some() {
        return Ok(());
    }
    let tempo = tempo.map(Tempo::new).transpose().map_err(refuse)?;
    let ports = ports_of(&context)?;
    let port = port_named(port, ports.names().map_err(refuse)?).map_err(refuse)?;
    let messages = match tempo {
        Some(tempo) => crate::midi::messages(&piece.with_tempo(tempo)),
        None => crate::midi::messages(piece),
    };
    match ports.play(&port, &messages, &context.cancel) {
        Heard::Played => Ok(()),
        Heard::Stopped => Err(stopped()),
        Heard::Failed(why) => Err(refuse(format!("the MIDI port `{port}` cannot be played: {why}"))),
    }
}

/// The names of all ports.
pub(super) fn names(context: &NativeCallContext) -> Fallible<Array> {
    let context = Context::of(context);
    let names = ports_of(&context)?.names().map_err(refuse)?;
    Ok(names.into_iter().map(Dynamic::from).collect())
}

/// Playing on them.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod playing {
    /// Plays the piece on a MIDI port, and goes on when it has ended; Ctrl-C stops it and ends every note.
    /// `port` is a name out of `midi::ports()`, or a part of one.
    ///
    /// ```rhai
    /// let play = |song| song.play_midi("fluid");
    /// assert_error(|| music::line("bass", "C2 G2").to_song().play_midi("no such port"), "MIDI port");
    /// ```
    #[rhai_fn(name = "play_midi", pure, return_raw)]
    pub fn play_midi(context: NativeCallContext, song: &mut Multitrack, port: &str) -> Fallible<()> {
        super::play_piece(&context, song, port, Map::new())
    }

    /// The same with options: `tempo` (beats a minute).
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// assert_error(|| song.play_midi("no such port", #{ tempo: 180 }), "MIDI port");
    /// ```
    #[rhai_fn(name = "play_midi", pure, return_raw)]
    pub fn play_midi_with(
        context: NativeCallContext,
        song: &mut Multitrack,
        port: &str,
        options: Map,
    ) -> Fallible<()> {
        super::play_piece(&context, song, port, options)
    }

    /// Plays the track alone on a MIDI port.
    ///
    /// ```rhai
    /// assert_error(|| music::line("bass", "C2 G2").play_midi("no such port"), "MIDI port");
    /// ```
    #[rhai_fn(name = "play_midi", pure, return_raw)]
    pub fn play_track_midi(context: NativeCallContext, track: &mut Track, port: &str) -> Fallible<()> {
        super::play_piece(&context, track.piece(), port, Map::new())
    }

    /// The same with the options of a piece.
    ///
    /// ```rhai
    /// let track = music::line("bass", "C2 G2");
    /// assert_error(|| track.play_midi("no such port", #{ tempo: 180 }), "MIDI port");
    /// ```
    #[rhai_fn(name = "play_midi", pure, return_raw)]
    pub fn play_track_midi_with(
        context: NativeCallContext,
        track: &mut Track,
        port: &str,
        options: Map,
    ) -> Fallible<()> {
        super::play_piece(&context, track.piece(), port, options)
    }

    /// Plays an array of pieces on a MIDI port, one after the other.
    ///
    /// ```rhai
    /// let a = music::line("bass", "C2 G2").to_song();
    /// assert_error(|| [a, a.transpose(5)].play_midi("no such port"), "MIDI port");
    /// ```
    #[rhai_fn(name = "play_midi", return_raw)]
    pub fn play_all_midi(context: NativeCallContext, songs: Array, port: &str) -> Fallible<()> {
        super::play_piece(&context, &joined(&context, songs)?, port, Map::new())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::base::Cancel;
    use crate::midi::Message;
    use crate::script::{Host, Kind, Sandbox};

    /// Ports that nobody hears.
    #[derive(Default)]
    struct Fake {
        names: Vec<String>,
        played: Mutex<Vec<(String, usize, f64)>>,
    }

    impl Ports for Fake {
        fn names(&self) -> Result<Vec<String>, String> {
            Ok(self.names.clone())
        }

        fn play(&self, port: &str, messages: &[Message], cancel: &Cancel) -> Heard {
            let end = messages.last().map_or(0.0, |message| message.at);
            self.played.lock().unwrap().push((port.to_owned(), messages.len(), end));
            if cancel.is_raised() { Heard::Stopped } else { Heard::Played }
        }
    }

    fn with(names: &[&str]) -> (Arc<Fake>, Context) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let fake = Arc::new(Fake { names, ..Fake::default() });
        (Arc::clone(&fake), Context { ports: Some(fake), ..Context::default() })
    }

    const TUNE: &str = "music::line(\"bass\", \"C2 G2\")";

    fn error_of(context: Context, text: &str) -> String {
        Host::new(context).run_text("t", text, &[]).unwrap_err().headline
    }

    #[test]
    fn a_port_is_named_whole_or_in_part() {
        let (fake, context) = with(&["FLUID Synth (12) 128:0", "Midi Through 14:0"]);
        let host = Host::new(context);
        let text = format!("{TUNE}.play_midi(\"fluid\", #{{ tempo: 60 }}); midi::ports().len()");
        assert_eq!(host.run_text("t", &text, &[]).unwrap().as_int(), Ok(2));
        let played = fake.played.lock().unwrap().clone();
        assert_eq!(played, [("FLUID Synth (12) 128:0".to_owned(), 5, 2.0)]);
    }

    #[test]
    fn what_is_no_port_is_told_with_those_that_are() {
        let play = format!("{TUNE}.play_midi(\"i\")");
        let told = error_of(with(&["Synth", "Midi Through", "Piano"]).1, &play);
        assert_eq!(told, "more than one MIDI port has `i` in its name: `Midi Through`, `Piano`");
        let told = error_of(with(&["Synth", "Midi Through"]).1, &play.replace("\"i\"", "\"Synht\""));
        assert_eq!(told, "no MIDI port `Synht`: did you mean `Synth`? there are `Synth`, `Midi Through`");
        assert!(error_of(with(&[]).1, &play).starts_with("there is no MIDI port: connect"));
        assert!(error_of(Context::default(), &play).contains("`--features midi-port`"));
        let sandbox = Some(Sandbox::new([]));
        let told = error_of(Context { sandbox, ..with(&["Synth"]).1 }, "midi::ports()");
        assert_eq!(told, "nothing is played in the sandbox");
    }

    #[test]
    fn ctrl_c_stops_the_script_too() {
        let (_, context) = with(&["Synth"]);
        let cancel = context.cancel.clone();
        let host = Host::new(context);
        cancel.raise();
        let stopped = host.run_text("t", &format!("{TUNE}.play_midi(\"Synth\")"), &[]).unwrap_err();
        assert_eq!(stopped.kind, Kind::Stopped);
    }
}
