//! What a script's functions know of the world outside: settings, cancellation, and where output goes.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Dynamic, Engine, NativeCallContext};

use super::look::{Look, View};
use crate::base::{Cancel, Progress, Seed, Stamp};
use crate::experiment::Table;
use crate::experiment::run::{Facts, Ledger, Replay, Run, program};
use crate::experiment::sweep::Shard;

/// Where a host's output goes; the library itself never prints.
pub trait Output: Progress {
    /// A result: one `print` of the script, without a line end. May hold several lines.
    fn print(&self, text: &str);
    /// A remark on the side, such as the name of a file that was written.
    fn note(&self, text: &str);
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
    /// Whether scripts may write only below [`Context::out`] (or the working directory).
    pub sandbox: bool,
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
    /// What the running script has used and made so far.
    pub ledger: Ledger,
    /// What a record says of the world outside of the host.
    pub surroundings: Surroundings,
    /// What is being repeated, when a run is.
    pub replay: Option<Replay>,
    /// The share of every sweep that is done here.
    pub shard: Option<Shard>,
    /// The rows of a sweep that did not come to its end.
    pub kept: Kept,
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
            sandbox: false,
            quiet: false,
            colour: false,
            width: 80,
            view: View::default(),
            output: Arc::new(Quiet),
            ledger: Ledger::default(),
            surroundings: Surroundings::default(),
            replay: None,
            shard: None,
            kept: Kept::default(),
        }
    }
}

impl Context {
    /// Where a script's `path` is written: below [`Context::out`] when it is relative.
    ///
    /// # Errors
    /// A message when the sandbox is on and the path leads out of the output folder.
    pub fn output_path(&self, path: &str) -> Result<PathBuf, String> {
        let leaves = |part: Component| !matches!(part, Component::Normal(_) | Component::CurDir);
        if self.sandbox && Path::new(path).components().any(leaves) {
            return Err(format!(
                "`{path}` lies outside the output folder, and the sandbox is on: write a relative path without `..`"
            ));
        }
        let out = self.out.as_deref().unwrap_or(Path::new(""));
        // A path that was given to a script, such as that of a model it has just trained.
        let path = match Path::new(path).strip_prefix(out) {
            Ok(inside) if out.is_absolute() => &*inside.to_string_lossy(),
            _ => path,
        };
        let place = match self.replay {
            // A repetition leaves what was made before alone, wherever it lies.
            Some(_) if Path::new(path).components().any(leaves) => {
                let normal = |part: &Component| matches!(part, Component::Normal(_));
                out.join("outside").join(Path::new(path).components().filter(normal).collect::<PathBuf>())
            }
            _ => out.join(path),
        };
        self.ledger.writes(path, &place);
        Ok(place)
    }

    /// Where a script's `path` is read: what the script wrote is found under the name that it wrote it by,
    /// everything else as named.
    pub fn input_path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.ledger.reads(path.as_ref())
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
        let context = Context { sandbox: true, ..Context::default() };
        assert!(context.output_path("a/b.mid").is_ok());
        assert!(context.output_path("../b.mid").is_err() && context.output_path("/b.mid").is_err());
    }
}
