//! The percussion kit: General MIDI keys 27 to 87, and a small sound for every other key.

use super::percussion::{Cluster, Hiss, Percussion, Tone};

/// Number of choke groups.
pub(in crate::audio) const CHOKE_GROUPS: usize = 5;

/// Drums of one group silence each other: hi-hats, whistles, guiros, cuicas, triangles.
pub(in crate::audio) fn choke_group(key: u8) -> Option<usize> {
    match key {
        42 | 44 | 46 => Some(0),
        71 | 72 => Some(1),
        73 | 74 => Some(2),
        78 | 79 => Some(3),
        80 | 81 => Some(4),
        _ => None,
    }
}

/// Pan of a key's drum, and how much of it the room hears.
pub(in crate::audio) fn place(key: u8) -> (f32, f32) {
    let drum = drum(key);
    (drum.pan, drum.room)
}

const SILENT: Percussion = Percussion {
    tones: Vec::new(),
    hiss: Vec::new(),
    cluster: None,
    drive: 0.0,
    level: 0.5,
    pan: 0.0,
    room: 0.5,
};

const fn tone(hz: f32, level: f32, decay: f32) -> Tone {
    Tone { hz, level, decay, from: 1.0, bend: 0.01 }
}

const fn bent(hz: f32, level: f32, decay: f32, from: f32, bend: f32) -> Tone {
    Tone { hz, level, decay, from, bend }
}

const fn hiss(low: f32, high: f32, level: f32, decay: f32) -> Hiss {
    Hiss { low, high, level, attack: 0.0, decay, bursts: 1, every: 0.0 }
}

const fn plate(low: f32, high: f32, count: u32, level: f32, decay: f32) -> Option<Cluster> {
    Some(Cluster { low, high, count, level, decay })
}

/// Loudness of the kit beside the other instruments.
const KIT: f32 = 1.9;

/// The drum of a key.
pub(in crate::audio) fn drum(key: u8) -> Percussion {
    let drum = match key {
        27..=34 => signal(key),
        35..=40 => kick_or_snare(key),
        41 | 43 | 45 | 47 | 48 | 50 => tom(key),
        42 | 44 | 46 | 49 | 51..=53 | 55 | 57 | 59 => cymbal(key),
        54 | 56 | 58 | 69..=75 | 82..=85 => hand_percussion(key),
        60..=66 | 78 | 79 | 86 | 87 => hand_drum(key),
        67 | 68 | 76 | 77 | 80 | 81 => pitched_percussion(key),
        _ => other(key),
    };
    Percussion { level: drum.level * KIT, ..drum }
}

fn kick_or_snare(key: u8) -> Percussion {
    match key {
        // Acoustic bass drum: lower and longer than bass drum 1.
        35 => Percussion {
            tones: vec![bent(46.0, 1.0, 0.42, 2.6, 0.025), bent(78.0, 0.25, 0.2, 1.6, 0.02)],
            hiss: vec![hiss(30.0, 900.0, 0.35, 0.03)],
            drive: 1.2,
            level: 0.95,
            room: 0.08,
            ..SILENT
        },
        36 => Percussion {
            tones: vec![bent(54.0, 1.0, 0.3, 3.6, 0.02)],
            hiss: vec![hiss(1_500.0, 6_000.0, 0.35, 0.012)],
            drive: 1.5,
            level: 0.95,
            room: 0.06,
            ..SILENT
        },
        37 => Percussion {
            tones: vec![tone(480.0, 0.5, 0.06), tone(1_720.0, 1.0, 0.05), tone(2_650.0, 0.5, 0.03)],
            hiss: vec![hiss(1_200.0, 9_000.0, 0.8, 0.02)],
            level: 0.5,
            pan: -0.1,
            ..SILENT
        },
        38 => Percussion {
            tones: vec![bent(184.0, 0.8, 0.16, 1.5, 0.012), bent(330.0, 0.5, 0.1, 1.3, 0.01)],
            hiss: vec![hiss(1_100.0, 9_500.0, 1.2, 0.22), hiss(3_500.0, 16_000.0, 0.5, 0.05)],
            drive: 0.9,
            level: 0.75,
            pan: -0.05,
            room: 0.5,
            ..SILENT
        },
        39 => Percussion {
            hiss: vec![
                Hiss { bursts: 4, every: 0.011, ..hiss(800.0, 4_200.0, 1.0, 0.2) },
                Hiss { bursts: 4, every: 0.011, ..hiss(2_000.0, 9_000.0, 0.3, 0.08) },
            ],
            level: 0.6,
            pan: 0.1,
            room: 0.7,
            ..SILENT
        },
        // Electric snare: higher, tighter, more noise.
        _ => Percussion {
            tones: vec![bent(238.0, 0.8, 0.12, 1.8, 0.015), tone(455.0, 0.4, 0.07)],
            hiss: vec![hiss(1_800.0, 13_000.0, 1.4, 0.17)],
            drive: 1.4,
            level: 0.72,
            pan: -0.05,
            room: 0.4,
            ..SILENT
        },
    }
}

