//! How fast files become music, on one thread: `cargo bench --bench files -- [TASK FOLDER]…`.
//!
//! Tasks: `notes` (MIDI to notes), `roll` (MIDI to five tracks of 24 steps a beat), `songs` (pypianoroll
//! npz to multitracks), `stack` (the same, then 4 steps a beat and one plane of cells). Without arguments
//! it runs all of them on the files in `tests/golden`. Prints the processor time a file takes, the best
//! of several passes; asserts nothing. `benches/peers` sets other programs beside it.

#[path = "common/clock.rs"]
mod clock;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clock::Clock;
use ricercar::midi::Instrument;
use ricercar::music::{Multitrack, Resolution};
use ricercar::{midi, npz};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Passes over all files; the best one counts.
const PASSES: usize = 5;
/// A pass goes over the files again and again until it has lasted so long.
const PASS: Duration = Duration::from_millis(300);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo bench` says `--bench` to every benchmark.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let chosen: Vec<(&str, PathBuf)> = match arguments.as_slice() {
        [] => {
            let folder = |task| golden.join(if matches!(task, "notes" | "roll") { "midi" } else { "npz" });
            ["notes", "roll", "songs", "stack"].map(|task| (task, folder(task))).to_vec()
        }
        given => {
            given.chunks(2).map(|pair| (pair[0].as_str(), PathBuf::from(&pair[pair.len() - 1]))).collect()
        }
    };
    for (task, folder) in chosen {
        let (work, suffix): (fn(&Path) -> bool, &str) = match task {
            "notes" => (|file| midi::read(file).is_ok(), "mid"),
            "roll" => (|file| five_track_roll(file).is_some(), "mid"),
            "songs" => (|file| npz::read_multitrack(file).is_ok(), "npz"),
            "stack" => (|file| stack(file).is_some(), "npz"),
            _ => return Err(format!("there is no task `{task}`: notes, roll, songs and stack").into()),
        };
        let mut files = Vec::new();
        find(&folder, suffix, &mut files)?;
        // What the task is not for (phrases among songs) or cannot read is not measured.
        files.retain(|file| work(file));
        let seconds = best(|| files.iter().filter(|file| work(file)).count());
        let each = seconds / files.len() as f64 * 1e6;
        println!("{task}\t{} files\t{each:.1} us a file\t{:.0} files a second", files.len(), 1e6 / each);
    }
    Ok(())
}

fn five_track_roll(file: &Path) -> Option<Multitrack> {
    Some(midi::read(file).ok()?.to_families(Resolution::MIDI, Instrument::family).ok()?.0)
}

/// The cells of all tracks at four steps a beat, as one would put them into a training set.
fn stack(file: &Path) -> Option<Vec<Vec<u128>>> {
    let piece = npz::read_multitrack(file).ok()?.resample(Resolution::new(4).ok()?);
    Some(piece.tracks().iter().map(|track| track.roll.separated()).collect())
}

fn find(folder: &Path, suffix: &str, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            find(&path, suffix, files)?;
        } else if path.extension().is_some_and(|e| e == suffix) {
            files.push(path);
        }
    }
    Ok(())
}

/// Seconds that one call of `work` takes at best.
fn best(mut work: impl FnMut() -> usize) -> f64 {
    let pass = || {
        let (start, mut calls) = (Clock::now(), 0);
        loop {
            std::hint::black_box(work());
            calls += 1;
            let lasted = start.elapsed();
            if lasted >= PASS {
                return lasted.as_secs_f64() / f64::from(calls);
            }
        }
    };
    std::iter::repeat_with(pass).take(PASSES).fold(f64::INFINITY, f64::min)
}
