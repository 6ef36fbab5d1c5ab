//! Features of whole pieces, and what every measure means.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::{Track, lift, songs};
use crate::data::Dataset;
use crate::metrics::{FeatureValue, Features, Histogram, PieceMetrics, catalogue};
use crate::music::{Multitrack, Scale};
use crate::script::Context;
use crate::script::options::{Fallible, Options};

/// A feature as scripts see it: `()` where it is undefined, shares as arrays, a key by its name.
fn value(feature: FeatureValue) -> Dynamic {
    let row = |shares: &Histogram| Dynamic::from_array(shares.iter().map(|x| Dynamic::from(*x)).collect());
    match feature {
        FeatureValue::Undefined => Dynamic::UNIT,
        FeatureValue::Number(number) => number.into(),
        FeatureValue::Histogram(shares) => row(&shares),
        FeatureValue::Transitions(shares) => Dynamic::from_array(shares.iter().map(row).collect()),
        FeatureValue::Key(key) => key.to_string().into(),
    }
}

/// The scale of `pitch_in_scale_rate`.
fn scale(options: Map) -> Fallible<Scale> {
    let mut options = Options::new("features", options);
    let name = options.text("scale")?;
    options.finish()?;
    lift(Scale::from_name(name.as_deref().unwrap_or("C major")))
}

