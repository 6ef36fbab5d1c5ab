//! Tables of results, the sweeps that fill them, and the tables of the papers.
//!
//! Depends on `base`, `music`, `metrics` and `view`.

mod cell;
mod error;
mod grid;
mod plot;
mod show;
mod student;
mod study;
mod summary;
mod table;
mod write;

pub use cell::Cell;
pub use error::ExperimentError;
pub use grid::{Axis, Point, grid};
pub use study::{PaperTable, Sample};
pub use table::{Row, Table};
