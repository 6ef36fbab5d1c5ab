//! How far samples are from real music: a row of `metrics.csv`, and whether training goes wrong.
//!
//! Three numbers sum a row up:
//! * `distance`: how many deviations the samples' measures lie from those of real phrases, on average
//!   over the measures; a measure's deviation is that of single real phrases, and none counts more than
//!   3, which is also what a measure counts that the samples have no value of;
//! * `diversity`: the samples' mean pairwise Jaccard distance, by that of real phrases;
//! * `coverage`: the share of real phrases with a sample in their neighbourhood of five, by the same
//!   measures ([`coverage`]).
//!
//! The first row is called `real`: the measures of the real phrases, and how far others of them are.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::log::rows;
use super::play::Player;
use super::{Corpus, TrainError, Trainer};
use crate::base::{Seed, Stamp, write_atomically};
use crate::metrics::{Options, measure, measure_phrases, set};
use crate::music::Multitrack;
use crate::statistics::coverage;
use crate::view::chart::{Chart, Plot, Point, Series, Spread};

/// Phrases that the measures are taken over.
const MEASURED: usize = 128;
/// Fewest real phrases that others are set beside.
const FEWEST: usize = 16;
/// What a measure counts at most, in deviations.
const FARTHEST: f64 = 3.0;
/// Neighbours that the neighbourhood of a real phrase reaches.
const NEIGHBOURS: usize = 5;
/// Less of real music's diversity than this is a collapse, from this share of the run on.
const LEAST_DIVERSITY: f64 = 0.7;
/// Less coverage than this is a collapse.
const LEAST_COVERAGE: f64 = 0.2;
const JUDGED_FROM: f64 = 0.1;
/// The last columns, which sum the others up.
const SUMS: [&str; 3] = ["diversity", "coverage", "distance"];

/// Values by name, in the order of columns.
type Figures = Vec<(String, Option<f64>)>;

/// The numbers that sum a set of phrases up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Mean pairwise Jaccard distance, by that of real phrases.
    pub diversity: Option<f64>,
    /// Share of real phrases with one of these in their neighbourhood.
    pub coverage: Option<f64>,
    /// Mean distance of the measures from real ones, in deviations.
    pub distance: Option<f64>,
}

impl Verdict {
    /// What is wrong at step `step` of `steps`, and what helps; a network that has hardly begun is not
    /// judged.
    pub fn advice(&self, step: u64, steps: u64) -> Option<String> {
        if (step as f64) < JUDGED_FROM * steps as f64 {
            return None;
        }
        let mut signs = Vec::new();
        if let Some(diversity) = self.diversity.filter(|x| *x < LEAST_DIVERSITY) {
            signs.push(format!(
                "samples are {diversity:.2} as diverse as real music (below {LEAST_DIVERSITY})"
            ));
        }
        if let Some(coverage) = self.coverage.filter(|x| *x < LEAST_COVERAGE) {
            signs.push(format!("samples come near {coverage:.2} of real phrases (below {LEAST_COVERAGE})"));
        }
        let helps = "if it stays so, lower `initial_learning_rate`, give the critic more updates \
                     (`n_dis_updates_per_gen_update`) or a larger batch, or try `augmentation`";
        (!signs.is_empty()).then(|| format!("{}; {helps}", signs.join(" and ")))
    }
}

/// Real phrases that others are set beside.
#[derive(Clone, Debug)]
struct Reference {
    figures: Figures,
    /// Deviation of each figure over single phrases; none where it never varies.
    deviations: Vec<Option<f64>>,
    points: Vec<Vec<f64>>,
    overlap: Option<f64>,
    seed: Seed,
}

/// Measures of single phrases, one row a phrase; every phrase has the same tracks.
fn figures_of_each(music: &[Multitrack]) -> Vec<Vec<Option<f64>>> {
    let options = Options::default();
    let of_one = |phrase: &Multitrack| measure(phrase, &options).figures();
    music.par_iter().map(|phrase| of_one(phrase).into_iter().map(|(_, value)| value).collect()).collect()
}

