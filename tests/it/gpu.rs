//! A graphics card gives the processor's numbers. Compiled with `--features gpu`; where no adapter is
//! found, a test says that it is skipped.
//!
//! Each test is a process of its own with a limit on its time, as drivers crash and hang. A program that
//! stands in for a card (lavapipe) will do: see docs/gpu.md.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ricercar::base::{Cancel, Seed, Silent};
use ricercar::metrics::Sixteenths;
use ricercar::midi;
use ricercar::model::{Cells, DeviceName, EncodeOptions, Library, Model, NeuronKind, Opened, Start, devices};
use ricercar::music::{Multitrack, Resolution};
use ricercar::train::config::RefinerTraining;
use ricercar::train::{Corpus, TrainConfig, Trainer, load_data};

use crate::program::Program;

/// Set in the process that does the work.
const CHILD: &str = "RICERCAR_TEST_GPU";
/// How long one process may take: kernels are compiled and tuned in it.
const LIMIT: Duration = Duration::from_secs(900);
/// How far logits may be apart, as a share of the largest: sums are in another order.
const NEAR: f32 = 1e-5;
/// How far losses may be, the generator's being that of a critic that has learnt once.
const NEAR_LOSS: f32 = 1e-4;

/// How far the losses of a short search for a latent may be: each step follows what the one before it found.
const NEAR_WALK: f32 = 1e-3;
/// Share of notes that are the same: where a cell is as likely as not, the last digit decides.
const ALIKE: f64 = 0.97;

/// Runs the rest of the test called `name` in a process of its own. True in that process.
fn is_child(name: &str) -> bool {
    if env::var_os(CHILD).is_some() {
        return true;
    }
    if !devices().iter().any(|device| device.name == "gpu" && device.usable) {
        eprintln!("{name}: skipped, as there is no graphics card");
        return false;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(CHILD, "1").stdin(Stdio::null());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if start.elapsed() > LIMIT => {
                child.kill().unwrap();
                panic!("no end after {LIMIT:?}");
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    assert!(status.success(), "{status}");
    false
}

fn both() -> [Opened; 2] {
    [DeviceName::Cpu, DeviceName::Gpu(0)].map(|name| name.open().unwrap())
}

fn load(name: &str, on: &Opened) -> Model {
    let folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("models")];
    Library { folders }.load(name, &on.device, on.is_cpu).unwrap()
}

#[track_caller]
fn assert_near(what: &str, a: &[f32], b: &[f32], near: f32) {
    assert_eq!(a.len(), b.len());
    let largest = a.iter().map(|x| x.abs()).fold(0.0, f32::max);
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= near * largest, "{what}, number {i}: {a} on the processor, {b} on the card");
    }
}

#[test]
fn every_model_has_the_same_logits_on_both() {
    if !is_child("gpu::every_model_has_the_same_logits_on_both") {
        return;
    }
    let [cpu, gpu] = both();
    for name in ["hybrid", "convolutional", "composer", "accompany", "binary"] {
        let models = [load(name, &cpu), load(name, &gpu)];
        let song = load("hybrid", &cpu);
        let song = song.decode(&[song.latent(Seed(3))], &Default::default(), &Cancel::new()).unwrap();
        let cells = Cells::from_music(&models[0].architecture().grid, &song[0]);
        let mask = [true, false, false, true, false];
        let given = models[0].accompanies().then_some((&cells, &mask[..]));
        let latents: Vec<_> = (0..3).map(|i| models[0].latent(Seed(i))).collect();
        let [a, b] = models.map(|model| model.logits(&latents, given, &Cancel::new()).unwrap().concat());
        assert_near(name, &a, &b, NEAR);
    }
}

/// What two pieces share of their notes: 1 when they are the same.
fn shared(a: &Multitrack, b: &Multitrack) -> f64 {
    Sixteenths::of(a).overall(&Sixteenths::of(b)).note_f1().unwrap()
}

