//! Other programs read what we write, and we read what they write: pypianoroll, pretty_midi, mido and
//! numpy, run here. Without Python or a package the tests say so and pass; with
//! `RICERCAR_REQUIRE_PYTHON` set, as in continuous integration, they fail. `RICERCAR_PYTHON` names the
//! interpreter; `tests/interop/requirements.txt` the packages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use ricercar::base::Stamp;
use ricercar::midi::{self, WriteOptions};
use ricercar::music::{
    Meter, Multitrack, Note, Pianoroll, Pitch, Program, Resolution, Tempo, Track, pitches_of,
};
use ricercar::npz::{self, Contents, Dense, PhraseArray, Values};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND.get_or_init(|| python_with("numpy, pypianoroll, pretty_midi, mido")).as_deref()
}

/// The interpreter, if it has some packages; `None` to skip.
pub fn python_with(packages: &str) -> Option<String> {
    let python = std::env::var("RICERCAR_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let line = format!("import {packages}");
    let reason = match Command::new(&python).args(["-W", "ignore", "-c", &line]).output() {
        Ok(output) if output.status.success() => return Some(python),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            text.lines().last().unwrap_or("it failed").to_owned()
        }
        Err(error) => error.to_string(),
    };
    let told = format!("`{python}`: {reason}; tests/interop/requirements.txt names the packages");
    assert!(std::env::var_os("RICERCAR_REQUIRE_PYTHON").is_none(), "{told}");
    eprintln!("skipped: {told}");
    None
}

/// What a script of `tests/interop` prints about a folder, as JSON by file name; `None` to skip.
fn ask(script: &str, folder: &Path) -> Option<BTreeMap<String, Value>> {
    let output = run(script, folder)?;
    Some(serde_json::from_slice(&output).unwrap())
}

fn run(script: &str, folder: &Path) -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(script);
    let output = Command::new(python()?).args(["-W", "ignore"]).arg(path).arg(folder).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bits(cells: impl IntoIterator<Item = bool>) -> Vec<u8> {
    cells.into_iter().map(u8::from).collect()
}

/// A piece with all that files can hold: drums, repeated notes, velocities and none, changes of tempo
/// and meter.
fn piece(resolution: i64) -> Multitrack {
    let resolution = Resolution::new(resolution).unwrap();
    let beat = resolution.steps();
    let note = |start, pitch, end, velocity| {
        let pitch = Pitch::new(pitch).unwrap();
        Note { start, pitch, end, velocity }
    };
    let steps = 14 * beat;
    let melody: Vec<Note> = (0..14)
        .flat_map(|i| {
            let (start, loud) = (i * beat, 20 + 7 * i as u8);
            // Each note is followed at once by another of its pitch.
            [note(start, 60, start + beat, loud), note(start, 64 + i as i64, start + 1, loud + 1)]
        })
        .collect();
    let low: Vec<Note> = (0..7).map(|i| note(2 * i * beat, 36, 2 * i * beat + beat, 100)).collect();
    let track = |name: &str, program, is_drum, roll| Track {
        name: name.into(),
        program: Program::new(program).unwrap(),
        is_drum,
        roll,
    };
    let tracks = vec![
        track("drums", 0, true, Pianoroll::from_notes(steps, &low).without_velocities()),
        track("lead", 81, false, Pianoroll::from_notes(steps, &melody)),
        track("bass", 33, false, Pianoroll::from_notes(steps, &low)),
        track("silent", 48, false, Pianoroll::silent(steps)),
        track("edges", 127, false, {
            Pianoroll::from_notes(steps, &[note(0, 0, steps, 1), note(steps - 1, 127, steps, 127)])
        }),
    ];
    let tempo = |bpm| Tempo::new(bpm).unwrap();
    Multitrack::new(tracks, resolution)
        .with_name(Some("interop"))
        .with_tempos(vec![(0, tempo(125.0)), (4 * beat, tempo(60.0)), (8 * beat, tempo(97.1))])
        .with_meters(vec![(0, Meter::COMMON), (8 * beat, Meter::new(3, 4).unwrap())])
}

