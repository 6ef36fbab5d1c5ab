//! MIDI files to multitracks and back, with an account of every repair.
//!
//! The only home of midly. Depends on `base` and `music`.