/// Six toms from low floor tom to high tom, right to left.
fn tom(key: u8) -> Percussion {
    const LOW_FLOOR: [Tone; 2] = [bent(76.0, 1.0, 0.62, 1.5, 0.04), bent(118.0, 0.3, 0.3, 1.3, 0.03)];
    const HIGH_FLOOR: [Tone; 2] = [bent(94.0, 1.0, 0.56, 1.5, 0.04), bent(147.0, 0.3, 0.28, 1.3, 0.03)];
    const LOW: [Tone; 2] = [bent(116.0, 1.0, 0.5, 1.5, 0.035), bent(182.0, 0.3, 0.25, 1.3, 0.03)];
    const LOW_MID: [Tone; 2] = [bent(142.0, 1.0, 0.45, 1.5, 0.035), bent(224.0, 0.3, 0.22, 1.3, 0.03)];
    const HIGH_MID: [Tone; 2] = [bent(174.0, 1.0, 0.4, 1.5, 0.03), bent(274.0, 0.3, 0.2, 1.3, 0.03)];
    const HIGH: [Tone; 2] = [bent(214.0, 1.0, 0.36, 1.5, 0.03), bent(338.0, 0.3, 0.18, 1.3, 0.03)];
    const SKIN: Hiss = hiss(300.0, 3_500.0, 0.35, 0.04);
    let (tones, pan) = match key {
        41 => (LOW_FLOOR, 0.45),
        43 => (HIGH_FLOOR, 0.32),
        45 => (LOW, 0.15),
        47 => (LOW_MID, 0.0),
        48 => (HIGH_MID, -0.18),
        _ => (HIGH, -0.32),
    };
    Percussion { tones: tones.to_vec(), hiss: vec![SKIN], drive: 0.8, level: 0.7, pan, room: 0.45, ..SILENT }
}

