//! Every golden npz file gives its cells, velocities, tempos and names, but for the named differences.

use std::path::{Path, PathBuf};

use ricercar::music::{Family, Multitrack, Origin, Pianoroll, Program, Resolution, Track, pitches_of};
use ricercar::npz::{self, Contents, PhraseArray, Values};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Deliberate differences from what pypianoroll holds after loading, and the reasons.
const DEVIATIONS: [(&str, &str); 4] = [
    ("null track names", "a track without a name is called after its family, so that scripts can say it"),
    ("ragged lengths", "tracks of one piece have one length: shorter ones are padded with silence"),
    ("other number types", "values that are neither bool nor uint8 become velocities 1 to 127"),
    ("an array of downbeats", "bar lines become a map of meters; beats are implied by the resolution"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/npz")
}

fn expected(layout: &str) -> Vec<(String, Value)> {
    let text = std::fs::read_to_string(folder().join("expected.json")).unwrap();
    let root: Value = serde_json::from_str(&text).unwrap();
    let files = root["files"].as_object().unwrap().iter();
    files.filter(|(_, f)| f["layout"] == layout).map(|(name, f)| (name.clone(), f.clone())).collect()
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn multitrack(name: &str) -> Multitrack {
    match npz::read_any(&folder().join(name)).unwrap() {
        Contents::Multitrack(piece) => piece,
        Contents::Phrases(_) => panic!("{name} is a multitrack"),
    }
}

/// The first `steps` rows of a roll as bytes: 1 where it sounds, or the velocities.
fn dense(roll: &Pianoroll, steps: usize, velocities: bool) -> Vec<u8> {
    let cell = |step: usize, pitch: u8| match roll.sounding()[step] >> pitch & 1 {
        1 if velocities => roll.velocity(step, pitch),
        sounds => sounds as u8,
    };
    (0..steps).flat_map(|step| (0..128).map(move |pitch| cell(step, pitch))).collect()
}

#[test]
fn every_multitrack_gives_its_cells_and_velocities() {
    let files = expected("multitrack");
    assert_eq!(files.len(), 16, "all golden files are here");
    for (name, wanted) in files {
        let piece = multitrack(&name);
        assert_eq!(piece.resolution().steps() as u64, wanted["resolution"].as_u64().unwrap(), "{name}");
        assert_eq!(piece.name(), wanted["info_json"]["name"].as_str(), "{name}");
        let tracks = wanted["tracks"].as_array().unwrap();
        assert_eq!(piece.tracks().len(), tracks.len(), "{name}");
        for (got, wanted) in piece.tracks().iter().zip(tracks) {
            let steps = wanted["shape"][0].as_u64().unwrap() as usize;
            let track = format!("{name}, track {}", got.name);
            assert_eq!(u64::from(got.program.number()), wanted["program"].as_u64().unwrap(), "{track}");
            assert_eq!(got.is_drum, wanted["is_drum"].as_bool().unwrap(), "{track}");
            let family = got.family().unwrap().name();
            assert_eq!(&*got.name, wanted["name"].as_str().unwrap_or(family), "{track}: {:?}", DEVIATIONS[0]);
            let silent_after = got.roll.slice(steps, piece.steps()).unwrap().is_silent();
            assert!(silent_after, "{track}: {:?}", DEVIATIONS[1]);
            let hash = |velocities| sha256(dense(&got.roll, steps, velocities));
            assert_eq!(hash(false), wanted["sha256_binarized_uint8"].as_str().unwrap(), "{track}");
            let type_name = wanted["dtype"].as_str().unwrap();
            if type_name == "|u1" {
                assert_eq!(hash(true), wanted["sha256_dense_uint8"].as_str().unwrap(), "{track}");
            }
            assert_eq!(got.roll.velocities().is_none(), type_name == "|b1", "{track}: {:?}", DEVIATIONS[2]);
        }
    }
}

#[test]
fn every_multitrack_gives_its_tempos() {
    for (name, wanted) in expected("multitrack") {
        let piece = multitrack(&name);
        let wanted = &wanted["tempo"];
        if wanted.is_null() {
            assert_eq!(piece.tempo().bpm(), 120.0, "{name}");
            continue;
        }
        assert_eq!(piece.tempo().bpm(), wanted["first"].as_f64().unwrap(), "{name}");
        let count = wanted["shape"].as_array().unwrap().first().map_or(1, |n| n.as_u64().unwrap() as usize);
        if count != 1 && count == piece.steps() {
            let at = |step: usize| piece.tempos().iter().rev().find(|(from, _)| *from <= step).unwrap().1;
            let bytes: Vec<u8> = (0..count).flat_map(|step| at(step).bpm().to_le_bytes()).collect();
            assert_eq!(sha256(bytes), wanted["sha256_f64_le"].as_str().unwrap(), "{name}");
        }
    }
}

#[test]
fn every_multitrack_has_its_bar_lines() {
    for (name, wanted) in expected("multitrack") {
        let downbeat = &wanted["downbeat"];
        if downbeat.is_null() {
            continue;
        }
        let steps: Vec<usize> =
            downbeat["steps"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        let piece = multitrack(&name);
        let lines = piece.bar_lines();
        assert_eq!(lines[..lines.len() - 1], steps, "{name}: {:?}", DEVIATIONS[3]);
    }
}

#[test]
fn other_number_types_become_velocities() {
    let piece = multitrack("v1x_mixed_types.npz");
    let range = |track: usize| {
        let velocities = piece.tracks()[track].roll.velocities().unwrap().values();
        (*velocities.iter().min().unwrap(), *velocities.iter().max().unwrap())
    };
    assert_eq!(range(0), (37, 127), "integers up to 4699 end at 127");
    assert_eq!(range(1), (1, 127), "fractions are over 127");
}

#[test]
fn every_file_of_phrases_gives_its_cells() {
    let files = expected("sparse training");
    assert_eq!(files.len(), 4, "all golden files are here");
    for (name, wanted) in files {
        let phrases = match npz::read_any(&folder().join(&name)).unwrap() {
            Contents::Phrases(phrases) => phrases,
            Contents::Multitrack(_) => panic!("{name} holds phrases"),
        };
        assert_cells(&name, &phrases, &wanted);
    }
    for (name, wanted) in expected("dense") {
        let array = npz::read_npy(&folder().join(&name)).unwrap();
        assert_cells(&name, &PhraseArray::from_dense(&name, &array).unwrap(), &wanted);
    }
}

fn assert_cells(name: &str, phrases: &PhraseArray, wanted: &Value) {
    let shape: Vec<u64> = phrases.shape().iter().map(|n| *n as u64).collect();
    let wanted_shape: Vec<u64> =
        wanted["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    assert_eq!(shape, wanted_shape, "{name}");
    assert_eq!(phrases.cells() as u64, wanted["nonzero"].as_u64().unwrap(), "{name}");
    let Values::Bool(cells) = phrases.to_dense().values().clone() else { panic!("phrases are booleans") };
    let bytes: Vec<u8> = cells.into_iter().map(u8::from).collect();
    assert_eq!(sha256(bytes), wanted["sha256_dense_uint8"].as_str().unwrap(), "{name}");
}

#[test]
fn a_phrase_is_five_families_at_twelve_steps_a_beat() {
    let phrases = npz::read_phrases(&folder().join("train_sparse.npz")).unwrap();
    let phrase = phrases.phrase(0).unwrap();
    phrase.check_phrase().unwrap();
    assert_eq!(phrase.track_names(), Family::ALL.map(Family::name));
    assert_eq!((phrase.resolution(), phrase.bar_count()), (Resolution::MODEL, 4));
    let cells: u32 = phrase.tracks().iter().flat_map(|t| t.roll.sounding()).map(|set| set.count_ones()).sum();
    let lowest =
        phrase.tracks().iter().flat_map(|t| t.roll.sounding()).flat_map(|set| pitches_of(*set)).min();
    assert_eq!((cells, lowest >= Some(24)), (1170, true));
}

#[test]
fn what_was_read_is_written_and_read_again_equal() {
    for (name, _) in expected("multitrack") {
        let piece = multitrack(&name);
        let bytes = npz::multitrack_to_bytes(&piece).unwrap();
        assert_eq!(npz::multitrack_from_bytes(&name, &bytes).unwrap(), piece, "{name}");
    }
    for (name, _) in expected("sparse training") {
        let phrases = npz::read_phrases(&folder().join(&name)).unwrap();
        let bytes = npz::phrases_to_bytes(&phrases).unwrap();
        assert_eq!(npz::phrases_from_bytes(&name, &bytes).unwrap(), phrases, "{name}");
    }
}

#[test]
fn the_origin_travels_in_the_file() {
    let origin = Origin { model: "hybrid@12".to_owned(), seed: Some(u64::MAX), latent: "ab".to_owned() };
    let track = Track {
        name: "p\u{ef}ano".into(),
        program: Program::new(3).unwrap(),
        is_drum: false,
        roll: Pianoroll::from_sounding(vec![1 << 60; 48]),
    };
    let piece = Multitrack::new(vec![track], Resolution::MODEL).with_origin(Some(origin));
    let bytes = npz::multitrack_to_bytes(&piece).unwrap();
    assert_eq!(npz::multitrack_from_bytes("x.npz", &bytes).unwrap(), piece);
}