/// The piece above at several resolutions, and every golden MIDI file.
fn pieces() -> Vec<(String, Multitrack)> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/midi");
    let mut pieces: Vec<_> = [4, 12, 24].map(|steps| (format!("piece_{steps}"), piece(steps))).into();
    for entry in std::fs::read_dir(golden).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "mid") {
            let read = midi::read(&path).unwrap().to_multitrack(Resolution::MIDI).unwrap();
            pieces.push((path.file_stem().unwrap().to_string_lossy().into_owned(), read));
        }
    }
    assert!(pieces.len() > 20);
    pieces
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn pypianoroll_loads_what_we_write_cell_for_cell() {
    let (_kept, folder) = folder();
    let pieces = pieces();
    for (name, piece) in &pieces {
        npz::write_multitrack(&folder.join(format!("{name}.npz")), piece).unwrap();
    }
    let Some(told) = ask("read_npz.py", &folder) else { return };
    for (name, piece) in &pieces {
        let told = &told[&format!("{name}.npz")];
        assert_eq!(told["name"], json!(piece.name()), "{name}");
        assert_eq!(told["resolution"], json!(piece.resolution().steps()), "{name}");
        let bars = piece.bar_lines();
        assert_eq!(told["downbeats"], json!(bars[..bars.len() - 1]), "{name}");
        let at = |step: usize| piece.tempos().iter().rev().find(|(from, _)| *from <= step).unwrap().1.bpm();
        let tempos: Vec<f64> = (0..piece.steps().max(1)).map(at).collect();
        let told_tempos: Vec<String> = serde_json::from_value(told["tempo"].clone()).unwrap();
        let told_tempos: Vec<f64> = told_tempos.iter().map(|tempo| tempo.parse().unwrap()).collect();
        assert_eq!(told_tempos, tempos, "{name}");
        let tracks: Vec<Value> = piece.tracks().iter().map(track_cells).collect();
        assert_eq!(told["tracks"], json!(tracks), "{name}");
    }
}

/// A track as `read_npz.py` tells it.
fn track_cells(track: &Track) -> Value {
    let plain = track.roll.velocities().is_none();
    let value = |step, pitch| if plain { 1 } else { track.roll.velocity(step, pitch) };
    let cells: Vec<[usize; 3]> = (0..)
        .zip(track.roll.separated())
        .flat_map(|(step, set)| pitches_of(set).map(move |pitch| (step, pitch)))
        .map(|(step, pitch)| [step, pitch.into(), value(step, pitch).into()])
        .collect();
    json!({
        "name": &*track.name,
        "program": track.program.number(),
        "is_drum": track.is_drum,
        "kind": if plain { "binary" } else { "standard" },
        "shape": [track.roll.steps(), 128],
        "cells": cells,
    })
}

#[test]
fn mido_and_pretty_midi_read_what_we_write_note_for_note() {
    let (_kept, folder) = folder();
    let pieces = pieces();
    for (name, piece) in &pieces {
        midi::write(&folder.join(format!("{name}.mid")), piece, &WriteOptions::default()).unwrap();
    }
    let Some(told) = ask("read_midi.py", &folder) else { return };
    for (name, piece) in &pieces {
        let told = &told[&format!("{name}.mid")];
        agree_with_mido(name, piece, &told["mido"]);
        agree_with_pretty_midi(name, piece, &told["pretty_midi"]);
    }
}

/// Ticks are exact.
fn agree_with_mido(name: &str, piece: &Multitrack, told: &Value) {
    let ticks_per_step = told["ticks_per_beat"].as_u64().unwrap() as usize / piece.resolution().steps();
    let tick = |step: usize| step * ticks_per_step;
    let tempos: Vec<[f64; 2]> =
        piece.tempos().iter().map(|(at, t)| [tick(*at) as f64, (6e7 / t.bpm()).round()]).collect();
    let meters: Vec<[usize; 3]> = piece
        .meters()
        .iter()
        .map(|(at, m)| [tick(*at), m.numerator().into(), m.denominator().into()])
        .collect();
    let numbers = |value: &Value| -> Vec<Vec<f64>> { serde_json::from_value(value.clone()).unwrap() };
    assert_eq!(numbers(&told["tempos"]), tempos, "{name}");
    assert_eq!(told["meters"], json!(meters), "{name}");
    let tracks = told["tracks"].as_array().unwrap();
    assert_eq!(tracks.len(), piece.tracks().len() + 1, "{name}: the first holds tempo and meter");
    for (track, told) in piece.tracks().iter().zip(&tracks[1..]) {
        assert_eq!(told["name"], json!(&*track.name), "{name}");
        assert_eq!(told["program"][1], json!(track.program.number()), "{name}");
        assert_eq!(told["program"][0] == 9, track.is_drum, "{name}");
        assert_eq!(told["end"], json!(tick(piece.steps())), "{name}");
        let notes: Vec<[usize; 4]> = track
            .roll
            .notes()
            .iter()
            .map(|n| [tick(n.start), n.pitch.number().into(), tick(n.end), n.velocity.into()])
            .collect();
        assert_eq!(told["notes"], json!(notes), "{name}, {}", track.name);
    }
}

