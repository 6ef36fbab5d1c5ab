//! The files that a script is made of, and whether any has changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Checker;

/// What a file was like when it was last looked at; nothing while it does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Mark {
    modified: Option<SystemTime>,
    text: Option<Vec<u8>>,
}

impl Mark {
    fn of(path: &Path) -> Self {
        Self { modified: modified(path), text: std::fs::read(path).ok() }
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|about| about.modified()).ok()
}

/// A script and all files that it imports, and those import.
pub struct Watched {
    script: PathBuf,
    files: BTreeMap<PathBuf, Mark>,
}

impl Watched {
    /// The files of the script at `script` as they are now.
    pub fn of(script: &Path, checker: &Checker) -> Self {
        let mut watched = Self { script: script.to_owned(), files: BTreeMap::new() };
        watched.look(checker);
        watched
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Whether any file says something else than before; then all are looked at anew, as other files may be
    /// imported now. A file that has gone counts once it is back: editors save by renaming.
    pub fn has_changed(&mut self, checker: &Checker) -> bool {
        let mut changed = false;
        for (path, mark) in &mut self.files {
            let now = modified(path);
            if now.is_none() || now == mark.modified {
                continue;
            }
            let new = Mark::of(path);
            changed |= new.text.is_some() && new.text != mark.text;
            *mark = new;
        }
        if changed {
            self.look(checker);
        }
        changed
    }

    fn look(&mut self, checker: &Checker) {
        self.files.clear();
        let mut waiting = vec![self.script.clone()];
        while let Some(path) = waiting.pop() {
            if self.files.contains_key(&path) {
                continue;
            }
            let mark = Mark::of(&path);
            if let Some(text) = &mark.text {
                waiting.extend(checker.imported(&path.display().to_string(), &String::from_utf8_lossy(text)));
            }
            self.files.insert(path, mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    /// Writes a file whose time of change is surely another one.
    fn write(path: &Path, text: &str, second: u64) {
        fs::write(path, text).unwrap();
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(second)).unwrap();
    }

    #[test]
    fn a_change_counts_when_the_text_differs_in_imported_files_too() {
        let folder = tempfile::tempdir().unwrap();
        let (script, part) = (folder.path().join("a.rhai"), folder.path().join("b.rhai"));
        write(&script, "import \"b\" as b;", 1);
        write(&part, "fn f() {}", 1);
        let checker = Checker::new();
        let mut watched = Watched::of(&script, &checker);
        assert_eq!((watched.count(), watched.has_changed(&checker)), (2, false));
        write(&part, "fn f() {}", 2);
        assert!(!watched.has_changed(&checker), "the text is the same");
        write(&part, "fn g() {}", 3);
        assert!(watched.has_changed(&checker) && !watched.has_changed(&checker));
        fs::remove_file(&part).unwrap();
        assert!(!watched.has_changed(&checker));
        write(&part, "import \"c\" as c;", 4);
        assert!(watched.has_changed(&checker));
        assert_eq!(watched.count(), 3, "a file that is yet to come is waited for");
    }
}
