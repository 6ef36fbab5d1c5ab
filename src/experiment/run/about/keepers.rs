//! Which runs near a file know it, by its digest.

use std::path::{Path, PathBuf};

use crate::base::FileError;
use crate::experiment::run::hash::of_path;
use crate::experiment::run::manifest::{FileHash, MANIFEST, Manifest};
use crate::experiment::run::{Maker, Past, RUNS, RunError};

/// Folders above a file in which records are looked for.
const NEAR: usize = 8;

/// Folders above a file that may be a run's.
const INSIDE: usize = 4;

/// What the records in the folders above `path` say of it, as names and values: those that know its bytes,
/// or else those that know its name and other bytes.
pub(super) fn of(path: &Path) -> Result<Vec<(String, String)>, RunError> {
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let path = std::fs::canonicalize(path).map_err(failed)?;
    let (sha256, _) = of_path(&path)?;
    let (mut known, mut changed) = (Vec::new(), Vec::new());
    for record in records(&path) {
        let Ok(manifest) = Manifest::read(&record) else { continue };
        let folder = record.parent().unwrap_or(Path::new(""));
        let is_it = |file: &&FileHash| file.sha256 == sha256;
        let run = match &manifest.run {
            Some(run) => format!("{} {}", run.name, run.id),
            None => manifest.script.file.clone(),
        };
        let when = manifest.started.as_ref().map(|when| format!(", {when}")).unwrap_or_default();
        let told = |file: &FileHash| format!("{} ({run}{when})", file.file);
        let made = || manifest.outputs.iter().chain(&manifest.elsewhere);
        if let Some(file) = made().find(is_it) {
            known.push(("kept as".to_owned(), told(file)));
            known.push(("record".to_owned(), record.display().to_string()));
            known.push(("script".to_owned(), folder.join(&manifest.script.copy).display().to_string()));
        } else if let Some(file) = manifest.data.iter().find(is_it) {
            known.push(("read as".to_owned(), told(file)));
        } else if let Some(file) = manifest.outputs.iter().find(|file| folder.join(&file.file) == path) {
            changed.push(("changed".to_owned(), format!("it is not what {run} kept as {}", file.file)));
        }
    }
    if known.is_empty() {
        known = changed;
    }
    // A script's record has said so already.
    if known.is_empty() || run_around(&path).is_some_and(|run| run.maker == Maker::Training) {
        known.extend(around(&path)?);
    }
    Ok(known)
}

/// The run in whose folder something lies that no record speaks of: checkpoints, samples and models of
/// training, and what a run that did not come to its end has left.
pub(super) fn around(path: &Path) -> Result<Vec<(String, String)>, RunError> {
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let path = std::fs::canonicalize(path).map_err(failed)?;
    let told = run_around(&path).map(|run| {
        let maker = match run.maker {
            Maker::Script => "run",
            Maker::Training => "training run",
        };
        let told = format!("the {maker} {} ({}), {}", run.name, run.status, run.folder.display());
        ("lies in".to_owned(), told)
    });
    Ok(told.into_iter().collect())
}

/// The innermost run in whose folder `path` lies.
fn run_around(path: &Path) -> Option<Past> {
    path.ancestors().skip(1).take(INSIDE).find_map(|folder| Past::read(folder, "").ok())
}

/// Records that may know the file: in the folders above it, and of the runs in those.
fn records(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in path.ancestors().skip(1).take(NEAR) {
        let own = folder.join(MANIFEST);
        found.extend(
            inside(folder)
                .into_iter()
                .filter(|file| *file == own || file.extension().is_some_and(|extension| extension == "yaml")),
        );
        let runs = inside(&folder.join(RUNS)).into_iter().flat_map(|name| inside(&name));
        found.extend(runs.map(|run| run.join(MANIFEST)).filter(|record| record.is_file()));
    }
    found.sort();
    found.dedup();
    found
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
