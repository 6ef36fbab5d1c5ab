//! Numbers as blocks: sparklines and bar charts.

use unicode_width::UnicodeWidthStr;

use super::cut;

/// One character per value, `▁` for the smallest and `█` for the largest; a blank for what is not
/// finite, and `▄` throughout when all are equal.
pub fn sparkline(values: &[f32]) -> String {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let low = finite().fold(f32::INFINITY, f32::min);
    let high = finite().fold(f32::NEG_INFINITY, f32::max);
    sparkline_between(values, low, high)
}

/// The same on a given scale, so that several can be compared; what lies outside is drawn at the end.
pub fn sparkline_between(values: &[f32], low: f32, high: f32) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let level = |value: f32| match (value.is_finite(), high > low) {
        (false, _) => ' ',
        (true, false) => LEVELS[3],
        (true, true) => {
            let share = (f64::from(value) - f64::from(low)) / (f64::from(high) - f64::from(low));
            LEVELS[((share * 8.0) as usize).min(7)]
        }
    };
    values.iter().copied().map(level).collect()
}

/// A bar chart of named values, one line each, `width` columns in all:
/// `name  ██████▌  0.42`. Bars begin at zero, negative values have none, `None` is shown as `–`.
pub fn bars(rows: &[(&str, Option<f64>)], width: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let finite = |value: &Option<f64>| value.filter(|value| value.is_finite());
    let number = |value: &Option<f64>| finite(value).map_or("–".to_owned(), short);
    let names = rows.iter().map(|(name, _)| name.width()).max().unwrap_or(0).min(width / 2);
    let numbers = rows.iter().map(|(_, value)| number(value).width()).max().unwrap_or(0);
    let most = rows.iter().filter_map(|(_, value)| finite(value)).fold(0.0, f64::max);
    let room = width.saturating_sub(names + numbers + 4).max(1);
    let line = |(name, value): &(&str, Option<f64>)| {
        let share = if most > 0.0 { finite(value).unwrap_or(0.0).max(0.0) / most } else { 0.0 };
        let eighths = (share * (room * 8) as f64).round() as usize;
        let bar = "█".repeat(eighths / 8) + PARTS[eighths % 8];
        let (name, number) = (cut(name, names), number(value));
        let gap = " ".repeat(names.saturating_sub(name.width()));
        let rest = " ".repeat((room + numbers).saturating_sub(bar.width() + number.width()));
        format!("{name}{gap}  {bar}{rest}  {number}")
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Four significant digits, or the whole number.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        magnitude if magnitude >= 1000.0 || value.fract() == 0.0 => 0,
        magnitude if magnitude >= 100.0 => 1,
        magnitude if magnitude >= 10.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_runs_from_the_smallest_to_the_largest_value() {
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[2.0, 2.0]), "▄▄");
        assert_eq!(sparkline(&[f32::MIN, f32::NAN, f32::MAX]), "▁ █");
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline_between(&[-9.0, 0.0, 9.0], -1.0, 1.0), "▁▅█");
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let rows = [("bass", Some(2.0)), ("piano", Some(1.0)), ("drums", None), ("down", Some(-1.0))];
        let expected = "\
bass   ████████   2
piano  ████       1
drums             –
down             -1";
        assert_eq!(bars(&rows, 19), expected);
        assert_eq!(bars(&[], 10), "");
        assert_eq!(bars(&[("a long name", Some(f64::INFINITY))], 1).lines().count(), 1);
    }
}
