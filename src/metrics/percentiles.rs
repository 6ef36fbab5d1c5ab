//! Where a piece stands among real phrases: "denser than 83 % of them".

use std::sync::LazyLock;

use super::quality::{WORDS, of_measured};
use super::{Options, measure};
use crate::music::Multitrack;

/// The 0th to the 100th percentile of each quality among held-out phrases, as
/// `scripts/percentiles.rhai` measures them.
static REFERENCE: LazyLock<Vec<(&str, Vec<f64>)>> = LazyLock::new(|| {
    let mut lines = include_str!("../../assets/metrics/percentiles.csv").lines();
    let words = lines.next().unwrap_or_default().split(',');
    let rows: Vec<Vec<f64>> =
        lines.map(|line| line.split(',').filter_map(|cell| cell.parse().ok()).collect()).collect();
    let column = |place: usize| rows.iter().filter_map(|row| row.get(place).copied()).collect();
    words.enumerate().map(|(place, word)| (word, column(place))).collect()
});

/// For each everyday word (`denser`, `higher`, `fuller`, `busier`, `syncopated`) the share of real phrases, 0 to
/// 100, that have less of it than the piece, those that have as much counted by half; `None` where the quality is
/// undefined, as of a silent piece. The real phrases are the 894 of `examples/held_out`.
pub fn percentiles(piece: &Multitrack) -> Vec<(&'static str, Option<f64>)> {
    let figures = measure(piece, &Options::default()).figures();
    let rank = |word: &str| {
        let value = of_measured(piece, word, &figures)?;
        let (_, known) = REFERENCE.iter().find(|(known, _)| *known == word)?;
        let below = known.iter().filter(|other| **other < value).count();
        let level = known.iter().filter(|other| **other == value).count();
        Some(100.0 * (below as f64 + level as f64 / 2.0) / known.len() as f64)
    };
    WORDS.iter().map(|(word, _)| (*word, rank(word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Note, Pianoroll, Pitch, Resolution, Track};

    #[test]
    fn the_reference_is_whole_and_rises() {
        assert_eq!(REFERENCE.len(), WORDS.len());
        for (word, known) in REFERENCE.iter() {
            assert_eq!(known.len(), 101, "{word}");
            assert!(known.is_sorted() && known[100] > known[0], "{word}");
        }
    }

    #[test]
    fn more_notes_rank_higher_and_silence_nowhere() {
        let rank = |count: usize| {
            let note = |n: usize| Note {
                start: 3 * n,
                end: 3 * n + 3,
                pitch: Pitch::new(60).unwrap(),
                velocity: 100,
            };
            let notes: Vec<Note> = (0..count).map(note).collect();
            let piano = Track::of_family(Family::Piano, Pianoroll::from_notes(192, &notes));
            percentiles(&Multitrack::new(vec![piano], Resolution::MODEL))[0].1
        };
        let (few, many) = (rank(2).unwrap(), rank(64).unwrap());
        assert!((0.0..=100.0).contains(&few) && few < many && many <= 100.0, "{few} {many}");
    }
}
