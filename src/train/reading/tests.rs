//! What configs of ours and of MuseGAN's are read as, and the words for every mistake in them.

use super::*;
use crate::model::config::Architecture;
use crate::model::{CriticConfig, CriticKind, NeuronKind};

const OWN: &str = "\
# line 1
name: test
data:
  file: phrases.npz
model:
  grid:
    tracks: [piano, bass]
    bars: 4
    steps_per_bar: 16
    planes: 2
    lowest_pitch: 24
    octaves: 7
  latent: { z: 4, z_t: 4, z_i: 4,
            z_it: 4 }
critic: { window: 48 }
steps: 100
batch_size: 8
initial_learning_rate: 0.001
gan_loss_type: wasserstein
adam:
  beta1: 0.5
";

/// The message for [`OWN`] with one text replaced, without the words that all have in common.
fn message(from: &str, to: &str) -> String {
    assert!(OWN.contains(from), "{from}");
    let error = read_text(&OWN.replace(from, to)).unwrap_err().to_string();
    error.trim_start_matches("config, ").to_owned()
}

#[test]
fn mistakes_are_told_with_their_line_and_what_would_be_right() {
    let cases = [
        ("batch_size: 8", "batchsize: 8", "line 17: there is no key `batchsize`; did you mean `batch_size`?"),
        (
            "batch_size: 8",
            "data_fliename: x\nbatch_size: 8",
            "line 17: there is no key `data_fliename`; did you mean `data_filename`?",
        ),
        (
            "bars: 4",
            "bar: 4",
            "line 8: `model.grid` has no key `bar`, only `tracks`, `bars`, `steps_per_bar`, `planes`, `lowest_pitch`, `octaves`; did you mean `bars`?",
        ),
        (
            "            z_it: 4",
            "            z_ti: 4",
            "line 14: `model.latent` has no key `z_ti`, only `z`, `z_t`, `z_i`, `z_it`; did you mean `z_i`?",
        ),
        ("    bars: 4\n", "", "line 6: `model.grid` needs `bars`"),
        ("steps: 100\n", "", "`steps` is missing"),
        ("steps: 100", "steps: many", "line 16: `steps` must be a whole number of 0 or more, got `many`"),
        ("steps: 100", "steps: 0.5", "line 16: `steps` must be a whole number of 0 or more, got 0.5"),
        ("steps: 100", "steps: -3", "line 16: `steps` must be a whole number of 0 or more, got -3"),
        ("beta1: 0.5", "beta1: high", "line 21: `adam.beta1` must be a number, got `high`"),
        ("beta1: 0.5", "beta1: 1.5", "line 21: `adam.beta1` must lie in 0..1, got 1.5"),
        ("tracks: [piano, bass]", "tracks: [piano, 7]", "line 7: `model.grid.tracks.1` must be text, got 7"),
        ("tracks: [piano, bass]", "tracks: piano", "line 7: `model.grid.tracks` must be a list, got `piano`"),
        (
            "octaves: 7",
            "octaves: 9",
            "line 11: `lowest_pitch` must be a C and 9 octaves above it must end by 127, got 24",
        ),
        (
            "steps_per_bar: 16",
            "steps_per_bar: 17",
            "line 9: `steps_per_bar` must be 4, 8, 16, 24, 48 or 96, got 17",
        ),
        (
            "wasserstein",
            "waserstein",
            "line 19: `gan_loss_type` must be one of classic, nonsaturating, wasserstein, hinge, got `waserstein`; did you mean `wasserstein`?",
        ),
        ("adam:\n  beta1: 0.5", "adam: 0.5", "line 20: `adam` must be a map of keys, got 0.5"),
        (
            "batch_size: 8",
            "batch_size: 8\nsample_grid: [4, 4, 4]",
            "line 18: `sample_grid` must be a list of 2, got 3 values",
        ),
        ("batch_size: 8", "batch_size: 8\nbatch_size: 9", "duplicate entry with key \"batch_size\""),
        (
            "batch_size: 8",
            "batch_size: 8\ndata_filename: x",
            "line 18: `data_filename` and `data` say the same: keep one of them",
        ),
        (
            "batch_size: 8",
            "batch_size: 8\nlatent_dim: 64",
            "line 18: `latent_dim` and `model` both describe the networks: keep one of them",
        ),
        (
            "batch_size: 8",
            "batch_size: 8\ntracks: [drums]",
            "line 18: `tracks` names the tracks of `data_shape`, which is missing: name those of `model` in `model.grid.tracks`",
        ),
        (
            "batch_size: 8",
            "batch_size: 8\nmidi: { lowest_pitch: 36 }",
            "line 18: `midi.lowest_pitch` and `model.grid.lowest_pitch` say the same: keep one of them",
        ),
    ];
    for (from, to, expected) in cases {
        let said = message(from, to);
        assert!(said.ends_with(expected), "{said}\n{expected}");
    }
}

