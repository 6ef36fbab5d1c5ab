//! The papers' families equal what the programs of 2018 gave for the golden arrays, and agree with
//! `exact` where the definitions do. Every field of the golden file is compared.

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
        let options = Options::of(family);
        for (file, piece, expected) in files(program) {
            let fields: Vec<&String> = expected.as_object().unwrap().keys().collect();
            assert!(fields.iter().all(|f| ["harmonicity", "mean", "note", "per_bar"].contains(&f.as_str())));
            let mut golden_names: Vec<&str> = names.into_iter().flatten().collect();
            golden_names.sort_unstable();
            for field in ["mean", "per_bar"] {
                let keys: Vec<&String> = expected[field].as_object().unwrap().keys().collect();
                assert_eq!(keys, golden_names, "{file}, {program}");
            }
            // Of drums the first program gives but some values; the second gives all of every track.
            let all = if family == MetricFamily::PaperIsmir { as_drums(&piece) } else { piece.clone() };
            for (track, (name, values)) in metrics::measure(&all, &options).tracks.iter().enumerate() {
                for (value, golden) in values.values().into_iter().zip(names) {
                    let Some(golden) = golden else { continue };
                    let what = format!("{file}, {program}, {golden}, {name}");
                    assert_within(TOLERANCE, value, &expected["mean"][golden][track], &what);
                }
            }
            let measured = metrics::measure(&piece, &options);
            let pairs = expected["harmonicity"].as_array().unwrap();
            assert_eq!(pairs.len(), 6);
            for pair in pairs {
                let what = format!("{file}, {program}, {}", pair["pair"]);
                assert_within(TOLERANCE, distance(&measured, &piece, pair), &pair["mean"], &what);
                let track = |side: usize| pair["pair"][side].as_u64().unwrap() as usize;
                let bars = metrics::measure_pair_bars(&piece, track(0), track(1), &options);
                let expected = pair["per_bar"].as_array().unwrap();
                assert_eq!(bars.len(), expected.len());
                for (bar, expected) in bars.iter().zip(expected) {
                    assert_within(TOLERANCE, *bar, expected, &what);
                }
            }
        }
    }
}

/// The fields of the last release, and our name for those that tracks have.
const LAST: [(&str, Option<&str>); 8] = [
    ("drum_in_pattern_rate", Some("drum_pattern_rate")),
    ("empty_bar_rate", Some("empty_bar_rate")),
    ("harmonicity", None),
    ("in_scale_ratio", Some("in_scale_rate")),
    ("n_pitch_classes_used", Some("pitch_classes")),
    ("n_pitches_used", Some("pitches")),
    ("polyphonic_rate", Some("polyphonic_rate")),
    ("qualified_note_rate", Some("qualified_note_rate")),
];

#[test]
fn whole_batches_are_as_the_last_release_measured_them() {
    let mut files = 0;
    for golden in golden() {
        let Some(expected) = golden.facts.get("reference_src") else { continue };
        files += 1;
        let fields: Vec<&String> = expected.as_object().unwrap().keys().collect();
        assert_eq!(fields, LAST.map(|(name, _)| name), "{}", golden.name);
        // A second of each track: the program gives the distance of a track and itself too.
        let doubled: Vec<Multitrack> = golden
            .phrases
            .iter()
            .map(|phrase| {
                let again = phrase
                    .tracks()
                    .iter()
                    .map(|t| Track { name: format!("{} again", t.name).into(), ..t.clone() });
                phrase.with_tracks(phrase.tracks().iter().cloned().chain(again).collect())
            })
            .collect();
        let options = Options::of(MetricFamily::PaperSrc);
        let measured = metrics::measure_phrases(&doubled, &options).unwrap();
        assert_eq!((measured.resolution.steps(), measured.tracks.len()), (12, 10));
        let single = metrics::measure_phrases(&golden.phrases, &options).unwrap();
        assert_eq!(single.tracks, measured.tracks[..5]);
        for (field, ours) in LAST {
            let what = format!("{}, {field}", golden.name);
            let expected = &expected[field];
            let Some(ours) = ours else {
                let rows = expected.as_array().unwrap();
                assert_eq!(rows.len(), 4);
                for (row, a) in rows.iter().zip(&single.tracks[1..]) {
                    assert_eq!(row.as_array().unwrap().len(), 4);
                    for (cell, b) in row.as_array().unwrap().iter().zip(&single.tracks[1..]) {
                        let b = if a.0 == b.0 { format!("{} again", b.0) } else { b.0.clone() };
                        let named = [format!("{}-{b}", a.0), format!("{b}-{}", a.0)];
                        let found = measured.tonal_distance.iter().find(|(pair, _)| named.contains(pair));
                        assert_within(TOLERANCE, found.unwrap().1, cell, &format!("{what}, {}", named[0]));
                    }
                }
                continue;
            };
            let index = TrackMetrics::NAMES.iter().position(|name| *name == ours).unwrap();
            if field == "drum_in_pattern_rate" {
                assert_within(TOLERANCE, single.tracks[0].1.values()[index], expected, &what);
                continue;
            }
            assert_eq!(expected.as_array().unwrap().len(), single.tracks.len());
            for ((name, values), expected) in single.tracks.iter().zip(expected.as_array().unwrap()) {
                assert_within(TOLERANCE, values.values()[index], expected, &format!("{what}, {name}"));
            }
        }
    }
    assert_eq!(files, 6);
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
        let [exact, paper, ismir] = [MetricFamily::Exact, MetricFamily::Paper, MetricFamily::PaperIsmir]
            .map(|family| metrics::measure_bars(&piece, &Options::of(family)));
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
