//! Heaps of songs to sets of phrases.

pub mod song;
