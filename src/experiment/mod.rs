//! Tables of results, the sweeps that fill them, the tables of the papers, and runs that can be repeated.
//!
//! Depends on `base`, `music`, `metrics` and `view`.

mod cell;
mod error;
mod grid;
mod plot;
pub mod run;
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
