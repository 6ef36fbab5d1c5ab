//! Measures of the notes' times, of groove and of structure.

use super::{Example, Known, Level, Measure};
use crate::music::Family::{Drums, Piano};

const YANG_LERCH: &str = "Yang, Lerch: On the evaluation of generative models in music (2020)";
const MUSPY: &str = "Dong, Chen, McAuley, Berg-Kirkpatrick: MusPy (ISMIR 2020)";
const JAZZ: &str = "Wu, Yang: The Jazz Transformer on the front line (ISMIR 2020)";
const STRUCTURE: &str = "Müller, Jiang, Grosche: A robust fitness measure for capturing repetitions (2013); Wu, \
                         Yang: The Jazz Transformer on the front line (ISMIR 2020)";
const FITNESS: &str = "max over segments of such a length of 2 s c / (s + c): s = (score - length) / steps of the \
                       paths, c = (frames covered - length) / frames, of the segment's best family of paths \
                       through the self-similarity matrix of the beats' chroma";
const NO_STRUCTURE: &str = "for less than 16 bars, in silence, for drums, and without such a segment";

/// A quarter, two eighths at once, a quarter.
const RHYTHM: Example = Example {
    tracks: &[(Piano, &[(0, 60, 12), (12, 64, 18), (12, 67, 18), (36, 60, 48)])],
    bars: 1,
    times: 1,
    of: "piano",
    value: Known::Number(0.0),
    by_hand: "",
};

/// Four pitch classes in quarters, sixteen times: 64 frames of half a second.
const ROUND: Example = Example {
    tracks: &[(Piano, &[(0, 60, 12), (12, 62, 24), (24, 64, 36), (36, 65, 48)])],
    bars: 1,
    times: 16,
    of: "piano",
    value: Known::Number(0.0),
    by_hand: "",
};

/// Onsets at four beats, at the same four, and at two of them with two others.
const GROOVE: Example = Example {
    tracks: &[
        (Piano, &[(0, 60, 6), (48, 60, 54), (96, 60, 102), (108, 60, 114)]),
        (Drums, &[(24, 36, 25), (72, 36, 73), (102, 36, 103)]),
    ],
    bars: 3,
    times: 1,
    of: "mix",
    value: Known::Number(0.0),
    by_hand: "",
};

