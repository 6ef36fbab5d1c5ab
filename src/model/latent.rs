//! The generator's input as a value: parts addressed by path, drawn from a seed on the host.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::ModelError;
use super::config::{Architecture, LatentWidths};
use crate::base::{Seed, suggestion};

/// One part of a latent: its path, such as `z_it.bass`, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `z`, `z_t`, `z_i.<track>` or `z_it.<track>`.
    pub path: String,
    /// First number.
    pub offset: usize,
    /// Numbers.
    pub size: usize,
}

/// Which parts a latent has: `z`, `z_t`, then `z_i` and `z_it` of every track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatentLayout {
    parts: Vec<Part>,
    size: usize,
}

impl LatentLayout {
    /// The layout of an architecture.
    pub fn of(architecture: &Architecture) -> Self {
        let LatentWidths { z, z_t, z_i, z_it } = architecture.latent;
        let of_tracks = [("z_i", z_i), ("z_it", z_it)].into_iter().flat_map(|(kind, width)| {
            architecture.grid.tracks.iter().map(move |track| (format!("{kind}.{track}"), width))
        });
        Self::of_parts([("z".to_owned(), z), ("z_t".to_owned(), z_t)].into_iter().chain(of_tracks))
    }

    /// One part `z` of `size` numbers, for models with a single vector.
    pub fn single(size: usize) -> Self {
        Self::of_parts([("z".to_owned(), size)])
    }

    /// The layout of parts of these paths and sizes, in order; parts without numbers are left out.
    pub fn of_parts(parts: impl IntoIterator<Item = (String, usize)>) -> Self {
        let mut layout = Self { parts: Vec::new(), size: 0 };
        parts.into_iter().for_each(|(path, size)| layout.push(path, size));
        layout
    }

    fn push(&mut self, path: String, size: usize) {
        if size > 0 {
            self.parts.push(Part { path, offset: self.size, size });
            self.size += size;
        }
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Numbers in all.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The parts that a path names: one part, or all tracks of `z_i` or `z_it`.
    ///
    /// # Errors
    /// [`ModelError::Part`] naming the parts there are.
    pub fn find(&self, path: &str) -> Result<Vec<&Part>, ModelError> {
        let prefix = format!("{path}.");
        let named = |part: &&Part| part.path == path || part.path.starts_with(&prefix);
        let found: Vec<&Part> = self.parts.iter().filter(named).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let mut known: Vec<&str> = self.parts.iter().map(|p| p.path.as_str()).collect();
        known.extend(["z_i", "z_it"].iter().filter(|kind| self.find_prefix(kind)));
        let hint = suggestion(path, known.iter().copied());
        Err(ModelError::Part { path: path.to_owned(), hint, known: known.join(", ") })
    }

    fn find_prefix(&self, kind: &str) -> bool {
        self.parts.iter().any(|p| p.path.split('.').next() == Some(kind) && p.path != kind)
    }
}

impl fmt::Display for LatentLayout {
    /// `384 = z 32 + z_t 32 + z_i 5x32 + z_it 5x32`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} =", self.size)?;
        let kind = |part: &Part| part.path.split('.').next().unwrap_or_default().to_owned();
        for (i, group) in self.parts.chunk_by(|a, b| kind(a) == kind(b)).enumerate() {
            let plus = if i > 0 { " +" } else { "" };
            match group {
                [one] => write!(f, "{plus} {} {}", one.path, one.size)?,
                many => write!(f, "{plus} {} {}x{}", kind(&many[0]), many.len(), many[0].size)?,
            }
        }
        Ok(())
    }
}

/// A point in a model's space of music.
#[derive(Clone, Debug, PartialEq)]
pub struct Latent {
    layout: Arc<LatentLayout>,
    values: Arc<Vec<f32>>,
    seed: Option<u64>,
}

impl Latent {
    /// Standard normal numbers from `seed`, each part from its own stream, so that the same seed and
    /// path are the same numbers whatever stands beside them.
    pub fn draw(layout: &Arc<LatentLayout>, seed: Seed) -> Self {
        Self::draw_truncated(layout, seed, f64::INFINITY)
    }

