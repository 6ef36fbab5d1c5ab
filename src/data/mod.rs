//! Sets of phrases: loading, selecting, and turning into tensors.
//!
//! Depends on `base`, `music` and `npz`.
