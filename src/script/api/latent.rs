//! `latent::` and what a latent can do: a point in a model's space of music, part by part.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Map};

use super::{Names, Number, lift};
use crate::base::Seed;
use crate::model::{Latent, LatentLayout};
use crate::script::Context;
use crate::script::options::{Fallible, Options, number, refuse, texts};

/// The seed that the options name; without one, the host's own.
pub(super) fn seed_or(context: &NativeCallContext, options: &mut Options) -> Fallible<Seed> {
    let settings = Context::of(context);
    let named = options.seed("seed")?.inspect(|seed| settings.ledger.seeded(seed.0));
    Ok(named.unwrap_or(settings.seed))
}

/// Latents without a model.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod latent {
    /// Standard normal numbers in one part `z`, for trying things out without a model; options: `size`
    /// (128), `seed`.
    ///
    /// ```rhai
    /// let z = latent::normal(#{ size: 128, seed: 1 });
    /// assert_eq(z, latent::normal(#{ size: 128, seed: 1 }));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn normal(context: NativeCallContext, options: Map) -> Fallible<Latent> {
        let mut options = Options::new("latent::normal", options);
        let size = options.count("size", 1..=1_000_000)?.unwrap_or(128);
        let seed = seed_or(&context, &mut options)?;
        options.finish()?;
        Ok(Latent::draw(&Arc::new(LatentLayout::single(size)), seed))
    }

    /// The latent in a file that `save` wrote.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let z = g.latent(#{ seed: 11 }).vary(#{ amount: 0.3, seed: 2 });
    /// z.save("found.safetensors");
    /// assert_error(|| latent::load("no-such.safetensors"), "no-such.safetensors");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load(context: NativeCallContext, path: &str) -> Fallible<Latent> {
        lift(Latent::load(&Context::of(&context).input_path(path).map_err(refuse)?))
    }
}

