//! What surrounds the marks of a chart: title, legend, axes, labels.

use plotters::backend::DrawingBackend;

use super::Chart;
use super::axis::Axis;
use super::colours::is_dark;
use crate::view::ViewError;
use crate::view::image::{Lettering, Page, Picture, Rgb, fitted};

const MARGIN: i32 = 28;
const TICK: Lettering = Lettering::new(18).coloured((90, 90, 96));
const NAME: Lettering = Lettering::new(20).coloured((60, 60, 66));
/// Around a pale colour of the legend.
const EDGE: Rgb = (190, 190, 196);
const GRID: Rgb = (228, 228, 234);
/// Lines that marks stand on.
pub const AXIS: Rgb = (120, 120, 126);
/// Height of a line of the legend, and of names across.
const LINE: i32 = 30;
/// Pixels of a name along an axis beyond which it is cut.
const LONGEST_NAME: i32 = 320;
/// The same where it is turned and takes room from the marks.
const LONGEST_TURNED: i32 = 200;
/// Most lines of a name across.
const MOST_LINES: usize = 3;
/// Height of one of them, and least distance of names along an axis.
const CLOSE: i32 = 20;
/// The same in the legend.
const LONGEST_LEGEND: i32 = 440;

/// The rectangle that marks are drawn in, and its axes.
pub struct Frame {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
    x: Axis,
    y: Axis,
}

/// Which lines of the grid are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    Both,
    Across,
    None,
}

impl Frame {
    /// Draws title, legend and axes, and leaves the rest of the page.
    pub fn draw<B: DrawingBackend>(
        page: &Page<B>,
        chart: &Chart,
        axes: (Axis, Axis),
        legend: &[(&str, Rgb)],
        grid: Grid,
    ) -> Result<Self, ViewError> {
        Self::draw_explained(page, chart, axes, ("", legend), grid)
    }

    /// The same with a text before the legend.
    pub fn draw_explained<B: DrawingBackend>(
        page: &Page<B>,
        chart: &Chart,
        (x, y): (Axis, Axis),
        legend: (&str, &[(&str, Rgb)]),
        grid: Grid,
    ) -> Result<Self, ViewError> {
        let (width, height) = chart.size();
        let (width, height) = (width as i32, height as i32);
        let top = draw_head(page, chart, legend, width - MARGIN)? + 16;

        let fit = |ticks: &[(f64, String)], longest: i32| {
            let fit = |(at, text): &(f64, String)| Ok((*at, fitted(page, text, TICK, longest)?));
            ticks.iter().map(fit).collect::<Result<Vec<_>, ViewError>>()
        };
        let y = Axis { ticks: fit(&y.ticks, LONGEST_NAME)?, ..y };
        let widest = |axis: &Axis| {
            axis.ticks
                .iter()
                .map(|(_, text)| page.text_width(text, TICK))
                .try_fold(0, |most, w| Ok::<i32, ViewError>(most.max(w?)))
        };
        let name = if chart.y_label.is_empty() { 0 } else { LINE };
        let left = MARGIN + name + widest(&y)? + 10;
        let right = width - MARGIN;
        // Names that do not fit side by side go on in further lines; if that does not do, they are turned.
        let room = (right - left) / x.ticks.len().max(1) as i32 - 14;
        let mut lines = 1;
        let mut broken = Vec::with_capacity(x.ticks.len());
        for (at, text) in &x.ticks {
            match in_lines(page, text, room)? {
                Some(parts) => {
                    lines = lines.max(parts.len() as i32);
                    broken.push((*at, parts.join("\n")));
                }
                None => break,
            }
        }
        let turned = broken.len() < x.ticks.len();
        let ticks = if turned { fit(&x.ticks, LONGEST_TURNED)? } else { broken };
        let x = Axis { ticks, ..x };
        let name = if chart.x_label.is_empty() { 0 } else { LINE };
        let names = if turned { widest(&x)? + 10 } else { LINE + (lines - 1) * CLOSE };
        let bottom = height - MARGIN - name - names;
        let frame = Self { left, top, right, bottom: bottom.max(top + 40), x, y };
        frame.draw_axes(page, grid, turned)?;
        page.text(&chart.x_label, ((left + right) / 2, height - MARGIN), NAME.centred())?;
        let middle = (MARGIN, (frame.top + frame.bottom) / 2);
        page.text(&chart.y_label, middle, NAME.centred().upright())?;
        Ok(frame)
    }

