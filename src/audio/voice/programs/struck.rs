//! Pianos, mallets, guitars, basses, harps and pitched percussion.

use crate::audio::voice::Voice;
use crate::audio::voice::modal::{Body, Modal};
use crate::audio::voice::percussion::{Cluster, Hiss, Percussion, Tone};

const PIANO: Modal = Modal {
    body: Body::String { point: 0.121, slope: 0.55, stiffness: 0.000_35 },
    bright: 1_900.0,
    ring: 7.0,
    per_octave: 0.62,
    dull: 0.28,
    release: 0.22,
    knock: (0.06, 900.0),
    twin: 0.9,
    drive: 0.0,
    level: 0.5,
};

/// Pianos and chromatic percussion.
pub(super) fn keyboard(number: u8) -> Voice {
    const MALLET: Modal = Modal {
        body: Body::Bars(&[(1.0, 1.0), (3.93, 0.3), (9.2, 0.1)]),
        bright: 3_500.0,
        ring: 1.3,
        per_octave: 0.7,
        dull: 0.5,
        release: 1.2,
        knock: (0.1, 1_200.0),
        twin: 0.0,
        ..PIANO
    };
    Voice::Modal(match number {
        0 => PIANO,
        1 => Modal { bright: 3_800.0, dull: 0.22, ..PIANO },
        2 => Modal { bright: 3_000.0, dull: 0.16, twin: 2.5, knock: (0.03, 900.0), ..PIANO },
        3 => Modal { bright: 2_800.0, twin: 13.0, ..PIANO },
        // Rhodes: a tine's fundamental and octave with a short high mode.
        4 => Modal {
            body: Body::Bars(&[(1.0, 1.0), (2.0, 0.22), (3.0, 0.06), (7.1, 0.22), (20.6, 0.05)]),
            bright: 3_500.0,
            ring: 5.0,
            dull: 0.9,
            knock: (0.02, 600.0),
            twin: 0.0,
            ..PIANO
        },
        5 => Modal {
            body: Body::Bars(&[
                (1.0, 1.0),
                (2.0, 0.35),
                (3.0, 0.2),
                (4.0, 0.12),
                (13.98, 0.35),
                (14.02, 0.3),
            ]),
            bright: 7_000.0,
            ring: 4.5,
            dull: 0.35,
            knock: (0.0, 600.0),
            twin: 3.0,
            ..PIANO
        },
        6 => Modal {
            body: Body::String { point: 0.09, slope: 0.35, stiffness: 0.000_05 },
            bright: 7_500.0,
            ring: 4.0,
            dull: 0.12,
            release: 0.12,
            knock: (0.14, 2_600.0),
            twin: 0.0,
            level: 0.5,
            ..PIANO
        },
        7 => Modal {
            body: Body::String { point: 0.06, slope: 0.5, stiffness: 0.0 },
            bright: 4_500.0,
            ring: 2.6,
            dull: 0.15,
            release: 0.06,
            knock: (0.1, 1_800.0),
            twin: 0.0,
            level: 0.52,
            ..PIANO
        },
        8 => Modal {
            body: Body::Bars(&[(1.0, 1.0), (2.01, 0.12), (4.1, 0.3), (8.2, 0.05)]),
            ring: 2.4,
            release: 0.6,
            ..MALLET
        },
        9 => Modal {
            body: Body::Bars(&[(1.0, 1.0), (2.76, 0.35), (5.4, 0.2), (8.93, 0.08)]),
            bright: 9_000.0,
            ring: 3.5,
            release: 2.0,
            dull: 0.25,
            level: 0.5,
            ..MALLET
        },
        10 => Modal {
            body: Body::Bars(&[(1.0, 1.0), (2.0, 0.1), (5.8, 0.28), (11.2, 0.06)]),
            bright: 6_000.0,
            ring: 2.6,
            release: 1.5,
            knock: (0.05, 3_500.0),
            ..MALLET
        },
        11 => Modal {
            body: Body::Bars(&[(1.0, 1.0), (4.0, 0.2), (10.1, 0.06)]),
            ring: 5.0,
            release: 0.5,
            dull: 0.35,
            twin: 2.0,
            ..MALLET
        },
        12 => MALLET,
        13 => Modal {
            body: Body::Bars(&[(1.0, 1.0), (3.0, 0.45), (6.1, 0.2), (9.8, 0.08)]),
            bright: 6_500.0,
            ring: 0.8,
            knock: (0.2, 2_200.0),
            ..MALLET
        },
        // Tubular bell: the partials of a tuned bell, the strike note at 1.
        14 => Modal {
            body: Body::Bars(&[
                (0.5, 0.3),
                (1.0, 1.0),
                (1.19, 0.35),
                (1.5, 0.4),
                (2.0, 0.7),
                (2.74, 0.35),
                (3.76, 0.25),
                (5.4, 0.12),
            ]),
            bright: 5_000.0,
            ring: 6.0,
            release: 3.0,
            dull: 0.4,
            twin: 0.7,
            ..MALLET
        },
        _ => Modal {
            body: Body::String { point: 0.07, slope: 0.7, stiffness: 0.000_1 },
            bright: 4_500.0,
            ring: 3.5,
            dull: 0.2,
            release: 1.5,
            knock: (0.12, 2_000.0),
            twin: 4.0,
            ..PIANO
        },
    })
}

