//! The way back from music: inverse networks of the shipped models, trained for a few steps, and what is
//! made of them.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use ricercar::base::{Cancel, Seed, Silent};
use ricercar::metrics::Sixteenths;
use ricercar::model::{DecodeOptions, EncodeOptions, Latent, Library, Model, Start};
use ricercar::music::Multitrack;
use ricercar::npz::read_phrases;
use ricercar::train::{InverseOptions, train_inverse};

fn home(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A copy of a shipped model without its inverse network.
fn bare(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = home("models").join(name);
    fs::copy(from.join("weights.safetensors"), folder.path().join("weights.safetensors")).unwrap();
    let said = fs::read_to_string(from.join("model.yaml")).unwrap();
    let said = said.split("\ninverse:").next().unwrap();
    fs::write(folder.path().join("model.yaml"), format!("{said}\n")).unwrap();
    folder
}

fn load(folder: &Path) -> Model {
    Library::default().load(folder.to_str().unwrap(), &Device::flex(), true).unwrap()
}

fn train(folder: &Path, seed: u64) -> Vec<f32> {
    let options =
        InverseOptions { steps: 3, batch_size: 4, fresh: 2, seed: Seed(seed), ..InverseOptions::default() };
    train_inverse(folder, &options, &Device::flex(), true, &Silent, &Cancel::new()).unwrap()
}

fn phrase() -> Multitrack {
    read_phrases(&home("examples/data/tour_256.npz")).unwrap().phrase(1).unwrap()
}

fn f1(model: &Model, start: Start, steps: usize) -> f64 {
    let options =
        EncodeOptions { start, steps, starts: 1, candidates: 16, climb: 0, ..EncodeOptions::default() };
    let found = model.encode(&phrase(), &options, &Silent, &Cancel::new()).unwrap();
    found.overall().note_f1().unwrap()
}

#[test]
fn a_trained_inverse_network_lies_in_the_folder_and_repeats_to_the_last_bit() {
    let folders = [bare("hybrid"), bare("hybrid"), bare("hybrid")];
    let losses = [1, 1, 2].iter().zip(&folders).map(|(seed, folder)| train(folder.path(), *seed));
    let losses: Vec<Vec<f32>> = losses.collect();
    assert_eq!(losses[0].len(), 3);
    assert!(losses[0] == losses[1] && losses[0] != losses[2], "{losses:?}");
    let file = |i: usize| fs::read(folders[i].path().join("inverse.safetensors")).unwrap();
    assert!(file(0) == file(1) && file(0) != file(2));
    assert!(file(0).len() < 620_000, "{}", file(0).len());

    // It starts the search, and is left alone once the weights are others.
    let folder = folders[0].path();
    assert!(load(folder).inverse().unwrap().is_some());
    f1(&load(folder), Start::Network, 0);
    let yaml = folder.join("model.yaml");
    let said = fs::read_to_string(&yaml).unwrap();
    let hash = load(folder).hash().to_owned();
    fs::write(&yaml, said.replace(&format!("weights: {hash}"), "weights: 0123456789ab")).unwrap();
    let other = load(folder);
    assert!(other.inverse().unwrap().is_none());
    let options = EncodeOptions { start: Start::Network, ..EncodeOptions::default() };
    let error = other.encode(&phrase(), &options, &Silent, &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("has no inverse network"), "{error}");
}

#[test]
fn a_truncated_inverse_network_is_named() {
    let folder = bare("hybrid");
    train(folder.path(), 1);
    let path = folder.path().join("inverse.safetensors");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let model = load(folder.path());
    let error = model.inverse().unwrap_err().to_string();
    assert!(error.contains("inverse.safetensors"), "{error}");
}

#[test]
fn a_stopped_training_leaves_the_folder_as_it_was() {
    let folder = bare("hybrid");
    let before = fs::read(folder.path().join("model.yaml")).unwrap();
    let cancel = Cancel::new();
    cancel.raise();
    let options = InverseOptions { steps: 3, ..InverseOptions::default() };
    let end = train_inverse(folder.path(), &options, &Device::flex(), true, &Silent, &cancel);
    assert_eq!(end.unwrap_err().to_string(), "stopped");
    assert!(fs::read(folder.path().join("model.yaml")).unwrap() == before);
    assert!(!folder.path().join("inverse.safetensors").exists());
}

#[test]
fn an_accompanying_model_encodes_what_goes_with_given_tracks() {
    let folder = bare("accompany");
    train(folder.path(), 1);
    let model = load(folder.path());
    let given = vec!["bass".into()];
    let quick = EncodeOptions { steps: 8, starts: 2, candidates: 8, climb: 20, ..EncodeOptions::default() };
    let options = EncodeOptions { given, ..quick };
    let found = model.encode(&phrase(), &options, &Silent, &Cancel::new()).unwrap();
    let names: Vec<&str> = found.tracks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["drums", "piano", "guitar", "strings"]);
    assert_eq!(found.music.track("bass").unwrap().roll, phrase().track("bass").unwrap().roll);
    assert!(found.losses.iter().copied().fold(f32::INFINITY, f32::min) < found.losses[0]);
    let bass = phrase().only(&["bass".into()]).unwrap();
    let latent = [found.latent];
    let again = model.accompany(&bass, &latent, &DecodeOptions::default(), &Cancel::new()).unwrap().remove(0);
    assert_eq!(again.track("piano").unwrap().roll, found.music.track("piano").unwrap().roll);
}

#[test]
fn a_real_phrase_is_met_better_after_gradient_steps_than_before() {
    let model = Library::default().load("hybrid", &Device::flex(), true).unwrap();
    let (before, after) = (f1(&model, Start::Random, 0), f1(&model, Start::Random, 60));
    assert!(after > before, "{before} {after}");
}

#[test]
fn training_teaches_an_inverse_network_to_meet_the_model_s_music() {
    let folder = bare("composer");
    let options = InverseOptions { steps: 24, batch_size: 12, fresh: 6, ..InverseOptions::default() };
    let missed =
        train_inverse(folder.path(), &options, &Device::flex(), true, &Silent, &Cancel::new()).unwrap();
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    assert!(mean(&missed[18..]) < mean(&missed[..6]) - 0.01, "{missed:?}");
}

#[test]
fn every_shipped_model_has_a_network_that_starts_nearer_than_a_random_latent() {
    for name in ["hybrid", "jamming", "composer", "convolutional", "accompany", "binary"] {
        let model = load(&home("models").join(name));
        assert!(model.inverse().unwrap().is_some(), "{name} has none");
        let random: Vec<Latent> = (0..12).map(|seed| model.latent(Seed(seed))).collect();
        let music = model.decode(&random, &DecodeOptions::default(), &Cancel::new()).unwrap();
        let wanted = Sixteenths::of(&phrase());
        let near = |music: &Multitrack| wanted.overall(&Sixteenths::of(music)).note_f1().unwrap_or(0.0);
        let random = music.iter().map(near).sum::<f64>() / music.len() as f64;
        let found = f1(&model, Start::Network, 0);
        assert!(found > random, "{name}: {found}, random latents {random}");
    }
}