    /// The same with every number redrawn until it lies within `-bound..=bound`; `bound` positive.
    pub fn draw_truncated(layout: &Arc<LatentLayout>, seed: Seed, bound: f64) -> Self {
        let mut values = Vec::with_capacity(layout.size);
        for part in &layout.parts {
            values.extend(draw_part(part, seed, bound));
        }
        Self { layout: layout.clone(), values: Arc::new(values), seed: Some(seed.0) }
    }

    /// A latent with the given numbers.
    ///
    /// # Errors
    /// [`ModelError::WeightCount`] when there are more or fewer than the layout has.
    pub fn from_values(layout: &Arc<LatentLayout>, values: Vec<f32>) -> Result<Self, ModelError> {
        if values.len() != layout.size {
            return Err(ModelError::WeightCount { expected: layout.size, got: values.len() });
        }
        Ok(Self { layout: layout.clone(), values: Arc::new(values), seed: None })
    }

    /// Its layout.
    pub fn layout(&self) -> &Arc<LatentLayout> {
        &self.layout
    }

    /// Its numbers.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The seed it was drawn from, while nothing has changed it.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// The numbers of the parts that `path` names.
    ///
    /// # Errors
    /// [`ModelError::Part`].
    pub fn part(&self, path: &str) -> Result<Vec<f32>, ModelError> {
        let parts = self.layout.find(path)?;
        Ok(parts.iter().flat_map(|p| &self.values[p.offset..p.offset + p.size]).copied().collect())
    }

    /// The same latent with the named parts drawn anew from `seed`.
    ///
    /// # Errors
    /// [`ModelError::Part`].
    pub fn redraw(&self, paths: &[String], seed: Seed) -> Result<Self, ModelError> {
        let mut values = self.values.to_vec();
        for path in paths {
            for part in self.layout.find(path)? {
                let fresh: Vec<f32> = draw_part(part, seed, f64::INFINITY).collect();
                values[part.offset..part.offset + part.size].copy_from_slice(&fresh);
            }
        }
        Ok(self.with_values(values))
    }

    /// The same latent with the named parts taken from `other`.
    ///
    /// # Errors
    /// [`ModelError::Part`], [`ModelError::Layouts`].
    pub fn take(&self, paths: &[String], other: &Self) -> Result<Self, ModelError> {
        self.check_layout(other)?;
        let mut values = self.values.to_vec();
        for path in paths {
            for part in self.layout.find(path)? {
                let range = part.offset..part.offset + part.size;
                values[range.clone()].copy_from_slice(&other.values[range]);
            }
        }
        Ok(self.with_values(values))
    }

    /// A neighbour: every named part (all when there are none) turned towards numbers drawn from `seed`,
    /// by `amount` (0..=1) of a right angle, its length kept.
    ///
    /// # Errors
    /// [`ModelError::Part`]; [`ModelError::Range`] for an amount outside 0..=1.
    pub fn vary(&self, amount: f64, paths: &[String], seed: Seed) -> Result<Self, ModelError> {
        if !(0.0..=1.0).contains(&amount) {
            return Err(ModelError::Range { name: "amount", range: "0..=1", value: amount });
        }
        let mut parts: Vec<&Part> = Vec::new();
        for path in paths {
            parts.extend(self.layout.find(path)?);
        }
        if paths.is_empty() {
            parts.extend(&self.layout.parts);
        }
        let mut values = self.values.to_vec();
        let (sine, cosine) = (amount * std::f64::consts::FRAC_PI_2).sin_cos();
        for part in parts.into_iter().filter(|_| amount > 0.0) {
            let old = &self.values[part.offset..part.offset + part.size];
            let fresh: Vec<f32> = draw_part(part, seed, f64::INFINITY).collect();
            let (length, along) = (dot(old, old).sqrt(), dot(old, &fresh));
            // Only what stands at right angles to the old numbers turns them.
            let across = |(old, fresh): (&f32, &f32)| {
                let share = if length > 0.0 { along / (length * length) } else { 0.0 };
                f64::from(*fresh) - share * f64::from(*old)
            };
            let across: Vec<f64> = old.iter().zip(&fresh).map(across).collect();
            let size = across.iter().map(|x| x * x).sum::<f64>().sqrt();
            if size > 1e-9 {
                let turned = old.iter().zip(&across);
                let turned = turned.map(|(old, x)| cosine * f64::from(*old) + sine * length * x / size);
                let place = &mut values[part.offset..part.offset + part.size];
                place.iter_mut().zip(turned).for_each(|(value, new)| *value = new as f32);
            }
        }
        Ok(self.with_values(values))
    }

