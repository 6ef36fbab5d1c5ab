//! A folder of a thousand damaged files is collected: no panic, little memory, each file accounted for.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use ricercar::base::{Rng, Seed};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const FILES: usize = 1000;
/// Most memory that collecting may take, in bytes.
const MOST_MEMORY: u64 = 500_000_000;

/// The files of a golden folder with these endings, by name.
fn golden(kind: &str, endings: &[&str]) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(kind);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| endings.iter().any(|e| path.extension().is_some_and(|x| x == *e)))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// A zip whose members unpack to `megabytes` of zeros each.
fn bomb(members: &[&str], megabytes: usize) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let zeros = vec![0u8; 1 << 20];
    for name in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        (0..megabytes).for_each(|_| writer.write_all(&zeros).unwrap());
    }
    writer.finish().unwrap().into_inner()
}

/// Bombs, by name.
fn bombs() -> Vec<(String, Vec<u8>)> {
    let array = bomb(&["info.json", "tempo.npy", "pianoroll_0_csc_data.npy"], 300);
    let songs = bomb(&["a.mid", "b.mid", "c.npz"], 700);
    let mut inside = ZipWriter::new(Cursor::new(Vec::new()));
    inside.start_file("songs.zip", SimpleFileOptions::default()).unwrap();
    inside.write_all(&songs).unwrap();
    let nested = inside.finish().unwrap().into_inner();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut header = tar::Header::new_gnu();
    header.set_path("a.mid").unwrap();
    header.set_size(700 << 20);
    header.set_cksum();
    packed.write_all(header.as_bytes()).unwrap();
    (0..700).for_each(|_| packed.write_all(&[0; 1 << 20]).unwrap());
    let tar = packed.finish().unwrap();
    let named = [("bomb.npz", array), ("bomb.zip", songs), ("bombs.zip", nested), ("bomb.tar.gz", tar)];
    named.map(|(name, bytes)| (name.to_owned(), bytes)).into()
}

/// One way of damaging a file.
fn damaged(bytes: &[u8], how: usize, rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let length = bytes.len();
    match how {
        0 => bytes.truncate(rng.below(length)),
        1 => bytes.iter_mut().take(rng.below(length)).step_by(97).for_each(|b| *b = b.rotate_left(1)),
        2 => (0..8).for_each(|_| bytes[rng.below(length)] ^= 1 << rng.below(8)),
        // Lengths stand in the head of MIDI files and in both heads of members of archives.
        3 => {
            let at = rng.below(length.min(64));
            bytes[at..(at + 4).min(length)].fill(0x7f);
        }
        4 => {
            let start = rng.below(length);
            bytes[start..].iter_mut().filter(|b| b.is_ascii_digit()).for_each(|b| *b = b'9');
        }
        _ => {
            let at = length - rng.below(length.min(200)) - 1;
            bytes[at..(at + 4).min(length)].fill(0xff);
        }
    }
    bytes
}

/// Fills a folder; gives back the names of what is in it.
fn fill(heap: &Path) -> Vec<String> {
    let mut rng = Seed(8).stream("damaged heap");
    let mut files = bombs();
    let whole: Vec<_> = [golden("midi", &["mid"]), golden("npz", &["npz", "npy"])].concat();
    // Some are whole, so that there is something to collect.
    files.extend(whole.iter().map(|(name, bytes)| (format!("whole_{name}"), bytes.clone())));
    while files.len() < FILES - 3 {
        let number = files.len();
        let (name, bytes) = &whole[rng.below(whole.len())];
        files.push((format!("{number:04}_{name}"), damaged(bytes, number % 6, &mut rng)));
    }
    for (name, bytes) in &files {
        std::fs::write(heap.join(name), bytes).unwrap();
    }
    let mut names: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
    std::fs::write(heap.join("nothing.mid"), b"").unwrap();
    names.push("nothing.mid".to_owned());
    std::os::unix::fs::symlink(heap, heap.join("into_itself")).unwrap();
    std::os::unix::fs::symlink(heap.join("to_itself.mid"), heap.join("to_itself.mid")).unwrap();
    names.extend(["into_itself".to_owned(), "to_itself.mid".to_owned()]);
    names
}

/// Most memory that a process has had, in bytes, while it runs.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

#[test]
fn a_thousand_damaged_files_are_collected_in_little_memory_and_each_is_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    let heap = folder.path().join("heap");
    std::fs::create_dir(&heap).unwrap();
    let names = fill(&heap);
    assert_eq!(names.len(), FILES);

    let said = std::fs::File::create(folder.path().join("said.txt")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_ricercar"))
        .args(["collect", "heap", "out.npz"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(said.try_clone().unwrap())
        .stderr(said)
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_memory(child.id()).unwrap_or(0));
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(std::time::Duration::from_millis(2)),
        }
    };
    let said = std::fs::read_to_string(folder.path().join("said.txt")).unwrap();
    assert!(status.success() && !said.contains("panicked"), "{status}: {said}");
    println!("at most {} MB of memory", peak / 1_000_000);
    assert!(peak < MOST_MEMORY, "{peak} bytes");

    let account = std::fs::read_to_string(folder.path().join("out.account.csv")).unwrap();
    let rows: BTreeMap<&str, &str> =
        account.lines().skip(1).map(|line| line.split_once(',').unwrap()).collect();
    for name in names.iter().map(|name| format!("heap/{name}")) {
        // The members of an archive stand below it.
        let told = rows.range(name.as_str()..).next();
        let told = told.filter(|(file, _)| {
            file.strip_prefix(name.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        });
        let (_, row) = told.unwrap_or_else(|| panic!("nothing is said of {name}"));
        assert!(
            ["used", "repaired", "dropped"].iter().any(|status| row.starts_with(status)),
            "{name}: {row}"
        );
    }
    assert!(rows["heap/into_itself"].contains("link_loop"), "{}", rows["heap/into_itself"]);
    let dropped = rows.values().filter(|row| row.starts_with("dropped")).count();
    assert!((FILES / 4..FILES).contains(&dropped), "{dropped} of {} rows", rows.len());
}
