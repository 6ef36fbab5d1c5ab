//! A model beside real music: the figures of its card.

use std::fmt::Write as _;

use super::TrainError;
use super::config::Data;
use crate::base::{Cancel, Seed};
use crate::metrics::{Metrics, Options, measure_phrases, set};
use crate::model::{DecodeOptions, Model};
use crate::music::{Family, Multitrack};

/// Rounds of the permutation tests.
const ROUNDS: usize = 1000;

/// A model's music and real music, measured alike.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Phrases of each.
    pub phrases: usize,
    /// What the model makes.
    pub made: Metrics,
    /// Real phrases.
    pub real: Metrics,
    /// Steps with three and more pitches, made and real, by track.
    pub dense: Vec<(String, [Option<f64>; 2])>,
    /// Mean pairwise overlap of phrases, made and real (lower is more varied).
    pub overlap: [Option<f64>; 2],
    /// Each pair's tonal distance: made, made with phrases shuffled, real, real shuffled.
    pub pairs: Vec<(String, [f64; 4])>,
    /// For an accompanying model: the p of "the answer is nearer to its own given track than to
    /// others'", by answering track.
    pub follows: Vec<(String, f64)>,
}

impl Comparison {
    /// Draws as many phrases as `real` has, from scratch or around the named track of each, and
    /// measures both.
    ///
    /// # Errors
    /// [`TrainError`] when the model cannot answer.
    pub fn of(
        model: &Model,
        real: &[Multitrack],
        given: Option<&str>,
        seed: Seed,
        cancel: &Cancel,
    ) -> Result<Self, TrainError> {
        let made = match given {
            None => {
                let latents: Vec<_> =
                    (0..real.len() as u64).map(|i| model.latent(seed.child("card", i))).collect();
                model.decode(&latents, &DecodeOptions::default(), cancel)?
            }
            Some(track) => answers(model, real, track, seed, cancel)?,
        };
        let plain = Options::default();
        let three = Options { min_pitches: 3, ..Options::default() };
        let measured = |music: &[Multitrack], options: &Options| {
            measure_phrases(music, options).map_err(|error| TrainError::Samples(error.to_string()))
        };
        let (made_three, real_three) = (measured(&made, &three)?, measured(real, &three)?);
        let dense = made_three.tracks.iter().zip(&real_three.tracks);
        let dense =
            dense.map(|((name, a), (_, b))| (name.clone(), [a.polyphonic_rate, b.polyphonic_rate])).collect();
        let overlap = |music: &[Multitrack]| {
            set::mean_jaccard(music, seed).map_err(|error| TrainError::Samples(error.to_string()))
        };
        let mut comparison = Self {
            phrases: real.len(),
            dense,
            overlap: [overlap(&made)?, overlap(real)?],
            made: measured(&made, &plain)?,
            real: measured(real, &plain)?,
            pairs: Vec::new(),
            follows: Vec::new(),
        };
        let names: Vec<String> = comparison.made.tonal_distance.iter().map(|(n, _)| n.clone()).collect();
        for pair in names {
            let Some((a, b)) = pair.split_once('-') else { continue };
            let test = |music: &[Multitrack]| {
                set::tonal_agreement_of(music, a, b, seed, ROUNDS)
                    .map_err(|error| TrainError::Samples(error.to_string()))
            };
            if let (Some(own), Some(real)) = (test(&made)?, test(real)?) {
                let distances = [own.observed, own.shuffled_mean, real.observed, real.shuffled_mean];
                comparison.pairs.push((pair.clone(), distances));
                let other = if given == Some(a) { Some(b) } else { (given == Some(b)).then_some(a) };
                comparison.follows.extend(other.map(|name| (name.to_owned(), own.p)));
            }
        }
        Ok(comparison)
    }

