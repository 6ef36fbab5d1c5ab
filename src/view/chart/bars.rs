//! Bars by category, and histograms.

use plotters::backend::DrawingBackend;

use super::axis::Axis;
use super::colours::series_colours;
use super::frame::{AXIS, Frame, Grid};
use super::lines::error_bar;
use super::numbers::{range, widened};
use super::{Chart, Sample, Series};
use crate::view::ViewError;
use crate::view::image::{Page, Rgb};
use crate::view::palette::shade;

/// Share of a category's width that its bars fill.
const FILLED: f64 = 0.8;

/// Draws a bar for every series in every category, with its interval.
pub fn draw<B: DrawingBackend>(
    page: &Page<B>,
    chart: &Chart,
    categories: &[String],
    series: &[Series],
) -> Result<(), ViewError> {
    let inside = |x: f64| x >= 0.0 && x < categories.len() as f64;
    let points =
        || series.iter().flat_map(|series| &series.points).filter(|p| p.mean.is_finite() && inside(p.x));
    let y = Axis::from_zero(range(points().flat_map(|point| [point.low, point.mean, point.high])), 7);
    let x = Axis::of_names(categories.iter().map(String::as_str));
    let colours = series_colours(series.iter().map(|series| series.name.as_str()));
    let legend: Vec<_> = series.iter().map(|s| s.name.as_str()).zip(colours.iter().copied()).collect();
    let frame = Frame::draw(page, chart, (x, y), &legend, Grid::Across)?;
    if points().next().is_none() {
        return frame.draw_nothing(page);
    }
    let zero = frame.y(0.0).round() as i32;
    let width = FILLED / series.len().max(1) as f64;
    for (index, (series, colour)) in series.iter().zip(&colours).enumerate() {
        for point in series.points.iter().filter(|p| p.mean.is_finite() && inside(p.x)) {
            let left = point.x.floor() - FILLED / 2.0 + index as f64 * width;
            bar(page, &frame, (left, left + width), point.mean, *colour)?;
            error_bar(page, &frame, left + width / 2.0, (point.low, point.high), shade(*colour, 0.55))?;
        }
    }
    page.rect((frame.left, zero), (frame.right, zero + 1), AXIS)
}

/// Draws the shares of each series' values in equal bins.
pub fn draw_histogram<B: DrawingBackend>(
    page: &Page<B>,
    chart: &Chart,
    samples: &[Sample],
    bins: usize,
) -> Result<(), ViewError> {
    let bins = bins.clamp(1, 400);
    let all = range(samples.iter().flat_map(|sample| &sample.values).copied());
    let spread = all
        .map_or((0.0, 1.0), |(low, high)| if low < high { (low, high) } else { widened((low, high), 0.0) });
    let shares: Vec<Vec<f64>> = samples.iter().map(|sample| shares(&sample.values, spread, bins)).collect();
    let y = Axis::from_zero(range(shares.iter().flatten().copied()), 7);
    let x = Axis::of_numbers(Some(spread), 9, 0.02);
    let colours = series_colours(samples.iter().map(|sample| sample.name.as_str()));
    let legend: Vec<_> = samples.iter().map(|s| s.name.as_str()).zip(colours.iter().copied()).collect();
    let frame = Frame::draw(page, chart, (x, y), &legend, Grid::Across)?;
    if all.is_none() {
        return frame.draw_nothing(page);
    }
    let edge = |bin: usize| spread.0 + (spread.1 - spread.0) * bin as f64 / bins as f64;
    for (shares, colour) in shares.iter().zip(&colours) {
        // One outline of all bins: filled pale, so that samples can be seen through one another.
        let steps = shares
            .iter()
            .enumerate()
            .flat_map(|(bin, share)| [frame.point(edge(bin), *share), frame.point(edge(bin + 1), *share)]);
        let ground = |bin| frame.point(edge(bin), 0.0);
        let outline: Vec<_> = [ground(0)].into_iter().chain(steps).chain([ground(bins)]).collect();
        page.polygon(&outline, *colour, 0.3)?;
        page.line(&outline, 2.0, *colour)?;
    }
    Ok(())
}

/// The share of the finite values that lies in each of `bins` equal parts of a range.
fn shares(values: &[f64], (low, high): (f64, f64), bins: usize) -> Vec<f64> {
    let mut counts = vec![0usize; bins];
    for value in values.iter().filter(|value| value.is_finite()) {
        let bin = ((value - low) / (high - low) * bins as f64) as usize;
        counts[bin.min(bins - 1)] += 1;
    }
    let total = counts.iter().sum::<usize>().max(1) as f64;
    counts.into_iter().map(|count| count as f64 / total).collect()
}

/// A bar from zero to a value; one pixel is left to the next.
fn bar<B: DrawingBackend>(
    page: &Page<B>,
    frame: &Frame,
    (left, right): (f64, f64),
    value: f64,
    colour: Rgb,
) -> Result<(), ViewError> {
    let (left, right) = (frame.x(left).round() as i32, frame.x(right).round() as i32);
    let (zero, end) = (frame.y(0.0).round() as i32, frame.y(value).round() as i32);
    let right = if right - left > 3 { right - 1 } else { right.max(left + 1) };
    page.rect((left, zero.min(end)), (right, zero.max(end)), colour)
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn shares_add_up_to_one_and_the_highest_value_is_in_the_last_bin() {
        assert_eq!(shares(&[0.0, 1.0, 2.0, 4.0, f64::NAN], (0.0, 4.0), 4), [0.25, 0.25, 0.25, 0.25]);
        assert_eq!(shares(&[], (0.0, 1.0), 2), [0.0, 0.0]);
    }
}
