//! What can be wrong with a table or a sweep.

use crate::base::did_you_mean;

/// A column, a value or an axis that does not do.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExperimentError {
    #[error("no column `{name}`: there are {known}{hint}")]
    Column { name: String, known: String, hint: String },
    #[error("numbers are needed, but column `{column}` holds {value} in row {row}, counted from 0")]
    NotANumber { column: String, row: usize, value: String },
    #[error("no table `{name}` of the papers: there are {known}{hint}")]
    PaperTable { name: String, known: String, hint: String },
    #[error("axis `{0}` is given twice: an axis has one list of values")]
    Axis(String),
    #[error("a sweep over {axes} would have {points} points, at most {most} are possible: give fewer values")]
    Points { axes: String, points: u128, most: usize },
}

impl ExperimentError {
    /// "no column called …", with the columns there are and the nearest of them.
    pub(super) fn column<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        let hint = did_you_mean(name, known.clone());
        let known: Vec<&str> = known.collect();
        Self::Column {
            name: name.to_owned(),
            known: if known.is_empty() { "none yet".to_owned() } else { known.join(", ") },
            hint: hint.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default(),
        }
    }
}
