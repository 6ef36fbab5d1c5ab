//! How values look to a person: music drawn, tables laid out, everything else as rhai writes it.

use std::collections::BTreeMap;

use rhai::{Array, Dynamic, Map};

use super::api::{Dialogue, Difference, Encoding, Report, Sheet, Track, Widget, WorkHandle, encoding_table};
use super::look::{Look, View, picture};
use crate::data::Dataset;
use crate::experiment::Table;
use crate::experiment::report::shown;
use crate::experiment::run::Run;
use crate::metrics::against::Comparison;
use crate::metrics::{Features, Metrics, PieceMetrics, TrackMetrics};
use crate::model::{Latent, Model};
use crate::music::{Multitrack, Pianoroll, Scale};
use crate::view::chart::Chart;
use crate::view::terminal::{listing, render, render_diff, sparkline_between};

/// `value` on as many lines as it needs. Strings stand bare.
pub fn show(value: &Dynamic, look: &Look) -> String {
    if let View::Image(protocol) = look.view
        && let Some(picture) = picture(value, protocol, look.width)
    {
        return format!("{}\n{picture}", summary(value));
    }
    let (width, style) = (look.width, look.style());
    let is_spoken = look.view == View::Plain;
    if let Some(song) = value.read_lock::<Multitrack>() {
        return if is_spoken { listing(&song) } else { render(&song, &style) };
    }
    if let Some(track) = value.read_lock::<Track>() {
        return if is_spoken { listing(track.piece()) } else { render(track.piece(), &style) };
    }
    if let Some(difference) = value.read_lock::<Difference>() {
        return match is_spoken {
            true => difference_line(&difference),
            false => render_diff(&difference.cells, &difference.grid, &style),
        };
    }
    if let Some(latent) = value.read_lock::<Latent>() {
        return if is_spoken { latent_parts(&latent) } else { latent_text(&latent, width) };
    }
    if let Some(model) = value.read_lock::<Model>() {
        return model_text(&model);
    }
    if let Some(encoding) = value.read_lock::<Encoding>() {
        return encoding_text(&encoding, width);
    }
    if let Some(sheet) = value.read_lock::<Sheet>() {
        return sheet_text(&sheet, width);
    }
    if let Some(set) = value.read_lock::<Dataset>() {
        // A single phrase is drawn.
        let phrase = if set.len() == 1 { set.phrase(0).ok() } else { None };
        let drawn = phrase.map(|phrase| match is_spoken {
            true => format!("\n{}", listing(&phrase)),
            false => format!("\n{}", render(&phrase, &style)),
        });
        return format!("{}{}", set.summary(), drawn.unwrap_or_default());
    }
    if let Some(table) = value.read_lock::<Table>() {
        return table.show(width);
    }
    if let Some(comparison) = value.read_lock::<Comparison>() {
        return shown(&comparison, width);
    }
    if let Some(metrics) = value.read_lock::<Metrics>() {
        return metrics.to_string();
    }
    if let Some(features) = value.read_lock::<PieceMetrics>() {
        return features.to_string();
    }
    if let Some(items) = value.read_lock::<Array>() {
        return array_text(&items, width);
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map_text(&map, width);
    }
    summary(value)
}

