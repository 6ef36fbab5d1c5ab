//! The last stage, which needs no gradient: neighbours of the best place, of which better ones are kept.
//!
//! An evolution strategy (Rechenberg 1973) on what is wanted itself, the notes that decoded music
//! shares with the phrase. Neighbours are turned, not moved ([`Latent::vary`]), so that a latent keeps
//! the length that its model is used to.

use super::EncodeOptions;
use super::judge::{Judge, Place};
use crate::model::{Latent, LatentLayout, ModelError};

/// Neighbours that are judged side by side.
const ROUND: usize = 16;
/// How far neighbours are turned at first, as a share of a right angle, and the least and the most.
const TURN: [f64; 3] = [0.15, 0.02, 0.4];

/// Parts of a latent that are turned together.
#[derive(Clone, Debug)]
struct Move {
    paths: Vec<String>,
    /// Whether these are parts of single tracks, which then choose among the neighbours one by one.
    by_track: bool,
    turn: f64,
}

impl Move {
    /// What all tracks share, and what each has of its own.
    fn all(layout: &LatentLayout) -> Vec<Self> {
        let (own, shared): (Vec<String>, Vec<String>) =
            layout.parts().iter().map(|part| part.path.clone()).partition(|path| path.contains('.'));
        let of = |(paths, by_track)| Self { paths, by_track, turn: TURN[0] };
        [(shared, false), (own, true)].into_iter().filter(|(paths, _)| !paths.is_empty()).map(of).collect()
    }

    /// Larger after a round that gained something and smaller after one that did not (Rechenberg's rule
    /// of success, by rounds).
    fn adapt(&mut self, gained: bool) {
        self.turn = (self.turn * if gained { 1.25 } else { 0.8 }).clamp(TURN[1], TURN[2]);
    }
}

/// The best place that `options.climb` neighbours lead to; never worse than `place`.
pub(super) fn climb(judge: &Judge, place: Place, options: &EncodeOptions) -> Result<Place, ModelError> {
    let mut best = place;
    let mut moves = Move::all(judge.latent(best.values.clone())?.layout());
    let mut tried = 0;
    for round in 0.. {
        if tried >= options.climb || best.met.is_all() {
            break;
        }
        judge.check()?;
        let turn = round % moves.len();
        let turned = &mut moves[turn];
        let from = judge.latent(best.values.clone())?;
        let count = ROUND.min(options.climb - tried);
        let neighbour = |i: usize| {
            let seed = options.seed.child("climb", (tried + i) as u64);
            from.vary(turned.turn, &turned.paths, seed).map(|latent| latent.values().to_vec())
        };
        let neighbours = judge.places((0..count).map(neighbour).collect::<Result<_, _>>()?)?;
        let mut units = count;
        let mut next = best.clone();
        if turned.by_track && tried + units < options.climb {
            let each = each_tracks_best(&from, &best, &neighbours);
            units += 1;
            next = Place::best(judge.places(vec![each])?).map_or(next.clone(), |each| next.or_better(each));
        }
        next = neighbours.into_iter().fold(next, Place::or_better);
        turned.adapt(next != best);
        best = next;
        let f1 = best.met.overall().note_f1().unwrap_or(0.0);
        tried += units;
        judge.tell(units, &format!("encoding: note F1 {f1:.3}"));
    }
    Ok(best)
}

/// The place with every track's own parts from the neighbour that does most for it. As F1 is
/// `2 met / (wanted + made)`, a track does most for its rise above the present `f` where
/// `2 met - f made` is greatest (Dinkelbach 1967).
pub(super) fn each_tracks_best(from: &Latent, best: &Place, neighbours: &[Place]) -> Vec<f32> {
    let f1 = best.met.overall().note_f1().unwrap_or(0.0);
    let mut values = best.values.clone();
    for (track, (name, _)) in best.met.0.iter().enumerate() {
        let worth = |place: &Place| {
            let met = place.met.0.get(track).map(|(_, agreement)| *agreement).unwrap_or_default();
            let overlap = met.jaccard().unwrap_or(0.0);
            2.0 * met.met as f64 - f1 * met.made as f64 + 1e-3 * overlap
        };
        let chosen = neighbours.iter().fold(best, |a, b| if worth(b) > worth(a) { b } else { a });
        let own =
            |path: &str| path.split_once('.').is_some_and(|(_, track)| track.eq_ignore_ascii_case(name));
        for part in from.layout().parts().iter().filter(|part| own(&part.path)) {
            let range = part.offset..part.offset + part.size;
            values[range.clone()].copy_from_slice(&chosen.values[range]);
        }
    }
    values
}
