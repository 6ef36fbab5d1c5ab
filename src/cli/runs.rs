//! `ricercar runs [DIR]`: past runs, of scripts and of training, and two of them side by side.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::Program;
use super::failure::Failure;
use super::lists::table;
use crate::base::suggestion;
use crate::experiment::Cell;
use crate::experiment::run::{Beside, Maker, Past, find_run, list_runs, runs_folder};

/// List past runs.
#[derive(Debug, Args)]
pub(super) struct Runs {
    /// Folder to look in; `runs` otherwise
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Two runs side by side: settings and facts that differ, and all metrics. A run is a path, or the
    /// beginning of one in DIR that is enough to know it by
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    compare: Vec<String>,
    /// Show this metric only, and list the runs with the largest values first
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,
    /// All that is known, as JSON
    #[arg(long)]
    json: bool,
}

/// Metrics that are shown of each run when none is asked for.
const SHOWN: usize = 3;

/// Lists runs, or compares two.
///
/// # Errors
/// That there is no such folder, run or metric.
pub(super) fn run(program: &Program, asked: &Runs) -> Result<(), Failure> {
    let folder = asked.folder.clone().unwrap_or_else(|| runs_folder(&program.output_path(Path::new(""))));
    if let [first, second] = asked.compare.as_slice() {
        return compare(program, asked, &folder, first, second);
    }
    let (mut runs, broken) = list_runs(&folder)?;
    for error in broken {
        program.terminal.warn(&error.to_string());
    }
    if let Some(metric) = &asked.metric {
        sort(&mut runs, metric)?;
    }
    if asked.json {
        let all: Vec<Value> = runs.iter().map(to_json).collect();
        return program.terminal.line(&format!("{:#}", Value::Array(all)));
    }
    if runs.is_empty() {
        program.terminal.note(&format!("no runs in {} yet", folder.display()));
        return Ok(());
    }
    let rows: Vec<[String; 6]> = runs.iter().map(|run| row(run, asked.metric.as_deref())).collect();
    program.terminal.line(&table(["run", "when", "status", "config", "files", "metrics"], &rows))
}

/// Puts the runs with the largest value of a metric first, and those without it last.
fn sort(runs: &mut [Past], metric: &str) -> Result<(), Failure> {
    if runs.iter().all(|run| run.metric(metric).is_none()) {
        let mut known: Vec<&str> =
            runs.iter().flat_map(|run| &run.metrics).map(|(name, _)| name.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        let hint = suggestion(metric, known.iter().copied());
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Failure::Failed(format!("no run has a metric `{metric}`: there are {known}{hint}")));
    }
    let value = |run: &Past| run.metric(metric).and_then(Cell::number).unwrap_or(f64::NEG_INFINITY);
    runs.sort_by(|a, b| value(b).total_cmp(&value(a)));
    Ok(())
}

fn row(run: &Past, metric: Option<&str>) -> [String; 6] {
    let shown: Vec<String> = match metric {
        Some(name) => run.metric(name).map(|cell| format!("{name} {}", brief(cell))).into_iter().collect(),
        None => {
            run.metrics.iter().take(SHOWN).map(|(name, cell)| format!("{name} {}", brief(cell))).collect()
        }
    };
    let more = if metric.is_none() && run.metrics.len() > SHOWN { ", …" } else { "" };
    let when = run.started.clone().unwrap_or_else(|| "–".to_owned());
    let path = if run.path.is_empty() { run.folder.display().to_string() } else { run.path.clone() };
    let metrics = shown.join(", ") + more;
    [path, when, run.status.clone(), run.config_hash.clone(), run.outputs.to_string(), metrics]
}

/// Four digits are enough to tell runs apart.
fn brief(cell: &Cell) -> String {
    match cell {
        Cell::Float(value) if value.abs() >= 1000.0 => format!("{value:.0}"),
        Cell::Float(value) => format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned(),
        other => other.to_string(),
    }
}

fn to_json(run: &Past) -> Value {
    let cells = |cells: &[(String, Cell)]| -> Map<String, Value> {
        cells.iter().map(|(name, cell)| (name.clone(), cell.to_json())).collect()
    };
    let facts: Map<String, Value> =
        run.facts.iter().map(|(name, cell)| ((*name).to_owned(), cell.to_json())).collect();
    json!({
        "run": run.path,
        "folder": run.folder.display().to_string(),
        "kind": if run.maker == Maker::Script { "script" } else { "training" },
        "name": run.name,
        "started": run.started,
        "status": run.status,
        "facts": facts,
        "config_hash": run.config_hash,
        "config": cells(&run.config),
        "files": run.outputs,
        "metrics": cells(&run.metrics),
    })
}

/// What differs between two runs, and the metrics of both.
fn compare(program: &Program, asked: &Runs, folder: &Path, first: &str, second: &str) -> Result<(), Failure> {
    let (a, b) = (find_run(folder, first)?, find_run(folder, second)?);
    let mut beside = Beside::of(&a, &b);
    if let Some(metric) = &asked.metric {
        beside.metrics.retain(|(name, ..)| name == metric);
    }
    if asked.json {
        let pairs = |pairs: &[(String, Cell, Cell)]| -> Map<String, Value> {
            pairs.iter().map(|(name, a, b)| (name.clone(), json!([a.to_json(), b.to_json()]))).collect()
        };
        let told = json!({
            "runs": [to_json(&a)["run"], to_json(&b)["run"]],
            "facts": pairs(&beside.facts),
            "config": pairs(&beside.config),
            "metrics": pairs(&beside.metrics),
        });
        return program.terminal.line(&format!("{told:#}"));
    }
    let mut parts = Vec::new();
    let names = [&a, &b].map(|run| named(&run.path, &run.folder));
    for (title, pairs, none) in [
        ("facts", &beside.facts, "made by the same program, script and seed, on the same device"),
        ("config", &beside.config, "the same config"),
        ("metrics", &beside.metrics, "no metrics"),
    ] {
        let rows: Vec<[String; 3]> =
            pairs.iter().map(|(name, a, b)| [name.clone(), brief(a), brief(b)]).collect();
        parts.push(match rows.is_empty() {
            true => none.to_owned(),
            false => table([title, &names[0], &names[1]], &rows),
        });
    }
    program.terminal.line(&parts.join("\n\n"))
}

fn named(path: &str, folder: &Path) -> String {
    if path.is_empty() { folder.display().to_string() } else { path.to_owned() }
}
