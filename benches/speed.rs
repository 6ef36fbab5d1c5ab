//! How fast this machine plays and trains: `cargo bench`. Prints medians; asserts nothing.

use std::path::Path;
use std::time::Instant;

use ricercar::base::{Cancel, Seed};
use ricercar::model::{DecodeOptions, DeviceName, Library, Opened};
use ricercar::train::{Corpus, TrainConfig, Trainer, load_data};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seconds that `work` takes: the median of `runs`, after one that is not counted.
fn median(runs: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for name in [DeviceName::Cpu, DeviceName::Ndarray] {
        // The program may be built without the second.
        let Ok(Opened { device, is_cpu, .. }) = name.open() else { continue };
        let model = Library::default().load("hybrid", &device, is_cpu)?;
        for batch in [1u64, 64] {
            let latents: Vec<_> = (0..batch).map(|i| model.latent(Seed(i))).collect();
            let play = || {
                model
                    .decode(&latents, &DecodeOptions::default(), &Cancel::new())
                    .map(drop)
                    .unwrap_or_default()
            };
            let seconds = median(if batch == 1 { 100 } else { 20 }, play);
            println!("{name}: hybrid, batch {batch}: {:.0} phrases/s", batch as f64 / seconds);
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tiny = TrainConfig::read(&root.join("scripts/tiny.yaml"))?;
    let mut hybrid = TrainConfig::read(&root.join("scripts/hybrid.yaml"))?;
    hybrid.data = tiny.data.clone();
    let device = DeviceName::Cpu.open()?.device;
    for config in [tiny, hybrid] {
        let corpus = Corpus::new(&config.model.grid, &load_data(&config.data)?)?;
        let mut trainer = Trainer::new(&config, &corpus, &device)?;
        let seconds = median(20, || {
            trainer.advance(&corpus);
        });
        let (name, batch) = (&config.name, config.batch_size);
        println!("cpu: training {name}, batch {batch}: {:.1} steps/s", 1.0 / seconds);
    }
    Ok(())
}
