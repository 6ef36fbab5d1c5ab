//! Objective measures of music: per track, per pair of tracks, and between sets.
//!
//! [`measure`] judges one piece and [`measure_phrases`] a set, bar by bar. The definitions are those
//! of Dong, Hsiao, Yang and Yang, *MuseGAN* (AAAI 2018), done right where the published code departs
//! from its text: chroma folds octaves, drum patterns count onsets, and silence is undefined rather
//! than zero or not-a-number. Other [families](MetricFamily) of definitions compute what the published
//! code does, to be compared with the published tables. [`set`] compares pieces with each other.
//! [`features`] measures whole pieces; [`evaluate`] is the evaluator that users of the published code know; the
//! [`catalogue`] says of every measure what it means.
//!
//! A *note* begins at an onset and lasts while its pitch sounds without another onset. It is cut at
//! bar lines: what runs over one counts again in the next bar. So two touching notes of one pitch are
//! two notes; in music from one-plane files, which cannot tell them apart, a note is a maximal run.
//!
//! Depends on `base`, `music` and `statistics`.

mod accumulator;
pub mod against;
mod agreement;
mod bar;
mod batch;
pub mod catalogue;
mod error;
pub mod evaluate;
mod family;
mod grid;
mod nearest;
mod pairs;
mod percentiles;
mod piece;
mod quality;
mod report;
mod rhythm;
pub mod set;
mod spread;
mod tonal;

use rayon::prelude::*;

pub use accumulator::Accumulator;
pub use agreement::{Agreement, Sixteenths};
pub use error::MetricsError;
pub use family::MetricFamily;
pub use nearest::{CellSet, Nearest};
pub use pairs::measure_pair_bars;
pub use percentiles::percentiles;
pub use piece::{
    FeatureSums, FeatureValue, Features, Histogram, Key, LEAST_BARS, NOTE_LENGTHS, PieceMetrics, Transitions,
    features, features_until, mean_features, mean_features_until,
};
pub use quality::{qualities, quality};
pub use report::{Metrics, TrackMetrics};
pub use rhythm::{POSITIONS, drum_onsets, histogram_distance};
pub use spread::{SetSpreads, Spread, TrackSpreads, spreads};
pub use tonal::{join_distance, tonal_distance_between};

use crate::base::Cancel;
use crate::music::{Multitrack, Scale};

/// Definitions and thresholds of the measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Whose definitions. The papers' families measure all music at 24 steps a beat (96 a bar of 4/4), the
    /// last release's at 12.
    pub family: MetricFamily,
    /// Shortest note that is *qualified*, in steps of the roll as it is measured. The programs of 2018
    /// use 2, the text of the paper says 3 (of 96 steps a bar): a thirty-second. Music of 12 steps a
    /// beat has 24 for the papers' families, each step twice, so there only 3 and more tell anything.
    pub min_note: usize,
    /// Fewest pitches at once that make a step *polyphonic*. 2 in the first releases; 3 in the later
    /// one and in Dong and Yang, *Convolutional generative adversarial networks with binary neurons*
    /// (ISMIR 2018).
    pub min_pitches: u32,
    /// Scale of the in-scale rate.
    pub scale: Scale,
    /// Weight in 0..=1 of a drum onset next to a sixteenth of the grid; one on the grid weighs 1.
    pub drum_tolerance: f64,
}

impl Default for Options {
    /// The exact definitions, two steps, two pitches, C major, 0.1.
    fn default() -> Self {
        Self::of(MetricFamily::Exact)
    }
}

impl Options {
    /// A family with its own thresholds: two steps, two pitches (three in [`MetricFamily::PaperSrc`]), C
    /// major, and for drums 0.1, or 0.3 in [`MetricFamily::Paper`].
    pub fn of(family: MetricFamily) -> Self {
        let (min_pitches, drum_tolerance) = (family.min_pitches(), family.drum_tolerance());
        Self { family, min_note: 2, min_pitches, scale: Scale::c_major(), drum_tolerance }
    }
}

/// Measures one piece.
pub fn measure(piece: &Multitrack, options: &Options) -> Metrics {
    let mut sums = Accumulator::new(options, piece.resolution());
    sums.count(piece);
    sums.finish()
}

/// Measures a set of phrases as if they were one long piece, except that no note crosses from one
/// phrase into the next. Tracks are pooled by name.
///
/// # Errors
/// [`MetricsError::NoPhrases`] when there are none, [`MetricsError::Resolution`] when one has another
/// resolution than the first.
pub fn measure_phrases(phrases: &[Multitrack], options: &Options) -> Result<Metrics, MetricsError> {
    measure_phrases_until(&Cancel::new(), phrases, options)
}

/// The same unless `cancel` is raised before it is done.
///
/// # Errors
/// [`MetricsError::Stopped`] then; otherwise as [`measure_phrases`].
pub fn measure_phrases_until(
    cancel: &Cancel,
    phrases: &[Multitrack],
    options: &Options,
) -> Result<Metrics, MetricsError> {
    /// Phrases a thread takes at once. Fixed, so that sums are rounded alike on every machine.
    const CHUNK: usize = 64;
    let first = phrases.first().ok_or(MetricsError::NoPhrases)?;
    check_resolutions(phrases)?;
    let parts: Vec<Accumulator> = phrases
        .par_chunks(CHUNK)
        .map(|chunk| {
            let mut sums = Accumulator::new(options, first.resolution());
            for phrase in chunk {
                if cancel.is_raised() {
                    return Err(MetricsError::Stopped);
                }
                sums.count(phrase);
            }
            Ok(sums)
        })
        .collect::<Result<_, _>>()?;
    let mut sums = Accumulator::new(options, first.resolution());
    for part in parts {
        sums.merge(part)?;
    }
    Ok(sums.finish())
}

/// The measures of every bar: `[track][bar]`, tracks in the piece's order. In a single bar
/// `empty_bar_rate` is 0 or 1, and a silent bar has no other value.
pub fn measure_bars(piece: &Multitrack, options: &Options) -> Vec<Vec<TrackMetrics>> {
    let rule = bar::Rule::new(options, piece.resolution());
    let piece = options.family.view(piece);
    let lines = piece.bar_lines();
    let bars = |track: &crate::music::Track| {
        lines
            .windows(2)
            .map(|line| rule.measure(track.roll.cells(), line[0]..line[1], track.is_drum))
            .collect()
    };
    piece.tracks().iter().map(bars).collect()
}

/// Refuses phrases whose steps are not all equally long.
fn check_resolutions(phrases: &[Multitrack]) -> Result<(), MetricsError> {
    let Some(expected) = phrases.first().map(Multitrack::resolution) else { return Ok(()) };
    match phrases.iter().position(|phrase| phrase.resolution() != expected) {
        Some(index) => Err(MetricsError::Resolution {
            index,
            found: phrases[index].resolution().steps(),
            expected: expected.steps(),
        }),
        None => Ok(()),
    }
}
