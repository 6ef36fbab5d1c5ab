//! Charts of plain numbers: lines with bands, dots, bars, histograms, box plots, heat maps.
//!
//! Values that are not finite are left out, and a chart without any is drawn empty with a word. A
//! series that is called like a family of tracks has the family's colour.

mod axis;
mod bars;
mod boxes;
mod colours;
mod frame;
mod heat;
mod lines;
mod numbers;
mod scatter;

use std::path::Path;

use plotters::backend::DrawingBackend;

use super::ViewError;
use super::image::{Format, Page, Picture, render, save};
use crate::base::Stamp;

/// A chart to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows, above it.
    pub title: String,
    /// What runs across, with its unit.
    pub x_label: String,
    /// What runs up, with its unit.
    pub y_label: String,
    /// The numbers.
    pub plot: Plot,
    /// Whether numbers across are shown by their powers of ten; where all are above zero.
    pub x_log: bool,
    /// The same for numbers upwards.
    pub y_log: bool,
    /// Width and height in pixels, at least 400 x 300.
    pub size: (u32, u32),
}

/// The numbers of a chart and how they are drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Plot {
    /// A line for each series.
    Lines {
        /// The lines.
        series: Vec<Series>,
        /// What stands at x = 0, 1, 2 …; a numeric axis when empty.
        categories: Vec<String>,
        /// How `low` and `high` are shown.
        spread: Spread,
    },
    /// A dot for each point, a colour for each series; `low` and `high` as error bars where they differ.
    Scatter {
        /// The dots of one colour.
        series: Vec<Series>,
        /// What stands at x = 0, 1, 2 …; a numeric axis when empty.
        categories: Vec<String>,
    },
    /// A group of bars for each category, in it a bar for each series; `low` and `high` as error
    /// bars where they differ.
    Bars {
        /// What stands below each group; a point's x is the index of its category.
        categories: Vec<String>,
        /// The bars of one colour.
        series: Vec<Series>,
    },
    /// The share of each sample's values in equal bins, over one another.
    Histogram {
        /// The samples.
        samples: Vec<Sample>,
        /// Number of bins, at least 1.
        bins: usize,
    },
    /// A box from the lower to the upper quartile of each sample with its median, whiskers to the
    /// farthest value within 1.5 times the box, dots beyond (Tukey 1977).
    Boxes {
        /// The samples.
        samples: Vec<Sample>,
    },
    /// A matrix of coloured cells: blue for more, from white; red below zero when there are
    /// negative values.
    Heat {
        /// Left of each row, from the top; a row without name and cells is a gap between its neighbours.
        rows: Vec<String>,
        /// Below each column.
        columns: Vec<String>,
        /// `[row][column]`; `None` is drawn grey.
        cells: Vec<Vec<Option<f64>>>,
        /// What stands in the cells instead of their numbers, which then are on a scale of colours.
        texts: Option<CellTexts>,
    },
}

/// Texts in the cells of a heat map.
#[derive(Clone, Debug, PartialEq)]
pub struct CellTexts {
    /// What the colours stand for, beside their scale.
    pub colours: String,
    /// `[row][column]`; where there is none, the cell is empty.
    pub texts: Vec<Vec<String>>,
}

/// How the uncertainty of a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Spread {
    /// Not at all.
    None,
    /// A pale band from `low` to `high`.
    #[default]
    Band,
    /// An error bar at each point.
    Bars,
}

/// Points of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// The points, drawn in order of x.
    pub points: Vec<Point>,
}

/// A value with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where it stands across.
    pub x: f64,
    /// The value.
    pub mean: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
}

impl Point {
    /// A value without uncertainty.
    pub fn new(x: f64, value: f64) -> Self {
        Self { x, mean: value, low: value, high: value }
    }
}

/// Values of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What it is called.
    pub name: String,
    /// The values.
    pub values: Vec<f64>,
}

impl Chart {
    /// A chart of 1200 x 750 pixels.
    pub fn new(title: &str, x_label: &str, y_label: &str, plot: Plot) -> Self {
        let text = str::to_owned;
        let (x_label, y_label) = (text(x_label), text(y_label));
        Self { title: text(title), x_label, y_label, plot, x_log: false, y_log: false, size: (1200, 750) }
    }

