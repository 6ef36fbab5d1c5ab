//! Box plots.

use plotters::backend::DrawingBackend;

use super::axis::Axis;
use super::colours::series_colours;
use super::frame::{Frame, Grid};
use super::lines::upwards;
use super::numbers::range;
use super::{Chart, Sample};
use crate::statistics::quantile;
use crate::view::ViewError;
use crate::view::image::{Page, Rgb};
use crate::view::palette::{shade, tint};

/// Half the width of a box, of which a category's is 1.
const HALF: f64 = 0.28;

pub fn draw<B: DrawingBackend>(page: &Page<B>, chart: &Chart, samples: &[Sample]) -> Result<(), ViewError> {
    let summaries: Vec<Option<Summary>> = samples.iter().map(|sample| Summary::of(&sample.values)).collect();
    let all = range(samples.iter().flat_map(|sample| &sample.values).copied());
    let names = samples.iter().map(|sample| sample.name.as_str());
    let colours = series_colours(names.clone());
    let values = samples.iter().flat_map(|sample| &sample.values).copied();
    let axes = (Axis::of_names(names), upwards(chart, values));
    let frame = Frame::draw(page, chart, axes, &[], Grid::Across)?;
    if all.is_none() {
        return frame.draw_nothing(page);
    }
    for (at, (summary, colour)) in summaries.iter().zip(colours).enumerate() {
        if let Some(summary) = summary {
            draw_box(page, &frame, at as f64, summary, colour)?;
        }
    }
    Ok(())
}

fn draw_box<B: DrawingBackend>(
    page: &Page<B>,
    frame: &Frame,
    at: f64,
    summary: &Summary,
    colour: Rgb,
) -> Result<(), ViewError> {
    let dark = shade(colour, 0.75);
    let [lower, median, upper] = summary.quartiles;
    let across = |value: f64, half: f64, width: f64| {
        page.line(&[frame.point(at - half, value), frame.point(at + half, value)], width, dark)
    };
    for (from, to) in [(lower, summary.whiskers.0), (upper, summary.whiskers.1)] {
        page.line(&[frame.point(at, from), frame.point(at, to)], 1.5, dark)?;
        across(to, HALF / 2.0, 1.5)?;
    }
    let corners = [(at - HALF, lower), (at + HALF, lower), (at + HALF, upper), (at - HALF, upper)];
    let corners = corners.map(|(x, y)| frame.point(x, y));
    page.polygon(&corners, tint(colour, 0.45), 1.0)?;
    page.line(&[corners[0], corners[1], corners[2], corners[3], corners[0]], 1.5, dark)?;
    across(median, HALF, 3.0)?;
    summary.beyond.iter().try_for_each(|value| page.disc(frame.point(at, *value), 2.5, colour))
}

/// What a box shows of a sample.
#[derive(Debug, PartialEq)]
struct Summary {
    quartiles: [f64; 3],
    whiskers: (f64, f64),
    beyond: Vec<f64>,
}

impl Summary {
    fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let quartiles = [0.25, 0.5, 0.75].map(|part| quantile(&sorted, part));
        let reach = 1.5 * (quartiles[2] - quartiles[0]);
        let near = |value: &f64| *value >= quartiles[0] - reach && *value <= quartiles[2] + reach;
        let (inside, beyond): (Vec<f64>, Vec<f64>) = sorted.into_iter().partition(near);
        Some(Self { quartiles, whiskers: range(inside)?, beyond })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_far_value_is_a_dot_beyond_the_whiskers() {
        let summary = Summary::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 100.0, f64::NAN]).unwrap();
        assert_eq!(summary.whiskers, (1.0, 5.0));
        assert_eq!(summary.beyond, [100.0]);
        assert_eq!(summary.quartiles[1], 3.5);
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[2.0]).unwrap().whiskers, (2.0, 2.0));
    }
}