const GUITAR: Modal = Modal {
    body: Body::String { point: 0.13, slope: 1.0, stiffness: 0.000_06 },
    bright: 3_600.0,
    ring: 4.2,
    per_octave: 0.68,
    dull: 0.3,
    release: 0.14,
    knock: (0.07, 2_400.0),
    twin: 0.0,
    drive: 0.0,
    level: 0.58,
};

/// Guitars: nylon, steel, jazz, clean, muted, overdriven, distorted, harmonics.
pub(super) fn guitar(number: u8) -> Voice {
    Voice::Modal(match number {
        24 => Modal {
            body: Body::String { point: 0.19, slope: 1.25, stiffness: 0.0 },
            bright: 2_000.0,
            ring: 2.8,
            dull: 0.45,
            knock: (0.05, 1_100.0),
            ..GUITAR
        },
        25 => Modal { twin: 0.6, ..GUITAR },
        26 => Modal {
            body: Body::String { point: 0.22, slope: 1.4, stiffness: 0.0 },
            bright: 1_500.0,
            knock: (0.03, 900.0),
            ..GUITAR
        },
        27 => Modal {
            body: Body::String { point: 0.16, slope: 0.85, stiffness: 0.0 },
            bright: 3_000.0,
            ring: 5.0,
            dull: 0.2,
            knock: (0.04, 2_000.0),
            ..GUITAR
        },
        28 => Modal { ring: 0.32, dull: 0.5, per_octave: 0.85, knock: (0.12, 1_600.0), ..GUITAR },
        29 => Modal { bright: 2_600.0, ring: 9.0, dull: 0.12, drive: 5.0, level: 0.5, ..GUITAR },
        30 => Modal { bright: 3_200.0, ring: 12.0, dull: 0.08, drive: 14.0, level: 0.46, ..GUITAR },
        _ => Modal {
            body: Body::Bars(&[(1.0, 1.0), (2.0, 0.35), (3.0, 0.12), (4.0, 0.06)]),
            bright: 5_000.0,
            release: 0.8,
            level: 0.5,
            ..GUITAR
        },
    })
}

