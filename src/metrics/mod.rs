//! Objective measures of music: per track, per pair of tracks, and between sets.
//!
//! Depends on `base` and `music`.
