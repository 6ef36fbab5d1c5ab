//! One value of a table.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// A number, a truth value, a text, or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// No value, or an undefined one.
    #[default]
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number; one that is not finite becomes [`Cell::Missing`] on the way in.
    Float(f64),
    /// A text.
    Text(Arc<str>),
}

impl Cell {
    /// Whether there is no value.
    pub fn is_missing(&self) -> bool {
        *self == Self::Missing
    }

    /// As a number: true is 1, so that the mean of a truth value is a share. `None` for a text and for
    /// nothing.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Missing | Self::Text(_) => None,
        }
    }

    /// As JSON; nothing is `null`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Missing => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::Float(value) => (*value).into(),
            Self::Text(text) => text.as_ref().into(),
        }
    }

    /// Numbers by size, then texts by the alphabet, then nothing.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => a.kind().cmp(&b.kind()),
            },
        }
    }

    /// What rows are grouped and matched by: whole numbers are the same however they are written.
    pub(super) fn key(&self) -> Key<'_> {
        match self {
            Self::Missing => Key::Missing,
            Self::Bool(value) => Key::Bool(*value),
            Self::Int(value) => Key::Int(*value),
            Self::Float(value) if value.fract() == 0.0 && value.abs() < EXACT => Key::Int(*value as i64),
            Self::Float(value) => Key::Float(value.to_bits()),
            Self::Text(text) => Key::Text(text),
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Bool(_) | Self::Int(_) | Self::Float(_) => 0,
            Self::Text(_) => 1,
            Self::Missing => 2,
        }
    }
}

/// Beyond this, not every whole number has a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A cell's value, to be looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Missing,
    Bool(bool),
    Int(i64),
    Float(u64),
    Text(&'a str),
}

impl fmt::Display for Cell {
    /// The value in full: a float so that it reads back as itself, `–` for nothing.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("–"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Float(value) } else { Self::Missing }
    }
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_missing() {
        assert!(Cell::from(f64::NAN).is_missing() && Cell::from(f64::INFINITY).is_missing());
        assert_eq!(Cell::from(None::<f64>), Cell::Missing);
        assert_eq!(Cell::from(Some(0.5)), Cell::Float(0.5));
    }

    #[test]
    fn numbers_come_before_texts_and_nothing_comes_last() {
        let mut cells =
            [Cell::Missing, "b".into(), Cell::Float(1.5), "a".into(), Cell::Int(2), Cell::Bool(true)];
        cells.sort_by(Cell::order);
        let shown: Vec<String> = cells.iter().map(Cell::to_string).collect();
        assert_eq!(shown, ["true", "1.5", "2", "a", "b", "–"]);
    }

    #[test]
    fn whole_numbers_too_large_for_a_float_keep_their_order() {
        let (a, b) = (Cell::Int(i64::MAX - 1), Cell::Int(i64::MAX));
        assert_eq!(a.order(&b), Ordering::Less);
    }
}