fn cymbal(key: u8) -> Percussion {
    match key {
        42 => Percussion {
            hiss: vec![hiss(7_000.0, 17_000.0, 1.0, 0.055)],
            cluster: plate(5_200.0, 14_000.0, 24, 0.5, 0.07),
            level: 0.3,
            pan: 0.28,
            room: 0.15,
            ..SILENT
        },
        // The pedal closes the hat without a stick: softer, darker, a little longer.
        44 => Percussion {
            hiss: vec![Hiss { attack: 0.006, ..hiss(4_200.0, 11_000.0, 1.0, 0.1) }],
            cluster: plate(3_600.0, 9_500.0, 20, 0.4, 0.09),
            level: 0.22,
            pan: 0.28,
            room: 0.15,
            ..SILENT
        },
        46 => Percussion {
            hiss: vec![hiss(6_500.0, 17_000.0, 1.0, 0.85)],
            cluster: plate(4_800.0, 14_000.0, 48, 0.45, 0.9),
            level: 0.3,
            pan: 0.28,
            room: 0.25,
            ..SILENT
        },
        49 => Percussion {
            hiss: vec![
                Hiss { attack: 0.004, ..hiss(2_500.0, 15_000.0, 1.0, 1.5) },
                hiss(800.0, 5_000.0, 0.4, 0.25),
            ],
            cluster: plate(420.0, 12_000.0, 64, 0.9, 2.6),
            level: 0.5,
            pan: -0.4,
            room: 0.6,
            ..SILENT
        },
        57 => Percussion {
            hiss: vec![
                Hiss { attack: 0.004, ..hiss(2_000.0, 12_000.0, 1.0, 1.8) },
                hiss(600.0, 4_000.0, 0.4, 0.3),
            ],
            cluster: plate(330.0, 10_000.0, 60, 0.9, 3.0),
            level: 0.5,
            pan: 0.45,
            room: 0.6,
            ..SILENT
        },
        52 => Percussion {
            hiss: vec![Hiss { attack: 0.008, ..hiss(1_500.0, 9_000.0, 1.0, 1.0) }],
            cluster: plate(260.0, 7_000.0, 48, 1.4, 1.6),
            drive: 1.4,
            level: 0.48,
            pan: 0.55,
            room: 0.6,
            ..SILENT
        },
        55 => Percussion {
            hiss: vec![hiss(4_500.0, 16_000.0, 1.0, 0.5)],
            cluster: plate(1_100.0, 13_000.0, 48, 0.8, 0.8),
            level: 0.42,
            pan: -0.2,
            room: 0.5,
            ..SILENT
        },
        53 => Percussion {
            tones: vec![tone(1_180.0, 1.0, 1.0), tone(2_390.0, 0.6, 0.9), tone(3_620.0, 0.45, 0.7)],
            cluster: plate(2_600.0, 9_000.0, 24, 0.5, 1.4),
            level: 0.34,
            pan: 0.4,
            room: 0.4,
            ..SILENT
        },
        59 => Percussion {
            tones: vec![tone(3_050.0, 0.25, 0.2)],
            hiss: vec![hiss(5_500.0, 15_000.0, 0.6, 0.25)],
            cluster: plate(700.0, 9_500.0, 48, 0.8, 1.9),
            level: 0.32,
            pan: -0.45,
            room: 0.4,
            ..SILENT
        },
        // Ride cymbal 1: a clear ping of the stick over a quiet wash.
        _ => Percussion {
            tones: vec![tone(3_480.0, 0.35, 0.25), tone(5_120.0, 0.25, 0.2)],
            hiss: vec![hiss(6_500.0, 16_000.0, 0.5, 0.12)],
            cluster: plate(900.0, 11_000.0, 48, 0.7, 2.0),
            level: 0.3,
            pan: 0.4,
            room: 0.4,
            ..SILENT
        },
    }
}

/// Rattles, scrapers, whistles and bells played by hand.
fn hand_percussion(key: u8) -> Percussion {
    match key {
        // Tambourine.
        54 => Percussion {
            hiss: vec![Hiss { bursts: 3, every: 0.022, ..hiss(6_000.0, 16_000.0, 0.8, 0.16) }],
            cluster: plate(6_500.0, 13_000.0, 12, 0.9, 0.24),
            level: 0.34,
            pan: -0.3,
            ..SILENT
        },
        // Cowbell: two tones a near fifth apart.
        56 => Percussion {
            tones: vec![tone(562.0, 1.0, 0.26), tone(845.0, 1.0, 0.24), tone(1_690.0, 0.4, 0.1)],
            hiss: vec![hiss(1_500.0, 6_000.0, 0.3, 0.015)],
            drive: 2.5,
            level: 0.36,
            pan: 0.18,
            ..SILENT
        },
        // Vibraslap.
        58 => Percussion {
            hiss: vec![Hiss { bursts: 26, every: 0.028, ..hiss(1_800.0, 6_500.0, 1.0, 0.12) }],
            level: 0.22,
            pan: -0.4,
            ..SILENT
        },
        // Cabasa, maracas: short and shorter shakes.
        69 => Percussion {
            hiss: vec![Hiss { attack: 0.018, ..hiss(5_200.0, 15_000.0, 1.0, 0.09) }],
            level: 0.26,
            pan: 0.45,
            ..SILENT
        },
        70 => Percussion {
            hiss: vec![Hiss { attack: 0.006, ..hiss(4_200.0, 11_000.0, 1.0, 0.045) }],
            level: 0.26,
            pan: -0.45,
            ..SILENT
        },
        71 => Percussion {
            tones: vec![bent(2_420.0, 1.0, 0.22, 0.96, 0.02), bent(2_470.0, 0.7, 0.22, 0.96, 0.02)],
            level: 0.22,
            pan: 0.3,
            ..SILENT
        },
        72 => Percussion {
            tones: vec![bent(2_380.0, 1.0, 0.7, 0.95, 0.05), bent(2_431.0, 0.7, 0.7, 0.95, 0.05)],
            level: 0.22,
            pan: 0.3,
            ..SILENT
        },
        73 => Percussion {
            hiss: vec![Hiss { bursts: 6, every: 0.014, ..hiss(2_300.0, 7_000.0, 1.0, 0.03) }],
            level: 0.34,
            pan: 0.4,
            ..SILENT
        },
        74 => Percussion {
            hiss: vec![Hiss { bursts: 24, every: 0.017, ..hiss(2_000.0, 6_500.0, 1.0, 0.04) }],
            level: 0.26,
            pan: 0.4,
            ..SILENT
        },
        75 => Percussion {
            tones: vec![tone(2_500.0, 1.0, 0.09), tone(5_060.0, 0.2, 0.03)],
            level: 0.4,
            pan: -0.25,
            ..SILENT
        },
        82 => Percussion {
            hiss: vec![Hiss { attack: 0.03, ..hiss(5_000.0, 13_000.0, 1.0, 0.08) }],
            level: 0.24,
            pan: 0.35,
            ..SILENT
        },
        // Jingle bell.
        83 => Percussion {
            hiss: vec![Hiss { bursts: 4, every: 0.03, ..hiss(7_000.0, 16_000.0, 0.5, 0.15) }],
            cluster: plate(4_800.0, 10_500.0, 16, 1.0, 0.5),
            level: 0.28,
            pan: -0.35,
            ..SILENT
        },
        // Bell tree: falling glissando of small bells.
        84 => Percussion {
            tones: vec![bent(2_100.0, 0.5, 1.4, 2.6, 0.5), bent(3_260.0, 0.5, 1.2, 2.2, 0.5)],
            cluster: plate(3_000.0, 11_000.0, 20, 0.8, 1.6),
            level: 0.26,
            pan: 0.5,
            room: 0.8,
            ..SILENT
        },
        // Castanets.
        _ => Percussion {
            tones: vec![tone(1_420.0, 0.7, 0.03), tone(2_980.0, 0.6, 0.025)],
            hiss: vec![Hiss { bursts: 2, every: 0.025, ..hiss(1_800.0, 9_000.0, 0.8, 0.02) }],
            level: 0.4,
            pan: -0.2,
            ..SILENT
        },
    }
}

