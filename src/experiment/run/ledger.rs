//! The ledger of a script: what it has used and made so far, kept by itself while the script runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::folder::Run;
use super::hash::{files_in, hexadecimal, of_bytes, of_path};
use super::manifest::{DeviceUse, FileHash, Manifest, ModelUse, Printed, SourceFile, Status};
use super::{Facts, RunError};
use crate::base::write_atomically;
use crate::train;

/// Named seeds that a record keeps at most.
const MOST_SEEDS: usize = 256;
/// Files of a training run that say how fast it went and by which program: two equal runs differ in them.
const ABOUT_TRAINING: [&str; 2] = ["speed.csv", train::MANIFEST];

/// What a script has used and made; clones are the same ledger.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    script: Option<(String, String)>,
    /// Whether the script is the entries of a session, of which more may come.
    is_growing: bool,
    args: Vec<String>,
    modules: BTreeMap<String, String>,
    models: Vec<ModelUse>,
    device: Option<String>,
    seeds: BTreeSet<u64>,
    /// Files that were read, and their digests once somebody wanted them.
    read: BTreeMap<PathBuf, Option<(String, u64)>>,
    /// Where the paths that the script wrote lie.
    written: BTreeMap<PathBuf, PathBuf>,
    /// Those places.
    places: BTreeSet<PathBuf>,
    printed: Sha256,
    texts: u64,
    runs: Vec<Run>,
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins anew with a script.
    pub fn begin(&self, name: &str, text: &str, args: &[String]) {
        let script = Some((name.to_owned(), text.to_owned()));
        *self.entries() = Entries { script, args: args.to_vec(), ..Entries::default() };
    }

    /// Adds an entry of a session, whose script is the entries one after another.
    pub fn enter(&self, text: &str) {
        let mut entries = self.entries();
        entries.is_growing = true;
        let (_, script) = entries.script.get_or_insert_with(|| ("session".to_owned(), String::new()));
        script.push_str(text);
        // On a line of its own: an entry may end in a remark.
        script.push_str("\n;\n");
    }

    /// A module was imported.
    pub fn imported(&self, file: &str, text: &str) {
        self.entries().modules.insert(file.to_owned(), text.to_owned());
    }

    /// A model was loaded by `name`, onto a device.
    pub fn loaded(&self, name: &str, hash: &str, device: &str) {
        let mut entries = self.entries();
        entries.device = Some(device.to_owned());
        let model = ModelUse { name: name.to_owned(), hash: hash.to_owned() };
        if entries.place_of(Path::new(name)).is_none() && !entries.models.contains(&model) {
            entries.models.push(model);
        }
    }

    /// The script named a seed.
    pub fn seeded(&self, seed: u64) {
        let mut entries = self.entries();
        if entries.seeds.len() < MOST_SEEDS {
            entries.seeds.insert(seed);
        }
    }

    /// Something was printed.
    pub fn printed(&self, text: &str) {
        let mut entries = self.entries();
        entries.printed.update(text.as_bytes());
        entries.printed.update(b"\n");
        entries.texts += 1;
    }

    /// The script is about to write `given`, which lies at `place`.
    pub fn writes(&self, given: &str, place: &Path) {
        let mut entries = self.entries();
        entries.written.insert(plain(Path::new(given)), place.to_owned());
        entries.places.insert(plain(place));
    }

    /// Where the file lies that the script is about to read: what it wrote itself is found under the name
    /// that it wrote it by, everything else is an input of the script.
    pub fn reads(&self, given: &Path) -> PathBuf {
        let mut entries = self.entries();
        if let Some(place) = entries.place_of(given) {
            return place;
        }
        entries.read.entry(given.to_owned()).or_default();
        // While a run is recorded, a file counts as it is now, whatever becomes of it later.
        if !entries.runs.is_empty() {
            entries.digest_inputs();
        }
        given.to_owned()
    }

    /// Where a path lies that the script wrote, or that lies in a folder it wrote.
    pub fn place_of(&self, given: &Path) -> Option<PathBuf> {
        self.entries().place_of(given)
    }

    /// SHA-256 of the script's text, if a script runs; a session has none before its end.
    pub fn script_sha256(&self) -> Option<String> {
        let entries = self.entries();
        let script = entries.script.as_ref().filter(|_| !entries.is_growing);
        script.map(|(_, text)| of_bytes(text.as_bytes()))
    }

    /// The run that was started last, unless it is finished.
    pub fn current(&self) -> Option<Run> {
        self.entries().runs.last().filter(|run| !run.is_finished()).cloned()
    }

    /// The number of runs that were started.
    pub fn run_count(&self) -> usize {
        self.entries().runs.len()
    }

    pub(super) fn add(&self, run: Run) {
        let mut entries = self.entries();
        entries.runs.push(run);
        entries.digest_inputs();
    }

    /// Ends every run that is not finished yet.
    ///
    /// # Errors
    /// [`RunError`] when a record cannot be written.
    pub fn end(&self, facts: &Facts, status: Status, error: Option<&str>) -> Result<(), RunError> {
        let open: Vec<Run> = self.entries().runs.iter().filter(|run| !run.is_finished()).cloned().collect();
        open.iter().try_for_each(|run| run.finish(self, facts, status, error))
    }

    /// Writes the script and its modules into `folder`, as `script.rhai` and `modules/…`; their paths are
    /// given as `inside` and the path in the folder.
    pub(super) fn save_sources(
        &self,
        folder: &Path,
        inside: &str,
    ) -> Result<(SourceFile, Vec<SourceFile>), RunError> {
        let (script, modules) = {
            let entries = self.entries();
            (entries.script.clone().unwrap_or_default(), entries.modules.clone())
        };
        let save = |file: &str, text: &str, name: String| {
            write_atomically(&folder.join(&name), text.as_bytes())?;
            let copy = if inside.is_empty() { name } else { format!("{inside}/{name}") };
            Ok(SourceFile { file: file.to_owned(), copy, sha256: of_bytes(text.as_bytes()) })
        };
        let module = |(number, (file, text)): (usize, (&String, &String))| {
            let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
            save(file, text, format!("modules/{}-{name}", number + 1))
        };
        let script = save(&script.0, &script.1, "script.rhai".to_owned())?;
        Ok((script, modules.iter().enumerate().map(module).collect::<Result<_, RunError>>()?))
    }

    /// The record of everything so far, for the script as a whole, with sources copied as by
    /// `save_sources`; what lies in the folders of runs is left to their own records.
    pub(super) fn manifest(
        &self,
        facts: &Facts,
        (script, modules): (SourceFile, Vec<SourceFile>),
    ) -> Result<Manifest, RunError> {
        let mut entries = self.entries();
        entries.digest_inputs();
        let mut elsewhere = Vec::new();
        for (given, place) in &entries.written {
            if entries.runs.iter().all(|run| !place.starts_with(run.folder())) {
                elsewhere.extend(outputs_at(place, given)?);
            }
        }
        elsewhere.sort_by(|a, b| a.file.cmp(&b.file));
        elsewhere.dedup_by(|a, b| a.file == b.file);
        let data = entries.read.iter().filter_map(|(path, digest)| {
            let (sha256, bytes) = digest.clone()?;
            Some(FileHash { file: path.display().to_string(), sha256, bytes })
        });
        Ok(Manifest {
            run: None,
            status: Status::Running,
            error: None,
            started: facts.started.clone(),
            program: super::program(),
            script,
            modules,
            args: entries.args.clone(),
            seed: facts.seed,
            seeds: entries.seeds.iter().copied().collect(),
            options: facts.options.clone(),
            directory: facts.directory.clone(),
            device: DeviceUse { asked: facts.device.clone(), used: entries.device.clone() },
            threads: facts.threads,
            columns: facts.columns,
            colour: facts.colour,
            config: Default::default(),
            models: entries.models.clone(),
            data: data.collect(),
            outputs: Vec::new(),
            elsewhere,
            printed: Printed {
                sha256: hexadecimal(entries.printed.clone().finalize()),
                texts: entries.texts,
            },
            metrics: Default::default(),
            notes: Vec::new(),
        })
    }

    /// Writes the record of a script that started no run to `path`; its sources go beside it, into a
    /// folder of its name.
    ///
    /// # Errors
    /// [`RunError`] when something cannot be read or written.
    pub fn record(
        &self,
        facts: &Facts,
        path: &Path,
        status: Status,
        error: Option<&str>,
    ) -> Result<Manifest, RunError> {
        let beside = format!("{}.sources", path.file_stem().unwrap_or_default().to_string_lossy());
        let sources = self.save_sources(&path.with_file_name(&beside), &beside)?;
        let manifest = Manifest { status, error: error.map(str::to_owned), ..self.manifest(facts, sources)? };
        manifest.write(path)?;
        Ok(manifest)
    }
}