/// Times are within the rounding of a tempo to whole microseconds a beat.
fn agree_with_pretty_midi(name: &str, piece: &Multitrack, told: &Value) {
    let close = |a: f64, b: &Value| (a - b.as_f64().unwrap()).abs() < 1e-4;
    let tempos = told["tempos"].as_array().unwrap();
    assert_eq!(tempos.len(), piece.tempos().len(), "{name}");
    for ((at, tempo), told) in piece.tempos().iter().zip(tempos) {
        assert!(close(piece.seconds_at(*at), &told[0]), "{name}: {told}");
        assert!((tempo.bpm() / told[1].as_f64().unwrap() - 1.0).abs() < 1e-5, "{name}: {told}");
    }
    let meters = told["meters"].as_array().unwrap();
    assert_eq!(meters.len(), piece.meters().len(), "{name}");
    for ((at, meter), told) in piece.meters().iter().zip(meters) {
        assert!(close(piece.seconds_at(*at), &told[0]), "{name}: {told}");
        assert_eq!((&told[1], &told[2]), (&json!(meter.numerator()), &json!(meter.denominator())), "{name}");
    }
    // pretty_midi has no instruments without notes.
    let tracks: Vec<&Track> = piece.tracks().iter().filter(|t| t.roll.note_count() > 0).collect();
    let instruments = told["instruments"].as_array().unwrap();
    assert_eq!(instruments.len(), tracks.len(), "{name}");
    for (track, told) in tracks.iter().zip(instruments) {
        assert_eq!(told["name"], json!(&*track.name), "{name}");
        assert_eq!(told["is_drum"], json!(track.is_drum), "{name}");
        assert_eq!(told["program"], json!(track.program.number()), "{name}");
        let notes = told["notes"].as_array().unwrap();
        assert_eq!(notes.len(), track.roll.note_count(), "{name}, {}", track.name);
        for (note, told) in track.roll.notes().iter().zip(notes) {
            let pitch_and_velocity = (&json!(note.pitch.number()), &json!(note.velocity));
            assert_eq!((&told[1], &told[3]), pitch_and_velocity, "{name}, {}", track.name);
            assert!(close(piece.seconds_at(note.start), &told[0]), "{name}: {told}");
            assert!(close(piece.seconds_at(note.end), &told[2]), "{name}: {told}");
        }
    }
}

/// Three phrases with cells at every edge.
fn phrases() -> PhraseArray {
    let cells: Vec<bool> =
        (0..3 * 4 * 48 * 84 * 5).map(|i: usize| i.is_multiple_of(67) || i % 419 == 3).collect();
    let dense = Dense::new(&[3, 4, 48, 84, 5], Values::Bool(cells)).unwrap();
    PhraseArray::from_dense("phrases.npy", &dense).unwrap()
}

#[test]
fn numpy_reads_our_arrays_and_phrases() {
    let (_kept, folder) = folder();
    let phrases = phrases();
    let Values::Bool(cells) = phrases.to_dense().values().clone() else { panic!("phrases are booleans") };
    let floats: Vec<f32> = (0..12).map(|i| i as f32 * 0.1 - 0.5).collect();
    npz::write_npy(&folder.join("phrases.npy"), &phrases.to_dense()).unwrap();
    let bytes = Dense::new(&[2, 128], Values::Bytes((0..=255).collect())).unwrap();
    npz::write_npy(&folder.join("bytes.npy"), &bytes).unwrap();
    let of_floats = Dense::new(&[3, 4], Values::Floats(floats.clone())).unwrap();
    npz::write_npy(&folder.join("floats.npy"), &of_floats).unwrap();
    npz::write_phrases(&folder.join("phrases.npz"), &phrases, Some(&Stamp::of_program())).unwrap();
    let Some(told) = ask("read_arrays.py", &folder) else { return };
    let as_told = |file: &str, shape: Value, kind: &str, data: Vec<u8>| {
        let told = &told[file];
        assert_eq!((&told["shape"], &told["type"]), (&shape, &json!(kind)), "{file}");
        assert_eq!(told["sha256"], json!(sha256(data)), "{file}");
    };
    let shape = json!([3, 4, 48, 84, 5]);
    as_told("phrases.npy", shape.clone(), "bool", bits(cells.iter().copied()));
    as_told("phrases.npz", shape, "bool", bits(cells));
    as_told("bytes.npy", json!([2, 128]), "uint8", (0..=255).collect());
    as_told("floats.npy", json!([3, 4]), "float32", floats.iter().flat_map(|x| x.to_le_bytes()).collect());
}

