//! What a report of made against real music says, and in which order.

use rayon::prelude::*;

use super::charts;
use super::numbers::{alone, number, sizes, together};
use super::page::{Block, Card, Page, Picture};
use crate::base::{Cancel, Stamp};
use crate::metrics::CellSet;
use crate::metrics::against::{Comparison, Features, Options, SongSet, Statistic};
use crate::music::Multitrack;
use crate::view::ViewError;
use crate::view::chart::Chart;
use crate::view::image::{Format, SheetOptions, sheet_png};

/// Phrases of each set that are drawn.
const DRAWN: usize = 4;

/// Made music against real music, and how they compare.
#[derive(Clone, Debug)]
pub struct Report {
    /// What the page is called.
    pub title: String,
    /// The made phrases.
    pub made: SongSet,
    /// The real phrases.
    pub real: SongSet,
    /// How they compare.
    pub comparison: Comparison,
    /// The made phrase that is nearest to training data.
    pub copied: Option<Copied>,
    /// What made it, which the page and its pictures say in their files.
    pub stamp: Option<Stamp>,
}

/// A made phrase and the training phrase nearest to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Copied {
    /// Number of the made phrase, from 0.
    pub made: usize,
    /// Number of the training phrase, from 0.
    pub training: usize,
    /// The training phrase.
    pub phrase: Multitrack,
    /// Jaccard distance of their cells, four to a beat, 0 for the same to 1.
    pub distance: f64,
}

impl Copied {
    /// The made phrase that is nearest to any of `training`, which gives a phrase by number; `None` when
    /// there is nothing that sounds, and when `cancel` is raised before all have been looked at.
    ///
    /// # Errors
    /// Those of `training`.
    pub fn find<E>(
        made: &SongSet,
        cells: &CellSet,
        training: impl Fn(usize) -> Result<Multitrack, E>,
        cancel: &Cancel,
    ) -> Result<Option<Self>, E> {
        /// Phrases between two looks at the flag.
        const CHUNK: usize = 64;
        let mut nearest = Vec::with_capacity(made.len());
        for phrases in made.phrases().chunks(CHUNK) {
            if cancel.is_raised() {
                return Ok(None);
            }
            nearest.extend(cells.select(&[]).with(phrases).nearest_in(cells));
        }
        let found = nearest.into_iter().enumerate().filter_map(|(made, nearest)| Some((made, nearest?)));
        let Some((made, nearest)) = found.min_by(|(_, a), (_, b)| a.distance.total_cmp(&b.distance)) else {
            return Ok(None);
        };
        let phrase = training(nearest.index)?;
        Ok(Some(Self { made, training: nearest.index, phrase, distance: nearest.distance }))
    }
}

impl Report {
    /// The page: headline figures, statistics, measures of tracks, distances, pianorolls, every number.
    ///
    /// # Errors
    /// [`ViewError::Draw`] when a picture cannot be drawn, [`ViewError::Stopped`] when `cancel` is raised.
    pub fn page(&self, options: &Options, cancel: &Cancel) -> Result<Page, ViewError> {
        let Self { comparison, .. } = self;
        let measured = |set: &SongSet| {
            Features::of(set.phrases(), &options.definitions, cancel).map_err(|_| ViewError::Stopped)
        };
        let (made, real) = (measured(&self.made)?, measured(&self.real)?);
        let mut page = Blocks::default();
        page.blocks.push(Block::Cards(cards(comparison)));
        page.together(comparison);
        page.measures(comparison, &made, &real);
        page.features(comparison, &made, &real);
        check(cancel)?;
        page.music(self)?;
        page.heading("How to read the numbers");
        for text in readings(comparison) {
            page.text(text);
        }
        Ok(Page {
            title: self.title.clone(),
            lead: format!("{}.", sizes(comparison)),
            blocks: page.drawn(self.stamp.as_ref(), cancel)?,
            stamp: self.stamp.clone(),
        })
    }
}

fn check(cancel: &Cancel) -> Result<(), ViewError> {
    if cancel.is_raised() { Err(ViewError::Stopped) } else { Ok(()) }
}

/// A page that grows; charts are drawn together at its end.
#[derive(Default)]
struct Blocks {
    blocks: Vec<Block>,
    /// Charts, and the block that each is to become.
    charts: Vec<(usize, String, Chart, String)>,
}

impl Blocks {
    fn heading(&mut self, text: &str) {
        self.blocks.push(Block::Heading(text.to_owned()));
    }

    fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    fn chart(&mut self, file: &str, chart: Option<Chart>, caption: &str) {
        if let Some(chart) = chart {
            self.charts.push((self.blocks.len(), file.to_owned(), chart, caption.to_owned()));
            self.blocks.push(Block::Text(String::new()));
        }
    }

