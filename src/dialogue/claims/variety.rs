//! How varied made music is: as varied as real music, and less so when latents are truncated.

use super::super::claim::{Compared, Kind, Trial};
use super::super::distance::Sketch;
use super::super::evidence::Sample;
use super::super::finding::Rule;
use super::super::rating::Strangeness;
use super::super::setting::Setting;
use super::super::{DialogueError, Distance, pictures};
use crate::base::Seed;
use crate::model::Latent;
use crate::statistics::mean;

/// A tenth less varied than real music is still as varied.
const AS_VARIED: f64 = -0.1;
/// Latents are truncated to so many deviations.
const BOUND: f64 = 0.75;
/// The least change that matters: of the variety in shares, of the rating as it is.
const MATTERS: f64 = 0.02;

/// Made phrases are as varied as real ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Varied;

/// Truncation trades variety for typicality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncation;

/// Distances of neighbours two by two, so that each phrase is in one pair only.
fn pairs(distance: Distance, sketches: &[Sketch]) -> Vec<f64> {
    let far = |pair: &[Sketch]| distance.between(&pair[0], &pair[1]).unwrap_or(f64::NAN);
    sketches.chunks_exact(2).map(far).collect()
}

impl Kind for Varied {
    fn sentence(&self) -> String {
        "model is as varied as real".to_owned()
    }

    fn statement(&self) -> String {
        "the model's phrases are as varied as real ones".to_owned()
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        Distance::MEASURES.to_vec()
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let what = format!(
            "distance of two made phrases less that of two real ones, in shares of the latter, by {measure}"
        );
        vec![(what, Rule::Above(AS_VARIED))]
    }

    fn why(&self) -> &'static str {
        "Generative adversarial networks are known to fall back on few outputs (mode collapse; Goodfellow 2016). Pairs \
         of made phrases are set against pairs of real phrases of different songs, each phrase in one pair only so \
         that pairs are independent. Up to a tenth less is taken as equal."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let distance = super::distance(measure)?;
        let made = setting.sketch(&setting.latents(seed, "phrase", setting.count * 2))?;
        let made = pairs(distance, &made);
        let mut songs: Vec<usize> = Vec::new();
        let clusters = setting.real.set().clusters();
        let mut rng = seed.stream("dialogue/songs");
        // A phrase of every song, so that no pair is of one.
        songs.extend(clusters.members().iter().map(|song| song[rng.below(song.len())]));
        rng.shuffle(&mut songs);
        let real: Vec<Sketch> = songs.iter().map(|phrase| setting.real.sketches()[*phrase].clone()).collect();
        let real = pairs(distance, &real);
        let unit = mean(Sample::each(real.iter().copied()).values());
        let shares = |values: &[f64]| Sample::each(values.iter().map(|value| value / unit));
        let chart = pictures::boxes(
            "How far two phrases lie apart",
            &format!("distance ({measure})"),
            &[("made", &made), ("real", &real)],
        );
        Ok(Trial { compared: vec![Compared::Two(shares(&made), shares(&real))], chart, remarks: Vec::new() })
    }
}

impl Kind for Truncation {
    fn sentence(&self) -> String {
        "truncation trades variety for typicality".to_owned()
    }

    fn statement(&self) -> String {
        format!("truncating latents to {BOUND} deviations trades variety for typicality")
    }

    fn measures(&self) -> Vec<(&'static str, &'static str)> {
        Distance::MEASURES.into_iter().chain(Strangeness::MEASURES).collect()
    }

    fn rules(&self, measure: &str) -> Vec<(String, Rule)> {
        let distance = Distance::from_name(measure).unwrap_or(Distance::Notes);
        let strangeness = Strangeness::from_name(measure).unwrap_or(Strangeness::Neighbours);
        vec![
            (
                format!("change of the variety, in shares of it, by {}", distance.name()),
                Rule::Below(-MATTERS),
            ),
            (format!("change of the typicality by {}", strangeness.name()), Rule::Above(MATTERS)),
        ]
    }

    fn why(&self) -> &'static str {
        "Drawing from the middle of the latent space is known to give fewer and better pictures (the truncation trick; \
         Brock, Donahue and Simonyan 2019). Both halves of the trade are tested: less variety, and more typicality, \
         of latents drawn from the same seeds with and without a bound."
    }

    fn experiment(&self, setting: &Setting, measure: &str, seed: Seed) -> Result<Trial, DialogueError> {
        let distance = Distance::from_name(measure).unwrap_or(Distance::Notes);
        let strangeness = Strangeness::from_name(measure).unwrap_or(Strangeness::Neighbours);
        let seeds = (0..setting.count as u64 * 2).map(|index| seed.child("phrase", index));
        let layout = setting.maker.layout();
        let inner: Vec<Latent> = seeds.map(|seed| Latent::draw_truncated(layout, seed, BOUND)).collect();
        let plain = setting.sketch(&setting.latents(seed, "phrase", setting.count * 2))?;
        let inner = setting.sketch(&inner)?;
        let [far, near] = [&plain, &inner].map(|sketches| pairs(distance, sketches));
        let unit = mean(Sample::each(far.iter().copied()).values());
        let [usual, typical] =
            [&plain, &inner].map(|sketches| strangeness.typicality(sketches, &setting.real));
        let less = Sample::each(near.iter().zip(&far).map(|(near, far)| (near - far) / unit));
        let more = Sample::each(typical.iter().zip(&usual).map(|(inner, plain)| inner - plain));
        let chart = pictures::boxes(
            &format!("Variety and typicality, with latents within {BOUND} deviations and without a bound"),
            &format!("distance of pairs ({}); rating ({})", distance.name(), strangeness.name()),
            &[
                ("variety, truncated", &near),
                ("variety, unbounded", &far),
                ("typicality, truncated", &typical),
                ("typicality, unbounded", &usual),
            ],
        );
        Ok(Trial { compared: vec![Compared::One(less), Compared::One(more)], chart, remarks: Vec::new() })
    }
}
