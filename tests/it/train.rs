//! Training runs with networks of a few thousand numbers: what they write, that they repeat to the last
//! bit, and what they refuse.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor};
use ricercar::base::{Cancel, Seed, Stamp};
use ricercar::model::{
    Cells, DeviceName, Given, Latent, LatentLayout, Library, Model, Norm, decode, to_tensor,
};
use ricercar::music::Multitrack;
use ricercar::npz::{PhraseArray, read_phrases, write_phrases};
use ricercar::train::{
    Corpus, LogLine, Observer, RunEnd, RunOptions, StepReport, TrainConfig, TrainError, Trainer, Unobserved,
    load_data, load_sets, run,
};
use sha2::{Digest, Sha256};

const CONFIG: &str = "
name: small
seed: 1
data: { file: phrases.npz }
model:
  grid: { tracks: [drums, piano, bass], bars: 4, steps_per_bar: 8, planes: 2, lowest_pitch: 24, octaves: 7 }
  latent: { z: 3, z_t: 3, z_i: 3, z_it: 3 }
  generator: { temporal: 6, harmony: 4, beat: 8, step: 6, octave: 4, cell: 4 }
critic: { private: 6, merged: 4, window: 6, shared: 6, chroma: 4, onset: 4, register: 4, join: 6 }
steps: 6
batch_size: 4
micro_batch: 2
initial_learning_rate: 0.001
gan_loss_type: wasserstein
use_gradient_penalties: true
mismatch_weight: 0.2
log_loss_steps: 1
save_samples_steps: 2
evaluate_steps: 3
sample_grid: [1, 2]
save_plots: false
";

