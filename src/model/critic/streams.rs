//! The small multi-stream critic: whole beats at a time, so that sixteenths train on a CPU.

use super::config::CriticWidths;
use super::plan::{Plan, windows};
use super::stream::{Op, Stream};
use crate::model::weights::Layout;

/// Two private streams per track (steps first, pitches first) merged and followed by a shared one;
/// streams of chroma, of densities and of registers over all tracks; then neighbouring bars.
pub(super) fn build(plan: &Plan, w: &CriticWidths, l: &mut Layout) -> Stream {
    let &Plan { critics: g, tracks: t, beats, subdivisions: b, octaves: o, planes: p, .. } = plan;
    let m = plan.all_tracks();
    let half = (w.private / 2).max(1);
    let quarter = half / 2 + 1;
    let steps_first = Stream::default()
        .linear(l, "private_step/cells", [m, 12 * p, half])
        .then(plan.gather(m, beats, b, o, half))
        .linear(l, "private_step/beat", [m, b * half, w.private]);
    let pitches_first = Stream::default()
        .then(plan.pitches(beats, b))
        .linear(l, "private_pitch/cells", [m, b * p, quarter])
        .then(Op::Join(12))
        .linear(l, "private_pitch/octave", [m, 12 * quarter, w.private]);
    let octaves = plan.octave_windows();
    let count = windows(&octaves);
    let shared = Stream::default()
        .then(Op::Fork(vec![steps_first, pitches_first]))
        .linear(l, "merged", [m, 2 * w.private, w.merged])
        .then(plan.merge(beats, 1, o, w.merged))
        .then(Op::Window(octaves.clone()))
        .linear(l, "shared/window", [g, octaves.size * t * w.merged, w.window])
        .then(Op::Join(count))
        .linear(l, "shared/beat", [g, count * w.window, w.shared])
        .then(Op::Join(4))
        .linear(l, "shared/bar", [g, 4 * w.shared, w.shared]);
    let mut streams = vec![shared];
    if w.chroma > 0 {
        streams.push(
            Stream::default()
                .then(plan.chroma())
                .linear(l, "chroma/beat", [g, t * 12 * p, w.chroma])
                .linear(l, "chroma/deeper", [g, w.chroma, w.chroma])
                .then(Op::Join(4))
                .linear(l, "chroma/bar", [g, 4 * w.chroma, w.chroma]),
        );
    }
    if w.onset > 0 {
        streams.push(
            Stream::default()
                .then(plan.densities())
                .linear(l, "onset/beat", [g, b * t * p, w.onset])
                .then(Op::Join(4))
                .linear(l, "onset/bar", [g, 4 * w.onset, w.onset]),
        );
    }
    if w.register > 0 {
        streams.push(Stream::default().then(plan.register()).linear(
            l,
            "register/bar",
            [g, t * o * 12 * p, w.register],
        ));
    }
    let bar = w.shared + w.chroma + w.onset + w.register;
    let pairs = plan.pairs();
    Stream::default()
        .then(Op::Fork(streams))
        .then(Op::Window(pairs.clone()))
        .linear(l, "head/pair", [g, pairs.size * bar, w.join])
        .then(Op::Join(windows(&pairs)))
        .score(l, "head/score", [g, windows(&pairs) * w.join])
}
