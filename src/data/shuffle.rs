//! Phrases whose tracks do not belong together.

use crate::base::Seed;
use crate::music::Multitrack;

/// The phrases with each track handed round among them, every track in an order of its own that `seed`
/// chooses: what is played stays, what is played together does not. A track goes to the phrases that
/// have one of its name.
pub fn shuffle_tracks(phrases: &[Multitrack], seed: Seed) -> Vec<Multitrack> {
    let mut shuffled = phrases.to_vec();
    let names: Vec<String> = phrases.first().map(Multitrack::track_names).unwrap_or_default();
    for name in names {
        let (places, tracks): (Vec<usize>, Vec<_>) = phrases
            .iter()
            .enumerate()
            .filter_map(|(index, phrase)| Some((index, phrase.track(&name).ok()?.clone())))
            .unzip();
        let mut order: Vec<usize> = (0..places.len()).collect();
        seed.stream(&format!("data/shuffle/{name}")).shuffle(&mut order);
        for (place, from) in places.into_iter().zip(order) {
            if let Ok(handed) = shuffled[place].map_track(&name, |_| tracks[from].clone()) {
                shuffled[place] = handed;
            }
        }
    }
    shuffled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Family, Pianoroll, Resolution, Track};

    #[test]
    fn every_track_is_handed_on_once_and_apart_from_the_others() {
        let phrase = |pitch: u32| {
            let track =
                |family| Track::of_family(family, Pianoroll::from_sounding(vec![1 << (40 + pitch); 48]));
            Multitrack::new(vec![track(Family::Piano), track(Family::Bass)], Resolution::MODEL)
        };
        let phrases: Vec<_> = (0..32).map(phrase).collect();
        let shuffled = shuffle_tracks(&phrases, Seed(3));
        let pitches = |name: &str| -> Vec<u32> {
            let pitch = |phrase: &Multitrack| phrase.track(name).unwrap().roll.sounding()[0].trailing_zeros();
            shuffled.iter().map(pitch).collect()
        };
        let (piano, bass) = (pitches("piano"), pitches("bass"));
        for pitches in [&piano, &bass] {
            let mut sorted = pitches.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (40..72).collect::<Vec<_>>());
        }
        let together = piano.iter().zip(&bass).filter(|(a, b)| a == b).count();
        assert!(together < 6, "{together}");
        assert_eq!(shuffled, shuffle_tracks(&phrases, Seed(3)));
        assert_ne!(shuffled, shuffle_tracks(&phrases, Seed(4)));
        assert!(shuffle_tracks(&[], Seed(3)).is_empty());
    }
}
