//! What a set holds: phrases by number, and what is known of them.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::drawn;
use crate::data::{Dataset, PhraseInfo};
use crate::music::Multitrack;
use crate::script::api::lift;
use crate::script::options::{Fallible, Options, refuse};

/// What is known of a phrase as scripts see it: `()` where nothing is.
fn map_of(info: PhraseInfo) -> Map {
    let text = |text: String| if text.is_empty() { Dynamic::UNIT } else { text.into() };
    let tags: Array = info.tags.into_iter().map(Dynamic::from).collect();
    let entries = [
        ("set", text(info.set)),
        ("song", text(info.song)),
        ("group", text(info.group)),
        ("split", text(info.split)),
        ("first_bar", info.first_bar.map_or(Dynamic::UNIT, |bar| (bar as i64).into())),
        ("transposed", i64::from(info.transposed).into()),
        ("key", text(info.key)),
        ("tempo", info.tempo.map_or(Dynamic::UNIT, Dynamic::from)),
        ("tags", tags.into()),
    ];
    entries.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

fn named(names: Vec<String>) -> Array {
    names.into_iter().map(Dynamic::from).collect()
}

/// What is known of a phrase.
pub(super) fn info_of(set: &Dataset, place: usize) -> Map {
    map_of(set.info(place).unwrap_or_default())
}

/// Lets `for` go through a set.
pub(in crate::script::api) fn iterate(engine: &mut rhai::Engine) {
    engine.register_iterator_result::<Dataset, Multitrack>();
}

impl IntoIterator for Dataset {
    type Item = Fallible<Multitrack>;
    type IntoIter = Phrases;

    fn into_iter(self) -> Phrases {
        Phrases { set: self, next: 0 }
    }
}

/// The phrases of a set, one after another.
#[derive(Debug)]
pub struct Phrases {
    set: Dataset,
    next: usize,
}

impl Iterator for Phrases {
    type Item = Fallible<Multitrack>;

    fn next(&mut self) -> Option<Self::Item> {
        let place = self.next;
        self.next += 1;
        (place < self.set.len()).then(|| lift(self.set.phrase(place)))
    }
}

/// The phrases of a set from `start` to before `end`.
fn part(set: &Dataset, start: i64, end: i64) -> Fallible<Dataset> {
    let count = set.len();
    let place = |number: i64| usize::try_from(number).ok().filter(|place| *place <= count);
    match (place(start), place(end)) {
        (Some(start), Some(end)) if start <= end => Ok(set.select(&(start..end).collect::<Vec<_>>())),
        _ => Err(refuse(format!("phrases {start}..{end} do not lie in a set of {count}"))),
    }
}

/// What a set holds.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(in crate::script::api) mod holding {
    /// Number of phrases.
    ///
    /// ```rhai
    /// assert_eq(data::load("examples/data/tour_256.npz").len, 256);
    /// ```
    #[rhai_fn(get = "len", pure)]
    pub fn len(set: &mut Dataset) -> i64 {
        set.len() as i64
    }

    /// A phrase by its number, from 0; negative numbers count from the last one, which is -1.
    /// `for phrase in set` goes through all.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set[-1], set[255]);
    /// for phrase in set[0..3] { print(phrase); }
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn at(set: &mut Dataset, number: i64) -> Fallible<Multitrack> {
        let place = lift(set.place(number))?;
        lift(set.phrase(place))
    }

    /// The phrases with these numbers, as a set.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set[8..16].len, 8);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn range(set: &mut Dataset, range: std::ops::Range<i64>) -> Fallible<Dataset> {
        part(set, range.start, range.end)
    }

    /// The phrases with these numbers, both ends among them, as a set.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set[8..=16].len, 9);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn range_to(set: &mut Dataset, range: std::ops::RangeInclusive<i64>) -> Fallible<Dataset> {
        part(set, *range.start(), range.end().saturating_add(1))
    }

    /// What is known of a phrase: a map of set, song, group, split, first_bar, transposed (semitones), key,
    /// tempo and tags, with `()` for what is not known.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz").transpose_each(1..=2);
    /// assert_eq(set.info(1).transposed, 2);
    /// assert_eq(set.info(1).song, ());
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn info(set: &mut Dataset, number: i64) -> Fallible<Map> {
        Ok(info_of(set, lift(set.place(number))?))
    }

    /// Names of the songs that the phrases are from, in alphabetical order; none when that is not known.
    ///
    /// ```rhai
    /// assert_eq(data::load("examples/data/tour_256.npz").songs, []);
    /// ```
    #[rhai_fn(get = "songs", pure)]
    pub fn songs(set: &mut Dataset) -> Array {
        named(set.songs())
    }

    /// Names of the sets that the phrases are from, in alphabetical order; none when that is not known.
    ///
    /// ```rhai
    /// assert_eq(data::load("examples/data/tour_256.npz").sets, []);
    /// ```
    #[rhai_fn(get = "sets", pure)]
    pub fn set_names(set: &mut Dataset) -> Array {
        named(set.sets())
    }

    /// The tags that phrases have, such as genres, in alphabetical order.
    ///
    /// ```rhai
    /// assert_eq(data::load("examples/data/tour_256.npz").tags, []);
    /// ```
    #[rhai_fn(get = "tags", pure)]
    pub fn tags(set: &mut Dataset) -> Array {
        named(set.tags())
    }

    /// Names of the tracks that every phrase has.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz");
    /// assert_eq(set.tracks, ["drums", "piano", "guitar", "bass", "strings"]);
    /// ```
    #[rhai_fn(get = "tracks", pure)]
    pub fn tracks(set: &mut Dataset) -> Array {
        named(set.layout().track_names())
    }

    /// Whether phrases are read from a file as they are asked for, instead of being in memory.
    ///
    /// ```rhai
    /// assert(!data::load("examples/data/tour_256.npz").is_streamed);
    /// ```
    #[rhai_fn(get = "is_streamed", pure)]
    pub fn is_streamed(set: &mut Dataset) -> bool {
        set.is_streamed()
    }

    /// How many phrases were left out on the way, by reason.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..32];
    /// let kept = set.keep_if("no piano", |phrase| !phrase.piano.is_silent);
    /// assert_eq(kept.rejections["no piano"] + kept.len, 32);
    /// ```
    #[rhai_fn(get = "rejections", pure)]
    pub fn rejections(set: &mut Dataset) -> Map {
        let entry = |rejection: &crate::data::Rejection| {
            (rejection.reason.as_str().into(), Dynamic::from(rejection.count as i64))
        };
        set.rejections().iter().map(entry).collect()
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