fn hand_drum(key: u8) -> Percussion {
    const BONGO_SKIN: Hiss = hiss(700.0, 5_000.0, 0.4, 0.02);
    const SLAP: Hiss = hiss(1_200.0, 7_000.0, 0.9, 0.035);
    let (tones, hiss, level, pan): (Vec<Tone>, Vec<Hiss>, f32, f32) = match key {
        60 => (vec![bent(405.0, 1.0, 0.16, 1.2, 0.01), tone(812.0, 0.3, 0.06)], vec![BONGO_SKIN], 0.5, -0.35),
        61 => (vec![bent(288.0, 1.0, 0.22, 1.2, 0.01), tone(577.0, 0.3, 0.08)], vec![BONGO_SKIN], 0.5, -0.25),
        62 => (vec![bent(322.0, 1.0, 0.07, 1.1, 0.01)], vec![SLAP], 0.48, 0.22),
        63 => {
            (vec![bent(226.0, 1.0, 0.34, 1.15, 0.015), tone(470.0, 0.2, 0.1)], vec![BONGO_SKIN], 0.55, 0.25)
        }
        64 => {
            (vec![bent(162.0, 1.0, 0.42, 1.15, 0.015), tone(338.0, 0.2, 0.12)], vec![BONGO_SKIN], 0.55, 0.3)
        }
        65 => (
            vec![bent(392.0, 1.0, 0.3, 1.15, 0.02), tone(623.0, 0.6, 0.22), tone(1_010.0, 0.35, 0.15)],
            vec![SLAP],
            0.5,
            -0.4,
        ),
        66 => (
            vec![bent(268.0, 1.0, 0.36, 1.15, 0.02), tone(426.0, 0.6, 0.26), tone(690.0, 0.35, 0.18)],
            vec![SLAP],
            0.5,
            -0.5,
        ),
        // Cuica: the mute falls, the open rises.
        78 => (
            vec![bent(520.0, 1.0, 0.16, 1.5, 0.06), bent(1_045.0, 0.4, 0.12, 1.5, 0.06)],
            Vec::new(),
            0.36,
            0.35,
        ),
        79 => (
            vec![bent(640.0, 1.0, 0.4, 0.55, 0.1), bent(1_285.0, 0.4, 0.3, 0.55, 0.1)],
            Vec::new(),
            0.36,
            0.35,
        ),
        // Surdo.
        86 => (vec![bent(88.0, 1.0, 0.14, 1.3, 0.02)], vec![hiss(150.0, 1_500.0, 0.3, 0.03)], 0.7, -0.1),
        _ => (vec![bent(72.0, 1.0, 0.8, 1.25, 0.03)], vec![hiss(150.0, 1_200.0, 0.2, 0.03)], 0.75, -0.1),
    };
    Percussion { tones, hiss, level, pan, room: 0.4, ..SILENT }
}

