//! What a page and those who look at it tell each other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Id, Node};

/// Something about a page that is different now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Properties of a widget have new values.
    #[serde(rename = "change")]
    Set {
        /// The widget.
        id: Id,
        /// The properties, by their names in a [`Node`].
        set: Map<String, Value>,
    },
    /// Others stand in a container now.
    Children {
        /// The container.
        id: Id,
        /// What stands in it.
        children: Vec<Node>,
    },
    /// What a widget was to do went wrong.
    Failed {
        /// The widget.
        id: Id,
        /// What went wrong, with the place in the script, as lines of plain text.
        message: String,
        /// The same in one line.
        headline: String,
    },
    /// What had gone wrong at a widget is over.
    Cleared {
        /// The widget.
        id: Id,
    },
    /// The script printed something.
    Printed {
        /// The text, without a line end.
        text: String,
    },
}

/// Something that a visitor has done.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// Gave a widget another value.
    Set {
        /// The widget.
        id: Id,
        /// A number, a text, true or false, or two numbers, as the kind has it.
        value: Value,
    },
    /// Pressed a button, or picked a roll.
    Click {
        /// The widget.
        id: Id,
    },
    /// Took the last line of a code back.
    Undo {
        /// The code.
        id: Id,
    },
    /// Did it again.
    Redo {
        /// The code.
        id: Id,
    },
    /// Gave a file.
    Upload {
        /// The upload.
        id: Id,
        /// What the visitor's machine calls the file.
        name: String,
        /// What is in it.
        data: Bytes,
    },
    /// Wants what is running to end.
    Stop,
    /// Opened the page by a link.
    Restore {
        /// What stood behind `#` in it.
        state: String,
    },
}

impl Event {
    /// The widget that it happened to.
    pub fn id(&self) -> Option<Id> {
        match self {
            Self::Set { id, .. } | Self::Click { id } | Self::Undo { id } | Self::Redo { id } => Some(*id),
            Self::Upload { id, .. } => Some(*id),
            Self::Stop | Self::Restore { .. } => None,
        }
    }
}

/// The content of a file; base64 in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        STANDARD.encode(&self.0).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map(Self).map_err(|_| D::Error::custom("the file is not in base64"))
    }
}

/// A PNG picture as an address that holds it.
pub fn data_address(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}

/// Whoever looks at a page, on any thread.
pub trait Sink: Send + Sync {
    /// Something is different.
    fn changed(&self, change: Change);
    /// Work is `(done, total, note)` far; `None` when it has come to its end.
    fn busy(&self, progress: Option<(u64, u64, String)>);
}

/// Nobody looks.
pub struct Unheard;

impl Sink for Unheard {
    fn changed(&self, _: Change) {}
    fn busy(&self, _: Option<(u64, u64, String)>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Result<Event, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn events_are_read() {
        assert_eq!(event(r#"{"kind":"click","id":9}"#), Ok(Event::Click { id: 9 }));
        let set = Event::Set { id: 7, value: 100.into() };
        assert_eq!(event(r#"{"kind":"set","id":7,"value":100}"#), Ok(set));
        let upload = event(r#"{"kind":"upload","id":4,"name":"my.mid","data":"TVRoZA=="}"#).unwrap();
        assert_eq!(upload, Event::Upload { id: 4, name: "my.mid".into(), data: Bytes(b"MThd".to_vec()) });
        assert_eq!(event(r#"{"kind":"stop"}"#), Ok(Event::Stop));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let wrong = [
            "7",
            "{}",
            r#"{"kind":"click"}"#,
            r#"{"kind":"click","id":-1}"#,
            r#"{"kind":"eval","id":1}"#,
            r#"{"kind":"click","id":1,"more":2}"#,
            r#"{"kind":"upload","id":4,"name":"a","data":"*"}"#,
        ];
        wrong.into_iter().for_each(|text| drop(event(text).unwrap_err()));
    }

    #[test]
    fn changes_are_told() {
        let set = [("value".to_owned(), Value::from(100))].into_iter().collect();
        let json = |change: &Change| serde_json::to_string(change).unwrap();
        assert_eq!(json(&Change::Set { id: 7, set }), r#"{"kind":"change","id":7,"set":{"value":100}}"#);
        assert_eq!(json(&Change::Cleared { id: 7 }), r#"{"kind":"cleared","id":7}"#);
        assert_eq!(json(&Change::Printed { text: "hi".into() }), r#"{"kind":"printed","text":"hi"}"#);
    }
}
