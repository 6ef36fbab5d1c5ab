//! Folders and archives of every kind, whole and damaged.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const MIDI: &[u8] = b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0MTrk\0\0\0\x04\0\xff\x2f\0";

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

/// What is found, one line each: the place below the root, and what it is.
fn found_with(roots: &[PathBuf], limits: &Limits) -> Vec<String> {
    let cancel = Cancel::new();
    let listing = list(roots, &[], &cancel).unwrap();
    let mut lines = Vec::new();
    let bytes = listing.bytes();
    let mut read = 0;
    let flow = walk(listing, limits, &cancel, &mut |count| read += count, &mut |found| {
        let content = match found.content {
            Content::Music(kind, Data::Bytes(bytes)) => format!("{kind:?} of {} bytes", bytes.len()),
            Content::Music(kind, Data::File(_)) => format!("{kind:?}"),
            Content::Refused(refusal) => refusal.code.to_owned(),
        };
        lines.push(format!("{}: {content}", found.place.steps().join("/")));
        ControlFlow::Continue(())
    });
    assert_eq!((flow, read), (ControlFlow::Continue(()), bytes));
    lines
}

fn found(folder: &TempDir) -> Vec<String> {
    found_with(&[folder.path().to_owned()], &Limits::default())
}

#[test]
fn a_mixed_folder_is_walked_in_order_and_recognised_by_content() {
    let members: [(&str, &[u8]); 3] = [("in/b.mid", MIDI), ("readme.md", b"words"), ("a.MID", MIDI)];
    let folder = folder(&[
        ("z.mid", MIDI),
        ("deep/er/song.txt", MIDI),
        ("deep/photo.mid", b"\x89PNG....."),
        ("empty.mid", b""),
        ("songs.zip", &zip(&members)),
        ("songs.tar", &tar(&members)),
        ("songs.tgz", &gzip(&tar(&members))),
        ("one.mid.gz", &gzip(MIDI)),
        ("array.npy", b"\x93NUMPY\x01\0"),
    ]);
    let size = MIDI.len();
    assert_eq!(
        found(&folder),
        [
            "array.npy: Npy".to_owned(),
            "deep/er/song.txt: Midi".to_owned(),
            "deep/photo.mid: not_music".to_owned(),
            "empty.mid: empty".to_owned(),
            format!("one.mid.gz/one.mid: Midi of {size} bytes"),
            format!("songs.tar/in/b.mid: Midi of {size} bytes"),
            "songs.tar/readme.md: not_music".to_owned(),
            format!("songs.tar/a.MID: Midi of {size} bytes"),
            format!("songs.tgz/in/b.mid: Midi of {size} bytes"),
            "songs.tgz/readme.md: not_music".to_owned(),
            format!("songs.tgz/a.MID: Midi of {size} bytes"),
            format!("songs.zip/in/b.mid: Midi of {size} bytes"),
            "songs.zip/readme.md: not_music".to_owned(),
            format!("songs.zip/a.MID: Midi of {size} bytes"),
            "z.mid: Midi".to_owned(),
        ]
    );
}

#[test]
fn pianorolls_are_songs_and_not_archives() {
    let song = zip(&[("info.json", b"{}"), ("tempo.npy", b"")]);
    let folder =
        folder(&[("a.npz", &song), ("b.npz", &zip(&[("x.npy", b"")])), ("c.zip", &zip(&[("s.npz", &song)]))]);
    let size = song.len();
    assert_eq!(
        found(&folder),
        ["a.npz: Npz".to_owned(), "b.npz: not_music".to_owned(), format!("c.zip/s.npz: Npz of {size} bytes")]
    );
}

#[test]
fn archives_are_opened_once_within_another() {
    let inner = zip(&[("s.mid", MIDI)]);
    let middle = gzip(&tar(&[("inner.zip", &inner)]));
    let folder =
        folder(&[("a.zip", &zip(&[("middle.tgz", &middle)])), ("b.tar", &tar(&[("inner.zip", &inner)]))]);
    let size = MIDI.len();
    assert_eq!(
        found(&folder),
        [
            "a.zip/middle.tgz/inner.zip: nested_too_deep".to_owned(),
            format!("b.tar/inner.zip/s.mid: Midi of {size} bytes")
        ]
    );
}

