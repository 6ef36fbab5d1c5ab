//! Measures of bars, and of pairs of tracks.

use super::{Example, Known, Level, Measure};
use crate::music::Family::{Bass, Drums, Piano};

const MUSEGAN: &str = "Dong, Hsiao, Yang, Yang: MuseGAN (AAAI 2018)";
const BINARY: &str = "Dong, Yang: Convolutional GANs with binary neurons (ISMIR 2018)";
const SILENT: &str = "in a silent bar";

pub(super) const MEASURES: &[Measure] = &[
    Measure {
        name: "empty_bar_rate",
        level: Level::Bar,
        meaning: "How many bars are silent.",
        formula: "bars in which nothing sounds / bars",
        unit: "share",
        range: "0 to 1",
        undefined: "without a bar",
        source: MUSEGAN,
        papers: "paper-src gives the share of bars that are not silent",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12)])],
            bars: 4,
            times: 1,
            of: "piano",
            value: Known::Number(0.75),
            by_hand: "three of four bars are silent: 3/4",
        },
    },
    Measure {
        name: "notes",
        level: Level::Bar,
        meaning: "How many notes a bar has.",
        formula: "notes in the bar; a note that runs over a bar line counts again in the next",
        unit: "notes",
        range: "from 1",
        undefined: SILENT,
        source: "counted by everyone",
        papers: "in none of the programs; here the runs of cells they would see",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (12, 64, 24), (36, 67, 60)])],
            bars: 2,
            times: 1,
            of: "piano",
            value: Known::Number(2.0),
            by_hand: "three notes in the first bar, the last of which counts again in the second: (3 + 1) / 2",
        },
    },
    Measure {
        name: "pitches",
        level: Level::Bar,
        meaning: "How many different pitches a bar uses.",
        formula: "|{p : x[t, p] for some step t}|",
        unit: "pitches",
        range: "1 to 128",
        undefined: SILENT,
        source: MUSEGAN,
        papers: "paper-src gives the number of sounding cells, over silent bars too, cut to a whole number",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (12, 72, 24), (24, 60, 36)])],
            bars: 1,
            times: 1,
            of: "piano",
            value: Known::Number(2.0),
            by_hand: "C4, C5 and C4 again: 2",
        },
    },
    Measure {
        name: "pitch_classes",
        level: Level::Bar,
        meaning: "How many different pitch classes a bar uses.",
        formula: "|{p mod 12 : x[t, p] for some step t}|",
        unit: "pitch classes",
        range: "1 to 12",
        undefined: SILENT,
        source: MUSEGAN,
        papers: "paper and paper-src count bands of seven neighbouring pitches from C1 up, paper-ismir of \
                 eight; paper-src counts them at each step, over silent bars too, cut to a whole number",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (12, 72, 24), (24, 67, 36)])],
            bars: 1,
            times: 1,
            of: "piano",
            value: Known::Number(2.0),
            by_hand: "C4 and C5 are one class, G4 another: 2",
        },
    },
    Measure {
        name: "qualified_note_rate",
        level: Level::Bar,
        meaning: "How many notes are long enough not to sound like splinters.",
        formula: "notes of `min_note` steps and more (2) / notes, cut at bar lines",
        unit: "share",
        range: "0 to 1",
        undefined: SILENT,
        source: MUSEGAN,
        papers: "paper-src takes beginnings and ends in order of time whatever their pitch, so that all notes \
                 qualify; paper leaves drums out",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (12, 64, 13), (24, 67, 26), (36, 60, 37)])],
            bars: 1,
            times: 1,
            of: "piano",
            value: Known::Number(0.5),
            by_hand: "lengths of 12, 1, 2 and 1 steps: 2/4",
        },
    },
    Measure {
        name: "polyphonic_rate",
        level: Level::Bar,
        meaning: "How much of a bar has several pitches at once.",
        formula: "steps with `min_pitches` pitches and more (2) / steps of the bar",
        unit: "share",
        range: "0 to 1",
        undefined: SILENT,
        source: BINARY,
        papers: "paper-src wants three pitches, and counts silent bars; paper leaves drums out",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 24), (0, 64, 12), (24, 67, 48)])],
            bars: 1,
            times: 1,
            of: "piano",
            value: Known::Number(0.25),
            by_hand: "two pitches for 12 of 48 steps: 1/4",
        },
    },
    Measure {
        name: "in_scale_rate",
        level: Level::Bar,
        meaning: "How many notes lie in a scale (C major if not said otherwise).",
        formula: "notes whose pitch class is in the scale / notes",
        unit: "share",
        range: "0 to 1",
        undefined: SILENT,
        source: MUSEGAN,
        papers: "all three count cells, by bands of pitches as for `pitch_classes`",
        example: Example {
            tracks: &[(Piano, &[(0, 60, 12), (12, 61, 24), (24, 64, 36), (36, 66, 48)])],
            bars: 1,
            times: 1,
            of: "piano",
            value: Known::Number(0.5),
            by_hand: "C and E are in C major, C# and F# are not: 2/4",
        },
    },
    Measure {
        name: "drum_pattern_rate",
        level: Level::Bar,
        meaning: "How well drum onsets keep to the sixteenths.",
        formula: "sum over onsets of w / onsets; w = 1 on a sixteenth, `drum_tolerance` (0.1) one step beside it, \
                  else 0",
        unit: "share",
        range: "0 to 1",
        undefined: "in a silent bar, for pitched tracks, and unless a beat has 12 or 24 steps",
        source: MUSEGAN,
        papers: "paper and paper-ismir take the best of all shifts of the grid within a sixteenth, paper with 0.3 \
                 for 0.1; paper-src weighs every sounding cell",
        example: Example {
            tracks: &[(Drums, &[(0, 36, 1), (4, 38, 5), (11, 42, 12)])],
            bars: 1,
            times: 1,
            of: "drums",
            value: Known::Number(0.4),
            by_hand: "one hit on the grid, one a step late, one a step early: (1 + 0.1 + 0.1) / 3",
        },
    },
    Measure {
        name: "tonal_distance",
        level: Level::Pair,
        meaning: "How far apart two tracks lie in harmony; small is close.",
        formula: "mean over the beats in which both sound of |T a - T b|, a and b the beat's shares of the pitch \
                  classes; T c = sum over k of c[k] r (sin k phi, cos k phi) for (r, phi) = (1, 7 pi/6), \
                  (1, 3 pi/2), (0.5, 2 pi/3)",
        unit: "distance in the tonal space",
        range: "0 to 3",
        undefined: "where the two never sound in one beat",
        source: "Harte, Sandler, Gasser: Detecting harmonic change in musical audio (2006)",
        papers: "bands of pitches as for `pitch_classes`; paper and paper-ismir have the mean over the bars in \
                 all of whose beats both sound, paper-src none at all if one beat anywhere is silent",
        example: Example {
            tracks: &[(Piano, &[(0, 67, 12), (12, 60, 24)]), (Bass, &[(0, 36, 24)])],
            bars: 1,
            times: 1,
            of: "piano-bass",
            // ((2 sin 15 deg)^2 + 2 + 0.75)^(1/2) / 2.
            value: Known::Number(0.868_612_282_959_307_8),
            by_hand: "G against C: a fifth is 30, 90 and 120 degrees on the circles of radius 1, 1 and 0.5, the \
                      square root of 0.268 + 2 + 0.75 is 1.737; C against C is 0; (1.737 + 0) / 2 = 0.869",
        },
    },
];
