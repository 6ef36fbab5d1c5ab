//! Tonal distance: how far apart two tracks lie in harmony, beat by beat.
//!
//! The chroma of a beat is the share of each pitch class among its sounding cells. A point in the
//! *tonal space* of Harte, Sandler and Gasser, *Detecting harmonic change in musical audio* (2006),
//! stands for it: the weighted mean of twelve points that lie on three circles, of fifths (radius 1),
//! of minor thirds (radius 1) and of major thirds (radius 0.5). The distance of two tracks in a beat
//! is the Euclidean distance of their points, in 0..=3; where either is silent there is none.

use std::f64::consts::PI;
use std::sync::LazyLock;

use super::MetricFamily;
use super::accumulator::Mean;
use super::family::Fold;
use crate::music::{Multitrack, Pianoroll, Resolution, Track};

/// A point of the tonal space: sine and cosine on the three circles.
pub(super) type Point = [f64; 6];

/// The points of the twelve pitch classes: `r sin(k a), r cos(k a)` for the radii and angles above.
static POINTS: LazyLock<[Point; 12]> = LazyLock::new(|| {
    const CIRCLES: [(f64, f64); 3] = [(1.0, 7.0 * PI / 6.0), (1.0, 3.0 * PI / 2.0), (0.5, 2.0 * PI / 3.0)];
    std::array::from_fn(|class| {
        let on_circle = |circle: usize| {
            let (radius, angle) = CIRCLES[circle];
            (radius, class as f64 * angle)
        };
        std::array::from_fn(|axis| match (on_circle(axis / 2), axis % 2) {
            ((radius, angle), 0) => radius * angle.sin(),
            ((radius, angle), _) => radius * angle.cos(),
        })
    })
});

/// Mean tonal distance of two rolls over the beats, counted from their first step, in which both
/// sound; `None` when there is no such beat.
pub fn tonal_distance_between(a: &Pianoroll, b: &Pianoroll, resolution: Resolution) -> Option<f64> {
    let points = |roll: &Pianoroll| beats(roll.sounding(), resolution, &MetricFamily::Exact.fold());
    mean_distance(&points(a), &points(b)).value()
}

/// Tonal distance between the last bar of one piece and the first bar of another, all pitched tracks of
/// each together; `None` when either is silent there.
pub fn join_distance(before: &Multitrack, after: &Multitrack) -> Option<f64> {
    let bar = |piece: &Multitrack, at: usize| {
        let lines = piece.bar_lines();
        let bars: Vec<&[usize]> = lines.windows(2).collect();
        let bar = bars.get(at.min(bars.len().checked_sub(1)?))?;
        let sounding = |track: &Track| {
            let plane = track.roll.sounding();
            plane[bar[0].min(plane.len())..bar[1].min(plane.len())].to_vec()
        };
        // Tracks one after another weigh like tracks at once.
        let steps: Vec<u128> = piece.tracks().iter().filter(|t| !t.is_drum).flat_map(sounding).collect();
        point_of(&steps, &MetricFamily::Exact.fold())
    };
    Some(distance(&bar(before, usize::MAX)?, &bar(after, 0)?))
}

/// Where each beat of a run of steps lies, the pitches of a class being those of `fold`; `None` for a
/// silent one. A last beat may be short.
pub(super) fn beats(sounding: &[u128], resolution: Resolution, fold: &Fold) -> Vec<Option<Point>> {
    let mut points = Vec::with_capacity(sounding.len().div_ceil(resolution.steps()));
    extend_beats(&mut points, sounding, resolution, fold);
    points
}

/// Appends where each beat lies.
pub(super) fn extend_beats(
    points: &mut Vec<Option<Point>>,
    sounding: &[u128],
    resolution: Resolution,
    fold: &Fold,
) {
    points.extend(sounding.chunks(resolution.steps()).map(|beat| point_of(beat, fold)));
}

/// The distances of the beats in which both have a point.
pub(super) fn mean_distance(a: &[Option<Point>], b: &[Option<Point>]) -> Mean {
    let mut mean = Mean::default();
    for (a, b) in a.iter().zip(b) {
        if let (Some(a), Some(b)) = (a, b) {
            mean.add(distance(a, b));
        }
    }
    mean
}

