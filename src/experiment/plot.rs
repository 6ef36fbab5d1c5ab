//! Charts of tables.

use super::{Cell, ExperimentError, Table};
use crate::view::chart::{Chart, Plot, Point, Sample, Series, Spread};

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
        let across = self.column(x)?;
        let categories = categories(&across);
        let place = |cell: &Cell| match categories.iter().position(|name| *name == cell.to_string()) {
            Some(index) => Some(index as f64),
            None => cell.number(),
        };
        let mut series: Vec<Series> = Vec::new();
        for (name, column) in self.lines(y, by) {
            let keys: Vec<&str> = by.filter(|_| name.is_none()).into_iter().chain([x]).collect();
            let means = self.summary(&keys, &[column.as_str()])?;
            for row in means.rows() {
                let group = by.and_then(|by| row.get(by)).map(ToString::to_string);
                let name = name.clone().or(group).unwrap_or_else(|| y.to_owned());
                let number = |column: &str| row.get(column).and_then(Cell::number);
                let (Some(x), Some(mean)) = (row.get(x).and_then(&place), number("mean")) else { continue };
                let (low, high) = (number("low").unwrap_or(mean), number("high").unwrap_or(mean));
                let point = Point { x, mean, low, high };
                match series.iter_mut().find(|known| known.name == name) {
                    Some(known) => known.points.push(point),
                    None => series.push(Series { name, points: vec![point] }),
                }
            }
        }
        let title = format!("{y} by {x}, means with 95 % intervals");
        Ok(Chart::new(&title, x, y, Plot::Lines { series, categories, spread: Spread::Band }))
    }

    /// The spread of column `y` at each value of column `x` as boxes.
    ///
    /// # Errors
    /// As [`Table::plot`].
    pub fn box_plot(&self, x: &str, y: &str) -> Result<Chart, ExperimentError> {
        let mut samples: Vec<Sample> = Vec::new();
        for (group, value) in self.column(x)?.iter().zip(self.numbers(y)?) {
            let name = group.to_string();
            let index = samples.iter().position(|sample| sample.name == name).unwrap_or_else(|| {
                samples.push(Sample { name, values: Vec::new() });
                samples.len() - 1
            });
            samples[index].values.extend(value);
        }
        Ok(Chart::new(&format!("{y} by {x}"), x, y, Plot::Boxes { samples }))
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
        let plot = Plot::Histogram { samples, bins: bins.max(1) };
        Ok(Chart::new(&names.join(", "), &names.join(", "), "share", plot))
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

/// The texts of a column in the order of their first rows; none when all are numbers.
fn categories(cells: &[Cell]) -> Vec<String> {
    if !cells.iter().any(|cell| matches!(cell, Cell::Text(_))) {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for cell in cells.iter().filter(|cell| !cell.is_missing()) {
        if !names.contains(&cell.to_string()) {
            names.push(cell.to_string());
        }
    }
    names
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
    fn a_missing_column_is_an_error() {
        assert!(results().plot("t", "notes", None).is_err());
        assert!(results().plot("tt", "notes", Some("track")).is_err());
        assert!(results().histogram(&["nots"], 10).is_err());
    }

    #[test]
    fn a_box_holds_the_values_at_one_place() {
        let Plot::Boxes { samples } = results().box_plot("model", "drums.notes").unwrap().plot else {
            panic!("no boxes")
        };
        assert_eq!(samples[0].values, [1.0, 3.0, 5.0]);
    }
}
