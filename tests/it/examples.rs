//! The examples do what they say: every script through the built program, in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ricercar::base::{Cancel, Seed};
use ricercar::data::Dataset;
use ricercar::files;
use ricercar::metrics::set::jaccard;
use ricercar::model::config::Architecture;
use ricercar::model::{Critic, DecodeOptions, DeviceName, Generator, Latent, Library};
use ricercar::music::{Multitrack, Resolution};
use ricercar::train::TrainConfig;

use crate::program::Program;
use crate::tour::{Hold, shows};

#[allow(dead_code)] // its `main` is the example program's
#[path = "../../examples/embed.rs"]
mod embed;

/// A folder with nothing but a copy of the scripts and their data.
fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for part in ["examples", "examples/data"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    for part in ["", "data"] {
        for entry in fs::read_dir(from.join(part)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                let to = folder.path().join("examples").join(part).join(entry.file_name());
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    folder
}

/// Runs an example, which must write `files` that hold what their extensions say and nothing else; what
/// it printed.
fn run(folder: &Path, name: &str, arguments: &[&str], files: &[&str]) -> String {
    let path = format!("examples/{name}.rhai");
    let line = [&["run", &path][..], arguments].concat();
    let printed = Program::with(&line).within(folder).run().well();
    let found = written(folder);
    let mut expected: Vec<String> = files.iter().map(|file| format!("out/{file}")).collect();
    expected.sort();
    assert_eq!(found, expected);
    found.iter().for_each(|file| check(&folder.join(file)));
    // The encoder fits, step by step.
    let hold = if name == "11_encode" { Hold::ByShape } else { Hold::Exactly };
    shows(&format!("ricercar {}", line.join(" ")), &printed, &found, hold);
    printed
}

/// All files that an example has written, in order.
fn written(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    list(&folder.join("out"), "out", &mut found);
    found.sort();
    found
}

fn list(folder: &Path, name: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{name}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() { list(&entry.path(), &name, found) } else { found.push(name) }
    }
}

/// A file is read back, or at least begins as its kind does.
fn check(path: &Path) {
    let bytes = fs::read(path).unwrap();
    match path.extension().and_then(|e| e.to_str()) {
        Some("mid") => assert!(!read(path).is_silent(), "{}", path.display()),
        Some("png") => assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 1000, "{}", path.display()),
        Some("wav") => {
            let loudest = hound::WavReader::new(&bytes[..]).unwrap().into_samples::<i32>();
            let loudest = loudest.map(|sample| sample.unwrap().abs()).max().unwrap();
            assert!(loudest > 1000, "{}: {loudest}", path.display());
        }
        Some("csv") => assert!(String::from_utf8(bytes).unwrap().lines().count() > 1),
        Some("npz" | "npy") => assert!(!Dataset::load(path).unwrap().is_empty(), "{}", path.display()),
        Some("tsv") => assert!(String::from_utf8(bytes).unwrap().starts_with("split\tphrase\tset\tsong\t")),
        other => panic!("{}: {other:?}", path.display()),
    }
}

fn read(path: &Path) -> Multitrack {
    files::read(path, Resolution::MODEL).unwrap().music.into_piece(path).unwrap()
}

/// The notes of a track, whatever its roll's form.
fn notes(song: &Multitrack, track: &str) -> Vec<(usize, u8, usize)> {
    let track = song.track(track).map(|t| t.roll.notes()).unwrap_or_default();
    track.iter().map(|n| (n.start, n.pitch.number(), n.end)).collect()
}

#[test]
fn hello_generates_a_phrase_and_takes_it_home() {
    let folder = copied();
    let printed = run(folder.path(), "01_hello", &[], &["hello.mid", "hello.png", "hello.wav"]);
    assert!(printed.contains("drums") && printed.contains("strings"), "{printed}");
    assert_eq!(read(&folder.path().join("out/hello.mid")).bar_count(), 4);
}

