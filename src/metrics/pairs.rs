//! The tonal distance of two tracks in every bar.

use super::bar::Rule;
use super::tonal;
use super::{MetricFamily, Options};
use crate::music::Multitrack;

/// The tonal distance of the tracks at two places of a piece in each bar, by the definitions of the
/// options' family: the mean over the beats in which both sound, and in the papers' families only where
/// both sound in all of them. `None` in other bars.
pub fn measure_pair_bars(
    piece: &Multitrack,
    first: usize,
    second: usize,
    options: &Options,
) -> Vec<Option<f64>> {
    let rule = Rule::new(options, piece.resolution());
    let piece = options.family.view(piece);
    let lines = piece.bar_lines();
    let points = |track: usize, line: &[usize]| {
        let sounding = piece.tracks().get(track).map_or(&[][..], |track| track.roll.sounding());
        let bar = &sounding[line[0].min(sounding.len())..line[1].min(sounding.len())];
        tonal::beats(bar, rule.resolution, &rule.fold)
    };
    let of_bar = |line: &[usize]| {
        let (a, b) = (points(first, line), points(second, line));
        match options.family {
            MetricFamily::Exact => tonal::mean_distance(&a, &b).value(),
            _ => tonal::bar_distance(&a, &b),
        }
    };
    lines.windows(2).map(of_bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Resolution, Track};

    #[test]
    fn bars_have_a_distance_where_both_sound_and_in_the_papers_where_they_do_throughout() {
        let roll =
            |beats: &[u128]| Pianoroll::from_sounding(beats.iter().flat_map(|set| vec![*set; 12]).collect());
        let (c, g) = (1u128 << 60, 1u128 << 67);
        let piano = Track::of_family(Family::Piano, roll(&[c, c, c, c, c, c, 0, 0, 0, 0, 0, 0]));
        let bass = Track::of_family(Family::Bass, roll(&[c, g, c, g, c, c, c, c, c, c, c, c]));
        let piece = Multitrack::new(vec![piano, bass], Resolution::MODEL);
        let exact = measure_pair_bars(&piece, 0, 1, &Options::default());
        assert!(exact[0].unwrap() > 0.5 && exact[1..] == [Some(0.0), None], "{exact:?}");
        assert_eq!(exact, measure_pair_bars(&piece, 1, 0, &Options::default()));
        let paper = measure_pair_bars(&piece, 0, 1, &Options::of(MetricFamily::Paper));
        assert!(paper[0].is_some() && paper[1..] == [None, None], "{paper:?}");
        assert_eq!(measure_pair_bars(&piece, 0, 7, &Options::default()), [None; 3]);
    }
}