    fn drawn(mut self, stamp: Option<&Stamp>, cancel: &Cancel) -> Result<Vec<Block>, ViewError> {
        let draw = |(place, file, chart, caption): (usize, String, Chart, String)| {
            check(cancel)?;
            Ok((
                place,
                Picture { file, png: chart.render_stamped(Format::Png, stamp)?, alt: chart.title, caption },
            ))
        };
        let pictures: Vec<(usize, Picture)> =
            self.charts.into_par_iter().map(draw).collect::<Result<_, ViewError>>()?;
        for (place, picture) in pictures {
            self.blocks[place] = Block::Picture(picture);
        }
        Ok(self.blocks)
    }

    fn together(&mut self, comparison: &Comparison) {
        if together(comparison).is_empty() {
            return;
        }
        self.heading("All features together");
        self.text(format!(
            "Every phrase is a point of {} features: the bar-level measures of the tracks and the mix, tonal \
             distances, and the rhythm and key of the whole. Where one is undefined, the real mean stands in: \
             {:.0} % of the values of made phrases, {:.0} % of those of real ones.",
            comparison.joint.len(),
            100.0 * comparison.filled[0],
            100.0 * comparison.filled[2]
        ));
        self.chart(
            "together.png",
            charts::together(comparison),
            "Made music beside other real music, each judged against the same real phrases. What real music \
             itself reaches is the best that can be asked for.",
        );
        self.blocks.push(Block::Table(together(comparison)));
    }

    fn measures(&mut self, comparison: &Comparison, made: &Features, real: &Features) {
        if comparison.of(Statistic::Shift).next().is_none() {
            return;
        }
        self.heading("Measures of the tracks");
        self.text(Statistic::Shift.about());
        self.chart(
            "shifts.png",
            charts::shifts(comparison),
            "How far the mean of each bar-level measure lies from that of real phrases: blue for more, red \
             for less; below, the same of other real music, which shows how much is chance.",
        );
        self.chart(
            "notes.png",
            charts::notes(made, real),
            "How busy phrases are: half of them lie in the box, the line is the middle one.",
        );
        if let Some((_, chart)) = charts::most_shifted(comparison, made, real) {
            self.chart(
                "most-shifted.png",
                Some(chart),
                "The feature in which made music differs most from real music.",
            );
        }
    }

    fn features(&mut self, comparison: &Comparison, made: &Features, real: &Features) {
        let table = alone(comparison);
        if table.is_empty() {
            return;
        }
        self.heading("Features one by one");
        if comparison.of(Statistic::Overlap).next().is_some() {
            self.text(format!("{} {}", Statistic::Overlap.about(), Statistic::Divergence.about()));
            self.chart(
                "overlaps.png",
                charts::overlaps(comparison),
                "The nine features of Yang and Lerch (2020): how much the distances among made phrases \
                 overlap with those from made to real ones; below, the same of other real music.",
            );
            self.chart(
                "distances.png",
                charts::distances("mix.pitch_class_histogram", made, real),
                "How far phrases lie apart by the pitch classes they use. Made music that is as varied as \
                 real music, and as near to it as its phrases are to each other, has three like curves.",
            );
        }
        self.blocks.push(Block::Folded(format!("All {} features", table.len()), table));
    }

    fn music(&mut self, report: &Report) -> Result<(), ViewError> {
        self.heading("The music");
        let some = |set: &SongSet| -> Vec<Multitrack> {
            let step = (set.len() / DRAWN).max(1);
            set.phrases().iter().step_by(step).take(DRAWN).cloned().collect()
        };
        let pieces = [some(&report.made), some(&report.real)];
        let columns = pieces.iter().map(Vec::len).max().unwrap_or(0);
        let options = SheetOptions {
            title: "Phrases that nobody chose".to_owned(),
            rows: vec!["made".to_owned(), "real".to_owned()],
            columns: (1..=columns).map(|number| number.to_string()).collect(),
            stamp: report.stamp.clone(),
            ..SheetOptions::default()
        };
        self.blocks.push(Block::Picture(Picture {
            file: "phrases.png".to_owned(),
            png: sheet_png(&pieces, &options)?,
            alt: options.title,
            caption: "Made phrases above, real ones below, taken at equal steps from each set.".to_owned(),
        }));
        let Some(copied) = &report.copied else { return Ok(()) };
        let pair = vec![vec![report.made.phrases()[copied.made].clone(), copied.phrase.clone()]];
        let options = SheetOptions {
            title: "The made phrase that is nearest to training data".to_owned(),
            rows: Vec::new(),
            columns: vec![
                format!("made phrase {}", copied.made),
                format!("training phrase {}", copied.training),
            ],
            stamp: report.stamp.clone(),
            ..SheetOptions::default()
        };
        self.blocks.push(Block::Picture(Picture {
            file: "nearest.png".to_owned(),
            png: sheet_png(&pair, &options)?,
            alt: options.title,
            caption: format!(
                "Of all made phrases number {} (from 0) is nearest to a training phrase, number {}: {:.0} % of \
                 the sixteenths in which either sounds are the same.",
                copied.made,
                copied.training,
                100.0 * (1.0 - copied.distance)
            ),
        }));
        Ok(())
    }
}

