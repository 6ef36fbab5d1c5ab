//! Which settings a sweep tries.

use std::collections::HashSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::sobol;
use super::space::{Space, Values};
use crate::base::Seed;
use crate::experiment::write::field;
use crate::experiment::{Cell, ExperimentError};

/// One combination of values, by the axes' names and in their order.
pub type Point = Vec<(Arc<str>, Cell)>;

/// Most points that a sweep may have.
const MOST_POINTS: usize = 10_000_000;

/// The points of a sweep, each of which is a cell of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    space: Space,
    points: Points,
    fingerprint: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Points {
    /// Every combination, the last axis moving fastest.
    Grid { count: usize },
    /// Some combinations of a grid, by their numbers.
    Some(Vec<usize>),
    /// Values that were drawn.
    Drawn(Vec<Vec<Cell>>),
}

impl Plan {
    /// Every combination of the axes' values; the last axis moves fastest. No axes give the one empty
    /// point, an axis without values none.
    ///
    /// # Errors
    /// [`ExperimentError::Points`] beyond ten million, [`ExperimentError::Continuous`] for a range of floats.
    pub fn grid(space: Space) -> Result<Self, ExperimentError> {
        if let Some((name, _)) = space.axes().iter().find(|(_, values)| values.count().is_none()) {
            return Err(ExperimentError::Continuous { name: name.to_string() });
        }
        let count = count(&space)?;
        Ok(Self::new("grid", space, Points::Grid { count }))
    }

    /// `count` points that `seed` chooses: different combinations where every axis has a list of values
    /// (all of them when there are no more), independent draws where one is a range of floats.
    ///
    /// # Errors
    /// [`ExperimentError::Points`] beyond ten million.
    pub fn random(space: Space, wanted: usize, seed: Seed) -> Result<Self, ExperimentError> {
        let points = if space.axes().iter().all(|(_, values)| values.count().is_some()) {
            let mut all: Vec<usize> = (0..count(&space)?).collect();
            seed.stream("shuffled").shuffle(&mut all);
            all.truncate(wanted);
            Points::Some(all)
        } else {
            check(&space, wanted)?;
            let draw = |index: usize| {
                let mut rng = seed.child("random", index as u64).stream("axes");
                space.axes().iter().map(|(_, values)| values.at(rng.uniform())).collect()
            };
            Points::Drawn((0..wanted).map(draw).collect())
        };
        Ok(Self::new("random", space, points))
    }

    /// `count` points of Sobol's sequence, shifted by `seed`: they fill the space more evenly than random
    /// ones, best when `count` is a power of two.
    ///
    /// # Errors
    /// [`ExperimentError::Points`] beyond ten million, [`ExperimentError::Dimensions`] for more axes than
    /// the sequence has dimensions, [`ExperimentError::NoValues`] for an axis without values.
    pub fn sobol(space: Space, count: usize, seed: Seed) -> Result<Self, ExperimentError> {
        check(&space, count)?;
        if space.axes().len() > sobol::DIMENSIONS {
            let axes = space.axes().len();
            return Err(ExperimentError::Dimensions { axes, most: sobol::DIMENSIONS });
        }
        if let Some((name, _)) = space.axes().iter().find(|(_, values)| values.count() == Some(0)) {
            return Err(ExperimentError::NoValues { name: name.to_string() });
        }
        let mut rng = seed.stream("sobol");
        let shifts: Vec<u32> = space.axes().iter().map(|_| (rng.next_u64() >> 32) as u32).collect();
        let point = |index: usize| {
            let axes = space.axes().iter().zip(&shifts).enumerate();
            let value = |(dimension, ((_, values), shift)): (usize, (&(Arc<str>, Values), &u32))| {
                values.at(sobol::coordinate(index as u32, dimension, *shift))
            };
            axes.map(value).collect()
        };
        let points = Points::Drawn((0..count).map(point).collect());
        Ok(Self::new("sobol", space, points))
    }