#[test]
fn encoding_walks_the_same_way_on_both() {
    if !is_child("gpu::encoding_walks_the_same_way_on_both") {
        return;
    }
    let [cpu, gpu] = both();
    let composer = load("hybrid", &cpu);
    let song = composer.decode(&[composer.latent(Seed(3))], &Default::default(), &Cancel::new()).unwrap();
    for (name, given) in [("hybrid", &[][..]), ("convolutional", &[]), ("accompany", &["bass".to_owned()])] {
        let models = [load(name, &cpu), load(name, &gpu)];
        let start = Start::Latent(models[0].latent(Seed(5)));
        let options =
            EncodeOptions { steps: 4, climb: 4, start, given: given.to_vec(), ..Default::default() };
        let [a, b] = [0, 1].map(|i| models[i].encode(&song[0], &options, &Silent, &Cancel::new()).unwrap());
        assert_near(name, &a.losses, &b.losses, NEAR_WALK);
        // What was found on the card is found there by the processor.
        let again = match given {
            [] => models[0].decode(std::slice::from_ref(&b.latent), &Default::default(), &Cancel::new()),
            _ => {
                let given = b.phrase.only(given).unwrap();
                models[0].accompany(
                    &given,
                    std::slice::from_ref(&b.latent),
                    &Default::default(),
                    &Cancel::new(),
                )
            }
        };
        let same = shared(&again.unwrap()[0], &b.music);
        assert!(same > ALIKE, "{name}: {same}");
    }
}

#[test]
fn the_command_line_does_on_a_card_what_it_does_on_the_processor() {
    if !is_child("gpu::the_command_line_does_on_a_card_what_it_does_on_the_processor") {
        return;
    }
    let script = r#"
        let composer = model::load("hybrid");
        let song = composer.generate(#{ seed: 27 });
        song.save("song.mid");
        model::load("accompany").accompany(song.only(["bass"]), #{ seed: 4 }).save("answer.mid");
        composer.encode(song, #{ steps: 2, candidates: 4, starts: 1, climb: 4 }).song.save("found.mid");
        let run = train::run("tiny.yaml", #{ folder: "run" });
        model::load(run.model).generate(#{ seed: 1 }).save("trained.mid");
        print(run.step);
    "#;
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tiny = std::fs::read_to_string(root.join("scripts/tiny.yaml")).unwrap();
    let data = root.join("examples/data");
    let tiny = tiny
        .replace("../examples/data", data.to_str().unwrap())
        .replace("steps: 600", "steps: 2")
        .replace("batch_size: 16", "batch_size: 4")
        .replace("micro_batch: 8", "micro_batch: 2");
    let work = |device: &str| {
        let within = folder.path().join(device.replace(':', "_"));
        std::fs::create_dir(&within).unwrap();
        std::fs::write(within.join("script.rhai"), script).unwrap();
        std::fs::write(within.join("tiny.yaml"), &tiny).unwrap();
        let models = root.join("models");
        let arguments = ["run", "script.rhai", "--device", device, "--models", models.to_str().unwrap()];
        let ended = Program::with(&arguments).within(&within).run();
        assert_eq!(ended.code, Some(0), "{device}: {}", ended.stderr);
        assert_eq!(ended.stdout.trim(), "2", "{device}");
        within
    };
    let [cpu, gpu] = ["cpu", "gpu:0"].map(work);
    for file in ["song.mid", "answer.mid", "found.mid"] {
        let [a, b] = [&cpu, &gpu].map(|folder| {
            let score = midi::read(&folder.join(file)).unwrap();
            score.to_multitrack(Resolution::MODEL).unwrap()
        });
        let same = shared(&a, &b);
        assert!(same > ALIKE, "{file}: {same}");
    }
    assert!(gpu.join("trained.mid").exists());
    let listed = Program::with(&["devices"]).run();
    assert!(listed.stdout.contains("gpu"), "{}", listed.stdout);
}

#[test]
fn training_begins_with_the_same_losses_on_both() {
    if !is_child("gpu::training_begins_with_the_same_losses_on_both") {
        return;
    }
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let tiny = TrainConfig::read(&scripts.join("tiny.yaml")).unwrap();
    let refined = TrainConfig::read(&scripts.join("binary.yaml")).unwrap();
    let mut binary = TrainConfig { data: tiny.data.clone(), critic: tiny.critic, ..refined };
    (binary.batch_size, binary.refiner_training) = (4, Some(RefinerTraining::EndToEnd));
    binary.binary_neurons = NeuronKind::Stochastic;
    for config in [tiny, binary] {
        let corpus = Corpus::new(&config.model.grid, &load_data(&config.data).unwrap()).unwrap();
        let losses = |on: &Opened| -> Vec<f32> {
            let mut trainer = Trainer::new(&config, &corpus, &on.device).unwrap();
            trainer.advance(&corpus).read().unwrap().to_vec()
        };
        let [a, b] = both().map(|on| losses(&on));
        assert_near(&config.name, &a, &b, NEAR_LOSS);
    }
}
