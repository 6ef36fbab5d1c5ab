//! Structure indicators: how much of a piece is explained by the repetition of one of its segments.
//!
//! The fitness of a segment (Müller, Jiang and Grosche 2013) is the harmonic mean of two shares: how well
//! its best family of repetitions fits (their score per step of their paths), and how much of the piece
//! these cover, both without the trivial repetition of the segment by itself. Repetitions are paths
//! through a self-similarity matrix of chroma. The fitnesses of all segments are the piece's *scape
//! plot*; the structure indicator of a range of lengths is the highest of them there (Wu and Yang 2020).

use super::part::{Part, chroma};

/// Bars that a piece has at least for its structure to be judged.
pub const LEAST_BARS: usize = 16;

/// Most frames of a piece: more beats are taken together, as the plot costs their fourth power.
const MOST_FRAMES: usize = 96;

/// Share of the cells of the self-similarity matrix that count as similar.
const SIMILAR: f64 = 0.15;

/// What a cell that is not similar adds to the score of a path.
const PENALTY: f64 = -2.0;

/// The highest fitness of segments that last 3 to 8, 8 to 15, and 15 seconds and longer (the ranges of
/// Wu and Yang), each in 0..=1; `None` for a piece of less than [`LEAST_BARS`] bars, for silence, and
/// where the piece has no segment of such a length.
pub(super) fn structure(part: &Part) -> [Option<f64>; 3] {
    const RANGES: [(f64, f64); 3] = [(3.0, 8.0), (8.0, 15.0), (15.0, f64::INFINITY)];
    if part.lines.len() <= LEAST_BARS || part.sounding.iter().all(|set| *set == 0) {
        return [None; 3];
    }
    let frames = frames(part);
    let seconds = part.seconds / frames.len() as f64;
    let similarity = Similarity::of(&frames);
    let mut best = [None::<f64>; 3];
    for length in 1..=frames.len() {
        let lasts = length as f64 * seconds;
        let ranges = || (0..3).filter(|range| (RANGES[*range].0..=RANGES[*range].1).contains(&lasts));
        if ranges().next().is_none() {
            continue;
        }
        let starts = 0..=frames.len() - length;
        let fitness = starts.map(|start| similarity.fitness(start, length)).fold(0.0, f64::max);
        ranges().for_each(|range| best[range] = Some(best[range].map_or(fitness, |b| b.max(fitness))));
    }
    best
}

