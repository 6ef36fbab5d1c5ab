//! What raters said, put together with the key.

use std::collections::{BTreeMap, BTreeSet};

use super::QUESTIONS;
use super::published::AAAI_3;
use crate::base::{Seed, Stamp};
use crate::experiment::report::{Block, Page, Picture};
use crate::experiment::{Cell, ExperimentError, Table};
use crate::statistics::{Clusters, Interval, bootstrap};
use crate::view::chart::{Chart, Plot, Point, Series};
use crate::view::image::Format;

/// Resamples of an interval.
const RESAMPLES: usize = 2_000;

/// One rater's ratings of one clip.
#[derive(Clone, Debug, PartialEq)]
struct Rating {
    rater: String,
    is_musician: Option<bool>,
    clip: String,
    source: String,
    values: [f64; 5],
}

/// All ratings of a test, with the source of every clip.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratings {
    rows: Vec<Rating>,
    sources: Vec<String>,
}

/// A source's mean for each question, with an interval where it can be told.
type Means = [(f64, Option<Interval>); 5];

impl Ratings {
    /// The ratings in tables as the page hands them out, with the key.
    ///
    /// # Errors
    /// [`ExperimentError::Listening`] when a clip is not in the key, a rating is not 1 to 5, or somebody rated a
    /// clip twice; [`ExperimentError::Column`] when a column is missing.
    pub fn of(tables: &[Table], key: &Table) -> Result<Self, ExperimentError> {
        let wrong = |what: String| ExperimentError::Listening(what);
        let text = |cells: Vec<Cell>| cells.iter().map(ToString::to_string).collect::<Vec<String>>();
        let clips = text(key.column("clip")?);
        let names = text(key.column("source")?);
        let known: BTreeMap<String, String> = clips.iter().cloned().zip(names.iter().cloned()).collect();
        let mut sources: Vec<String> = Vec::new();
        names.into_iter().for_each(|name| {
            if !sources.contains(&name) {
                sources.push(name)
            }
        });
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        for table in tables {
            let (raters, clips) = (text(table.column("rater")?), text(table.column("clip")?));
            let musicians = table.column("musician")?;
            let asked = QUESTIONS.map(|(name, _)| table.numbers(name));
            let [a, b, c, d, e] = asked;
            let answers = [a?, b?, c?, d?, e?];
            for (place, (rater, clip)) in raters.into_iter().zip(clips).enumerate() {
                let source = known.get(&clip).cloned().ok_or_else(|| {
                    wrong(format!(
                        "rater {rater} rated clip `{clip}`, which the key does not have: is it of this test?"
                    ))
                })?;
                if !seen.insert((rater.clone(), clip.clone())) {
                    return Err(wrong(format!(
                        "rater {rater} rated clip `{clip}` twice: give each file once"
                    )));
                }
                let mut values = [0.0; 5];
                for (value, (answer, (question, _))) in values.iter_mut().zip(answers.iter().zip(QUESTIONS)) {
                    *value = answer[place].filter(|value| (1.0..=5.0).contains(value)).ok_or_else(|| {
                        wrong(format!("rater {rater}, clip `{clip}`: `{question}` is a number from 1 to 5"))
                    })?;
                }
                let is_musician = match &musicians[place] {
                    Cell::Bool(value) => Some(*value),
                    _ => None,
                };
                rows.push(Rating { rater, is_musician, clip, source, values });
            }
        }
        if rows.is_empty() {
            return Err(wrong("there are no ratings".to_owned()));
        }
        Ok(Self { rows, sources })
    }

    /// Number of raters.
    pub fn raters(&self) -> usize {
        self.rows.iter().map(|row| &row.rater).collect::<BTreeSet<_>>().len()
    }

    /// A row for each source, of all raters and of those with and without a musical background where there are
    /// both, below the published rows of the same name: `row`, `by`, a mean for each question with `_low` and
    /// `_high`, and `raters`, `clips`, `ratings`. Published rows without ours come last.
    ///
    /// Intervals are of 95 %, from a bootstrap that draws raters and clips anew, as both are samples of
    /// others (Owen 2007); there are none below five raters or five clips of a source.
    pub fn table(&self, seed: Seed) -> Table {
        let mut table = Table::new();
        let mut printed: Vec<_> = AAAI_3.to_vec();
        for source in &self.sources {
            printed.retain(|(row, by, means)| {
                let same = row == source;
                if same {
                    add(&mut table, row, by, &means.map(|mean| (mean, None)), None);
                }
                !same
            });
            let groups: [(&str, Option<bool>); 3] =
                [("all raters", None), ("musicians", Some(true)), ("others", Some(false))];
            let both =
                [true, false].iter().all(|kind| self.rows.iter().any(|row| row.is_musician == Some(*kind)));
            for (by, kind) in groups.into_iter().filter(|(_, kind)| kind.is_none() || both) {
                let rows: Vec<&Rating> = self
                    .rows
                    .iter()
                    .filter(|row| row.source == *source && (kind.is_none() || row.is_musician == kind))
                    .collect();
                if !rows.is_empty() {
                    let (means, counts) = means(&rows, seed);
                    add(&mut table, source, by, &means, Some(counts));
                }
            }
        }
        for (row, by, means) in printed {
            add(&mut table, row, by, &means.map(|mean| (mean, None)), None);
        }
        table
    }

