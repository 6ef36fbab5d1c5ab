//! The papers' families equal what the programs of 2018 gave for the golden arrays, and agree with
//! `exact` where the definitions do.

use ricercar::metrics::{self, MetricFamily, Metrics, Options, TrackMetrics};
use ricercar::music::{Multitrack, Track};
use serde_json::Value;

use crate::golden_metrics::{assert_within, golden};

/// The programs compute with floats of 32 bits.
const TOLERANCE: f64 = 1e-5;

/// Names of the values in the golden file, in the order of [`TrackMetrics::NAMES`]; no program counts notes.
const FIRST: [Option<&str>; 8] = [
    Some("empty_bar"),
    None,
    Some("num_pitch_used"),
    Some("num_chroma_used"),
    Some("qualified_note_ratio"),
    Some("polyphonic_ratio"),
    Some("in_scale"),
    Some("drum_pattern"),
];
const SECOND: [Option<&str>; 8] = [
    Some("empty_bar"),
    None,
    Some("pitch_used"),
    Some("chroma_used"),
    Some("qualified_note"),
    Some("polyphonicity"),
    Some("in_scale"),
    Some("drum_pattern"),
];

/// A family, what its program is called in the golden file, and the names of its values.
const PROGRAMS: [(MetricFamily, &str, [Option<&str>; 8]); 2] =
    [(MetricFamily::Paper, "reference_v1", FIRST), (MetricFamily::PaperIsmir, "reference_v2", SECOND)];

/// The files that a program's values are given for.
fn files(program: &str) -> Vec<(String, Multitrack, Value)> {
    let golden = golden().into_iter().filter_map(|mut golden| {
        let expected = golden.facts.get(program)?.clone();
        let piece = golden.phrases.pop().filter(|_| golden.phrases.is_empty());
        Some((golden.name, piece.expect("these files are one long phrase"), expected))
    });
    let files: Vec<_> = golden.collect();
    assert_eq!(files.len(), 7, "{program}");
    files
}

/// The piece with every track a drum track, whose patterns the second program's golden values have too.
fn as_drums(piece: &Multitrack) -> Multitrack {
    let drums = |track: &Track| Track { is_drum: true, ..track.clone() };
    piece.with_tracks(piece.tracks().iter().map(drums).collect())
}

#[test]
fn every_bar_is_as_the_programs_measured_it() {
    let mut compared = 0;
    for (family, program, names) in PROGRAMS {
        let options = Options::of(family);
        for (file, piece, expected) in files(program) {
            let piece = if family == MetricFamily::PaperIsmir { as_drums(&piece) } else { piece };
            for (track, bars) in metrics::measure_bars(&piece, &options).iter().enumerate() {
                for (index, name) in names.iter().enumerate() {
                    let Some(name) = name else { continue };
                    let expected = expected["per_bar"][name][track].as_array().unwrap();
                    assert_eq!(expected.len(), bars.len());
                    for (bar, expected) in bars.iter().zip(expected) {
                        let what = format!("{file}, {program}, {name}, track {track}");
                        assert_within(TOLERANCE, bar.values()[index], expected, &what);
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 2_000, "{compared}");
}

#[test]
fn means_and_tonal_distances_are_as_the_programs_gave_them() {
    for (family, program, names) in PROGRAMS {
        for (file, piece, expected) in files(program) {
            let measured = metrics::measure(&piece, &Options::of(family));
            for (track, (name, values)) in measured.tracks.iter().enumerate() {
                let given = values.values().into_iter().zip(names).zip(TrackMetrics::NAMES);
                for ((value, golden), measure) in given {
                    let Some(golden) = golden else { continue };
                    let is_pattern_of_pitched = measure == "drum_pattern_rate" && name != "drums";
                    let expected = match is_pattern_of_pitched {
                        true => &Value::Null,
                        false => &expected["mean"][golden][track],
                    };
                    assert_within(
                        TOLERANCE,
                        value,
                        expected,
                        &format!("{file}, {program}, {golden}, {name}"),
                    );
                }
            }
            let pairs = expected["harmonicity"].as_array().unwrap();
            assert_eq!(pairs.len(), 6);
            for pair in pairs {
                let got = distance(&measured, &piece, pair);
                assert_within(TOLERANCE, got, &pair["mean"], &format!("{file}, {program}, {}", pair["pair"]));
            }
        }
    }
}

fn distance(measured: &Metrics, piece: &Multitrack, pair: &Value) -> Option<f64> {
    let name = |side: usize| &piece.tracks()[pair["pair"][side].as_u64().unwrap() as usize].name;
    let named = [format!("{}-{}", name(0), name(1)), format!("{}-{}", name(1), name(0))];
    let (_, value) = measured.tonal_distance.iter().find(|(pair, _)| named.contains(pair)).unwrap();
    *value
}

/// What all families define alike.
fn alike(values: &TrackMetrics) -> [Option<f64>; 5] {
    let TrackMetrics { empty_bar_rate, notes, pitches, qualified_note_rate, polyphonic_rate, .. } = *values;
    [empty_bar_rate, notes, pitches, qualified_note_rate, polyphonic_rate]
}

#[test]
fn families_agree_where_their_definitions_do() {
    let alike = |values: &TrackMetrics| {
        let TrackMetrics { empty_bar_rate, notes, pitches, qualified_note_rate, polyphonic_rate, .. } =
            *values;
        [empty_bar_rate, notes, pitches, qualified_note_rate, polyphonic_rate]
    };
    let mut bars = 0;
    for (file, piece, _) in files("reference_v1") {
        let [exact, paper, ismir] =
            MetricFamily::ALL.map(|family| metrics::measure_bars(&piece, &Options::of(family)));
        for ((track, exact), (paper, ismir)) in
            piece.tracks().iter().zip(&exact).zip(paper.iter().zip(&ismir))
        {
            for ((exact, paper), ismir) in exact.iter().zip(paper).zip(ismir) {
                assert_eq!(alike(exact), alike(ismir), "{file}, {}", track.name);
                if !track.is_drum {
                    assert_eq!(alike(exact), alike(paper), "{file}, {}", track.name);
                }
                bars += 1;
            }
        }
    }
    assert!(bars > 150, "{bars}");
}

#[test]
fn at_twelve_steps_a_beat_the_programs_see_every_step_twice() {
    let mut tracks = 0;
    for golden in golden().iter().filter(|golden| golden.facts.get("reference_src").is_some()) {
        let exact = metrics::measure_phrases(&golden.phrases, &Options::default()).unwrap();
        let twice = Options { min_note: 4, ..Options::of(MetricFamily::PaperIsmir) };
        let paper = metrics::measure_phrases(&golden.phrases, &twice).unwrap();
        assert_eq!((exact.resolution.steps(), paper.resolution.steps()), (12, 24));
        for ((name, exact), (_, paper)) in exact.tracks.iter().zip(&paper.tracks) {
            assert_eq!(alike(exact), alike(paper), "{}, {name}", golden.name);
            tracks += 1;
        }
    }
    assert_eq!(tracks, 6 * 5);
}

#[test]
fn a_shift_of_the_grid_never_lowers_the_drum_pattern() {
    let tolerant = Options { drum_tolerance: 0.1, ..Options::of(MetricFamily::Paper) };
    for (file, piece, _) in files("reference_v1") {
        let (exact, paper) =
            (metrics::measure_bars(&piece, &Options::default()), metrics::measure_bars(&piece, &tolerant));
        for (exact, paper) in exact[1].iter().zip(&paper[1]) {
            assert!(exact.drum_pattern_rate <= paper.drum_pattern_rate, "{file}");
        }
    }
}
