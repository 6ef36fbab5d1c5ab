//! One axis: the range it shows and what stands along it.

use super::numbers::{log_ticks, ticks, widened};

/// An axis of numbers or of categories.
pub struct Axis {
    /// The range shown.
    pub range: (f64, f64),
    /// What stands along it, and where.
    pub ticks: Vec<(f64, String)>,
    /// Whether each step multiplies; the range lies above zero then.
    pub is_log: bool,
}

impl Axis {
    /// An axis of numbers that shows a range with a little room around it; from 0 to 1 without one.
    pub fn of_numbers(range: Option<(f64, f64)>, most: usize, margin: f64) -> Self {
        let range = range.map_or((0.0, 1.0), |range| widened(range, margin));
        Self { range, ticks: ticks(range, most), is_log: false }
    }

    /// An axis of powers of ten that shows a range of numbers above zero; of plain numbers when there are
    /// others.
    pub fn of_powers(range: Option<(f64, f64)>, most: usize, margin: f64) -> Self {
        match range {
            Some((low, high)) if low > 0.0 && (high / low).is_finite() => {
                let room = (high / low).powf(margin).max(1.05);
                let range = (low / room, high * room);
                let range = if range.0 > 0.0 && range.1.is_finite() { range } else { (low, high) };
                Self { range, ticks: log_ticks(range, most), is_log: true }
            }
            _ => Self::of_numbers(range, most, margin),
        }
    }

    /// An axis that begins or ends at zero, for bars.
    pub fn from_zero(range: Option<(f64, f64)>, most: usize) -> Self {
        let (low, high) = range.unwrap_or((0.0, 1.0));
        let (low, high) = (low.min(0.0), high.max(0.0));
        let (low, high) = if low == high { (0.0, 1.0) } else { (low * 1.06, high * 1.06) };
        Self { range: (low, high), ticks: ticks((low, high), most), is_log: false }
    }

    /// An axis of names at 0, 1, 2 …, with room for half a category on both sides.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let ticks: Vec<_> =
            names.into_iter().enumerate().map(|(at, name)| (at as f64, name.to_owned())).collect();
        Self { range: (-0.5, (ticks.len() as f64 - 0.5).max(0.5)), ticks, is_log: false }
    }

    /// How far along the axis a value lies, 0 at its beginning and 1 at its end.
    pub fn share(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        match self.is_log {
            // What has no logarithm lies at the lower end.
            true => (value.max(low) / low).ln() / (high / low).ln(),
            false => (value - low) / (high - low),
        }
    }
}
