//! Organs, bowed strings, voices, brass, reeds and pipes.

use crate::audio::voice::Voice;
use crate::audio::voice::sustained::{Sustained, Wave};

/// A sawtooth, as a bow makes it.
const SAW: Wave = Wave { drawbars: &[], slope: 1.0, even: 1.0, bright: 3_500.0, formants: &[] };

/// The parts of a Hammond drawbar organ as harmonics of the 16' stop.
const ORGAN: Sustained = Sustained {
    wave: Wave {
        drawbars: &[0.8, 1.0, 0.6, 0.75, 0.0, 0.3, 0.0, 0.35],
        slope: 0.0,
        even: 1.0,
        bright: 9_000.0,
        formants: &[],
    },
    unison: &[0.0],
    attack: 0.008,
    decay: 0.1,
    sustain: 1.0,
    release: 0.05,
    vibrato: (6.2, 5.0),
    tremolo: (6.2, 0.12),
    sweep: None,
    breath: 0.0,
    level: 0.42,
};

/// Drawbar, percussive, rock, church and reed organs, accordion, harmonica, bandoneon.
pub(super) fn organ(number: u8) -> Voice {
    const CHURCH: Wave = Wave {
        drawbars: &[0.7, 1.0, 0.2, 0.8, 0.1, 0.3, 0.05, 0.5, 0.0, 0.1, 0.0, 0.15, 0.0, 0.0, 0.0, 0.2],
        ..ORGAN.wave
    };
    const FREE_REED: Wave =
        Wave { slope: 0.8, bright: 2_600.0, formants: &[(900.0, 500.0, 0.8), (2_300.0, 700.0, 0.5)], ..SAW };
    let reed = Sustained {
        wave: FREE_REED,
        attack: 0.04,
        release: 0.08,
        vibrato: (5.0, 3.0),
        tremolo: (5.0, 0.1),
        breath: 0.004,
        level: 0.36,
        ..ORGAN
    };
    Voice::Sustained(match number {
        16 => ORGAN,
        17 => Sustained { decay: 0.25, sustain: 0.6, attack: 0.003, ..ORGAN },
        18 => Sustained {
            wave: Wave { drawbars: &[0.9, 1.0, 1.0, 0.7, 0.5, 0.6, 0.0, 0.6], slope: 0.0, ..ORGAN.wave },
            unison: &[-6.0, 6.0],
            tremolo: (6.6, 0.25),
            ..ORGAN
        },
        19 => Sustained {
            wave: CHURCH,
            unison: &[-3.0, 3.0],
            attack: 0.06,
            release: 0.25,
            vibrato: (0.0, 0.0),
            tremolo: (0.0, 0.0),
            breath: 0.004,
            ..ORGAN
        },
        21 => Sustained { unison: &[-9.0, 9.0], ..reed },
        22 => Sustained { tremolo: (5.5, 0.2), attack: 0.06, ..reed },
        23 => Sustained { unison: &[-4.0, 5.0], attack: 0.05, ..reed },
        _ => reed,
    })
}

