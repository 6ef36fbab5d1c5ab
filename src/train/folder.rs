//! The files of a run folder, and which checkpoints are kept.
//!
//! * `checkpoint.safetensors`: the newest state, from which `--resume` goes on.
//! * `checkpoints/step-000600.safetensors`: the last few, copies, the newest among them.
//! * `checkpoints/best.safetensors`: the state whose samples came nearest to real music, and `best/`, the
//!   model made of it.

use std::path::{Path, PathBuf};

use super::{TrainError, Trainer};
use crate::base::{read_file, write_atomically};
use crate::model::decode;

/// A run's folder.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFolder {
    root: PathBuf,
    /// How many checkpoints of single steps are kept.
    keep: usize,
}

impl RunFolder {
    /// The folder at `root`, with the last `keep` checkpoints kept beside the newest.
    pub fn new(root: &Path, keep: usize) -> Self {
        Self { root: root.to_owned(), keep }
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The newest checkpoint.
    pub fn newest(&self) -> PathBuf {
        self.path("checkpoint.safetensors")
    }

    /// The checkpoint of the best step.
    pub fn best(&self) -> PathBuf {
        self.path("checkpoints/best.safetensors")
    }

    /// The kept checkpoints of single steps, oldest first.
    pub fn kept(&self) -> Vec<(u64, PathBuf)> {
        let Ok(entries) = std::fs::read_dir(self.path("checkpoints")) else { return Vec::new() };
        let step = |path: PathBuf| {
            let name = path.file_name()?.to_str()?;
            let step = name.strip_prefix("step-")?.strip_suffix(".safetensors")?.parse().ok()?;
            Some((step, path))
        };
        let mut kept: Vec<(u64, PathBuf)> = entries.flatten().filter_map(|e| step(e.path())).collect();
        kept.sort();
        kept
    }

    /// Writes the trainer's state as the newest checkpoint, and lets go of the oldest. Those of later
    /// steps than its own, from before somebody went back to an earlier one, go too.
    ///
    /// # Errors
    /// As [`Trainer::encoded`], or when the disk fails; the checkpoint that was there is then still whole.
    pub fn keep(&self, trainer: &Trainer) -> Result<(), TrainError> {
        let state = trainer.encoded()?;
        write_atomically(&self.newest(), &state)?;
        if self.keep > 0 {
            let copy = self.path(&format!("checkpoints/step-{:06}.safetensors", trainer.step()));
            write_atomically(&copy, &state)?;
        }
        let mut kept = self.kept();
        kept.retain(|(step, path)| *step <= trainer.step() || !forget(path));
        for (_, path) in kept.iter().rev().skip(self.keep) {
            forget(path);
        }
        Ok(())
    }

    /// What to do when the run cannot go on from the newest checkpoint: it is damaged, or of another config.
    pub fn way_back(&self) -> String {
        let is_whole = |path: &Path| read_file(path).is_ok_and(|bytes| decode(path, &bytes).is_ok());
        if is_whole(&self.newest()) {
            let config = self.path(super::resolved::FILE);
            let config = config.display();
            return format!(
                "go on by the config that it began with, `{config}`, or begin anew in another folder"
            );
        }
        match self.kept().iter().rev().find(|(_, path)| is_whole(path)) {
            Some((step, path)) => {
                let (from, to) = (path.display(), self.newest());
                format!("to go on from step {step}, copy `{from}` to `{}`", to.display())
            }
            None => "no earlier one is kept: begin anew in another folder".to_owned(),
        }
    }
}

/// Removes a file, if it is there; whether it is gone.
fn forget(path: &Path) -> bool {
    std::fs::remove_file(path).is_ok() || !path.exists()
}
