//! `theory::`: note names, pitch classes and scales.

use rhai::plugin::*;

use super::{Number, lift};
use crate::music::{Pitch, Scale};
use crate::script::options::{Fallible, number};

/// Note names, pitch classes and scales.
#[export_module(manifest)]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod theory {
    /// The MIDI number of a note name; C4 is 60.
    ///
    /// ```rhai
    /// assert_eq(theory::note("C4"), 60);
    /// assert_eq(theory::note("F#2"), 42);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn note(name: &str) -> Fallible<i64> {
        lift(name.parse::<Pitch>()).map(|pitch| pitch.number().into())
    }

    /// The note name of a MIDI number, with sharps.
    ///
    /// ```rhai
    /// assert_eq(theory::name(60), "C4");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn name(pitch: i64) -> Fallible<String> {
        lift(Pitch::new(pitch)).map(|pitch| pitch.to_string())
    }

    /// The pitch class of a MIDI number, 0 for C to 11 for B; negative numbers wrap as well.
    ///
    /// ```rhai
    /// assert_eq(theory::pitch_class(61), 1);
    /// assert_eq(theory::pitch_class(-1), 11);
    /// ```
    pub fn pitch_class(pitch: i64) -> i64 {
        pitch.rem_euclid(12)
    }

    /// Frequency in hertz of a MIDI number (fractions allowed), at A4 = 440 Hz.
    ///
    /// ```rhai
    /// assert_near(theory::hz(69), 440.0);
    /// assert_near(theory::hz(60), 261.626, 0.001);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn hz(pitch: Number) -> Fallible<f64> {
        Ok(440.0 * 2f64.powf((number("pitch", &pitch)? - 69.0) / 12.0))
    }

    /// A scale from its name: a root and a kind.
    ///
    /// ```rhai
    /// let scale = theory::scale("A minor pentatonic");
    /// assert(scale.contains(theory::note("C4")));
    /// ```
    #[rhai_fn(name = "scale", return_raw)]
    pub fn scale(name: &str) -> Fallible<Scale> {
        lift(Scale::from_name(name))
    }

    /// A scale from its root and kind: major, minor, harmonic minor, melodic minor, dorian, phrygian,
    /// lydian, mixolydian, major pentatonic, minor pentatonic, blues, chromatic.
    ///
    /// ```rhai
    /// let scale = theory::scale("C", "major");
    /// assert(!scale.contains(theory::note("C#4")));
    /// ```
    #[rhai_fn(name = "scale", return_raw)]
    pub fn scale_of(root: &str, kind: &str) -> Fallible<Scale> {
        lift(Scale::from_name(&format!("{root} {kind}")))
    }
}

/// What a scale can do.
#[export_module]
#[allow(missing_docs, reason = "the doc comments are the scripts' own help")]
pub(super) mod scales {
    /// What the scale was named.
    ///
    /// ```rhai
    /// assert_eq(theory::scale("D dorian").name, "D dorian");
    /// ```
    #[rhai_fn(get = "name", pure)]
    pub fn name(scale: &mut Scale) -> String {
        scale.name().to_owned()
    }

    /// Whether the scale has the pitch; also written `60 in scale`.
    ///
    /// ```rhai
    /// assert(theory::scale("C major").contains(60));
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn contains(scale: &mut Scale, pitch: i64) -> Fallible<bool> {
        lift(Pitch::new(pitch)).map(|pitch| scale.contains(pitch))
    }

    /// The scale's pitch nearest to `pitch`, the lower of two.
    ///
    /// ```rhai
    /// assert_eq(theory::scale("C major").nearest(61), 60);
    /// ```
    #[rhai_fn(pure, return_raw)]
    pub fn nearest(scale: &mut Scale, pitch: i64) -> Fallible<i64> {
        let pitch = lift(Pitch::new(pitch))?;
        Ok(scale.nearest(pitch).unwrap_or(pitch).number().into())
    }

    /// Whether both scales have the same name and pitches.
    ///
    /// ```rhai
    /// assert(theory::scale("C", "major") == theory::scale("C major"));
    /// ```
    #[rhai_fn(name = "==", pure)]
    pub fn equals(scale: &mut Scale, other: Scale) -> bool {
        *scale == other
    }

    /// Whether the scales differ.
    ///
    /// ```rhai
    /// assert(theory::scale("C major") != theory::scale("C minor"));
    /// ```
    #[rhai_fn(name = "!=", pure)]
    pub fn differs(scale: &mut Scale, other: Scale) -> bool {
        *scale != other
    }
}
