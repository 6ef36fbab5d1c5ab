//! The scripts that a command line means: files as they are named, and what folders hold.

use std::path::{Path, PathBuf};

use super::failure::Failure;

/// The files that are named, and the scripts below the folders that are named, as far as they are `wanted`;
/// in folders, what is hidden, `target`, and links to folders are passed over.
///
/// # Errors
/// That a folder cannot be read.
pub(super) fn scripts(named: &[PathBuf], wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in named {
        if path.is_dir() { of_folder(path, wanted, &mut found)? } else { found.push(path.clone()) }
    }
    Ok(found)
}

fn of_folder(folder: &Path, wanted: &dyn Fn(&Path) -> bool, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let wrong = |error| Failure::Failed(format!("cannot read the folder `{}`: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(wrong)?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(wrong)?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.') || entry.file_name() == "target";
        // A link to a folder may lead around in a circle.
        let is_link = entry.file_type().map_err(wrong)?.is_symlink();
        if is_hidden || (is_link && entry.path().is_dir()) {
            continue;
        }
        paths.push(entry.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            of_folder(&path, wanted, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rhai") && wanted(&path) {
            found.push(path.strip_prefix("./").map_or(path.clone(), Path::to_owned));
        }
    }
    Ok(())
}
