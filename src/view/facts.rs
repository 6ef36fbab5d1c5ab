//! The facts about a piece that every picture of it begins with.

use crate::music::Multitrack;

/// Length, meter, tempo, resolution and origin, each a few words: `4 bars`, `4/4`, `100 bpm`,
/// `12 steps/beat`, `seed 7`, `model hybrid`.
pub fn facts(song: &Multitrack) -> Vec<String> {
    let mut facts = vec![count(song.bar_count(), "bar"), meter(song), tempo(song)];
    facts.push(format!("{} steps/beat", song.resolution().steps()));
    facts.extend(origin(song));
    facts
}

/// Where it came from: `seed 7`, `model hybrid`; nothing when no model made it.
pub fn origin(song: &Multitrack) -> Vec<String> {
    let Some(origin) = song.origin() else { return Vec::new() };
    let seed = origin.seed.map(|seed| format!("seed {seed}"));
    let model = Some(format!("model {}", origin.model)).filter(|_| !origin.model.is_empty());
    seed.into_iter().chain(model).collect()
}

/// `1 bar`, `4 bars`.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

fn meter(song: &Multitrack) -> String {
    let first = song.meter_at(0);
    match song.meters().len() {
        0 | 1 => first.to_string(),
        changes => format!("{first} ({})", count(changes - 1, "change")),
    }
}

fn tempo(song: &Multitrack) -> String {
    let bpm = || song.tempos().iter().map(|(_, tempo)| tempo.bpm());
    let low = bpm().fold(f64::INFINITY, f64::min);
    let high = bpm().fold(0.0, f64::max);
    match number(low) == number(high) {
        true => format!("{} bpm", number(song.tempo().bpm())),
        false => format!("{}-{} bpm", number(low), number(high)),
    }
}

/// At most one digit after the point, and none when it is 0.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Meter, Origin, Resolution, Tempo};

    #[test]
    fn a_generated_piece_names_its_seed_and_model() {
        let origin = Origin { model: "hybrid".into(), seed: Some(7), latent: String::new() };
        let song = Multitrack::new(Vec::new(), Resolution::MODEL).with_origin(Some(origin));
        assert_eq!(facts(&song).join(", "), "0 bars, 4/4, 120 bpm, 12 steps/beat, seed 7, model hybrid");
    }

    #[test]
    fn changes_of_tempo_and_meter_are_told() {
        let tempo = |bpm| Tempo::new(bpm).unwrap();
        let song = Multitrack::new(Vec::new(), Resolution::MIDI)
            .with_tempos(vec![(0, tempo(100.0)), (24, tempo(92.54))])
            .with_meters(vec![(0, Meter::COMMON), (96, Meter::new(3, 4).unwrap())]);
        assert_eq!(facts(&song).join(", "), "0 bars, 4/4 (1 change), 92.5-100 bpm, 24 steps/beat");
    }
}
