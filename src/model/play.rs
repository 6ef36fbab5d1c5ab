//! What a trained model does: draw, decode, accompany.

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::binarize::Binarization;
use super::{Cells, Given, Heard, Instrument, Latent, Model, ModelError, NeuronKind, Norm, to_tensor};
use crate::base::{Cancel, Seed};
use crate::music::{Multitrack, Origin, Program, Resolution, Tempo, Track};

/// Bytes of the largest tensor that every graphics card takes: the least that WebGPU asks for.
const LARGEST: usize = 128 << 20;

/// How to turn latents into music.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodeOptions {
    /// How probabilities become cells.
    pub binarization: Binarization,
    /// Tempo of the result; the model's own when absent.
    pub tempo: Option<Tempo>,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self { binarization: Binarization::AsTrained, tempo: None }
    }
}

impl Model {
    /// The latent that a seed names.
    pub fn latent(&self, seed: Seed) -> Latent {
        Latent::draw(self.layout(), seed)
    }

    /// The phrases at the given latents, in order; the same latent is the same phrase whatever else is
    /// decoded beside it.
    ///
    /// # Errors
    /// [`ModelError::Layouts`] for another model's latent, [`ModelError::Stopped`], [`ModelError::Range`].
    pub fn decode(
        &self,
        latents: &[Latent],
        options: &DecodeOptions,
        cancel: &Cancel,
    ) -> Result<Vec<Multitrack>, ModelError> {
        options.binarization.check()?;
        let grid = &self.architecture().grid;
        self.each(latents, None, cancel, |index, latent, logits| {
            let cells = self.cells(logits, latent, index, options);
            Ok(self.signed(cells.to_music(grid), latent, options))
        })
    }

    /// Several phrases of each latent, one for each way of decoding it, in order. Each is what
    /// [`Model::decode`] gives for that latent alone, and the networks are run once for all of a latent's.
    ///
    /// # Errors
    /// As [`Model::decode`].
    pub fn decode_variants(
        &self,
        takes: &[(Latent, &[DecodeOptions])],
        cancel: &Cancel,
    ) -> Result<Vec<Vec<Multitrack>>, ModelError> {
        takes
            .iter()
            .flat_map(|(_, variants)| *variants)
            .try_for_each(|options| options.binarization.check())?;
        let latents: Vec<Latent> = takes.iter().map(|(latent, _)| latent.clone()).collect();
        let logits = self.logits(&latents, None, cancel)?;
        let grid = &self.architecture().grid;
        let phrases = |((latent, variants), logits): (&(Latent, &[DecodeOptions]), Vec<f32>)| {
            let phrase = |options: &DecodeOptions| {
                let cells = self.cells(&logits, latent, 0, options);
                self.signed(cells.to_music(grid), latent, options)
            };
            variants.iter().map(phrase).collect()
        };
        Ok(takes.par_iter().zip(logits).map(phrases).collect())
    }

    /// The other tracks around given ones: `given` holds one to four bars of 4/4, and every track of
    /// it that sounds is given. The result has the resolution, tempo and meter of `given` and holds
    /// its tracks untouched; one result for each latent.
    ///
    /// # Errors
    /// [`ModelError::Unsupported`] when the model composes from scratch only or knows none of the
    /// tracks; [`ModelError::Music`] when `given` is no phrase.
    pub fn accompany(
        &self,
        given: &Multitrack,
        latents: &[Latent],
        options: &DecodeOptions,
        cancel: &Cancel,
    ) -> Result<Vec<Multitrack>, ModelError> {
        options.binarization.check()?;
        let mask = self.given_tracks(given)?;
        let grid = &self.architecture().grid;
        let heard = Cells::from_music(grid, given);
        self.each(latents, Some((&heard, &mask)), cancel, |index, latent, logits| {
            let cells = self.cells(logits, latent, index, options);
            let made = self.signed(cells.to_music(grid), latent, options);
            Ok(around(given, &mask, &grid.tracks, &made))
        })
    }

