//! How far each row of a table lies from its training data, as a picture.

use super::PaperTable;
use crate::experiment::{Cell, ExperimentError, Table};
use crate::view::chart::{Chart, Plot};

impl PaperTable {
    /// A heat map of what [`PaperTable::beside`] gave: for each row that has numbers the differences to
    /// the training data of the same hand (the paper's, or ours), in hundredths of the range that the
    /// measure can have: 100 %, twelve pitch classes, or 3 for a tonal distance. White is alike. `note`
    /// stands above.
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
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        for (row, (name, hand)) in names.iter().zip(&hands).enumerate() {
            let Some(real) = training(hand).filter(|real| *real != row) else { continue };
            let difference = |(numbers, column): (&Vec<Option<f64>>, &&str)| {
                Some((numbers[row]? - numbers[real]?) / self.range(column) * 100.0)
            };
            let hand = if *hand == "published".into() { "2018".to_owned() } else { hand.to_string() };
            rows.push(format!("{hand}: {name}"));
            cells.push(columns.iter().zip(self.columns()).map(difference).collect());
        }
        let columns = self.columns().iter().map(|&name| name.to_owned()).collect();
        let mut chart = Chart::new(
            &format!("Difference to the training data in hundredths of a measure's range; {note}"),
            self.title(),
            "",
            Plot::Heat { rows, columns, cells },
        );
        chart.size.0 = chart.size.0.max(360 + 80 * self.columns().len() as u32);
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
        let Plot::Heat { rows, columns, cells } = PaperTable::Aaai1.figure(&printed, "").unwrap().plot else {
            panic!("no heat map")
        };
        assert_eq!((rows.len(), columns.len()), (7, 14));
        assert_eq!(rows[0], "2018: jamming");
        let near = |row: usize, column: usize, value: f64| {
            assert!((cells[row][column].unwrap() - value).abs() < 1e-9, "{row} {column}");
        };
        near(0, 0, 6.59 - 8.06);
        near(0, 5, (1.53 - 1.71) / 12.0 * 100.0);
        assert_eq!(cells[4][3], None, "the piano was given");
    }

    #[test]
    fn another_table_is_refused() {
        let printed = PaperTable::Aaai2.beside(&[], true).unwrap();
        let error = PaperTable::Aaai1.figure(&printed, "").unwrap_err().to_string();
        assert!(error.contains("no column `EB B`"), "{error}");
    }
}
