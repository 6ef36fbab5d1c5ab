//! Damaged files, many of them: the readers never panic, and take no more memory than a file deserves.

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use ricercar::midi::{self, Instrument, WriteOptions};
use ricercar::music::Resolution;
use ricercar::npz::{self, Contents};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

fn golden(kind: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(kind);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|e| e != "json"))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

static MIDI: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| golden("midi"));
static NPZ: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| golden("npz"));

/// Something that happens to bytes; places are shares of the length.
#[derive(Clone, Debug)]
enum Damage {
    Cut(prop::sample::Index),
    Flip(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    /// Four bytes that say a huge length, whichever way round they are read.
    Huge(prop::sample::Index),
    /// A run of digits, as headers of arrays have them, becomes a huge number of as many digits.
    Digits(prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        1 => at().prop_map(Damage::Cut),
        6 => (at(), 0u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => at().prop_map(Damage::Remove),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        2 => at().prop_map(Damage::Huge),
        2 => at().prop_map(Damage::Digits),
    ]
}

fn damaged(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match damage {
            Damage::Cut(at) => bytes.truncate(at.index(length)),
            Damage::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Damage::Remove(at) => drop(bytes.remove(at.index(length))),
            Damage::Insert(at, byte) => bytes.insert(at.index(length), *byte),
            Damage::Huge(at) => {
                let at = at.index(length);
                bytes[at..(at + 4).min(length)].fill(0x7f);
            }
            Damage::Digits(at) => {
                let digits = bytes[at.index(length)..].iter_mut().skip_while(|b| !b.is_ascii_digit());
                digits.take_while(|b| b.is_ascii_digit() || **b == b' ').for_each(|b| *b = b'9');
            }
        }
    }
    bytes
}

/// Reads bytes as MIDI and does with the song what programs do.
fn use_midi(bytes: &[u8]) {
    let Ok(score) = midi::parse(bytes) else { return };
    assert!(score.note_count() <= bytes.len(), "a note takes bytes");
    assert!(score.account.len() <= bytes.len(), "so does a repair");
    score.account.iter().for_each(|repair| assert!(!repair.to_string().is_empty()));
    assert!(score.seconds(score.end).is_finite());
    let merged = score.to_families(Resolution::MIDI, Instrument::family);
    if let (Ok((merged, _)), Ok(piece)) = (merged, score.to_multitrack(Resolution::MIDI)) {
        assert_eq!(merged.steps(), piece.merge_to_families().0.steps());
        if let Ok(written) = midi::to_bytes(&piece, &WriteOptions::default()) {
            assert_eq!(midi::parse(&written).unwrap().account, []);
        }
    }
}

/// Reads bytes as a NumPy file and does with the music what programs do.
fn use_npz(bytes: &[u8]) {
    match npz::any_from_bytes("x.npz", bytes) {
        Ok(Contents::Multitrack(piece)) => {
            let written = npz::multitrack_to_bytes(&piece).unwrap();
            assert_eq!(npz::multitrack_from_bytes("y.npz", &written).unwrap().tracks(), piece.tracks());
        }
        Ok(Contents::Phrases(phrases)) => assert_eq!(phrases.iter().take(20).count(), phrases.len().min(20)),
        Err(error) => assert!(error.to_string().contains("x.npz"), "{error}"),
    }
}

/// The archive with one member damaged and the rest as they were: checksums do not give it away.
fn with_damaged_member(bytes: &[u8], which: &prop::sample::Index, damages: &[Damage]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let chosen = which.index(archive.len());
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).unwrap();
        let name = member.name().unwrap().into_owned();
        let mut data = Vec::new();
        member.read_to_end(&mut data).unwrap();
        writer.start_file(name, stored).unwrap();
        writer.write_all(&if index == chosen { damaged(&data, damages) } else { data }).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn damaged_midi_files_are_read_or_refused(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..8),
    ) {
        use_midi(&damaged(&which.get(&MIDI).1, &damages));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for head in [&b""[..], b"MThd\0\0\0\x06\0\x01\0\x02\0\x60MTrk\0\0\0\x40", b"RIFF\0\0\0\0RMID"] {
            use_midi(&[head, &bytes].concat());
        }
        for head in [&b""[..], b"PK\x03\x04", b"PK\x05\x06\0\0\0\0", b"\x93NUMPY\x01\0\x20\0", b"\x93NUMPY\x02\0"] {
            use_npz(&[head, &bytes].concat());
        }
    }

    #[test]
    fn damaged_archives_and_arrays_are_read_or_refused(
        which in any::<prop::sample::Index>(),
        member in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let (path, bytes) = which.get(&NPZ);
        use_npz(&damaged(bytes, &damages));
        if path.extension().is_some_and(|e| e == "npz") {
            use_npz(&with_damaged_member(bytes, &member, &damages));
        }
    }
}

