//! `ricercar rerun RECORD`: repeats a run, and with `--verify` holds it against its record.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::failure::Failure;
use super::lists::{library, table};
use super::{Program, retrain, run};
use crate::base::Seed;
use crate::experiment::run::{
    Difference, MANIFEST, Maker, Manifest, Replay, RunError, Status, changed_inputs, differences, find_run,
    program as this_program, reasons, runs_folder,
};
use crate::model::{DeviceName, Library};
use crate::script::{Context, Host, Quiet, View};
use crate::train;

/// Repeat a run.
#[derive(Debug, Args)]
pub(super) struct Rerun {
    /// The run's folder or its manifest, or the beginning of its path below `runs`
    #[arg(value_name = "FOLDER|MANIFEST")]
    pub(super) record: PathBuf,
    /// Compare what comes out with what came out then, by hashes; exit code 1 if anything differs. Nothing
    /// is left behind if all agrees, unless --out names a folder
    #[arg(long)]
    pub(super) verify: bool,
    /// Go on although models or data have changed, or the run was stopped
    #[arg(long)]
    pub(super) anyway: bool,
}

/// Folder of repetitions that are kept.
const RERUNS: &str = "reruns";

/// Repeats a run.
///
/// # Errors
/// What is wrong with the record or its inputs, and what goes wrong in the script; with `--verify` also
/// that something came out otherwise.
pub(super) fn run(program: &Program, rerun: &Rerun) -> Result<(), Failure> {
    let record = std::path::absolute(&rerun.record)?;
    let candidates = match record.is_dir() {
        true => vec![record.join(MANIFEST), record.join(train::MANIFEST)],
        false => vec![record],
    };
    match candidates.into_iter().find(|path| path.exists()) {
        None => {
            let runs = runs_folder(&program.output_path(Path::new("")));
            let found = find_run(&runs, &rerun.record.display().to_string());
            let found = found.map_err(|error| match error {
                RunError::NoFolder(_) => RunError::NoRun(rerun.record.clone()),
                other => other,
            })?;
            let record = if found.maker == Maker::Script { MANIFEST } else { train::MANIFEST };
            let record = std::path::absolute(found.folder.join(record))?;
            run_record(program, rerun, &record)
        }
        Some(path) => run_record(program, rerun, &path),
    }
}

/// Repeats the run whose record lies at `path`, which a script or training has written.
fn run_record(program: &Program, rerun: &Rerun, path: &Path) -> Result<(), Failure> {
    match path.file_name().is_some_and(|name| name == train::MANIFEST) {
        true => retrain::run(program, rerun, path),
        false => repeat(program, rerun, path),
    }
}

/// Repeats the run that the manifest at `record` describes.
fn repeat(program: &Program, rerun: &Rerun, record: &Path) -> Result<(), Failure> {
    let terminal = &program.terminal;
    let then = Manifest::read(record)?;
    if matches!(then.status, Status::Stopped | Status::Running) && !rerun.anyway {
        return Err(Failure::Failed(format!(
            "`{}` was not finished (it says `{}`): `--anyway` runs its script all the same",
            record.display(),
            then.status
        )));
    }
    let (text, modules) = then.texts(record)?;
    let mut context = context(program, &then)?;
    // What is only compared says that the program of then made it: that alone is no difference.
    let version = rerun.verify.then(|| then.program.clone());
    context.replay = Some(Replay { modules, program: version, run: then.run.clone() });
    let name = match &then.run {
        Some(run) => format!("{}-{}", run.name, run.id),
        None => "script".to_owned(),
    };
    let (folder, temporary) = fresh_folder(program, rerun, &name)?;
    context.out = Some(folder.clone());
    go_to(&then, terminal);
    let library =
        Library { folders: context.models.iter().cloned().chain(library(program).folders).collect() };
    let changed = changed_inputs(&then, |name| library.hash(name).map_err(|error| error.to_string()));
    if !changed.is_empty() {
        let told = changed.join("\n  ");
        if !rerun.anyway {
            return Err(Failure::Failed(format!(
                "what the run used has changed:\n  {told}\nbring it back, or go on with `--anyway`"
            )));
        }
        terminal.warn(&format!("what the run used has changed:\n  {told}"));
    }
    if rerun.verify {
        context.output = Arc::new(Quiet);
    }
    let host = Host::new(context);
    let done = program.within_time(|| host.run_text(&then.script.file, &text, &then.args));
    terminal.bar().clear();
    let error = done.err();
    if program.interrupt.cancel().is_raised() {
        return Err(Failure::Stopped(Some("stopped; nothing was compared".to_owned())));
    }
    if !rerun.verify {
        terminal.note(&format!("repeated in {}", folder.display()));
        return error.map_or(Ok(()), |diagnostic| Err(run::told(terminal, &diagnostic)));
    }
    let now = match &then.run {
        Some(run) => Manifest::read(&folder.join("runs").join(&run.name).join(&run.id).join(MANIFEST)),
        None => match host.record(&folder.join(MANIFEST), error.as_deref()) {
            Ok(manifest) => Ok(manifest),
            Err(diagnostic) => return Err(run::told(terminal, &diagnostic)),
        },
    };
    let now = match (now, error) {
        (Ok(now), _) => now,
        (Err(_), Some(diagnostic)) => return Err(run::told(terminal, &diagnostic)),
        (Err(error), None) => return Err(error.into()),
    };
    let found = differences(&then, &now);
    let files = then.outputs.len() + then.elsewhere.len();
    compared(program, &found, &reasons(&then, &now, &changed), files, &folder, temporary)
}

