//! Diagnostics as text for a person.

use super::diagnostic::{Diagnostic, Kind};

/// Headline, marked line, notes and help.
pub(super) fn render(diagnostic: &Diagnostic, colour: bool) -> String {
    let paint = |code: &str, text: &str| match colour {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_owned(),
    };
    let mut out = match diagnostic.kind {
        Kind::Error => format!("{}: {}\n", paint("1;31", "error"), paint("1", &diagnostic.headline)),
        Kind::Bug => format!("{}: {}\n", paint("1;35", "bug in ricercar"), paint("1", &diagnostic.headline)),
        Kind::Stopped => format!("{}\n", paint("1;33", &diagnostic.headline)),
    };
    if let Some(excerpt) = &diagnostic.excerpt {
        let number = excerpt.line.to_string();
        let gutter = " ".repeat(number.len());
        let before: String = excerpt.text.chars().take(excerpt.column).map(blank).collect();
        let mark = paint("1;31", &"^".repeat(excerpt.length.max(1)));
        let bar = paint("34", "│");
        out += &format!("{gutter} {} {}, line {number}\n", paint("34", "┌"), excerpt.source);
        out += &format!("{} {bar} {}\n", paint("34", &number), excerpt.text);
        out += format!("{gutter} {bar} {before}{mark} {}", excerpt.label).trim_end();
        out.push('\n');
    }
    for note in &diagnostic.notes {
        out += &format!("  = {note}\n");
    }
    if let Some(help) = &diagnostic.help {
        out += &format!("  = {}: {help}\n", paint("36", "help"));
    }
    out
}

/// The same for ears: sentences in place of frames and marks.
pub(super) fn render_spoken(diagnostic: &Diagnostic) -> String {
    let mut out = match diagnostic.kind {
        Kind::Error => format!("error: {}\n", diagnostic.headline),
        Kind::Bug => format!("bug in ricercar: {}\n", diagnostic.headline),
        Kind::Stopped => format!("{}\n", diagnostic.headline),
    };
    if let Some(excerpt) = &diagnostic.excerpt {
        let marked: String = excerpt.text.chars().skip(excerpt.column).take(excerpt.length.max(1)).collect();
        let label = if excerpt.label.is_empty() { String::new() } else { format!(": {}", excerpt.label) };
        out += &format!("in {}, line {}, at {marked}{label}\n", excerpt.source, excerpt.line);
        out += &format!("the line is: {}\n", excerpt.text.trim());
    }
    for note in &diagnostic.notes {
        out += &format!("note: {note}\n");
    }
    if let Some(help) = &diagnostic.help {
        out += &format!("help: {help}\n");
    }
    out
}

/// Keeps tabs, so that the mark stands under what it marks.
fn blank(letter: char) -> char {
    if letter == '\t' { '\t' } else { ' ' }
}
