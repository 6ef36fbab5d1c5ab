//! Ritchie's criteria over what a maker makes.

use super::super::claim::{Compared, Kind, Trial};
use super::super::distance::Distance;
use super::super::evidence::Sample;
use super::super::finding::Rule;
use super::super::rating::{Strangeness, Value};
use super::super::setting::Setting;
use super::super::{DialogueError, pictures};
use crate::base::Seed;
use crate::statistics::{mean, quantile};

/// A phrase rated so or higher is typical (alpha).
const ALPHA: f64 = 0.25;
/// One rated lower is atypical (beta).
const BETA: f64 = 0.1;
/// A phrase rated so or higher is of value (gamma).
const GAMMA: f64 = 0.4;
/// Most of what is made (theta).
const MOST: f64 = 0.5;
/// Nearly all of it.
const NEARLY_ALL: f64 = 0.9;

/// The criteria are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ritchie;

const RATIOS: [(&str, &str, f64); 5] = [
    ("typical", "share of what is made that is typical", MOST),
    ("valued", "share of what is made that is of value", MOST),
    ("novel", "share of what is made that is no copy of what inspired it", NEARLY_ALL),
    ("valued-typical", "share of typical phrases that are of value", MOST),
    ("valued-atypical", "share of atypical phrases that are of value", MOST),
];

impl Ritchie {
    /// The ratios that a measure asks for, by their places.
    fn ratios(measure: &str) -> Vec<usize> {
        match RATIOS.iter().position(|(name, _, _)| *name == measure) {
            Some(place) => vec![place],
            None => vec![0, 1, 2],
        }
    }
}

impl Kind for Ritchie {
    fn sentence(&self) -> String {
        "model meets ritchie's criteria".to_owned()
    }

    fn statement(&self) -> String {
        "most of what the model makes is typical and of value, and nearly all of it is new (Ritchie's criteria)".to_owned()
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("criteria", "typical, valued and novel, each as a share of what is made"),
            (RATIOS[0].0, RATIOS[0].1),
            (RATIOS[1].0, RATIOS[1].1),
            (RATIOS[2].0, RATIOS[2].1),
            (RATIOS[3].0, RATIOS[3].1),
            (RATIOS[4].0, RATIOS[4].1),
        ]
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let rule = |place: usize| (RATIOS[place].1.to_owned(), Rule::Above(RATIOS[place].2));
        Self::ratios(measure).into_iter().map(rule).collect()
    }

    fn why(&self) -> &'static str {
        "Ritchie (2001; Minds and Machines 17, 2007) rates every artefact for typicality and value and asks for shares: \
         of what is typical (rated alpha = 0.25 or higher), of what is of value (gamma = 0.4), of what is of value \
         among the typical and among the atypical (below beta = 0.1), and of what is not in the inspiring set. Typicality \
         is here the percentile by all features, value that of craft; the inspiring set is the training data at hand, \
         or else real music, and a copy of it is what lies nearer than the nearest hundredth of real songs do to each \
         other. The thresholds are ours; his are open."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let phrases = setting.decode(&setting.latents(seed, "phrase", setting.count))?;
        let sketches = setting.real.sketch(&phrases, &setting.cancel)?;
        let typicality = Strangeness::Neighbours.typicality(&sketches, &setting.real);
        let craft = Value::new("craft", &setting.real)?;
        let value: Vec<f64> = phrases.iter().map(|phrase| craft.of(phrase)).collect::<Result<_, _>>()?;
        let mut real: Vec<f64> =
            setting.real.apart(Distance::Cells).iter().copied().filter(|far| far.is_finite()).collect();
        real.sort_unstable_by(f64::total_cmp);
        let copy = if real.is_empty() { 0.0 } else { quantile(&real, 0.01) };
        let inspiring = setting.training.as_ref().unwrap_or(&setting.real);
        let near: Vec<f64> =
            sketches.iter().map(|sketch| inspiring.nearest(Distance::Cells, sketch)).collect();
        let among = |keep: &dyn Fn(usize) -> bool, holds: &dyn Fn(usize) -> bool| {
            Sample::yes_or_no((0..phrases.len()).filter(|i| keep(*i)).map(holds))
        };
        let is_valued = |i: usize| value[i] >= GAMMA;
        let samples = [
            among(&|_| true, &|i| typicality[i] >= ALPHA),
            among(&|_| true, &is_valued),
            among(&|_| true, &|i| near[i].is_nan() || near[i] > copy),
            among(&|i| typicality[i] >= ALPHA, &is_valued),
            among(&|i| typicality[i] < BETA, &is_valued),
        ];
        let shown: Vec<(String, Sample)> = RATIOS
            .iter()
            .zip(&samples)
            .filter(|(_, sample)| !sample.values().is_empty())
            .map(|((name, _, _), sample)| ((*name).to_owned(), sample.clone()))
            .collect();
        let chart =
            pictures::bars("Ritchie's ratios of what is made", "ratio", "share", "share", &shown, seed);
        let remarks = vec![format!(
            "Mean typicality {:.2}, mean value {:.2} of {} phrases; the inspiring set is {}.",
            mean(&typicality),
            mean(&value),
            phrases.len(),
            inspiring.name()
        )];
        let compared = Self::ratios(measure).into_iter().map(|place| Compared::One(samples[place].clone()));
        Ok(Trial { compared: compared.collect(), chart, remarks })
    }
}
