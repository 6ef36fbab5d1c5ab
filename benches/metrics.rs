//! How fast music is measured, on one thread: `cargo bench --bench metrics`. Prints bars a second of the
//! processor's time, medians; asserts nothing.
//!
//! Music by rule: phrases of four bars of 96 steps for five tracks. `cargo bench --bench metrics -- write
//! FILE.npy` writes their cells `[bar, step, pitch, track]`, which `benches/peers/metrics.py` measures.

#[path = "common/clock.rs"]
mod clock;

use std::path::Path;

use clock::Clock;
use ndarray::Array4;
use ricercar::metrics::{self, MetricFamily, Options, features};
use ricercar::music::{Family, LOWEST_PITCH, MODEL_PITCHES, Multitrack, Note, Pianoroll, Pitch};
use ricercar::music::{Resolution, Scale, Track};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PHRASES: usize = 1000;
const BARS: usize = 4;
const BAR: usize = 96;
const RUNS: usize = 9;
/// Repetitions in a run.
const EACH: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let phrases: Vec<Multitrack> = (0..PHRASES).map(phrase).collect();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if let [word, file] = arguments.as_slice()
        && word == "write"
    {
        ndarray_npy::write_npy(Path::new(file), &cells(&phrases))?;
        return Ok(());
    }
    let bars = (PHRASES * BARS) as f64;
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    for family in MetricFamily::ALL {
        let options = Options::of(family);
        let seconds = one.install(|| median(|| metrics::measure_phrases(&phrases, &options).is_ok()));
        println!("measure_phrases\t{}\t{:.0} bars a second", family.name(), bars / seconds);
    }
    let scale = Scale::c_major();
    let few = &phrases[..PHRASES / 10];
    let seconds = median(|| few.iter().all(|piece| features(piece, &scale).pieces == 1));
    println!("features\t4 bars\t{:.0} pieces a second", few.len() as f64 / seconds);
    Ok(())
}

/// Seconds that `work` takes: the median of some runs of several each, after one that is not counted. The
/// processor's time is kept in steps of some milliseconds.
fn median(mut work: impl FnMut() -> bool) -> f64 {
    let mut times: Vec<f64> = (0..=RUNS)
        .map(|_| {
            let start = Clock::now();
            for _ in 0..EACH {
                std::hint::black_box(work());
            }
            start.elapsed().as_secs_f64() / EACH as f64
        })
        .skip(1)
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Four bars: drums on eighths and a walking hi-hat, a bass in quarters, chords of the piano in halves,
/// broken chords of the guitar, held strings; one bar in sixteen of a track is silent.
fn phrase(index: usize) -> Multitrack {
    let steps = BARS * BAR;
    let roll = |family: Family| {
        let mut notes = Vec::new();
        for bar in 0..BARS {
            let number = index * BARS + bar;
            let root = [0, 5, 7, 9, 2, 4][number * 7 % 6];
            if (number * 5 + family.index() * 3).is_multiple_of(16) {
                continue;
            }
            let mut play = |at: usize, pitch: usize, length: usize| {
                let start = bar * BAR + at;
                let pitch = Pitch::new(pitch as i64).expect("between 36 and 96");
                notes.push(Note { start, pitch, end: start + length, velocity: 100 });
            };
            match family {
                Family::Drums => {
                    (0..8).for_each(|eighth| play(eighth * 12, 42 + eighth % 2, 3));
                    [0, 48].into_iter().for_each(|at| play(at, 36, 6));
                    [24, 72].into_iter().for_each(|at| play(at + number % 2, 38, 6));
                }
                Family::Bass => (0..4).for_each(|beat| play(beat * 24, 36 + root + beat % 3, 22)),
                Family::Piano => {
                    for (half, chord) in [(0, [0, 4, 7]), (48, [0, 5, 9])] {
                        chord.into_iter().for_each(|tone| play(half, 60 + (root + tone) % 14, 46));
                    }
                }
                Family::Guitar => {
                    (0..16).for_each(|sixteenth| {
                        play(sixteenth * 6, 52 + (root + [0, 4, 7, 12][(sixteenth + number) % 4]) % 24, 5);
                    });
                }
                Family::Strings => {
                    [0, 7, 16].into_iter().for_each(|tone| play(0, 60 + (root + tone) % 26, 96))
                }
            }
        }
        Pianoroll::from_notes(steps, &notes).without_velocities()
    };
    let tracks = Family::ALL.map(|family| Track::of_family(family, roll(family)));
    Multitrack::new(tracks.to_vec(), Resolution::MIDI)
}

/// The cells of the 84 pitches from C1, `[bar, step, pitch, track]`.
fn cells(phrases: &[Multitrack]) -> Array4<bool> {
    let shape = (PHRASES * BARS, BAR, MODEL_PITCHES, Family::ALL.len());
    Array4::from_shape_fn(shape, |(bar, step, pitch, track)| {
        let roll = &phrases[bar / BARS].tracks()[track].roll;
        roll.sounding()[bar % BARS * BAR + step] >> (pitch + usize::from(LOWEST_PITCH)) & 1 == 1
    })
}
