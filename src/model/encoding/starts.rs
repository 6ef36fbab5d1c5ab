//! Where walks begin: the inverse network's guess, and the best of many random latents.

use super::judge::{Judge, Place};
use super::{EncodeOptions, Start};
use crate::model::target::Target;
use crate::model::{Model, ModelError};

/// Random latents are judged so many at a time, so that progress is told in between.
const TOGETHER: usize = 50;

/// The places to begin at. Random latents come half by how well their music meets the phrase, and half
/// by the loss among those that meet it well: the one is what is wanted, the other what a gradient
/// leads from.
pub(super) fn starts(
    model: &Model,
    judge: &Judge,
    target: &Target,
    options: &EncodeOptions,
) -> Result<Vec<Place>, ModelError> {
    if let Start::Latent(latent) = &options.start {
        model.check_layout(latent)?;
        return judge.places(vec![latent.values().to_vec()]);
    }
    let mut starts = Vec::new();
    if options.start != Start::Random {
        match model.inverse()? {
            Some(inverse) => {
                let none = vec![false; model.architecture().grid.track_count()];
                let given = target.given.as_ref().unwrap_or(&none);
                starts = judge.places(vec![inverse.guess(&target.cells, given, model.device())?])?;
            }
            None if options.start == Start::Network => {
                return Err(ModelError::Unsupported {
                    model: model.name().to_owned(),
                    reason: "has no inverse network for its weights; train one with \
                             `scripts/train_inverse.rhai`, or start at \"random\""
                        .into(),
                });
            }
            None => {}
        }
    }
    if options.start != Start::Network {
        let left = options.starts.max(1).saturating_sub(starts.len());
        starts.extend(random(model, judge, target, options, left)?);
    }
    Ok(starts)
}

/// How many walks begin.
pub(super) fn walks(options: &EncodeOptions) -> usize {
    match options.start {
        Start::Any | Start::Random => options.starts.max(1),
        Start::Network | Start::Latent(_) => 1,
    }
}

/// How many random latents are drawn.
pub(super) fn candidates(options: &EncodeOptions) -> usize {
    match options.start {
        Start::Any | Start::Random => options.candidates.max(options.starts).max(1),
        Start::Network | Start::Latent(_) => 0,
    }
}

/// The `count` best of many random latents, the one that meets the phrase best first; it is there
/// whatever `count` is, so that what is found is never worse.
fn random(
    model: &Model,
    judge: &Judge,
    target: &Target,
    options: &EncodeOptions,
    count: usize,
) -> Result<Vec<Place>, ModelError> {
    let draw = |index| model.latent(options.seed.child("encode", index)).values().to_vec();
    let drawn: Vec<Vec<f32>> = (0..candidates(options) as u64).map(draw).collect();
    let mut places = Vec::with_capacity(drawn.len());
    for part in drawn.chunks(TOGETHER) {
        judge.check()?;
        places.extend(judge.places(part.to_vec())?);
        judge.tell(part.len(), "encoding: random latents");
    }
    places.sort_by(|a, b| b.met.order(&a.met));
    let by_music = count.div_ceil(2).max(1);
    let mut chosen: Vec<Place> = places.drain(..by_music.min(places.len())).collect();
    // A sixteenth of them is judged by the loss.
    let by_loss = count.saturating_sub(chosen.len());
    places.truncate(places.len().div_ceil(16).max(by_loss));
    if by_loss > 0 {
        let values: Vec<Vec<f32>> = places.iter().map(|place| place.values.clone()).collect();
        let losses = judge.in_parts(&values, |part| target.loss(part))?;
        let mut ranked: Vec<(f32, Place)> = losses.into_iter().zip(places).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        chosen.extend(ranked.into_iter().take(by_loss).map(|(_, place)| place));
    }
    Ok(chosen)
}
