#![doc = include_str!("README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod base;
pub mod music;

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

pub mod cli;
pub mod script;