/// What a latent can do.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod latents {
    /// The latent with the named parts drawn anew: one path such as "z_i.drums", or an array of paths;
    /// "z_i" alone means those of all tracks. Option: `seed`.
    ///
    /// ```rhai
    /// let z = latent::normal(#{ seed: 1 });
    /// assert(z.redraw("z", #{ seed: 2 }) != z);
    /// assert_eq(z.redraw([], #{ seed: 2 }), z);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn redraw(
        context: NativeCallContext,
        latent: &mut Latent,
        parts: Names,
        options: Map,
    ) -> Fallible<Latent> {
        let mut options = Options::new("redraw", options);
        let seed = seed_or(&context, &mut options)?;
        options.finish()?;
        lift(latent.redraw(&texts("parts", &parts)?, seed))
    }

    /// A neighbour of the latent: its parts turned towards fresh ones by `amount` (0 to 1, 0.2) of a right
    /// angle, their lengths kept. Options: `amount`, `parts` (a path or an array of paths; all), `seed`.
    ///
    /// ```rhai
    /// let z = latent::normal(#{ seed: 1 });
    /// let near = z.vary(#{ amount: 0.1, seed: 2 });
    /// assert_near(near.norm(), z.norm(), 0.001);
    /// assert(near.distance(z) < z.vary(#{ amount: 0.5, seed: 2 }).distance(z));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn vary(context: NativeCallContext, latent: &mut Latent, options: Map) -> Fallible<Latent> {
        let mut options = Options::new("vary", options);
        let amount = options.float("amount", 0.0..=1.0)?.unwrap_or(0.2);
        let parts = options.texts("parts")?.unwrap_or_default();
        let seed = seed_or(&context, &mut options)?;
        options.finish()?;
        lift(latent.vary(amount, &parts, seed))
    }

    /// The latent with the named parts taken from another of the same model.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// let b = latent::normal(#{ seed: 2 });
    /// assert_eq(a.take("z", b).part("z"), b.part("z"));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn take(latent: &mut Latent, parts: Names, other: Latent) -> Fallible<Latent> {
        lift(latent.take(&texts("parts", &parts)?, &other))
    }

    /// The straight line from this latent (t = 0) to another (t = 1), with exact ends.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// let b = latent::normal(#{ seed: 2 });
    /// assert_eq(a.lerp(b, 0), a);
    /// assert_eq(a.lerp(b, 1), b);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn lerp(latent: &mut Latent, other: Latent, t: Number) -> Fallible<Latent> {
        lift(latent.lerp(&other, number("t", &t)?))
    }

    /// The great circle from this latent (t = 0) to another (t = 1), part by part: unlike the straight
    /// line it keeps to lengths that the model knows.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// let b = latent::normal(#{ seed: 2 });
    /// assert(a.slerp(b, 0.5).norm() > a.lerp(b, 0.5).norm());
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn slerp(latent: &mut Latent, other: Latent, t: Number) -> Fallible<Latent> {
        lift(latent.slerp(&other, number("t", &t)?))
    }

    /// Writes the latent as .safetensors, a tensor for each part, exactly; `latent::load` reads it, and
    /// other programs do too.
    ///
    /// ```rhai
    /// latent::normal(#{ seed: 1 }).save("one.safetensors");
    /// assert_error(|| latent::normal(#{ seed: 1 }).save("one.mid"), ".safetensors");
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn save(context: NativeCallContext, latent: &mut Latent, path: &str) -> Fallible<()> {
        let settings = Context::of(&context);
        let file = settings.output_path(path).map_err(refuse)?;
        lift(latent.save(&file, Some(&settings.stamp())))?;
        settings.note(&format!("wrote {} ({})", file.display(), latent.layout()));
        Ok(())
    }

    /// Euclidean length.
    ///
    /// ```rhai
    /// let z = latent::normal(#{ seed: 1 });
    /// assert_near((z * 2).norm(), z.norm() * 2, 0.001);
    /// ```
    #[rhai_fn(pure)]
    pub fn norm(latent: &mut Latent) -> f64 {
        latent.norm()
    }

    /// Euclidean distance to another latent.
    ///
    /// ```rhai
    /// let z = latent::normal(#{ seed: 1 });
    /// assert_eq(z.distance(z), 0.0);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn distance(latent: &mut Latent, other: Latent) -> Fallible<f64> {
        lift(latent.distance(&other))
    }

    /// The numbers of a part.
    ///
    /// ```rhai
    /// assert_eq(latent::normal(#{ size: 8 }).part("z").len(), 8);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn part(latent: &mut Latent, path: &str) -> Fallible<Array> {
        let values = lift(latent.part(path))?;
        Ok(values.into_iter().map(|value| Dynamic::from(f64::from(value))).collect())
    }

    /// The paths of the parts, in order.
    ///
    /// ```rhai
    /// assert_eq(latent::normal(#{}).parts, ["z"]);
    /// ```
    #[rhai_fn(get = "parts", pure)]
    pub fn parts(latent: &mut Latent) -> Array {
        latent.layout().parts().iter().map(|part| Dynamic::from(part.path.to_string())).collect()
    }

    /// How many numbers it has.
    ///
    /// ```rhai
    /// assert_eq(latent::normal(#{ size: 8 }).size, 8);
    /// ```
    #[rhai_fn(get = "size", pure)]
    pub fn size(latent: &mut Latent) -> i64 {
        latent.values().len() as i64
    }

    /// The first 16 hex digits of the SHA-256 of its numbers: equal latents, equal digests.
    ///
    /// ```rhai
    /// assert_eq(latent::normal(#{ seed: 1 }).digest, latent::normal(#{ seed: 1 }).digest);
    /// ```
    #[rhai_fn(get = "digest", pure)]
    pub fn digest(latent: &mut Latent) -> String {
        latent.digest()
    }

    /// The sum, number by number.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// let b = latent::normal(#{ seed: 2 });
    /// assert_near((a + (b - a)).distance(b), 0, 0.001);
    /// ```
    #[rhai_fn(name = "+", pure, return_raw)]
    pub fn add(latent: &mut Latent, other: Latent) -> Fallible<Latent> {
        lift(latent.zip(&other, |a, b| a + b))
    }

    /// The difference, number by number: a direction.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// assert_eq((a - a).norm(), 0.0);
    /// ```
    #[rhai_fn(name = "-", pure, return_raw)]
    pub fn subtract(latent: &mut Latent, other: Latent) -> Fallible<Latent> {
        lift(latent.zip(&other, |a, b| a - b))
    }

    /// Every number times a factor.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// assert_eq(a * 2, a + a);
    /// ```
    #[rhai_fn(name = "*", pure)]
    pub fn times_float(latent: &mut Latent, factor: f64) -> Latent {
        latent.map(|value| (f64::from(value) * factor) as f32)
    }

    /// Every number times a whole factor.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// assert_eq(a * 1, a);
    /// ```
    #[rhai_fn(name = "*", pure)]
    pub fn times_int(latent: &mut Latent, factor: i64) -> Latent {
        times_float(latent, factor as f64)
    }

    /// A factor times every number.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// assert_eq(0.5 * a, a * 0.5);
    /// ```
    #[rhai_fn(name = "*")]
    pub fn float_times(factor: f64, mut latent: Latent) -> Latent {
        times_float(&mut latent, factor)
    }

    /// A whole factor times every number.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// assert_eq(2 * a, a * 2);
    /// ```
    #[rhai_fn(name = "*")]
    pub fn int_times(factor: i64, mut latent: Latent) -> Latent {
        times_int(&mut latent, factor)
    }

    /// Every number divided.
    ///
    /// ```rhai
    /// let a = latent::normal(#{ seed: 1 });
    /// assert_eq(a / 2, a * 0.5);
    /// ```
    #[rhai_fn(name = "/", pure, return_raw)]
    pub fn divide(latent: &mut Latent, divisor: Number) -> Fallible<Latent> {
        Ok(times_float(latent, 1.0 / number("divisor", &divisor)?))
    }

    /// Whether both hold the same numbers.
    ///
    /// ```rhai
    /// assert(latent::normal(#{ seed: 1 }) == latent::normal(#{ seed: 1 }));
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn equals(latent: &mut Latent, other: Latent) -> bool {
        latent.values() == other.values()
    }

    /// Whether some number differs.
    ///
    /// ```rhai
    /// assert(latent::normal(#{ seed: 1 }) != latent::normal(#{ seed: 2 }));
    /// ```
    #[rhai_fn(name = "!=", pure)]
    pub fn differs(latent: &mut Latent, other: Latent) -> bool {
        latent.values() != other.values()
    }
}
