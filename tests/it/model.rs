//! The models inside the program: the same latent is the same music, each part of a latent moves what it
//! should, given tracks come back untouched and are listened to, and what cannot be played is refused.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use burn::tensor::Device;
use ricercar::base::{Cancel, Seed};
use ricercar::metrics::set::tonal_agreement_of;
use ricercar::model::{
    Binarization, Cells, DecodeOptions, HostTensor, Latent, LatentLayout, Library, Model, ModelError,
    Precision, decode, encode,
};
use ricercar::music::{Family, Meter, Multitrack, Pianoroll, Program, Resolution, Tempo, Track};
use ricercar::npz::{PhraseArray, read_phrases};

const FAMILIES: [&str; 5] = ["drums", "piano", "guitar", "bass", "strings"];

static HYBRID: LazyLock<Model> = LazyLock::new(|| load("hybrid"));
static ACCOMPANY: LazyLock<Model> = LazyLock::new(|| load("accompany"));

fn load(name: &str) -> Model {
    Library::default().load(name, &Device::flex(), true).unwrap()
}

fn at_home(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn tour() -> PhraseArray {
    read_phrases(&at_home("examples/data/tour_256.npz")).unwrap()
}

fn play(model: &Model, latents: &[Latent]) -> Vec<Multitrack> {
    model.decode(latents, &DecodeOptions::default(), &Cancel::new()).unwrap()
}

fn answer(given: &Multitrack) -> Result<Multitrack, ModelError> {
    let latents = [ACCOMPANY.latent(Seed(3))];
    Ok(ACCOMPANY.accompany(given, &latents, &DecodeOptions::default(), &Cancel::new())?.remove(0))
}

/// Phrase `index` of the tour with only some of its tracks.
fn given(index: usize, names: &[&str]) -> Multitrack {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let phrase = tour().phrase(index).unwrap().only(&names).unwrap();
    assert!(phrase.tracks().iter().all(|t| !t.roll.is_silent()), "phrase {index} has them all");
    phrase
}

/// The first phrase of the tour in which all five families play.
fn full() -> usize {
    let all = |phrase: Multitrack| phrase.tracks().iter().all(|t| !t.roll.is_silent());
    tour().iter().position(all).unwrap()
}

#[test]
fn a_seed_is_the_same_music_every_time() {
    for name in ["hybrid", "accompany"] {
        let [a, b] = [load(name), load(name)];
        let songs = [&a, &b].map(|model| play(model, &[model.latent(Seed(7))]));
        assert_eq!(songs[0], songs[1]);
        assert_eq!(a, b);
        let song = &songs[0][0];
        assert!(!song.is_silent());
        assert_eq!((song.track_names(), song.bar_count()), (FAMILIES.map(str::to_owned).to_vec(), 4));
        let origin = song.origin().unwrap();
        assert_eq!((origin.seed, origin.model.clone()), (Some(7), format!("{name} {}", a.hash())));
        assert_ne!(songs[0], play(&a, &[a.latent(Seed(8))]));
    }
}

#[test]
fn a_phrase_does_not_depend_on_what_is_decoded_beside_it() {
    let latents: Vec<Latent> = (0..5).map(|i| HYBRID.latent(Seed(i))).collect();
    let alone: Vec<Multitrack> =
        latents.iter().flat_map(|z| play(&HYBRID, std::slice::from_ref(z))).collect();
    assert_eq!(play(&HYBRID, &latents), alone);
    assert_eq!(play(&HYBRID, &[]), []);
}

#[test]
fn a_track_s_private_parts_move_that_track_only() {
    for track in ["drums", "bass"] {
        let mut moved = 0;
        for seed in 0..6 {
            let z = HYBRID.latent(Seed(seed));
            let paths = [format!("z_i.{track}"), format!("z_it.{track}")];
            let songs = play(&HYBRID, &[z.clone(), z.redraw(&paths, Seed(100 + seed)).unwrap()]);
            for name in FAMILIES.iter().filter(|name| **name != track) {
                assert_eq!(songs[0].track(name), songs[1].track(name), "{name} of seed {seed}");
            }
            moved += usize::from(songs[0].track(track) != songs[1].track(track));
        }
        assert!(moved >= 1, "{track} moved for {moved} of 6 seeds");
    }
}

#[test]
fn the_shared_parts_move_every_track() {
    let mut moved = [0; 5];
    for seed in 0..6 {
        let z = HYBRID.latent(Seed(seed));
        let other = z.redraw(&["z".to_owned(), "z_t".to_owned()], Seed(100 + seed)).unwrap();
        let songs = play(&HYBRID, &[z, other]);
        for (count, name) in moved.iter_mut().zip(FAMILIES) {
            *count += usize::from(songs[0].track(name) != songs[1].track(name));
        }
    }
    assert!(moved.iter().all(|count| *count >= 1), "{moved:?} of 6 seeds");
}

#[test]
fn another_model_s_latents_are_refused() {
    let foreign = Latent::draw(&Arc::new(LatentLayout::single(384)), Seed(1));
    let error = HYBRID.decode(&[foreign], &DecodeOptions::default(), &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("384 = z 384") && error.contains(&HYBRID.layout().to_string()), "{error}");
}

#[test]
fn a_raised_flag_stops_decoding() {
    let cancel = Cancel::new();
    cancel.raise();
    let stopped = HYBRID.decode(&[HYBRID.latent(Seed(1))], &DecodeOptions::default(), &cancel);
    assert!(matches!(stopped, Err(ModelError::Stopped)));
}

#[test]
fn given_tracks_come_back_bit_for_bit() {
    for names in [&["bass"][..], &["drums"], &["piano", "bass"], &["drums", "guitar", "bass", "strings"]] {
        let given = given(full(), names).with_tempo(Tempo::new(133.0).unwrap());
        let song = answer(&given).unwrap();
        assert_eq!(song.track_names(), FAMILIES);
        for name in names {
            assert_eq!(song.track(name).unwrap(), given.track(name).unwrap(), "{name} of {names:?}");
        }
        assert_eq!((song.tempos(), song.steps()), (given.tempos(), given.steps()));
        let added = song.tracks().iter().filter(|t| !names.contains(&&*t.name));
        assert!(added.filter(|t| !t.roll.is_silent()).count() > 0, "nothing is added to {names:?}");
    }
}

#[test]
fn given_tracks_keep_their_resolution_and_velocities() {
    let bass = given(full(), &["bass"]).resample(Resolution::MIDI);
    let loudness = |step: usize| [40 + (step % 64) as u8; 128];
    let bass = bass
        .map_track("bass", |t| {
            t.with_roll(t.roll.with_velocities((0..t.roll.steps()).map(loudness).collect()))
        })
        .unwrap();
    let song = answer(&bass).unwrap();
    assert_eq!((song.resolution(), song.steps()), (Resolution::MIDI, bass.steps()));
    assert_eq!(song.track("bass").unwrap(), bass.track("bass").unwrap());
    assert!(song.track("bass").unwrap().roll.velocities().is_some());
}

#[test]
fn a_shorter_piece_gets_an_answer_of_its_length() {
    let two = given(full(), &["bass"]).first_bars(2).unwrap();
    let song = answer(&two).unwrap();
    assert_eq!((song.bar_count(), song.steps()), (2, 96));
    assert_eq!(song.track("bass").unwrap(), two.track("bass").unwrap());
}

#[test]
fn tracks_that_the_model_does_not_know_stay_in_the_piece() {
    let bass = given(full(), &["bass"]);
    let lead = Track { name: "lead".into(), ..bass.tracks()[0].clone() };
    let both = bass.with_tracks(vec![lead.clone(), bass.tracks()[0].clone()]);
    let song = answer(&both).unwrap();
    assert_eq!(song.track_names()[5], "lead");
    assert_eq!(song.track("lead").unwrap(), &lead);
}

#[test]
fn pieces_that_cannot_be_answered_are_refused_with_what_to_do() {
    let bass = given(full(), &["bass"]);
    let waltz = bass.with_meters(vec![(0, Meter::new(3, 4).unwrap())]);
    let long = bass.concat(&bass.first_bars(1).unwrap()).unwrap();
    let silent = bass.map_track("bass", |t| t.with_roll(Pianoroll::silent(192))).unwrap();
    let unknown = bass.with_tracks(vec![Track {
        name: "lead".into(),
        program: Program::default(),
        ..bass.tracks()[0].clone()
    }]);
    let all = given(full(), &FAMILIES);
    let cases = [
        (waltz, "3/4 in bar 1: the models play 4/4 only"),
        (long, "5 bars"),
        (silent, "the given piece has bass, or is silent"),
        (unknown, "answers to drums, piano, guitar, bass, strings; the given piece has lead"),
        (all, "has nothing to add"),
    ];
    for (piece, expected) in cases {
        let error = answer(&piece).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let plain = DecodeOptions::default();
    let error = HYBRID.accompany(&bass, &[HYBRID.latent(Seed(1))], &plain, &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains("model `hybrid` composes from scratch; load `accompany`"), "{error}");
}

#[test]
fn the_answer_follows_what_was_given() {
    let bass_lines = tour();
    let songs: Vec<Multitrack> = bass_lines
        .iter()
        .map(|phrase| phrase.only(&["bass".to_owned()]).unwrap())
        .filter(|bass| !bass.is_silent())
        .take(64)
        .enumerate()
        .map(|(i, bass)| {
            let latent = ACCOMPANY.latent(Seed(i as u64));
            let plain = DecodeOptions::default();
            ACCOMPANY.accompany(&bass, &[latent], &plain, &Cancel::new()).unwrap().remove(0)
        })
        .collect();
    let test = tonal_agreement_of(&songs, "bass", "piano", Seed(1), 999).unwrap().unwrap();
    assert!(test.pairs >= 40 && test.p < 0.01, "{test}");
}

#[cfg(feature = "ndarray")]
#[test]
fn both_processor_devices_give_the_same_music() {
    let device = ricercar::model::DeviceName::Ndarray.open().unwrap().device;
    let bass = given(full(), &["bass"]);
    for name in ["hybrid", "accompany"] {
        let other = Library::default().load(name, &device, true).unwrap();
        let model = load(name);
        let grid = &model.architecture().grid;
        let heard = Cells::from_music(grid, &bass);
        let mask = [false, false, false, true, false];
        let given = model.accompanies().then_some((&heard, &mask[..]));
        let latents: Vec<Latent> = (0..3).map(|i| model.latent(Seed(i))).collect();
        let logits = |model: &Model| model.logits(&latents, given, &Cancel::new()).unwrap();
        for (a, b) in logits(&model).iter().zip(logits(&other)) {
            let largest = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(largest < 1e-3, "{name}: logits differ by {largest}");
            let half = Binarization::Threshold(0.5);
            let cells = [a, &b].map(|x| half.apply(grid, x, model.calibration(), 0));
            let near = a.iter().filter(|x| x.abs() < 1e-3).count() as u32;
            let differ: u32 =
                cells[0].words().iter().zip(cells[1].words()).map(|(a, b)| (a ^ b).count_ones()).sum();
            assert!(differ <= near, "{name}: {differ} cells differ, {near} lie at the limit");
        }
    }
}

/// Cells of the phrase of seed 5, and its logits.
fn cells(binarization: &Binarization) -> (Cells, Vec<f32>) {
    let logits = HYBRID.logits(&[HYBRID.latent(Seed(5))], None, &Cancel::new()).unwrap().remove(0);
    (binarization.apply(&HYBRID.architecture().grid, &logits, HYBRID.calibration(), 0), logits)
}

fn count(cells: &Cells) -> u32 {
    cells.words().iter().map(|word| word.count_ones()).sum()
}

#[test]
fn a_higher_threshold_leaves_fewer_of_the_same_cells() {
    let at = |threshold| cells(&Binarization::Threshold(threshold)).0;
    let thresholds = [0.0, 0.3, 0.5, 0.7, 1.0];
    for pair in thresholds.windows(2) {
        let (low, high) = (at(pair[0]), at(pair[1]));
        assert!(low.words().iter().zip(high.words()).all(|(low, high)| low & high == *high), "{pair:?}");
        assert!(count(&low) > count(&high), "{pair:?}");
    }
    assert_eq!(count(&at(1.0)), 0);
    assert_eq!(count(&at(0.0)) as usize, cells(&Binarization::Calibrated).1.len());
    let calibrated = count(&cells(&Binarization::Calibrated).0);
    assert!(calibrated > 0 && calibrated < count(&at(0.05)), "{calibrated}");
}

#[test]
fn bernoulli_draws_each_cell_with_its_probability() {
    let draw = |temperature, seed| cells(&Binarization::Bernoulli { temperature, seed: Seed(seed) });
    let (first, logits) = draw(1.0, 1);
    assert_eq!(first, draw(1.0, 1).0);
    assert_ne!(first, draw(1.0, 2).0);
    let probability = |x: &f32| 1.0 / (1.0 + f64::from(-x).exp());
    let expected: f64 = logits.iter().map(probability).sum();
    let deviation = logits.iter().map(|x| probability(x) * (1.0 - probability(x))).sum::<f64>().sqrt();
    for seed in 1..5 {
        let off = (f64::from(count(&draw(1.0, seed).0)) - expected).abs();
        assert!(off < 5.0 * deviation, "{off} from {expected}, of deviation {deviation}");
    }
    let half = cells(&Binarization::Threshold(0.5)).0;
    let from_half = |cells: &Cells| -> u32 {
        half.words().iter().zip(cells.words()).map(|(a, b)| (a ^ b).count_ones()).sum()
    };
    assert!(from_half(&draw(0.05, 1).0) < from_half(&first) / 4, "a low temperature is surer");
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let refused = |binarization| {
        let options = DecodeOptions { binarization, tempo: None };
        HYBRID.decode(&[HYBRID.latent(Seed(1))], &options, &Cancel::new()).unwrap_err().to_string()
    };
    assert_eq!(refused(Binarization::Threshold(1.5)), "`threshold` must lie in 0..1, got 1.5");
    let cold = refused(Binarization::Bernoulli { temperature: 0.0, seed: Seed(1) });
    assert_eq!(cold, "`temperature` must lie in 0.01..100, got 0");
    assert!(refused(Binarization::Threshold(f64::NAN)).contains("threshold"));
}

#[test]
fn a_tempo_of_one_s_own_is_taken() {
    let options = DecodeOptions { tempo: Some(Tempo::new(72.5).unwrap()), ..DecodeOptions::default() };
    let song = HYBRID.decode(&[HYBRID.latent(Seed(1))], &options, &Cancel::new()).unwrap().remove(0);
    assert_eq!(song.tempo().bpm(), 72.5);
}

/// What loading says of the shipped hybrid with one file changed.
fn broken(file: &str, change: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) -> String {
    let folder = tempfile::tempdir().unwrap();
    for name in ["model.yaml", "weights.safetensors"] {
        fs::copy(at_home("models/hybrid").join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join(file);
    match change(fs::read(&path).unwrap()) {
        Some(bytes) => fs::write(&path, bytes).unwrap(),
        None => fs::remove_file(&path).unwrap(),
    }
    let name = folder.path().to_str().unwrap();
    let error = Library::default().load(name, &Device::flex(), true).unwrap_err().to_string();
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    error
}

fn with_tensors(bytes: &[u8], change: impl FnOnce(&mut Vec<HostTensor>)) -> Option<Vec<u8>> {
    let (mut tensors, texts) = decode(Path::new("weights"), bytes).unwrap();
    change(&mut tensors);
    Some(encode(&tensors, texts, Precision::Half).unwrap())
}

#[test]
fn a_broken_model_folder_names_the_file_and_what_is_wrong() {
    let weights = "weights.safetensors";
    let missing = broken(weights, |bytes| with_tensors(&bytes, |all| all.retain(|t| t.name != "out/bias")));
    assert!(missing.contains("the matrix `out/bias` is missing"), "{missing}");
    let shape = broken(weights, |bytes| {
        with_tensors(&bytes, |all| {
            let bias = all.iter_mut().find(|t| t.name == "out/bias").unwrap();
            bias.shape.swap(0, 1);
        })
    });
    assert!(shape.contains("`out/bias` has shape [1, 5, 168]") && shape.contains("[5, 1, 168]"), "{shape}");
    broken(weights, |bytes| Some(bytes[..bytes.len() / 2].to_vec()));
    broken(weights, |_| None);
    let yaml = |from: &'static str, to: &'static str| {
        broken("model.yaml", move |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "{from}");
            Some(text.replacen(from, to, 1).into_bytes())
        })
    };
    assert!(yaml("format: 1", "format: 2").contains("it has format 2, this program reads 1"));
    assert!(yaml("steps_per_bar: 16", "steps_per_bar: 17").contains("`steps_per_bar`"));
    assert!(yaml("tempo: ", "tempi: ").contains("tempi"));
    assert!(yaml("presence:\n", "presence:\n  - 1.0\n").contains("`calibration`"));
}

#[test]
fn a_folder_s_model_hides_the_one_inside_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library { folders: vec![folder.path().to_owned()] };
    let own = folder.path().join("hybrid");
    fs::create_dir(&own).unwrap();
    for name in ["model.yaml", "weights.safetensors"] {
        fs::copy(at_home("models/accompany").join(name), own.join(name)).unwrap();
    }
    let model = library.load("hybrid", &Device::flex(), true).unwrap();
    assert_eq!(model, *ACCOMPANY);
    let listed = library.list();
    let folders: Vec<_> = listed.iter().map(|l| (l.name.as_str(), l.folder.as_deref())).collect();
    assert_eq!(folders, [("hybrid", Some(own.as_path())), ("accompany", None)]);
    assert_eq!(listed[0].hash, model.hash());
}

#[test]
fn a_model_deeper_down_is_loaded_by_its_path_and_not_listed() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library { folders: vec![folder.path().to_owned()] };
    let deep = folder.path().join("study/joint");
    fs::create_dir_all(&deep).unwrap();
    for name in ["model.yaml", "weights.safetensors"] {
        fs::copy(at_home("models/accompany").join(name), deep.join(name)).unwrap();
    }
    let model = library.load("study/joint", &Device::flex(), true).unwrap();
    assert_eq!(model.training().batch_size, 64);
    assert!(library.has("study/joint") && library.has("hybrid") && library.has(deep.to_str().unwrap()));
    assert!(!library.has("joint") && !library.has("study"));
    assert!(library.list().iter().all(|listing| listing.folder.is_none()));
}

#[test]
fn a_model_that_is_not_there_is_met_with_those_that_are() {
    let error = Library::default().load("hybird", &Device::flex(), true).unwrap_err().to_string();
    assert_eq!(error, "no model `hybird`: there are hybrid, accompany; did you mean `hybrid`?");
}

#[test]
fn families_are_the_tracks_of_both_models() {
    for model in [&*HYBRID, &*ACCOMPANY] {
        assert_eq!(model.architecture().grid.tracks, Family::ALL.map(|family| family.name().to_owned()));
    }
    assert!(ACCOMPANY.accompanies() && !HYBRID.accompanies());
}
