//! Measures of whole pieces: entropies, key, groove, harmony, structure, and the nine features by which
//! Yang and Lerch compare sets.
//!
//! [`features`] gives them for each track and for the mix. They come from four places, named beside each
//! in the [catalogue](crate::metrics::catalogue): Yang and Lerch, *On the evaluation of generative models
//! in music* (2020); Dong, Chen, McAuley and Berg-Kirkpatrick, *MusPy* (2020); Wu and Yang, *The Jazz
//! Transformer on the front line* (2020); Müller, Jiang and Grosche, *A robust fitness measure for
//! capturing repetitions in music recordings* (2013).
//!
//! Unlike in the bar-level measures, notes are not cut at bar lines. The *mix* of a piece pools the notes
//! of its pitched tracks; what is about time alone (empty beats and bars, groove) counts its drums too.
//! A drum track has no pitches, so nothing that is about them is defined for it.

mod chords;
mod drums;
mod features;
mod groove;
mod key;
mod lengths;
mod part;
mod pitches;
mod rest;
mod structure;
mod sums;
mod windows;

use std::convert::Infallible;
use std::fmt;

use rayon::prelude::*;

pub use features::{FeatureValue, Features, Histogram, Transitions};
pub use key::Key;
pub use lengths::NOTE_LENGTHS;
pub use structure::LEAST_BARS;
pub use sums::FeatureSums;

use super::grid::{self, cell};
use super::{MetricsError, check_resolutions};
use crate::base::Cancel;
use crate::music::{Multitrack, Resolution, Scale, Track};
use part::Part;

/// The features of a piece, or their means over a set of pieces.
#[derive(Clone, Debug, PartialEq)]
pub struct PieceMetrics {
    /// Number of pieces.
    pub pieces: usize,
    /// Number of bars.
    pub bars: usize,
    /// Steps per beat.
    pub resolution: Resolution,
    /// Each track by name, in the piece's order.
    pub tracks: Vec<(String, Features)>,
    /// All tracks together: the notes of the pitched ones, and the rhythm of all.
    pub mix: Features,
}

impl PieceMetrics {
    /// The features of the track called `name` in any case, or of the `mix`.
    pub fn track(&self, name: &str) -> Option<&Features> {
        let found = self.tracks.iter().find(|(track, _)| track.eq_ignore_ascii_case(name));
        found.map(|(_, features)| features).or_else(|| (name == "mix").then_some(&self.mix))
    }

    /// Every number by its path, such as `piano.pitch_class_entropy` or `mix.groove_consistency`.
    pub fn figures(&self) -> Vec<(String, Option<f64>)> {
        let mix = ("mix".to_owned(), self.mix.clone());
        let of_track = |(track, features): &(String, Features)| {
            let named = Features::NAMES.iter().zip(features.values());
            named.map(|(name, value)| (format!("{track}.{name}"), value)).collect::<Vec<_>>()
        };
        self.tracks.iter().chain([&mix]).flat_map(of_track).collect()
    }
}

impl fmt::Display for PieceMetrics {
    /// A table of features by tracks, with `–` where a value is undefined; shares are left out.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let tracks = self.tracks.iter().map(|(name, features)| (name.as_str(), features));
        let parts: Vec<(&str, &Features)> = tracks.chain([("mix", &self.mix)]).collect();
        let title = match self.pieces {
            1 => format!("{} bars", self.bars),
            pieces => format!("{pieces} pieces"),
        };
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        let row = |(row, name): (usize, &&'static str)| {
            (*name, parts.iter().map(|(_, features)| cell(features.values()[row])).collect())
        };
        let key = |features: &Features| features.best_key.map_or("–".to_owned(), |key| key.to_string());
        let keys = ("best_key", parts.iter().map(|(_, features)| key(features)).collect());
        let rows = Features::NAMES.iter().enumerate().map(row).chain([keys]);
        grid::write(f, &title, &names, rows)
    }
}

/// The features of a piece. `scale` is that of `pitch_in_scale_rate`.
pub fn features(piece: &Multitrack, scale: &Scale) -> PieceMetrics {
    let Ok(found) = of_parts::<Infallible>(piece, |part| Ok(Features::of(part, scale)));
    found
}

/// The same unless `cancel` is raised before it is done.
///
/// # Errors
/// [`MetricsError::Stopped`] then.
pub fn features_until(
    cancel: &Cancel,
    piece: &Multitrack,
    scale: &Scale,
) -> Result<PieceMetrics, MetricsError> {
    of_parts(piece, |part| match cancel.is_raised() {
        true => Err(MetricsError::Stopped),
        false => Ok(Features::of(part, scale)),
    })
}

/// What `of` finds in each track and in the mix.
fn of_parts<E>(piece: &Multitrack, of: impl Fn(&Part) -> Result<Features, E>) -> Result<PieceMetrics, E> {
    let piece = piece.with_distinct_names();
    let lines = piece.bar_lines();
    let of_track = |track: &Track| Ok((track.name.to_string(), of(&Part::of_track(&piece, track, &lines))?));
    Ok(PieceMetrics {
        pieces: 1,
        bars: lines.len() - 1,
        resolution: piece.resolution(),
        tracks: piece.tracks().iter().map(of_track).collect::<Result<_, E>>()?,
        mix: of(&Part::of_mix(&piece, &lines))?,
    })
}

/// The means of the features of several pieces, each piece with the same weight; tracks are pooled by
/// name. A feature counts in the pieces in which it is defined.
///
/// # Errors
/// [`MetricsError::NoPhrases`] when there are none, [`MetricsError::Resolution`] when one has another
/// resolution than the first.
pub fn mean_features(pieces: &[Multitrack], scale: &Scale) -> Result<PieceMetrics, MetricsError> {
    mean_features_until(&Cancel::new(), pieces, scale)
}

/// The same unless `cancel` is raised before it is done.
///
/// # Errors
/// [`MetricsError::Stopped`] then; otherwise as [`mean_features`].
pub fn mean_features_until(
    cancel: &Cancel,
    pieces: &[Multitrack],
    scale: &Scale,
) -> Result<PieceMetrics, MetricsError> {
    let first = pieces.first().ok_or(MetricsError::NoPhrases)?;
    check_resolutions(pieces)?;
    let measured = |piece: &Multitrack| features_until(cancel, piece, scale);
    let each: Vec<PieceMetrics> = pieces.par_iter().map(measured).collect::<Result<_, _>>()?;
    let mut sums = FeatureSums::new(first.resolution());
    each.iter().for_each(|features| sums.count(features));
    Ok(sums.finish())
}
