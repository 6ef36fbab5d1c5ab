//! One integration-test binary: Burn links slowly, so link once.

mod arrange;
mod bad_files;
#[cfg(feature = "serve")]
mod browser;
mod callbacks;
mod card;
mod catalogue;
mod cli;
mod cli_files;
mod cli_train;
mod collect;
#[cfg(target_os = "linux")]
mod damaged_heap;
mod dataset;
mod dialogue;
mod examples;
mod experiments;
mod golden_metrics;
mod golden_midi;
mod golden_muspy;
mod golden_npz;
mod golden_paper;
#[cfg(feature = "gpu")]
mod gpu;
mod interop;
mod inverse;
#[cfg(feature = "jupyter")]
mod jupyter;
mod layers;
mod listening;
mod lpd;
mod midi_round_trip;
mod model;
mod option_keys;
mod pages;
mod play;
mod program;
mod readme;
mod refiner;
mod robust;
mod runs;
mod sandbox;
mod script_errors;
mod script_help;
mod script_stop;
#[cfg(feature = "serve")]
mod serve;
mod session;
mod sweep;
mod table_files;
mod tables;
mod terminal;
mod tools;
mod tour;
mod train;
