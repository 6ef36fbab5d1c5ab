//! A graphics card gives the processor's numbers. Compiled with `--features gpu`; where no adapter is
//! found, a test says that it is skipped.
//!
//! Each test is a process of its own with a limit on its time, as drivers crash and hang. A program that
//! stands in for a card (lavapipe) will do: see docs/gpu.md.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ricercar::base::{Cancel, Seed};
use ricercar::model::{Cells, DeviceName, Library, Model, NeuronKind, Opened, devices};
use ricercar::train::config::RefinerTraining;
use ricercar::train::{Corpus, TrainConfig, Trainer, load_data};

/// Set in the process that does the work.
const CHILD: &str = "RICERCAR_TEST_GPU";
/// How long one process may take: kernels are compiled and tuned in it.
const LIMIT: Duration = Duration::from_secs(900);
/// How far logits may be apart, as a share of the largest: sums are in another order.
const NEAR: f32 = 1e-5;
/// How far losses may be, the generator's being that of a critic that has learnt once.
const NEAR_LOSS: f32 = 1e-4;

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
