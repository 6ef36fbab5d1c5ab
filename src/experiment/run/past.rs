//! Past runs, of scripts and of training: finding them, listing them, setting two beside each other.

use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value};

use super::hash::of_path;
use super::manifest::{MANIFEST, Manifest};
use super::{RunError, folder::RUNS};
use crate::base::{read_file, suggestion};
use crate::experiment::{Cell, Table};
use crate::train;

/// Folders deep that runs are looked for.
const DEEPEST: usize = 6;
/// Hex digits of a hash that a person is shown.
const SHOWN: usize = 8;

/// What made a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// A script.
    Script,
    /// `ricercar train`.
    Training,
}

/// A run that lies in a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Its folder.
    pub folder: PathBuf,
    /// Its folder from the one that was searched, with `/` between.
    pub path: String,
    /// What made it.
    pub maker: Maker,
    /// The name that it was given.
    pub name: String,
    /// When it was started, if it says so.
    pub started: Option<String>,
    /// How far it came.
    pub status: String,
    /// Name and version of the program, device, seed and whatever else may explain a difference.
    pub facts: Vec<(&'static str, Cell)>,
    /// First digits of the SHA-256 of its config.
    pub config_hash: String,
    /// Every setting of its config, nested names joined by dots.
    pub config: Vec<(String, Cell)>,
    /// Number of files that it made.
    pub outputs: usize,
    /// What was measured last.
    pub metrics: Vec<(String, Cell)>,
}

impl Past {
    /// The run in a folder.
    ///
    /// # Errors
    /// [`RunError::NoRun`] when there is none, and what is wrong with its record.
    pub fn read(folder: &Path, path: &str) -> Result<Self, RunError> {
        let manifest = folder.join(MANIFEST);
        if manifest.is_file() {
            return Self::of_script(folder, path, &Manifest::read(&manifest)?);
        }
        let manifest = folder.join(train::MANIFEST);
        if manifest.is_file() {
            let read = train::Manifest::read(&manifest);
            let read = read.map_err(|error| RunError::not_a_manifest(&manifest, error))?;
            return Self::of_training(folder, path, &read);
        }
        Err(RunError::NoRun(folder.to_owned()))
    }

    fn of_script(folder: &Path, path: &str, manifest: &Manifest) -> Result<Self, RunError> {
        let mut facts = vec![
            ("program", manifest.program.as_str().into()),
            ("script", short(&manifest.script.sha256).into()),
            ("arguments", manifest.args.join(" ").into()),
            ("seed", seed(manifest.seed)),
            ("device", manifest.device.used.clone().into()),
        ];
        for model in &manifest.models {
            facts.push(("model", format!("{} {}", model.name, model.hash).into()));
        }
        for data in &manifest.data {
            facts.push(("data", format!("{} {}", data.file, short(&data.sha256)).into()));
        }
        let run = manifest.run.as_ref();
        Ok(Self {
            folder: folder.to_owned(),
            path: path.to_owned(),
            maker: Maker::Script,
            name: run.map_or_else(|| manifest.script.file.clone(), |run| run.name.clone()),
            started: manifest.started.clone(),
            status: match &manifest.error {
                Some(error) => format!("{}: {error}", manifest.status),
                None => manifest.status.to_string(),
            },
            facts: joined(facts),
            config_hash: run.map_or_else(String::new, |run| short(&run.config_sha256).to_owned()),
            config: flat(&manifest.config),
            outputs: manifest.outputs.len() + manifest.elsewhere.len(),
            metrics: flat(&manifest.metrics),
        })
    }

    fn of_training(folder: &Path, path: &str, manifest: &train::Manifest) -> Result<Self, RunError> {
        let resolved = folder.join(train::RESOLVED);
        let config: Mapping = match resolved.is_file() {
            true => serde_yaml::from_slice(&read_file(&resolved)?)
                .map_err(|error| RunError::not_a_manifest(&resolved, error))?,
            false => Mapping::new(),
        };
        let last = manifest.sittings.last();
        let taken = last.map_or(0, |sitting| sitting.to);
        let mut facts = vec![
            ("program", last.map(|sitting| sitting.program.clone()).into()),
            ("seed", seed(manifest.seed)),
            ("device", last.map(|sitting| sitting.device.clone()).into()),
        ];
        for data in &manifest.data {
            facts.push(("data", format!("{} {}", data.file.display(), short(&data.sha256)).into()));
        }
        let mut metrics = vec![("step".to_owned(), Cell::from(taken.cast_signed()))];
        metrics.extend(last_row(&folder.join("log.csv"), &["critic_loss", "generator_loss"]));
        if let Some(best) = &manifest.best {
            metrics.push(("best_step".to_owned(), best.step.cast_signed().into()));
            metrics.push(("best_distance".to_owned(), best.distance.into()));
        }
        metrics.extend(last_row(&folder.join("metrics.csv"), &[]));
        let outputs = super::hash::files_in(folder)?.len();
        Ok(Self {
            folder: folder.to_owned(),
            path: path.to_owned(),
            maker: Maker::Training,
            name: manifest.name.clone(),
            started: None,
            status: match manifest.finished {
                true => "finished".to_owned(),
                false => format!("step {taken} of {}", manifest.steps),
            },
            facts: joined(facts),
            config_hash: of_path(&resolved)
                .map_or_else(|_| String::new(), |(hash, _)| short(&hash).to_owned()),
            config: flat(&config),
            outputs,
            metrics,
        })
    }

