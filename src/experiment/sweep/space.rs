//! The settings that a sweep chooses among.

use std::sync::Arc;

use crate::experiment::{Cell, ExperimentError};

/// What one axis takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// These, in order.
    List(Vec<Cell>),
    /// So many whole numbers from the first on.
    Ints {
        /// The first.
        first: i64,
        /// How many.
        count: usize,
    },
    /// Any number from `low` to `high`.
    Between {
        /// The least.
        low: f64,
        /// The greatest.
        high: f64,
        /// Where they lie closely.
        scale: Scale,
    },
}

/// How numbers are spread over a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// Evenly in their logarithms, as suits learning rates.
    Log,
}

impl Values {
    /// Numbers from `low` to `high`.
    ///
    /// # Errors
    /// [`ExperimentError::Range`] when the range is empty or not finite, or holds a number that has no
    /// logarithm.
    pub fn between(low: f64, high: f64, scale: Scale) -> Result<Self, ExperimentError> {
        let is_range = low.is_finite() && high.is_finite() && low < high;
        match is_range && (scale == Scale::Linear || low > 0.0) {
            true => Ok(Self::Between { low, high, scale }),
            false => Err(ExperimentError::Range { low, high }),
        }
    }

    /// How many values there are; `None` for a range of floats.
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::List(cells) => Some(cells.len()),
            Self::Ints { count, .. } => Some(*count),
            Self::Between { .. } => None,
        }
    }

    /// Value `index` of a list; nothing beyond its end.
    pub(super) fn nth(&self, index: usize) -> Cell {
        match self {
            Self::List(cells) => cells.get(index).cloned().unwrap_or_default(),
            Self::Ints { first, .. } => Cell::Int(first.saturating_add(index as i64)),
            Self::Between { .. } => Cell::Missing,
        }
    }

    /// The value that lies so far along the axis, from 0 to below 1.
    pub(super) fn at(&self, share: f64) -> Cell {
        match self {
            Self::Between { low, high, scale: Scale::Linear } => Cell::from(low + (high - low) * share),
            Self::Between { low, high, scale: Scale::Log } => {
                Cell::from((low.ln() + (high / low).ln() * share).exp().clamp(*low, *high))
            }
            listed => {
                let count = listed.count().unwrap_or(0);
                listed.nth(((share * count as f64) as usize).min(count.saturating_sub(1)))
            }
        }
    }
}

/// Axes in order, each with a name of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Space(Vec<(Arc<str>, Values)>);

impl Space {
    /// The space of some axes.
    ///
    /// # Errors
    /// [`ExperimentError::Axis`] when a name comes twice.
    pub fn new(axes: Vec<(Arc<str>, Values)>) -> Result<Self, ExperimentError> {
        for (place, (name, _)) in axes.iter().enumerate() {
            if axes[..place].iter().any(|(before, _)| before == name) {
                return Err(ExperimentError::Axis(name.to_string()));
            }
        }
        Ok(Self(axes))
    }

    /// Names and values, in order.
    pub fn axes(&self) -> &[(Arc<str>, Values)] {
        &self.0
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter().map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_way_is_a_value() {
        let linear = Values::between(2.0, 4.0, Scale::Linear).unwrap();
        assert_eq!([0.0, 0.5].map(|share| linear.at(share)), [Cell::Float(2.0), Cell::Float(3.0)]);
        let log = Values::between(0.01, 1.0, Scale::Log).unwrap();
        assert!((log.at(0.5).number().unwrap() - 0.1).abs() < 1e-12);
        let ints = Values::Ints { first: 5, count: 3 };
        assert_eq!([0.0, 0.4, 0.99].map(|share| ints.at(share)), [5, 6, 7].map(Cell::Int));
        assert_eq!(Values::List(Vec::new()).at(0.5), Cell::Missing);
    }

    #[test]
    fn ranges_without_numbers_are_refused() {
        assert!(Values::between(1.0, 1.0, Scale::Linear).is_err());
        assert!(Values::between(f64::NAN, 1.0, Scale::Linear).is_err());
        let error = Values::between(0.0, 1.0, Scale::Log).unwrap_err().to_string();
        assert!(error.contains("from 0 to 1"), "{error}");
    }
}
