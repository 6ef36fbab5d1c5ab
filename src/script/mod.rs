//! The only door to rhai: engine, native modules, standard library, help, diagnostics, session.
//!
//! Registers what the library can do and holds no logic of its own.
