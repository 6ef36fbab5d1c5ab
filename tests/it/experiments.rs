//! The scripts that are experiments: each asks a question at its head, runs in no time when it is told to
//! `smoke`, and leaves a figure.

use std::fs;
use std::path::Path;

use crate::program::Program;

/// Scripts, what stands before `smoke`, and what they leave beside what they print.
const EXPERIMENTS: [(&str, &[&str], &[&str]); 5] = [
    (
        "accompaniment_by_given",
        &["examples/data/tour_256.npz"],
        &["accompaniment_by_given.png", "accompaniment_by_given.csv"],
    ),
    ("data_size", &["examples/held_out/phrases.npz"], &["data_size.png", "data_size.csv"]),
    (
        "interpolation_smoothness",
        &["hybrid"],
        &[
            "interpolation_smoothness.png",
            "interpolation_smoothness-notes.png",
            "interpolation_smoothness-steps.png",
            "interpolation_smoothness.csv",
        ],
    ),
    ("latent_sensitivity", &["hybrid"], &["latent_sensitivity.png", "latent_sensitivity.csv"]),
    ("report", &["hybrid"], &["report/hybrid/report.html", "report/hybrid/report.md"]),
];

#[test]
fn every_experiment_runs_and_leaves_its_figure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, arguments, files) in EXPERIMENTS {
        let home = tempfile::tempdir().unwrap();
        let script = root.join(format!("scripts/{name}.rhai"));
        // Paths to data are from the root of a clone; what is written goes elsewhere.
        let out = home.path().to_str().unwrap();
        let line =
            [&["--quiet", "--out", out, "run", script.to_str().unwrap()], arguments, &["smoke"]].concat();
        let printed = Program::with(&line).within(root).run().well();
        assert!(printed.lines().count() > 2, "{name}: {printed}");
        for file in files {
            let bytes = fs::read(home.path().join("out").join(file))
                .unwrap_or_else(|e| panic!("{name}: {file}: {e}"));
            assert!(!file.ends_with(".png") || bytes.starts_with(b"\x89PNG"), "{name}: {file}");
            assert!(!String::from_utf8_lossy(&bytes).contains("NaN"), "{name}: {file}");
        }
    }
}

#[test]
fn every_experiment_says_what_it_asks_and_how_it_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, ..) in EXPERIMENTS {
        let text = fs::read_to_string(root.join(format!("scripts/{name}.rhai"))).unwrap();
        let head: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(head.contains('?') && head.contains(&format!("scripts/{name}.rhai [")), "{name}: {head}");
        assert!(head.contains("smoke"), "{name}");
    }
}
