//! Charts of tables.

use std::collections::HashMap;

use super::student::Estimate;
use super::{Cell, ExperimentError, Figure, Table};
use crate::metrics::catalogue;
use crate::view::chart::{CellTexts, Chart, Plot, Point, Sample, Series, Spread};

/// Most categories, rows or columns that are drawn.
const MOST: usize = 2000;

impl Table {
    /// The mean of column `y` over column `x` as lines with 95 % intervals (see [`Table::summary`]), a
    /// line for each value of column `by`. Where there is no column `track`, `by` "track" means a line
    /// for each column whose name ends in `.y`, such as `drums.notes` for `notes`. Texts in `x` become
    /// categories in the order of their first rows.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when a column is missing, [`ExperimentError::NotANumber`] when `y`
    /// holds a text.
    pub fn plot(&self, x: &str, y: &str, by: Option<&str>) -> Result<Chart, ExperimentError> {
        let categories = texts(&self.column(x)?)?;
        let series = self.means(x, y, by, &categories)?;
        let title = format!("{y} by {}, means with 95 % intervals", both(x, by));
        let plot = Plot::Lines { series, categories, spread: Spread::Band };
        Ok(Chart::new(&title, &label(x), &label(y), plot))
    }

    /// The same as bars: a group for each value of `x`, a bar for each value of `by`.
    ///
    /// # Errors
    /// As [`Table::plot`], and [`ExperimentError::TooMany`] for more groups than can be drawn.
    pub fn bars(&self, x: &str, y: &str, by: Option<&str>) -> Result<Chart, ExperimentError> {
        let categories = values(&self.column(x)?)?;
        let series = self.means(x, y, by, &categories)?;
        let title = format!("{y} by {}, means with 95 % intervals", both(x, by));
        Ok(Chart::new(&title, &label(x), &label(y), Plot::Bars { categories, series }))
    }

    /// A dot for each row, a colour for each value of column `by`.
    ///
    /// # Errors
    /// As [`Table::plot`].
    pub fn scatter(&self, x: &str, y: &str, by: Option<&str>) -> Result<Chart, ExperimentError> {
        let across = self.column(x)?;
        let categories = texts(&across)?;
        let place = places(&categories);
        let groups = by.map(|by| self.column(by)).transpose()?;
        let mut names: Vec<String> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut points: Vec<Vec<Point>> = Vec::new();
        for (row, (cell, value)) in across.iter().zip(self.numbers(y)?).enumerate() {
            let name = groups.as_ref().map_or_else(|| y.to_owned(), |groups| groups[row].to_string());
            let (Some(x), Some(value)) = (at(cell, &place), value) else { continue };
            let series = *known.entry(name.clone()).or_insert_with(|| {
                names.push(name);
                points.push(Vec::new());
                names.len() - 1
            });
            points[series].push(Point::new(x, value));
        }
        let series = names.into_iter().zip(points).map(|(name, points)| Series { name, points }).collect();
        let plot = Plot::Scatter { series, categories };
        Ok(Chart::new(&format!("{y} over {}", both(x, by)), &label(x), &label(y), plot))
    }

    /// The spread of column `y` at each value of column `x` as boxes.
    ///
    /// # Errors
    /// As [`Table::bars`].
    pub fn box_plot(&self, x: &str, y: &str) -> Result<Chart, ExperimentError> {
        let across = self.column(x)?;
        let names = values(&across)?;
        let place = places(&names);
        let mut samples: Vec<Sample> =
            names.iter().map(|name| Sample { name: name.clone(), values: Vec::new() }).collect();
        for (cell, value) in across.iter().zip(self.numbers(y)?) {
            if let Some(sample) = place.get(&cell.to_string()) {
                samples[*sample].values.extend(value);
            }
        }
        Ok(Chart::new(&format!("{y} by {x}"), &label(x), &label(y), Plot::Boxes { samples }))
    }

    /// How often the values of some columns lie in each of `bins` equal bins.
    ///
    /// # Errors
    /// As [`Table::plot`].
    pub fn histogram<S: AsRef<str>>(&self, of: &[S], bins: usize) -> Result<Chart, ExperimentError> {
        let sample = |column: &S| {
            let values = self.numbers(column.as_ref())?.into_iter().flatten().collect();
            Ok(Sample { name: column.as_ref().to_owned(), values })
        };
        let samples = of.iter().map(sample).collect::<Result<_, ExperimentError>>()?;
        let names: Vec<&str> = of.iter().map(AsRef::as_ref).collect();
        let across = match names.as_slice() {
            [only] => label(only),
            several => several.join(", "),
        };
        let plot = Plot::Histogram { samples, bins: bins.max(1) };
        Ok(Chart::new(&format!("distribution of {}", names.join(", ")), &across, "share of rows", plot))
    }