impl Entries {
    /// Where a path lies that the script wrote, or that lies in a folder it wrote.
    fn place_of(&self, given: &Path) -> Option<PathBuf> {
        let given = plain(given);
        if given.ancestors().any(|folder| self.places.contains(folder)) && given.exists() {
            return Some(given);
        }
        let found = given.ancestors().find_map(|folder| Some((folder, self.written.get(folder)?)));
        let (folder, place) = found?;
        let rest = given.strip_prefix(folder).unwrap_or(Path::new(""));
        let place = if rest.as_os_str().is_empty() { place.clone() } else { place.join(rest) };
        place.exists().then_some(place)
    }

    /// Digests of the inputs that have none yet; what cannot be read is no input.
    fn digest_inputs(&mut self) {
        for (path, digest) in &mut self.read {
            if digest.is_none() {
                *digest = of_path(path).ok();
            }
        }
    }
}

/// The path without `.`.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// The file at `place`, or the files of the folder there, under the name `given`; nothing if nothing is
/// there. The pace of a training run in the folder, and its own record, are left out.
///
/// # Errors
/// [`RunError::File`] naming the file that cannot be read.
pub fn outputs_at(place: &Path, given: &Path) -> Result<Vec<FileHash>, RunError> {
    if !place.exists() {
        return Ok(Vec::new());
    }
    let hashed = |place: &Path, name: &Path| {
        let (sha256, bytes) = of_path(place)?;
        let file = name.display().to_string().replace('\\', "/");
        Ok(FileHash { file, sha256, bytes })
    };
    if !place.is_dir() {
        return Ok(vec![hashed(place, given)?]);
    }
    let files = files_in(place)?;
    let is_about = |file: &&PathBuf| {
        let record = place.join(file).with_file_name(train::MANIFEST);
        let is_named = |name: &std::ffi::OsStr| ABOUT_TRAINING.iter().any(|about| name == *about);
        file.file_name().is_some_and(is_named) && record.exists()
    };
    let kept = files.iter().filter(|file| !is_about(file));
    kept.map(|file| hashed(&place.join(file), &given.join(file))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::run::{Run, sha256_of_path};

    fn facts(out: &Path) -> Facts {
        Facts { out: out.to_owned(), columns: 80, ..Facts::default() }
    }

    #[test]
    fn what_a_script_wrote_is_no_input_and_is_found_by_the_name_it_was_written_by() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("elsewhere");
        std::fs::create_dir_all(place.join("model")).unwrap();
        let ledger = Ledger::default();
        ledger.begin("a.rhai", "", &[]);
        ledger.writes("tiny", &place);
        assert_eq!(ledger.reads(Path::new("./tiny/model")), place.join("model"));
        assert_eq!(ledger.reads(Path::new("tiny/other")), Path::new("tiny/other"));
        assert_eq!(ledger.reads(&place.join("model")), place.join("model"));
        ledger.loaded("tiny/model", "0123", "cpu");
        ledger.loaded("hybrid", "4567", "cpu");
        let record = folder.path().join("r.yaml");
        let manifest = ledger.record(&facts(folder.path()), &record, Status::Finished, None).unwrap();
        assert_eq!(manifest.models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>(), ["hybrid"]);
        assert!(manifest.data.is_empty(), "{:?}", manifest.data);
    }

    #[test]
    fn an_input_counts_as_it_was_when_the_run_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let facts = facts(folder.path());
        let (input, ledger) = (folder.path().join("in.txt"), Ledger::default());
        std::fs::write(&input, "before").unwrap();
        let (before, _) = sha256_of_path(&input).unwrap();
        ledger.begin("a.rhai", "print(1)", &[]);
        let run = Run::start(&ledger, &facts, "demo", Default::default()).unwrap();
        ledger.reads(&input);
        std::fs::write(&input, "after").unwrap();
        ledger.printed("1");
        ledger.end(&facts, Status::Finished, None).unwrap();
        let manifest = Manifest::read(&run.folder().join("manifest.yaml")).unwrap();
        assert_eq!(manifest.data.iter().map(|file| &file.sha256).collect::<Vec<_>>(), [&before]);
        assert_eq!((manifest.printed.texts, manifest.status), (1, Status::Finished));
        assert!(matches!(run.note("late"), Err(RunError::Finished(_))));
    }

    #[test]
    fn runs_of_one_name_are_numbered_and_the_pace_of_training_is_no_output() {
        let folder = tempfile::tempdir().unwrap();
        let facts = facts(folder.path());
        let ledger = Ledger::default();
        ledger.begin("a.rhai", "", &[]);
        let start = || Run::start(&ledger, &facts, "demo", Default::default()).unwrap();
        let runs = [start(), start()];
        let ids = runs.each_ref().map(|run| run.name().id.split('-').next().unwrap().to_owned());
        assert_eq!(ids, ["0001", "0002"]);
        let train = runs[0].folder().join("train");
        std::fs::create_dir(&train).unwrap();
        for name in ["run.yaml", "speed.csv", "log.csv"] {
            std::fs::write(train.join(name), "").unwrap();
        }
        ledger.end(&facts, Status::Stopped, None).unwrap();
        let manifest = Manifest::read(&runs[0].folder().join("manifest.yaml")).unwrap();
        let files: Vec<&str> = manifest.outputs.iter().map(|file| file.file.as_str()).collect();
        assert_eq!(files, ["train/log.csv"]);
    }
}
