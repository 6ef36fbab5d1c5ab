//! A direction in latent space does what it is called.

use super::super::claim::{Compared, Kind, Trial};
use super::super::evidence::Sample;
use super::super::finding::Rule;
use super::super::setting::Setting;
use super::super::{DialogueError, pictures};
use crate::base::Seed;
use crate::metrics::quality;
use crate::model::{Latent, direction};
use crate::statistics::deviation;

/// Stops along the direction, in standard deviations of drawn latents.
const STOPS: [f64; 5] = [-3.0, -1.5, 0.0, 1.5, 3.0];
/// Latents that the direction is fitted on, for each that it is tried on.
const FITTED: usize = 5;
/// A fifth of a real deviation, which Cohen (1988) calls a small effect.
const SMALL: f64 = 0.2;
/// Rank correlation of walks that mostly go one way.
const MONOTONE: f64 = 0.5;

/// Going along the direction fitted for `quality` raises (or lowers) `measured`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raises {
    pub quality: String,
    pub measured: String,
    pub raises: bool,
}

impl Kind for Raises {
    fn sentence(&self) -> String {
        let verb = if self.raises { "raises" } else { "lowers" };
        format!("{} {verb} {}", self.quality, self.measured)
    }

    fn statement(&self) -> String {
        let verb = if self.raises { "raises" } else { "lowers" };
        format!("the direction that was fitted for `{}` {verb} `{}`", self.quality, self.measured)
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            (
                "difference",
                "what is measured at one end of the walk less that at the other, in deviations of real music",
            ),
            ("monotone", "rank correlation of the stops of a walk with what is measured at them, -1 to 1"),
        ]
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let sign = if self.raises { 1.0 } else { -1.0 };
        let (what, bound) = match measure {
            "monotone" => (format!("rank correlation of stop and `{}`", self.measured), MONOTONE),
            _ => (format!("change of `{}` from end to end, in real deviations", self.measured), SMALL),
        };
        let rule = if self.raises { Rule::Above(sign * bound) } else { Rule::Below(sign * bound) };
        vec![(what, rule)]
    }

    fn why(&self) -> &'static str {
        "A direction is fitted by ridge regression of the quality on latents; it is tried on other latents, as what \
         was fitted always fits its own sample. An end-to-end change of a fifth of a real deviation is a small \
         effect in Cohen's (1988) words; `monotone` asks instead whether every step goes the same way."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let real = setting.real.set().phrases().iter().map(|phrase| quality(phrase, &self.measured));
        let real: Vec<f64> = real.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let unit = deviation(&real);
        if real.len() < 2 || unit < 1e-9 {
            return Err(DialogueError::Untestable(format!("`{}` never varies in real music", self.measured)));
        }
        let drawn = setting.latents(seed, "fit", setting.count * FITTED);
        let (mut latents, mut values) = (Vec::new(), Vec::new());
        for (latent, phrase) in drawn.iter().zip(setting.decode(&drawn)?) {
            if let Some(value) = quality(&phrase, &self.quality)? {
                latents.push(latent.clone());
                values.push(value);
            }
        }
        let way = direction(&latents, &values, &[])?;
        let starts = setting.latents(seed, "walk", setting.count);
        let stop = |stop: f64| -> Result<Vec<f64>, DialogueError> {
            let at = |start: &Latent| start.zip(&way, |a, b| (f64::from(a) + stop * f64::from(b)) as f32);
            let latents = starts.iter().map(at).collect::<Result<Vec<_>, _>>()?;
            let phrases = setting.decode(&latents)?;
            let value = |phrase| Ok(quality(phrase, &self.measured)?.map_or(f64::NAN, |value| value / unit));
            phrases.iter().map(value).collect()
        };
        let stops: Vec<Vec<f64>> = STOPS.iter().map(|at| stop(*at)).collect::<Result<_, _>>()?;
        let walk = |start: usize| -> Vec<f64> { stops.iter().map(|values| values[start]).collect() };
        let effect = |start: usize| match measure {
            "monotone" => rank_correlation(&walk(start)),
            _ => stops[STOPS.len() - 1][start] - stops[0][start],
        };
        let compared = vec![Compared::One(Sample::each((0..starts.len()).map(effect)))];
        let middle = STOPS.len() / 2;
        let points = STOPS.iter().zip(&stops).map(|(at, values)| {
            let changes = values.iter().zip(&stops[middle]).map(|(value, start)| (value - start) * unit);
            (*at, Sample::each(changes))
        });
        let chart = pictures::line(
            &format!("What the direction of \"{}\" does to \"{}\"", self.quality, self.measured),
            "way along the direction, in deviations of latents",
            &format!("change of {} from the middle of each walk", self.measured),
            &[("mean of all walks", points.collect())],
            seed,
        );
        let remarks = vec![format!(
            "The direction was fitted on {} latents and tried on {} others.",
            latents.len(),
            starts.len()
        )];
        Ok(Trial { compared, chart, remarks })
    }
}

/// Spearman's rank correlation of values with their places; 0 of values that are all equal, not a number
/// where one is undefined.
fn rank_correlation(values: &[f64]) -> f64 {
    if values.iter().any(|value| !value.is_finite()) {
        return f64::NAN;
    }
    let rank = |value: &f64| {
        let less = values.iter().filter(|other| *other < value).count() as f64;
        let equal = values.iter().filter(|other| *other == value).count() as f64;
        less + (equal - 1.0) / 2.0
    };
    let middle = (values.len() as f64 - 1.0) / 2.0;
    let pairs: Vec<(f64, f64)> = values
        .iter()
        .enumerate()
        .map(|(place, value)| (place as f64 - middle, rank(value) - middle))
        .collect();
    let sum = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
    let size = (sum(&|(a, _)| a * a) * sum(&|(_, b)| b * b)).sqrt();
    if size > 0.0 { sum(&|(a, b)| a * b) / size } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::rank_correlation;

    #[test]
    fn ranks_that_rise_fall_and_stay() {
        assert_eq!(rank_correlation(&[1.0, 2.0, 9.0]), 1.0);
        assert_eq!(rank_correlation(&[3.0, 2.0, 1.0]), -1.0);
        assert_eq!(rank_correlation(&[1.0; 4]), 0.0);
        assert!((rank_correlation(&[1.0, 3.0, 2.0]) - 0.5).abs() < 1e-12);
        assert!(rank_correlation(&[1.0, f64::NAN]).is_nan());
    }
}
