//! The classifier two-sample test: can anything tell made from real?
//!
//! Lopez-Paz and Oquab, *Revisiting classifier two-sample tests* (ICLR 2017), with a logistic regression
//! whose weights are drawn to zero, so that few points are not learnt by heart: fitted on four fifths of the
//! clusters and asked about the rest, five times.

use super::StatisticsError;
use super::bootstrap::Clusters;
use super::linear::{cholesky, dot, solve};
use super::points::{Scale, check};
use crate::base::{Rng, Seed};

const NAME: &str = "the classifier test";
/// Parts that are left out in turn.
const FOLDS: usize = 5;
/// Clusters of each set: one a part.
const LEAST: usize = FOLDS;
/// Fewest points of each set.
const LEAST_POINTS: usize = 20;
/// Weight of the squared weights; features have deviation 1.
const RIDGE: f64 = 1.0;
/// Newton steps at most; a handful are usual.
const STEPS: usize = 50;

/// What the classifier said of every point while it was left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// Made points first, then real ones.
    points: Vec<Answer>,
    /// Indices by rising score, fold by fold.
    order: [Vec<usize>; FOLDS],
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Answer {
    /// Probability of being made, with as many real as made ones.
    score: f64,
    is_made: bool,
}

/// Trains and asks the classifier. `clusters` are those of the made and of the real points; no cluster is
/// on both sides of a division.
///
/// # Errors
/// [`StatisticsError::TooFew`] below 20 points or five clusters of either set,
/// [`StatisticsError::Labels`] when clusters are of other points, and those of points that are no points.
pub fn classify(
    made: &[Vec<f64>],
    real: &[Vec<f64>],
    clusters: [&Clusters; 2],
    seed: Seed,
) -> Result<Classified, StatisticsError> {
    let size = check(NAME, &[made, real])?;
    for (points, clusters) in [made, real].into_iter().zip(clusters) {
        let labels: usize = clusters.members().iter().map(Vec::len).sum();
        if labels != points.len() {
            return Err(StatisticsError::Labels { statistic: NAME, points: points.len(), labels });
        }
        StatisticsError::unless(NAME, "points in each set", points.len(), LEAST_POINTS)?;
        StatisticsError::unless(NAME, "songs in each set", clusters.len(), LEAST)?;
    }
    let mut rng = seed.stream("classifier/folds");
    let folds = [deal(clusters[0], &mut rng), deal(clusters[1], &mut rng)].concat();
    let points: Vec<Vec<f64>> = made.iter().chain(real).cloned().collect();
    let is_made = |place: usize| place < made.len();
    let mut answers: Vec<Answer> =
        (0..points.len()).map(|place| Answer { score: 0.5, is_made: is_made(place) }).collect();
    let mut order: [Vec<usize>; FOLDS] = std::array::from_fn(|_| Vec::new());
    for (fold, order) in order.iter_mut().enumerate() {
        let (asked, learnt): (Vec<usize>, Vec<usize>) =
            (0..points.len()).partition(|place| folds[*place] == fold);
        let of = |places: &[usize]| -> Vec<Vec<f64>> { places.iter().map(|i| points[*i].clone()).collect() };
        let scale = Scale::of(&of(&learnt));
        let labels: Vec<bool> = learnt.iter().map(|place| is_made(*place)).collect();
        let weights = fit(&scale.apply(&of(&learnt)), &labels, size);
        for (place, point) in asked.iter().zip(scale.apply(&of(&asked))) {
            answers[*place].score = logistic(dot(&weights[..size], &point) + weights[size]);
        }
        *order = asked;
        order.sort_by(|a, b| answers[*a].score.total_cmp(&answers[*b].score));
    }
    Ok(Classified { points: answers, order })
}

