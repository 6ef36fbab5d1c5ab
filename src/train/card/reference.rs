//! The real music that a model is set beside.

use super::{Beside, TrainError, unmeasured};
use crate::base::Seed;
use crate::data::Dataset;
use crate::metrics::{CellSet, Metrics, MetricsError, Options, SetSpreads, measure_phrases, spreads};
use crate::model::ModelError;
use crate::music::{Family, Multitrack, Resolution};
use crate::train::config::Data;
use crate::train::run::load_data;

/// Phrases that are looked at at most, drawn from larger sets.
const MOST: usize = 4000;

/// Real phrases, at 12 steps a beat.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The phrases.
    pub phrases: Vec<Multitrack>,
    /// Their numbers in two halves without a song in common; absent without a song table.
    pub halves: Option<[Vec<usize>; 2]>,
    /// What the model was trained on, to find copies.
    pub training: Option<Dataset>,
}

impl Reference {
    /// The phrases of `data` in which every given track sounds, in an order that `seed` draws.
    ///
    /// # Errors
    /// [`TrainError`] when the data cannot be read or holds too few, or a given track is no family.
    pub fn load(
        data: &Data,
        given: &[String],
        training: Option<&Data>,
        seed: Seed,
    ) -> Result<Self, TrainError> {
        for name in given {
            Family::from_name(name).map_err(ModelError::from)?;
        }
        let set = load_data(data)?;
        let sounds = |index: usize| -> Result<bool, TrainError> {
            let phrase = if given.is_empty() { return Ok(true) } else { set.phrase(index)? };
            let sounds = |name: &String| phrase.track(name).is_ok_and(|track| !track.roll.is_silent());
            Ok(given.iter().all(sounds))
        };
        let kept = set.filter(sounds)?;
        if kept.is_empty() {
            let (path, names) = (data.file.display(), given.join(" and "));
            return Err(unmeasured(format!("in no phrase of `{path}` there is {names} to be given")));
        }
        let set = kept.sample(MOST, seed);
        let phrases = set.iter().map(|phrase| Ok(phrase?.resample(Resolution::MODEL)));
        let phrases = phrases.collect::<Result<_, TrainError>>()?;
        let training = training.map(load_data).transpose()?;
        Ok(Self { phrases, halves: set.halves(seed), training })
    }

    /// The phrases of each half.
    pub(super) fn half_phrases(&self) -> Option<[Vec<Multitrack>; 2]> {
        let of = |half: &Vec<usize>| half.iter().map(|i| self.phrases[*i].clone()).collect();
        self.halves.as_ref().map(|halves| halves.each_ref().map(of))
    }

    /// A figure of made music, of `real` music in the place of this, and of its halves.
    pub(super) fn beside<T>(
        &self,
        real: &[Multitrack],
        made: &[Multitrack],
        figure: impl Fn(&[Multitrack]) -> Option<T>,
    ) -> Option<Beside<T>> {
        let half = |half: &Vec<usize>| half.iter().map(|i| real[*i].clone()).collect::<Vec<_>>();
        let halves = self.halves.as_ref().map(|halves| halves.each_ref().map(half));
        let halves = halves.and_then(|[a, b]| Some([figure(&a)?, figure(&b)?]));
        Some(Beside { made: figure(made)?, real: figure(real)?, halves })
    }

    /// The same of phrases as bits.
    pub(super) fn beside_bits<T>(
        &self,
        real: &CellSet,
        made: &CellSet,
        figure: impl Fn(&CellSet) -> Option<T>,
    ) -> Option<Beside<T>> {
        let halves = self.halves.as_ref().map(|halves| halves.each_ref().map(|half| real.select(half)));
        let halves = halves.and_then(|[a, b]| Some([figure(&a)?, figure(&b)?]));
        Some(Beside { made: figure(made)?, real: figure(real)?, halves })
    }

    /// The measures of made and real music.
    pub(super) fn measured(
        &self,
        made: &[Multitrack],
        options: &Options,
    ) -> Result<Beside<Metrics>, TrainError> {
        let measured = |music: &[Multitrack]| measure_phrases(music, options).map_err(unmeasured);
        let halves = match self.half_phrases() {
            Some([a, b]) => Some([measured(&a)?, measured(&b)?]),
            None => None,
        };
        Ok(Beside { made: measured(made)?, real: measured(&self.phrases)?, halves })
    }

    /// The spreads of the measures in each half.
    pub(super) fn half_spreads(&self, options: &Options) -> Result<Option<[SetSpreads; 2]>, MetricsError> {
        match self.half_phrases() {
            Some([a, b]) => Ok(Some([spreads(&a, options)?, spreads(&b, options)?])),
            None => Ok(None),
        }
    }
}