/// The two files as MuseGAN's experiments have them.
const CONFIG: &str = "\
n_jobs: 20
log_loss_steps: 100
save_samples_steps: 100
save_summaries_steps: 0
save_checkpoint_steps: 10000
evaluate_steps: 100
data_source: npy
data_root: ~
data_filename: train_x_lpd_5_phr
use_random_transpose: false
use_train_test_split: false
steps: 50000
batch_size: 64
n_dis_updates_per_gen_update: 5
initial_learning_rate: 0.001
use_learning_rate_decay: true
learning_rate_schedule:
  start: 45000
  end: ~
  end_value: 0.0
adam:
  beta1: 0.5
  beta2: 0.9
gan_loss_type: wasserstein
use_gradient_penalties: true
use_slope_annealing: false
slope_schedule:
  end_value: 5.0
  start: 10000
  end: ~
sample_grid: [8, 8]
save_array_samples: true
save_image_samples: true
save_pianoroll_samples: true
midi:
  lowest_pitch: 24
  programs: [0, 0, 25, 33, 48]
  is_drums: [1, 0, 0, 0, 0]
  tempo: 90
colormap:
  - [1., 0., 0.]
  - [1., .5, 0.]
  - [0., 1., 0.]
  - [0., 0., 1.]
  - [0., .5, 1.]
";
const PARAMS: &str = "\
data_shape: [4, 48, 84, 5]
beat_resolution: 12
latent_dim: 128
is_conditional: false
is_accompaniment: false
condition_track_idx: ~
use_binary_neurons: false
nets:
  generator: default
  discriminator: default
";

