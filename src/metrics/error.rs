//! What can keep music from being measured.

use crate::music::MusicError;
use crate::statistics::StatisticsError;

/// Music that cannot be measured together.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MetricsError {
    #[error("there are no phrases to measure: give at least one")]
    NoPhrases,
    #[error(
        "phrase {index} has {found} steps per beat where {expected} were expected: \
         bring all to one resolution with `.quantize(#{{ resolution: {expected} }})`"
    )]
    Resolution { index: usize, found: usize, expected: usize },
    #[error(
        "the {first} phrases have {expected} steps per beat and the {second} ones {found}: \
         bring all to one resolution with `.quantize(#{{ resolution: {expected} }})`"
    )]
    Resolutions { first: &'static str, expected: usize, second: &'static str, found: usize },
    #[error(
        "the real phrases are all of one song: at least two are needed, to set one half against the other"
    )]
    OneSong,
    #[error("no feature `{name}`: it is a name such as `bass.notes`, a track or a measure{hint}")]
    Feature { name: String, hint: String },
    #[error("no statistic `{name}`: there are {known}{hint}")]
    Statistic { name: String, known: String, hint: String },
    #[error("stopped")]
    Stopped,
    #[error("{given} given tracks and {answers} answers cannot be paired: there must be one answer for each")]
    Pairs { given: usize, answers: usize },
    #[error("no family of measures `{name}`: there are {known}{hint}")]
    Family { name: String, known: String, hint: String },
    #[error("the music has no track `{name}`: there are {known}{hint}")]
    Track { name: String, known: String, hint: String },
    #[error("`{name}` is a drum track and has no harmony: take pairs of pitched tracks")]
    NoHarmony { name: String },
    #[error("the map has {given} {what} where {expected} were expected, one for each of {names}")]
    EvalMap { what: &'static str, given: usize, expected: usize, names: String },
    #[error("no measure `{name}`{hint}")]
    Measure { name: String, hint: String },
    #[error("there is no quality `{name}`: it is a measure such as `piano.notes`, or one of {words}{hint}")]
    Quality { name: String, words: String, hint: String },
    #[error(transparent)]
    Statistics(#[from] StatisticsError),
    #[error(transparent)]
    Music(#[from] MusicError),
}
