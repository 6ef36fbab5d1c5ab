//! The `exact` measures equal golden values that were computed apart from this program, from dense
//! arrays and by the definitions in `tests/golden/metrics/README.md`.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use ndarray::Array4;
use ndarray_npy::ReadNpyExt;
use ricercar::metrics::{self, Metrics, Options, TrackMetrics};
use ricercar::music::{Family, LOWEST_PITCH, Multitrack, Pianoroll, Resolution, Track};
use ricercar::npz;
use serde_json::Value;

const TOLERANCE: f64 = 1e-6;

/// A file of the golden set: its phrases, and what is expected of them.
pub struct Golden {
    pub name: String,
    pub phrases: Vec<Multitrack>,
    /// The entry of `expected.json`.
    pub facts: Value,
    corrected: Value,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/metrics")
}

pub fn golden() -> Vec<Golden> {
    let expected: Value =
        serde_json::from_reader(File::open(folder().join("expected.json")).unwrap()).unwrap();
    let files = expected["files"].as_object().unwrap();
    let read = |(name, facts): (&String, &Value)| Golden {
        name: name.clone(),
        phrases: read_phrases(name, facts),
        facts: facts.clone(),
        corrected: facts["corrected"].clone(),
    };
    files.iter().map(read).collect()
}

/// The phrases of a file. The `v1` arrays, dense and without an axis of phrases, are one long one.
fn read_phrases(file: &str, facts: &Value) -> Vec<Multitrack> {
    if file.starts_with("src") {
        return npz::read_phrases(&folder().join(file)).unwrap().iter().collect();
    }
    let bars = read_dense(file);
    let (steps_per_bar, steps) = (bars.dim().1, bars.dim().0 * bars.dim().1);
    let names = facts["tracks"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let mut planes = vec![vec![0u128; steps]; bars.dim().3];
    for ((bar, step, pitch, track), _) in bars.indexed_iter().filter(|(_, sounds)| **sounds) {
        planes[track][bar * steps_per_bar + step] |= 1 << (pitch + usize::from(LOWEST_PITCH));
    }
    let tracks = planes.into_iter().zip(names).map(|(plane, name)| {
        Track::of_family(Family::from_name(name).unwrap(), Pianoroll::from_sounding(plane))
    });
    vec![Multitrack::new(tracks.collect(), Resolution::MIDI)]
}

/// A dense array `[bar, step, pitch, track]`, a layout that only these files have.
fn read_dense(file: &str) -> Array4<bool> {
    let mut archive = zip::ZipArchive::new(File::open(folder().join(file)).unwrap()).unwrap();
    let mut bytes = Vec::new();
    archive.by_name("pianoroll.npy").unwrap().read_to_end(&mut bytes).unwrap();
    Array4::read_npy(bytes.as_slice()).unwrap()
}

/// Names of the values as the golden file has them, in the order of `TrackMetrics::NAMES`.
fn golden_names(options: &Options) -> [String; 8] {
    [
        "empty".into(),
        "notes".into(),
        "pitches".into(),
        "pitch_classes".into(),
        format!("qn_ge{}", options.min_note),
        format!("poly_ge{}", options.min_pitches),
        "in_scale_notes".into(),
        "drum_onset_tol0.1_phase0".into(),
    ]
}

fn thresholds() -> [Options; 2] {
    [2, 3].map(|n| Options { min_note: n, min_pitches: n as u32, ..Options::default() })
}

fn assert_close(got: Option<f64>, expected: &Value, what: &str) {
    assert_within(TOLERANCE, got, expected, what);
}

pub fn assert_within(tolerance: f64, got: Option<f64>, expected: &Value, what: &str) {
    match (got, expected.as_f64()) {
        (Some(got), Some(expected)) => {
            assert!((got - expected).abs() <= tolerance, "{what}: {got}, expected {expected}");
        }
        (got, _) => assert!(got.is_none() && expected.is_null(), "{what}: {got:?}, expected {expected}"),
    }
}

#[test]
fn every_bar_has_the_golden_values() {
    let mut compared = 0;
    for Golden { name, phrases, corrected, .. } in golden() {
        for options in thresholds() {
            let names = golden_names(&options);
            // The golden file has the drum pattern of every track: call each a drum track.
            let as_drums = |phrase: &Multitrack| {
                let tracks = phrase.tracks().iter().map(|t| Track { is_drum: true, ..t.clone() });
                metrics::measure_bars(&phrase.with_tracks(tracks.collect()), &options)
            };
            let phrases: Vec<_> = phrases.iter().map(as_drums).collect();
            for track in 0..5 {
                let bars: Vec<TrackMetrics> = phrases.iter().flat_map(|p| p[track].clone()).collect();
                for (index, golden) in names.iter().enumerate() {
                    let expected = corrected["per_bar"][golden][track].as_array().unwrap();
                    assert_eq!(expected.len(), bars.len(), "{name}");
                    for (bar, expected) in bars.iter().zip(expected) {
                        let got = bar.values()[index];
                        // The golden file counts no notes in a silent bar; here that is undefined.
                        let got = if golden == "notes" { got.or(Some(0.0)) } else { got };
                        assert_close(got, expected, &format!("{name}, {golden}, track {track}"));
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn means_over_bars_and_beats_are_golden() {
    for Golden { name, phrases, corrected, .. } in golden() {
        for options in thresholds() {
            let measured = metrics::measure_phrases(&phrases, &options).unwrap();
            check_means(&name, &measured, &options, &corrected);
            if let [piece] = phrases.as_slice() {
                assert_eq!(metrics::measure(piece, &options), measured);
            }
        }
    }
}

fn check_means(file: &str, measured: &Metrics, options: &Options, corrected: &Value) {
    assert_eq!(measured.tracks.len(), 5);
    for (track, (name, values)) in measured.tracks.iter().enumerate() {
        for (value, golden) in values.values().into_iter().zip(golden_names(options)) {
            // Only drums have a pattern. The means leave out the notes, which are compared bar by bar.
            let expected = match golden.as_str() {
                "notes" => continue,
                "drum_onset_tol0.1_phase0" if name != "drums" => &Value::Null,
                _ => &corrected["mean_over_bars"][&golden][track],
            };
            assert_close(value, expected, &format!("{file}, {golden}, {name}"));
        }
    }
    let names: Vec<&str> = measured.tracks.iter().map(|(name, _)| name.as_str()).collect();
    let pairs = corrected["tonal_distance"].as_array().unwrap();
    assert_eq!(measured.tonal_distance.len(), pairs.len());
    for pair in pairs {
        let name = |side: usize| names[pair["pair"][side].as_u64().unwrap() as usize];
        let named = [(0, 1), (1, 0)].map(|(a, b)| format!("{}-{}", name(a), name(b)));
        let (_, got) = measured.tonal_distance.iter().find(|(pair, _)| named.contains(pair)).unwrap();
        assert_close(*got, &pair["beat_mean"], &format!("{file}, tonal distance {}", named[0]));
    }
}

#[test]
fn tonal_distance_in_each_bar_is_golden() {
    for Golden { name, phrases, corrected, .. } in golden() {
        for pair in corrected["tonal_distance"].as_array().unwrap() {
            let track = |side: usize| pair["pair"][side].as_u64().unwrap() as usize;
            let mut expected = pair["per_bar"].as_array().unwrap().iter();
            for phrase in &phrases {
                let of = |side: usize, line: &[usize]| {
                    phrase.tracks()[track(side)].roll.slice(line[0], line[1]).unwrap()
                };
                for line in phrase.bar_lines().windows(2) {
                    let got =
                        metrics::tonal_distance_between(&of(0, line), &of(1, line), phrase.resolution());
                    assert_close(got, expected.next().unwrap(), &format!("{name}, {}", pair["pair"]));
                }
            }
            assert!(expected.next().is_none(), "{name}");
        }
    }
}