/// A file of format 1 with one track of these bytes.
fn song(track: &[u8]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06\0\x01\0\x01\0\x60MTrk".to_vec();
    bytes.extend((track.len() as u32).to_be_bytes());
    bytes.extend(track);
    bytes
}

#[test]
fn a_megabyte_of_one_kind_of_trouble_is_read_in_one_go() {
    let events: [(&[u8], &str); 6] = [
        (b"\0\xff\x59\0", "meta events without meaning"),
        (b"\0\x90\x3c\x40", "notes that never end"),
        (b"\0\x80\x3c\x40", "note-offs without a note"),
        (b"\0\xff\x51\x03\0\0\x01", "tempos that cannot be"),
        (b"\x01\x90\x3c\x40\x01\xff\x59\0\0\x80\x3d\0", "all of these in turns"),
        (
            b"\0\xc0\x01\0\x90\x3c\x40\x01\x80\x3c\0\0\xc0\x02\0\x91\x3c\x40\x01\x81\x3c\0",
            "changes of program",
        ),
    ];
    for (event, what) in events {
        let count = (1 << 20) / event.len();
        let score = midi::parse(&song(&event.repeat(count))).unwrap();
        let told: usize = score.note_count() + score.account.len();
        assert!(told > 0 && told <= 2 * count + 10, "{what}: {told}");
    }
    // As many tracks as fit, each with a note of its own.
    let track = b"MTrk\0\0\0\x0c\0\x90\x3c\x40\x01\x80\x3c\0\0\xff\x2f\0";
    let mut tracks = b"MThd\0\0\0\x06\0\x01\xff\xff\0\x60".to_vec();
    tracks.extend(track.repeat(1 << 15));
    let score = midi::parse(&tracks).unwrap();
    assert_eq!((score.instruments.len(), score.note_count()), (1 << 15, 1 << 15));
}

/// Most memory, in bytes, that this process has had; `None` where the system does not tell.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

/// An npz in which one member unpacks to two gigabytes of zeros.
fn bomb() -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = SimpleFileOptions::default();
    writer.start_file("info.json", deflated).unwrap();
    writer.write_all(br#"{"resolution": 24, "0": {"program": 0, "is_drum": false}}"#).unwrap();
    let zeros = vec![0u8; 1 << 20];
    for name in ["tempo.npy", "pianoroll_0_csc_data.npy", "pianoroll_0_csc_shape.npy"] {
        writer.start_file(name, deflated).unwrap();
        let dict = "{'descr': '|u1', 'fortran_order': False, 'shape': (134217728,), }\n";
        writer.write_all(b"\x93NUMPY\x01\0").unwrap();
        writer.write_all(&(dict.len() as u16).to_le_bytes()).unwrap();
        writer.write_all(dict.as_bytes()).unwrap();
        (0..128).for_each(|_| writer.write_all(&zeros).unwrap());
    }
    writer.finish().unwrap().into_inner()
}

/// Memory counts for a whole process, so the test runs itself again, alone.
#[test]
fn no_bomb_and_no_false_length_takes_half_a_gigabyte() {
    const ALONE: &str = "RICERCAR_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "robust::no_bomb_and_no_false_length_takes_half_a_gigabyte";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
        return;
    }
    let bomb = bomb();
    assert!(bomb.len() < 1 << 20);
    let error = npz::any_from_bytes("bomb.npz", &bomb).unwrap_err().to_string();
    assert!(error.contains("bomb.npz") && error.contains("at most"), "{error}");
    let header = |shape: &str| {
        let dict = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\0", &(dict.len() as u16).to_le_bytes()[..], dict.as_bytes(), &[0; 64]].concat()
    };
    for shape in ["(99999999999,)", "(4294967296, 4294967296)", "(1000000, 4, 48, 84, 5)"] {
        assert!(npz::any_from_bytes("x.npy", &header(shape)).is_err(), "{shape}");
    }
    // Two notes at the ends of time.
    let far = b"\0\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\0".repeat(1000);
    let score = midi::parse(&song(&far)).unwrap();
    assert!(score.to_multitrack(Resolution::MIDI).is_err());
    assert!(score.to_families(Resolution::MIDI, Instrument::family).is_err());
    if let Some(peak) = peak_memory() {
        assert!(peak < 500_000_000, "{peak} bytes");
    }
}