/// Acoustic, fingered, picked, fretless and slapped basses.
pub(super) fn bass(number: u8) -> Voice {
    const BASS: Modal = Modal {
        body: Body::String { point: 0.21, slope: 1.1, stiffness: 0.000_1 },
        bright: 900.0,
        ring: 6.5,
        per_octave: 0.78,
        dull: 0.35,
        release: 0.11,
        knock: (0.05, 500.0),
        twin: 0.0,
        drive: 0.0,
        level: 1.45,
    };
    Voice::Modal(match number {
        32 => Modal { bright: 550.0, ring: 3.6, dull: 0.55, knock: (0.1, 350.0), ..BASS },
        33 => BASS,
        34 => Modal {
            body: Body::String { point: 0.1, slope: 0.9, stiffness: 0.000_1 },
            bright: 1_700.0,
            knock: (0.1, 1_800.0),
            ..BASS
        },
        35 => Modal {
            body: Body::String { point: 0.3, slope: 1.5, stiffness: 0.0 },
            bright: 700.0,
            ring: 8.0,
            knock: (0.0, 500.0),
            ..BASS
        },
        36 => Modal {
            body: Body::String { point: 0.28, slope: 0.7, stiffness: 0.000_15 },
            bright: 2_600.0,
            knock: (0.22, 2_500.0),
            level: 1.3,
            ..BASS
        },
        _ => Modal {
            body: Body::String { point: 0.08, slope: 0.75, stiffness: 0.000_15 },
            bright: 3_200.0,
            knock: (0.18, 3_200.0),
            level: 1.3,
            ..BASS
        },
    })
}

/// Pizzicato and harp.
pub(super) fn orchestral_plucked(number: u8) -> Voice {
    Voice::Modal(if number == 45 {
        Modal {
            body: Body::String { point: 0.25, slope: 1.3, stiffness: 0.0 },
            bright: 1_800.0,
            ring: 0.7,
            per_octave: 0.8,
            release: 0.4,
            knock: (0.08, 700.0),
            twin: 5.0,
            ..GUITAR
        }
    } else {
        Modal {
            body: Body::String { point: 0.36, slope: 1.3, stiffness: 0.0 },
            bright: 2_600.0,
            ring: 3.6,
            release: 1.2,
            knock: (0.03, 1_500.0),
            ..GUITAR
        }
    })
}

/// Timpani: the modes of a kettledrum that make its pitch.
pub(super) fn timpani() -> Voice {
    Voice::Modal(Modal {
        body: Body::Bars(&[(0.85, 0.15), (1.0, 1.0), (1.5, 0.55), (1.98, 0.35), (2.44, 0.2), (2.9, 0.12)]),
        bright: 900.0,
        ring: 1.6,
        per_octave: 0.8,
        dull: 0.4,
        release: 1.0,
        knock: (0.25, 220.0),
        twin: 0.0,
        drive: 0.0,
        level: 0.8,
    })
}

/// Sitar, banjo, shamisen, koto, kalimba.
pub(super) fn ethnic_plucked(number: u8) -> Voice {
    Voice::Modal(match number {
        104 => Modal {
            body: Body::String { point: 0.05, slope: 0.4, stiffness: 0.0 },
            bright: 4_500.0,
            ring: 6.0,
            dull: 0.06,
            release: 0.6,
            twin: 5.0,
            level: 0.5,
            ..GUITAR
        },
        105 => Modal {
            body: Body::String { point: 0.1, slope: 0.8, stiffness: 0.0 },
            bright: 4_500.0,
            ring: 1.3,
            knock: (0.2, 1_400.0),
            ..GUITAR
        },
        106 => Modal {
            body: Body::String { point: 0.08, slope: 0.7, stiffness: 0.0 },
            ring: 1.6,
            dull: 0.15,
            knock: (0.25, 900.0),
            ..GUITAR
        },
        107 => Modal {
            body: Body::String { point: 0.11, slope: 0.8, stiffness: 0.0 },
            ring: 3.2,
            release: 1.0,
            knock: (0.1, 2_200.0),
            ..GUITAR
        },
        _ => Modal {
            body: Body::Bars(&[(1.0, 1.0), (5.4, 0.25), (14.2, 0.05)]),
            bright: 4_000.0,
            ring: 1.5,
            release: 0.8,
            knock: (0.15, 800.0),
            ..GUITAR
        },
    })
}

