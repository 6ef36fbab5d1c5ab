//! Statistics of all features together: neighbourhoods, Fréchet distances, the classifier.

use super::{Estimate, Features, Judged, Options, Row, Sets, SongSet, Statistic};
use crate::base::Seed;
use crate::metrics::MetricsError;
use crate::statistics::{
    Clusters, Covariance, Interval, Neighbourhood, Neighbours, Scale, StatisticsError, bootstrap, classify,
    frechet, frechet_extrapolated, frechet_weighted,
};

/// Deviations below this are rounding.
const ROUNDING: f64 = 1e-9;
/// Shuffles of the classifier's test.
const ROUNDS: usize = 999;
/// Most resamples of the extrapolated distance, each of which takes twenty distances.
const EXTRAPOLATED: usize = 100;

/// Phrases as points, in deviations of the reference.
pub(super) struct Joint {
    pub names: Vec<String>,
    pub filled: [f64; 3],
    made: Vec<Vec<f64>>,
    floor: Vec<Vec<f64>>,
    reference: Vec<Vec<f64>>,
}

impl Joint {
    pub fn of(judged: &Judged) -> Self {
        let names: Vec<String> =
            judged.reference.joint_names().filter(|name| varies(&judged.reference, name)).cloned().collect();
        let means: Vec<f64> = names
            .iter()
            .map(|name| {
                let (_, points) = judged.reference.defined(name);
                points.iter().map(|point| point[0]).sum::<f64>() / points.len() as f64
            })
            .collect();
        let points = |features: &Features| {
            let columns: Vec<Vec<&[f64]>> = names.iter().map(|name| features.values(name)).collect();
            let mut missing = 0;
            let points: Vec<Vec<f64>> = (0..features.len())
                .map(|phrase| {
                    let value = |(column, mean): (&Vec<&[f64]>, &f64)| match column[phrase].first() {
                        Some(value) => *value,
                        None => {
                            missing += 1;
                            *mean
                        }
                    };
                    columns.iter().zip(&means).map(value).collect()
                })
                .collect();
            (points, missing as f64 / (names.len() * features.len()).max(1) as f64)
        };
        let [made, floor, reference] = [&judged.made, &judged.floor, &judged.reference].map(points);
        let scale = Scale::of(&reference.0);
        Self {
            filled: [made.1, floor.1, reference.1],
            made: scale.apply(&made.0),
            floor: scale.apply(&floor.0),
            reference: scale.apply(&reference.0),
            names,
        }
    }

    /// The row of every statistic that is wanted.
    pub fn rows(&self, sets: &Sets, options: &Options) -> Vec<Row> {
        let of = |points: &[Vec<f64>], set: &SongSet| {
            let clusters = [set.clusters(), sets.reference.clusters()];
            self.estimates(points, [&clusters[0], &clusters[1]], options)
        };
        let made = of(&self.made, &sets.made);
        let floor = of(&self.floor, &sets.floor);
        let pairs = made.into_iter().zip(floor);
        pairs.map(|((statistic, made), (_, floor))| Row { statistic, feature: None, made, floor }).collect()
    }

    fn estimates(
        &self,
        made: &[Vec<f64>],
        sets: [&Clusters; 2],
        options: &Options,
    ) -> Vec<(Statistic, Result<Estimate, StatisticsError>)> {
        let real = &self.reference;
        let wanted = |statistic: &Statistic| options.statistics.contains(statistic);
        let seed = options.seed.child("against/together", 0);
        let mut found = Vec::new();
        const NEAR: [Statistic; 4] =
            [Statistic::Precision, Statistic::Recall, Statistic::Density, Statistic::Coverage];
        if NEAR.iter().any(wanted) {
            let estimates = neighbourhood(made, real, sets, options, seed);
            for (place, statistic) in NEAR.into_iter().enumerate().filter(|(_, s)| wanted(s)) {
                found.push((statistic, estimates.clone().map(|estimates| estimates[place])));
            }
        }
        if wanted(&Statistic::Frechet) {
            found.push((Statistic::Frechet, distance(made, real, sets, options, seed)));
        }
        if wanted(&Statistic::FrechetExtrapolated) {
            let estimate = extrapolated(made, real, sets, options, seed);
            found.push((Statistic::FrechetExtrapolated, estimate));
        }
        if wanted(&Statistic::Classifier) {
            found.push((Statistic::Classifier, classifier(made, real, sets, options, seed)));
        }
        found
    }
}

