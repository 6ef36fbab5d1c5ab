//! A model beside real music: the figures of its card, and how many of its goals it reaches.
//!
//! Every figure comes with its floor: the same figure of one half of the real phrases against the
//! other half, which has no song in common with it.

mod cells;
mod facts;
mod goals;
mod page;
mod reference;

pub use cells::{CellDistance, NEAR, share_near};
pub use facts::{Facts, TrainingRun};
pub use goals::Goal;
pub use reference::Reference;

use rayon::prelude::*;

use super::TrainError;
use crate::base::{Cancel, Seed};
use crate::data::DataError;
use crate::metrics::{CellSet, Metrics, Options, POSITIONS, drum_onsets, set, spreads};
use crate::model::config::Grid;
use crate::model::{Cells, DecodeOptions, Model, ModelError};
use crate::music::Multitrack;

/// Rounds of the permutation tests.
const ROUNDS: usize = 1000;
/// Phrases that they are made with at most: their work grows with the square.
const MOST_SHUFFLED: usize = 1000;
/// Share of real phrases that count as near copies of training phrases.
const NEAR_COPIES: f64 = 0.01;

/// A figure of the model's music, of real music, and of two halves of the real music without a song
/// in common, where there is a song table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside<T> {
    /// What the model makes.
    pub made: T,
    /// Real music.
    pub real: T,
    /// Its two halves.
    pub halves: Option<[T; 2]>,
}

/// Tonal distance of a pair of tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct PairDistance {
    /// Such as `piano-bass`.
    pub pair: String,
    /// Mean over phrases of the mean over beats in which both sound.
    pub distance: Beside<f64>,
    /// The same of made music with the second track of another phrase.
    pub made_shuffled: f64,
    /// The same of real music.
    pub real_shuffled: f64,
    /// Probability that shuffled made music lies as close as made music does.
    pub p: f64,
}

/// How near phrases come to the training phrases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Copies {
    /// Jaccard distance from the nearest training phrase, on the model's grid, that only one in a
    /// hundred real phrases is within.
    pub threshold: f64,
    /// Share of the model's phrases within it.
    pub made: f64,
    /// Share of real phrases within it.
    pub real: f64,
    /// Median distances from the nearest training phrase: made, real.
    pub medians: [f64; 2],
    /// Training phrases.
    pub training: usize,
}

/// A model's music and real music, measured alike.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Phrases: made, real.
    pub phrases: [usize; 2],
    /// Tracks that were given, and so are real ones.
    pub given: Vec<String>,
    /// The measures.
    pub metrics: Beside<Metrics>,
    /// The same with three pitches at once for a polyphonic step.
    pub dense: Beside<Metrics>,
    /// Every measure of every made track, in real standard deviations.
    pub cells: Vec<CellDistance>,
    /// Share of drum onsets by sixteenths of the bar, real ones on the model's grid; undefined where
    /// drums are given or there are none.
    pub onsets: Option<Beside<[f64; POSITIONS]>>,
    /// Tonal distances of the pairs of tracks of which one is made.
    pub pairs: Vec<PairDistance>,
    /// Mean Jaccard distance of two phrases in the made tracks on the model's grid: the diversity.
    pub diversity: Option<Beside<f64>>,
    /// Near copies, where training phrases were given.
    pub copies: Option<Copies>,
}

/// What to compare with, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareOptions {
    /// Tracks of real phrases that an accompanying model is given; none to compose from scratch.
    pub given: Vec<String>,
    /// Phrases that the model makes.
    pub count: usize,
    /// How the model's probabilities become music.
    pub decoding: DecodeOptions,
    /// Of latents, shuffles and samples.
    pub seed: Seed,
}

impl Comparison {
    /// Draws phrases from scratch, or around the given tracks of real phrases in turn, and sets them
    /// beside the real ones.
    ///
    /// # Errors
    /// [`TrainError`] when the model cannot answer.
    pub fn of(
        model: &Model,
        reference: &Reference,
        options: &CompareOptions,
        cancel: &Cancel,
    ) -> Result<Self, TrainError> {
        let seed = |i: usize| options.seed.child("card", i as u64);
        let made = if options.given.is_empty() {
            let latents: Vec<_> = (0..options.count).map(|i| model.latent(seed(i))).collect();
            model.decode(&latents, &options.decoding, cancel)?
        } else {
            let phrases = &reference.phrases;
            let answer = |i: usize| -> Result<Multitrack, TrainError> {
                let given = phrases[i % phrases.len()].only(&options.given).map_err(ModelError::from)?;
                let made = model.accompany(&given, &[model.latent(seed(i))], &options.decoding, cancel)?;
                made.into_iter().next().ok_or_else(|| unmeasured("the model gave no answer"))
            };
            (0..options.count).into_par_iter().map(answer).collect::<Result<_, _>>()?
        };
        Self::of_music(&made, reference, &model.architecture().grid, &options.given, options.seed)
    }

