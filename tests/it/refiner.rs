//! Binary neurons and refiners: the three ways to train one, and how their models play.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use ricercar::base::{Cancel, Seed, Stamp};
use ricercar::model::config::Network;
use ricercar::model::{
    Binarization, DecodeOptions, DeviceName, Generator, HostTensor, Latent, Library, Model, NeuronKind,
    Neurons, decode,
};
use ricercar::train::{LogLine, Observer, RunOptions, TrainConfig, TrainError, Unobserved, run};

const CONFIG: &str = "
name: small
seed: 1
data: { file: DATA }
model:
  grid: { tracks: [drums, piano, bass], bars: 4, steps_per_bar: 8, planes: 2, lowest_pitch: 36, octaves: 4 }
  latent: { z: 3, z_t: 3, z_i: 3, z_it: 3 }
  generator: { temporal: 6, harmony: 4, beat: 8, step: 6, octave: 4, cell: 4 }
critic: { private: 6, merged: 4, window: 6, shared: 6, chroma: 4, onset: 4, register: 4, join: 6 }
steps: 4
batch_size: 4
micro_batch: 2
initial_learning_rate: 0.01
gan_loss_type: wasserstein
use_gradient_penalties: true
log_loss_steps: 1
";

const REFINER: &str = "  refiner: { channels: 2, units: 2 }\n";
const NEURONS: &str = "use_binary_neurons: true\nuse_slope_annealing: true\n";
const WARM: &str = "warm_start: first/checkpoint.safetensors\n";

/// A folder for runs, with a trained generator in `first`.
struct Workshop(tempfile::TempDir);

impl Workshop {
    fn new() -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        shop.run(&shop.config("", "").unwrap(), "first");
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// [`CONFIG`] with more in its model and at its end.
    fn config(&self, model: &str, more: &str) -> Result<TrainConfig, TrainError> {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz");
        let text = CONFIG.replace("DATA", data.to_str().unwrap());
        let text = text.replace("critic:", &format!("{model}critic:"));
        fs::write(self.path("config.yaml"), text + more).unwrap();
        TrainConfig::read(&self.path("config.yaml"))
    }

    fn run(&self, config: &TrainConfig, name: &str) {
        let options = RunOptions {
            folder: self.path(name),
            resume: false,
            device: DeviceName::Cpu,
            library: Library::default(),
            stamp: Stamp::of_program(),
        };
        assert!(run(config, &options, &mut Unobserved, &Cancel::new()).unwrap().finished);
    }