#[test]
fn interpolation_writes_a_sheet_and_a_walk() {
    let folder = copied();
    let cells: Vec<String> = (0..25).map(|i| format!("sheet/{}-{}.mid", i / 5, i % 5)).collect();
    let mut files: Vec<&str> = cells.iter().map(String::as_str).collect();
    files.extend(["sheet.png", "walk.mid", "walk.png", "walk.wav"]);
    let printed = run(folder.path(), "02_interpolation", &[], &files);
    assert_eq!(printed.trim(), "a to b in 9 stops, 36 bars");
    let at = |name: &str| read(&folder.path().join("out").join(name));
    assert_eq!(at("walk.mid").bar_count(), 36);
    let corners = ["sheet/0-0.mid", "sheet/4-0.mid", "sheet/0-4.mid"].map(at);
    for (i, seed) in [1, 2, 3].into_iter().enumerate() {
        assert_same(&corners[i], &decoded(&[latent(seed)])[0], &[]);
    }
}

#[test]
fn accompaniment_leaves_the_given_bass_untouched() {
    let folder = copied();
    let names = ["take-1.mid", "take-1.wav", "take-2.mid", "take-2.wav", "take-3.mid", "take-3.wav"];
    run(folder.path(), "03_accompany", &[], &names);
    let given = read(&folder.path().join("examples/data/bass.mid")).first_bars(4).unwrap();
    let takes: Vec<Multitrack> =
        (1..=3).map(|i| read(&folder.path().join(format!("out/take-{i}.mid")))).collect();
    for take in &takes {
        assert!(!notes(take, "bass").is_empty());
        assert_eq!(notes(take, "bass"), notes(&given, "bass"));
        let velocities = |song: &Multitrack| {
            song.track("bass").unwrap().roll.notes().iter().map(|n| n.velocity).collect::<Vec<_>>()
        };
        assert_eq!(velocities(take), velocities(&given));
        assert!(["drums", "piano", "guitar", "strings"].iter().any(|name| !notes(take, name).is_empty()));
    }
    assert!(notes(&takes[0], "piano") != notes(&takes[1], "piano"), "takes are different answers");
}