/// One line for `value`: what it is and how large. Strings stand bare.
pub fn summary(value: &Dynamic) -> String {
    if let Some(song) = value.read_lock::<Multitrack>() {
        return song_line(&song);
    }
    if let Some(track) = value.read_lock::<Track>() {
        let (name, piece) = (&track.track().name, track.piece());
        return format!(
            "Track {name}, {}, {}",
            count(piece.bar_count(), "bar"),
            count(track.track().roll.note_count(), "note")
        );
    }
    if let Some(roll) = value.read_lock::<Pianoroll>() {
        return format!("Pianoroll, {}, {}", count(roll.steps(), "step"), count(roll.note_count(), "note"));
    }
    if let Some(scale) = value.read_lock::<Scale>() {
        return format!("Scale {}", scale.name());
    }
    if let Some(difference) = value.read_lock::<Difference>() {
        return difference_line(&difference);
    }
    if let Some(latent) = value.read_lock::<Latent>() {
        return latent_line(&latent);
    }
    if let Some(model) = value.read_lock::<Model>() {
        return format!("Model {}, {} numbers, hash {}", model.name(), model.parameter_count(), model.hash());
    }
    if let Some(encoding) = value.read_lock::<Encoding>() {
        return encoding_line(&encoding);
    }
    if let Some(chart) = value.read_lock::<Chart>() {
        return format!("Chart {:?}", chart.title);
    }
    if let Some(widget) = value.read_lock::<Widget>() {
        return widget.line();
    }
    if let Some(work) = value.read_lock::<WorkHandle>() {
        return work.line();
    }
    if let Some(sheet) = value.read_lock::<Sheet>() {
        return format!("Sheet, {} x {}", sheet.rows(), sheet.columns());
    }
    if let Some(run) = value.read_lock::<Run>() {
        return format!("Run {}", run.given());
    }
    if let Some(table) = value.read_lock::<Table>() {
        return format!("Table, {} of {}", count(table.len(), "row"), count(table.columns().len(), "column"));
    }
    if let Some(set) = value.read_lock::<Dataset>() {
        return format!("Dataset, {}", count(set.len(), "phrase"));
    }
    if let Some(talk) = value.read_lock::<Dialogue>() {
        return talk.line();
    }
    if let Some(told) = value.read_lock::<Report>() {
        return told.line();
    }
    if let Some(comparison) = value.read_lock::<Comparison>() {
        return format!("Comparison, {}", count(comparison.rows.len(), "statistic"));
    }
    if let Some(metrics) = value.read_lock::<Metrics>() {
        return format!(
            "Metrics, {} of {}",
            count(metrics.bars, "bar"),
            count(metrics.tracks.len(), "track")
        );
    }
    if let Some(track) = value.read_lock::<TrackMetrics>() {
        return track_metrics_line(&track);
    }
    if let Some(features) = value.read_lock::<PieceMetrics>() {
        return format!(
            "PieceMetrics, {} of {}",
            count(features.pieces, "piece"),
            count(features.tracks.len(), "track")
        );
    }
    if let Some(features) = value.read_lock::<Features>() {
        let numbers = Features::NAMES.into_iter().zip(features.values());
        let defined: Vec<String> =
            numbers.filter_map(|(name, value)| Some(format!("{name} {:.3}", value?))).collect();
        return format!("Features: {}", defined.join(", "));
    }
    if let Some(items) = value.read_lock::<Array>() {
        return format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", "));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entry = |(key, value): (&rhai::Identifier, &Dynamic)| format!("{key}: {}", literal(value));
        let entries: Vec<String> = map.iter().map(entry).collect();
        return if entries.is_empty() { "#{}".into() } else { format!("#{{ {} }}", entries.join(", ")) };
    }
    value.to_string()
}

/// One line for a value inside another: strings keep their quotes.
fn literal(value: &Dynamic) -> String {
    match value.read_lock::<rhai::ImmutableString>() {
        Some(text) => format!("{:?}", text.as_str()),
        None => summary(value),
    }
}

