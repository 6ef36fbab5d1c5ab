//! What a script's functions know of the world outside: settings, cancellation, and where output goes.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Dynamic, Engine, NativeCallContext};

use super::loaded::Loaded;
use super::look::{Look, View};
use super::rich::Rich;
use super::sandbox::{Sandbox, leaves};
use super::widgets::Widgets;
use crate::base::{Cancel, Progress, Seed, Stamp, did_you_mean};
use crate::experiment::Table;
use crate::experiment::run::{Facts, Ledger, Replay, Run, program, runs_folder};
use crate::experiment::sweep::Shard;
use crate::midi::Message;

/// Where a host's output goes; the library itself never prints.
pub trait Output: Progress {
    /// A result: one `print` of the script, without a line end. May hold several lines.
    fn print(&self, text: &str);
    /// A remark on the side, such as the name of a file that was written.
    fn note(&self, text: &str);
    /// Shows a value as more than text; `false` if this output cannot, so that the text is printed.
    fn show(&self, _value: &dyn Fn() -> Rich) -> bool {
        false
    }
}

/// Output that nobody sees.
pub struct Quiet;

impl Progress for Quiet {
    fn report(&self, _done: u64, _total: u64, _note: &str) {}
}

impl Output for Quiet {
    fn print(&self, _text: &str) {}
    fn note(&self, _text: &str) {}
}

/// How an attempt to play a file ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was played to its end.
    Played,
    /// Somebody stopped it.
    Stopped,
    /// It was not heard; why, for a person.
    Failed(String),
}

/// The way to the speakers; the library itself has none.
pub trait Player: Send + Sync {
    /// Plays a WAV file and comes back at its end, or soon after `cancel` is raised.
    fn play(&self, wav: &Path, cancel: &Cancel) -> Heard;
}

/// The way to instruments and other programs that play MIDI; the library itself has none.
pub trait Ports: Send + Sync {
    /// The ports that there are.
    ///
    /// # Errors
    /// Why the system cannot tell, for a person.
    fn names(&self) -> Result<Vec<String>, String>;

    /// Sends all messages to a port, each at its time, and comes back after the last, or soon after
    /// `cancel` is raised with no note left sounding.
    fn play(&self, port: &str, messages: &[Message], cancel: &Cancel) -> Heard;
}

/// Settings that every native function of a host can read.
#[derive(Clone)]
pub struct Context {
    /// Seed of whatever a script draws without naming one.
    pub seed: Seed,
    /// Folder that relative paths which scripts write are joined to; the working directory if `None`.
    pub out: Option<PathBuf>,
    /// Device that models run on: `auto`, `cpu`, `ndarray` or `gpu`.
    pub device: String,
    /// Folder that is searched for models first.
    pub models: Option<PathBuf>,
    /// Raised to stop the running script, inside natives as well.
    pub cancel: Cancel,
    /// Where scripts that are not trusted may read; they write only below [`Context::out`] (or the working
    /// directory).
    pub sandbox: Option<Sandbox>,
    /// Most operations of a script or entry of a session; any number if `None`.
    pub operations: Option<u64>,
    /// Whether remarks are left out.
    pub quiet: bool,
    /// Whether values are shown with terminal colours.
    pub colour: bool,
    /// Columns that shown values may take.
    pub width: usize,
    /// What music is drawn with.
    pub view: View,
    /// Where output goes.
    pub output: Arc<dyn Output>,
    /// What `play` plays with; it writes files if `None`.
    pub player: Option<Arc<dyn Player>>,
    /// Where `play_midi` plays; no port if `None`, as in a program that was built without them.
    pub ports: Option<Arc<dyn Ports>>,
    /// What the running script has used and made so far.
    pub ledger: Ledger,
    /// What a record says of the world outside of the host.
    pub surroundings: Surroundings,
    /// What is being repeated, when a run is.
    pub replay: Option<Replay>,
    /// The share of every sweep that is done here.
    pub shard: Option<Shard>,
    /// Models that stay loaded from one run to the next, where somebody wants that.
    pub loaded: Option<Loaded>,
    /// The rows of a sweep that did not come to its end.
    pub kept: Kept,
    /// The widgets that scripts have made.
    pub widgets: Widgets,
}

/// A table that outlives the script that was filling it; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Kept(Arc<Mutex<Option<Table>>>);

impl Kept {
    /// Keeps a table, in the place of an earlier one.
    pub(super) fn put(&self, table: Option<Table>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = table;
    }