#[test]
fn a_metric_sweep_prints_a_table_and_keeps_every_row() {
    let folder = copied();
    let printed = run(folder.path(), "04_metric_sweep", &["2"], &["sweep.csv", "sweep.png"]);
    assert!(printed.contains("piano.notes") && printed.contains("bass.empty_bar_rate"), "{printed}");
    let table = fs::read_to_string(folder.path().join("out/sweep.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 2 * 5, "{table}");
}

#[test]
fn training_leaves_a_model_that_plays_and_a_config_to_do_it_again() {
    let folder = copied();
    let line = ["run", "examples/05_train.rhai", "2"];
    let printed = Program::with(&line).within(folder.path()).run().well();
    assert!(printed.contains("critic") && printed.contains("drums"), "{printed}");
    shows("ricercar run examples/05_train.rhai 2", &printed, &written(folder.path()), Hold::ByShape);
    let out = folder.path().join("out");
    for name in
        ["tiny/model/model.yaml", "tiny/samples/step-000001.png", "tiny/evolution.png", "tiny/metrics.csv"]
    {
        assert!(out.join(name).is_file(), "{name}");
    }
    check(&out.join("critic.png"));
    assert!(out.join("tiny.mid").is_file());
    let again = TrainConfig::read(&out.join("tiny.yaml")).unwrap();
    assert_eq!((again.steps, again.batch_size, again.midi.tempo), (2, 8, 96.0));
    let data = folder.path().join("examples/data/tour_256.npz").canonicalize().unwrap();
    assert_eq!(again.data.file.canonicalize().unwrap(), data);
    assert_eq!(
        again,
        TrainConfig::read(&out.join("tiny/resolved.yaml"))
            .map(|ran| TrainConfig { data: again.data.clone(), ..ran })
            .unwrap()
    );
}

fn latent(seed: u64) -> Latent {
    let device = DeviceName::Cpu.open().unwrap().device;
    Library::default().load("hybrid", &device, true).unwrap().latent(Seed(seed))
}

fn decoded(latents: &[Latent]) -> Vec<Multitrack> {
    let device = DeviceName::Cpu.open().unwrap().device;
    let model = Library::default().load("hybrid", &device, true).unwrap();
    model.decode(latents, &DecodeOptions::default(), &Cancel::new()).unwrap()
}

/// Two pieces have the same notes in every track but those of `except`.
#[track_caller]
fn assert_same(a: &Multitrack, b: &Multitrack, except: &[&str]) {
    for name in ["drums", "piano", "guitar", "bass", "strings"] {
        if !except.contains(&name) {
            assert_eq!(notes(a, name), notes(b, name), "{name}");
        }
    }
}

#[test]
fn latent_parts_move_what_the_script_says() {
    let folder = copied();
    let amounts = ["0.0", "0.5", "1.0", "1.5"];
    let denser = amounts.map(|amount| format!("denser-{amount}.mid"));
    let mut files: Vec<&str> = denser.iter().map(String::as_str).collect();
    files.extend(["relative.mid", "borrowed-bass.mid"]);
    let printed = run(folder.path(), "07_latent_parts", &[], &files);

    let script = fs::read_to_string(folder.path().join("examples/07_latent_parts.rhai")).unwrap();
    let mut seeds = script.split("seed: ").skip(1).map(|rest| {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
        rest[..digits].parse::<u64>().unwrap()
    });
    let mut next_seed = || seeds.next().unwrap();
    let z = latent(next_seed());
    let paths = |names: [&str; 2]| names.map(str::to_owned);
    let busier = z.redraw(&paths(["z_i.drums", "z_it.drums"]), Seed(next_seed())).unwrap();
    let songs = decoded(&[z.clone(), busier]);
    let base = &songs[0];
    assert_same(base, &songs[1], &["drums"]);
    assert_ne!(notes(base, "drums"), notes(&songs[1], "drums"));
    let shown = printed.lines().skip_while(|line| !line.starts_with("Difference")).skip(1);
    let names = ["drums", "piano", "guitar", "bass", "strings"];
    let lit = shown.filter_map(|line| names.into_iter().find(|n| line.trim_start().starts_with(n)));
    assert_eq!(lit.collect::<Vec<_>>(), ["drums"], "{printed}");

    let at = |name: &str| read(&folder.path().join("out").join(name));
    let relative = at("relative.mid");
    let moved = ["drums", "piano", "guitar", "bass", "strings"]
        .into_iter()
        .filter(|name| notes(&relative, name) != notes(base, name))
        .count();
    assert!(moved >= 3, "{moved} tracks of the relative differ");
    let borrowed = at("borrowed-bass.mid");
    assert_same(&borrowed, base, &["bass"]);
    assert_ne!(notes(&borrowed, "bass"), notes(base, "bass"));

    assert_same(&at("denser-0.0.mid"), base, &[]);
    let rate = |amount: &str| -> f64 {
        let line = printed.lines().find_map(|line| line.strip_prefix(&format!("{amount}: ")));
        line.unwrap_or_else(|| panic!("{amount} in {printed}")).parse().unwrap()
    };
    let rates = amounts.map(rate);
    assert!(rates[3] > rates[0], "{rates:?}");
}

#[test]
fn a_song_has_a_form_in_which_what_returns_is_related() {
    let folder = copied();
    run(folder.path(), "12_form", &[], &["song.mid", "song.png", "short.mid"]);
    let bytes = || fs::read(folder.path().join("out/song.mid")).unwrap();
    let first = bytes();
    let song = read(&folder.path().join("out/song.mid"));
    assert_eq!(song.bar_count(), 32);
    for bar in 0..32 {
        assert!(!song.bars(bar, bar + 1).unwrap().is_silent(), "bar {bar}");
    }
    // The first phrases of both verses and of the first chorus.
    let [verse, chorus, again] = [4, 12, 16].map(|bar| song.bars(bar, bar + 4).unwrap());
    let [related, other] = [&verse, &chorus].map(|phrase| jaccard(&again, phrase).unwrap());
    assert!(related > 2.0 * other && related < 1.0, "{related} {other}");
    let resting = song.bars(0, 4).unwrap();
    assert!(resting.track("drums").is_ok_and(|track| track.roll.is_silent()));
    assert_eq!(read(&folder.path().join("out/short.mid")).bar_count(), 16);
    run(folder.path(), "12_form", &[], &["song.mid", "song.png", "short.mid"]);
    assert_eq!(bytes(), first);
}

#[test]
fn the_creator_runs_without_a_page() {
    let folder = copied();
    fs::create_dir(folder.path().join("out")).unwrap();
    let printed = run(folder.path(), "creator", &[], &[]);
    assert!(printed.starts_with("a phrase of 4 bars: denser than "), "{printed}");
}

#[test]
fn every_script_among_the_examples_is_run_here() {
    let source = include_str!("examples.rs");
    let folder = copied();
    let mut seen = 0;
    for entry in fs::read_dir(folder.path().join("examples")).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "rhai") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let is_run = source.contains(&format!("\"{name}\""))
                || source.contains(&format!("\"examples/{name}.rhai\""));
            assert!(is_run, "no test runs {name}");
            seen += 1;
        }
    }
    assert!(seen >= 5, "{seen} scripts");
}

