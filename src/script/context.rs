//! What a script's functions know of the world outside: settings, cancellation, and where output goes.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rhai::{Dynamic, Engine, NativeCallContext};

use crate::base::{Cancel, Progress, Seed};

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
    /// Where output goes.
    pub output: Arc<dyn Output>,
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
            output: Arc::new(Quiet),
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
        Ok(self.out.as_deref().unwrap_or(Path::new("")).join(path))
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
    fn a_sandbox_has_no_way_out() {
        let context = Context { sandbox: true, ..Context::default() };
        assert!(context.output_path("a/b.mid").is_ok());
        assert!(context.output_path("../b.mid").is_err() && context.output_path("/b.mid").is_err());
    }
}
