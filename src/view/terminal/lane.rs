//! One track's lines: pitches down, columns of cells across.

use super::{Kind, columns::Columns};

/// What one track has in each column.
pub struct Lane {
    sounding: Vec<u128>,
    onset: Vec<u128>,
    /// Every pitch that is seen, and the lowest of them.
    used: u128,
    lowest: u32,
    /// How many pitches share one row of cells.
    merged: u32,
    kind: Kind,
}

impl Lane {
    /// The lane of a track's sounding and onset sets. With `hits`, only onsets are drawn: how long a
    /// drum rings is not music.
    pub fn new(sounding: &[u128], onset: &[u128], columns: &Columns, kind: Kind, hits: bool) -> Self {
        let starts: Vec<u128> = columns
            .gather(onset)
            .into_iter()
            .zip(columns.flat())
            .map(|(set, column)| if column.fresh { set } else { 0 })
            .collect();
        let sounds = if hits { starts.clone() } else { columns.gather(sounding) };
        let used = sounds.iter().fold(0, |all, set| all | set);
        Self { sounding: sounds, onset: starts, used, lowest: used.trailing_zeros(), merged: 1, kind }
    }

    /// Whether nothing is seen.
    pub fn is_silent(&self) -> bool {
        self.used == 0
    }

    /// How many lines it takes: those with a used pitch, and one when it is silent.
    pub fn height(&self) -> usize {
        self.lines().count().max(1)
    }

    /// Puts more pitches into each row of cells, until a line is saved or one is left.
    pub fn squeeze(&mut self) {
        let before = self.height();
        while self.height() >= before && self.height() > 1 {
            self.merged += 1;
        }
    }

    /// The highest pitch and the characters of each line, from the top; the characters of all bars
    /// are asked for one by one through [`Line::character`].
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let rows = self.kind.cells().1 as u32;
        let span = match self.used {
            0 => 0,
            used => 128 - used.leading_zeros() - self.lowest,
        };
        let lines = span.div_ceil(rows * self.merged);
        let line = move |index: u32| Line { lane: self, bottom: self.lowest + index * rows * self.merged };
        (0..lines).rev().map(line).filter(move |line| line.pitches(0, rows) & self.used != 0)
    }
}

/// One line of a lane.
pub struct Line<'a> {
    lane: &'a Lane,
    bottom: u32,
}

impl Line<'_> {
    /// The highest pitch it shows.
    pub fn top(&self) -> u8 {
        let rows = self.lane.kind.cells().1 as u32;
        (self.bottom + rows * self.lane.merged - 1).min(127) as u8
    }

    /// The character of cells `column..column + n`, where `n` is how many there are in one; cells
    /// from `end` on are empty.
    pub fn character(&self, column: usize, end: usize) -> char {
        let (across, down) = self.lane.kind.cells();
        let lit = |dx: usize, dy: usize| {
            let pitches = self.pitches((down - 1 - dy) as u32, 1);
            column + dx < end && dx < across && self.is_lit(column + dx, pitches)
        };
        match self.lane.kind {
            Kind::Braille => {
                // Bit numbers of the dots in Unicode's braille block, two columns of four.
                const DOTS: [[u32; 4]; 2] = [[0, 1, 2, 6], [3, 4, 5, 7]];
                let bits = DOTS.iter().enumerate().flat_map(|(dx, dots)| {
                    dots.iter().enumerate().filter(move |(dy, _)| lit(dx, *dy)).map(|(_, bit)| 1 << bit)
                });
                match bits.sum::<u32>() {
                    0 => ' ',
                    bits => char::from_u32(0x2800 + bits).unwrap_or(' '),
                }
            }
            Kind::HalfBlocks => match (lit(0, 0), lit(0, 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            },
            Kind::Plain if lit(0, 0) => match self.lane.onset[column] & self.pitches(0, 1) {
                0 => '=',
                _ => 'o',
            },
            Kind::Plain => ' ',
        }
    }

    /// Whether a plane, gathered by the same columns, has any pitch of the line within the character at
    /// `column`.
    pub fn touches(&self, plane: &[u128], column: usize, end: usize) -> bool {
        let (across, down) = self.lane.kind.cells();
        let pitches = self.pitches(0, down as u32);
        (column..(column + across).min(end)).any(|at| plane.get(at).is_some_and(|set| set & pitches != 0))
    }

    /// Whether any of `pitches` sounds in a column; the column before a new onset is left empty where
    /// it can be, so that repeated notes stay apart.
    fn is_lit(&self, column: usize, pitches: u128) -> bool {
        let has = |plane: &[u128], at: usize| plane.get(at).is_some_and(|set| set & pitches != 0);
        let gap = self.lane.kind != Kind::Plain
            && has(&self.lane.onset, column + 1)
            && !has(&self.lane.onset, column);
        has(&self.lane.sounding, column) && !gap
    }

    /// The pitches of `count` rows of cells from the line's `row`-th on, counted from its lowest.
    fn pitches(&self, row: u32, count: u32) -> u128 {
        let from = self.bottom + row * self.lane.merged;
        let many = count * self.lane.merged;
        let ones = if many >= 128 { u128::MAX } else { (1 << many) - 1 };
        ones.checked_shl(from).unwrap_or(0)
    }
}
