//! `model::` and what a model can do: draw, decode, accompany.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::latent::seed_or;
use super::{Sheet, Songs, Track};
use crate::base::Seed;
use crate::model::{
    Binarization, DecodeOptions, DeviceName, Latent, Library, Model, ModelError, Opened, Training,
};
use crate::music::{Multitrack, Tempo};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse, stopped};
use crate::script::types::plain_name;

/// A model's error; one that only says "stopped" ends the script for good.
pub(super) fn lift<T>(result: Result<T, ModelError>) -> Fallible<T> {
    result.map_err(|error| match error {
        ModelError::Stopped => stopped(),
        other => refuse(other),
    })
}

/// Where models are found by name.
pub(in crate::script) fn library(context: &Context) -> Library {
    let folders = context.models.iter().cloned().chain(["models".into()]);
    Library { folders: folders.collect() }
}

/// How cells are decided, from `threshold`, `temperature` and `tempo`; draws follow `seed`.
pub(super) fn decoding(options: &mut Options, seed: Seed) -> Fallible<DecodeOptions> {
    let threshold = options.value("threshold");
    let temperature = options.float("temperature", 0.01..=100.0)?;
    let tempo = options.float("tempo", 1.0..=2000.0)?;
    let name = threshold.as_ref().and_then(|value| value.clone().into_string().ok());
    let binarization = match (threshold, name.as_deref()) {
        (None, _) if temperature.is_none() => Binarization::AsTrained,
        (_, Some("calibrated")) => Binarization::Calibrated,
        (None, _) | (_, Some("bernoulli")) => Binarization::Bernoulli {
            temperature: temperature.unwrap_or(1.0),
            seed: seed.child("bernoulli", 0),
        },
        (_, Some(other)) => {
            return Err(refuse(format!(
                "`threshold` is a number in 0..=1, \"calibrated\" or \"bernoulli\", got \"{other}\""
            )));
        }
        (Some(value), None) => {
            let threshold = crate::script::options::number("threshold", &value)?;
            if !(0.0..=1.0).contains(&threshold) {
                return Err(refuse(format!("`threshold` must lie in 0..=1, got {threshold}")));
            }
            Binarization::Threshold(threshold)
        }
    };
    if temperature.is_some() && !matches!(binarization, Binarization::Bernoulli { .. }) {
        return Err(refuse("`temperature` goes with `threshold: \"bernoulli\"` only"));
    }
    let tempo = tempo.map(Tempo::new).transpose().map_err(refuse)?;
    Ok(DecodeOptions { binarization, tempo })
}

/// The latents that `seed` and `count` name: the seed's own, then those of the seeds that follow from it.
fn draw(
    settings: &Context,
    model: &Model,
    seed: Seed,
    count: usize,
    truncate: Option<f64>,
) -> Fallible<Vec<Latent>> {
    let seeds = (0..count as u64).map(|index| if index == 0 { seed } else { seed.child("generate", index) });
    let bound = truncate.unwrap_or(f64::INFINITY);
    let latent = |seed| match settings.cancel.is_raised() {
        true => Err(stopped()),
        false => Ok(Latent::draw_truncated(model.layout(), seed, bound)),
    };
    seeds.map(latent).collect()
}

/// One piece for one latent, an array for a count.
fn one_or_all(mut songs: Vec<Multitrack>, count: Option<usize>) -> Dynamic {
    match (count, songs.pop()) {
        (None, Some(song)) => Dynamic::from(song),
        (_, last) => songs.into_iter().chain(last).map(Dynamic::from).collect::<Array>().into(),
    }
}

/// The latents of an array.
fn latents(items: &[Dynamic]) -> Fallible<Vec<Latent>> {
    let latent = |(index, item): (usize, &Dynamic)| {
        let kind = plain_name(item.type_name());
        let wrong = || refuse(format!("`decode` takes latents, item {index} is a {kind}"));
        item.clone().try_cast::<Latent>().ok_or_else(wrong)
    };
    items.iter().enumerate().map(latent).collect()
}

fn decode_all(
    context: &NativeCallContext,
    model: &Model,
    latents: &[Latent],
    options: Map,
) -> Fallible<Vec<Multitrack>> {
    let settings = Context::of(context);
    let mut options = Options::new("decode", options);
    let seed = seed_or(context, &mut options)?;
    let decoding = decoding(&mut options, seed)?;
    options.finish()?;
    lift(model.decode(latents, &decoding, &settings.cancel))
}

