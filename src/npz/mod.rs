//! NumPy archives: pypianoroll multitracks, the sparse training layout, plain arrays.
//!
//! The only home of ndarray, ndarray-npy and zip. Depends on `base` and `music`.

mod archive;
mod error;
mod numbers;
mod phrases;
mod sparse;

pub use error::NpzError;
pub use phrases::PhraseArray;
pub use sparse::{phrases_from_bytes, phrases_to_bytes, read_phrases, write_phrases};
