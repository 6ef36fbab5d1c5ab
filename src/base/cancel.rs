//! Stopping long work, and saying how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that long work looks at between its steps; clones share the flag.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that nobody has raised yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop at its next look.
    pub fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Lowers the flag, for the next piece of work.
    pub fn reset(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Whether the work should stop.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Where long work reports its progress; the library itself never prints.
pub trait Progress: Send + Sync {
    /// `done` of `total` units are finished; `note` is one short line for a person.
    fn report(&self, done: u64, total: u64, note: &str);
}

/// Progress that nobody watches.
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _done: u64, _total: u64, _note: &str) {}
}
