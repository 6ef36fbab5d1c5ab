#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

/// The crate's version, and in parentheses the commit that it was built on, where that is known.
pub const VERSION: &str = env!("RICERCAR_VERSION");

pub mod base;
pub mod music;
pub mod settings;
pub mod statistics;

pub mod audio;
pub mod metrics;
pub mod midi;
pub mod npz;
pub mod view;

pub mod files;

pub mod data;
pub mod model;
pub mod train;

pub mod experiment;
pub mod page;

pub mod dialogue;

pub mod cli;
#[cfg(feature = "jupyter")]
pub mod jupyter;
pub mod script;
#[cfg(feature = "serve")]
pub mod serve;
