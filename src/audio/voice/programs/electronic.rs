//! Synthesizer basses, leads, pads, and the sound effects at the end of the list.

use crate::audio::voice::Voice;
use crate::audio::voice::percussion::{Hiss, Percussion, Tone};
use crate::audio::voice::sustained::{Sustained, Wave};

const SAW: Wave = Wave { drawbars: &[], slope: 1.0, even: 1.0, bright: 9_000.0, formants: &[] };
const SQUARE: Wave = Wave { even: 0.0, ..SAW };
const SINE: Wave = Wave { drawbars: &[1.0], slope: 0.0, ..SAW };
const TRIANGLE: Wave = Wave { slope: 2.0, even: 0.0, ..SAW };

/// A plain sawtooth lead.
const LEAD: Sustained = Sustained {
    wave: SAW,
    unison: &[-5.0, 5.0],
    attack: 0.008,
    decay: 0.3,
    sustain: 0.8,
    release: 0.08,
    vibrato: (5.4, 6.0),
    tremolo: (0.0, 0.0),
    sweep: None,
    breath: 0.0,
    level: 0.34,
};

/// The two synthesizer basses: a filter that closes after each note's start.
pub(super) fn synth_bass(number: u8) -> Voice {
    let bass = Sustained {
        unison: &[0.0],
        sweep: Some((18.0, 4.0, 0.12)),
        decay: 0.4,
        sustain: 0.7,
        release: 0.06,
        vibrato: (0.0, 0.0),
        level: 1.2,
        ..LEAD
    };
    Voice::Sustained(match number {
        38 => bass,
        _ => Sustained { wave: Wave { even: 0.3, ..SAW }, sweep: Some((9.0, 3.0, 0.2)), ..bass },
    })
}

/// Square, saw, calliope, chiff, charang, voice, fifths, bass and lead.
pub(super) fn lead(number: u8) -> Voice {
    const VOICE: &[(f32, f32, f32)] = &[(700.0, 120.0, 1.0), (1_150.0, 150.0, 0.6), (2_800.0, 250.0, 0.3)];
    Voice::Sustained(match number {
        80 => Sustained { wave: SQUARE, unison: &[0.0], ..LEAD },
        82 => Sustained { wave: TRIANGLE, unison: &[0.0], breath: 0.05, attack: 0.03, level: 0.4, ..LEAD },
        83 => Sustained { wave: SQUARE, unison: &[0.0], breath: 0.06, decay: 0.1, sustain: 0.6, ..LEAD },
        84 => Sustained { wave: Wave { slope: 0.7, ..SAW }, sweep: Some((14.0, 6.0, 0.3)), ..LEAD },
        85 => Sustained { wave: Wave { slope: 0.7, formants: VOICE, ..SAW }, attack: 0.05, ..LEAD },
        86 => Sustained { unison: &[-4.0, 5.0, 698.0, 706.0], ..LEAD },
        87 => Sustained { unison: &[-1_203.0, 4.0], sweep: Some((16.0, 5.0, 0.25)), level: 0.42, ..LEAD },
        _ => LEAD,
    })
}

