//! The pictures of experiments.

use super::evidence::Sample as Units;
use crate::base::Seed;
use crate::view::chart::{Chart, Plot, Point, Sample, Series, Spread};

/// A box for each sample.
pub(super) fn boxes(title: &str, y: &str, samples: &[(&str, &[f64])]) -> Chart {
    let sample =
        |(name, values): &(&str, &[f64])| Sample { name: (*name).to_owned(), values: values.to_vec() };
    Chart::new(title, "", y, Plot::Boxes { samples: samples.iter().map(sample).collect() })
}

/// The mean of each sample with its interval, one beside the other in a bar each.
pub(super) fn bars(
    title: &str,
    x: &str,
    y: &str,
    series: &str,
    samples: &[(String, Units)],
    seed: Seed,
) -> Chart {
    let points = samples.iter().enumerate().map(|(place, (_, sample))| point(place as f64, sample, seed));
    let series = vec![Series { name: series.to_owned(), points: points.collect() }];
    let categories = samples.iter().map(|(name, _)| name.clone()).collect();
    Chart::new(title, x, y, Plot::Bars { categories, series })
}

/// The means along a line with their intervals.
pub(super) fn line(title: &str, x: &str, y: &str, lines: &[(&str, Vec<(f64, Units)>)], seed: Seed) -> Chart {
    let series = lines.iter().map(|(name, stops)| Series {
        name: (*name).to_owned(),
        points: stops.iter().map(|(x, sample)| point(*x, sample, seed)).collect(),
    });
    let plot = Plot::Lines { series: series.collect(), categories: Vec::new(), spread: Spread::Band };
    Chart::new(title, x, y, plot)
}

fn point(x: f64, sample: &Units, seed: Seed) -> Point {
    let mean = crate::statistics::mean(sample.values());
    let (low, high) = sample.interval(seed).map_or((mean, mean), |interval| (interval.low, interval.high));
    Point { x, mean, low, high }
}
