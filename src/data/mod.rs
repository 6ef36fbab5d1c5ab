//! Sets of phrases: loading, choosing, varying, measuring, saving.
//!
//! Depends on `base`, `music`, `midi`, `npz`, `metrics` and, for charts, `view`.

mod augment;
pub mod collect;
mod dataset;
mod error;
mod shuffle;

pub use augment::{Augmentation, Change, TRANSPOSITIONS, draw_transposition};
pub use dataset::{
    Dataset, LoadOptions, MEMORY, Parts, PhraseInfo, Portrait, Rejection, SaveAs, SaveBy, SaveOptions,
    SplitBy, TrackPortrait, Wanted,
};
pub use error::DataError;
pub use shuffle::shuffle_tracks;
