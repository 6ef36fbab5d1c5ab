//! The reference as a page to read and search in a browser.

use super::{Section, options};
use crate::script::Entry;

const STYLE: &str = include_str!("reference.css");

/// The whole page, with a list of its sections at the side.
pub(super) fn page(sections: &[Section]) -> String {
    let list = sections.iter().map(|section| {
        let title = escaped(&section.title);
        format!("<li><a href=\"#{}\">{title}</a></li>\n", anchor(&section.title))
    });
    let body = sections.iter().map(|section| {
        let entries: String = section.entries.iter().map(|entry| shown(entry)).collect();
        let (title, about) = (escaped(&section.title), markdown(section.about));
        format!("<h2 id=\"{}\">{title}</h2>\n{about}{entries}", anchor(&section.title))
    });
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>ricercar {version}: reference</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<nav>\n<ul>\n{}</ul>\n</nav>\n<main>\n\
         <h1>Reference</h1>\n<p>Everything that scripts of ricercar {version} can call.</p>\n{}</main>\n\
         </body>\n</html>\n",
        list.collect::<String>(),
        body.collect::<String>(),
        version = crate::VERSION,
    )
}

fn shown(entry: &Entry) -> String {
    let rows = options(entry).into_iter().map(|(key, choices)| {
        let choices: Vec<String> =
            choices.iter().map(|c| format!("<code>\"{}\"</code>", escaped(c))).collect();
        format!("<dt><code>{}</code></dt><dd>{}</dd>\n", escaped(key), choices.join(", "))
    });
    let rows: String = rows.collect();
    let rows = if rows.is_empty() { rows } else { format!("<dl>\n{rows}</dl>\n") };
    let signature = escaped(&entry.signature());
    format!("<section>\n<h3><code>{signature}</code></h3>\n{}{rows}</section>\n", markdown(&entry.docs))
}

/// The part of Markdown that doc comments are written in: paragraphs, lists of one level, fences, and
/// words in back-ticks.
fn markdown(text: &str) -> String {
    let mut html = String::new();
    let mut paragraph: Vec<String> = Vec::new();
    let mut items: Vec<String> = Vec::new();
    let mut is_code = false;
    for line in text.lines().chain([""]) {
        let is_fence = line.trim_start().starts_with("```");
        if is_code && !is_fence {
            html += &escaped(line);
            html.push('\n');
            continue;
        }
        match line.trim_start().strip_prefix("- ") {
            Some(item) => items.push(item.to_owned()),
            // A list item goes on where it is indented.
            None if !items.is_empty() && line.starts_with("  ") => {
                let last = items.len() - 1;
                items[last] += &format!(" {}", line.trim());
            }
            None if !is_fence && !line.trim().is_empty() => paragraph.push(line.trim().to_owned()),
            None => {
                if !paragraph.is_empty() {
                    html += &format!("<p>{}</p>\n", inline(&paragraph.join(" ")));
                    paragraph.clear();
                }
                if !items.is_empty() {
                    let list: String =
                        items.iter().map(|item| format!("<li>{}</li>\n", inline(item))).collect();
                    html += &format!("<ul>\n{list}</ul>\n");
                    items.clear();
                }
            }
        }
        if is_fence {
            html += if is_code { "</code></pre>\n" } else { "<pre><code>" };
            is_code = !is_code;
        }
    }
    html
}

fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut html = String::new();
    for (index, part) in parts.iter().enumerate() {
        let is_code = index % 2 == 1 && index + 1 < parts.len();
        html += &match is_code {
            true => format!("<code>{}</code>", escaped(part)),
            false if index % 2 == 1 => format!("`{}", escaped(part)),
            false => escaped(part),
        };
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn anchor(title: &str) -> String {
    let letters = title.trim_end_matches("::").to_lowercase().replace(' ', "-");
    if title.ends_with("::") { format!("module-{letters}") } else { letters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doc_comments_become_html() {
        let text = "One `a < b`\nline.\n\n- first\n  goes on\n- second\n\n```rhai\nlet a = 1 < 2;\n```";
        assert_eq!(
            markdown(text),
            "<p>One <code>a &lt; b</code> line.</p>\n<ul>\n<li>first goes on</li>\n<li>second</li>\n</ul>\n\
             <pre><code>let a = 1 &lt; 2;\n</code></pre>\n"
        );
        assert_eq!(inline("a ` b"), "a ` b");
    }
}
