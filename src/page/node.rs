//! A widget as it stands on the page.

use serde::Serialize;

use super::Kind;

/// The number of a widget, unique on its page and never used again.
pub type Id = u64;

/// The column that holds everything else.
pub const ROOT: Id = 0;

/// A widget with its children.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// Its number.
    pub id: Id,
    /// What it is, with the properties of its kind.
    #[serde(flatten)]
    pub kind: Kind,
    /// What is written beside it; of the root, the page's title.
    pub label: String,
    /// Whether it can be used.
    pub enabled: bool,
    /// Whether it is seen.
    pub visible: bool,
    /// What is told to those who linger.
    pub hint: String,
    /// What stands in it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

/// A whole page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Described {
    /// Its title.
    pub title: String,
    /// The column that holds everything else.
    pub root: Node,
}
