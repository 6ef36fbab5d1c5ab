//! `info.json`: what pypianoroll says about a piece in words.

use serde_json::{Map, Value, json};

use super::NpzError;
use super::error::Place;
use crate::base::Stamp;
use crate::music::{Family, Multitrack, Origin, Program, Resolution};

/// Name of the member.
pub(super) const MEMBER: &str = "info.json";

/// The contents of `info.json`.
#[derive(Debug)]
pub(super) struct Info {
    pub name: Option<String>,
    pub resolution: Resolution,
    pub tracks: Vec<TrackInfo>,
    /// An extra key of ours; pypianoroll passes over it.
    pub origin: Option<Origin>,
    /// Another: what made the file.
    pub stamp: Option<Stamp>,
}

/// One track's part.
#[derive(Debug)]
pub(super) struct TrackInfo {
    pub name: String,
    pub program: Program,
    pub is_drum: bool,
}

impl Info {
    /// Reads both layouts: `resolution` (1.x) or `beat_resolution` (0.x), and tracks `"0"`, `"1"`, …
    /// up to the first missing number. Tracks without a name are called after their family.
    pub fn parse(place: Place, bytes: &[u8]) -> Result<Self, NpzError> {
        let root: Value = serde_json::from_slice(bytes).map_err(|error| place.damaged(error))?;
        let Value::Object(root) = root else {
            return Err(place.unexpected("a JSON object", short(&root)));
        };
        let steps = root.get("resolution").or_else(|| root.get("beat_resolution"));
        let resolution = steps.and_then(Value::as_i64).and_then(|steps| Resolution::new(steps).ok());
        let resolution = resolution.ok_or_else(|| {
            let got = steps.map_or_else(|| "neither".to_owned(), short);
            place.unexpected("`resolution` or `beat_resolution`, 1 to 960 steps a beat", got)
        })?;
        let tracks = (0..).map_while(|number| root.get(&number.to_string()).map(|track| (number, track)));
        Ok(Self {
            name: root.get("name").and_then(Value::as_str).map(str::to_owned),
            resolution,
            tracks: tracks
                .map(|(number, track)| track_info(place, number, track))
                .collect::<Result<_, _>>()?,
            origin: root.get("origin").and_then(origin),
            stamp: root.get("made").and_then(Value::as_str).and_then(|line| line.parse().ok()),
        })
    }

    /// The 1.x layout, with the origin and what makes the file beside it.
    pub fn to_json(piece: &Multitrack, stamp: Option<&Stamp>) -> Vec<u8> {
        let mut root = Map::new();
        root.insert("resolution".to_owned(), json!(piece.resolution().steps()));
        root.insert("name".to_owned(), json!(piece.name()));
        for (number, track) in piece.tracks().iter().enumerate() {
            let (program, name) = (track.program.number(), &*track.name);
            let value = json!({ "program": program, "is_drum": track.is_drum, "name": name });
            root.insert(number.to_string(), value);
        }
        if let Some(Origin { model, seed, latent }) = piece.origin() {
            root.insert("origin".to_owned(), json!({ "model": model, "seed": seed, "latent": latent }));
        }
        if let Some(stamp) = stamp {
            root.insert("made".to_owned(), json!(stamp.to_string()));
        }
        Value::Object(root).to_string().into_bytes()
    }
}

fn track_info(place: Place, number: usize, track: &Value) -> Result<TrackInfo, NpzError> {
    let program = match track.get("program") {
        None | Some(Value::Null) => Some(Program::default()),
        Some(program) => program.as_i64().and_then(|program| Program::new(program).ok()),
    };
    let is_drum = match track.get("is_drum") {
        None | Some(Value::Null) => Some(false),
        Some(is_drum) => is_drum.as_bool(),
    };
    let (Some(program), Some(is_drum)) = (program, is_drum) else {
        let expected =
            format!("a track under `{number}` with a `program` of 0 to 127 and a boolean `is_drum`");
        return Err(place.unexpected(expected, short(track)));
    };
    let name = track.get("name").and_then(Value::as_str);
    let family = Family::of_program(program, is_drum).map_or("effects", Family::name);
    Ok(TrackInfo { name: name.unwrap_or(family).to_owned(), program, is_drum })
}

fn origin(value: &Value) -> Option<Origin> {
    Some(Origin {
        model: value.get("model")?.as_str()?.to_owned(),
        seed: value.get("seed").and_then(Value::as_u64),
        latent: value.get("latent").and_then(Value::as_str).unwrap_or_default().to_owned(),
    })
}

/// JSON in a message: the beginning of it.
fn short(value: &Value) -> String {
    const SHOWN: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { file: "x.npz", member: MEMBER };

    #[test]
    fn both_layouts_are_read_and_missing_names_become_families() {
        let new = Info::parse(PLACE, br#"{"resolution": 24, "name": null, "0": {"program": 33}}"#).unwrap();
        assert_eq!((new.resolution, new.name), (Resolution::MIDI, None));
        assert_eq!((new.tracks[0].name.as_str(), new.tracks[0].is_drum), ("bass", false));
        let old = br#"{"beat_resolution": 12, "name": "x", "1": {}}"#;
        let old = Info::parse(PLACE, old).unwrap();
        assert_eq!((old.resolution, old.tracks.len()), (Resolution::MODEL, 0));
    }

    #[test]
    fn what_is_wrong_is_shown() {
        let refusal = |json: &str| Info::parse(PLACE, json.as_bytes()).unwrap_err().to_string();
        assert!(refusal("{").starts_with("`x.npz`, member `info.json`: EOF"), "{}", refusal("{"));
        assert!(refusal("[1]").ends_with("expected a JSON object, got [1]"));
        assert!(refusal("{}").ends_with("1 to 960 steps a beat, got neither"));
        assert!(refusal(r#"{"resolution": 0}"#).ends_with("got 0"));
        let program = refusal(r#"{"resolution": 24, "0": {"program": 128}}"#);
        assert!(program.ends_with(r#"got {"program":128}"#), "{program}");
    }
}
