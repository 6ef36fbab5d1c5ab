//! The bar critic with the phrase critic on top (Dong et al. 2018).
//!
//! The layer table is that of the first MuseGAN release at 96 steps a bar: steps are halved until 24
//! are left (96 to 48 to 24), then come its two overlapping layers. As there, a phrase of several bars
//! is scored by the phrase critic, which reads what the bar critic finds in each bar; a single bar
//! is scored by the bar critic's own last layers. In the release the phrase critic sees a bar's 2560
//! features as twenty unrelated pieces; here it sees each bar whole.

use super::config::CriticWidths;
use super::plan::{Plan, windows};
use super::stream::{Op, Stream};
use crate::model::layers::Window;
use crate::model::weights::Layout;

/// Steps of a bar at which halving ends.
const COARSE: usize = 24;

pub(super) fn build(plan: &Plan, w: &CriticWidths, l: &mut Layout) -> Stream {
    let &Plan { critics: g, tracks: t, bars, subdivisions, octaves: o, planes: p, .. } = plan;
    let width = w.window;
    let mut net = Stream::default()
        .then(plan.together())
        .linear(l, "bar/octave", [g, t * 12 * p, width])
        .then(Op::Join(o))
        .linear(l, "bar/pitches", [g, o * width, width]);
    let mut steps = 4 * subdivisions;
    while steps > COARSE {
        steps /= 2;
        let name = format!("bar/steps_{steps}");
        net = net.then(Op::Join(2)).linear(l, &name, [g, 2 * width, width]);
    }
    let overlapping = |count: usize, size: usize| Window { count, size: count.min(size), stride: 2 };
    let first = overlapping(steps, 4);
    let second = overlapping(windows(&first), 3);
    let found = windows(&second);
    let net = net
        .then(Op::Window(first.clone()))
        .linear(l, "bar/wide", [g, first.size * width, 2 * width])
        .then(Op::Window(second.clone()))
        .linear(l, "bar/wider", [g, second.size * 2 * width, 4 * width])
        .then(Op::Join(found));
    let bar = found * 4 * width;
    if bars == 1 {
        return net.linear(l, "bar/dense", [g, bar, w.shared]).score(l, "bar/score", [g, w.shared]);
    }
    let (pairs, narrow) = (plan.pairs(), (w.join / 4).max(1));
    net.then(Op::Window(pairs.clone()))
        .linear(l, "phrase/pair", [g, 2 * bar, w.join])
        .then(Op::Join(windows(&pairs)))
        .linear(l, "phrase/all", [g, windows(&pairs) * w.join, narrow])
        .linear(l, "phrase/dense", [g, narrow, w.shared])
        .score(l, "phrase/score", [g, w.shared])
}
