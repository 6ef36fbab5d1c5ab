//! Where the phrases of a set are kept.

use std::sync::Arc;

use crate::npz::{NpzError, PackedFile, PhraseArray, PhraseCells, PhraseLayout, PhraseSource};

/// Phrases in memory or in a file; clones share them.
#[derive(Clone, Debug)]
pub(super) enum Store {
    Memory(PhraseArray),
    File(Arc<PackedFile>),
}

impl Store {
    /// Whether both are the same place.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Memory(a), Self::Memory(b)) => a.shares_memory_with(b),
            (Self::File(a), Self::File(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl PhraseSource for Store {
    fn layout(&self) -> &PhraseLayout {
        match self {
            Self::Memory(phrases) => phrases.layout(),
            Self::File(file) => file.layout(),
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Memory(phrases) => phrases.count(),
            Self::File(file) => file.count(),
        }
    }

    fn cells_of(&self, phrase: usize) -> Result<PhraseCells, NpzError> {
        match self {
            Self::Memory(phrases) => phrases.cells_of(phrase),
            Self::File(file) => file.cells_of(phrase),
        }
    }
}
