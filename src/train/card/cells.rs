//! Every measure of every track, as a distance in real standard deviations.

use crate::metrics::{SetSpreads, Spread, TrackMetrics};

/// The distance within which a mean counts as near, in real standard deviations.
pub const NEAR: f64 = 0.25;

/// How far the mean of one measure of one track lies from real.
///
/// Distances are in standard deviations of the real set over the bars in which the measure is defined;
/// infinite where the made track never has the measure or a measure that never varies is missed.
#[derive(Clone, Debug, PartialEq)]
pub struct CellDistance {
    /// The track.
    pub track: String,
    /// The measure, one of [`TrackMetrics::NAMES`].
    pub measure: &'static str,
    /// Mean in the made music, where it is defined.
    pub made: Option<f64>,
    /// Mean and spread in real music.
    pub real: Spread,
    /// Distance of the means.
    pub distance: f64,
    /// The same in standard deviations over phrases of each phrase's mean, which are smaller.
    pub in_phrases: f64,
    /// The distance from real music on the model's grid.
    pub on_grid: f64,
    /// The means of the two halves of the real music, where both have it.
    pub halves: Option<[f64; 2]>,
    /// The distance of the two.
    pub floor: Option<f64>,
}

/// Share of cells that are near by `distance`.
pub fn share_near(cells: &[CellDistance], distance: impl Fn(&CellDistance) -> f64) -> f64 {
    cells.iter().filter(|cell| distance(cell) <= NEAR).count() as f64 / cells.len().max(1) as f64
}

/// The distances of every measure that real music has in the named tracks.
pub(super) fn distances(
    tracks: &[String],
    made: &SetSpreads,
    real: &SetSpreads,
    on_grid: &SetSpreads,
    halves: Option<&[SetSpreads; 2]>,
) -> Vec<CellDistance> {
    let find = |set: &SetSpreads, track: &str, measure: usize| -> Option<Spread> {
        set.iter().find(|(name, _)| name.eq_ignore_ascii_case(track))?.1[measure]
    };
    let mut cells = Vec::new();
    for track in tracks {
        for (place, measure) in TrackMetrics::NAMES.into_iter().enumerate() {
            let Some(real) = find(real, track, place) else { continue };
            let mean = find(made, track, place).map(|spread| spread.mean);
            let from = |spread: Spread, deviation: f64| {
                mean.map_or(f64::INFINITY, |mean| spread.distance(mean, deviation))
            };
            let halves = halves.and_then(|[a, b]| Some([find(a, track, place)?, find(b, track, place)?]));
            cells.push(CellDistance {
                track: track.clone(),
                measure,
                made: mean,
                distance: from(real, real.of_bars),
                in_phrases: from(real, real.of_phrases),
                on_grid: find(on_grid, track, place).map_or(f64::INFINITY, |grid| from(grid, grid.of_bars)),
                real,
                halves: halves.map(|halves| halves.map(|half| half.mean)),
                floor: halves.map(|[a, b]| a.distance(b.mean, real.of_bars)),
            });
        }
    }
    cells
}