    fn new(kind: &str, space: Space, points: Points) -> Self {
        let mut plan = Self { space, points, fingerprint: String::new() };
        let mut hash = Sha256::new();
        hash.update(kind);
        for (name, values) in plan.space.axes() {
            hash.update(format!("\naxis {}", field(&Cell::from(&**name))));
            if let Points::Grid { .. } = plan.points {
                match values {
                    Values::List(cells) => {
                        cells.iter().for_each(|cell| hash.update(format!(",{}", field(cell))))
                    }
                    other => hash.update(format!(",{other:?}")),
                }
            }
        }
        if !matches!(plan.points, Points::Grid { .. }) {
            for cell in 0..plan.len() {
                hash.update("\npoint");
                plan.point(cell).iter().for_each(|(_, cell)| hash.update(format!(",{}", field(cell))));
            }
        }
        plan.fingerprint = hex(&hash.finalize());
        plan
    }

    /// The same points of something else: `what` says what changes the rows beside the axes, such as the
    /// hash of a model.
    pub fn of(self, what: &str) -> Self {
        let fingerprint = hex(&Sha256::digest(format!("{}\n{what}", self.fingerprint)));
        Self { fingerprint, ..self }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        match &self.points {
            Points::Grid { count } => *count,
            Points::Some(chosen) => chosen.len(),
            Points::Drawn(points) => points.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The axes.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// 32 hex digits that tell this sweep from others: the same axes, values and points have the same.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Point `cell`, counted from 0; an empty one beyond the last.
    pub fn point(&self, cell: usize) -> Point {
        let values = match &self.points {
            Points::Grid { .. } => self.combination(cell),
            Points::Some(chosen) => {
                chosen.get(cell).map_or_else(Vec::new, |number| self.combination(*number))
            }
            Points::Drawn(points) => points.get(cell).cloned().unwrap_or_default(),
        };
        self.space.names().cloned().zip(values).collect()
    }

    /// Combination `number` of all.
    fn combination(&self, number: usize) -> Vec<Cell> {
        let mut rest = number;
        let mut cells: Vec<Cell> = self
            .space
            .axes()
            .iter()
            .rev()
            .map(|(_, values)| {
                let count = values.count().unwrap_or(1).max(1);
                let cell = values.nth(rest % count);
                rest /= count;
                cell
            })
            .collect();
        cells.reverse();
        cells
    }

    /// The values of an axis that occur, each once.
    pub fn values(&self, axis: &str) -> Vec<Cell> {
        let Some(place) = self.space.names().position(|name| **name == *axis) else { return Vec::new() };
        if let (Points::Grid { .. }, Some((_, values))) = (&self.points, self.space.axes().get(place)) {
            return (0..values.count().unwrap_or(0)).map(|index| values.nth(index)).collect();
        }
        let mut seen = HashSet::new();
        let cells = (0..self.len()).filter_map(|cell| self.point(cell).into_iter().nth(place));
        cells.filter_map(|(_, cell)| seen.insert(field(&cell)).then_some(cell)).collect()
    }
}

/// How many combinations there are.
fn count(space: &Space) -> Result<usize, ExperimentError> {
    let counts = space.axes().iter().map(|(_, values)| values.count().unwrap_or(0) as u128);
    let points = counts.fold(1, u128::saturating_mul);
    check(space, points)?;
    Ok(points as usize)
}

fn check(space: &Space, points: impl TryInto<u128>) -> Result<(), ExperimentError> {
    let points = points.try_into().unwrap_or(u128::MAX);
    match points <= MOST_POINTS as u128 {
        true => Ok(()),
        false => {
            let names: Vec<&str> = space.names().map(AsRef::as_ref).collect();
            Err(ExperimentError::Points { axes: names.join(", "), points, most: MOST_POINTS })
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::sweep::Scale;

    fn axis(name: &str, first: i64, count: usize) -> (Arc<str>, Values) {
        (name.into(), Values::Ints { first, count })
    }

    fn space(axes: &[(Arc<str>, Values)]) -> Space {
        Space::new(axes.to_vec()).unwrap()
    }

    fn texts(plan: &Plan) -> Vec<Vec<String>> {
        (0..plan.len())
            .map(|cell| plan.point(cell).iter().map(|(_, cell)| cell.to_string()).collect())
            .collect()
    }

    #[test]
    fn the_last_axis_moves_fastest() {
        let plan = Plan::grid(space(&[axis("a", 0, 2), axis("b", 5, 3)])).unwrap();
        assert_eq!(texts(&plan), [["0", "5"], ["0", "6"], ["0", "7"], ["1", "5"], ["1", "6"], ["1", "7"]]);
        assert!((0..6).all(|cell| &*plan.point(cell)[0].0 == "a" && &*plan.point(cell)[1].0 == "b"));
        assert_eq!(plan.values("b"), [5, 6, 7].map(Cell::Int));
    }

    #[test]
    fn no_axes_give_one_point_and_an_empty_axis_none() {
        let plan = Plan::grid(space(&[])).unwrap();
        assert_eq!((plan.len(), plan.point(0)), (1, Vec::new()));
        assert!(Plan::grid(space(&[axis("a", 0, 2), axis("b", 0, 0)])).unwrap().is_empty());
    }

    #[test]
    fn axes_given_twice_and_sweeps_without_end_are_refused() {
        let twice = Space::new(vec![axis("a", 0, 2), axis("a", 0, 2)]).unwrap_err().to_string();
        assert!(twice.starts_with("axis `a` is given twice"), "{twice}");
        let error = Plan::grid(space(&[axis("a", 0, 10_000), axis("b", 0, 10_000)])).unwrap_err().to_string();
        assert!(error.contains("a, b would have 100000000 points"), "{error}");
        let between = Values::between(0.0, 1.0, Scale::Linear).unwrap();
        let error = Plan::grid(space(&[("t".into(), between)])).unwrap_err().to_string();
        assert!(error.contains("axis `t` is a range"), "{error}");
    }

    #[test]
    fn random_points_of_lists_are_different_and_those_of_ranges_lie_inside() {
        let lists = space(&[axis("a", 0, 4), axis("b", 0, 4)]);
        let some = texts(&Plan::random(lists.clone(), 9, Seed(1)).unwrap());
        assert_eq!(some.iter().collect::<HashSet<_>>().len(), 9);
        assert_eq!(Plan::random(lists.clone(), 99, Seed(1)).unwrap().len(), 16);
        assert_ne!(some, texts(&Plan::random(lists, 9, Seed(2)).unwrap()));
        let ranges = space(&[("t".into(), Values::between(2.0, 3.0, Scale::Log).unwrap()), axis("a", 0, 3)]);
        let draw = |count| Plan::random(ranges.clone(), count, Seed(1)).unwrap();
        assert!((0..99).all(|cell| (2.0..=3.0).contains(&draw(99).point(cell)[0].1.number().unwrap())));
        assert_eq!(texts(&draw(5))[..], texts(&draw(9))[..5]);
    }

    #[test]
    fn sobols_points_take_every_value_equally_often() {
        let axes = [axis("a", 0, 4), ("t".into(), Values::between(0.0, 1.0, Scale::Linear).unwrap())];
        let plan = Plan::sobol(space(&axes), 64, Seed(5)).unwrap();
        let count = |wanted| (0..64).filter(|cell| plan.point(*cell)[0].1 == Cell::Int(wanted)).count();
        assert_eq!([0, 1, 2, 3].map(count), [16; 4]);
        let low = (0..64).filter(|cell| plan.point(*cell)[1].1.number().unwrap() < 0.25).count();
        assert_eq!(low, 16);
        let many: Vec<_> = (0..30).map(|n| axis(&format!("a{n}"), 0, 2)).collect();
        assert!(Plan::sobol(space(&many), 4, Seed(1)).unwrap_err().to_string().contains("30 axes"));
    }

    #[test]
    fn a_fingerprint_tells_sweeps_apart() {
        let print =
            |first, count| Plan::grid(space(&[axis("a", first, count)])).unwrap().fingerprint().to_owned();
        assert_eq!(print(0, 3), print(0, 3));
        assert_ne!(print(0, 3), print(0, 4));
        assert_ne!(print(0, 3), print(1, 3));
        let plan = Plan::grid(space(&[axis("a", 0, 3)])).unwrap();
        assert_ne!(plan.clone().of("model x").fingerprint(), plan.fingerprint());
    }
}
