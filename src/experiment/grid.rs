//! Every combination of the values of some axes.

use std::sync::Arc;

use super::{Cell, ExperimentError};

/// A name and the values it takes.
pub type Axis = (Arc<str>, Vec<Cell>);

/// One combination of values, by the axes' names and in their order.
pub type Point = Vec<(Arc<str>, Cell)>;

/// Most points that a sweep may have.
const MOST_POINTS: usize = 10_000_000;

/// The points of a sweep: every combination of the axes' values, as named cells in the order of the
/// axes. The last axis moves fastest. No axes give the one empty point, an axis without values none.
///
/// # Errors
/// [`ExperimentError::Axis`] when a name comes twice, [`ExperimentError::Points`] beyond ten million.
pub fn grid(axes: &[Axis]) -> Result<Vec<Point>, ExperimentError> {
    for (place, (name, _)) in axes.iter().enumerate() {
        if axes[..place].iter().any(|(before, _)| before == name) {
            return Err(ExperimentError::Axis(name.to_string()));
        }
    }
    let points = axes.iter().fold(1u128, |product, (_, values)| product.saturating_mul(values.len() as u128));
    let count = usize::try_from(points).ok().filter(|count| *count <= MOST_POINTS).ok_or_else(|| {
        let names: Vec<&str> = axes.iter().map(|(name, _)| name.as_ref()).collect();
        ExperimentError::Points { axes: names.join(", "), points, most: MOST_POINTS }
    })?;
    let point = |index: usize| {
        let mut rest = index;
        let mut cells: Point = axes
            .iter()
            .rev()
            .map(|(name, values)| {
                let cell = values[rest % values.len()].clone();
                rest /= values.len();
                (name.clone(), cell)
            })
            .collect();
        cells.reverse();
        cells
    };
    Ok((0..count).map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(name: &str, values: std::ops::Range<i64>) -> Axis {
        (name.into(), values.map(Cell::Int).collect())
    }

    #[test]
    fn the_last_axis_moves_fastest() {
        let points = grid(&[axis("a", 0..2), axis("b", 5..8)]).unwrap();
        let values: Vec<Vec<String>> =
            points.iter().map(|point| point.iter().map(|(_, cell)| cell.to_string()).collect()).collect();
        assert_eq!(values, [["0", "5"], ["0", "6"], ["0", "7"], ["1", "5"], ["1", "6"], ["1", "7"]]);
        assert!(points.iter().all(|point| (&*point[0].0, &*point[1].0) == ("a", "b")));
    }

    #[test]
    fn no_axes_give_one_point_and_an_empty_axis_none() {
        assert_eq!(grid(&[]).unwrap(), [[]]);
        assert_eq!(grid(&[axis("a", 0..2), axis("b", 0..0)]).unwrap().len(), 0);
    }

    #[test]
    fn axes_given_twice_and_sweeps_without_end_are_refused() {
        let twice = grid(&[axis("a", 0..2), axis("a", 0..2)]).unwrap_err().to_string();
        assert!(twice.starts_with("axis `a` is given twice"), "{twice}");
        let large = [axis("a", 0..10_000), axis("b", 0..10_000)];
        let error = grid(&large).unwrap_err().to_string();
        assert!(error.contains("a, b would have 100000000 points"), "{error}");
    }
}
