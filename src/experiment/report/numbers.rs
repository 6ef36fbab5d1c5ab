//! The numbers of comparisons as tables.

use crate::experiment::{Cell, Table};
use crate::metrics::against::{CloserRow, Comparison, Estimate, Row, Statistic};
use crate::statistics::StatisticsError;

/// What stands for an undefined number.
const NOTHING: &str = "–";

/// Every number of a comparison: a row for each statistic and feature, with the columns `statistic`,
/// `feature`, `made`, `made_low`, `made_high`, `floor`, `floor_low`, `floor_high`, `p` and `note`, which says
/// why a number is missing.
pub fn results(comparison: &Comparison) -> Table {
    let mut table = Table::new();
    for row in &comparison.rows {
        let [made, made_low, made_high] = cells(&row.made);
        let [floor, floor_low, floor_high] = cells(&row.floor);
        let p = row.made.as_ref().ok().and_then(|estimate| estimate.p);
        table.add([
            ("statistic", Cell::from(row.statistic.name())),
            ("feature", row.feature.as_deref().map_or(Cell::Missing, Cell::from)),
            ("made", made),
            ("made_low", made_low),
            ("made_high", made_high),
            ("floor", floor),
            ("floor_low", floor_low),
            ("floor_high", floor_high),
            ("p", p.map_or(Cell::Missing, Cell::from)),
            ("note", note(row).map_or(Cell::Missing, |note| Cell::from(note.as_str()))),
        ]);
    }
    table
}

fn cells(estimate: &Result<Estimate, StatisticsError>) -> [Cell; 3] {
    let Ok(Estimate { value, interval, .. }) = estimate else {
        return [Cell::Missing, Cell::Missing, Cell::Missing];
    };
    let ends = interval.map_or([Cell::Missing, Cell::Missing], |i| [i.low.into(), i.high.into()]);
    let [low, high] = ends;
    [Cell::from(*value), low, high]
}

/// Why a number of a row is missing.
fn note(row: &Row) -> Option<String> {
    let error = row.made.as_ref().err().or(row.floor.as_ref().err())?;
    Some(error.to_string())
}

/// The statistics of all features together, to be read: each number with its interval, and a `note` that
/// says why one is missing.
pub fn together(comparison: &Comparison) -> Table {
    let mut table = Table::new();
    for row in joint(comparison) {
        table.add(estimates(row).into_iter().chain(note(row).map(|note| ("note", note))));
    }
    table
}

/// The same without notes.
fn numbers(comparison: &Comparison) -> Table {
    let mut table = Table::new();
    joint(comparison).for_each(|row| table.add(estimates(row)));
    table
}

/// The rows of all features together.
fn joint(comparison: &Comparison) -> impl Iterator<Item = &Row> {
    comparison.rows.iter().filter(|row| row.feature.is_none())
}

fn estimates(row: &Row) -> [(&'static str, String); 3] {
    [
        ("statistic", row.statistic.name().to_owned()),
        ("made vs real", written(&row.made)),
        ("real vs real", written(&row.floor)),
    ]
}

/// The statistics of single features, to be read: a row for each feature.
pub(super) fn alone(comparison: &Comparison) -> Table {
    let mut names: Vec<&str> = Vec::new();
    for name in comparison.rows.iter().filter_map(|row| row.feature.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let has = |statistic| comparison.of(statistic).next().is_some();
    let columns = [
        (Statistic::Shift, "shift (sd)", "floor"),
        (Statistic::Overlap, "overlap", "floor "),
        (Statistic::Divergence, "divergence", "floor  "),
    ];
    let mut table = Table::new();
    for name in names {
        let mut cells = vec![("feature", name.to_owned())];
        for (statistic, made, floor) in columns.iter().filter(|(statistic, ..)| has(*statistic)) {
            let row = comparison.row(*statistic, Some(name));
            cells.push((made, row.map_or(NOTHING.to_owned(), |row| written(&row.made))));
            cells.push((floor, row.map_or(NOTHING.to_owned(), |row| value(&row.floor))));
        }
        table.add(cells);
    }
    table
}

/// A number with its interval: `0.912 [0.880, 0.941]`.
pub(super) fn written(estimate: &Result<Estimate, StatisticsError>) -> String {
    match estimate {
        Ok(Estimate { value, interval: Some(interval), .. }) => {
            format!("{} [{}, {}]", number(*value), number(interval.low), number(interval.high))
        }
        Ok(estimate) => number(estimate.value),
        Err(_) => NOTHING.to_owned(),
    }
}

fn value(estimate: &Result<Estimate, StatisticsError>) -> String {
    estimate.as_ref().map_or(NOTHING.to_owned(), |estimate| number(estimate.value))
}

/// Three digits after the point of small numbers, fewer of large ones; never `-0.000`.
pub(super) fn number(value: f64) -> String {
    let text = match value.abs() {
        ..10.0 => format!("{value:.3}"),
        10.0..100.0 => format!("{value:.2}"),
        _ => format!("{value:.1}"),
    };
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| matches!(c, '0' | '.')) => digits.to_owned(),
        _ => text,
    }
}

