//! Runs: experiments that leave a folder with everything needed to repeat them.
//!
//! A [`Ledger`] keeps what a script uses and makes; a [`Run`] is a folder for what it wants to keep; the
//! [`Manifest`] of a run says all of it, with hashes. [`differences`] holds a repetition against it.

mod about;
mod error;
mod folder;
mod hash;
mod ledger;
mod manifest;
mod past;
mod verify;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use about::{About, about};
pub use error::RunError;
pub use folder::{RUNS, Run};
pub use hash::{of_bytes as sha256_of_bytes, of_path as sha256_of_path};
pub use ledger::{Ledger, outputs_at as hashes_in};
pub use manifest::{DeviceUse, FileHash, MANIFEST, Manifest, ModelUse, Printed, RunName, SourceFile, Status};
pub use past::{
    Beside, Maker, Past, find as find_run, list as list_runs, runs_folder, table as table_of_runs,
};
pub use verify::{Difference, changed_inputs, differences, differing_files, reasons};

/// What a script's host knows and a record keeps.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The output folder; the working directory if empty.
    pub out: PathBuf,
    /// The folder that the program was started in, if somebody knew.
    pub directory: Option<PathBuf>,
    /// When the program was started (RFC 3339, UTC), if somebody knew.
    pub started: Option<String>,
    /// The host's seed.
    pub seed: u64,
    /// The device that was asked for.
    pub device: String,
    /// Threads that the processor has.
    pub threads: Option<usize>,
    /// Columns that printed values take.
    pub columns: usize,
    /// Whether printed values have terminal colours.
    pub colour: bool,
    /// What else was on the command line and matters.
    pub options: BTreeMap<String, String>,
    /// What is being repeated, if this is a repetition.
    pub replay: Option<Replay>,
}

/// What a repetition takes from the record instead of the world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Texts of modules, by the paths they were imported by.
    pub modules: BTreeMap<String, String>,
    /// The program that files say made them; this one if `None`.
    pub program: Option<String>,
    /// The run that is repeated.
    pub run: Option<RunName>,
}

impl Replay {
    /// The id of the script's run number `place`, called `name`, if it is the one that is repeated.
    fn id_of(&self, name: &str, place: usize) -> Option<String> {
        let run = self.run.as_ref().filter(|run| run.name == name && run.place == place);
        run.map(|run| run.id.clone())
    }
}

pub use crate::base::program;
