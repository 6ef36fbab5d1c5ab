//! Where a page's files lie: what visitors give, and what steps of works write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::script::options::{Fallible, refuse};

/// Letters of a file's name that are kept.
const LONGEST: usize = 80;

/// A folder that is made when it is first needed and goes with its page.
#[derive(Default)]
pub(super) struct Folder(OnceLock<TempDir>);

impl Folder {
    /// Where it is, if it was needed already.
    pub fn made(&self) -> Option<&Path> {
        self.0.get().map(TempDir::path)
    }

    /// Where it is.
    ///
    /// # Errors
    /// That the system has no place for it.
    pub fn path(&self) -> Fallible<PathBuf> {
        if self.0.get().is_none() {
            let made = tempfile::Builder::new().prefix("ricercar-page-").tempdir();
            let made = made.map_err(|error| refuse(format!("cannot make a folder for the page: {error}")))?;
            // Another thread may have been quicker; its folder counts.
            let _ = self.0.set(made);
        }
        self.0.get().map(|folder| folder.path().to_owned()).ok_or_else(|| refuse("the page has no folder"))
    }

    /// A fresh folder within it, for files that are not to be there before it is known that they are good.
    ///
    /// # Errors
    /// As [`Folder::path`].
    pub fn aside(&self) -> Fallible<TempDir> {
        let made = tempfile::Builder::new().prefix("aside-").tempdir_in(self.path()?);
        made.map_err(|error| refuse(format!("cannot make a folder for the page: {error}")))
    }
}

/// Files by name.
pub(super) type Files = BTreeMap<String, PathBuf>;

/// The files that lie in a folder, and not below it.
pub(super) fn files_in(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path()))).collect()
}

/// Moves everything in `from` to `to`, where it takes the place of files of the same name. Gives the files with
/// their paths below these folders as names.
pub(super) fn move_all(from: &Path, to: &Path) -> std::io::Result<Files> {
    let mut moved = Files::new();
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (name, place) = (entry.file_name(), to.join(entry.file_name()));
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&place)?;
            let below = move_all(&entry.path(), &place)?;
            moved.extend(below.into_iter().map(|(inner, path)| (format!("{name}/{inner}"), path)));
        } else {
            std::fs::rename(entry.path(), &place)?;
            moved.insert(name.into_owned(), place);
        }
    }
    Ok(moved)
}

/// A name that leads to nowhere but a file in its folder, like the one that a visitor's machine gave: letters,
/// digits, `-`, `_` and `.`, the ending kept.
pub(in crate::script) fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let kept = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let plain: String = last.chars().map(kept).collect();
    let plain = plain.trim_start_matches('.');
    let (stem, ending) = plain.rsplit_once('.').unwrap_or((plain, ""));
    let stem: String = stem.chars().take(LONGEST).collect();
    let stem = if stem.is_empty() { "file".to_owned() } else { stem };
    let ending: String = ending.chars().take(8).collect::<String>().to_lowercase();
    if ending.is_empty() { stem } else { format!("{stem}.{ending}") }
}

#[cfg(test)]
mod tests {
    use super::{files_in, move_all, safe_name};

    #[test]
    fn what_is_moved_takes_the_place_of_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let write = |file: &std::path::Path, text| {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write(&from.join("a.mid"), "new");
        write(&from.join("b/c.mid"), "new");
        write(&to.join("a.mid"), "old");
        write(&to.join("b/d.mid"), "old");
        let moved = move_all(&from, &to).unwrap();
        let expected = ["a.mid", "b/c.mid"].map(|name| (name.to_owned(), to.join(name)));
        assert_eq!(moved, expected.into());
        let read = |name: &str| std::fs::read_to_string(to.join(name)).unwrap();
        assert_eq!(["a.mid", "b/c.mid", "b/d.mid"].map(read), ["new", "new", "old"]);
        assert!(files_in(&from).is_empty() && files_in(&to).len() == 1);
    }

    #[test]
    fn a_name_leads_to_nowhere_else() {
        let names = [
            ("my song.mid", "my_song.mid"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\Été.MID", "_t_.mid"),
            ("..", "file"),
            (".hidden", "hidden"),
            (".mid", "mid"),
            ("a\"); evil(\".mid", "a____evil__.mid"),
            ("", "file"),
        ];
        for (given, safe) in names {
            assert_eq!(safe_name(given), safe, "{given}");
        }
        assert!(safe_name(&"x".repeat(5000)).len() < 100);
    }
}
