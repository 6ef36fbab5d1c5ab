//! Lines with bands or error bars.

use plotters::backend::DrawingBackend;

use super::axis::Axis;
use super::colours::series_colours;
use super::frame::{Frame, Grid};
use super::numbers::range;
use super::{Chart, Point, Series, Spread};
use crate::view::ViewError;
use crate::view::image::{Page, Rgb};

/// Points up to which each is marked by a dot.
const FEW: usize = 40;

pub fn draw<B: DrawingBackend>(
    page: &Page<B>,
    chart: &Chart,
    series: &[Series],
    categories: &[String],
    spread: Spread,
) -> Result<(), ViewError> {
    let points = || series.iter().flat_map(|series| &series.points).filter(|p| is_finite(p));
    let x = across(chart, points().map(|point| point.x), categories);
    let heights = points().flat_map(|point| match spread {
        Spread::None => [point.mean; 3],
        _ => [point.low, point.mean, point.high],
    });
    let y = upwards(chart, heights);
    let colours = series_colours(series.iter().map(|series| series.name.as_str()));
    let legend: Vec<_> = series.iter().map(|s| s.name.as_str()).zip(colours.iter().copied()).collect();
    let frame = Frame::draw(page, chart, (x, y), &legend, Grid::Both)?;
    if points().next().is_none() {
        return frame.draw_nothing(page);
    }
    // All bands first, so that no line is hidden by one.
    for (series, colour) in series.iter().zip(&colours) {
        for run in runs(series) {
            match spread {
                Spread::Band => draw_band(page, &frame, &run, *colour)?,
                Spread::Bars => {
                    for point in &run {
                        error_bar(page, &frame, point.x, (point.low, point.high), *colour)?;
                    }
                }
                Spread::None => {}
            }
        }
    }
    for (series, colour) in series.iter().zip(&colours) {
        for run in runs(series) {
            let line: Vec<_> = run.iter().map(|point| frame.point(point.x, point.mean)).collect();
            page.line(&line, 2.5, *colour)?;
            if series.points.len() <= FEW {
                for point in line {
                    page.disc(point, 4.0, *colour)?;
                }
            }
        }
    }
    Ok(())
}

/// The axis across: of names, or of numbers as the chart wants them.
pub fn across(chart: &Chart, values: impl Iterator<Item = f64>, categories: &[String]) -> Axis {
    match categories {
        [] if chart.x_log => Axis::of_powers(range(values), 9, 0.02),
        [] => Axis::of_numbers(range(values), 9, 0.02),
        names => Axis::of_names(names.iter().map(String::as_str)),
    }
}

/// The axis upwards, of numbers as the chart wants them.
pub fn upwards(chart: &Chart, values: impl Iterator<Item = f64>) -> Axis {
    match chart.y_log {
        true => Axis::of_powers(range(values), 7, 0.06),
        false => Axis::of_numbers(range(values), 7, 0.06),
    }
}

/// An upright bar between two values, with feet; nothing where they are equal.
pub fn error_bar<B: DrawingBackend>(
    page: &Page<B>,
    frame: &Frame,
    x: f64,
    (low, high): (f64, f64),
    colour: Rgb,
) -> Result<(), ViewError> {
    if !(low.is_finite() && high.is_finite()) || low == high {
        return Ok(());
    }
    let (x, low, high) = (frame.x(x), frame.y(low), frame.y(high));
    page.line(&[(x, low), (x, high)], 1.5, colour)?;
    for y in [low, high] {
        page.line(&[(x - 5.0, y), (x + 5.0, y)], 1.5, colour)?;
    }
    Ok(())
}

fn draw_band<B: DrawingBackend>(
    page: &Page<B>,
    frame: &Frame,
    run: &[Point],
    colour: Rgb,
) -> Result<(), ViewError> {
    let end = |value: f64, mean: f64| if value.is_finite() { value } else { mean };
    let upper = run.iter().map(|point| frame.point(point.x, end(point.high, point.mean)));
    let lower = run.iter().rev().map(|point| frame.point(point.x, end(point.low, point.mean)));
    if run.iter().all(|point| point.low == point.high) {
        return Ok(());
    }
    page.polygon(&upper.chain(lower).collect::<Vec<_>>(), colour, 0.18)
}

/// The points in order of x, apart where one is not finite.
fn runs(series: &Series) -> Vec<Vec<Point>> {
    let mut points = series.points.clone();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    points.split(|point| !is_finite(point)).filter(|run| !run.is_empty()).map(<[Point]>::to_vec).collect()
}

fn is_finite(point: &Point) -> bool {
    point.x.is_finite() && point.mean.is_finite()
}
