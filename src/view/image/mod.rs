//! Pianorolls, sheets and strips as PNG and SVG files.
//!
//! Every picture is laid out in logical pixels and drawn through plotters; a PNG is drawn at twice
//! its size and averaged, so that text is smooth while cells stay sharp. Pictures carry the
//! origin of a model's piece, and what made them, in the file.

mod drum_keys;
mod lanes;
mod overlay;
mod page;
mod png;
mod roll;
mod sheet;
mod svg;

pub use overlay::save_overlay;
pub use page::Format;
#[cfg(test)]
pub(super) use page::pixels;
pub(super) use page::{Lettering, Page, Picture, Rgb, fitted, render, save};
pub use png::{origin_in_png, read_png_text};
pub use roll::{ImageOptions, roll_png, roll_svg, save_roll};
pub use sheet::{SheetOptions, save_sheet, save_strip, sheet_png};
pub use svg::read_svg_metadata;
