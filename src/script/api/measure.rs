//! Measures of music.

use rhai::plugin::*;
use rhai::{Array, Map};

use super::{Track, lift, songs};
use crate::base::did_you_mean;
use crate::metrics::{
    MetricFamily, Metrics, Options as Thresholds, TrackMetrics, catalogue, measure, measure_phrases_until,
};
use crate::music::{Multitrack, MusicError, Scale};
use crate::script::Context;
use crate::script::options::{Fallible, Options, refuse};

/// A measure as scripts see it: `()` where it is undefined.
fn value(measure: Option<f64>) -> Dynamic {
    measure.map_or(Dynamic::UNIT, Dynamic::from)
}

/// The measure called `name`, if there is one.
fn figure(track: &TrackMetrics, name: &str) -> Option<Dynamic> {
    let index = TrackMetrics::NAMES.iter().position(|known| *known == name)?;
    Some(value(track.values()[index]))
}

/// Definitions and thresholds from `family`, `min_note`, `min_pitches`, `scale` and `drum_tolerance`.
pub(super) fn thresholds(options: Map) -> Fallible<Thresholds> {
    let mut options = Options::new("metrics", options);
    let family = options.choice("family", &MetricFamily::ALL.map(MetricFamily::name))?;
    let mut thresholds = Thresholds::of(lift(MetricFamily::from_name(family.unwrap_or("exact")))?);
    if let Some(steps) = options.count("min_note", 1..=960)? {
        thresholds.min_note = steps;
    }
    if let Some(count) = options.int("min_pitches", 1..=128)? {
        thresholds.min_pitches = u32::try_from(count).unwrap_or(thresholds.min_pitches);
    }
    if let Some(name) = options.text("scale")? {
        thresholds.scale = lift(Scale::from_name(&name))?;
    }
    if let Some(weight) = options.float("drum_tolerance", 0.0..=1.0)? {
        thresholds.drum_tolerance = weight;
    }
    options.finish()?;
    Ok(thresholds)
}

