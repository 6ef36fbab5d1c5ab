//! What can go wrong in a dialogue.

use crate::base::FileError;
use crate::metrics::MetricsError;
use crate::model::ModelError;
use crate::view::ViewError;

/// Why a claim cannot be tested or a notebook not be kept.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, thiserror::Error)]
pub enum DialogueError {
    /// The sentence is no claim of the grammar.
    #[error("{0}")]
    Sentence(String),
    /// The claim has no such measure.
    #[error("no measure `{name}` for this claim{hint}: there are {known}")]
    Measure { name: String, hint: String, known: String },
    /// What the claim is about is not there.
    #[error("{0}")]
    Untestable(String),
    /// There are too few phrases to compare with.
    #[error("a dialogue needs at least {least} real phrases of {least} songs, got {phrases} of {songs}")]
    FewReal { least: usize, phrases: usize, songs: usize },
    /// The file is no notebook of a dialogue.
    #[error("`{path}` is no notebook of a dialogue: {reason}")]
    Notebook { path: std::path::PathBuf, reason: String },
    /// Somebody stopped the work.
    #[error("stopped")]
    Stopped,
    #[error(transparent)]
    Model(ModelError),
    #[error(transparent)]
    Metrics(MetricsError),
    #[error(transparent)]
    View(#[from] ViewError),
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<ModelError> for DialogueError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Stopped => Self::Stopped,
            other => Self::Model(other),
        }
    }
}

impl From<MetricsError> for DialogueError {
    fn from(error: MetricsError) -> Self {
        match error {
            MetricsError::Stopped => Self::Stopped,
            other => Self::Metrics(other),
        }
    }
}