/// The mean over the beats of a bar, or `None` if either is silent in one of them: in the programs of
/// 2018 not-a-number in a beat made the bar one, and such bars were dropped.
pub(super) fn bar_distance(a: &[Option<Point>], b: &[Option<Point>]) -> Option<f64> {
    let whole = a.len() == b.len() && a.iter().chain(b).all(Option::is_some);
    mean_distance(a, b).value().filter(|_| whole)
}

/// The point of a run of steps.
fn point_of(steps: &[u128], fold: &Fold) -> Option<Point> {
    let mut chroma = [0u32; 12];
    // Neighbouring steps are mostly equal.
    for run in steps.chunk_by(|a, b| a == b).filter(|run| run[0] != 0) {
        fold.count(&mut chroma, run[0], run.len());
    }
    let cells: u32 = chroma.iter().sum();
    if cells == 0 {
        return None;
    }
    let mut point = [0.0; 6];
    for (count, of_class) in chroma.iter().zip(POINTS.iter()).filter(|(count, _)| **count > 0) {
        let share = f64::from(*count) / f64::from(cells);
        for (axis, value) in point.iter_mut().zip(of_class) {
            *axis += share * value;
        }
    }
    Some(point)
}

fn distance(a: &Point, b: &Point) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(pitches: &[u32], steps: usize) -> Pianoroll {
        let set = pitches.iter().fold(0u128, |set, pitch| set | 1 << pitch);
        Pianoroll::from_sounding(vec![set; steps])
    }

    fn between(a: &Pianoroll, b: &Pianoroll) -> Option<f64> {
        tonal_distance_between(a, b, Resolution::MODEL)
    }

    #[test]
    fn octaves_are_at_distance_zero() {
        assert_eq!(between(&held(&[36], 12), &held(&[60, 72], 12)), Some(0.0));
    }

    #[test]
    fn c_and_g_lie_apart_by_hand() {
        // A fifth is 7 semitones: the angles between C and G are 49 pi/6 = pi/6, 21 pi/2 = pi/2 and
        // 14 pi/3 = 2 pi/3 (mod 2 pi), chords 2 r sin(angle/2).
        let chords = [2.0 * (PI / 12.0).sin(), 2.0 * (PI / 4.0).sin(), (PI / 3.0).sin()];
        let expected = chords.iter().map(|chord| chord * chord).sum::<f64>().sqrt();
        let got = between(&held(&[60], 12), &held(&[67], 12)).unwrap();
        assert!((got - expected).abs() < 1e-12, "{got} {expected}");
    }

    #[test]
    fn beats_in_which_one_is_silent_are_left_out() {
        let half = held(&[60], 12).resized(24);
        let whole = held(&[60], 12).concat(&held(&[66], 12));
        assert_eq!(between(&half, &whole), Some(0.0));
        assert_eq!(between(&half, &Pianoroll::silent(24)), None);
        assert_eq!(between(&half, &Pianoroll::silent(0)), None);
    }

    #[test]
    fn a_join_is_judged_by_the_bars_that_meet() {
        use crate::music::Family;
        let song = |families: &[(Family, u32, u32)]| {
            let track = |(family, first, second): &(Family, u32, u32)| {
                Track::of_family(*family, held(&[*first], 48).concat(&held(&[*second], 48)))
            };
            Multitrack::new(families.iter().map(track).collect(), Resolution::MODEL)
        };
        let before = song(&[(Family::Drums, 36, 42), (Family::Bass, 42, 36), (Family::Piano, 66, 60)]);
        let after = song(&[(Family::Strings, 72, 66)]);
        assert_eq!(join_distance(&before, &after), Some(0.0));
        assert!(join_distance(&after, &before).unwrap() < 1e-12);
        assert!(join_distance(&before, &song(&[(Family::Strings, 67, 60)])).unwrap() > 0.1);
        assert_eq!(join_distance(&before, &song(&[(Family::Drums, 36, 36)])), None);
    }

    #[test]
    fn longer_notes_weigh_more() {
        // C for 9 of 12 steps and G for 3 lies a quarter of the way from C to G.
        let mixed = held(&[60], 9).concat(&held(&[67], 3));
        let whole = between(&held(&[60], 12), &held(&[67], 12)).unwrap();
        let part = between(&held(&[60], 12), &mixed).unwrap();
        assert!((part - whole / 4.0).abs() < 1e-12);
    }
}