    /// A figure of column `of` at each pair of values of columns `x` and `y`, as a heat map. Numbers stand
    /// in their order, the largest of `y` at the top; texts in the order of their first rows.
    ///
    /// # Errors
    /// As [`Table::bars`].
    pub fn heat(&self, x: &str, y: &str, of: &str, figure: Figure) -> Result<Chart, ExperimentError> {
        let (columns, mut rows) = (values(&self.column(x)?)?, values(&self.column(y)?)?);
        if texts(&self.column(y)?)?.is_empty() {
            rows.reverse();
        }
        let (right, down) = (places(&columns), places(&rows));
        let numbers = self.numbers(of)?;
        let mut cells = vec![vec![None; columns.len()]; rows.len()];
        let groups = self.group(&[x, y])?;
        for (group, members) in groups.rows().iter().enumerate() {
            let [(_, across), (_, up)] = &groups.key(group)[..] else { continue };
            let defined: Vec<f64> = members.iter().filter_map(|row| numbers[*row]).collect();
            if let (Some(column), Some(row)) = (right.get(&across.to_string()), down.get(&up.to_string())) {
                cells[*row][*column] = figure.of(&defined);
            }
        }
        let plot = Plot::Heat { rows, columns, cells, texts: None };
        Ok(Chart::new(&format!("{} by {x} and {y}", label(of)), &label(x), &label(y), plot))
    }

    /// The columns `of` as a heat map of one row for each row here, called by column `rows`. The numbers
    /// stand in the cells; as columns may hold different measures, a cell's colour tells where it lies
    /// between the smallest and the largest of its column.
    ///
    /// # Errors
    /// As [`Table::bars`].
    pub fn matrix<S: AsRef<str>>(&self, rows: &str, of: &[S]) -> Result<Chart, ExperimentError> {
        let names: Vec<String> = self.column(rows)?.iter().map(Cell::to_string).collect();
        check(names.len())?;
        let columns: Vec<Vec<Option<f64>>> =
            of.iter().map(|name| self.numbers(name.as_ref())).collect::<Result<_, _>>()?;
        let ranges = columns.iter().map(|column| {
            let defined = || column.iter().flatten().copied();
            defined().reduce(f64::min).zip(defined().reduce(f64::max)).unwrap_or((0.0, 0.0))
        });
        let ranges: Vec<(f64, f64)> = ranges.collect();
        let share = |value: f64, (low, high): (f64, f64)| match high > low {
            true => (value - low) / (high - low),
            false => 0.5,
        };
        let row = |row: usize| {
            let cells = columns.iter().zip(&ranges);
            cells.map(|(column, range)| column[row].map(|value| share(value, *range))).collect()
        };
        let written = |row: usize| {
            let text = |column: &Vec<Option<f64>>| column[row].map_or_else(String::new, three_digits);
            columns.iter().map(text).collect()
        };
        let texts = CellTexts {
            colours: "from the smallest to the largest of each column:".to_owned(),
            texts: (0..names.len()).map(written).collect(),
        };
        let cells = (0..names.len()).map(row).collect();
        let labels: Vec<String> = of.iter().map(|name| label(name.as_ref())).collect();
        let plot = Plot::Heat { rows: names, columns: labels, cells, texts: Some(texts) };
        Ok(Chart::new(&format!("by {rows}"), "", rows, plot))
    }

    /// Means and intervals of `y` at each value of `x`, a series for each value of `by`.
    fn means(
        &self,
        x: &str,
        y: &str,
        by: Option<&str>,
        categories: &[String],
    ) -> Result<Vec<Series>, ExperimentError> {
        let place = places(categories);
        let mut series: Vec<Series> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (name, column) in self.lines(y, by) {
            let keys: Vec<&str> = by.filter(|_| name.is_none()).into_iter().chain([x]).collect();
            let numbers = self.numbers(&column)?;
            let groups = self.group(&keys)?;
            for (index, rows) in groups.rows().iter().enumerate() {
                let key = groups.key(index);
                let cell =
                    |wanted: &str| key.iter().find(|(name, _)| **name == *wanted).map(|(_, cell)| cell);
                let group = by.and_then(cell).map(ToString::to_string);
                let name = name.clone().or(group).unwrap_or_else(|| y.to_owned());
                let defined: Vec<f64> = rows.iter().filter_map(|row| numbers[*row]).collect();
                let estimate = Estimate::of(&defined);
                let x = cell(x).and_then(|cell| at(cell, &place));
                let (Some(x), Some(mean)) = (x, estimate.mean) else { continue };
                let (low, high) = estimate.interval.unwrap_or((mean, mean));
                let index = *known.entry(name.clone()).or_insert_with(|| {
                    series.push(Series { name, points: Vec::new() });
                    series.len() - 1
                });
                series[index].points.push(Point { x, mean, low, high });
            }
        }
        Ok(series)
    }

