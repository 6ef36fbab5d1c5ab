//! The way between two phrases leads through better music than its ends.

use super::super::claim::{Compared, Kind, Trial};
use super::super::evidence::Sample;
use super::super::finding::{Rule, number};
use super::super::rating::{Strangeness, Value};
use super::super::setting::Setting;
use super::super::{DialogueError, pictures};
use crate::base::Seed;
use crate::model::Latent;
use crate::statistics::mean;

/// Stops of a walk, the ends among them.
const STOPS: usize = 5;
/// The smallest difference of ratings that matters.
const MATTERS: f64 = 0.02;

/// How one goes from one latent to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// Along the straight line.
    Straight,
    /// Along the great circle of each part.
    Round,
}

/// The walk passes through better music than the better of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Better {
    pub walk: Walk,
}

impl Better {
    fn name(self) -> &'static str {
        match self.walk {
            Walk::Straight => "straight",
            Walk::Round => "round",
        }
    }
}

impl Kind for Better {
    fn sentence(&self) -> String {
        format!("{} path passes through better music than ends", self.name())
    }

    fn statement(&self) -> String {
        format!("walking from A to B, the {} path passes through better music than either end", self.name())
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        Value::MEASURES.to_vec()
    }

    fn takes_qualities(&self) -> bool {
        true
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        vec![(
            format!("mean rating of the stops between less that of the better end, by {measure}"),
            Rule::Above(MATTERS),
        )]
    }

    fn why(&self) -> &'static str {
        "Better means here: nearer to the middle of what real music does, as a percentile; nobody has listened. A \
         random A and B are joined; the three stops between them are set against the better of the two, since the \
         claim says \"either end\". By chance alone the better of two ends is above the mean of anything between, so \
         a walk through music that is no better than its ends refutes the claim. Straight lines come near to the \
         middle of the latent space, where latents are shorter than drawn ones; round ones keep their length."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let (from, to) =
            (setting.latents(seed, "from", setting.count), setting.latents(seed, "to", setting.count));
        let value = match measure {
            "typicality" => None,
            other => Some(Value::new(other, &setting.real)?),
        };
        let rate = |stop: usize| -> Result<Vec<f64>, DialogueError> {
            let t = stop as f64 / (STOPS - 1) as f64;
            let walk = if self.walk == Walk::Straight { Latent::lerp } else { Latent::slerp };
            let latents = from.iter().zip(&to).map(|(a, b)| walk(a, b, t)).collect::<Result<Vec<_>, _>>()?;
            let phrases = setting.decode(&latents)?;
            match &value {
                Some(value) => phrases.iter().map(|phrase| value.of(phrase)).collect(),
                None => Ok(Strangeness::Neighbours
                    .typicality(&setting.real.sketch(&phrases, &setting.cancel)?, &setting.real)),
            }
        };
        let ratings: Vec<Vec<f64>> = (0..STOPS).map(rate).collect::<Result<_, _>>()?;
        let better = |walk: usize| {
            let between: Vec<f64> = ratings[1..STOPS - 1].iter().map(|stop| stop[walk]).collect();
            (mean(&between), ratings[0][walk], ratings[STOPS - 1][walk])
        };
        let walks: Vec<(f64, f64, f64)> = (0..from.len()).map(better).collect();
        let sample = Sample::each(walks.iter().map(|(between, a, b)| between - a.max(*b)));
        let of_ends = mean(&walks.iter().map(|(between, a, b)| between - (a + b) / 2.0).collect::<Vec<_>>());
        let stops = ratings
            .iter()
            .enumerate()
            .map(|(stop, values)| (stop as f64 / (STOPS - 1) as f64, Sample::each(values.iter().copied())));
        let better_end = [0.0, 1.0].map(|end| (end, Sample::each(walks.iter().map(|(_, a, b)| a.max(*b)))));
        let chart = pictures::line(
            &format!("Ratings on the {} way from A to B", self.name()),
            "share of the way",
            &format!("rating ({measure})"),
            &[("mean of all walks", stops.collect()), ("better end of each walk", better_end.to_vec())],
            seed,
        );
        let remarks = vec![format!(
            "Against the mean of both ends the stops between are at {}{}.",
            if of_ends >= 0.0 { "+" } else { "" },
            number(of_ends)
        )];
        Ok(Trial { compared: vec![Compared::One(sample)], chart, remarks })
    }
}
