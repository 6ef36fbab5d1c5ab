//! A run: its folder, what is kept in it, and its end.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_yaml::{Mapping, Value};

use super::hash::of_bytes;
use super::ledger::{Ledger, outputs_at};
use super::manifest::{FileHash, MANIFEST, Manifest, RunName, Status};
use super::{Facts, RunError};
use crate::base::write_atomically;
use crate::experiment::{Cell, Table};

/// Folder of the folders of runs.
pub const RUNS: &str = "runs";
/// Files that the run writes itself.
const OWN: [&str; 3] = [MANIFEST, "config.yaml", "script.rhai"];
/// Folder of the copies of modules.
const MODULES: &str = "modules";
/// The rows that were logged.
const METRICS: &str = "metrics.csv";
/// The table of rows is written at each of so many first rows, then each time so many have come.
const ROWS_AT_ONCE: usize = 100;
/// Hex digits of the config's hash in a run's id.
const SHORT: usize = 8;

/// A run that has begun; clones are the same run.
#[derive(Clone, Debug)]
pub struct Run(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: RunName,
    /// The folder as scripts write it: below the output folder.
    given: String,
    folder: PathBuf,
    config: Mapping,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rows: Table,
    notes: Vec<String>,
    is_finished: bool,
}

impl Run {
    /// Makes a run's folder, `runs/NAME/ID` below the output folder, with its config, script and
    /// beginning of a record.
    ///
    /// # Errors
    /// [`RunError::Name`], or when the disk fails.
    pub fn start(ledger: &Ledger, facts: &Facts, name: &str, config: Mapping) -> Result<Self, RunError> {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_fit) {
            return Err(RunError::Name(name.to_owned()));
        }
        let text = serde_yaml::to_string(&config).map_err(|error| RunError::Encode(error.to_string()))?;
        let config_sha256 = of_bytes(text.as_bytes());
        let place = ledger.run_count();
        let siblings = facts.out.join(RUNS).join(name);
        let make = |path: &Path, source| RunError::Folder { path: path.to_owned(), source };
        std::fs::create_dir_all(&siblings).map_err(|source| make(&siblings, source))?;
        let forced = facts.replay.as_ref().and_then(|replay| replay.id_of(name, place));
        let id = loop {
            let numbered = || format!("{:04}-{}", next_number(&siblings), &config_sha256[..SHORT]);
            let id = forced.clone().unwrap_or_else(numbered);
            let folder = siblings.join(&id);
            match std::fs::create_dir(&folder) {
                Ok(()) => break id,
                // Somebody else was faster.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && forced.is_none() => {}
                Err(source) => return Err(make(&folder, source)),
            }
        };
        let run = Self(Arc::new(Inner {
            given: format!("{RUNS}/{name}/{id}"),
            folder: siblings.join(&id),
            name: RunName { name: name.to_owned(), id, place, config_sha256 },
            config,
            state: Mutex::default(),
        }));
        write_atomically(&run.0.folder.join("config.yaml"), text.as_bytes())?;
        ledger.add(run.clone());
        run.record(ledger, facts, Status::Running, None)?;
        Ok(run)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name, id and config's hash.
    pub fn name(&self) -> &RunName {
        &self.0.name
    }

    /// Its folder as scripts write it, below the output folder.
    pub fn given(&self) -> &str {
        &self.0.given
    }

    /// Its folder on disk.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The config that it was started with.
    pub fn config(&self) -> &Mapping {
        &self.0.config
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.state().is_finished
    }

    /// The path of a file in the run, as scripts write it.
    ///
    /// # Errors
    /// [`RunError::Outside`] and [`RunError::Reserved`] for paths that are not the script's to write,
    /// [`RunError::Finished`] once the run has ended.
    pub fn path(&self, inside: &str) -> Result<String, RunError> {
        self.check_open()?;
        let path = Path::new(inside);
        let mut parts = path.components().filter(|part| *part != Component::CurDir).peekable();
        let first = parts.peek().map(|part| part.as_os_str().to_string_lossy().into_owned());
        if first.is_none() || parts.any(|part| !matches!(part, Component::Normal(_))) {
            return Err(RunError::Outside(inside.to_owned()));
        }
        let is_own = first.as_deref() == Some(MODULES)
            || OWN.iter().chain([&METRICS]).any(|own| path == Path::new(own));
        match is_own {
            true => Err(RunError::Reserved(inside.to_owned())),
            false => Ok(format!("{}/{inside}", self.0.given)),
        }
    }

