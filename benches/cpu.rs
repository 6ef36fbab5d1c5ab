//! Networks on this processor, beside others: `cargo bench --bench cpu -- write FOLDER`, which puts weights,
//! inputs and outputs there, or `-- serve`, which times what it is told to, a line at a time, for
//! `benches/peers/cpu.py`. Answers are the seconds of one run; asserts nothing.
//!
//! | line | what is timed |
//! |---|---|
//! | `play NETWORK BATCH` | logits of so many phrases, from latents in memory to numbers in memory |
//! | `music NETWORK BATCH` | the same and the music of them |
//! | `train BATCH MICRO` | a step of the hybrid's training, its batch in parts of MICRO phrases, a thread each; 0 for one part |
//! | `product SIZE` | a product of two square matrices |
//! | `render MIDI FONT` | a file as sound, by a SoundFont or by `voices`, the built-in ones |

#[path = "common/networks.rs"]
mod networks;

use std::collections::HashMap;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor, TensorData};
use networks::{Failed, latents, load, piano, training};
use ricercar::audio::{RenderOptions, SoundFont, render};
use ricercar::base::Cancel;
use ricercar::midi;
use ricercar::model::{DecodeOptions, DeviceName, Model};
use ricercar::train::{Corpus, Trainer, load_data};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A task is run again and again until it has lasted so long; the median counts.
const PASS: Duration = Duration::from_millis(300);

type Task = Box<dyn FnMut() -> Result<(), Failed>>;

fn main() -> Result<(), Failed> {
    // `cargo bench` says `--bench` to every benchmark.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let device = DeviceName::Cpu.open()?.device;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", folder] => networks::write(Path::new(folder), &device),
        ["serve"] => serve(&device),
        _ => Err("say `write FOLDER` or `serve`: see the head of benches/cpu.rs".into()),
    }
}

/// Answers lines until there are no more.
fn serve(device: &Device) -> Result<(), Failed> {
    let mut tasks: HashMap<String, Task> = HashMap::new();
    for line in stdin().lock().lines() {
        let line = line?;
        if !tasks.contains_key(&line) {
            let mut task = task(&line, device)?;
            // The first run is not like the others.
            task()?;
            tasks.insert(line.clone(), task);
        }
        let Some(task) = tasks.get_mut(&line) else { continue };
        println!("{}", median(task)?);
        stdout().flush()?;
    }
    Ok(())
}

fn median(task: &mut Task) -> Result<f64, Failed> {
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.is_empty() || start.elapsed() < PASS {
        let start = Instant::now();
        task()?;
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn task(line: &str, device: &Device) -> Result<Task, Failed> {
    Ok(match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["play", name, batch] => play(load(name, device)?, batch.parse()?, device)?,
        ["music", name, batch] => {
            let model = load(name, device)?;
            let zs = latents(&model, batch.parse()?);
            Box::new(move || Ok(model.decode(&zs, &DecodeOptions::default(), &Cancel::new()).map(drop)?))
        }
        ["train", batch, micro] => train(batch.parse()?, micro.parse()?, device)?,
        ["product", size] => product(size.parse()?, device),
        ["render", file, font] => {
            let music = midi::read(Path::new(file))?.to_multitrack(ricercar::music::Resolution::MIDI)?;
            let soundfont = if *font == "voices" { None } else { Some(SoundFont::load(Path::new(font))?) };
            let options = RenderOptions { soundfont, ..RenderOptions::default() };
            Box::new(move || Ok(render(&music, &options, &Cancel::new()).map(drop)?))
        }
        _ => return Err(format!("no task `{line}`: see the head of benches/cpu.rs").into()),
    })
}

fn play(model: Model, batch: usize, device: &Device) -> Result<Task, Failed> {
    let zs = latents(&model, batch);
    let given = if model.accompanies() { Some(piano(&model, device)?) } else { None };
    Ok(Box::new(move || {
        let given = given.as_ref().map(|(cells, mask)| (cells, mask.as_slice()));
        Ok(model.logits(&zs, given, &Cancel::new()).map(drop)?)
    }))
}

fn train(batch: usize, micro_batch: usize, device: &Device) -> Result<Task, Failed> {
    let config = training(batch, micro_batch)?;
    let corpus = Corpus::new(&config.model.grid, &load_data(&config.data)?)?;
    let mut trainer = Trainer::new(&config, &corpus, device)?;
    Ok(Box::new(move || Ok(trainer.advance(&corpus).read().map(drop)?)))
}

fn product(size: usize, device: &Device) -> Task {
    let values: Vec<f32> = (0..size * size).map(|i| (i % 97) as f32 / 97.0).collect();
    let x = Tensor::<2>::from_data(TensorData::new(values, [size, size]), device);
    Box::new(move || {
        drop(x.clone().matmul(x.clone()).try_into_vec_as::<f32>().map_err(|error| error.to_string())?);
        Ok(())
    })
}
