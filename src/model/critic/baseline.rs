//! The baseline of the ablations: no streams, all tracks together from the first layer on.
//!
//! Dong and Yang 2018 (BinaryMuseGAN), section 5, "ablated II"; the layer table is that of the
//! release. Its steps are six at a time at 96 a bar, and a sixteenth's steps in general.

use super::config::CriticWidths;
use super::plan::{Plan, windows};
use super::stream::{Op, Stream};
use crate::model::weights::Layout;

pub(super) fn build(plan: &Plan, w: &CriticWidths, l: &mut Layout) -> Stream {
    let &Plan { critics: g, tracks: t, beats, subdivisions, planes: p, .. } = plan;
    let octaves = plan.octave_windows();
    let (count, places) = (windows(&octaves), plan.places());
    let steps = subdivisions / places;
    let [narrow, middle, wide] = [w.window, 2 * w.window, 4 * w.window];
    let pairs = plan.pairs();
    Stream::default()
        .then(plan.together())
        .linear(l, "octave", [g, t * 12 * p, narrow])
        .then(Op::Window(octaves.clone()))
        .linear(l, "window", [g, octaves.size * narrow, narrow])
        .then(plan.gather(g, beats * places, steps, count, narrow))
        .linear(l, "place", [g, steps * narrow, middle])
        .then(plan.gather(g, beats, places, count, middle))
        .linear(l, "beat", [g, places * middle, middle])
        .then(Op::Join(count))
        .linear(l, "pitches", [g, count * middle, wide])
        .then(Op::Join(4))
        .linear(l, "bar", [g, 4 * wide, wide])
        .then(Op::Window(pairs.clone()))
        .linear(l, "pair", [g, pairs.size * wide, w.join])
        .then(Op::Join(windows(&pairs)))
        .score(l, "score", [g, windows(&pairs) * w.join])
}