    /// Number by number: `combine(a, b)`.
    ///
    /// # Errors
    /// [`ModelError::Layouts`].
    pub fn zip(&self, other: &Self, combine: impl Fn(f32, f32) -> f32) -> Result<Self, ModelError> {
        self.check_layout(other)?;
        let pairs = self.values.iter().zip(other.values.iter());
        Ok(self.with_values(pairs.map(|(a, b)| combine(*a, *b)).collect()))
    }

    /// Every number through `change`.
    pub fn map(&self, change: impl Fn(f32) -> f32) -> Self {
        self.with_values(self.values.iter().map(|x| change(*x)).collect())
    }

    /// The straight line: `(1 - t) a + t b`, with exact ends.
    ///
    /// # Errors
    /// [`ModelError::Layouts`].
    pub fn lerp(&self, other: &Self, t: f64) -> Result<Self, ModelError> {
        if t == 0.0 || t == 1.0 {
            self.check_layout(other)?;
            return Ok(if t == 0.0 { self.clone() } else { other.clone() });
        }
        self.zip(other, |a, b| ((1.0 - t) * f64::from(a) + t * f64::from(b)) as f32)
    }

    /// The great circle, part by part (Shoemake 1985): `sin((1-t)w)/sin(w) a + sin(tw)/sin(w) b` with
    /// `w` the angle between the two; a part whose vectors are parallel goes by [`Latent::lerp`].
    ///
    /// # Errors
    /// [`ModelError::Layouts`].
    pub fn slerp(&self, other: &Self, t: f64) -> Result<Self, ModelError> {
        let mut values = self.lerp(other, t)?.values.to_vec();
        if t != 0.0 && t != 1.0 {
            for part in &self.layout.parts {
                let range = part.offset..part.offset + part.size;
                let (a, b) = (&self.values[range.clone()], &other.values[range.clone()]);
                if let Some((x, y)) = slerp_factors(a, b, t) {
                    for (value, (a, b)) in values[range].iter_mut().zip(a.iter().zip(b)) {
                        *value = (x * f64::from(*a) + y * f64::from(*b)) as f32;
                    }
                }
            }
        }
        Ok(self.with_values(values))
    }

    /// Euclidean length.
    pub fn norm(&self) -> f64 {
        dot(&self.values, &self.values).sqrt()
    }

    /// Euclidean distance.
    ///
    /// # Errors
    /// [`ModelError::Layouts`].
    pub fn distance(&self, other: &Self) -> Result<f64, ModelError> {
        Ok(self.zip(other, |a, b| a - b)?.norm())
    }

