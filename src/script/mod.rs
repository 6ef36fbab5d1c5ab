//! The only door to rhai: engine, native modules, standard library, help, diagnostics, session.
//!
//! Registers what the library can do and holds no logic of its own. [`Host`] is the way in: it runs
//! files and texts and turns every error into a [`Diagnostic`]. May depend on everything but `cli`.

mod api;
mod callbacks;
mod calls;
pub mod check;
mod context;
mod diagnostic;
mod doc;
mod explain;
mod fmt;
mod habits;
mod handles;
mod help;
mod host;
mod imports;
mod incomplete;
mod loaded;
mod look;
mod option_keys;
mod options;
mod page;
mod reading;
mod render;
mod rich;
mod sandbox;
mod scan;
pub mod session;
mod show;
mod sources;
mod stdlib;
mod syntax;
mod testing;
mod types;
mod watch;
mod widgets;

pub use callbacks::{callback_parameters, functions_with_callbacks};
pub use check::{Checked, Checker};
pub use context::{Context, Heard, Output, Player, Ports, Quiet, Surroundings};
pub use diagnostic::{Diagnostic, Excerpt, Kind};
pub use help::{Entry, Form, Help, Parameter};
pub use host::Host;
pub use incomplete::is_incomplete;
pub use loaded::Loaded;
pub use look::{Look, View};
pub use option_keys::{OptionKey, functions_with_options, option_keys};
pub use page::Page;
pub use rich::Rich;
pub use sandbox::Sandbox;
pub use session::Session;
pub use show::{show, summary};
pub use sources::{Files, Sources};
pub use testing::Capture;
pub use watch::Watched;
pub use widgets::Widgets;