    /// Names and columns of the lines of a plot; one without a name stands for the values of `by`.
    fn lines(&self, y: &str, by: Option<&str>) -> Vec<(Option<String>, String)> {
        let has = |name: &str| self.columns().iter().any(|column| &**column == name);
        if by != Some("track") || has("track") {
            return vec![(None, y.to_owned())];
        }
        let ending = format!(".{y}");
        let of_tracks = self.columns().iter().filter_map(|column| {
            let track = column.strip_suffix(&ending)?;
            Some((Some(track.to_owned()), column.to_string()))
        });
        let lines: Vec<_> = of_tracks.collect();
        if lines.is_empty() { vec![(None, y.to_owned())] } else { lines }
    }
}

/// A number with three digits that matter.
fn three_digits(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-3..1e6).contains(&size) => {
            let decimals = if size == 0.0 { 0.0 } else { (2.0 - size.log10().floor()).clamp(0.0, 5.0) };
            format!("{value:.0$}", decimals as usize)
        }
        _ => format!("{value:.2e}"),
    }
}

/// The column across, and the one that colours stand for.
fn both(x: &str, by: Option<&str>) -> String {
    by.map_or_else(|| x.to_owned(), |by| format!("{x} and {by}"))
}

/// What an axis is called: the column, and the unit of the measure that it holds.
fn label(column: &str) -> String {
    let names = column.split('.').rev();
    let unit = names.filter_map(|name| catalogue::about(name).ok()).map(|measure| measure.unit).next();
    match unit {
        Some(unit) if !column.ends_with(&unit.replace(' ', "_")) => format!("{column} ({unit})"),
        _ => column.to_owned(),
    }
}

/// Where a cell stands along an axis of categories, or of numbers where there are none.
fn at(cell: &Cell, places: &HashMap<String, usize>) -> Option<f64> {
    match places.is_empty() {
        true => cell.number(),
        false => places.get(&cell.to_string()).map(|place| *place as f64),
    }
}

/// Where each category stands.
fn places(names: &[String]) -> HashMap<String, usize> {
    names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect()
}

/// The categories of a column that holds a text, in the order of their first rows; none when all are numbers.
fn texts(cells: &[Cell]) -> Result<Vec<String>, ExperimentError> {
    match cells.iter().any(|cell| matches!(cell, Cell::Text(_))) {
        true => distinct(cells.iter()),
        false => Ok(Vec::new()),
    }
}

/// The values of a column as categories: numbers in their order, texts in that of their first rows.
fn values(cells: &[Cell]) -> Result<Vec<String>, ExperimentError> {
    if cells.iter().any(|cell| matches!(cell, Cell::Text(_))) {
        return distinct(cells.iter());
    }
    let mut sorted: Vec<&Cell> = cells.iter().collect();
    sorted.sort_by(|a, b| a.order(b));
    distinct(sorted.into_iter())
}

fn distinct<'a>(cells: impl Iterator<Item = &'a Cell>) -> Result<Vec<String>, ExperimentError> {
    let mut known = std::collections::HashSet::new();
    let texts = cells.filter(|cell| !cell.is_missing()).map(Cell::to_string);
    let names: Vec<String> = texts.filter(|text| known.insert(text.clone())).collect();
    check(names.len())?;
    Ok(names)
}