/// Solo strings, tremolo strings, ensembles, choirs and the orchestra hit.
pub(super) fn strings_and_voices(number: u8) -> Voice {
    const SOLO: Sustained = Sustained {
        wave: Wave {
            bright: 4_500.0,
            formants: &[(500.0, 250.0, 0.6), (1_200.0, 500.0, 0.5), (2_700.0, 900.0, 0.7)],
            ..SAW
        },
        unison: &[0.0],
        attack: 0.09,
        decay: 0.3,
        sustain: 0.85,
        release: 0.16,
        vibrato: (5.6, 14.0),
        tremolo: (5.6, 0.1),
        sweep: None,
        breath: 0.012,
        level: 0.4,
    };
    const ENSEMBLE: Sustained = Sustained {
        wave: Wave { bright: 2_600.0, ..SAW },
        unison: &[-11.0, 9.0, 2.0, -4.0],
        attack: 0.14,
        release: 0.35,
        vibrato: (5.1, 6.0),
        tremolo: (0.0, 0.0),
        breath: 0.0,
        level: 0.4,
        ..SOLO
    };
    const AH: &[(f32, f32, f32)] = &[(780.0, 110.0, 1.0), (1_180.0, 130.0, 0.6), (2_900.0, 250.0, 0.3)];
    const OH: &[(f32, f32, f32)] = &[(420.0, 90.0, 1.0), (820.0, 110.0, 0.4), (2_600.0, 250.0, 0.12)];
    Voice::Sustained(match number {
        40 => SOLO,
        41 => Sustained { wave: Wave { bright: 3_200.0, ..SOLO.wave }, ..SOLO },
        42 => Sustained {
            wave: Wave {
                bright: 2_400.0,
                formants: &[(250.0, 150.0, 0.8), (600.0, 300.0, 0.6), (1_500.0, 700.0, 0.5)],
                ..SAW
            },
            attack: 0.1,
            ..SOLO
        },
        43 => Sustained {
            wave: Wave { bright: 1_300.0, ..SAW },
            attack: 0.12,
            vibrato: (4.8, 8.0),
            level: 0.5,
            ..SOLO
        },
        44 => Sustained { tremolo: (11.5, 0.75), attack: 0.06, ..ENSEMBLE },
        48 => ENSEMBLE,
        49 => Sustained { attack: 0.32, release: 0.6, wave: Wave { bright: 1_700.0, ..SAW }, ..ENSEMBLE },
        50 => Sustained {
            unison: &[-14.0, 14.0, 0.0, 7.0],
            breath: 0.0,
            wave: Wave { bright: 4_500.0, ..SAW },
            ..ENSEMBLE
        },
        51 => Sustained {
            unison: &[-9.0, 9.0],
            breath: 0.0,
            attack: 0.3,
            release: 0.7,
            sweep: Some((3.0, 7.0, 0.6)),
            ..ENSEMBLE
        },
        52 => Sustained {
            wave: Wave { slope: 0.7, bright: 4_000.0, formants: AH, ..SAW },
            attack: 0.16,
            breath: 0.02,
            ..ENSEMBLE
        },
        53 => Sustained {
            wave: Wave { slope: 0.9, bright: 3_000.0, formants: OH, ..SAW },
            attack: 0.14,
            breath: 0.015,
            ..ENSEMBLE
        },
        54 => Sustained {
            wave: Wave { slope: 0.6, bright: 5_000.0, formants: AH, ..SAW },
            unison: &[-6.0, 6.0],
            attack: 0.08,
            ..ENSEMBLE
        },
        // Orchestra hit: everybody at once, and gone.
        _ => Sustained {
            wave: Wave { slope: 0.8, bright: 4_000.0, ..SAW },
            unison: &[-1_212.0, -5.0, 8.0, 1_195.0],
            attack: 0.008,
            decay: 0.5,
            sustain: 0.08,
            breath: 0.08,
            level: 0.5,
            ..ENSEMBLE
        },
    })
}

/// Trumpet, trombone, tuba, muted trumpet, horn, sections: the louder, the brighter, and bright late.
pub(super) fn brass(number: u8) -> Voice {
    const TRUMPET: Sustained = Sustained {
        wave: Wave { slope: 0.75, bright: 4_500.0, formants: &[(1_200.0, 900.0, 1.0)], ..SAW },
        unison: &[0.0],
        attack: 0.035,
        decay: 0.25,
        sustain: 0.8,
        release: 0.09,
        vibrato: (5.2, 7.0),
        tremolo: (0.0, 0.0),
        sweep: Some((1.5, 11.0, 0.07)),
        breath: 0.006,
        level: 0.4,
    };
    const SECTION: Sustained = Sustained { unison: &[-8.0, 7.0, 1.0, -3.0], vibrato: (4.8, 4.0), ..TRUMPET };
    Voice::Sustained(match number {
        56 => TRUMPET,
        57 => Sustained {
            wave: Wave { bright: 2_800.0, formants: &[(550.0, 400.0, 1.0)], ..TRUMPET.wave },
            attack: 0.05,
            ..TRUMPET
        },
        58 => Sustained {
            wave: Wave { bright: 1_100.0, formants: &[(260.0, 220.0, 1.0)], ..TRUMPET.wave },
            attack: 0.06,
            sweep: Some((1.5, 7.0, 0.08)),
            level: 0.52,
            ..TRUMPET
        },
        59 => Sustained {
            wave: Wave {
                slope: 0.4,
                bright: 5_500.0,
                formants: &[(1_900.0, 500.0, 1.0), (3_400.0, 800.0, 0.6)],
                ..SAW
            },
            level: 0.32,
            ..TRUMPET
        },
        60 => Sustained {
            wave: Wave { slope: 1.1, bright: 1_500.0, formants: &[(450.0, 300.0, 1.0)], ..SAW },
            attack: 0.06,
            release: 0.15,
            sweep: Some((1.2, 6.0, 0.1)),
            level: 0.44,
            ..TRUMPET
        },
        61 => SECTION,
        62 => Sustained {
            wave: Wave { bright: 7_000.0, ..SAW },
            unison: &[-9.0, 9.0],
            sweep: Some((2.0, 9.0, 0.06)),
            breath: 0.0,
            ..SECTION
        },
        _ => Sustained {
            wave: Wave { bright: 3_500.0, ..SAW },
            unison: &[-12.0, 12.0],
            attack: 0.07,
            sweep: Some((1.5, 6.0, 0.2)),
            breath: 0.0,
            ..SECTION
        },
    })
}

