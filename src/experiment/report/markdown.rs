//! Pages as Markdown, as GitHub reads it.

use super::page::{Block, Page, texts};
use crate::experiment::Table;

/// The whole page.
pub(super) fn written(page: &Page) -> String {
    let mut parts = vec![format!("# {}", plain(&page.title))];
    if !page.lead.is_empty() {
        parts.push(plain(&page.lead));
    }
    for block in &page.blocks {
        parts.push(match block {
            Block::Heading(text) => format!("## {}", plain(text)),
            Block::Text(text) => plain(text),
            Block::Cards(cards) => {
                let card = |card: &super::Card| {
                    format!(
                        "- **{}: {}** ({}). {}",
                        plain(&card.name),
                        plain(&card.figure),
                        plain(&card.beside),
                        plain(&card.about)
                    )
                };
                cards.iter().map(card).collect::<Vec<_>>().join("\n")
            }
            Block::Table(table) => rows(table),
            Block::Folded(summary, table) => {
                format!("<details><summary>{}</summary>\n\n{}\n\n</details>", plain(summary), rows(table))
            }
            Block::Picture(picture) => {
                let (alt, caption) = (plain(&picture.alt), plain(&picture.caption));
                let caption = if caption.is_empty() { caption } else { format!("\n\n*{caption}*") };
                format!("![{alt}]({}){caption}", picture.file)
            }
        });
    }
    parts.extend(
        page.stamp.as_ref().map(|stamp| format!("<!-- {} -->", stamp.to_string().replace("--", "- -"))),
    );
    parts.join("\n\n") + "\n"
}

fn rows(table: &Table) -> String {
    let (names, rows) = texts(table);
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| plain(cell).replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rule = vec!["---".to_owned(); names.len()];
    let rows = rows.iter().map(|row| line(row));
    [line(&names), line(&rule)].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// A text on one line without markup of its own.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::page;
    use super::*;

    #[test]
    fn what_is_empty_leaves_no_trace() {
        let mut page = page();
        page.lead = String::new();
        page.blocks.retain(|block| matches!(block, Block::Picture(_)));
        for block in &mut page.blocks {
            if let Block::Picture(picture) = block {
                picture.caption = String::new();
            }
        }
        page.stamp = None;
        assert_eq!(page.markdown(), "# A &lt;title>\n\n![1 &amp; 2](one.png)\n");
        assert!(!page.html().contains("<p class=\"lead\"") && !page.html().contains("<figcaption>"));
    }

    #[test]
    fn every_block_is_written_and_nothing_is_taken_for_markup() {
        let expected = "# A &lt;title>\n\nA lead.\n\n## First\n\nSome text.\n\n\
            - **coverage: 0.9** (real music 0.95). High is good.\n\n\
            | a \\| b | c |\n| --- | --- |\n| 1 &lt; 2 | x |\n| 3 | – |\n\n\
            <details><summary>More</summary>\n\n\
            | a \\| b | c |\n| --- | --- |\n| 1 &lt; 2 | x |\n| 3 | – |\n\n</details>\n\n\
            ![1 &amp; 2](one.png)\n\n*One &amp; two*\n\n\
            <!-- ricercar-made: program=ricercar 0.1.0 -->\n";
        assert_eq!(page().markdown(), expected);
    }
}
