//! Heaps of songs to sets of phrases.

pub mod dedupe;
pub mod groups;
pub mod song;
pub mod split;
