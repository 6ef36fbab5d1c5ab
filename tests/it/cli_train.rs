//! `ricercar train` with a network of a few hundred numbers.

use std::path::Path;

use ricercar::base::Seed;
use ricercar::music::{Family, Multitrack, Note, Pianoroll, Pitch, Resolution, Track};
use ricercar::npz::{PhraseArray, write_phrases};
use ricercar::train::TrainConfig;

use crate::program::Program;

/// A folder with 16 phrases and a config `tiny.yaml` for `steps` steps on them.
pub fn workshop(steps: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut phrases = PhraseArray::standard();
    let mut rng = Seed(5).stream("phrases");
    for _ in 0..16 {
        let length = phrases.steps();
        let mut track = |family: Family| {
            let notes: Vec<Note> = (0..12)
                .map(|n| {
                    let pitch = Pitch::new(36 + rng.below(40) as i64).unwrap();
                    Note { start: n * 16, pitch, end: n * 16 + 12, velocity: 100 }
                })
                .collect();
            Track::of_family(family, Pianoroll::from_notes(length, &notes))
        };
        let tracks = Family::ALL.map(&mut track).to_vec();
        phrases.push(&Multitrack::new(tracks, Resolution::MODEL)).unwrap();
    }
    write_phrases(&folder.path().join("phrases.npz"), &phrases, None).unwrap();
    let config = format!(
        "name: tiny\ndata: {{ file: phrases.npz }}\nmodel:\n  grid: {{ tracks: [drums, piano, guitar, bass, strings], \
         bars: 4, steps_per_bar: 4, planes: 2, lowest_pitch: 24, octaves: 7 }}\n  \
         latent: {{ z: 4, z_t: 4, z_i: 4, z_it: 4 }}\n  \
         generator: {{ temporal: 8, harmony: 4, beat: 8, step: 4, octave: 4, cell: 4 }}\n\
         critic: {{ private: 4, merged: 4, window: 8, shared: 8, chroma: 8, onset: 4, register: 4, join: 8 }}\n\
         steps: {steps}\nbatch_size: 4\ninitial_learning_rate: 0.001\ngan_loss_type: wasserstein\n\
         use_gradient_penalties: true\nlog_loss_steps: 1\n"
    );
    std::fs::write(folder.path().join("tiny.yaml"), config).unwrap();
    folder
}

#[test]
fn a_finished_run_leaves_a_model_that_loads_and_is_not_run_over() {
    let folder = workshop(3);
    let train = || Program::with(&["train", "tiny.yaml", "--device", "cpu"]).within(folder.path()).run();
    let ended = train();
    assert!(ended.stderr.contains("step 3 of 3: critic "), "{ended:?}");
    assert_eq!(ended.well().trim(), "runs/tiny/model");
    for name in ["resolved.yaml", "log.csv", "checkpoint.safetensors", "model/model.yaml"] {
        assert!(folder.path().join("runs/tiny").join(name).is_file(), "{name}");
    }
    let models = Program::with(&["models", "--models", "runs/tiny"]).within(folder.path()).run().well();
    assert!(models.contains("runs/tiny/model"), "{models}");
    let message = train().failed(1);
    assert!(message.contains("--resume"), "{message}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_a_checkpoint_that_goes_on() {
    let folder = workshop(1_000_000);
    let line = "\"$0\" train tiny.yaml --out here & child=$!; until [ -s here/resolved.yaml ]; do sleep 0.05; done; \
                sleep 0.3; kill -INT $child; wait $child";
    let ended = Program::in_shell(&format!("set -m; {line}")).within(folder.path()).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{ended:?}");
    assert!(ended.stderr.contains("stopped after step ") && ended.stderr.contains("--resume"), "{ended:?}");
    let config = folder.path().join("tiny.yaml");
    let steps = last_step(folder.path());
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("steps: 1000000", &format!("steps: {}", steps + 1))).unwrap();
    let line = ["train", "tiny.yaml", "--out", "here", "--resume"];
    assert_eq!(Program::with(&line).within(folder.path()).run().well().trim(), "here/model");
    assert_eq!(last_step(folder.path()), steps + 1);
}