    /// Sets phrases beside real ones, as music of `grid` of which the tracks of `given` are real.
    ///
    /// # Errors
    /// [`TrainError::Samples`] when either has no phrases, or of different resolutions.
    pub fn of_music(
        made: &[Multitrack],
        reference: &Reference,
        grid: &Grid,
        given: &[String],
        seed: Seed,
    ) -> Result<Self, TrainError> {
        let is_given = |name: &str| given.iter().any(|given| given.eq_ignore_ascii_case(name));
        let tracks: Vec<String> = grid.tracks.iter().filter(|name| !is_given(name)).cloned().collect();
        let on_grid: Vec<Multitrack> =
            reference.phrases.par_iter().map(|real| Cells::from_music(grid, real).to_music(grid)).collect();
        let plain = Options::default();
        let [real, quantized] = [&reference.phrases, &on_grid].map(|music| spreads(music, &plain));
        let cells = cells::distances(
            &tracks,
            &spreads(made, &plain).map_err(unmeasured)?,
            &real.map_err(unmeasured)?,
            &quantized.map_err(unmeasured)?,
            reference.half_spreads(&plain).map_err(unmeasured)?.as_ref(),
        );
        let bits =
            |music: &[Multitrack]| CellSet::new(&tracks, grid.beats(), grid.subdivisions()).with(music);
        let [made_bits, real_bits] = [made, &reference.phrases].map(bits);
        Ok(Self {
            phrases: [made.len(), reference.phrases.len()],
            given: given.to_vec(),
            metrics: reference.measured(made, &plain)?,
            dense: reference.measured(made, &Options { min_pitches: 3, ..plain.clone() })?,
            cells,
            onsets: reference.beside(&on_grid, made, drum_onsets).filter(|_| {
                tracks.iter().any(|name| made.iter().any(|m| m.track(name).is_ok_and(|t| t.is_drum)))
            }),
            pairs: pairs(made, reference, &tracks, seed)?,
            diversity: reference.beside_bits(&real_bits, &made_bits, |set| set.mean_distance(seed)),
            copies: copies(&made_bits, &real_bits, reference)?,
        })
    }

    /// For given tracks: the probability of each made track being as near to another phrase's given
    /// track as to its own, by track; the largest where several are given.
    pub fn follows(&self) -> Vec<(String, f64)> {
        let is_given = |name: &str| self.given.iter().any(|given| given.eq_ignore_ascii_case(name));
        let mut follows: Vec<(String, f64)> = Vec::new();
        for PairDistance { pair, p, .. } in &self.pairs {
            let Some((a, b)) = pair.split_once('-') else { continue };
            let made = match (is_given(a), is_given(b)) {
                (true, false) => b,
                (false, true) => a,
                _ => continue,
            };
            match follows.iter_mut().find(|(name, _)| name == made) {
                Some((_, most)) => *most = most.max(*p),
                None => follows.push((made.to_owned(), *p)),
            }
        }
        follows
    }
}

/// Measures that cannot be taken.
fn unmeasured(error: impl ToString) -> TrainError {
    TrainError::Samples(error.to_string())
}

/// The tonal distances of the pairs of which one track is made.
fn pairs(
    made: &[Multitrack],
    reference: &Reference,
    tracks: &[String],
    seed: Seed,
) -> Result<Vec<PairDistance>, TrainError> {
    let few = |music: &[Multitrack]| music[..music.len().min(MOST_SHUFFLED)].to_vec();
    let (made, real) = (few(made), few(&reference.phrases));
    let halves = reference.half_phrases().map(|halves| halves.map(|half| few(&half)));
    let test = |music: &[Multitrack], a: &str, b: &str, rounds: usize| {
        set::tonal_agreement_of(music, a, b, seed, rounds).map_err(unmeasured)
    };
    let mut pairs = Vec::new();
    let names: Vec<String> = made
        .first()
        .map(|song| song.tracks().iter().filter(|t| !t.is_drum).map(|t| t.name.to_string()).collect())
        .unwrap_or_default();
    for (at, a) in names.iter().enumerate() {
        for b in &names[at + 1..] {
            let has = |song: &Multitrack| song.track(a).is_ok() && song.track(b).is_ok();
            if !(tracks.contains(a) || tracks.contains(b)) || !real.iter().all(has) {
                continue;
            }
            let (own, other) = (test(&made, a, b, ROUNDS)?, test(&real, a, b, ROUNDS)?);
            let (Some(own), Some(other)) = (own, other) else { continue };
            let halves = match &halves {
                Some([x, y]) => {
                    test(x, a, b, 1)?.zip(test(y, a, b, 1)?).map(|(x, y)| [x.observed, y.observed])
                }
                None => None,
            };
            pairs.push(PairDistance {
                pair: format!("{a}-{b}"),
                distance: Beside { made: own.observed, real: other.observed, halves },
                made_shuffled: own.shuffled_mean,
                real_shuffled: other.shuffled_mean,
                p: own.p,
            });
        }
    }
    Ok(pairs)
}

/// How near the phrases of each set come to the training phrases, in the tracks that the sets have.
fn copies(made: &CellSet, real: &CellSet, reference: &Reference) -> Result<Option<Copies>, DataError> {
    let Some(training) = &reference.training else { return Ok(None) };
    let mut library = made.select(&[]);
    library.extend(training.len(), |i| training.phrase(i))?;
    Ok(copies_of(made, real, &library))
}

fn copies_of(made: &CellSet, real: &CellSet, library: &CellSet) -> Option<Copies> {
    let distances = |set: &CellSet| -> Vec<f64> {
        let mut all: Vec<f64> =
            set.nearest_in(library).into_iter().flatten().map(|nearest| nearest.distance).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let (made, real) = (distances(made), distances(real));
    // The nearest rank.
    let at = |sorted: &[f64], share: f64| {
        sorted.get(((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1)).copied()
    };
    let threshold = at(&real, NEAR_COPIES)?;
    let within = |sorted: &[f64]| {
        sorted.partition_point(|distance| *distance <= threshold) as f64 / sorted.len().max(1) as f64
    };
    Some(Copies {
        threshold,
        made: within(&made),
        real: within(&real),
        medians: [at(&made, 0.5)?, at(&real, 0.5)?],
        training: library.len(),
    })
}
