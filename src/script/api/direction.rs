//! `g.direction(…)`: where in a model's space the music gets denser, higher, busier.

use rhai::plugin::*;
use rhai::{FnPtr, Map};

use super::latent::seed_or;
use super::model::lift;
use crate::model::{DecodeOptions, Latent, Model};
use crate::music::Multitrack;
use crate::script::Context;
use crate::script::options::{Fallible, Options, number, refuse};

/// Fits the direction in which what `measure` gives rises; samples without a value are passed over.
fn fit(
    context: &NativeCallContext,
    model: &Model,
    options: Map,
    measure: impl Fn(Multitrack) -> Fallible<Option<f64>>,
) -> Fallible<Latent> {
    let settings = Context::of(context);
    let mut options = Options::new("direction", options);
    let samples = options.count("samples", 3..=1_000_000)?.unwrap_or(500);
    let parts = options.texts("parts")?.unwrap_or_default();
    let seed = seed_or(context, &mut options)?;
    options.finish()?;
    let drawn: Vec<Latent> =
        (0..samples as u64).map(|index| model.latent(seed.child("direction", index))).collect();
    let songs = lift(model.decode(&drawn, &DecodeOptions::default(), &settings.cancel))?;
    let (mut latents, mut values) = (Vec::new(), Vec::new());
    for (latent, song) in drawn.into_iter().zip(songs) {
        if let Some(value) = measure(song)? {
            latents.push(latent);
            values.push(value);
        }
    }
    lift(crate::model::direction(&latents, &values, &parts))
}

/// Directions.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod directions {
    /// The direction in which a quality of the model's music rises fastest, fitted by linear regression on
    /// `samples` (500) latents drawn from `seed`: a latent of length 1, one standard deviation along it,
    /// to be added to others. The quality is a measure's path ("piano.notes", "mix.polyphonic_rate"), a
    /// track's "piano.pitch" or "drums.off_beat_rate", or "denser", "higher", "fuller", "busier"
    /// (drums), "syncopated". Option `parts`: only these parts are moved.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let busier = g.direction("busier", #{ samples: 40, seed: 5, parts: ["z_i.drums", "z_it.drums"] });
    /// assert_near(busier.norm(), 1, 0.001);
    /// let z = g.latent(#{ seed: 1 }) + busier * 2;
    /// ```
    #[rhai_fn(name = "direction", pure, return_raw)]
    pub fn direction(
        context: NativeCallContext,
        model: &mut Model,
        quality: &str,
        options: Map,
    ) -> Fallible<Latent> {
        fit(&context, model, options, |song| super::super::lift(crate::metrics::quality(&song, quality)))
    }

    /// The same for a quality of one's own: a function from a song to a number, or to `()` where it is
    /// undefined.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let livelier = g.direction(|song| song.metrics().bass.notes, #{ samples: 40, seed: 5 });
    /// assert_eq(livelier.parts, g.latent(#{ seed: 1 }).parts);
    /// ```
    #[rhai_fn(name = "direction", pure, return_raw)]
    pub fn direction_of(
        context: NativeCallContext,
        model: &mut Model,
        measure: FnPtr,
        options: Map,
    ) -> Fallible<Latent> {
        fit(&context, model, options, |song| {
            let value: Dynamic = measure.call_within_context(&context, (song,))?;
            if value.is_unit() {
                return Ok(None);
            }
            let measured = number("the quality", &value)?;
            if measured.is_finite() { Ok(Some(measured)) } else { Err(refuse("the quality is not a number")) }
        })
    }
}