fn answer(context: &NativeCallContext, model: &Model, given: &Multitrack, options: Map) -> Fallible<Dynamic> {
    let settings = Context::of(context);
    let mut options = Options::new("accompany", options);
    let seed = seed_or(context, &mut options)?;
    let count = options.count("count", 1..=100_000)?;
    let latent = options.value("latent");
    let decoding = decoding(&mut options, seed)?;
    options.finish()?;
    let latents = match latent {
        Some(latent) => latents(&[latent])?,
        None => draw(&settings, model, seed, count.unwrap_or(1), None)?,
    };
    let songs = lift(model.accompany(given, &latents, &decoding, &settings.cancel))?;
    Ok(one_or_all(songs, count))
}

/// The library, and the path by which it finds the model that a script calls `name`.
///
/// # Errors
/// That the sandbox keeps the model's folder from the script.
pub(super) fn allowed(settings: &Context, name: &str) -> Result<(Library, String), String> {
    let (library, path) = (library(settings), settings.model_path(name));
    if let Some(folder) = library.folder_of(&path) {
        settings.check_read(&folder)?;
    }
    Ok((library, path))
}

/// The model of that name, on the host's device.
pub(super) fn load(context: &NativeCallContext, name: &str) -> Fallible<Model> {
    load_in(&Context::of(context), name)
}

/// The same by a host's settings.
pub(super) fn load_in(settings: &Context, name: &str) -> Fallible<Model> {
    let asked: DeviceName = lift(settings.device.parse())?;
    let Opened { device, is_cpu, remark } = lift(asked.open())?;
    if let Some(remark) = remark {
        settings.note(&remark);
    }
    let (library, path) = allowed(settings, name).map_err(refuse)?;
    let load = || library.load(&path, &device, is_cpu);
    let model = match &settings.loaded {
        Some(loaded) => loaded.get(&library, &path, &settings.device, load),
        None => load(),
    };
    let model = lift(model)?;
    for file in library.files_beside(&path) {
        settings.input_path(file).map_err(refuse)?;
    }
    settings.ledger.loaded(name, model.hash(), &asked.used(is_cpu).to_string());
    Ok(model)
}

/// Loading models.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod models {
    /// The model of that name, or in that folder: from `--models`, from `./models`, or from inside the
    /// program.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// print(g);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load(context: NativeCallContext, name: &str) -> Fallible<Model> {
        super::load(&context, name)
    }

    /// Whether there is a model of that name, or in that folder.
    ///
    /// ```rhai
    /// assert(model::has("hybrid") && !model::has("study/of-tomorrow"));
    /// ```
    pub fn has(context: NativeCallContext, name: &str) -> bool {
        allowed(&Context::of(&context), name).is_ok_and(|(library, path)| library.has(&path))
    }

    /// Names of all models that can be loaded, without those that only their folder's path leads to.
    ///
    /// ```rhai
    /// assert("hybrid" in model::names());
    /// ```
    pub fn names(context: NativeCallContext) -> Array {
        let list = library(&Context::of(&context)).list();
        list.into_iter().map(|listing| Dynamic::from(listing.name)).collect()
    }
}

