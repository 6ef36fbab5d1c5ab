//! Dots.

use plotters::backend::DrawingBackend;

use super::colours::series_colours;
use super::frame::{Frame, Grid};
use super::lines::{across, error_bar, upwards};
use super::{Chart, Point, Series};
use crate::view::ViewError;
use crate::view::image::Page;

/// Dots up to which each is drawn large, and beyond which they are small.
const FEW: usize = 200;
const MANY: usize = 2000;

/// Draws every series' points; dots are smaller the more there are.
pub fn draw<B: DrawingBackend>(
    page: &Page<B>,
    chart: &Chart,
    series: &[Series],
    categories: &[String],
) -> Result<(), ViewError> {
    let is_finite = |point: &&Point| point.x.is_finite() && point.mean.is_finite();
    let points = || series.iter().flat_map(|series| &series.points).filter(is_finite);
    let x = across(chart, points().map(|point| point.x), categories);
    let y = upwards(chart, points().flat_map(|point| [point.low, point.mean, point.high]));
    let colours = series_colours(series.iter().map(|series| series.name.as_str()));
    let legend: Vec<_> = series.iter().map(|s| s.name.as_str()).zip(colours.iter().copied()).collect();
    let frame = Frame::draw(page, chart, (x, y), &legend, Grid::Both)?;
    if points().next().is_none() {
        return frame.draw_nothing(page);
    }
    let radius = match points().count() {
        count if count <= FEW => 4.5,
        count if count <= MANY => 3.0,
        _ => 1.8,
    };
    // In turns, so that no series lies above all others.
    let longest = series.iter().map(|series| series.points.len()).max().unwrap_or(0);
    for index in 0..longest {
        for (series, colour) in series.iter().zip(&colours) {
            let Some(point) = series.points.get(index).filter(is_finite) else { continue };
            error_bar(page, &frame, point.x, (point.low, point.high), *colour)?;
            page.disc(frame.point(point.x, point.mean), radius, *colour)?;
        }
    }
    Ok(())
}