/// Measuring, and what measures hold.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod metrics {
    /// The measures of a piece, track by track, for the mix of its pitched tracks, and for pairs.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2 G2"), music::line("drums", "36 42")]);
    /// let m = song.metrics();
    /// assert_eq(m.drums.notes, 2.0);
    /// assert_eq(m.mix.pitches, 2.0);
    /// ```
    #[rhai_fn(name = "metrics", pure)]
    pub fn of_song(song: &mut Multitrack) -> Metrics {
        measure(song, &Thresholds::default())
    }

    /// The same with thresholds: `min_note` (steps of a qualified note, 2), `min_pitches` (of a
    /// polyphonic step, 2), `scale` ("C major"), `drum_tolerance` (0.1); and `family`, whose definitions
    /// the measures follow: "exact", or what the programs of 2018 compute, "paper" (MuseGAN, AAAI) and
    /// "paper-ismir" (BinaryMuseGAN), both at 24 steps a beat, and "paper-src" (the last release) at 12.
    ///
    /// ```rhai
    /// let song = music::line("piano", "C4+E4 D4").to_song();
    /// assert_eq(song.metrics(#{ min_pitches: 3 }).mix.polyphonic_rate, 0.0);
    /// // C and D lie in one band of seven pitches, which the first program took for a pitch class.
    /// assert_eq(song.metrics(#{ family: "paper" }).piano.pitch_classes, 1.0);
    /// ```
    #[rhai_fn(name = "metrics", pure, return_raw)]
    pub fn of_song_with(song: &mut Multitrack, options: Map) -> Fallible<Metrics> {
        Ok(measure(song, &thresholds(options)?))
    }

    /// The measures of a set of phrases together; tracks are pooled by name. Options as for one piece.
    ///
    /// ```rhai
    /// let phrases = [music::line("bass", "C2 G2").to_song(), music::line("bass", "C2").to_song()];
    /// assert_eq(phrases.metrics().bass.notes, 1.5);
    /// ```
    #[rhai_fn(name = "metrics", pure, return_raw)]
    pub fn of_phrases(context: NativeCallContext, phrases: &mut Array) -> Fallible<Metrics> {
        of_phrases_with(context, phrases, Map::new())
    }

    /// The same with thresholds and `family`.
    ///
    /// ```rhai
    /// let phrases = [music::line("bass", "C2 G2").to_song(), music::line("bass", "C2").to_song()];
    /// assert_eq(phrases.metrics(#{ family: "paper" }).bars, 2);
    /// ```
    #[rhai_fn(name = "metrics", pure, return_raw)]
    pub fn of_phrases_with(
        context: NativeCallContext,
        phrases: &mut Array,
        options: Map,
    ) -> Fallible<Metrics> {
        let (cancel, thresholds) = (&Context::of(&context).cancel, thresholds(options)?);
        lift(measure_phrases_until(cancel, &songs("metrics", phrases)?, &thresholds))
    }

    /// The measures of one track.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2").metrics().notes, 2.0);
    /// ```
    #[rhai_fn(name = "metrics", pure)]
    pub fn of_track(track: &mut Track) -> TrackMetrics {
        let measured = measure(track.piece(), &Thresholds::default());
        measured.tracks.first().map(|(_, values)| *values).unwrap_or_default()
    }

    /// The measures of a track, `m["drums"]` or `m.drums`; a measure's name alone means the mix.
    ///
    /// ```rhai
    /// let m = music::line("bass", "C2 G2").to_song().metrics();
    /// assert_eq(m["bass"].notes, m.bass.notes);
    /// assert_eq(m.notes, m.mix.notes);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn part(metrics: &mut Metrics, name: &str) -> Fallible<Dynamic> {
        if let Some(track) = metrics.track(name) {
            return Ok(Dynamic::from(*track));
        }
        if let Some(value) = figure(&metrics.mix, name) {
            return Ok(value);
        }
        let tracks: Vec<String> = metrics.tracks.iter().map(|(track, _)| track.clone()).collect();
        let is_near = did_you_mean(name, catalogue::measures().map(|measure| measure.name)).is_some();
        Err(match is_near {
            true => refuse(catalogue::unknown(name, &TrackMetrics::NAMES)),
            false => refuse(MusicError::track(name, &tracks)),
        })
    }

    /// The measures of all pitched tracks in one.
    ///
    /// ```rhai
    /// let m = music::line("piano", "C4+E4 D4").to_song().metrics();
    /// assert_eq(m.mix.polyphonic_rate, 0.25);
    /// ```
    #[rhai_fn(get = "mix", pure)]
    pub fn mix(metrics: &mut Metrics) -> TrackMetrics {
        metrics.mix
    }

    /// Whose definitions the measures follow: "exact", "paper", "paper-ismir" or "paper-src".
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().metrics().family, "exact");
    /// ```
    #[rhai_fn(get = "family", pure)]
    pub fn family(metrics: &mut Metrics) -> String {
        metrics.family.name().to_owned()
    }

    /// Number of bars that were measured.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().metrics().bars, 1);
    /// ```
    #[rhai_fn(get = "bars", pure)]
    pub fn bars(metrics: &mut Metrics) -> i64 {
        metrics.bars as i64
    }

    /// Names of the tracks that were measured, in order.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2").to_song().metrics().track_names, ["bass"]);
    /// ```
    #[rhai_fn(get = "track_names", pure)]
    pub fn track_names(metrics: &mut Metrics) -> Array {
        metrics.tracks.iter().map(|(name, _)| Dynamic::from(name.clone())).collect()
    }

    /// Tonal distance of each pair of pitched tracks, as a map by names such as `piano-bass`; `()` where
    /// the two never sound together. Small is close.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("piano", "C4+E4+G4")]);
    /// assert(song.metrics().tonal_distance["piano-bass"] > 0.0);
    /// ```
    #[rhai_fn(get = "tonal_distance", pure)]
    pub fn tonal_distances(metrics: &mut Metrics) -> Map {
        let pairs = metrics.tonal_distance.iter();
        pairs.map(|(pair, distance)| (pair.as_str().into(), value(*distance))).collect()
    }

    /// Tonal distance between two pitched tracks, the mean over the beats in which both sound; `()` when
    /// they never do. Small is close.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("piano", "C4 . ")]);
    /// assert_near(song.tonal_distance("bass", "piano"), 0.0);
    /// ```
    #[rhai_fn(name = "tonal_distance", pure, return_raw)]
    pub fn tonal_distance(song: &mut Multitrack, first: &str, second: &str) -> Fallible<Dynamic> {
        let (a, b) = (lift(song.track(first))?, lift(song.track(second))?);
        if let Some(drums) = [a, b].iter().find(|track| track.is_drum) {
            return Err(refuse(format!("`{}` is a drum track and has no harmony", drums.name)));
        }
        Ok(value(crate::metrics::tonal_distance_between(&a.roll, &b.roll, song.resolution())))
    }

    /// The same as `tonal_distance`: small is close.
    ///
    /// ```rhai
    /// let song = music::song([music::line("bass", "C2"), music::line("piano", "C4+E4")]);
    /// assert_eq(song.harmonicity("bass", "piano"), song.tonal_distance("bass", "piano"));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn harmonicity(song: &mut Multitrack, first: &str, second: &str) -> Fallible<Dynamic> {
        tonal_distance(song, first, second)
    }

    /// Tonal distance between the last bar of this piece and the first of `next`, all pitched tracks of
    /// each together: how far harmony moves where the two are joined. `()` where either is silent.
    ///
    /// ```rhai
    /// let c = music::line("piano", "C4+E4+G4").to_song();
    /// let g = music::line("piano", "G4+B4+D5").to_song();
    /// assert_eq(c.join_distance(c), 0.0);
    /// assert(c.join_distance(g) > 0.0);
    /// ```
    #[rhai_fn(pure)]
    pub fn join_distance(song: &mut Multitrack, next: Multitrack) -> Dynamic {
        crate::metrics::join_distance(song, &next).map_or(Dynamic::UNIT, Dynamic::from)
    }

    /// A measure by name: empty_bar_rate, notes, pitches, pitch_classes, qualified_note_rate,
    /// polyphonic_rate, in_scale_rate or drum_pattern_rate; `()` where it is undefined.
    ///
    /// ```rhai
    /// let m = music::line("bass", "C2 G2").metrics();
    /// assert_eq(m["pitches"], m.pitches);
    /// ```
    #[rhai_fn(index_get, pure, return_raw)]
    pub fn measure_at(track: &mut TrackMetrics, name: &str) -> Fallible<Dynamic> {
        figure(track, name).ok_or_else(|| refuse(catalogue::unknown(name, &TrackMetrics::NAMES)))
    }

    /// Every measure of a track as a map.
    ///
    /// ```rhai
    /// assert_eq(music::line("bass", "C2 G2").metrics().to_map().notes, 2.0);
    /// ```
    #[rhai_fn(pure)]
    pub fn to_map(track: &mut TrackMetrics) -> Map {
        let pairs = TrackMetrics::NAMES.iter().zip(track.values());
        pairs.map(|(name, measure)| ((*name).into(), value(measure))).collect()
    }

    /// Every figure as a map by path, such as `drums.notes`, `mix.notes` or `tonal_distance.piano-bass`.
    ///
    /// ```rhai
    /// let figures = music::line("bass", "C2 G2").to_song().metrics().to_map();
    /// assert_eq(figures["bass.notes"], 2.0);
    /// ```
    #[rhai_fn(name = "to_map", pure)]
    pub fn figures(metrics: &mut Metrics) -> Map {
        let figures = metrics.figures().into_iter();
        figures.map(|(path, measure)| (path.as_str().into(), value(measure))).collect()
    }

    /// Whether both hold the same figures.
    ///
    /// ```rhai
    /// let song = music::line("bass", "C2 G2").to_song();
    /// assert(song.metrics() == song.metrics());
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn equals(metrics: &mut Metrics, other: Metrics) -> bool {
        *metrics == other
    }

    /// Whether both tracks have the same figures.
    ///
    /// ```rhai
    /// let bass = music::line("bass", "C2 G2");
    /// assert(bass.metrics() == bass.metrics());
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn track_equals(metrics: &mut TrackMetrics, other: TrackMetrics) -> bool {
        *metrics == other
    }
}