/// Pads (88 to 95) and synthesizer effects (96 to 103).
pub(super) fn pad(number: u8) -> Voice {
    const AIR: &[(f32, f32, f32)] = &[(550.0, 130.0, 1.0), (1_000.0, 160.0, 0.5), (2_700.0, 300.0, 0.3)];
    let warm = Sustained {
        wave: Wave { bright: 1_800.0, ..SAW },
        unison: &[-10.0, 10.0, -3.0, 4.0],
        attack: 0.3,
        sustain: 0.9,
        release: 0.7,
        vibrato: (4.2, 4.0),
        level: 0.36,
        ..LEAD
    };
    let bells =
        Wave { drawbars: &[1.0, 0.1, 0.0, 0.35, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.12], slope: 0.0, ..SAW };
    Voice::Sustained(match number {
        88 => Sustained { wave: bells, attack: 0.02, decay: 1.5, sustain: 0.5, ..warm },
        89 => warm,
        90 => Sustained { wave: SAW, attack: 0.05, sweep: Some((12.0, 5.0, 0.5)), ..warm },
        91 => Sustained { wave: Wave { slope: 0.8, formants: AIR, ..SAW }, breath: 0.02, ..warm },
        92 => Sustained { wave: TRIANGLE, tremolo: (0.7, 0.3), ..warm },
        93 => Sustained { wave: Wave { bright: 5_000.0, ..SQUARE }, tremolo: (3.0, 0.2), ..warm },
        94 => Sustained { wave: SINE, unison: &[-8.0, 8.0, 702.0], ..warm },
        95 => Sustained { sweep: Some((2.0, 12.0, 1.0)), wave: SAW, ..warm },
        96 => Sustained { wave: bells, attack: 0.01, decay: 0.9, sustain: 0.3, tremolo: (4.0, 0.3), ..warm },
        97 => Sustained { sweep: Some((1.5, 8.0, 0.8)), ..warm },
        98 => Sustained { wave: bells, attack: 0.005, decay: 0.8, sustain: 0.15, release: 1.0, ..warm },
        99 => Sustained {
            wave: Wave { bright: 4_000.0, ..SAW },
            attack: 0.01,
            decay: 0.8,
            sustain: 0.4,
            ..warm
        },
        100 => Sustained { wave: bells, attack: 0.05, breath: 0.01, ..warm },
        101 => Sustained { wave: SQUARE, sweep: Some((8.0, 3.0, 0.7)), tremolo: (5.0, 0.2), ..warm },
        102 => {
            Sustained { wave: TRIANGLE, attack: 0.02, decay: 0.5, sustain: 0.4, tremolo: (2.5, 0.6), ..warm }
        }
        _ => Sustained { wave: SQUARE, sweep: Some((2.0, 7.0, 0.4)), vibrato: (6.0, 18.0), ..warm },
    })
}

/// Fret noise, breath, seashore, birds, telephone, helicopter, applause, gunshot.
pub(super) fn effect(number: u8) -> Voice {
    const fn hiss(low: f32, high: f32, attack: f32, decay: f32) -> Hiss {
        Hiss { low, high, level: 1.0, attack, decay, bursts: 1, every: 0.0 }
    }
    const NOISE: Percussion = Percussion {
        tones: Vec::new(),
        hiss: Vec::new(),
        cluster: None,
        drive: 0.0,
        level: 0.35,
        pan: 0.0,
        room: 0.6,
    };
    let tone = Sustained { wave: SINE, unison: &[0.0], ..LEAD };
    match number {
        120 => Voice::Percussion(Percussion { hiss: vec![hiss(1_500.0, 6_000.0, 0.03, 0.12)], ..NOISE }),
        121 => Voice::Percussion(Percussion {
            hiss: vec![hiss(700.0, 5_000.0, 0.12, 0.4)],
            level: 0.25,
            ..NOISE
        }),
        122 => {
            Voice::Percussion(Percussion { hiss: vec![hiss(200.0, 4_000.0, 1.2, 2.5)], level: 0.25, ..NOISE })
        }
        123 => Voice::Sustained(Sustained { vibrato: (13.0, 350.0), tremolo: (6.5, 0.9), ..tone }),
        124 => Voice::Sustained(Sustained { unison: &[0.0, 350.0], tremolo: (20.0, 0.9), ..tone }),
        125 => Voice::Percussion(Percussion {
            hiss: vec![Hiss { bursts: 18, every: 0.085, ..hiss(80.0, 900.0, 0.02, 0.2) }],
            ..NOISE
        }),
        126 => Voice::Percussion(Percussion {
            hiss: vec![Hiss { bursts: 90, every: 0.017, ..hiss(900.0, 6_000.0, 0.0, 0.6) }],
            level: 0.3,
            ..NOISE
        }),
        _ => Voice::Percussion(Percussion {
            tones: vec![Tone { hz: 60.0, level: 0.8, decay: 0.4, from: 2.0, bend: 0.03 }],
            hiss: vec![hiss(100.0, 9_000.0, 0.0, 0.7)],
            drive: 2.0,
            level: 0.7,
            ..NOISE
        }),
    }
}
