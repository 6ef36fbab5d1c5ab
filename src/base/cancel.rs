//! Stopping long work, and saying how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const LOWERED: u8 = 0;
const RAISED: u8 = 1;
const EXPIRED: u8 = 2;

/// A flag that long work looks at between its steps; clones share the flag.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicU8>);

impl Cancel {
    /// A flag that nobody has raised yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop at its next look.
    pub fn raise(&self) {
        self.0.store(RAISED, Ordering::SeqCst);
    }

    /// Asks the work to stop because its time is over; somebody who asked before comes first.
    pub fn expire(&self) {
        let _ = self.0.compare_exchange(LOWERED, EXPIRED, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Lowers the flag, for the next piece of work.
    pub fn reset(&self) {
        self.0.store(LOWERED, Ordering::SeqCst);
    }

    /// Whether the work should stop.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst) != LOWERED
    }

    /// Whether the work should stop because its time is over.
    pub fn has_expired(&self) -> bool {
        self.0.load(Ordering::SeqCst) == EXPIRED
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