/// The features of two sets together, in deviations of the real one: a point a phrase, of the made and of
/// the real phrases.
///
/// # Errors
/// As [`super::against`] for the sets.
pub fn points(
    made: &SongSet,
    real: &SongSet,
    definitions: &crate::metrics::Options,
) -> Result<[Vec<Vec<f64>>; 2], MetricsError> {
    super::check_together(&[("made", made.phrases()), ("real", real.phrases())])?;
    let [made, reference] = [made, real].map(|set| Features::of(set.phrases(), definitions));
    let judged = Judged { made, floor: Features::of(&[], definitions), reference };
    let joint = Joint::of(&judged);
    Ok([joint.made, joint.reference])
}

/// Whether a feature is defined in half of the phrases and not always the same.
fn varies(features: &Features, name: &str) -> bool {
    let (phrases, points) = features.defined(name);
    let first = points.first().map_or(0.0, |point| point[0]);
    phrases.len() * 2 >= features.len() && points.iter().any(|point| (point[0] - first).abs() > ROUNDING)
}

fn neighbourhood(
    made: &[Vec<f64>],
    real: &[Vec<f64>],
    sets: [&Clusters; 2],
    options: &Options,
    seed: Seed,
) -> Result<[Estimate; 4], StatisticsError> {
    let neighbours = Neighbours::new(made, real, options.neighbours)?;
    let values = neighbours.whole().values();
    let resampled = |[made, real]: [&[f64]; 2]| Neighbourhood::values(&neighbours.resampled(made, real));
    let intervals = bootstrap(sets, options.resamples, seed, resampled).ok();
    Ok(std::array::from_fn(|place| Estimate::new(values[place], intervals.map(|all| all[place]))))
}

fn distance(
    made: &[Vec<f64>],
    real: &[Vec<f64>],
    sets: [&Clusters; 2],
    options: &Options,
    seed: Seed,
) -> Result<Estimate, StatisticsError> {
    let kind = Covariance::LedoitWolf;
    let value = frechet(made, real, kind)?.distance;
    let resampled = |[a, b]: [&[f64]; 2]| [frechet_weighted([(made, a), (real, b)], kind).distance];
    let drawn = Interval::centred(value, sets, options.resamples, seed, resampled)?;
    // No distance is negative.
    let interval = drawn.map(|interval| Interval { low: interval.low.max(0.0), ..interval });
    Ok(Estimate::new(value, interval))
}

fn extrapolated(
    made: &[Vec<f64>],
    real: &[Vec<f64>],
    sets: [&Clusters; 2],
    options: &Options,
    seed: Seed,
) -> Result<Estimate, StatisticsError> {
    let value = frechet_extrapolated(made, real, seed)?;
    let repeated = |points: &[Vec<f64>], weights: &[f64]| -> Vec<Vec<f64>> {
        let times = |(point, weight): (&Vec<f64>, &f64)| vec![point.clone(); *weight as usize];
        points.iter().zip(weights).flat_map(times).collect()
    };
    let resampled = |[a, b]: [&[f64]; 2]| {
        [frechet_extrapolated(&repeated(made, a), &repeated(real, b), seed).unwrap_or(f64::NAN)]
    };
    let resamples = options.resamples.min(EXTRAPOLATED);
    Ok(Estimate::new(value, Interval::centred(value, sets, resamples, seed, resampled)?))
}

fn classifier(
    made: &[Vec<f64>],
    real: &[Vec<f64>],
    sets: [&Clusters; 2],
    options: &Options,
    seed: Seed,
) -> Result<Estimate, StatisticsError> {
    let classified = classify(made, real, sets, seed)?;
    let resampled = |[made, real]: [&[f64]; 2]| [classified.auc_resampled(made, real)];
    let interval = bootstrap(sets, options.resamples, seed, resampled).ok().map(|[interval]| interval);
    let p = classified.p(sets, seed, ROUNDS);
    Ok(Estimate { p: Some(p), ..Estimate::new(classified.auc(), interval) })
}
