//! What is played together belongs together: answers follow what they were given, tracks their phrase.

use super::super::claim::{Compared, Kind, Trial};
use super::super::evidence::Sample;
use super::super::finding::{Rule, number};
use super::super::setting::Setting;
use super::super::{DialogueError, pictures};
use crate::base::Seed;
use crate::metrics::tonal_distance_between;
use crate::model::Latent;
use crate::music::{Multitrack, Track};
use crate::statistics::{Clusters, mean};

/// Nearer by a fiftieth of what strangers are apart.
const MATTERS: f64 = 0.02;

const MEASURES: [(&str, &str); 2] = [
    ("harmony", "tonal distance of the tracks, beat by beat (Harte et al. 2006)"),
    ("rhythm", "share of the onsets of either that fall at no onset of the other"),
];

const WHY: &str = "Two tracks may agree because all music of a kind agrees. So phrases are taken in pairs, the tracks \
     are swapped within each pair, and the distances of tracks that belong together are set against those of the \
     swapped ones; under chance alone a swap would change nothing, which makes the signs of the pairs a permutation \
     test. Gains are told in shares of the swapped distance, and a fiftieth is the least that counts.";

/// Accompaniments follow the track that they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follows {
    pub given: String,
}

/// Two tracks of a made phrase belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    pub first: String,
    pub second: String,
}

impl Kind for Follows {
    fn sentence(&self) -> String {
        format!("answers follow {}", self.given)
    }

    fn statement(&self) -> String {
        format!("accompaniments follow the {} that they were given more than chance", self.given)
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        MEASURES.to_vec()
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let what = format!(
            "how much nearer answers lie to their own {} than to another's, by {measure}",
            self.given
        );
        vec![(what, Rule::Above(MATTERS))]
    }

    fn why(&self) -> &'static str {
        WHY
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        if !setting.maker.accompanies() {
            return Err(DialogueError::Untestable(format!(
                "`{}` composes from scratch and answers nothing: talk about one that accompanies, such as \
                 `another model accompany`",
                setting.maker.name()
            )));
        }
        let given: Vec<Multitrack> = one_of_each_song(setting, seed, &self.given);
        let answer = |(index, song): (usize, &Multitrack)| {
            let only = song.with_tracks(song.track(&self.given).into_iter().cloned().collect());
            let latent = Latent::draw(setting.maker.layout(), seed.child("answer", index as u64));
            setting.maker.accompany(&only, &latent, &setting.cancel)
        };
        use rayon::prelude::*;
        let answers: Vec<Multitrack> = given.par_iter().enumerate().map(answer).collect::<Result<_, _>>()?;
        let between = |a: &Multitrack, b: &Multitrack| to_others(measure, a, b, &self.given);
        let made = Swapped::of(&given, &answers, between);
        let real = Swapped::of(&given, &given, between);
        let title =
            format!("How far answers lie from the {} they were given, and from another's", self.given);
        made.trial(&title, measure, vec![format!("Real bands: {}.", real.told())])
    }
}

impl Kind for Together {
    fn sentence(&self) -> String {
        format!("{} and {} belong together", self.first, self.second)
    }

    fn statement(&self) -> String {
        format!(
            "the {} and the {} of a phrase belong together more than those of two phrases",
            self.first, self.second
        )
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        MEASURES.to_vec()
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let what = format!(
            "how much nearer {} and {} of one phrase lie than of two, by {measure}",
            self.first, self.second
        );
        vec![(what, Rule::Above(MATTERS))]
    }

    fn why(&self) -> &'static str {
        WHY
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let made = setting.decode(&setting.latents(seed, "phrase", setting.count))?;
        let real = one_of_each_song(setting, seed, &self.first);
        let between = |a: &Multitrack, b: &Multitrack| {
            apart(measure, a, a.track(&self.first).ok()?, b.track(&self.second).ok()?)
        };
        let real = Swapped::of(&real, &real, between);
        let title = format!("How far {} and {} lie apart", self.first, self.second);
        Swapped::of(&made, &made, between).trial(
            &title,
            measure,
            vec![format!("Real music: {}.", real.told())],
        )
    }
}

