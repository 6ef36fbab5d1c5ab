//! Files that are not what they should be: the message names the file, the place and what was
//! expected, and nothing panics.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use ricercar::midi;
use ricercar::music::{Multitrack, Resolution};
use ricercar::npz::{self, Contents};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(golden(name)).unwrap()
}

/// The message for a MIDI file `song.mid` with these bytes.
fn midi_refusal(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("song.mid");
    std::fs::write(&path, bytes).unwrap();
    let message = midi::read(&path).unwrap_err().to_string();
    message.replace(&path.display().to_string(), "song.mid")
}

fn npz_refusal(bytes: &[u8]) -> String {
    npz::any_from_bytes("song.npz", bytes).unwrap_err().to_string()
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let path = Path::new("no/such.mid");
    assert!(midi::read(path).unwrap_err().to_string().starts_with("cannot read `no/such.mid`: "));
    assert!(npz::read_any(path).unwrap_err().to_string().starts_with("cannot read `no/such.mid`: "));
}

#[test]
fn what_is_not_midi_is_said_to_be_none() {
    assert_eq!(midi_refusal(b""), "`song.mid` is empty: a MIDI file begins with `MThd`");
    assert_eq!(
        midi_refusal(&bytes("npz/train_sparse.npz")),
        r"`song.mid` is not a MIDI file: it begins with `PK\x03\x04`, a MIDI file with `MThd`"
    );
    assert_eq!(
        midi_refusal(b"RIFF\0\0\0\0WAVEfmt "),
        "`song.mid` is not a MIDI file: it begins with `RIFF`, a MIDI file with `MThd`"
    );
}

#[test]
fn a_midi_file_cut_short_says_where() {
    let whole = bytes("midi/division_480.mid");
    assert_eq!(
        midi_refusal(&whole[..100]),
        "`song.mid` is cut short at byte 49: the chunk `MTrk` needs 215 bytes, 51 are left"
    );
    assert_eq!(
        midi_refusal(&whole[..10]),
        "`song.mid` is cut short at byte 8: the chunk `MThd` needs 6 bytes, 2 are left"
    );
    assert_eq!(midi_refusal(&whole[..14]), "`song.mid` has no tracks");
}

#[test]
fn no_cut_of_a_midi_file_goes_unnoticed() {
    let whole = bytes("midi/format1_five_families.mid");
    for length in 0..whole.len() {
        if let Ok(score) = midi::parse(&whole[..length]) {
            assert!(score.repairs().next().is_some(), "a cut at byte {length} went unnoticed");
        }
    }
}

#[test]
fn midi_headers_that_cannot_be_used_are_refused() {
    let with = |at: usize, new: &[u8]| {
        let mut file = bytes("midi/division_480.mid");
        file[at..at + new.len()].copy_from_slice(new);
        midi_refusal(&file)
    };
    assert_eq!(
        with(8, &[0, 2]),
        "`song.mid` is of MIDI format 2: only 0 and 1 are songs, save it as one of these"
    );
    assert_eq!(with(12, &[0, 0]), "`song.mid` has a time division that means nothing (0x0000 at byte 12)");
    assert_eq!(with(4, &[0, 0, 0, 2]), "`song.mid` has a header of 2 bytes at byte 4: at least 6 are needed");
}

#[test]
fn a_song_too_long_for_memory_is_refused() {
    let mut file = b"MThd\0\0\0\x06\0\0\0\x01\0\x01MTrk\0\0\0\x10".to_vec();
    file.extend(b"\0\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\0\0\xff\x2f\0\0");
    let error = midi::parse(&file).unwrap().to_multitrack(Resolution::MIDI).unwrap_err().to_string();
    assert_eq!(
        error,
        "the song would need 1 tracks of 6442450920 steps at 24 steps a beat: read it at a lower resolution"
    );
}

#[test]
fn a_midi_file_without_notes_is_an_empty_piece() {
    let piece = midi::read(&golden("midi/no_notes.mid")).unwrap().to_multitrack(Resolution::MIDI).unwrap();
    assert_eq!((piece.steps(), piece.tracks().len()), (0, 0));
    assert!(npz::multitrack_from_bytes("x.npz", &npz::multitrack_to_bytes(&piece).unwrap()).is_ok());
}