#[test]
fn we_read_what_pypianoroll_and_pretty_midi_and_numpy_write() {
    let (_kept, folder) = folder();
    if run("write_files.py", &folder).is_none() {
        return;
    }
    let songs = ask("read_npz.py", &folder).unwrap();
    for (name, told) in &songs {
        let piece = npz::read_multitrack(&folder.join(name)).unwrap();
        assert_eq!(json!(piece.name()), told["name"], "{name}");
        assert_eq!(json!(piece.resolution().steps()), told["resolution"], "{name}");
        let tracks: Vec<Value> = piece.tracks().iter().map(track_cells).collect();
        assert_eq!(json!(tracks), told["tracks"], "{name}");
        let tempos: Vec<(usize, f64)> = piece.tempos().iter().map(|(at, t)| (*at, t.bpm())).collect();
        assert_eq!(tempos, [(0, 97.5), (piece.steps() / 2, 140.0)], "{name}");
        let bars = piece.bar_lines();
        assert_eq!(json!(bars[..bars.len() - 1]), told["downbeats"], "{name}");
    }
    let scores = ask("read_midi.py", &folder).unwrap();
    assert_eq!((songs.len(), scores.len()), (4, 3));
    for (name, told) in &scores {
        let told = &told["pretty_midi"];
        let score = midi::read(&folder.join(name)).unwrap();
        assert_eq!(score.division.ticks_per_beat(), told["resolution"].as_f64().unwrap(), "{name}");
        let instruments = told["instruments"].as_array().unwrap();
        assert_eq!(score.instruments.len(), instruments.len(), "{name}");
        for (part, told) in score.instruments.iter().zip(instruments) {
            assert_eq!(json!(part.name), told["name"], "{name}");
            assert_eq!(json!(part.program.number()), told["program"], "{name}");
            assert_eq!(json!(part.is_drum), told["is_drum"], "{name}");
            let notes: Vec<[u64; 4]> = part
                .notes
                .iter()
                .map(|n| [n.start, n.pitch.number().into(), n.end, n.velocity.into()])
                .collect();
            assert_eq!(json!(notes), told["ticks"], "{name}, {}", part.name);
        }
        let bpm = told["tempos"][0][1].as_f64().unwrap();
        assert!((score.tempos[0].tempo.bpm() - bpm).abs() < 1e-6, "{name}");
        assert_eq!(score.meters, [(0, Meter::new(3, 4).unwrap())], "{name}");
    }
    let wanted = npz::read_phrases(&folder.join("phrases.npz")).unwrap();
    let Values::Bool(cells) = wanted.to_dense().values().clone() else { panic!("phrases are booleans") };
    let arrays = ask("read_arrays.py", &only_arrays(&folder)).unwrap();
    assert_eq!(arrays["phrases.npy"]["sha256"], json!(sha256(bits(cells))));
    for name in ["phrases.npy", "velocities.npy", "fortran.npy"] {
        match npz::read_any(&folder.join(name)).unwrap() {
            Contents::Phrases(phrases) => assert!(phrases == wanted, "{name}"),
            Contents::Multitrack(_) => panic!("{name} holds phrases"),
        }
    }
}

/// A folder inside `folder` with its file of phrases only.
fn only_arrays(folder: &Path) -> PathBuf {
    let arrays = folder.join("arrays");
    std::fs::create_dir(&arrays).unwrap();
    std::fs::copy(folder.join("phrases.npy"), arrays.join("phrases.npy")).unwrap();
    arrays
}