#[test]
fn damage_costs_the_rest_of_an_archive_and_is_told() {
    let whole = tar(&[("a.mid", MIDI), ("b.mid", MIDI)]);
    let packed = gzip(&whole);
    let zipped = zip(&[("a.mid", MIDI)]);
    let folder = folder(&[
        ("a.tar", &whole[..1024 + 512 + 10]),
        ("b.tgz", &packed[..20]),
        ("c.zip", &zipped[..zipped.len() - 30]),
        ("d.gz", b"\x1f\x8b"),
    ]);
    assert_eq!(
        found(&folder),
        [
            format!("a.tar/a.mid: Midi of {} bytes", MIDI.len()),
            "a.tar/b.mid: damaged_archive".to_owned(),
            "a.tar: damaged_archive".to_owned(),
            "b.tgz: damaged_archive".to_owned(),
            "c.zip: damaged_archive".to_owned(),
            "d.gz: damaged_archive".to_owned(),
        ]
    );
}

#[test]
fn what_unpacks_without_end_is_given_up() {
    let zeros = vec![0u8; 1 << 20];
    let mut song = MIDI.to_vec();
    song.extend(&zeros);
    let limits = Limits { song: 2 << 20, unpacked: 1 << 16, ratio: 3, ..Limits::default() };
    let folder = folder(&[
        ("a.zip", &zip(&[("x.mid", &song), ("y.mid", MIDI)])),
        ("b.tgz", &gzip(&tar(&[("x.mid", &song), ("y.mid", MIDI)]))),
        ("c.gz", &gzip(&song)),
    ]);
    assert_eq!(
        found_with(&[folder.path().to_owned()], &limits),
        [
            "a.zip/x.mid: zip_bomb",
            "a.zip: zip_bomb",
            "b.tgz/x.mid: zip_bomb",
            "b.tgz: zip_bomb",
            "c.gz/c: zip_bomb"
        ]
    );
    let limits = Limits { song: 1000, ..Limits::default() };
    let found = found_with(&[folder.path().to_owned()], &limits);
    let small = MIDI.len();
    assert_eq!(found[0], "a.zip/x.mid: too_large");
    assert_eq!(found[1], format!("a.zip/y.mid: Midi of {small} bytes"));
    assert_eq!(
        found[2..4],
        ["b.tgz/x.mid: too_large".to_owned(), format!("b.tgz/y.mid: Midi of {small} bytes")]
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_never_round_and_round() {
    let folder = folder(&[("a/b/s.mid", MIDI)]);
    std::os::unix::fs::symlink(folder.path().join("a"), folder.path().join("a/b/up")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("a/b/s.mid"), folder.path().join("t.mid")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("none"), folder.path().join("u.mid")).unwrap();
    assert_eq!(found(&folder), ["a/b/s.mid: Midi", "a/b/up: link_loop", "t.mid: Midi", "u.mid: unreadable"]);
}

#[test]
fn files_that_are_to_be_skipped_are_and_missing_roots_are_told() {
    let folder = folder(&[("s.mid", MIDI), ("out.npz", MIDI)]);
    let listing =
        list(&[folder.path().to_owned()], &[folder.path().join("out.npz")], &Cancel::new()).unwrap();
    assert_eq!(listing.len(), 1);
    let error = list(&[folder.path().join("none")], &[], &Cancel::new()).unwrap_err().to_string();
    assert!(error.contains("none"), "{error}");
    let single = found_with(&[folder.path().join("s.mid")], &Limits::default());
    assert_eq!(single, ["s.mid: Midi"]);
}

#[test]
fn a_raised_flag_stops_the_walk() {
    let folder = folder(&[("a.mid", MIDI), ("b.mid", MIDI)]);
    let cancel = Cancel::new();
    let listing = list(&[folder.path().to_owned()], &[], &cancel).unwrap();
    let mut count = 0;
    let flow = walk(listing, &Limits::default(), &cancel, &mut |_| {}, &mut |_| {
        count += 1;
        cancel.raise();
        ControlFlow::Continue(())
    });
    assert_eq!((flow, count), (ControlFlow::Break(()), 1));
}