#[test]
fn a_data_set_is_collected_chosen_from_divided_varied_and_kept() {
    let folder = copied();
    let mut files: Vec<String> = ["train", "valid"]
        .iter()
        .flat_map(|part| ["npz", "songs.tsv"].map(|kind| format!("{part}.{kind}")))
        .collect();
    files.extend((0..4).map(|i| format!("listen/000{i}.mid")));
    files.push("listen/songs.tsv".into());
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let printed = run(folder.path(), "06_data_set", &[], &files);
    assert!(printed.contains("no bass") && printed.contains("sounds  density  pitches"), "{printed}");
    let account = "examples/data/bass.mid      dropped  few_tracks  too few tracks have notes\n\
                   examples/data/tour_256.npz  used";
    assert!(printed.contains(account), "{printed}");
    let out = folder.path().join("out");
    let [train, valid] = ["train.npz", "valid.npz"].map(|name| Dataset::load(&out.join(name)).unwrap());
    assert_eq!(
        (train.len() % 12, train.splits(), valid.splits()),
        (0, vec!["train".to_owned()], vec!["valid".to_owned()])
    );
    // Three songs and one.
    assert_eq!((train.songs().len(), valid.songs().len()), (3, 1));
    assert!(train.songs().iter().all(|song| !valid.songs().contains(song)));
    assert!((valid.len() as f64 * 3.0 - train.len() as f64 / 12.0).abs() < 20.0);
    assert_eq!(read(&out.join("listen/0003.mid")).bar_count(), 4);
    // Once more, over what is there.
    run(folder.path(), "06_data_set", &[], &files);
}

#[test]
fn phrases_of_one_s_own_are_encoded_and_walked_from() {
    let folder = copied();
    let songs = ["mine-0", "mine-1", "walk", "relative", "other-drums", "drums--6", "drums-0", "drums-6"];
    let mut files: Vec<String> = songs.map(|name| format!("{name}.mid")).to_vec();
    files.push("walk.png".into());
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let printed = run(folder.path(), "11_encode", &[], &files);
    // The last row of each report is all tracks: name, note F1, overlap, …
    let met = printed.lines().filter(|line| line.starts_with("all "));
    let met: Vec<f64> = met.map(|line| line.split_whitespace().nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!(met.len(), 2, "{printed}");
    assert!(met.iter().all(|f1| *f1 > 0.3), "{printed}");
    let at = |name: &str| read(&folder.path().join(format!("out/{name}.mid")));
    assert_eq!(at("walk").bar_count(), 20);
    assert_same(&at("other-drums"), &at("drums-0"), &["drums"]);
    assert_ne!(notes(&at("other-drums"), "drums"), notes(&at("drums-0"), "drums"));
    let count = |name: &str| notes(&at(name), "drums").len();
    assert!(count("drums-6") > count("drums--6"), "{printed}");
}

#[test]
fn the_crate_serves_as_a_library() {
    let folder = tempfile::tempdir().unwrap();
    let losses = embed::run(folder.path()).unwrap();
    assert!(losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
    for name in ["phrase.mid", "phrase.png", "walk.mid", "walk.png"] {
        check(&folder.path().join(name));
    }
    assert_eq!(read(&folder.path().join("walk.mid")).bar_count(), 20);
    assert!(folder.path().join("tiny.safetensors").is_file());
}

#[test]
fn training_scripts_are_configs_of_networks_that_can_be_built() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut configs = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        // How songs become a set is tested with the collection.
        let trains = !path.ends_with("collect.yaml");
        if trains && path.extension().is_some_and(|extension| extension == "yaml") {
            let config = TrainConfig::read(&path).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(path.file_stem().unwrap().to_str(), Some(config.name.as_str()));
            let size = Generator::new(&config.model).layout().size();
            let critic = Critic::new(&config.model.grid, &config.critic).layout().size();
            assert!(size > 10_000 && critic > 10_000, "{}: {size} and {critic} numbers", config.name);
            configs.insert(config.name.clone(), config);
        }
    }
    for (name, model) in [
        ("hybrid", Architecture::hybrid_small()),
        ("accompany", Architecture::hybrid_small().accompanying()),
        ("jamming", Architecture::jamming()),
        ("composer", Architecture::composer()),
        ("convolutional", Architecture::convolutional_small()),
        ("convolutional_published", Architecture::convolutional()),
    ] {
        assert_eq!(configs[name].model, model, "{name}");
    }
    assert!(configs.contains_key("tiny") && configs["binary"].use_binary_neurons);
}

