//! The multi-stream critic in its published layer table.
//!
//! Dong and Yang 2018 (BinaryMuseGAN), section 4, and the 3-D network of the later MuseGAN release,
//! whose widths are the default. Every layer reads sixteenths as that network does: the three steps
//! of a sixteenth at 48 steps a bar, six at 96, one at 16. Three differences, all to defects of the
//! release: a private stream reads its own track and not all of them, a phrase has one score (the
//! mean over its pairs of neighbouring bars) and not one for each pair, and its gradient is what a
//! penalty bounds. The chroma is a mean over the beat's steps, not a sum.

use super::config::CriticWidths;
use super::plan::{Plan, windows};
use super::stream::{Op, Stream};
use crate::model::weights::Layout;

pub(super) fn build(plan: &Plan, w: &CriticWidths, l: &mut Layout) -> Stream {
    let &Plan { critics: g, tracks: t, bars, beats, subdivisions, octaves: o, planes: p } = plan;
    let m = plan.all_tracks();
    let (places, narrow) = (plan.places(), |width: usize, by: usize| (width / by).max(1));
    let steps = subdivisions / places;
    let half = narrow(w.private, 2);
    let pitch_time = Stream::default()
        .linear(l, "pitch_time/octave", [m, 12 * p, half])
        .then(plan.gather(m, beats * places, steps, o, half))
        .linear(l, "pitch_time/place", [m, steps * half, w.private]);
    let time_pitch = Stream::default()
        .then(plan.pitches(beats * places, steps))
        .linear(l, "time_pitch/place", [m, steps * p, half])
        .then(Op::Join(12))
        .linear(l, "time_pitch/octave", [m, 12 * half, w.private]);
    let octaves = plan.octave_windows();
    let count = windows(&octaves);
    let shared = Stream::default()
        .then(Op::Fork(vec![pitch_time, time_pitch]))
        .linear(l, "merged", [m, 2 * w.private, w.merged])
        .then(plan.merge(beats, places, o, w.merged))
        .then(Op::Window(octaves.clone()))
        .linear(l, "shared/window", [g, octaves.size * places * t * w.merged, w.window])
        .then(Op::Join(4 * count))
        .linear(l, "shared/bar", [g, 4 * count * w.window, w.shared]);
    let mut streams = vec![shared];
    if w.chroma > 0 {
        let half = narrow(w.chroma, 2);
        streams.push(
            Stream::default()
                .then(plan.chroma())
                .linear(l, "chroma/beat", [g, t * 12 * p, half])
                .then(Op::Join(4))
                .linear(l, "chroma/bar", [g, 4 * half, w.chroma]),
        );
    }
    if w.onset > 0 {
        let (quarter, half) = (narrow(w.onset, 4), narrow(w.onset, 2));
        streams.push(
            plan.onsets_and_offsets()
                .then(Op::Join(steps))
                .linear(l, "onset/place", [g, steps * t * p, quarter])
                .then(Op::Join(places))
                .linear(l, "onset/beat", [g, places * quarter, half])
                .then(Op::Join(4))
                .linear(l, "onset/bar", [g, 4 * half, w.onset]),
        );
    }
    let bar = w.shared + w.chroma + w.onset;
    let pairs = plan.pairs();
    Stream::default()
        .then(Op::Fork(streams))
        .then(Op::Window(pairs.clone()))
        .linear(l, "head/pair", [g, pairs.size * bar, w.join])
        .score(l, "head/score", [g, w.join])
        .then(plan.mean(bars + 1 - pairs.size))
}
