//! Blind listening tests: a page on which people rate clips without knowing whose they are, a key that is
//! kept apart, and the report that puts both together beside the published study.
//!
//! The questions are those of Dong, Hsiao, Yang and Yang, *MuseGAN* (AAAI 2018), section "user study": each
//! clip is rated from 1 to 5 for being harmonious, rhythmic, musically structured, coherent, and overall.
//!
//! What could give a clip's source away is made equal: tempo, instruments, length, loudness, and the form of
//! its name. Its notes remain, and so does how finely they are placed in time.

mod clips;
mod page;
mod published;
mod report;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use report::{Ratings, report};

use super::{ExperimentError, Table};
use crate::base::{Cancel, Seed, write_atomically};
use crate::music::{Multitrack, Tempo};

/// The questions, as columns are called, with what raters are asked.
pub const QUESTIONS: [(&str, &str); 5] = [
    ("harmonious", "Is it harmonious?"),
    ("rhythmic", "Does it have a unified rhythm?"),
    ("structured", "Does it have a clear musical structure?"),
    ("coherent", "Do the parts belong together?"),
    ("overall", "Overall, how good is it?"),
];

/// A piece to be rated.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// Whose it is: a model, or `real`.
    pub source: String,
    /// Which of its pieces it is: a seed, or the number of a phrase.
    pub piece: String,
    /// The music.
    pub music: Multitrack,
}

/// How a test is made.
#[derive(Clone, Debug, PartialEq)]
pub struct ListeningOptions {
    /// What raters see above the clips; it should name no source.
    pub title: String,
    /// The tempo at which all is played.
    pub tempo: Tempo,
    /// Seed of the clips' names, which tell nothing without it.
    pub seed: Seed,
}

/// A test that can be given to people.
#[derive(Clone, Debug)]
pub struct ListeningTest {
    /// The page, one HTML file that needs nothing else.
    pub page: String,
    /// Which clip is whose: `clip`, `source`, `piece`. Not for raters.
    pub key: Table,
}

impl ListeningTest {
    /// Renders the clips and makes the page. Every rater's browser shuffles them anew.
    ///
    /// # Errors
    /// [`ExperimentError::Listening`] when there are fewer than two clips, when one is silent, and when they
    /// differ in length; [`ExperimentError::Stopped`] when `cancel` is raised.
    pub fn new(clips: &[Clip], options: &ListeningOptions, cancel: &Cancel) -> Result<Self, ExperimentError> {
        let named = clips::named(clips, options, cancel)?;
        let mut key = Table::new();
        for (name, clip, _) in &named {
            key.add([("clip", name.as_str()), ("source", &clip.source), ("piece", &clip.piece)]);
        }
        let sounds: Vec<(&str, &[u8])> =
            named.iter().map(|(name, _, wav)| (name.as_str(), wav.as_slice())).collect();
        Ok(Self { page: page::written(&options.title, &sounds), key })
    }

    /// Writes the page and, elsewhere, the key (.csv or .json); gives their paths.
    ///
    /// # Errors
    /// [`ExperimentError::Listening`] when both would be one file, and what cannot be written.
    pub fn save(&self, page: &Path, key: &Path) -> Result<[PathBuf; 2], ExperimentError> {
        if page == key {
            return Err(ExperimentError::Listening(format!(
                "the key is kept apart from the page: give it another name than `{}`",
                page.display()
            )));
        }
        self.key.save(key)?;
        write_atomically(page, self.page.as_bytes())?;
        Ok([page.to_owned(), key.to_owned()])
    }
}