/// Agogos, wood blocks and triangles.
fn pitched_percussion(key: u8) -> Percussion {
    const STICK: Hiss = hiss(1_500.0, 7_000.0, 0.3, 0.012);
    let (tones, level, pan): (Vec<Tone>, f32, f32) = match key {
        67 => (vec![tone(988.0, 1.0, 0.35), tone(2_220.0, 0.6, 0.25), tone(3_640.0, 0.3, 0.15)], 0.34, -0.5),
        68 => (vec![tone(698.0, 1.0, 0.4), tone(1_570.0, 0.6, 0.28), tone(2_580.0, 0.3, 0.18)], 0.34, -0.5),
        76 => (vec![tone(1_120.0, 1.0, 0.08), tone(2_750.0, 0.5, 0.04)], 0.45, 0.2),
        77 => (vec![tone(790.0, 1.0, 0.1), tone(1_930.0, 0.5, 0.05)], 0.45, 0.3),
        80 => {
            (vec![tone(4_150.0, 1.0, 0.09), tone(6_320.0, 0.7, 0.07), tone(9_100.0, 0.5, 0.05)], 0.24, -0.45)
        }
        _ => (vec![tone(4_150.0, 1.0, 1.6), tone(6_320.0, 0.7, 1.3), tone(9_100.0, 0.5, 0.9)], 0.24, -0.45),
    };
    Percussion { tones, hiss: vec![STICK], level, pan, room: 0.5, ..SILENT }
}

/// The electronic and studio sounds below the kit.
fn signal(key: u8) -> Percussion {
    let (tones, hiss, level): (Vec<Tone>, Vec<Hiss>, f32) = match key {
        27 => (vec![bent(700.0, 1.0, 0.12, 5.0, 0.02)], Vec::new(), 0.4),
        28 => (vec![bent(330.0, 0.5, 0.06, 2.0, 0.01)], vec![hiss(900.0, 8_000.0, 1.0, 0.09)], 0.5),
        29 => (vec![bent(900.0, 0.5, 0.1, 0.4, 0.04)], vec![hiss(700.0, 5_000.0, 0.7, 0.1)], 0.35),
        30 => (vec![bent(500.0, 0.5, 0.1, 2.6, 0.04)], vec![hiss(500.0, 4_000.0, 0.7, 0.1)], 0.35),
        31 => (
            vec![tone(1_950.0, 1.0, 0.04), tone(3_300.0, 0.5, 0.03)],
            vec![hiss(1_800.0, 9_000.0, 0.7, 0.02)],
            0.4,
        ),
        32 => (vec![tone(1_600.0, 1.0, 0.02), tone(4_800.0, 0.33, 0.02)], Vec::new(), 0.4),
        33 => (vec![tone(2_200.0, 1.0, 0.035)], vec![hiss(2_000.0, 8_000.0, 0.3, 0.01)], 0.4),
        _ => (vec![tone(2_093.0, 1.0, 0.5), tone(5_650.0, 0.3, 0.25)], Vec::new(), 0.35),
    };
    Percussion { tones, hiss, level, pan: 0.0, room: 0.2, ..SILENT }
}

/// Keys that General MIDI leaves free: a low drum below the kit, a block above it.
fn other(key: u8) -> Percussion {
    if key < 27 {
        Percussion {
            tones: vec![bent(110.0, 1.0, 0.25, 1.4, 0.02)],
            hiss: vec![hiss(400.0, 4_000.0, 0.4, 0.03)],
            ..SILENT
        }
    } else {
        Percussion {
            tones: vec![tone(1_350.0, 1.0, 0.07)],
            hiss: vec![hiss(1_500.0, 8_000.0, 0.5, 0.03)],
            ..SILENT
        }
    }
}
