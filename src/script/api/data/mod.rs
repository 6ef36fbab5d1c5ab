//! `data::` and `Dataset`: sets of real phrases.

mod choose;
mod hold;
mod look;
mod vary;

use std::path::PathBuf;

pub(super) use choose::choosing;
pub(super) use hold::{holding, iterate};
pub(super) use look::looking;
use rhai::plugin::*;
use rhai::{Array, Map};
pub(super) use vary::varying;

use super::latent::seed_or;
use super::{lift, songs};
use crate::base::Seed;
use crate::data::{Dataset, LoadOptions, shuffle_tracks};
use crate::music::Multitrack;
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};

/// Most phrases that a script may hold at once as music.
const MOST: usize = 100_000;

fn all(songs: Vec<Multitrack>) -> Array {
    songs.into_iter().map(Dynamic::from).collect()
}

/// The set in `file`, as `songs`, `split`, `exclude_sets`, `memory` and `cache` choose.
fn read(context: &NativeCallContext, file: &str, options: &mut Options) -> Fallible<Dataset> {
    let settings = Context::of(context);
    let path = &*settings.input_path(file).map_err(refuse)?;
    let songs = path.with_extension("songs.tsv");
    if songs.exists() {
        settings.input_path(songs).map_err(refuse)?;
    }
    let mut load = LoadOptions::default();
    if let Some(gigabytes) = options.float("memory", 0.0..=1e6)? {
        load.memory = (gigabytes * 1e9) as u64;
    }
    let beside = path.with_extension("packed.npz").file_name().map(PathBuf::from);
    load.cache = match (options.text("cache")?, beside) {
        (Some(cache), _) => Some(settings.output_path(&cache).map_err(refuse)?),
        (None, Some(name)) if settings.sandbox.is_some() => {
            Some(settings.output_path(&name.to_string_lossy()).map_err(refuse)?)
        }
        _ => None,
    };
    let set = lift(Dataset::load_with(path, &load))?.watching(&settings.cancel);
    let (table, split) = (options.text("songs")?, options.text("split")?);
    let without = options.texts("exclude_sets")?;
    let Some(table) = table else {
        return match split.is_some() || without.is_some() {
            true if !set.has_info() => {
                Err(refuse("`split` and `exclude_sets` need `songs`: the table that says of them"))
            }
            true => chosen(&set, split, &without.unwrap_or_default()),
            false => Ok(set),
        };
    };
    let split = split.ok_or_else(|| refuse("`songs` needs `split`: the one that the file's phrases have"))?;
    Ok(lift(set.with_songs(&settings.input_path(table).map_err(refuse)?, &split))?
        .without_sets(&without.unwrap_or_default()))
}

/// Of a set whose table lies beside it, one part of the split without some sets.
fn chosen(set: &Dataset, split: Option<String>, without: &[String]) -> Fallible<Dataset> {
    let wanted = crate::data::Wanted { splits: split.into_iter().collect(), ..Default::default() };
    Ok(lift(set.only(&wanted))?.without_sets(without))
}

/// Phrases of a set, as `count`, `seed` and `given` choose.
fn drawn(context: &NativeCallContext, set: &Dataset, options: &mut Options) -> Fallible<Array> {
    let count = options.count("count", 1..=MOST)?.unwrap_or(MOST);
    let seed = seed_or(context, options)?;
    let given = options.texts("given")?.unwrap_or_default();
    let names = set.layout().track_names();
    for name in &given {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(refuse(crate::music::MusicError::track(name, &names)));
        }
    }
    Ok(all(lift(set.draw(&given, count, seed))?))
}

/// Loading sets.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod data {
    /// The phrases of a training array (.npz or .npy), one bit a cell: 10 kB for the usual phrase. A song
    /// table beside it (`NAME.songs.tsv`, which `save` writes) is taken up.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set.len, 256);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load(context: NativeCallContext, file: &str) -> Fallible<Dataset> {
        read(&context, file, &mut Options::new("data::load", Map::new()))
    }

    /// The same with options: `songs` (a song table: tab-separated, with the columns split, phrase, set and
    /// song), `split` (the one that the file's phrases have in it), `exclude_sets` (sets to leave out),
    /// `memory` (gigabytes that the phrases may take, 4.3; a larger set is laid out in a file once and read
    /// from there as phrases are asked for), `cache` (the name of that file).
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz", #{ memory: 0.001, cache: "tour.packed.npz" });
    /// assert_eq(set[0].bar_count, 4);
    /// assert(set.is_streamed);
    /// ```
    #[rhai_fn(name = "load", return_raw)]
    pub fn load_with(context: NativeCallContext, file: &str, options: Map) -> Fallible<Dataset> {
        let mut options = Options::new("data::load", options);
        let set = read(&context, file, &mut options)?;
        options.finish()?;
        Ok(set)
    }

    /// Phrases of a training array as an array of pieces, drawn without replacement. Options: `count`
    /// (all), `seed`, `given` (tracks: only phrases in which they sound), and those of `load`.
    ///
    /// ```rhai
    /// let songs = data::phrases("examples/data/tour_256.npz", #{ count: 8, seed: 1, given: "piano" });
    /// assert_eq(songs.len(), 8);
    /// assert(songs.all(|song| !song.piano.is_silent));
    /// ```
    #[rhai_fn(name = "phrases", return_raw)]
    pub fn phrases(context: NativeCallContext, file: &str, options: Map) -> Fallible<Array> {
        let mut options = Options::new("data::phrases", options);
        let set = read(&context, file, &mut options)?;
        let songs = drawn(&context, &set, &mut options)?;
        options.finish()?;
        Ok(songs)
    }

    /// The pieces with each track handed round among them, every track in an order of its own: what is
    /// played stays, what is played together does not.
    ///
    /// ```rhai
    /// let songs = data::phrases("examples/data/tour_256.npz", #{ count: 8, seed: 1 });
    /// let mixed = data::shuffled_tracks(songs, 1);
    /// assert_eq(mixed.metrics().bass.notes, songs.metrics().bass.notes);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn shuffled_tracks(pieces: Array, seed: i64) -> Fallible<Array> {
        let pieces = songs("shuffled_tracks", &pieces)?;
        Ok(all(shuffle_tracks(&pieces, Seed(seed.cast_unsigned()))))
    }
}
