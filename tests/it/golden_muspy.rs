//! The features of whole pieces equal those of MusPy 0.5.0 (Dong et al. 2020) where it does what its text
//! says; where it does not, the difference is worked out here, so that its value follows from ours.

use ricercar::metrics::{Features, features};
use ricercar::music::{Multitrack, Pianoroll, Scale};
use serde_json::Value;

use crate::golden_metrics::{assert_within, golden};

const TOLERANCE: f64 = 1e-6;

/// Every field of the golden file, and our name where the definitions are the same.
const FIELDS: [(&str, Option<&str>); 15] = [
    ("drum_in_pattern_rate_duple", Some("drum_in_pattern_duple")),
    ("drum_in_pattern_rate_triple", Some("drum_in_pattern_triple")),
    ("drum_pattern_consistency", Some("drum_pattern_consistency")),
    ("empty_beat_rate", None),
    ("empty_measure_rate", None),
    ("groove_consistency", None),
    ("n_pitch_classes_used", Some("pitch_class_count")),
    ("n_pitches_used", Some("pitch_count")),
    ("pitch_class_entropy", Some("pitch_class_entropy")),
    ("pitch_entropy", Some("pitch_entropy")),
    ("pitch_in_scale_rate_C_major", Some("pitch_in_scale_rate")),
    ("pitch_range", None),
    ("polyphony", Some("polyphony")),
    ("polyphony_rate", None),
    ("scale_consistency", Some("scale_consistency")),
];

/// The file as one piece, whose notes are runs of cells even across phrases, as MusPy was given it.
fn joined(phrases: &[Multitrack]) -> Multitrack {
    let track = |(index, track): (usize, &ricercar::music::Track)| {
        let cells = phrases.iter().flat_map(|phrase| phrase.tracks()[index].roll.sounding().to_vec());
        track.with_roll(Pianoroll::from_sounding(cells.collect()))
    };
    let tracks = phrases[0].tracks().iter().enumerate().map(track).collect();
    Multitrack::new(tracks, phrases[0].resolution())
}

/// The step after the last note.
fn end(piece: &Multitrack) -> usize {
    piece.tracks().iter().flat_map(|track| track.roll.notes()).map(|note| note.end).max().unwrap_or(0)
}

fn number(features: &Features, name: &str) -> Option<f64> {
    let index = Features::NAMES.iter().position(|known| *known == name).unwrap();
    features.values()[index]
}

/// MusPy's piece ends with its last note and then has one more bar (of beats: one more beat) when that
/// note ends on a bar line, and a note's end marks the beat and bar in which it lies as used.
fn empty_rate_of_muspy(piece: &Multitrack, unit: usize) -> f64 {
    let mut empty = vec![true; end(piece) / unit + 1];
    for note in piece.tracks().iter().flat_map(|track| track.roll.notes()) {
        empty[note.start / unit..=note.end / unit].fill(false);
    }
    empty.iter().filter(|empty| **empty).count() as f64 / empty.len() as f64
}

/// The sum of distances between neighbouring bars' patterns and that of the last one and silence.
fn groove_of_muspy(piece: &Multitrack, bar: usize) -> f64 {
    let mut bars = vec![vec![false; bar]; end(piece) / bar + 1];
    for note in piece.tracks().iter().flat_map(|track| track.roll.notes()) {
        bars[note.start / bar][note.start % bar] = true;
    }
    let apart = |two: &[Vec<bool>]| two[0].iter().zip(&two[1]).filter(|(a, b)| a != b).count();
    1.0 - bars.windows(2).map(apart).sum::<usize>() as f64 / (bar * (bars.len() - 1)) as f64
}

#[test]
fn features_are_muspys_where_it_is_right_and_else_differ_as_told() {
    let mut compared = 0;
    for golden in golden() {
        let piece = joined(&golden.phrases);
        let expected = golden.facts["reference_muspy"]["values"].as_object().unwrap();
        let names: Vec<&str> = expected.keys().map(String::as_str).collect();
        assert_eq!(names, FIELDS.map(|(name, _)| name), "{}", golden.name);
        let measured = features(&piece, &Scale::c_major());
        let mix = &measured.mix;
        let (beat, steps) = (piece.resolution().steps(), piece.steps());
        let silent = piece.is_silent();
        for (field, ours) in FIELDS {
            let what = format!("{}, {field}", golden.name);
            let got = match (field, ours) {
                (_, Some(ours)) => number(mix, ours),
                // Of silence it says 0, and we that there is none.
                ("pitch_range", _) => mix.pitch_range.or(Some(0.0)),
                _ if silent => None,
                // Its steps end with the last note, ours with the piece.
                ("polyphony_rate", _) => mix.polyphony_rate.map(|r| r * steps as f64 / end(&piece) as f64),
                ("empty_beat_rate", _) => Some(empty_rate_of_muspy(&piece, beat)),
                ("empty_measure_rate", _) => Some(empty_rate_of_muspy(&piece, 4 * beat)),
                ("groove_consistency", _) => Some(groove_of_muspy(&piece, 4 * beat)),
                _ => unreachable!("{field}"),
            };
            assert_within(TOLERANCE, got, &expected[field], &what);
            compared += 1;
        }
    }
    assert_eq!(compared, 13 * FIELDS.len());
}

#[test]
fn a_bar_that_is_not_there_is_not_counted() {
    let mut differ = 0;
    for golden in golden() {
        let piece = joined(&golden.phrases);
        let mix = features(&piece, &Scale::c_major()).mix;
        let Some(ours) = mix.groove_consistency else { continue };
        let expected = |field: &str| golden.facts["reference_muspy"]["values"][field].as_f64().unwrap();
        let bar = 4 * piece.resolution().steps();
        let onsets = |bar_index: usize| {
            let struck = |step: &usize| piece.tracks().iter().any(|track| track.roll.onset()[*step] != 0);
            (bar_index * bar..(bar_index + 1) * bar).filter(struck).count() as f64
        };
        let bars = piece.bar_count();
        if end(&piece) == piece.steps() {
            // The extra bar is silent: as many steps differ as the last bar has onsets.
            let apart = (1.0 - ours) * (bars - 1) as f64 + onsets(bars - 1) / bar as f64;
            let theirs = 1.0 - apart / bars as f64;
            assert_within(1e-6, Some(theirs), &Value::from(expected("groove_consistency")), &golden.name);
            differ += 1;
        }
    }
    assert!(differ > 6, "{differ}");
}
