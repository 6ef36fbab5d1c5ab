//! The user's own script that a session begins with.

use std::io::{IsTerminal, stdin};
use std::path::PathBuf;

/// The init file, if there is one to run: the one that `RICERCAR_INIT` names, or else, on a terminal,
/// `ricercar/init.rhai` in the user's folder of settings. None if the variable is empty.
pub(super) fn file(is_unwanted: bool) -> Option<PathBuf> {
    if is_unwanted {
        return None;
    }
    if let Some(path) = std::env::var_os("RICERCAR_INIT") {
        return (!path.is_empty()).then(|| path.into());
    }
    if !stdin().is_terminal() {
        return None;
    }
    let path = settings_folder()?.join("ricercar").join("init.rhai");
    path.exists().then_some(path)
}

/// Where programs keep what a user has set.
fn settings_folder() -> Option<PathBuf> {
    let folder = |variable: &str| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return folder("APPDATA");
    }
    folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))
}