/// The headline figures.
fn cards(comparison: &Comparison) -> Vec<Card> {
    let one = |statistic: Statistic, name: &str| {
        let row = comparison.row(statistic, None)?;
        let (made, floor) = (row.made.as_ref().ok()?, row.floor.as_ref().ok()?);
        Some(Card {
            name: name.to_owned(),
            figure: number(made.value),
            beside: format!("{}; real music {}", span(made), number(floor.value)),
            about: statistic.about().to_owned(),
        })
    };
    let median = |statistic: Statistic, name: &str| {
        let [made, floor] = comparison.median(statistic)?;
        Some(Card {
            name: name.to_owned(),
            figure: number(made),
            beside: format!("the middle one of all features; real music {}", number(floor)),
            about: statistic.about().to_owned(),
        })
    };
    [
        one(Statistic::Classifier, "told from real music"),
        one(Statistic::Coverage, "coverage"),
        one(Statistic::Precision, "precision"),
        one(Statistic::Frechet, "Fréchet distance"),
        median(Statistic::Shift, "shift"),
        median(Statistic::Overlap, "overlap area"),
        one(Statistic::Copies, "near copies"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn span(estimate: &crate::metrics::against::Estimate) -> String {
    match estimate.interval {
        Some(interval) => format!("95 % {} to {}", number(interval.low), number(interval.high)),
        None => "too few songs for an interval".to_owned(),
    }
}

/// What each statistic is and how it was computed.
fn readings(comparison: &Comparison) -> Vec<String> {
    let mut texts = vec![
        "The real phrases are divided into two halves without a song in common. One is the reference; made \
         phrases and the other half, as many of each, are judged against it. So \"real vs real\" is what a \
         perfect model would reach, and only what lies outside its interval is a finding."
            .to_owned(),
        "Intervals are the middle 95 % of what resampled songs give, as phrases of one song are alike."
            .to_owned(),
    ];
    let mut told: Vec<Statistic> = Vec::new();
    for row in &comparison.rows {
        if !told.contains(&row.statistic) {
            told.push(row.statistic);
            texts.push(format!("{}: {}", row.statistic.name(), row.statistic.about()));
        }
    }
    if let Some(p) = comparison
        .row(Statistic::Classifier, None)
        .and_then(|row| row.made.as_ref().ok()?.p.map(|p| format!("p = {p:.3}")))
    {
        texts.push(format!(
            "That the classifier would do so well if made and real songs could change places has {p}."
        ));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::super::numbers::tests::comparison;
    use super::*;
    use crate::music::{Family, Pianoroll, Resolution, Track};

    fn set(pitch: u32) -> SongSet {
        let phrase = |i: u32| {
            let roll = Pianoroll::from_sounding(vec![1 << (pitch + i % 7); 48]);
            Multitrack::new(vec![Track::of_family(Family::Bass, roll)], Resolution::MODEL)
        };
        SongSet::new((0..12).map(phrase).collect())
    }

    fn report() -> Report {
        let (made, real) = (set(36), set(37));
        let copied = Copied::find(
            &made,
            &real.to_cell_set(),
            |i| Ok::<_, ViewError>(real.phrases()[i].clone()),
            &Cancel::new(),
        );
        Report {
            title: "x".into(),
            made,
            real,
            comparison: comparison(),
            copied: copied.unwrap(),
            stamp: None,
        }
    }

    #[test]
    fn a_page_has_a_picture_for_each_chart_and_no_undefined_number() {
        let stopped = Cancel::new();
        stopped.raise();
        assert!(matches!(report().page(&Options::default(), &stopped), Err(ViewError::Stopped)));
        let page = report().page(&Options::default(), &Cancel::new()).unwrap();
        let files: Vec<&str> = page.pictures().map(|picture| picture.file.as_str()).collect();
        let expected = [
            "together.png",
            "shifts.png",
            "notes.png",
            "most-shifted.png",
            "overlaps.png",
            "distances.png",
            "phrases.png",
            "nearest.png",
        ];
        assert_eq!(files, expected);
        assert!(page.pictures().all(|picture| picture.png.starts_with(b"\x89PNG")));
        let text = page.markdown();
        assert!(!text.contains("NaN") && !text.contains("inf,"), "{text}");
        assert!(text.contains("needs at least 5 songs in each set, got 3"), "{text}");
    }

    #[test]
    fn the_most_copied_phrase_is_the_nearest_one() {
        let copied = report().copied.unwrap();
        // Made pitches 36 to 42, real ones 37 to 43.
        assert_eq!((copied.made, copied.training, copied.distance), (1, 0, 0.0));
    }
}
