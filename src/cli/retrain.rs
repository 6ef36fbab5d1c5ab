//! `ricercar rerun` on a training run: trains again by the same config, and with `--verify` compares.

use std::path::{Path, PathBuf};

use super::Program;
use super::failure::Failure;
use super::lists::library;
use super::rerun::{Rerun, compared, fresh_folder};
use super::train::Teller;
use crate::base::Stamp;
use crate::experiment::run::{
    FileHash, RunError, differing_files, hashes_in, program as this_program, sha256_of_path,
};
use crate::train::{Manifest, RESOLVED, RunOptions, TrainConfig, run as run_training};

/// What a training run comes to, and what says how it went; the rest is checkpoints, pictures and pace.
const RESULTS: [&str; 4] = ["model", "best", "log.csv", "metrics.csv"];

/// Trains again by the config of the run whose manifest lies at `record`.
///
/// # Errors
/// That config or data are not what they were, what goes wrong in training, and with `--verify` that
/// something came out otherwise.
pub(super) fn run(program: &Program, rerun: &Rerun, record: &Path) -> Result<(), Failure> {
    let terminal = &program.terminal;
    let then = Manifest::read(record)?;
    let root = record.parent().unwrap_or(Path::new(""));
    if !then.finished && !rerun.anyway {
        return Err(Failure::Failed(format!(
            "`{}` was not finished: go on with it by `ricercar train … --resume`, or train anew with \
             `--anyway`",
            root.display()
        )));
    }
    let mut config = TrainConfig::read(&root.join(RESOLVED))?;
    config.seed = program.arguments.globals.seed.unwrap_or(then.seed);
    let changed: Vec<String> = then
        .data
        .iter()
        .filter_map(|data| match sha256_of_path(&data.file) {
            Ok((sha256, _)) if sha256 == data.sha256 => None,
            Ok(_) => Some(format!("`{}` has changed", data.file.display())),
            Err(error) => Some(error.to_string()),
        })
        .collect();
    if !changed.is_empty() && !rerun.anyway {
        return Err(Failure::Failed(format!(
            "what the run learnt from is not what it was:\n  {}\nbring it back, or go on with `--anyway`",
            changed.join("\n  ")
        )));
    }
    let device = match (program.arguments.globals.device.as_str(), then.sittings.last()) {
        ("auto", Some(last)) => last.device.clone(),
        (asked, _) => asked.to_owned(),
    };
    let (folder, temporary) = fresh_folder(program, rerun, &then.name)?;
    let options = RunOptions {
        folder: folder.clone(),
        resume: false,
        device: device.parse()?,
        library: library(program),
        stamp: Stamp::of_program(),
    };
    terminal.note(&format!("training again in {}", folder.display()));
    let mut teller = Teller::new(terminal, config.steps);
    let end = run_training(&config, &options, &mut teller, program.interrupt.cancel());
    terminal.bar().clear();
    let end = end?;
    if !end.finished {
        return Err(Failure::Stopped(Some("stopped; nothing was compared".to_owned())));
    }
    if !rerun.verify {
        return terminal.line(&end.model.unwrap_or_default().display().to_string());
    }
    let found = differing_files(&results(root)?, &results(&folder)?);
    let mut reasons = changed;
    for sitting in &then.sittings {
        if sitting.program != this_program() {
            reasons.push(format!("program: {} then, {} now", sitting.program, this_program()));
        }
        if sitting.device != device {
            reasons
                .push(format!("device: {} then, {device} now: devices add in another order", sitting.device));
        }
    }
    if reasons.is_empty() {
        reasons.push(
            "program, device and data are the same: threads may share the sums of a batch otherwise on a \
             processor with more or fewer of them"
                .to_owned(),
        );
    }
    let files = results(root)?.len();
    compared(program, &found, &reasons, files, &folder, temporary)
}

/// The files that a run came to.
fn results(root: &Path) -> Result<Vec<FileHash>, RunError> {
    let hashes = RESULTS.iter().map(|name| hashes_in(&root.join(name), &PathBuf::from(name)));
    Ok(hashes.collect::<Result<Vec<_>, _>>()?.concat())
}