    /// The figures as Markdown tables, made beside real.
    pub fn to_markdown(&self) -> String {
        let mut page = String::from(
            "| track | empty bars % | pitch classes | notes a bar | qualified notes % | steps with 2+ pitches % | steps with 3+ pitches % | in scale % | drum pattern % |\n|---|---|---|---|---|---|---|---|---|\n",
        );
        let percent = |x: Option<f64>| x.map_or("–".into(), |x| format!("{:.1}", 100.0 * x));
        let plain = |x: Option<f64>| x.map_or("–".into(), |x| format!("{x:.2}"));
        for (i, ((name, a), (_, b))) in self.made.tracks.iter().zip(&self.real.tracks).enumerate() {
            let pair = |f: &dyn Fn(Option<f64>) -> String, a, b| format!("{} / {}", f(a), f(b));
            let dense = self.dense.get(i).map_or([None; 2], |(_, d)| *d);
            let cells = [
                pair(&percent, a.empty_bar_rate, b.empty_bar_rate),
                pair(&plain, a.pitch_classes, b.pitch_classes),
                pair(&plain, a.notes, b.notes),
                pair(&percent, a.qualified_note_rate, b.qualified_note_rate),
                pair(&percent, a.polyphonic_rate, b.polyphonic_rate),
                pair(&percent, dense[0], dense[1]),
                pair(&percent, a.in_scale_rate, b.in_scale_rate),
                pair(&percent, a.drum_pattern_rate, b.drum_pattern_rate),
            ];
            let _ = writeln!(page, "| {name} | {} |", cells.join(" | "));
        }
        let _ = writeln!(page, "\nEvery cell: made / real, over {} phrases each.", self.phrases);
        let [made, real] = self.overlap.map(|x| x.map_or("–".into(), |x| format!("{x:.3}")));
        let _ = writeln!(page, "Mean pairwise Jaccard overlap: {made} / {real}.\n");
        page.push_str(
            "| tonal distance | made | made, shuffled | real | real, shuffled |\n|---|---|---|---|---|\n",
        );
        for (pair, [a, b, c, d]) in &self.pairs {
            let _ = writeln!(page, "| {pair} | {a:.2} | {b:.2} | {c:.2} | {d:.2} |");
        }
        for (name, p) in &self.follows {
            let _ = writeln!(page, "\n{name} follows the given track: p = {p:.4} ({ROUNDS} permutations).");
        }
        page
    }
}

/// Up to `count` phrases of `data`, drawn by `seed`; with a given track, only those in which it
/// sounds.
///
/// # Errors
/// [`TrainError`] when the data cannot be read or holds too few.
pub fn real_phrases(
    data: &Data,
    given: Option<&str>,
    count: usize,
    seed: Seed,
) -> Result<Vec<Multitrack>, TrainError> {
    let set = super::load_data(data)?;
    let sounds = |phrase: &Multitrack| {
        given.is_none_or(|name| phrase.track(name).is_ok_and(|track| !track.roll.is_silent()))
    };
    if let Some(name) = given {
        Family::from_name(name).map_err(crate::model::ModelError::from)?;
    }
    Ok(set.sample(set.len(), seed).phrases().iter().filter(sounds).take(count).collect())
}

/// The model's answer to one track of each real phrase.
fn answers(
    model: &Model,
    real: &[Multitrack],
    track: &str,
    seed: Seed,
    cancel: &Cancel,
) -> Result<Vec<Multitrack>, TrainError> {
    use rayon::prelude::*;
    let answer = |(i, phrase): (usize, &Multitrack)| -> Result<Multitrack, TrainError> {
        let given = phrase.only(&[track.to_owned()]).map_err(crate::model::ModelError::from)?;
        let latent = model.latent(seed.child("card", i as u64));
        let mut made = model.accompany(&given, &[latent], &DecodeOptions::default(), cancel)?;
        made.pop().ok_or_else(|| TrainError::Samples("the model gave no answer".into()))
    };
    real.par_iter().enumerate().map(answer).collect()
}