    /// The means of all raters with their intervals, beside those of the published study.
    pub fn chart(&self, seed: Seed) -> Chart {
        let questions = QUESTIONS.map(|(name, _)| name.to_owned()).to_vec();
        let of = |source: &String| {
            let rows: Vec<&Rating> = self.rows.iter().filter(|row| row.source == *source).collect();
            let (means, _) = means(&rows, seed);
            let points = means.iter().enumerate().map(|(place, (mean, interval))| {
                let (low, high) = interval.map_or((*mean, *mean), |interval| (interval.low, interval.high));
                Point { x: place as f64, mean: *mean, low, high }
            });
            Series { name: source.clone(), points: points.collect() }
        };
        let rated = self.sources.iter().filter(|source| self.rows.iter().any(|row| row.source == **source));
        let mut series: Vec<Series> = rated.map(of).collect();
        let printed = AAAI_3.iter().find(|(row, by, _)| *row == "hybrid" && by.ends_with("others"));
        series.extend(printed.map(|(row, by, means)| Series {
            name: format!("{row} ({by})"),
            points: means.iter().enumerate().map(|(place, mean)| Point::new(place as f64, *mean)).collect(),
        }));
        Chart::new(
            "Ratings from 1 to 5, with 95 %",
            "question",
            "mean rating",
            Plot::Bars { categories: questions, series },
        )
    }
}

/// The means of some ratings with their intervals, and how many raters, clips and ratings they are of.
fn means(rows: &[&Rating], seed: Seed) -> (Means, [usize; 3]) {
    let labels = |of: &dyn Fn(&Rating) -> String| -> (Vec<usize>, usize) {
        let mut names: Vec<String> = Vec::new();
        let label = |row: &&Rating| {
            let name = of(row);
            names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            })
        };
        let labels = rows.iter().map(label).collect();
        (labels, names.len())
    };
    let (raters, rater_count) = labels(&|row| row.rater.clone());
    let (clips, clip_count) = labels(&|row| row.clip.clone());
    let mean_by = |weights: &dyn Fn(usize) -> f64| -> [f64; 5] {
        let total: f64 = (0..rows.len()).map(weights).sum();
        std::array::from_fn(|question| {
            (0..rows.len()).map(|row| weights(row) * rows[row].values[question]).sum::<f64>() / total
        })
    };
    let each = |count: usize| Clusters::new(&(0..count).collect::<Vec<_>>());
    let drawn =
        |[by_rater, by_clip]: [&[f64]; 2]| mean_by(&|row| by_rater[raters[row]] * by_clip[clips[row]]);
    let seed = seed.child("listening", 0);
    let intervals = bootstrap([&each(rater_count), &each(clip_count)], RESAMPLES, seed, drawn).ok();
    let whole = mean_by(&|_| 1.0);
    let means = std::array::from_fn(|question| (whole[question], intervals.map(|all| all[question])));
    (means, [rater_count, clip_count, rows.len()])
}

fn add(table: &mut Table, row: &str, by: &str, means: &Means, counts: Option<[usize; 3]>) {
    let mut cells: Vec<(String, Cell)> = vec![("row".into(), row.into()), ("by".into(), by.into())];
    for ((question, _), (mean, interval)) in QUESTIONS.iter().zip(means) {
        let end = |value: Option<f64>| value.map_or(Cell::Missing, Cell::from);
        cells.push(((*question).to_owned(), (*mean).into()));
        cells.push((format!("{question}_low"), end(interval.map(|interval| interval.low))));
        cells.push((format!("{question}_high"), end(interval.map(|interval| interval.high))));
    }
    for (place, name) in ["raters", "clips", "ratings"].into_iter().enumerate() {
        let count = counts.map_or(Cell::Missing, |counts| Cell::from(counts[place] as i64));
        cells.push((name.to_owned(), count));
    }
    table.add(cells);
}

/// A page of the ratings beside the published study.
///
/// # Errors
/// [`ExperimentError::View`] when the picture cannot be drawn.
pub fn report(
    ratings: &Ratings,
    title: &str,
    seed: Seed,
    stamp: Option<Stamp>,
) -> Result<Page, ExperimentError> {
    let chart = ratings.chart(seed);
    let table = ratings.table(seed);
    let heads = ["row", "by"].into_iter().chain(QUESTIONS.map(|(name, _)| name)).chain(["raters", "clips"]);
    let short = table.select(&heads.collect::<Vec<_>>())?;
    let png = chart.render_stamped(Format::Png, stamp.as_ref())?;
    let caption = "Bars of sources whose lines overlap widely are not told apart by these raters.".to_owned();
    let picture = Picture { file: "ratings.png".into(), png, alt: chart.title, caption };
    Ok(Page {
        title: title.to_owned(),
        lead: format!("{} raters, {} ratings.", ratings.raters(), ratings.rows.len()),
        blocks: vec![
            Block::Picture(picture),
            Block::Table(short),
            Block::Text(
                "Published rows are Table 3 of Dong et al. 2018 (AAAI): other people, other clips of three phrases \
                 each and another rendering, so that only the order of sources can be compared, not their level. \
                 Intervals are of 95 %, from drawing raters and clips anew; below five of either there are none."
                    .to_owned(),
            ),
            Block::Folded("Every number".to_owned(), table),
        ],
        stamp,
    })
}
