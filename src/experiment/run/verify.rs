//! A repetition held against the record: what differs, and why it may.

use std::collections::BTreeMap;
use std::path::Path;

use super::hash::of_path;
use super::manifest::{FileHash, Manifest, ModelUse};

/// Hex digits of a digest that a person is shown.
const SHOWN: usize = 12;

/// Something that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What: a file, or what was printed.
    pub what: String,
    /// How it was; "–" where it was not.
    pub then: String,
    /// How it came out now; "–" where it did not.
    pub now: String,
}

/// Everything in which `now` came out otherwise than `then`.
pub fn differences(then: &Manifest, now: &Manifest) -> Vec<Difference> {
    let mut found = Vec::new();
    let ended = |manifest: &Manifest| match &manifest.error {
        Some(error) => format!("{}: {error}", manifest.status),
        None => manifest.status.to_string(),
    };
    let mut hold = |what: &str, then: String, now: String| {
        if then != now {
            found.push(Difference { what: what.to_owned(), then, now });
        }
    };
    hold("how it ended", ended(then), ended(now));
    let printed = |manifest: &Manifest| {
        format!("{} ({} texts)", short(&manifest.printed.sha256), manifest.printed.texts)
    };
    hold("what was printed", printed(then), printed(now));
    found.extend(differing_files(&then.outputs, &now.outputs));
    found.extend(differing_files(&then.elsewhere, &now.elsewhere));
    found
}

/// Files of the same name that differ, and those that only one side has.
pub fn differing_files(then: &[FileHash], now: &[FileHash]) -> Vec<Difference> {
    let by_name = |files: &[FileHash]| -> BTreeMap<_, _> {
        files.iter().map(|f| (f.file.clone(), f.clone())).collect()
    };
    let (then, now) = (by_name(then), by_name(now));
    let mut names: Vec<&String> = then.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| then.get(*name).map(|f| &f.sha256) != now.get(*name).map(|f| &f.sha256));
    let told = |file: Option<&FileHash>| match file {
        Some(file) => format!("{} ({} bytes)", short(&file.sha256), file.bytes),
        None => "–".to_owned(),
    };
    let difference = |name: &String| Difference {
        what: name.clone(),
        then: told(then.get(name)),
        now: told(now.get(name)),
    };
    names.into_iter().map(difference).collect()
}

/// Inputs of a record that are not what they were: a sentence for each. `hash_of` gives the hash of a
/// model by its name, or says why it has none.
pub fn changed_inputs(then: &Manifest, hash_of: impl Fn(&str) -> Result<String, String>) -> Vec<String> {
    let model = |model: &ModelUse| match hash_of(&model.name) {
        Ok(hash) if hash == model.hash => None,
        Ok(hash) => Some(format!("model `{}` was {}, it is {hash} now", model.name, model.hash)),
        Err(error) => Some(format!("model `{}` was {}: {error}", model.name, model.hash)),
    };
    let file = |file: &FileHash| match of_path(Path::new(&file.file)) {
        Ok((sha256, _)) if sha256 == file.sha256 => None,
        Ok((sha256, _)) => {
            Some(format!("`{}` was {}, it is {} now", file.file, short(&file.sha256), short(&sha256)))
        }
        Err(error) => Some(format!("`{}` was {}: {error}", file.file, short(&file.sha256))),
    };
    then.models.iter().filter_map(model).chain(then.data.iter().filter_map(file)).collect()
}

/// Why a repetition may have come out otherwise; `changed` are the inputs that had changed before.
pub fn reasons(then: &Manifest, now: &Manifest, changed: &[String]) -> Vec<String> {
    let mut reasons = changed.to_vec();
    let mut hold = |what: &str, then: &str, now: &str, may: &str| {
        if then != now {
            reasons.push(format!("{what}: {then} then, {now} now; {may}"));
        }
    };
    hold("program", &then.program, &now.program, "another version may compute and write otherwise");
    let none = || "none".to_owned();
    let device = |manifest: &Manifest| manifest.device.used.clone().unwrap_or_else(none);
    let sums = "devices add in another order, and a cell near its threshold may tip over";
    hold("device", &device(then), &device(now), sums);
    let threads = |manifest: &Manifest| manifest.threads.map_or_else(none, |count| count.to_string());
    hold("threads", &threads(then), &threads(now), "this should change nothing on a processor");
    for input in &now.models {
        if !then.models.contains(input) {
            reasons.push(format!("model `{}` {} was not loaded then", input.name, input.hash));
        }
    }
    for input in &now.data {
        if !then.data.iter().any(|known| known.file == input.file) {
            reasons.push(format!("`{}` was not read then", input.file));
        }
    }
    if reasons.is_empty() {
        reasons.push(
            "program, device, models and data are the same: the script depends on something that is not \
             recorded, such as the clock (`timestamp()`)"
                .to_owned(),
        );
    }
    reasons
}

fn short(sha256: &str) -> &str {
    sha256.get(..SHOWN).unwrap_or(sha256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::run::Status;

    fn file(name: &str, sha256: &str) -> FileHash {
        FileHash { file: name.to_owned(), sha256: sha256.repeat(64), bytes: 1 }
    }

    #[test]
    fn files_that_differ_or_are_missing_on_either_side_are_named_and_others_are_not() {
        let then = [file("a", "0"), file("b", "1"), file("c", "2")];
        let now = [file("d", "3"), file("b", "4"), file("a", "0")];
        let told: Vec<[String; 3]> =
            differing_files(&then, &now).into_iter().map(|d| [d.what, d.then, d.now]).collect();
        let expected = [
            ["b", "111111111111 (1 bytes)", "444444444444 (1 bytes)"],
            ["c", "222222222222 (1 bytes)", "–"],
            ["d", "–", "333333333333 (1 bytes)"],
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn another_program_device_or_count_of_threads_is_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = crate::experiment::run::Ledger::default();
        ledger.begin("a.rhai", "", &[]);
        let record = folder.path().join("r.yaml");
        let then = ledger.record(&Default::default(), &record, Status::Finished, None).unwrap();
        let mut now = then.clone();
        assert!(differences(&then, &now).is_empty());
        assert!(reasons(&then, &now, &[])[0].contains("the clock"));
        now.program = "ricercar 9.0.0".into();
        now.device.used = Some("gpu".into());
        now.threads = Some(64);
        now.status = Status::Failed;
        now.error = Some("no more".into());
        let told = reasons(&then, &now, &["model `x` changed".into()]).join("; ");
        for words in ["model `x` changed", "ricercar 9.0.0 now", "gpu now", "64 now"] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert_eq!(differences(&then, &now)[0].now, "failed: no more");
    }
}
