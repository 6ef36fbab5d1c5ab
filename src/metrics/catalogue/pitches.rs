//! Measures of the pitches and the harmony of whole pieces.

use super::{Example, Known, Level, Measure};
use crate::music::Family::{Bass, Piano};

const YANG_LERCH: &str = "Yang, Lerch: On the evaluation of generative models in music (2020)";
const MUSPY: &str = "Dong, Chen, McAuley, Berg-Kirkpatrick: MusPy (ISMIR 2020)";
const JAZZ: &str = "Wu, Yang: The Jazz Transformer on the front line (ISMIR 2020)";
const NO_NOTES: &str = "without a note, and for drums";

/// Halves of C4, a quarter of E4, a quarter of C5.
const MELODY: Example = Example {
    tracks: &[(Piano, &[(0, 60, 24), (24, 64, 36), (36, 72, 48)])],
    bars: 1,
    times: 1,
    of: "piano",
    value: Known::Number(0.0),
    by_hand: "",
};

pub(super) const MEASURES: &[Measure] = &[
    Measure {
        name: "pitch_count",
        level: Level::Piece,
        meaning: "How many different pitches there are; of drums, instruments.",
        formula: "|{p : x[t, p] for some step t}|",
        unit: "pitches",
        range: "0 to 128",
        undefined: "for the mix of a piece without a pitched track or a drum note",
        source: YANG_LERCH,
        papers: "",
        example: Example { value: Known::Number(3.0), by_hand: "C4, E4 and C5: 3", ..MELODY },
    },
    Measure {
        name: "pitch_class_count",
        level: Level::Piece,
        meaning: "How many different pitch classes there are.",
        formula: "|{p mod 12 : p the pitch of a note}|",
        unit: "pitch classes",
        range: "0 to 12",
        undefined: "for drums",
        source: MUSPY,
        papers: "",
        example: Example { value: Known::Number(2.0), by_hand: "C and E: 2", ..MELODY },
    },
    Measure {
        name: "pitch_range",
        level: Level::Piece,
        meaning: "How far the highest pitch lies above the lowest.",
        formula: "max p - min p",
        unit: "semitones",
        range: "0 to 127",
        undefined: NO_NOTES,
        source: YANG_LERCH,
        papers: "",
        example: Example { value: Known::Number(12.0), by_hand: "C4 to C5: an octave, 12", ..MELODY },
    },
    Measure {
        name: "mean_pitch_interval",
        level: Level::Piece,
        meaning: "How far pitches leap from one note to the next.",
        formula: "mean of |p[i + 1] - p[i]| over the notes in order of start and then pitch",
        unit: "semitones",
        range: "0 to 127",
        undefined: "with less than two notes, and for drums",
        source: YANG_LERCH,
        papers: "",
        example: Example {
            value: Known::Number(6.0),
            by_hand: "C4 to E4 is 4, E4 to C5 is 8: (4 + 8) / 2",
            ..MELODY
        },
    },
    Measure {
        name: "pitch_entropy",
        level: Level::Piece,
        meaning: "How evenly the pitches are used.",
        formula: "- sum over pitches of h log2 h, h the share of the notes that have the pitch",
        unit: "bits",
        range: "0 to 7",
        undefined: NO_NOTES,
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (12, 60, 24), (24, 64, 36), (36, 72, 48)])],
            value: Known::Number(1.5),
            by_hand: "shares of 1/2, 1/4 and 1/4: 1/2 + 2/4 + 2/4",
            ..MELODY
        },
    },
    Measure {
        name: "pitch_class_entropy",
        level: Level::Piece,
        meaning: "How evenly the pitch classes are used.",
        formula: "- sum over pitch classes of h log2 h, h the share of the notes that have the class",
        unit: "bits",
        range: "0 to 3.585 (log2 12)",
        undefined: NO_NOTES,
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (12, 72, 24), (24, 64, 36), (36, 76, 48)])],
            value: Known::Number(1.0),
            by_hand: "C and E have half of the notes each: 1/2 + 1/2",
            ..MELODY
        },
    },
    Measure {
        name: "pitch_class_entropy_1",
        level: Level::Piece,
        meaning: "How many pitch classes a bar keeps in play (H1).",
        formula: "mean of the pitch-class entropy over all bars with a note; notes count where they begin",
        unit: "bits",
        range: "0 to 3.585 (log2 12)",
        undefined: NO_NOTES,
        source: JAZZ,
        papers: "",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (48, 60, 60), (60, 64, 72)])],
            bars: 3,
            value: Known::Number(0.5),
            by_hand: "a bar of one class has 0 bits, one of two has 1, a silent one does not count: (0 + 1) / 2",
            ..MELODY
        },
    },
    Measure {
        name: "pitch_class_entropy_4",
        level: Level::Piece,
        meaning: "How many pitch classes four bars keep in play (H4).",
        formula: "mean of the pitch-class entropy over all windows of four bars with a note, one beginning at \
                  each bar",
        unit: "bits",
        range: "0 to 3.585 (log2 12)",
        undefined: "for less than four bars, without a note, and for drums",
        source: JAZZ,
        papers: "",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (48, 64, 60), (96, 60, 108), (192, 67, 204)])],
            bars: 5,
            // (H(2/3, 1/3) + log2 3) / 2, the second window having E, C and G.
            value: Known::Number(1.251_629_167_387_823),
            by_hand: "C E C has 0.918 bits, E C G has 1.585: (0.918 + 1.585) / 2 = 1.252",
            ..MELODY
        },
    },
    Measure {
        name: "pitch_in_scale_rate",
        level: Level::Piece,
        meaning: "How many notes of the piece lie in a scale (C major if not said otherwise).",
        formula: "notes whose pitch class is in the scale / notes, not cut at bar lines",
        unit: "share",
        range: "0 to 1",
        undefined: NO_NOTES,
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (12, 61, 24), (24, 64, 36), (36, 67, 48)])],
            value: Known::Number(0.75),
            by_hand: "C#, one of four, is not in C major: 3/4",
            ..MELODY
        },
    },
    Measure {
        name: "scale_consistency",
        level: Level::Piece,
        meaning: "How well the notes fit one scale, whichever fits best.",
        formula: "max over the 24 major and natural minor keys of notes in the key's scale / notes",
        unit: "share",
        range: "7/12 to 1",
        undefined: NO_NOTES,
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(
                Piano,
                &[
                    (0, 62, 6),
                    (6, 64, 12),
                    (12, 66, 18),
                    (18, 67, 24),
                    (24, 69, 30),
                    (30, 71, 36),
                    (36, 73, 42),
                    (42, 60, 48),
                ],
            )],
            value: Known::Number(0.875),
            by_hand: "D major once up, and a C: 7/8",
            ..MELODY
        },
    },
    Measure {
        name: "best_key",
        level: Level::Piece,
        meaning: "The key that the notes fit best.",
        formula: "the key of `scale_consistency`; of keys that are level, such as relative ones, that whose tonic \
                  triad has more notes",
        unit: "key",
        range: "the 24 major and minor keys",
        undefined: NO_NOTES,
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Piano, &[(0, 57, 12), (12, 60, 24), (24, 64, 36), (36, 59, 48)])],
            value: Known::Key("A minor"),
            by_hand: "A C E B are in C major, G major and their relatives; of A, C and E, three are in the triad \
                      of A minor",
            ..MELODY
        },
    },
    Measure {
        name: "pitch_class_histogram",
        level: Level::Piece,
        meaning: "How much of what sounds has each pitch class, from C.",
        formula: "cells of the class / cells",
        unit: "12 shares",
        range: "0 to 1, sum 1",
        undefined: NO_NOTES,
        source: YANG_LERCH,
        papers: "",
        example: Example {
            value: Known::Shares(&[(0, 0.75), (4, 0.25)]),
            by_hand: "C sounds for three beats, E for one: 3/4 and 1/4",
            ..MELODY
        },
    },
    Measure {
        name: "pitch_class_transition",
        level: Level::Piece,
        meaning: "Which pitch class follows which.",
        formula: "pairs (from, to) of notes and the next in order of start and then pitch / pairs",
        unit: "12 x 12 shares",
        range: "0 to 1, sum 1",
        undefined: "with less than two notes, and for drums",
        source: YANG_LERCH,
        papers: "",
        example: Example {
            value: Known::Shares(&[(4, 0.5), (48, 0.5)]),
            by_hand: "C to E once, E to C once: 1/2 each",
            ..MELODY
        },
    },
    Measure {
        name: "chord_progression_irregularity",
        level: Level::Piece,
        meaning: "How seldom a progression of three chords comes again.",
        formula: "different runs of three chords / runs; the chord of a half bar is the major or minor triad that \
                  most of its cells belong to, and silent halves are passed over",
        unit: "share",
        range: "0 to 1",
        undefined: "with less than three chords, and for drums",
        source: JAZZ,
        papers: "",
        example: Example {
            tracks: &[(
                Piano,
                &[
                    (0, 60, 24),
                    (0, 64, 24),
                    (0, 67, 24),
                    (24, 67, 48),
                    (24, 71, 48),
                    (24, 74, 48),
                    (48, 60, 72),
                    (48, 64, 72),
                    (48, 67, 72),
                    (72, 67, 96),
                    (72, 71, 96),
                    (72, 74, 96),
                    (96, 60, 120),
                    (96, 64, 120),
                    (96, 67, 120),
                ],
            )],
            bars: 3,
            value: Known::Number(2.0 / 3.0),
            by_hand: "C G C G C: C-G-C, G-C-G and C-G-C again: 2/3",
            ..MELODY
        },
    },
    Measure {
        name: "polyphony",
        level: Level::Piece,
        meaning: "How many pitches sound at once, where any do.",
        formula: "cells / steps with a cell",
        unit: "pitches",
        range: "from 1",
        undefined: "in silence",
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (0, 64, 6)]), (Bass, &[(0, 36, 6)])],
            of: "mix",
            value: Known::Number(2.0),
            by_hand: "three pitches for 6 steps, one for 6: 24 / 12",
            ..MELODY
        },
    },
    Measure {
        name: "polyphony_rate",
        level: Level::Piece,
        meaning: "How much of the piece has more than two pitches at once.",
        formula: "steps with three pitches and more / steps",
        unit: "share",
        range: "0 to 1",
        undefined: "in silence",
        source: MUSPY,
        papers: "",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (0, 64, 12)]), (Bass, &[(0, 36, 12)])],
            of: "mix",
            value: Known::Number(0.25),
            by_hand: "three pitches for 12 of 48 steps: 1/4",
            ..MELODY
        },
    },
];