    /// The value of a metric that was measured last.
    pub fn metric(&self, name: &str) -> Option<&Cell> {
        self.metrics.iter().find(|(known, _)| known == name).map(|(_, cell)| cell)
    }
}

/// The runs below a folder in the order of their paths, and those records that cannot be read.
///
/// # Errors
/// [`RunError::NoFolder`] when there is no such folder.
pub fn list(folder: &Path) -> Result<(Vec<Past>, Vec<RunError>), RunError> {
    if !folder.is_dir() {
        return Err(RunError::NoFolder(folder.to_owned()));
    }
    let (mut runs, mut broken) = (Vec::new(), Vec::new());
    let mut left = vec![(folder.to_owned(), Vec::<String>::new())];
    while let Some((inside, names)) = left.pop() {
        match Past::read(&inside, &names.join("/")) {
            Ok(run) => runs.push(run),
            Err(RunError::NoRun(_)) => {}
            Err(error) => broken.push(error),
        }
        for entry in std::fs::read_dir(&inside).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if names.len() < DEEPEST && !name.starts_with('.') && entry.path().is_dir() {
                left.push((entry.path(), [names.as_slice(), &[name]].concat()));
            }
        }
    }
    runs.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((runs, broken))
}

/// The run that a person means: a path to it or to a folder of which it is the only run, or in `folder` the
/// beginning of a run's path that only one has.
///
/// # Errors
/// [`RunError::Unknown`] naming the nearest, [`RunError::Ambiguous`] naming those it may be.
pub fn find(folder: &Path, meant: &str) -> Result<Past, RunError> {
    let path = Path::new(meant);
    let named = if path.is_file() { path.parent().unwrap_or(path) } else { path };
    for folder in [named.to_owned(), folder.join(meant)] {
        match Past::read(&folder, meant) {
            Err(RunError::NoRun(_)) => {}
            found => return found,
        }
    }
    if path.is_dir() {
        let (runs, _) = list(path)?;
        if !runs.is_empty() {
            return one_of(meant, runs);
        }
    }
    let (mut runs, _) = list(folder)?;
    let paths: Vec<String> = runs.iter().map(|run| run.path.clone()).collect();
    runs.retain(|run| run.path.starts_with(meant));
    if runs.is_empty() {
        let hint = suggestion(meant, paths.iter().map(String::as_str));
        return Err(RunError::Unknown { meant: meant.to_owned(), folder: folder.to_owned(), hint });
    }
    one_of(meant, runs)
}

/// The only run there is, apart from those inside it: a script may keep a training run in its own.
fn one_of(meant: &str, mut runs: Vec<Past>) -> Result<Past, RunError> {
    let folders: Vec<PathBuf> = runs.iter().map(|run| run.folder.clone()).collect();
    let is_inside = |run: &Past| folders.iter().any(|f| *f != run.folder && run.folder.starts_with(f));
    runs.retain(|run| !is_inside(run));
    if runs.len() == 1 {
        return Ok(runs.remove(0));
    }
    let all: Vec<String> = runs.into_iter().map(|run| run.path).collect();
    Err(RunError::Ambiguous { meant: meant.to_owned(), all: all.join(", ") })
}

/// Runs as a table: `run` (the path), `name`, `started`, `status`, `hash` (of the config), `outputs`, then
/// every setting as `config.…` and every metric as `metrics.…`.
pub fn table(runs: &[Past]) -> Table {
    let mut table = Table::new();
    for run in runs {
        let own = [
            ("run", Cell::from(run.path.as_str())),
            ("name", run.name.as_str().into()),
            ("started", run.started.clone().into()),
            ("status", run.status.as_str().into()),
            ("hash", run.config_hash.as_str().into()),
            ("outputs", (run.outputs as i64).into()),
        ];
        let config = run.config.iter().map(|(name, cell)| (format!("config.{name}"), cell.clone()));
        let metrics = run.metrics.iter().map(|(name, cell)| (format!("metrics.{name}"), cell.clone()));
        table.add(own.map(|(name, cell)| (name.to_owned(), cell)).into_iter().chain(config).chain(metrics));
    }
    table
}

/// Two runs side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// What differs of program, script, seed, device, models and data: name, first, second.
    pub facts: Vec<(String, Cell, Cell)>,
    /// Settings that differ.
    pub config: Vec<(String, Cell, Cell)>,
    /// All metrics.
    pub metrics: Vec<(String, Cell, Cell)>,
}