    /// Takes out what was kept.
    pub(super) fn take(&self) -> Option<Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Facts that records of runs keep and nothing else depends on; the library itself looks none of them up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// When the program was started (RFC 3339, UTC).
    pub started: Option<String>,
    /// The folder that it was started in.
    pub directory: Option<PathBuf>,
    /// Threads that the processor has.
    pub threads: Option<usize>,
}

impl Default for Context {
    /// Seed 0, device `auto`, plain text of 80 columns that nobody sees.
    fn default() -> Self {
        Self {
            seed: Seed(0),
            out: None,
            device: "auto".into(),
            models: None,
            cancel: Cancel::new(),
            sandbox: None,
            operations: None,
            quiet: false,
            colour: false,
            width: 80,
            view: View::default(),
            output: Arc::new(Quiet),
            player: None,
            ports: None,
            ledger: Ledger::default(),
            surroundings: Surroundings::default(),
            replay: None,
            shard: None,
            loaded: None,
            kept: Kept::default(),
            widgets: Widgets::default(),
        }
    }
}

impl Context {
    /// Where a script's `path` is written: below [`Context::out`] when it is relative.
    ///
    /// # Errors
    /// A message when the sandbox is on and the path leads out of the output folder.
    pub fn output_path(&self, path: &str) -> Result<PathBuf, String> {
        let out = self.out.as_deref().unwrap_or(Path::new(""));
        // A path that was given to a script, such as that of a model it has just trained.
        let inside = Path::new(path).strip_prefix(out).ok().filter(|_| out.is_absolute());
        let inside = inside.map(Path::to_string_lossy);
        if self.sandbox.is_some() && leaves(Path::new(inside.as_deref().unwrap_or(path))) {
            return Err(format!(
                "`{path}` lies outside the output folder, and the sandbox is on: write a relative path without `..`"
            ));
        }
        let given = path;
        let path = inside.as_deref().unwrap_or(path);
        let place = match self.replay {
            // A repetition leaves what was made before alone, wherever it lies.
            Some(_) if leaves(Path::new(path)) => {
                let normal = |part: &Component| matches!(part, Component::Normal(_));
                out.join("outside").join(Path::new(path).components().filter(normal).collect::<PathBuf>())
            }
            _ => out.join(path),
        };
        if let Some(sandbox) = &self.sandbox {
            sandbox.check_write(given, &place, self.out_folder())?;
        }
        self.ledger.writes(path, &place);
        Ok(place)
    }

    /// Where a script's `path` is read: what the script wrote is found under the name that it wrote it by,
    /// everything else as named.
    ///
    /// # Errors
    /// A message when there is no such file but one of nearly that name, or when the sandbox is on and the
    /// path leads out of the folders that may be read.
    pub fn input_path(&self, path: impl AsRef<Path>) -> Result<PathBuf, String> {
        let path = path.as_ref();
        let place = self.ledger.place_of(path).unwrap_or_else(|| path.to_owned());
        self.check_read(&place)?;
        if let Some(near) = neighbour(&place) {
            let shown = path.display();
            return Err(format!("there is no file `{shown}`; did you mean `{}`?", near.display()));
        }
        Ok(self.ledger.reads(path))
    }

    /// Checks that the sandbox, if it is on, lets scripts read what lies at `place`.
    ///
    /// # Errors
    /// A message naming the folders that may be read.
    pub fn check_read(&self, place: &Path) -> Result<(), String> {
        self.sandbox.as_ref().map_or(Ok(()), |sandbox| sandbox.check_read(place, self.out_folder()))
    }

    /// Checks that the sandbox, if it is on, lets scripts keep a run called `name`.
    ///
    /// # Errors
    /// That the folder of runs leads elsewhere.
    pub fn check_run(&self, name: &str) -> Result<(), String> {
        let Some(sandbox) = &self.sandbox else { return Ok(()) };
        let out = self.out_folder();
        sandbox.check_write(name, &runs_folder(out), out)
    }

    fn out_folder(&self) -> &Path {
        match self.out.as_deref() {
            Some(out) if !out.as_os_str().is_empty() => out,
            // Not the empty path, which leads nowhere when links are followed.
            _ => Path::new("."),
        }
    }

    /// The name or folder by which a library finds the model that a script calls `name`.
    pub fn model_path(&self, name: &str) -> String {
        let own = self.ledger.place_of(Path::new(name));
        own.map_or_else(|| name.to_owned(), |folder| folder.display().to_string())
    }

