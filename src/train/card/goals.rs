//! What a model's music should reach, and whether it does.

use super::{CellDistance, Comparison, NEAR, PairDistance, share_near};
use crate::metrics::histogram_distance;

/// Share of cells that should be near.
const CELLS: f64 = 0.8;
/// Points by which shares of empty bars may differ.
const EMPTY: f64 = 0.03;
/// Distance by which histograms of drum onsets may differ.
const ONSETS: f64 = 0.1;
/// Share by which diversities may differ.
const DIVERSITY: f64 = 0.1;

/// One goal, and how near to it a model comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// What is measured.
    pub name: String,
    /// Whether at least `wanted` is asked for, rather than at most.
    pub at_least: bool,
    /// The bound.
    pub wanted: f64,
    /// What the model's music reaches.
    pub made: f64,
    /// What one half of the real music reaches against the other; absent where there are no halves.
    pub floor: Option<f64>,
}

impl Goal {
    /// Whether the model reaches it.
    pub fn is_met(&self) -> bool {
        self.holds(self.made)
    }

    /// Whether a figure would do.
    pub fn holds(&self, figure: f64) -> bool {
        if self.at_least { figure >= self.wanted } else { figure <= self.wanted }
    }
}

impl Comparison {
    /// The goals that the tracks and data at hand allow to judge:
    ///
    /// * of every measure of every made track, the share (%) whose mean lies within 0.25 standard
    ///   deviations of the real bars from the real mean: at least 80;
    /// * the largest difference of shares of empty bars of a track: at most 3 points;
    /// * the sum of differences of the shares of drum onsets in the sixteen parts of a bar, real ones
    ///   on the model's grid: at most 0.1;
    /// * the share (%) of pairs of tracks whose tonal distance is no farther from the real one than that
    ///   of shuffled real pairs: 100;
    /// * the share (%) of phrases nearer to a training phrase than all but one in a hundred real
    ///   phrases are: at most that of the real ones;
    /// * the difference (%) of the mean distance of two phrases from the real one: at most 10.
    pub fn goals(&self) -> Vec<Goal> {
        let goals = [
            self.near_measures(),
            self.empty_bars(),
            self.drum_onsets(),
            self.agreeing_pairs(),
            self.few_copies(),
            self.as_diverse(),
        ];
        goals.into_iter().flatten().collect()
    }

    fn near_measures(&self) -> Option<Goal> {
        let percent = |distance: &dyn Fn(&CellDistance) -> f64| 100.0 * share_near(&self.cells, distance);
        let has_floor = self.cells.iter().any(|cell| cell.floor.is_some());
        (!self.cells.is_empty()).then(|| Goal {
            name: format!("measures within {NEAR} SD (%)"),
            at_least: true,
            wanted: 100.0 * CELLS,
            made: percent(&|cell| cell.distance),
            floor: has_floor.then(|| percent(&|cell| cell.floor.unwrap_or(f64::INFINITY))),
        })
    }

    fn empty_bars(&self) -> Option<Goal> {
        let worst = |difference: &dyn Fn(&CellDistance) -> Option<f64>| {
            let tracks = self.cells.iter().filter(|cell| cell.measure == "empty_bar_rate");
            Some(100.0 * tracks.filter_map(difference).reduce(f64::max)?)
        };
        Some(Goal {
            name: "empty bars, worst track (points)".to_owned(),
            at_least: false,
            wanted: 100.0 * EMPTY,
            made: worst(&|cell| Some((cell.made? - cell.real.mean).abs()))?,
            floor: worst(&|cell| cell.halves.map(|[a, b]| (a - b).abs())),
        })
    }

    fn drum_onsets(&self) -> Option<Goal> {
        let onsets = self.onsets.as_ref()?;
        Some(Goal {
            name: "drum onsets over the bar (L1)".to_owned(),
            at_least: false,
            wanted: ONSETS,
            made: histogram_distance(&onsets.made, &onsets.real),
            floor: onsets.halves.as_ref().map(|[a, b]| histogram_distance(a, b)),
        })
    }

    fn agreeing_pairs(&self) -> Option<Goal> {
        let percent = |agrees: &dyn Fn(&PairDistance) -> bool| {
            100.0 * self.pairs.iter().filter(|pair| agrees(pair)).count() as f64 / self.pairs.len() as f64
        };
        let has_floor = self.pairs.iter().any(|pair| pair.distance.halves.is_some());
        let halves = |pair: &PairDistance| pair.distance.halves.is_some_and(|[a, b]| pair.agrees(a, b));
        (!self.pairs.is_empty()).then(|| Goal {
            name: "pairs of tracks as near to real as shuffled ones (%)".to_owned(),
            at_least: true,
            wanted: 100.0,
            made: percent(&|pair| pair.agrees(pair.distance.made, pair.distance.real)),
            floor: has_floor.then(|| percent(&halves)),
        })
    }

    fn few_copies(&self) -> Option<Goal> {
        let copies = self.copies?;
        Some(Goal {
            name: "near copies of training phrases (%)".to_owned(),
            at_least: false,
            wanted: 100.0 * copies.real,
            made: 100.0 * copies.made,
            floor: None,
        })
    }

    fn as_diverse(&self) -> Option<Goal> {
        let diversity = self.diversity?;
        let difference = |a: f64, b: f64| 100.0 * (a / b - 1.0).abs();
        Some(Goal {
            name: "diversity, difference (%)".to_owned(),
            at_least: false,
            wanted: 100.0 * DIVERSITY,
            made: difference(diversity.made, diversity.real),
            floor: diversity.halves.map(|[a, b]| difference(a, b)),
        })
    }
}

impl PairDistance {
    /// Whether a tonal distance is no farther from a real one than that of shuffled real pairs is.
    pub fn agrees(&self, distance: f64, real: f64) -> bool {
        (distance - real).abs() <= (self.real_shuffled - real).abs()
    }
}
