//! `manifest.yaml`: what a script was, what it used and what it made.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_yaml::Mapping;

use super::RunError;
use crate::base::{read_file, write_atomically};

/// What the file is called in a run's folder.
pub const MANIFEST: &str = "manifest.yaml";

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It has begun; what remains of a process that was killed also says so.
    Running,
    /// Its script ended well, or said that it is finished.
    Finished,
    /// Its script ended with an error.
    Failed,
    /// Somebody stopped it.
    Stopped,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        })
    }
}

/// A text of the script's, and the copy of it beside the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// The path that it was run or imported by.
    pub file: String,
    /// The copy, from the manifest's folder.
    pub copy: String,
    /// SHA-256 of the text.
    pub sha256: String,
}

/// A model that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// The name or path that it was loaded by.
    pub name: String,
    /// First 12 hex digits of the SHA-256 of its weights.
    pub hash: String,
}

/// A file, or a folder of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHash {
    /// Its path.
    pub file: String,
    /// SHA-256 of its bytes; of the list of its files for a folder.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// What was printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// SHA-256 of the texts, each with a line end.
    pub sha256: String,
    /// How many there were.
    pub texts: u64,
}

/// Where networks ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceUse {
    /// What `--device` asked for.
    pub asked: String,
    /// What that was; `None` when no network ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<String>,
}

