//! Sets of phrases against each other: how near made music is to real music, how sure that is, and how
//! near other real music is.
//!
//! [`against`] sets made phrases beside real ones. The real phrases are divided into two halves without a
//! song in common: one is the *reference*, the other the *floor*, which is judged like the made phrases.
//! Both have the same number of phrases, as most statistics depend on it, so that made music could be no
//! better than the floor but by chance. Every number has an interval of 95 % by song.
//!
//! A phrase in which a [feature](Features) is undefined (the pitch of a silent track) is left out where
//! that feature stands alone. Where several are taken together, the reference's mean stands in for it, and
//! [`Comparison::filled`] tells how often; features that are undefined in half of the reference, or never
//! vary in it, are not taken.

mod alone;
mod closer;
mod comparison;
mod copies;
mod features;
mod set;
mod statistic;
#[cfg(test)]
mod tests;
mod together;

pub use closer::{CloserRow, closer};
pub use comparison::{Comparison, Estimate, Row};
pub use features::Features;
pub use set::SongSet;
pub use statistic::Statistic;
pub use together::{Space, points};

use super::{CellSet, MetricsError, Options as Definitions};
use crate::base::{Cancel, Progress, Seed};
use crate::music::{Multitrack, Resolution};

/// What is compared, and how surely.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Definitions of the bar-level measures.
    pub definitions: Definitions,
    /// Only these features where one stands alone: names (`bass.notes`), tracks (`bass`) or measures
    /// (`notes`); all when empty.
    pub features: Vec<String>,
    /// Which statistics.
    pub statistics: Vec<Statistic>,
    /// The neighbourhoods of precision, recall, density and coverage.
    pub neighbours: usize,
    /// Resamples of each interval.
    pub resamples: usize,
    /// Seed of halves, samples, resamples and shuffles.
    pub seed: Seed,
}

/// What the maker of the made phrases learnt from.
#[derive(Clone, Copy, Debug)]
pub enum Training<'a> {
    /// Nobody knows; there is no copy rate.
    Unknown,
    /// The real phrases themselves. Then the distances of real phrases are those to other songs.
    Real,
    /// Other phrases, of no song of the real ones.
    Other(&'a CellSet),
}

impl Default for Options {
    /// Everything, 5 neighbours, 2,000 resamples, seed 0.
    fn default() -> Self {
        Self {
            definitions: Definitions::default(),
            features: Vec::new(),
            statistics: Statistic::ALL.to_vec(),
            neighbours: 5,
            resamples: 2_000,
            seed: Seed(0),
        }
    }
}

/// Compares made phrases with real ones. `training` is what the maker learnt from, for the
/// [copy rate](Statistic::Copies).
///
/// # Errors
/// [`MetricsError::NoPhrases`] when a set is empty, [`MetricsError::Resolution`] when phrases of one set
/// have different resolutions and [`MetricsError::Resolutions`] when the two sets do,
/// [`MetricsError::OneSong`] when the real phrases are all of one song, [`MetricsError::Feature`] when a
/// feature is unknown, and [`MetricsError::Stopped`] when `cancel` is raised. A set that is too small for
/// a statistic is an error in its [`Row`].
pub fn against(
    made: &SongSet,
    real: &SongSet,
    training: Training<'_>,
    options: &Options,
    progress: &dyn Progress,
    cancel: &Cancel,
) -> Result<Comparison, MetricsError> {
    check_together(&[("made", made.phrases()), ("real", real.phrases())])?;
    let seed = options.seed;
    let [reference, floor] = real.halves(seed).ok_or(MetricsError::OneSong)?;
    let size = made.len().min(floor.len());
    let sets = Sets {
        made: made.sample(size, seed.child("against/made", 0)),
        floor: floor.sample(size, seed.child("against/floor", 0)),
        reference,
    };
    let measured = |set: &SongSet| Features::of(set.phrases(), &options.definitions, cancel);
    let judged = Judged {
        made: measured(&sets.made)?,
        floor: measured(&sets.floor)?,
        reference: measured(&sets.reference)?,
    };
    let mut rows = alone::rows(&judged, &sets, options, progress, cancel)?;
    let together = together::Joint::of(&judged);
    rows.extend(together.rows(&sets, options, cancel));
    if options.statistics.contains(&Statistic::Copies) {
        rows.extend(copies::row(&sets, real, training, options, cancel));
    }
    if cancel.is_raised() {
        return Err(MetricsError::Stopped);
    }
    Ok(Comparison {
        made: (size, sets.made.song_count()),
        reference: (sets.reference.len(), sets.reference.song_count()),
        songs_known: real.songs_known(),
        joint: together.names,
        filled: together.filled,
        rows,
    })
}

/// The statistics, or at once nothing when somebody wants it to stop: nobody sees the result then.
fn unless_stopped<const N: usize, const M: usize>(
    cancel: &Cancel,
    statistics: impl Fn([&[f64]; N]) -> [f64; M] + Sync,
) -> impl Fn([&[f64]; N]) -> [f64; M] + Sync {
    move |weights| if cancel.is_raised() { [f64::NAN; M] } else { statistics(weights) }
}

/// The phrases that are compared.
struct Sets {
    made: SongSet,
    floor: SongSet,
    reference: SongSet,
}

/// Their features.
struct Judged {
    made: Features,
    floor: Features,
    reference: Features,
}

/// Refuses empty sets and sets of several resolutions, each called by its name.
fn check_together(sets: &[(&'static str, &[Multitrack])]) -> Result<Resolution, MetricsError> {
    let mut known: Option<(&'static str, Resolution)> = None;
    for (name, phrases) in sets {
        super::check_resolutions(phrases)?;
        let found = phrases.first().ok_or(MetricsError::NoPhrases)?.resolution();
        match known {
            Some((first, expected)) if expected != found => {
                return Err(MetricsError::Resolutions {
                    first,
                    expected: expected.steps(),
                    second: name,
                    found: found.steps(),
                });
            }
            _ => known = Some((name, found)),
        }
    }
    known.map(|(_, resolution)| resolution).ok_or(MetricsError::NoPhrases)
}