/// A real phrase of every song in which the track sounds, as many as are wanted, in random order.
fn one_of_each_song(setting: &Setting, seed: Seed, track: &str) -> Vec<Multitrack> {
    let set = setting.real.set();
    let clusters: Clusters = set.clusters();
    let sounds =
        |index: &&usize| set.phrases()[**index].track(track).is_ok_and(|track| !track.roll.is_silent());
    let mut chosen: Vec<usize> =
        clusters.members().iter().filter_map(|song| song.iter().find(sounds).copied()).collect();
    seed.stream("dialogue/songs").shuffle(&mut chosen);
    chosen.truncate(setting.count);
    chosen.into_iter().map(|index| set.phrases()[index].clone()).collect()
}

/// Mean distance of a given track to every other track of an answer.
fn to_others(measure: &str, given: &Multitrack, answer: &Multitrack, name: &str) -> Option<f64> {
    let own = given.track(name).ok()?;
    let others = answer.tracks().iter().filter(|track| !track.name.eq_ignore_ascii_case(name));
    let distances: Vec<f64> = others.filter_map(|track| apart(measure, given, own, track)).collect();
    (!distances.is_empty()).then(|| mean(&distances))
}

/// Distance of two tracks of pieces of one resolution, where there is one.
fn apart(measure: &str, piece: &Multitrack, a: &Track, b: &Track) -> Option<f64> {
    if measure == "harmony" {
        return if a.is_drum || b.is_drum {
            None
        } else {
            tonal_distance_between(&a.roll, &b.roll, piece.resolution())
        };
    }
    let (mut both, mut either) = (0, 0);
    let step = (piece.resolution().steps() / 4).max(1);
    for (a, b) in a.roll.onset().chunks(step).zip(b.roll.onset().chunks(step)) {
        let [a, b] = [a, b].map(|steps| steps.iter().any(|set| *set != 0));
        both += usize::from(a && b);
        either += usize::from(a || b);
    }
    (either > 0).then(|| 1.0 - both as f64 / either as f64)
}

/// Distances of pairs as they are and swapped.
struct Swapped {
    own: Vec<f64>,
    swapped: Vec<f64>,
}

impl Swapped {
    /// Of each pair of neighbours the mean distance as it is and swapped, where all four are defined.
    fn of(
        first: &[Multitrack],
        second: &[Multitrack],
        between: impl Fn(&Multitrack, &Multitrack) -> Option<f64>,
    ) -> Self {
        let (mut own, mut swapped) = (Vec::new(), Vec::new());
        for (a, b) in first.chunks_exact(2).zip(second.chunks_exact(2)) {
            let as_they_are = between(&a[0], &b[0]).zip(between(&a[1], &b[1]));
            let crossed = between(&a[0], &b[1]).zip(between(&a[1], &b[0]));
            if let Some((are, crossed)) = as_they_are.zip(crossed) {
                own.push((are.0 + are.1) / 2.0);
                swapped.push((crossed.0 + crossed.1) / 2.0);
            }
        }
        Self { own, swapped }
    }

    /// Gains in shares of the mean swapped distance.
    fn gains(&self) -> Vec<f64> {
        let unit = mean(&self.swapped);
        let gain = |(own, swapped): (&f64, &f64)| if unit > 0.0 { (swapped - own) / unit } else { 0.0 };
        self.own.iter().zip(&self.swapped).map(gain).collect()
    }

    fn told(&self) -> String {
        match self.own.is_empty() {
            true => "not measured".to_owned(),
            false => {
                format!("{} nearer to its own, of {} pairs", number(mean(&self.gains())), self.own.len())
            }
        }
    }

    fn trial(self, title: &str, measure: &str, remarks: Vec<String>) -> Result<Trial, DialogueError> {
        let chart = pictures::boxes(
            title,
            &format!("distance ({measure})"),
            &[("own", &self.own), ("another's", &self.swapped)],
        );
        Ok(Trial { compared: vec![Compared::One(Sample::each(self.gains()))], chart, remarks })
    }
}