/// What a model can do.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod playing {
    /// Draws a latent and decodes it: one phrase of four bars. Options: `seed`; `count` (then an array of
    /// so many phrases); `threshold`, "calibrated" (as dense as real music), a number in 0..=1, or
    /// "bernoulli" (each cell on with its probability), and without it as the model was trained: through
    /// its binary neurons where it has some, otherwise calibrated; `temperature` of "bernoulli" (1); `truncate`, which
    /// redraws numbers of the latent until they lie within this bound; `tempo`.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let song = g.generate(#{ seed: 7 });
    /// assert_eq(song.bar_count, 4);
    /// assert_eq(song, g.generate(#{ seed: 7 }));
    /// ```
    #[rhai_fn(name = "generate", pure, return_raw)]
    pub fn generate(context: NativeCallContext, model: &mut Model, options: Map) -> Fallible<Songs> {
        let settings = Context::of(&context);
        let mut options = Options::new("generate", options);
        let seed = seed_or(&context, &mut options)?;
        let count = options.count("count", 1..=100_000)?;
        let truncate = options.float("truncate", 0.1..=100.0)?;
        let decoding = decoding(&mut options, seed)?;
        options.finish()?;
        let latents = draw(&settings, model, seed, count.unwrap_or(1), truncate)?;
        let songs = lift(model.decode(&latents, &decoding, &settings.cancel))?;
        Ok(one_or_all(songs, count))
    }

    /// One phrase at the seed of the run (`--seed`).
    ///
    /// ```rhai
    /// assert_eq(model::load("hybrid").generate().bar_count, 4);
    /// ```
    #[rhai_fn(name = "generate", pure, return_raw)]
    pub fn generate_plain(context: NativeCallContext, model: &mut Model) -> Fallible<Songs> {
        generate(context, model, Map::new())
    }

    /// A point in the model's space: standard normal numbers from `seed`.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let z = g.latent(#{ seed: 7 });
    /// assert_eq(g.decode(z), g.generate(#{ seed: 7 }));
    /// ```
    #[rhai_fn(name = "latent", pure, return_raw)]
    pub fn latent(context: NativeCallContext, model: &mut Model, options: Map) -> Fallible<Latent> {
        let mut options = Options::new("latent", options);
        let seed = seed_or(&context, &mut options)?;
        let truncate = options.float("truncate", 0.1..=100.0)?;
        options.finish()?;
        Ok(match truncate {
            Some(bound) => Latent::draw_truncated(model.layout(), seed, bound),
            None => model.latent(seed),
        })
    }

    /// The phrase at a latent.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let z = g.latent(#{ seed: 1 });
    /// assert_eq(g.decode(z), g.decode(z));
    /// ```
    #[rhai_fn(name = "decode", pure, return_raw)]
    pub fn decode(context: NativeCallContext, model: &mut Model, latent: Latent) -> Fallible<Multitrack> {
        decode_with(context, model, latent, Map::new())
    }

    /// The same with options: `threshold`, `temperature`, `tempo`, and `seed` of what is drawn.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let z = g.latent(#{ seed: 1 });
    /// assert_eq(g.decode(z, #{ tempo: 90 }).tempo, 90.0);
    /// ```
    #[rhai_fn(name = "decode", pure, return_raw)]
    pub fn decode_with(
        context: NativeCallContext,
        model: &mut Model,
        latent: Latent,
        options: Map,
    ) -> Fallible<Multitrack> {
        let songs = decode_all(&context, model, &[latent], options)?;
        songs.into_iter().next().ok_or_else(|| refuse("the model decoded nothing"))
    }

    /// The phrases at an array of latents.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let walk = interp::line(g.latent(#{ seed: 1 }), g.latent(#{ seed: 2 }), #{ steps: 3 });
    /// assert_eq(g.decode(walk).concat().bar_count, 12);
    /// ```
    #[rhai_fn(name = "decode", pure, return_raw)]
    pub fn decode_array(context: NativeCallContext, model: &mut Model, latents: Array) -> Fallible<Array> {
        decode_array_with(context, model, latents, Map::new())
    }

    /// The same with options.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let songs = g.decode([g.latent(#{ seed: 1 })], #{ threshold: 0.5 });
    /// assert_eq(songs.len(), 1);
    /// ```
    #[rhai_fn(name = "decode", pure, return_raw)]
    pub fn decode_array_with(
        context: NativeCallContext,
        model: &mut Model,
        latents: Array,
        options: Map,
    ) -> Fallible<Array> {
        let songs = decode_all(&context, model, &super::latents(&latents)?, options)?;
        Ok(songs.into_iter().map(Dynamic::from).collect())
    }

    /// The sheet of phrases at a sheet of latents.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// let corners = seeds(3).map(|s| g.latent(#{ seed: s }));
    /// let s = g.decode(interp::sheet(corners[0], corners[1], corners[2], #{ rows: 2, cols: 2 }));
    /// assert_eq(s.at(0, 0), g.decode(corners[0]));
    /// ```
    #[rhai_fn(name = "decode", pure, return_raw)]
    pub fn decode_sheet(context: NativeCallContext, model: &mut Model, sheet: Sheet) -> Fallible<Sheet> {
        let songs = decode_all(&context, model, &super::latents(sheet.cells())?, Map::new())?;
        Ok(sheet.with_cells(songs.into_iter().map(Dynamic::from).collect()))
    }

    /// The other tracks around the given piece of one to four bars, whose own tracks come back
    /// untouched. Options as for `generate`, and `latent` instead of `seed`.
    ///
    /// ```rhai
    /// let g = model::load("accompany");
    /// let bass = music::line("bass", "C2 - C2 G2 | A1 - A1 E2 | F1 - F1 C2 | G1 - G1 D2");
    /// let song = g.accompany(bass.to_song(), #{ seed: 3 });
    /// assert_eq(song.bass, bass);
    /// ```
    #[rhai_fn(name = "accompany", pure, return_raw)]
    pub fn accompany(
        context: NativeCallContext,
        model: &mut Model,
        given: Multitrack,
        options: Map,
    ) -> Fallible<Songs> {
        answer(&context, model, &given, options)
    }

    /// The other tracks around one given track.
    ///
    /// ```rhai
    /// let g = model::load("accompany");
    /// let bass = music::line("bass", "C2 - C2 G2 | A1 - A1 E2 | F1 - F1 C2 | G1 - G1 D2");
    /// let takes = g.accompany(bass, #{ seed: 3, count: 2 });
    /// assert_eq(takes.len(), 2);
    /// ```
    #[rhai_fn(name = "accompany", pure, return_raw)]
    pub fn accompany_track(
        context: NativeCallContext,
        model: &mut Model,
        given: Track,
        options: Map,
    ) -> Fallible<Songs> {
        answer(&context, model, given.piece(), options)
    }

    /// Writes the model into a folder of its own, which `model::load` reads: weights, description, and the
    /// network that encodes, if it has one. Its hash is the same there.
    ///
    /// ```rhai
    /// let g = model::load("hybrid");
    /// g.save("kept-hybrid");
    /// ```
    #[rhai_fn(name = "save", pure, return_raw)]
    pub fn save(context: NativeCallContext, model: &mut Model, folder: &str) -> Fallible<()> {
        let settings = Context::of(&context);
        let place = settings.output_path(folder).map_err(refuse)?;
        lift(model.save(&place))?;
        settings.note(&format!("wrote {} (model {} {})", place.display(), model.name(), model.hash()));
        Ok(())
    }

    /// The model's name.
    ///
    /// ```rhai
    /// print(model::load("hybrid").name);
    /// ```
    #[rhai_fn(get = "name", pure)]
    pub fn name(model: &mut Model) -> String {
        model.name().to_owned()
    }

    /// The first 12 hex digits of the SHA-256 of its weights.
    ///
    /// ```rhai
    /// assert_eq(model::load("hybrid").hash.len(), 12);
    /// ```
    #[rhai_fn(get = "hash", pure)]
    pub fn hash(model: &mut Model) -> String {
        model.hash().to_owned()
    }

    /// Number of trained numbers.
    ///
    /// ```rhai
    /// assert(model::load("hybrid").parameters > 100_000);
    /// ```
    #[rhai_fn(get = "parameters", pure)]
    pub fn parameters(model: &mut Model) -> i64 {
        model.parameter_count() as i64
    }

    /// How it was trained: a map of `steps`, `batch_size` (phrases in a step), `phrases` (that it learnt
    /// from) and `seed`. Steps that the weights it started from had taken before are not among them.
    ///
    /// ```rhai
    /// assert(model::load("hybrid").training.steps > 10_000);
    /// ```
    #[rhai_fn(get = "training", pure)]
    pub fn training(model: &mut Model) -> Map {
        let Training { steps, batch_size, phrases, seed } = *model.training();
        let seed = Dynamic::from(seed.cast_signed());
        let count = |number: u64| Dynamic::from(i64::try_from(number).unwrap_or(i64::MAX));
        let counts = [("steps", steps), ("batch_size", batch_size as u64), ("phrases", phrases as u64)];
        let counts = counts.map(|(name, number)| (name, count(number)));
        counts.into_iter().chain([("seed", seed)]).map(|(name, value)| (name.into(), value)).collect()
    }

    /// Whether it answers to given tracks.
    ///
    /// ```rhai
    /// assert(model::load("accompany").accompanies);
    /// assert(!model::load("hybrid").accompanies);
    /// ```
    #[rhai_fn(get = "accompanies", pure)]
    pub fn accompanies(model: &mut Model) -> bool {
        model.accompanies()
    }
}
