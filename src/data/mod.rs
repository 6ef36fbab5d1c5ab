//! Sets of phrases: loading and selecting.
//!
//! Depends on `base`, `music` and `npz`.

mod dataset;

pub use dataset::{DataError, Dataset, PhraseInfo};
