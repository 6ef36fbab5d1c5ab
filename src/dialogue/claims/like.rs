//! Made music has as much of a quality as real music.

use super::super::claim::{Compared, Kind, Trial};
use super::super::evidence::Sample;
use super::super::finding::Rule;
use super::super::setting::Setting;
use super::super::{DialogueError, pictures};
use crate::base::Seed;
use crate::metrics::quality;
use crate::music::Multitrack;
use crate::statistics::deviation;

/// Half a real deviation: a medium effect (Cohen 1988).
const MEDIUM: f64 = 0.5;
/// A fifth: a small one.
const SMALL: f64 = 0.2;

/// The mean of a quality is that of real music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LikeReal {
    pub quality: String,
}

impl Kind for LikeReal {
    fn sentence(&self) -> String {
        format!("model has as much {} as real", self.quality)
    }

    fn statement(&self) -> String {
        format!("the model's phrases have as much `{}` as real ones", self.quality)
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            (
                "roughly",
                "difference of the means in deviations of real music, with half a deviation as equal",
            ),
            ("closely", "the same, with a fifth of a deviation as equal"),
        ]
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let bound = if measure == "closely" { SMALL } else { MEDIUM };
        let what = format!("made less real `{}`, in real deviations", self.quality);
        vec![(what.clone(), Rule::Above(-bound)), (what, Rule::Below(bound))]
    }

    fn why(&self) -> &'static str {
        "That no difference was found does not say that there is none, so equality is tested as two claims: the \
         difference is not below, and not above, what would matter (two one-sided tests; Schuirmann 1987). Half a \
         deviation is a medium, a fifth a small effect in Cohen's (1988) words. Real phrases count by song."
    }

    fn experiment(&self, setting: &Setting, _measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let values = |phrases: &[Multitrack]| -> Result<Vec<f64>, DialogueError> {
            let value = |phrase| Ok(quality(phrase, &self.quality)?.unwrap_or(f64::NAN));
            phrases.iter().map(value).collect()
        };
        let real = values(setting.real.set().phrases())?;
        let made = values(&setting.decode(&setting.latents(seed, "phrase", setting.count))?)?;
        let known: Vec<f64> = real.iter().copied().filter(|value| value.is_finite()).collect();
        let unit = deviation(&known);
        if known.len() < 2 || unit < 1e-9 {
            return Err(DialogueError::Untestable(format!("`{}` never varies in real music", self.quality)));
        }
        let scaled = |values: &[f64]| values.iter().map(|value| value / unit).collect::<Vec<_>>();
        let sample = || Sample::each(scaled(&made));
        let by_song = || Sample::by_song(&scaled(&real), setting.real.set().songs());
        let compared = vec![Compared::Two(sample(), by_song()), Compared::Two(sample(), by_song())];
        let chart = pictures::boxes(
            &format!("{} of made and of real phrases", self.quality),
            &self.quality,
            &[("made", &made), ("real", &real)],
        );
        Ok(Trial { compared, chart, remarks: Vec::new() })
    }
}