/// The rows as points: what is undefined, because nothing sounds, lies at zero.
fn points(rows: &[Vec<Option<f64>>]) -> Vec<Vec<f64>> {
    rows.iter().map(|row| row.iter().map(|value| value.unwrap_or(0.0)).collect()).collect()
}

fn figures(music: &[Multitrack]) -> Result<Figures, TrainError> {
    Ok(measure_phrases(music, &Options::default()).map_err(unmeasured)?.figures())
}

/// Standard deviation of the values that there are; none when they do not vary.
fn deviation(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.flatten().collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let sum: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    Some((sum / (values.len() as f64 - 1.0)).sqrt()).filter(|deviation| *deviation > 1e-9)
}

impl Reference {
    fn new(music: &[Multitrack], seed: Seed) -> Result<Self, TrainError> {
        let each = figures_of_each(music);
        let figures = figures(music)?;
        let deviations = (0..figures.len()).map(|i| deviation(each.iter().map(|row| row[i]))).collect();
        let overlap = set::mean_jaccard(music, seed).map_err(unmeasured)?;
        Ok(Self { figures, deviations, points: points(&each), overlap, seed })
    }

    /// How many deviations each figure lies away; none for those that real music does not have.
    fn distances(&self, figures: &[Option<f64>]) -> Vec<Option<f64>> {
        let real = self.figures.iter().map(|(_, value)| *value).zip(self.deviations.iter().copied());
        let distance = |(real, made): ((Option<f64>, Option<f64>), &Option<f64>)| {
            let (real, deviation) = (real.0?, real.1?);
            Some(made.map_or(FARTHEST, |made| ((made - real).abs() / deviation).min(FARTHEST)))
        };
        real.zip(figures).map(distance).collect()
    }

    /// All columns of a row: measures, overlap and verdict.
    fn row(&self, music: &[Multitrack]) -> Result<(Figures, Verdict), TrainError> {
        let mut figures = figures(music)?;
        let overlap = set::mean_jaccard(music, self.seed).map_err(unmeasured)?;
        let values: Vec<Option<f64>> = figures.iter().map(|(_, value)| *value).collect();
        let apart = |overlap: Option<f64>| overlap.map(|overlap| 1.0 - overlap);
        let verdict = Verdict {
            diversity: apart(overlap).zip(apart(self.overlap)).map(|(made, real)| made / real),
            coverage: coverage(&self.points, &points(&figures_of_each(music)), NEIGHBOURS),
            distance: mean(&self.distances(&values)),
        };
        figures.push(("mean_jaccard".to_owned(), overlap));
        let sums = [verdict.diversity, verdict.coverage, verdict.distance];
        figures.extend(SUMS.map(str::to_owned).into_iter().zip(sums));
        Ok((figures, verdict))
    }
}

/// The measures of a run.
pub struct Evaluations<'a> {
    player: Player<'a>,
    folder: PathBuf,
    on_cpu: bool,
    reference: Reference,
    /// The row of real music.
    real: Figures,
    /// Every column of each evaluated step.
    rows: Vec<(u64, Vec<Option<f64>>)>,
}

impl<'a> Evaluations<'a> {
    /// Evaluations of a run in `folder` beside phrases of `real`.
    ///
    /// # Errors
    /// [`TrainError::Samples`] when there is nothing to measure.
    pub fn new(player: Player<'a>, folder: &Path, real: &Corpus, on_cpu: bool) -> Result<Self, TrainError> {
        let seed = Seed(player.config.seed);
        let mut order: Vec<usize> = (0..real.len()).collect();
        seed.stream("evaluation/real").shuffle(&mut order);
        let music = |places: &[usize]| -> Vec<Multitrack> {
            places.iter().map(|i| real.cells(*i).to_music(&player.config.model.grid)).collect()
        };
        let (first, rest) = order.split_at(MEASURED.min(order.len() / 2).max(FEWEST.min(order.len())));
        let reference = Reference::new(&music(first), seed)?;
        let others = &rest[..rest.len().min(MEASURED)];
        let (mut row, _) = reference.row(&music(first))?;
        // How far real phrases lie from others, if there are others.
        let floor = if others.len() < FEWEST { Vec::new() } else { reference.row(&music(others))?.0 };
        for (name, value) in row.iter_mut().filter(|(name, _)| SUMS.contains(&name.as_str())) {
            *value = floor.iter().find(|(of, _)| of == name).and_then(|(_, value)| *value);
        }
        Ok(Self { player, folder: folder.to_owned(), on_cpu, reference, real: row, rows: Vec::new() })
    }

