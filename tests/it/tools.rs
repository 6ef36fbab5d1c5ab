//! The tools around scripts: `check`, `test`, `watch` and `doc`.

use std::fs;
use std::path::{Path, PathBuf};

use ricercar::script::{Checker, Context, Host};

use crate::program::Program;

/// Every script of the repository, those that are wrong on purpose aside.
fn scripts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["examples", "scripts", "stdlib"].map(|folder| root.join(folder));
    let mut waiting = Vec::from(folders);
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rhai") {
                found.push(path);
            }
        }
    }
    assert!(found.len() >= 20, "{found:?}");
    found
}

#[test]
fn nothing_is_wrong_with_scripts_that_run() {
    let checker = Checker::new();
    let mut found = checker.files(scripts()).findings;
    let host = Host::new(Context::default());
    let examples = host.help().entries().iter().filter(|entry| entry.own);
    for (path, example) in examples.flat_map(|entry| entry.examples().into_iter().map(|e| (entry.path(), e)))
    {
        found.extend(checker.text(&path, &example));
    }
    let told: Vec<String> = found.iter().map(|finding| finding.render(false)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

const WRONG: &str = r#"import "band" as band;
let g = model::load("hybrid");
let song = g.generate(#{ sede: 1 });
song.tranpose(2);
for take in g.generate(#{ count: 3 }) { take.sav("x.mid"); }
print(sogn);
theory::nte("C4");
thery::note("C4");
fn thicker(song) { song + g }
thicker(1, 2);
let up = |t| t.transpose(1, 2, 3);
interp::line(g.latent(#{}), 1, #{ mode: "slrep" });
band::solo(1);
"#;

#[test]
fn all_that_is_wrong_is_told_at_once_in_imported_files_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("piece.rhai"), WRONG).unwrap();
    fs::write(folder.path().join("band.rhai"), "fn solo() { theory::note() }\n").unwrap();
    let told = Program::with(&["check", "piece.rhai"]).within(folder.path()).run().failed(1);
    let headlines: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    assert_eq!(
        headlines,
        [
            "no option `sede`: `generate` has seed, count, truncate, threshold, temperature, tempo",
            "a Multitrack has no method `tranpose`",
            "a Multitrack has no method `sav`",
            "no variable `sogn`",
            "the module `theory` has no function `nte`",
            "no module `thery`",
            "the function `thicker` does not see `g`",
            "`thicker` takes 1 argument",
            "`mode` has no choice `slrep`: there are lerp, slerp",
            "`band::solo` takes 0 arguments, got 1",
            "`theory::note` does not take ()",
        ],
        "{told}"
    );
    assert!(told.contains("did you mean `transpose`?") && told.ends_with("11 wrong in 2 files\n"), "{told}");
}

#[test]
fn editors_get_places_as_json() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.rhai"), "let a = 1;\nprint(aa);\n").unwrap();
    fs::write(folder.path().join("b.rhai"), "let a = ;\n").unwrap();
    let ended = Program::with(&["check", "--json", "a.rhai", "b.rhai"]).within(folder.path()).run();
    assert_eq!(ended.code, Some(1));
    let found: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(found.as_array().map(Vec::len), Some(2), "{found}");
    let place = ["file", "line", "column", "end_column"].map(|key| found[0][key].to_string());
    assert_eq!(place, ["\"a.rhai\"", "2", "7", "9"]);
    assert_eq!(found[0]["message"], "no variable `aa`");
    assert_eq!(found[1]["file"], "b.rhai");
}

#[test]
fn what_is_right_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.rhai"), "import \"b\" as b;\nprint(b::two(1));\n").unwrap();
    fs::write(folder.path().join("b.rhai"), "fn two(n) { n + 1 }\n").unwrap();
    let ended = Program::with(&["check", "a.rhai"]).within(folder.path()).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), "nothing wrong in 2 files\n"));
}
