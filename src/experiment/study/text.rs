//! A table of the papers on paper.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::PaperTable;
use crate::experiment::{Cell, ExperimentError, Table};

/// Widest number, with the gap before it.
const NUMBER: usize = 7;

impl PaperTable {
    /// What [`PaperTable::beside`] gave, with three digits to a number as in print, and the columns of
    /// each measure on a page of their own; every page fits into 80 columns.
    ///
    /// # Errors
    /// As [`PaperTable::figure`].
    pub fn text(self, table: &Table) -> Result<String, ExperimentError> {
        let (names, hands) = (padded(&table.column("row")?), padded(&table.column("by")?));
        let heads: Vec<String> =
            names.iter().zip(&hands).map(|(name, hand)| format!("{name}  {hand}")).collect();
        let mut pages = Vec::new();
        for columns in self.columns().chunk_by(|a, b| measure(a) == measure(b)) {
            let numbers: Vec<Vec<Option<f64>>> =
                columns.iter().map(|column| table.numbers(column)).collect::<Result<_, _>>()?;
            let mut page = heads.clone();
            for (column, numbers) in columns.iter().zip(&numbers) {
                let cells = [(*column).to_owned()].into_iter().chain(numbers.iter().map(|n| shown(*n)));
                for (line, cell) in page.iter_mut().zip(cells) {
                    let _ = write!(line, "{}{cell}", " ".repeat(NUMBER.saturating_sub(cell.width())));
                }
            }
            pages.push(page.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n"));
        }
        Ok(pages.join("\n\n"))
    }
}

/// What stands before the track in the name of a column; pairs of tracks are one measure.
fn measure(column: &str) -> &str {
    column.split_once(' ').map_or("", |(measure, _)| measure)
}

/// Texts of equal width below an empty head.
fn padded(cells: &[Cell]) -> Vec<String> {
    let texts: Vec<String> =
        [String::new()].into_iter().chain(cells.iter().map(ToString::to_string)).collect();
    let widest = texts.iter().map(|text| text.width()).max().unwrap_or(0);
    texts.iter().map(|text| format!("{text}{}", " ".repeat(widest - text.width()))).collect()
}

/// A number to three digits, two decimals at most.
pub(super) fn shown(number: Option<f64>) -> String {
    match number {
        None => "–".to_owned(),
        Some(x) if x.abs() < 9.995 => format!("{x:.2}"),
        Some(x) if x.abs() < 99.95 => format!("{x:.1}"),
        Some(x) => format!("{x:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_printed() {
        let printed = PaperTable::Aaai1.text(&PaperTable::Aaai1.beside(&[], true).unwrap()).unwrap();
        let pages: Vec<&str> = printed.split("\n\n").collect();
        assert_eq!(pages.len(), 4);
        let lines: Vec<&str> = pages[0].lines().collect();
        assert_eq!(lines[0].trim(), "EB B   EB D   EB G   EB P   EB S");
        assert_eq!(lines[1], "training               published   8.06   8.06   19.4   24.8   10.1");
        assert_eq!(lines[5], "ablated                published   92.4    100   12.5   0.68   0.00");
        assert_eq!(lines[6], "jamming, piano given   published   4.60   3.47   13.3      –   3.44");
        assert!(printed.lines().all(|line| line.width() <= 80));
    }

    #[test]
    fn pairs_and_shares_are_one_page_each() {
        for table in [PaperTable::Aaai2, PaperTable::Ismir1] {
            let text = table.text(&table.beside(&[], true).unwrap()).unwrap();
            assert_eq!(text.lines().count(), 1 + table.published().len());
            assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        }
    }
}
