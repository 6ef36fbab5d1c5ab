//! One axis: the range it shows and what stands along it.

use super::numbers::{ticks, widened};

/// An axis of numbers or of categories.
pub struct Axis {
    /// The range shown.
    pub range: (f64, f64),
    /// What stands along it, and where.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis of numbers that shows a range with a little room around it; from 0 to 1 without one.
    pub fn of_numbers(range: Option<(f64, f64)>, most: usize, margin: f64) -> Self {
        let range = range.map_or((0.0, 1.0), |range| widened(range, margin));
        Self { range, ticks: ticks(range, most) }
    }

    /// An axis that begins or ends at zero, for bars.
    pub fn from_zero(range: Option<(f64, f64)>, most: usize) -> Self {
        let (low, high) = range.unwrap_or((0.0, 1.0));
        let (low, high) = (low.min(0.0), high.max(0.0));
        let (low, high) = if low == high { (0.0, 1.0) } else { (low * 1.06, high * 1.06) };
        Self { range: (low, high), ticks: ticks((low, high), most) }
    }

    /// An axis of names at 0, 1, 2 …, with room for half a category on both sides.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let ticks: Vec<_> =
            names.into_iter().enumerate().map(|(at, name)| (at as f64, name.to_owned())).collect();
        Self { range: (-0.5, (ticks.len() as f64 - 0.5).max(0.5)), ticks }
    }

    /// How far along the axis a value lies, 0 at its beginning and 1 at its end.
    pub fn share(&self, value: f64) -> f64 {
        (value - self.range.0) / (self.range.1 - self.range.0)
    }
}
