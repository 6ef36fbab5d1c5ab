//! What is known of a file: what it is, what it says of itself, and which runs know it.

mod contents;
mod keepers;

use std::path::Path;

use super::RunError;

/// What a file tells, as names and values in the order to be shown in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What it is, in a few words.
    pub what: String,
    /// The rest.
    pub facts: Vec<(String, String)>,
}

impl About {
    fn of(what: impl Into<String>) -> Self {
        Self { what: what.into(), facts: Vec::new() }
    }

    fn add(&mut self, name: &str, value: impl Into<String>) {
        self.facts.push((name.to_owned(), value.into()));
    }
}

/// All that is known of the file or folder at `path`: out of itself, and from the records of runs in the
/// folders above it, which know a file by its digest wherever it has been moved to.
///
/// # Errors
/// [`RunError::File`] when it cannot be read. A damaged or foreign file is no error: then that is what is
/// known.
pub fn about(path: &Path) -> Result<About, RunError> {
    let mut about = contents::of(path)?;
    if path.is_dir() {
        about.facts.extend(keepers::around(path)?);
    } else {
        let told = about.facts.iter().any(|(name, _)| matches!(name.as_str(), "made by" | "made of"));
        let kept = keepers::of(path)?;
        if kept.is_empty() && !told {
            about.add("origin", "nothing in it says what made it, and no record of a run near it knows it");
        }
        about.facts.extend(kept);
    }
    Ok(about)
}
