//! Adversarial training: losses, schedules, checkpoints.
//!
//! Depends on everything from `base` to `data`, and tells an observer what happens.
