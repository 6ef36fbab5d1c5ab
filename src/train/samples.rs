//! What a run shows of itself: samples at fixed latents and their evolution.

use std::path::{Path, PathBuf};

use super::play::Player;
use super::run::Observer;
use super::{TrainError, Trainer};
use crate::base::{Cancel, Stamp};
use crate::model::Model;
use crate::music::{Family, Multitrack};
use crate::npz::{
    Dense, PhraseArray, PhraseLayout, PhraseTrack, Values, read_phrases, write_npy, write_phrases,
};
use crate::view::image::{SheetOptions, save_sheet, save_strip};

/// Rows that an evolution picture shows at most: the first, the last, and even steps between.
const STAGES: usize = 12;

/// Draws and keeps the samples of a run.
pub struct Samples<'a> {
    player: Player<'a>,
    folder: PathBuf,
    on_cpu: bool,
    /// The first row of samples at every stage.
    evolution: Vec<(u64, Vec<Multitrack>)>,
}

impl<'a> Samples<'a> {
    /// Samples of a run in `folder`.
    pub fn new(player: Player<'a>, folder: &Path, on_cpu: bool) -> Self {
        Self { player, folder: folder.to_owned(), on_cpu, evolution: Vec::new() }
    }

    fn evolution_file(&self) -> PathBuf {
        self.folder.join("samples/evolution.npz")
    }

    /// Takes up what an earlier part of the run kept, up to `step`.
    ///
    /// # Errors
    /// [`TrainError`] when its files cannot be read.
    pub fn resume(&mut self, step: u64) -> Result<(), TrainError> {
        let columns = self.player.config.sample_grid[1];
        let (kept, interval) = (self.evolution_file(), self.player.config.save_samples_steps);
        if step > 0 && interval > 0 && kept.exists() {
            let phrases = read_phrases(&kept).map_err(unsaved)?;
            let stages = (phrases.len() / columns.max(1)).min((step / interval) as usize);
            let stage =
                |i: usize| (i * columns..(i + 1) * columns).filter_map(|k| phrases.phrase(k)).collect();
            self.evolution = (0..stages).map(|i| ((i as u64 + 1) * interval, stage(i))).collect();
        }
        Ok(())
    }

    /// Plays the fixed latents and writes what the config asks for; pictures and sets of phrases carry `stamp`.
    ///
    /// # Errors
    /// [`TrainError`] when the device or the disk fails.
    pub fn draw(
        &mut self,
        trainer: &Trainer,
        stamp: &Stamp,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let [rows, columns] = self.player.config.sample_grid;
        let step = trainer.step();
        let model = trainer.model(self.player.corpus, self.on_cpu)?;
        let music = self.player.play(&model, "sample", (rows * columns) as u64)?;
        let base = self.folder.join("samples");
        let name = |kind: &str| base.join(format!("step-{step:06}.{kind}"));
        if self.player.config.save_image_samples {
            let tiles: Vec<Vec<Multitrack>> = music.chunks(columns).map(<[_]>::to_vec).collect();
            let title = format!("step {step}");
            let options = SheetOptions {
                title,
                colours: self.player.config.colours(),
                stamp: Some(stamp.clone()),
                ..SheetOptions::default()
            };
            save_sheet(&name("png"), &tiles, &options).map_err(unsaved)?;
            observer.wrote(&name("png"));
            // As they are kept: a resumed run then draws the same picture.
            let row = packed(&music[..columns.min(music.len())])?;
            self.evolution.push((step, row.iter().collect()));
            self.draw_evolution(stamp)?;
        }
        if self.player.config.save_pianoroll_samples {
            write_phrases(&name("npz"), &packed(&music)?, Some(stamp)).map_err(unsaved)?;
            observer.wrote(&name("npz"));
        }
        if self.player.config.save_array_samples {
            self.write_array(&model, &name("npy"))?;
            observer.wrote(&name("npy"));
        }
        Ok(())
    }

    fn draw_evolution(&self, stamp: &Stamp) -> Result<(), TrainError> {
        let all: Vec<Multitrack> = self.evolution.iter().flat_map(|(_, music)| music.clone()).collect();
        write_phrases(&self.evolution_file(), &packed(&all)?, Some(stamp)).map_err(unsaved)?;
        let last = self.evolution.len() - 1;
        let shown = last.min(STAGES - 1);
        let stage = |i: usize| self.evolution[(i * last).checked_div(shown).unwrap_or(0)].clone();
        let stages: Vec<(u64, Vec<Multitrack>)> = (0..=shown).map(stage).collect();
        let title = format!("evolution of {}", self.player.config.name);
        let colours = self.player.config.colours();
        save_strip(&self.folder.join("evolution.png"), &title, &stages, &colours, Some(stamp))
            .map_err(unsaved)
    }

    /// Probabilities of the fixed samples, `[phrase, track, step, pitch, plane]`.
    fn write_array(&self, model: &Model, path: &Path) -> Result<(), TrainError> {
        let [rows, columns] = self.player.config.sample_grid;
        let latents = self.player.latents("sample", (rows * columns) as u64);
        let logits = model.logits(&latents, None, &Cancel::new())?;
        let values: Vec<f32> = logits.into_iter().flatten().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
        let grid = &self.player.config.model.grid;
        let shape = vec![latents.len(), grid.track_count(), grid.steps(), 12 * grid.octaves, grid.planes];
        let array = Dense::new(&shape, Values::Floats(values)).map_err(unsaved)?;
        write_npy(path, &array).map_err(unsaved)
    }
}

/// Phrases of the families, or of the model's own tracks where these are others.
fn packed(music: &[Multitrack]) -> Result<PhraseArray, TrainError> {
    let names = music.first().map(Multitrack::track_names).unwrap_or_default();
    let mut layout = PhraseLayout::standard();
    if names.iter().any(|name| Family::from_name(name).is_err()) {
        let tracks = names.iter().map(|name| PhraseTrack::named(name)).collect();
        layout = layout.with_tracks(tracks).map_err(unsaved)?;
    }
    let mut phrases = PhraseArray::of_layout(layout);
    for phrase in music {
        phrases.push(phrase).map_err(unsaved)?;
    }
    Ok(phrases)
}

fn unsaved(error: impl std::fmt::Display) -> TrainError {
    TrainError::Samples(error.to_string())
}
