//! The ground floor: seeded randomness, cancellation and progress, atomic files, spelling suggestions, texts in
//! lines and in quotes.
//!
//! Depends on nothing else in the crate; everything may depend on it.

mod cancel;
mod files;
mod literal;
mod random;
mod stamp;
mod suggest;
mod wrap;

pub use cancel::{Cancel, Progress, Silent};
pub use files::{FileError, read_file, write_atomically, write_atomically_with};
pub use literal::script_text;
pub use random::{Rng, Seed};
pub use stamp::{NoStamp, Stamp, program};
pub use suggest::{did_you_mean, suggestion};
pub use wrap::wrapped;