/// A folder with both files, each with some of its text replaced.
fn experiment(changes: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("config.yaml", CONFIG), ("params.yaml", PARAMS)] {
        let text = changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn an_experiment_of_the_original_is_read_from_its_folder() {
    let folder = experiment(&[]);
    let config = read(folder.path()).unwrap();
    assert_eq!(config.model, Architecture::convolutional());
    assert_eq!(config.critic, CriticConfig::of(CriticKind::Published));
    assert_eq!(config.data.file, folder.path().join("train_x_lpd_5_phr.npy"));
    assert_eq!(
        (config.n_jobs, config.steps, config.save_summaries_steps, config.midi.tempo),
        (20, 50_000, Some(0), 90.0)
    );
    assert_eq!(config.midi.is_drums, [true, false, false, false, false]);
    assert_eq!(config.colormap[1], [1.0, 0.5, 0.0]);
    assert_eq!((config.learning_rate(45_000), config.learning_rate(50_000)), (0.001, 0.0));
    assert_eq!(TrainConfig::from_yaml(&config.to_yaml().unwrap()).unwrap(), config);
}

#[test]
fn the_original_s_other_experiments_are_read_too() {
    let accompaniment = [
        ("is_accompaniment: false", "is_accompaniment: true"),
        ("condition_track_idx: ~", "condition_track_idx: 3"),
        ("generator: default", "generator: accompaniment"),
    ];
    let config = read(experiment(&accompaniment).path()).unwrap();
    assert_eq!(config.accompany.given, ["bass"]);
    assert_eq!(config.model, Architecture::convolutional().accompanying());
    let neurons =
        [("use_binary_neurons: false", "use_binary_neurons: true"), ("generator: default", "generator: sbn")];
    let config = read(experiment(&neurons).path()).unwrap();
    assert_eq!((config.use_binary_neurons, config.binary_neurons), (true, NeuronKind::Stochastic));
    let config =
        read(experiment(&[("discriminator: default", "discriminator: no_chroma_stream")]).path()).unwrap();
    assert_eq!(config.critic.chroma, Some(0));
    let config = read(experiment(&[("lowest_pitch: 24", "lowest_pitch: 36")]).path()).unwrap();
    assert_eq!(config.model.grid.lowest_pitch, 36);
}

#[test]
fn an_experiment_has_as_many_tracks_as_it_names() {
    for key in ["track_names", "tracks"] {
        let named = format!("[2, 48, 84, 3]\n{key}: [drums, strings, bass]");
        let changes = [
            ("[4, 48, 84, 5]", named.as_str()),
            ("is_accompaniment: false", "is_accompaniment: true"),
            ("condition_track_idx: ~", "condition_track_idx: 1"),
            ("[0, 0, 25, 33, 48]", "[0, 48, 33]"),
            ("[1, 0, 0, 0, 0]", "[1, 0, 0]"),
            ("  - [0., 1., 0.]\n  - [0., 0., 1.]\n", ""),
        ];
        let config = read(experiment(&changes).path()).unwrap();
        assert_eq!(config.model.grid.tracks, ["drums", "strings", "bass"]);
        assert_eq!((config.model.grid.bars, config.accompany.given), (2, vec!["strings".to_owned()]));
    }
}

#[test]
fn the_interval_of_summaries_is_the_original_s() {
    let config = |steps: &str| {
        let folder = experiment(&[("save_summaries_steps: 0", &format!("save_summaries_steps: {steps}"))]);
        read(folder.path()).unwrap()
    };
    let drawn =
        |config: &TrainConfig, step: u64| config.draws(true, |every| every > 0 && step.is_multiple_of(every));
    assert_eq!([50, 100].map(|step| drawn(&config("100"), step)), [false, true]);
    assert_eq!([50, 100].map(|step| drawn(&config("0"), step)), [false, false]);
    assert!(drawn(&config("~"), 50), "with every checkpoint and evaluation");
}

#[test]
fn what_the_original_has_and_we_cannot_do_is_told_with_file_and_line() {
    let cases = [
        (
            "data_source: npy",
            "data_source: sa",
            "config.yaml`, line 7: `data_source: sa` is the shared memory of another process: save that array as a file, and name it under `data_filename`, with `data_source: npy` or npz",
        ),
        (
            "data_filename: train_x_lpd_5_phr\n",
            "",
            "config.yaml`, line 7: `data_source` needs `data_filename`: the file of phrases",
        ),
        (
            "is_conditional: false",
            "is_conditional: true",
            "params.yaml`, line 4: `is_conditional: true` (labels) is not supported, as in the original: set it to false; `is_accompaniment` is what gives a track",
        ),
        (
            "is_accompaniment: false",
            "is_accompaniment: true",
            "params.yaml`, line 5: `is_accompaniment: true` needs `condition_track_idx`: the track that is given, of 0 drums, 1 piano, 2 guitar, 3 bass, 4 strings",
        ),
        (
            "condition_track_idx: ~",
            "condition_track_idx: 1",
            "params.yaml`, line 6: `condition_track_idx: 1` needs `is_accompaniment: true`",
        ),
        (
            "[4, 48, 84, 5]",
            "[4, 48, 84, 8]",
            "params.yaml`, line 1: `data_shape` has 8 tracks and nothing names them (only five are drums, piano, guitar, bass, strings): add `track_names` with 8 of the names that the data has",
        ),
        (
            "[4, 48, 84, 5]",
            "[4, 48, 84, 3]\ntrack_names: [drums, bass]",
            "params.yaml`, line 2: `track_names` has 2 names (drums, bass), `data_shape` 3 tracks",
        ),
        (
            "beat_resolution: 12",
            "beat_resolution: 12\ntracks: [a]\ntrack_names: [b]",
            "params.yaml`, line 3: `tracks` and `track_names` say the same: keep one of them",
        ),
        (
            "is_accompaniment: false\ncondition_track_idx: ~",
            "is_accompaniment: true\ncondition_track_idx: 5",
            "params.yaml`, line 6: `condition_track_idx` must be one of 0 drums, 1 piano, 2 guitar, 3 bass, 4 strings, got 5",
        ),
        (
            "[4, 48, 84, 5]",
            "[4, 48, 80, 5]",
            "params.yaml`, line 1: `data_shape` has 80 pitches: networks need whole octaves, such as 84",
        ),
        (
            "[4, 48, 84, 5]",
            "[4, 96, 84, 5]",
            "params.yaml`, line 2: `beat_resolution: 12` and the 96 steps of `data_shape` disagree: a bar has four beats",
        ),
        (
            "generator: default",
            "generator: defualt",
            "params.yaml`, line 9: `nets.generator` must be one of default, accompaniment, dbn, sbn, got `defualt`; did you mean `default`?",
        ),
        (
            "generator: default",
            "generator: dbn",
            "params.yaml`, line 9: `nets.generator: dbn` needs `use_binary_neurons: true`",
        ),
        (
            "nets:\n  generator: default",
            "nets:\n  generators: default",
            "params.yaml`, line 9: `nets` has no key `generators`, only `generator`, `discriminator`; did you mean `generator`?",
        ),
        (
            "programs: [0, 0, 25, 33, 48]",
            "programs: [0, 25]",
            "config.yaml`, line 37: `midi.programs` has 2 entries, the model has 5 tracks: drums, piano, guitar, bass, strings",
        ),
        (
            "is_drums: [1, 0, 0, 0, 0]",
            "is_drums: [2, 0, 0, 0, 0]",
            "config.yaml`, line 38: `midi.is_drums` must be 0 or 1, got 2",
        ),
        (
            "tempo: 90",
            "tempos: 90",
            "config.yaml`, line 39: `midi` has no key `tempos`, only `lowest_pitch`, `programs`, `is_drums`, `tempo`; did you mean `tempo`?",
        ),
        ("latent_dim: 128", "steps: 128", "params.yaml`, line 3: `steps` is already set in"),
    ];
    for (from, to, expected) in cases {
        let folder = experiment(&[(from, to)]);
        let said = read(folder.path()).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}\n{expected}");
    }
}

#[test]
fn a_config_is_called_after_its_file_or_folder() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("my run");
    std::fs::create_dir(&home).unwrap();
    let text = OWN.replace("name: test\n", "");
    for (file, name) in [("config.yaml", "my-run"), ("quick.yaml", "quick")] {
        std::fs::write(home.join(file), &text).unwrap();
        assert_eq!(read(&home.join(file)).unwrap().name, name);
    }
    assert_eq!(read(&home).unwrap().name, "my-run");
    assert_eq!(read(&home).unwrap().data.file, home.join("phrases.npz"));
}
