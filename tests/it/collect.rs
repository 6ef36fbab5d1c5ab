//! Heaps of files become sets, with an account of each file.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;

use tempfile::TempDir;

use crate::program::Program;

/// A song of the Million Song Dataset, and the file of another.
const SONG: &str = "TRABCDE128F4233F4C";
const FILE: &str = "0123456789abcdef0123456789abcdef";

fn golden(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path)).unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tar_gz(members: &[(&str, &[u8])]) -> Vec<u8> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// A folder of everything that people keep beside their songs.
fn heap() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let song = golden("midi/format1_five_families.mid");
    let lpd = format!("lpd/A/B/C/{SONG}/{FILE}.npz");
    let rest = golden("midi/tempo_changes.mid");
    let repaired = golden("midi/missing_note_off.mid");
    let files: [(&str, Vec<u8>); 9] = [
        ("songs/five.mid", song.clone()),
        ("songs/no extension", golden("midi/six_eight.mid")),
        ("songs/cut.mid", song[..500].to_vec()),
        ("songs/empty.mid", Vec::new()),
        ("songs/cover.jpg", b"\xff\xd8\xff\xe0".to_vec()),
        (&lpd, golden("npz/v0x_lpd5.npz")),
        ("phrases.npz", golden("npz/train_sparse.npz")),
        ("more.zip", zip(&[("again.mid", &song), ("a/readme.txt", b"words")])),
        ("more.tar.gz", tar_gz(&[("tempo.mid", &rest), ("b/hanging.mid", &repaired)])),
    ];
    for (name, bytes) in files {
        let path = folder.path().join("heap").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("heap"), folder.path().join("heap/songs/up")).unwrap();
    folder
}

/// Status and reason of each file.
fn account(path: &Path) -> BTreeMap<String, (String, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let row = |line: &str| {
        let mut cells = line.splitn(4, ',').map(str::to_owned);
        let mut cell = || cells.next().unwrap();
        (cell(), (cell(), cell()))
    };
    text.lines().skip(1).map(row).collect()
}

#[cfg(unix)]
#[test]
fn a_mixed_heap_becomes_a_set_and_every_file_is_accounted_for() {
    let folder = heap();
    let line = ["collect", "heap", "out/set.npz", "--quiet"];
    let told = Program::with(&line).within(folder.path()).run().well();
    assert_eq!(told, SUMMARY);
    let account = account(&folder.path().join("out/set.account.csv"));
    let lpd = format!("heap/lpd/A/B/C/{SONG}/{FILE}.npz");
    let expected = [
        ("heap/lpd", "", ""),
        ("heap/more.tar.gz/b/hanging.mid", "dropped", "remainder"),
        ("heap/more.tar.gz/tempo.mid", "dropped", "few_tracks"),
        ("heap/more.zip/a/readme.txt", "dropped", "not_music"),
        ("heap/more.zip/again.mid", "used", ""),
        ("heap/phrases.npz", "used", ""),
        ("heap/songs/cover.jpg", "dropped", "not_music"),
        ("heap/songs/cut.mid", "dropped", "damaged_midi"),
        ("heap/songs/empty.mid", "dropped", "empty"),
        ("heap/songs/five.mid", "dropped", "song_duplicate"),
        ("heap/songs/no extension", "dropped", "meter"),
        ("heap/songs/up", "dropped", "link_loop"),
    ];
    for (file, status, reason) in expected.into_iter().skip(1) {
        assert_eq!(account[file], (status.to_owned(), reason.to_owned()), "{file}");
    }
    assert_eq!(account.len(), expected.len(), "{account:#?}");
    assert!(account.contains_key(&lpd));

    let script = "let set = data::load(\"out/set.npz\"); print(set.len); print(set.songs)";
    let loaded = Program::with(&["-e", script]).within(folder.path()).run().well();
    assert_eq!(loaded, LOADED);
}

#[cfg(unix)]
const SUMMARY: &str = "12 files: 2 used, 0 repaired, 10 dropped (2 remainder, 2 not_music, 1 few_tracks, \
                       1 meter, 4 for other reasons); 7 phrases\n";
#[cfg(unix)]
const LOADED: &str = "7\n[\"more.zip/again\", \"phrases#0\"]\n";

#[test]
fn the_number_of_threads_changes_nothing_and_the_seed_does() {
    let folder = heap();
    let files = |options: &[&str]| {
        let line = [&["collect", "heap", "a.npz", "--quiet", "--split", "0.4"], options].concat();
        Program::with(&line).within(folder.path()).run().well();
        ["a_train.npz", "a_test.npz", "a_train.songs.tsv", "a_test.songs.tsv", "a.account.csv"]
            .map(|name| std::fs::read(folder.path().join(name)).unwrap())
    };
    let one = files(&["--jobs", "1"]);
    assert!(one == files(&["--jobs", "3"]));
    assert!(one == files(&[]));
    assert!((1..20).any(|seed| files(&["--seed", &seed.to_string()]) != one));
}

