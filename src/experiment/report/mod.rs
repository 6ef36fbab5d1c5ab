//! Comparisons of sets for people: tables, charts and pages.
//!
//! [`results`] gives every number of a comparison, [`shown`] a text for a terminal.

mod numbers;

pub use numbers::{closer_table, results, shown, together};
