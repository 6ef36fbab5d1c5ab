//! Axes as scripts write them.

use std::sync::Arc;

use rhai::{Array, Dynamic, Map};

use super::super::lift;
use super::super::table::cell;
use crate::experiment::sweep::{Scale, Space, Values};
use crate::script::options::{Fallible, Options, number, refuse};
use crate::script::types::plain_name;

/// Axes from a map of names, or from an array of pairs of a name and values.
pub(in crate::script::api) fn space(axes: &Dynamic) -> Fallible<Space> {
    if let Some(map) = axes.read_lock::<Map>() {
        let axis =
            |(name, given): (&rhai::Identifier, &Dynamic)| Ok((name.as_str().into(), values(name, given)?));
        return lift(Space::new(map.iter().map(axis).collect::<Fallible<_>>()?));
    }
    let Some(pairs) = axes.read_lock::<Array>() else {
        let kind = plain_name(axes.type_name());
        return Err(refuse(format!("axes are a map from names to values, or an array of pairs, got {kind}")));
    };
    let axis = |(index, pair): (usize, &Dynamic)| {
        let pair = pair.read_lock::<Array>();
        let named = pair.as_deref().and_then(|pair| match pair.as_slice() {
            [name, given] => Some((name.clone().into_string().ok()?, given)),
            _ => None,
        });
        let (name, given) = named.ok_or_else(|| {
            refuse(format!("axis {index} is a pair of a name and its values, such as [\"seed\", 0..8]"))
        })?;
        Ok((Arc::from(name.as_str()), values(&name, given)?))
    };
    lift(Space::new(pairs.iter().enumerate().map(axis).collect::<Fallible<_>>()?))
}

/// The values of an axis: an array, a range of whole numbers, a map `low`, `high` and `scale`, or one value.
pub(super) fn values(name: &str, given: &Dynamic) -> Fallible<Values> {
    if let Some(items) = given.read_lock::<Array>() {
        return Ok(Values::List(items.iter().map(|item| cell(name, item)).collect::<Fallible<_>>()?));
    }
    let ints = |first: i64, last: i128| Values::Ints {
        first,
        count: usize::try_from((last - i128::from(first)).max(0)).unwrap_or(usize::MAX),
    };
    if let Some(range) = given.read_lock::<std::ops::Range<i64>>() {
        return Ok(ints(range.start, range.end.into()));
    }
    if let Some(range) = given.read_lock::<std::ops::RangeInclusive<i64>>() {
        return Ok(ints(*range.start(), i128::from(*range.end()) + 1));
    }
    if let Some(map) = given.read_lock::<Map>() {
        let mut options = Options::new("a range", map.clone());
        let low = options.value("low").map(|value| number("low", &value)).transpose()?;
        let high = options.value("high").map(|value| number("high", &value)).transpose()?;
        let scale = options.choice("scale", &["linear", "log"])?;
        options.finish()?;
        let scale = if scale == Some("log") { Scale::Log } else { Scale::Linear };
        let (Some(low), Some(high)) = (low, high) else {
            return Err(refuse(format!(
                "axis `{name}` needs `low` and `high`, as in sweep::between(0.1, 0.9)"
            )));
        };
        return lift(Values::between(low, high, scale));
    }
    Ok(Values::List(vec![cell(name, given)?]))
}