/// A comparison in a terminal, at most `width` columns wide.
pub fn shown(comparison: &Comparison, width: usize) -> String {
    let mut parts = vec![sizes(comparison)];
    // Reasons are sentences: they stand in full below the tables.
    let [together, alone] = [numbers(comparison), alone(comparison)];
    parts.extend((!together.is_empty()).then(|| together.show(width)));
    parts.extend((!alone.is_empty()).then(|| alone.show(width)));
    parts.extend(reasons(comparison));
    parts.join("\n\n")
}

/// Why numbers are missing, a line for each reason.
fn reasons(comparison: &Comparison) -> Option<String> {
    let mut lines: Vec<(&str, String, usize)> = Vec::new();
    for row in &comparison.rows {
        let Some(note) = note(row) else { continue };
        let name = row.statistic.name();
        match lines.iter_mut().find(|(known, reason, _)| *known == name && *reason == note) {
            Some((.., rows)) => *rows += 1,
            None => lines.push((name, note, 1)),
        }
    }
    let line = |(name, note, rows): &(&str, String, usize)| match rows {
        1 => format!("no {name}: {note}"),
        rows => format!("no {name} of {rows} features: {note}"),
    };
    let lines: Vec<String> = lines.iter().map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// How much was compared.
pub(super) fn sizes(comparison: &Comparison) -> String {
    let Comparison { made, reference, .. } = comparison;
    let songs = match comparison.songs_known {
        true => format!("{} songs", reference.1),
        false => "whose songs are not known".to_owned(),
    };
    format!(
        "{} made phrases against {} real ones ({songs}); as many other real ones are the floor; in brackets \
         95 % by song",
        made.0, reference.0
    )
}

/// The rows of a test of which is closer: `feature`, the two distances, `p` and `p_holm`, the smallest
/// first.
pub fn closer_table(rows: &[CloserRow]) -> Table {
    let mut rows: Vec<&CloserRow> = rows.iter().collect();
    rows.sort_by(|a, b| a.p.total_cmp(&b.p));
    let mut table = Table::new();
    for row in rows {
        table.add([
            ("feature", Cell::from(row.feature.as_str())),
            ("a", row.a.into()),
            ("b", row.b.into()),
            ("p", row.p.into()),
            ("p_holm", row.corrected.into()),
        ]);
    }
    table
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::statistics::Interval;

    pub(in crate::experiment::report) fn comparison() -> Comparison {
        let estimate = |value: f64| {
            let interval = Some(Interval { low: value - 0.1, high: value + 0.1 });
            Ok(Estimate { value, interval, p: None })
        };
        let refused = || {
            let (statistic, of) = ("the classifier test", "songs in each set");
            Err(StatisticsError::TooFew { statistic, of, given: 3, minimum: 5 })
        };
        let row = |statistic, feature: Option<&str>, made: f64| Row {
            statistic,
            feature: feature.map(str::to_owned),
            made: estimate(made),
            floor: estimate(0.0),
        };
        let classifier =
            Row { statistic: Statistic::Classifier, feature: None, made: refused(), floor: refused() };
        Comparison {
            made: (40, 40),
            reference: (41, 12),
            songs_known: true,
            joint: vec!["bass.notes".into()],
            filled: [0.1, 0.0, 0.0],
            rows: vec![
                row(Statistic::Shift, Some("bass.notes"), -0.75),
                row(Statistic::Overlap, Some("bass.notes"), 0.5),
                row(Statistic::Overlap, Some("mix.pitch_class_histogram"), 0.25),
                row(Statistic::Coverage, None, 0.875),
                classifier,
            ],
        }
    }

    #[test]
    fn every_number_has_a_cell_and_what_is_missing_a_reason() {
        let table = results(&comparison());
        assert_eq!(table.len(), 5);
        let made = table.numbers("made").unwrap();
        assert_eq!(made, [Some(-0.75), Some(0.5), Some(0.25), Some(0.875), None]);
        let last = table.row(4).unwrap();
        let note = last.get("note").unwrap().to_string();
        assert_eq!(note, "the classifier test needs at least 5 songs in each set, got 3");
    }

    #[test]
    fn a_comparison_is_shown_in_aligned_columns() {
        let text = shown(&comparison(), 120);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("40 made phrases against 41 real ones (12 songs)"), "{text}");
        assert_eq!(lines[2], "statistic   made vs real          real vs real");
        assert_eq!(lines[3], "coverage    0.875 [0.775, 0.975]  0.000 [-0.100, 0.100]");
        let reason = "no classifier: the classifier test needs at least 5 songs in each set, got 3";
        assert_eq!(lines.last(), Some(&reason));
        assert!(text.contains("bass.notes                 -0.750 [-0.850, -0.650]  0.000"), "{text}");
    }

    #[test]
    fn numbers_have_as_many_digits_as_matter() {
        assert_eq!([-0.0001, 0.5, 12.3456, 1234.5].map(number), ["0.000", "0.500", "12.35", "1234.5"]);
    }
}