impl Beside {
    /// Two runs beside each other.
    pub fn of(first: &Past, second: &Past) -> Self {
        let facts = |run: &Past| -> Vec<_> {
            run.facts.iter().map(|(name, cell)| ((*name).to_owned(), cell.clone())).collect()
        };
        let differing = |mut pairs: Vec<(String, Cell, Cell)>| {
            pairs.retain(|(_, first, second)| first != second);
            pairs
        };
        Self {
            facts: differing(paired(&facts(first), &facts(second))),
            config: differing(paired(&first.config, &second.config)),
            metrics: paired(&first.metrics, &second.metrics),
        }
    }
}

/// Cells of two lists by name: those of the first, then what only the second has.
fn paired(first: &[(String, Cell)], second: &[(String, Cell)]) -> Vec<(String, Cell, Cell)> {
    let of = |list: &[(String, Cell)], name: &str| {
        list.iter().find(|(known, _)| known == name).map_or(Cell::Missing, |(_, cell)| cell.clone())
    };
    let more = second.iter().filter(|(name, _)| first.iter().all(|(known, _)| known != name));
    let names = first.iter().chain(more).map(|(name, _)| name);
    names.map(|name| (name.clone(), of(first, name), of(second, name))).collect()
}

/// Facts of one name as one.
fn joined(facts: Vec<(&'static str, Cell)>) -> Vec<(&'static str, Cell)> {
    let mut joined: Vec<(&'static str, Cell)> = Vec::new();
    for (name, cell) in facts {
        match joined.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = format!("{known}, {cell}").into(),
            None => joined.push((name, cell)),
        }
    }
    joined
}

/// A seed as a cell: the whole number that a person would write.
fn seed(seed: u64) -> Cell {
    i64::try_from(seed).map_or_else(|_| seed.to_string().into(), Cell::Int)
}

fn short(hash: &str) -> &str {
    hash.get(..SHOWN).unwrap_or(hash)
}

/// Every value of nested maps, names joined by dots; lists are one value.
fn flat(config: &Mapping) -> Vec<(String, Cell)> {
    let mut found = Vec::new();
    for (key, value) in config {
        let key = key.as_str().map_or_else(|| written(key), str::to_owned);
        match value {
            Value::Mapping(map) if !map.is_empty() => {
                found.extend(flat(map).into_iter().map(|(inner, cell)| (format!("{key}.{inner}"), cell)));
            }
            value => found.push((key, cell(value))),
        }
    }
    found
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Missing,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().into(),
        },
        Value::String(text) => text.as_str().into(),
        other => written(other).into(),
    }
}

/// Lists and maps on one line.
fn written(value: &Value) -> String {
    match value {
        Value::Sequence(items) => {
            format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        Value::Mapping(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", written(key), written(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        plain => cell(plain).to_string(),
    }
}

/// The last line of a table of numbers that training wrote: these columns, or all but `step`.
fn last_row(path: &Path, wanted: &[&str]) -> Vec<(String, Cell)> {
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let mut lines = text.lines();
    let (Some(head), Some(last)) = (lines.next(), lines.next_back()) else { return Vec::new() };
    let cells = head.split(',').zip(last.split(','));
    let is_wanted = |name: &str| if wanted.is_empty() { name != "step" } else { wanted.contains(&name) };
    let number = |value: &str| value.parse::<f64>().map_or(Cell::Missing, Cell::from);
    cells.filter(|(name, _)| is_wanted(name)).map(|(name, value)| (name.to_owned(), number(value))).collect()
}

/// The folder of runs below an output folder.
pub fn runs_folder(out: &Path) -> PathBuf {
    out.join(RUNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_settings_are_named_by_their_path() {
        let config: Mapping =
            serde_yaml::from_str("a: {b: 1, c: {d: x}}\ne: [1, {f: 2.5}]\ng: {}\n").unwrap();
        let told: Vec<String> = flat(&config).iter().map(|(name, cell)| format!("{name}={cell}")).collect();
        assert_eq!(told, ["a.b=1", "a.c.d=x", "e=[1, {f: 2.5}]", "g={}"]);
    }

    #[test]
    fn what_one_run_lacks_stands_beside_nothing() {
        let of = |pairs: &[(&str, i64)]| -> Vec<(String, Cell)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), Cell::Int(*value))).collect()
        };
        let told = paired(&of(&[("a", 1), ("b", 2)]), &of(&[("c", 3), ("b", 2)]));
        let expected = [
            ("a".to_owned(), Cell::Int(1), Cell::Missing),
            ("b".to_owned(), Cell::Int(2), Cell::Int(2)),
            ("c".to_owned(), Cell::Missing, Cell::Int(3)),
        ];
        assert_eq!(told, expected);
    }
}
