//! A graphics card beside the processor: `cargo bench --features gpu --bench gpu -- TASK DEVICE [FOLDER]`.
//!
//! Prints tab-separated lines; asserts nothing, but `check` says how far both are apart.
//!
//! | task | what it prints |
//! |---|---|
//! | `check` | the devices there are, and the largest difference between both devices' logits, scores and gradients, for every model |
//! | `write` | nothing: puts weights, inputs and outputs into FOLDER, for `benches/peers/gpu.py` |
//! | `play` | phrases a second of every model |
//! | `train` | steps a second of the hybrid model's training |

#[path = "common/networks.rs"]
mod networks;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use burn::tensor::{Tensor, TensorData};
use ricercar::base::Cancel;
use ricercar::model::{DecodeOptions, DeviceName, Latent, Model, ModelError, Norm, Opened, devices};
use ricercar::music::Multitrack;
use ricercar::train::config::RefinerTraining;
use ricercar::train::{Corpus, TrainConfig, Trainer, load_data};

use networks::{critic, latents, library, ours, training};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Done = Result<(), Box<dyn Error>>;

const MODELS: [&str; 6] = ["hybrid", "jamming", "composer", "convolutional", "accompany", "binary"];

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [task, device, rest @ ..] = arguments.as_slice() else {
        return Err("name a task and a device: see the head of benches/gpu.rs".into());
    };
    let opened = device.parse::<DeviceName>()?.open()?;
    if let Some(remark) = &opened.remark {
        eprintln!("{remark}");
    }
    match (task.as_str(), rest) {
        ("check", []) => check(&opened),
        ("write", [folder]) => networks::write(Path::new(folder), &DeviceName::Cpu.open()?.device),
        ("play", []) => play(&opened),
        ("train", []) => train(&opened),
        _ => Err(format!("no task `{task}`: there are check, write, play and train").into()),
    }
}

fn load(name: &str, on: &Opened) -> Result<Model, ModelError> {
    library().load(name, &on.device, on.is_cpu)
}

/// The largest difference, and the largest number.
fn apart(a: &[f32], b: &[f32]) -> [f32; 2] {
    assert_eq!(a.len(), b.len());
    let far = a.iter().zip(b).map(|(a, b)| if a.is_nan() || b.is_nan() { f32::NAN } else { (a - b).abs() });
    // A NaN is larger than all.
    let largest = |found: f32, x: f32| if x.is_nan() || found.is_nan() { f32::NAN } else { found.max(x) };
    [far.fold(0.0, largest), a.iter().map(|x| x.abs()).fold(0.0, largest)]
}

fn tell(what: &str, a: &[f32], b: &[f32]) {
    let [far, most] = apart(a, b);
    println!("{what}\tapart {far:.3e}\tlargest {most:.3e}");
}

fn check(card: &Opened) -> Done {
    for device in devices() {
        println!("{}\t{}", device.name, device.about);
    }
    let cpu = DeviceName::Cpu.open()?;
    let cancel = Cancel::new();
    for name in MODELS {
        let start = Instant::now();
        let both = [load(name, &cpu)?, load(name, card)?];
        let zs = latents(&both[0], 64);
        let [a, b] = [&both[0], &both[1]].map(|model| model.logits(&zs, None, &cancel));
        let (a, b) = (a?.concat(), b?.concat());
        tell(&format!("{name}, logits"), &a, &b);
        let [a, b] = [&both[0], &both[1]].map(|model| music(model, &zs[..16]));
        let (a, b) = (a?, b?);
        let same = a.iter().zip(&b).filter(|(a, b)| a == b).count();
        println!(
            "{name}, music\t{same} of {} phrases the same, {:.1} s",
            a.len(),
            start.elapsed().as_secs_f64()
        );
    }
    let config = training(16, 0)?;
    let [a, b] = [&cpu.device, &card.device].map(|device| critic(&config, device));
    for (a, b) in a?.into_iter().zip(b?) {
        tell(&format!("critic, {}", a.name), &a.values, &b.values);
    }
    trained(&cpu, card)
}