    /// First 16 hex digits of the SHA-256 of its numbers (little-endian 32-bit floats).
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for value in self.values.iter() {
            hash.update(value.to_le_bytes());
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    fn with_values(&self, values: Vec<f32>) -> Self {
        let seed = if values == *self.values { self.seed } else { None };
        Self { layout: self.layout.clone(), values: Arc::new(values), seed }
    }

    fn check_layout(&self, other: &Self) -> Result<(), ModelError> {
        if self.layout == other.layout {
            return Ok(());
        }
        Err(ModelError::Layouts { left: self.layout.to_string(), right: other.layout.to_string() })
    }
}

fn draw_part(part: &Part, seed: Seed, bound: f64) -> impl Iterator<Item = f32> {
    let mut rng = seed.stream(&format!("latent/{}", part.path));
    (0..part.size).map(move |_| rng.truncated_normal(bound) as f32)
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

fn slerp_factors(a: &[f32], b: &[f32], t: f64) -> Option<(f64, f64)> {
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    let angle = (dot(a, b) / lengths).clamp(-1.0, 1.0).acos();
    let sine = angle.sin();
    (lengths > 0.0 && sine > 1e-6).then(|| (((1.0 - t) * angle).sin() / sine, (t * angle).sin() / sine))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Arc<LatentLayout> {
        Arc::new(LatentLayout::of(&Architecture::hybrid_small()))
    }

    #[test]
    fn a_layout_names_its_parts() {
        assert_eq!(layout().to_string(), "384 = z 32 + z_t 32 + z_i 5x32 + z_it 5x32");
        assert_eq!(layout().find("z_i").unwrap().len(), 5);
        let error = layout().find("z_i.guitars").unwrap_err().to_string();
        assert!(error.contains("did you mean `z_i.guitar`?"), "{error}");
    }

    #[test]
    fn the_same_seed_is_the_same_latent() {
        let (a, b) = (Latent::draw(&layout(), Seed(7)), Latent::draw(&layout(), Seed(7)));
        assert_eq!(a, b);
        assert_eq!(a.seed(), Some(7));
        assert_ne!(a, Latent::draw(&layout(), Seed(8)));
        assert_eq!(a.digest(), b.digest());
    }

    #[test]
    fn redrawing_one_part_leaves_the_others() {
        let z = Latent::draw(&layout(), Seed(1));
        let other = z.redraw(&["z_i.drums".into()], Seed(2)).unwrap();
        assert_ne!(z.part("z_i.drums").unwrap(), other.part("z_i.drums").unwrap());
        for path in ["z", "z_t", "z_i.bass", "z_it"] {
            assert_eq!(z.part(path).unwrap(), other.part(path).unwrap());
        }
        let back = other.take(&["z_i.drums".into()], &z).unwrap();
        assert_eq!(back.values(), z.values());
        assert_eq!(
            other.part("z_i.drums").unwrap(),
            Latent::draw(&layout(), Seed(2)).part("z_i.drums").unwrap()
        );
    }

    #[test]
    fn lines_and_arcs_have_exact_ends() {
        let (a, b) = (Latent::draw(&layout(), Seed(1)), Latent::draw(&layout(), Seed(2)));
        for walk in [Latent::lerp, Latent::slerp] {
            assert_eq!(walk(&a, &b, 0.0).unwrap(), a);
            assert_eq!(walk(&a, &b, 1.0).unwrap().values(), b.values());
        }
        let middle = a.slerp(&b, 0.5).unwrap().norm();
        assert!((middle - (a.norm() + b.norm()) / 2.0).abs() < 1.0, "{middle}");
        assert!(a.lerp(&b, 0.5).unwrap().norm() < middle);
    }

    #[test]
    fn slerp_by_hand_is_a_quarter_turn() {
        let layout = Arc::new(LatentLayout::single(2));
        let at = |x, y| Latent::from_values(&layout, vec![x, y]).unwrap();
        let middle = at(2.0, 0.0).slerp(&at(0.0, 2.0), 0.5).unwrap();
        let root = 2.0f32.sqrt();
        assert!((middle.values()[0] - root).abs() < 1e-6 && (middle.values()[1] - root).abs() < 1e-6);
        let parallel = at(1.0, 0.0).slerp(&at(3.0, 0.0), 0.5).unwrap();
        assert_eq!(parallel.values(), [2.0, 0.0]);
    }

    #[test]
    fn a_variation_keeps_lengths_and_turns_by_the_amount() {
        let z = Latent::draw(&layout(), Seed(1));
        assert_eq!(z.vary(0.0, &[], Seed(2)).unwrap(), z);
        let third = z.vary(1.0 / 3.0, &[], Seed(2)).unwrap();
        for part in z.layout().parts() {
            let (a, b) = (z.part(&part.path).unwrap(), third.part(&part.path).unwrap());
            assert!((dot(&a, &a).sqrt() - dot(&b, &b).sqrt()).abs() < 1e-4, "{}", part.path);
            let cosine = dot(&a, &b) / dot(&a, &a);
            assert!((cosine - 0.75f64.sqrt()).abs() < 1e-5, "{}: {cosine}", part.path);
        }
        let drums = z.vary(0.5, &["z_i.drums".into()], Seed(2)).unwrap();
        assert_eq!(drums.take(&["z_i.drums".into()], &z).unwrap().values(), z.values());
        assert_ne!(drums, z);
        assert!(z.vary(1.5, &[], Seed(2)).unwrap_err().to_string().contains("`amount` must lie in 0..=1"));
    }

    #[test]
    fn truncated_draws_stay_inside() {
        let z = Latent::draw_truncated(&layout(), Seed(3), 0.5);
        assert!(z.values().iter().all(|x| x.abs() <= 0.5));
    }
}
