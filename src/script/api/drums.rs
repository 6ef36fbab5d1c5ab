//! `drums::`: rhythms from text, and what makes them breathe.

use rhai::Map;
use rhai::plugin::*;

use super::latent::seed_or;
use super::{Track, lift};
use crate::music::{Family, Multitrack, Pianoroll, Resolution, drum_key};
use crate::script::options::{Fallible, Options, refuse};

/// A track of drums in steps of the options' length.
fn from_lines(lines: &[(String, String)], options: Map) -> Fallible<Track> {
    let mut options = Options::new("drums::pattern", options);
    let step = options.count("step", 1..=960)?;
    let resolution = options.int("resolution", 1..=960)?;
    options.finish()?;
    let resolution = resolution.map_or(Ok(Resolution::MODEL), |n| lift(Resolution::new(n)))?;
    let step = step.unwrap_or((resolution.steps() / 4).max(1));
    let voice = |(name, hits): &(String, String)| Ok((lift(drum_key(name))?, hits.clone()));
    let voices: Vec<_> = lines.iter().map(voice).collect::<Fallible<_>>()?;
    let voices: Vec<_> = voices.iter().map(|(pitch, hits)| (*pitch, hits.as_str())).collect();
    let roll = lift(Pianoroll::from_hits(&voices, step))?;
    Ok(Track::edited(Multitrack::new(vec![crate::music::Track::of_family(Family::Drums, roll)], resolution)))
}