    /// What `make` makes of every latent's number, the latent and its logits, of which few are in memory at
    /// a time: they take ten times the room of the phrase that they become.
    fn each<T>(
        &self,
        latents: &[Latent],
        given: Option<(&Cells, &[bool])>,
        cancel: &Cancel,
        make: impl Fn(usize, &Latent, &[f32]) -> Result<T, ModelError> + Sync,
    ) -> Result<Vec<T>, ModelError>
    where
        T: Send,
    {
        const HELD: usize = 256;
        let heard = self.hear(given);
        let mut made = Vec::with_capacity(latents.len());
        for part in latents.chunks(if self.on_cpu() { HELD } else { self.at_once() }) {
            let before = made.len();
            let logits = self.answers(part, &heard, cancel)?;
            let phrase =
                |(i, (latent, logits)): (usize, (&Latent, Vec<f32>))| make(before + i, latent, &logits);
            let phrases = part.par_iter().zip(logits).enumerate().map(phrase);
            made.append(&mut phrases.collect::<Result<_, _>>()?);
        }
        Ok(made)
    }

    /// The cells of phrase `index` of a call.
    fn cells(&self, logits: &[f32], latent: &Latent, index: usize, options: &DecodeOptions) -> Cells {
        let grid = &self.architecture().grid;
        let kind = self.neurons().map(|neurons| neurons.kind);
        let (binarization, index) = match (&options.binarization, kind) {
            (Binarization::AsTrained, Some(NeuronKind::Deterministic)) => (Binarization::Threshold(0.5), 0),
            // What a latent draws is its own, whatever stands beside it.
            (Binarization::AsTrained, Some(NeuronKind::Stochastic)) => {
                let seed = Seed(0).child(&latent.digest(), 0);
                (Binarization::Bernoulli { temperature: 1.0, seed }, 0)
            }
            (other, _) => (other.clone(), index as u64),
        };
        binarization.apply(grid, logits, self.calibration(), index)
    }

    /// Which of its tracks a piece gives: those it has by name and that sound.
    pub(super) fn given_tracks(&self, given: &Multitrack) -> Result<Vec<bool>, ModelError> {
        let unsupported = |reason: String| ModelError::Unsupported { model: self.name().to_owned(), reason };
        if !self.accompanies() {
            return Err(unsupported("composes from scratch; load `accompany` to answer given tracks".into()));
        }
        given.check_phrase()?;
        let tracks = &self.architecture().grid.tracks;
        let sounds = |name: &String| given.track(name).is_ok_and(|track| !track.roll.is_silent());
        let mask: Vec<bool> = tracks.iter().map(sounds).collect();
        let known = tracks.join(", ");
        if !mask.contains(&true) {
            let there = given.track_names().join(", ");
            return Err(unsupported(format!(
                "answers to {known}; the given piece has {there}, or is silent"
            )));
        }
        if !mask.contains(&false) {
            return Err(unsupported("has nothing to add: every one of its tracks is given".into()));
        }
        Ok(mask)
    }

    /// Logits of every latent's phrase, `[track, step, octave, class, plane]`: their sigmoids are the
    /// probabilities of the cells, at the slope of the model's binary neurons where it has some.
    pub fn logits(
        &self,
        latents: &[Latent],
        given: Option<(&Cells, &[bool])>,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        self.answers(latents, &self.hear(given), cancel)
    }

    /// What the generator hears of one phrase in which some tracks are given.
    fn hear(&self, given: Option<(&Cells, &[bool])>) -> Heard {
        let (grid, device) = (&self.architecture().grid, self.device());
        let given = given.map(|(cells, mask)| {
            let cells = Cells::silent(grid).with_tracks_of(grid, cells, mask);
            let row: Vec<f32> = mask.iter().map(|on| f32::from(u8::from(*on))).collect();
            let mask = TensorData::new(row, [1, mask.len()]);
            Given { roll: to_tensor(grid, &[&cells], device), mask: Tensor::from_data(mask, device) }
        });
        self.generator().hear(self.matrices(), given.as_ref())
    }

    /// [`Model::logits`] around what is heard.
    fn answers(
        &self,
        latents: &[Latent],
        heard: &Heard,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        latents.iter().try_for_each(|latent| self.check_layout(latent))?;
        // One phrase at a time keeps every intermediate in a processor's cache, and makes a phrase
        // independent of its neighbours to the last bit.
        let chunk = |part: &[Latent]| match cancel.is_raised() {
            true => Err(ModelError::Stopped),
            false => self.run(part, heard),
        };
        let parts: Vec<Vec<Vec<f32>>> = match self.on_cpu() {
            true => latents.par_chunks(1).map(chunk).collect::<Result<_, _>>()?,
            false => latents.chunks(self.at_once()).map(chunk).collect::<Result<_, _>>()?,
        };
        Ok(parts.into_iter().flatten().collect())
    }

