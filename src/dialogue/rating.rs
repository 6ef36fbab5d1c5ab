//! How typical and how good a phrase is, beside real music: ratings from 0 to 1.
//!
//! A rating is a percentile: the share of real phrases (each song counts once) that are no less strange, or
//! no nearer to the middle of real music, than this one. Ritchie, *Some empirical criteria for attributing
//! creativity to a computer program* (Minds and Machines 17, 2007), asks for such ratings and leaves them
//! open: here typicality is by all features, and value by a few measures of craft.

use super::DialogueError;
use super::corpus::Corpus;
use super::distance::Sketch;
use super::evidence::Sample;
use crate::metrics::quality;
use crate::music::Multitrack;
use crate::statistics::{mean, quantile};

/// Real phrases that a phrase is set beside.
const NEIGHBOURS: usize = 5;
/// The deviation within which nine in ten of normal numbers lie.
const USUAL: f64 = 1.645;

/// A way to tell how strange a phrase is beside real music.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangeness {
    /// Mean distance to the five nearest real phrases of other songs, by features.
    Neighbours,
    /// Distance from the middle of real music, by features.
    Centre,
    /// Share of the features that lie more than 1.645 deviations from their real means.
    Ranges,
}

impl Strangeness {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Neighbours, Self::Centre, Self::Ranges];

    /// Names and meanings, as claims offer them.
    pub const MEASURES: [(&'static str, &'static str); 3] = [
        (
            "neighbours",
            "distance to the five nearest real phrases of other songs in the space of all features",
        ),
        ("centre", "distance from the middle of real music in the space of all features"),
        ("ranges", "share of the features that are unusual, more than 1.645 real deviations off"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::MEASURES[self as usize].0
    }

    /// The one called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        let place = Self::MEASURES.iter().position(|(known, _)| *known == name)?;
        Some(Self::ALL[place])
    }

    /// How strange a phrase is; phrases of `song` are no neighbours of it.
    pub(super) fn of(self, sketch: &Sketch, corpus: &Corpus, song: Option<usize>) -> f64 {
        let size = sketch.point.len().max(1) as f64;
        match self {
            Self::Neighbours => {
                let others = corpus.sketches().iter().zip(corpus.set().songs());
                let others = others.filter(|(_, other)| Some(**other) != song);
                let distance = |other: &Sketch| super::Distance::Features.between(sketch, other);
                let mut distances: Vec<f64> = others.filter_map(|(other, _)| distance(other)).collect();
                distances.sort_unstable_by(f64::total_cmp);
                distances.truncate(NEIGHBOURS);
                mean(&distances)
            }
            Self::Centre => (sketch.point.iter().map(|x| x * x).sum::<f64>() / size).sqrt(),
            Self::Ranges => sketch.point.iter().filter(|x| x.abs() > USUAL).count() as f64 / size,
        }
    }

    /// How typical phrases are: the share of real phrases that are at least as strange.
    pub(super) fn typicality(self, sketches: &[Sketch], corpus: &Corpus) -> Vec<f64> {
        let real = Ranks::of(corpus.strange(self), corpus);
        use rayon::prelude::*;
        sketches.par_iter().map(|sketch| real.no_less(self.of(sketch, corpus, None))).collect()
    }
}

/// Measures of craft, of which a good phrase has the values that real music has.
const CRAFT: [&str; 4] =
    ["mix.in_scale_rate", "mix.off_beat_rate", "mix.polyphonic_rate", "tonal_distance.piano-bass"];

/// How a phrase is valued: by how near some measures of it lie to the middle of real music.
#[derive(Clone, Debug)]
pub(super) struct Value {
    measures: Vec<(String, f64, Ranks)>,
}

impl Value {
    /// Names and meanings, as claims offer them, beside every quality by its path.
    pub const MEASURES: [(&'static str, &'static str); 2] = [
        (
            "craft",
            "mean over scale, syncopation, polyphony and the accord of piano and bass of how near each lies to the middle of real music, as a percentile, 0 to 1",
        ),
        ("typicality", "share of real phrases that are at least as strange by all features, 0 to 1"),
    ];

    /// By `craft`, or by one quality.
    ///
    /// # Errors
    /// What is wrong with the quality's name.
    pub fn new(measure: &str, corpus: &Corpus) -> Result<Self, DialogueError> {
        let names: &[&str] = if measure == "craft" { &CRAFT } else { &[measure] };
        let of = |name: &&str| -> Result<Option<(String, f64, Ranks)>, DialogueError> {
            let phrases = corpus.set().phrases().iter();
            let values: Vec<Option<f64>> =
                phrases.map(|phrase| quality(phrase, name)).collect::<Result<_, _>>()?;
            let mut known: Vec<f64> = values.iter().copied().flatten().collect();
            if known.is_empty() {
                return Ok(None);
            }
            known.sort_unstable_by(f64::total_cmp);
            let middle = quantile(&known, 0.5);
            let off: Vec<f64> =
                values.iter().map(|value| value.map_or(f64::NAN, |value| (value - middle).abs())).collect();
            Ok(Some(((*name).to_owned(), middle, Ranks::of(&off, corpus))))
        };
        let found: Vec<_> = names.iter().map(of).collect::<Result<Vec<_>, _>>()?;
        let measures: Vec<_> = found.into_iter().flatten().collect();
        match measures.is_empty() {
            true => Err(DialogueError::Untestable(format!("no real phrase has a value for `{measure}`"))),
            false => Ok(Self { measures }),
        }
    }

    /// The value of a phrase, 0..=1; 0 where nothing of it can be measured.
    pub fn of(&self, phrase: &Multitrack) -> Result<f64, DialogueError> {
        let mut ratings = Vec::new();
        for (name, middle, ranks) in &self.measures {
            if let Some(value) = quality(phrase, name)? {
                ratings.push(ranks.no_less((value - middle).abs()));
            }
        }
        Ok(if ratings.is_empty() { 0.0 } else { mean(&ratings) })
    }
}

/// Numbers of real phrases in order, each song with the same weight.
#[derive(Clone, Debug)]
struct Ranks(Vec<(f64, f64)>);

impl Ranks {
    fn of(values: &[f64], corpus: &Corpus) -> Self {
        let songs = corpus.set().songs();
        let known = || values.iter().zip(songs).filter(|(value, _)| value.is_finite());
        let mut counts = std::collections::HashMap::new();
        known().for_each(|(_, song)| *counts.entry(*song).or_insert(0.0) += 1.0);
        let all = counts.len() as f64;
        let mut ranks: Vec<(f64, f64)> =
            known().map(|(value, song)| (*value, 1.0 / counts[song] / all)).collect();
        ranks.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut above = 0.0;
        for (_, share) in ranks.iter_mut().rev() {
            above += *share;
            *share = above;
        }
        Self(ranks)
    }

    /// Share of the songs' phrases whose number is no less.
    fn no_less(&self, value: f64) -> f64 {
        let place = self.0.partition_point(|(other, _)| *other < value);
        self.0.get(place).map_or(0.0, |(_, share)| share.min(1.0))
    }
}

/// Whether each real phrase's number is below `value`, as a sample by song.
pub(super) fn share_below(values: &[f64], value: f64, corpus: &Corpus) -> Sample {
    let below = |other: &f64| if other.is_finite() { f64::from(u8::from(*other < value)) } else { f64::NAN };
    Sample::by_song(&values.iter().map(below).collect::<Vec<_>>(), corpus.set().songs())
}
