//! What a run shows of itself: samples at fixed latents, their evolution, and their measures.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::batch::Corpus;
use super::run::Observer;
use super::{TrainConfig, TrainError, Trainer};
use crate::base::{Cancel, Rng, Seed, read_file, write_atomically};
use crate::metrics::{Options, measure_phrases, set};
use crate::model::{DecodeOptions, Latent, LatentLayout, Model};
use crate::music::Multitrack;
use crate::npz::{Dense, PhraseArray, Values, read_phrases, write_npy, write_phrases};
use crate::view::image::{SheetOptions, save_sheet, save_strip};

/// Phrases that the measures are taken over.
const MEASURED: u64 = 128;
/// Rows that an evolution picture shows at most: the first, the last, and even steps between.
const STAGES: usize = 12;

/// Draws and keeps the samples of a run.
pub struct Samples<'a> {
    config: &'a TrainConfig,
    folder: PathBuf,
    corpus: &'a Corpus,
    on_cpu: bool,
    /// The first row of samples at every stage.
    evolution: Vec<(u64, Vec<Multitrack>)>,
    measures: Vec<(u64, String)>,
}

impl<'a> Samples<'a> {
    /// Samples of a run in `folder`.
    pub fn new(config: &'a TrainConfig, folder: &Path, corpus: &'a Corpus, on_cpu: bool) -> Self {
        let folder = folder.to_owned();
        Self { config, folder, corpus, on_cpu, evolution: Vec::new(), measures: Vec::new() }
    }

    fn evolution_file(&self) -> PathBuf {
        self.folder.join("samples/evolution.npz")
    }

    /// Takes up what an earlier part of the run kept, up to `step`.
    ///
    /// # Errors
    /// [`TrainError`] when its files cannot be read.
    pub fn resume(&mut self, step: u64) -> Result<(), TrainError> {
        let columns = self.config.sample_grid[1];
        let (kept, interval) = (self.evolution_file(), self.config.save_samples_steps);
        if step > 0 && interval > 0 && kept.exists() {
            let phrases = read_phrases(&kept).map_err(unsaved)?;
            let stages = (phrases.len() / columns.max(1)).min((step / interval) as usize);
            let stage =
                |i: usize| (i * columns..(i + 1) * columns).filter_map(|k| phrases.phrase(k)).collect();
            self.evolution = (0..stages).map(|i| ((i as u64 + 1) * interval, stage(i))).collect();
        }
        let table = self.folder.join("metrics.csv");
        if step > 0 && table.exists() {
            let bytes = read_file(&table)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let row = |row: &str| Some((row.split(',').next()?.parse().ok()?, row.to_owned()));
            self.measures = text.lines().skip(1).filter_map(row).filter(|(at, _)| *at <= step).collect();
        }
        Ok(())
    }

    /// Plays the fixed latents and writes what the config asks for.
    ///
    /// # Errors
    /// [`TrainError`] when the device or the disk fails.
    pub fn draw(&mut self, trainer: &Trainer, observer: &mut dyn Observer) -> Result<(), TrainError> {
        let [rows, columns] = self.config.sample_grid;
        let step = trainer.step();
        let model = trainer.model(self.corpus, self.on_cpu)?;
        let music = self.play(&model, "sample", (rows * columns) as u64)?;
        let base = self.folder.join("samples");
        let name = |kind: &str| base.join(format!("step-{step:06}.{kind}"));
        if self.config.save_image_samples {
            let tiles: Vec<Vec<Multitrack>> = music.chunks(columns).map(<[_]>::to_vec).collect();
            let options = SheetOptions { title: format!("step {step}"), ..SheetOptions::default() };
            save_sheet(&name("png"), &tiles, &options).map_err(unsaved)?;
            observer.wrote(&name("png"));
            // As they are kept: a resumed run then draws the same picture.
            let row = packed(&music[..columns.min(music.len())])?;
            self.evolution.push((step, row.iter().collect()));
            self.draw_evolution()?;
        }
        if self.config.save_pianoroll_samples {
            write_phrases(&name("npz"), &packed(&music)?).map_err(unsaved)?;
            observer.wrote(&name("npz"));
        }
        if self.config.save_array_samples {
            self.write_array(&model, &name("npy"))?;
            observer.wrote(&name("npy"));
        }
        Ok(())
    }

    fn draw_evolution(&self) -> Result<(), TrainError> {
        let all: Vec<Multitrack> = self.evolution.iter().flat_map(|(_, music)| music.clone()).collect();
        write_phrases(&self.evolution_file(), &packed(&all)?).map_err(unsaved)?;
        let last = self.evolution.len() - 1;
        let shown = last.min(STAGES - 1);
        let stage = |i: usize| self.evolution[(i * last).checked_div(shown).unwrap_or(0)].clone();
        let stages: Vec<(u64, Vec<Multitrack>)> = (0..=shown).map(stage).collect();
        let title = format!("evolution of {}", self.config.name);
        save_strip(&self.folder.join("evolution.png"), &title, &stages).map_err(unsaved)
    }