fn check(count: usize) -> Result<(), ExperimentError> {
    if count <= MOST { Ok(()) } else { Err(ExperimentError::TooMany { count, most: MOST }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Table {
        let mut table = Table::new();
        for (model, t, notes) in [("a", 0, 1.0), ("a", 0, 3.0), ("a", 1, 5.0), ("b", 0, 7.0)] {
            let cells: [(&str, Cell); 4] = [
                ("model", model.into()),
                ("t", Cell::Int(t)),
                ("drums.notes", notes.into()),
                ("bass.notes", (notes * 2.0).into()),
            ];
            table.add(cells);
        }
        table
    }

    fn lines(chart: Chart) -> (Vec<Series>, Vec<String>) {
        match chart.plot {
            Plot::Lines { series, categories, .. } => (series, categories),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_line_goes_through_the_means_of_each_group() {
        let (series, categories) = lines(results().plot("t", "drums.notes", Some("model")).unwrap());
        let means = |index: usize| series[index].points.iter().map(|p| (p.x, p.mean)).collect::<Vec<_>>();
        assert!(categories.is_empty());
        assert_eq!((series[0].name.as_str(), means(0)), ("a", vec![(0.0, 2.0), (1.0, 5.0)]));
        assert_eq!((series[1].name.as_str(), means(1)), ("b", vec![(0.0, 7.0)]));
        assert!(series[0].points[0].low < 2.0 && series[1].points[0].low == 7.0);
    }

    #[test]
    fn every_track_has_a_line_where_columns_are_named_so() {
        let (series, categories) = lines(results().plot("model", "notes", Some("track")).unwrap());
        let names: Vec<&str> = series.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["drums", "bass"]);
        assert_eq!(categories, ["a", "b"]);
        assert_eq!(series[0].points[0].mean, 3.0);
    }

    #[test]
    fn a_column_may_be_called_like_one_of_a_summary() {
        let table = results().rename("model", "measure").unwrap();
        let (series, _) = lines(table.plot("t", "drums.notes", Some("measure")).unwrap());
        assert_eq!(series.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(table.summary(&["measure"], &["t"]).unwrap_err().to_string().contains("`measure`"));
    }

    #[test]
    fn a_missing_column_is_an_error() {
        assert!(results().plot("t", "notes", None).is_err());
        assert!(results().plot("tt", "notes", Some("track")).is_err());
        assert!(results().histogram(&["nots"], 10).is_err());
    }

    #[test]
    fn a_heat_map_has_numbers_in_order_and_texts_as_they_come() {
        let mut table = Table::new();
        for (t, model, notes) in [(0.5, "b", 1.0), (0.25, "a", 2.0), (0.5, "b", 3.0)] {
            table.add([("t", Cell::Float(t)), ("model", model.into()), ("notes", notes.into())]);
        }
        let heat = |x, y| match table.heat(x, y, "notes", Figure::Mean).unwrap().plot {
            Plot::Heat { rows, columns, cells, .. } => (rows, columns, cells),
            other => panic!("{other:?}"),
        };
        let (rows, columns, cells) = heat("model", "t");
        assert_eq!((rows, columns), (vec!["0.5".into(), "0.25".into()], vec!["b".into(), "a".into()]));
        assert_eq!(cells, [[Some(2.0), None], [None, Some(2.0)]]);
        assert_eq!(heat("t", "model").0, ["b", "a"]);
        let Plot::Heat { cells, texts: Some(told), .. } =
            table.matrix("model", &["notes", "t"]).unwrap().plot
        else {
            panic!("no texts")
        };
        assert_eq!(cells, [[Some(0.0), Some(1.0)], [Some(0.5), Some(0.0)], [Some(1.0), Some(1.0)]]);
        assert_eq!(told.texts[1], ["2.00", "0.250"]);
    }

    #[test]
    fn dots_and_bars_are_told_apart_by_a_column() {
        let Plot::Scatter { series, .. } = results().scatter("t", "drums.notes", Some("model")).unwrap().plot
        else {
            panic!("no dots")
        };
        assert_eq!(series.iter().map(|series| series.points.len()).collect::<Vec<_>>(), [3, 1]);
        let Plot::Bars { series, categories } =
            results().bars("t", "drums.notes", Some("model")).unwrap().plot
        else {
            panic!("no bars")
        };
        assert_eq!((categories, series.len()), (vec!["0".to_owned(), "1".to_owned()], 2));
    }

    #[test]
    fn axes_have_the_units_of_measures() {
        assert_eq!(label("drums.qualified_note_rate"), "drums.qualified_note_rate (share)");
        assert_eq!(
            label("tonal_distance.piano-bass"),
            "tonal_distance.piano-bass (distance in the tonal space)"
        );
        assert_eq!([label("mix.notes"), label("threshold")], ["mix.notes", "threshold"]);
    }

    #[test]
    fn a_box_holds_the_values_at_one_place() {
        let Plot::Boxes { samples } = results().box_plot("model", "drums.notes").unwrap().plot else {
            panic!("no boxes")
        };
        assert_eq!(samples[0].values, [1.0, 3.0, 5.0]);
    }
}
