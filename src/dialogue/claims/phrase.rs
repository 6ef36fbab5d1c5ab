//! A phrase, or what a model makes as a rule, is novel, typical, or both.

use super::super::claim::{Compared, Kind, Trial};
use super::super::evidence::Sample;
use super::super::finding::{Rule, number};
use super::super::rating::{Strangeness, share_below};
use super::super::setting::Setting;
use super::super::{DialogueError, Distance, pictures};
use crate::base::Seed;
use crate::model::Latent;

/// More novel than half of real music.
const NOVEL: f64 = 0.5;
/// Among the three quarters of real music that are least strange.
const TYPICAL: f64 = 0.25;

/// Whose novelty it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The phrase that the conversation's seed names.
    Song,
    /// The phrase that a seed names.
    Phrase(u64),
    /// All that the maker makes.
    Maker,
}

/// Novel (than a share of real music), typical, or both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Novelty {
    pub whose: Whose,
    pub novel: Option<f64>,
    pub typical: Option<f64>,
}

impl Novelty {
    /// Novel but typical.
    pub fn both(whose: Whose) -> Self {
        Self { whose, novel: Some(NOVEL), typical: Some(TYPICAL) }
    }

    fn by(&self, measure: &str) -> (Distance, Strangeness) {
        (
            Distance::from_name(measure).unwrap_or(Distance::Notes),
            Strangeness::from_name(measure).unwrap_or(Strangeness::Neighbours),
        )
    }

    fn subject(&self) -> String {
        match self.whose {
            Whose::Song => "song".to_owned(),
            Whose::Phrase(seed) => format!("phrase {seed}"),
            Whose::Maker => "model".to_owned(),
        }
    }
}

impl Kind for Novelty {
    fn sentence(&self) -> String {
        let subject = self.subject();
        let percent = |share: f64| (share * 100.0).round();
        match (self.novel, self.typical) {
            (Some(_), Some(_)) | (None, None) => format!("{subject} is novel but typical"),
            (Some(share), None) => format!("{subject} is more novel than {} % of real", percent(share)),
            (None, Some(share)) => format!("{subject} is more typical than {} % of real", percent(share)),
        }
    }

    fn statement(&self) -> String {
        let subject = match self.whose {
            Whose::Song => "this song".to_owned(),
            Whose::Phrase(seed) => format!("the phrase of seed {seed}"),
            Whose::Maker => "what the model makes".to_owned(),
        };
        let percent = |share: f64| (share * 100.0).round();
        match (self.novel, self.typical) {
            (Some(_), Some(_)) | (None, None) => format!("{subject} is novel but typical"),
            (Some(share), None) => format!("{subject} is more novel than {} % of real music", percent(share)),
            (None, Some(share)) => {
                format!("{subject} is more typical than {} % of real music", percent(share))
            }
        }
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        let novel = self.novel.map_or(&[][..], |_| &Distance::MEASURES);
        let typical = self.typical.map_or(&[][..], |_| &Strangeness::MEASURES);
        novel.iter().chain(typical).copied().collect()
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let (distance, strangeness) = self.by(measure);
        let novel = format!(
            "novelty (share of real phrases that lie nearer to another song than this to any real phrase, by {})",
            distance.name()
        );
        let typical = format!(
            "typicality (share of real phrases that are at least as strange, by {})",
            strangeness.name()
        );
        let novel = self.novel.map(|share| (novel, Rule::Above(share)));
        novel.into_iter().chain(self.typical.map(|share| (typical, Rule::Above(share)))).collect()
    }

    fn why(&self) -> &'static str {
        "Creative work is said to be new and yet recognisable as what it is (Boden 1990); Ritchie (2007) rates \
         typicality and leaves novelty to the distance from what inspired it. A phrase is novel here when it \
         lies further from all real phrases than half of those lie from other songs, and typical when at \
         least a quarter of real phrases are stranger. Both are shares of real songs, so their intervals are by \
         song. Neither says that the phrase is good."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let (distance, strangeness) = self.by(measure);
        let real = &setting.real;
        let latents = match self.whose {
            Whose::Song => vec![Latent::draw(setting.maker.layout(), setting.seed)],
            Whose::Phrase(seed) => vec![Latent::draw(setting.maker.layout(), Seed(seed))],
            Whose::Maker => setting.latents(seed, "phrase", setting.count),
        };
        let sketches = setting.sketch(&latents)?;
        let apart = real.apart(distance);
        let strange = real.strange(strangeness);
        let near: Vec<f64> = sketches.iter().map(|sketch| real.nearest(distance, sketch)).collect();
        let odd: Vec<f64> = sketches.iter().map(|sketch| strangeness.of(sketch, real, None)).collect();
        let one = self.whose != Whose::Maker;
        if one && !near[0].is_finite() {
            return Err(DialogueError::Untestable("the phrase is silent".into()));
        }
        // Of one phrase the real songs are the units, of many the phrases.
        let novel = if one {
            share_below(apart, near[0], real)
        } else {
            let rating = |near: &f64| crate::statistics::mean(share_below(apart, *near, real).values());
            Sample::each(near.iter().filter(|near| near.is_finite()).map(rating))
        };
        let typical = if one {
            share_below(&strange.iter().map(|x| -x).collect::<Vec<_>>(), -odd[0] + 1e-12, real)
        } else {
            Sample::each(strangeness.typicality(&sketches, real))
        };
        let mut compared = Vec::new();
        compared.extend(self.novel.map(|_| Compared::One(novel)));
        compared.extend(self.typical.map(|_| Compared::One(typical)));
        let made = if one { "this phrase" } else { "made" };
        let chart = match self.novel {
            Some(_) => pictures::boxes(
                "How far phrases lie from the nearest real phrase of another song",
                &format!("distance ({})", distance.name()),
                &[("real", apart), (made, &near)],
            ),
            None => pictures::boxes(
                "How strange phrases are beside real music",
                &format!("strangeness ({})", strangeness.name()),
                &[("real", strange), (made, &odd)],
            ),
        };
        let mut remarks = Vec::new();
        if one && self.novel.is_some() {
            remarks.push(format!("The nearest real phrase lies at {}.", number(near[0])));
        }
        Ok(Trial { compared, chart, remarks })
    }
}
