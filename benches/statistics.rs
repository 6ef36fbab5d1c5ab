//! How fast sets are compared, on one core: `cargo bench --bench statistics`. Prints medians; asserts
//! nothing. `benches/peers/compare.py` computes the same numbers of the same points.

use std::time::Instant;

use ricercar::base::Seed;
use ricercar::statistics::{Clusters, Covariance, Neighbours, OverlapSample, bootstrap, frechet, overlap};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seconds that `work` takes: the median of `runs`, after one that is not counted.
fn median<T>(runs: usize, mut work: impl FnMut() -> T) -> f64 {
    work();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Points with coordinates in 0..1: a multiplicative sequence that is the same in every language.
fn points(count: usize, size: usize, mut state: u64) -> Vec<Vec<f64>> {
    let mut next = || {
        state = state * 48_271 % 2_147_483_647;
        state as f64 / 2_147_483_647.0
    };
    (0..count).map(|_| (0..size).map(|_| next()).collect()).collect()
}

fn report(name: &str, value: f64, seconds: f64) {
    println!("{name}\t{value:.6}\t{:.3} ms", seconds * 1e3);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global()?;
    let (made, real) = (points(200, 1, 1), points(200, 1, 2));
    let seconds = median(20, || overlap(&made, &real));
    report("overlap and divergence, a number, 200 against 200", overlap(&made, &real)?.area, seconds);
    let (made, real) = (points(200, 144, 1), points(200, 144, 2));
    let seconds = median(20, || overlap(&made, &real));
    report("overlap and divergence, 144 numbers, 200 against 200", overlap(&made, &real)?.area, seconds);
    let sample = OverlapSample::new(&made, &real)?;
    let each = Clusters::new(&(0..200).collect::<Vec<_>>());
    let interval = || bootstrap([&each, &each], 2_000, Seed(0), |[a, b]| sample.resampled(a, b));
    report("interval of both, 2,000 resamples", interval()?[0].low, median(3, interval));
    for size in [64, 256] {
        let (made, real) = (points(1_000, size, 1), points(1_000, size, 2));
        let distance = || frechet(&made, &real, Covariance::Sample);
        let name = format!("Fréchet distance, 1,000 against 1,000 of {size}");
        report(&name, distance()?.distance, median(10, distance));
    }
    let (made, real) = (points(2_000, 64, 1), points(2_000, 64, 2));
    let near = || Neighbours::new(&made, &real, 5).map(|near| near.whole().coverage);
    report("precision, recall, density, coverage, 2,000 against 2,000 of 64", near()?, median(5, near));
    Ok(())
}