/// Chroma of unit length in frames of as many beats as it takes; zero in silence.
fn frames(part: &Part) -> Vec<[f64; 12]> {
    let beats: Vec<_> = part.beats().collect();
    let taken = beats.len().div_ceil(MOST_FRAMES).max(1);
    let frame = |beats: &[std::ops::Range<usize>]| {
        let mut sums = [0.0; 12];
        for beat in beats {
            let more = chroma(&part.sounding[beat.clone()]);
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        let norm = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt();
        if norm > 0.0 { sums.map(|sum| sum / norm) } else { sums }
    };
    beats.chunks(taken).map(frame).collect()
}

/// A self-similarity matrix, its weak cells replaced by a penalty.
struct Similarity {
    frames: usize,
    /// `[row][column]`, the strongest cells in 0..=1 and the rest [`PENALTY`]; 1 on the diagonal.
    cells: Vec<f64>,
}

impl Similarity {
    fn of(chroma: &[[f64; 12]]) -> Self {
        let frames = chroma.len();
        let cosine = |a: &[f64; 12], b: &[f64; 12]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut cells: Vec<f64> =
            chroma.iter().flat_map(|a| chroma.iter().map(move |b| cosine(a, b).min(1.0))).collect();
        let mut order = cells.clone();
        order.sort_unstable_by(|a, b| b.total_cmp(a));
        let weakest = order[((frames * frames) as f64 * SIMILAR) as usize].max(f64::EPSILON);
        // Rounded cosines of equal frames must not fall on both sides.
        let strong = |cell: f64| match (cell >= weakest - 1e-9, 1.0 - weakest) {
            (false, _) => PENALTY,
            (true, room) if room > 1e-9 => ((cell - weakest) / room).clamp(0.0, 1.0),
            (true, _) => 1.0,
        };
        cells.iter_mut().for_each(|cell| *cell = strong(*cell));
        (0..frames).for_each(|at| cells[at * frames + at] = 1.0);
        Self { frames, cells }
    }

    /// The fitness of the segment of `length` frames from `start`.
    fn fitness(&self, start: usize, length: usize) -> f64 {
        let paths = self.paths(start, length);
        let normal_score = (paths.score - length as f64) / paths.steps as f64;
        let normal_coverage = (paths.covered as f64 - length as f64) / self.frames as f64;
        if normal_score <= 0.0 || normal_coverage <= 0.0 {
            return 0.0;
        }
        2.0 * normal_score * normal_coverage / (normal_score + normal_coverage)
    }

    /// The best family of paths over the segment: each runs through the whole segment, by steps (1, 1),
    /// (2, 1) and (1, 2), and no two overlap in the piece. Rows are frames of the piece; a column 0 before
    /// the segment's is for rows that belong to no path.
    fn paths(&self, start: usize, length: usize) -> Family {
        let width = length + 1;
        let mut score = vec![f64::NEG_INFINITY; self.frames * width];
        let cell = |row: usize, column: usize| self.cells[row * self.frames + start + column - 1];
        for row in 0..self.frames {
            let before = |rows: usize, column: usize, score: &[f64]| match row.checked_sub(rows) {
                Some(row) => score[row * width + column],
                None => f64::NEG_INFINITY,
            };
            let idle = match row {
                0 => 0.0,
                _ => before(1, 0, &score).max(before(1, length, &score)),
            };
            score[row * width] = idle;
            score[row * width + 1] = idle + cell(row, 1);
            for column in 2..width {
                let slower = before(2, column - 1, &score);
                // A path begins in the segment's first column.
                let quicker = if column > 2 { before(1, column - 2, &score) } else { f64::NEG_INFINITY };
                let best = before(1, column - 1, &score).max(slower).max(quicker);
                score[row * width + column] = best + cell(row, column);
            }
        }
        self.trace(&score, width)
    }

    /// Follows the best family back from the last row.
    fn trace(&self, score: &[f64], width: usize) -> Family {
        let at = |row: usize, column: usize| score[row * width + column];
        let length = width - 1;
        let last = self.frames - 1;
        let mut family = Family { score: at(last, 0).max(at(last, length)), steps: 0, covered: 0 };
        let (mut row, mut column) = (last, if at(last, length) > at(last, 0) { length } else { 0 });
        let mut bottom = last;
        loop {
            if column == 0 {
                if row == 0 {
                    break;
                }
                row -= 1;
                column = if at(row, length) > at(row, 0) { length } else { 0 };
                bottom = row;
                continue;
            }
            family.steps += 1;
            if column == 1 {
                // A path ends where it began; its rows are an induced segment.
                family.covered += bottom - row + 1;
                if row == 0 {
                    break;
                }
                row -= 1;
                column = if at(row, length) > at(row, 0) { length } else { 0 };
                bottom = row;
                continue;
            }
            let steps = [(1, 1), (2, 1), (1, 2)].into_iter();
            let possible = steps.filter(|(rows, columns)| *rows <= row && *columns < column);
            let Some((rows, columns)) =
                possible.max_by(|a, b| at(row - a.0, column - a.1).total_cmp(&at(row - b.0, column - b.1)))
            else {
                break;
            };
            (row, column) = (row - rows, column - columns);
        }
        // The segment itself is always there; guards against division by nothing.
        family.steps = family.steps.max(1);
        family
    }
}

/// A family of paths over a segment.
struct Family {
    score: f64,
    /// Cells of all paths.
    steps: usize,
    /// Frames of the piece that they cover.
    covered: usize,
}

#[cfg(test)]
mod tests {
    use super::super::part::fixture::piano;
    use super::*;

    /// A matrix of frames that are alike when their letters are.
    fn letters(piece: &str) -> Similarity {
        let frames: Vec<char> = piece.chars().collect();
        let cells =
            frames.iter().flat_map(|a| frames.iter().map(move |b| if a == b { 1.0 } else { PENALTY }));
        Similarity { frames: frames.len(), cells: cells.collect() }
    }

    #[test]
    fn a_segment_that_is_repeated_throughout_fits_by_hand() {
        // ABC three times: score 9 of paths of 9 cells, cover 9 of 9 frames; less the segment itself
        // (9 - 3) / 9 and (9 - 3) / 9.
        let fitness = letters("abcabcabc").fitness(0, 3);
        assert!((fitness - 2.0 / 3.0).abs() < 1e-12, "{fitness}");
        // ABC twice among others: (6 - 3) / 6 and (6 - 3) / 9.
        let fitness = letters("abcxyzabc").fitness(0, 3);
        assert!((fitness - 2.0 * 0.5 / 3.0 / (0.5 + 1.0 / 3.0)).abs() < 1e-12, "{fitness}");
    }

    #[test]
    fn what_is_not_repeated_has_no_fitness_and_neither_has_the_whole() {
        assert_eq!(letters("abcdefghi").fitness(2, 3), 0.0);
        assert_eq!(letters("abcabcabc").fitness(0, 9), 0.0);
    }

    #[test]
    fn a_repetition_at_half_speed_counts() {
        // AABBCC is ABC in twice the time: a path of 3 to 6 cells through rows 3..9.
        let fitness = letters("abcaabbcc").fitness(0, 3);
        assert!(fitness > 0.3, "{fitness}");
    }

    /// So many bars; each beat has a pitch.
    fn piece(bars: usize, pitch: impl Fn(usize) -> i64) -> [Option<f64>; 3] {
        let notes: Vec<_> = (0..bars * 4).map(|beat| (beat * 12, pitch(beat), beat * 12 + 12)).collect();
        piano(bars * 48, &notes, structure)
    }

    #[test]
    fn repeated_four_bar_phrases_have_more_structure_than_noise() {
        // A walk that does not repeat within four bars; at 120 beats a minute four bars last 8 seconds.
        let walk = |beat: usize| 48 + (beat * beat * 7 % 23 + beat * 5 % 11) as i64;
        let repeated = piece(16, |beat| walk(beat % 16));
        let wandering = piece(16, |beat| 48 + (beat.wrapping_mul(2_654_435_761) >> 7) as i64 % 36);
        assert!(repeated[0] > wandering[0] && repeated[1] > wandering[1], "{repeated:?} {wandering:?}");
        assert!(repeated[1].unwrap() > 0.5, "{repeated:?}");
        assert!(repeated.iter().chain(&wandering).all(|x| x.is_none_or(|x| (0.0..=1.0).contains(&x))));
    }

    #[test]
    fn short_pieces_and_silence_have_none() {
        assert_eq!(piece(LEAST_BARS - 1, |_| 60), [None; 3]);
        assert_eq!(piano(48 * 20, &[], structure), [None; 3]);
        assert!(piece(LEAST_BARS, |_| 60)[0].is_some());
    }
}