#[test]
fn a_piece_is_arranged_by_hand() {
    let folder = copied();
    let printed = run(folder.path(), "09_arrange", &[], &["arranged.mid", "arranged.png"]);
    assert!(printed.contains("bass"), "{printed}");
    let piece = read(&folder.path().join("out/arranged.mid"));
    assert_eq!(piece.bar_count(), 14);
    // The bass comes first, alone, the drums last.
    let sounding = |bar| {
        let bars = piece.bars(bar, bar + 2).unwrap();
        ["drums", "piano", "bass"].map(|name| !bars.track(name).unwrap().roll.is_silent())
    };
    assert_eq!([0, 2, 4].map(sounding), [[false, false, true], [false, true, true], [true, true, true]]);
    let pentatonic = [0, 2, 4, 7, 9];
    let classes = notes(&piece.bars(0, 8).unwrap(), "piano").into_iter().map(|(_, pitch, _)| pitch % 12);
    assert!(classes.into_iter().all(|class| pentatonic.contains(&class)));
}

#[test]
fn every_claim_of_the_script_test_holds() {
    let script = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/10_test.rhai")).unwrap();
    let names: Vec<&str> = script
        .lines()
        .filter_map(|line| line.strip_prefix("fn test_")?.split_once('('))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() >= 3, "{names:?}");
    let host = ricercar::script::Host::new(ricercar::script::Context::default());
    let told = Program::with(&["test", "examples/10_test.rhai"]).run().well();
    shows("ricercar test examples/10_test.rhai", &told, &[], Hold::Exactly);
    for name in names {
        let called = host.run_text("10_test", &format!("{script}\ntest_{name}();"), &[]);
        assert!(called.is_ok(), "{}", called.unwrap_err().render(false));
    }
}

#[test]
fn the_gallery_is_made_and_links_only_what_is_there() {
    let folder = copied();
    let scripts = folder.path().join("scripts");
    fs::create_dir(&scripts).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(root.join("scripts/gallery.rhai"), scripts.join("gallery.rhai")).unwrap();
    Program::with(&["run", "scripts/gallery.rhai", "smoke"]).within(folder.path()).run().well();
    for root in [folder.path(), root] {
        let page = fs::read_to_string(root.join("docs/gallery.md")).unwrap();
        let links: Vec<&str> = page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(links.len() >= 8, "{links:?}");
        let local = links.into_iter().filter(|link| link.starts_with("gallery/"));
        local.for_each(|link| check(&root.join("docs").join(link)));
    }
}

#[test]
fn a_run_keeps_its_results_and_comes_out_the_same_again() {
    let folder = copied();
    let ricercar = |line: &[&str]| Program::with(line).within(folder.path()).run().well();
    let printed = ricercar(&["run", "examples/08_run.rhai", "2"]);
    shows("ricercar run examples/08_run.rhai 2", &printed, &[], Hold::ByShape);
    let kept = folder.path().join(printed.trim().trim_start_matches("kept in "));
    for name in ["rows.csv", "notes.png", "takes/middle.mid"] {
        check(&kept.join(name));
    }
    assert!(ricercar(&["runs", "--metric", "notes"]).contains("finished"));
    assert!(ricercar(&["rerun", "thresholds", "--verify"]).starts_with("all agree: 4 files"));
}
