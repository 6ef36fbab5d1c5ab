//! Tables of results and the sweeps that fill them.
//!
//! Depends on `base`, `music`, `metrics` and `view`.

mod cell;
mod error;
mod grid;
mod plot;
mod show;
mod student;
mod summary;
mod table;
mod write;

pub use cell::Cell;
pub use error::ExperimentError;
pub use grid::{Axis, Point, grid};
pub use table::{Row, Table};
