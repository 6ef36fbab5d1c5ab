//! Runs: what is kept of them, and that they can be repeated.

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Ended, Program};

/// A folder with a script that starts a run called `demo`, and a module of its own.
fn workshop(script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.rhai"), script).unwrap();
    fs::create_dir(folder.path().join("lib")).unwrap();
    fs::write(folder.path().join("lib/line.rhai"), "fn notes() { \"C2 G2 E2 C3\" }").unwrap();
    folder
}

fn ricercar(folder: &tempfile::TempDir, arguments: &[&str]) -> Ended {
    Program::with(arguments).within(folder.path()).run()
}

/// The only run of a name.
fn only(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    let runs = fs::read_dir(folder.path().join("runs").join(name)).unwrap();
    let runs: Vec<PathBuf> = runs.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs.into_iter().next().unwrap()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{:?}: {error}", path.as_ref()))
}

/// Keeps something of every kind, one file elsewhere, and reads a file of its own and one of somebody else.
const ALL_KINDS: &str = r#"
    import "lib/line" as line;
    let run = experiment::start("demo", #{ threshold: 0.5, name: args[0] });
    let song = model::load("hybrid").generate(#{ seed: 7 });
    let bass = music::line("bass", line::notes());
    for name in ["a.mid", "a.npz", "deep/a.png", "a.svg", "a.npy"] { run.keep(song, name); }
    run.keep(bass, "bass.wav", #{ tempo: 240 });
    let results = sweep::grid(#{ seed: 0..4, t: [0, 1] }, |p| #{ y: p.seed + p.t });
    run.keep(results, "results.csv");
    run.keep(results.plot(#{ x: "t", y: "y" }), "plot.png");
    run.keep([1, "two", 3.5], "list.yaml");
    run.keep(#{ a: [1, 2], b: () }, "map.json");
    run.keep("Read me.", "README.md");
    let g = model::load("hybrid");
    run.keep(g.latent(#{ seed: 7 }), "start.safetensors");
    run.keep(g, "model");
    let set = data::load(run.path("a.npy"));
    run.keep(set, "set.npz");
    run.keep(set, "packed.npz", #{ format: "packed" });
    metrics::evaluate(song, #{ quiet: true, figures: run.path("figures") });
    results.save(run.path("again.json"));
    bass.save("elsewhere.mid");
    assert_eq(midi::read("elsewhere.mid").bass, bass);
    for step in 1..=3 { run.log(#{ step: step, notes: song.metrics().piano.notes * step }); }
    run.note("it works");
    print(midi::read("given.mid"));
"#;

fn all_kinds() -> tempfile::TempDir {
    let folder = workshop(ALL_KINDS);
    ricercar(&folder, &["-e", "music::line(\"bass\", \"C2\").save(\"given.mid\");"]).well();
    ricercar(&folder, &["--seed", "3", "a.rhai", "x"]).well();
    folder
}

#[test]
fn a_run_keeps_what_it_used_and_made_and_comes_out_the_same_again() {
    let folder = all_kinds();
    let run = only(&folder, "demo");
    let manifest = read(run.join("manifest.yaml"));
    for line in [
        "status: finished",
        "- x\n",
        "seed: 3",
        "seeds:\n- 7",
        "- name: hybrid",
        "- file: given.mid",
        "- file: elsewhere.mid",
        "- file: deep/a.png",
        "- file: bass.wav",
        "- file: metrics.csv",
        "- it works",
        "threshold: 0.5",
        "  step: 3",
        "used: cpu",
        "- file: lib/line.rhai\n  copy: modules/1-line.rhai",
    ] {
        assert!(manifest.contains(line), "{line}\n{manifest}");
    }
    assert_eq!(read(run.join("script.rhai")), ALL_KINDS);
    assert_eq!(read(run.join("config.yaml")), "name: x\nthreshold: 0.5\n");
    assert_eq!(read(run.join("list.yaml")), "- 1\n- two\n- 3.5\n");
    // The copies count, not what has become of the originals.
    fs::write(folder.path().join("a.rhai"), "throw 1;").unwrap();
    fs::remove_file(folder.path().join("lib/line.rhai")).unwrap();
    let ended = ricercar(&folder, &["rerun", run.to_str().unwrap(), "--verify"]).well();
    assert!(ended.starts_with("all agree: 33 files, by ricercar"), "{ended}");
    let line = ["rerun", run.join("manifest.yaml").to_str().unwrap(), "--verify", "--out", "again"]
        .map(String::from);
    ricercar(&folder, &line.each_ref().map(String::as_str)).well();
    let again = folder.path().join("again").join(run.strip_prefix(folder.path()).unwrap());
    assert_eq!(fs::read(again.join("a.mid")).unwrap(), fs::read(run.join("a.mid")).unwrap());
    assert!(folder.path().join("again/elsewhere.mid").is_file());
    let message = ricercar(&folder, &line.each_ref().map(String::as_str)).failed(1);
    assert!(message.contains("is not empty"), "{message}");
    ricercar(&folder, &["rerun", run.to_str().unwrap()]).well();
    assert!(folder.path().join("reruns").is_dir());
}

#[test]
fn an_output_that_came_out_otherwise_is_named_and_so_is_the_clock() {
    let folder = workshop(
        "let run = experiment::start(\"demo\"); run.keep(`${timestamp().elapsed}`, \"now.txt\"); \
         run.keep(\"always\", \"same.txt\");",
    );
    ricercar(&folder, &["a.rhai"]).well();
    let run = only(&folder, "demo");
    let ended = ricercar(&folder, &["rerun", run.to_str().unwrap(), "--verify"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("now.txt") && !ended.stdout.contains("same.txt"), "{ended:?}");
    assert!(ended.stdout.contains("the clock"), "{ended:?}");
}

#[test]
fn changed_data_and_models_stop_a_repetition_and_are_named_as_reasons() {
    let folder = workshop(
        "let run = experiment::start(\"demo\"); run.keep(midi::read(args[0]), \"copy.mid\"); \
         print(model::load(\"mine\").name);",
    );
    let models = folder.path().join("models/mine");
    fs::create_dir_all(&models).unwrap();
    for name in ["model.yaml", "weights.safetensors", "inverse.safetensors"] {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/jamming");
        fs::copy(shipped.join(name), models.join(name)).unwrap();
    }
    let save = |notes: &str| {
        let code = format!("music::line(\"bass\", \"{notes}\").save(\"given.mid\");");
        ricercar(&folder, &["-e", &code]).well();
    };
    save("C2 E2");
    ricercar(&folder, &["a.rhai", "given.mid"]).well();
    let run = only(&folder, "demo");
    let verify = ["rerun", run.to_str().unwrap(), "--verify"];
    ricercar(&folder, &verify).well();
    save("C2 G2");
    let message = ricercar(&folder, &verify).failed(1);
    assert!(message.contains("`given.mid` was ") && message.contains("--anyway"), "{message}");
    let ended = ricercar(&folder, &[verify.as_slice(), &["--anyway"]].concat());
    assert_eq!(ended.code, Some(1));
    let [table, why] = ended.stdout.split("why it may:").collect::<Vec<_>>()[..] else { panic!("{ended:?}") };
    assert!(table.contains("copy.mid") && why.contains("`given.mid` was "), "{ended:?}");
    save("C2 E2");
    ricercar(&folder, &verify).well();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/composer");
    for name in ["model.yaml", "weights.safetensors", "inverse.safetensors"] {
        fs::copy(shipped.join(name), models.join(name)).unwrap();
    }
    let message = ricercar(&folder, &verify).failed(1);
    assert!(message.contains("model `mine` was "), "{message}");
    fs::remove_dir_all(&models).unwrap();
    let message = ricercar(&folder, &verify).failed(1);
    assert!(message.contains("model `mine` was "), "{message}");
}

#[test]
fn a_script_that_fails_leaves_a_record_that_says_how() {
    let folder =
        workshop("let run = experiment::start(\"demo\"); run.keep(\"one\", \"one.txt\"); throw \"no more\";");
    let ended = ricercar(&folder, &["a.rhai"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let run = only(&folder, "demo");
    let manifest = read(run.join("manifest.yaml"));
    assert!(manifest.contains("status: failed\nerror: no more\n"), "{manifest}");
    assert!(manifest.contains("- file: one.txt"), "{manifest}");
    let agreed = ricercar(&folder, &["rerun", run.to_str().unwrap(), "--verify"]).well();
    assert!(agreed.starts_with("all agree"), "{agreed}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_record_of_what_was_kept_until_then() {
    let folder =
        workshop("let run = experiment::start(\"demo\"); run.keep(\"one\", \"one.txt\"); print(1); loop { }");
    let line = "\"$0\" a.rhai & child=$!; until [ -s runs/demo/*/one.txt ]; do sleep 0.05; done; sleep 0.2; \
                kill -INT $child; wait $child";
    let ended = Program::in_shell(&format!("set -m; {line}")).within(folder.path()).run();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    let run = only(&folder, "demo");
    let manifest = read(run.join("manifest.yaml"));
    assert!(manifest.contains("status: stopped") && manifest.contains("- file: one.txt"), "{manifest}");
    let message = ricercar(&folder, &["rerun", run.to_str().unwrap(), "--verify"]).failed(1);
    assert!(message.contains("stopped") && message.contains("--anyway"), "{message}");
}

#[test]
fn a_script_without_a_run_is_recorded_on_demand() {
    let folder = workshop(
        "import \"lib/line\" as line; music::line(\"bass\", line::notes()).save(\"out/a.mid\"); print(args);",
    );
    ricercar(&folder, &["run", "a.rhai", "x", "--manifest", "record.yaml"]).well();
    let manifest = read(folder.path().join("record.yaml"));
    assert!(manifest.contains("- file: out/a.mid"), "{manifest}");
    let agreed = ricercar(&folder, &["rerun", "record.yaml", "--verify"]).well();
    assert!(agreed.starts_with("all agree: 1 file,"), "{agreed}");
    fs::write(folder.path().join("record.sources/script.rhai"), "print(1)").unwrap();
    let message = ricercar(&folder, &["rerun", "record.yaml", "--verify"]).failed(1);
    assert!(message.contains("script.rhai` is not the text that was run"), "{message}");
}

#[test]
fn what_is_no_record_or_no_name_is_refused_with_what_would_be() {
    let folder = workshop("let run = experiment::start(args[0]); run.keep(1, args[1]);");
    let message = ricercar(&folder, &["rerun", "nowhere"]).failed(1);
    assert!(message.contains("`nowhere`") && message.contains("manifest.yaml"), "{message}");
    let message = ricercar(&folder, &["rerun", "a.rhai"]).failed(1);
    assert!(message.contains("a.rhai` is no record of a run"), "{message}");
    let refused = |name: &str, path: &str, words: &str| {
        let ended = ricercar(&folder, &["a.rhai", name, path]);
        assert!(ended.code == Some(1) && ended.stderr.contains(words), "{name} {path}: {ended:?}");
    };
    refused("a/b", "x.json", "cannot be the name of a run");
    refused("..", "x.json", "cannot be the name of a run");
    refused("demo", "../x.json", "leads out of the run's folder");
    refused("demo", "/tmp/x.json", "leads out of the run's folder");
    refused("demo", "manifest.yaml", "that the run writes itself");
    refused("demo", "x.mid", "`keep` has no way to write");
}

#[test]
fn a_session_s_run_ends_with_it() {
    let folder = workshop("");
    let entries = "let run = experiment::start(\"demo\")\nlet n = 2 // two\nfn one() { 1 }\nrun.keep(#{ n: n }, \"n.json\")\n";
    Program::with(&[]).within(folder.path()).run_with(entries).well();
    let run = only(&folder, "demo");
    assert!(read(run.join("manifest.yaml")).contains("status: finished"));
    ricercar(&folder, &["rerun", run.to_str().unwrap(), "--verify"]).well();
}

#[test]
fn runs_are_listed_sorted_and_set_side_by_side() {
    let folder = workshop(
        "let run = experiment::start(\"demo\", #{ model: #{ name: \"hybrid\", steps: args[0].parse_int() }, same: 1 }); \
         run.keep(args, \"args.json\"); \
         for n in 1..=2 { run.log(#{ score: n * args[0].parse_int(), b: 2, c: 3, d: 4 }); } \
         if args[0] == \"30\" { throw \"too many\" }",
    );
    for steps in ["10", "30", "20"] {
        ricercar(&folder, &["a.rhai", steps]);
    }
    ricercar(&folder, &["-e", "train::run(config::named(\"tiny\"), #{ folder: \"runs/tiny\", steps: 1 });"]);
    let listed = ricercar(&folder, &["runs"]).well();
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].starts_with("run "), "{listed}");
    assert!(lines[1].starts_with("demo/0001-") && lines[1].contains("finished"), "{listed}");
    assert!(lines[1].contains("b 2, c 3, d 4, …") || lines[1].contains("score 20"), "{listed}");
    assert!(lines[2].contains("failed: too many"), "{listed}");
    let sorted = ricercar(&folder, &["runs", "--metric", "score"]).well();
    let scores: Vec<&str> = sorted.lines().skip(1).filter_map(|line| line.rsplit("score ").next()).collect();
    assert_eq!(scores[..3], ["60", "40", "20"], "{sorted}");
    let message = ricercar(&folder, &["runs", "--metric", "scroe"]).failed(1);
    assert!(message.contains("did you mean `score`?"), "{message}");
    let json = ricercar(&folder, &["runs", "--json"]).well();
    assert!(
        json.contains("\"model.steps\": 30") && json.contains("\"status\": \"failed: too many\""),
        "{json}"
    );
    let told = ricercar(&folder, &["runs", "--compare", "demo/0001", "demo/0003"]).well();
    for line in ["arguments", "model.steps  10", "score    20"] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(!told.contains("same") && !told.contains("program"), "{told}");
    let json = ricercar(&folder, &["runs", "--json", "--compare", "demo/0001", "demo/0003"]).well();
    assert!(json.contains("\"model.steps\": [\n      10,\n      20\n    ]"), "{json}");
    let message = ricercar(&folder, &["runs", "--compare", "demo/0001", "demo"]).failed(1);
    assert!(message.contains("`demo` may be any of demo/0001-"), "{message}");
    let message = ricercar(&folder, &["runs", "--compare", "demo/0001", "nothing"]).failed(1);
    assert!(message.contains("no run `nothing` in `runs`"), "{message}");
    let message = ricercar(&folder, &["runs", "elsewhere"]).failed(1);
    assert!(message.contains("no folder `elsewhere`"), "{message}");
    let first = only_run(&folder, "0002");
    fs::write(first.join("manifest.yaml"), "{").unwrap();
    let ended = ricercar(&folder, &["runs"]);
    assert!(ended.stderr.contains("is no record of a run") && ended.code == Some(0), "{ended:?}");
    assert_eq!(ended.stdout.lines().filter(|line| line.starts_with("demo/")).count(), 2, "{ended:?}");
}

/// The run called `demo` whose id begins so.
fn only_run(folder: &tempfile::TempDir, id: &str) -> PathBuf {
    let runs = fs::read_dir(folder.path().join("runs/demo")).unwrap().map(|entry| entry.unwrap().path());
    runs.into_iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with(id)).unwrap()
}

#[test]
fn a_training_run_comes_to_the_same_weights_again() {
    let folder = crate::cli_train::workshop(2);
    ricercar(&folder, &["train", "tiny.yaml", "--device", "cpu"]).well();
    let listed = ricercar(&folder, &["runs"]).well();
    assert!(listed.contains("tiny") && listed.contains("finished") && listed.contains("critic"), "{listed}");
    let agreed = ricercar(&folder, &["rerun", "runs/tiny", "--verify"]).well();
    assert!(agreed.starts_with("all agree: "), "{agreed}");
    about(&folder, "runs/tiny", &["a training run", "finished"]);
    // A run that a script keeps in its own is part of that one.
    let code = "let run = experiment::start(\"outer\"); \
                train::run(\"tiny.yaml\", #{ folder: run.path(\"t\") }); \
                run.keep(model::load(run.path(\"t/model\")).generate(#{ seed: 1 }), \"a.mid\");";
    fs::write(folder.path().join("outer.rhai"), code).unwrap();
    ricercar(&folder, &["outer.rhai"]).well();
    let manifest = read(only(&folder, "outer").join("manifest.yaml"));
    assert!(manifest.contains("models: []"), "{manifest}");
    assert_eq!(manifest.matches("/model.yaml").count(), 1, "{manifest}");
    assert!(ricercar(&folder, &["rerun", "outer", "--verify"]).well().starts_with("all agree"));
    about(&folder, "runs/tiny/run.yaml", &["a training run"]);
    about(&folder, "runs/tiny/model", &["a model", "lies in the training run tiny (finished)"]);
    about(&folder, "runs/tiny/checkpoint.safetensors", &["tensors", "lies in the training run tiny"]);
    let weights = folder.path().join("runs/tiny/model/weights.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    let ended = ricercar(&folder, &["rerun", "runs/tiny", "--verify"]);
    assert!(ended.code == Some(1) && ended.stdout.contains("model/weights.safetensors"), "{ended:?}");
    fs::write(folder.path().join("phrases.npz"), "other").unwrap();
    let message = ricercar(&folder, &["rerun", "runs/tiny", "--verify"]).failed(1);
    assert!(message.contains("phrases.npz` has changed"), "{message}");
}

/// What `ricercar about` says of a file, with single spaces.
#[track_caller]
fn about(folder: &tempfile::TempDir, file: &str, expected: &[&str]) {
    let told = ricercar(folder, &["about", file]).well();
    let spaced = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in expected {
        assert!(spaced.contains(words), "{file}: {words}\n{told}");
    }
}

#[test]
fn about_tells_what_made_a_file_of_any_format() {
    let folder = all_kinds();
    let run = only(&folder, "demo");
    let id = run.file_name().unwrap().to_string_lossy().into_owned();
    let of = |name: &str| format!("runs/demo/{id}/{name}");
    let music = ["made of", "model hybrid ", "seed 7, latent ", "made by", "script ", "run demo, config "];
    for (name, what) in [
        ("a.mid", "a MIDI file"),
        ("a.npz", "a pianoroll"),
        ("deep/a.png", "a PNG picture"),
        ("a.svg", "an SVG picture"),
    ] {
        about(
            &folder,
            &of(name),
            &[&[what, &format!("kept as {name} (demo {id}")], music.as_slice()].concat(),
        );
    }
    about(&folder, &of("bass.wav"), &["a WAV sound", "made by", "run demo", "kept as"]);
    about(&folder, &of("plot.png"), &["a PNG picture", "made by", "run demo"]);
    about(&folder, &of("results.csv"), &["a table (CSV)", "rows 8", "seed, t, y", "kept as results.csv"]);
    about(&folder, &of("a.npy"), &["a NumPy array", "[1, 4, 48, 84, 5]", "kept as"]);
    about(&folder, &of("map.json"), &["data (JSON)", "kept as"]);
    about(&folder, &of("README.md"), &["a text", "kept as"]);
    about(
        &folder,
        &of("start.safetensors"),
        &["a latent", "parts z z_t z_i.drums", "made by", "run demo", "seed 7", "kept as"],
    );
    about(&folder, &of("model"), &["a model", "hybrid "]);
    about(
        &folder,
        &of("set.npz"),
        &["a set of phrases", "made by", "script ", "run demo, config ", "kept as"],
    );
    about(&folder, &of("packed.npz"), &["a set of phrases", "made by", "run demo, config ", "kept as"]);
    about(&folder, &of("figures/score_matrix.png"), &["a PNG picture", "made by", "run demo, config "]);
    about(&folder, &of("figures/score_matrix_mean.npy"), &["a NumPy array", "kept as"]);
    about(&folder, &of("manifest.yaml"), &["the record of a run", "finished"]);
    about(&folder, &of(""), &["a script's run", "threshold 0.5", "model", "files"]);
    about(&folder, "given.mid", &["made by", "read as given.mid (demo"]);
    about(&folder, "elsewhere.mid", &["kept as elsewhere.mid (demo"]);
    // A file is known by its bytes wherever it goes, and its place by its name.
    fs::copy(run.join("results.csv"), folder.path().join("moved.csv")).unwrap();
    about(&folder, "moved.csv", &["kept as results.csv (demo"]);
    fs::write(run.join("results.csv"), "a\n1\n").unwrap();
    about(&folder, &of("results.csv"), &["changed", "is not what demo"]);
}

#[test]
fn about_is_honest_of_foreign_files_and_knows_models_and_sets() {
    let folder = workshop("");
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    put("x.bin", &[0, 159, 146, 150]);
    put("x.mid", b"MThd\0\0");
    put("x.csv", b"a,b\r\n1,2\r\n");
    put("x.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>");
    about(&folder, "x.bin", &["a kind that this program does not know", "nothing in it says what made it"]);
    about(&folder, "x.mid", &["a MIDI file", "damaged", "nothing in it says"]);
    about(&folder, "x.csv", &["rows 1", "columns a, b", "nothing in it says"]);
    about(&folder, "x.svg", &["an SVG picture", "nothing in it says"]);
    about(&folder, "a.rhai", &["a script", "sha256"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let at = |name: &str| root.join(name).display().to_string();
    about(&folder, &at("models/jamming"), &["a model", "jamming ", "steps of "]);
    about(&folder, &at("models/jamming/weights.safetensors"), &["tensors", "part of", "model jamming "]);
    about(&folder, &at("models/jamming/model.yaml"), &["the description of a model"]);
    about(&folder, &at("examples/data/tour_256.npz"), &["a set of phrases", "256", "drums, piano"]);
    about(&folder, &at("scripts/tiny.yaml"), &["the config of a training run", "600"]);
    let json = ricercar(&folder, &["about", "--json", "x.csv", "x.bin"]).well();
    assert!(json.contains("\"what\": \"a table (CSV)\"") && json.contains("\"file\": \"x.bin\""), "{json}");
    let message = ricercar(&folder, &["about", "nowhere.mid"]).failed(1);
    assert!(message.contains("nowhere.mid"), "{message}");
}
