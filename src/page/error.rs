//! What can be wrong with a page, its events and its links.

/// Why a page refuses something.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PageError {
    #[error("the page has no widget {0}")]
    NoWidget(u64),
    #[error("`{label}` is {kind} and cannot do that")]
    NotThisKind { label: String, kind: &'static str },
    #[error("`{0}` is switched off")]
    Disabled(String),
    #[error("`{label}` takes {expected}, got {got}")]
    Value { label: String, expected: String, got: String },
    #[error("`{label}` has no `{got}`: there are {known}{hint}")]
    Choice { label: String, got: String, known: String, hint: String },
    #[error("`{label}` has a range of {low} to {high}: the first must be the smaller one")]
    Range { label: String, low: f64, high: f64 },
    #[error("`{label}` needs {expected}")]
    Needs { label: String, expected: &'static str },
    #[error("`{0}` stands on the page already: a widget has one place")]
    TwoPlaces(String),
    #[error("`{0}` cannot stand within itself")]
    WithinItself(String),
    #[error("a page holds {0} widgets and no more")]
    TooMany(usize),
    #[error("containers stand {0} deep within each other and no deeper")]
    TooDeep(usize),
    #[error("`{name}` has {bytes} bytes, `{label}` takes {most}")]
    TooLarge { label: String, name: String, bytes: usize, most: usize },
    #[error("`{label}` takes files that end in {accepted}, got `{name}`")]
    Ending { label: String, name: String, accepted: String },
    #[error("the link is not one of a page: {0}")]
    Link(&'static str),
}
