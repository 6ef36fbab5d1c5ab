//! Sets of phrases: loading and selecting.
//!
//! Depends on `base`, `music` and `npz`.

mod dataset;
mod shuffle;

pub use dataset::{DataError, Dataset, PhraseInfo};
pub use shuffle::shuffle_tracks;
