//! The catalogue as text, and as a page.

use super::{Example, Level, Measure, measures};
use crate::base::wrapped;
use crate::metrics::MetricFamily;

/// Widest line of running text.
const WIDTH: usize = 100;

/// A measure on several lines: its name and sentence, then a line for each fact.
pub(super) fn text(measure: &Measure) -> String {
    let facts = facts(measure);
    let label = facts.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    let mut text = format!("{}: {}", measure.name, measure.meaning);
    for (name, fact) in facts {
        let indent = " ".repeat(label + 4);
        let label = format!("  {name:label$}  ");
        text += &format!("\n{}", wrapped(&fact, WIDTH, &label, &indent));
    }
    text
}

/// What is known besides the sentence.
fn facts(measure: &Measure) -> Vec<(&'static str, String)> {
    let of = match measure.level {
        Level::Bar => "a bar of each track and of the mix",
        Level::Pair => "each pair of pitched tracks",
        Level::Piece => "a piece: each track and the mix",
    };
    let mut facts = vec![
        ("of", of.to_owned()),
        ("formula", measure.formula.to_owned()),
        ("unit", measure.unit.to_owned()),
        ("range", measure.range.to_owned()),
        ("undefined", measure.undefined.to_owned()),
        ("source", measure.source.to_owned()),
    ];
    if !measure.papers.is_empty() {
        facts.push(("in the papers' programs", measure.papers.to_owned()));
    }
    facts.push(("example", format!("{}: {}", music(&measure.example), measure.example.by_hand)));
    facts
}

/// What an example plays: `piano C4 0-12, E4 12-24`.
fn music(example: &Example) -> String {
    let song = example.music();
    let times = match example.times {
        1 => String::new(),
        times => format!(", {times} times"),
    };
    let steps = example.bars * 48;
    let of_track = |track: &crate::music::Track| {
        let notes = track.roll.notes().into_iter().filter(|note| note.start < steps);
        let notes: Vec<String> = notes.map(|n| format!("{} {}-{}", n.pitch, n.start, n.end)).collect();
        format!("{} {}", track.name, notes.join(", "))
    };
    let tracks: Vec<String> = song.tracks().iter().map(of_track).collect();
    let bars = match example.bars {
        1 => "a bar".to_owned(),
        bars => format!("{bars} bars"),
    };
    let of = if example.tracks.len() > 1 { format!(", of {}", example.of) } else { String::new() };
    format!("{} in {bars} of 12 steps a beat{times}{of}", tracks.join("; "))
}

/// The whole catalogue as a page of Markdown: `docs/metrics.md`.
pub fn page() -> String {
    let families = MetricFamily::ALL.map(|family| format!("`{}`", family.name())).join(", ");
    let mut page = format!(
        "# Measures\n\n\
         Every measure of bars (`song.metrics()`), of pairs of tracks, and of whole pieces (`song.features()`). \
         This page is rendered from the library's own catalogue, `ricercar metrics --list` prints it, and \
         `metrics::about(\"notes\")` tells one in a script. A test measures every example.\n\n\
         The families of definitions are {families}: the definitions done right, and what the programs of the \
         MuseGAN family compute, for comparison with published tables. Measures of pieces are in no program and \
         are always exact. A value that is undefined is `()` in scripts, `null` in JSON and a dash in tables, \
         and no mean counts it.\n"
    );
    for (level, title) in [(Level::Bar, "Bars"), (Level::Pair, "Pairs of tracks"), (Level::Piece, "Pieces")] {
        page += &format!("\n## {title}\n");
        for measure in measures().filter(|measure| measure.level == level) {
            page += &format!("\n### {}\n\n{}\n\n", measure.name, measure.meaning);
            for (name, fact) in facts(measure) {
                page += &format!("* {name}: {}\n", fact.replace('*', "\\*").replace('|', "\\|"));
            }
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::super::about;
    use super::*;

    #[test]
    fn a_measure_is_told_in_aligned_lines_of_bounded_width() {
        let told = text(about("tonal_distance").unwrap());
        assert!(told.lines().all(|line| line.chars().count() <= WIDTH), "{told}");
        assert!(told.contains("piano G4 0-12, C4 12-24; bass C2 0-24 in a bar of 12 steps"), "{told}");
        assert!(told.lines().skip(1).all(|line| line.starts_with("  ")), "{told}");
    }
}
