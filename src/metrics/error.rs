//! What can keep music from being measured.

use crate::music::MusicError;

/// Music that cannot be measured together.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MetricsError {
    #[error("there are no phrases to measure: give at least one")]
    NoPhrases,
    #[error(
        "phrase {index} has {found} steps per beat where {expected} were expected: \
         bring all to one resolution with `.resample({expected})`"
    )]
    Resolution { index: usize, found: usize, expected: usize },
    #[error("{given} given tracks and {answers} answers cannot be paired: there must be one answer for each")]
    Pairs { given: usize, answers: usize },
    #[error("no family of measures `{name}`: there are {known}{hint}")]
    Family { name: String, known: String, hint: String },
    #[error("no measure `{name}`: there are {known}{hint}")]
    Measure { name: String, known: String, hint: String },
    #[error("there is no quality `{name}`: it is a measure such as `piano.notes`, or one of {words}{hint}")]
    Quality { name: String, words: String, hint: String },
    #[error(transparent)]
    Music(#[from] MusicError),
}
