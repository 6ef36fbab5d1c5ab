//! Pictures: terminal pianorolls, PNG pianorolls and sheets, charts.
//!
//! The only home of plotters. Depends on `base` and `music`. Nothing here prints: terminal pictures
//! are strings, the others are files or bytes.

pub mod chart;
pub mod image;
pub mod terminal;

mod error;
mod facts;
mod palette;

pub use error::ViewError;
pub use facts::facts as song_facts;
pub use palette::{Colour, family_colour, track_colours};
