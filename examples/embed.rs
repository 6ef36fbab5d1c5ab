//! ricercar as a library, without a script: generate, interpolate, train, and keep the results.
//! `cargo run --release --example embed` writes into `out/embed/`.

use std::error::Error;
use std::path::Path;

use ricercar::base::{Cancel, Seed};
use ricercar::files;
use ricercar::model::{DecodeOptions, DeviceName, Library, Opened};
use ricercar::train::{Corpus, TrainConfig, Trainer, load_data};
use ricercar::view::image::{SheetOptions, save_sheet};

fn main() -> Result<(), Box<dyn Error>> {
    let [critic, generator, penalty] = run(Path::new("out/embed"))?;
    println!("one step: critic {critic:.2}, generator {generator:.2}, gradient penalty {penalty:.2}");
    Ok(())
}

/// Writes into `folder`, and answers the losses of a training step.
pub fn run(folder: &Path) -> Result<[f32; 3], Box<dyn Error>> {
    let Opened { device, is_cpu, .. } = DeviceName::Cpu.open()?;
    // Raised by another thread, it stops whatever runs.
    let cancel = Cancel::new();

    // A phrase by the model inside the crate; the extension names the format.
    let model = Library::default().load("hybrid", &device, is_cpu)?;
    let options = DecodeOptions::default();
    let phrase = model.decode(&[model.latent(Seed(7))], &options, &cancel)?.remove(0);
    for name in ["phrase.mid", "phrase.png"] {
        files::write(&folder.join(name), &phrase, &files::WriteOptions::default(), &cancel)?;
    }

    // Five stops on the great circle between two phrases, side by side and end to end.
    let (a, b) = (model.latent(Seed(1)), model.latent(Seed(2)));
    let stops = (0..5).map(|i| a.slerp(&b, f64::from(i) / 4.0)).collect::<Result<Vec<_>, _>>()?;
    let walk = model.decode(&stops, &options, &cancel)?;
    save_sheet(&folder.join("walk.png"), std::slice::from_ref(&walk), &SheetOptions::default())?;
    let whole = walk[1..].iter().try_fold(walk[0].clone(), |piece, next| piece.concat(next))?;
    files::write(&folder.join("walk.mid"), &whole, &files::WriteOptions::default(), &cancel)?;

    // One step of a small model of one's own.
    let config = TrainConfig::read(Path::new("scripts/tiny.yaml"))?;
    let corpus = Corpus::new(&config.model.grid, &load_data(&config.data)?)?;
    let mut trainer = Trainer::new(&config, &corpus, &device)?;
    let losses = trainer.advance(&corpus).read()?;
    trainer.save(&folder.join("tiny.safetensors"))?;
    Ok(losses)
}
