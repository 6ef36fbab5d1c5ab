//! Pages as one HTML file: pictures as data, a style of its own, nothing from outside. It is read on a
//! telephone, in the dark and on paper.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::page::{Block, Card, Page, texts};
use crate::experiment::Table;
use crate::experiment::page::escaped;

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub(super) fn written(page: &Page) -> String {
    let title = escaped(&page.title);
    let stamp = page
        .stamp
        .as_ref()
        .map(|stamp| format!("<meta name=\"generator\" content=\"{}\">\n", escaped(&stamp.to_string())));
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{}<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        stamp.unwrap_or_default(),
    );
    if !page.lead.is_empty() {
        html += &format!("<p class=\"lead\">{}</p>\n", escaped(&page.lead));
    }
    for block in &page.blocks {
        html += &match block {
            Block::Heading(text) => format!("<h2>{}</h2>\n", escaped(text)),
            Block::Text(text) => format!("<p>{}</p>\n", escaped(text)),
            Block::Cards(cards) => {
                let cards: String = cards.iter().map(card).collect();
                format!("<section class=\"cards\">\n{cards}</section>\n")
            }
            Block::Table(table) => rows(table),
            Block::Folded(summary, table) => {
                format!("<details><summary>{}</summary>\n{}</details>\n", escaped(summary), rows(table))
            }
            Block::Picture(picture) => {
                let (alt, caption) = (escaped(&picture.alt), escaped(&picture.caption));
                let data = STANDARD.encode(&picture.png);
                let caption = match caption.as_str() {
                    "" => String::new(),
                    caption => format!("<figcaption>{caption}</figcaption>"),
                };
                format!(
                    "<figure><img alt=\"{alt}\" src=\"data:image/png;base64,{data}\">\
                     {caption}</figure>\n"
                )
            }
        };
    }
    html + "</main>\n</body>\n</html>\n"
}

fn card(card: &Card) -> String {
    let Card { name, figure, beside, about } = card;
    format!(
        "<article><h3>{}</h3><p class=\"figure\">{}</p><p class=\"beside\">{}</p><p>{}</p></article>\n",
        escaped(name),
        escaped(figure),
        escaped(beside),
        escaped(about)
    )
}

fn rows(table: &Table) -> String {
    let (names, rows) = texts(table);
    let line = |cells: &[String], tag: &str| {
        let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let body: String = rows.iter().map(|row| line(row, "td")).collect();
    format!(
        "<div class=\"table\"><table>\n<thead>{}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n",
        line(&names, "th").trim_end()
    )
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::page;

    #[test]
    fn the_file_holds_everything_and_asks_for_nothing() {
        let html = page().html();
        assert!(html.contains("<h1>A &lt;title&gt;</h1>") && html.contains("<td>1 &lt; 2</td>"));
        assert!(html.contains("src=\"data:image/png;base64,AQID\"") && html.contains("alt=\"1 &amp; 2\""));
        assert!(html.contains("<p class=\"figure\">0.9</p>") && html.contains("<details><summary>More"));
        assert!(html.contains("<meta name=\"generator\" content=\"ricercar-made: program=ricercar 0.1.0\">"));
        for outside in ["http://", "https://", "<script", "<link", "@import", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
        for tag in ["table", "tr", "td", "th", "div", "figure", "section", "article", "details", "p"] {
            let opened =
                html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }
}