/// Saxophones, oboe, English horn, bassoon, clarinet.
pub(super) fn reed(number: u8) -> Voice {
    const SAX: Sustained = Sustained {
        wave: Wave {
            slope: 0.8,
            even: 0.8,
            bright: 3_200.0,
            formants: &[(650.0, 350.0, 0.9), (1_500.0, 600.0, 0.7)],
            ..SAW
        },
        unison: &[0.0],
        attack: 0.04,
        decay: 0.2,
        sustain: 0.85,
        release: 0.08,
        vibrato: (5.0, 10.0),
        tremolo: (5.0, 0.06),
        sweep: Some((2.5, 12.0, 0.05)),
        breath: 0.02,
        level: 0.38,
    };
    let double_reed = |formants: &'static [(f32, f32, f32)], bright: f32| Sustained {
        wave: Wave { slope: 0.5, even: 1.0, bright, formants, drawbars: &[] },
        sweep: None,
        breath: 0.008,
        ..SAX
    };
    Voice::Sustained(match number {
        64 => Sustained {
            wave: Wave {
                bright: 4_500.0,
                formants: &[(1_100.0, 500.0, 0.9), (2_400.0, 800.0, 0.6)],
                ..SAX.wave
            },
            ..SAX
        },
        65 => SAX,
        66 => Sustained {
            wave: Wave {
                bright: 2_500.0,
                formants: &[(480.0, 300.0, 0.9), (1_200.0, 500.0, 0.7)],
                ..SAX.wave
            },
            ..SAX
        },
        67 => Sustained {
            wave: Wave { bright: 1_800.0, formants: &[(300.0, 220.0, 0.9), (800.0, 400.0, 0.7)], ..SAX.wave },
            ..SAX
        },
        68 => double_reed(&[(1_150.0, 250.0, 1.0), (2_900.0, 500.0, 0.5)], 5_000.0),
        69 => double_reed(&[(900.0, 220.0, 1.0), (2_100.0, 400.0, 0.4)], 3_500.0),
        70 => double_reed(&[(470.0, 140.0, 1.0), (1_200.0, 300.0, 0.35)], 2_000.0),
        // A clarinet's bore is closed at one end: even harmonics are weak.
        _ => Sustained {
            wave: Wave { slope: 0.9, even: 0.12, bright: 2_600.0, formants: &[], drawbars: &[] },
            vibrato: (0.0, 0.0),
            tremolo: (0.0, 0.0),
            breath: 0.01,
            sweep: None,
            ..SAX
        },
    })
}

const FLUTE: Sustained = Sustained {
    wave: Wave {
        drawbars: &[1.0, 0.32, 0.14, 0.05, 0.03],
        slope: 0.0,
        even: 1.0,
        bright: 6_000.0,
        formants: &[],
    },
    unison: &[0.0],
    attack: 0.06,
    decay: 0.2,
    sustain: 0.9,
    release: 0.1,
    vibrato: (5.0, 8.0),
    tremolo: (5.0, 0.12),
    sweep: None,
    breath: 0.05,
    level: 0.38,
};

/// Piccolo, flute, recorder, pan flute, bottle, shakuhachi, whistle, ocarina.
pub(super) fn pipe(number: u8) -> Voice {
    let flute = |drawbars: &'static [f32], breath: f32, attack: f32| Sustained {
        wave: Wave { drawbars, ..FLUTE.wave },
        breath,
        attack,
        ..FLUTE
    };
    Voice::Sustained(match number {
        72 => flute(&[1.0, 0.2, 0.05], 0.04, 0.04),
        73 => FLUTE,
        74 => flute(&[1.0, 0.08, 0.2, 0.02, 0.06], 0.025, 0.03),
        75 => flute(&[1.0, 0.05, 0.18, 0.0, 0.03], 0.13, 0.04),
        76 => flute(&[1.0, 0.03], 0.18, 0.07),
        77 => Sustained { vibrato: (4.6, 22.0), ..flute(&[1.0, 0.4, 0.25, 0.1, 0.06], 0.14, 0.06) },
        78 => Sustained { vibrato: (5.5, 16.0), ..flute(&[1.0, 0.02], 0.02, 0.05) },
        _ => flute(&[1.0, 0.04, 0.03], 0.03, 0.04),
    })
}

/// Bagpipe, fiddle, shanai.
pub(super) fn ethnic(number: u8) -> Voice {
    let nasal = Sustained {
        wave: Wave {
            slope: 0.4,
            bright: 4_500.0,
            formants: &[(1_000.0, 400.0, 1.0), (2_500.0, 600.0, 0.8)],
            ..SAW
        },
        attack: 0.03,
        vibrato: (0.0, 0.0),
        tremolo: (0.0, 0.0),
        breath: 0.008,
        level: 0.34,
        ..FLUTE
    };
    match number {
        109 => Voice::Sustained(Sustained { unison: &[-5.0, 4.0], ..nasal }),
        110 => strings_and_voices(40),
        _ => Voice::Sustained(Sustained { vibrato: (5.8, 18.0), ..nasal }),
    }
}