#[test]
fn a_dry_run_writes_nothing_and_lists_reasons() {
    let folder = heap();
    let told = Program::with(&["collect", "heap", "--dry-run"]).within(folder.path()).run().well();
    assert!(told.starts_with("   files  phrases  not used because\n"), "{told}");
    assert!(told.contains("damaged_midi         it is cut short at byte"), "{told}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_heap_without_a_phrase_is_an_error_with_an_account() {
    let folder = heap();
    let line = ["collect", "heap/songs/cover.jpg", "out.npz"];
    let told = Program::with(&line).within(folder.path()).run().failed(1);
    assert!(
        told.contains(
            "there is no phrase to write; 1 file: 0 used, 0 repaired, 1 dropped (1 not_music); 0 phrases"
        ),
        "{told}"
    );
    assert!(folder.path().join("out.account.csv").is_file() && !folder.path().join("out.npz").exists());
}

#[test]
fn lists_of_ids_and_labels_choose_songs() {
    let folder = heap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("cleansed_ids.txt", &format!("{FILE}    {SONG}\n"));
    write("other_ids.txt", &format!("{FILE}    TRZZZZZ128F4233F4C\n"));
    write("names.txt", "five\n");
    write("labels/lastfm/id_list_classic-rock.txt", &format!("{SONG}\n"));
    write(
        "labels/amg/masd_labels.txt",
        &format!("# msd_id, label_num\nTRZZZZZ128F4233F4C    3\n{SONG}    8\n"),
    );
    let kept = |options: &[&str]| {
        let line = [&["collect", "heap", "--dry-run"], options].concat();
        let told = Program::with(&line).within(folder.path()).run().well();
        let count = |reason: &str| {
            let row = told.lines().find(|line| line.contains(reason));
            row.map_or(0, |row| row.split_whitespace().next().unwrap().parse::<usize>().unwrap())
        };
        (count("not_listed"), count("not_tagged"))
    };
    let all = kept(&["--ids", "other_ids.txt"]).0;
    assert_eq!(kept(&["--ids", "cleansed_ids.txt"]), (all - 1, 0));
    assert_eq!(kept(&["--ids", "names.txt", "--ids", "cleansed_ids.txt"]), (all - 2, 0));
    for tag in ["classic_rock", "lastfm/Classic-Rock", "8", "amg/8"] {
        assert_eq!(kept(&["--labels", "labels", "--tag", tag]), (0, all - 1), "{tag}");
    }
    let line = ["collect", "heap", "--dry-run", "--labels", "labels", "--tag", "clasic-rock"];
    let told = Program::with(&line).within(folder.path()).run().failed(1);
    assert!(told.contains("no list of ids for the tag `clasic-rock`"), "{told}");
    assert!(told.contains("did you mean `classic-rock`?"), "{told}");
}

#[test]
fn mistakes_in_the_config_are_told_with_their_line() {
    let folder = heap();
    let told = |text: &str| {
        std::fs::write(folder.path().join("data.yaml"), text).unwrap();
        let line = ["collect", "heap", "out.npz", "--config", "data.yaml"];
        Program::with(&line).within(folder.path()).run().failed(1)
    };
    let error = told("seed: 1\nresolutoin: 12\n");
    assert!(
        error
            .contains("config `data.yaml`, line 2: there is no key `resolutoin`; did you mean `resolution`?"),
        "{error}"
    );
    let error = told("tracks:\n  - { name: Drums, programs: drums }\n  - { name: Lead }\n");
    assert!(error.contains("line 3: `tracks.1` needs `programs`"), "{error}");
}

#[test]
fn the_config_that_ships_has_every_key_at_its_default() {
    use ricercar::data::collect::CollectConfig;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/collect.yaml");
    assert_eq!(CollectConfig::read(&path).unwrap(), CollectConfig::default());
    let text = std::fs::read_to_string(&path).unwrap();
    for key in CollectConfig::keys() {
        assert!(text.contains(&format!("{key}:")), "{key}");
    }
}

#[test]
fn a_scripts_function_says_where_parts_go() {
    let folder = heap();
    let script = "let asked = data::collect(\"heap/songs/five.mid\", #{ active_tracks: 1, required_tracks: [], \
                  track: |part| if part.is_drum { \"drums\" } else if part.program == 33 { \"Bass\" } else { () } });\n\
                  print(asked.account.column(\"parts\")[0]);";
    let told = Program::with(&["-e", script]).within(folder.path()).run().well();
    assert!(told.contains("-> drums: ") && told.contains("-> dropped: "), "{told}");
    let script = "data::collect(\"heap\", #{ track: |part| part.nmae.len })";
    let told = Program::with(&["-e", script]).within(folder.path()).run().failed(1);
    assert!(told.contains("nmae"), "{told}");
}
