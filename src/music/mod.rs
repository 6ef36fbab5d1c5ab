//! Music as values: multitracks, tracks, pianorolls and the units they are measured in.
//!
//! Everything is cheap to clone (`Arc` inside), compares by content, and is never changed in
//! place: every operation returns a new value. Depends on `base` alone, and knows nothing of files,
//! tensors, screens or scripts.

mod drums;
mod edit;
mod error;
mod family;
mod instruments;
mod multitrack;
mod notation;
mod origin;
mod pianoroll;
mod theory;
mod units;
mod velocities;

pub use drums::drum_key;
pub use edit::{Difference, TrackDifference};
pub use error::MusicError;
pub use family::Family;
pub use multitrack::{Merge, Multitrack, Origin, Track};
pub(crate) use pianoroll::{Cell, Planes};
pub use pianoroll::{Cells, DEFAULT_VELOCITY, Note, Pianoroll, pitches_of};
pub use theory::Scale;
pub use units::{Meter, Pitch, Program, Resolution, Tempo};
pub use velocities::Velocities;

/// Bars in a phrase, the unit of every model.
pub const PHRASE_BARS: usize = 4;
/// Lowest pitch that models see: C1.
pub const LOWEST_PITCH: u8 = 24;
/// Number of pitches that models see: C1 to B7.
pub const MODEL_PITCHES: usize = 84;
