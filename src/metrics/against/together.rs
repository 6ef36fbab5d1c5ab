//! Statistics of all features together: neighbourhoods, Fréchet distances, the classifier.

use super::{Estimate, Features, Judged, Options, Row, Sets, SongSet, Statistic, unless_stopped};
use crate::base::{Cancel, Seed};
use crate::metrics::MetricsError;
use crate::music::Multitrack;
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

/// The features that say something together of a set of phrases, as a space: which they are, what stands
/// in for one that is undefined, and how widely each varies.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    names: Vec<String>,
    means: Vec<f64>,
    scale: Scale,
}

impl Space {
    /// The space of a set: the features that are defined in half of its phrases and vary in it, each with
    /// its mean at 0 and its deviation 1.
    pub fn of(reference: &Features) -> Self {
        let names: Vec<String> =
            reference.joint_names().filter(|name| varies(reference, name)).cloned().collect();
        let mean = |name: &String| {
            let (_, points) = reference.defined(name);
            points.iter().map(|point| point[0]).sum::<f64>() / points.len() as f64
        };
        let means: Vec<f64> = names.iter().map(mean).collect();
        let scale = Scale::of(&filled(reference, &names, &means).0);
        Self { names, means, scale }
    }

    /// Names of its features.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A point for each phrase, and the share of their numbers that were undefined.
    pub fn points(&self, features: &Features) -> (Vec<Vec<f64>>, f64) {
        let (points, missing) = filled(features, &self.names, &self.means);
        (self.scale.apply(&points), missing)
    }
}

/// The named features of every phrase, the means where one is undefined, and the share that was.
fn filled(features: &Features, names: &[String], means: &[f64]) -> (Vec<Vec<f64>>, f64) {
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
            columns.iter().zip(means).map(value).collect()
        })
        .collect();
    (points, missing as f64 / (names.len() * features.len()).max(1) as f64)
}

impl Joint {
    pub fn of(judged: &Judged) -> Self {
        let space = Space::of(&judged.reference);
        let [made, floor, reference] =
            [&judged.made, &judged.floor, &judged.reference].map(|features| space.points(features));
        Self {
            filled: [made.1, floor.1, reference.1],
            made: made.0,
            floor: floor.0,
            reference: reference.0,
            names: space.names,
        }
    }

    /// The row of every statistic that is wanted; those that are not done when `cancel` is raised are not
    /// finished.
    pub fn rows(&self, sets: &Sets, options: &Options, cancel: &Cancel) -> Vec<Row> {
        let of = |points: &[Vec<f64>], set: &SongSet| {
            let clusters = [set.clusters(), sets.reference.clusters()];
            let seed = options.seed.child("against/together", 0);
            let sets = [&clusters[0], &clusters[1]];
            Pair { made: points, real: &self.reference, sets, options, seed, cancel }.estimates()
        };
        let made = of(&self.made, &sets.made);
        let floor = of(&self.floor, &sets.floor);
        let pairs = made.into_iter().zip(floor);
        pairs.map(|((statistic, made), (_, floor))| Row { statistic, feature: None, made, floor }).collect()
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
    let measured = |phrases: &[Multitrack]| Features::of(phrases, definitions, &Cancel::new());
    let judged = Judged {
        made: measured(made.phrases())?,
        floor: measured(&[])?,
        reference: measured(real.phrases())?,
    };
    let joint = Joint::of(&judged);
    Ok([joint.made, joint.reference])
}

/// Whether a feature is defined in half of the phrases and not always the same.
fn varies(features: &Features, name: &str) -> bool {
    let (phrases, points) = features.defined(name);
    let first = points.first().map_or(0.0, |point| point[0]);
    phrases.len() * 2 >= features.len() && points.iter().any(|point| (point[0] - first).abs() > ROUNDING)
}

/// Two sets of points, and how they are compared.
struct Pair<'a> {
    made: &'a [Vec<f64>],
    real: &'a [Vec<f64>],
    /// The songs of either set.
    sets: [&'a Clusters; 2],
    options: &'a Options,
    seed: Seed,
    cancel: &'a Cancel,
}

impl Pair<'_> {
    fn estimates(&self) -> Vec<(Statistic, Result<Estimate, StatisticsError>)> {
        let wanted = |statistic: &Statistic| self.options.statistics.contains(statistic);
        let mut found = Vec::new();
        const NEAR: [Statistic; 4] =
            [Statistic::Precision, Statistic::Recall, Statistic::Density, Statistic::Coverage];
        if NEAR.iter().any(wanted) {
            let estimates = self.neighbourhood();
            for (place, statistic) in NEAR.into_iter().enumerate().filter(|(_, s)| wanted(s)) {
                found.push((statistic, estimates.clone().map(|estimates| estimates[place])));
            }
        }
        if wanted(&Statistic::Frechet) {
            found.push((Statistic::Frechet, self.distance()));
        }
        if wanted(&Statistic::FrechetExtrapolated) {
            found.push((Statistic::FrechetExtrapolated, self.extrapolated()));
        }
        if wanted(&Statistic::Classifier) {
            found.push((Statistic::Classifier, self.classifier()));
        }
        found
    }