/// Measuring whole pieces.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod features {
    /// The features of a piece: entropies, key, groove, harmony, structure and the nine of Yang and Lerch,
    /// track by track and for the mix of all. `metrics::names()` lists them, `metrics::about` explains.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2 G2"), music::line("drums", "36 42")]);
    /// let f = song.features();
    /// assert_eq(f.bass.pitch_class_entropy, 1.0);
    /// assert_eq(f.mix.note_count, 2.0);
    /// assert_eq(f.bass.pitch_class_histogram[7], 0.5);
    /// ```
    #[rhai_fn(name = "features", pure, return_raw)]
    pub fn of_song(context: NativeCallContext, song: &mut Multitrack) -> Fallible<PieceMetrics> {
        of_song_with(context, song, Map::new())
    }

    /// The same with `scale`, that of `pitch_in_scale_rate` ("C major").
    ///
    /// ```rhai
    /// let song = music::line("piano", "D4 F#4").to_song();
    /// assert_eq(song.features(#{ scale: "D major" }).piano.pitch_in_scale_rate, 1.0);
    /// ```
    #[rhai_fn(name = "features", pure, return_raw)]
    pub fn of_song_with(
        context: NativeCallContext,
        song: &mut Multitrack,
        options: Map,
    ) -> Fallible<PieceMetrics> {
        lift(crate::metrics::features_until(&Context::of(&context).cancel, song, &scale(options)?))
    }

    /// The means over several pieces, each with the same weight; a feature counts where it is defined.
    ///
    /// ```rhai
    /// let songs = [music::line("bass", "C2 G2").to_song(), music::line("bass", "C2").to_song()];
    /// assert_eq(songs.features().bass.note_count, 1.5);
    /// ```
    #[rhai_fn(name = "features", pure, return_raw)]
    pub fn of_songs(context: NativeCallContext, pieces: &mut Array) -> Fallible<PieceMetrics> {
        of_songs_with(context, pieces, Map::new())
    }

    /// The same with `scale`.
    ///
    /// ```rhai
    /// let songs = [music::line("bass", "C2 G2").to_song(), music::line("bass", "C2").to_song()];
    /// assert_eq(songs.features(#{ scale: "D major" }).bass.pitch_in_scale_rate, 0.25);
    /// ```
    #[rhai_fn(name = "features", pure, return_raw)]
    pub fn of_songs_with(
        context: NativeCallContext,
        pieces: &mut Array,
        options: Map,
    ) -> Fallible<PieceMetrics> {
        let (cancel, scale) = (&Context::of(&context).cancel, scale(options)?);
        lift(crate::metrics::mean_features_until(cancel, &songs("features", pieces)?, &scale))
    }

    /// The means over the phrases of a set.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8];
    /// assert_eq(set.features().pieces, 8);
    /// ```
    #[rhai_fn(name = "features", pure, return_raw)]
    pub fn of_set(context: NativeCallContext, set: &mut Dataset) -> Fallible<PieceMetrics> {
        of_set_with(context, set, Map::new())
    }

    /// The same with `scale`.
    ///
    /// ```rhai
    /// let set = data::load("examples/data/tour_256.npz")[0..8];
    /// assert(set.features(#{ scale: "A minor" }).mix.pitch_in_scale_rate > 0.5);
    /// ```
    #[rhai_fn(name = "features", pure, return_raw)]
    pub fn of_set_with(
        context: NativeCallContext,
        set: &mut Dataset,
        options: Map,
    ) -> Fallible<PieceMetrics> {
        lift(set.features(&scale(options)?, &Context::of(&context).cancel))
    }

    /// The features of one track.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2").features().pitch_range, 7.0);
    /// ```
    #[rhai_fn(name = "features", pure, return_raw)]
    pub fn of_track(context: NativeCallContext, track: &mut Track) -> Fallible<Features> {
        let (cancel, scale) = (&Context::of(&context).cancel, Scale::c_major());
        let measured = lift(crate::metrics::features_until(cancel, track.piece(), &scale))?;
        Ok(measured.tracks.into_iter().next().map(|(_, features)| features).unwrap_or_default())
    }

    /// The features of a track, `f["bass"]` or `f.bass`, or of the `mix`; a feature's name alone means the
    /// mix.
    ///
    /// ```rhai
    /// let f = music::line("bass", "C2 G2").to_song().features();
    /// assert_eq(f["bass"].note_count, 2.0);
    /// assert_eq(f.note_count, f.mix.note_count);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn part(features: &mut PieceMetrics, name: &str) -> Fallible<Dynamic> {
        if let Some(track) = features.track(name) {
            return Ok(Dynamic::from(track.clone()));
        }
        if let Ok(feature) = features.mix.get(name) {
            return Ok(value(feature));
        }
        let tracks = features.tracks.iter().map(|(track, _)| track.as_str());
        let known: Vec<&str> = tracks.chain(["mix"]).chain(Features::NAMES).chain(Features::OTHERS).collect();
        Err(crate::script::options::refuse(catalogue::unknown(name, &known)))
    }

    /// Number of pieces that were measured.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().features().pieces, 1);
    /// ```
    #[rhai_fn(get = "pieces", pure)]
    pub fn pieces(features: &mut PieceMetrics) -> i64 {
        features.pieces as i64
    }

    /// Number of bars that were measured.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().features().bars, 1);
    /// ```
    #[rhai_fn(get = "bars", pure)]
    pub fn bars_of_features(features: &mut PieceMetrics) -> i64 {
        features.bars as i64
    }

    /// Names of the tracks that were measured, in order.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().features().track_names, ["bass"]);
    /// ```
    #[rhai_fn(get = "track_names", pure)]
    pub fn track_names_of_features(features: &mut PieceMetrics) -> Array {
        features.tracks.iter().map(|(name, _)| Dynamic::from(name.clone())).collect()
    }

    /// A feature by name: a number, shares as an array (of transitions as an array of rows), or a key by its
    /// name; `()` where it is undefined.
    ///
    /// ```rhai
    /// let f = music::line("bass", "C2 G2").features();
    /// assert_eq(f["best_key"], f.best_key);
    /// assert_eq(f.pitch_class_transition[0][7], 1.0);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn feature_at(features: &mut Features, name: &str) -> Fallible<Dynamic> {
        lift(features.get(name)).map(value)
    }

    /// Every feature of a track as a map.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2").features().to_map().note_count, 2.0);
    /// ```
    #[rhai_fn(name = "to_map", pure)]
    pub fn features_to_map(features: &mut Features) -> Map {
        let names = Features::NAMES.into_iter().chain(Features::OTHERS);
        names.filter_map(|name| Some((name.into(), value(features.get(name).ok()?)))).collect()
    }

    /// Every number as a map by path, such as `piano.pitch_range` or `mix.groove_consistency`.
    ///
    /// ```rhai
    /// let figures = music::line("bass", "C2 G2").to_song().features().to_map();
    /// assert_eq(figures["bass.note_count"], 2.0);
    /// ```
    #[rhai_fn(name = "to_map", pure)]
    pub fn figures_of_features(features: &mut PieceMetrics) -> Map {
        let figures = features.figures().into_iter();
        figures.map(|(path, x)| (path.into(), x.map_or(Dynamic::UNIT, Dynamic::from))).collect()
    }

    /// Whether both hold the same features.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// assert(song.features() == song.features());
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn features_equal(features: &mut PieceMetrics, other: PieceMetrics) -> bool {
        *features == other
    }

    /// Whether both tracks have the same features.
    ///
    /// ```rhai
    /// let bass = music::line("bass", "C2 G2");
    /// assert(bass.features() == bass.features());
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn track_features_equal(features: &mut Features, other: Features) -> bool {
        *features == other
    }
}

/// What measures mean.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod explaining {
    /// What a measure means: formula, unit, range, where it is undefined, source, and an example that was
    /// worked out by hand.
    ///
    /// ```rhai
    /// print(metrics::about("groove_consistency"));
    /// assert(metrics::about("notes").contains("formula"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn about(measure: &str) -> Fallible<String> {
        Ok(lift(catalogue::about(measure))?.text())
    }

    /// Names of all measures: of bars and pairs, which `metrics()` gives, and of pieces, from `features()`.
    ///
    /// ```rhai
    /// assert("tonal_distance" in metrics::names() && "scale_consistency" in metrics::names());
    /// ```
    pub fn names() -> Array {
        catalogue::measures().map(|measure| Dynamic::from(measure.name.to_owned())).collect()
    }
}
