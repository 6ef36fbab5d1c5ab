//! What the tour shows of each example is what it printed and wrote when it was last run.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --release --test it examples` writes the tour anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Printed lines that are shown of an example, and files that are named.
const LINES: usize = 26;
const FILES: usize = 8;

/// How closely what is printed is held against the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// To the letter.
    Exactly,
    /// But for numbers and names of folders, which training, fitting or the time decide.
    ByShape,
}

/// The tests of several examples may write the page at once.
static PAGE: Mutex<()> = Mutex::new(());

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tour.md")
}

/// Checks that the tour shows this command with what it `printed` and the `files` it wrote; writes it there
/// if that is asked for.
#[track_caller]
pub fn shows(command: &str, printed: &str, files: &[String], hold: Hold) {
    let _alone = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let page = fs::read_to_string(page()).unwrap();
    let begin = format!("```text\n$ {command}\n");
    let at = page.find(&begin).unwrap_or_else(|| panic!("the tour does not show `{command}`"));
    let length = page[at..].find("\n\n## ").unwrap_or_else(|| page[at..].trim_end().len());
    let (told, told_here) = (&page[at..at + length], format!("{begin}{}", block(printed, files)));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let whole = [&page[..at], told_here.as_str(), &page[at + length..]].concat();
        fs::write(self::page(), whole).unwrap();
        return;
    }
    let same = match hold {
        Hold::Exactly => told == told_here,
        Hold::ByShape => shape(told) == shape(&told_here),
    };
    assert!(same, "the tour shows\n{told}\n\nbut it is\n{told_here}");
}

/// What stands below a command.
fn block(printed: &str, files: &[String]) -> String {
    let lines: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
    let mut text = String::new();
    let shown = if lines.len() > LINES + 4 { LINES } else { lines.len() };
    for line in &lines[..shown] {
        text += &format!("{line}\n");
    }
    if shown < lines.len() {
        text += &format!("… {} more lines\n", lines.len() - shown);
    }
    text += "```\n\n";
    let named: Vec<String> = files.iter().take(FILES).map(|file| format!("`{file}`")).collect();
    text += &match (files.len(), files.len().saturating_sub(FILES)) {
        (0, _) => "Writes nothing.".to_owned(),
        (_, 0) => format!("Writes {}.", named.join(", ")),
        (_, more) => format!("Writes {} and {more} more.", named.join(", ")),
    };
    text
}

/// The text with every number as `0`, one blank for many, and the line of a run's folder without it.
fn shape(text: &str) -> Vec<String> {
    let plain = |line: &str| {
        let line = line.split("runs/").next().unwrap_or(line);
        let mut shape = String::new();
        for letter in line.chars() {
            let letter =
                if letter.is_ascii_digit() || matches!(letter, '.' | '-' | '–') { '0' } else { letter };
            let repeats = shape.ends_with(letter) && matches!(letter, '0' | ' ');
            if !repeats {
                shape.push(letter);
            }
        }
        shape
    };
    text.lines().map(plain).collect()
}

#[test]
fn numbers_have_one_shape_and_words_their_own() {
    assert_eq!(shape("loss  -1.25 at 7"), shape("loss 12.5  at 100"));
    assert_ne!(shape("loss 1"), shape("lost 1"));
    assert_eq!(shape("kept in runs/a/b"), shape("kept in runs/c/d"));
}
