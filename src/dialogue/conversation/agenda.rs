//! What the system proposes, and in which order.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::base::Rng;
use crate::dialogue::claim::{Claim, Kind};
use crate::dialogue::claims::{
    Better, Children, Copies, Follows, LikeReal, Moves, Novelty, Raises, Ritchie, Together, Truncation,
    Varied, Walk, Whose,
};
use crate::dialogue::grammar::Vocabulary;
use crate::dialogue::setting::Setting;

/// Directions that people know, and what they say that they raise.
const DIRECTIONS: [(&str, &str); 4] =
    [("denser", "mix.notes"), ("higher", "mix.pitch"), ("busier", "drums.notes"), ("fuller", "mix.notes")];

/// Claims that the setting lets be tested, one of each kind first, then more of those that have many; which
/// ones follows the setting's seed.
pub(super) fn of(setting: &Setting, known: &Vocabulary) -> VecDeque<Claim> {
    let mut rng = setting.seed.stream("dialogue/agenda");
    let mut agenda: Vec<Arc<dyn Kind>> = vec![Arc::new(Novelty::both(Whose::Song))];
    let mut moves = movements(setting, known);
    rng.shuffle(&mut moves);
    let mut directions = DIRECTIONS.to_vec();
    directions.retain(|(a, b)| [a, b].iter().all(|word| known.qualities.iter().any(|name| name == *word)));
    rng.shuffle(&mut directions);
    let raises = |(quality, measured): (&str, &str)| -> Arc<dyn Kind> {
        Arc::new(Raises { quality: quality.to_owned(), measured: measured.to_owned(), raises: true })
    };
    agenda.extend(moves.pop());
    if setting.maker.accompanies() {
        agenda.extend(
            pick(&mut rng, &pitched(setting)).map(|given| Arc::new(Follows { given }) as Arc<dyn Kind>),
        );
    }
    agenda.push(Arc::new(Better { walk: Walk::Straight }));
    if setting.training.is_some() {
        agenda.push(Arc::new(Copies));
    }
    agenda.extend(directions.pop().map(raises));
    agenda.extend([
        Arc::new(Children) as Arc<dyn Kind>,
        Arc::new(Varied),
        Arc::new(Truncation),
        Arc::new(Ritchie),
    ]);
    if let [first, second, ..] = pitched(setting).as_slice() {
        agenda.push(Arc::new(Together { first: first.clone(), second: second.clone() }));
    }
    let likened = ["mix.notes", "mix.in_scale_rate", "drums.notes"].map(str::to_owned);
    let likened: Vec<String> = likened.into_iter().filter(|name| known.qualities.contains(name)).collect();
    agenda.extend(pick(&mut rng, &likened).map(|quality| Arc::new(LikeReal { quality }) as Arc<dyn Kind>));
    agenda.push(Arc::new(Novelty::both(Whose::Maker)));
    agenda.push(Arc::new(Better { walk: Walk::Round }));
    agenda.extend(moves);
    agenda.extend(directions.into_iter().map(raises));
    agenda.into_iter().map(Claim::new).collect()
}

/// Every part of a single track, said to move it and nothing else.
fn movements(setting: &Setting, known: &Vocabulary) -> Vec<Arc<dyn Kind>> {
    let own = |track: &String| {
        let parts = ["z_i", "z_it"].map(|family| format!("{family}.{track}"));
        let there = parts.into_iter().filter(|part| known.parts.contains(part));
        there
            .map(|part| Arc::new(Moves { part, tracks: vec![track.clone()] }) as Arc<dyn Kind>)
            .collect::<Vec<_>>()
    };
    setting.maker.tracks().iter().flat_map(own).collect()
}

/// The maker's tracks that have pitches in real music.
fn pitched(setting: &Setting) -> Vec<String> {
    let song = &setting.real.set().phrases()[0];
    let has_pitches = |name: &&String| song.track(name).is_ok_and(|track| !track.is_drum);
    setting.maker.tracks().iter().filter(has_pitches).cloned().collect()
}

fn pick(rng: &mut Rng, names: &[String]) -> Option<String> {
    names.get(rng.below(names.len())).cloned()
}
