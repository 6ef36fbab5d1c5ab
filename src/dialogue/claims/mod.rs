//! The kinds of claims, one idea a file.

mod children;
mod copies;
mod like;
mod movement;
mod path;
mod phrase;
mod raises;
mod ritchie;
mod together;
mod variety;

pub(super) use children::Children;
pub(super) use copies::Copies;
pub(super) use like::LikeReal;
pub(super) use movement::Moves;
pub(super) use path::{Better, Walk};
pub(super) use phrase::{Novelty, Whose};
pub(super) use raises::Raises;
pub(super) use ritchie::Ritchie;
pub(super) use together::{Follows, Together};
pub(super) use variety::{Truncation, Varied};

use super::{DialogueError, Distance};

/// A distance by a name that has been checked.
fn distance(name: &str) -> Result<Distance, DialogueError> {
    Distance::from_name(name).ok_or_else(|| DialogueError::Untestable(format!("no distance `{name}`")))
}
