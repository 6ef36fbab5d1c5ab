//! How far each row of a table lies from its training data, as a picture.

use super::PaperTable;
use super::text::shown;
use crate::experiment::{Cell, ExperimentError, Table};
use crate::view::chart::{CellTexts, Chart, Plot};

/// Pixels of a row, of a gap between rows, and of what surrounds them.
const ROW: u32 = 32;
const GAP: u32 = 10;
const AROUND: u32 = 180;

impl PaperTable {
    /// What [`PaperTable::beside`] gave as a picture: its rows that have numbers, the printed and ours of
    /// one name together. The colour of a cell is its difference to the training data of the same hand (the
    /// paper's, or ours) in hundredths of the range that the measure can have: 100 %, twelve pitch
    /// classes, or 3 for a tonal distance. White is alike. `note` stands above.
    ///
    /// # Errors
    /// [`ExperimentError::Column`] when the table has other columns, [`ExperimentError::NotANumber`]
    /// when one holds texts.
    pub fn figure(self, table: &Table, note: &str) -> Result<Chart, ExperimentError> {
        let (names, hands) = (table.column("row")?, table.column("by")?);
        let columns: Vec<Vec<Option<f64>>> =
            self.columns().iter().map(|column| table.numbers(column)).collect::<Result<_, _>>()?;
        let training = |hand: &Cell| {
            names.iter().zip(&hands).position(|(name, by)| *name == "training".into() && by == hand)
        };
        let (mut rows, mut cells, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        let mut above: Option<&Cell> = None;
        for (row, (name, hand)) in names.iter().zip(&hands).enumerate() {
            let Some(real) = training(hand) else { continue };
            if above.is_some_and(|above| above != name) {
                rows.push(String::new());
                cells.push(Vec::new());
                texts.push(Vec::new());
            }
            above = Some(name);
            let difference = |(numbers, column): (&Vec<Option<f64>>, &&str)| {
                Some((numbers[row]? - numbers[real]?) / self.range(column) * 100.0)
            };
            rows.push(format!("{name}, {hand}"));
            cells.push(columns.iter().zip(self.columns()).map(difference).collect());
            texts.push(columns.iter().map(|numbers| shown(numbers[row])).collect());
        }
        let columns = self.columns().iter().map(|&name| name.to_owned()).collect();
        let (place, measures) = self.title().split_once(": ").unwrap_or((self.title(), ""));
        let pixels = |row: &String| if row.is_empty() { GAP } else { ROW };
        let height = AROUND + rows.iter().map(pixels).sum::<u32>();
        let colours = "difference to the training data in % of the range".to_owned();
        let mut chart = Chart::new(
            &format!("{place}; {note}"),
            measures,
            "",
            Plot::Heat { rows, columns, cells, texts: Some(CellTexts { colours, texts }) },
        );
        chart.size = (chart.size.0.max(400 + 76 * self.columns().len() as u32), height);
        Ok(chart)
    }

    /// The largest value that a column can have.
    fn range(self, column: &str) -> f64 {
        match self {
            Self::Aaai1 if column.starts_with("UPC") => 12.0,
            Self::Aaai1 => 100.0,
            Self::Ismir1 if column != "TD" => 1.0,
            _ => 3.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_to_the_training_data_of_the_same_hand() {
        let printed = PaperTable::Aaai1.beside(&[], true).unwrap();
        let chart = PaperTable::Aaai1.figure(&printed, "as printed").unwrap();
        assert_eq!(chart.title, "Dong et al. 2018 (AAAI), Table 1; as printed");
        let Plot::Heat { rows, columns, cells, texts: Some(told) } = chart.plot else {
            panic!("no heat map")
        };
        // Eight rows, and a gap between each two.
        assert_eq!((rows.len(), columns.len()), (15, 14));
        assert_eq!(rows[..3], ["training, published", "", "jamming, published"]);
        let near = |row: usize, column: usize, value: f64| {
            assert!((cells[row][column].unwrap() - value).abs() < 1e-9, "{row} {column}");
        };
        assert!(cells[0].iter().all(|cell| *cell == Some(0.0)) && cells[1].is_empty());
        near(2, 0, 6.59 - 8.06);
        near(2, 5, (1.53 - 1.71) / 12.0 * 100.0);
        assert_eq!((cells[10][3], told.texts[10][3].as_str()), (None, "–"), "the piano was given");
        assert_eq!(told.texts[2][..2], ["6.59", "2.33"]);
    }

    #[test]
    fn ours_stand_below_the_printed_row_without_a_gap() {
        let mut table = Table::new();
        for (row, by, distance) in [
            ("training", "published", 1.0),
            ("training", "ours", 1.5),
            ("joint", "ours", 1.8),
            ("x", "not trained", 0.0),
        ] {
            let numbers = PaperTable::Aaai2.columns().iter().map(|column| (*column, Cell::from(distance)));
            table.add([("row", Cell::from(row)), ("by", Cell::from(by))].into_iter().chain(numbers));
        }
        let Plot::Heat { rows, cells, .. } = PaperTable::Aaai2.figure(&table, "").unwrap().plot else {
            panic!("no heat map")
        };
        assert_eq!(rows, ["training, published", "training, ours", "", "joint, ours"]);
        assert!((cells[3][0].unwrap() - 10.0).abs() < 1e-9, "0.3 of 3: {cells:?}");
    }

    #[test]
    fn another_table_is_refused() {
        let printed = PaperTable::Aaai2.beside(&[], true).unwrap();
        let error = PaperTable::Aaai1.figure(&printed, "").unwrap_err().to_string();
        assert!(error.contains("no column `EB B`"), "{error}");
    }
}
