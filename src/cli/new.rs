//! `ricercar new DIR`: a config to train by.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Program;
use super::failure::Failure;
use crate::train::starting::{starting_config, write_new};

/// Write a config to train by.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Folder of the config, made as needed
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What the run is for; stands at the top of the config
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    /// The model to start from: hybrid, jamming, composer, convolutional, convolutional_published,
    /// accompany, binary or tiny
    #[arg(long, value_name = "NAME", default_value = "hybrid")]
    model: String,
    /// Training array to learn from (.npz or .npy); phrases.npz in the folder otherwise
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

/// Writes `DIR/config.yaml` and says what to do next.
///
/// # Errors
/// There is a config already, no such starting point, no such data, or the disk does not take it.
pub(super) fn run(program: &Program, new: &New) -> Result<(), Failure> {
    let folder = program.output_path(&new.folder);
    let path = folder.join("config.yaml");
    let mut config = starting_config(&new.model)?;
    if let Some(name) = std::path::absolute(&folder).ok().as_deref().and_then(Path::file_name) {
        let plain = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '-' };
        config.name = name.to_string_lossy().chars().map(plain).collect();
    }
    config.seed = program.arguments.globals.seed.unwrap_or(config.seed);
    if let Some(data) = &new.data {
        config.data.file = found(data)?;
    }
    if let Some(start) = &mut config.warm_start {
        // The starting points name it from the folder `scripts`, a run is where `train` is typed.
        let named = start.strip_prefix("..").unwrap_or(start);
        *start = std::path::absolute(named)?;
    }
    write_new(&path, &config, &new.note)?;
    program.terminal.line(&path.display().to_string())?;
    let shown = path.display();
    if let Some(start) = &config.warm_start {
        let start = start.display();
        program.terminal.note(&format!(
            "it starts from the weights of {start}: train that first, or change `warm_start`"
        ));
    }
    match new.data {
        Some(_) => program.terminal.note(&format!("next: ricercar train {shown}")),
        None => program.terminal.note(&format!(
            "next: put training phrases at {}, or name yours under `data`; then ricercar train {shown}",
            folder.join(config.data.file).display()
        )),
    }
    Ok(())
}

/// The file from anywhere.
fn found(data: &Path) -> Result<PathBuf, Failure> {
    std::fs::canonicalize(data)
        .map_err(|error| Failure::Failed(format!("cannot read `{}`: {error}", data.display())))
}