    fn neighbourhood(&self) -> Result<[Estimate; 4], StatisticsError> {
        let neighbours = Neighbours::new(self.made, self.real, self.options.neighbours)?;
        let values = neighbours.whole().values();
        let resampled = |[made, real]: [&[f64]; 2]| Neighbourhood::values(&neighbours.resampled(made, real));
        let intervals = self.intervals(resampled);
        Ok(std::array::from_fn(|place| Estimate::new(values[place], intervals.map(|all| all[place]))))
    }

    fn distance(&self) -> Result<Estimate, StatisticsError> {
        let (made, real, kind) = (self.made, self.real, Covariance::LedoitWolf);
        let value = frechet(made, real, kind)?.distance;
        let resampled = |[a, b]: [&[f64]; 2]| [frechet_weighted([(made, a), (real, b)], kind).distance];
        let drawn = self.centred(value, self.options.resamples, resampled)?;
        // No distance is negative.
        let interval = drawn.map(|interval| Interval { low: interval.low.max(0.0), ..interval });
        Ok(Estimate::new(value, interval))
    }

    fn extrapolated(&self) -> Result<Estimate, StatisticsError> {
        let value = frechet_extrapolated(self.made, self.real, self.seed)?;
        let repeated = |points: &[Vec<f64>], weights: &[f64]| -> Vec<Vec<f64>> {
            let times = |(point, weight): (&Vec<f64>, &f64)| vec![point.clone(); *weight as usize];
            points.iter().zip(weights).flat_map(times).collect()
        };
        let resampled = |[a, b]: [&[f64]; 2]| {
            let (made, real) = (repeated(self.made, a), repeated(self.real, b));
            [frechet_extrapolated(&made, &real, self.seed).unwrap_or(f64::NAN)]
        };
        let resamples = self.options.resamples.min(EXTRAPOLATED);
        Ok(Estimate::new(value, self.centred(value, resamples, resampled)?))
    }

    fn classifier(&self) -> Result<Estimate, StatisticsError> {
        let classified = classify(self.made, self.real, self.sets, self.seed)?;
        let resampled = |[made, real]: [&[f64]; 2]| [classified.auc_resampled(made, real)];
        let interval = self.intervals(resampled).map(|[interval]| interval);
        let p = classified.p(self.sets, self.seed, ROUNDS);
        Ok(Estimate { p: Some(p), ..Estimate::new(classified.auc(), interval) })
    }

    /// [`bootstrap`] by song; `None` where there are too few songs.
    fn intervals<const M: usize>(
        &self,
        statistics: impl Fn([&[f64]; 2]) -> [f64; M] + Sync,
    ) -> Option<[Interval; M]> {
        bootstrap(self.sets, self.options.resamples, self.seed, unless_stopped(self.cancel, statistics)).ok()
    }

    /// [`Interval::centred`] by song.
    fn centred(
        &self,
        value: f64,
        resamples: usize,
        statistic: impl Fn([&[f64]; 2]) -> [f64; 1] + Sync,
    ) -> Result<Option<Interval>, StatisticsError> {
        Interval::centred(value, self.sets, resamples, self.seed, unless_stopped(self.cancel, statistic))
    }
}
