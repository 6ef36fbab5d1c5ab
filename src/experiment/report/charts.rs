//! The charts of a comparison.

use super::numbers::number;
use crate::metrics::against::{Comparison, Estimate, Features, Row, Statistic};
use crate::metrics::{Features as PieceFeatures, TrackMetrics};
use crate::statistics::{StatisticsError, densities};
use crate::view::chart::{CellTexts, Chart, Plot, Point, Sample, Series, Spread};

/// What made and real music are called.
const MADE: &str = "made";
const REAL: &str = "real";
/// Shifts beyond this have the strongest colour.
const STRONGEST: f64 = 2.0;

/// The shifts of the bar-level measures: measures by tracks, made above, other real music below. `None`
/// without any.
pub(super) fn shifts(comparison: &Comparison) -> Option<Chart> {
    let chart = matrix(comparison, Statistic::Shift, &TrackMetrics::NAMES)?;
    let title = "Shift from real music (in real standard deviations; the darker, the farther)";
    Some(Chart { title: title.to_owned(), ..chart })
}

/// The overlap areas of the nine features: features by tracks, made above, other real music below.
pub(super) fn overlaps(comparison: &Comparison) -> Option<Chart> {
    let chart = matrix(comparison, Statistic::Overlap, &PieceFeatures::YANG_LERCH)?;
    let title = "Overlap area with real music (0 to 1; the darker, the better)";
    Some(Chart { title: title.to_owned(), ..chart })
}

/// A statistic of some measures by tracks.
fn matrix(comparison: &Comparison, statistic: Statistic, measures: &[&str]) -> Option<Chart> {
    let parts = |row: &Row| {
        let (track, measure) = row.feature.as_deref()?.split_once('.')?;
        measures.contains(&measure).then(|| (track.to_owned(), measure.to_owned()))
    };
    let mut tracks: Vec<String> = Vec::new();
    for (track, _) in comparison.of(statistic).filter_map(parts) {
        if !tracks.contains(&track) {
            tracks.push(track);
        }
    }
    // The mix stands last.
    tracks.sort_by_key(|track| track == "mix");
    type Side = fn(&Row) -> &Result<Estimate, StatisticsError>;
    let sides: [(&str, Side); 2] = [(MADE, |row| &row.made), (REAL, |row| &row.floor)];
    let (mut rows, mut cells, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for (name, side) in sides {
        if !rows.is_empty() {
            rows.push(String::new());
            cells.push(Vec::new());
            texts.push(Vec::new());
        }
        for measure in measures {
            let values: Vec<Option<f64>> = tracks
                .iter()
                .map(|track| {
                    let row = comparison.row(statistic, Some(&format!("{track}.{measure}")))?;
                    Some(side(row).as_ref().ok()?.value)
                })
                .collect();
            if values.iter().all(Option::is_none) {
                continue;
            }
            rows.push(format!("{}: {}", name, measure.replace('_', " ")));
            texts.push(values.iter().map(|value| value.map_or(String::new(), short)).collect());
            cells.push(values.into_iter().map(|x| x.map(|x| x.clamp(-STRONGEST, STRONGEST))).collect());
        }
    }
    let height = 200 + 42 * rows.len() as u32;
    let plot = Plot::Heat {
        rows,
        columns: tracks.clone(),
        cells,
        texts: Some(CellTexts { colours: statistic.name().to_owned(), texts }),
    };
    let chart = Chart { size: (1200, height), ..Chart::new("", "track", "measure", plot) };
    (!tracks.is_empty()).then_some(chart)
}

/// Two digits after the point.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// The statistics between 0 and about 1, with their intervals.
pub(super) fn together(comparison: &Comparison) -> Option<Chart> {
    let shown: Vec<&Row> = [
        Statistic::Precision,
        Statistic::Recall,
        Statistic::Density,
        Statistic::Coverage,
        Statistic::Classifier,
        Statistic::Copies,
    ]
    .iter()
    .filter_map(|statistic| comparison.row(*statistic, None))
    .filter(|row| row.made.is_ok() && row.floor.is_ok())
    .collect();
    let points = |side: fn(&Row) -> &Result<Estimate, StatisticsError>| {
        let point = |(place, row): (usize, &&Row)| {
            let estimate = side(row).as_ref().ok()?;
            let (low, high) = estimate.interval.map_or((estimate.value, estimate.value), |i| (i.low, i.high));
            Some(Point { x: place as f64, mean: estimate.value, low, high })
        };
        shown.iter().enumerate().filter_map(point).collect()
    };
    let series = vec![
        Series { name: MADE.to_owned(), points: points(|row| &row.made) },
        Series { name: REAL.to_owned(), points: points(|row| &row.floor) },
    ];
    let categories = shown.iter().map(|row| row.statistic.name().to_owned()).collect();
    let title = "All features together, with 95 % by song";
    let plot = Plot::Bars { categories, series };
    (!shown.is_empty())
        .then(|| Chart::new(title, "statistic", "value (see the table for what is good)", plot))
}

/// How the notes in a bar are spread, track by track.
pub(super) fn notes(made: &Features, real: &Features) -> Option<Chart> {
    let mut samples = Vec::new();
    for name in real.names().iter().filter(|name| name.ends_with(".notes")) {
        let track = name.trim_end_matches(".notes");
        for (side, features) in [(MADE, made), (REAL, real)] {
            let values: Vec<f64> = features.defined(name).1.into_iter().map(|point| point[0]).collect();
            samples.push(Sample { name: format!("{track} {side}"), values });
        }
    }
    let title = "Notes in a bar that is not empty, a value a phrase";
    (!samples.is_empty()).then(|| Chart::new(title, "track", "notes in a bar", Plot::Boxes { samples }))
}

/// The spread of the feature that is shifted most, and its name.
pub(super) fn most_shifted(
    comparison: &Comparison,
    made: &Features,
    real: &Features,
) -> Option<(String, Chart)> {
    let size = |row: &&Row| row.made.as_ref().map_or(0.0, |estimate| estimate.value.abs());
    let row = comparison.of(Statistic::Shift).max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let name = row.feature.as_deref()?;
    let sample = |side: &str, features: &Features| Sample {
        name: side.to_owned(),
        values: features.defined(name).1.into_iter().map(|point| point[0]).collect(),
    };
    let samples = vec![sample(MADE, made), sample(REAL, real)];
    let shift = row.made.as_ref().ok()?.value;
    let title = format!("The most shifted feature, {name}: {} deviations", number(shift));
    let chart = Chart::new(&title, name, "share of phrases", Plot::Histogram { samples, bins: 24 });
    Some((name.to_owned(), chart))
}

/// How the distances of a feature are spread within and between the sets.
pub(super) fn distances(name: &str, made: &Features, real: &Features) -> Option<Chart> {
    let found = densities(&made.defined(name).1, &real.defined(name).1).ok()?;
    let series = |called: &str, values: &[f64]| Series {
        name: called.to_owned(),
        points: found
            .places
            .iter()
            .zip(values)
            // The smooth curves reach a little below a distance of 0, which there is not.
            .filter(|(x, _)| **x >= 0.0)
            .map(|(x, y)| Point::new(*x, *y))
            .collect(),
    };
    let series = vec![
        series("within made", &found.made),
        series("within real", &found.real),
        series("made to real", &found.between),
    ];
    let plot = Plot::Lines { series, categories: Vec::new(), spread: Spread::None };
    Some(Chart::new(&format!("Distances of phrases in {name}"), "distance", "density", plot))
}