    /// Phrases that a graphics card decodes at once.
    fn at_once(&self) -> usize {
        let bytes = self.generator().widest() * size_of::<f32>();
        (LARGEST / bytes.max(1)).clamp(1, 1024)
    }

    /// Refuses latents of another model.
    pub(super) fn check_layout(&self, latent: &Latent) -> Result<(), ModelError> {
        if **latent.layout() == **self.layout() {
            return Ok(());
        }
        let (left, right) = (self.layout().to_string(), latent.layout().to_string());
        Err(ModelError::Layouts { left, right })
    }

    fn run(&self, latents: &[Latent], heard: &Heard) -> Result<Vec<Vec<f32>>, ModelError> {
        let device = self.device();
        let grid = &self.architecture().grid;
        let batch = latents.len();
        let values: Vec<f32> = latents.iter().flat_map(|z| z.values()).copied().collect();
        let z = Tensor::<2>::from_data(TensorData::new(values, [batch, self.layout().size()]), device);
        let logits = self.generator().answer(self.matrices(), z, &heard.repeated(batch), &mut Norm::Folded);
        let logits = logits * self.neurons().map_or(1.0, |neurons| neurons.slope);
        let values = logits.try_into_vec_as::<f32>().map_err(|e| ModelError::Device(e.to_string()))?;
        Ok(by_phrase(&values, grid.track_count(), batch))
    }

    /// A phrase with its instruments, its tempo and where it came from.
    fn signed(&self, music: Multitrack, latent: &Latent, options: &DecodeOptions) -> Multitrack {
        let music = self.played(music);
        let origin = Origin {
            model: format!("{} {}", self.name(), self.hash()),
            seed: latent.seed(),
            latent: latent.digest(),
        };
        music.with_tempo(options.tempo.unwrap_or(self.tempo())).with_origin(Some(origin))
    }
}

impl Model {
    /// Tracks in the order of the grid on the model's own instruments, if it has any.
    fn played(&self, music: Multitrack) -> Multitrack {
        if self.instruments().is_empty() {
            return music;
        }
        let play = |(track, instrument): (&Track, &Instrument)| Track {
            program: Program::new(instrument.program.into()).unwrap_or(track.program),
            is_drum: instrument.is_drum,
            ..track.clone()
        };
        music.with_tracks(music.tracks().iter().zip(self.instruments()).map(play).collect())
    }
}

/// `[track, batch, cell]` to one vector `[track, cell]` a phrase.
pub fn by_phrase(values: &[f32], tracks: usize, batch: usize) -> Vec<Vec<f32>> {
    let size = values.len() / tracks / batch;
    let part = |phrase: usize, track: usize| &values[(track * batch + phrase) * size..][..size];
    let phrase = |phrase| (0..tracks).map(|track| part(phrase, track)).collect::<Vec<_>>().concat();
    (0..batch).into_par_iter().map(phrase).collect()
}

/// The given piece with made tracks in the places that it leaves free.
fn around(given: &Multitrack, mask: &[bool], names: &[String], made: &Multitrack) -> Multitrack {
    let steps = given.bar_lines().last().copied().unwrap_or(given.steps());
    let fitted = fit(made, given.resolution(), steps);
    let mut tracks: Vec<Track> = Vec::with_capacity(names.len());
    for (name, is_given) in names.iter().zip(mask) {
        let source = if *is_given { given } else { &fitted };
        tracks.extend(source.track(name).cloned());
    }
    let others = given.tracks().iter().filter(|t| !names.iter().any(|n| n.eq_ignore_ascii_case(&t.name)));
    tracks.extend(others.cloned());
    given.with_tracks(tracks).with_origin(made.origin().cloned())
}

/// Made music at another resolution, cut to `steps`.
fn fit(made: &Multitrack, resolution: Resolution, steps: usize) -> Multitrack {
    made.resample(resolution).padded_to(steps)
}
