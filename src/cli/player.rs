//! Sound through a program of the machine that plays files.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use crate::base::Cancel;
use crate::script::{Heard, Player};

/// Names another player, with its arguments before the file; empty: none.
const VARIABLE: &str = "RICERCAR_PLAYER";
/// What is looked for, the most likely to be heard first, and the arguments before the file.
const PROGRAMS: [(&str, &[&str]); 8] = [
    ("afplay", &[]),
    ("pw-play", &[]),
    ("paplay", &[]),
    ("aplay", &["-q"]),
    ("ffplay", &["-nodisp", "-autoexit", "-loglevel", "error"]),
    ("mpv", &["--no-video", "--really-quiet"]),
    ("play", &["-q"]),
    ("cvlc", &["--play-and-exit", "--quiet"]),
];
/// Plays the file named by the variable, so that no path is part of the code.
const WINDOWS: &str = "(New-Object Media.SoundPlayer $env:RICERCAR_SOUND).PlaySync()";
/// Between two looks at Ctrl-C and at the player.
const TICK: Duration = Duration::from_millis(20);

/// A program that can be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    program: PathBuf,
    arguments: Vec<String>,
    takes_file: bool,
}

/// The programs that were found; one that fails is not tried again.
#[derive(Debug)]
pub(super) struct Programs(Mutex<Vec<Found>>);

/// The players that the environment of the process offers, if any: the one that is named; otherwise the
/// system's audio in a program that was built with it, and the programs in `PATH`.
pub(super) fn of_environment() -> Option<Arc<dyn Player>> {
    if let Ok(named) = std::env::var(VARIABLE) {
        return programs(named_player(&named)).map(|named| Arc::new(named) as Arc<dyn Player>);
    }
    let programs = programs(installed(&std::env::var_os("PATH").unwrap_or_default()));
    #[cfg(feature = "play")]
    return Some(Arc::new(super::speaker::Speaker::or(programs)));
    #[cfg(not(feature = "play"))]
    programs.map(|programs| Arc::new(programs) as Arc<dyn Player>)
}

fn programs(found: Vec<Found>) -> Option<Programs> {
    (!found.is_empty()).then(|| Programs(Mutex::new(found)))
}

/// The player that somebody asked for.
fn named_player(text: &str) -> Vec<Found> {
    let mut words = text.split_whitespace().map(str::to_owned);
    let program = words.next().map(PathBuf::from);
    let arguments: Vec<String> = words.collect();
    program.map(|program| Found { program, arguments, takes_file: true }).into_iter().collect()
}

/// Players in the folders of `path`, the value of `PATH`.
fn installed(path: &OsStr) -> Vec<Found> {
    let folders: Vec<PathBuf> = std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect();
    let find = |name: &str| {
        let file = if cfg!(windows) { OsString::from(format!("{name}.exe")) } else { name.into() };
        folders.iter().map(|folder| folder.join(&file)).find(|program| program.is_file())
    };
    let words = |arguments: &[&str]| arguments.iter().map(|word| (*word).to_owned()).collect();
    let usual = PROGRAMS.iter().filter_map(|(name, arguments)| {
        Some(Found { program: find(name)?, arguments: words(arguments), takes_file: true })
    });
    let windows = find("powershell").filter(|_| cfg!(windows)).map(|program| Found {
        program,
        arguments: words(&["-NoProfile", "-Command", WINDOWS]),
        takes_file: false,
    });
    usual.chain(windows).collect()
}

impl Found {
    fn start(&self, wav: &Path) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env("RICERCAR_SOUND", wav);
        if self.takes_file {
            command.arg(wav);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }

    /// Plays to the end.
    fn play(&self, wav: &Path, cancel: &Cancel) -> Heard {
        let name = self.program.file_name().unwrap_or(self.program.as_os_str()).to_string_lossy();
        let mut child = match self.start(wav) {
            Ok(child) => child,
            Err(error) => return Heard::Failed(format!("cannot start the player `{name}`: {error}")),
        };
        loop {
            if cancel.is_raised() {
                // It may have ended by itself, of the same Ctrl-C.
                let _ = child.kill();
                let _ = child.wait();
                return Heard::Stopped;
            }
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Heard::Played,
                Ok(Some(status)) => {
                    // Ctrl-C reaches the player too, perhaps before it reaches this program.
                    sleep(TICK);
                    if cancel.is_raised() {
                        return Heard::Stopped;
                    }
                    return Heard::Failed(format!("the player `{name}` failed: {status}"));
                }
                Ok(None) => sleep(TICK),
                Err(error) => return Heard::Failed(format!("the player `{name}` was lost: {error}")),
            }
        }
    }
}

impl Player for Programs {
    fn play(&self, wav: &Path, cancel: &Cancel) -> Heard {
        let mut last = "no player is left to be tried".to_owned();
        loop {
            let first = self.0.lock().unwrap_or_else(PoisonError::into_inner).first().cloned();
            let Some(found) = first else { return Heard::Failed(last) };
            match found.play(wav, cancel) {
                Heard::Failed(why) => last = why,
                heard => return heard,
            }
            self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| *other != found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_are_found_in_the_folders_of_path_in_the_order_of_preference() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["aplay", "paplay", "other"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = installed(folder.path().as_os_str());
        let names: Vec<_> = found.iter().map(|found| found.program.file_name().unwrap()).collect();
        if cfg!(not(windows)) {
            assert_eq!(names, ["paplay", "aplay"]);
        }
        assert!(installed(OsStr::new("")).is_empty() && installed(OsStr::new("relative")).is_empty());
    }

    #[test]
    fn a_player_can_be_named_with_its_arguments_or_refused() {
        let named = named_player("sox --quiet x");
        assert_eq!((named[0].program.as_path(), named[0].arguments.len()), (Path::new("sox"), 2));
        assert!(named_player(" ").is_empty());
    }
}
