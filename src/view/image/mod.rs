//! Pianorolls, sheets and strips as PNG and SVG files.
//!
//! Every picture is laid out once in logical pixels and drawn through plotters; a PNG is drawn at twice its size
//! and averaged, so that text is smooth while cells stay sharp. Pieces of a model carry their origin
//! in the file.

mod drum_keys;
mod lanes;
mod page;
mod png;
mod roll;

pub use page::Format;
pub use png::{origin_in_png, read_png_text};
pub use roll::{ImageOptions, roll_png, roll_svg, save_roll};