/// Rhythms.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod drums {
    /// A track of drums from a map of voices and their hits, a sixteenth to each character: `x` a hit, `X`
    /// a loud one, `o` a soft one, `.` a rest; spaces and `|` mean nothing, and a short line begins again.
    /// Voices: kick, rim, snare, clap, hat, pedal_hat, open_hat, low_tom, mid_tom, high_tom, crash, ride,
    /// cowbell, or a MIDI number in quotes.
    ///
    /// ```rhai
    /// let beat = drums::pattern(#{ kick: "x...x...", snare: "....x...", hat: "x.x." });
    /// assert_eq(beat.note_count, 7);
    /// ```
    #[rhai_fn(name = "pattern", return_raw)]
    pub fn pattern(voices: Map) -> Fallible<Track> {
        pattern_with(voices, Map::new())
    }

    /// The same with options: `step` (steps that each character lasts, a quarter of a beat), `resolution`
    /// (steps per beat, 12).
    ///
    /// ```rhai
    /// let beat = drums::pattern(#{ kick: "x.", ride: "xx" }, #{ step: 6 });
    /// assert_eq(beat.steps, 12);
    /// ```
    #[rhai_fn(name = "pattern", return_raw)]
    pub fn pattern_with(voices: Map, options: Map) -> Fallible<Track> {
        let mut lines = Vec::with_capacity(voices.len());
        for (name, hits) in voices {
            let hits = hits.into_string();
            let hits = hits.map_err(|kind| refuse(format!("the hits of `{name}` are a text, got {kind}")))?;
            lines.push((name.to_string(), hits));
        }
        from_lines(&lines, options)
    }

    /// The same for the bass drum alone.
    ///
    /// ```rhai
    /// assert_eq(drums::pattern("x..x"), drums::pattern(#{ kick: "x..x" }));
    /// ```
    #[rhai_fn(name = "pattern", return_raw)]
    pub fn pattern_of_kick(hits: &str) -> Fallible<Track> {
        from_lines(&[("kick".into(), hits.into())], Map::new())
    }

    /// The track with its end exchanged for a fill, down from the snare over the toms. Options: `beats`
    /// (its length, 1), `density` (the chance of each sixteenth, 0 to 1, 0.8), `seed`.
    ///
    /// ```rhai
    /// let beat = drums::pattern(#{ kick: "x...x...x...x..." });
    /// let filled = drums::fill(beat, #{ beats: 2, density: 1, seed: 1 });
    /// assert_eq(filled.note_count, 2 + 8);
    /// ```
    #[rhai_fn(name = "fill", return_raw)]
    pub fn fill_with(context: NativeCallContext, track: Track, options: Map) -> Fallible<Track> {
        let mut options = Options::new("drums::fill", options);
        let beats = options.count("beats", 1..=64)?.unwrap_or(1);
        let density = options.float("density", 0.0..=1.0)?.unwrap_or(0.8);
        let seed = seed_or(&context, &mut options)?;
        options.finish()?;
        let beat = track.piece().resolution().steps();
        let roll = &track.track().roll;
        let from = roll.steps().saturating_sub(beats * beat);
        let filled = roll.with_fill(from, (beat / 4).max(1), density, &mut seed.stream("fill"));
        Ok(track.with_roll(filled))
    }

    /// The same over the last beat, with the seed of the run.
    ///
    /// ```rhai
    /// let beat = drums::pattern(#{ hat: "x.x.x.x." });
    /// assert(drums::fill(beat) != beat);
    /// ```
    #[rhai_fn(name = "fill", return_raw)]
    pub fn fill(context: NativeCallContext, track: Track) -> Fallible<Track> {
        fill_with(context, track, Map::new())
    }

    /// The track with a swing: the second of each two notes comes late. Options: `ratio` (where it begins
    /// in the pair: 0.5 is straight, 0.667 that of triplets, to 0.9), `unit` (steps of one of the two, half
    /// a beat).
    ///
    /// ```rhai
    /// let hats = drums::pattern(#{ hat: "x.x." });
    /// assert_eq(drums::swing(hats, #{ ratio: 0.667 }).roll.notes()[1].start, 8);
    /// ```
    #[rhai_fn(name = "swing", return_raw)]
    pub fn swing_with(track: Track, options: Map) -> Fallible<Track> {
        let mut options = Options::new("drums::swing", options);
        let ratio = options.float("ratio", 0.5..=0.9)?.unwrap_or(2.0 / 3.0);
        let unit = options.count("unit", 1..=960)?;
        options.finish()?;
        let unit = unit.unwrap_or((track.piece().resolution().steps() / 2).max(1));
        Ok(track.with_roll(track.track().roll.swung(unit, ratio)))
    }

    /// The same with the swing of triplets, in eighths.
    ///
    /// ```rhai
    /// let hats = drums::pattern(#{ hat: "x.x." });
    /// assert_eq(drums::swing(hats), drums::swing(hats, #{ ratio: 0.667, unit: 6 }));
    /// ```
    #[rhai_fn(name = "swing", return_raw)]
    pub fn swing(track: Track) -> Fallible<Track> {
        swing_with(track, Map::new())
    }

    /// The track as hands would play it, a little off. Options: `loudness` (standard deviation of the
    /// velocities' changes, 8), `timing` (steps that a note may be early or late at most, 0), `seed`.
    ///
    /// ```rhai
    /// let beat = drums::pattern(#{ snare: "xxxx" });
    /// let human = drums::humanize(beat, #{ loudness: 10, seed: 3 });
    /// assert_eq(human.note_count, beat.note_count);
    /// assert(human.roll.notes()[0].velocity != human.roll.notes()[1].velocity);
    /// ```
    #[rhai_fn(name = "humanize", return_raw)]
    pub fn humanize_with(context: NativeCallContext, track: Track, options: Map) -> Fallible<Track> {
        let mut options = Options::new("drums::humanize", options);
        let loudness = options.float("loudness", 0.0..=64.0)?.unwrap_or(8.0);
        let timing = options.count("timing", 0..=960)?.unwrap_or(0);
        let seed = seed_or(&context, &mut options)?;
        options.finish()?;
        let roll = &track.track().roll;
        Ok(track.with_roll(roll.humanized(loudness, timing, &mut seed.stream("humanize"))))
    }

    /// The same with small changes of loudness and none of time, with the seed of the run.
    ///
    /// ```rhai
    /// let beat = drums::pattern(#{ snare: "xxxx" });
    /// assert_eq(drums::humanize(beat).note_count, 4);
    /// ```
    #[rhai_fn(name = "humanize", return_raw)]
    pub fn humanize(context: NativeCallContext, track: Track) -> Fallible<Track> {
        humanize_with(context, track, Map::new())
    }
}
