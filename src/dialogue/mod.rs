//! Conversations about what a model makes, in which claims are tested.
//!
//! A [`Claim`] says something of a model, a phrase or a way of searching, names the measure it is judged by,
//! and states beforehand what would support and what would refute it. Its experiment is deterministic from a
//! seed and ends in a [`Finding`]: effects with intervals and p, a picture, and the [`Verdict`] supported,
//! refuted or undecided. A [`Conversation`] is a state machine, lines in and turns out: the system proposes
//! claims, the person agrees, objects, chooses other measures, asks why, and proposes claims of the
//! [`grammar`]. p-values are corrected for all claims of the conversation (Holm 1979), so that talking
//! longer does not find more. A conversation is kept as a [notebook](Conversation::page) and repeated from it.
//!
//! Novelty, typicality and value follow Ritchie, *Some empirical criteria for attributing creativity to a
//! computer program* (2007): they are figures about music beside a corpus, not about what anybody feels.
//!
//! Depends on `base`, `statistics`, `music`, `metrics`, `data`, `model`, `view` and `experiment`; knows no
//! terminal.

mod claim;
mod claims;
mod conversation;
mod corpus;
mod distance;
mod error;
mod evidence;
mod finding;
pub mod grammar;
mod maker;
mod notebook;
mod opening;
mod pictures;
mod rating;
mod setting;
#[cfg(test)]
mod tests;

pub use claim::{Claim, Compared, Kind, Trial};
pub use conversation::{Conversation, Outcome, Turn};
pub use corpus::Corpus;
pub use distance::Distance;
pub use error::DialogueError;
pub use evidence::{Evidence, Sample};
pub use finding::{Finding, LEVEL, Part, Rule, Verdict};
pub use maker::{Maker, Makers};
pub use notebook::{Difference, Record};
pub use opening::Opening;
pub use rating::Strangeness;
pub use setting::Setting;
