//! Every golden MIDI file gives the notes that pretty_midi 0.2.11 reads, but for the named
//! differences.

use std::path::{Path, PathBuf};

use ricercar::midi::{self, Score};
use ricercar::music::{Meter, Resolution};
use serde_json::Value;

/// A deliberate difference from pretty_midi, and the reason.
struct Deviation {
    file: &'static str,
    reason: &'static str,
    /// Notes that only we have: pitch, velocity, start tick, end tick.
    extra: &'static [[u64; 4]],
    /// Our tempo changes (tick, microseconds per beat) where they differ; seconds then follow them.
    tempos: Option<&'static [(u64, u32)]>,
}

const DEVIATIONS: [Deviation; 2] = [
    Deviation {
        file: "missing_note_off.mid",
        reason: "a note that is never ended ends with its track, and is reported",
        extra: &[[70, 64, 960, 4320]],
        tempos: None,
    },
    Deviation {
        file: "tempo_on_second_track.mid",
        reason: "tempo counts from every track",
        extra: &[],
        tempos: Some(&[(0, 1_000_000)]),
    },
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/midi")
}

fn expected() -> Vec<(String, Value)> {
    let text = std::fs::read_to_string(folder().join("expected.json")).unwrap();
    let root: Value = serde_json::from_str(&text).unwrap();
    root["files"].as_object().unwrap().iter().map(|(name, file)| (name.clone(), file.clone())).collect()
}

fn score(name: &str) -> Score {
    midi::read(&folder().join(name)).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

/// Notes as `[pitch, velocity, start, end]`, in order.
fn notes_of(instrument: &midi::Instrument) -> Vec<[u64; 4]> {
    let note = |n: &midi::ScoreNote| [n.pitch.number().into(), n.velocity.into(), n.start, n.end];
    let mut notes: Vec<_> = instrument.notes.iter().map(note).collect();
    notes.sort();
    notes
}

#[test]
fn every_file_gives_the_notes_of_pretty_midi() {
    let files = expected();
    assert_eq!(files.len(), 26, "all golden files are here");
    for (name, wanted) in files {
        let score = score(&name);
        let deviation = DEVIATIONS.iter().find(|d| d.file == name);
        let reason = deviation.map_or("", |d| d.reason);
        assert_eq!(score.division.ticks_per_beat(), wanted["ticks_per_beat"].as_f64().unwrap(), "{name}");

        let instruments = wanted["instruments"].as_array().unwrap();
        assert_eq!(score.instruments.len(), instruments.len(), "{name}");
        for (got, wanted) in score.instruments.iter().zip(instruments) {
            assert_eq!(got.name, wanted["name"].as_str().unwrap(), "{name}");
            assert_eq!(u64::from(got.program.number()), wanted["program"].as_u64().unwrap(), "{name}");
            assert_eq!(got.is_drum, wanted["is_drum"].as_bool().unwrap(), "{name}");
            let notes = wanted["notes"].as_array().unwrap();
            let mut ticks: Vec<[u64; 4]> =
                notes.iter().map(|n| [0, 1, 4, 5].map(|i| n[i].as_u64().unwrap())).collect();
            ticks.extend(deviation.map_or(&[][..], |d| d.extra));
            ticks.sort();
            assert_eq!(notes_of(got), ticks, "{name} {reason}");
            if deviation.is_none_or(|d| d.tempos.is_none()) {
                for note in notes {
                    for (tick, seconds) in [(4, 2), (5, 3)] {
                        let ours = score.seconds(note[tick].as_u64().unwrap());
                        assert!(close(ours, note[seconds].as_f64().unwrap()), "{name}: {note}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_file_gives_the_tempos_and_meters_of_pretty_midi() {
    for (name, wanted) in expected() {
        let score = score(&name);
        let got: Vec<(u64, u32)> = score.tempos.iter().map(|t| (t.tick, t.micros)).collect();
        match DEVIATIONS.iter().find(|d| d.file == name).and_then(|d| d.tempos) {
            Some(tempos) => assert_eq!(got, tempos, "{name}"),
            None => {
                let tempos = wanted["tempo_changes"].as_array().unwrap();
                assert_eq!(got.len(), tempos.len(), "{name}");
                for (got, wanted) in score.tempos.iter().zip(tempos) {
                    assert!(close(score.seconds(got.tick), wanted[0].as_f64().unwrap()), "{name}");
                    assert!(close(got.tempo.bpm(), wanted[1].as_f64().unwrap()), "{name}");
                }
            }
        }
        let meters = wanted["time_signatures"].as_array().unwrap();
        assert_eq!(score.meters.len(), meters.len(), "{name}");
        for ((tick, meter), wanted) in score.meters.iter().zip(meters) {
            let number = |i: usize| u8::try_from(wanted[i].as_u64().unwrap()).unwrap();
            assert_eq!(*meter, Meter::new(number(0), number(1)).unwrap(), "{name}");
            assert!(close(score.seconds(*tick), wanted[2].as_f64().unwrap()), "{name}");
        }
    }
}

#[test]
fn every_deviation_is_of_a_golden_file_and_the_account_tells_of_what_was_repaired() {
    let names: Vec<String> = expected().into_iter().map(|(name, _)| name).collect();
    for deviation in &DEVIATIONS {
        assert!(names.iter().any(|n| n == deviation.file), "{}", deviation.file);
    }
    let told: Vec<String> = names
        .iter()
        .flat_map(|name| score(name).repairs().map(|r| format!("{name}: {r}")).collect::<Vec<_>>())
        .collect();
    assert_eq!(told, ACCOUNT);
}

/// What the golden files have repaired, all of it.
const ACCOUNT: [&str; 5] = [
    "drums_channel_10.mid: track 2: 4 note-offs without a note dropped (first F#2 at tick 1807)",
    "missing_note_off.mid: track 2: 1 note-off without a note dropped (first F5 at tick 2400)",
    "missing_note_off.mid: track 2: 1 note never ended (first A#4 at tick 960): made to end with the track at tick 4320",
    "overlapping_same_pitch.mid: track 2: 2 note-offs without a note dropped (first G#4 at tick 1440)",
    "zero_and_tiny_notes.mid: track 2: 2 notes of no length dropped (first G#4 at tick 0)",
];

#[test]
fn no_file_loses_a_note_on_the_grid() {
    for (name, _) in expected() {
        let score = score(&name);
        let piece = score.to_multitrack(Resolution::MIDI).unwrap();
        assert_eq!(piece.tracks().len(), score.instruments.len(), "{name}");
        assert_eq!(piece.steps(), *piece.bar_lines().last().unwrap(), "{name}: whole bars");
    }
}
