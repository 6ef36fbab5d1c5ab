//! What is asked for, and how well the music of latents meets it once it is decoded.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rayon::prelude::*;

use super::EncodeOptions;
use crate::base::{Cancel, Progress};
use crate::metrics::{Agreement, Sixteenths};
use crate::model::{DecodeOptions, Latent, Model, ModelError};
use crate::music::Multitrack;

/// How well a latent's music meets the phrase, by track that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Met(pub Vec<(String, Agreement)>);

impl Met {
    /// In all tracks that were asked for.
    pub fn overall(&self) -> Agreement {
        self.0.iter().map(|(_, agreement)| *agreement).sum()
    }

    /// Note F1 first, then the overlap of cells, which tells music apart that shares as few notes.
    pub fn order(&self, other: &Self) -> Ordering {
        let [(f1, overlap), (other_f1, other_overlap)] = [self, other].map(Self::shares);
        f1.total_cmp(&other_f1).then(overlap.total_cmp(&other_overlap))
    }

    /// Whether there is nothing left to gain.
    pub fn is_all(&self) -> bool {
        self.shares() == (1.0, 1.0)
    }

    fn shares(&self) -> (f64, f64) {
        let overall = self.overall();
        (overall.note_f1().unwrap_or(0.0), overall.jaccard().unwrap_or(0.0))
    }
}

/// A latent's numbers and how well its music meets the phrase.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub values: Vec<f32>,
    pub met: Met,
}

impl Place {
    /// The better of two; the first of equals.
    pub fn or_better(self, other: Self) -> Self {
        if other.met.order(&self.met).is_gt() { other } else { self }
    }

    /// The best of some; the first of equals.
    pub fn best(places: impl IntoIterator<Item = Self>) -> Option<Self> {
        places.into_iter().reduce(Self::or_better)
    }
}

/// Decodes latents as music is, and sets them against the phrase.
pub(super) struct Judge<'a> {
    model: &'a Model,
    wanted: Sixteenths,
    asked: Vec<String>,
    given: Option<Multitrack>,
    decoding: DecodeOptions,
    cancel: &'a Cancel,
    /// What is told of the work: units done, units in all.
    progress: &'a dyn Progress,
    done: AtomicU64,
    units: u64,
}

impl<'a> Judge<'a> {
    /// For a phrase of `model`, whose given tracks are checked; `units` of work will be told.
    pub fn new(
        model: &'a Model,
        phrase: &Multitrack,
        options: &EncodeOptions,
        units: u64,
        progress: &'a dyn Progress,
        cancel: &'a Cancel,
    ) -> Result<Self, ModelError> {
        let named = |track: &&String| options.given.iter().any(|name| name.eq_ignore_ascii_case(track));
        let asked = model.architecture().grid.tracks.iter().filter(|track| !named(track)).cloned().collect();
        let given = (!options.given.is_empty()).then(|| phrase.only(&options.given)).transpose()?;
        let decoding = DecodeOptions { tempo: Some(phrase.tempo()), ..DecodeOptions::default() };
        let (wanted, done) = (Sixteenths::of(phrase), AtomicU64::new(0));
        Ok(Self { model, wanted, asked, given, decoding, cancel, progress, done, units })
    }

    /// The places of latents, in order.
    pub fn places(&self, latents: Vec<Vec<f32>>) -> Result<Vec<Place>, ModelError> {
        let met = self.in_parts(&latents, |part| {
            part.iter()
                .map(|values| self.latent(values.clone()))
                .collect::<Result<Vec<_>, _>>()
                .and_then(|latents| Ok(self.music(&latents)?.iter().map(|music| self.met(music)).collect()))
        })?;
        Ok(latents.into_iter().zip(met).map(|(values, met)| Place { values, met }).collect())
    }

    /// What latents decode to: around the given tracks, where some are given.
    pub fn music(&self, latents: &[Latent]) -> Result<Vec<Multitrack>, ModelError> {
        match &self.given {
            Some(given) => self.model.accompany(given, latents, &self.decoding, self.cancel),
            None => self.model.decode(latents, &self.decoding, self.cancel),
        }
    }

    /// How well music meets the phrase in the tracks that are asked for.
    pub fn met(&self, music: &Multitrack) -> Met {
        let mut tracks = self.wanted.against(&Sixteenths::of(music));
        tracks.retain(|(name, _)| self.asked.iter().any(|track| track.eq_ignore_ascii_case(name)));
        Met(tracks)
    }

    /// A latent of the model.
    pub fn latent(&self, values: Vec<f32>) -> Result<Latent, ModelError> {
        Latent::from_values(self.model.layout(), values)
    }

    /// Work on latents, one at a time on the processor's threads, or all at once on a graphics card.
    ///
    /// # Errors
    /// [`ModelError::Stopped`], and those of `work`.
    pub fn in_parts<T: Send>(
        &self,
        latents: &[Vec<f32>],
        work: impl Fn(&[Vec<f32>]) -> Result<Vec<T>, ModelError> + Sync + Send,
    ) -> Result<Vec<T>, ModelError> {
        let size = if self.model.on_cpu() { 1 } else { latents.len().max(1) };
        let parts: Vec<Vec<T>> = latents.par_chunks(size).map(work).collect::<Result<_, _>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// Whether the work should stop.
    pub fn check(&self) -> Result<(), ModelError> {
        if self.cancel.is_raised() { Err(ModelError::Stopped) } else { Ok(()) }
    }

    /// Tells that all is done, also where the climb had nothing left to gain.
    pub fn tell_end(&self) {
        self.progress.report(self.units, self.units, "encoding");
    }

    /// Tells that `units` more are done, and how far that has led.
    pub fn tell(&self, units: usize, note: &str) {
        let units = units as u64;
        let done = self.done.fetch_add(units, Relaxed) + units;
        self.progress.report(done, self.units.max(done), note);
    }
}