    fn table(&self) -> PathBuf {
        self.folder.join("metrics.csv")
    }

    /// Takes up the rows up to `step` that an earlier part of the run kept.
    ///
    /// # Errors
    /// [`TrainError::File`] when they cannot be read.
    pub fn resume(&mut self, step: u64) -> Result<(), TrainError> {
        let cells = |row: &str| row.split(',').skip(1).map(|cell| cell.parse().ok()).collect();
        let kept = rows(&self.table(), step)?.into_iter().map(|(at, row)| (at, cells(&row)));
        // Rows of another version of the program have other columns.
        self.rows = kept.filter(|(_, row): &(_, Vec<_>)| row.len() == self.real.len()).collect();
        Ok(())
    }

    /// Measures fresh samples and adds their row; the answer is what it says, and whether no earlier
    /// step was nearer to real music.
    ///
    /// # Errors
    /// [`TrainError`] when the device or the disk fails.
    pub fn add(&mut self, trainer: &Trainer) -> Result<(Verdict, bool), TrainError> {
        let model = trainer.model(self.player.corpus, self.on_cpu)?;
        let music = self.player.play(&model, "measure", MEASURED as u64)?;
        let (row, verdict) = self.reference.row(&music)?;
        let nearest = self.rows.iter().filter_map(|(_, row)| *row.last()?).fold(f64::INFINITY, f64::min);
        self.rows.push((trainer.step(), row.into_iter().map(|(_, value)| value).collect()));
        write_atomically(&self.table(), self.to_csv().as_bytes())?;
        Ok((verdict, verdict.distance.is_some_and(|distance| distance < nearest)))
    }

    fn to_csv(&self) -> String {
        let mut text = String::from("step");
        for (name, _) in &self.real {
            let _ = write!(text, ",{name}");
        }
        let mut line = |name: &str, cells: &mut dyn Iterator<Item = Option<f64>>| {
            let _ = write!(text, "\n{name}");
            for cell in cells {
                let _ = write!(text, ",{}", cell.map(|x| x.to_string()).unwrap_or_default());
            }
        };
        line("real", &mut self.real.iter().map(|(_, value)| *value));
        for (step, row) in &self.rows {
            line(&step.to_string(), &mut row.iter().copied());
        }
        text + "\n"
    }

    /// Whether nothing was measured yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Draws `metrics.png`: the distance of each track's measures from real ones, over the steps.
    ///
    /// # Errors
    /// [`TrainError::Samples`] when it cannot be drawn or written.
    pub fn draw(&self, stamp: &Stamp) -> Result<PathBuf, TrainError> {
        let mut series: Vec<Series> = Vec::new();
        for (step, row) in &self.rows {
            let measures = &row[..self.reference.figures.len()];
            let distances = self.reference.distances(measures);
            let mut by_group: Vec<(&str, Vec<Option<f64>>)> = vec![("all", distances.clone())];
            for ((name, _), distance) in self.reference.figures.iter().zip(distances) {
                let group = name.split('.').next().unwrap_or(name);
                match by_group.iter_mut().find(|(known, _)| *known == group) {
                    Some((_, values)) => values.push(distance),
                    None => by_group.push((group, vec![distance])),
                }
            }
            for (group, distances) in by_group {
                let Some(distance) = mean(&distances) else { continue };
                let name = group.replace('_', " ");
                let point = Point::new(*step as f64, distance);
                match series.iter_mut().find(|series| series.name == name) {
                    Some(series) => series.points.push(point),
                    None => series.push(Series { name, points: vec![point] }),
                }
            }
        }
        let plot = Plot::Lines { series, categories: Vec::new(), spread: Spread::None };
        let title = format!("samples of {} beside real music", self.player.config.name);
        let chart = Chart::new(&title, "generator steps", "distance (deviations of real phrases)", plot);
        let path = self.folder.join("metrics.png");
        chart.save_stamped(&path, Some(stamp)).map_err(unmeasured)?;
        Ok(path)
    }
}

