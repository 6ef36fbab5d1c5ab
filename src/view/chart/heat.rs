//! Heat maps of a matrix.

use plotters::backend::DrawingBackend;

use super::axis::Axis;
use super::colours::{heat, is_dark};
use super::frame::{Frame, Grid};
use super::numbers::{range, written};
use super::{CellTexts, Chart};
use crate::view::ViewError;
use crate::view::image::{Lettering, Page, Picture, Rgb};

const MISSING: Rgb = (225, 225, 228);
const PAPER: Rgb = (255, 255, 255);
/// Size of a cell that has room for its number.
const ROOM: (f64, f64) = (52.0, 24.0);
/// About what stands around the cells of a page: names left, title and names below.
const AROUND: (f64, f64) = (260.0, 210.0);
/// Height of a gap between rows, in rows.
const GAP: f64 = 0.3;

pub fn draw<B: DrawingBackend>(
    page: &Page<B>,
    chart: &Chart,
    (rows, columns): (&[String], &[String]),
    cells: &[Vec<Option<f64>>],
    texts: Option<&CellTexts>,
) -> Result<(), ViewError> {
    let places = places(rows, cells);
    let across = across(columns, cells);
    let height = places.last().map_or(1.0, |(_, bottom)| *bottom);
    // The first row is at the top.
    let down = Axis { range: (height, 0.0), ticks: names(rows, &places), is_log: false };
    let all = range(cells.iter().flatten().flatten().copied());

    let (width, tall) = chart.size();
    let room = ((f64::from(width) - AROUND.0) / across.range.1, (f64::from(tall) - AROUND.1) / height);
    let is_scaled = texts.is_some() || room.0 < ROOM.0 || room.1 < ROOM.1;
    let scale = if is_scaled { scale(all) } else { Vec::new() };
    let meaning = texts.filter(|_| all.is_some()).map_or("", |texts| texts.colours.as_str());
    let legend: Vec<(&str, Rgb)> = scale.iter().map(|(value, colour)| (value.as_str(), *colour)).collect();
    let frame = Frame::draw_explained(page, chart, (across, down), (meaning, &legend), Grid::None)?;
    let Some((low, high)) = all else { return frame.draw_nothing(page) };

    let size = (frame.x(1.0) - frame.x(0.0), frame.y(1.0) - frame.y(0.0));
    let gap = i32::from(size.0 > 8.0 && size.1 > 8.0);
    let has_room = size.0 >= ROOM.0 && size.1 >= ROOM.1;
    let step = step((low, high));
    for (row, (cells, (top, bottom))) in cells.iter().zip(&places).enumerate() {
        for (column, value) in cells.iter().enumerate() {
            let edge = |at: f64| frame.x(at).round() as i32;
            let from = (edge(column as f64), frame.y(*top).round() as i32);
            let to = (edge(column as f64 + 1.0), frame.y(*bottom).round() as i32);
            let value = value.filter(|value| value.is_finite());
            let colour = value.map_or(MISSING, |value| heat(value, (low, high)));
            page.rect(from, (to.0 - gap, to.1 - gap), colour)?;
            let text = match texts {
                Some(texts) => texts.texts.get(row).and_then(|texts| texts.get(column)).cloned(),
                None => value.map(|value| written(value, step)),
            };
            let Some(text) = text.filter(|_| has_room) else { continue };
            let ink = if is_dark(colour) { PAPER } else { (40, 40, 40) };
            let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
            page.text(&text, middle, Lettering::new(16).centred().coloured(ink))?;
        }
    }
    Ok(())
}

/// Top and bottom of each row, a row of cells being 1 high.
fn places(rows: &[String], cells: &[Vec<Option<f64>>]) -> Vec<(f64, f64)> {
    let mut top = 0.0;
    let place = |row: usize| {
        let is_gap = rows.get(row).is_some_and(String::is_empty) && cells.get(row).is_some_and(Vec::is_empty);
        let from = top;
        top += if is_gap { GAP } else { 1.0 };
        (from, top)
    };
    (0..rows.len().max(cells.len())).map(place).collect()
}

/// The axis of the columns, each 1 wide.
fn across(columns: &[String], cells: &[Vec<Option<f64>>]) -> Axis {
    let count = columns.len().max(cells.iter().map(Vec::len).max().unwrap_or(0));
    let places: Vec<(f64, f64)> = (0..count).map(|column| (column as f64, column as f64 + 1.0)).collect();
    Axis { range: (0.0, count.max(1) as f64), ticks: names(columns, &places), is_log: false }
}

/// Names in the middle of their places.
fn names(names: &[String], places: &[(f64, f64)]) -> Vec<(f64, String)> {
    let named = names.iter().zip(places).filter(|(name, _)| !name.is_empty());
    named.map(|(name, (from, to))| ((from + to) / 2.0, name.clone())).collect()
}

/// What values in a range are told apart by.
fn step((low, high): (f64, f64)) -> f64 {
    let width = if low < high { high - low } else { high.abs() };
    (width / 100.0).max(f64::MIN_POSITIVE)
}

/// Five values from the lowest to the highest and their colours, zero in the middle where it lies between.
fn scale(range: Option<(f64, f64)>) -> Vec<(String, Rgb)> {
    let Some((low, high)) = range else { return Vec::new() };
    let middle = if low < 0.0 && high > 0.0 { 0.0 } else { low / 2.0 + high / 2.0 };
    let step = step((low, high));
    [low, low / 2.0 + middle / 2.0, middle, middle / 2.0 + high / 2.0, high]
        .map(|value| (written(value, step), heat(value, (low, high))))
        .to_vec()
}
