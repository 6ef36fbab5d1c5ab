//! Figures in aligned columns, as text.

use std::fmt;

use unicode_width::UnicodeWidthStr;

/// Narrowest column of figures.
const CELL: usize = 7;

/// A figure to three decimals, or a dash.
pub(super) fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

/// Writes a table: `title` above the rows' names, a column for each of `columns`, its figures to the right.
pub(super) fn write<'a>(
    f: &mut impl fmt::Write,
    title: &str,
    columns: &[&str],
    rows: impl Iterator<Item = (&'a str, Vec<String>)> + Clone,
) -> fmt::Result {
    let label = rows.clone().map(|(name, _)| name.width()).chain([title.width()]).max().unwrap_or(0);
    let widest =
        |column: usize| rows.clone().filter_map(move |(_, cells)| Some(cells.get(column)?.width())).max();
    let width = |(at, name): (usize, &&str)| name.width().max(CELL).max(widest(at).unwrap_or(0));
    let widths: Vec<usize> = columns.iter().enumerate().map(width).collect();
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
    write!(f, "{title}{}", pad(title, label))?;
    for (name, width) in columns.iter().zip(&widths) {
        write!(f, "  {}{name}", pad(name, *width))?;
    }
    for (name, cells) in rows {
        write!(f, "\n{name}{}", pad(name, label))?;
        for (cell, width) in cells.iter().zip(&widths) {
            write!(f, "  {}{cell}", pad(cell, *width))?;
        }
    }
    Ok(())
}
