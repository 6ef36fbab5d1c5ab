//! Tables as a piece of a page.

use super::Table;

impl Table {
    /// The table as one HTML element, rounded and shortened as [`Table::show`] does it, with all of its
    /// columns; below it a line that says how large it is when rows are left out.
    pub fn html(&self) -> String {
        if self.is_empty() {
            return "<p>a table without rows</p>".to_owned();
        }
        let columns = self.shown_columns();
        let line = |at: usize, tag: &str| {
            let cells = columns.iter().map(|column| {
                let side = if column.to_the_right { "right" } else { "left" };
                format!("<{tag} style=\"text-align:{side}\">{}</{tag}>", escaped(&column.lines[at]))
            });
            format!("<tr>{}</tr>\n", cells.collect::<String>())
        };
        let rows = columns.first().map_or(0, |column| column.lines.len());
        let body: String = (1..rows).map(|row| line(row, "td")).collect();
        let note = self.note(columns.len()).map(|note| format!("\n<p>{}</p>", escaped(&note)));
        format!(
            "<table>\n<thead>\n{}</thead>\n<tbody>\n{body}</tbody>\n</table>{}",
            line(0, "th"),
            note.unwrap_or_default()
        )
    }
}

/// A text that is no markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Cell;

    #[test]
    fn a_table_is_one_element_with_its_numbers_to_the_right() {
        let mut table = Table::new();
        table.add([("name", Cell::from("a < b")), ("rate", 0.5.into())]);
        let html = table.html();
        assert!(html.starts_with("<table>") && html.ends_with("</table>"), "{html}");
        assert!(html.contains("<td style=\"text-align:left\">a &lt; b</td>"), "{html}");
        assert!(html.contains("<td style=\"text-align:right\">0.500</td>"), "{html}");
        assert_eq!(Table::new().html(), "<p>a table without rows</p>");
    }

    #[test]
    fn a_long_table_says_how_long_it_is() {
        let mut table = Table::new();
        for seed in 0..50_i64 {
            table.add([("seed", seed)]);
        }
        let html = table.html();
        assert_eq!(html.matches("<tr>").count(), 1 + 20 + 1);
        assert!(html.ends_with("<p>50 rows × 1 columns</p>"), "{html}");
    }
}
