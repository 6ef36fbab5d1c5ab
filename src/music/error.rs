//! What can be wrong with a musical value.

/// A value that music cannot have, or a part that a piece does not have.
#[allow(missing_docs)] // every variant's message says what it is
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MusicError {
    #[error("a pitch is a MIDI number in 0..=127, got {0}")]
    Pitch(i64),
    #[error("a resolution is 1 to 960 steps per beat, got {0}")]
    Resolution(i64),
    #[error("a tempo lies in 1..=2000 beats per minute, got {0}")]
    Tempo(f64),
    #[error("a program is a General MIDI number in 0..=127, got {0}")]
    Program(i64),
    #[error("no General MIDI instrument `{name}`{hint}")]
    Instrument { name: String, hint: String },
    #[error("the track `{0}` plays percussion, which has no instrument")]
    Percussion(String),
    #[error(
        "a meter has a numerator of at least 1 and a denominator that is a power of two up to 64, got {numerator}/{denominator}"
    )]
    Meter { numerator: u8, denominator: u8 },
    #[error("no track `{name}`: there are {known}{hint}")]
    Track { name: String, known: String, hint: String },
    #[error("bars {start}..{end} do not lie in 0..{bars}, the bars of the piece")]
    Bars { start: i64, end: i64, bars: usize },
    #[error("steps {start}..{end} do not lie in a roll of {steps} steps")]
    Steps { start: usize, end: usize, steps: usize },
    #[error("pieces of {left} and {right} steps per beat cannot be joined: resample one of them first")]
    Resolutions { left: usize, right: usize },
    #[error("no scale `{0}`: write a root and a kind, such as `C major` or `A minor pentatonic`")]
    Scale(String),
    #[error("no note `{0}`: write a letter, `#` or `b`, and an octave, such as `C4` or `F#2`")]
    NoteName(String),
    #[error("no drum `{name}`: there are {known}, and MIDI numbers{hint}")]
    Voice { name: String, known: String, hint: String },
    #[error("no hit `{0}`: write `x` (a hit), `X` (loud), `o` (soft) and `.` (a rest)")]
    Hit(char),
    #[error("a four-bar phrase in 4/4 is needed, this piece has {bars} bars, {meter} in bar {bar}: {advice}")]
    Phrase { bars: usize, meter: String, bar: usize, advice: String },
    #[error("no origin `{0}`: it is written `ricercar: model=NAME seed=NUMBER latent=DIGEST`")]
    Origin(String),
    #[error("the piece has no notes")]
    Empty,
}
