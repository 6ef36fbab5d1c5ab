//! Latents, networks, and the models that turn one into music with the other.
//!
//! Burn lives here and in `train`. Depends on `base` and `music`.