    /// What the files of the running script say that made them.
    pub fn stamp(&self) -> Stamp {
        const SCRIPT: usize = 16;
        const CONFIG: usize = 8;
        let start = |hash: &str, length: usize| hash.get(..length).unwrap_or(hash).to_owned();
        let run = self.ledger.current();
        let run = run.as_ref().map(Run::name);
        // A repetition is held against files of the version that made them.
        let recorded = self.replay.as_ref().and_then(|replay| replay.program.clone());
        Stamp {
            program: recorded.unwrap_or_else(program),
            script: self.ledger.script_sha256().map(|hash| start(&hash, SCRIPT)),
            run: run.map(|run| run.name.clone()),
            config: run.map(|run| start(&run.config_sha256, CONFIG)),
        }
    }

    /// What a record of a run says of this host.
    pub fn facts(&self) -> Facts {
        let Surroundings { started, directory, threads } = self.surroundings.clone();
        let told = [
            ("models", self.models.as_ref().map(|models| models.display().to_string())),
            ("shard", self.shard.map(|shard| shard.to_string())),
            ("view", Some(self.view.name().to_owned()).filter(|_| self.view != View::default())),
        ];
        let told = told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let options: BTreeMap<String, String> = told.collect();
        Facts {
            out: self.out.clone().unwrap_or_default(),
            directory,
            started,
            seed: self.seed.0,
            device: self.device.clone(),
            threads,
            columns: self.width,
            colour: self.colour,
            options,
            replay: self.replay.clone(),
        }
    }

    /// How values are shown.
    pub fn look(&self) -> Look {
        Look { width: self.width, colour: self.colour, view: self.view }
    }

    /// Passes a remark on, unless the host is quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.output.note(text);
        }
    }

    /// Hands the settings to the natives of `engine`.
    pub(super) fn attach(self: &Arc<Self>, engine: &mut Engine) {
        engine.set_default_tag(Dynamic::from(Arc::clone(self)));
    }

    /// The settings of the host that is calling a native.
    pub(super) fn of(call: &NativeCallContext) -> Arc<Self> {
        let attached = call.tag().and_then(|tag| tag.clone().try_cast::<Arc<Self>>());
        attached.unwrap_or_else(|| Arc::new(Self::default()))
    }
}

/// The file beside `place`, which does not exist, whose name is nearly the same.
pub(super) fn neighbour(place: &Path) -> Option<PathBuf> {
    let (name, folder) = (place.file_name()?.to_str()?, place.parent()?);
    if place.exists() {
        return None;
    }
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let names = std::fs::read_dir(listed).ok()?.flatten();
    let names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    did_you_mean(name, names.iter().map(String::as_str)).map(|near| folder.join(near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_go_below_the_output_folder() {
        let context = Context { out: Some("takes".into()), ..Context::default() };
        assert_eq!(context.output_path("a/b.mid").unwrap(), Path::new("takes/a/b.mid"));
        assert_eq!(context.output_path("/tmp/b.mid").unwrap(), Path::new("/tmp/b.mid"));
    }

    #[test]
    fn a_repetition_stays_in_its_folder_wherever_the_script_wrote() {
        let out = Path::new("/fresh");
        let replay = Some(Replay::default());
        let context = Context { out: Some(out.into()), replay, ..Context::default() };
        assert_eq!(context.output_path("a.mid").unwrap(), Path::new("/fresh/a.mid"));
        assert_eq!(context.output_path("/fresh/a.mid").unwrap(), Path::new("/fresh/a.mid"));
        assert_eq!(context.output_path("../b/a.mid").unwrap(), Path::new("/fresh/outside/b/a.mid"));
        assert_eq!(context.output_path("/home/a.mid").unwrap(), Path::new("/fresh/outside/home/a.mid"));
    }

    #[test]
    fn a_sandbox_has_no_way_out() {
        let context = Context { sandbox: Some(Sandbox::default()), ..Context::default() };
        assert!(context.output_path("a/b.mid").is_ok());
        assert!(context.output_path("../b.mid").is_err() && context.output_path("/b.mid").is_err());
        assert!(context.input_path("/etc/passwd").is_err() && context.input_path("../b.mid").is_err());
    }

    #[test]
    fn a_file_of_nearly_the_name_is_suggested() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bass.mid"), "").unwrap();
        let context = Context::default();
        assert!(context.input_path(folder.path().join("bass.mid")).is_ok());
        assert!(context.input_path(folder.path().join("else.mid")).is_ok(), "the reader says so itself");
        let message = context.input_path(folder.path().join("bsas.mid")).unwrap_err();
        assert!(message.contains("did you mean") && message.contains("bass.mid"), "{message}");
    }
}