/// "1 bar", "2 bars".
pub(super) fn count(number: usize, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

fn song_line(song: &Multitrack) -> String {
    let name = song.name().map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let seed = song.origin().and_then(|origin| origin.seed).map(|seed| format!(", seed {seed}"));
    format!(
        "Multitrack{name}, {}, {}, {}, {} bpm{}",
        count(song.bar_count(), "bar"),
        song.meter_at(0),
        count(song.tracks().len(), "track"),
        song.tempo().bpm(),
        seed.unwrap_or_default()
    )
}

fn difference_line(difference: &Difference) -> String {
    let changed = difference.cells.tracks.iter().filter(|track| track.counts() != (0, 0));
    let changed: Vec<String> =
        changed.map(|track| format!("{} +{} -{}", track.name, track.counts().0, track.counts().1)).collect();
    match changed.len() {
        0 => "Difference, none".into(),
        n if n == difference.cells.tracks.len() => format!("Difference, {}", changed.join(", ")),
        _ => format!("Difference, {}, others equal", changed.join(", ")),
    }
}

fn latent_line(latent: &Latent) -> String {
    let seed = latent.seed().map(|seed| format!(", seed {seed}")).unwrap_or_default();
    format!("Latent, {}, norm {:.2}{seed}", count(latent.values().len(), "number"), latent.norm())
}

/// One line of bars for each part, all on the scale of three standard deviations.
fn latent_text(latent: &Latent, width: usize) -> String {
    const PART: usize = 14;
    let mut lines = vec![latent_line(latent)];
    for part in latent.layout().parts() {
        let values = &latent.values()[part.offset..part.offset + part.size];
        let room = width.saturating_sub(PART + 2).max(8);
        let shown = &values[..values.len().min(room)];
        let more = if shown.len() < values.len() { "…" } else { "" };
        lines.push(format!("  {:<PART$}{}{more}", part.path, sparkline_between(shown, -3.0, 3.0)));
    }
    lines.join("\n")
}

/// Length and extremes of each part.
fn latent_parts(latent: &Latent) -> String {
    let mut lines = vec![latent_line(latent)];
    for part in latent.layout().parts() {
        let values = &latent.values()[part.offset..part.offset + part.size];
        let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
        lines.push(format!("{}: {}, from {low:.2} to {high:.2}", part.path, count(part.size, "number")));
    }
    lines.join("\n")
}

fn model_text(model: &Model) -> String {
    let answers = if model.accompanies() { "answers to given tracks" } else { "composes from scratch" };
    format!(
        "Model {}\n  {answers}\n  {} numbers, hash {}\n  latent {}",
        model.name(),
        model.parameter_count(),
        model.hash(),
        model.layout()
    )
}

fn encoding_line(encoding: &Encoding) -> String {
    let found = &encoding.found;
    let met = found.overall().note_f1().map_or("–".to_owned(), |f1| format!("{f1:.3}"));
    format!("Encoding, note F1 {met}, latent {:.2} times as long as drawn ones", found.length())
}

/// The line, how well each track was met, and the nearest phrase of another set.
fn encoding_text(encoding: &Encoding, width: usize) -> String {
    let mut text = format!("{}\n{}", encoding_line(encoding), encoding_table(&encoding.found).show(width));
    if let Some(nearest) = encoding.nearest {
        let met = nearest.note_f1.map_or("–".to_owned(), |f1| format!("{f1:.3}"));
        let (index, distance) = (nearest.index, nearest.distance);
        text.push_str(&format!(
            "\nnearest phrase of the set: {index}, distance {distance:.3}, note F1 {met}"
        ));
    }
    text
}

fn sheet_text(sheet: &Sheet, width: usize) -> String {
    let mut lines = vec![format!("Sheet, {} x {}", sheet.rows(), sheet.columns())];
    let room = (width / sheet.columns().max(1)).saturating_sub(3).max(8);
    for row in sheet.cells().chunks(sheet.columns().max(1)) {
        let cells = row.iter().map(|cell| literal(cell).chars().take(room).collect::<String>());
        lines.push(format!(
            "  {}",
            cells.map(|cell| format!("{cell:<room$}")).collect::<Vec<_>>().join(" | ")
        ));
    }
    lines.join("\n")
}

fn track_metrics_line(track: &TrackMetrics) -> String {
    let shown = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
    let pairs = TrackMetrics::NAMES.iter().zip(track.values());
    pairs.map(|(name, value)| format!("{name} {}", shown(value))).collect::<Vec<_>>().join(", ")
}

/// Short arrays on one line, longer ones one item a line, very long ones with the middle left out.
fn array_text(items: &Array, width: usize) -> String {
    const ENDS: usize = 10;
    let line = || items.iter().map(literal).collect::<Vec<_>>().join(", ");
    // Values of our own are described in several words, which would run together.
    let is_plain = |item: &Dynamic| {
        item.is_int()
            || item.is_float()
            || item.is_bool()
            || item.is_char()
            || item.is_unit()
            || item.is_string()
            || item.is_array()
            || item.is_map()
    };
    if items.len() < 2 || (items.len() <= 2 * ENDS && items.iter().all(is_plain)) {
        let line = format!("[{}]", line());
        if line.chars().count() <= width && !line.contains('\n') {
            return line;
        }
    }
    let mut lines = vec![format!("array of {}", items.len())];
    let mut last = None;
    for (index, item) in items.iter().enumerate() {
        if index >= ENDS && index + ENDS < items.len() {
            if last != Some(()) {
                lines.push(format!("  … {} more", items.len() - 2 * ENDS));
                last = Some(());
            }
            continue;
        }
        lines.push(format!("  {index}: {}", literal(item)));
    }
    lines.join("\n")
}

fn map_text(map: &Map, width: usize) -> String {
    let entries: BTreeMap<&str, String> =
        map.iter().map(|(key, value)| (key.as_str(), literal(value))).collect();
    let parts: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let line = format!("#{{ {} }}", parts.join(", "));
    match parts.len() {
        0 => "#{}".into(),
        _ if line.chars().count() <= width => line,
        _ => parts.iter().map(|part| format!("  {part}")).collect::<Vec<_>>().join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_bare_alone_and_quoted_inside() {
        assert_eq!(show(&Dynamic::from("a"), &Look::default()), "a");
        assert_eq!(
            show(&Dynamic::from(vec![Dynamic::from("a"), Dynamic::from(1_i64)]), &Look::default()),
            r#"["a", 1]"#
        );
    }

    #[test]
    fn an_array_of_pieces_has_a_line_for_each() {
        let piece = Dynamic::from(Multitrack::new(Vec::new(), crate::music::Resolution::MODEL));
        let text = show(&Dynamic::from(vec![piece.clone(), piece]), &Look { width: 300, ..Look::default() });
        assert!(text.starts_with("array of 2\n  0: Multitrack") && text.lines().count() == 3, "{text}");
    }

    #[test]
    fn a_long_array_shows_its_ends() {
        let long: Array = (0..100_i64).map(Dynamic::from).collect();
        let text = show(&Dynamic::from(long), &Look::default());
        assert!(text.contains("… 80 more") && text.ends_with("  99: 99"), "{text}");
        assert_eq!(text.lines().count(), 22);
    }
}
