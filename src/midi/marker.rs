//! What MIDI cannot say, said in text events: `ricercar: key=value …`.
//!
//! The line at the start of the first track holds the piece's resolution and length, and its origin
//! when a model made it; another line says what made the file; each track of ours begins with one; a tempo that whole microseconds cannot
//! express has one beside it. Files without these lines read just as well, only less exactly.

use crate::base::Stamp;
use crate::music::{Origin, Resolution, Tempo};

/// What every line begins with.
const HEAD: &str = "ricercar:";

/// What the first track's line says about a piece that this crate wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub resolution: Resolution,
    pub steps: u64,
}

/// A line, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Marker {
    Piece { written: Written, origin: Option<Origin> },
    Track { has_velocities: bool },
    Tempo(Tempo),
    Made(Stamp),
}

impl Marker {
    /// The line as text.
    pub fn to_line(&self) -> String {
        match self {
            Self::Piece { written, origin } => {
                let (resolution, steps) = (written.resolution.steps(), written.steps);
                let origin = origin.as_ref().map_or_else(String::new, |origin| {
                    let seed = origin.seed.map_or_else(String::new, |seed| format!(" seed={seed}"));
                    format!(" model={}{seed} latent={}", encode(&origin.model), encode(&origin.latent))
                });
                format!("{HEAD}{origin} resolution={resolution} steps={steps}")
            }
            Self::Track { has_velocities } => {
                format!("{HEAD} track velocities={}", if *has_velocities { "yes" } else { "no" })
            }
            Self::Made(stamp) => stamp.to_string(),
            Self::Tempo(tempo) => format!("{HEAD} tempo={}", tempo.bpm()),
        }
    }

    /// The marker in a text event; `None` when the text is somebody else's.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        if let Ok(stamp) = text.parse() {
            return Some(Self::Made(stamp));
        }
        let words = text.strip_prefix(HEAD)?;
        let value = |key: &str| {
            words.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned)
        };
        if let Some(tempo) = value("tempo") {
            return Some(Self::Tempo(Tempo::new(tempo.parse().ok()?).ok()?));
        }
        if let Some(velocities) = value("velocities") {
            return Some(Self::Track { has_velocities: velocities == "yes" });
        }
        let written = Written {
            resolution: Resolution::new(value("resolution")?.parse().ok()?).ok()?,
            steps: value("steps")?.parse().ok()?,
        };
        let origin = value("model").map(|model| Origin {
            model: decode(&model),
            seed: value("seed").and_then(|seed| seed.parse().ok()),
            latent: value("latent").map(|latent| decode(&latent)).unwrap_or_default(),
        });
        Some(Self::Piece { written, origin })
    }
}

/// Everything but printing ASCII as `%XX`, byte by byte, so that a value is one word.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' => encoded += "%25",
            b'!'..=b'~' => encoded.push(char::from(byte)),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        match (first, tail.get(..2).and_then(hex)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back_whatever_the_names_are() {
        let written = Written { resolution: Resolution::MODEL, steps: 192 };
        for model in ["hybrid sha256:12ab", "", "a=b %20 seed=9", "Mod\u{e8}le\n\t♫"] {
            for seed in [None, Some(u64::MAX)] {
                let origin = Some(Origin { model: model.to_owned(), seed, latent: "00ff".to_owned() });
                let marker = Marker::Piece { written, origin };
                assert_eq!(Marker::parse(marker.to_line().as_bytes()), Some(marker));
            }
        }
        for marker in [
            Marker::Piece { written, origin: None },
            Marker::Track { has_velocities: true },
            Marker::Track { has_velocities: false },
            Marker::Tempo(Tempo::new(97.1).unwrap()),
            Marker::Made(Stamp {
                program: "ricercar 0.1.0".into(),
                run: Some("a".into()),
                ..Stamp::default()
            }),
        ] {
            assert_eq!(Marker::parse(marker.to_line().as_bytes()), Some(marker));
        }
    }

    #[test]
    fn the_line_is_readable() {
        let origin = Origin { model: "hybrid@3f2a".to_owned(), seed: Some(7), latent: "beef".to_owned() };
        let written = Written { resolution: Resolution::MODEL, steps: 192 };
        let line = Marker::Piece { written, origin: Some(origin) }.to_line();
        assert_eq!(line, "ricercar: model=hybrid@3f2a seed=7 latent=beef resolution=12 steps=192");
    }

    #[test]
    fn the_texts_of_others_are_left_alone() {
        for text in
            [&b"Verse 1"[..], b"ricercar", b"ricercar: by J. S. Bach", b"ricercar: tempo=fast", b"\xff"]
        {
            assert_eq!(Marker::parse(text), None);
        }
    }
}
