//! Music in sentences, for those who hear a terminal.

use crate::music::{Multitrack, Note, Track};
use crate::view::facts::{count, facts};

/// Bars of a track that are listed.
const BARS: usize = 8;

/// A piece as sentences, without a line break at the end: what it is, then for each track its notes, bar
/// by bar, each with the beat that it begins on, counted from 1, and with how many beats it lasts. Of
/// drums only the hits are told.
pub fn listing(song: &Multitrack) -> String {
    let name = song.name().map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let mut lines = vec![format!("Multitrack{name}: {}, {}", facts(song).join(", "), tracks(song))];
    let bar_lines = song.bar_lines();
    for (track, name) in song.tracks().iter().zip(song.track_names()) {
        let notes = track.roll.notes();
        lines.push(match notes.len() {
            0 => format!("{name}: silent"),
            number => format!("{name}: {}", count(number, "note")),
        });
        let bars = bar_lines.windows(2).enumerate();
        for (index, edges) in bars.take(BARS) {
            let within = notes.iter().filter(|note| (edges[0]..edges[1]).contains(&note.start));
            let told: Vec<String> = within.map(|note| tell(song, track, note, edges[0])).collect();
            if !told.is_empty() {
                lines.push(format!("  bar {}: {}", index + 1, told.join(", ")));
            }
        }
    }
    if song.bar_count() > BARS {
        lines.push(format!("bars {} to {} are not listed", BARS + 1, song.bar_count()));
    }
    lines.join("\n")
}

fn tracks(song: &Multitrack) -> String {
    count(song.tracks().len(), "track")
}

/// `C4 on 1 for 0.5`; of a drum only where.
fn tell(song: &Multitrack, track: &Track, note: &Note, bar: usize) -> String {
    let beats = |steps: usize| decimal(steps as f64 / f64::from(song.resolution().steps() as u32));
    let start = decimal(1.0 + (note.start - bar) as f64 / f64::from(song.resolution().steps() as u32));
    match track.is_drum {
        true => format!("{} on {start}", note.pitch),
        false => format!("{} on {start} for {}", note.pitch, beats(note.end - note.start)),
    }
}

/// At most two decimals, without zeros at the end.
fn decimal(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Pitch, Resolution};

    #[test]
    fn a_piece_is_told_bar_by_bar() {
        let note = |start, pitch, end| Note { start, pitch: Pitch::new(pitch).unwrap(), end, velocity: 90 };
        let drums = Pianoroll::from_notes(96, &[note(0, 36, 3), note(12, 38, 13)]);
        let bass = Pianoroll::from_notes(96, &[note(6, 36, 12), note(48, 43, 72)]);
        let tracks = vec![
            Track::of_family(Family::Drums, drums),
            Track::of_family(Family::Bass, bass),
            Track::of_family(Family::Piano, Pianoroll::from_notes(96, &[])),
        ];
        let song = Multitrack::new(tracks, Resolution::MODEL);
        let expected = "\
Multitrack: 2 bars, 4/4, 120 bpm, 12 steps/beat, 3 tracks
drums: 2 notes
  bar 1: C2 on 1, D2 on 2
bass: 2 notes
  bar 1: C2 on 1.5 for 0.5
  bar 2: G2 on 1 for 2
piano: silent";
        assert_eq!(listing(&song), expected);
    }

    #[test]
    fn a_long_piece_is_told_in_part() {
        let song = Multitrack::new(
            vec![Track::of_family(Family::Piano, Pianoroll::from_notes(48 * 20, &[]))],
            Resolution::MODEL,
        );
        assert!(listing(&song).ends_with("bars 9 to 20 are not listed"));
    }
}
