//! The kinds of widgets with the properties of each.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::Music;

/// What a widget is, and what only that kind has.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// A number in a range, by dragging.
    Slider {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
        /// Values are `min` and whole multiples of this above it.
        step: f64,
        /// The value.
        value: f64,
        /// What stands behind the number, such as `bpm`.
        unit: String,
        /// Whether scripts see whole numbers.
        #[serde(skip)]
        whole: bool,
    },
    /// A number, by typing.
    Number {
        /// The least value, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        /// The greatest value, if there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
        /// How far the arrow keys move it.
        step: f64,
        /// The value.
        value: f64,
        /// Whether only whole numbers are taken.
        #[serde(skip)]
        whole: bool,
    },
    /// One of several texts.
    Menu {
        /// The choices.
        items: Vec<String>,
        /// The one that is chosen.
        value: String,
    },
    /// Something to press.
    Button {
        /// Whether it is what most people want most of the time.
        primary: bool,
    },
    /// Yes or no.
    CheckBox {
        /// Whether it is ticked.
        value: bool,
    },
    /// A field to write in.
    Text {
        /// What is written.
        value: String,
        /// What is shown while nothing is.
        placeholder: String,
        /// How many lines are seen.
        lines: usize,
    },
    /// Words: paragraphs, headings, `**bold**` and code of Markdown.
    Label {
        /// The words.
        text: String,
    },
    /// A file of the visitor's.
    Upload {
        /// Endings that are taken, such as `.mid`.
        accept: Vec<String>,
        /// Most bytes.
        most: usize,
        /// The name of the file that was taken last.
        value: Option<String>,
    },
    /// Music as a pianoroll.
    Roll {
        /// What it shows.
        #[serde(serialize_with = "within")]
        music: Option<Arc<Music>>,
        /// Whether it is one of many and shows no more than the shape.
        small: bool,
        /// Whether it can be listened to.
        play: bool,
        /// Points on the screen from top to bottom.
        height: u32,
        /// Whether it is marked as the chosen one.
        selected: bool,
    },
    /// Music to listen to.
    Player {
        /// What it plays.
        #[serde(serialize_with = "within")]
        music: Option<Arc<Music>>,
    },
    /// Texts in rows and columns.
    Table {
        /// Names of the columns.
        columns: Vec<String>,
        /// The rows, each as long as there are columns.
        rows: Vec<Vec<String>>,
    },
    /// A picture.
    Picture {
        /// The picture, as a `data:` address.
        image: String,
        /// What it shows, in words.
        alt: String,
    },
    /// Children in rows of equally wide cells.
    Grid {
        /// Cells in a row.
        columns: usize,
    },
    /// Children side by side.
    Row,
    /// Children below one another.
    Column,
    /// Children that are seen when it is open.
    Drawer {
        /// Whether it is.
        open: bool,
    },
    /// A point in a square between four things.
    Pad {
        /// Their names: top left, top right, bottom left, bottom right.
        corners: [String; 4],
        /// The point: from the left and from the top, each in 0..=1.
        value: [f64; 2],
    },
    /// What has been done, as lines of script.
    Code {
        /// The lines.
        lines: Vec<String>,
        /// Whether the last line can be taken back.
        can_undo: bool,
        /// Whether a line that was taken back can be done again.
        can_redo: bool,
        /// A complete script that makes the same.
        script: String,
        /// What belongs behind `#` in the address of a page that is to open as this one is.
        link: String,
    },
    /// A file to take home.
    Download {
        /// Its name.
        name: String,
    },
}

/// Writes what is shared as if it were not.
fn within<S: Serializer>(music: &Option<Arc<Music>>, to: S) -> Result<S::Ok, S::Error> {
    music.as_deref().serialize(to)
}

impl Kind {
    /// What people call it, with an article.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Slider { .. } => "a slider",
            Self::Number { .. } => "a number",
            Self::Menu { .. } => "a menu",
            Self::Button { .. } => "a button",
            Self::CheckBox { .. } => "a check box",
            Self::Text { .. } => "a text",
            Self::Label { .. } => "a label",
            Self::Upload { .. } => "an upload",
            Self::Roll { .. } => "a roll",
            Self::Player { .. } => "a player",
            Self::Table { .. } => "a table",
            Self::Picture { .. } => "a picture",
            Self::Grid { .. } => "a grid",
            Self::Row => "a row",
            Self::Column => "a column",
            Self::Drawer { .. } => "a drawer",
            Self::Pad { .. } => "a pad",
            Self::Code { .. } => "a code",
            Self::Download { .. } => "a download",
        }
    }

    /// Whether other widgets stand in it.
    pub fn holds_children(&self) -> bool {
        matches!(self, Self::Grid { .. } | Self::Row | Self::Column | Self::Drawer { .. })
    }
}