    /// Where a value lies across.
    pub fn x(&self, value: f64) -> f64 {
        f64::from(self.left) + self.x.share(value) * f64::from(self.right - self.left)
    }

    /// Where a value lies down the page.
    pub fn y(&self, value: f64) -> f64 {
        f64::from(self.bottom) - self.y.share(value) * f64::from(self.bottom - self.top)
    }

    /// Both of a point.
    pub fn point(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x(x), self.y(y))
    }

    /// Says in the middle that there is nothing to see.
    pub fn draw_nothing<B: DrawingBackend>(&self, page: &Page<B>) -> Result<(), ViewError> {
        let middle = ((self.left + self.right) / 2, (self.top + self.bottom) / 2);
        page.text("no data", middle, NAME.centred())
    }

    fn draw_axes<B: DrawingBackend>(
        &self,
        page: &Page<B>,
        grid: Grid,
        turned: bool,
    ) -> Result<(), ViewError> {
        let mut last = None;
        for (at, text) in &self.y.ticks {
            let y = self.y(*at).round() as i32;
            if last.is_some_and(|last: i32| (y - last).abs() < CLOSE) {
                continue;
            }
            last = Some(y);
            if grid != Grid::None {
                page.rect((self.left, y), (self.right, y + 1), GRID)?;
            }
            page.text(text, (self.left - 8, y), TICK.right())?;
        }
        let mut last = None;
        for (at, text) in &self.x.ticks {
            let x = self.x(*at).round() as i32;
            if turned && last.is_some_and(|last: i32| (x - last).abs() < CLOSE) {
                continue;
            }
            last = Some(x);
            if grid == Grid::Both {
                page.rect((x, self.top), (x + 1, self.bottom), GRID)?;
            }
            match turned {
                true => page.text(text, (x, self.bottom + 8), TICK.right().upright())?,
                false => {
                    for (line, text) in (0..).zip(text.lines()) {
                        page.text(text, (x, self.bottom + 18 + line * CLOSE), TICK.centred())?;
                    }
                }
            }
        }
        page.rect((self.left - 1, self.top), (self.left, self.bottom + 1), AXIS)?;
        page.rect((self.left - 1, self.bottom), (self.right, self.bottom + 1), AXIS)
    }
}

/// A name in lines that are no wider than `room`, broken at spaces; `None` when it takes too many.
fn in_lines<B: DrawingBackend>(
    page: &Page<B>,
    text: &str,
    room: i32,
) -> Result<Option<Vec<String>>, ViewError> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer {
            Some(longer) if page.text_width(&longer, TICK)? <= room => {
                if let Some(line) = lines.last_mut() {
                    *line = longer;
                }
            }
            _ => lines.push(word.to_owned()),
        }
        if lines.len() > MOST_LINES || page.text_width(word, TICK)? > room {
            return Ok(None);
        }
    }
    Ok(Some(lines))
}

/// Title and legend; gives the height they take.
fn draw_head<B: DrawingBackend>(
    page: &Page<B>,
    chart: &Chart,
    (lead, legend): (&str, &[(&str, Rgb)]),
    right: i32,
) -> Result<i32, ViewError> {
    let mut bottom = MARGIN;
    if !chart.title.is_empty() {
        let title = Lettering::new(26).bold();
        page.text(&fitted(page, &chart.title, title, right - MARGIN)?, (MARGIN, bottom + 8), title)?;
        bottom += 32;
    }
    // One series needs no legend, unless nothing else names it.
    if legend.len() < 2 && !(chart.title.is_empty() && chart.y_label.is_empty()) {
        return Ok(bottom);
    }
    let (mut x, mut y) = (MARGIN, bottom + LINE / 2);
    if !lead.is_empty() {
        let lead = fitted(page, lead, TICK, LONGEST_LEGEND)?;
        page.text(&lead, (x, y), TICK)?;
        x += page.text_width(&lead, TICK)? + 22;
    }
    for (name, colour) in legend.iter().filter(|(name, _)| !name.is_empty()) {
        let name = fitted(page, name, TICK, LONGEST_LEGEND)?;
        let width = 20 + page.text_width(&name, TICK)?;
        if x > MARGIN && x + width > right {
            (x, y) = (MARGIN, y + LINE);
        }
        page.rect((x - 1, y - 7), (x + 14, y + 7), if is_dark(*colour) { *colour } else { EDGE })?;
        page.rect((x, y - 6), (x + 13, y + 6), *colour)?;
        page.text(&name, (x + 20, y), TICK)?;
        x += width + 22;
        bottom = y + LINE / 2;
    }
    Ok(bottom)
}
