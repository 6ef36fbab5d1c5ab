//! Time across a terminal: which steps each column of cells stands for.

use std::ops::Range;

use crate::music::Multitrack;

/// One column of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The steps it shows; never empty.
    pub steps: Range<usize>,
    /// Whether an onset at its first step belongs here; false for the second and later columns of a
    /// step that is drawn several columns wide.
    pub fresh: bool,
}

/// The columns of the bars that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// For each bar shown, its columns.
    pub bars: Vec<Vec<Column>>,
    /// Bars that were asked for, counted from 0.
    pub asked: Range<usize>,
    /// Whether the last bar shown is not shown to its end.
    pub cut: bool,
}

/// Bars that should be seen at once, if need be by drawing several steps in one column: a phrase.
const WANTED_BARS: usize = 4;
/// Columns per beat below which bars are dropped rather than drawn coarser: sixteenth notes.
const COARSEST: usize = 4;
/// Columns per beat up to which coarse pieces are widened.
const FINEST_WIDENED: usize = 12;

impl Columns {
    /// The finest columns at which as much as a phrase of the bars `asked` fits into `width` characters
    /// of `per_character` columns each, one bar line after every bar; beats are divided evenly.
    pub fn fit(song: &Multitrack, asked: Range<usize>, width: usize, per_character: usize) -> Self {
        let lines = song.bar_lines();
        let lines = lines.get(asked.start..=asked.end).unwrap_or(&[]);
        let total = asked.len();
        let resolution = song.resolution().steps();
        let rates = rates(resolution);
        let size = |bar: &[usize], rate: usize| ((bar[1] - bar[0]) * rate).div_ceil(resolution);
        let fitting = |rate: usize| {
            let mut left = width;
            let fits = |bar: &&[usize]| match left.checked_sub(size(bar, rate).div_ceil(per_character) + 1) {
                Some(rest) => {
                    left = rest;
                    true
                }
                None => false,
            };
            lines.windows(2).take_while(fits).count()
        };
        let enough = COARSEST.min(resolution);
        let legible = || rates.iter().copied().filter(|rate| *rate >= enough);
        let rate = legible()
            .find(|rate| fitting(*rate) >= total.min(WANTED_BARS))
            .or_else(|| legible().next_back().filter(|rate| fitting(*rate) >= 1))
            .or_else(|| rates.iter().copied().find(|rate| fitting(*rate) >= 1))
            .unwrap_or(1);
        let shown = fitting(rate);
        let mut bars: Vec<Vec<Column>> =
            lines.windows(2).take(shown).map(|bar| columns(bar, rate, resolution)).collect();
        let cut = shown == 0 && lines.len() > 1;
        if cut {
            let mut first = columns(&lines[..2], rate, resolution);
            first.truncate(width.saturating_sub(1).max(1) * per_character);
            bars.push(first);
        }
        Self { bars, asked, cut }
    }

    /// How many of the bars asked for are not shown.
    pub fn hidden(&self) -> usize {
        self.asked.len().saturating_sub(self.bars.len())
    }

    /// What a plane of pitch sets has in each column, all bars in a row.
    pub fn gather(&self, plane: &[u128]) -> Vec<u128> {
        let all = |steps: &Range<usize>| {
            plane.iter().take(steps.end).skip(steps.start).fold(0, |all, set| all | set)
        };
        self.flat().map(|column| all(&column.steps)).collect()
    }

    /// The columns of all bars in a row.
    pub fn flat(&self) -> impl Iterator<Item = &Column> {
        self.bars.iter().flatten()
    }
}

/// Columns per beat that divide a beat evenly, from fine to coarse.
fn rates(resolution: usize) -> Vec<usize> {
    let widened = (2..=FINEST_WIDENED / resolution.max(1)).map(|times| times * resolution);
    let divided = (1..=resolution).filter(|rate| resolution.is_multiple_of(*rate));
    let mut rates: Vec<usize> = divided.chain(widened).collect();
    rates.reverse();
    rates
}

fn columns(bar: &[usize], rate: usize, resolution: usize) -> Vec<Column> {
    let (start, end) = (bar[0], bar[1]);
    let column = |index: usize| {
        let from = start + index * resolution / rate;
        let to = (start + (index + 1) * resolution / rate).clamp(from + 1, end.max(from + 1));
        Column { steps: from..to, fresh: (index * resolution) % rate < resolution }
    };
    (0..((end - start) * rate).div_ceil(resolution)).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Resolution, Track};

    fn piece(bars: usize, resolution: i64) -> Multitrack {
        let resolution = Resolution::new(resolution).unwrap();
        let roll = Pianoroll::silent(bars * 4 * resolution.steps());
        Multitrack::new(vec![Track::of_family(Family::Piano, roll)], resolution)
    }

    #[test]
    fn a_phrase_takes_100_characters_when_there_is_room_and_52_when_not() {
        let wide = Columns::fit(&piece(4, 12), 0..4, 100, 2);
        assert_eq!((wide.bars.len(), wide.bars[0].len()), (4, 48));
        let narrow = Columns::fit(&piece(4, 12), 0..4, 99, 2);
        assert_eq!((narrow.bars.len(), narrow.bars[0].len()), (4, 24));
        assert_eq!(narrow.bars[1][0].steps, 48..50);
    }

    #[test]
    fn bars_are_dropped_before_sixteenths_are_lost() {
        let columns = Columns::fit(&piece(4, 12), 0..4, 20, 2);
        assert_eq!((columns.bars.len(), columns.hidden(), columns.bars[0].len()), (2, 2, 16));
        let tiny = Columns::fit(&piece(4, 12), 0..4, 1, 2);
        assert!(tiny.cut && tiny.bars.len() == 1 && tiny.bars[0].len() == 2);
    }

    #[test]
    fn coarse_steps_are_widened_and_begin_once() {
        let columns = Columns::fit(&piece(1, 4), 0..1, 100, 2);
        let fresh: Vec<bool> = columns.bars[0].iter().take(4).map(|c| c.fresh).collect();
        assert_eq!(columns.bars[0].len(), 48);
        assert_eq!(fresh, [true, false, false, true]);
        assert_eq!(columns.bars[0][47].steps, 15..16);
    }
}