/// A folder with real phrases and a place for runs.
struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    fn new() -> Self {
        Self::with_phrases(&tour().select(0..24))
    }

    fn with_phrases(phrases: &PhraseArray) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_phrases(&folder.path().join("phrases.npz"), phrases, None).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// [`CONFIG`] with some of its text replaced, read from a file as a person's would be.
    fn config(&self, changes: &[(&str, &str)]) -> Result<TrainConfig, TrainError> {
        let mut text = CONFIG.to_owned();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        fs::write(self.path("config.yaml"), text).unwrap();
        TrainConfig::read(&self.path("config.yaml"))
    }

    fn options(&self, name: &str) -> RunOptions {
        let library = Library::default();
        let (folder, stamp) = (self.path(name), Stamp::of_program());
        RunOptions { folder, resume: false, device: DeviceName::Cpu, library, stamp }
    }

    /// A whole run in the folder `name`.
    fn run(&self, config: &TrainConfig, name: &str) -> Result<RunEnd, TrainError> {
        run(config, &self.options(name), &mut Unobserved, &Cancel::new())
    }

    /// A run that is stopped after step `step`.
    fn stopped(&self, config: &TrainConfig, name: &str, step: u64) -> RunEnd {
        let cancel = Cancel::new();
        let mut observer = StopsAt { step, cancel: cancel.clone() };
        run(config, &self.options(name), &mut observer, &cancel).unwrap()
    }

    /// Goes on with the run in the folder `name`.
    fn resumed(&self, config: &TrainConfig, name: &str) -> Result<RunEnd, TrainError> {
        let options = RunOptions { resume: true, ..self.options(name) };
        run(config, &options, &mut Unobserved, &Cancel::new())
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// Presses Ctrl-C once a step is logged.
struct StopsAt {
    step: u64,
    cancel: Cancel,
}

impl Observer for StopsAt {
    fn logged(&mut self, line: &LogLine) {
        if line.step == self.step {
            self.cancel.raise();
        }
    }
}

fn tour() -> PhraseArray {
    read_phrases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz")).unwrap()
}

fn load(folder: &Path) -> Model {
    Library::default().load(folder.to_str().unwrap(), &Device::flex(), true).unwrap()
}

fn play(model: &Model) -> Multitrack {
    model.decode(&[model.latent(Seed(7))], &Default::default(), &Cancel::new()).unwrap().remove(0)
}

#[test]
fn a_run_leaves_everything_that_it_promises() {
    let shop = Workshop::new();
    let end = shop.run(&shop.config(&[("save_plots: false", "")]).unwrap(), "run").unwrap();
    assert_eq!(end, RunEnd { step: 6, finished: true, model: Some(shop.path("run/model")) });
    let pictures = ["samples/step-000002.png", "samples/step-000004.png", "samples/step-000006.png"];
    for name in pictures.iter().chain(&["evolution.png", "losses.png", "metrics.png"]) {
        assert!(shop.bytes(&format!("run/{name}")).starts_with(b"\x89PNG"), "{name}");
    }
    let lines = |name| String::from_utf8(shop.bytes(name)).unwrap().lines().count();
    assert_eq!((lines("run/log.csv"), lines("run/metrics.csv")), (1 + 6, 1 + 1 + 2));
    let kept = TrainConfig::read(&shop.path("run/resolved.yaml")).unwrap();
    assert_eq!(kept.model, shop.config(&[]).unwrap().model);
    let told = shop.text("run/run.yaml");
    let hash = Sha256::digest(shop.bytes("phrases.npz"));
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    for line in [hash.as_str(), "finished: true", "program: ricercar 0.", "from: 0\n  to: 6", "phrases: 24"] {
        assert!(told.contains(line), "{line} in {told}");
    }
    let model = load(&shop.path("run/model"));
    let song = play(&model);
    assert_eq!(song.track_names(), ["drums", "piano", "bass"]);
    assert_eq!((song.bar_count(), song.steps()), (4, 192));
    assert_eq!(song.origin().unwrap().model, format!("small {}", model.hash()));
}

#[test]
fn the_seed_decides_every_bit_of_a_run() {
    let shop = Workshop::new();
    let config = shop.config(&[]).unwrap();
    for (name, seed) in [("a", 1), ("b", 1), ("c", 2)] {
        shop.run(&TrainConfig { seed, ..config.clone() }, name).unwrap();
    }
    for file in ["checkpoint.safetensors", "log.csv", "metrics.csv", "model/weights.safetensors"] {
        let of = |run: &str| shop.bytes(&format!("{run}/{file}"));
        assert!(of("a") == of("b"), "{file} differs between two runs of one seed");
        assert!(of("a") != of("c"), "{file} does not depend on the seed");
    }
}

#[test]
fn a_stopped_run_goes_on_as_if_it_had_never_stopped() {
    let shop = Workshop::new();
    for (name, changes) in [
        ("penalty", vec![]),
        (
            "spectral",
            vec![("wasserstein", "hinge"), ("use_gradient_penalties: true", "use_spectral_norm: true")],
        ),
        (
            "augmented-neurons",
            vec![
                AUGMENTED,
                (
                    "name: small",
                    "name: small\nuse_binary_neurons: true\nbinary_neurons: stochastic\nuse_slope_annealing: true",
                ),
            ],
        ),
    ] {
        let config = shop.config(&changes).unwrap();
        let (whole, parts) = (format!("{name}-whole"), format!("{name}-parts"));
        shop.run(&config, &whole).unwrap();
        let stopped = shop.stopped(&config, &parts, 3);
        assert_eq!(stopped, RunEnd { step: 3, finished: false, model: None });
        assert!(!shop.path(&parts).join("model").exists());
        let options = RunOptions { resume: true, ..shop.options(&parts) };
        let end = run(&config, &options, &mut Unobserved, &Cancel::new()).unwrap();
        assert_eq!((end.step, end.finished), (6, true));
        for file in [
            "checkpoint.safetensors",
            "log.csv",
            "metrics.csv",
            "checkpoints/best.safetensors",
            "best/weights.safetensors",
            "evolution.png",
            "samples/step-000006.png",
            "model/weights.safetensors",
            "model/model.yaml",
        ] {
            let of = |run: &str| shop.bytes(&format!("{run}/{file}"));
            assert!(of(&whole) == of(&parts), "{name}: {file} differs");
        }
    }
}

/// Ends the run after its second step, having heard of the steps before.
#[derive(Default)]
struct EndsAtTwo(Vec<(u64, f64, [f32; 3])>);

impl Observer for EndsAtTwo {
    fn stepped(&mut self, report: &StepReport<'_>) -> ControlFlow<()> {
        assert_eq!(report.steps, 6);
        self.0.push((report.step, report.learning_rate, report.losses().unwrap()));
        if report.step == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn an_observer_hears_of_every_step_and_ends_the_run() {
    let shop = Workshop::new();
    let config = shop.config(&[("save_samples_steps: 2", ""), ("evaluate_steps: 3", "")]).unwrap();
    let mut observer = EndsAtTwo::default();
    let end = run(&config, &shop.options("run"), &mut observer, &Cancel::new()).unwrap();
    assert_eq!(end, RunEnd { step: 2, finished: false, model: None });
    let heard: String = observer
        .0
        .iter()
        .map(|(step, rate, [critic, generator, penalty])| {
            format!("{step},{critic},{generator},{penalty},{rate}\n")
        })
        .collect();
    assert_eq!(shop.text("run/log.csv").split_once('\n').unwrap().1, heard);
    assert!(shop.resumed(&config, "run").unwrap().finished);
}

#[test]
fn summaries_come_at_their_interval_and_not_at_all_at_0() {
    let shop = Workshop::new();
    let lines = |run: &str| shop.text(&format!("{run}/log.csv")).lines().count() - 1;
    let picture = |run: &str, name: &str| shop.path(run).join(name).exists();
    let config = |steps: &str| {
        let summaries = format!("save_summaries_steps: {steps}\nkeep_checkpoints: 0");
        shop.config(&[
            ("save_plots: false", summaries.as_str()),
            ("save_samples_steps: 2", ""),
            ("log_loss_steps: 1", "log_loss_steps: 0"),
        ])
        .unwrap()
    };
    let mut drawn = Drawn::default();
    run(&config("4"), &shop.options("some"), &mut drawn, &Cancel::new()).unwrap();
    // Step 4, and the last one; metrics are there from step 3 on.
    assert_eq!(drawn.0, ["losses.png", "metrics.png", "losses.png", "metrics.png"]);
    assert_eq!(lines("some"), 2);
    shop.run(&config("0"), "none").unwrap();
    assert!(!picture("none", "losses.png") && !picture("none", "metrics.png"));
    assert_eq!(lines("none"), 1, "only the last step's");
}

/// Names of the pictures of a run, as they are written.
#[derive(Default)]
struct Drawn(Vec<String>);

impl Observer for Drawn {
    fn wrote(&mut self, path: &Path) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".png") {
            self.0.push(name.to_owned());
        }
    }
}

#[test]
fn a_run_that_is_stopped_before_its_first_step_goes_on_too() {
    let shop = Workshop::new();
    let config = shop.config(&[("steps: 6", "steps: 2")]).unwrap();
    shop.run(&config, "whole").unwrap();
    let cancel = Cancel::new();
    cancel.raise();
    let end = run(&config, &shop.options("parts"), &mut Unobserved, &cancel).unwrap();
    assert_eq!(end, RunEnd { step: 0, finished: false, model: None });
    let options = RunOptions { resume: true, ..shop.options("parts") };
    run(&config, &options, &mut Unobserved, &Cancel::new()).unwrap();
    for file in ["checkpoint.safetensors", "log.csv"] {
        assert!(shop.bytes(&format!("whole/{file}")) == shop.bytes(&format!("parts/{file}")), "{file}");
    }
}

#[test]
fn a_finished_run_that_is_resumed_with_more_steps_goes_on() {
    let shop = Workshop::new();
    let still =
        ("initial_learning_rate: 0.001", "initial_learning_rate: 0.001\nuse_learning_rate_decay: false");
    let short = shop.config(&[still, ("steps: 6", "steps: 3")]).unwrap();
    shop.run(&short, "parts").unwrap();
    let long = shop.config(&[still]).unwrap();
    shop.run(&long, "whole").unwrap();
    let options = RunOptions { resume: true, ..shop.options("parts") };
    run(&long, &options, &mut Unobserved, &Cancel::new()).unwrap();
    for file in ["checkpoint.safetensors", "log.csv", "model/weights.safetensors"] {
        assert!(shop.bytes(&format!("whole/{file}")) == shop.bytes(&format!("parts/{file}")), "{file}");
    }
}

#[test]
fn resuming_what_was_never_begun_names_the_checkpoint() {
    let shop = Workshop::new();
    let options = RunOptions { resume: true, ..shop.options("run") };
    let config = shop.config(&[]).unwrap();
    let error = run(&config, &options, &mut Unobserved, &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("run/checkpoint.safetensors"), "{error}");
    assert!(!shop.path("run").exists());
}

#[test]
fn a_run_is_not_run_over_unless_it_is_resumed() {
    let shop = Workshop::new();
    let config = shop.config(&[]).unwrap();
    shop.stopped(&config, "run", 1);
    let kept = shop.bytes("run/checkpoint.safetensors");
    let error = shop.run(&config, "run").unwrap_err();
    assert!(matches!(error, TrainError::Exists { .. }) && error.to_string().contains("--resume"), "{error}");
    assert_eq!(shop.bytes("run/checkpoint.safetensors"), kept);
}

#[test]
fn a_checkpoint_of_other_networks_is_refused_with_the_file_named() {
    let shop = Workshop::new();
    shop.stopped(&shop.config(&[]).unwrap(), "run", 1);
    let wider = shop.config(&[("beat: 8", "beat: 9")]).unwrap();
    let options = RunOptions { resume: true, ..shop.options("run") };
    let error = run(&wider, &options, &mut Unobserved, &Cancel::new()).unwrap_err().to_string();
    let sides = "another architecture: `model.generator.beat` is 8 there and 9 here";
    assert!(error.contains("run/checkpoint.safetensors") && error.contains(sides), "{error}");
    assert!(error.contains("run/resolved.yaml`, or begin anew") && !error.contains("copy"), "{error}");
    let tracks = shop.config(&[("[drums, piano, bass]", "[drums, guitar, bass]")]).unwrap();
    let error = shop.resumed(&tracks, "run").unwrap_err().to_string();
    assert!(error.contains("[drums, piano, bass] there and [drums, guitar, bass] here"), "{error}");
}

#[test]
fn the_last_checkpoints_and_the_best_are_kept() {
    let shop = Workshop::new();
    let often = ("steps: 6", "steps: 6\nsave_checkpoint_steps: 1\nkeep_checkpoints: 2");
    let changes = [often, ("save_samples_steps: 2", ""), ("evaluate_steps: 3", "evaluate_steps: 2")];
    shop.run(&shop.config(&changes).unwrap(), "run").unwrap();
    let mut kept: Vec<String> = fs::read_dir(shop.path("run/checkpoints"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["best.safetensors", "step-000005.safetensors", "step-000006.safetensors"]);
    assert!(
        shop.bytes("run/checkpoint.safetensors") == shop.bytes("run/checkpoints/step-000006.safetensors")
    );
    // The best step is the one with the smallest distance, the last column.
    let table = shop.text("run/metrics.csv");
    assert!(table.lines().next().unwrap().ends_with(",mean_jaccard,diversity,coverage,distance"), "{table}");
    assert!(table.lines().nth(1).unwrap().starts_with("real,"), "{table}");
    let distance = |row: &str| row.rsplit(',').next().unwrap().parse::<f64>().unwrap();
    let best = table.lines().skip(2).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap();
    let (_, texts) = decode(Path::new("best"), &shop.bytes("run/checkpoints/best.safetensors")).unwrap();
    assert_eq!(texts["step"], best.split(',').next().unwrap());
    assert!(shop.text("run/run.yaml").contains(&format!(
        "step: {}\n  distance: {}",
        texts["step"],
        distance(best)
    )));
    assert!(!play(&load(&shop.path("run/best"))).track_names().is_empty());
}

#[test]
fn a_truncated_checkpoint_is_refused_and_the_one_before_goes_on() {
    let shop = Workshop::new();
    let changes = [
        ("steps: 6", "steps: 4\nsave_checkpoint_steps: 1"),
        ("save_samples_steps: 2", ""),
        ("evaluate_steps: 3", ""),
    ];
    let config = shop.config(&changes).unwrap();
    shop.run(&config, "whole").unwrap();
    shop.stopped(&config, "run", 3);
    let newest = shop.bytes("run/checkpoint.safetensors");
    fs::write(shop.path("run/checkpoint.safetensors"), &newest[..newest.len() / 2]).unwrap();
    fs::write(shop.path("run/checkpoints/step-000003.safetensors"), b"").unwrap();
    let error = shop.resumed(&config, "run").unwrap_err().to_string();
    assert!(error.contains("run/checkpoint.safetensors`: it is damaged"), "{error}");
    let (from, to) = ("run/checkpoints/step-000002.safetensors", "run/checkpoint.safetensors");
    assert!(error.contains("go on from step 2") && error.contains(from), "{error}");
    fs::copy(shop.path(from), shop.path(to)).unwrap();
    assert!(shop.resumed(&config, "run").unwrap().finished);
    for file in ["checkpoint.safetensors", "log.csv"] {
        assert!(shop.bytes(&format!("whole/{file}")) == shop.bytes(&format!("run/{file}")), "{file}");
    }
}

#[test]
fn a_run_that_diverges_stops_and_leaves_the_last_good_checkpoint() {
    let shop = Workshop::new();
    let still = ("steps: 6", "steps: 6\nsave_checkpoint_steps: 1\ngradient_penalty_weight: 10.0");
    let calm = shop.config(&[still, ("save_samples_steps: 2", "save_samples_steps: 1")]).unwrap();
    shop.stopped(&calm, "run", 2);
    let files = ["checkpoint.safetensors", "log.csv", "samples/evolution.npz"];
    let before = files.map(|name| shop.bytes(&format!("run/{name}")));
    let wild = TrainConfig { gradient_penalty_weight: 1e300, ..calm.clone() };
    let error = shop.resumed(&wild, "run").unwrap_err();
    assert!(matches!(error, TrainError::Diverged { step: 3 }), "{error}");
    assert!(error.to_string().contains("`initial_learning_rate`"), "{error}");
    assert!(files.map(|name| shop.bytes(&format!("run/{name}"))) == before, "nothing was written");
    assert!(!shop.path("run/checkpoints/step-000003.safetensors").exists());
    assert!(shop.resumed(&calm, "run").unwrap().finished);
}

/// Keeps what it is told.
#[derive(Default)]
struct Notes(Vec<String>);

impl Observer for Notes {
    fn noted(&mut self, note: &str) {
        self.0.push(note.to_owned());
    }
}

#[test]
fn signs_of_collapse_are_told_and_end_the_run_if_it_is_to_end() {
    let shop = Workshop::new();
    // One number to choose by and strides too long to learn: samples can hardly differ.
    let poor = [
        ("0.001", "0.5"),
        ("{ z: 3, z_t: 3, z_i: 3, z_it: 3 }", "{ z: 1, z_t: 0, z_i: 0, z_it: 0 }"),
        ("save_samples_steps: 2", ""),
        ("steps: 6", "steps: 4"),
    ];
    let config = shop.config(&poor).unwrap();
    let mut notes = Notes::default();
    let observed = |config: &TrainConfig, name: &str, notes: &mut Notes| {
        run(config, &shop.options(name), notes, &Cancel::new())
    };
    assert!(observed(&config, "warned", &mut notes).unwrap().finished);
    let warning = notes
        .0
        .iter()
        .find(|note| note.starts_with("step 3: samples"))
        .unwrap_or_else(|| panic!("{:?} {}", notes.0, shop.text("warned/metrics.csv")));
    assert!(warning.contains("as diverse as real music (below 0.7)"), "{warning}");
    let strict = TrainConfig { stop_on_collapse: true, ..config };
    let error = observed(&strict, "stopped", &mut notes).unwrap_err();
    assert!(matches!(error, TrainError::Collapsed { step: 3, .. }), "{error}");
    assert!(error.to_string().contains("augmentation"), "{error}");
    let (_, texts) = decode(Path::new("x"), &shop.bytes("stopped/checkpoint.safetensors")).unwrap();
    assert_eq!(texts["step"], "3");
    assert!(shop.text("stopped/metrics.csv").lines().last().unwrap().starts_with("3,"));
}

#[test]
fn other_phrases_under_the_same_name_are_noticed() {
    let shop = Workshop::new();
    let config = shop.config(&[("save_samples_steps: 2", ""), ("evaluate_steps: 3", "")]).unwrap();
    shop.stopped(&config, "run", 2);
    write_phrases(&shop.path("phrases.npz"), &tour().select(30..54), None).unwrap();
    let mut notes = Notes::default();
    let options = RunOptions { resume: true, ..shop.options("run") };
    run(&config, &options, &mut notes, &Cancel::new()).unwrap();
    assert!(notes.0.iter().any(|note| note.contains("phrases.npz` is not what this run began with")));
    let told = shop.text("run/run.yaml");
    assert!(told.contains("from: 0\n  to: 2") && told.contains("from: 2\n  to: 6"), "{told}");
}

#[test]
fn tracks_that_the_data_does_not_have_are_named() {
    let shop = Workshop::new();
    let config = shop.config(&[("[drums, piano, bass]", "[drums, piano, choir, bass]")]).unwrap();
    let error = shop.run(&config, "run").unwrap_err().to_string();
    let sides = ["4 tracks (drums, piano, choir, bass)", "phrases.npz` has 5 tracks (drums, piano, guitar"];
    assert!(sides.iter().all(|side| error.contains(side)), "{error}");
    let config = shop.config(&[("bars: 4", "bars: 8")]).unwrap();
    let error = shop.run(&config, "run").unwrap_err().to_string();
    assert!(error.contains("phrases of 8 bars") && error.contains("phrases of 4 bars"), "{error}");
    assert!(!shop.path("run").exists());
}

#[test]
fn every_loss_trains_with_every_bound_on_the_critic() {
    let shop = Workshop::new();
    let none = "use_gradient_penalties: false";
    let spectral = "use_spectral_norm: true";
    let both = "use_gradient_penalties: true\nuse_spectral_norm: true";
    let penalty = "use_gradient_penalties: true";
    let kinds = [
        ("wasserstein", penalty),
        ("hinge", spectral),
        ("hinge", both),
        ("nonsaturating", none),
        ("classic", penalty),
    ];
    for (i, (loss, bound)) in kinds.into_iter().enumerate() {
        let changes = [
            ("wasserstein", loss),
            (penalty, bound),
            ("save_samples_steps: 2", ""),
            ("evaluate_steps: 3", ""),
        ];
        let config = shop.config(&changes).unwrap();
        let name = format!("run-{i}");
        assert!(shop.run(&config, &name).unwrap().finished, "{loss} {bound}");
        let log = String::from_utf8(shop.bytes(&format!("{name}/log.csv"))).unwrap();
        let rows: Vec<Vec<f64>> = log
            .lines()
            .skip(1)
            .map(|row| row.split(',').map(|cell| cell.parse().unwrap()).collect())
            .collect();
        assert!(rows.iter().flatten().all(|x| x.is_finite()), "{loss} {bound}: {log}");
        let penalized = rows.iter().all(|row| row[3] > 0.0);
        assert_eq!(penalized, config.use_gradient_penalties, "{loss} {bound}: {log}");
        let (tensors, _) =
            decode(Path::new("checkpoint"), &shop.bytes(&format!("{name}/checkpoint.safetensors"))).unwrap();
        assert!(tensors.iter().flat_map(|t| &t.values).all(|x| x.is_finite()), "{loss} {bound}");
    }
}

#[test]
fn forty_eight_steps_a_bar_in_one_plane_train_from_the_same_code() {
    let shop = Workshop::new();
    let changes = [("steps_per_bar: 8, planes: 2", "steps_per_bar: 48, planes: 1"), ("steps: 6", "steps: 2")];
    let end = shop.run(&shop.config(&changes).unwrap(), "run").unwrap();
    let model = load(&end.model.unwrap());
    assert_eq!(model.architecture().grid.steps(), 192);
    assert_eq!(play(&model).steps(), 192);
}

#[cfg(feature = "ndarray")]
#[test]
fn the_ndarray_device_trains_as_well() {
    let shop = Workshop::new();
    let config = shop.config(&[ENCODER, ("steps: 6", "steps: 1")]).unwrap();
    for (name, device) in [("cpu", DeviceName::Cpu), ("ndarray", DeviceName::Ndarray)] {
        let options = RunOptions { device, ..shop.options(name) };
        assert!(run(&config, &options, &mut Unobserved, &Cancel::new()).unwrap().finished);
    }
    let losses = |name: &str| -> Vec<f64> {
        let log = String::from_utf8(shop.bytes(&format!("{name}/log.csv"))).unwrap();
        log.lines().nth(1).unwrap().split(',').map(|cell| cell.parse().unwrap()).collect()
    };
    for (a, b) in losses("cpu").iter().zip(losses("ndarray")) {
        assert!((a - b).abs() < 1e-4 * (1.0 + a.abs()), "{a} {b}");
    }
}

#[test]
fn samples_are_kept_as_arrays_and_pianorolls_on_request() {
    let shop = Workshop::new();
    let more = "sample_grid: [1, 2]\nsave_array_samples: true\nsave_pianoroll_samples: true\nsave_image_samples: false";
    let config = shop.config(&[("sample_grid: [1, 2]", more), ("steps: 6", "steps: 2")]).unwrap();
    shop.run(&config, "run").unwrap();
    assert_eq!(read_phrases(&shop.path("run/samples/step-000002.npz")).unwrap().len(), 2);
    let array = ricercar::npz::read_npy(&shop.path("run/samples/step-000002.npy")).unwrap();
    assert_eq!(array.shape(), [2, 3, 32, 84, 2]);
    assert!(!shop.path("run/evolution.png").exists());
}

/// Everything that changes phrases, and the critic's head start.
const AUGMENTED: (&str, &str) = (
    "steps: 6",
    "steps: 6\naugmentation: { beat_shift: 0.5, bar_permutation: 0.5, track_drop_out: 0.3, transpose: 0.5 }\n\
     use_random_transpose: true\nn_dis_updates_warmup: { updates: 3, steps: 2, every: 4 }\n\
     initialization: { kind: truncated_normal, std: 0.05 }",
);

const ENCODER: (&str, &str) =
    ("cell: 4 }\n", "cell: 4 }\n  encoder: { bar: 4, beat: 4, step: 4, octave: 2 }\n");

#[test]
fn an_accompanying_model_trains_and_answers() {
    let shop = Workshop::new();
    let mismatch = ("mismatch_weight: 0.2", "mismatch_weight: 0.3\naccompany: { reconstruction: 0.1 }");
    let end = shop.run(&shop.config(&[ENCODER, mismatch]).unwrap(), "run").unwrap();
    let model = load(&end.model.unwrap());
    let given = tour().phrase(0).unwrap().only(&["bass".to_owned()]).unwrap();
    let latents = [model.latent(Seed(1))];
    let song = model.accompany(&given, &latents, &Default::default(), &Cancel::new()).unwrap().remove(0);
    assert_eq!(song.track_names(), ["drums", "piano", "bass"]);
    assert_eq!(song.track("bass").unwrap(), given.track("bass").unwrap());
}

#[test]
fn each_of_the_ways_to_train_makes_a_difference() {
    let shop = Workshop::new();
    let log = |i: usize, lines: &str| {
        let config =
            shop.config(&[ENCODER, ("save_samples_steps: 2", lines), ("steps: 6", "steps: 2")]).unwrap();
        let name = format!("run-{i}");
        assert!(shop.run(&config, &name).unwrap().finished, "{lines}");
        shop.bytes(&format!("{name}/log.csv"))
    };
    let ways = [
        "",
        "augmentation: { beat_shift: 1 }",
        "augmentation: { bar_permutation: 1 }",
        "augmentation: { track_drop_out: 1 }",
        "augmentation: { transpose: 1 }",
        "use_random_transpose: true",
        "n_dis_updates_warmup: { updates: 2, steps: 1 }",
        "initialization: { kind: truncated_normal }",
    ];
    let logs: Vec<Vec<u8>> = ways.iter().enumerate().map(|(i, lines)| log(i, lines)).collect();
    for (i, way) in ways.iter().enumerate() {
        assert!(logs[..i].iter().all(|other| *other != logs[i]), "{way}");
    }
}

/// The networks of the family beside the hybrid, from scratch and accompanying.
const FAMILY: [(&str, &str); 5] = [
    (
        "{ z: 0, z_t: 0, z_i: 3, z_it: 3 }",
        "generator: { temporal: 6, harmony: 0, beat: 8, step: 6, octave: 4, cell: 4 }",
    ),
    (
        "{ z: 3, z_t: 3 }",
        "generator: { bar_generators: one, temporal: 6, beat: 8, step: 6, octave: 4, cell: 4 }",
    ),
    (
        "{ z: 3, z_t: 3 }",
        "generator: { bar_generators: one, temporal: 6, beat: 8, step: 6, octave: 4, cell: 4 }
  encoder: { bar: 4, beat: 4, step: 4, octave: 2 }",
    ),
    ("{ z: 6 }", "convolutional: { bar: 8, beat: 6, step: 4, shared_steps: 1, branch: 4, cell: 3 }"),
    (
        "{ z: 6 }",
        "convolutional:
    { bar: 8, beat: 6, step: 4, shared_steps: 2, branch: 4, cell: 3, pitch_bias: true,
      encoder: { phrase: 4, bar: 4, beat: 4, branch: 3, cell: 2 } }",
    ),
];

#[test]
fn every_network_of_the_family_trains_and_plays() {
    let shop = Workshop::new();
    for (i, (latent, network)) in FAMILY.into_iter().enumerate() {
        let changes = [
            ("{ z: 3, z_t: 3, z_i: 3, z_it: 3 }", latent),
            ("generator: { temporal: 6, harmony: 4, beat: 8, step: 6, octave: 4, cell: 4 }", network),
            ("steps: 6", "steps: 2"),
        ];
        let end = shop.run(&shop.config(&changes).unwrap(), &i.to_string()).unwrap();
        let model = load(&end.model.unwrap());
        let latents = [model.latent(Seed(1))];
        let song = match model.accompanies() {
            true => {
                let given = tour().phrase(0).unwrap().only(&["bass".to_owned()]).unwrap();
                model.accompany(&given, &latents, &Default::default(), &Cancel::new()).unwrap().remove(0)
            }
            false => model.decode(&latents, &Default::default(), &Cancel::new()).unwrap().remove(0),
        };
        assert_eq!(song.track_names(), ["drums", "piano", "bass"]);
        assert_eq!(model.accompanies(), network.contains("encoder"));
    }
}

#[test]
fn a_config_with_two_networks_is_refused_by_both_names() {
    let both = ("cell: 4 }\n", "cell: 4 }\n  convolutional: {}\n");
    let error = Workshop::new().config(&[both]).unwrap_err().to_string();
    assert!(error.contains("`generator`") && error.contains("`convolutional`"), "{error}");
}

#[test]
fn an_accompanying_model_trains_on_phrases_of_which_some_are_silent() {
    let mut phrases = tour().select(0..4);
    let silent = tour().phrase(0).unwrap();
    let silent = silent.with_tracks(
        silent.tracks().iter().map(|t| t.with_roll(ricercar::music::Pianoroll::silent(192))).collect(),
    );
    for _ in 0..20 {
        phrases.push(&silent).unwrap();
    }
    let shop = Workshop::with_phrases(&phrases);
    let config = shop.config(&[ENCODER, ("steps: 6", "steps: 2")]).unwrap();
    assert!(shop.run(&config, "run").unwrap().finished);
}

#[test]
fn a_warm_start_plays_what_it_took_over_until_its_first_step() {
    let shop = Workshop::new();
    let plain = shop.config(&[]).unwrap();
    shop.run(&plain, "first").unwrap();
    let warm =
        shop.config(&[ENCODER, ("seed: 1", "seed: 9\nwarm_start: first/checkpoint.safetensors")]).unwrap();
    let corpus = Corpus::new(&warm.model.grid, &load_data(&warm.data).unwrap()).unwrap();
    let device = Device::flex();
    let mut old = Trainer::new(&plain, &corpus, &device).unwrap();
    old.restore(&shop.path("first/checkpoint.safetensors")).unwrap();
    let mut new = Trainer::new(&warm, &corpus, &device).unwrap();
    let fresh = logits(&new, &corpus);
    new.warm_start(warm.warm_start.as_ref().unwrap(), &Library::default(), &corpus).unwrap();
    assert_eq!(new.step(), 0);
    assert_eq!(logits(&new, &corpus), logits(&old, &corpus));
    assert_ne!(logits(&new, &corpus), fresh);
    new.advance(&corpus);
    assert_ne!(logits(&new, &corpus), logits(&old, &corpus));
    assert!(shop.run(&warm, "second").unwrap().finished);
}

#[test]
fn a_warm_start_from_a_finished_model_is_one_from_its_checkpoint_without_a_critic() {
    for changes in [vec![], vec![ENCODER]] {
        let shop = Workshop::new();
        let more = [("save_samples_steps: 2", ""), ("evaluate_steps: 3", "")];
        let config = shop.config(&[changes, more.to_vec()].concat()).unwrap();
        shop.run(&config, "first").unwrap();
        let corpus = Corpus::new(&config.model.grid, &load_data(&config.data).unwrap()).unwrap();
        let library = Library { folders: vec![shop.path("first")] };
        let from = |start: PathBuf| {
            let mut trainer = Trainer::new(&config, &corpus, &Device::flex()).unwrap();
            trainer.warm_start(&start, &library, &corpus).unwrap();
            logits(&trainer, &corpus)
        };
        let checkpoint = from(shop.path("first/checkpoint.safetensors"));
        let far =
            |other: &[f32]| checkpoint.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let fresh = far(&logits(&Trainer::new(&config, &corpus, &Device::flex()).unwrap(), &corpus));
        // A model's weights are kept in half precision.
        for start in [shop.path("first/model"), "model".into()] {
            let away = far(&from(start));
            assert!(away < 0.02 && away < 0.2 * fresh, "{away}, from scratch {fresh}");
        }
    }
}

#[test]
fn a_warm_start_without_a_matrix_that_fits_tells_of_both_sides() {
    let shop = Workshop::new();
    let (small, network) = FAMILY[3];
    let changes = [
        ("{ z: 3, z_t: 3, z_i: 3, z_it: 3 }", small),
        ("generator: { temporal: 6, harmony: 4, beat: 8, step: 6, octave: 4, cell: 4 }", network),
        ("seed: 1", "seed: 1\nwarm_start: hybrid"),
    ];
    let error = shop.run(&shop.config(&changes).unwrap(), "run").unwrap_err().to_string();
    assert!(error.contains("`hybrid`: no matrix fits these networks: it has "), "{error}");
    assert!(!shop.path("run").exists());
}

#[test]
fn a_warm_start_without_anything_to_take_is_refused() {
    let shop = Workshop::new();
    write_phrases(&shop.path("no-checkpoint"), &tour().select(0..1), None).unwrap();
    for (from, reason) in [
        ("no-checkpoint", "is not a model"),
        ("some/hybird", "there is no such file, model folder or model; of models there are hybrid"),
        ("hybird", "did you mean `hybrid`?"),
    ] {
        let warm = format!("seed: 9\nwarm_start: {from}");
        let error = shop.run(&shop.config(&[("seed: 1", &warm)]).unwrap(), "run").unwrap_err().to_string();
        assert!(error.contains(from) && error.contains(reason), "{error}");
    }
}

/// What a trainer's averaged generator says to fixed latents and, if it hears, to a fixed bass.
fn logits(trainer: &Trainer, corpus: &Corpus) -> Vec<f32> {
    let generator = trainer.generator();
    let (architecture, device) = (generator.architecture(), Device::flex());
    let layout = std::sync::Arc::new(LatentLayout::of(architecture));
    let rows: Vec<Tensor<2>> = (0..3)
        .map(|i| {
            let z = Latent::draw(&layout, Seed(i));
            Tensor::<1>::from_floats(z.values(), &device).reshape([1, layout.size()])
        })
        .collect();
    let grid = &architecture.grid;
    let mask = [false, false, true];
    let silent = Cells::silent(grid);
    let heard: Vec<Cells> = (0..3).map(|i| silent.with_tracks_of(grid, &corpus.cells(i), &mask)).collect();
    let given = Given {
        roll: to_tensor(grid, &heard.iter().collect::<Vec<_>>(), &device),
        mask: Tensor::from_floats([[0.0, 0.0, 1.0]; 3], &device),
    };
    let matrices = trainer.averaged().matrices();
    let logits = generator.forward(&matrices, Tensor::cat(rows, 0), Some(&given), &mut Norm::Batch);
    logits.try_to_vec_as::<f32>().unwrap()
}

#[test]
fn too_few_phrases_are_refused_before_anything_is_written() {
    let shop = Workshop::with_phrases(&tour().select(0..15));
    let error = shop.run(&shop.config(&[]).unwrap(), "run").unwrap_err().to_string();
    assert!(
        error.contains("phrases.npz") && error.contains("at least 16") && error.contains("15"),
        "{error}"
    );
    assert!(!shop.path("run").exists());
}

#[test]
fn a_missing_data_file_is_named() {
    let shop = Workshop::new();
    let config = shop.config(&[("phrases.npz", "phrase.npz")]).unwrap();
    let error = shop.run(&config, "run").unwrap_err().to_string();
    assert!(error.contains("phrase.npz"), "{error}");
    assert!(!shop.path("run").exists());
}

#[test]
fn a_misspelt_key_is_named_with_the_nearest_one() {
    let shop = Workshop::new();
    let cases = [
        ("batch_size", "batch_sise", "batch_size"),
        ("chroma: 4", "chrome: 4", "chroma"),
        ("octaves: 7", "octave: 7", "octaves"),
    ];
    for (from, to, nearest) in cases {
        let error = shop.config(&[(from, to)]).unwrap_err().to_string();
        let expected = format!("did you mean `{nearest}`?");
        assert!(error.contains("config.yaml") && error.contains(&expected), "{error}");
    }
}

#[test]
fn songs_of_excluded_sets_are_not_learnt_from() {
    let shop = Workshop::new();
    let row = |i: usize| format!("train\t{i}\t{}\tsong-{}\n", if i < 20 { "kept" } else { "left" }, i / 2);
    let table: String = (0..24).map(row).collect();
    fs::write(shop.path("songs.tsv"), format!("split\tphrase\tset\tsong\n{table}")).unwrap();
    let filtered = "{ file: phrases.npz, songs: songs.tsv, exclude_sets: [left] }";
    let config = shop.config(&[("{ file: phrases.npz }", filtered)]).unwrap();
    let set = load_data(&config.data).unwrap();
    assert_eq!((set.len(), set.info(19).unwrap().song.as_str()), (20, "song-9"));
    let most = shop.config(&[("{ file: phrases.npz }", &filtered.replace("left", "kept"))]).unwrap();
    assert!(matches!(load_data(&most.data), Err(TrainError::TooFew { got: 4, .. })));
}

#[test]
fn instruments_tempo_and_given_tracks_come_from_the_config() {
    let shop = Workshop::new();
    let keys = "n_jobs: 1
use_train_test_split: true
midi: { programs: [0, 4, 38], is_drums: [1, 0, 0], tempo: 72 }
colormap: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
accompany: { given: [bass] }
";
    let changes = [
        ("seed: 1\n", format!("seed: 1\n{keys}")),
        ("critic:", "  encoder: { bar: 3, beat: 3, step: 3, octave: 2 }\ncritic:".to_owned()),
        ("steps: 6\n", "steps: 2\n".to_owned()),
        ("evaluate_steps: 3", "evaluate_steps: 0".to_owned()),
    ];
    let changes: Vec<(&str, &str)> = changes.iter().map(|(from, to)| (*from, to.as_str())).collect();
    let config = shop.config(&changes).unwrap();
    let (kept, held_out) = load_sets(&config).unwrap();
    assert_eq!((kept.len(), held_out.map(|set| set.len())), (22, Some(2)));
    assert!(shop.run(&config, "run").unwrap().finished);
    let model = load(&shop.path("run/model"));
    let bass = kept.phrase(0).unwrap().only(&["bass".to_owned()]).unwrap();
    let latent = model.latent(Seed(1));
    for song in [
        play(&model),
        model.accompany(&bass, &[latent], &Default::default(), &Cancel::new()).unwrap().remove(0),
    ] {
        let piano = song.track("piano").unwrap();
        assert_eq!((piano.program.number(), piano.is_drum), (4, false));
        assert!(song.track("drums").unwrap().is_drum);
    }
    assert_eq!(play(&model).track("bass").unwrap().program.number(), 38);
    assert_eq!(play(&model).tempo().bpm(), 72.0);
}
