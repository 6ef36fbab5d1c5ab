//! Comparisons of sets for people: tables, charts and pages.
//!
//! [`results`] gives every number of a comparison, [`shown`] a text for a terminal, and a [`Report`] a page
//! with headline figures, tables, charts and pianorolls, as Markdown and as one HTML file.

mod charts;
mod html;
mod markdown;
mod numbers;
mod page;
mod story;

pub use numbers::{closer_table, results, shown, together};
pub use page::{Block, Card, Page, Picture};
pub use story::{Copied, Report};