    /// A run that is stopped after two steps and then goes on.
    fn run_in_two(&self, config: &TrainConfig, name: &str) {
        let cancel = Cancel::new();
        let mut options = RunOptions {
            folder: self.path(name),
            resume: false,
            device: DeviceName::Cpu,
            library: Library::default(),
            stamp: Stamp::of_program(),
        };
        assert!(!run(config, &options, &mut StopsAtTwo(cancel.clone()), &cancel).unwrap().finished);
        options.resume = true;
        assert!(run(config, &options, &mut Unobserved, &Cancel::new()).unwrap().finished);
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The matrices of a generator in a checkpoint, `generator` or its `average`.
    fn matrices(&self, config: &TrainConfig, run: &str, which: &str) -> HashMap<String, Vec<f32>> {
        let path = self.path(&format!("{run}/checkpoint.safetensors"));
        let (tensors, _) = decode(&path, &fs::read(&path).unwrap()).unwrap();
        let HostTensor { values, .. } = tensors.into_iter().find(|t| t.name == which).unwrap();
        let generator = Generator::new(&config.model);
        let matrix = |e: &ricercar::model::Entry| {
            let size = e.shape.iter().product::<usize>();
            (e.name.clone(), values[e.offset..e.offset + size].to_vec())
        };
        generator.layout().entries().iter().map(matrix).collect()
    }

    fn model(&self, run: &str) -> Model {
        let folder = self.path(&format!("{run}/model"));
        Library::default().load(folder.to_str().unwrap(), &Device::flex(), true).unwrap()
    }
}

/// Presses Ctrl-C after two steps.
struct StopsAtTwo(Cancel);

impl Observer for StopsAtTwo {
    fn logged(&mut self, line: &LogLine) {
        if line.step == 2 {
            self.0.raise();
        }
    }
}

#[test]
fn a_refiner_in_two_stages_leaves_the_generator_as_it_was() {
    let shop = Workshop::new();
    let plain = shop.config("", "").unwrap();
    let trained = shop.matrices(&plain, "first", "average");
    let config = shop.config(REFINER, &format!("{NEURONS}{WARM}")).unwrap();
    shop.run(&config, "second");
    for which in ["generator", "average"] {
        let after = shop.matrices(&config, "second", which);
        let (refiner, generator): (HashMap<_, _>, HashMap<_, _>) =
            after.into_iter().partition(|(name, _)| name.starts_with("refiner/"));
        assert!(generator == trained, "{which}: every bit of the generator is as it was");
        assert!(refiner["refiner/1/second/weight"].iter().all(|x| *x != 0.0), "{which}: the refiner learns");
    }
    let joint = shop.config(REFINER, &format!("{NEURONS}{WARM}refiner_training: joint\n")).unwrap();
    shop.run(&joint, "joint");
    let after = shop.matrices(&joint, "joint", "generator");
    assert!(trained.iter().all(|(name, values)| after[name] != *values));
}

#[test]
fn every_way_to_train_a_refiner_goes_on_after_a_stop_and_gives_a_model() {
    let shop = Workshop::new();
    let ways = [
        ("alone", "binary_neurons: stochastic\n", WARM),
        ("joint", "refiner_training: joint\n", WARM),
        ("both", "refiner_training: end_to_end\nbinary_neurons: stochastic\n", ""),
    ];
    for (name, how, start) in ways {
        let slope = "slope_schedule: { start: 0, end: 8, end_value: 5 }\n";
        let config = shop.config(REFINER, &format!("{NEURONS}{how}{slope}{start}")).unwrap();
        shop.run(&config, name);
        shop.run_in_two(&config, "parts");
        for file in ["checkpoint.safetensors", "model/weights.safetensors", "model/model.yaml"] {
            let [whole, parts] = [name, "parts"].map(|run| shop.bytes(&format!("{run}/{file}")));
            assert!(whole == parts, "{name}: {file} is the same to the last bit");
        }
        fs::remove_dir_all(shop.path("parts")).unwrap();
        let model = shop.model(name);
        let kind =
            if how.contains("stochastic") { NeuronKind::Stochastic } else { NeuronKind::Deterministic };
        assert_eq!(model.neurons(), Some(Neurons { kind, slope: 3.0 }), "the slope half way");
        assert!(model.parameter_count() > shop.model("first").parameter_count());
    }
}

#[test]
fn a_model_plays_through_its_neurons_unless_told_otherwise() {
    let shop = Workshop::new();
    let play = |model: &Model, latents: &[Latent], binarization| {
        let options = DecodeOptions { binarization, tempo: None };
        let songs = model.decode(latents, &options, &Cancel::new()).unwrap();
        songs.into_iter().map(|song| song.tracks().to_vec()).collect::<Vec<_>>()
    };
    shop.run(&shop.config("", "use_binary_neurons: true\n").unwrap(), "deterministic");
    let model = shop.model("deterministic");
    let latents = [7, 8].map(|seed| model.latent(Seed(seed)));
    let own = play(&model, &latents, Binarization::AsTrained);
    assert!(own == play(&model, &latents, Binarization::Threshold(0.5)));
    assert!(own != play(&model, &latents, Binarization::Calibrated));

    shop.run(
        &shop.config("", "use_binary_neurons: true\nbinary_neurons: stochastic\n").unwrap(),
        "stochastic",
    );
    let model = shop.model("stochastic");
    let own = play(&model, &latents, Binarization::AsTrained);
    assert!(own != play(&model, &latents, Binarization::Threshold(0.5)));
    assert!(own[1..] == play(&model, &latents[1..], Binarization::AsTrained), "whatever stands beside it");

    let plain = shop.model("first");
    let own = play(&plain, &latents, Binarization::AsTrained);
    assert!(own == play(&plain, &latents, Binarization::Calibrated));
}

#[test]
fn a_generator_of_other_sizes_cannot_be_frozen() {
    let shop = Workshop::new();
    let mut config = shop.config(REFINER, &format!("{NEURONS}{WARM}")).unwrap();
    let Network::Bars { generator, .. } = &mut config.model.network else { panic!("it is a hybrid") };
    generator.step = 7;
    let options = RunOptions {
        folder: shop.path("second"),
        resume: false,
        device: DeviceName::Cpu,
        library: Library::default(),
        stamp: Stamp::of_program(),
    };
    let error = run(&config, &options, &mut Unobserved, &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("`step/weight`") && error.contains("checkpoint"), "{error}");
}