/// The part of each point: clusters in random order, each to the part with the fewest points.
fn deal(clusters: &Clusters, rng: &mut Rng) -> Vec<usize> {
    let mut members: Vec<&Vec<usize>> = clusters.members().iter().collect();
    rng.shuffle(&mut members);
    // The largest first, so that parts come out even.
    members.sort_by_key(|points| std::cmp::Reverse(points.len()));
    let mut sizes = [0; FOLDS];
    let mut folds = vec![0; members.iter().map(|points| points.len()).sum()];
    for points in members {
        let fold = (0..FOLDS).min_by_key(|fold| sizes[*fold]).unwrap_or(0);
        sizes[fold] += points.len();
        points.iter().for_each(|point| folds[*point] = fold);
    }
    folds
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Weights of the features and, last, the intercept, by Newton's method. Both classes weigh the same.
fn fit(points: &[Vec<f64>], labels: &[bool], size: usize) -> Vec<f64> {
    let made = labels.iter().filter(|label| **label).count().max(1) as f64;
    let real = (labels.len() as f64 - made).max(1.0);
    let half = labels.len() as f64 / 2.0;
    let mut weights = vec![0.0; size + 1];
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> = weights[..size].iter().map(|weight| RIDGE * weight).collect();
        gradient.push(0.0);
        let mut hessian = vec![0.0; (size + 1) * (size + 1)];
        (0..size).for_each(|i| hessian[i * (size + 1) + i] = RIDGE);
        for (point, label) in points.iter().zip(labels) {
            let p = logistic(dot(&weights[..size], point) + weights[size]);
            let (class, target) = if *label { (half / made, 1.0) } else { (half / real, 0.0) };
            let (slope, bend) = (class * (p - target), class * p * (1.0 - p));
            for i in 0..=size {
                let x = if i < size { point[i] } else { 1.0 };
                gradient[i] += slope * x;
                let row = &mut hessian[i * (size + 1)..i * (size + 1) + i];
                row.iter_mut().zip(point).for_each(|(sum, other)| *sum += bend * x * other);
                hessian[i * (size + 1) + i] += bend * x * x;
            }
        }
        for i in 0..=size {
            for j in 0..i {
                hessian[j * (size + 1) + i] = hessian[i * (size + 1) + j];
            }
        }
        let step = solve(&cholesky(&hessian, size + 1), size + 1, &gradient);
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight -= step);
        if step.iter().all(|step| step.abs() < 1e-8) {
            break;
        }
    }
    weights
}

impl Classified {
    /// Area under the ROC curve, 0..=1: how often a made point is taken to be more likely made than a real
    /// one of the same part; 0.5 when nothing tells them apart.
    pub fn auc(&self) -> f64 {
        self.auc_of(|_| 1.0, |place| self.points[place].is_made)
    }

    /// The same with each made and each real point counted as often as its weight says.
    pub fn auc_resampled(&self, made: &[f64], real: &[f64]) -> f64 {
        let weight = |place: usize| made.get(place).copied().unwrap_or_else(|| real[place - made.len()]);
        self.auc_of(weight, |place| self.points[place].is_made)
    }

    /// Mean of the shares of made and of real points that are told right, 0..=1; 0.5 by chance.
    pub fn accuracy(&self) -> f64 {
        let share = |made: bool| {
            let of: Vec<&Answer> = self.points.iter().filter(|answer| answer.is_made == made).collect();
            let right = of.iter().filter(|answer| (answer.score > 0.5) == made).count();
            right as f64 / of.len() as f64
        };
        (share(true) + share(false)) / 2.0
    }

    /// Probability of such an [`Self::auc`] if made and real songs could change places, by `rounds`
    /// shuffles of whole clusters within each part; the classifiers stay as they are.
    pub fn p(&self, [made, real]: [&Clusters; 2], seed: Seed, rounds: usize) -> f64 {
        let first: usize = made.members().iter().map(Vec::len).sum();
        let moved = real.members().iter().map(|points| points.iter().map(|point| point + first).collect());
        let clusters: Vec<Vec<usize>> = made.members().iter().cloned().chain(moved).collect();
        let mut part = vec![0; self.points.len()];
        for (fold, order) in self.order.iter().enumerate() {
            order.iter().for_each(|place| part[*place] = fold);
        }
        let mut parts: [Vec<usize>; FOLDS] = std::array::from_fn(|_| Vec::new());
        for (cluster, points) in clusters.iter().enumerate() {
            if let Some(point) = points.first() {
                parts[part[*point]].push(cluster);
            }
        }
        let observed = self.auc();
        let mut rng = seed.stream("classifier/shuffles");
        let mut is_made: Vec<bool> = self.points.iter().map(|answer| answer.is_made).collect();
        let rounds = rounds.max(1);
        let mut as_much = 0;
        for _ in 0..rounds {
            for part in &parts {
                let mut labels: Vec<bool> = part.iter().map(|cluster| *cluster < made.len()).collect();
                rng.shuffle(&mut labels);
                for (cluster, label) in part.iter().zip(labels) {
                    clusters[*cluster].iter().for_each(|point| is_made[*point] = label);
                }
            }
            as_much += usize::from(self.auc_of(|_| 1.0, |place| is_made[place]) >= observed - 1e-12);
        }
        (1 + as_much) as f64 / (1 + rounds) as f64
    }