/// Says that all agrees, or what does not; what came out otherwise is not thrown away.
pub(super) fn compared(
    program: &Program,
    found: &[Difference],
    reasons: &[String],
    files: usize,
    folder: &Path,
    temporary: Option<tempfile::TempDir>,
) -> Result<(), Failure> {
    if found.is_empty() {
        let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
        return program.terminal.line(&format!("all agree: {files}, by {}", this_program()));
    }
    if let Some(temporary) = temporary {
        let _ = temporary.keep();
    }
    program.terminal.line(&told(found, reasons))?;
    Err(Failure::Failed(format!(
        "not all agrees ({}); what came out now lies in {}",
        found.len(),
        folder.display()
    )))
}

/// The settings of the run's host; a device that is asked for now goes before that of the record.
fn context(program: &Program, then: &Manifest) -> Result<Context, Failure> {
    let globals = &program.arguments.globals;
    let device = match globals.device.as_str() {
        "auto" => recorded_device(then),
        asked => asked.to_owned(),
    };
    let absolute = |path: &PathBuf| std::path::absolute(path);
    let models = globals.models.as_ref().map(absolute).transpose()?;
    let recorded = |name: &str| then.options.get(name);
    let shard = recorded("shard").map(|shard| shard.parse()).transpose()?;
    let view = match recorded("view").map(String::as_str) {
        Some("half") => View::Half,
        Some("plain") => View::Plain,
        _ => View::Braille,
    };
    let now = program.context(None);
    Ok(Context {
        seed: Seed(globals.seed.unwrap_or(then.seed)),
        device,
        models: models.or_else(|| recorded("models").map(PathBuf::from)),
        shard: now.shard.or(shard),
        view,
        colour: then.colour,
        width: then.columns,
        ..now
    })
}

/// The device that was asked for, if that is the same one today; else the one that was used.
fn recorded_device(then: &Manifest) -> String {
    let asked = &then.device.asked;
    let today = asked.parse::<DeviceName>().and_then(|name| Ok(name.used(name.open()?.is_cpu).to_string()));
    match &then.device.used {
        Some(used) if today.is_ok_and(|today| today != *used) => used.clone(),
        _ => asked.clone(),
    }
}

/// Where the repetition goes: the folder of `--out`, a temporary one to compare in, or one below `reruns`.
pub(super) fn fresh_folder(
    program: &Program,
    rerun: &Rerun,
    name: &str,
) -> Result<(PathBuf, Option<tempfile::TempDir>), Failure> {
    if let Some(out) = &program.arguments.globals.out {
        let out = std::path::absolute(out)?;
        if out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Failure::Failed(format!(
                "`{}` is not empty: `--out` names a fresh folder for the repetition",
                out.display()
            )));
        }
        return Ok((out, None));
    }
    if rerun.verify {
        let temporary = tempfile::tempdir()?;
        return Ok((std::path::absolute(temporary.path())?, Some(temporary)));
    }
    let fresh = (1..).map(|number| Path::new(RERUNS).join(format!("{name}-{number}")));
    let fresh = fresh.into_iter().find(|folder| !folder.exists());
    Ok((std::path::absolute(fresh.unwrap_or_default())?, None))
}

/// Goes to the folder that the run was started in, if it is still there: paths lead from it.
fn go_to(then: &Manifest, terminal: &super::terminal::Terminal) {
    let Some(directory) = &then.directory else { return };
    let here = std::env::current_dir().ok();
    if here.as_ref() != Some(directory) && std::env::set_current_dir(directory).is_ok() {
        terminal.note(&format!("paths are taken from {}", directory.display()));
    }
}

/// What differs as a table, and why it may.
fn told(found: &[Difference], reasons: &[String]) -> String {
    let row =
        |difference: &Difference| [difference.what.clone(), difference.then.clone(), difference.now.clone()];
    let rows: Vec<[String; 3]> = found.iter().map(row).collect();
    let reasons: Vec<String> = reasons.iter().map(|reason| format!("  {reason}")).collect();
    format!("{}\n\nwhy it may:\n{}", table(["differs", "then", "now"], &rows), reasons.join("\n"))
}