    /// Writes it as a PNG or SVG picture, by the extension.
    ///
    /// # Errors
    /// [`ViewError::Extension`] for other file names, [`ViewError::TooLarge`] for more pixels than can
    /// be drawn, [`ViewError::File`] when it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ViewError> {
        self.save_stamped(path, None)
    }

    /// The same with what makes the file said in it.
    ///
    /// # Errors
    /// As [`Chart::save`].
    pub fn save_stamped(&self, path: &Path, stamp: Option<&Stamp>) -> Result<(), ViewError> {
        save(path, self, None, stamp)
    }

    /// The bytes of its PNG or SVG file.
    ///
    /// # Errors
    /// As [`Chart::save`], except for the file's.
    pub fn render(&self, format: Format) -> Result<Vec<u8>, ViewError> {
        self.render_stamped(format, None)
    }

    /// The same, saying in the file what made it.
    ///
    /// # Errors
    /// As [`Chart::render`].
    pub fn render_stamped(&self, format: Format, stamp: Option<&Stamp>) -> Result<Vec<u8>, ViewError> {
        render(self, format, None, stamp)
    }
}

impl Picture for Chart {
    fn size(&self) -> (u32, u32) {
        (self.size.0.max(400), self.size.1.max(300))
    }

    fn draw<B: DrawingBackend>(&self, page: &Page<B>) -> Result<(), ViewError> {
        match &self.plot {
            Plot::Lines { series, categories, spread } => {
                lines::draw(page, self, series, categories, *spread)
            }
            Plot::Scatter { series, categories } => scatter::draw(page, self, series, categories),
            Plot::Bars { categories, series } => bars::draw(page, self, categories, series),
            Plot::Histogram { samples, bins } => bars::draw_histogram(page, self, samples, *bins),
            Plot::Boxes { samples } => boxes::draw(page, self, samples),
            Plot::Heat { rows, columns, cells, texts } => {
                heat::draw(page, self, (rows, columns), cells, texts.as_ref())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::colours::series_colours;
    use super::*;
    use crate::view::image::pixels;

    fn series(name: &str, points: &[Point]) -> Series {
        Series { name: name.to_owned(), points: points.to_vec() }
    }

    fn sample(name: &str, values: &[f64]) -> Sample {
        Sample { name: name.to_owned(), values: values.to_vec() }
    }

    fn of(plot: Plot) -> Chart {
        Chart::new("Title", "across (steps)", "up (%)", plot)
    }

    /// How many pixels have a colour.
    fn inked(chart: &Chart, (r, g, b): (u8, u8, u8)) -> usize {
        pixels(chart).unwrap().chunks_exact(3).filter(|pixel| *pixel == [r, g, b]).count()
    }

    /// Each kind of plot of some values at x = 0, 1, 2 ….
    fn every_plot(values: &[f64]) -> Vec<Plot> {
        let points: Vec<Point> = values
            .iter()
            .enumerate()
            .map(|(x, value)| Point { low: value - 1.0, high: value + 2.0, ..Point::new(x as f64, *value) })
            .collect();
        let names: Vec<String> = (0..values.len()).map(|n| format!("name {n}")).collect();
        let lines = |spread, categories: &[String]| Plot::Lines {
            series: vec![series("a", &points), series("b", &points)],
            categories: categories.to_vec(),
            spread,
        };
        let samples = vec![sample("a", values), sample("b", &[])];
        vec![
            lines(Spread::None, &[]),
            lines(Spread::Band, &[]),
            lines(Spread::Bars, &names),
            Plot::Scatter {
                series: vec![series("a", &points), series("b", &points)],
                categories: Vec::new(),
            },
            Plot::Bars { categories: names.clone(), series: vec![series("a", &points)] },
            Plot::Histogram { samples: samples.clone(), bins: 0 },
            Plot::Histogram { samples: samples.clone(), bins: 7 },
            Plot::Boxes { samples },
            Plot::Heat {
                rows: names.clone(),
                columns: Vec::new(),
                cells: vec![values.iter().copied().map(Some).collect(), Vec::new(), vec![None]],
                texts: None,
            },
        ]
    }

    #[test]
    fn every_plot_is_drawn_whatever_its_numbers_are() {
        let extremes = [f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, 0.0, f64::MIN_POSITIVE];
        let cases: [&[f64]; 6] = [&[], &[3.0], &[0.0], &[f64::NAN], &[1.0, 1.0, 1.0], &extremes];
        for values in cases {
            for plot in every_plot(values) {
                let chart = of(plot);
                let on_log = Chart { x_log: true, y_log: true, ..chart.clone() };
                assert!(chart.render(Format::Svg).is_ok() && on_log.render(Format::Svg).is_ok(), "{chart:?}");
                assert!(pixels(&chart).is_ok(), "{chart:?}");
            }
        }
    }

    #[test]
    fn a_chart_without_numbers_says_so() {
        for values in [&[][..], &[f64::NAN, f64::INFINITY]] {
            for plot in every_plot(values) {
                let svg = String::from_utf8(of(plot).render(Format::Svg).unwrap()).unwrap();
                assert!(svg.contains("no data"), "{svg}");
            }
        }
        for plot in every_plot(&[1.0, 2.0]) {
            let svg = String::from_utf8(of(plot).render(Format::Svg).unwrap()).unwrap();
            assert!(!svg.contains("no data") && svg.contains("across (steps)") && svg.contains("up (%)"));
        }
    }

    #[test]
    fn a_bar_twice_as_high_has_twice_the_ink() {
        let ink = |values: &[f64]| {
            let points: Vec<Point> =
                values.iter().enumerate().map(|(x, v)| Point::new(x as f64, *v)).collect();
            let categories = vec!["left".to_owned(), "right".to_owned()];
            inked(
                &of(Plot::Bars { categories, series: vec![series("s", &points)] }),
                series_colours(["s"])[0],
            )
        };
        let (one, both) = (ink(&[0.0, 4.0]), ink(&[2.0, 4.0]));
        let share = both as f64 / one as f64;
        assert!((share - 1.5).abs() < 0.01, "{one} and {both}");
    }

    #[test]
    fn a_heat_map_has_its_highest_and_lowest_colour_in_equal_cells() {
        let cells = vec![vec![Some(0.0), Some(1.0)], vec![Some(1.0), None]];
        let (rows, columns) = (vec!["a".into(), "b".into()], vec!["c".into(), "d".into()]);
        let chart = of(Plot::Heat { rows, columns, cells, texts: None });
        let high = inked(&chart, (20, 70, 140));
        let none = inked(&chart, (225, 225, 228));
        assert!(high > 100_000 && high.abs_diff(2 * none) < high / 50, "{high} {none}");
    }

    #[test]
    fn texts_stand_in_cells_and_their_colours_are_explained() {
        let heat = |texts: Option<CellTexts>, rows: &[&str]| {
            let rows: Vec<String> = rows.iter().map(|name| (*name).to_owned()).collect();
            let row =
                |name: &String| if name.is_empty() { Vec::new() } else { vec![Some(-1.0), Some(2.0), None] };
            let cells = rows.iter().map(row).collect();
            of(Plot::Heat { rows, columns: vec!["c".into(), "d".into(), "e".into()], cells, texts })
        };
        let svg = |chart: &Chart| String::from_utf8(chart.render(Format::Svg).unwrap()).unwrap();
        assert!(svg(&heat(None, &["a", "b"])).contains("-1.0"));
        let texts = vec![vec!["low".to_owned(), "high".to_owned(), "none".to_owned()]];
        let told = heat(Some(CellTexts { colours: "off by".into(), texts }), &["a", "b"]);
        let drawn = svg(&told);
        assert!(
            ["low", "high", "none", "off by", "-1.00", "2.00"].iter().all(|t| drawn.contains(t)),
            "{drawn}"
        );
        // A gap takes room from the cells, and has none of its own.
        let high = |rows: &[&str]| inked(&heat(None, rows), (20, 70, 140)) as f64;
        let share = high(&["a", "", "b"]) / high(&["a", "b"]);
        assert!((0.75..0.95).contains(&share), "{share}");
    }

    #[test]
    fn series_are_explained_when_there_are_several() {
        let line = |name: &str| series(name, &[Point::new(0.0, 1.0), Point::new(1.0, 2.0)]);
        let svg = |names: &[&str]| {
            let series = names.iter().map(|name| line(name)).collect();
            let plot = Plot::Lines { series, categories: Vec::new(), spread: Spread::Band };
            String::from_utf8(of(plot).render(Format::Svg).unwrap()).unwrap()
        };
        assert!(svg(&["critic", "generator"]).contains("generator"));
        assert!(!svg(&["critic"]).contains("critic"));
    }

    #[test]
    fn an_unknown_extension_names_the_known_ones() {
        let chart = of(Plot::Boxes { samples: Vec::new() });
        let error = chart.save(Path::new("loss.pdf")).unwrap_err().to_string();
        assert!(error.starts_with("`loss.pdf`") && error.contains(".png or .svg"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        chart.save(&folder.path().join("new/loss.svg")).unwrap();
        assert!(folder.path().join("new/loss.svg").exists());
    }
}