/// Mean of the values that there are.
fn mean(values: &[Option<f64>]) -> Option<f64> {
    let (sum, count) = values.iter().flatten().fold((0.0, 0), |(sum, count), x| (sum + x, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn unmeasured(error: impl std::fmt::Display) -> TrainError {
    TrainError::Samples(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npz::read_phrases;

    /// Real phrases of the tour from `start` on.
    fn tour(start: usize, count: usize) -> Vec<Multitrack> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tour_256.npz");
        read_phrases(&file).unwrap().iter().skip(start).take(count).collect()
    }

    #[test]
    fn real_music_is_as_diverse_as_real_music_and_one_phrase_over_and_over_is_not() {
        let mut all = tour(0, 256);
        let mut rng = Seed(1).stream("order");
        rng.shuffle(&mut all);
        let reference = Reference::new(&all[..64], Seed(0)).unwrap();
        let (_, itself) = reference.row(&all[..64]).unwrap();
        assert_eq!((itself.distance, itself.diversity, itself.coverage), (Some(0.0), Some(1.0), Some(1.0)));
        let (row, others) = reference.row(&all[64..128]).unwrap();
        assert!(others.distance.unwrap() < 0.3 && others.coverage.unwrap() > 0.6, "{others:?}");
        assert!((others.diversity.unwrap() - 1.0).abs() < 0.1, "{others:?}");
        assert_eq!(others.advice(100, 100), None);
        assert_eq!(row.last().unwrap(), &("distance".to_owned(), others.distance));
        let (_, collapsed) = reference.row(&vec![all[64].clone(); 64]).unwrap();
        assert_eq!(collapsed.diversity, Some(0.0));
        let advice = collapsed.advice(100, 100).unwrap();
        assert!(advice.contains("0.00 as diverse") && advice.contains("`initial_learning_rate`"), "{advice}");
        assert!(advice.contains("samples come near 0."), "{advice}");
        assert_eq!(collapsed.advice(9, 100), None, "a run that has just begun is not judged");
    }

    #[test]
    fn distances_are_in_deviations_and_bounded() {
        let figures = |values: [f64; 4]| -> Figures {
            values.into_iter().enumerate().map(|(i, x)| (format!("t.{i}"), Some(x))).collect()
        };
        let mut real = figures([1.0, 2.0, 3.0, 4.0]);
        real.push(("t.4".into(), None));
        let reference = Reference {
            figures: real,
            deviations: vec![Some(0.5), Some(1.0), None, Some(2.0), Some(1.0)],
            points: Vec::new(),
            overlap: None,
            seed: Seed(0),
        };
        let distances = reference.distances(&[Some(1.25), Some(99.0), Some(7.0), None, Some(1.0)]);
        assert_eq!(distances, [Some(0.5), Some(3.0), None, Some(3.0), None]);
        assert_eq!(mean(&distances), Some(6.5 / 3.0));
        assert_eq!(mean(&[None]), None);
    }

    #[test]
    fn the_deviation_is_that_of_what_is_defined() {
        let of = |values: &[Option<f64>]| deviation(values.iter().copied());
        assert_eq!(of(&[Some(1.0), None, Some(3.0), Some(2.0)]), Some(1.0));
        assert_eq!([of(&[Some(1.0), Some(1.0)]), of(&[Some(1.0)]), of(&[])], [None; 3]);
    }
}