    /// Adds a row to `metrics.csv`.
    ///
    /// # Errors
    /// [`RunError::Finished`], or when the disk fails.
    pub fn log<N: Into<Arc<str>>>(&self, row: impl IntoIterator<Item = (N, Cell)>) -> Result<(), RunError> {
        self.check_open()?;
        let mut state = self.state();
        state.rows.add(row);
        let count = state.rows.len();
        let due = count <= ROWS_AT_ONCE || count.is_multiple_of(ROWS_AT_ONCE);
        if due { self.write_rows(&state.rows) } else { Ok(()) }
    }

    /// Adds a remark to the record.
    ///
    /// # Errors
    /// [`RunError::Finished`].
    pub fn note(&self, text: &str) -> Result<(), RunError> {
        self.check_open()?;
        self.state().notes.push(text.to_owned());
        Ok(())
    }

    /// Ends the run and writes its record; a run that has ended stays as it is.
    ///
    /// # Errors
    /// [`RunError`] when a file cannot be read or written.
    pub fn finish(
        &self,
        ledger: &Ledger,
        facts: &Facts,
        status: Status,
        error: Option<&str>,
    ) -> Result<(), RunError> {
        if self.is_finished() {
            return Ok(());
        }
        let rows = self.state().rows.clone();
        if !rows.is_empty() {
            self.write_rows(&rows)?;
        }
        self.record(ledger, facts, status, error)?;
        self.state().is_finished = true;
        Ok(())
    }

    fn check_open(&self) -> Result<(), RunError> {
        match self.is_finished() {
            true => Err(RunError::Finished(self.0.given.clone())),
            false => Ok(()),
        }
    }

    fn write_rows(&self, rows: &Table) -> Result<(), RunError> {
        Ok(write_atomically(&self.0.folder.join(METRICS), rows.to_csv().as_bytes())?)
    }

    fn record(
        &self,
        ledger: &Ledger,
        facts: &Facts,
        status: Status,
        error: Option<&str>,
    ) -> Result<(), RunError> {
        let folder = &self.0.folder;
        let sources = ledger.save_sources(folder, "")?;
        let manifest = ledger.manifest(facts, sources)?;
        let outputs = outputs_at(folder, Path::new(""))?;
        let is_own = |output: &FileHash| {
            OWN.contains(&output.file.as_str()) || output.file.starts_with(&format!("{MODULES}/"))
        };
        let state = self.state();
        Manifest {
            run: Some(self.0.name.clone()),
            status,
            error: error.map(str::to_owned),
            config: self.0.config.clone(),
            outputs: outputs.into_iter().filter(|output| !is_own(output)).collect(),
            metrics: last_values(&state.rows),
            notes: state.notes.clone(),
            ..manifest
        }
        .write(&folder.join(MANIFEST))
    }
}

/// One more than the largest number that a folder's name begins with.
fn next_number(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |name: String| name.split('-').next().and_then(|digits| digits.parse::<u64>().ok());
    let numbers = entries.filter_map(|entry| number(entry.file_name().to_string_lossy().into_owned()));
    numbers.max().map_or(1, |last| last.saturating_add(1))
}

/// The last value in each column.
fn last_values(rows: &Table) -> Mapping {
    let mut last = Mapping::new();
    for (name, cell) in rows.rows().flat_map(|row| row.cells()) {
        let value = match cell {
            Cell::Missing => continue,
            Cell::Bool(value) => Value::from(*value),
            Cell::Int(value) => Value::from(*value),
            Cell::Float(value) => Value::from(*value),
            Cell::Text(text) => Value::from(text.as_ref()),
        };
        last.insert(name.into(), value);
    }
    last
}
