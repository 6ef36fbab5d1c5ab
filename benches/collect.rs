//! How fast heaps of songs become sets, on one thread and on two: `cargo bench --bench collect -- [PATH]…`.
//! Another thread beside these finds the files and unpacks archives.
//!
//! Collects the folders and archives that are named, or songs that it writes itself: phrases that ship
//! with the examples, joined eight by eight, in twelve keys. Both take turns for several rounds; prints
//! the median seconds of a round with their spread, files and phrases a second, and how much faster two
//! threads are. It is the time of day, so what else runs on the machine counts; asserts nothing.

use std::path::{Path, PathBuf};
use std::time::Instant;

use ricercar::base::{Cancel, Silent};
use ricercar::data::Dataset;
use ricercar::data::collect::song::KeyRule;
use ricercar::data::collect::{CollectConfig, Collection};
use ricercar::midi::{self, WriteOptions};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds that count, after one that does not.
const ROUNDS: usize = 7;
/// Phrases of a song that is written here.
const PHRASES: usize = 8;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    // `cargo bench` says `--bench` to every benchmark.
    let mut roots: Vec<PathBuf> =
        std::env::args().skip(1).filter(|a| !a.starts_with("--")).map(PathBuf::from).collect();
    let mut config = CollectConfig::default();
    let own = tempfile::tempdir()?;
    if roots.is_empty() {
        write_songs(own.path())?;
        roots.push(own.path().to_owned());
        // In C they would be copies of each other.
        config.song.key = KeyRule::Keep;
    }
    let mut rounds: [Vec<f64>; 2] = Default::default();
    let (mut files, mut phrases) = (0, 0);
    for round in 0..=ROUNDS {
        for (threads, times) in [1, 2].into_iter().zip(&mut rounds) {
            config.set.n_jobs = threads;
            let start = Instant::now();
            let found = Collection::of(&roots, &[], &config, None, &Silent, &Cancel::new())?;
            let seconds = start.elapsed().as_secs_f64();
            (files, phrases) = (found.account().rows.len(), found.len());
            if round > 0 {
                times.push(seconds);
            }
        }
    }
    let [one, two] = &rounds;
    for (threads, times) in [("one thread", one), ("two threads", two)] {
        let Spread { low, median, high } = Spread::of(times);
        let (files, phrases) = (files as f64 / median, phrases as f64 / median);
        println!("{threads}\t{median:.3} s ({low:.3}-{high:.3})\t{files:.0} files/s\t{phrases:.0} phrases/s");
    }
    let ratios: Vec<f64> = one.iter().zip(two).map(|(one, two)| one / two).collect();
    let Spread { low, median, high } = Spread::of(&ratios);
    println!(
        "two threads are {median:.2} times as fast ({low:.2}-{high:.2}); {files} files, {phrases} phrases"
    );
    Ok(())
}

/// Songs out of the phrases that ship with the examples, each in every key.
fn write_songs(folder: &Path) -> Result<(), Failed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz");
    let phrases = Dataset::load(&path)?.music()?;
    for (number, phrases) in phrases.chunks(PHRASES).enumerate() {
        let Some((first, rest)) = phrases.split_first() else { continue };
        let song = rest.iter().try_fold(first.clone(), |song, phrase| song.concat(phrase))?;
        for up in -5..=6 {
            let path = folder.join(format!("{number:02}_{}.mid", up + 5));
            midi::write(&path, &song.transpose(up), &WriteOptions::default())?;
        }
    }
    Ok(())
}

/// The middle of several measurements and both ends.
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    fn of(measured: &[f64]) -> Self {
        let mut sorted = measured.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self { low: sorted[0], median: sorted[sorted.len() / 2], high: sorted[sorted.len() - 1] }
    }
}