pub(super) const MEASURES: &[Measure] = &[
    Measure {
        name: "note_count",
        level: Level::Piece,
        meaning: "How many notes the piece has.",
        formula: "notes, not cut at bar lines; in the mix those of the pitched tracks",
        unit: "notes",
        range: "from 0",
        undefined: "for the mix of a piece without a pitched track or a drum note",
        source: YANG_LERCH,
        papers: "",
        example: Example { value: Known::Number(4.0), by_hand: "four notes", ..RHYTHM },
    },
    Measure {
        name: "mean_inter_onset_interval",
        level: Level::Piece,
        meaning: "How much time there is from one onset to the next.",
        formula: "mean time between a step in which a note begins and the next such step",
        unit: "beats",
        range: "above 0",
        undefined: "with less than two such steps",
        source: YANG_LERCH,
        papers: "",
        example: Example {
            value: Known::Number(1.5),
            by_hand: "onsets at beats 0, 1 and 3: (1 + 2) / 2",
            ..RHYTHM
        },
    },
    Measure {
        name: "note_length_histogram",
        level: Level::Piece,
        meaning: "How many notes have each length: whole, half, quarter, eighth, sixteenth; dotted half to \
                  sixteenth; triplets of half, quarter and eighth.",
        formula: "notes whose length is nearest to the class's / notes",
        unit: "12 shares",
        range: "0 to 1, sum 1",
        undefined: "without a note",
        source: YANG_LERCH,
        papers: "",
        example: Example {
            value: Known::Shares(&[(2, 0.5), (3, 0.5)]),
            by_hand: "two quarters, two eighths: 1/2 each",
            ..RHYTHM
        },
    },
    Measure {
        name: "note_length_transition",
        level: Level::Piece,
        meaning: "Which note length follows which.",
        formula: "pairs (from, to) of the classes of notes and the next in order of start and then pitch / pairs",
        unit: "12 x 12 shares",
        range: "0 to 1, sum 1",
        undefined: "with less than two notes",
        source: YANG_LERCH,
        papers: "",
        example: Example {
            value: Known::Shares(&[(27, 1.0 / 3.0), (38, 1.0 / 3.0), (39, 1.0 / 3.0)]),
            by_hand: "quarter to eighth, eighth to eighth, eighth to quarter: 1/3 each",
            ..RHYTHM
        },
    },
    Measure {
        name: "empty_beat_rate",
        level: Level::Piece,
        meaning: "How many beats are silent.",
        formula: "beats in which nothing sounds / beats; the mix counts drums too",
        unit: "share",
        range: "0 to 1",
        undefined: "without a beat",
        source: MUSPY,
        papers: "",
        example: Example {
            value: Known::Number(0.25),
            by_hand: "the third of four beats is silent: 1/4",
            ..RHYTHM
        },
    },
    Measure {
        name: "empty_measure_rate",
        level: Level::Piece,
        meaning: "How many bars of a piece are silent.",
        formula: "bars in which nothing sounds / bars; the mix counts drums too",
        unit: "share",
        range: "0 to 1",
        undefined: "without a bar",
        source: MUSPY,
        papers: "",
        example: Example {
            bars: 2,
            value: Known::Number(0.5),
            by_hand: "the second of two bars is silent: 1/2",
            ..RHYTHM
        },
    },
    Measure {
        name: "groove_consistency",
        level: Level::Piece,
        meaning: "How alike the onsets of each bar and the next are.",
        formula: "1 - mean over neighbouring bars of the steps in which one begins a note and the other does not / \
                  steps of a bar; the mix counts drums too",
        unit: "share",
        range: "0 to 1",
        undefined: "for a single bar, and without a note",
        source: MUSPY,
        papers: "",
        example: Example {
            value: Known::Number(1.0 - 3.0 / 96.0),
            by_hand: "bars begin notes at steps 0 24, 0 24 and 0 6 12: 0 and 3 of 48 steps differ, 1 - (0 + 3) / 96",
            ..GROOVE
        },
    },
    Measure {
        name: "grooving_similarity",
        level: Level::Piece,
        meaning: "How alike the onsets of any two bars are.",
        formula: "the same over all pairs of bars",
        unit: "share",
        range: "0 to 1",
        undefined: "for a single bar, and without a note",
        source: JAZZ,
        papers: "",
        example: Example {
            value: Known::Number(1.0 - 6.0 / 144.0),
            by_hand: "of the three pairs 0, 3 and 3 of 48 steps differ: 1 - 6 / 144",
            ..GROOVE
        },
    },
    Measure {
        name: "structure_short",
        level: Level::Piece,
        meaning: "How much of the piece is repetition of a segment of 3 to 8 seconds.",
        formula: FITNESS,
        unit: "share",
        range: "0 to 1",
        undefined: NO_STRUCTURE,
        source: STRUCTURE,
        papers: "",
        example: Example {
            value: Known::Number(0.875),
            by_hand: "a bar of four classes sixteen times, 64 frames of half a second: two bars (8 frames) and their \
                      repetitions cover all, s = c = (64 - 8) / 64; 6 and 7 frames leave gaps",
            ..ROUND
        },
    },
    Measure {
        name: "structure_mid",
        level: Level::Piece,
        meaning: "How much of the piece is repetition of a segment of 8 to 15 seconds.",
        formula: FITNESS,
        unit: "share",
        range: "0 to 1",
        undefined: NO_STRUCTURE,
        source: STRUCTURE,
        papers: "",
        example: Example {
            value: Known::Number(0.75),
            by_hand: "of the same, four bars (16 frames): (64 - 16) / 64",
            ..ROUND
        },
    },
    Measure {
        name: "structure_long",
        level: Level::Piece,
        meaning: "How much of the piece is repetition of a segment of 15 seconds and more.",
        formula: FITNESS,
        unit: "share",
        range: "0 to 1",
        undefined: NO_STRUCTURE,
        source: STRUCTURE,
        papers: "",
        example: Example {
            value: Known::Number(0.5),
            by_hand: "of the same, eight bars (32 frames): (64 - 32) / 64",
            ..ROUND
        },
    },
    Measure {
        name: "drum_in_pattern_duple",
        level: Level::Piece,
        meaning: "How many drum notes begin on quarters of the beat.",
        formula: "drum notes that begin on a quarter of a beat / drum notes",
        unit: "share",
        range: "0 to 1",
        undefined: "without a drum note, and unless a beat's steps divide by 4",
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Drums, &[(0, 36, 1), (3, 42, 4), (4, 42, 5), (5, 38, 6), (6, 42, 7)])],
            of: "drums",
            value: Known::Number(0.6),
            by_hand: "steps 0, 3 and 6 of 0 3 4 5 6 are quarters of 12: 3/5",
            ..RHYTHM
        },
    },
    Measure {
        name: "drum_in_pattern_triple",
        level: Level::Piece,
        meaning: "How many drum notes begin on thirds of the beat.",
        formula: "drum notes that begin on a third of a beat / drum notes",
        unit: "share",
        range: "0 to 1",
        undefined: "without a drum note, and unless a beat's steps divide by 3",
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Drums, &[(0, 36, 1), (3, 42, 4), (4, 42, 5), (5, 38, 6), (6, 42, 7)])],
            of: "drums",
            value: Known::Number(0.4),
            by_hand: "steps 0 and 4 of 0 3 4 5 6 are thirds of 12: 2/5",
            ..RHYTHM
        },
    },
    Measure {
        name: "drum_pattern_consistency",
        level: Level::Piece,
        meaning: "How well drum notes keep to even or to triple time, whichever fits better.",
        formula: "max of `drum_in_pattern_duple` and `drum_in_pattern_triple`",
        unit: "share",
        range: "0 to 1",
        undefined: "where both are",
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Drums, &[(0, 36, 1), (3, 42, 4), (4, 42, 5), (5, 38, 6), (6, 42, 7)])],
            of: "drums",
            value: Known::Number(0.6),
            by_hand: "the larger of 3/5 and 2/5",
            ..RHYTHM
        },
    },
];
