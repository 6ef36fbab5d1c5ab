//! Heat maps of a matrix.

use plotters::backend::DrawingBackend;

use super::Chart;
use super::axis::Axis;
use super::colours::{heat, is_dark};
use super::frame::{Frame, Grid};
use super::numbers::{range, written};
use crate::view::ViewError;
use crate::view::image::{Lettering, Page, Rgb};

const MISSING: Rgb = (225, 225, 228);
/// Size of a cell that has room for its number.
const ROOM: (f64, f64) = (52.0, 24.0);
/// Columns and rows beyond which numbers find no room on a page of the usual size; a scale of
/// colours is shown instead.
const MOST_NUMBERS: (usize, usize) = (18, 22);

pub fn draw<B: DrawingBackend>(
    page: &Page<B>,
    chart: &Chart,
    rows: &[String],
    columns: &[String],
    cells: &[Vec<Option<f64>>],
) -> Result<(), ViewError> {
    let count =
        (columns.len().max(cells.iter().map(Vec::len).max().unwrap_or(0)), rows.len().max(cells.len()));
    let names = |names: &[String], count: usize| {
        let axis = Axis::of_names((0..count).map(|at| names.get(at).map_or("", String::as_str)));
        Axis { ticks: axis.ticks.into_iter().filter(|(_, name)| !name.is_empty()).collect(), ..axis }
    };
    let (across, down) = (names(columns, count.0), names(rows, count.1));
    // The first row is at the top.
    let down = Axis { range: (down.range.1, down.range.0), ..down };
    let all = range(cells.iter().flatten().flatten().copied());
    let scale = if count.0 > MOST_NUMBERS.0 || count.1 > MOST_NUMBERS.1 { scale(all) } else { Vec::new() };
    let scale: Vec<(&str, Rgb)> = scale.iter().map(|(value, colour)| (value.as_str(), *colour)).collect();
    let frame = Frame::draw(page, chart, (across, down), &scale, Grid::None)?;
    let Some((low, high)) = all else { return frame.draw_nothing(page) };

    let size = (frame.x(1.0) - frame.x(0.0), frame.y(1.0) - frame.y(0.0));
    let step = ((high - low) / 100.0).max(f64::MIN_POSITIVE);
    for (row, cells) in cells.iter().enumerate() {
        for (column, value) in cells.iter().enumerate() {
            let edge = |at: f64, is_x: bool| if is_x { frame.x(at) } else { frame.y(at) }.round() as i32;
            let from = (edge(column as f64 - 0.5, true), edge(row as f64 - 0.5, false));
            let to = (edge(column as f64 + 0.5, true), edge(row as f64 + 0.5, false));
            let gap = i32::from(size.0 > 8.0 && size.1 > 8.0);
            let value = value.filter(|value| value.is_finite());
            let colour = value.map_or(MISSING, |value| heat(value, (low, high)));
            page.rect(from, (to.0 - gap, to.1 - gap), colour)?;
            let Some(value) = value.filter(|_| size.0 >= ROOM.0 && size.1 >= ROOM.1) else { continue };
            let ink = if is_dark(colour) { (255, 255, 255) } else { (40, 40, 40) };
            let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
            page.text(&written(value, step), middle, Lettering::new(16).centred().coloured(ink))?;
        }
    }
    Ok(())
}

/// Five values from the lowest to the highest and their colours.
fn scale(range: Option<(f64, f64)>) -> Vec<(String, Rgb)> {
    let Some((low, high)) = range else { return Vec::new() };
    let value = |part: u8| low + (high - low) * f64::from(part) / 4.0;
    let step = ((high - low) / 100.0).max(f64::MIN_POSITIVE);
    (0..=4).map(|part| (written(value(part), step), heat(value(part), (low, high)))).collect()
}
