//! Tables of results and the sweeps that fill them.
//!
//! Depends on `base`, `music`, `metrics` and `view`.
