//! Tables of results, the sweeps that fill them, the tables of the papers, reports on made
//! against real music, and runs that can be repeated.
//!
//! Depends on `base`, `statistics`, `music`, `npz`, `audio`, `metrics`, `model` and `view`.

mod cell;
mod error;
mod evaluation;
mod figure;
mod group;
mod join;
pub mod listening;
mod order;
mod page;
#[cfg(feature = "parquet")]
mod parquet;
mod pivot;
mod plot;
mod read;
pub mod report;
pub mod run;
mod show;
mod student;
mod study;
mod summary;
pub mod sweep;
mod table;
mod write;

pub use cell::Cell;
pub use error::ExperimentError;
pub use evaluation::{pair_table, save_evaluation, score_table};
pub use figure::Figure;
pub use group::Groups;
pub use join::Join;
pub use study::{PaperTable, Sample};
pub use summary::{Interval, Summary};
pub use table::{Row, Table};
