//! The config of a run as it was understood: `resolved.yaml` in the run's folder.
//!
//! The config that a person wrote may lie in the same folder, comments and all. It is never written to;
//! this file stands beside it, with every default spelt out and paths that lead to the data from
//! anywhere, so that it can be trained by again.

use std::path::Path;

use super::{TrainConfig, TrainError};
use crate::base::{read_file, write_atomically};

/// What the file is called.
pub const FILE: &str = "resolved.yaml";
/// Its first line, by which it is known again.
const HEAD: &str = "# The config of this run, every key spelt out. Written anew by each `ricercar train`.\n";

/// Refuses to write the resolved config to `path` where a person's own file is.
///
/// # Errors
/// [`TrainError::Occupied`] when there is a file that no run has written, unless it is `config` itself.
pub fn check(path: &Path, config: &TrainConfig) -> Result<(), TrainError> {
    let is_ours = || read_file(path).is_ok_and(|bytes| bytes.starts_with(HEAD.as_bytes()));
    match path.exists() && !says(path, config) && !is_ours() {
        true => Err(TrainError::Occupied { path: path.to_owned() }),
        false => Ok(()),
    }
}

/// Writes `config` to `path`; a file that says the same stays as it is.
///
/// # Errors
/// [`TrainError::File`] when the disk fails.
pub fn write(path: &Path, config: &TrainConfig) -> Result<(), TrainError> {
    if says(path, config) {
        return Ok(());
    }
    let text = format!("{HEAD}{}", placed(config)?.to_yaml()?);
    Ok(write_atomically(path, text.as_bytes())?)
}

/// Whether the file at `path` is read as `config`.
fn says(path: &Path, config: &TrainConfig) -> bool {
    let same = |config: &TrainConfig| placed(config).ok();
    path.exists() && TrainConfig::read(path).is_ok_and(|read| same(&read) == same(config))
}

/// `config` with paths that lead on from the root.
fn placed(config: &TrainConfig) -> Result<TrainConfig, TrainError> {
    let mut placed = config.clone();
    let here = std::path::absolute(".").map_err(|error| TrainError::Encode(error.to_string()))?;
    placed.place_in(&here);
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::fixture;

    #[test]
    fn it_reads_as_the_config_wherever_the_config_lay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let config = fixture::config(&[]);
        check(&path, &config).unwrap();
        write(&path, &config).unwrap();
        let read = TrainConfig::read(&path).unwrap();
        assert!(read.data.file.is_absolute() && read.data.file.ends_with(&config.data.file));
        assert_eq!(TrainConfig { data: config.data.clone(), ..read }, config);
    }

    #[test]
    fn it_is_written_anew_when_the_config_is_another_one_and_not_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let config = fixture::config(&[]);
        let text = || std::fs::read_to_string(&path).unwrap();
        write(&path, &config).unwrap();
        let commented = text() + "# a remark\n";
        std::fs::write(&path, &commented).unwrap();
        write(&path, &config).unwrap();
        assert_eq!(text(), commented);
        let longer = TrainConfig { steps: config.steps + 1, ..config };
        check(&path, &longer).unwrap();
        write(&path, &longer).unwrap();
        assert_eq!(TrainConfig::read(&path).unwrap().steps, longer.steps);
    }

    #[test]
    fn a_file_of_somebody_else_s_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let config = fixture::config(&[]);
        std::fs::write(&path, "# mine\n").unwrap();
        assert!(matches!(check(&path, &config), Err(TrainError::Occupied { path: at }) if at == path));
        let mut mine = config.clone();
        mine.place_in(&std::path::absolute(".").unwrap());
        std::fs::write(&path, format!("# mine\n{}", mine.to_yaml().unwrap())).unwrap();
        check(&path, &config).unwrap();
        let before = std::fs::read(&path).unwrap();
        write(&path, &config).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), before);
        let longer = TrainConfig { steps: config.steps + 1, ..config };
        assert!(check(&path, &longer).is_err());
    }
}
