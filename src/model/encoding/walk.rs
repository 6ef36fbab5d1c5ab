//! Gradient steps on latents, with the generator standing still.

use super::EncodeOptions;
use super::judge::{Judge, Place};
use crate::model::ModelError;
use crate::model::target::{Slope, Target};

/// After so many steps the place is decoded and judged.
const EVERY: usize = 10;

/// One way from a start.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// The best place that it came by, its start included.
    pub best: Place,
    /// The loss at the start and after every step.
    pub losses: Vec<f32>,
}

/// Gradient steps from each start. The loss leads, but what counts is the music: a walk keeps the place
/// whose music meets the phrase best, of its start, every tenth place and its end.
pub(super) fn walk(
    judge: &Judge,
    target: &Target,
    starts: &[Place],
    options: &EncodeOptions,
) -> Result<Vec<Walk>, ModelError> {
    let start = |place: &Place| Walk { best: place.clone(), losses: Vec::with_capacity(options.steps + 1) };
    let mut walks: Vec<Walk> = starts.iter().map(start).collect();
    let mut at: Vec<Vec<f32>> = starts.iter().map(|place| place.values.clone()).collect();
    let mut adam = Adam::new(at.iter().map(Vec::len).sum());
    for step in 0..=options.steps {
        judge.check()?;
        if step > 0 && (step % EVERY == 0 || step == options.steps) {
            for (walk, place) in walks.iter_mut().zip(judge.places(at.clone())?) {
                walk.best = walk.best.clone().or_better(place);
            }
        }
        if step == options.steps {
            let losses = target.loss(&at)?;
            walks.iter_mut().zip(losses).for_each(|(walk, loss)| walk.losses.push(loss));
            break;
        }
        let Slope { losses, gradient } = target.slope(&at)?;
        let note = format!("encoding: loss {:.0}", losses.iter().copied().fold(f32::INFINITY, f32::min));
        walks.iter_mut().zip(losses).for_each(|(walk, loss)| walk.losses.push(loss));
        let left = 1.0 - 0.9 * step as f64 / options.steps as f64;
        adam.step(options.rate * left, &mut at, &gradient);
        judge.tell(starts.len(), &note);
    }
    Ok(walks)
}

/// Adam (Kingma and Ba 2015) over a few hundred numbers on the host, betas 0.9 and 0.999.
struct Adam {
    time: i32,
    mean: Vec<f64>,
    square: Vec<f64>,
}

impl Adam {
    fn new(size: usize) -> Self {
        Self { time: 0, mean: vec![0.0; size], square: vec![0.0; size] }
    }

    fn step(&mut self, rate: f64, values: &mut [Vec<f32>], gradient: &[f32]) {
        const BETAS: [f64; 2] = [0.9, 0.999];
        self.time += 1;
        let [mean_bias, square_bias] = BETAS.map(|beta| 1.0 - beta.powi(self.time));
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((value, slope), (mean, square)) in values.iter_mut().flatten().zip(gradient).zip(moments) {
            let slope = f64::from(*slope);
            *mean += (1.0 - BETAS[0]) * (slope - *mean);
            *square += (1.0 - BETAS[1]) * (slope * slope - *square);
            let step = *mean / mean_bias / ((*square / square_bias).sqrt() + 1e-8);
            *value = (f64::from(*value) - rate * step) as f32;
        }
    }
}
