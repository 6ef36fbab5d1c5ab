//! A comparison as Markdown.

use std::fmt::Write as _;

use super::{Comparison, NEAR, ROUNDS, share_near};
use crate::metrics::{Metrics, TrackMetrics};

/// Heads of the columns of the table of measures.
const COLUMNS: &str = "| track | empty bars % | pitch classes | notes a bar | qualified notes % | steps with 2+ pitches % | steps with 3+ pitches % | in scale % | drum pattern % |\n|---|---|---|---|---|---|---|---|---|\n";

impl Comparison {
    /// The figures as Markdown: the goals, the measures made beside real, their distances, and the
    /// tonal distances.
    pub fn to_markdown(&self) -> String {
        let mut page = String::new();
        self.write_goals(&mut page);
        self.write_measures(&mut page);
        self.write_distances(&mut page);
        self.write_pairs(&mut page);
        page
    }

    fn write_goals(&self, page: &mut String) {
        page.push_str("| goal | wanted | made | real halves | reached |\n|---|---|---|---|---|\n");
        for goal in self.goals() {
            let sign = if goal.at_least { "≥" } else { "≤" };
            let floor = goal.floor.map_or("–".into(), figure);
            let reached = if goal.is_met() { "yes" } else { "no" };
            let (name, wanted, made) = (&goal.name, figure(goal.wanted), figure(goal.made));
            let _ = writeln!(page, "| {name} | {sign} {wanted} | {made} | {floor} | {reached} |");
        }
    }

    fn write_measures(&self, page: &mut String) {
        let _ = write!(page, "\n{COLUMNS}");
        let percent = |x: Option<f64>| x.map_or("–".into(), |x| format!("{:.1}", 100.0 * x));
        let plain = |x: Option<f64>| x.map_or("–".into(), |x| format!("{x:.2}"));
        type Value = fn(&TrackMetrics) -> Option<f64>;
        let columns: [(bool, bool, Value); 8] = [
            (true, false, |m| m.empty_bar_rate),
            (false, false, |m| m.pitch_classes),
            (false, false, |m| m.notes),
            (true, false, |m| m.qualified_note_rate),
            (true, false, |m| m.polyphonic_rate),
            (true, true, |m| m.polyphonic_rate),
            (true, false, |m| m.in_scale_rate),
            (true, false, |m| m.drum_pattern_rate),
        ];
        for (name, _) in &self.metrics.made.tracks {
            let _ = write!(page, "| {name} |");
            for (is_share, is_dense, value) in columns {
                let beside = if is_dense { &self.dense } else { &self.metrics };
                let show = |x| if is_share { percent(x) } else { plain(x) };
                let of = |metrics: &Metrics| metrics.track(name).and_then(value);
                let (made, real) = (of(&beside.made), of(&beside.real));
                let _ = match (&beside.halves, real) {
                    (Some([a, b]), Some(_)) => {
                        let (made, real, a, b) = (show(made), show(real), show(of(a)), show(of(b)));
                        write!(page, " {made} / {real} ({a}, {b}) |")
                    }
                    (_, None) if made.is_none() => write!(page, " – |"),
                    _ => write!(page, " {} / {} |", show(made), show(real)),
                };
            }
            page.push('\n');
        }
        let [made, real] = self.phrases;
        let halves = match self.metrics.halves {
            Some(_) => " (first half, second half of the real phrases, without a song in common)",
            None => "",
        };
        let _ =
            writeln!(page, "\nEvery cell: made / real{halves}, over {made} made and {real} real phrases.");
        if let Some(diversity) = self.diversity {
            let (made, real) = (diversity.made, diversity.real);
            let _ = writeln!(page, "Mean Jaccard distance of two phrases: {made:.3} / {real:.3}.");
        }
        if let Some(copies) = self.copies {
            let super::Copies { threshold, medians: [made, real], training, .. } = copies;
            let _ = writeln!(
                page,
                "Distance from the nearest of {training} training phrases: median {made:.3} / {real:.3}; a near copy is within {threshold:.3}."
            );
        }
    }

    fn write_distances(&self, page: &mut String) {
        let _ = writeln!(page, "\n| SD from real | {} |", TrackMetrics::NAMES.join(" | ").replace('_', " "));
        let _ = writeln!(page, "|---|{}", "---|".repeat(TrackMetrics::NAMES.len()));
        for (track, _) in &self.metrics.made.tracks {
            if !self.cells.iter().any(|cell| cell.track.eq_ignore_ascii_case(track)) {
                continue;
            }
            let _ = write!(page, "| {track} |");
            for name in TrackMetrics::NAMES {
                let cell =
                    self.cells.iter().find(|c| c.track.eq_ignore_ascii_case(track) && c.measure == name);
                let shown = cell.map_or("–".to_owned(), |cell| {
                    let floor = cell.floor.map_or(String::new(), |floor| format!(" ({floor:.2})"));
                    let mark = if cell.distance <= NEAR { "" } else { "**" };
                    format!("{mark}{:.2}{mark}{floor}", cell.distance)
                });
                let _ = write!(page, " {shown} |");
            }
            page.push('\n');
        }
        let share = |distance: fn(&super::CellDistance) -> f64| 100.0 * share_near(&self.cells, distance);
        let _ = writeln!(
            page,
            "\nDistance of the means in standard deviations over the real bars (of one half from the other); bold beyond {NEAR}. \
             Of {} cells {:.0} % are within; {:.0} % in deviations over phrases, {:.0} % against real music on the model's grid.",
            self.cells.len(),
            share(|cell| cell.distance),
            share(|cell| cell.in_phrases),
            share(|cell| cell.on_grid),
        );
    }

    fn write_pairs(&self, page: &mut String) {
        if self.pairs.is_empty() {
            return;
        }
        page.push_str(
            "\n| tonal distance | made | made, shuffled | real | real halves | real, shuffled |\n|---|---|---|---|---|---|\n",
        );
        for pair in &self.pairs {
            let halves = pair.distance.halves.map_or("–".into(), |[a, b]| format!("{a:.2}, {b:.2}"));
            let (made, real) = (pair.distance.made, pair.distance.real);
            let (name, made_shuffled, real_shuffled) = (&pair.pair, pair.made_shuffled, pair.real_shuffled);
            let _ = writeln!(
                page,
                "| {name} | {made:.2} | {made_shuffled:.2} | {real:.2} | {halves} | {real_shuffled:.2} |"
            );
        }
        for (name, p) in self.follows() {
            let _ = writeln!(page, "\n{name} follows the given track: p = {p:.4} ({ROUNDS} permutations).");
        }
    }
}

/// A figure to about three digits.
fn figure(x: f64) -> String {
    if x.abs() >= 10.0 || x == 0.0 { format!("{x:.0}") } else { format!("{x:.2}") }
}
