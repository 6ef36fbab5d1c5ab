//! `data::` and `Dataset`: sets of real phrases.

use std::path::Path;

use rhai::plugin::*;
use rhai::{Array, Map};

use super::latent::seed_or;
use super::{lift, songs};
use crate::base::Seed;
use crate::data::{Dataset, shuffle_tracks};
use crate::music::{Family, Multitrack};
use crate::script::options::{Fallible, Options, refuse};

/// Most phrases that a script may hold at once as music.
const MOST: usize = 100_000;

fn all(songs: Vec<Multitrack>) -> Array {
    songs.into_iter().map(Dynamic::from).collect()
}

/// The set in `file`, as `songs`, `split` and `exclude_sets` choose.
fn read(file: &str, options: &mut Options) -> Fallible<Dataset> {
    let set = lift(Dataset::load(Path::new(file)))?;
    let (table, split) = (options.text("songs")?, options.text("split")?);
    let without = options.texts("exclude_sets")?;
    let Some(table) = table else {
        return match split.is_some() || without.is_some() {
            true => Err(refuse("`split` and `exclude_sets` need `songs`: the table that says of them")),
            false => Ok(set),
        };
    };
    let split = split.ok_or_else(|| refuse("`songs` needs `split`: the one that the file's phrases have"))?;
    Ok(lift(set.with_songs(Path::new(&table), &split))?.without_sets(&without.unwrap_or_default()))
}

/// Phrases of a set, as `count`, `seed` and `given` choose.
fn drawn(context: &NativeCallContext, set: &Dataset, options: &mut Options) -> Fallible<Array> {
    let count = options.count("count", 1..=MOST)?.unwrap_or(MOST);
    let seed = seed_or(context, options)?;
    let given = options.texts("given")?.unwrap_or_default();
    for name in &given {
        lift(Family::from_name(name))?;
    }
    Ok(all(set.draw(&given, count, seed)))
}

/// Loading sets.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod data {
    /// The phrases of a training array (.npz).
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set.len, 256);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load(file: &str) -> Fallible<Dataset> {
        read(file, &mut Options::new("data::load", Map::new()))
    }

    /// The same with a song table: options `songs` (a tab-separated file with the columns split, phrase,
    /// set and song), `split` (the one that the file's phrases have in it) and `exclude_sets` (sets to
    /// leave out).
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz", #{});
    /// assert_eq(set[0].bar_count, 4);
    /// ```
    #[rhai_fn(name = "load", return_raw)]
    pub fn load_with(file: &str, options: Map) -> Fallible<Dataset> {
        let mut options = Options::new("data::load", options);
        let set = read(file, &mut options)?;
        options.finish()?;
        Ok(set)
    }

    /// Phrases of a training array as an array of pieces, drawn without replacement. Options: `count`
    /// (all), `seed`, `given` (tracks: only phrases in which they sound), and as for `load` `songs`,
    /// `split`, `exclude_sets`.
    ///
    /// ```rhai
    /// let songs = data::phrases("examples/data/tour_256.npz", #{ count: 8, seed: 1, given: "piano" });
    /// assert_eq(songs.len(), 8);
    /// assert(songs.all(|song| !song.piano.is_silent));
    /// ```
    #[rhai_fn(name = "phrases", return_raw)]
    pub fn phrases(context: NativeCallContext, file: &str, options: Map) -> Fallible<Array> {
        let mut options = Options::new("data::phrases", options);
        let set = read(file, &mut options)?;
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

/// What sets can do.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod sets {
    /// Number of phrases.
    ///
    /// ```rhai
    /// assert_eq(data::load("examples/data/tour_256.npz").len, 256);
    /// ```
    #[rhai_fn(get = "len", pure)]
    pub fn len(set: &mut Dataset) -> i64 {
        set.len() as i64
    }

    /// A phrase by its number, from 0.
    ///
    /// ```rhai
    /// print(data::load("examples/data/tour_256.npz")[3]);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn at(set: &mut Dataset, number: i64) -> Fallible<Multitrack> {
        let phrase = usize::try_from(number).ok().and_then(|index| set.phrase(index));
        let last = set.len().saturating_sub(1);
        phrase.ok_or_else(|| refuse(format!("no phrase {number}: the set's are numbered from 0 to {last}")))
    }

    /// Phrases as an array of pieces, drawn without replacement: options `count` (all), `seed`, `given`
    /// (tracks: only phrases in which they sound).
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set.phrases(#{ count: 4, seed: 1 }).len(), 4);
    /// ```
    #[rhai_fn(name = "phrases", pure, return_raw)]
    pub fn phrases_of(context: NativeCallContext, set: &mut Dataset, options: Map) -> Fallible<Array> {
        let mut options = Options::new("phrases", options);
        let songs = drawn(&context, set, &mut options)?;
        options.finish()?;
        Ok(songs)
    }
}