/// The record of a run. A later version may add keys; those that are not known are passed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// What the run is called; `None` for the record of a script that started no run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunName>,
    /// How far it came.
    pub status: Status,
    /// The headline of what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When the program was started (RFC 3339, UTC), if somebody knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// Name and version of the program.
    pub program: String,
    /// The script.
    pub script: SourceFile,
    /// What it imported, in the order of paths.
    #[serde(default)]
    pub modules: Vec<SourceFile>,
    /// Its arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// Seed of whatever was drawn without naming one.
    pub seed: u64,
    /// Seeds that the script named, in rising order: the first 256 of them if there were more.
    #[serde(default)]
    pub seeds: Vec<u64>,
    /// What else was on the command line and matters.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// The folder that the program was started in, from which relative paths lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// Where networks ran.
    pub device: DeviceUse,
    /// Threads that the processor has; they change the pace and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Columns that printed values took, and whether in colour.
    pub columns: usize,
    /// Whether printed values had terminal colours.
    #[serde(default)]
    pub colour: bool,
    /// The config as it was given.
    #[serde(default)]
    pub config: Mapping,
    /// Models that were loaded, without those that the script made.
    #[serde(default)]
    pub models: Vec<ModelUse>,
    /// Files that were read, without those that the script wrote.
    #[serde(default)]
    pub data: Vec<FileHash>,
    /// Files in the run's folder.
    #[serde(default)]
    pub outputs: Vec<FileHash>,
    /// Files that the script wrote elsewhere, by the paths that it wrote them by.
    #[serde(default)]
    pub elsewhere: Vec<FileHash>,
    /// What was printed.
    pub printed: Printed,
    /// The last value of each column that was logged.
    #[serde(default)]
    pub metrics: Mapping,
    /// What was noted.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What a run is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunName {
    /// The name that the script gave it.
    pub name: String,
    /// What tells it from others of the name: a running number and the config's hash.
    pub id: String,
    /// Which of the script's runs it is, from 0.
    pub place: usize,
    /// SHA-256 of the config.
    pub config_sha256: String,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`RunError::NotAManifest`] when the file is something else.
    pub fn read(path: &Path) -> Result<Self, RunError> {
        serde_yaml::from_slice(&read_file(path)?).map_err(|error| RunError::not_a_manifest(path, error))
    }

    /// The manifest as YAML.
    ///
    /// # Errors
    /// [`RunError::Encode`] when the config holds what YAML cannot say.
    pub fn to_yaml(&self) -> Result<String, RunError> {
        serde_yaml::to_string(self).map_err(|error| RunError::Encode(error.to_string()))
    }

    /// Writes it.
    ///
    /// # Errors
    /// [`RunError`] when the disk fails.
    pub fn write(&self, path: &Path) -> Result<(), RunError> {
        Ok(write_atomically(path, self.to_yaml()?.as_bytes())?)
    }

    /// The script's text and those of its modules, by the paths they were run and imported by, out of the
    /// copies beside the manifest at `path`.
    ///
    /// # Errors
    /// [`RunError::NotAManifest`] when a copy is not what the manifest says, [`RunError::File`] when it has
    /// gone.
    pub fn texts(&self, path: &Path) -> Result<(String, BTreeMap<String, String>), RunError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let text = |source: &SourceFile| {
            let copy = folder.join(&source.copy);
            let bytes = read_file(&copy)?;
            if super::hash::of_bytes(&bytes) != source.sha256 {
                let reason = format!("the copy `{}` is not the text that was run", copy.display());
                return Err(RunError::not_a_manifest(path, reason));
            }
            String::from_utf8(bytes).map_err(|error| RunError::not_a_manifest(&copy, error))
        };
        let modules = self.modules.iter().map(|module| Ok((module.file.clone(), text(module)?)));
        Ok((text(&self.script)?, modules.collect::<Result<_, RunError>>()?))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![Just("true"), Just("- a: #b"), Just("0012"), Just("\t\"x\"\n"), Just("é ♪"), Just("")]
            .prop_map(str::to_owned)
            .boxed()
            .prop_union("[ -~]{0,12}".boxed())
    }

    prop_compose! {
        fn file()(file in text(), sha256 in "[0-9a-f]{64}", bytes: u64) -> FileHash {
            FileHash { file, sha256, bytes }
        }
    }

    prop_compose! {
        fn source()(file in text(), copy in text(), sha256 in "[0-9a-f]{64}") -> SourceFile {
            SourceFile { file, copy, sha256 }
        }
    }

    prop_compose! {
        fn manifest()(
            script in source(),
            modules in proptest::collection::vec(source(), 0..3),
            args in proptest::collection::vec(text(), 0..3),
            seed: u64,
            seeds in proptest::collection::vec(any::<u64>(), 0..3),
            config in proptest::collection::vec((text(), any::<i64>()), 0..4),
            data in proptest::collection::vec(file(), 0..3),
            outputs in proptest::collection::vec(file(), 0..3),
            notes in proptest::collection::vec(text(), 0..3),
            error in proptest::option::of(text()),
            place in proptest::option::of(0..9usize),
        ) -> Manifest {
            let printed = Printed { sha256: script.sha256.clone(), texts: seed };
            let run = place.map(|place| RunName {
                name: "a".into(), id: "0001-00000000".into(), place, config_sha256: String::new(),
            });
            Manifest {
                run,
                status: if error.is_some() { Status::Failed } else { Status::Finished },
                started: error.clone(),
                options: args.iter().map(|arg| (arg.clone(), arg.clone())).collect(),
                directory: error.as_ref().map(PathBuf::from),
                device: DeviceUse { asked: "auto".into(), used: error.clone() },
                threads: place,
                columns: 80,
                colour: seed % 2 == 0,
                models: modules.iter().map(|m| ModelUse { name: m.file.clone(), hash: m.copy.clone() }).collect(),
                config: config.iter().map(|(key, value)| (key.clone().into(), (*value).into())).collect(),
                metrics: config.into_iter().map(|(key, value)| (key.into(), (value as f64 / 7.0).into())).collect(),
                elsewhere: outputs.clone(),
                program: "ricercar 0.1.0".into(),
                error, script, modules, args, seed, seeds, data, outputs, printed, notes,
            }
        }
    }

    proptest! {
        #[test]
        fn a_manifest_reads_back_as_it_was(manifest in manifest()) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(MANIFEST);
            manifest.write(&path).unwrap();
            prop_assert_eq!(Manifest::read(&path).unwrap(), manifest);
        }
    }

    #[test]
    fn another_file_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.yaml");
        std::fs::write(&path, "a: 1").unwrap();
        let error = Manifest::read(&path).unwrap_err().to_string();
        assert!(error.contains("notes.yaml") && error.contains("manifest.yaml"), "{error}");
    }
}