    /// Over pairs of a made and a real point of one part: the share in which the made one has the higher
    /// score, equal ones counted half.
    fn auc_of(&self, weight: impl Fn(usize) -> f64, is_made: impl Fn(usize) -> bool) -> f64 {
        let (mut right, mut pairs) = (0.0, 0.0);
        for order in &self.order {
            let (mut real_below, mut all_made, mut at) = (0.0, 0.0, 0);
            while at < order.len() {
                let score = self.points[order[at]].score;
                let (mut made, mut real) = (0.0, 0.0);
                while at < order.len() && self.points[order[at]].score == score {
                    let weight = weight(order[at]);
                    if is_made(order[at]) {
                        made += weight
                    } else {
                        real += weight
                    }
                    at += 1;
                }
                right += made * (real_below + real / 2.0);
                real_below += real;
                all_made += made;
            }
            pairs += all_made * real_below;
        }
        if pairs > 0.0 { right / pairs } else { 0.5 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normals(count: usize, mean: f64, seed: u64) -> Vec<Vec<f64>> {
        let mut rng = Seed(seed).stream("test");
        (0..count).map(|_| vec![mean + rng.normal(), rng.normal(), 7.0]).collect()
    }

    fn each(count: usize) -> Clusters {
        Clusters::new(&(0..count).collect::<Vec<_>>())
    }

    #[test]
    fn samples_of_one_source_cannot_be_told_apart() {
        let clusters = each(150);
        let found = classify(&normals(150, 0.0, 1), &normals(150, 0.0, 2), [&clusters; 2], Seed(0)).unwrap();
        assert!((found.auc() - 0.5).abs() < 0.1 && (found.accuracy() - 0.5).abs() < 0.1, "{}", found.auc());
        assert!(found.p([&clusters; 2], Seed(0), 199) > 0.05);
    }

    #[test]
    fn shifted_samples_are_told_apart_as_well_as_can_be() {
        let clusters = each(200);
        let found = classify(&normals(200, 1.0, 1), &normals(200, 0.0, 2), [&clusters; 2], Seed(0)).unwrap();
        // The best is Φ(1 / √2) = 0.760 and Φ(1 / 2) = 0.691.
        assert!((found.auc() - 0.760).abs() < 0.06, "{}", found.auc());
        assert!((found.accuracy() - 0.691).abs() < 0.06, "{}", found.accuracy());
        assert_eq!(found.p([&clusters; 2], Seed(0), 199), 0.005);
        let weights = vec![1.0; 200];
        assert_eq!(found.auc_resampled(&weights, &weights), found.auc());
    }

    #[test]
    fn a_song_learnt_by_heart_does_not_help() {
        // 5 songs of 20 phrases each side, every song at its own random place.
        let sample = |seed: u64| -> Vec<Vec<f64>> {
            let mut rng = Seed(seed).stream("test");
            let mut points = Vec::new();
            for _ in 0..5 {
                let place: Vec<f64> = (0..6).map(|_| 10.0 * rng.normal()).collect();
                points.extend((0..20).map(|_| place.iter().map(|x| x + rng.normal()).collect()));
            }
            points
        };
        let songs = Clusters::new(&(0..100).map(|i| i / 20).collect::<Vec<_>>());
        let clusters = each(100);
        let (made, real) = (sample(1), sample(2));
        let by_song = classify(&made, &real, [&songs; 2], Seed(0)).unwrap();
        let by_phrase = classify(&made, &real, [&clusters; 2], Seed(0)).unwrap();
        assert!(by_phrase.auc() > 0.75 && by_song.auc() < 0.6, "{} {}", by_phrase.auc(), by_song.auc());
        assert!(by_song.p([&songs; 2], Seed(0), 199) > 0.02);
    }

    #[test]
    fn weights_are_those_of_least_loss() {
        // At the minimum the gradient is zero: Σ (p - y) x + w = 0, and Σ (p - y) = 0.
        let points = [vec![-1.0], vec![0.5], vec![0.0], vec![2.0]];
        let labels = [false, false, true, true];
        let weights = fit(&points, &labels, 1);
        let slope = |x: f64, label: bool| logistic(weights[0] * x + weights[1]) - f64::from(u8::from(label));
        let pairs = || points.iter().zip(labels);
        let sum: f64 = pairs().map(|(x, label)| slope(x[0], label) * x[0]).sum();
        assert!((sum + weights[0]).abs() < 1e-7, "{weights:?}");
        assert!(pairs().map(|(x, label)| slope(x[0], label)).sum::<f64>().abs() < 1e-7);
    }

    #[test]
    fn few_points_and_few_songs_are_refused() {
        let (few, some) = (each(19), Clusters::new(&[0; 20]));
        let error = classify(&normals(19, 0.0, 1), &normals(20, 0.0, 2), [&few, &each(20)], Seed(0));
        let message = error.unwrap_err().to_string();
        assert_eq!(message, "the classifier test needs at least 20 points in each set, got 19");
        let error = classify(&normals(20, 0.0, 1), &normals(20, 0.0, 2), [&some, &each(20)], Seed(0));
        let message = error.unwrap_err().to_string();
        assert_eq!(message, "the classifier test needs at least 5 songs in each set, got 1");
        assert!(classify(&normals(20, 0.0, 1), &normals(20, 0.0, 2), [&few, &each(20)], Seed(0)).is_err());
    }
}