#[test]
fn what_is_not_npz_is_said_to_be_none() {
    assert_eq!(npz_refusal(b""), "`song.npz` is not an npz archive: the file is empty");
    assert_eq!(
        npz_refusal(b"MThd and so on"),
        "`song.npz` is not an npz archive: it does not begin as a zip container does"
    );
    let whole = bytes("npz/v1x_standard_deflate.npz");
    let cut = npz_refusal(&whole[..whole.len() / 2]);
    assert!(cut.starts_with("`song.npz` is not an npz archive: the zip container is damaged or cut short ("));
    assert_eq!(
        npz::read_phrases(&golden("npz/train_dense.npy")).unwrap_err().to_string(),
        format!(
            "`{}` is not an npz archive: it is a single npy array, which has no members",
            golden("npz/train_dense.npy").display()
        )
    );
}

/// An npz with these members, stored.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut local = Vec::new();
    let mut central = Vec::new();
    for (name, data) in members {
        let offset = local.len() as u32;
        let mut head = Vec::new();
        head.extend(20u16.to_le_bytes());
        head.extend([0; 8]); // flags, stored, time, date
        head.extend(crc32(data).to_le_bytes());
        head.extend((data.len() as u32).to_le_bytes());
        head.extend((data.len() as u32).to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend(0u16.to_le_bytes());
        local.extend(b"PK\x03\x04");
        local.extend(&head);
        local.extend(name.as_bytes());
        local.extend_from_slice(data);
        central.extend(b"PK\x01\x02\x14\0");
        central.extend(&head);
        central.extend([0; 10]); // comment length, disk, attributes
        central.extend(offset.to_le_bytes());
        central.extend(name.as_bytes());
    }
    let mut all = local.clone();
    all.extend(&central);
    all.extend(b"PK\x05\x06\0\0\0\0");
    all.extend((members.len() as u16).to_le_bytes());
    all.extend((members.len() as u16).to_le_bytes());
    all.extend((central.len() as u32).to_le_bytes());
    all.extend((local.len() as u32).to_le_bytes());
    all.extend([0; 2]);
    all
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

/// An npy array of 32-bit integers.
fn npy(shape: &str, values: &[i32]) -> Vec<u8> {
    let dict = format!("{{'descr': '<i4', 'fortran_order': False, 'shape': {shape}, }}\n");
    let data: Vec<u8> = values.iter().flat_map(|n| n.to_le_bytes()).collect();
    [b"\x93NUMPY\x01\0", &(dict.len() as u16).to_le_bytes()[..], dict.as_bytes(), &data].concat()
}

#[test]
fn an_archive_of_something_else_says_what_it_holds() {
    assert_eq!(
        npz_refusal(&archive(&[("x.npy", &npy("(1,)", &[1])), ("y.npy", &npy("(1,)", &[1]))])),
        "`song.npz` holds neither a multitrack (`info.json`) nor phrases (`shape.npy` and `nonzero.npy`): it holds `x.npy`, `y.npy`"
    );
    assert_eq!(
        npz_refusal(&archive(&[("nonzero.npy", &npy("(5, 0)", &[]))])),
        "`song.npz` has no member `shape.npy`: it holds `nonzero.npy`"
    );
}

#[test]
fn arrays_of_wrong_shape_are_refused() {
    let phrases = |shape: &[u8], nonzero: &[u8]| {
        npz_refusal(&archive(&[("shape.npy", shape), ("nonzero.npy", nonzero)]))
    };
    let shape = npy("(5,)", &[2, 4, 48, 84, 5]);
    assert_eq!(
        phrases(&npy("(5,)", &[2, 4, 48, 84, 6]), &npy("(5, 0)", &[])),
        "`song.npz`, member `shape.npy`: expected 5 tracks (drums, piano, guitar, bass, strings), or their names as the member `tracks.npy`, got 6 tracks"
    );
    assert_eq!(
        phrases(&shape, &npy("(2, 5)", &[0; 10])),
        "`song.npz`, member `nonzero.npy`: expected shape [5, cells], a row per axis, got [2, 5]"
    );
    assert_eq!(
        phrases(&shape, &npy("(5, 1)", &[0, 0, 48, 0, 0])),
        "`song.npz`, member `nonzero.npy`: step 48 does not lie below 48"
    );
    assert_eq!(
        phrases(&shape, &npy("(5, 2)", &[0; 9])),
        "`song.npz`, member `nonzero.npy`: expected 2 more elements, as the header says, got the end of the data"
    );
    assert_eq!(
        phrases(b"a text", &npy("(5, 0)", &[])),
        "`song.npz`, member `shape.npy`: the data ends inside the npy header"
    );
}

#[test]
fn rolls_of_wrong_shape_are_refused() {
    let info = br#"{"resolution": 24, "name": null, "0": {"program": 0, "is_drum": false, "name": "a"}}"#;
    let mut indptr = vec![1; 129];
    indptr[0] = 0;
    let roll = |data: &[u8], indices: &[u8], indptr: &[u8], shape: &[u8]| {
        npz_refusal(&archive(&[
            ("info.json", info),
            ("pianoroll_0_csc_data.npy", data),
            ("pianoroll_0_csc_indices.npy", indices),
            ("pianoroll_0_csc_indptr.npy", indptr),
            ("pianoroll_0_csc_shape.npy", shape),
        ]))
    };
    let one = npy("(1,)", &[1]);
    let columns = npy("(129,)", &indptr);
    let shape = npy("(2,)", &[96, 128]);
    let nine = npy("(1,)", &[96]);
    assert_eq!(
        roll(&one, &one, &columns, &npy("(2,)", &[96, 84])),
        "`song.npz`, member `pianoroll_0_csc_shape.npy`: expected [steps, 128], got [96, 84]"
    );
    assert_eq!(
        roll(&one, &nine, &columns, &shape),
        "`song.npz`, member `pianoroll_0_csc_indices.npy`: step 96 does not lie below 96"
    );
    assert_eq!(
        roll(&one, &one, &npy("(3,)", &[0, 1, 1]), &shape),
        "`song.npz`, member `pianoroll_0_csc_indptr.npy`: expected 129 numbers rising from 0 to 1, the number of cells, got 3 from 0 to 1"
    );
    assert_eq!(
        roll(&one, &npy("(2,)", &[1, 2]), &columns, &shape),
        "`song.npz`, member `pianoroll_0_csc_indices.npy`: expected 1 steps, one a cell, got 2"
    );
    assert_eq!(
        roll(&one, &one, &columns, &npy("(2,)", &[i32::MAX, 128])),
        "`song.npz`, member `pianoroll_0_csc_shape.npy`: expected at most 4194304 steps, got 2147483647"
    );
    assert_eq!(
        npz_refusal(&archive(&[("info.json", info)])),
        "`song.npz` has no member `pianoroll_0_csc_shape.npy`: it holds `info.json`"
    );
}

#[test]
fn a_write_that_fails_names_the_file_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, b"").unwrap();
    let path = blocked.join("song.mid");
    let piece = Multitrack::new(Vec::new(), Resolution::MODEL);
    let wanted = format!("cannot write `{}`: ", path.display());
    let error = midi::write(&path, &piece, &midi::WriteOptions::default()).unwrap_err().to_string();
    assert!(error.starts_with(&wanted), "{error}");
    let error = npz::write_multitrack(&path, &piece).unwrap_err().to_string();
    assert!(error.starts_with(&wanted), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn no_damage_to_an_npz_makes_the_reader_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let names = [
            "v1x_binary_stored.npz", "v0x_binary_stored.npz", "train_sparse_stored.npz",
            "v1x_standard_deflate.npz", "train_dense.npy",
        ];
        let mut file = bytes(&format!("npz/{}", which.get(&names)));
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if cut {
            file.truncate(length.index(file.len()));
        }
        if let Ok(Contents::Phrases(phrases)) = npz::any_from_bytes("x.npz", &file) {
            prop_assert!(phrases.iter().count() == phrases.len());
        }
    }
}

#[test]
fn a_byte_that_is_another_one_than_was_written_is_noticed_however_a_member_is_packed() {
    for name in ["npz/train_sparse.npz", "npz/train_sparse_stored.npz"] {
        let whole = bytes(name);
        assert!(npz::any_from_bytes("song.npz", &whole).is_ok());
        // In the data of the first member, behind its header and that of the array.
        let mut damaged = whole.clone();
        damaged[whole.len() / 3] ^= 1;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.npz");
        std::fs::write(&path, &damaged).unwrap();
        for error in [npz_refusal(&damaged), npz::read_any(&path).unwrap_err().to_string()] {
            assert!(error.contains("nonzero"), "{name}: {error}");
        }
    }
}
