//! Directions in latent space along which a quality of the music changes, fitted by linear regression.

use std::sync::Arc;

use super::{Latent, LatentLayout, ModelError};

/// Rounds of the solver; more change nothing that can be heard.
const ROUNDS: usize = 30;

/// The direction along which `values` rise fastest over the latents they were measured at, of length 1:
/// one standard deviation of drawn latents along it. Only the parts that `paths` name are moved (all
/// when there are none).
///
/// A ridge regression (Hoerl and Kennard 1970) of the values on the numbers of the latents; its penalty
/// is as many samples as the latent has numbers, which is right when latents explain about half of what
/// varies. Solved by conjugate gradients.
///
/// # Errors
/// [`ModelError::Part`] for an unknown path, [`ModelError::Layouts`] when the latents are of different
/// models, [`ModelError::Direction`] when there are fewer than three samples or all values are equal.
pub fn direction(latents: &[Latent], values: &[f64], paths: &[String]) -> Result<Latent, ModelError> {
    let few = |reason: &str| ModelError::Direction { reason: reason.to_owned() };
    let layout: &Arc<LatentLayout> = match latents.first() {
        Some(first) if latents.len() >= 3 && values.len() == latents.len() => first.layout(),
        _ => return Err(few("needs at least three samples in which the quality is defined")),
    };
    if let Some(other) = latents.iter().find(|latent| latent.layout() != layout) {
        return Err(ModelError::Layouts { left: layout.to_string(), right: other.layout().to_string() });
    }
    let moved = moved(layout, paths)?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let wanted: Vec<f64> = values.iter().map(|value| value - mean).collect();
    if wanted.iter().all(|value| value.abs() < 1e-12) {
        return Err(few("is nowhere: the quality is the same in every sample"));
    }
    let rows: Vec<Vec<f64>> = latents
        .iter()
        .map(|latent| moved.iter().map(|place| f64::from(latent.values()[*place])).collect())
        .collect();
    let slopes = ridge(&rows, &wanted);
    let length = slopes.iter().map(|x| x * x).sum::<f64>().sqrt();
    let mut numbers = vec![0.0; layout.size()];
    for (place, slope) in moved.iter().zip(&slopes) {
        numbers[*place] = (slope / length) as f32;
    }
    Latent::from_values(layout, numbers)
}

/// Places of the numbers that may move.
fn moved(layout: &LatentLayout, paths: &[String]) -> Result<Vec<usize>, ModelError> {
    if paths.is_empty() {
        return Ok((0..layout.size()).collect());
    }
    let mut places = Vec::new();
    for path in paths {
        places.extend(layout.find(path)?.into_iter().flat_map(|part| part.offset..part.offset + part.size));
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

/// Solves `(XᵀX + dI) w = Xᵀy` for rows `X` of `d` numbers.
fn ridge(rows: &[Vec<f64>], wanted: &[f64]) -> Vec<f64> {
    let width = rows.first().map_or(0, Vec::len);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let transposed = |weights: &[f64]| {
        let mut sum = vec![0.0; width];
        for (row, weight) in rows.iter().zip(weights) {
            sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += weight * x);
        }
        sum
    };
    let normal = |w: &[f64]| {
        let along: Vec<f64> = rows.iter().map(|row| dot(row, w)).collect();
        let mut product = transposed(&along);
        product.iter_mut().zip(w).for_each(|(product, w)| *product += width as f64 * w);
        product
    };
    let mut solution = vec![0.0; width];
    let mut rest = transposed(wanted);
    let mut way = rest.clone();
    let mut size = dot(&rest, &rest);
    for _ in 0..ROUNDS {
        if size < 1e-24 {
            break;
        }
        let image = normal(&way);
        let step = size / dot(&way, &image);
        solution.iter_mut().zip(&way).for_each(|(x, way)| *x += step * way);
        rest.iter_mut().zip(&image).for_each(|(rest, image)| *rest -= step * image);
        let next = dot(&rest, &rest);
        way.iter_mut().zip(&rest).for_each(|(way, rest)| *way = rest + next / size * *way);
        size = next;
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::model::config::Architecture;

    fn samples(count: u64) -> Vec<Latent> {
        let layout = Arc::new(LatentLayout::of(&Architecture::hybrid_small()));
        (0..count).map(|seed| Latent::draw(&layout, Seed(seed))).collect()
    }

    /// Three times the first number of the bass's own part less the second, with something else on top.
    fn quality(latent: &Latent) -> f64 {
        let bass = latent.part("z_i.bass").unwrap();
        f64::from(3.0 * bass[0] - bass[1]) + 0.5 * f64::from(latent.part("z").unwrap()[4]) + 7.0
    }

    #[test]
    fn a_known_direction_is_found_and_has_length_one() {
        let latents = samples(800);
        let values: Vec<f64> = latents.iter().map(quality).collect();
        let found = direction(&latents, &values, &[]).unwrap();
        assert!((found.norm() - 1.0).abs() < 1e-5);
        let bass = found.part("z_i.bass").unwrap();
        assert!(bass[0] > 0.75 && (-0.45..-0.1).contains(&bass[1]), "{} {}", bass[0], bass[1]);
    }

    #[test]
    fn only_the_named_parts_are_moved() {
        let latents = samples(300);
        let values: Vec<f64> = latents.iter().map(quality).collect();
        let found = direction(&latents, &values, &["z".into(), "z_t".into()]).unwrap();
        let moved = |path: &str| found.part(path).unwrap().iter().any(|x| *x != 0.0);
        assert!(moved("z") && moved("z_t") && !moved("z_i") && !moved("z_it"));
        assert!(found.part("z").unwrap()[4] > 0.1);
    }

    #[test]
    fn the_regression_by_hand() {
        // (XᵀX + 1) w = Xᵀy with x = 1, 2, 3 and y = 2, 4, 6: 15 w = 28.
        let rows = [1.0, 2.0, 3.0].map(|x| vec![x]).to_vec();
        let slopes = ridge(&rows, &[2.0, 4.0, 6.0]);
        assert!((slopes[0] - 28.0 / 15.0).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_direction_is_refused() {
        let latents = samples(5);
        let refused = |values: &[f64], paths: &[String]| {
            direction(&latents[..values.len()], values, paths).unwrap_err().to_string()
        };
        assert!(refused(&[1.0; 5], &[]).contains("the same in every sample"));
        assert!(refused(&[1.0, 2.0], &[]).contains("at least three samples"));
        assert!(refused(&[1.0, 2.0, 3.0], &["z_x".into()]).contains("z_x"));
    }
}