const fn tone(hz: f32, level: f32, decay: f32, from: f32, bend: f32) -> Tone {
    Tone { hz, level, decay, from, bend }
}

const fn hiss(low: f32, high: f32, level: f32, decay: f32) -> Hiss {
    Hiss { low, high, level, attack: 0.0, decay, bursts: 1, every: 0.0 }
}

/// Tinkle bell to reverse cymbal; tones are given for C4 and follow the pitch.
pub(super) fn percussive(number: u8) -> Voice {
    const DRUM: Percussion = Percussion {
        tones: Vec::new(),
        hiss: Vec::new(),
        cluster: None,
        drive: 0.0,
        level: 0.5,
        pan: 0.0,
        room: 0.6,
    };
    const C4: f32 = 261.63;
    const BELL: Modal = Modal {
        body: Body::Bars(&[(1.0, 1.0), (2.4, 0.5), (4.1, 0.35), (6.3, 0.2)]),
        bright: 9_000.0,
        ring: 1.8,
        per_octave: 0.75,
        dull: 0.2,
        release: 1.2,
        knock: (0.03, 4_000.0),
        twin: 3.0,
        drive: 0.0,
        level: 0.45,
    };
    match number {
        112 => Voice::Modal(BELL),
        113 => Voice::Modal(Modal {
            body: Body::Bars(&[(1.0, 1.0), (2.25, 0.6), (3.7, 0.3)]),
            ring: 0.6,
            knock: (0.15, 2_500.0),
            ..BELL
        }),
        114 => Voice::Modal(Modal {
            body: Body::Bars(&[(1.0, 1.0), (2.0, 0.6), (3.01, 0.35), (4.03, 0.2), (6.1, 0.08)]),
            bright: 2_800.0,
            ring: 1.6,
            knock: (0.08, 900.0),
            level: 0.55,
            ..BELL
        }),
        115 => Voice::Percussion(Percussion {
            tones: vec![tone(C4 * 2.0, 1.0, 0.09, 1.0, 0.01), tone(C4 * 4.9, 0.5, 0.05, 1.0, 0.01)],
            hiss: vec![hiss(1_500.0, 7_000.0, 0.3, 0.012)],
            ..DRUM
        }),
        116 => Voice::Percussion(Percussion {
            tones: vec![tone(C4 / 3.0, 1.0, 0.7, 1.5, 0.04), tone(C4 / 2.0, 0.3, 0.4, 1.3, 0.03)],
            hiss: vec![hiss(200.0, 2_500.0, 0.4, 0.05)],
            drive: 1.0,
            level: 0.7,
            ..DRUM
        }),
        117 => Voice::Percussion(Percussion {
            tones: vec![tone(C4 / 2.0, 1.0, 0.5, 1.4, 0.03), tone(C4 * 0.79, 0.3, 0.25, 1.3, 0.03)],
            hiss: vec![hiss(300.0, 3_500.0, 0.3, 0.04)],
            level: 0.6,
            ..DRUM
        }),
        118 => Voice::Percussion(Percussion {
            tones: vec![tone(C4 / 2.0, 1.0, 0.5, 3.0, 0.08)],
            hiss: vec![hiss(800.0, 6_000.0, 0.2, 0.06)],
            drive: 1.4,
            level: 0.6,
            ..DRUM
        }),
        _ => Voice::Percussion(Percussion {
            hiss: vec![Hiss { attack: 1.4, ..hiss(1_800.0, 13_000.0, 1.0, 0.12) }],
            cluster: Some(Cluster { low: 2_000.0, high: 9_000.0, count: 16, level: 0.05, decay: 0.4 }),
            level: 0.4,
            ..DRUM
        }),
    }
}
