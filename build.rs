//! Puts the commit that the program is built on into its version, for `run.yaml` and `--version`; outside
//! a repository of its own there is none.

use std::path::Path;
use std::process::Command;

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !said.trim().is_empty()).then(|| said.trim().to_owned())
}

/// The commit that is checked out, unless the sources lie in somebody else's repository.
fn commit() -> Option<String> {
    let home = git(&["rev-parse", "--show-toplevel"])?;
    let is_ours = Path::new(&home).canonicalize().ok()? == Path::new(".").canonicalize().ok()?;
    is_ours.then(|| git(&["rev-parse", "--short=12", "HEAD"])).flatten()
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The log of HEAD grows with every commit and checkout.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = commit().map(|commit| format!(" ({commit})")).unwrap_or_default();
    println!("cargo::rustc-env=RICERCAR_VERSION={}{commit}", env!("CARGO_PKG_VERSION"));
}
