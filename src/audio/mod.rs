//! Multitracks to sound: built-in voices or the user's SoundFont, written as WAV.
//!
//! The only home of hound, fundsp and rustysynth. Depends on `base` and `music`.
