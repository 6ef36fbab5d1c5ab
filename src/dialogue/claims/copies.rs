//! The maker copies what it learnt from.

use super::super::claim::{Compared, Kind, Trial};
use super::super::distance::Sketch;
use super::super::evidence::Sample;
use super::super::finding::{Rule, number};
use super::super::setting::Setting;
use super::super::{DialogueError, Distance, pictures};
use crate::base::Seed;
use crate::statistics::{mean, quantile};

/// Five times as often as real music that nobody copied.
const OFTEN: f64 = 0.05;
/// The share of real phrases that lie as near to training data by chance.
const BY_CHANCE: f64 = 0.01;

/// It copies its training data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies;

impl Kind for Copies {
    fn sentence(&self) -> String {
        "model copies training data".to_owned()
    }

    fn statement(&self) -> String {
        "it copies its training data".to_owned()
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        let [notes, cells, rest @ ..] = Distance::MEASURES;
        [cells, notes].into_iter().chain(rest).collect()
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let what = format!(
            "share of made phrases as near to training data as the nearest hundredth of real ones, by {measure}"
        );
        vec![(what, Rule::Above(OFTEN))]
    }

    fn why(&self) -> &'static str {
        "Real music that was not learnt from also comes near to training data; one in a hundred of those phrases \
         marks how near is suspicious (a nearest-neighbour test in the manner of Meehan, Chaudhuri and Dasgupta \
         2020). A maker that comes so near five times as often is said to copy. Only the training phrases at hand \
         are searched: what lies in the rest of them is not seen."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let distance = super::distance(measure)?;
        let Some(training) = &setting.training else {
            return Err(DialogueError::Untestable(
                "nobody told what the model learnt from: name a file of it with `--training`".into(),
            ));
        };
        let latents = setting.latents(seed, "phrase", setting.count);
        let made = training.sketch(&setting.decode(&latents)?, &setting.cancel)?;
        let real = training.sketch(setting.real.set().phrases(), &setting.cancel)?;
        let near = |sketches: &[Sketch]| -> Vec<f64> {
            use rayon::prelude::*;
            sketches.par_iter().map(|sketch| training.nearest(distance, sketch)).collect()
        };
        let (made, real) = (near(&made), near(&real));
        let mut floor: Vec<f64> = real.iter().copied().filter(|distance| distance.is_finite()).collect();
        floor.sort_unstable_by(f64::total_cmp);
        if floor.is_empty() {
            return Err(DialogueError::Untestable("all real phrases are silent".into()));
        }
        let threshold = quantile(&floor, BY_CHANCE);
        // A silent phrase, whose distance is no number, copies nothing.
        let copy = |distance: &f64| *distance <= threshold;
        let chart = pictures::boxes(
            "How far phrases lie from the nearest training phrase",
            &format!("distance ({measure})"),
            &[("made", &made), ("real, held out", &real)],
        );
        let remarks = vec![format!(
            "What counts as a copy lies within {}; made phrases lie at {} on average, real ones that were held out at {}.",
            number(threshold),
            number(mean(&made.iter().copied().filter(|x| x.is_finite()).collect::<Vec<_>>())),
            number(mean(&floor))
        )];
        Ok(Trial { compared: vec![Compared::One(Sample::yes_or_no(made.iter().map(copy)))], chart, remarks })
    }
}
