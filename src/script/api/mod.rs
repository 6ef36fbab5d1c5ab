//! The native modules: thin skins over the library, one file per topic.

use rhai::Engine;

/// Registers every native module.
pub(super) fn register(_engine: &mut Engine) {}