    /// Probabilities of the fixed samples, `[phrase, track, step, pitch, plane]`.
    fn write_array(&self, model: &Model, path: &Path) -> Result<(), TrainError> {
        let [rows, columns] = self.config.sample_grid;
        let latents = self.latents("sample", (rows * columns) as u64);
        let logits = model.logits(&latents, None, &Cancel::new())?;
        let values: Vec<f32> = logits.into_iter().flatten().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
        let grid = &self.config.model.grid;
        let shape = vec![latents.len(), grid.track_count(), grid.steps(), 12 * grid.octaves, grid.planes];
        let array = Dense::new(&shape, Values::Floats(values)).map_err(unsaved)?;
        write_npy(path, &array).map_err(unsaved)
    }

    /// Measures fresh samples and adds a row to `metrics.csv`.
    ///
    /// # Errors
    /// [`TrainError`] when the device or the disk fails.
    pub fn measure(&mut self, trainer: &Trainer, observer: &mut dyn Observer) -> Result<(), TrainError> {
        let model = trainer.model(self.corpus, self.on_cpu)?;
        let music = self.play(&model, "measure", MEASURED)?;
        let metrics = measure_phrases(&music, &Options::default()).map_err(unsaved)?;
        let overlap = set::mean_jaccard(&music, Seed(self.config.seed)).map_err(unsaved)?;
        let mut figures = metrics.figures();
        figures.push(("mean_jaccard".to_owned(), overlap));
        let mut row = trainer.step().to_string();
        for (_, value) in &figures {
            let _ = write!(row, ",{}", value.map(|x| x.to_string()).unwrap_or_default());
        }
        self.measures.push((trainer.step(), row));
        let mut text = String::from("step");
        for (name, _) in &figures {
            let _ = write!(text, ",{name}");
        }
        for (_, row) in &self.measures {
            let _ = write!(text, "\n{row}");
        }
        text.push('\n');
        let path = self.folder.join("metrics.csv");
        write_atomically(&path, text.as_bytes())?;
        observer.wrote(&path);
        Ok(())
    }

    fn latents(&self, stream: &str, count: u64) -> Vec<Latent> {
        let layout = std::sync::Arc::new(LatentLayout::of(&self.config.model));
        let seed = |i| Seed(self.config.seed).child(stream, i);
        (0..count).map(|i| Latent::draw(&layout, seed(i))).collect()
    }

    /// Music at fixed latents; an accompanying model plays around fixed tracks of the corpus.
    fn play(&self, model: &Model, stream: &str, count: u64) -> Result<Vec<Multitrack>, TrainError> {
        let latents = self.latents(stream, count);
        let options = DecodeOptions::default();
        if !model.accompanies() {
            return Ok(model.decode(&latents, &options, &Cancel::new())?);
        }
        let mut rng = Seed(self.config.seed).stream(&format!("{stream}/given"));
        let mut music = Vec::with_capacity(latents.len());
        for latent in latents {
            let (phrase, sounding) = self.sounding_phrase(&mut rng)?;
            let chosen = [sounding[rng.below(sounding.len())].clone()];
            let given = phrase.only(&chosen).map_err(crate::model::ModelError::from)?;
            music.extend(model.accompany(&given, &[latent], &options, &Cancel::new())?);
        }
        Ok(music)
    }

    /// A phrase of the corpus, drawn by `rng`, and the names of its tracks that sound: the next phrase
    /// that has any.
    fn sounding_phrase(&self, rng: &mut Rng) -> Result<(Multitrack, Vec<String>), TrainError> {
        let (grid, count) = (&self.config.model.grid, self.corpus.len());
        let start = rng.below(count);
        for i in 0..count {
            let phrase = self.corpus.cells((start + i) % count).to_music(grid);
            let sounding = phrase.tracks().iter().filter(|t| !t.roll.is_silent());
            let sounding: Vec<String> = sounding.map(|t| t.name.to_string()).collect();
            if !sounding.is_empty() {
                return Ok((phrase, sounding));
            }
        }
        Err(TrainError::Samples("every phrase is silent, so that there is nothing to answer".into()))
    }
}

fn packed(music: &[Multitrack]) -> Result<PhraseArray, TrainError> {
    let mut phrases = PhraseArray::standard();
    for phrase in music {
        phrases.push(phrase).map_err(unsaved)?;
    }
    Ok(phrases)
}

fn unsaved(error: impl std::fmt::Display) -> TrainError {
    TrainError::Samples(error.to_string())
}
