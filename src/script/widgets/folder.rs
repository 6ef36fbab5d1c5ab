//! Where a page's files lie: what visitors give, and what steps of works write.

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
    use super::safe_name;

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