#[cfg(unix)]
#[test]
fn a_killed_run_goes_on_to_the_same_weights() {
    let folder = workshop(60);
    let config = folder.path().join("tiny.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    let more = "save_checkpoint_steps: 4\nuse_spectral_norm: true\nuse_random_transpose: true\n\
                augmentation: { beat_shift: 0.5, track_drop_out: 0.5 }\n\
                n_dis_updates_warmup: { updates: 3, steps: 2, every: 10 }\nsave_plots: false\n";
    std::fs::write(&config, text + more).unwrap();
    let train = |arguments: &[&str]| {
        Program::with(&[&["train", "tiny.yaml"], arguments].concat()).within(folder.path()).run()
    };
    let paced = train(&["--out", "whole"]);
    assert!(paced.stderr.contains(" steps/s, 0:0"), "{paced:?}");
    paced.well();
    let line = "\"$0\" train tiny.yaml --out here & child=$!; \
                until [ -s here/checkpoints/step-000008.safetensors ]; do sleep 0.01; done; \
                kill -KILL $child; wait $child";
    let ended = Program::in_shell(&format!("set -m; {line}")).within(folder.path()).run();
    assert_eq!(ended.code, Some(128 + 9), "{ended:?}");
    assert!((8..60).contains(&last_step(folder.path())) && !folder.path().join("here/model").exists());
    train(&["--out", "here", "--resume"]).well();
    for name in ["checkpoint.safetensors", "log.csv", "model/weights.safetensors"] {
        let bytes = |run: &str| std::fs::read(folder.path().join(run).join(name)).unwrap();
        assert!(bytes("whole") == bytes("here"), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_last_checkpoint_whole() {
    let folder = workshop(3);
    let train = |limit: &str, arguments: &str| {
        let line = format!("{limit} exec \"$0\" train tiny.yaml --out here {arguments}");
        Program::in_shell(&line).within(folder.path()).run()
    };
    train("", "").well();
    let checkpoint = folder.path().join("here/checkpoint.safetensors");
    let before = std::fs::read(&checkpoint).unwrap();
    let files = || {
        let list = |path: &str| std::fs::read_dir(folder.path().join(path)).unwrap().count();
        (list("here"), list("here/checkpoints"))
    };
    let count = files();
    let config = folder.path().join("tiny.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("steps: 3", "steps: 4")).unwrap();
    // Room for the small files, and for half a checkpoint.
    let blocks = before.len() / 2048;
    let message = train(&format!("ulimit -f {blocks};"), "--resume").failed(1);
    assert!(message.contains("cannot write `here/checkpoint.safetensors`"), "{message}");
    assert!(message.contains("nothing was written"), "{message}");
    assert!(std::fs::read(&checkpoint).unwrap() == before);
    assert_eq!(files(), count, "nothing half-written is left");
    train("", "--resume").well();
    assert_eq!(last_step(folder.path()), 4);
}

/// The step of the last line of the log in `here`.
fn last_step(folder: &Path) -> u64 {
    let log = std::fs::read_to_string(folder.join("here/log.csv")).unwrap();
    log.lines().last().and_then(|line| line.split(',').next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn a_misspelt_key_is_refused_before_anything_is_written() {
    let folder = workshop(3);
    let config = folder.path().join("tiny.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("batch_size", "batch_sizes")).unwrap();
    let message = Program::with(&["train", "tiny.yaml"]).within(folder.path()).run().failed(1);
    assert!(message.contains("tiny.yaml") && message.contains("batch_size"), "{message}");
    assert!(!folder.path().join("runs").exists());
}

#[test]
fn a_new_config_is_explained_runs_and_is_not_written_over() {
    let folder = workshop(3);
    let new = |more: &[&str]| {
        let line = [&["new", "first", "--note", "my first run", "--model", "tiny"], more].concat();
        Program::with(&line).within(folder.path()).run()
    };
    let message = new(&["--data", "none.npz"]).failed(1);
    assert!(message.contains("none.npz") && !folder.path().join("first").exists(), "{message}");
    let message = Program::with(&["new", "x", "--model", "hybird"]).within(folder.path()).run().failed(1);
    assert!(message.contains("did you mean `hybrid`?"), "{message}");
    let ended = new(&["--data", "phrases.npz", "--seed", "5"]);
    assert!(ended.stderr.contains("next: ricercar train first/config.yaml"), "{ended:?}");
    assert_eq!(ended.well().trim(), "first/config.yaml");
    let config = folder.path().join("first/config.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(
        text.starts_with("# my first run\n") && text.contains("\nname: first") && text.contains("seed: 5"),
        "{text}"
    );
    let message = new(&[]).failed(1);
    assert!(message.contains("first/config.yaml` exists already"), "{message}");
    assert_eq!(std::fs::read_to_string(&config).unwrap(), text);
    let replaced = |text: &str, key: &str, value: &str| -> String {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        text.replace(line, &format!("{key} {value}"))
    };
    let mut text = replaced(&text, "steps:", "1");
    for (key, value) in
        [("save_samples_steps:", "0"), ("evaluate_steps:", "0"), ("batch_size:", "2"), ("micro_batch:", "0")]
    {
        text = replaced(&text, key, value);
    }
    std::fs::write(&config, text).unwrap();
    let ended = Program::with(&["train", "first", "--device", "cpu"]).within(folder.path()).run();
    assert_eq!(ended.well().trim(), "runs/first/model");
}

#[test]
fn a_script_hears_every_step_and_ends_the_run_by_false_or_an_error() {
    let folder = workshop(4);
    let run = |on_step: &str, resume: bool| {
        let script = format!(
            "let run = train::run(\"tiny.yaml\", #{{ folder: \"here\", resume: {resume}, on_step: {on_step} }}); \
             print(`${{run.step}} ${{run.finished}}`)"
        );
        Program::with(&["-e", &script]).within(folder.path()).run()
    };
    let heard =
        "|at| { print(`${at.step} of ${at.steps}: ${at.keys().len()}, ${at.critic.is_nan()}`); at.step < 2 }";
    assert_eq!(run(heard, false).well(), "1 of 4: 6, false\n2 of 4: 6, false\n2 false\n");
    assert_eq!(last_step(folder.path()), 2);
    let message = run("|at| if at.step == 3 { throw \"enough\" }", true).failed(1);
    assert!(message.contains("enough"), "{message}");
    assert_eq!(last_step(folder.path()), 3);
    assert_eq!(run("|at| ()", true).well(), "4 true\n");
    let message = run("7", true).failed(1);
    assert!(message.contains("`on_step` must be a function"), "{message}");
}

#[test]
fn a_config_in_the_folder_of_its_run_stays_as_its_author_wrote_it() {
    let folder = workshop(2);
    let home = folder.path().join("runs/tiny");
    std::fs::create_dir_all(&home).unwrap();
    let config = home.join("config.yaml");
    let text = std::fs::read_to_string(folder.path().join("tiny.yaml")).unwrap();
    let text = text.replace("phrases.npz", "../../phrases.npz") + "# what I learnt: \u{266a} enough\r\n";
    let train = |steps: u64, more: &[&str]| {
        let text = text.replace("steps: 2", &format!("steps: {steps}"));
        std::fs::write(&config, &text).unwrap();
        let line = [&["train", "runs/tiny", "--device", "cpu"], more].concat();
        assert_eq!(Program::with(&line).within(folder.path()).run().well().trim(), "runs/tiny/model");
        assert_eq!(std::fs::read(&config).unwrap(), text.as_bytes());
        let resolved = TrainConfig::read(&home.join("resolved.yaml")).unwrap();
        assert_eq!(resolved.steps, steps);
        assert!(resolved.data.file.is_absolute() && resolved.data.file.is_file(), "{:?}", resolved.data);
    };
    train(2, &[]);
    train(3, &["--resume"]);
    // What a run wrote can be trained by, and is no author's: a seed of the command line is kept in it.
    let line = ["train", "runs/tiny/resolved.yaml", "--resume", "--out", "runs/tiny", "--seed", "9"];
    Program::with(&line).within(folder.path()).run().well();
    assert_eq!(TrainConfig::read(&home.join("resolved.yaml")).unwrap().seed, 9);
}

#[test]
fn files_of_its_author_are_not_written_over_by_a_run() {
    let folder = workshop(2);
    let text = std::fs::read_to_string(folder.path().join("tiny.yaml")).unwrap();
    for name in ["run.yaml", "resolved.yaml"] {
        let home = folder.path().join(name).with_extension("");
        std::fs::create_dir(&home).unwrap();
        let (path, text) = (home.join(name), text.replace("{ file: ", "{ file: ../"));
        std::fs::write(&path, &text).unwrap();
        let (config, out) = (path.display().to_string(), home.display().to_string());
        let line = ["train", &config, "--out", &out, "--seed", "7"];
        let message = Program::with(&line).within(folder.path()).run().failed(1);
        assert!(message.contains(&format!("{name}` exists already")), "{message}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(std::fs::read_dir(&home).unwrap().count(), 1);
    }
}