/// Phrases, of an accompanying model around the piano of another's.
fn music(model: &Model, zs: &[Latent]) -> Result<Vec<Multitrack>, Box<dyn Error>> {
    let (options, cancel) = (DecodeOptions::default(), Cancel::new());
    if !model.accompanies() {
        return Ok(model.decode(zs, &options, &cancel)?);
    }
    let composer = load("hybrid", &DeviceName::Cpu.open()?)?;
    let song = composer.decode(&latents(&composer, 1), &options, &cancel)?.remove(0);
    Ok(model.accompany(&song.only(&["piano".to_owned()])?, zs, &options, &cancel)?)
}

/// The losses of the first steps of every kind of training, on both devices.
fn trained(cpu: &Opened, card: &Opened) -> Done {
    for name in ["tiny", "hybrid", "jamming", "composer", "convolutional", "accompany", "binary"] {
        let start = Instant::now();
        let mut config = TrainConfig::read(&ours(&format!("scripts/{name}.yaml")))?;
        config.data = training(16, 0)?.data;
        if config.refiner_training.is_some() {
            config.refiner_training = Some(RefinerTraining::EndToEnd);
        }
        let corpus = Corpus::new(&config.model.grid, &load_data(&config.data)?)?;
        let losses = |on: &Opened| -> Result<Vec<f32>, Box<dyn Error>> {
            let mut trainer = Trainer::new(&config, &corpus, &on.device)?;
            let steps = (0..3).map(|_| trainer.advance(&corpus).read());
            Ok(steps.collect::<Result<Vec<_>, _>>()?.concat())
        };
        let (a, b) = (losses(cpu)?, losses(card)?);
        tell(&format!("training {name}, losses of three steps"), &a, &b);
        println!("training {name}\t{a:?}\t{b:?}\t{:.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Seconds that `work` takes: after a first run that is told apart, the least, the median and the most of
/// `runs`.
fn time(what: &str, count: f64, unit: &str, runs: usize, mut work: impl FnMut() -> Done) -> Done {
    let mut timed = || -> Result<f64, Box<dyn Error>> {
        let start = Instant::now();
        work()?;
        Ok(start.elapsed().as_secs_f64())
    };
    let first = timed()?;
    timed()?;
    let mut times = (0..runs).map(|_| timed()).collect::<Result<Vec<f64>, _>>()?;
    times.sort_by(f64::total_cmp);
    let [least, median, most] = [times[0], times[runs / 2], times[runs - 1]];
    println!(
        "{what}\t{:.1} {unit}/s\tms {:.3} ({:.3} to {:.3})\tfirst {first:.2} s",
        count / median,
        median * 1e3,
        least * 1e3,
        most * 1e3
    );
    Ok(())
}

fn play(on: &Opened) -> Done {
    let cancel = Cancel::new();
    for name in ["hybrid", "convolutional", "composer", "binary"] {
        let model = load(name, on)?;
        for batch in [64, 256, 1024] {
            let zs = latents(&model, batch);
            let z: Vec<f32> = zs.iter().flat_map(|z| z.values()).copied().collect();
            let z = Tensor::<2>::from_data(TensorData::new(z, [batch, model.layout().size()]), &on.device);
            let forward = || -> Done {
                let norm = &mut Norm::Folded;
                drop(model.generator().forward(model.matrices(), z.clone(), None, norm));
                Ok(on.device.sync().map_err(|error| format!("{error:?}"))?)
            };
            time(&format!("{name}, batch {batch}, network"), batch as f64, "phrases", 15, forward)?;
            let read = || Ok(model.logits(&zs, None, &cancel).map(drop)?);
            time(&format!("{name}, batch {batch}, and back"), batch as f64, "phrases", 9, read)?;
            let music = || Ok(model.decode(&zs, &DecodeOptions::default(), &cancel).map(drop)?);
            time(&format!("{name}, batch {batch}, as music"), batch as f64, "phrases", 5, music)?;
        }
    }
    Ok(())
}

fn train(on: &Opened) -> Done {
    for batch in [16, 64, 256] {
        let config = training(batch, 0)?;
        let corpus = Corpus::new(&config.model.grid, &load_data(&config.data)?)?;
        let mut trainer = Trainer::new(&config, &corpus, &on.device)?;
        // As in a run whose log is every tenth step.
        let steps = || -> Done {
            (0..9).for_each(|_| drop(trainer.advance(&corpus)));
            trainer.advance(&corpus).read()?;
            Ok(())
        };
        time(&format!("training hybrid, batch {batch}"), 10.0, "steps", 7, steps)?;
    }
    Ok(())
}
