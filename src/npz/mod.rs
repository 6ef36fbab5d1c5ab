//! NumPy files: pypianoroll multitracks, phrases in the sparse training layout, plain arrays.
//!
//! The only home of ndarray and ndarray-npy. Depends on `base` and `music`.

mod archive;
mod cells;
mod contents;
mod dense;
mod error;
mod info;
mod layout;
mod multitrack;
mod names;
mod notes;
mod numbers;
mod packed;
mod phrases;
mod save;
mod sparse;

pub use cells::PhraseCells;
pub use contents::{Contents, Rolls, any_from_bytes, read_any, rolls_from_bytes};
pub use dense::{Dense, Values, npy_from_bytes, npy_to_bytes, read_npy, write_dense, write_npy};
pub use error::NpzError;
pub use layout::{MOST_TRACKS, PhraseLayout, PhraseTrack};
pub use multitrack::{multitrack_from_bytes, read_multitrack, read_stamp};
pub use notes::{NoteRoll, NoteRolls, notes_from_bytes};
pub use packed::{PackedFile, pack, write_packed};
pub use phrases::{PhraseArray, PhraseSource};
pub use save::{multitrack_to_bytes, write_multitrack, write_stamped_multitrack};
pub use sparse::{phrases_from_bytes, phrases_stated, phrases_to_bytes, read_phrases, write_phrases};
