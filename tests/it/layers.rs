//! The architecture: a module uses only what stands above it in the table of `src/README.md`, and an
//! outside crate has one home.

mod source;

use std::fs;
use std::path::{Path, PathBuf};

/// Outside crates, and the modules that may name them.
const HOMES: [(&[&str], &[&str]); 16] = [
    (&["midly"], &["midi"]),
    (&["ndarray", "ndarray_npy"], &["npz"]),
    (&["zip"], &["npz", "data"]),
    (&["walkdir", "tar"], &["data"]),
    (&["flate2"], &["data", "page"]),
    (&["hound", "fundsp", "rustysynth"], &["audio"]),
    (&["plotters"], &["view"]),
    (&["parquet"], &["experiment"]),
    (&["burn"], &["model", "train", "data"]),
    (&["pulp"], &["model"]),
    (&["base64"], &["experiment", "jupyter", "page", "script", "serve"]),
    (&["jupyter_protocol", "zeromq", "hmac"], &["jupyter"]),
    (&["tokio"], &["jupyter", "serve"]),
    (&["axum", "getrandom"], &["serve"]),
    (&["rhai"], &["script"]),
    (
        &["rustyline", "clap", "indicatif", "ctrlc", "nix", "console", "cpal", "midir", "alsa", "open"],
        &["cli"],
    ),
];

/// A source under `src`: its path there, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The modules that enclose it, without `mod`; empty for `lib.rs` and `main.rs`.
    fn modules(&self) -> Vec<&str> {
        let names: Vec<&str> = self.path.trim_end_matches(".rs").split('/').collect();
        match names.as_slice() {
            ["lib" | "main"] => Vec::new(),
            [folders @ .., "mod"] => folders.to_vec(),
            all => all.to_vec(),
        }
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(src()).unwrap().to_str().unwrap().replace('\\', "/");
            found.push(Source { path: name, text: fs::read_to_string(&path).unwrap() });
        }
    }
}

/// The table's rows: modules that stand side by side.
fn layers(readme: &str) -> Vec<Vec<String>> {
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let names = |row: &str| {
        row.split('|').nth(1).map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect())
    };
    rows.filter_map(names).collect()
}

/// What is wrong with a source, one line each, with the place.
fn faults(source: &Source, layers: &[Vec<String>]) -> Vec<String> {
    let modules = source.modules();
    let home = modules.first().copied().unwrap_or("the crate's root");
    let level = |module: &str| layers.iter().position(|row| row.iter().any(|name| name == module));
    let fault = |path: source::Path| {
        let place = format!("src/{}:{}", source.path, path.line);
        let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
        if let Some(used) = used_module(&segments, modules.len()) {
            let (Some(own), Some(other)) = (level(home), level(used)) else { return None };
            return (used != home && other >= own).then(|| {
                format!("{place}: `{home}` uses `{used}`, which does not stand above it in src/README.md")
            });
        }
        let (_, homes) = HOMES.iter().find(|(crates, _)| crates.contains(&segments[0]))?;
        let allowed = homes.join("`, `");
        (!homes.contains(&home)).then(|| {
            format!("{place}: `{home}` uses the crate `{}`, which belongs in `{allowed}`", segments[0])
        })
    };
    source::paths(&source.text).into_iter().filter_map(fault).collect()
}

/// The module of the crate that a path leads to, if it begins at the crate's root, by name or by
/// enough steps upwards.
fn used_module<'a>(segments: &[&'a str], depth: usize) -> Option<&'a str> {
    let ups = segments.iter().skip_while(|s| **s == "self").take_while(|s| **s == "super").count();
    match segments {
        ["crate", module, ..] => Some(module),
        _ if ups > 0 && ups >= depth => segments.iter().find(|s| !matches!(**s, "self" | "super")).copied(),
        _ => None,
    }
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let layers = layers(&fs::read_to_string(src().join("README.md")).unwrap());
    let mut all = Vec::new();
    sources(&src(), &mut all);
    let mut faults: Vec<String> = all.iter().flat_map(|source| faults(source, &layers)).collect();
    faults.sort();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_table_names_every_module_and_no_other() {
    let mut named = layers(&fs::read_to_string(src().join("README.md")).unwrap()).concat();
    let folders =
        fs::read_dir(src()).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
    let mut folders: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    named.sort();
    folders.sort();
    assert_eq!(named, folders);
}

#[test]
fn a_use_of_what_stands_below_or_beside_is_found() {
    let table = "| module | for |\n|---|---|\n| `base` | x |\n| `midi`, `npz` | `y` |\n| `cli` | z |";
    let layers = layers(table);
    assert_eq!(layers, [vec!["base"], vec!["midi", "npz"], vec!["cli"]]);
    let faults_of =
        |path: &str, text: &str| faults(&Source { path: path.into(), text: text.into() }, &layers);
    let below = faults_of("midi/read.rs", "use crate::base::Seed;\n\nuse crate::{cli::main, npz};");
    assert_eq!(
        below,
        [
            "src/midi/read.rs:3: `midi` uses `cli`, which does not stand above it in src/README.md",
            "src/midi/read.rs:3: `midi` uses `npz`, which does not stand above it in src/README.md",
        ]
    );
    assert_eq!(faults_of("midi/mod.rs", "fn f() { super::cli::main() }").len(), 1);
    assert_eq!(faults_of("midi/read.rs", "use super::cli; use crate::midi::x;").len(), 0);
    assert_eq!(faults_of("cli/mod.rs", "use crate::{base, midi, npz}; use clap::Parser;").len(), 0);
    assert_eq!(
        faults_of("npz/mod.rs", "use zip::ZipArchive;\nfn f() -> midly::Smf { x.zip(y) }"),
        ["src/npz/mod.rs:2: `npz` uses the crate `midly`, which belongs in `midi`"]
    );
    assert_eq!(faults_of("lib.rs", "pub use rhai::Engine; pub mod base;").len(), 1);
}
